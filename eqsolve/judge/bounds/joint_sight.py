"""What payoffs and best responses are in every table of a view: the numbers of the program over joint laws."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from eqsolve.engines.transport import Table
from eqsolve.exact.rational import to_integers
from eqsolve.judge.bounds.joint_views import Integers, Marginal, View


@dataclass(frozen=True)
class Obedience:
    """What one lie table says, and could say instead, in every joint table where it occurs.

    Attributes
    ----------
    agent : int
    table : Table
    cells : list of (true type, announced type, count)
    where : list of int
        Joint tables with this lie table.
    worth : array (len(where), cells, announced types)
        What announcing v' on one problem of a cell is worth, times the cell's count and the scale of the values.
    """

    agent: int
    table: Table
    cells: list[tuple[int, int, int]]
    where: list[int]
    worth: Integers


class Sight:
    """A view with what the program needs of it."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.game = view.game

    @cached_property
    def weights(self) -> list[Fraction]:
        """Probability of the histograms of true types, for each table."""
        known: dict[Any, Fraction] = {}
        for block in self.view.blocks:
            if block not in known:
                chance = Fraction(1)
                for j, histogram in zip(self.view.seen, block, strict=True):
                    chance *= self.view.chance(j, histogram)
                known[block] = chance
        return [known[block] for block in self.view.blocks]

    @cached_property
    def marginals(self) -> list[Marginal]:
        """Per agent seen, the tables without its announcements."""
        return [self.view.marginal(j) for j in self.view.seen]

    def payoff(self, i: int) -> list[int]:
        """Payoff of agent i, summed over problems, in every table; times the scale of i's values.

        Where its types are not seen they are averaged; the scale is then that of its prior, too.
        """
        tensor = self.game.active_values[i][0]
        if i in self.view.seen:
            worth = np.moveaxis(tensor, 1 + self.game.active.index(i), 1)
            product = self.view.of_agent(i).reshape(len(self.view.counts), -1).astype(object) @ worth.ravel()
        else:
            told = self.view.counts.sum(axis=tuple(range(1, 1 + len(self.view.seen))))
            product = told.reshape(len(told), -1).astype(object) @ self._mean(i).ravel()
        return [int(x) for x in product]

    def _mean(self, i: int) -> Integers:
        weights, _ = to_integers(self.game.problem.agents[i].prior)
        return np.asarray(np.tensordot(np.array(weights, dtype=object), self.game.active_values[i][0], axes=(0, 0)))

    @cached_property
    def obedience(self) -> list[Obedience]:
        """Every lie table of every agent seen that has more than one message to choose from."""
        found = []
        for j in self.view.seen:
            tensor = np.moveaxis(self.game.active_values[j][0], 1 + self.game.active.index(j), 1)
            worth = tensor.reshape(*tensor.shape[:2], -1)
            counts = self.view.of_agent(j)
            index, tables = self.view.lie_tables(j)
            for number, table in enumerate(tables):
                where = np.flatnonzero(index == number)
                cells = [(u, v, c) for u, row in enumerate(table) for v, c in enumerate(row) if c]
                parts = [counts[where, u, v].astype(object) @ worth[u].T for u, v, _ in cells]
                found.append(Obedience(j, table, cells, where.tolist(), np.stack(parts, axis=1)))
        return found
