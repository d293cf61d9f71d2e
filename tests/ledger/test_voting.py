"""Example 1 by an enumeration of its own: values, described strategies, coins."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import pytest
from direct_mechanisms import Direct
from scipy.optimize import linprog

VALUES = (2, 1, -1, -2)
VECTORS = list(itertools.product(VALUES, repeat=2))
MESSAGES = [m for m in VECTORS if sorted(map(abs, m)) == [1, 2]]


def sign(x):
    return (x > 0) - (x < 0)


def told(v):
    """Messages of the described strategy, equally likely."""
    if abs(v[0]) != abs(v[1]):
        return [v]
    return [(2 * sign(v[0]), sign(v[1])), (sign(v[0]), 2 * sign(v[1]))]


def chance_of_b(x, y):
    return Fraction(1 + sign(x + y), 2)


def linked(s, t):
    """P(b) on both problems at true values."""
    pairs = list(itertools.product(told(s), told(t)))
    return [sum(chance_of_b(m[k], n[k]) for m, n in pairs) / len(pairs) for k in range(2)]


def separate(s, t):
    return [chance_of_b(sign(s[k]), sign(t[k])) for k in range(2)]


def worth(v, chances):
    return sum(x * p for x, p in zip(v, chances, strict=True))


def error(condition):
    """Conditional on opposite signs and different magnitudes on the first problem."""
    cases = [
        (s, t)
        for s, t in itertools.product(VECTORS, repeat=2)
        if s[0] * t[0] < 0 and abs(s[0]) != abs(t[0]) and condition(s, t)
    ]
    wrong = sum(1 - p if s[0] + t[0] > 0 else p for s, t in cases for p in linked(s, t)[:1])
    return Fraction(wrong, len(cases))


def equal(v):
    return abs(v[0]) == abs(v[1])


def test_no_message_gains_against_the_described_strategy(settled):
    for t in VECTORS:

        def interim(m, t=t):
            return sum(
                sum(worth(t, [chance_of_b(m[k], n[k]) for k in range(2)]) for n in told(s)) / Fraction(len(told(s)))
                for s in VECTORS
            )

        best = max(map(interim, MESSAGES))
        assert all(interim(m) == best for m in told(t))
    assert (settled("000.ex1.BNE").verdict, settled("000.ex1.BNE").computed) == ("holds", "regret 0")


def test_errors(settled):
    assert settled("000.ex1.err.linked").computed == str(error(lambda s, t: True))
    cases = [(False, False), (True, False), (False, True), (True, True)]
    figures = [str(error(lambda s, t, c=c: (equal(s), equal(t)) == c)) for c in cases]
    assert settled("000.ex1.subcases").computed == ", ".join(figures)
    assert settled("000.ex1.err.separate").computed == "1/2"
    names = ("err.linked", "err.separate", "subcases")
    assert all(settled(f"000.ex1.{name}").verdict == "holds" for name in names)


def test_errors_with_many_problems_are_what_a_binomial_says(settled):
    """An agent who cares announces so unless too many of the other problems matter, too; all else is symmetric."""

    def error_of(K):
        half = K // 2
        honest = sum(
            Fraction(math.comb(K - 1, n), 2 ** (K - 1)) * min(Fraction(1), Fraction(half, n + 1)) for n in range(K)
        )  # n others matter
        return 1 - honest  # both honest: right; one: a coin; none: wrong

    expected = ", ".join(f"K = {K}: {error_of(K)}" for K in range(2, 11, 2))
    assert settled("000.ex1.err.manyK").computed == expected
    assert settled("000.ex1.err.manyK").verdict == "holds"


def test_ex_post_and_interim(settled):
    harmed = [
        (s, t)
        for s, t in itertools.product(VECTORS, repeat=2)
        if any(worth(v, linked(s, t)) < worth(v, separate(s, t)) for v in (s, t))
    ]
    assert ((2, 1), (1, -2)) in harmed  # the example that is told
    assert settled("000.ex1.expost").computed == f"somebody is worse off at {len(harmed)} of 256 pairs"
    assert settled("000.ex1.expost").verdict == "erratum"
    gains = [sum(worth(s, linked(s, t)) - worth(s, separate(s, t)) for t in VECTORS) / Fraction(32) for s in VECTORS]
    assert settled("000.ex1.interim").computed.startswith(f"gains per problem from {min(gains)} to {max(gains)} ")
    assert settled("000.ex1.interim").verdict == "holds"
    assert min(gains) == 0 < max(gains)


def test_totals_of_the_inefficient_outcome(settled):
    first, second = (2, 1), (-1, -2)
    ends = [first[1] + second[1], first[0] + second[0]]  # b2 only, b1 only
    found = settled("000.ex1.pareto")
    assert (found.computed, found.verdict) == (", ".join(map(str, ends)), "erratum")


@pytest.mark.parametrize(("copies", "name"), [(1, "secondbest"), (2, "optimalLP.K2")])
def test_best_mechanisms(settled, copies, name):
    found = settled(f"000.ex1.{name}")
    best = Direct((VALUES, VALUES), copies).best()
    figures = [Fraction(word.rstrip(",")) for word in found.computed.split() if word[0].isdigit()]
    assert figures[0] == figures[1]
    assert float(figures[1]) == pytest.approx(best, abs=1e-9)
    assert found.verdict == ("holds" if copies == 1 else "holds-with-caveat")


def test_only_one_best_vote_is_anonymous_and_neutral(settled):
    direct = Direct((VALUES, VALUES), 1)
    welfare, gains = direct.program()
    equations, right = [welfare], [0.75]
    for s, t in itertools.product(range(4), repeat=2):
        for other, total in (((t, s), 0), ((3 - s, 3 - t), 1)):
            row = welfare * 0
            row[direct.column(s, t, 0)] += 1
            row[direct.column(*other, 0)] += 1 if total else -1
            equations.append(row)
            right.append(total)
    for s, t in itertools.product(range(4), repeat=2):
        goal = welfare * 0
        goal[direct.column(s, t, 0)] = 1
        expected = float(chance_of_b(sign(VALUES[s]), sign(VALUES[t])))
        for direction in (1, -1):
            end = linprog(
                direction * goal, A_ub=gains, b_ub=[0] * gains.shape[0], A_eq=equations, b_eq=right, bounds=(0, 1)
            )
            assert direction * end.fun == pytest.approx(expected, abs=1e-7)
    assert settled("000.ex1.unique").verdict == "holds"


@pytest.mark.slow
def test_all_equilibria_of_two_linked_votes(settled):
    """The payoffs of the one class of equilibria are those of the described strategies."""
    found = settled("000.ex1.alleq")
    value = sum(worth(s, linked(s, t)) for s, t in itertools.product(VECTORS, repeat=2)) / Fraction(2 * 256)
    assert found.verdict == "holds"
    assert found.computed == f"1 class of equilibria, payoffs {value}, {value}"
