"""Efficient decisions, and what is done when there are several.

A decision is efficient at a profile if it maximises the sum of utilities less its cost (lecture notes, Definition 1,
which assumes that it is unique; here ties are resolved in the open).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from eqsolve.errors import ModelError
from eqsolve.problem import Profile
from eqsolve.rule import Lottery
from eqsolve.transfers.problem import ZERO, QuasiLinearProblem

TIES = ("first", "last", "uniform")

Ties = str | Sequence[str] | Mapping[Profile, str]
"""``"first"`` or ``"last"`` of the decisions, ``"uniform"``, an order of decisions, or a choice per profile."""

Allocation = tuple[Lottery, ...]


def efficient_rule(problem: QuasiLinearProblem, ties: Ties = "first") -> Allocation:
    """An efficient decision, or lottery over them, at every profile.

    Parameters
    ----------
    problem : QuasiLinearProblem
    ties : {"first", "last", "uniform"}, sequence of decisions, or mapping of profile to decision
        How several efficient decisions are resolved; a mapping has to cover all profiles with ties.

    Raises
    ------
    ModelError
        For an unknown rule or decision, or a choice that is not efficient.
    """
    names = problem.problem.decisions
    width = len(names)
    order = None
    if not isinstance(ties, str | Mapping):
        order = [_decision(names, name) for name in ties]
        if sorted(order) != list(range(width)):
            raise ModelError(f"ties: found {', '.join(ties)}, expected all decisions in some order")
    elif isinstance(ties, str) and ties not in TIES:
        raise ModelError(f"ties: found {ties!r}, expected one of {', '.join(TIES)}, or an order of the decisions")
    allocation = []
    for profile, best in zip(problem.profiles, problem.efficient, strict=True):
        chosen = best
        if order is not None:
            chosen = (min(best, key=order.index),)
        elif isinstance(ties, Mapping):
            chosen = _choice(problem, profile, best, ties)
        elif ties != "uniform":
            chosen = best[:1] if ties == "first" else best[-1:]
        share = Fraction(1, len(chosen))
        allocation.append(tuple(share if d in chosen else ZERO for d in range(width)))
    return tuple(allocation)


def is_efficient(problem: QuasiLinearProblem, allocation: Allocation) -> Profile | None:
    """None if only efficient decisions are ever taken, else a profile where another one is."""
    for profile, lottery, best in zip(problem.profiles, allocation, problem.efficient, strict=True):
        if any(q and d not in best for d, q in enumerate(lottery)):
            return profile
    return None


@dataclass(frozen=True)
class TieReport:
    """Where efficient decisions are not unique, and to whom that matters.

    Attributes
    ----------
    profiles : tuple of Profile
        Profiles with several efficient decisions.
    probability : Fraction
        Of these profiles.
    concerned : tuple of Profile
        Those among them at which some agent is not indifferent between the efficient decisions.

    Notes
    -----
    In a Groves mechanism the tie rule moves neither payoffs nor the budget: an agent gets the surplus less what does
    not depend on its report, and the budget is the sum of these charges less n - 1 times the surplus. Payments move, so
    do lies, and whether a balanced mechanism exists on a grid may depend on it.
    """

    profiles: tuple[Profile, ...]
    probability: Fraction
    concerned: tuple[Profile, ...]

    @property
    def matters(self) -> bool:
        """Whether somebody is not indifferent between efficient decisions somewhere."""
        return bool(self.concerned)


def tie_report(problem: QuasiLinearProblem) -> TieReport:
    """Find the profiles with several efficient decisions."""
    tied, concerned, chance = [], [], ZERO
    for p, best in enumerate(problem.efficient):
        if len(best) > 1:
            profile = problem.profiles[p]
            tied.append(profile)
            chance += problem.probabilities[p]
            worths = [{problem.values[i][u][d] for d in best} for i, u in enumerate(profile)]
            if any(len(worth) > 1 for worth in worths):
                concerned.append(profile)
    return TieReport(tuple(tied), chance, tuple(concerned))


def _choice(
    problem: QuasiLinearProblem, profile: Profile, best: tuple[int, ...], ties: Mapping[Profile, str]
) -> tuple[int, ...]:
    if len(best) == 1:
        return best
    if profile not in ties:
        raise ModelError(f"ties: found no choice at {problem.describe(profile)}, where several decisions are efficient")
    chosen = _decision(problem.problem.decisions, ties[profile])
    if chosen not in best:
        raise ModelError(f"ties: {ties[profile]!r} is not efficient at {problem.describe(profile)}")
    return (chosen,)


def _decision(names: Sequence[str], name: str) -> int:
    if name not in names:
        raise ModelError(f"ties: found {name!r}, expected one of the decisions {', '.join(names)}")
    return names.index(name)
