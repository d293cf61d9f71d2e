"""Excluding supports by subdivision: a proof that indifference has no solution, from signs at vertices.

Expected payoff differences are linear in every player's strategy. On a product of simplices they lie between
the least and the largest value at the vertices, so a difference of one sign at all vertices has no zero there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eqsolve.engines.support_profiles import Support

_MARGIN = 1e-9  # far above what rounding of a few hundred averages can reach, relative to the largest payoff


def excluded(tables: Sequence[NDArray[Any]], support: Support, max_cells: int = 2_000) -> bool:
    """Decide whether subdivision proves that a support has no equilibrium, not even on its boundary.

    Parameters
    ----------
    tables : n integer arrays of shape (m_1, ..., m_n)
    support : n tuples of int
    max_cells : int
        Cells looked at before giving up.

    Returns
    -------
    bool
        True is a proof. False says nothing: the limit was reached.

    Notes
    -----
    A cell is a product of simplices, one per mixing player; it is dropped when a difference of two strategies
    of a support has one strict sign at all vertices, or a strategy outside is better at all of them. Otherwise
    its longest edge is halved, which averages two slices of each array. Averages are floating-point numbers
    with relative error below (halvings) · 2^-53; the margin of the comparisons is far larger.
    """
    equalities, inequalities = _differences(tables, support)
    start = (equalities, inequalities, [np.eye(len(s)) for s in support])
    stack, seen = [start], 0
    while stack:
        seen += 1
        if seen > max_cells:
            return False
        equal, better, corners = stack.pop()
        if any(_one_sign(d) for d in equal) or any((d > _MARGIN).all() for d in better):
            continue
        player, a, b = _longest_edge(corners)
        for keep, move in ((a, b), (b, a)):
            stack.append((
                [_halved(d, player, keep, move) for d in equal],
                [_halved(d, player, keep, move) for d in better],
                [_halved(c, 0, keep, move) if j == player else c for j, c in enumerate(corners)],
            ))  # fmt: skip
    return True


def _differences(
    tables: Sequence[NDArray[Any]], support: Support
) -> tuple[list[NDArray[np.float64]], list[NDArray[np.float64]]]:
    """Differences to the first strategy of a support, inside and outside; scaled, the own axis of length 1."""
    equal: list[NDArray[np.float64]] = []
    better: list[NDArray[np.float64]] = []
    for i, table in enumerate(tables):
        index = [range(table.shape[j]) if j == i else support[j] for j in range(table.ndim)]
        block = table[np.ix_(*index)].astype(object)
        first = np.take(block, [support[i][0]], axis=i)
        for k in range(table.shape[i]):
            if k == support[i][0]:
                continue
            gain = np.take(block, [k], axis=i) - first
            largest = max(1, *(abs(v) for v in gain.ravel().tolist()))
            scaled = (gain / largest).astype(float)
            (equal if k in support[i] else better).append(scaled)
    return equal, better


def _one_sign(difference: NDArray[np.float64]) -> bool:
    return bool((difference > _MARGIN).all() or (difference < -_MARGIN).all())


def _longest_edge(corners: Sequence[NDArray[np.float64]]) -> tuple[int, int, int]:
    best = (-1.0, 0, 0, 0)
    for player, points in enumerate(corners):
        for a in range(len(points)):
            for b in range(a + 1, len(points)):
                best = max(best, (float(np.abs(points[a] - points[b]).max()), player, a, b))
    return best[1:]


def _halved(array: NDArray[np.float64], axis: int, keep: int, move: int) -> NDArray[np.float64]:
    """Replace the slice of vertex ``move`` by the average with that of vertex ``keep``."""
    if array.shape[axis] == 1:  # the player's own axis: her payoffs do not depend on it
        return array
    result = array.copy()
    at: list[Any] = [slice(None)] * array.ndim
    to: list[Any] = list(at)
    at[axis], to[axis] = move, keep
    result[tuple(at)] = (array[tuple(at)] + array[tuple(to)]) / 2
    return result
