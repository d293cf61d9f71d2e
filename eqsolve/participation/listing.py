"""All equilibria of small veto games.

Type vectors are written out. What no equilibrium in which everybody takes part with positive probability can do is
removed first: a type vector that gains (loses) against whatever is left of the others' strategies takes part (vetoes).
Two agents then play a game in which both payoffs are bilinear, and all of its equilibria are found, mixed ones
included; with more agents all sets of type vectors that are left are tried, which finds all equilibria without mixing.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from eqsolve.engines.complementarity.enumeration import enumerate_equilibria
from eqsolve.engines.complementarity.model import BlockGame
from eqsolve.errors import LimitReached, SizeError
from eqsolve.exact.rational import in_words, to_integers
from eqsolve.participation.equilibria import LISTED, VetoEquilibrium
from eqsolve.participation.issue import Economy
from eqsolve.participation.sums import Share
from eqsolve.participation.veto import VetoGame

MAX_PROFILES = 100_000
"""Profiles of type vectors that are written out."""
MAX_FREE = 16
"""Type vectors of all agents but one that are left to try, with three agents and more."""
MAX_CHOICES = 64
"""Type vectors of two agents together that are left to choose."""

Vector = tuple[int, ...]
Stay = tuple[Fraction, ...]
"""Probability of taking part per type vector."""


@dataclass(frozen=True, eq=False)
class Listing:
    """All equilibria of a veto game in which everybody takes part with positive probability.

    Equilibria in which somebody vetoes for sure exist in every veto game (footnote 10) and are not listed.

    Parameters
    ----------
    equilibria : tuple of VetoEquilibrium
        With two agents the extreme ones; their games have a group for every issue.
    stays : one tuple per equilibrium of one tuple per agent
        Probability of taking part per type vector, in the order of `vectors`.
    vectors : one tuple per agent of type vectors of positive probability
    pure : bool
        Whether only equilibria without mixing were looked for (three agents and more).
    complete : bool
        Nothing can be missing, mixtures of listed equilibria aside.
    stopped : str or None
        Why not.
    """

    equilibria: tuple[VetoEquilibrium, ...]
    stays: tuple[tuple[Stay, ...], ...]
    vectors: tuple[tuple[Vector, ...], ...]
    pure: bool
    complete: bool
    stopped: str | None = None


def all_equilibria(game: VetoGame, *, max_seconds: float | None = None) -> Listing:
    """All equilibria in which everybody takes part with positive probability; see `Listing`.

    Raises
    ------
    SizeError
        If there are too many profiles of type vectors.
    """
    written = _Written(VetoGame(game.economy.separate(), game.fee, game.deadline))
    deadline = None if max_seconds is None else time.monotonic() + max_seconds
    decided = written.decided()
    stopped = None
    if game.n == 2:
        found, stopped = written.two_agents(decided, max_seconds)
    else:
        found = []
        try:
            for stays in written.pure(decided, deadline):
                found.append(stays)
        except LimitReached as error:
            stopped = str(error)
    unique = tuple(dict.fromkeys(found))
    equilibria = tuple(VetoEquilibrium(written.game, written.shares(stays), LISTED) for stays in unique)
    kept = [k for k, e in enumerate(equilibria) if all(s.probability for s in e.shares)]
    return Listing(
        tuple(equilibria[k] for k in kept),
        tuple(unique[k] for k in kept),
        written.vectors,
        pure=game.n != 2,
        complete=stopped is None,
        stopped=stopped,
    )


class _Written:
    """A veto game with type vectors written out."""

    def __init__(self, game: VetoGame) -> None:
        economy = game.economy
        self.game, self.n = game, game.n
        size = math.prod(sum(map(bool, issue.priors[i])) for issue in economy.issues for i in range(self.n))
        if size > MAX_PROFILES:
            raise SizeError(
                f"there are {in_words(size)} profiles of type vectors, at most {MAX_PROFILES:,} are written out to "
                "list all equilibria; fewer issues help"
            )
        self.vectors = tuple(tuple(_vectors(economy, i)) for i in range(self.n))
        self.chances = tuple(tuple(_chance(economy, i, v) for v in self.vectors[i]) for i in range(self.n))
        self.weights = tuple(tuple(to_integers(row)[0]) for row in self.chances)
        self.worth = tuple(self._worth(i) for i in range(self.n))

    def _worth(self, i: int) -> list[list[int]]:
        """Agent i's gain from taking part, times the others' weights and a common factor: own vectors × others'."""
        economy = self.game.economy
        constant = -(economy.lump_sums[i] + self.game.fee)
        others = list(itertools.product(*(range(len(self.vectors[j])) for j in range(self.n) if j != i)))
        rows = []
        for mine in self.vectors[i]:
            least = constant - sum(issue.reserve[i][u] for issue, u in zip(economy.issues, mine, strict=True))
            row = []
            for theirs in others:
                profile = [self.vectors[j][t] for j, t in zip(self._others(i), theirs, strict=True)]
                profile.insert(i, mine)
                weight = math.prod(self.weights[j][t] for j, t in zip(self._others(i), theirs, strict=True))
                row.append(weight * (least + _surplus(economy, profile)))
            rows.append(row)
        flat, _ = to_integers([x for row in rows for x in row])
        return [flat[k * len(others) : (k + 1) * len(others)] for k in range(len(rows))]

    def _others(self, i: int) -> list[int]:
        return [j for j in range(self.n) if j != i]

    def decided(self) -> list[list[bool | None]]:
        """Per agent and type vector: takes part, vetoes, or None, in all equilibria where everybody may take part."""
        known: list[list[bool | None]] = [[None] * len(vectors) for vectors in self.vectors]
        changed = True
        while changed:
            changed = False
            for i in range(self.n):
                sure = list(itertools.product(*(known[j] for j in self._others(i))))
                there = [k for k, others in enumerate(sure) if False not in others]
                certain = [all(others) for others in sure]
                for t, row in enumerate(self.worth[i]):
                    if known[i][t] is not None:
                        continue
                    least = sum(row[k] if certain[k] else min(0, row[k]) for k in there)
                    most = sum(row[k] if certain[k] else max(0, row[k]) for k in there)
                    if least > 0 or all(row[k] > 0 for k in there):
                        known[i][t] = changed = True
                    elif most < 0 or all(row[k] < 0 for k in there):
                        known[i][t] = False
                        changed = True
        return known

    def two_agents(
        self, decided: Sequence[Sequence[bool | None]], max_seconds: float | None
    ) -> tuple[list[tuple[Stay, ...]], str | None]:
        """All extreme equilibria of what is left for two agents."""
        choices = sum(known is None for d in decided for known in d)
        if choices > MAX_CHOICES:
            raise SizeError(
                f"{choices} type vectors could take part or veto, at most {MAX_CHOICES} are listed; fewer issues help"
            )
        lines = [
            [(t, stay) for t, known in enumerate(d) for stay in ((False, True) if known is None else (known,))]
            for d in decided
        ]
        blocks = [tuple(2 if known is None else 1 for known in d) for d in decided]
        A = [
            [self.weights[0][a] * self.worth[0][a][b] * (stay and there) for b, there in lines[1]]
            for a, stay in lines[0]
        ]
        B = [
            [self.weights[1][b] * self.worth[1][b][a] * (stay and there) for b, there in lines[1]]
            for a, stay in lines[0]
        ]
        found = enumerate_equilibria(BlockGame.of(A, B, *blocks), max_seconds=max_seconds)
        stays = [
            tuple(
                tuple(
                    sum((p for p, (u, stay) in zip(point, line, strict=True) if u == t and stay), Fraction(0))
                    for t in range(len(self.vectors[i]))
                )
                for i, (point, line) in enumerate(zip(pair, lines, strict=True))
            )
            for pair in found
        ]
        return stays, None if found.complete else found.stopped or "time limit"

    def pure(self, decided: Sequence[Sequence[bool | None]], deadline: float | None) -> Iterator[tuple[Stay, ...]]:
        """All equilibria without mixing: sets of all agents but the one with most choices are tried."""
        free = [[t for t, known in enumerate(d) if known is None] for d in decided]
        last = max(range(self.n), key=lambda i: len(free[i]))
        tried = [(i, t) for i in self._others(last) for t in free[i]]
        if len(tried) > MAX_FREE:
            raise SizeError(
                f"{len(tried)} type vectors could take part or veto, at most {MAX_FREE} of all agents but one are "
                "tried; fewer issues help"
            )
        for number, choice in enumerate(itertools.product((True, False), repeat=len(tried))):
            if number % 256 == 0 and deadline is not None and time.monotonic() > deadline:
                raise LimitReached("time limit")
            sets = [[bool(known) for known in d] for d in decided]
            for (i, t), stay in zip(tried, choice, strict=True):
                sets[i][t] = stay
            gains = self._gains(last, sets)
            indifferent = [t for t in free[last] if gains[t] == 0]
            for t in free[last]:
                sets[last][t] = gains[t] > 0
            for stays in itertools.product((True, False), repeat=len(indifferent)):
                for t, stay in zip(indifferent, stays, strict=True):
                    sets[last][t] = stay
                if all(self._fits(self._gains(i, sets), sets[i]) for i in range(self.n)):
                    yield tuple(tuple(Fraction(stay) for stay in row) for row in sets)

    def _gains(self, i: int, sets: Sequence[Sequence[bool]]) -> list[int]:
        there = [k for k, others in enumerate(itertools.product(*(sets[j] for j in self._others(i)))) if all(others)]
        return [sum(row[k] for k in there) for row in self.worth[i]]

    @staticmethod
    def _fits(gains: Sequence[int], stays: Sequence[bool]) -> bool:
        return all(gain >= 0 if stay else gain <= 0 for gain, stay in zip(gains, stays, strict=True))

    def shares(self, stays: Sequence[Stay]) -> tuple[Share, ...]:
        """What matters to others of participation that is written out."""
        found = []
        for i, stay in enumerate(stays):
            weights = [p * x for p, x in zip(self.chances[i], stay, strict=True)]
            rows = []
            for k, issue in enumerate(self.game.economy.issues):
                row = [Fraction(0)] * len(issue.priors[i])
                for vector, w in zip(self.vectors[i], weights, strict=True):
                    row[vector[k]] += w
                rows.append(tuple(row))
            found.append(Share(sum(weights, Fraction(0)), tuple(rows)))
        return tuple(found)


def _vectors(economy: Economy, i: int) -> Iterator[Vector]:
    return itertools.product(*([u for u, p in enumerate(issue.priors[i]) if p] for issue in economy.issues))


def _chance(economy: Economy, i: int, vector: Vector) -> Fraction:
    return math.prod((issue.priors[i][u] for issue, u in zip(economy.issues, vector, strict=True)), start=Fraction(1))


def _surplus(economy: Economy, profile: Sequence[Vector]) -> Fraction:
    total = Fraction(0)
    for k, issue in enumerate(economy.issues):
        place = 0
        for vector, size in zip(profile, issue.shape, strict=True):
            place = place * size + vector[k]
        total += issue.surplus[place]
    return total
