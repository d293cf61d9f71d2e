"""The tightest proved bracket on the payoffs of all equilibria."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol

from eqsolve.claims.verdict import Interval
from eqsolve.errors import LimitReached, NotSupported, SizeError
from eqsolve.judge import bounds

if TYPE_CHECKING:
    from eqsolve.claims.argument import Argument
    from eqsolve.solution import Solution

JOINT_LAW_SECONDS = 60.0
SIDES = ("floor", "ceiling")


class Bound(Protocol):
    """A proved bound on an agent's payoff in all equilibria, with evidence for a certificate."""

    @property
    def value(self) -> Fraction:
        """The bound, per problem."""

    @property
    def evidence(self) -> dict[str, Any]:
        """What proves it, as in a certificate."""


Ends = tuple[Bound | None, Bound | None]
NOTHING: Ends = (None, None)


@dataclass(frozen=True, eq=False)
class Bracket:
    """Proved bounds on the payoffs of all equilibria.

    Parameters
    ----------
    intervals : one (lowest, highest) per agent
    method : str
        The strongest argument that was used, in words.
    proofs : one (lower end, upper end) per agent
        What proves each end, or comes nearest to it, without a complete list; None for floors and ceilings.
    """

    intervals: tuple[Interval, ...]
    method: str
    proofs: tuple[Ends, ...]

    @property
    def is_point(self) -> bool:
        """Whether the payoffs of all equilibria are proved."""
        return all(lo is not None and lo == hi for lo, hi in self.intervals)

    def words(self, found: Sequence[Interval], names: Sequence[str]) -> str:
        """Which ends are attained, in words; empty if none is known to be."""
        told: dict[str, list[str]] = {}
        for name, (lo, hi), (least, most) in zip(names, self.intervals, found, strict=True):
            ends = [word for word, end, best in (("lower", lo, least), ("upper", hi, most)) if end == best is not None]
            if ends:
                told.setdefault("both ends" if len(ends) == 2 else f"the {ends[0]} end", []).append(name)
        if len(told) == 1 and (ends_for := next(iter(told.items())))[1] == list(names):
            return (
                f"{ends_for[0]} of the bracket {'are' if ends_for[0] == 'both ends' else 'is'} attained for everybody"
            )
        return "; ".join(f"attained for {', '.join(who)}: {ends}" for ends, who in told.items())


def tightest_bracket(argument: Argument) -> Bracket:
    """Floors and ceilings, tightened by a complete list, else by the law of types and announcements together.

    Where floors or ceilings are not computed, bounds from the budgets' margins take their place.
    """
    known, game = argument.knowledge, argument.game
    plain = tuple(zip(known.floor, known.ceiling, strict=True))
    if known.complete is not None:
        intervals, method = _listed(known.complete, plain), "all equilibria are listed"
        if not argument.certify:
            return Bracket(intervals, method, (NOTHING,) * game.n)
        return Bracket(intervals, method, tuple(_tightened(argument, i, plain[i])[1] for i in range(game.n)))
    ends = [_tightened(argument, i, plain[i]) for i in range(game.n)]
    if all(proofs == NOTHING for _, proofs in ends):
        return Bracket(plain, "floors and ceilings", (NOTHING,) * game.n)
    return Bracket(
        tuple(interval for interval, _ in ends),
        "floors and ceilings, tightened by the joint law of types and announcements",
        tuple(proofs for _, proofs in ends),
    )


def _tightened(argument: Argument, i: int, plain: Interval) -> tuple[Interval, Ends]:
    """The best proved ends for one agent, and proofs for those that are better than floor and ceiling."""
    ends: list[Fraction | None] = list(plain)
    found: list[Bound | None] = [None, None]
    if plain[0] is not None and plain[0] == plain[1]:
        return plain, NOTHING
    for k, (side, sign) in enumerate(zip(SIDES, (1, -1), strict=True)):
        for bound in (_by_margins(argument, i, side) if plain[k] is None else None, _joint_law(argument, i, side)):
            here = ends[k]
            if bound is not None and (here is None or sign * bound.value > sign * here):
                ends[k], found[k] = bound.value, bound
    return (ends[0], ends[1]), (found[0], found[1])


def _joint_law(argument: Argument, i: int, side: str) -> bounds.JointBound | None:
    """The bound from the joint law of types and announcements, unless it is too large or takes too long."""
    remaining = argument.knowledge.remaining()
    deadline = time.monotonic() + min(JOINT_LAW_SECONDS, remaining or JOINT_LAW_SECONDS)
    try:
        return bounds.joint_law_bound(argument.game, i, side, deadline=deadline)
    except (SizeError, NotSupported, LimitReached):
        return None


def _by_margins(argument: Argument, i: int, side: str) -> bounds.MarginsBound | None:
    """The bound from the budgets' margins, where joint histograms are too many."""
    try:
        return (bounds.floor_by_margins if side == "floor" else bounds.ceiling_by_margins)(argument.game, i)
    except (SizeError, NotSupported):
        return None


def _listed(complete: Solution, intervals: Sequence[Interval]) -> tuple[Interval, ...]:
    """Least and largest payoffs of a complete list.

    An active agent's payoff in a maximal Nash subset depends on the other one's strategy only, linearly, and every
    extreme strategy is listed. A bystander's depends on both, so all pairs have to be listed.
    """
    ranges: list[Interval] = []
    for i in range(complete.game.n):
        if i in complete.game.active or not complete.shortened:
            payoffs = [e.payoffs[i] for e in complete]
            ranges.append((min(payoffs), max(payoffs)))
        else:
            ranges.append(intervals[i])
    return tuple(ranges)
