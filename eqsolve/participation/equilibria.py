"""Equilibria of the veto game by best replies, starting from "nobody vetoes".

Strategies are compared by what matters to others: the probability of taking part and the marginals per issue. Where
these repeat, replies are best replies to each other, exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from eqsolve.errors import SizeError
from eqsolve.participation.efficiency import efficient
from eqsolve.participation.mixing import mixed_equilibrium
from eqsolve.participation.veto import Outcome, Shares, VetoGame

MAX_ROUNDS = 200
CLOSE = Fraction(1, 10**6)

TOGETHER, IN_TURN, ALIKE, MIXED, LISTED = "together", "in turn", "alike", "mixed", "listed"


@dataclass(frozen=True, eq=False)
class VetoEquilibrium:
    """An equilibrium of the veto game.

    Parameters
    ----------
    game : VetoGame
    shares : Shares
        Who takes part. Every share is a best reply to the others.
    how : {"together", "in turn", "alike", "mixed", "listed"}
        All agents replied at once or one after the other, from nobody vetoing; two like agents do the same, without
        or with some type vectors that mix; or all equilibria were listed.
    path : one tuple per round of one Fraction per agent
        Probabilities of taking part on the way from nobody vetoing.
    """

    game: VetoGame
    shares: Shares
    how: str
    path: tuple[tuple[Fraction, ...], ...] = ()

    @cached_property
    def outcome(self) -> Outcome:
        """What comes of it."""
        return self.game.outcome(self.shares)

    @cached_property
    def efficient(self) -> tuple[Fraction, Fraction]:
        """Bounds of the probability of an efficient decision; equal, and then exact, where that is computed.

        Exact without mixing as long as issues are few; otherwise, and where these bounds are within `CLOSE`, what
        `Outcome.efficient` says.
        """
        bounds = self.outcome.efficient
        if self.how not in (TOGETHER, IN_TURN, ALIKE) or self.unravelled or bounds[1] - bounds[0] < CLOSE:
            return bounds
        try:
            exact = efficient(self.game, self.shares)
        except SizeError:
            return bounds
        return exact, exact

    @property
    def unravelled(self) -> bool:
        """Whether somebody vetoes for sure."""
        return self.outcome.no_veto == 0


@dataclass(frozen=True, eq=False)
class VetoSearch:
    """Equilibria found from "nobody vetoes".

    Parameters
    ----------
    equilibria : tuple of VetoEquilibrium
        The first one is where replies lead; empty if they go round in circles both ways.
    constraints : Fraction
        Probability that all participation constraints hold as long as nobody vetoes: what the first replies leave.
    circles : int
        Rounds after which simultaneous replies repeat without standing still; 0 if they come to rest.
    """

    equilibria: tuple[VetoEquilibrium, ...]
    constraints: Fraction
    circles: int


def from_nobody(game: VetoGame, *, mixing: bool = True) -> VetoSearch:
    """Best replies from "nobody vetoes": all agents at once, and one after the other if that goes round in circles.

    For two like agents whose simultaneous replies go round in circles an equilibrium in which they do the same, some
    type vectors mixing if need be, is sought, too, if `mixing`. Everything that is returned was checked exactly.

    Raises
    ------
    SizeError, LimitReached
    """
    found = []
    seen, path, circles = _walk(game, _together)
    constraints = _product(path[1] if len(path) > 1 else path[0])
    if circles:
        shares, turns, going_on = _walk(game, _in_turn)
        if not going_on:
            found.append(VetoEquilibrium(game, shares, IN_TURN, tuple(turns)))
        mixed = mixed_equilibrium(game) if mixing else None
        if mixed is not None:
            found.append(VetoEquilibrium(game, mixed, ALIKE if is_equilibrium(game, mixed) else MIXED))
    else:
        found.append(VetoEquilibrium(game, seen, TOGETHER, tuple(path)))
    return VetoSearch(tuple(found), constraints, circles)


def is_equilibrium(game: VetoGame, shares: Shares) -> bool:
    """Whether shares without mixing are best replies to each other, indifferent type vectors taking part."""
    return all(game.reply(i, shares) == shares[i] for i in range(game.n))


def _walk(game: VetoGame, step: Callable[[VetoGame, Shares], Shares]) -> tuple[Shares, list[tuple[Fraction, ...]], int]:
    """Where the steps end, the way there, and the length of the circle if they do not."""
    shares = game.everybody
    known = {shares: 0}
    path = [_chances(shares)]
    for number in range(1, MAX_ROUNDS + 1):
        after = step(game, shares)
        if after == shares:
            return shares, path, 0
        if after in known:
            return shares, path, number - known[after]
        known[after] = number
        path.append(_chances(after))
        shares = after
    return shares, path, MAX_ROUNDS


def _together(game: VetoGame, shares: Shares) -> Shares:
    return tuple(game.reply(i, shares) for i in range(game.n))


def _in_turn(game: VetoGame, shares: Shares) -> Shares:
    now = list(shares)
    for i in range(game.n):
        now[i] = game.reply(i, now)
    return tuple(now)


def _chances(shares: Shares) -> tuple[Fraction, ...]:
    return tuple(s.probability for s in shares)


def _product(values: tuple[Fraction, ...]) -> Fraction:
    out = Fraction(1)
    for x in values:
        out *= x
    return out


def rounds(path: tuple[tuple[Fraction, ...], ...]) -> Iterator[Fraction]:
    """Probability that nobody vetoes, round by round."""
    return map(_product, path)
