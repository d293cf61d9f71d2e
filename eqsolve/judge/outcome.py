"""What an equilibrium does: the lottery over decisions on every problem, at every profile of type vectors."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from eqsolve.errors import SizeError
from eqsolve.exact.rational import in_words
from eqsolve.linking import LinkedGame
from eqsolve.rule import Lottery
from eqsolve.solution import Messages
from eqsolve.strategy import Strategy, Vector

MAX_CELLS = 400_000
MAX_RENAMED_COPIES = 6

Entry = TypeVar("Entry")
TypeProfile = tuple[Vector, ...]
"""A type vector for every agent."""
Announced = tuple[tuple[Fraction, ...], ...]
"""Per problem the probabilities of the announced types."""


@dataclass(frozen=True, eq=False)
class OutcomeMap:
    """Lotteries over decisions per problem, for every profile of type vectors of positive probability.

    Parameters
    ----------
    game : LinkedGame
    profile : one Strategy per agent

    Raises
    ------
    SizeError
        From `table`, if there are more than `MAX_CELLS` profiles, problems and announced profiles together.
    """

    game: LinkedGame
    profile: tuple[Strategy, ...]

    @cached_property
    def table(self) -> dict[TypeProfile, tuple[Lottery, ...]]:
        """Per profile of type vectors one lottery per problem."""
        check_cells(self.game)
        announced = [
            {t: _announced(self.game, i, messages) for t, messages in strategy.plan.items()}
            for i, strategy in enumerate(self.profile)
        ]
        found = {}
        for choice in itertools.product(*(a.items() for a in announced)):
            types = tuple(t for t, _ in choice)
            found[types] = outcome(self.game, types, [a for _, a in choice])
        return found

    @cached_property
    def payoffs(self) -> dict[TypeProfile, tuple[Fraction, ...]]:
        """Per profile of type vectors the payoffs per problem of all agents."""
        problem = self.game.problem
        worth = [[problem.utility(i, u) for u in range(len(a.types))] for i, a in enumerate(problem.agents)]
        return {
            types: tuple(
                sum(
                    (
                        p * w
                        for k, lottery in enumerate(lotteries)
                        for p, w in zip(lottery, worth[i][types[i][k]], strict=True)
                        if p
                    ),
                    Fraction(0),
                )
                / self.game.copies
                for i in range(self.game.n)
            )
            for types, lotteries in self.table.items()
        }

    def same_outcomes(self, other: OutcomeMap) -> bool:
        """Whether the outcomes are the same after some renaming of the problems.

        Raises
        ------
        SizeError
            If the outcomes differ as they stand and there are too many renamings to try.
        """
        return any(
            all(
                renamed(lotteries, order) == other.table.get(tuple(renamed(t, order) for t in types))
                for types, lotteries in self.table.items()
            )
            for order in self._renamings(_up_to_order(self.table), _up_to_order(other.table))
        )

    def same_payoffs(self, other: OutcomeMap) -> bool:
        """Whether everybody gets the same at every profile of type vectors after some renaming of the problems.

        Raises
        ------
        SizeError
            As in `same_outcomes`.
        """
        return any(
            all(
                payoffs == other.payoffs[tuple(renamed(t, order) for t in types)]
                for types, payoffs in self.payoffs.items()
            )
            for order in self._renamings(Counter(self.payoffs.values()), Counter(other.payoffs.values()))
        )

    def _renamings(self, mine: Counter[Any], theirs: Counter[Any]) -> Iterator[tuple[int, ...]]:
        """Renamings that may make two maps equal; none if what does not depend on names differs already."""
        if mine != theirs:
            return
        yield from renamings(self.game.copies)


def renamings(copies: int) -> Iterator[tuple[int, ...]]:
    """Every order of the problems, the one as it stands first.

    Raises
    ------
    SizeError
        After the first one, if there are too many to try.
    """
    yield tuple(range(copies))
    if copies > MAX_RENAMED_COPIES:
        raise SizeError(
            f"{copies} problems can be renamed in {math.factorial(copies):,} ways, more than "
            f"{math.factorial(MAX_RENAMED_COPIES):,}; fewer copies help"
        )
    yield from itertools.islice(itertools.permutations(range(copies)), 1, None)


def _up_to_order(table: Mapping[TypeProfile, tuple[Lottery, ...]]) -> Counter[tuple[Lottery, ...]]:
    """How often each combination of lotteries occurs, the problems in no particular order."""
    return Counter(tuple(sorted(lotteries)) for lotteries in table.values())


def renamed(vector: Sequence[Entry], order: Sequence[int]) -> tuple[Entry, ...]:
    """The vector whose entry k is the old entry order[k]."""
    return tuple(vector[k] for k in order)


def check_cells(game: LinkedGame) -> None:
    """Refuse games whose outcome map would be too large.

    Raises
    ------
    SizeError
    """
    profiles = math.prod(game.type_vector_count(i) for i in range(game.n))
    cells = profiles * game.copies * math.prod(game.problem.shape)
    if cells > MAX_CELLS:
        raise SizeError(
            f"the map of outcomes has {in_words(profiles)} profiles of type vectors, {in_words(cells)} terms in all, "
            f"more than {MAX_CELLS:,}; fewer copies help"
        )


def outcome(game: LinkedGame, types: TypeProfile, announced: Sequence[Announced]) -> tuple[Lottery, ...]:
    """Lottery per problem when agents of these types announce types with these probabilities, independently.

    Where agents may walk away, after they have done so.
    """
    lotteries = []
    for k in range(game.copies):
        total = [Fraction(0)] * len(game.problem.decisions)
        for profile in itertools.product(*([v for v, p in enumerate(a[k]) if p] for a in announced)):
            chance = math.prod((a[k][v] for a, v in zip(announced, profile, strict=True)), start=Fraction(1))
            for d, p in enumerate(game.lotteries[profile]):
                if p:
                    total[d] += chance * p
        lotteries.append(_walked(game, [t[k] for t in types], total))
    return tuple(lotteries)


def _walked(game: LinkedGame, types: Sequence[int], lottery: Sequence[Fraction]) -> Lottery:
    """A lottery after agents of these types have walked away from what is worse than the status quo."""
    if game.walking_away is None or game.status_quo is None:
        return tuple(lottery)
    leaves = game.walking_away.leaves[int(np.ravel_multi_index(tuple(types), game.problem.shape))]
    left = [Fraction(0) if gone else p for p, gone in zip(lottery, leaves, strict=True)]
    left[game.status_quo] += sum((p for p, gone in zip(lottery, leaves, strict=True) if gone), Fraction(0))
    return tuple(left)


def _announced(game: LinkedGame, i: int, messages: Mapping[Vector, Fraction]) -> Announced:
    types = len(game.problem.agents[i].types)
    chances = [[Fraction(0)] * types for _ in range(game.copies)]
    for m, p in messages.items():
        for k, v in enumerate(m):
            chances[k][v] += p
    return tuple(tuple(row) for row in chances)


@dataclass(frozen=True)
class Tie:
    """A free tie of an equilibrium whose breaking moves outcomes: agent i at a type vector, between two messages."""

    profile: tuple[Strategy, ...]
    agent: int
    types: Vector
    messages: tuple[Vector, Vector]

    def broken(self, share: Fraction) -> tuple[Strategy, ...]:
        """The equilibrium in which the second message is sent with probability `share`, the first one otherwise."""
        first, second = self.messages
        lottery = {m: p for m, p in ((first, 1 - share), (second, share)) if p}
        strategy = Strategy({**self.profile[self.agent].plan, self.types: lottery})
        return (*self.profile[: self.agent], strategy, *self.profile[self.agent + 1 :])


def tie_that_moves_outcomes(game: LinkedGame, profile: Sequence[Strategy], free: Sequence[Messages]) -> Tie | None:
    """A free tie of an equilibrium that can be broken with different outcomes; None if there is none.

    Payoffs do not depend on free ties, but outcomes may. At some profile of type vectors two choices of everybody's
    free messages lead to different outcomes; changing them one agent at a time, one of the changes does.

    Raises
    ------
    SizeError
        If the map of outcomes is too large.
    """
    check_cells(game)
    options = [
        {t: [{m: Fraction(1)} for m in free[i].get(t, ())] or [dict(messages)] for t, messages in s.plan.items()}
        for i, s in enumerate(profile)
    ]
    for types in itertools.product(*options):
        choices = list(itertools.product(*(options[i][t] for i, t in enumerate(types))))
        if len(choices) == 1:
            continue
        seen = {k: _told(game, types, choice) for k, choice in enumerate(choices)}
        for k, choice in enumerate(choices):
            for i, lottery in enumerate(choice):
                if lottery == choices[0][i]:
                    continue
                other = (*choice[:i], choices[0][i], *choice[i + 1 :])
                if seen[choices.index(other)] != seen[k]:
                    at_rest = tuple(
                        Strategy({**s.plan, t: dict(c)}) for s, t, c in zip(profile, types, other, strict=True)
                    )
                    return Tie(at_rest, i, types[i], (next(iter(other[i])), next(iter(lottery))))
    return None


def _told(game: LinkedGame, types: TypeProfile, choice: Sequence[Mapping[Vector, Fraction]]) -> tuple[Lottery, ...]:
    """Outcome of some lotteries over messages of agents of these types."""
    return outcome(game, types, [_announced(game, i, messages) for i, messages in enumerate(choice)])
