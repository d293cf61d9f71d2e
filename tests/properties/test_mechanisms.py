"""The best mechanism and the correlation filter under changes of the problem: what stays, and what moves which way."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from changed_games import (
    Kind,
    Ration,
    link,
    parts,
    problem_of,
    renamed,
    rescaled,
    split,
    with_bad_decision,
    with_dummy,
)
from hypothesis import assume, given
from hypothesis import strategies as st
from properties.examples import examples
from random_problems import random_game

import eqsolve as eq
from eqsolve.filter import Calibration, Panel
from eqsolve.mechanisms.optimal import Requirements

FACTORS = st.sampled_from([Fraction(1, 3), Fraction(2), Fraction(10**9)])
INCENTIVES = st.sampled_from(["bic", "none"])


@st.composite
def problems(draw):
    shape = draw(st.sampled_from([(2, 2, 1), (2, 2, 2), (2, 3, 1), (1, 3, 2)]))
    return parts(random_game(draw(st.integers(0, 10**6)), *shape))


def best(p, incentives="bic", weights=None):
    return eq.optimal_mechanism(problem_of(p), p.copies, Requirements(incentives), weights=weights).welfare


def ones(p):
    return (Fraction(1),) * len(p.players)


@given(problems(), INCENTIVES, st.randoms(use_true_random=False))
@examples
def test_the_best_mechanism_does_not_depend_on_names_and_orders(p, incentives, rng):
    agents = rng.sample(range(len(p.players)), len(p.players))
    types = [rng.sample(range(len(a.kinds)), len(a.kinds)) for a in p.players]
    weights = [Fraction(rng.randint(1, 3)) for _ in p.players]
    other = renamed(p, agents, types, rng.sample(range(len(p.decisions)), len(p.decisions)))
    assert best(other, incentives, [weights[i] for i in agents]) == best(p, incentives, weights)


@given(problems(), INCENTIVES, st.data())
@examples
def test_the_best_mechanism_on_other_scales(p, incentives, data):
    """With weights that go down as scales go up, welfare moves by the mean origins, times their weights."""
    factors = [data.draw(FACTORS) for _ in p.players]
    shifts = [[Fraction(data.draw(st.integers(-3, 3)), 7) for _ in a.kinds] for a in p.players]
    weights = [1 / f for f in factors]
    moved = sum(
        w * k.prob * s
        for w, a, row in zip(weights, p.players, shifts, strict=True)
        for k, s in zip(a.kinds, row, strict=True)
    )
    assert best(rescaled(p, factors, shifts), incentives, weights) == best(p, incentives, ones(p)) + moved


@given(problems())
@examples
def test_a_decision_that_is_worse_to_all_may_help_as_a_threat_only(p):
    """It is never efficient, so without incentives nothing changes; with them it may deter lies, so more can be had."""
    more = with_bad_decision(p)
    assert best(more, "none") == best(p, "none")
    assert best(p) <= best(more) <= best(p, "none")


@given(problems(), INCENTIVES, st.sampled_from([Fraction(0), Fraction(1, 2), Fraction(1, 3)]), st.data())
@examples
def test_a_type_in_two_parts_is_as_good_as_one(p, incentives, share, data):
    """A mechanism may treat twins alike, and one that does not is no better on average: neither can be told apart."""
    i = data.draw(st.integers(0, len(p.players) - 1))
    u = data.draw(st.integers(0, len(p.players[i].kinds) - 1))
    assert best(split(p, i, u, share, None), incentives) == best(p, incentives)


@given(problems(), INCENTIVES, st.integers(1, 2))
@examples
def test_a_dummy_without_wishes_does_not_help(p, incentives, count):
    kinds = tuple(Kind(f"d{u}", Fraction(1, count), (Fraction(0),) * len(p.decisions)) for u in range(count))
    rations = tuple(Ration((u,), p.copies * (u == 0), p.copies * (u == 0)) for u in range(count))
    assert best(with_dummy(p, kinds, rations, 0), incentives) == best(p, incentives)


# The filter


@st.composite
def guarded(draw):
    """Games of three agents with exact budgets."""
    seed, copies = draw(st.integers(0, 10**6)), draw(st.sampled_from([2, 3, 4]))
    game = link(parts(random_game(seed, 3, 2, copies)))
    assume(len(Panel.of_game(game).choosing) >= 2)
    return game


def alarms(game, kind):
    calibration = Calibration.of(game, kind)
    levels = sorted({Fraction(0), Fraction(1, 4), *(v for i in range(game.n) for v in calibration.values(i))})
    return {
        "false alarms": {e: calibration.false_alarm(e) for e in levels},
        "family-wise": {e: calibration.family_wise(e) for e in levels},
        "epsilon": calibration.epsilon_for(Fraction(1, 20)),
    }


KINDS = st.sampled_from(["pairwise", "joint"])


@given(guarded(), KINDS, st.randoms(use_true_random=False))
@examples
def test_the_filter_does_not_depend_on_names_and_orders(game, kind, rng):
    p = parts(game)
    agents = rng.sample(range(3), 3)
    types = [rng.sample(range(len(a.kinds)), len(a.kinds)) for a in p.players]
    before, after = alarms(game, kind), alarms(link(renamed(p, agents, types, range(len(p.decisions)))), kind)
    assert after["epsilon"] == before["epsilon"]
    assert after["family-wise"] == before["family-wise"]
    assert after["false alarms"] == {e: tuple(q[i] for i in agents) for e, q in before["false alarms"].items()}


@given(guarded(), KINDS, st.randoms(use_true_random=False))
@examples
def test_the_filter_knows_budgets_only(game, kind, rng):
    """Utilities, priors and decisions do not come into it, nor do types that nobody may announce."""
    p = parts(game)
    factors = [Fraction(rng.randint(1, 9)) for _ in p.players]
    other = with_bad_decision(rescaled(p, factors, [[Fraction(1)] * len(a.kinds) for a in p.players]))
    i = rng.randrange(3)
    u = next(r.members[0] for r in other.players[i].rations)
    counts = game.budgets[i].counts
    other = split(_with_counts(other, i, counts), i, u, Fraction(1, 2), (counts[u], 0))
    assert alarms(link(other), kind) == alarms(game, kind)


def _with_counts(p, i, counts):
    player = replace(p.players[i], rations=tuple(Ration((v,), c, c) for v, c in enumerate(counts)))
    return replace(p, players=(*p.players[:i], player, *p.players[i + 1 :]))


@given(guarded(), KINDS, st.integers(0, 3))
@examples
def test_a_dummy_is_one_more_agent_to_the_filter(game, kind, place):
    """Whom nobody listens to is still looked at: with a choice it adds comparisons, so alarms do not become rarer.

    Without a choice (one type) it says nothing, and nothing changes.
    """
    p = parts(game)
    before = alarms(game, kind)
    for count in (1, 2):
        nothing = (Fraction(0),) * len(p.decisions)
        kinds = tuple(Kind(f"d{u}", Fraction(1, count), nothing) for u in range(count))
        sizes = [p.copies] if count == 1 else [1, p.copies - 1]
        rations = tuple(Ration((u,), c, c) for u, c in enumerate(sizes))
        calibration = Calibration.of(link(with_dummy(p, kinds, rations, place)), kind)
        for e, old in before["false alarms"].items():
            new = calibration.false_alarm(e)
            others = (*new[:place], *new[place + 1 :])
            if count == 1:
                assert others == old
                assert new[place] == 0
                assert calibration.family_wise(e) == before["family-wise"][e]
            else:
                assert all(x >= y for x, y in zip(others, old, strict=True))


@given(guarded(), st.randoms(use_true_random=False))
@examples
def test_the_joint_distance_is_at_least_the_pairwise_one(game, rng):
    pairwise, joint = alarms(game, "pairwise"), Calibration.of(game, "joint")
    for e, old in pairwise["false alarms"].items():
        assert all(x >= y for x, y in zip(joint.false_alarm(e), old, strict=True))
    assert joint.epsilon_for(Fraction(1, 20)) >= pairwise["epsilon"]
