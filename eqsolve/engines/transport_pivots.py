"""All dual vertices of a transportation problem without ties, by walking from one to the next.

At a vertex of ``{(α, β): β_0 = 0, α_r + β_v >= c[r,v]}`` the tight cells form a spanning tree of rows and columns if no
choice of cells ties by accident. Leaving one of its cells cuts the tree in two; the part with that cell's row is moved
against the other until another cell becomes tight. The vertices are connected by such steps (they and the bounded edges
are the skeleton of a polyhedron), and without ties there are exactly C(R + m - 2, m - 1) of them, which is checked.

Whoever has ties breaks them first, or uses `eqsolve.engines.transport.dual_vertices`, which does not mind them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from eqsolve.errors import SizeError

Integers = npt.NDArray[Any]
Booleans = npt.NDArray[np.bool_]

MAX_VERTICES = 100_000
CHUNK = 4_096
_SAFE = 2**62


def vertex_count(rows: int, columns: int) -> int:
    """Number of dual vertices of a problem without ties."""
    return math.comb(rows + columns - 2, columns - 1)


def untied_vertices(
    worth: Sequence[Sequence[int]], check_time: Callable[[], None] = lambda: None
) -> tuple[Integers, Integers] | None:
    """All dual vertices of a transportation problem in which nothing ties by accident.

    Parameters
    ----------
    worth : R rows of m int
        The objective c, to be maximised.
    check_time : callable
        Called now and then; may raise.

    Returns
    -------
    (α, β) : arrays (vertices, R) and (vertices, m), or None
        ``β[:, 0] = 0``; int64 where nothing can overflow, else Python integers. None if something ties.

    Raises
    ------
    SizeError
        If there are more than `MAX_VERTICES`.
    """
    rows, columns = len(worth), len(worth[0])
    number = vertex_count(rows, columns)
    if number > MAX_VERTICES:
        raise SizeError(
            f"a transportation problem of {rows} by {columns} has {number:,} dual vertices, at most {MAX_VERTICES:,}"
        )
    largest = max(abs(x) for row in worth for x in row)
    dtype: type = np.int64 if 4 * largest * (rows + columns) < _SAFE else object
    price: Integers = np.array(worth, dtype=dtype)
    first = _first(worth)
    found = {first: None}
    ahead = [first]
    while ahead:
        check_time()
        part, ahead = ahead[:CHUNK], ahead[CHUNK:]
        vertices: Integers = np.array(part, dtype=dtype)
        stepped = _neighbours(price, vertices[:, :rows], vertices[:, rows:])
        if stepped is None:
            return None
        for vertex in map(tuple, stepped.tolist()):
            if vertex not in found:
                found[vertex] = None
                ahead.append(vertex)
    if len(found) != number:
        return None
    everything: Integers = np.array(sorted(found, key=lambda x: x[rows:]), dtype=dtype)
    return everything[:, :rows], everything[:, rows:]


def _first(worth: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """A vertex: every row is tied with column 0, every other column with one row."""
    alpha = [row[0] for row in worth]
    beta = [max(row[v] - a for row, a in zip(worth, alpha, strict=True)) for v in range(1, len(worth[0]))]
    return (*alpha, 0, *beta)


def _neighbours(price: Integers, alpha: Integers, beta: Integers) -> Integers | None:
    """The vertices one step away from some vertices, as an array (steps, R + m); None if something ties."""
    slack = alpha[:, :, None] + beta[:, None, :] - price
    tight: Booleans = (slack == 0).astype(bool)
    rows, columns = price.shape
    if (tight.sum(axis=(1, 2)) != rows + columns - 1).any():
        return None
    where = np.argwhere(tight).reshape(len(tight), rows + columns - 1, 3)
    everything = np.arange(len(tight))
    steps = []
    for leaving in range(rows + columns - 1):
        r, v = where[:, leaving, 1], where[:, leaving, 2]
        cut = tight.copy()
        cut[everything, r, v] = False
        own_rows, own_columns = _part(cut, r)
        open_ = ~own_rows[:, :, None] & own_columns[:, None, :]  # what the move brings nearer
        moves = open_.any(axis=(1, 2))
        if not moves.any():
            continue
        far = int(slack.max()) + 1
        step = np.where(open_[moves], slack[moves], far).reshape(int(moves.sum()), -1).min(axis=1)[:, None]
        new_alpha, new_beta = alpha[moves] + step * own_rows[moves], beta[moves] - step * own_columns[moves]
        base = new_beta[:, :1]
        steps.append(np.concatenate([new_alpha + base, new_beta - base], axis=1))
    return np.concatenate(steps) if steps else np.empty((0, rows + columns), dtype=price.dtype)


def _part(cut: Booleans, start: Integers) -> tuple[Booleans, Booleans]:
    """Rows and columns that hang together with a row of each graph."""
    own_rows = np.zeros(cut.shape[:2], dtype=np.bool_)
    own_rows[np.arange(len(cut)), start] = True
    while True:
        own_columns = np.any(cut & own_rows[:, :, None], axis=1)
        grown = np.any(cut & own_columns[:, None, :], axis=2)
        if not (grown & ~own_rows).any():
            return own_rows, own_columns
        own_rows |= grown
