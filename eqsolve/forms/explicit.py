"""The explicit form: type vectors, messages and payoff arrays, written out.

It is the reference against which the other forms are tested, and the form in which all equilibria of small games
are found. Agents without a choice that matters are left out; what they get is kept.

Where agents may walk away, payoffs depend on everybody's type vectors. An *action* is then a pair of a type vector and
a message, open to that type vector only, so that actions tell all that others need to know; elsewhere it is a message.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

import numpy as np

from eqsolve.engines.bayesian import Actions, BayesianGame, Integers
from eqsolve.errors import SizeError
from eqsolve.exact.rational import in_words, to_integers
from eqsolve.linking import LinkedGame
from eqsolve.strategy import Strategy, Vector

MAX_CELLS = 20_000_000
MAX_COPIES = 100
MAX_KNOWN = 2_000
"""Interim payoffs that are kept."""
Interim = dict[Vector, dict[Vector, Fraction]]
"""Payoffs by type vector and message."""


def explicit_cells(game: LinkedGame) -> int:
    """Entries of the largest payoff array of the explicit form, worked out before memory is taken."""
    messages = math.prod(game.budgets[i].message_count() for i in game.active)
    vectors = [game.type_vector_count(i) for i in game.active]
    if game.status_quo is not None:
        return math.prod(vectors) * messages
    return max(vectors, default=1) * messages


@dataclass(frozen=True, eq=False)
class ExplicitForm:
    """The explicit form of a linked game.

    Parameters
    ----------
    game : LinkedGame

    Raises
    ------
    SizeError
        If a payoff array would have more than `MAX_CELLS` entries, or there are more than `MAX_COPIES` problems.
    """

    game: LinkedGame
    _known: dict[tuple[int, tuple[Strategy, ...]], Interim] = field(default_factory=dict, init=False, repr=False)
    """Interim payoffs against strategies of the others: in a long list of equilibria these come up many times."""

    def __post_init__(self) -> None:
        if self.game.copies > MAX_COPIES:
            raise SizeError(
                f"the explicit form lists type vectors of at most {MAX_COPIES} problems, found {self.game.copies:,}; "
                "the label-free form (--form label-free) answers"
            )
        cells = explicit_cells(self.game)
        if cells > MAX_CELLS:
            raise SizeError(
                f"the explicit form has payoff arrays of {in_words(cells)} entries, at most {MAX_CELLS:,} are built; "
                "the label-free form (--form label-free) or fewer copies (-k) answer"
            )

    @cached_property
    def vectors(self) -> tuple[list[Vector], ...]:
        """Type vectors of positive probability of each active agent."""
        return tuple(self.game.type_vectors(i) for i in self.game.active)

    @cached_property
    def messages(self) -> tuple[list[Vector], ...]:
        """Messages of each active agent."""
        return tuple(list(self.game.budgets[i].messages()) for i in self.game.active)

    @cached_property
    def bayesian(self) -> BayesianGame:
        """The Bayesian game of the active agents; types are type vectors, actions are messages."""
        game = self.game
        priors = tuple(
            tuple(game.type_probability(i, t) for t in vectors)
            for i, vectors in zip(game.active, self.vectors, strict=True)
        )
        arrays = [self._payoffs(i) for i in game.active]
        scales = tuple(game.met_values[i][1] * game.copies for i in game.active)
        bystanders = tuple(self._bystander(i) for i in range(game.n) if i not in game.active)
        return BayesianGame(priors, tuple(arrays), scales, bystanders, self._open())

    def action(self, p: int, vector: Vector, message: Vector) -> int:
        """Index of the action by which active agent p sends a message at a type vector."""
        place = self.messages[p].index(message)
        if self.game.status_quo is None:
            return place
        return self.vectors[p].index(vector) * len(self.messages[p]) + place

    def message(self, p: int, action: int) -> Vector:
        """The message that an action of active agent p sends."""
        return self.messages[p][action % len(self.messages[p])]

    def _open(self) -> tuple[Actions, ...] | None:
        """Actions of every type vector, where these are pairs of a type vector and a message."""
        if self.game.status_quo is None:
            return None
        return tuple(
            tuple(tuple(range(k * len(messages), (k + 1) * len(messages))) for k in range(len(vectors)))
            for vectors, messages in zip(self.vectors, self.messages, strict=True)
        )

    def _payoffs(self, i: int) -> Integers:
        """Payoffs of an active agent: shape (type vectors, actions of active agent 1, 2, ...)."""
        if self.game.status_quo is not None:
            p = self.game.active.index(i)
            array = self._sum_over_actions(self.game.met_values[i][0], p)
            return np.broadcast_to(array, (len(self.vectors[p]), *array.shape))
        return self._sum_over_problems(self.game.active_values[i][0], self.vectors[self.game.active.index(i)])

    def _bystander(self, i: int) -> Integers:
        """Expected payoff of an agent without a choice, times a positive factor: its types are averaged."""
        weights, _ = to_integers(self.game.problem.agents[i].prior)
        averaged = np.tensordot(np.array(weights, dtype=object), self.game.met_values[i][0], axes=(0, 0))
        if self.game.status_quo is not None:
            return self._sum_over_actions(np.asarray(averaged), None)
        by_message: Integers = self._sum_over_problems(np.asarray(averaged)[None], [(0,) * self.game.copies])[0]
        return by_message

    def _sum_over_problems(self, tensor: Integers, vectors: Sequence[Vector]) -> Integers:
        """Σ_k tensor[t^k, m_1^k, m_2^k, ...] for all type vectors and messages; int64 where that is exact."""
        largest = max((abs(int(x)) for x in tensor.flat), default=0)
        table = tensor.astype(np.int64) if largest * self.game.copies < 2**62 else tensor
        total: Integers | None = None
        for k in range(self.game.copies):
            rows = [np.array([v[k] for v in vectors]), *(np.array([m[k] for m in ms]) for ms in self.messages)]
            part = table[np.ix_(*rows)]
            total = part if total is None else total + part
        assert total is not None
        return total

    def _sum_over_actions(self, tensor: Integers, own: int | None) -> Integers:
        """Σ_k of what the actions of all active agents come to on problem k: shape (actions of active agent 1, 2, ...).

        Axes of the tensor are what is met of the active agents, true types slowly; of active agent `own`, if given, the
        first axis is its true type and its other axis its announcement.
        """
        largest = max((abs(int(x)) for x in tensor.flat), default=0)
        table = tensor.astype(np.int64) if largest * self.game.copies < 2**62 else tensor
        total: Integers = np.zeros((1,) * len(self.game.active), dtype=table.dtype)
        for k in range(self.game.copies):
            index, true = [], None
            for p, (vectors, messages) in enumerate(zip(self.vectors, self.messages, strict=True)):
                shape = [-1 if q == p else 1 for q in range(len(self.vectors))]
                types = len(self.game.problem.agents[self.game.active[p]].types)
                u = np.repeat([t[k] for t in vectors], len(messages)).reshape(shape)
                v = np.tile([m[k] for m in messages], len(vectors)).reshape(shape)
                if p == own:
                    true = u
                index.append(v if p == own else u * types + v)
            total = total + table[(*([] if true is None else [true]), *index)]
        return total

    def interim(self, i: int, profile: Sequence[Strategy]) -> Interim:
        """Interim payoff per problem of every message at every type vector of an active agent.

        The others' actions are drawn from their strategies; this is the definition, written out.
        """
        others = tuple(strategy for j, strategy in enumerate(profile) if j != i)
        if (i, others) not in self._known:
            if len(self._known) >= MAX_KNOWN:
                self._known.clear()
            self._known[i, others] = self._interim(i, profile)
        return self._known[i, others]

    def _interim(self, i: int, profile: Sequence[Strategy]) -> Interim:
        """`interim`, worked out."""
        p = self.game.active.index(i)
        values = self.bayesian.payoffs[p]
        if self.game.status_quo is not None:
            values = values[:1]  # actions tell the type vector
        scale = self.bayesian.scales[p]
        for q in reversed(range(len(self.game.active))):
            if q != p:
                law, total = to_integers(self._action_law(q, profile[self.game.active[q]]))
                values = np.tensordot(values.astype(object), np.array(law, dtype=object), axes=(q + 1, 0))
                scale *= total
        values = values.reshape(len(self.vectors[p]), len(self.messages[p]))
        return {
            t: {m: Fraction(x, scale) for m, x in zip(self.messages[p], row, strict=True)}
            for t, row in zip(self.vectors[p], values.tolist(), strict=True)
        }

    def _action_law(self, q: int, strategy: Strategy) -> list[Fraction]:
        """Probability of every action of active agent q."""
        game, j = self.game, self.game.active[q]
        if game.status_quo is None:
            law = strategy.message_law(game, j)
            return [law.get(m, Fraction(0)) for m in self.messages[q]]
        return [
            game.type_probability(j, t) * strategy.plan[t].get(m, Fraction(0))
            for t in self.vectors[q]
            for m in self.messages[q]
        ]

    def regret(self, profile: Sequence[Strategy]) -> Fraction:
        """Largest interim gain from deviating, over agents and type vectors of positive probability, per problem."""
        worst = Fraction(0)
        for i in self.game.active:
            interim = self.interim(i, profile)
            for t, messages in profile[i].plan.items():
                got = sum((p * interim[t][m] for m, p in messages.items()), Fraction(0))
                worst = max(worst, max(interim[t].values()) - got)
        return worst

    def payoffs(self, profile: Sequence[Strategy]) -> dict[int, Fraction]:
        """Ex ante payoff per problem of each active agent, by the definition."""
        totals = {}
        for i in self.game.active:
            interim = self.interim(i, profile)
            totals[i] = sum(
                (
                    self.game.type_probability(i, t) * p * interim[t][m]
                    for t, messages in profile[i].plan.items()
                    for m, p in messages.items()
                ),
                Fraction(0),
            )
        return totals
