"""The best incentive compatible mechanism on K copies of a decision problem.

Linking is simple, not optimal. Here a linear program finds the mechanism that maximises a weighted sum of payoffs among
all direct mechanisms on K copies in which nobody gains by misreporting: Bayesian or dominant strategy incentive
compatible, with or without participation constraints and balanced transfers.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from eqsolve.errors import ModelError, NotSupported
from eqsolve.mechanisms.bayesian import BayesianIncentives
from eqsolve.mechanisms.constraints import Cell, Constraint, Family, Report
from eqsolve.mechanisms.direct import DirectMechanism
from eqsolve.mechanisms.dominant import DominantIncentives
from eqsolve.mechanisms.layout import SymmetricLayout
from eqsolve.mechanisms.orbits import Orbits
from eqsolve.mechanisms.participation import Participation
from eqsolve.mechanisms.program import Program, maximise
from eqsolve.mechanisms.symmetry import Renaming, identity, merged_reports, symmetries, usable
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
        vectors over all problems together, in expectation over the mechanism's lotteries; or on every problem,
        whatever decision is drawn.
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
class OptimalMechanism(DirectMechanism):
    """The best mechanism that satisfies the requirements, exact.

    Agents and decisions that are alike are treated alike.

    Parameters
    ----------
    orbits, lotteries, transfers
        The mechanism, see `DirectMechanism`.
    requirements : Requirements
    weights : tuple of Fraction
        Of the agents' payoffs in the objective.
    welfare : Fraction
        Largest weighted sum of payoffs per problem, ex ante.
    multipliers : {Constraint: Fraction}
        On constraints that bind; averaged over `group` they prove that no mechanism is better.
    group : tuple of Renaming
        The symmetries of the problem that were used.
    seconds : float
    """

    requirements: Requirements = field(default_factory=Requirements)
    weights: tuple[Fraction, ...] = ()
    welfare: Fraction = Fraction(0)
    multipliers: Mapping[Constraint, Fraction] = field(default_factory=dict)
    group: tuple[Renaming, ...] = ()
    seconds: float = 0.0


def optimal_mechanism(
    problem: DecisionProblem,
    copies: int,
    requirements: Requirements | None = None,
    *,
    weights: Sequence[Fraction] | None = None,
    max_seconds: float | None = None,
) -> OptimalMechanism:
    """The mechanism on K copies that maximises the weighted sum of payoffs.

    There always is one: a constant decision, the status quo where there is one, meets all requirements.

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
        If a requirement is unknown or needs a status quo, or the weights do not fit.
    NotSupported
        If requirements do not go together.
    SizeError
        If there are too many joint histograms.
    LimitReached
        After `max_seconds`.

    Notes
    -----
    A lottery for each of p·C(K + p - 2, p - 1) pairs of a joint histogram and a profile in it, for p profiles of types.

    Examples
    --------
    >>> import eqsolve as eq
    >>> best = eq.optimal_mechanism(eq.load("object").problem, 2)
    >>> [str(payoff) for payoff in best.payoffs]
    ['115/32', '115/32']
    """
    start = time.monotonic()
    wanted = requirements or Requirements()
    importance = (Fraction(1),) * problem.n if weights is None else tuple(weights)
    orbits, program, group = compiled(problem, copies, wanted, importance)
    found = maximise(program, None if max_seconds is None else start + max_seconds)
    if found is None:
        raise ArithmeticError("a constant decision meets all requirements, so there is a best mechanism")
    return OptimalMechanism(
        orbits,
        found.lotteries,
        found.transfers,
        wanted,
        importance,
        found.value / copies,
        found.multipliers,
        group,
        time.monotonic() - start,
    )


def compiled(
    problem: DecisionProblem,
    copies: int,
    requirements: Requirements,
    weights: Sequence[Fraction],
    *,
    symmetric: bool = True,
) -> tuple[Orbits, Program, tuple[Renaming, ...]]:
    """The program of the best mechanism, and the symmetries that it uses if mechanisms have to be `symmetric`."""
    status_quo = _check(problem, requirements, weights)
    orbits = Orbits(problem, copies)
    group = usable(symmetries(problem, weights, status_quo), orbits) if symmetric else (identity(problem),)
    layout = SymmetricLayout(orbits, _allowed(orbits, requirements, status_quo), group)
    transfers = _transfers(orbits, weights) if requirements.transfers and problem.n > 1 else {}
    families = _families(orbits, requirements, status_quo, layout.agents)
    program = Program(
        objective=objective(orbits, weights),
        layout=layout,
        families=families,
        listed=[c for f in families if transfers and isinstance(f, Participation) for c in f.listed],
        equalities=[_balance(orbits)] if transfers else [],
        transfers=transfers,
        merged=merged_reports(group, problem, transfers),
    )
    return orbits, program, group


def _check(problem: DecisionProblem, wanted: Requirements, weights: Sequence[Fraction]) -> int:
    """Index of the status quo, -1 if there is none."""
    if wanted.incentives not in INCENTIVES:
        raise ModelError(f"incentives: found {wanted.incentives!r}, expected one of {', '.join(INCENTIVES)}")
    if wanted.participation not in PARTICIPATION:
        raise ModelError(f"participation: found {wanted.participation!r}, expected one of {', '.join(PARTICIPATION)}")
    if len(weights) != problem.n or min(weights) < 0 or not any(weights):
        raise ModelError(f"weights: found {', '.join(map(str, weights))}, expected one for each of {problem.n} agents, "
                         "at least 0, one above")  # fmt: skip
    if wanted.transfers and (wanted.incentives == "dsic" or wanted.participation in ("total", "problem")):
        raise NotSupported("balanced transfers go with Bayesian incentives and interim participation only")
    if wanted.transfers and wanted.participation == "none" and len(set(weights)) > 1:
        raise NotSupported("with transfers and different weights welfare has no bound, unless participation is interim")
    if wanted.participation == "none":
        return -1
    if wanted.status_quo not in problem.decisions:
        raise ModelError(f"status quo: found {wanted.status_quo!r}, expected one of {', '.join(problem.decisions)}")
    return problem.decisions.index(wanted.status_quo)


def objective(orbits: Orbits, weights: Sequence[Fraction]) -> dict[Cell, Fraction]:
    """Weighted sum of payoffs, over all problems, without transfers."""
    problem = orbits.problem

    def welfare(profile: Profile, d: int) -> Fraction:
        """Weighted sum of the agents' utilities from a decision."""
        shares = (w * problem.utility(i, u)[d] for i, (w, u) in enumerate(zip(weights, profile, strict=True)))
        return sum(shares, Fraction(0))

    worth = [[welfare(profile, d) for d in range(len(problem.decisions))] for profile in orbits.profiles]
    found: dict[Cell, Fraction] = {}
    for b, (h, p) in enumerate(orbits.blocks):
        mass = orbits.probabilities[h] * orbits.counts[b]
        for d, w in enumerate(worth[p]):
            found[b, d] = mass * w
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
        """Whether a decision leaves no agent worse off than the status quo."""
        return all(problem.utility(i, u)[d] >= problem.utility(i, u)[status_quo] for i, u in enumerate(profile))

    of_profile = [[d for d in everything if accepted(profile, d)] for profile in orbits.profiles]
    return [of_profile[p] for _, p in orbits.blocks]


def _families(orbits: Orbits, wanted: Requirements, status_quo: int, agents: Sequence[int]) -> list[Family]:
    """What has to hold, for one of several agents who are alike."""
    paid = wanted.transfers and orbits.problem.n > 1
    found: list[Family] = []
    if wanted.incentives == "bic":
        found.append(BayesianIncentives(orbits, paid, agents))
    elif wanted.incentives == "dsic":
        found.append(DominantIncentives(orbits, agents))
    if wanted.participation in ("interim", "total"):
        found.append(Participation(orbits, status_quo, wanted.participation, paid, agents))
    return found


def _balance(orbits: Orbits) -> Constraint:
    """Expected transfers sum to 0."""
    mass = {(i, n): chance for i in range(orbits.problem.n) for n, chance in orbits.interim[i].items()}
    return Constraint(("balance",), {}, transfers=mass)
