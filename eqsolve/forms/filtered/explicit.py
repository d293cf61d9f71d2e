"""The explicit form of the filtered game: payoffs of message profiles after replacements, written out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from eqsolve.engines.bayesian import BayesianGame, Integers
from eqsolve.exact.rational import to_integers
from eqsolve.forms.explicit import ExplicitForm
from eqsolve.forms.filtered.play import CHUNK, Deviation, FilteredPlay
from eqsolve.forms.filtered.substitution import Ids, message_array
from eqsolve.strategy import Strategy


@dataclass(frozen=True, eq=False)
class FilteredForm(ExplicitForm):
    """The explicit form of a linked game with a correlation filter.

    Parameters
    ----------
    game : LinkedGame

    Raises
    ------
    SizeError
        If a payoff array would have too many entries, or there are too many problems.
    """

    @cached_property
    def play(self) -> FilteredPlay:
        """What strategies are worth."""
        return FilteredPlay.of(self.game)

    @cached_property
    def bayesian(self) -> BayesianGame:
        """The Bayesian game of the agents who choose; types are type vectors, actions are messages."""
        game, rules = self.game, self.play.substitution
        priors = tuple(
            tuple(game.type_probability(i, t) for t in vectors)
            for i, vectors in zip(game.active, self.vectors, strict=True)
        )
        tables: dict[int, Integers] = {}
        arrays = [message_array(rules.panel, j, ms) for j, ms in zip(game.active, self.messages, strict=True)]
        for places in self._profiles:
            messages = np.stack([a[p] for a, p in zip(arrays, places, strict=True)], axis=1)
            flagged = rules.flagged(messages)
            for i in range(game.n):
                self._fill(tables, i, places, rules.worth(i, messages, flagged))
        return BayesianGame(
            priors,
            tuple(tables[i] for i in game.active),
            tuple(rules.scale(i) * game.copies for i in game.active),
            tuple(tables[i] for i in range(game.n) if i not in game.active),
        )

    @property
    def _profiles(self) -> Sequence[tuple[Ids, ...]]:
        """All profiles of messages as index arrays, some at a time."""
        sizes = tuple(len(ms) for ms in self.messages)
        total = int(np.prod(sizes, dtype=np.int64))
        if not sizes:
            return ()
        return [
            tuple(np.unravel_index(np.arange(start, min(start + CHUNK, total)), sizes))
            for start in range(0, total, CHUNK)
        ]

    def _fill(self, tables: dict[int, Integers], i: int, places: tuple[Ids, ...], worth: Integers) -> None:
        """Add up what some profiles are worth to agent i: at each type vector, or on average if it has no choice."""
        sizes = tuple(len(ms) for ms in self.messages)
        if i not in self.game.active:
            chances, _ = to_integers(self.game.problem.agents[i].prior)
            if i not in tables:
                tables[i] = np.zeros(sizes, dtype=object)
            tables[i][places] = (worth.astype(object) * np.array(chances, dtype=object)).sum(axis=(1, 2))
            return
        vectors = np.array(self.vectors[self.game.active.index(i)], dtype=np.int64)
        if i not in tables:
            tables[i] = np.zeros((len(vectors), *sizes), dtype=worth.dtype)
        total = np.zeros((len(worth), len(vectors)), dtype=worth.dtype)
        for k in range(self.game.copies):
            total = total + worth[:, k, vectors[:, k]]
        np.moveaxis(tables[i], 0, -1)[places] = total

    def regret(self, profile: Sequence[Strategy]) -> Fraction:
        """Largest interim gain from deviating, over agents and type vectors of positive probability, per problem."""
        return self.play.regret(profile)

    def deviation(self, profile: Sequence[Strategy]) -> Deviation | None:
        """The unilateral deviation that gains most."""
        return self.play.deviation(profile)

    def payoffs(self, profile: Sequence[Strategy]) -> dict[int, Fraction]:
        """Ex ante payoff per problem of every agent."""
        return dict(enumerate(self.play.payoffs(profile)))
