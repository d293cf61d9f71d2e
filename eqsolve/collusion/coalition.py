"""A coalition: what its members' joint types and announcements are worth, to them and to outsiders.

Outsiders play label-free. What they announce on a problem is then independent of everything that the coalition does
there, so that a joint announcement of the coalition is worth its mean over the outsiders' budgets, on every problem
alike.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from eqsolve.budget import Histogram
from eqsolve.engines.bayesian import Integers
from eqsolve.errors import ModelError, NotSupported, SizeError
from eqsolve.exact.rational import in_words, to_integers
from eqsolve.filter.panel import Panel
from eqsolve.forms.label_free import LabelFreeForm
from eqsolve.forms.mean_tables import MeanTable, best_mean_table
from eqsolve.linking import LinkedGame

MAX_CELLS = 20_000
Joint = tuple[int, ...]
"""A type per member."""


@dataclass(frozen=True, eq=False)
class Coalition:
    """Some agents of a linked game who arrange their announcements together.

    Parameters
    ----------
    game : LinkedGame
        Exact budgets, independent types. A filter of its own is not looked at.
    members : tuple of int
        At least two agents, increasing.

    Raises
    ------
    ModelError
        If the members are fewer than two, or not agents of the game.
    NotSupported
        For games with type processes or loose budgets.
    SizeError
        If joint types and announcements are too many.
    """

    game: LinkedGame
    members: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(set(self.members)) < 2 or sorted(set(self.members)) != list(self.members):
            raise ModelError(f"coalition: found {len(set(self.members))} agents, expected at least two, each once")
        if not 0 <= self.members[0] <= self.members[-1] < self.game.n:
            raise ModelError(f"coalition: found agent {self.members}, expected agents 0 to {self.game.n - 1}")
        if self.game.has_processes:
            raise NotSupported("link.process: what a coalition can gain is computed for independent types only")
        _ = self.panel
        cells = math.prod(len(self.game.problem.agents[i].types) ** 2 for i in self.members)
        if cells > MAX_CELLS:
            raise SizeError(
                f"the coalition has {in_words(cells)} pairs of joint types and joint announcements, at most "
                f"{MAX_CELLS:,}; fewer members or types help"
            )

    @cached_property
    def panel(self) -> Panel:
        """The members, as far as a filter knows them."""
        everybody = Panel.of_game(self.game)
        return Panel(
            tuple(everybody.names[i] for i in self.members),
            tuple(everybody.types[i] for i in self.members),
            tuple(everybody.budgets[i] for i in self.members),
        )

    @property
    def outsiders(self) -> tuple[int, ...]:
        """Everybody else."""
        return tuple(j for j in range(self.game.n) if j not in self.members)

    @cached_property
    def rows(self) -> tuple[Joint, ...]:
        """Joint types of positive probability."""
        agents = [self.game.problem.agents[i] for i in self.members]
        return tuple(itertools.product(*([u for u, p in enumerate(a.prior) if p] for a in agents)))

    @cached_property
    def prior(self) -> tuple[Fraction, ...]:
        """Probability of each of the `rows` on a problem."""
        agents = [self.game.problem.agents[i] for i in self.members]
        return tuple(
            math.prod((a.prior[u] for a, u in zip(agents, row, strict=True)), start=Fraction(1)) for row in self.rows
        )

    @cached_property
    def columns(self) -> tuple[Joint, ...]:
        """All joint announcements, in the order of joint tables."""
        return tuple(itertools.product(*map(range, self.panel.shape)))

    @cached_property
    def label_free(self) -> LabelFreeForm:
        """Label-free play of the unfiltered game, against which gains are counted."""
        return LabelFreeForm(self.game.unfiltered)

    @cached_property
    def label_free_payoffs(self) -> tuple[Fraction, ...]:
        """What label-free equilibria of the unfiltered game pay."""
        return self.label_free.payoffs()

    @cached_property
    def budget_shares(self) -> tuple[tuple[Fraction, ...], ...]:
        """How often each agent announces each type."""
        budgets = Panel.of_game(self.game).budgets
        return tuple(tuple(Fraction(b, self.game.copies) for b in budget) for budget in budgets)

    @cached_property
    def worth(self) -> tuple[tuple[Integers, int], ...]:
        """Per member the worth of a problem: array (rows, columns) times a scale, and that scale."""
        return tuple(self.worth_to(i, self.budget_shares) for i in self.members)

    def worth_to(self, i: int, shares: Sequence[Sequence[Fraction]]) -> tuple[Integers, int]:
        """What a problem is worth to a member at joint types and announcements, outsiders announcing by `shares`."""
        tensor, scale = self._averaged(i, shares, self.members)
        place = self.members.index(i)
        rows = [row[place] for row in self.rows]
        return tensor.reshape(tensor.shape[0], -1)[rows], scale

    def values_to(self, i: int) -> tuple[Integers, int]:
        """What a problem is worth to a member: array (types of i, types of the members ...) times a scale, and that."""
        return self._averaged(i, self.budget_shares, self.members)

    def means(self, i: int, shares: Sequence[Sequence[Fraction]]) -> tuple[Integers, int]:
        """What a problem is worth to any agent, by true and announced type, all others announcing by `shares`."""
        return self._averaged(i, shares, (i,))

    def _averaged(self, i: int, shares: Sequence[Sequence[Fraction]], kept: Sequence[int]) -> tuple[Integers, int]:
        """Values of agent i, (types of i, types of kept agents in their order), averaged over everybody else."""
        tensor, scale = self.game.unfiltered.values[i]
        for j in reversed(range(self.game.n)):
            if j not in kept:
                chances, common = to_integers(shares[j])
                tensor = np.tensordot(tensor, np.array(chances, dtype=object), axes=(j + 1, 0))
                scale *= common
        order = sorted(kept)
        return np.moveaxis(tensor, [order.index(j) + 1 for j in kept], range(1, len(order) + 1)), scale

    def outsider_payoff(
        self,
        j: int,
        announced: Sequence[Fraction],
        shares: Sequence[Sequence[Fraction]],
        lies: Sequence[Sequence[Fraction]],
    ) -> Fraction:
        """What an outsider gets per problem.

        Parameters
        ----------
        j : int
        announced : probability of each of the `columns` on a problem
        shares : how often each agent announces each type
        lies : types × types
            Probability that j has a type and announces another on a problem.
        """
        tensor, scale = self._averaged(j, shares, (*self.members, j))
        values = tensor.reshape(tensor.shape[0], len(self.columns), -1)
        total = Fraction(0)
        for u, row in enumerate(lies):
            for v, q in enumerate(row):
                if q:
                    total += q * sum(
                        (p * int(x) for p, x in zip(announced, values[u, :, v], strict=True) if p), Fraction(0)
                    )
        return total / scale

    def mean_lies(self, j: int) -> tuple[tuple[Fraction, ...], ...]:
        """Probability that an outsider has a type and announces another on a problem, in a label-free equilibrium."""
        prior = self.game.problem.agents[j].prior
        if j not in self.game.unfiltered.active:
            return tuple(tuple(p * b for b in self.budget_shares[j]) for p in prior)
        return tuple(tuple(x / self.game.copies for x in row) for row in self._mean_table(j).cells)

    def _mean_table(self, j: int) -> MeanTable:
        """The mean lie table of an outsider's label-free equilibrium."""
        budget = Panel.of_game(self.game).budgets[j]
        return best_mean_table(self.game.type_laws[j], budget, self.label_free.tables(j).worth, exact=True)

    def label_free_tables(self, j: int) -> Iterator[tuple[Histogram, tuple[tuple[Fraction, ...], ...]]]:
        """What an outsider does in that equilibrium: for every histogram of its types its (mean) lie table."""
        law = self.game.histogram_law(j)
        if j in self.game.unfiltered.active:
            tables = self._mean_table(j).strategy(law.histograms).tolist()
            for histogram, table in zip(law.histograms.tolist(), tables, strict=True):
                yield tuple(histogram), tuple(tuple(map(Fraction, row)) for row in table)
            return
        for histogram in law.histograms.tolist():
            yield tuple(histogram), tuple(tuple(n * b for b in self.budget_shares[j]) for n in histogram)
