"""The tightest proved bracket on the payoffs of all equilibria."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eqsolve.claims.verdict import Interval

if TYPE_CHECKING:
    from eqsolve.claims.argument import Argument
    from eqsolve.solution import Solution

Ends = tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]


@dataclass(frozen=True, eq=False)
class Bracket:
    """Proved bounds on the payoffs of all equilibria.

    Parameters
    ----------
    intervals : one (lowest, highest) per agent
    method : str
        The strongest argument that was used, in words.
    evidence : one (lower end, upper end) per agent
        What proves each end without a solver; None for floors and ceilings, and for an end that only a complete list
        proves.
    """

    intervals: tuple[Interval, ...]
    method: str
    evidence: tuple[Ends, ...]

    @property
    def is_point(self) -> bool:
        """Whether the payoffs of all equilibria are proved."""
        return all(lo is not None and lo == hi for lo, hi in self.intervals)

    def words(self, found: Sequence[Interval], names: Sequence[str]) -> str:
        """How sharp the ends are, in a sentence; empty without a bracket."""
        told = []
        for name, (lo, hi), (least, most) in zip(names, self.intervals, found, strict=True):
            if lo is None or hi is None:
                continue
            attained = [word for word, end, best in (("lower", lo, least), ("upper", hi, most)) if end == best]
            if len(attained) == 2:
                told.append(f"both ends are attained for agent {name}")
            elif attained:
                told.append(f"the {attained[0]} end is attained for agent {name}")
        return "; ".join(told)


def tightest_bracket(argument: Argument) -> Bracket:
    """Floors and ceilings, tightened by a complete list, or by what excludes more where there is none."""
    known = argument.knowledge
    intervals = list(zip(known.floor, known.ceiling, strict=True))
    nothing = ((None, None),) * argument.game.n
    if known.complete is not None:
        return Bracket(_listed(known.complete, intervals), "all equilibria are listed", nothing)
    return Bracket(tuple(intervals), "floors and ceilings", nothing)


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
