"""A lottery over messages with given announcement marginals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from eqsolve.budget import Budget
from eqsolve.engines.transport import integer_tables
from eqsolve.strategy import Vector

Marginals = Sequence[Sequence[Fraction]]
"""Probability of announcing v (columns) on problem k (rows)."""


def lottery_with(marginals: Marginals, budget: Budget) -> dict[Vector, Fraction]:
    """A lottery over admissible messages that announces v on problem k as often as `marginals` say.

    Marginals that keep to the budget on average are a point of a transportation polytope; its corners are messages.
    Messages are taken away one by one, each as far as nothing goes beyond the nearest integers of where it began; so
    every step settles a cell or a group for good (Birkhoff's argument, with bounds).
    """
    left = [list(row) for row in marginals]
    groups = [g.members for g in budget.groups]
    begun = [sum((row[v] for row in left for v in g), Fraction(0)) for g in groups]
    bounds = [(math.floor(total), math.ceil(total)) for total in begun]
    weight, lottery = Fraction(1), dict[Vector, Fraction]()
    while weight:
        totals = [sum((row[v] for row in left for v in g), Fraction(0)) for g in groups]
        message = _corner(left, totals, bounds, budget)
        step = min(row[v] for row, v in zip(left, message, strict=True))
        for g, total, (least, most) in zip(groups, totals, bounds, strict=True):
            # (total - step * taken) / (1 - step) has to stay between the bounds
            taken = sum(v in g for v in message)
            if taken > least:
                step = min(step, (total - least) / (taken - least))
            if taken < most:
                step = min(step, (most - total) / (most - taken))
        lottery[message] = lottery.get(message, Fraction(0)) + weight * step
        weight *= 1 - step
        if weight:
            for row, v in zip(left, message, strict=True):
                row[v] -= step
                row[:] = [x / (1 - step) for x in row]
    return lottery


def _corner(left: Marginals, totals: Sequence[Fraction], bounds: Sequence[tuple[int, int]], budget: Budget) -> Vector:
    """A message of positive probability everywhere, which keeps group totals that have met a bound there."""
    allowed = [[x > 0 for x in row] for row in left]
    for histogram in budget.histograms():
        counts = [sum(histogram[v] for v in g.members) for g in budget.groups]
        if all(
            least <= count <= most and (total not in (least, most) or count == total)
            for count, total, (least, most) in zip(counts, totals, bounds, strict=True)
        ):
            table = next(integer_tables([1] * len(left), histogram, allowed), None)
            if table is not None:
                return tuple(row.index(1) for row in table)
    raise AssertionError("marginals that keep to the budget have a message in their support")
