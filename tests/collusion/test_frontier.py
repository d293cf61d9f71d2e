"""The frontier against linear programs that list every plan, and its reference figures."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import pytest

import eqsolve as eq
from eqsolve.collusion.coalition import Coalition
from eqsolve.collusion.frontier import NOTHING_PASSES, SOMEBODY_LOSES, Frontier
from eqsolve.collusion.limit import LimitFrontier
from eqsolve.collusion.silent import SilentFrontier
from eqsolve.engines.lp import solve_lp
from eqsolve.errors import ModelError, NotSupported, SizeError
from eqsolve.filter import Panel
from eqsolve.forms.label_free import LabelFreeForm
from eqsolve.judge import bounds
from eqsolve.rule import Rule
from tests.filter_brute_force import distance
from tests.random_problems import random_game

WORTH = [[(1, 0), (0, 2), (3, 1), (-1, 5)], [(2, 1), (0, 3), (7, -1), (1, 1)]]
EPSILONS = [Fraction(0), Fraction(1, 4), Fraction(1, 2), None]


def coalition(copies, name="collusion", members=(1, 2)):
    return Coalition(eq.load(name).link(copies), members)


def worth(game, members, types, sent):
    """What the members get per problem; outsiders announce by their budgets, independently."""
    panel = Panel.of_game(game)
    away = [j for j in range(game.n) if j not in members]
    totals = [Fraction(0)] * len(members)
    for k in range(game.copies):
        for told in itertools.product(*(range(panel.shape[j]) for j in away)):
            chance = math.prod(
                (Fraction(panel.budgets[j][v], game.copies) for j, v in zip(away, told, strict=True)), start=Fraction(1)
            )
            if not chance:
                continue
            announced = dict(zip(away, told, strict=True)) | {i: m[k] for i, m in zip(members, sent, strict=True)}
            lottery = game.lotteries[tuple(announced[j] for j in range(game.n))]
            for p, i in enumerate(members):
                utility = game.problem.utility(i, types[p][k])
                totals[p] += chance * sum((q * w for q, w in zip(lottery, utility, strict=True)), Fraction(0))
    return [t / game.copies for t in totals]


def passing(game, members, epsilon):
    """Profiles of the members' messages that pass among them, by the definition of the distance."""
    whole = Panel.of_game(game)
    panel = Panel(*(tuple(part[i] for i in members) for part in (whole.names, whole.types, whole.budgets)))
    lists = [list(game.budgets[i].messages()) for i in members]
    return [
        sent
        for sent in itertools.product(*lists)
        if epsilon is None or all(distance(panel, sent, p, "pairwise") <= epsilon for p in range(len(members)))
    ]


def by_listing(game, members, epsilon):
    """The largest sum of gains: a probability for every profile of type vectors and of messages that pass."""
    sent = passing(game, members, epsilon)
    profiles = list(itertools.product(*(game.type_vectors(i) for i in members)))
    floor = LabelFreeForm(game).payoffs()
    owed = [floor[i] for i in members]
    if not sent:
        return None
    sums, total, equal = [{} for _ in members], [], []
    for types in profiles:
        chance = math.prod(
            (game.type_probability(i, t) for i, t in zip(members, types, strict=True)), start=Fraction(1)
        )
        row = {}
        for messages in sent:
            column = len(total)
            got = worth(game, members, types, messages)
            total.append(chance * sum(got, Fraction(0)))
            for p, x in enumerate(got):
                sums[p][column] = -chance * x
            row[column] = 1
        equal.append(row)
    found = solve_lp(total, sums, [-x for x in owed], equal, [1] * len(equal), maximise=True)
    return None if found.value is None else found.value - sum(owed, Fraction(0))


@pytest.mark.parametrize("epsilon", EPSILONS)
@pytest.mark.parametrize("seed", range(6))
def test_frontier_by_listing_all_plans_at_two_problems(seed, epsilon):
    n = 2 if seed < 3 else 3
    game = random_game(seed, n=n, types=2, copies=2, active=2)
    members = (0, 1) if n == 2 else (game.active[0], game.active[1])
    found = Frontier(Coalition(game, members)).point(epsilon)
    assert found.total == by_listing(game, members, epsilon)
    if found.total is not None:
        assert sum(found.gain.values()) == found.total
        assert min(found.gain.values()) >= 0


@pytest.mark.parametrize("epsilon", [Fraction(0), Fraction(1, 3), None])
def test_frontier_by_listing_with_three_problems_and_uneven_budgets(epsilon):
    game = random_game(11, n=2, types=2, copies=3, active=2)
    assert Frontier(Coalition(game, (0, 1))).point(epsilon).total == by_listing(game, (0, 1), epsilon)


@pytest.mark.parametrize("epsilon", [Fraction(1, 2), None])
def test_frontier_by_listing_with_three_types(epsilon):
    """Nine joint types, and budgets that rule some joint announcements out."""
    game = random_game(3, n=2, types=3, copies=2, active=2)
    assert Frontier(Coalition(game, (0, 1))).point(epsilon).total == by_listing(game, (0, 1), epsilon)


