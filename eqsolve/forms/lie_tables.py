"""Lie tables: how many problems of each true type are announced as each type, and the best of them.

A lie table T has one row per true type and one column per announced type. Which tables are open is the business of
the agent's budget; which are best is a transportation problem (`eqsolve.engines.transport`).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from eqsolve.budget import Budget, Histogram, compositions
from eqsolve.engines.transport import Table, Transport, integer_tables

Matrix = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, eq=False)
class LieTables:
    """Best lie tables of an agent for whom an announcement is worth the same on every problem of a row.

    Parameters
    ----------
    budget : Budget
        What may be announced: it rations the columns.
    worth : R rows of m int
        What one announcement of v is worth on a problem of row r, times `scale`. Rows are the true types, or finer:
        pairs of a true type and what the others announce.
    scale : int
    """

    budget: Budget
    worth: Matrix
    scale: int
    _families: dict[tuple[int, ...], Transport] = field(default_factory=dict, repr=False)

    @cached_property
    def _grouped(self) -> Matrix:
        """Worth of announcing the best member of each group of types that share a ration."""
        return tuple(tuple(max(row[v] for v in g.members) for g in self.budget.groups) for row in self.worth)

    @cached_property
    def totals(self) -> tuple[tuple[int, ...], ...]:
        """Admissible totals of the groups; a single one unless the budget has bounds."""
        groups = self.budget.groups
        if all(g.least == g.most for g in groups):
            return (tuple(g.least for g in groups),)
        return tuple(sorted({tuple(sum(h[u] for u in g.members) for g in groups) for h in self.budget.histograms()}))

    def family(self, totals: tuple[int, ...]) -> Transport:
        """Transportation problems whose columns are the groups with the given totals."""
        if totals not in self._families:
            self._families[totals] = Transport(self._grouped, totals)
        return self._families[totals]

    def value(self, rows: Sequence[int]) -> int:
        """Largest Σ T[r,v] worth[r,v] over the open tables with given row sums, times `scale`."""
        return max(self.family(totals).value(rows) for totals in self.totals)

    def values(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
        """`value` for every line of an array (H, R) of row sums; int64 where that fits, else Python integers."""
        best: npt.NDArray[Any] = self.family(self.totals[0]).values(rows)
        for totals in self.totals[1:]:
            best = np.maximum(best, self.family(totals).values(rows))
        return best

    def rounded(self, largest: int) -> tuple[LieTables, int]:
        """The same problem with `worth` in integers of at most `largest`, and the unit that they count.

        Every announcement is worth what it was up to half a unit; the unit is 1 where nothing had to be rounded.
        """
        unit = max(1, -(-max(abs(x) for row in self.worth for x in row) // largest))
        if unit == 1:
            return self, 1
        worth = tuple(tuple((2 * x + unit) // (2 * unit) for x in row) for row in self.worth)
        return LieTables(self.budget, worth, self.scale), unit

    def tables(self, rows: Sequence[int]) -> Iterator[Table]:
        """All best lie tables with given row sums."""
        best = self.value(rows)
        for totals in self.totals:
            family = self.family(totals)
            if family.value(rows) == best:
                for grouped in family.tables(rows):
                    yield from self._ungroup(grouped)

    def _ungroup(self, grouped: Table) -> Iterator[Table]:
        """Tables over types from a table over groups: the best members of a group share its count."""
        cells = [list(self._spread(r, k, count)) for r, row in enumerate(grouped) for k, count in enumerate(row)]
        width = len(self.budget.groups)
        for pick in itertools.product(*cells):
            table = []
            for r in range(len(grouped)):
                row = [0] * self.budget.types
                for part in pick[r * width : (r + 1) * width]:
                    for v, count in part:
                        row[v] += count
                table.append(tuple(row))
            yield tuple(table)

    def _spread(self, r: int, k: int, count: int) -> Iterator[tuple[tuple[int, int], ...]]:
        """Ways to give `count` announcements of group k in row r to its best members."""
        best = [v for v in self.budget.groups[k].members if self.worth[r][v] == self._grouped[r][k]]
        for split in compositions(count, len(best)):
            yield tuple(zip(best, split, strict=True))

    def best_messages(self, vector: Sequence[int]) -> list[tuple[int, ...]]:
        """All best messages at a type vector (of row indices), lexicographically."""
        rows = [0] * len(self.worth)
        for u in vector:
            rows[u] += 1
        return sorted({m for table in self.tables(rows) for m in messages_of(vector, table)})


def messages_of(vector: Sequence[int], table: Table) -> Iterator[tuple[int, ...]]:
    """Messages that announce a type vector as a lie table says."""
    left = [list(row) for row in table]

    def fill(k: int) -> Iterator[tuple[int, ...]]:
        """Announcements from problem k on, from what the rows of the table have left."""
        if k == len(vector):
            yield ()
            return
        row = left[vector[k]]
        for v, count in enumerate(row):
            if count:
                row[v] -= 1
                for rest in fill(k + 1):
                    yield (v, *rest)
                row[v] += 1

    yield from fill(0)


def lie_table(vector: Sequence[int], message: Sequence[int], types: int) -> Table:
    """The lie table of announcing `message` at the type vector `vector`."""
    cells = [[0] * types for _ in range(types)]
    for u, v in zip(vector, message, strict=True):
        cells[u][v] += 1
    return tuple(tuple(row) for row in cells)


def all_lie_tables(budget: Budget, histogram: Histogram) -> Iterator[Table]:
    """Every lie table that a budget allows at a histogram of true types."""
    for announced in budget.histograms():
        yield from integer_tables(histogram, announced)
