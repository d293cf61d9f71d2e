"""Counting tables in boxes: polynomials and network against a list of all tables."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import pytest

from eqsolve.budget import multinomial
from eqsolve.engines.transport import integer_tables
from eqsolve.errors import SizeError
from eqsolve.filter import boxes
from eqsolve.filter.boxes import Box, chance, count_by_network, count_by_polynomials, distance_box


def random_box(seed):
    rng = random.Random(f"box {seed}")
    rows = tuple(rng.randint(1, 5) for _ in range(rng.randint(1, 4)))
    columns = [1] * rng.randint(1, min(4, sum(rows)))
    for _ in range(sum(rows) - len(columns)):
        columns[rng.randrange(len(columns))] += 1
    total = sum(rows)
    lower = tuple(tuple(max(0, r + c - total, rng.randint(-2, 1)) for c in columns) for r in rows)
    upper = tuple(tuple(min(r, c, rng.randint(1, 6)) for c in columns) for r in rows)
    return Box(rows, tuple(columns), lower, upper)


def listed(box):
    """Shuffles of the column agent whose table lies in the box."""
    return sum(
        math.prod(multinomial(row) for row in table)
        for table in integer_tables(box.rows, box.columns)
        if all(
            a <= n <= b
            for row, low, high in zip(table, box.lower, box.upper, strict=True)
            for n, a, b in zip(row, low, high, strict=True)
        )
    )


@pytest.mark.parametrize("seed", range(100))
def test_counts_agree_with_a_list_of_all_tables(seed):
    box = random_box(seed)
    wanted = listed(box)
    assert count_by_polynomials(box) == count_by_network(box) == wanted
    assert not (box.is_empty and wanted)
    share = Fraction(wanted, multinomial(box.columns))
    assert chance(box) == share
    assert chance(box.transposed()) == share


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("seed", range(30))
def test_the_box_of_a_distance_holds_exactly_the_tables_within_it(seed, strict):
    rng = random.Random(seed)
    box = random_box(seed)
    rows, columns, total = box.rows, box.columns, sum(box.rows)
    epsilon = Fraction(rng.randint(0, 6), rng.randint(6, 12))
    found = distance_box(rows, columns, epsilon, strict)
    inside = Fraction(0)
    for table in integer_tables(rows, columns):
        gap = max(
            abs(Fraction(n, r) - Fraction(c, total))
            for r, row in zip(rows, table, strict=True)
            for n, c in zip(row, columns, strict=True)
        )
        if gap < epsilon or (gap == epsilon and not strict):
            inside += Fraction(math.prod(multinomial(row) for row in table), multinomial(columns))
    assert chance(found) == inside


@pytest.mark.parametrize(
    ("margin", "epsilon"),
    [
        ((20, 20, 20), Fraction(1, 4)),
        ((30, 20, 10), Fraction(1, 3)),
        ((5, 5, 5, 5), Fraction(1, 2)),
        ((3,) * 7, Fraction(1, 2)),
    ],
)
def test_polynomials_and_network_agree_where_nothing_can_be_listed(margin, epsilon):
    box = distance_box(margin, margin, epsilon)
    assert count_by_polynomials(box) == count_by_network(box)


def test_tables_that_are_too_large_are_refused_at_once(monkeypatch):
    monkeypatch.setattr(boxes, "MAX_BYTES", 2**10)
    monkeypatch.setattr(boxes, "MAX_STEPS", 100)
    with pytest.raises(SizeError, match="fewer copies"):
        chance(distance_box((9, 8, 7, 6), (9, 9, 6, 6), Fraction(1, 3)))
