"""Games that are told in another way, or changed where it must not matter, have the answers that they must have."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction

import pytest
from changed_games import (
    Kind,
    Ration,
    answers,
    link,
    parts,
    renamed,
    rescaled,
    some_profile,
    split,
    translated,
    with_bad_decision,
    with_dummy,
)
from hypothesis import assume, given
from hypothesis import strategies as st
from properties.examples import examples
from random_problems import random_game

import eqsolve as eq
from eqsolve.forms.explicit import ExplicitForm
from eqsolve.forms.lie_tables import lie_table
from eqsolve.forms.separable import SeparableForm
from eqsolve.judge.coordination import coordination
from eqsolve.judge.truth import TruthJudge
from eqsolve.strategy import expected_payoffs

SHAPES = [(2, 2, 1), (2, 2, 2), (2, 3, 2), (2, 2, 3), (3, 2, 2), (3, 2, 3)]
POSITIVE = st.sampled_from([Fraction(1, 3), Fraction(2), Fraction(7, 2), Fraction(10**12), Fraction(1, 10**12)])
SHIFT = st.sampled_from([Fraction(0), Fraction(-5), Fraction(1, 3), Fraction(10**9)])


@st.composite
def games(draw, loose=None, n=None):
    """Random small games: unequal agents, odd priors, exact budgets or loose ones."""
    shape = draw(st.sampled_from([s for s in SHAPES if n in (None, s[0])]))
    seed = draw(st.integers(0, 10**6))
    game = random_game(seed, *shape, loose=draw(st.booleans()) if loose is None else loose)
    return link(parts(game))  # replacements for exact marginals are worked into the rule


def judged(game, profile):
    """Everything that is said of a profile: payoffs, regret, truth of each agent's messages, coordination."""
    payoffs = expected_payoffs(game, profile)
    truth = TruthJudge(game)
    classes = [
        sorted(truth.classify(i, table) for _, _, table in strategy.lie_tables(len(game.problem.agents[i].types)))
        for i, strategy in enumerate(profile)
    ]
    found = coordination(game, profile, payoffs, None)
    return payoffs, SeparableForm(game).regret(profile), classes, found


def orders(draw_permutation, p):
    agents = draw_permutation(range(len(p.players)))
    types = [draw_permutation(range(len(a.kinds))) for a in p.players]
    return agents, types, draw_permutation(range(len(p.decisions)))


@given(games(), st.randoms(use_true_random=False))
@examples
def test_names_and_orders_do_not_matter(game, rng):
    p = parts(game)
    agents, types, decisions = orders(lambda r: rng.sample(list(r), len(r)), p)
    other = link(renamed(p, agents, types, decisions))
    before, after = answers(game), answers(other)
    assert before.keys() == after.keys()
    for what, values in before.items():
        assert after[what] == tuple(values[i] for i in agents), what

    profile = some_profile(game, rng)
    place = [{u: k for k, u in enumerate(order)} for order in types]
    moved = tuple(translated(profile, place)[i] for i in agents)
    paid, regret, classes, found = judged(game, profile)
    paid_, regret_, classes_, found_ = judged(other, moved)
    assert paid_ == tuple(paid[i] for i in agents)
    assert regret_ == regret
    assert classes_ == [classes[i] for i in agents]
    seat = {i: k for k, i in enumerate(agents)}
    assert (found_.verdict, found_.distance) == (found.verdict, found.distance)
    assert {frozenset(c) for c in found_.coalitions} == {frozenset(seat[i] for i in c) for c in found.coalitions}
    assert sorted(found_.edges) == sorted((seat[j], seat[i], d) for j, i, d in found.edges)


@given(games(), st.randoms(use_true_random=False))
@examples
def test_the_order_of_the_problems_does_not_matter(game, rng):
    profile = some_profile(game, rng)
    same = [range(len(a.types)) for a in game.problem.agents]
    moved = translated(profile, same, rng.sample(range(game.copies), game.copies))
    assert judged(game, moved) == judged(game, profile)


@given(games(n=2), st.randoms(use_true_random=False))
@examples
def test_renaming_the_problems_maps_equilibria_to_equilibria(game, rng):
    same = [range(len(a.types)) for a in game.problem.agents]
    order = rng.sample(range(game.copies), game.copies)
    listed = eq.solve(game, max_seconds=5)
    assume(listed.scope == "all")
    for e in list(listed)[:10]:
        moved = translated(e.strategies, same, order)
        assert ExplicitForm(game).regret(moved) == 0
        assert expected_payoffs(game, moved) == e.payoffs


