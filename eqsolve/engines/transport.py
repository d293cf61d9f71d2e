"""Transportation problems with few columns, solved for many row sums at once.

``max Σ T[r,v] c[r,v]`` over non-negative integer tables T with row sums n and column sums b. The value is a concave,
piecewise linear function of n: the minimum, over the vertices of the dual polyhedron, of ``n·α + b·β``. With the first
multiplier fixed at 0 there are at most C(R + m - 2, m - 1) of them for R rows and m columns; they are found once, and
every n is then an inner product. With integer c all multipliers are integers, so everything here is exact.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from eqsolve.errors import SizeError

Table = tuple[tuple[int, ...], ...]
"""Rows of a transportation table."""

MAX_VERTICES = 200_000
_SAFE = 2**62


@dataclass(frozen=True, eq=False)
class Transport:
    """A family of transportation problems with the same objective and column sums.

    Parameters
    ----------
    worth : sequence of R rows of m int
        The objective c.
    columns : sequence of m int
        The column sums b. Columns with sum 0 are dropped.
    """

    worth: tuple[tuple[int, ...], ...]
    columns: tuple[int, ...]

    @cached_property
    def used(self) -> tuple[int, ...]:
        """Columns whose sum is not 0."""
        return tuple(v for v, b in enumerate(self.columns) if b)

    @cached_property
    def duals(self) -> tuple[tuple[int, ...], ...]:
        """Column multipliers β at the vertices of the dual polyhedron, on the used columns; the first one is 0."""
        return dual_vertices([[row[v] for v in self.used] for row in self.worth])

    @cached_property
    def _alpha(self) -> list[list[int]]:
        """Row multipliers at each vertex: α_r = max over v of c[r,v] - β_v."""
        return [
            [max(row[v] - b for v, b in zip(self.used, beta, strict=True)) for row in self.worth] for beta in self.duals
        ]

    @cached_property
    def _constant(self) -> list[int]:
        """b·β at each vertex."""
        return [sum(self.columns[v] * b for v, b in zip(self.used, beta, strict=True)) for beta in self.duals]

    def value(self, rows: Sequence[int]) -> int:
        """Optimal value for one vector of row sums; O(number of dual vertices · R)."""
        return min(
            sum(n * a for n, a in zip(rows, alpha, strict=True)) + constant
            for alpha, constant in zip(self._alpha, self._constant, strict=True)
        )

    def scores(self, counts: npt.NDArray[np.int64], first_row: int) -> npt.NDArray[Any]:
        """Contribution of some rows to ``n·α`` at every dual vertex.

        Parameters
        ----------
        counts : array (H, r)
            Alternative sums of the rows ``first_row`` to ``first_row + r - 1``.

        Returns
        -------
        array (number of dual vertices, H)
            Of dtype int64 where no sum can overflow, else of Python integers.
        """
        alpha = [row[first_row : first_row + counts.shape[1]] for row in self._alpha]
        return exact_product(alpha, counts.T)

    def values(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
        """Optimal values for many vectors of row sums, an array (H, R); int64 or Python integers."""
        scores = self.scores(rows, 0)
        best: npt.NDArray[Any] = (scores + self.constants(scores.dtype)).min(axis=0)
        return best

    def constants(self, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
        """b·β at every dual vertex, as a column to be added to `scores` of the given dtype."""
        return _column(self._constant, dtype)

    @cached_property
    def flows(self) -> npt.NDArray[np.int64] | None:
        """Optimal tables as affine functions of the row sums, one for every dual vertex.

        Returns
        -------
        array (number of dual vertices, R, m, R + 1), or None
            ``flows[d, r, v] · (n, 1)`` is T[r, v] wherever vertex d is optimal. None if some vertex is degenerate: its
            tight cells are no tree, so they leave a choice among tables.
        """
        found = [self._flow(beta, alpha) for beta, alpha in zip(self.duals, self._alpha, strict=True)]
        return None if any(flow is None for flow in found) else np.array(found, dtype=np.int64)

    def _flow(self, beta: Sequence[int], alpha: Sequence[int]) -> npt.NDArray[np.int64] | None:
        R, m = len(self.worth), len(self.columns)
        price = dict(zip(self.used, beta, strict=True))
        tight = {(r, v) for r in range(R) for v in self.used if self.worth[r][v] - price[v] == alpha[r]}
        if len(tight) != R + len(self.used) - 1:
            return None
        left = np.zeros((R + m, R + 1), dtype=np.int64)  # what every row and column still has to send
        left[np.arange(R), np.arange(R)] = 1
        left[R:, R] = self.columns
        flow = np.zeros((R, m, R + 1), dtype=np.int64)
        while tight:  # the cells form a tree; a leaf sends all it has
            ends = Counter(node for r, v in tight for node in (r, R + v))
            r, v = next(cell for cell in tight if 1 in (ends[cell[0]], ends[R + cell[1]]))
            leaf, other = (r, R + v) if ends[r] == 1 else (R + v, r)
            flow[r, v] = left[leaf]
            left[other] -= left[leaf]
            tight.remove((r, v))
        return flow

    def tight(self, rows: Sequence[int]) -> tuple[tuple[bool, ...], ...]:
        """Cells that an optimal table may use: those tight at an optimal dual vertex.

        By complementary slackness a feasible table is optimal exactly if it lives on these cells.
        """
        best = self.value(rows)
        for beta, alpha, constant in zip(self.duals, self._alpha, self._constant, strict=True):
            if sum(n * a for n, a in zip(rows, alpha, strict=True)) + constant == best:
                price = dict(zip(self.used, beta, strict=True))
                return tuple(
                    tuple(v in price and row[v] - price[v] == a for v in range(len(self.columns)))
                    for row, a in zip(self.worth, alpha, strict=True)
                )
        raise AssertionError("the minimum over the dual vertices is attained")

    def tables(self, rows: Sequence[int]) -> Iterator[Table]:
        """All optimal integer tables for one vector of row sums, lexicographically decreasing."""
        yield from integer_tables(rows, self.columns, self.tight(rows))


def dual_vertices(worth: Sequence[Sequence[int]]) -> tuple[tuple[int, ...], ...]:
    """Vertices of {(α, β): β_0 = 0, α_r + β_v >= c[r,v]} that bound transportation values, as vectors β.

    A vertex is a β at which the rows tie all columns together: the graph that joins two columns whenever both attain
    max over v of c[r,v] - β_v in some row r is connected. They are grown one column at a time from column 0; what is
    tied among some columns stays tied when the others are forgotten, so no vertex is missed.

    Raises
    ------
    SizeError
        If more than `MAX_VERTICES` appear.
    """
    m = len(worth[0])
    partial: set[tuple[int | None, ...]] = {(0, *(None,) * (m - 1))}
    for _ in range(m - 1):
        grown: set[tuple[int | None, ...]] = set()
        for beta in partial:
            known = [v for v in range(m) if beta[v] is not None]
            for row in worth:
                top = max(row[v] - _int(beta[v]) for v in known)
                for v in range(m):
                    if beta[v] is None:
                        grown.add((*beta[:v], row[v] - top, *beta[v + 1 :]))
        partial = {beta for beta in grown if _connected(worth, beta)}
        if len(partial) > MAX_VERTICES:
            raise SizeError(f"a transportation problem with {m} columns has more than {MAX_VERTICES:,} dual vertices")
    return tuple(sorted(tuple(_int(b) for b in beta) for beta in partial))


def _connected(worth: Sequence[Sequence[int]], beta: Sequence[int | None]) -> bool:
    """Whether ties in the rows connect all columns that have a price."""
    known = [v for v, b in enumerate(beta) if b is not None]
    group = {v: v for v in known}
    for row in worth:
        reduced = {v: row[v] - _int(beta[v]) for v in known}
        top = max(reduced.values())
        ties = {group[v] for v in known if reduced[v] == top}
        if len(ties) > 1:
            root = min(ties)
            group = {v: root if g in ties else g for v, g in group.items()}
    return len(set(group.values())) == 1


def integer_tables(
    rows: Sequence[int], columns: Sequence[int], allowed: Sequence[Sequence[bool]] | None = None
) -> Iterator[Table]:
    """All non-negative integer tables with given margins on the allowed cells, lexicographically decreasing.

    Parameters
    ----------
    rows, columns : sequences of int
        Margins with the same sum.
    allowed : R × m booleans, optional
        Cells that may be positive; all by default.
    """
    if sum(rows) != sum(columns):
        return
    m = len(columns)

    def split(total: int, v: int, left: tuple[int, ...], open_: Sequence[bool]) -> Iterator[tuple[int, ...]]:
        """Rows with a given total over the columns from v on, within what those have left."""
        if v == m:
            if total == 0:
                yield ()
            return
        room = sum(left[w] for w in range(v + 1, m) if open_[w])
        for count in range(min(total, left[v]) if open_[v] else 0, max(0, total - room) - 1, -1):
            for rest in split(total - count, v + 1, left, open_):
                yield (count, *rest)

    def fill(r: int, left: tuple[int, ...]) -> Iterator[Table]:
        """Tables of the rows from r on, given what the columns have left."""
        if r == len(rows):
            if not any(left):
                yield ()
            return
        for row in split(rows[r], 0, left, allowed[r] if allowed is not None else (True,) * m):
            for rest in fill(r + 1, tuple(a - b for a, b in zip(left, row, strict=True))):
                yield (row, *rest)

    yield from fill(0, tuple(columns))


def exact_product(left: Sequence[Sequence[int]], right: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
    """Matrix product of integers: int64 where the largest possible sum fits, else Python integers."""
    inner = len(right)
    largest = max((abs(int(x)) for row in left for x in row), default=0)
    bound = largest * max(abs(int(right.max(initial=0))), abs(int(right.min(initial=0)))) * max(inner, 1)
    dtype: type = np.int64 if bound < _SAFE else object
    a: npt.NDArray[Any] = np.array(left, dtype=dtype).reshape(len(left), inner)
    product: npt.NDArray[Any] = a @ right.astype(dtype)
    return product


def _column(values: list[int], dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    if dtype == np.int64 and max(map(abs, values), default=0) >= _SAFE // 2:
        return np.array(values, dtype=object)[:, None]
    return np.array(values, dtype=dtype)[:, None]


def _int(value: int | None) -> int:
    assert value is not None
    return value
