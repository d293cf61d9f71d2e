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
    from eqsolve.judge.complementarity_bound import Range
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
            low, high = lo is not None and lo == least, hi is not None and hi == most
            if low or high:
                end = "both ends are" if low and high else f"the {'lower' if low else 'upper'} end is"
                told.setdefault(end, []).append(name)
        return "; ".join(
            f"{end} attained for {'everybody' if who == list(names) else ', '.join(who)}" for end, who in told.items()
        )


@dataclass(frozen=True)
class Proof:
    """A bound with its evidence."""

    value: Fraction
    evidence: dict[str, Any]


def tightest_bracket(argument: Argument) -> Bracket:
    """Floors and ceilings, tightened agent by agent as far as it goes.

    The exact range over all equilibria for two active agents, the complete list of a small game for bystanders, and
    the joint law of types and announcements where neither answers. Where floors or ceilings are not computed, bounds
    from the budgets' margins take their place.
    """
    known, game = argument.knowledge, argument.game
    plain = tuple(zip(known.floor, known.ceiling, strict=True))
    intervals: list[Interval] = list(plain)
    proofs: list[Ends] = [NOTHING] * game.n
    methods = []
    for i in range(game.n):
        if plain[i][0] is not None and plain[i][0] == plain[i][1]:
            continue
        if i in known.ranges:
            intervals[i], proofs[i] = _from_range(known.ranges[i], plain[i])
            methods.append("branch and bound over complementarity")
        if i in known.ranges and known.ranges[i].stopped is None:
            continue
        listed = None if i in known.ranges else _listed(known.complete, i)
        intervals[i], proofs[i], how = _tightened(argument, i, intervals[i], proofs[i])
        if listed is not None:
            intervals[i], how = listed, "all equilibria are listed"
        methods += [how] if how else []
    return Bracket(tuple(intervals), ", ".join(["floors and ceilings", *dict.fromkeys(methods)]), tuple(proofs))


def _from_range(found: Range, plain: Interval) -> tuple[Interval, Ends]:
    """The ends of an exact range, and proofs for those that are better than floor and ceiling."""
    ends: list[Fraction | None] = list(plain)
    proofs: list[Bound | None] = [None, None]
    for k, (value, evidence, sign) in enumerate(((found.lo, found.lo_evidence, 1), (found.hi, found.hi_evidence, -1))):
        here = ends[k]
        if value is not None and (here is None or sign * value > sign * here):
            ends[k] = value
            proofs[k] = None if evidence is None else Proof(value, evidence)
    return (ends[0], ends[1]), (proofs[0], proofs[1])


def _tightened(argument: Argument, i: int, before: Interval, proofs: Ends) -> tuple[Interval, Ends, str]:
    """Better ends for one agent where a linear program finds some, with proofs, and what found them."""
    ends: list[Fraction | None] = list(before)
    found: list[Bound | None] = list(proofs)
    how = ""
    for k, (side, sign) in enumerate(zip(SIDES, (1, -1), strict=True)):
        for bound in (_by_margins(argument, i, side) if ends[k] is None else None, _joint_law(argument, i, side)):
            here = ends[k]
            if bound is not None and (here is None or sign * bound.value > sign * here):
                ends[k], found[k], how = bound.value, bound, "the joint law of types and announcements"
    return (ends[0], ends[1]), (found[0], found[1]), how


def _joint_law(argument: Argument, i: int, side: str) -> bounds.JointBound | None:
    """The bound from the joint law of types and announcements, unless it is too large or takes too long."""
    remaining = argument.knowledge.remaining()
    deadline = time.monotonic() + min(JOINT_LAW_SECONDS, remaining or JOINT_LAW_SECONDS)
    try:
        return bounds.joint_law_bound(argument.game, i, side, deadline=deadline)
    except (SizeError, NotSupported):
        return None
    except LimitReached:
        argument.knowledge.remaining()
        return None


def _by_margins(argument: Argument, i: int, side: str) -> bounds.MarginsBound | None:
    """The bound from the budgets' margins, where joint histograms are too many."""
    argument.knowledge.remaining()
    try:
        return (bounds.floor_by_margins if side == "floor" else bounds.ceiling_by_margins)(argument.game, i)
    except (SizeError, NotSupported):
        return None


def _listed(complete: Solution | None, i: int) -> Interval | None:
    """Least and largest payoff of an agent in a complete list; None where that is not read off it.

    An active agent's payoff in a maximal Nash subset depends on the other one's strategy only, linearly, and every
    extreme strategy is listed. A bystander's depends on both, so all pairs have to be listed.
    """
    if complete is None or (i not in complete.game.active and complete.shortened):
        return None
    payoffs = [e.payoffs[i] for e in complete]
    return min(payoffs), max(payoffs)
