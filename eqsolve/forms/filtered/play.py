"""Strategy profiles in the filtered game: payoffs and regrets by the definition, without writing the game out.

For every own message all messages that the others send with positive probability are gone through; what each problem
is then worth to each true type gives the interim payoff at all type vectors at once.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from eqsolve.engines.bayesian import Integers
from eqsolve.errors import LimitReached, SizeError
from eqsolve.exact.rational import in_words, to_integers
from eqsolve.forms.filtered.substitution import SAFE, Ids, Substitution, message_array
from eqsolve.linking import LinkedGame
from eqsolve.strategy import Strategy, Vector

MAX_PROFILES = 20_000_000
MAX_INTERIM = 50_000_000
CHUNK = 50_000


@dataclass(frozen=True)
class Deviation:
    """The best that an agent can do by itself at some type vector, against what it does there.

    Parameters
    ----------
    agent : int
    vector : its type vector
    message : the message that it would rather send
    gain : Fraction
        Interim, per problem; 0 in an equilibrium.
    """

    agent: int
    vector: Vector
    message: Vector
    gain: Fraction


@dataclass(frozen=True, eq=False)
class FilteredPlay:
    """What strategies are worth in the filtered game.

    Parameters
    ----------
    game : LinkedGame
        With a filter (or without: then nobody is flagged).
    substitution : Substitution
    deadline : float, optional
        Of `time.monotonic`.

    Notes
    -----
    Profiles have one strategy per agent, agents without a choice included (theirs are not looked at). A question
    about agent i takes the product of the number of its messages and the numbers of messages that the others send;
    SizeError if that is beyond `MAX_PROFILES`.
    """

    game: LinkedGame
    substitution: Substitution
    deadline: float | None = None
    _messages: dict[int, list[Vector]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, game: LinkedGame, deadline: float | None = None) -> FilteredPlay:
        """Play of a game under its own filter."""
        return cls(game, Substitution.of(game), deadline)

    def messages(self, i: int) -> list[Vector]:
        """All messages of agent i, lexicographically."""
        if i not in self._messages:
            count = self.game.budgets[i].message_count()
            if count > MAX_PROFILES // self.game.copies:
                raise SizeError(
                    f"agent {self.game.problem.agents[i].name!r} has {in_words(count)} messages, at most "
                    f"{MAX_PROFILES // self.game.copies:,} are listed; fewer copies (-k) help"
                )
            self._messages[i] = list(self.game.budgets[i].messages())
        return self._messages[i]

    def interim(self, i: int, profile: Sequence[Strategy]) -> tuple[Integers, int]:
        """What each problem is worth to agent i, by its own message and true type, against the others' strategies.

        Returns
        -------
        worth : integer array (messages of i, K, types of i)
            A single message for an agent without a choice.
        scale : int
            The interim payoff per problem at t is Σ_k worth[message, k, t^k] / scale.
        """
        others = {j: profile[j].message_law(self.game, j) for j in self.substitution.choosing if j != i}
        return self.against(i, self.messages(i) if i in self.substitution.choosing else [()], others)

    def against(
        self, i: int, own: Sequence[Vector], others: Mapping[int, Mapping[Vector, Fraction]]
    ) -> tuple[Integers, int]:
        """`interim` for some own messages, against independent lotteries over the others' messages."""
        game = self.substitution
        laws = {j: to_integers(list(law.values())) for j, law in others.items()}
        lists = [own if j == i else list(others[j]) for j in game.choosing]
        count = math.prod(map(len, lists))
        if count > MAX_PROFILES:
            raise SizeError(
                f"{in_words(count)} profiles of messages meet in the filtered game, at most {MAX_PROFILES:,} are gone "
                "through; fewer copies (-k) help"
            )
        arrays = [message_array(game.panel, j, ms) for j, ms in zip(game.choosing, lists, strict=True)]
        largest = max((abs(int(x)) for x in game.averages(i).flat), default=0)
        denominator = math.prod(scale for _, scale in laws.values())
        dtype = np.int64 if largest * denominator * game.game.copies < SAFE else object
        types = game.panel.shape[i]
        total: Integers = np.zeros((len(own), game.game.copies, types), dtype=dtype)
        place = game.choosing.index(i) if i in game.choosing else None
        for places in self._chunks(tuple(map(len, lists))):
            messages = np.stack([a[p] for a, p in zip(arrays, places, strict=True)], axis=1) if arrays else _nothing()
            weights = np.ones(len(messages), dtype=dtype)
            for p, j in enumerate(game.choosing):
                if j != i:
                    weights = weights * np.array(laws[j][0], dtype=dtype)[places[p]]
            found = game.worth(i, messages, game.flagged(messages)).astype(dtype) * weights[:, None, None]
            rows = places[place] if place is not None else np.zeros(len(messages), dtype=np.int64)
            np.add.at(total, rows, found)
        return total, denominator * game.scale(i) * game.game.copies

    def _chunks(self, sizes: tuple[int, ...]) -> Iterator[tuple[Ids, ...]]:
        """All profiles as index arrays, some at a time."""
        for start in range(0, math.prod(sizes), CHUNK):
            if self.deadline is not None and time.monotonic() > self.deadline:
                raise LimitReached("time limit")
            codes = np.arange(start, min(start + CHUNK, math.prod(sizes)))
            yield np.unravel_index(codes, sizes) if sizes else ()

    def deviation(self, profile: Sequence[Strategy], agents: Sequence[int] | None = None) -> Deviation | None:
        """The unilateral deviation that gains most, over agents, type vectors and messages; None if nobody chooses."""
        best: Deviation | None = None
        for i in self.substitution.choosing if agents is None else agents:
            found = self._best_deviation(i, profile)
            if best is None or found.gain > best.gain:
                best = found
        return best

    def _best_deviation(self, i: int, profile: Sequence[Strategy]) -> Deviation:
        worth, scale = self.interim(i, profile)
        messages = self.messages(i)
        index = {m: k for k, m in enumerate(messages)}
        plan = profile[i].plan
        if len(plan) * len(messages) > MAX_INTERIM:
            raise SizeError(
                f"{in_words(len(plan))} type vectors with {in_words(len(messages))} messages each, at most "
                f"{MAX_INTERIM:,} pairs are compared; fewer copies (-k) help"
            )
        best: Deviation | None = None
        for t, lottery in plan.items():
            values = worth[:, np.arange(len(t)), list(t)].sum(axis=1)
            got = sum((p * int(values[index[m]]) for m, p in lottery.items()), Fraction(0))
            top = int(values.argmax())
            gain = (int(values[top]) - got) / scale
            if best is None or gain > best.gain:
                best = Deviation(i, t, messages[top], gain)
        assert best is not None
        return best

    def regret(self, profile: Sequence[Strategy]) -> Fraction:
        """Largest interim gain from deviating, over agents and type vectors of positive probability, per problem."""
        found = self.deviation(profile)
        return Fraction(0) if found is None else found.gain

    def payoffs(self, profile: Sequence[Strategy]) -> tuple[Fraction, ...]:
        """Ex ante payoff per problem of every agent."""
        return tuple(self._payoff(i, profile) for i in range(self.game.n))

    def _payoff(self, i: int, profile: Sequence[Strategy]) -> Fraction:
        if i not in self.substitution.choosing:
            worth, scale = self.interim(i, profile)
            chances, common = to_integers(self.game.problem.agents[i].prior)
            total = sum(p * int(x) for row in worth[0] for p, x in zip(chances, row, strict=True))
            return Fraction(total, common * scale)
        sent = sorted({m for lottery in profile[i].plan.values() for m in lottery})
        others = {j: profile[j].message_law(self.game, j) for j in self.substitution.choosing if j != i}
        worth, scale = self.against(i, sent, others)
        joint = self._joint(i, profile[i], sent)
        return sum((q * int(x) for q, x in zip(joint.flat, worth.flat, strict=True) if q), Fraction(0)) / scale

    def _joint(self, i: int, strategy: Strategy, sent: Sequence[Vector]) -> Integers:
        """Probability of each message together with the true type on each problem."""
        index = {m: k for k, m in enumerate(sent)}
        shape = (len(sent), self.game.copies, self.substitution.panel.shape[i])
        joint = np.full(shape, Fraction(0), dtype=object)
        for t, lottery in strategy.plan.items():
            weight = self.game.type_probability(i, t)
            for m, p in lottery.items():
                for k, u in enumerate(t):
                    joint[index[m], k, u] += weight * p
        return joint


def _nothing() -> Ids:
    """The only profile of messages where nobody chooses."""
    return np.zeros((1, 0, 0), dtype=np.int64)
