"""Designer-completed announcements against the definition, on type vectors."""

from __future__ import annotations

import itertools
import time
from fractions import Fraction

import pytest
from random_problems import random_game

import eqsolve as eq
from eqsolve.errors import LimitReached, ModelError, NotSupported
from eqsolve.mechanisms.completed import AIMS, Completion


def forced(budget, declared):
    counts = [sum(declared.count(u) for u in g.members) for g in budget.groups]
    over = sum(max(0, c - g.most) for c, g in zip(counts, budget.groups, strict=True))
    under = sum(max(0, g.least - c) for c, g in zip(counts, budget.groups, strict=True))
    return max(over, under)


def similar(game, i, u, v):
    """Whether v is u, or as near to u as anything in its part of the budget."""
    part = next(g.members for g in game.budgets[i].groups if v in g.members)
    if u in part:
        return u == v

    def distance(w):
        gaps = [a - b for a, b in zip(game.problem.utility(i, u), game.problem.utility(i, w), strict=True)]
        return max(gaps) - min(gaps)

    return distance(v) == min(map(distance, part))


def completions(game, i, declared):
    fewest = forced(game.budgets[i], declared)
    return [
        m
        for m in game.budgets[i].messages()
        if sum(u != v for u, v in zip(declared, m, strict=True)) == fewest
        and all(similar(game, i, u, v) for u, v in zip(declared, m, strict=True))
    ]


def score(game, aim, declared, announced):
    total = Fraction(0)
    for k in range(game.copies):
        told = tuple(m[k] for m in announced)
        if aim == "apart":
            parts = [next(p for p, g in enumerate(game.budgets[i].groups) if told[i] in g.members) for i in game.active]
            total -= sum(a == b for a, b in itertools.combinations(parts, 2))
        else:
            for i, t in enumerate(declared):
                worth = game.problem.utility(i, t[k])
                total += game.rule.objective[i] * sum(p * w for p, w in zip(game.lotteries[told], worth, strict=True))
    return total


def happens(game, aim, declared):
    """The lottery on every problem."""
    options = list(itertools.product(*(completions(game, i, t) for i, t in enumerate(declared))))
    scores = [score(game, aim, declared, told) for told in options]
    best = [told for told, s in zip(options, scores, strict=True) if s == max(scores)]
    return [
        tuple(
            sum(column, Fraction(0)) / len(best)
            for column in zip(*(game.lotteries[tuple(m[k] for m in told)] for told in best), strict=True)
        )
        for k in range(game.copies)
    ]


def games():
    for seed in range(6):
        yield random_game(seed, types=2, copies=2)
        yield random_game(seed, types=3, copies=2, loose=seed % 2 == 1)
        yield random_game(seed, n=3, types=2, copies=2, loose=seed % 2 == 0)
    yield eq.load("voting").link(2)
    yield eq.load("object").link(3)


@pytest.mark.parametrize("aim", AIMS)
def test_what_happens_against_the_definition(aim):
    for game in games():
        mechanism = Completion(game, aim).mechanism()
        orbits = mechanism.orbits
        vectors = [
            list(itertools.product([u for u, p in enumerate(a.prior) if p], repeat=game.copies))
            for a in game.problem.agents
        ]
        payoffs = [Fraction(0)] * game.n
        for declared in itertools.product(*vectors):
            pairs = list(zip(*declared, strict=True))
            joint = [pairs.count(p) for p in orbits.profiles]
            expected = happens(game, aim, declared)
            assert [mechanism.lottery(joint, p) for p in pairs] == expected
            mass = Fraction(1)
            for i, t in enumerate(declared):
                mass *= game.type_probability(i, t)
            for i, t in enumerate(declared):
                for u, lottery in zip(t, expected, strict=True):
                    payoffs[i] += mass * sum(p * w for p, w in zip(lottery, game.problem.utility(i, u), strict=True))
        assert mechanism.payoffs == tuple(p / game.copies for p in payoffs)


def test_the_vote_of_the_source():
    """Kept apart, forced lies invite no others and reach the optimum at K = 2; placed greedily they invite lies."""
    game = eq.load("voting").link(2)
    apart, greedy = (Completion(game, aim).mechanism() for aim in ("apart", "welfare"))
    assert (sum(apart.payoffs), apart.regret) == (Fraction(27, 32), 0)
    assert (sum(greedy.payoffs), greedy.regret) == (Fraction(55, 64), Fraction(3, 32))


@pytest.mark.parametrize(("copies", "payoff"), [(2, "115/32"), (4, "1921/512"), (6, "15611/4096")])
def test_objects_go_to_each_agent_half_of_the_time(copies, payoff):
    found = Completion(eq.load("object").link(copies), "welfare").mechanism()
    assert found.payoffs == (Fraction(payoff),) * 2
    assert found.regret == 0


def test_what_cannot_be_done_is_refused():
    game = eq.load("object").link(4)
    with pytest.raises(ModelError, match="aim"):
        Completion(game, "best")
    leaving = eq.LinkedGame(game.problem, game.rule, 2, options=eq.Options(walk_away="to_1"))
    with pytest.raises(NotSupported, match="walking away"):
        Completion(leaving, "apart")
    with pytest.raises(LimitReached):
        Completion(game, "apart").mechanism(deadline=time.monotonic() - 1)
