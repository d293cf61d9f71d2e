"""Who lies where: how often an agent's type is u and it announces v on each problem, in an equilibrium.

The numbers λ[k][u][v] are what lie tables come to on average: summed over the problems they are the mean lie table,
off the diagonal they are lies.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from eqsolve.budget import multinomial
from eqsolve.engines.transport import Table
from eqsolve.forms.lie_tables import lie_table
from eqsolve.linking import LinkedGame
from eqsolve.solution import Equilibrium
from eqsolve.strategy import Strategy

Matrix = tuple[tuple[Fraction, ...], ...]
Histogram = tuple[int, ...]


@dataclass(frozen=True)
class Lying:
    """What one agent announces for which type.

    Parameters
    ----------
    agent : int
    problems : tuple of types × types matrices of Fraction
        Probability that the agent's type is u and it announces v, one matrix per problem; a single one for all where
        they are the same.
    copies : int
        Number of problems.
    """

    agent: int
    problems: tuple[Matrix, ...]
    copies: int

    @property
    def even(self) -> bool:
        """Whether the agent announces alike on all problems."""
        return len(self.problems) == 1

    @property
    def mean(self) -> Matrix:
        """The matrices' mean over the problems: the mean lie table as a share of the problems."""
        count = len(self.problems)
        return tuple(
            tuple(sum(cells, Fraction(0)) / count for cells in zip(*rows, strict=True))
            for rows in zip(*self.problems, strict=True)
        )

    @property
    def share(self) -> Fraction:
        """Share of the problems on which the agent lies."""
        return sum((q for u, row in enumerate(self.mean) for v, q in enumerate(row) if u != v), Fraction(0))


def lying(game: LinkedGame, equilibrium: Equilibrium) -> tuple[Lying, ...] | None:
    """What every agent with a choice announces for which type; None where strategies are too many to be listed.

    Exact. Label-free strategies that are told by their lie tables mix evenly over the messages of these tables.
    """
    if equilibrium.strategies is not None:
        of = _of_label_free if equilibrium.label_free else _of_strategy
        return tuple(of(game, i, equilibrium.strategies[i]) for i in game.active)
    if equilibrium.lie_tables is not None:
        return tuple(_of_tables(game, i, equilibrium.lie_tables[i]) for i in game.active)
    return None


def tables_by_histogram(game: LinkedGame, equilibrium: Equilibrium, i: int) -> dict[Histogram, tuple[Table, ...]]:
    """Lie tables that agent i uses, by how often it has each true type; empty where they are too many to be listed."""
    if equilibrium.lie_tables is not None:
        return dict(equilibrium.lie_tables[i])
    if equilibrium.strategies is None:
        return {}
    types = len(game.problem.agents[i].types)
    found: dict[Histogram, set[Table]] = {}
    for vector, messages in equilibrium.strategies[i].plan.items():
        histogram = tuple(vector.count(u) for u in range(types))
        found.setdefault(histogram, set()).update(lie_table(vector, m, types) for m in messages)
    return {histogram: tuple(sorted(tables, reverse=True)) for histogram, tables in sorted(found.items(), reverse=True)}


def conditional(matrix: Sequence[Sequence[Fraction]]) -> list[list[Fraction | None]]:
    """Probability of each announcement given the true type; None in the rows of types that never occur."""
    totals = [sum(row, Fraction(0)) for row in matrix]
    return [[q / total if total else None for q in row] for row, total in zip(matrix, totals, strict=True)]


def _of_strategy(game: LinkedGame, i: int, strategy: Strategy) -> Lying:
    problems = tuple(tuple(map(tuple, per_k)) for per_k in strategy.joint_marginals(game, i))
    return Lying(i, problems[:1] if len(set(problems)) == 1 else problems, game.copies)


def _of_label_free(game: LinkedGame, i: int, strategy: Strategy) -> Lying:
    """Of a strategy that announces alike on all problems: the first stands for all."""
    types = len(game.problem.agents[i].types)
    cells = [[Fraction(0)] * types for _ in range(types)]
    for vector, messages in strategy.plan.items():
        chances = [Fraction(0)] * types
        for message, p in messages.items():
            chances[message[0]] += p
        weight = game.type_probability(i, vector)
        for v, chance in enumerate(chances):
            cells[vector[0]][v] += weight * chance
    return Lying(i, (tuple(map(tuple, cells)),), game.copies)


def _of_tables(game: LinkedGame, i: int, tables: Mapping[Histogram, Sequence[Table]]) -> Lying:
    types = len(game.problem.agents[i].types)
    total = [Fraction(0)] * (types * types)
    for histogram, chance in game.histogram_law(i).items():
        ways = [math.prod(multinomial(row) for row in table) for table in tables[histogram]]
        for table, weight in zip(tables[histogram], ways, strict=True):
            share = chance * Fraction(weight, sum(ways) * game.copies)
            for cell, count in enumerate(itertools.chain.from_iterable(table)):
                total[cell] += share * count
    return Lying(i, (tuple(tuple(total[u * types : (u + 1) * types]) for u in range(types)),), game.copies)
