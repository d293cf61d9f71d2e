"""Strategies of a linked game: for every type vector a lottery over messages."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

import numpy as np

from eqsolve.forms.lie_tables import lie_table
from eqsolve.linking import LinkedGame
from eqsolve.status_quo import mean_over

Vector = tuple[int, ...]
"""Type indices, one per problem: a type vector or a message."""
Joint = tuple[tuple[tuple[Fraction, ...], ...], ...]
"""Per problem a law of true types (rows) and announced types (columns)."""


@dataclass(frozen=True, eq=False)
class Strategy:
    """A (behaviour) strategy of one agent.

    Parameters
    ----------
    plan : mapping of type vector to {message: probability}
        Type vectors of probability 0 are left out; messages of probability 0 too.
    """

    plan: Mapping[Vector, Mapping[Vector, Fraction]]
    _joint: dict[tuple[LinkedGame, int], Joint] = field(default_factory=dict, init=False, repr=False)
    """Joint marginals that are known: in a long list of equilibria most strategies come up many times."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Strategy) and self.plan == other.plan

    def __hash__(self) -> int:
        return self._code

    @cached_property
    def _code(self) -> int:
        return hash(frozenset((t, frozenset(m.items())) for t, m in self.plan.items()))

    @classmethod
    def pure(cls, choice: Mapping[Vector, Vector]) -> Strategy:
        """The strategy that sends one message at each type vector."""
        return cls({t: {m: Fraction(1)} for t, m in choice.items()})

    def message_law(self, game: LinkedGame, i: int) -> dict[Vector, Fraction]:
        """Probability of each message of agent i, over its type vectors."""
        law: dict[Vector, Fraction] = {}
        for t, messages in self.plan.items():
            weight = game.type_probability(i, t)
            for m, p in messages.items():
                law[m] = law.get(m, Fraction(0)) + weight * p
        return law

    def joint_marginals(self, game: LinkedGame, i: int) -> Joint:
        """λ[k][u][v]: probability that agent i's type is u and its announcement v on problem k."""
        if (game, i) not in self._joint:
            types = len(game.problem.agents[i].types)
            joint = [[[Fraction(0)] * types for _ in range(types)] for _ in range(game.copies)]
            for t, messages in self.plan.items():
                weight = game.type_probability(i, t)
                for m, p in messages.items():
                    for k, (u, v) in enumerate(zip(t, m, strict=True)):
                        joint[k][u][v] += weight * p
            self._joint[game, i] = tuple(tuple(map(tuple, per_k)) for per_k in joint)
        return self._joint[game, i]

    def met(self, game: LinkedGame, i: int) -> list[list[Fraction]]:
        """Law of what others meet of agent i on each problem, as `LinkedGame.met_values` has it."""
        joint = self.joint_marginals(game, i)
        if game.status_quo is not None:
            return [list(itertools.chain.from_iterable(per_k)) for per_k in joint]
        return [[sum(column, Fraction(0)) for column in zip(*per_k, strict=True)] for per_k in joint]

    def is_label_free(self) -> bool:
        """Whether renaming the problems renames the announcements the same way."""
        return self._looks_alike

    @cached_property
    def _looks_alike(self) -> bool:
        """`is_label_free`, checked on adjacent transpositions, which generate all renamings."""
        length = len(next(iter(self.plan)))
        for k in range(length - 1):
            for t, messages in self.plan.items():
                mirrored = self.plan.get(swap(t, k))
                if mirrored is None or {swap(m, k): p for m, p in messages.items()} != dict(mirrored):
                    return False
        return True

    def lie_tables(self, types: int) -> Iterator[tuple[Vector, Vector, tuple[tuple[int, ...], ...]]]:
        """Type vector, message and lie table for everything that is played."""
        for t, messages in self.plan.items():
            for m in messages:
                yield t, m, lie_table(t, m, types)


def swap(vector: Vector, k: int) -> Vector:
    """The vector with the entries k and k + 1 exchanged."""
    return (*vector[:k], vector[k + 1], vector[k], *vector[k + 2 :])


def uniform(messages: Mapping[Vector, list[Vector]]) -> Strategy:
    """The strategy that mixes evenly over the listed messages of each type vector."""
    return Strategy({t: dict.fromkeys(open_, Fraction(1, len(open_))) for t, open_ in messages.items()})


def expected_payoffs(game: LinkedGame, profile: tuple[Strategy, ...]) -> tuple[Fraction, ...]:
    """Ex ante payoffs per problem of a strategy profile, from the joint law of announcements on each problem.

    Exact; the work is the number of (type vector, message) pairs plus K times the number of type profiles. Where agents
    may walk away, from the joint law of everybody's true and announced types on each problem.
    """
    if game.status_quo is not None:
        return _payoffs_with_walking(game, profile)
    joints = [strategy.joint_marginals(game, i) for i, strategy in enumerate(profile)]
    announced = [[[sum(column) for column in zip(*per_k, strict=True)] for per_k in joint] for joint in joints]
    payoffs = []
    for i, (tensor, scale) in enumerate(game.values):
        total = Fraction(0)
        for k, per_k in enumerate(joints[i]):
            others = [range(len(a.types)) if j != i else (0,) for j, a in enumerate(game.problem.agents)]
            for w in itertools.product(*others):
                chance = math.prod((announced[j][k][v] for j, v in enumerate(w) if j != i), start=Fraction(1))
                if chance:
                    inner = sum(
                        q * int(tensor[(u, *w[:i], v, *w[i + 1 :])])
                        for u, row in enumerate(per_k)
                        for v, q in enumerate(row)
                        if q
                    )
                    total += chance * inner
        payoffs.append(total / (scale * game.copies))
    return tuple(payoffs)


def walking_share(game: LinkedGame, profile: Sequence[Strategy]) -> Fraction:
    """Share of the problems from which somebody walks away; 0 where nobody may."""
    if game.walking_away is None:
        return Fraction(0)
    met = [strategy.met(game, i) for i, strategy in enumerate(profile)]
    total = Fraction(0)
    for k in range(game.copies):
        total += game.walking_away.walks([laws[k] for laws in met])
    return total / game.copies


def _payoffs_with_walking(game: LinkedGame, profile: Sequence[Strategy]) -> tuple[Fraction, ...]:
    met = {j: profile[j].met(game, j) for j in game.active}
    payoffs = []
    for i, (tensor, scale) in enumerate(game.met_values):
        total = Fraction(0)
        for k in range(game.copies):
            if i in game.active:
                # the true type goes with the announcement: of agent i itself it is the pair that is drawn
                paired = np.moveaxis(tensor, game.active.index(i) + 1, 1)
                laws = [met[i][k], *(met[j][k] for j in game.active if j != i)]
                total += mean_over(paired.reshape(-1, *paired.shape[2:]), laws)
            else:
                total += mean_over(tensor, [game.problem.agents[i].prior, *(met[j][k] for j in game.active)])
        payoffs.append(total / (scale * game.copies))
    return tuple(payoffs)
