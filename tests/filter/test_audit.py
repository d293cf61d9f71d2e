"""Audits of announcements against the definition, and settings of the filter."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from filter_brute_force import distance, distance_law, frequency, messages, panel_of, random_panel

import eqsolve as eq
from eqsolve.errors import ModelError, SizeError
from eqsolve.filter import calibration
from eqsolve.filter.audit import audit, holm
from eqsolve.filter.ballots import Ballots, parse_ballots
from eqsolve.filter.chances import Bracket, Estimate
from eqsolve.filter.panel import Panel
from eqsolve.filter.plan import Plan, opposite
from eqsolve.filter.setting import calibrate

F = Fraction


def ballots_of(panel, profile):
    columns = {
        name: tuple((panel.types[i][u], k + 2) for k, u in enumerate(profile[i])) for i, name in enumerate(panel.names)
    }
    return Ballots("b.csv", columns)


@pytest.mark.parametrize("kind", ["pairwise", "joint"])
@pytest.mark.parametrize("with_model", [True, False])
@pytest.mark.parametrize("seed", range(6))
def test_an_audit_is_what_all_profiles_say(seed, kind, with_model):
    panel = random_panel(seed + 50, copies=(2, 5), most=500)
    rng = random.Random(seed)
    profile = [rng.choice(messages(panel, i)) for i in range(panel.n)]
    law = distance_law(panel, kind)
    found = audit(ballots_of(panel, profile), panel if with_model else None, epsilon=F(1, 3), kind=kind)
    everybody = range(panel.n)
    wanted = tuple(distance(panel, profile, i, kind) for i in everybody)
    assert found.distances == wanted
    assert found.flags == tuple(d > F(1, 3) for d in wanted)
    assert found.p_values == tuple(frequency(law, (i,), wanted[i], at_least=True) for i in everybody)
    assert found.family_p == frequency(law, everybody, max(wanted), at_least=True)
    for c in found.comparisons:
        if len(c.others) == 1:
            two = Panel(
                *(tuple(part[i] for i in (c.agent, *c.others)) for part in (panel.names, panel.types, panel.budgets))
            )
            pair = [profile[c.agent], profile[c.others[0]]]
            assert c.distance == distance(two, pair, 0, "pairwise")
            assert c.p_value == frequency(distance_law(two, "pairwise"), (0,), c.distance, at_least=True)


def test_two_who_never_agree_stand_out():
    lines = ["low,high,low", "high,low,low", "low,high,high", "high,low,high"] * 5
    found = audit(parse_ballots("\n".join(["Ann,Bob,Cem", *lines])))
    assert found.flags == (True, True, False)
    assert found.distances == (F(1, 2), F(1, 2), 0)
    alone = F(2, 184756)  # C(20, 10) messages, two of which are as far
    assert found.p_values == (1 - (1 - alone) ** 2, 1 - (1 - alone) ** 2, 1)
    assert [(c.agent, c.others) for c in found.comparisons[:2]] == [(0, (1,)), (1, (0,))]
    assert found.comparisons[0].p_value == alone
    assert found.family_p <= 3 * alone
    assert any("stand for the budgets" in note for note in found.notes)
    assert "flagged: Ann, Bob" in str(found)


def test_the_joint_distance_finds_a_triple():
    rows = ["a,a,a", "a,b,b", "b,a,b", "b,b,a"] * 4
    text = "\n".join(["1,2,3", *rows])
    assert audit(parse_ballots(text)).flags == (False,) * 3
    found = audit(parse_ballots(text), kind="joint", alpha=F(1, 10))
    assert found.distances == (F(1, 4),) * 3
    assert next(c for c in found.comparisons if len(c.others) == 2).p_value is None
    assert {c.others for c in found.comparisons[:3]} == {(1, 2), (0, 2), (0, 1)}
    assert audit(parse_ballots(text), kind="joint", epsilon=F(1, 5)).flags == (True,) * 3


def test_audit_with_a_model():
    model = Panel.of_model(eq.load("collusion"), 8)
    text = "2,3\n" + "1,3\n3,1\n" * 4
    found = audit(parse_ballots(text), model)
    assert found.setting.epsilon == F(1, 4)
    assert found.flags == (False, True, True)
    assert found.p_values == (1, F(1, 35), F(1, 35))
    assert found.adjusted == (1, F(2, 35), F(2, 35))
    assert not any("stand for the budgets" in note for note in found.notes)
    frame = found.to_frame()
    assert frame["flagged"].tolist() == [False, True, True]
    with pytest.raises(ModelError, match="one agent"):
        audit(Ballots("x", {"Ann": (("a", 2),)}))


def test_holm_steps_up():
    assert holm([F(1, 100), F(1, 30), F(1, 40), F(1)], [0, 1, 2]) == (F(3, 100), F(1, 20), F(1, 20), 1)
    assert holm([F(3, 4), F(1, 2)], [0, 1]) == (1, 1)
    assert holm([Estimate(1, 1001), F(1, 2)], [0, 1]) == (2 / 1001, F(1, 2))


def too_many(*_):
    raise SizeError("too many tables")


def test_what_is_out_of_reach_is_estimated_only_where_rounds_are_asked_for(monkeypatch):
    panel = panel_of((4, 4), (4, 4), (4, 4))
    exact = calibrate(panel, F(1, 10), kind="joint")
    monkeypatch.setattr(calibration, "joint_law", too_many)
    with pytest.raises(SizeError, match="--simulate"):
        calibrate(panel, F(1, 10), kind="joint")
    found = calibrate(panel, F(1, 10), kind="joint", rounds=20_000, seed=4)
    assert found.epsilon == exact.epsilon
    for estimate, chance in zip(found.false_alarms, exact.false_alarms, strict=True):
        assert isinstance(estimate, Estimate)
        assert estimate.agrees(chance)
    assert found.family_wise.agrees(exact.family_wise)
    assert sum("estimated" in note for note in found.notes) == 3
    ballots_ = ballots_of(panel, [(0, 1) * 4, (1, 0) * 4, (0, 0, 1, 1) * 2])
    with pytest.raises(SizeError, match="--simulate"):
        audit(ballots_, panel, epsilon=F(1, 4), kind="joint")
    judged = audit(ballots_, panel, epsilon=F(1, 4), kind="joint", rounds=5_000)
    assert judged.distances == (F(1, 2), F(1, 2), 0)
    assert all(isinstance(p, Estimate) and p.hits >= 1 and p.rounds == 5_001 for p in judged.p_values[:2])
    assert judged.p_values[2] == 1
    bracket = calibrate(panel, F(1, 10))
    assert isinstance(bracket.family_wise, Bracket)
    assert "to" in str(bracket)


def test_settings():
    game = eq.load("collusion").link(8)
    found = calibrate(game)
    assert (found.alpha, found.epsilon, found.false_alarm, found.family_wise) == (F(1, 20), F(1, 4), F(1, 35), F(1, 35))
    assert (found.complete, found.coalition) == (1, (1, 2))
    given = calibrate(game, epsilon=F(1, 4))
    assert given.alpha == F(1, 35)
    assert calibrate(game, F(1, 50), family_wise=True).epsilon == F(1, 2)
    plan = Plan.fixed(given.panel, {"2": (0, 0, 0, 0, 1, 1, 1, 1), "3": (0, 1, 0, 1, 0, 1, 0, 1)})
    harmless = calibrate(game, plan=plan, rounds=100)
    assert harmless.plan == 0
    assert harmless.members == (1, 2)
    assert set(harmless.simulations) == {"independent", "complete", "plan"}
    assert harmless.simulations["complete"].exceeds((1, 2), F(1, 4)) == Estimate(100, 100)
    assert calibrate(game, plan=opposite(given.panel, 1, 2)).plan == 1
    assert found.to_frame()["false alarm"].tolist() == [0, F(1, 35), F(1, 35)]
    for wrong in ({"alpha": F(1), "epsilon": F(1)}, {"alpha": F(2)}, {"epsilon": F(-1)}):
        with pytest.raises(ModelError):
            calibrate(game, **wrong)


def test_notes_on_rare_types_and_few_problems():
    coarse = calibrate(panel_of((1, 7), (4, 4)), epsilon=F(1, 4))
    note = next(note for note in coarse.notes if "coarse" in note)
    assert "announces a on 1 of 8 problems only" in note
    assert "no distance is below 1/2" in note
    assert "always flagged" in note
    assert any("does not tell" in note for note in calibrate(panel_of((2, 2), (2, 2))).notes)
    assert any("fewer than two" in note for note in calibrate(panel_of((4, 0), (2, 2))).notes)
    assert not calibrate(panel_of((10, 10), (10, 10))).notes


def test_pages_escape_names():
    text = "<b>x</b>,y\n" + "a,b\nb,a\n" * 4
    found = audit(parse_ballots(text, "<i>.csv"))
    for html in (found._repr_html_(), found.setting._repr_html_()):
        assert "<b>x" not in html
        assert "<i>" not in html
        assert "&lt;b&gt;x&lt;/b&gt;" in html
    assert "<b>x</b>" in str(found)
    assert "Correlation filter" in str(found.setting)
