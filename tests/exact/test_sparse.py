"""Sparse square systems against dense elimination, and linear programs whose bases are taken apart."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from eqsolve.engines import lp
from eqsolve.exact import sparse
from eqsolve.exact.linalg import solve_integers


@pytest.mark.parametrize("seed", range(80))
def test_systems(seed):
    rng = random.Random(seed)
    n = rng.randint(1, 7)
    density = rng.choice([0.2, 0.4, 0.8])
    dense = [[rng.randint(-3, 3) if rng.random() < density else 0 for _ in range(n)] for _ in range(n)]
    for i in range(n):
        dense[i][(i * 3 + seed) % n] = dense[i][(i * 3 + seed) % n] or 1
    sides = [rng.randint(-5, 5) for _ in range(n)]
    rows = [{c: v for c, v in enumerate(row) if v} for row in dense]
    wanted = solve_integers(dense, sides)
    solution = None if wanted is None else [Fraction(x, wanted[1]) for x in wanted[0]]
    assert sparse.solve_pieces(rows, [Fraction(side) for side in sides]) == solution
    assert sparse.solve_system(rows, sides) == solution


@pytest.mark.parametrize("seed", range(60))
def test_programs(seed, monkeypatch):
    """Whatever the size at which bases are taken apart, the program has the same status and value."""
    rng = random.Random(seed)
    n, m, e = rng.randint(2, 8), rng.randint(1, 8), rng.randint(0, 3)

    def row():
        return {j: Fraction(rng.randint(-4, 4), rng.randint(1, 3)) for j in range(n) if rng.random() < 0.5}

    upper, equal = [row() for _ in range(m)], [row() for _ in range(e)]
    objective = [Fraction(rng.randint(-4, 4)) for _ in range(n)]
    b_ub, b_eq = [rng.randint(-1, 6) for _ in upper], [rng.randint(-2, 2) for _ in equal]
    free = [j for j in range(n) if rng.random() < 0.3]
    upper += [{j: 1} for j in range(n)] if rng.random() < 0.7 else []
    b_ub += [5] * (len(upper) - m)

    def solved():
        return lp.solve_lp(objective, upper, b_ub, equal, b_eq, free=free, maximise=seed % 2 == 0)

    general = solved()
    monkeypatch.setattr(lp, "SMALL", 0)
    monkeypatch.setattr(sparse, "LARGE", 1)
    monkeypatch.setattr(sparse, "THIN", 1)
    taken_apart = solved()
    assert (taken_apart.status, taken_apart.value) == (general.status, general.value)
