"""Transportation problems by dual vertices, against all integer tables."""

from __future__ import annotations

import itertools
import math
import random

import numpy as np
import pytest

from eqsolve.engines.transport import Transport, dual_vertices, exact_product, integer_tables


def random_margin(rng, parts, total):
    margin = [0] * parts
    for _ in range(total):
        margin[rng.randrange(parts)] += 1
    return margin


@pytest.mark.parametrize("seed", range(40))
def test_values_and_optimal_tables(seed):
    rng = random.Random(seed)
    rows, columns, total = rng.randint(1, 4), rng.randint(1, 4), rng.randint(1, 5)
    worth = tuple(tuple(rng.randint(-4, 4) for _ in range(columns)) for _ in range(rows))
    b = random_margin(rng, columns, total)
    family = Transport(worth, tuple(b))
    many = [random_margin(rng, rows, total) for _ in range(6)]
    for n in many:
        cells = list(itertools.product(range(rows), range(columns)))
        value = {t: sum(t[r][v] * worth[r][v] for r, v in cells) for t in integer_tables(n, b)}
        best = max(value.values())
        assert family.value(n) == best
        assert list(family.tables(n)) == [t for t in value if value[t] == best]
    assert family.values(np.array(many)).tolist() == [family.value(n) for n in many]


@pytest.mark.parametrize("seed", range(20))
def test_no_dual_vertex_is_missed(seed):
    """At every vertex the ties of the rows connect all columns, and there are at most C(R + m - 2, m - 1)."""
    rng = random.Random(seed)
    rows, m = rng.randint(1, 4), rng.randint(2, 4)
    worth = [[rng.randint(-3, 3) for _ in range(m)] for _ in range(rows)]
    found = set(dual_vertices(worth))
    assert len(found) <= math.comb(rows + m - 2, m - 1)
    spread = range(-6, 7)
    for rest in itertools.product(spread, repeat=m - 1):
        beta = (0, *rest)
        groups = [{v} for v in range(m)]
        for row in worth:
            top = max(x - b for x, b in zip(row, beta, strict=True))
            ties = {v for v in range(m) if row[v] - beta[v] == top}
            touched = [g for g in groups if g & ties]
            groups = [g for g in groups if not g & ties] + [set().union(*touched)]
        assert (len(groups) == 1) == (beta in found)


def test_large_numbers_do_not_overflow():
    big = 10**18
    family = Transport(((big, 0), (0, big)), (500, 500))
    assert family.value([500, 500]) == 1000 * big
    assert family.values(np.array([[500, 500], [1000, 0]])).tolist() == [1000 * big, 500 * big]
    assert exact_product([[big, big]], np.array([[big], [big]])).tolist() == [[2 * big * big]]


def test_tables_are_listed_without_dead_ends():
    assert sum(1 for _ in integer_tables([400, 600], [500, 500], [[True, True], [False, True]])) == 0
    assert list(integer_tables([400, 600], [400, 600], [[True, False], [False, True]])) == [((400, 0), (0, 600))]
    assert list(integer_tables([1], [2])) == []
