"""Games with any number of players: leave out what does not matter, solve the rest, tell it in the original players.

Strictly dominated strategies are never played; strategies that nobody can tell apart are one; a player who does not
matter to the others only has to answer them best. What is left may be a game of two players, or none, which is then
solved completely.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from eqsolve.engines.dominance import irrelevant_players, iterated_dominance, merge_duplicates
from eqsolve.engines.equilibrium_set import FieldCertificate, MixedEquilibrium, Value, ends
from eqsolve.errors import SizeError
from eqsolve.game import NormalFormGame

MAX_LISTED = 1_000_000

Vector = tuple[Value, ...]
Field = tuple[tuple[Fraction, ...], ...]  # probabilities as polynomials in the root of a certificate


@dataclass(frozen=True)
class Side:
    """One vertex of a player's polytope."""

    strategy: Vector
    field: Field | None = None


@dataclass(frozen=True)
class Part:
    """A product of polytopes, one per player, all points of which are equilibria.

    Attributes
    ----------
    players : {player: vertices of her polytope}
    payoffs : {player: Value}
        Where known; needed for irrational points only.
    certificate : FieldCertificate or None
        For irrational points; its own `strategies` are not looked at, the fields of the sides are.
    """

    players: Mapping[int, tuple[Side, ...]]
    payoffs: Mapping[int, Value] = field(default_factory=dict)
    certificate: FieldCertificate | None = None

    def points(self) -> Iterator[dict[int, Side]]:
        """Extreme equilibria."""
        for sides in product(*self.players.values()):
            yield dict(zip(self.players, sides, strict=True))


Found = tuple[list[Part], bool, str | None]  # parts, whether they are all, why the search stopped
Solver = Callable[[NormalFormGame], Found]


