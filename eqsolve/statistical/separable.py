"""Separable minimisation over a grid: Σ_t c_t(z_t) with a fixed sum of z and bounds, exact.

Where every c_t is convex on the grid, the units are handed out one by one to the date where they save most (marginal
analysis; Gross 1956, Fox 1966): O(T m log(T m)). Where one is not, a table over dates and partial sums answers.
"""

from __future__ import annotations

from collections.abc import Sequence

Costs = Sequence[Sequence[int]]
"""c_t(z) by date, then by z = 0, 1, ..., m; integers over a common denominator."""


def is_convex(costs: Costs) -> bool:
    """Whether every cost is convex on the grid."""
    return all(row[z + 1] - row[z] <= row[z + 2] - row[z + 1] for row in costs for z in range(len(row) - 2))


def least(costs: Costs, total: int, low: int, high: int, convex: bool | None = None) -> tuple[int, list[int]] | None:
    """Minimum of Σ_t c_t(z_t) over whole z with sum `total`, low <= z_t <= high, and a minimiser; None if infeasible.

    Parameters
    ----------
    costs : T rows of at least high + 1 integers
    convex : bool, optional
        Whether all rows are convex on the grid; looked up if not given.
    """
    dates = len(costs)
    if low > high or not dates * low <= total <= dates * high:
        return None
    if convex is None:
        convex = is_convex(costs)
    chosen = _by_margins(costs, total, low, high) if convex else _by_table(costs, total, low, high)
    return sum(row[z] for row, z in zip(costs, chosen, strict=True)), chosen


def _by_margins(costs: Costs, total: int, low: int, high: int) -> list[int]:
    """The cheapest units; those of a date get dearer, so the cheapest of all are the first ones of each date."""
    margins = sorted((row[z + 1] - row[z], t, z) for t, row in enumerate(costs) for z in range(low, high))
    chosen = [low] * len(costs)
    for _, t, _ in margins[: total - low * len(costs)]:
        chosen[t] += 1
    return chosen


def _by_table(costs: Costs, total: int, low: int, high: int) -> list[int]:
    """Dynamic programming over dates and units spent above `low`: O(T · units · m)."""
    units, width = total - low * len(costs), high - low
    best: list[int | None] = [0] + [None] * units
    steps: list[list[int]] = []
    for row in costs:
        following: list[int | None] = [None] * (units + 1)
        step = [0] * (units + 1)
        for spent, value in enumerate(best):
            if value is None:
                continue
            for z in range(min(width, units - spent) + 1):
                now, known = value + row[low + z], following[spent + z]
                if known is None or now < known:
                    following[spent + z], step[spent + z] = now, z
        best = following
        steps.append(step)
    chosen, left = [], units
    for step in reversed(steps):
        chosen.append(low + step[left])
        left -= step[left]
    return chosen[::-1]
