"""Multipliers of linear programs: exact where the basis is, good where they were rounded."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from eqsolve.engines import lp_duals
from eqsolve.engines.lp import LinearProgram, solve_program


def random_program(seed):
    """A program with a bounded optimum: a random feasible point, costs that are a positive mixture of rows."""
    rng = random.Random(seed)
    n, m = rng.randint(3, 8), rng.randint(3, 8)
    point = [Fraction(rng.randint(0, 5), rng.randint(1, 3)) for _ in range(n)]
    rows = [{j: Fraction(rng.randint(-4, 6), rng.randint(1, 4)) for j in range(n)} for _ in range(m)]
    upper = [sum(row[j] * point[j] for j in row) + rng.randint(0, 3) for row in rows]
    box = [dict.fromkeys([j], 1) for j in range(n)]
    equal = {j: Fraction(rng.randint(1, 3)) for j in range(n)}
    return LinearProgram.of(
        [Fraction(rng.randint(-5, 5), rng.randint(1, 3)) for _ in range(n)],
        [*rows, *box],
        [*upper, *[10] * n],
        [equal],
        [sum(equal[j] * point[j] for j in equal)],
        maximise=seed % 2 == 0,
    )


def proved(problem, duals):
    """The bound that multipliers prove, or None if they are not dual feasible."""
    sign = 1 if problem.maximise else -1
    if any(sign * y < 0 for y in duals[: problem.n_ub]):
        return None
    rows = [{j: Fraction(v, s) for j, v in row.items()} for row, s in zip(problem.rows, problem.scale, strict=True)]
    for j, c in enumerate(problem.cost):
        reduced = Fraction(c, problem.cost_scale) - sum(y * row.get(j, 0) for y, row in zip(duals, rows, strict=True))
        if sign * reduced > 0:
            return None
    right = [Fraction(b, s) for b, s in zip(problem.rhs, problem.scale, strict=True)]
    return sum(y * b for y, b in zip(duals, right, strict=True))


@pytest.mark.parametrize("small", [0, 1000])
@pytest.mark.parametrize("seed", range(15))
def test_multipliers_prove_the_optimum(seed, small, monkeypatch):
    """By p-adic lifting, and by refined floating point."""
    monkeypatch.setattr(lp_duals, "SMALL", small)
    problem = random_program(seed)
    duals = lp_duals.multipliers(problem)
    assert proved(problem, duals) == solve_program(problem).value


@pytest.mark.parametrize("seed", range(5))
def test_rounded_multipliers_are_near(seed, monkeypatch):
    monkeypatch.setattr(lp_duals, "_at_basis", lambda *_: None)
    problem = random_program(seed)
    duals = lp_duals.multipliers(problem)
    right = [Fraction(b, s) for b, s in zip(problem.rhs, problem.scale, strict=True)]
    value = sum(y * b for y, b in zip(duals, right, strict=True))
    assert abs(value - solve_program(problem).value) < Fraction(1, 10**6)


def test_nothing_without_an_optimum_or_time():
    assert lp_duals.multipliers(LinearProgram.of([1], [], [], maximise=True)) is None
    assert lp_duals.multipliers(LinearProgram.of([1], [{0: 1}], [-1], maximise=True)) is None