class Reduction:
    """A game without what does not matter.

    Parameters
    ----------
    game : NormalFormGame

    Attributes
    ----------
    core : NormalFormGame or None
        The game of the players that are left, two at least; None if nobody is.
    kept, dropped : lists of int
        Players of the core; the others in the order of dropping.
    notes : list of str
        What could not be told in the original players; filled by `solve`.
    """

    def __init__(self, game: NormalFormGame) -> None:
        self.game = game
        self.survivors = iterated_dominance(game.integers).survivors
        tables, classes = merge_duplicates([table[np.ix_(*self.survivors)] for table in game.integers])
        self.groups = [
            [tuple(alive[k] for k in group) for group in merged]
            for alive, merged in zip(self.survivors, classes, strict=True)
        ]
        everyone = range(game.n_players)
        self.dropped = [i for i in everyone if len(self.groups[i]) == 1]
        self.kept = [i for i in everyone if len(self.groups[i]) > 1]
        for player in irrelevant_players(tables):
            # Two players are solved completely as they are. One alone has nothing left but ties.
            if player in self.kept and len(self.kept) != 2:
                self.kept.remove(player)
                self.dropped.append(player)
        self.notes: list[str] = []
        self.core = self._core(tables) if self.kept else None

    def _core(self, tables: Sequence[Any]) -> NormalFormGame:
        cut = tuple(slice(None) if i in self.kept else 0 for i in range(self.game.n_players))
        payoffs = [[[Fraction(int(v), self.game.denominators[i]) for v in tables[i][cut].flat]] for i in self.kept]
        shape = [len(self.groups[i]) for i in self.kept]
        arrays = [np.array(values, dtype=object).reshape(shape) for values in payoffs]
        return NormalFormGame.from_payoffs(*arrays, players=[self.game.players[i] for i in self.kept])

    def solve(self, solver: Solver) -> Found:
        """Solve the core and undo the reduction.

        Parameters
        ----------
        solver : callable
            Given a game, answers its parts, whether they are all, and why it stopped.
        """
        found, complete, stopped = ([Part({})], True, None) if self.core is None else solver(self.core)
        parts = [self._expanded(part) for part in found]
        for player in reversed(self.dropped):
            parts = [whole for part in parts for whole in self._answered(part, player)]
        return parts, complete and not self.notes, stopped

    def _expanded(self, part: Part) -> Part:
        """The same in original strategies: each merged one's probability on any of those it stands for."""
        players = {}
        for place, i in enumerate(self.kept):
            groups, width = self.groups[i], self.game.shape[i]
            sides = part.players[place]
            count = sum(math.prod(len(groups[k]) for k, p in enumerate(side.strategy) if p) for side in sides)
            _check_size(count)
            players[i] = tuple(whole for side in sides for whole in _expanded_side(side, groups, width))
        return replace(part, players=players, payoffs={self.kept[k]: value for k, value in part.payoffs.items()})

    def _answered(self, part: Part, player: int) -> list[Part]:
        """Add the best replies of a player that was dropped.

        Her payoff is linear in each other player's strategy, so what is best against all vertices is best against all
        points of the part, and what is worse at all vertices is worse everywhere. If best replies differ among the
        vertices, only the vertices themselves are kept, and a note says so.
        """
        if len(self.groups[player]) == 1:
            return [self._with(part, player, self.groups[player][0])]
        answers = [(point, self._best_replies(point, player)) for point in part.points()]
        if len({best for _, best in answers}) == 1 and answers[0][1] is not None:
            return [self._with(part, player, answers[0][1])]
        name = self.game.players[player]
        self._note(
            f"the best replies of player {name} differ along a continuum of equilibria of the others"
            if all(best is not None for _, best in answers)
            else f"the best replies of player {name} to an irrational equilibrium of the others could not be told apart"
        )
        return [
            self._with(replace(part, players={i: (side,) for i, side in point.items()}), player, best)
            for point, best in answers
            if best is not None
        ]

    def _note(self, sentence: str) -> None:
        if sentence not in self.notes:
            self.notes.append(sentence)

    def _with(self, part: Part, player: int, replies: Iterable[int]) -> Part:
        width = self.game.shape[player]
        sides = []
        for reply in replies:
            pure = tuple(Fraction(int(k == reply)) for k in range(width))
            sides.append(Side(pure, tuple((p,) if p else () for p in pure)))
        return replace(part, players={**part.players, player: tuple(sides)})

    def _best_replies(self, point: Mapping[int, Side], player: int) -> tuple[int, ...] | None:
        """Best replies among the surviving strategies; None if they cannot be told apart."""
        # Players that are not known yet do not matter to this one.
        profile = [
            point[j].strategy if j in point else _pure(self.survivors[j][0], m) for j, m in enumerate(self.game.shape)
        ]
        alive = self.survivors[player]
        values = []
        for k in alive:
            profile[player] = _pure(k, self.game.shape[player])
            values.append(enclosure(self.game, player, profile))
        top = max(lo for lo, _ in values)
        best = tuple(k for k, (_, hi) in zip(alive, values, strict=True) if hi >= top)
        exact = all(lo == hi for k, (lo, hi) in zip(alive, values, strict=True) if k in best)
        return best if exact or len(best) == 1 or best in self.groups[player] else None

    def profiles(self, parts: Iterable[Part]) -> Iterator[list[MixedEquilibrium]]:
        """Extreme equilibria of each part."""
        for part in parts:
            _check_size(math.prod(map(len, part.players.values())))
            yield [self._equilibrium(part, point) for point in part.points()]

    def _equilibrium(self, part: Part, point: Mapping[int, Side]) -> MixedEquilibrium:
        sides = [point[i] for i in range(self.game.n_players)]
        strategies = tuple(side.strategy for side in sides)
        support = tuple(tuple(k for k, p in enumerate(strategy) if p) for strategy in strategies)
        if all(isinstance(p, Fraction) for strategy in strategies for p in strategy):
            if self.game.regret(strategies) != 0:
                raise ArithmeticError(f"{strategies} was reported and is no equilibrium")
            return MixedEquilibrium(strategies, self.game.payoff(strategies), support)
        payoffs = []
        for i in range(self.game.n_players):
            lo, hi = ends(part.payoffs[i]) if i in part.payoffs else enclosure(self.game, i, strategies)
            payoffs.append(lo if lo == hi else (lo, hi))
        certificate = part.certificate
        if certificate is not None:
            certificate = replace(certificate, strategies=tuple(side.field or () for side in sides))
        return MixedEquilibrium(strategies, tuple(payoffs), support, certificate)


def enclosure(game: NormalFormGame, player: int, profile: Sequence[Vector]) -> tuple[Fraction, Fraction]:
    """Bounds of a player's payoff when probabilities are Fractions or intervals; equal if all are Fractions."""
    lo = hi = Fraction(0)
    table, below = game.integers[player], game.denominators[player]
    for cell in product(*([k for k, p in enumerate(strategy) if p] for strategy in profile)):
        low = high = Fraction(int(table[cell]), below)
        for strategy, k in zip(profile, cell, strict=True):
            least, most = ends(strategy[k])
            low, high = min(low * least, low * most), max(high * least, high * most)
        lo, hi = lo + low, hi + high
    return lo, hi


def _pure(strategy: int, width: int) -> Vector:
    return tuple(Fraction(int(k == strategy)) for k in range(width))


def _expanded_side(side: Side, groups: Sequence[Sequence[int]], width: int) -> Iterator[Side]:
    support = [k for k, p in enumerate(side.strategy) if p]
    for choice in product(*(groups[k] for k in support)):
        strategy: list[Value] = [Fraction(0)] * width
        fields: list[tuple[Fraction, ...]] = [()] * width
        for k, original in zip(support, choice, strict=True):
            strategy[original] = side.strategy[k]
            if side.field is not None:
                fields[original] = side.field[k]
        yield Side(tuple(strategy), None if side.field is None else tuple(fields))


def _check_size(count: int) -> None:
    if count > MAX_LISTED:
        raise SizeError(
            f"{count:,} extreme equilibria because of strategies that are alike, at most {MAX_LISTED:,} are listed"
        )