def test_frontier_of_too_many_joint_types_is_refused_at_once():
    types = [tuple(eq.Type(f"t{k}", "1/4", {"b": x, "c": y}) for k, (x, y) in enumerate(w)) for w in WORTH]
    problem = eq.DecisionProblem(("a", "b", "c"), tuple(eq.Agent(n, t) for n, t in zip("12", types, strict=True)))
    shares = {
        (u, v): (Fraction(u + 1, 16), Fraction(v * v + 1, 16), 1 - Fraction(u + v * v + 2, 16))
        for u in range(4)
        for v in range(4)
    }
    game = eq.LinkedGame(problem, Rule(problem, shares), 4)
    with pytest.raises(SizeError, match="dual vertices"):
        Frontier(Coalition(game, (0, 1))).point(None)


@pytest.mark.parametrize(
    ("copies", "zero", "free"),
    [
        (4, Fraction(7, 512), Fraction(11, 32)),
        (8, Fraction(1299, 131072), Fraction(163, 512)),
        (20, Fraction(3360190623, 549755813888), Fraction(308333, 1048576)),
    ],
)
def test_example_five(copies, zero, free):
    """Monotone; small but positive at 0; without a filter what lies between floor and ceiling."""
    members = coalition(copies)
    frontier = Frontier(members)
    points = [frontier.point(Fraction(k, 10)) for k in range(6)] + [frontier.point(None)]
    totals = [p.total for p in points]
    assert totals == sorted(totals)
    assert points[0].gain == {1: zero, 2: zero}
    assert points[-1].gain == {1: free, 2: free}
    for point in points:
        assert frontier.bound(point.epsilon, point.multipliers) == point.total
    if copies < 20:
        game = members.game
        assert free == bounds.ceiling(game, 1) - bounds.floor(game, 1)


def test_gains_vanish_at_zero_and_in_the_limit_are_half_of_epsilon():
    zeros = [Frontier(coalition(k)).point(Fraction(0)).total for k in (4, 8, 12, 16, 20)]
    assert zeros == sorted(zeros, reverse=True)
    assert zeros[-1] > 0
    limit = LimitFrontier(coalition(4))
    for k in range(6):
        assert limit.point(Fraction(k, 10)).gain == {1: Fraction(k, 20), 2: Fraction(k, 20)}
    assert limit.point(None).total == Fraction(1, 2)
    assert limit.point(Fraction(1, 10)).loss == {0: Fraction(3, 20)}


def test_nothing_passes_where_every_table_stands_out():
    assert Frontier(coalition(2)).point(Fraction(1, 4)).why == NOTHING_PASSES


def silent_by_listing(game, members, epsilon):
    """Every pair of pure strategies whose messages always pass: the largest sum of gains that harms neither."""
    fits = set(passing(game, members, epsilon))
    lists = [list(game.budgets[i].messages()) for i in members]
    vectors = [game.type_vectors(i) for i in members]
    floor = LabelFreeForm(game).payoffs()
    best = None
    for first in itertools.product(lists[0], repeat=len(vectors[0])):
        for second in itertools.product(lists[1], repeat=len(vectors[1])):
            if not set(itertools.product(first, second)) <= fits:
                continue
            gains = [-floor[i] for i in members]
            for (t, a), (s, b) in itertools.product(
                zip(vectors[0], first, strict=True), zip(vectors[1], second, strict=True)
            ):
                chance = game.type_probability(members[0], t) * game.type_probability(members[1], s)
                for p, x in enumerate(worth(game, members, (t, s), (a, b))):
                    gains[p] += chance * x
            if min(gains) >= 0 and (best is None or sum(gains) > best):
                best = sum(gains)
    return best


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("epsilon", [Fraction(1, 4), Fraction(1, 2), None])
def test_agents_who_cannot_talk_by_listing_all_strategies(seed, epsilon):
    game = random_game(seed, n=2, types=2, copies=2, active=2)
    found = SilentFrontier(Coalition(game, (0, 1))).point(epsilon)
    pure = silent_by_listing(game, (0, 1), epsilon)
    if found.bound is None:
        assert found.total == pure
    else:  # what is found is feasible, the bound holds
        assert found.bound >= (pure if pure is not None else found.bound)
        assert found.total is None or found.total == pure


def test_agents_who_cannot_talk_at_four_problems():
    silent = SilentFrontier(coalition(4))
    for epsilon in (Fraction(0), Fraction(1, 4)):
        point = silent.point(epsilon)
        assert (point.total, point.bound, point.why) == (None, Fraction(-5, 64), SOMEBODY_LOSES)
    for epsilon in (Fraction(1, 2), None):
        point = silent.point(epsilon)
        assert point.bound is None
        assert point.gain == {1: Fraction(11, 32), 2: Fraction(11, 32)}


def test_coalitions_that_are_none_are_refused():
    game = eq.load("collusion").link(4)
    for members in ((1,), (1, 1), (2, 1), (1, 9)):
        with pytest.raises(ModelError, match="coalition"):
            Coalition(game, members)
    with pytest.raises(ModelError, match="weights"):
        Frontier(Coalition(game, (1, 2)), weights=(Fraction(1),))
    with pytest.raises(NotSupported, match="two agents"):
        SilentFrontier(Coalition(game, (0, 1, 2)))
