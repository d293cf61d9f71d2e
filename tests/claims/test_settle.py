"""Verdicts on claims: those of the bundled models, and of random games against a complete list."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest
from random_problems import random_game

import eqsolve as eq
from eqsolve.certificate.check import check
from eqsolve.claims import settle, settle_model
from eqsolve.claims.knowledge import Knowledge
from eqsolve.errors import ModelError
from eqsolve.forms.explicit import ExplicitForm
from eqsolve.judge.bounds import largest_probability
from eqsolve.judge.outcome import OutcomeMap
from eqsolve.model import Claim
from eqsolve.strategy import Strategy

CLAIMS = ("payoffs-unique", "outcome-unique", "equilibrium-unique", "truthful", "no-collusion")


def accepted(verdict):
    """Whether every certificate of a verdict is accepted; how many there are."""
    found = [check(document) for document in verdict.certificates]
    assert all(v.valid for v in found), [v.reason for v in found]
    return len(found)


@pytest.mark.parametrize(("copies", "payoff"), [(2, "53/16"), (4, "221/64"), (8, "3653/1024")])
def test_one_object_pays_the_same_in_all_equilibria(copies, payoff):
    verdict = settle(eq.load("object").link(copies), "payoffs-unique", certify=True)
    assert verdict.verdict == "proved"
    assert verdict.computed == (Fraction(payoff),) * 2
    assert accepted(verdict) == 1


def test_one_object_is_truthful_but_ties_move_outcomes():
    verdicts = {v.claim.says: v for v in settle_model(eq.load("object"), [Claim(c) for c in CLAIMS], certify=True)}
    assert {says: v.verdict for says, v in verdicts.items()} == {
        "payoffs-unique": "proved",
        "outcome-unique": "refuted",
        "equilibrium-unique": "proved",
        "truthful": "proved",
        "no-collusion": "proved",
    }
    assert accepted(verdicts["truthful"]) == accepted(verdicts["outcome-unique"]) == 1


def test_collusion_is_refuted_by_witnesses():
    verdicts = {v.claim.says: v for v in settle_model(eq.load("collusion"), [Claim(c) for c in CLAIMS], certify=True)}
    assert {v.verdict for v in verdicts.values()} == {"refuted"}
    assert all(accepted(v) for v in verdicts.values())
    assert verdicts["payoffs-unique"].bracket[1:] == ((Fraction(13, 8), Fraction(2)),) * 2
    assert verdicts["payoffs-unique"].found == verdicts["payoffs-unique"].bracket
    (witness,) = verdicts["no-collusion"].witnesses
    assert witness.coordination.verdict == "collusive"
    assert witness.coordination.coalitions == ((1, 2),)


@pytest.mark.slow
def test_bargaining_seller_can_get_more_than_label_free_play_pays():
    payoffs, truth = settle_model(
        eq.load("bargaining"), [Claim("payoffs-unique"), Claim("truthful")], copies=[3], certify=True
    )
    assert payoffs.verdict == "refuted"
    assert payoffs.bracket == ((Fraction(584, 243), Fraction(5512, 2187)),) * 2
    best = max(payoffs.witnesses, key=lambda e: e.payoffs[0])
    assert best.payoffs[0] == Fraction(5512, 2187)
    assert best.truthful == "fewest-lies"
    assert truth.verdict == "proved"
    assert accepted(payoffs) > 1
    assert accepted(truth) == 1


@pytest.mark.slow
def test_three_rationed_votes_are_truthful_and_pay_the_same():
    known = Knowledge(eq.load("voting").link(3))
    payoffs, truth = settle(known, "payoffs-unique", certify=True), settle(known, "truthful")
    assert (payoffs.verdict, payoffs.computed) == ("proved", (Fraction(13, 32),) * 2)
    assert accepted(payoffs) == 1
    assert (truth.verdict, truth.fewest_lies) == ("proved", "proved")


@pytest.mark.slow
def test_taking_turns_refutes_fewest_lies():
    verdict = settle(eq.load("taking-turns").link(3), "truthful", certify=True)
    assert (verdict.verdict, verdict.fewest_lies) == ("open", "refuted")
    assert accepted(verdict) == 1
    (witness,) = verdict.witnesses
    assert witness.label_free
    assert witness.truthful == "permutation-free"


def test_two_agents_cannot_collude():
    for seed in range(5):
        assert settle(random_game(seed, active=2), "no-collusion").verdict == "proved"


@pytest.mark.parametrize("seed", range(40))
def test_verdicts_agree_with_a_complete_list(seed):
    game = random_game(seed, 2 + seed % 2, 2, 2, loose=seed % 5 == 0)
    if len(game.active) > 2:
        pytest.skip("no complete list")
    known = eq.solve(game, form="explicit")
    assert known.complete
    verdicts = {says: settle(game, says, certify=True) for says in CLAIMS}
    for says, verdict in verdicts.items():
        accepted(verdict)
        form = ExplicitForm(game)
        assert all(form.regret(e.strategies) == 0 for e in verdict.witnesses), says
    payoffs = {e.payoffs for e in known}
    assert verdicts["payoffs-unique"].verdict == ("refuted" if len(payoffs) > 1 else "proved")
    truths = {e.truthful for e in known}
    assert verdicts["truthful"].fewest_lies == ("proved" if truths == {"fewest-lies"} else "refuted")
    assert verdicts["truthful"].verdict == ("refuted" if "no" in truths else "proved")
    collusive = any(e.coordination.verdict == "collusive" for e in known)
    assert verdicts["no-collusion"].verdict in (["refuted"] if collusive else ["proved", "open"])
    if len(payoffs) > 1:
        assert verdicts["outcome-unique"].verdict == verdicts["equilibrium-unique"].verdict == "refuted"
    for i in range(game.n):
        lo, hi = verdicts["payoffs-unique"].bracket[i]
        assert all(lo <= e.payoffs[i] <= hi for e in known)


@pytest.mark.parametrize("seed", range(30))
def test_the_order_of_claims_does_not_matter(seed):
    game = random_game(seed, 2 + seed % 2, 2, 2, loose=seed % 2 == 0)
    alone = {says: settle(game, says) for says in CLAIMS}
    for order in (CLAIMS, CLAIMS[::-1]):
        known = Knowledge(game)
        for says in order:
            together = settle(known, says)
            assert (together.verdict, together.fewest_lies) == (alone[says].verdict, alone[says].fewest_lies), says


@pytest.mark.parametrize("seed", range(12))
def test_no_probability_for_what_is_played(seed):
    game = random_game(seed, 2, 2, 2, active=2)
    known = eq.solve(game, form="explicit")
    for i in game.active:
        types = len(game.problem.agents[i].types)
        played = {table for e in known for _, _, table in e.strategies[i].lie_tables(types)}
        assert all(largest_probability(game, i, lambda t, table=table: t == table) > 0 for table in played)
        assert largest_probability(game, i, lambda t: True) >= 1
        assert largest_probability(game, i, lambda t: False) == 0


@pytest.mark.parametrize("seed", range(30))
def test_refuted_outcomes_differ_under_every_renaming(seed):
    game = random_game(seed, 2, 2, 2, active=1)
    verdict = settle(game, "outcome-unique")
    if verdict.verdict == "refuted":
        first, second = (OutcomeMap(game, e.strategies) for e in verdict.witnesses)
        swapped = OutcomeMap(game, tuple(_renamed(s) for s in second.profile))
        assert first.table not in (second.table, swapped.table)
        assert not first.same_outcomes(second)
        assert second.same_outcomes(swapped)
        assert second.same_payoffs(swapped)


def _renamed(strategy):
    """The strategy after two problems change names."""
    return Strategy({t[::-1]: {m[::-1]: p for m, p in messages.items()} for t, messages in strategy.plan.items()})


@pytest.mark.parametrize(
    ("of", "printed", "verdict"),
    [
        ("target", "3.875", "proved"),
        ("target", "31/8", "proved"),
        ("target", "3.874", "refuted"),
        ("label-free", "3.31", "proved"),
        ("label-free", "3.3125", "proved"),
        ("label-free", "3.32", "refuted"),
        ("floor", "53/16", "proved"),
        ("ceiling", "3.3", "proved"),
        ("ceiling", "13/4", "refuted"),
    ],
)
def test_printed_figures(of, printed, verdict):
    claim = Claim("payoff", of=of, printed={"1": printed, "2": printed})
    found = settle(eq.load("object").link(2), claim, certify=True)
    assert found.verdict == verdict
    assert accepted(found) == (verdict == "proved")


def test_a_figure_of_the_optimal_mechanism():
    game = eq.load("object").link(2)
    for printed, verdict in (("3.594", "proved"), ("3.752", "refuted")):
        found = settle(game, Claim("payoff", of="optimal", printed={"1": printed, "2": printed}))
        assert sum(found.computed) == 2 * Fraction(115, 32)
        assert found.verdict == verdict or found.computed[0] != found.computed[1]


def test_what_nobody_can_claim():
    game = eq.load("object").link(2)
    with pytest.raises(ModelError, match=r"'fair'.*payoffs-unique"):
        settle(game, "fair")
    with pytest.raises(ModelError, match="printed"):
        settle(game, Claim("payoff"))
    with pytest.raises(ModelError, match=r"'9'.*'1', '2'"):
        settle(game, Claim("payoff", printed={"9": "1"}))
    with pytest.raises(ModelError, match="'much'"):
        settle(game, Claim("payoff", printed={"1": "much"}))


def test_a_deadline_leaves_the_claim_open():
    verdict = settle(eq.load("voting").link(2), "payoffs-unique", max_seconds=0.3)
    assert (verdict.verdict, verdict.stopped) == ("open", "time limit")
    known = Knowledge(eq.load("voting").link(2), deadline=time.monotonic() - 1)
    with pytest.raises(eq.LimitReached):
        list(known.equilibria())


def test_what_was_found_before_a_deadline_still_refutes(monkeypatch):
    game = eq.load("collusion").link(2)
    known = Knowledge(game)
    found = known.equilibria()
    while len({e.payoffs for e in known.seen}) < 2:
        next(found)

    def late():
        raise eq.LimitReached("time limit")

    monkeypatch.setattr(known, "remaining", late)
    verdict = settle(known, "payoffs-unique", certify=True)
    assert (verdict.verdict, verdict.stopped) == ("refuted", "time limit")
    assert accepted(verdict) > 0


@pytest.mark.parametrize("copies", [1, 2])
def test_degenerate_games_get_a_verdict(copies):
    alone = eq.Agent("alone", (eq.Type("one", 1, {"a": 1}), eq.Type("never", 0, {"b": 1})))
    problem = eq.DecisionProblem(("a", "b"), (alone,))
    game = eq.LinkedGame(problem, eq.utilitarian(problem), copies)
    for says in CLAIMS:
        verdict = settle(game, says, certify=True)
        accepted(verdict)
        assert verdict.verdict == "proved"


def test_a_verdict_prints():
    verdict = settle(eq.load("collusion").link(2), "no-collusion")
    assert "REFUTED" in str(verdict)
    assert "collusive" in str(verdict)
    assert verdict._repr_html_().startswith("<h4>REFUTED")
    assert "<th>floor</th>" in verdict._repr_html_()
