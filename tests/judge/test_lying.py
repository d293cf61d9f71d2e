"""Who lies where, against sums over everything that is played."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

import eqsolve as eq
from eqsolve.judge.lying import conditional, lying, tables_by_histogram


def shares(game, strategy, i):
    """λ[k][u][v] by going through type vectors and messages."""
    types = len(game.problem.agents[i].types)
    cells = [[[Fraction(0)] * types for _ in range(types)] for _ in range(game.copies)]
    for t, messages in strategy.plan.items():
        for m, p in messages.items():
            for k in range(game.copies):
                cells[k][t[k]][m[k]] += game.type_probability(i, t) * p
    return cells


@pytest.mark.parametrize(("name", "copies"), [("collusion", 2), ("object", 3), ("voting", 1)])
def test_shares_are_those_of_what_is_played(name, copies):
    solution = eq.solve(eq.load(name).link(copies), max_seconds=20)
    assert len(solution)
    for e in solution:
        for one in lying(solution.game, e):
            expected = shares(solution.game, e.strategies[one.agent], one.agent)
            for k in range(copies):
                assert [list(row) for row in one.problems[0 if one.even else k]] == expected[k]
            lies = sum(q for cells in expected for u, row in enumerate(cells) for v, q in enumerate(row) if u != v)
            assert one.share == lies / copies


def test_lie_tables_tell_what_strategies_tell():
    solution = eq.solve(eq.load("collusion").link(4))
    listed = solution[0]
    game = solution.game
    tables = tuple(tables_by_histogram(game, listed, i) for i in range(game.n))
    told = replace(listed, strategies=None, lie_tables=tables)
    assert lying(game, told) == lying(game, listed)
    assert all(one.even for one in lying(game, told))
    assert lying(game, replace(told, lie_tables=None)) is None


def test_types_that_never_occur_have_no_row():
    assert conditional([[Fraction(0), Fraction(0)], [Fraction(1, 4), Fraction(3, 4)]]) == [
        [None, None],
        [Fraction(1, 4), Fraction(3, 4)],
    ]