@given(games(), st.data())
@examples
def test_scales_and_origins_of_utility_do_not_matter(game, data):
    """Per agent a scale, per type an origin: choices stay, and payoffs are told on the new scale.

    The mean origin is added once, whatever is decided. Types that were worth the same may then differ, so that the
    classes of lies are compared with one origin per agent only.
    """
    p = parts(game)
    factors = [data.draw(POSITIVE) for _ in p.players]
    per_type = data.draw(st.booleans())
    shifts = []
    for a in p.players:
        row = [data.draw(SHIFT) for _ in a.kinds]
        shifts.append(row if per_type else row[:1] * len(row))
    other = link(rescaled(p, factors, shifts))

    def told(values):
        return tuple(
            f * q + sum(k.prob * s for k, s in zip(a.kinds, row, strict=True))
            for f, q, a, row in zip(factors, values, p.players, shifts, strict=True)
        )

    before, after = answers(game), answers(other)
    assert after == {what: told(values) for what, values in before.items()}
    profile = some_profile(game, random.Random(0))
    paid, regret, classes, found = judged(game, profile)
    paid_, regret_, classes_, found_ = judged(other, profile)
    assert paid_ == told(paid)
    assert (regret_ == 0) == (regret == 0)
    assert found_ == found
    if not per_type:
        assert classes_ == classes
    if len(set(factors)) == 1:
        assert regret_ == factors[0] * regret


@given(games(), st.data())
@examples
def test_utilitarian_rules_decide_the_same_on_other_scales(game, data):
    """A weighted sum is the same up to a constant when each weight is divided by its agent's scale."""
    p = parts(game)
    factors = [data.draw(POSITIVE) for _ in p.players]
    shifts = [[data.draw(SHIFT)] * len(a.kinds) for a in p.players]
    other = link(rescaled(p, factors, shifts))
    weights = {a.name: w for a, w in zip(p.players, game.rule.objective, strict=True)}
    divided = {a.name: weights[a.name] / f for a, f in zip(p.players, factors, strict=True)}
    for ties in ("uniform", "first"):
        one = eq.utilitarian(game.problem, weights, ties)
        assert eq.utilitarian(other.problem, divided, ties).lotteries == one.lotteries


@given(games(), st.randoms(use_true_random=False))
@examples
def test_a_decision_that_is_worse_to_all_and_never_taken_changes_nothing(game, rng):
    other = link(with_bad_decision(parts(game)))
    assert answers(other) == answers(game)
    profile = some_profile(game, rng)
    assert judged(other, profile) == judged(game, profile)
    if set(game.rule.weights or ()) == {1}:
        old = eq.utilitarian(game.problem)
        new = eq.utilitarian(other.problem)
        assert new.lotteries == {t: (*lottery, 0) for t, lottery in old.lotteries.items()}


@given(games(), st.data())
@examples
def test_a_twin_of_probability_0_that_nobody_may_announce_changes_nothing(game, data):
    p = parts(game)
    i = data.draw(st.integers(0, game.n - 1))
    u = data.draw(st.integers(0, len(p.players[i].kinds) - 1))
    twin = split(p, i, u, Fraction(0), None)
    new = len(p.players[i].kinds)
    # it leaves the ration of u for one of its own, of nothing
    rations = tuple(replace(r, members=tuple(v for v in r.members if v != new)) for r in twin.players[i].rations)
    player = replace(twin.players[i], rations=(*rations, Ration((new,), 0, 0)))
    other = link(replace(twin, players=(*twin.players[:i], player, *twin.players[i + 1 :])))
    assert answers(other) == answers(game)
    profile = some_profile(game, random.Random(1))
    assert judged(other, profile) == judged(game, profile)


@given(games(), st.sampled_from([Fraction(0), Fraction(1, 2), Fraction(1, 3), Fraction(1)]), st.data())
@examples
def test_twins_that_share_a_ration_change_no_bound(game, share, data):
    """Whoever splits a type, or doubles it, and lets both parts share its ration, changes names only.

    The budget is then one of classes, so label-free payoffs are no single figure any more; target and bounds stay.
    """
    p = parts(game)
    i = data.draw(st.integers(0, game.n - 1))
    u = data.draw(st.integers(0, len(p.players[i].kinds) - 1))
    before, after = answers(game), answers(link(split(p, i, u, share, None)))
    for what in ("target", "floor", "ceiling"):
        assert after[what] == before[what], what


