"""Sparse exact programs agree with the general method, whatever their status."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from eqsolve.engines.lp import solve_lp
from eqsolve.engines.lp_sparse import solve_pieces, solve_sparse_lp
from eqsolve.exact.linalg import solve_integers


@pytest.mark.parametrize("seed", range(60))
def test_programs(seed):
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
    args = (objective, upper, b_ub, equal, b_eq)
    general, sparse = (solve(*args, free=free, maximise=seed % 2 == 0) for solve in (solve_lp, solve_sparse_lp))
    assert (sparse.status, sparse.value) == (general.status, general.value)


@pytest.mark.parametrize("seed", range(80))
def test_systems(seed):
    rng = random.Random(seed)
    n = rng.randint(1, 7)
    density = rng.choice([0.2, 0.4, 0.8])
    dense = [[rng.randint(-3, 3) if rng.random() < density else 0 for _ in range(n)] for _ in range(n)]
    for i in range(n):
        dense[i][(i * 3 + seed) % n] = dense[i][(i * 3 + seed) % n] or 1
    sides = [Fraction(rng.randint(-5, 5), 2) for _ in range(n)]
    wanted = solve_integers(dense, sides)
    found = solve_pieces([{c: v for c, v in enumerate(row) if v} for row in dense], sides)
    if wanted is None:
        assert found is None
    else:
        assert found == [Fraction(x, wanted[1]) for x in wanted[0]]
