"""What is paid when flagged agents' announcements give way to random ones.

A uniformly random message of a budget b announces v on any one problem with probability b(v)/K. Payoffs add up over
problems once it is known who is flagged, so all that a problem contributes to agent i is ``g_i(u; v)`` averaged over
the announcements of those who are flagged: one tensor for every set F of flagged agents.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
import numpy.typing as npt

from eqsolve.engines.bayesian import Integers
from eqsolve.errors import SizeError
from eqsolve.exact.rational import in_words
from eqsolve.filter.calibration import Calibration
from eqsolve.filter.distance import PAIRWISE, CorrelationFilter
from eqsolve.filter.panel import Panel
from eqsolve.linking import LinkedGame

MAX_ENTRIES = 5_000_000
SAFE = 2**62
Ids = npt.NDArray[np.int64]


def filter_of(game: LinkedGame) -> CorrelationFilter | None:
    """The correlation filter of a linked game; None if it has none.

    Where the game gives false alarms α instead of ε, this is the smallest ε with at most that many per agent.
    """
    options = game.options.filter
    if options is None:
        return None
    kind = str(options.get("distance") or PAIRWISE)
    panel = Panel.of_game(game)
    epsilon, alpha = options.get("epsilon"), options.get("alpha")
    if epsilon is None:
        return CorrelationFilter(panel, Calibration(panel, kind).epsilon_for(Fraction(str(alpha))), kind)
    return CorrelationFilter(panel, Fraction(str(epsilon)), kind)


@dataclass(frozen=True, eq=False)
class Substitution:
    """Payoffs of announcements under a correlation filter.

    Parameters
    ----------
    game : LinkedGame
        Its own filter is not looked at.
    judge : CorrelationFilter or None
        Who flags; without one nobody is flagged.

    Notes
    -----
    Sets of flagged agents are numbers: bit p stands for agent `choosing[p]`.
    """

    game: LinkedGame
    judge: CorrelationFilter | None

    @classmethod
    def of(cls, game: LinkedGame) -> Substitution:
        """Payoffs of a game under its own filter."""
        return cls(game.unfiltered, filter_of(game))

    @cached_property
    def panel(self) -> Panel:
        """Who announces what, and how often."""
        return self.judge.panel if self.judge is not None else Panel.of_game(self.game)

    @property
    def choosing(self) -> tuple[int, ...]:
        """Agents with more than one message."""
        return self.panel.choosing

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """Number of types of the agents who choose."""
        return tuple(self.panel.shape[j] for j in self.choosing)

    def scale(self, i: int) -> int:
        """What `averages` of agent i are multiplied by, K^n for n agents who choose included."""
        return int(self.game.unfiltered.values[i][1] * self.game.copies ** len(self.choosing))

    def averages(self, i: int) -> Integers:
        """Agent i's worth on a problem, for every set of flagged agents, times `scale`.

        Returns
        -------
        integer array (sets of flagged agents, types of choosing[0], types of choosing[1], ..., types of i)
            The last index is the true type.
        """
        if i not in self._averages:
            self._averages[i] = self._averaged(i)
        return self._averages[i]

    @cached_property
    def _averages(self) -> dict[int, Integers]:
        return {}

    def _averaged(self, i: int) -> Integers:
        entries = 2 ** len(self.choosing) * math.prod(self.sizes) * self.panel.shape[i]
        if entries > MAX_ENTRIES:
            raise SizeError(
                f"the filter can flag {in_words(2 ** len(self.choosing))} sets of agents, and what they are paid has "
                f"{in_words(entries)} entries, at most {MAX_ENTRIES:,}; fewer agents or types help"
            )
        fixed = [slice(None) if j in self.choosing else b.index(max(b)) for j, b in enumerate(self.panel.budgets)]
        tensor = np.moveaxis(self.game.unfiltered.values[i][0][(slice(None), *fixed)], 0, -1)
        found = np.empty((2 ** len(self.choosing), *tensor.shape), dtype=object)
        for flagged in range(len(found)):
            part = tensor
            for p, j in enumerate(self.choosing):
                if flagged >> p & 1:
                    shape = [1] * tensor.ndim
                    shape[p] = -1
                    chances = np.array(self.panel.budgets[j], dtype=object).reshape(shape)
                    part = np.broadcast_to((part * chances).sum(axis=p, keepdims=True), tensor.shape)
                else:
                    part = part * self.game.copies
            found[flagged] = part
        return found.astype(np.int64) if _largest(found) * self.game.copies < SAFE else found

    def flagged(self, messages: Ids) -> Ids:
        """Who is flagged: messages (rounds, agents who choose, K) to numbers of sets."""
        if self.judge is None or not self.choosing:
            return np.zeros(len(messages), dtype=np.int64)
        full = np.empty((len(messages), self.panel.n, self.game.copies), dtype=np.int64)
        for j, budget in enumerate(self.panel.budgets):
            full[:, j] = messages[:, self.choosing.index(j)] if j in self.choosing else budget.index(max(budget))
        flags = self.judge.flags_of(full)[:, list(self.choosing)]
        bits: Ids = flags.astype(np.int64) @ (1 << np.arange(len(self.choosing), dtype=np.int64))
        return bits

    def worth(self, i: int, messages: Ids, flagged: Ids) -> Integers:
        """Expected worth to agent i of every problem, at every true type, times `scale`.

        Parameters
        ----------
        i : int
        messages : array (rounds, agents who choose, K)
        flagged : array (rounds) of numbers of sets

        Returns
        -------
        integer array (rounds, K, types of i)
        """
        index = (flagged[:, None], *(messages[:, p] for p in range(len(self.choosing))))
        if not self.choosing:
            rows = self.averages(i)[flagged]
            return np.repeat(rows[:, None], self.game.copies, axis=1)
        found: Integers = self.averages(i)[index]
        return found


def _largest(table: Integers) -> int:
    return max((abs(int(x)) for x in table.flat), default=0)


def message_array(panel: Panel, i: int, messages: Sequence[Sequence[int]]) -> Ids:
    """Messages of one agent as an array (messages, K)."""
    return np.array(messages, dtype=np.int64).reshape(len(messages), panel.copies)
