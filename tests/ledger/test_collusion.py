"""Example 5 and the filter, by counting."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import pytest


def chosen(*announced):
    """Decision at the announced utilities of agents 2, 3, ... against an agent who loses `announced[0]`."""
    return "b" if sum(announced[1:]) > announced[0] else "a"


@pytest.mark.parametrize("copies", [2, 4])
def test_the_plan_gives_both_what_they_want_everywhere(settled, copies):
    second = [1 if k % 2 == 0 else 3 for k in range(1, copies + 1)]
    third = [4 - x for x in second]
    assert {chosen(3, x, y) for x, y in zip(second, third, strict=True)} == {"b"}
    found = settled(f"000.ex5.collusive.K{copies}")
    # b everywhere is the best for everybody who always gains by b: -3, and the means of 1 and 3.
    assert (found.verdict, found.computed) == ("holds", "regret 0, payoffs -3, 2, 2")
    assert (settled("000.ex5.typo").verdict, settled("000.ex5.typo").computed) == ("erratum", "b")


def test_false_alarms_by_listing_messages(settled):
    """How often two random halves of the problems are disjoint or equal."""

    def alarm(K):
        halves = list(itertools.combinations(range(K), K // 2))
        fixed = set(halves[0])
        return Fraction(sum(len(fixed & set(h)) in (0, K // 2) for h in halves), len(halves))

    first = next(K for K in range(2, 20, 2) if alarm(K) <= Fraction(1, 20))
    found = settled("000.ex5.filter")
    assert found.computed == f"K = {first}"
    assert str(alarm(first)) in found.caveat
    assert str(alarm(first - 2)) in found.caveat
    assert all(Fraction(2, math.comb(K, K // 2)) <= Fraction(1, 20) for K in range(first, 60, 2))


def test_leaving_the_plan_pays_under_the_filter(settled):
    """Agent 2 announces 3 on half of the problems where agent 3 does, is not flagged, and is better off."""
    theirs = [3, 1] * 4
    theirs = [4 - x for x in theirs]
    plan = [4 - x for x in theirs]

    def payoff(true, mine):
        both = sum(x == y == 3 for x, y in zip(mine, theirs, strict=True))
        if abs(Fraction(1, 2) - Fraction(both, 4)) > Fraction(1, 4):  # flagged, both of them: b unless both draws are 1
            return Fraction(sum(true), 8) * Fraction(3, 4)
        return Fraction(sum(t for t, x, y in zip(true, mine, theirs, strict=True) if chosen(3, x, y) == "b"), 8)

    messages = [[3 if k in high else 1 for k in range(8)] for high in itertools.combinations(range(8), 4)]
    gain = max(
        max(payoff(true, mine) for mine in messages) - payoff(true, plan)
        for true in itertools.product((1, 3), repeat=8)
    )
    found = settled("000.ex5.flagged.K8")
    assert found.verdict == "holds"
    assert f"agent 2 gains {gain} by announcing" in found.computed


def test_three_agents_that_look_independent_in_pairs(settled):
    messages = [(1, 1, 3, 3), (1, 3, 1, 3), (3, 1, 1, 3)]
    for m, n in itertools.combinations(messages, 2):
        assert {(x, y): list(zip(m, n, strict=True)).count((x, y)) for x in (1, 3) for y in (1, 3)} == dict.fromkeys(
            itertools.product((1, 3), repeat=2), 1
        )
    assert {chosen(4, *types) for types in zip(*messages, strict=True)} == {"b"}
    efficient = Fraction(sum(chosen(4, *t) == "b" for t in itertools.product((1, 3), repeat=3)), 8)
    found = settled("000.thm1.pairwise")
    assert found.verdict == "erratum"
    assert found.computed == f"agent 1 gets -4, its efficient payoff is {-4 * efficient}; largest distance 0"
    assert ", ".join(map(str, messages)) in found.caveat
