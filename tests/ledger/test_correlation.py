"""Correlated values: what a simulation of the vote says, drawn exactly."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest

from eqsolve.ledger.correlation import alike_in_intensity, copied, error, largest_gain, rationed_error

RHOS = [Fraction(0), Fraction(1, 7), Fraction(2, 3), Fraction(1)]
CASES = [(process, rho) for process in (copied, alike_in_intensity) for rho in RHOS]


@pytest.mark.parametrize(("process", "rho"), [*CASES, *((alike_in_intensity, -rho) for rho in RHOS[1:])])
def test_errors_need_two_indifferent_agents(process, rho):
    law = process(rho)
    assert sum(law.values()) == 1
    assert min(law.values()) >= 0
    for v in (2, 1, -1, -2):
        assert (
            sum(p for (x, _), p in law.items() if x == v)
            == sum(p for (_, y), p in law.items() if y == v)
            == Fraction(1, 4)
        )
    indifferent = sum(p for (x, y), p in law.items() if abs(x) == abs(y))
    assert error(law) == Fraction(1, 4) * indifferent**2 / 2
    assert error(law) == (1 + rho) ** 2 / 32
    # Naming one problem by a coin when indifferent: honest with probability 1 - P(equal)/2, as in Example 1.
    assert rationed_error(law) == Fraction(1, 4) * indifferent / 2
    assert largest_gain(law) == 0


def test_verdicts(settled):
    for name in ("model1", "model2"):
        found = settled(f"000.corr.{name}")
        assert found.computed == "1/32 + 1/16 rho + 1/32 rho^2"
        assert found.verdict == "holds-with-caveat"
        assert "1/16 + 1/16 rho" in found.caveat
    pairs = [(x, y) for x, y in itertools.product((2, 1, -1, -2), repeat=2) if x * y < 0 and abs(x) != abs(y)]
    assert settled("000.corr.separate").computed == str(Fraction(len(pairs), 2 * 16))
    assert settled("000.corr.separate").verdict == "holds"