@given(games(loose=False), st.sampled_from([Fraction(0), Fraction(1, 2), Fraction(1, 3)]), st.data())
@examples
def test_twins_with_rations_that_add_up_change_nothing(game, share, data):
    """Exact budgets: a type in two, with counts that sum to its own, is the same game.

    Every message of the old game has its copies in the new one, which differ in the names of twins only; lotteries and
    utilities are those of the type. A message is then also as truthful as it was, twins being one type to the judge.
    """
    p = parts(game)
    i = data.draw(st.integers(0, game.n - 1))
    u = data.draw(st.integers(0, len(p.players[i].kinds) - 1))
    counts = game.budgets[i].counts
    p = _with_counts(p, i, counts)
    first = data.draw(st.integers(0, counts[u]))
    other = link(split(p, i, u, share, (first, counts[u] - first)))
    assert answers(other) == answers(game)

    new, rng = len(counts), random.Random(2)
    truth, finer = TruthJudge(game), TruthJudge(other)
    for _ in range(10):
        t = tuple(rng.choices(range(new), k=game.copies))
        m = rng.choice(list(game.budgets[i].messages()))
        told = [k for k, v in enumerate(m) if v == u]
        as_twin = set(rng.sample(told, counts[u] - first))
        m_ = tuple(new if k in as_twin else v for k, v in enumerate(m))
        t_ = tuple(new if v == u and rng.random() < 0.5 else v for v in t)
        assert other.budgets[i].admits(tuple(m_.count(v) for v in range(new + 1)))
        assert truth.classify(i, lie_table(t, m, new)) == finer.classify(i, lie_table(t_, m_, new + 1))


def _with_counts(p, i, counts):
    player = replace(p.players[i], rations=tuple(Ration((v,), c, c) for v, c in enumerate(counts)))
    return replace(p, players=(*p.players[:i], player, *p.players[i + 1 :]))


@given(games(loose=False, n=2), st.data())
@examples
def test_all_equilibria_pay_the_same_after_a_split(game, data):
    """The whole set: a twin adds equilibria that are the same up to names, and no payoffs."""
    p = parts(game)
    i = data.draw(st.integers(0, 1))
    counts = game.budgets[i].counts
    u = data.draw(st.integers(0, len(counts) - 1))
    first = data.draw(st.integers(0, counts[u]))
    other = link(split(_with_counts(p, i, counts), i, u, Fraction(1, 2), (first, counts[u] - first)))
    before, after = (eq.solve(g, max_seconds=5) for g in (game, other))
    assume(before.scope == after.scope == "all" and before.complete and after.complete)
    assume(not before.shortened and not after.shortened)
    assert {e.payoffs for e in before} == {e.payoffs for e in after}


@pytest.mark.parametrize(
    ("prior", "share", "copies", "stays"),
    [
        (("1/2", "1/2"), "1/2", 4, True),  # 2, 2 becomes 1, 2, 1: both grids are met exactly
        (("1/2", "1/2"), "1/4", 8, True),  # 4, 4 becomes 3, 4, 1
        (("1/2", "1/2"), "1/2", 2, True),  # 1, 1 becomes 1, 1, 0, rounded
        (("3/5", "2/5"), "1/2", 1, False),  # 1, 0 becomes 0, 1, 0: the parts are rarer than the other type
        (("4/5", "1/5"), "1/2", 3, True),  # 2, 1 becomes 1, 1, 1: 12/5, 3/5 against 6/5, 6/5, 3/5
    ],
)
def test_frequencies_stay_where_the_nearest_counts_of_the_parts_add_up(prior, share, copies, stays):
    """Splitting a type changes budgets of frequencies exactly where rounding treats the parts as another type."""

    def counts(probabilities):
        agent = eq.Agent("1", tuple(eq.Type(f"t{u}", q) for u, q in enumerate(probabilities)))
        return eq.BudgetRule().apply(agent, copies).counts

    one, two = map(Fraction, prior)
    whole, parts_ = counts((one, two)), counts((one * (1 - Fraction(share)), two, one * Fraction(share)))
    assert ((parts_[0] + parts_[2], parts_[1]) == whole) is stays
    if all((q * copies).denominator == 1 for q in (one, two, one * Fraction(share))):
        assert stays


@given(games(), st.data())
@examples
def test_a_dummy_changes_nothing_for_the_others(game, data):
    """An agent to whom nobody listens, wherever it sits and whatever it wants, is a bystander.

    What it gets itself is no matter of choice where it wants nothing.
    """
    count = data.draw(st.integers(1, 3))
    wants = data.draw(st.booleans())
    kinds = tuple(
        Kind(
            f"d{u}",
            Fraction(1, count),
            tuple(Fraction(data.draw(st.integers(-3, 3)) if wants else 0) for _ in game.problem.decisions),
        )
        for u in range(count)
    )
    free = data.draw(st.booleans())
    rations = (
        (Ration(tuple(range(count)), game.copies, game.copies),)
        if free
        else tuple(Ration((u,), game.copies * (u == 0), game.copies * (u == 0)) for u in range(count))
    )
    place = data.draw(st.integers(0, game.n))
    other = link(with_dummy(parts(game), kinds, rations, place))
    before, after = answers(game), answers(other)
    for what in before:
        if what in after:
            assert (*after[what][:place], *after[what][place + 1 :]) == before[what], what
    if not wants:
        assert {values[place] for values in after.values()} == {0}
    for low, high in zip(after["floor"], after["ceiling"], strict=True):
        assert low <= high
