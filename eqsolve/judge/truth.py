"""How truthful a strategy is.

Two measures of approximate truth. *Fewest lies*: the number of problems on which announcement and truth differ is the
least that the budget forces; this is how Jackson and Sonnenschein (2003, section 3) define it. *Permutation-free*: the
agent never swaps announcements around, that is, the directed graph with an edge from each true type to each type it
is announced as has no cycle; this is what their proof of Theorem 1 shows. The first implies the second, not the other
way round. Types with equal utilities are one type here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import networkx as nx

from eqsolve.budget import Budget, Histogram
from eqsolve.engines.transport import Table
from eqsolve.linking import LinkedGame
from eqsolve.problem import DecisionProblem

FEWEST_LIES = "fewest-lies"
PERMUTATION_FREE = "permutation-free"
NOT_TRUTHFUL = "no"
CLASSES = (FEWEST_LIES, PERMUTATION_FREE, NOT_TRUTHFUL)
"""From the most to the least truthful."""


def worst(classes: Iterable[str]) -> str:
    """The least truthful of some classes; `FEWEST_LIES` for none."""
    return max(classes, key=CLASSES.index, default=FEWEST_LIES)


class TruthJudge:
    """Classifies lie tables of the agents of a linked game."""

    def __init__(self, game: LinkedGame) -> None:
        self._budgets = game.budgets
        self._merged = [same_utility(game.problem, i) for i in range(game.n)]
        self._classify = lru_cache(maxsize=100_000)(self._class_of)
        self._forced = lru_cache(maxsize=100_000)(self._forced_lies)

    def classify(self, i: int, table: Table) -> str:
        """Class of a lie table of agent i (rows true, columns announced types)."""
        return self._classify(i, table)

    def _class_of(self, i: int, table: Table) -> str:
        merged = self._merged[i]
        graph = nx.DiGraph()
        lies = 0
        for u, row in enumerate(table):
            for v, count in enumerate(row):
                if count and merged[u] != merged[v]:
                    graph.add_edge(merged[u], merged[v])
                    lies += count
        if lies == self._forced(i, tuple(sum(row) for row in table)):
            return FEWEST_LIES
        return PERMUTATION_FREE if nx.is_directed_acyclic_graph(graph) else NOT_TRUTHFUL

    def _forced_lies(self, i: int, histogram: Histogram) -> int:
        return forced_lies(self._budgets[i], histogram, self._merged[i])


def same_utility(problem: DecisionProblem, i: int) -> tuple[int, ...]:
    """For each type of agent i the first type with the same utilities."""
    worth = [problem.utility(i, u) for u in range(len(problem.agents[i].types))]
    return tuple(worth.index(w) for w in worth)


def forced_lies(budget: Budget, histogram: Sequence[int], merged: Sequence[int]) -> int:
    """Least number of lies that a budget forces on a histogram of true types.

    ``min over admissible histograms b of Σ_u max(0, n_u - b_u)``, over merged types. The types of one group can be
    announced freely, so with totals per group only the groups' totals force lies; otherwise all histograms are tried.
    """
    if all(g.least == g.most for g in budget.groups) and all(
        len({budget_group(budget, u) for u in range(budget.types) if merged[u] == m}) == 1 for m in set(merged)
    ):
        return sum(max(0, sum(histogram[u] for u in g.members) - g.most) for g in budget.groups)

    def lies(announced: Histogram) -> int:
        """Lies forced by one histogram: how often it announces merged types too rarely."""
        gap: dict[int, int] = {}
        for m, n, b in zip(merged, histogram, announced, strict=True):
            gap[m] = gap.get(m, 0) + n - b
        return sum(max(0, g) for g in gap.values())

    return min(lies(announced) for announced in budget.histograms())


def budget_group(budget: Budget, u: int) -> int:
    """Index of the group of types that u shares its ration with."""
    return next(k for k, g in enumerate(budget.groups) if u in g.members)
