"""The separable form: payoffs as a multilinear function of announcement marginals, without listing strategies.

Payoffs add up over problems, and types and strategies are independent across agents. So all that the others meet of
an agent's strategy is how likely it announces each type on each problem, its *announcement marginals*. Against given
marginals, announcing v on problem k is worth ``Σ_{v_-i} Π_j μ_j[k, v_j] g_i(u; v, v_-i)`` to a true type u, and a best
response is a transportation problem for every type vector; all of them are solved at once by a dynamic program over
what is left of the budget (`eqsolve.engines.rationed_choice`). Messages and pure strategies are never listed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from eqsolve.engines.rationed_choice import (
    SAFE,
    Ids,
    Integers,
    Ration,
    RationedChoice,
    best_choices,
)
from eqsolve.errors import ModelError, NotSupported, SizeError
from eqsolve.exact.rational import in_words, to_integers
from eqsolve.linking import LinkedGame
from eqsolve.strategy import Strategy, Vector

MAX_TYPE_VECTORS = 300_000


@dataclass(frozen=True, eq=False)
class Marginals:
    """Announcement marginals of one agent.

    Parameters
    ----------
    counts : integer array (K, m)
        Probability of announcing v on problem k, times `scale`.
    scale : int
    """

    counts: Integers
    scale: int

    @classmethod
    def of(cls, counts: Integers, scale: int) -> Marginals:
        """Marginals in lowest terms, as machine integers where they fit."""
        common = math.gcd(scale, *(int(x) for x in counts.flat))
        reduced = counts // common
        scale //= common
        return cls(reduced.astype(np.int64 if scale < SAFE else object), scale)

    def probability(self, k: int, v: int) -> Fraction:
        """Probability that v is announced on problem k."""
        return Fraction(int(self.counts[k, v]), self.scale)


@dataclass(frozen=True, eq=False)
class Worth:
    """What an announcement is worth to an agent, given what the others announce.

    Parameters
    ----------
    table : integer array (K, m, m)
        Worth of announcing v on problem k to a true type u, in payoff per problem times `scale`.
    scale : int
    """

    table: Integers
    scale: int


@dataclass(frozen=True, eq=False)
class BestResponses:
    """Best responses of an agent at every type vector.

    Type vectors that only rename problems of equal worth are solved once.

    Parameters
    ----------
    choice : RationedChoice
        Values and messages at the type vectors that stand for all.
    values : integer array
        Value of each of these per problem, times `scale`.
    scale : int
    """

    choice: RationedChoice
    values: Integers
    scale: int

    def value(self, vector: Vector) -> Fraction:
        """Best-response payoff per problem at a type vector."""
        (where,) = self.choice.locate(np.array([vector], dtype=np.int64))
        return Fraction(int(self.values[where]), self.scale)

    def all_values(self, vectors: Ids) -> Integers:
        """Values at the type vectors in the lines of an array (T, K), times `scale`."""
        listed: Integers = self.values[self.choice.locate(vectors)]
        return listed

    def messages(self, vectors: Ids) -> Ids:
        """One best message for each line of an array (T, K) of type vectors."""
        return self.choice.expand(vectors)


@dataclass(frozen=True, eq=False)
class SeparableForm:
    """The separable form of a linked game: any number of agents, any budgets, exact marginals.

    Parameters
    ----------
    game : LinkedGame

    Raises
    ------
    NotSupported
        With a filter.

    Notes
    -----
    Profiles have one strategy per agent, agents without a choice that matters included (theirs are not looked at).

    Where agents may walk away, payoffs still add up over problems, but what others meet of an agent is its true and its
    announced type: its marginals are those of the pair, (K, m²), true types slowly.
    """

    game: LinkedGame

    def __post_init__(self) -> None:
        if self.game.options.filter is not None:
            raise NotSupported(
                "link.filter: with this option payoffs do not add up over problems, so there is no separable form"
            )

    def vectors(self, i: int) -> Ids:
        """Type vectors of positive probability of an agent, lexicographically; shape (T, K).

        Raises
        ------
        SizeError
            If there are more than `MAX_TYPE_VECTORS`.
        """
        count = self.game.type_vector_count(i)
        if count > MAX_TYPE_VECTORS:
            raise SizeError(
                f"agent {self.game.problem.agents[i].name!r} has {in_words(count)} type vectors, at most "
                f"{MAX_TYPE_VECTORS:,} are listed; fewer copies (-k) or the label-free form (--form label-free) answer"
            )
        return np.array(self.game.type_vectors(i), dtype=np.int64).reshape(-1, self.game.copies)

    def weights(self, i: int) -> tuple[Integers, int]:
        """Probabilities of `vectors` as integers, and their sum."""
        chances, scale = to_integers([self.game.type_probability(i, t) for t in self.vectors(i).tolist()])
        return np.array(chances, dtype=np.int64 if scale < SAFE else object), scale

    @cached_property
    def _possible(self) -> tuple[tuple[int, ...], ...]:
        return tuple(tuple(u for u, p in enumerate(a.prior) if p) for a in self.game.problem.agents)

    @cached_property
    def rations(self) -> tuple[tuple[Ration, ...], ...]:
        """The agents' budgets."""
        return tuple(tuple(Ration(g.members, g.least, g.most) for g in b.groups) for b in self.game.budgets)

    # Announcements

    def announced(self, i: int, strategy: Strategy) -> Marginals:
        """Marginals of what others meet of a strategy of agent i: its announcements."""
        joint, scale = self.joint(i, strategy)
        if self.game.status_quo is not None:
            return Marginals.of(joint.reshape(self.game.copies, -1), scale)
        return Marginals.of(joint.sum(axis=1), scale)

    def joint(self, i: int, strategy: Strategy) -> tuple[Integers, int]:
        """Joint marginals of true and announced types, as integers of shape (K, m, m) and what they sum to each."""
        listed = _Listed.of(self.game, i, strategy)
        types = len(self.game.problem.agents[i].types)
        counts = np.zeros((self.game.copies, types, types), dtype=listed.weights.dtype)
        for u in self._possible[i]:
            for v in range(types):
                here = (listed.vectors == u) & (listed.messages == v)
                counts[:, u, v] = listed.weights @ here.astype(listed.weights.dtype)
        return counts, listed.scale

    def announced_by(self, i: int, messages: Ids, weights: tuple[Integers, int] | None = None) -> Marginals:
        """Announcement marginals of the pure strategy that sends the listed messages, in the order of `vectors`."""
        chances, scale = weights if weights is not None else self.weights(i)
        types = len(self.game.problem.agents[i].types)
        met = messages if self.game.status_quo is None else self.vectors(i) * types + messages
        columns = [chances @ (met == v).astype(chances.dtype) for v in range(self.game.met_count(i))]
        return Marginals.of(np.stack(columns, axis=1), scale)

    def flat(self, i: int, frequencies: Sequence[Fraction]) -> Marginals:
        """Marginals that are the same on every problem."""
        counts, scale = to_integers(list(frequencies))
        return Marginals.of(np.array([counts] * self.game.copies, dtype=object), scale)

    def _machine(self, i: int) -> tuple[Integers, int]:
        """Agent i's values against announcements of the active agents, and their largest size."""
        if i not in self._tensors:
            tensor = self.game.met_values[i][0]
            largest = max((abs(int(x)) for x in tensor.flat), default=0)
            self._tensors[i] = (tensor.astype(np.int64 if largest < SAFE else object), largest)
        return self._tensors[i]

    @cached_property
    def _tensors(self) -> dict[int, tuple[Integers, int]]:
        return {}

    # Worth and best responses

    def worth(self, i: int, marginals: Mapping[int, Marginals]) -> Worth:
        """What each announcement is worth to agent i.

        Parameters
        ----------
        i : int
        marginals : mapping of active agent to Marginals
            Those of agent i itself, if given, are not looked at.

        Returns
        -------
        Worth
            Of shape (K, m, m); (K, m, 1) for an agent without a choice that matters.
        """
        tensor, largest = self._machine(i)
        scale = self.game.met_values[i][1] * self.game.copies
        others = [j for j in self.game.active if j != i]
        total = math.prod(marginals[j].scale for j in others)
        dtype = np.int64 if largest * total * self.game.copies < SAFE else object
        table: Integers = np.broadcast_to(tensor.astype(dtype), (self.game.copies, *tensor.shape))
        for j in reversed(others):
            axis = self.game.active.index(j) + 2
            counts = marginals[j].counts.astype(dtype)
            shape = [self.game.copies] + [1] * (table.ndim - 1)
            shape[axis] = counts.shape[1]
            table = (table * counts.reshape(shape)).sum(axis=axis)
        table = table.reshape(self.game.copies, tensor.shape[0], -1)
        return Worth(table, scale * total)

    def best_responses(self, i: int, worth: Worth, prefer: Integers | None = None) -> BestResponses:
        """Best responses of an active agent at all type vectors.

        Parameters
        ----------
        i : int
        worth : Worth
        prefer : integer array (K, m, m), optional
            Among best messages take one for which the sum of this over the problems is largest; shapes that
            broadcast to it will do.

        Raises
        ------
        SizeError
            If the dynamic program is too large; the message has the numbers.
        """
        rations, possible = self.rations[i], self._possible[i]
        if prefer is None:
            choice = RationedChoice(worth.table, rations, possible)
            return BestResponses(choice, choice.values, worth.scale)
        common = math.gcd(*(int(x) for x in worth.table.flat)) or 1
        factor, table = _refined(worth.table // common, np.broadcast_to(prefer, worth.table.shape))
        choice = RationedChoice(table, rations, possible)
        values = (choice.values + factor // 2) // factor  # the preference adds less than half of a step of the worth
        return BestResponses(choice, values.astype(object) * common, worth.scale)

    def best_messages(
        self, i: int, worth: Worth, vector: Vector, alike: Sequence[int] | None = None
    ) -> Iterator[Vector]:
        """All best messages of an active agent at one type vector, lexicographically.

        With `alike`, a label per problem, only one of those that rename problems of the same label (on which
        announcements must be worth the same) and the same true type.
        """
        yield from best_choices(worth.table, self.rations[i], vector, alike)

    # Profiles

    def marginals(self, profile: Sequence[Strategy]) -> dict[int, Marginals]:
        """Announcement marginals of the active agents."""
        return {j: self.announced(j, profile[j]) for j in self.game.active}

    def regret(self, profile: Sequence[Strategy]) -> Fraction:
        """Largest interim gain from deviating, over agents and type vectors of positive probability, per problem.

        Zero exactly if the profile is a Bayesian Nash equilibrium.

        Raises
        ------
        ModelError
            If probabilities do not sum to one or a message is beyond the budget.
        """
        marginals = self.marginals(profile)
        worst = Fraction(0)
        for i in self.game.active:
            worth = self.worth(i, marginals)
            best = self.best_responses(i, worth)
            listed = _Listed.of(self.game, i, profile[i])
            gaps = best.all_values(listed.vectors) - listed_worth(worth.table, listed.vectors, listed.messages)
            regrets: dict[Vector, Fraction] = {}
            for s in np.nonzero(gaps.astype(bool))[0]:
                t, m = tuple(listed.vectors[s].tolist()), tuple(listed.messages[s].tolist())
                regrets[t] = regrets.get(t, Fraction(0)) + profile[i].plan[t][m] * int(gaps[s])
            worst = max(worst, max(regrets.values(), default=Fraction(0)) / worth.scale)
        return worst

    def payoffs(self, profile: Sequence[Strategy]) -> tuple[Fraction, ...]:
        """Ex ante payoff per problem of every agent."""
        marginals = self.marginals(profile)
        return tuple(self._payoff(i, self.worth(i, marginals), profile[i]) for i in range(self.game.n))

    def _payoff(self, i: int, worth: Worth, strategy: Strategy) -> Fraction:
        if i in self.game.active:
            joint, scale = self.joint(i, strategy)
            return Fraction(int((joint.astype(object) * worth.table).sum()), scale * worth.scale)
        chances, scale = to_integers(self.game.problem.agents[i].prior)
        total = sum(p * int(x) for row in worth.table[:, :, 0] for p, x in zip(chances, row, strict=True))
        return Fraction(total, scale * worth.scale)


@dataclass(frozen=True, eq=False)
class _Listed:
    """What a strategy does, line by line: type vector, message, and the probability of both as an integer."""

    vectors: Ids
    messages: Ids
    weights: Integers
    scale: int

    @classmethod
    def of(cls, game: LinkedGame, i: int, strategy: Strategy) -> _Listed:
        """List an agent's strategy and check it; integers of any size if 64 bits may not hold the products."""
        pairs = [(t, m, p) for t, messages in strategy.plan.items() for m, p in messages.items()]
        chances = {t: game.type_probability(i, t) for t in strategy.plan}
        weights, scale = to_integers([chances[t] * p for t, _, p in pairs])
        vectors, messages = (
            np.array([pair[side] for pair in pairs], dtype=np.int64).reshape(-1, game.copies) for side in (0, 1)
        )
        listed = cls(vectors, messages, np.array(weights, dtype=np.int64 if scale < SAFE else object), scale)
        listed._check(game, i)
        return listed

    def _check(self, game: LinkedGame, i: int) -> None:
        """Refuse what is no strategy: probabilities that do not sum to one, messages beyond the budget."""
        name = game.problem.agents[i].name
        total = sum(self.weights.tolist())
        if total != self.scale:
            raise ModelError(
                f"strategy of agent {name!r}: found probabilities that sum to {Fraction(total, self.scale)}, expected 1"
            )
        for group in game.budgets[i].groups:
            counts = np.isin(self.messages, group.members).sum(axis=1)
            wrong = np.nonzero((counts < group.least) | (counts > group.most))[0]
            if len(wrong):
                message = game.vector_name(i, self.messages[wrong[0]].tolist())
                raise ModelError(f"strategy of agent {name!r}: found the message {message!r}, which its budget forbids")


def listed_worth(table: Integers, vectors: Ids, messages: Ids) -> Integers:
    """Worth of listed messages at listed type vectors, line by line."""
    total: Integers = table[0, vectors[:, 0], messages[:, 0]]
    for k in range(1, vectors.shape[1]):
        total = total + table[k, vectors[:, k], messages[:, k]]
    return total


def _refined(table: Integers, prefer: Integers) -> tuple[int, Integers]:
    """Worth times a factor plus the preference, so that the preference decides among equals only."""
    span = sum(max(abs(int(x)) for x in part.flat) for part in prefer)
    factor = 2 * span + 2
    bound = sum(max(abs(int(x)) for x in part.flat) for part in table) * factor + span
    dtype = np.int64 if bound < SAFE else object
    refined: Integers = table.astype(dtype) * factor + prefer.astype(dtype)
    return factor, refined
