"""What happens on all K problems, up to renaming them: joint histograms of true and announced types.

A *view* sees the announcements of all active agents and the true types of some of them. What it sees on one problem is
a cell (true types seen, announcements); on all problems it is a table of counts, one per cell. Whatever the agents do,
nature and they draw one table; its law is all that payoffs and best responses of the agents seen depend on.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from eqsolve.budget import Histogram, multinomial
from eqsolve.engines.transport import Table, integer_tables
from eqsolve.errors import SizeError
from eqsolve.judge.bounds.opponents import Left
from eqsolve.linking import LinkedGame

MAX_JOINT_TABLES = 60_000
MAX_ENTRIES = 20_000_000

Integers = npt.NDArray[Any]
Cell = tuple[int, ...]
JointTable = tuple[tuple[Cell, int], ...]
"""Cells and their counts, in order."""


@dataclass(frozen=True, eq=False)
class Marginal:
    """Tables of a view without what one agent announced, and their law given all but that agent's types.

    Attributes
    ----------
    index : array (tables of the view,)
        Which of `tables` each table of the view becomes.
    tables : list of JointTable
        Cells are (true types seen, announcements of all other agents).
    given : array (len(tables),)
        Number of what is left when the agent's true type is forgotten, too.
    law : list of Fraction
        Probability of each table given what is left: the agent's types are independent of everything else.
    histograms : list of Histogram
        Of the agent's true types.
    """

    index: npt.NDArray[np.int64]
    tables: list[JointTable]
    given: npt.NDArray[np.int64]
    law: list[Fraction]
    histograms: list[Histogram]


@dataclass(frozen=True, eq=False)
class View:
    """All tables that may come about, seen with the true types of some active agents.

    Parameters
    ----------
    game : LinkedGame
    seen : tuple of int
        Agents whose true types are seen, a subset of the active ones, in their order.
    left : per active agent what is left of its lie tables
    limit : int
        Number of tables above which a SizeError is raised when they are first looked at.
    """

    game: LinkedGame
    seen: tuple[int, ...]
    left: Mapping[int, Left]
    limit: int = MAX_JOINT_TABLES

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """Number of types of the agents seen, then of announcements of all active agents."""
        sizes = self.game.problem.shape
        return tuple(sizes[j] for j in (*self.seen, *self.game.active))

    @cached_property
    def counts(self) -> Integers:
        """The tables, an integer array (tables, *shape)."""
        tables = sorted(self._list())
        if len(tables) * math.prod(self.shape) > MAX_ENTRIES:
            raise SizeError(
                f"{len(tables):,} joint histograms of types and announcements in {math.prod(self.shape):,} cells are "
                "too large; fewer copies (-k) help"
            )
        array = np.zeros((len(tables), *self.shape), dtype=np.int64)
        for k, table in enumerate(tables):
            for cell, count in table:
                array[(k, *cell)] = count
        return array

    def _list(self) -> set[JointTable]:
        """All tables: the agents announce one after the other."""
        states: set[JointTable] = {(((), self.game.copies),)}
        for j in self.game.active:
            following: set[JointTable] = set()
            pairs = list(itertools.product(range(self.game.problem.shape[j]), repeat=2))
            for state in states:
                for table in self._tables_of(j, [n for _, n in state]):
                    cells: dict[Cell, int] = {}
                    for (cell, _), row in zip(state, table, strict=True):
                        for k, n in enumerate(row):
                            if n:
                                cells[(*cell, *(pairs[k] if j in self.seen else (k,)))] = n
                    following.add(tuple(sorted(cells.items())))
                    if len(following) > self.limit:
                        raise SizeError(
                            f"more than {self.limit:,} joint histograms of types and announcements; "
                            "fewer copies (-k) help"
                        )
            states = following
        order = self._order()
        return {tuple(sorted((tuple(cell[k] for k in order), n) for cell, n in state)) for state in states}

    def _tables_of(self, j: int, rows: Sequence[int]) -> Iterator[Table]:
        if j in self.seen:
            for lie in itertools.chain.from_iterable(self.left[j].values()):
                yield from integer_tables(rows, [n for row in lie for n in row])
        else:
            for histogram in self.game.budgets[j].histograms():
                yield from integer_tables(rows, histogram)

    def _order(self) -> list[int]:
        """Places of the true types seen, then of the announcements, where each agent follows the one before."""
        types, told, place = [], [], 0
        for j in self.game.active:
            if j in self.seen:
                types.append(place)
                place += 1
            told.append(place)
            place += 1
        return types + told

    def axis(self, j: int) -> int:
        """Axis of `counts` on which agent j's announcements stand."""
        return 1 + len(self.seen) + self.game.active.index(j)

    def type_axis(self, j: int) -> int:
        """Axis of `counts` on which agent j's true types stand."""
        return 1 + self.seen.index(j)

    def of_agent(self, j: int) -> Integers:
        """Counts (tables, true type of j, announced by j, announced by the others, flat)."""
        array = self.counts.sum(axis=tuple(self.type_axis(k) for k in self.seen if k != j))
        array = np.moveaxis(array, 2 + self.game.active.index(j), 2)
        flat: Integers = array.reshape(*array.shape[:3], -1)
        return flat

    @cached_property
    def announced(self) -> tuple[npt.NDArray[np.int64], list[JointTable]]:
        """For each table the number of its table of announcements, and these tables."""
        return _numbered(self.counts.sum(axis=tuple(range(1, 1 + len(self.seen)))))

    def lie_tables(self, j: int) -> tuple[npt.NDArray[np.int64], list[Table]]:
        """For each table the number of agent j's lie table in it, and these lie tables."""
        pairs = self.of_agent(j).sum(axis=3)
        found, index = np.unique(pairs.reshape(len(pairs), -1), axis=0, return_inverse=True)
        size = pairs.shape[1]
        tables = [tuple(tuple(row[k : k + size]) for k in range(0, size * size, size)) for row in found.tolist()]
        return index.ravel(), tables

    @cached_property
    def _histograms(self) -> list[list[Histogram]]:
        """Per agent seen the histogram of true types in each table."""
        found = []
        for j in self.seen:
            others = tuple(a for a in range(1, self.counts.ndim) if a != self.type_axis(j))
            found.append([tuple(row) for row in self.counts.sum(axis=others).tolist()])
        return found

    @cached_property
    def blocks(self) -> list[tuple[Histogram, ...]]:
        """Histograms of true types of the agents seen, for each table."""
        return list(zip(*self._histograms, strict=True)) if self.seen else [()] * len(self.counts)

    def chance(self, j: int, histogram: Histogram) -> Fraction:
        """Probability of a histogram of agent j's true types."""
        return multinomial(histogram) * self.game.type_laws[j].chance(histogram)

    def marginal(self, j: int) -> Marginal:
        """Tables without agent j's announcements, and their law given all but j's types."""
        without = self.counts.sum(axis=self.axis(j))
        index, tables = _numbered(without)
        first = np.zeros(len(tables), dtype=np.int64)
        first[index] = np.arange(len(index))
        given, rest = _numbered(without.sum(axis=self.type_axis(j))[first])
        place = self.seen.index(j)
        law, histograms = [], []
        ways = [multinomial([n for _, n in table]) for table in rest]
        for k, table in enumerate(tables):
            histogram = self._histograms[place][first[k]]
            chance = self.chance(j, histogram) / multinomial(histogram)
            law.append(chance * multinomial([n for _, n in table]) / ways[given[k]])
            histograms.append(histogram)
        return Marginal(index, tables, given, law, histograms)


def _numbered(array: Integers) -> tuple[npt.NDArray[np.int64], list[JointTable]]:
    """Distinct tables along the first axis: the number of each, and the tables as cells with counts."""
    flat = array.reshape(len(array), -1)
    found, index = np.unique(flat, axis=0, return_inverse=True)
    cells = list(itertools.product(*(range(size) for size in array.shape[1:])))
    tables = [tuple((cells[k], row[k]) for k in np.flatnonzero(row).tolist()) for row in found.tolist()]
    return index.ravel(), tables
