"""The label-free form as a Bayesian game over histograms and lie tables, where best responses alone do not settle it.

With loose budgets the opponents' announced frequencies are not fixed, so label-free equilibria are equilibria of a
smaller game: a player's type is the histogram of its true types, its action a lie table, and what matters of a table
to the other player is how often each type is announced. Where agents may walk away it is the whole table.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
import numpy.typing as npt

from eqsolve.engines.bayesian import Actions, BayesianGame
from eqsolve.engines.transport import Table
from eqsolve.errors import NotSupported, SizeError
from eqsolve.exact.rational import in_words, to_integers
from eqsolve.forms.blocks import ReducedGame, TypeStrategy
from eqsolve.forms.lie_tables import all_lie_tables, messages_of
from eqsolve.linking import LinkedGame
from eqsolve.strategy import Strategy

MAX_CELLS = 5_000_000
MAX_TABLES = 3_000


@dataclass(frozen=True, eq=False)
class LabelFreeGame:
    """Label-free play of two active agents, as a Bayesian game over lie tables.

    Parameters
    ----------
    game : LinkedGame

    Raises
    ------
    NotSupported
        For more than two active agents.
    SizeError
        If the payoff arrays would have more than `MAX_CELLS` entries.
    """

    game: LinkedGame

    def __post_init__(self) -> None:
        if len(self.game.active) > 2:
            raise NotSupported(
                "all label-free equilibria with loose budgets or walking away: only for two active agents"
            )
        size = 1
        for tables in self.tables:
            size *= len(tables)
        cells = size * max((len(h) for h in self.histograms), default=1)
        if cells > MAX_CELLS:
            raise SizeError(
                f"label-free play has payoff arrays of {in_words(cells)} entries, at most {MAX_CELLS:,}; "
                "fewer copies (-k) or, without walking away, exact budgets help"
            )

    @cached_property
    def histograms(self) -> tuple[list[tuple[tuple[int, ...], Fraction]], ...]:
        """Histograms of true types of each active agent, with their probabilities."""
        return tuple(list(self.game.histogram_law(i).items()) for i in self.game.active)

    @cached_property
    def tables(self) -> tuple[list[Table], ...]:
        """All lie tables of each active agent."""
        found = []
        for i, histograms in zip(self.game.active, self.histograms, strict=True):
            tables: list[Table] = []
            for histogram, _ in histograms:
                for table in all_lie_tables(self.game.budgets[i], histogram):
                    tables.append(table)
                    if len(tables) > MAX_TABLES:
                        raise SizeError(
                            f"label-free play has more than {MAX_TABLES:,} lie tables per agent; "
                            "fewer copies (-k) or, without walking away, exact budgets help"
                        )
            found.append(tables)
        return tuple(found)

    @cached_property
    def reduced(self) -> ReducedGame:
        """The game over lie tables, dominated tables removed and equivalent ones merged."""
        priors = tuple(tuple(p for _, p in histograms) for histograms in self.histograms)
        payoffs = tuple(self._payoffs(p) for p in range(len(self.game.active)))
        scales = tuple(self.game.met_values[i][1] * self.game.copies**2 for i in self.game.active)
        return ReducedGame(BayesianGame(priors, payoffs, scales, self._bystanders()), self._open())

    def _open(self) -> tuple[Actions, ...]:
        players = []
        for histograms, tables in zip(self.histograms, self.tables, strict=True):
            by_rows: dict[tuple[int, ...], list[int]] = {}
            for a, table in enumerate(tables):
                by_rows.setdefault(tuple(sum(row) for row in table), []).append(a)
            players.append(tuple(tuple(by_rows[h]) for h, _ in histograms))
        return tuple(players)

    def _met(self, p: int) -> npt.NDArray[np.object_]:
        """How often what is met in every table: shape (tables, `LinkedGame.met_count`)."""
        if self.game.status_quo is not None:
            return np.array([[c for row in t for c in row] for t in self.tables[p]], dtype=object)
        return np.array([[sum(c) for c in zip(*t, strict=True)] for t in self.tables[p]], dtype=object)

    def _payoffs(self, p: int) -> npt.NDArray[np.object_]:
        """Shape (histograms, tables of player 1, tables of player 2); what a table pays where it is open."""
        tensor = self.game.met_values[self.game.active[p]][0]
        own = np.array(self.tables[p], dtype=object)
        if len(self.game.active) == 1:
            worth = np.tensordot(own, tensor, axes=([1, 2], [0, 1])) * self.game.copies
            return np.broadcast_to(worth, (len(self.histograms[p]), *worth.shape))
        if p == 1:
            tensor = np.swapaxes(tensor, 1, 2)
        worth = np.tensordot(np.tensordot(own, tensor, axes=([1, 2], [0, 1])), self._met(1 - p), axes=(1, 1))
        worth = worth if p == 0 else worth.T
        return np.broadcast_to(worth, (len(self.histograms[p]), *worth.shape))

    def _bystanders(self) -> tuple[npt.NDArray[np.object_], ...]:
        arrays = []
        for i in range(self.game.n):
            if i not in self.game.active:
                weights, _ = to_integers(self.game.problem.agents[i].prior)
                array = np.tensordot(np.array(weights, dtype=object), self.game.met_values[i][0], axes=(0, 0))
                for p in range(len(self.game.active)):
                    array = np.moveaxis(np.tensordot(array, self._met(p), axes=(p, 1)), -1, p)
                arrays.append(array)
        return tuple(arrays)

    def strategy(self, p: int, told: TypeStrategy) -> Strategy:
        """The label-free strategy that a lottery over lie tables at every histogram stands for."""
        i = self.game.active[p]
        index = {h: k for k, (h, _) in enumerate(self.histograms[p])}
        types = range(len(self.game.problem.agents[i].types))
        plan = {}
        for t in self.game.type_vectors(i):
            lottery: dict[tuple[int, ...], Fraction] = {}
            for action, chance in told.lotteries[index[tuple(t.count(u) for u in types)]]:
                messages = list(messages_of(t, self.tables[p][action]))
                for m in messages:
                    lottery[m] = lottery.get(m, Fraction(0)) + chance / len(messages)
            plan[t] = dict(sorted(lottery.items()))
        return Strategy(plan)
