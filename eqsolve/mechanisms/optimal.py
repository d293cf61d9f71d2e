"""The best incentive compatible mechanism on K copies of a decision problem.

Linking is simple, not optimal. Here a linear program finds the mechanism that maximises a weighted sum of payoffs among
all direct mechanisms on K copies in which nobody gains by misreporting: Bayesian or dominant strategy incentive
compatible, with or without participation constraints and balanced transfers.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from eqsolve.errors import ModelError, NotSupported
from eqsolve.mechanisms.constraints import (
    BayesianIncentives,
    Cell,
    Constraint,
    DominantIncentives,
    Family,
    Participation,
    Report,
)
from eqsolve.mechanisms.orbits import Orbits
from eqsolve.mechanisms.program import Optimum, Program, maximise
from eqsolve.problem import DecisionProblem, Profile

INCENTIVES = ("bic", "dsic", "none")
PARTICIPATION = ("none", "interim", "total", "problem")


@dataclass(frozen=True)
class Requirements:
    """What the mechanism must satisfy.

    Parameters
    ----------
    incentives : {"bic", "dsic", "none"}
        Bayesian, dominant strategy, or no incentive constraints.
    participation : {"none", "interim", "total", "problem"}
        Nobody prefers the status quo: in expectation at every histogram of its own types; at every profile of type
        vectors over all problems together; or on every problem, whatever decision is drawn.
    status_quo : str, optional
        The decision that participation is measured against.
    transfers : bool
        Payments between the agents that sum to 0 at every profile. With independent types only what an agent expects
        to be paid at each of its reports matters, and any such amounts with mean 0 in sum can be balanced ex post.
    """

    incentives: str = "bic"
    participation: str = "none"
    status_quo: str | None = None
    transfers: bool = False


@dataclass(frozen=True, eq=False)
class OptimalMechanism:
    """The best mechanism that satisfies the requirements, exact.

    Parameters
    ----------
    problem : DecisionProblem
    copies : int
    requirements : Requirements
    weights : tuple of Fraction
        Of the agents' payoffs in the objective.
    orbits : Orbits
    optimum : Optimum
        Lotteries per block, transfers, and the multipliers that prove optimality.
    seconds : float
    """

    problem: DecisionProblem
    copies: int
    requirements: Requirements
    weights: tuple[Fraction, ...]
    orbits: Orbits
    optimum: Optimum
    seconds: float = 0.0

    @property
    def welfare(self) -> Fraction:
        """Largest weighted sum of payoffs per problem, ex ante."""
        return self.optimum.value / self.copies

    @cached_property
    def payoffs(self) -> tuple[Fraction, ...]:
        """Payoffs per problem of the agents, ex ante, transfers included."""
        orbits = self.orbits
        totals = [Fraction(0)] * self.problem.n
        for (h, p), lottery in zip(orbits.blocks, self.optimum.lotteries, strict=True):
            mass = orbits.probabilities[h] * orbits.joint[h][p]
            for i, u in enumerate(orbits.profiles[p]):
                worth = self.problem.utility(i, u)
                totals[i] += mass * sum((q * w for q, w in zip(lottery, worth, strict=True) if q), Fraction(0))
        for (i, histogram), t in self.optimum.transfers.items():
            totals[i] += orbits.interim[i][histogram] * t
        return tuple(total / self.copies for total in totals)

    def lottery(self, joint: Sequence[int], profile: Profile) -> tuple[Fraction, ...]:
        """Lottery over decisions on a problem with this profile of types, where `joint` counts all profiles.

        Raises
        ------
        ModelError
            If the profile does not occur there.
        """
        try:
            pair = (self.orbits.joint.index(tuple(joint)), self.orbits.profiles.index(tuple(profile)))
            return self.optimum.lotteries[self.orbits.blocks.index(pair)]
        except ValueError:
            raise ModelError(f"found profile {profile!r} in {joint!r}, expected one that occurs there") from None


def optimal_mechanism(
    problem: DecisionProblem,
    copies: int,
    requirements: Requirements | None = None,
    *,
    weights: Sequence[Fraction] | None = None,
    max_seconds: float | None = None,
) -> OptimalMechanism | None:
    """The mechanism on K copies that maximises the weighted sum of payoffs; None if none meets the requirements.

    Parameters
    ----------
    problem : DecisionProblem
    copies : int
        K.
    requirements : Requirements, optional
        Bayesian incentive compatibility by default.
    weights : sequence of Fraction, optional
        1 for everybody by default.
    max_seconds : float, optional

    Raises
    ------
    ModelError
        If a requirement is unknown or needs a status quo.
    NotSupported
        If requirements do not go together.
    SizeError
        If there are too many joint histograms.
    LimitReached
        After `max_seconds`.

    Notes
    -----
    C(K + p - 1, p - 1) joint histograms for p profiles of types, one lottery for each profile in each of them.
    """
    wanted = requirements or Requirements()
    status_quo = _check(problem, wanted)
    start = time.monotonic()
    orbits = Orbits(problem, copies)
    importance = tuple(weights) if weights is not None else (Fraction(1),) * problem.n
    program = Program(
        objective=_objective(orbits, importance),
        allowed=_allowed(orbits, wanted, status_quo),
        decisions=len(problem.decisions),
        families=_families(orbits, wanted, status_quo),
        equalities=[_balance(orbits)] if wanted.transfers else [],
        transfers=_transfers(orbits, importance) if wanted.transfers else {},
    )
    optimum = maximise(program, None if max_seconds is None else start + max_seconds)
    if optimum is None:
        return None
    return OptimalMechanism(problem, copies, wanted, importance, orbits, optimum, seconds=time.monotonic() - start)


def _check(problem: DecisionProblem, wanted: Requirements) -> int:
    """Index of the status quo, -1 if there is none."""
    if wanted.incentives not in INCENTIVES:
        raise ModelError(f"incentives: found {wanted.incentives!r}, expected one of {', '.join(INCENTIVES)}")
    if wanted.participation not in PARTICIPATION:
        raise ModelError(f"participation: found {wanted.participation!r}, expected one of {', '.join(PARTICIPATION)}")
    if wanted.transfers and (wanted.incentives == "dsic" or wanted.participation in ("total", "problem")):
        raise NotSupported("balanced transfers go with Bayesian incentives and interim participation only")
    if wanted.participation == "none":
        return -1
    if wanted.status_quo not in problem.decisions:
        raise ModelError(f"status quo: found {wanted.status_quo!r}, expected one of {', '.join(problem.decisions)}")
    return problem.decisions.index(wanted.status_quo)


def _objective(orbits: Orbits, weights: Sequence[Fraction]) -> dict[Cell, Fraction]:
    """Weighted sum of payoffs, over all problems."""
    problem = orbits.problem
    found: dict[Cell, Fraction] = {}
    for b, (h, p) in enumerate(orbits.blocks):
        mass = orbits.probabilities[h] * orbits.joint[h][p]
        worth = [
            [w * x for x in problem.utility(i, u)]
            for i, (w, u) in enumerate(zip(weights, orbits.profiles[p], strict=True))
        ]
        for d, column in enumerate(zip(*worth, strict=True)):
            found[b, d] = mass * sum(column, Fraction(0))
    return found


def _transfers(orbits: Orbits, weights: Sequence[Fraction]) -> dict[Report, Fraction]:
    """What a transfer at each report adds to the objective."""
    return {(i, n): w * chance for i, w in enumerate(weights) for n, chance in orbits.interim[i].items()}


def _allowed(orbits: Orbits, wanted: Requirements, status_quo: int) -> list[list[int]]:
    """Decisions that may be taken at each block."""
    problem = orbits.problem
    everything = list(range(len(problem.decisions)))
    if wanted.participation != "problem":
        return [everything for _ in orbits.blocks]

    def accepted(profile: Profile, d: int) -> bool:
        return all(problem.utility(i, u)[d] >= problem.utility(i, u)[status_quo] for i, u in enumerate(profile))

    return [[d for d in everything if accepted(orbits.profiles[p], d)] for _, p in orbits.blocks]


def _families(orbits: Orbits, wanted: Requirements, status_quo: int) -> list[Family]:
    found: list[Family] = []
    if wanted.incentives == "bic":
        found.append(BayesianIncentives(orbits, wanted.transfers))
    elif wanted.incentives == "dsic":
        found.append(DominantIncentives(orbits))
    if wanted.participation in ("interim", "total"):
        found.append(Participation(orbits, status_quo, wanted.participation, wanted.transfers))
    return found


def _balance(orbits: Orbits) -> Constraint:
    """Expected transfers sum to 0."""
    mass = {(i, n): chance for i in range(orbits.problem.n) for n, chance in orbits.interim[i].items()}
    return Constraint(("balance",), {}, transfers=mass)
