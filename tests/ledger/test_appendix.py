"""The appendix, Example 3 and security, by counting."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest


def test_public_good(settled):
    """The share of an honest agent is c, c/2 or c/3 when nobody, one or both of the others value the project."""
    saved = Fraction(1, 4) + Fraction(1, 2) * Fraction(1, 2) + Fraction(1, 4) * Fraction(1, 3)
    figures = {"costshare": saved, "loss": Fraction(1, 4), "threshold": Fraction(1, 4) / saved}
    for name, value in figures.items():
        found = settled(f"000.ex3.{name}")
        assert (found.computed, found.verdict) == (str(value), "holds")


def smallest_gamma(prior, counts):
    """By bisection on when (P - (1 - gamma) P^k) / gamma is a distribution."""
    low, high = Fraction(0), Fraction(1)
    K = sum(counts)
    for _ in range(60):
        middle = (low + high) / 2
        if all(p >= (1 - middle) * Fraction(c, K) for p, c in zip(prior, counts, strict=True)):
            high = middle
        else:
            low = middle
    return float(high)


def test_gamma_depends_on_the_budget(settled):
    found = settled("000.app.gamma")
    assert found.verdict == "holds-with-caveat"
    prior = (Fraction(1, 4), Fraction(3, 4))
    for counts, gamma in (((0, 2), Fraction(1, 4)), ((1, 1), Fraction(1, 2))):
        assert sum((Fraction(c, 2) - p) ** 2 for c, p in zip(counts, prior, strict=True)) == Fraction(
            1, 8
        )  # equally near
        assert smallest_gamma(prior, counts) == pytest.approx(float(gamma))
        assert f"{counts} needs gamma = {gamma}" in found.computed


def test_nearest_budgets(settled):
    assert (settled("000.app.budget4").computed, settled("000.app.budget4").verdict) == ("6", "holds-with-caveat")
    grid = [c for c in itertools.product(range(3), repeat=4) if sum(c) == 2]
    off = [sum((Fraction(x, 2) - Fraction(1, 4)) ** 2 for x in c) for c in grid]
    assert off.count(min(off)) == 6


def test_announcements_of_a_budget_are_not_independent(settled):
    found = settled("000.app.iid")
    assert found.verdict == "erratum"
    messages = [("low", "high"), ("high", "low")]  # equally likely by symmetry
    single = Fraction(sum(m[0] == "high" for m in messages), 2)
    both = Fraction(sum(m == ("high", "high") for m in messages), 2)
    assert found.computed.endswith(f"probability {single}, on both with probability {both}")
    assert both != single**2


def test_truth_secures_the_same_against_any_announcement(settled):
    """One object, K = 2: where both objects are worth the same it does not matter which one is said to be high."""
    secured = set()
    for other in ((1, 10), (10, 1)):
        total = Fraction(0)
        for values in itertools.product((1, 10), repeat=2):
            told = values if values[0] != values[1] else (1, 10)
            for v, mine, theirs in zip(values, told, other, strict=True):
                total += v * (Fraction(1, 2) if mine == theirs else Fraction(int(mine > theirs)))
        secured.add(total / 8)
    found = settled("000.secure.K2")
    assert ({found.computed}, found.verdict) == (set(map(str, secured)), "holds")
