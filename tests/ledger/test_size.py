"""How Large is Large?: the table by listing all values, the best mechanism by a program that lists everything."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import pytest
from direct_mechanisms import Direct

from eqsolve.ledger.size import best_mechanism, half_each


@pytest.mark.parametrize("copies", [2, 4, 6])
def test_half_of_the_objects_each(settled, copies):
    """Every split at every profile of values for K = 2 and 4; for K = 6 the sorted differences of all 4096 profiles."""
    total = 0
    for values in itertools.product((1, 10), repeat=2 * copies):
        v, w = values[:copies], values[copies:]
        if copies < 6:
            total += max(
                sum(v[k] if k in mine else w[k] for k in range(copies))
                for mine in itertools.combinations(range(copies), copies // 2)
            )
        else:
            gains = sorted((a - b for a, b in zip(v, w, strict=True)), reverse=True)
            total += sum(w) + sum(gains[: copies // 2])
    value = Fraction(total, 4**copies * 2 * copies)
    found = settled(f"000.table.half.K{copies}")
    assert found.computed == str(value) == str(half_each(copies))
    assert found.verdict == ("erratum" if copies == 6 else "holds")
    assert (round(float(value), 3) == {2: 3.594, 4: 3.752, 6: 3.843}[copies]) == (found.verdict == "holds")


@pytest.mark.parametrize("copies", [1, 2, 3])
def test_best_mechanism(copies):
    """Agent 1 gains its value by getting the object, agent 2 loses its own, which is 11/2 on average."""
    best = Direct(((1, 10), (-1, -10)), copies).best()
    assert float(2 * best_mechanism(copies)) == pytest.approx(best + 5.5, abs=1e-8)


def test_rows_of_the_best_mechanism(settled):
    assert (settled("000.table.K1").computed, settled("000.table.K1").verdict) == ("11/4", "holds")
    assert (settled("000.table.optBIC.K2").computed, settled("000.table.optBIC.K2").verdict) == ("115/32", "holds")
    four = settled("000.table.optBIC.K4")
    assert (four.computed, four.verdict) == ("1975/512", "erratum")
    target = Fraction(sum(max(v, w) for v, w in itertools.product((1, 10), repeat=2)), 8)
    assert (settled("000.table.limit").computed, settled("000.table.limit").verdict) == (str(target), "holds")
    coordinated = settled("000.fn14.coord")
    assert coordinated.verdict == "erratum"
    assert coordinated.computed == "K = 2: 115/32 and 115/32; K = 4: 1975/512 and 1921/512"


def test_the_best_mechanism_for_four_objects_is_feasible_and_better():
    """The optimum's own lotteries: every object given away, nobody gains by any lie, the mean payoff is as told."""
    from eqsolve.ledger.bundled import bundled
    from eqsolve.mechanisms.optimal import optimal_mechanism

    problem = bundled("object").problem
    found = optimal_mechanism(problem, 4)
    vectors = list(itertools.product((0, 1), repeat=4))
    profiles = list(problem.profiles())

    def to_first(s, t):
        joint = [list(zip(s, t, strict=True)).count(p) for p in profiles]
        return [found.lottery(joint, pair)[0] for pair in zip(s, t, strict=True)]

    table = {(s, t): to_first(s, t) for s in vectors for t in vectors}
    value, total = {0: 1, 1: 10}, Fraction(0)
    for own in (0, 1):
        for true in vectors:

            def expected(told, true=true, own=own):
                rows = [table[(told, t) if own == 0 else (t, told)] for t in vectors]
                return sum(
                    value[u] * (p if own == 0 else 1 - p) for row in rows for u, p in zip(true, row, strict=True)
                )

            honest = expected(true)
            total += honest
            assert all(expected(told) <= honest for told in vectors)
    assert total / (2 * 16 * 16 * 4) == best_mechanism(4) > half_each(4)


def test_the_plain_mechanism(settled):
    """Four objects: with n objects worth 10 the agent announces 10 on two of them, as far as it can."""

    def wins(told):
        return Fraction(3, 4) if told == 10 else Fraction(1, 4)  # against 10 on half of the objects

    total = Fraction(0)
    for n in range(5):
        high = min(n, 2)
        told = high * 10 * wins(10) + (n - high) * 10 * wins(1) + (2 - high) * wins(10) + (4 - n - 2 + high) * wins(1)
        total += Fraction(math.comb(4, n), 16) * told
    found = settled("000.table.plain.K4")
    assert found.computed == f"{total / 4} against {half_each(4)}, in every equilibrium"
    assert found.verdict == "holds-with-caveat"


def test_forced_lies_are_a_central_binomial(settled):
    """Two equally likely types: the expected share is C(K, K/2)/2^(K+1)."""
    found = settled("000.sqrtK")
    assert found.verdict == "holds-with-caveat"
    ends = [math.comb(K, K // 2) / 2 ** (K + 1) * K**0.5 for K in (6, 1536)]
    assert f"object {ends[0]:.3f} (K = 6) to {ends[1]:.3f} (K = 1536), below 0.500" in found.computed
    assert ends[1] == pytest.approx(1 / math.sqrt(2 * math.pi), rel=1e-3)
