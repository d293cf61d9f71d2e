"""Dual vertices by pivots, against those found column by column."""

from __future__ import annotations

import random

import numpy as np
import pytest

from eqsolve.engines.transport import dual_vertices
from eqsolve.engines.transport_pivots import untied_vertices, vertex_count
from eqsolve.errors import LimitReached, SizeError


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("large", [10**6, 10**30])
def test_all_vertices_of_problems_without_ties(seed, large):
    rng = random.Random(seed)
    rows, columns = rng.randint(1, 5), rng.randint(1, 5)
    worth = [[rng.randint(-large, large) for _ in range(columns)] for _ in range(rows)]
    alpha, beta = untied_vertices(worth)
    assert tuple(map(tuple, beta.tolist())) == dual_vertices(worth)
    assert (alpha == (np.array(worth, dtype=object) - beta[:, None, :]).max(axis=2)).all()


@pytest.mark.parametrize("seed", range(30))
def test_ties_are_seen(seed):
    """Small numbers tie often; without ties there are as many vertices as a formula says."""
    rng = random.Random(seed)
    rows, columns = rng.randint(2, 4), rng.randint(2, 4)
    worth = [[rng.randint(-6, 6) for _ in range(columns)] for _ in range(rows)]
    found = untied_vertices(worth)
    listed = dual_vertices(worth)
    if found is None:
        tight = [
            sum(
                x - b == max(y - c for y, c in zip(row, beta, strict=True))
                for row in worth
                for x, b in zip(row, beta, strict=True)
            )
            for beta in listed
        ]
        assert max(tight) > rows + columns - 1
    else:
        assert tuple(map(tuple, found[1].tolist())) == listed
        assert len(listed) == vertex_count(rows, columns)


def test_too_many_are_refused_at_once_and_time_is_looked_at():
    with pytest.raises(SizeError, match="dual vertices"):
        untied_vertices([[0] * 16 for _ in range(16)])

    def late():
        raise LimitReached("time limit")

    with pytest.raises(LimitReached):
        untied_vertices([[0, 1], [3, 0]], late)
