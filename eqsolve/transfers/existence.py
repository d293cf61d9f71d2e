"""Is there a mechanism with given properties? By exact linear programs, with a proof either way.

A mechanism is the proof that there is one; multipliers on the requirements, which add up to a contradiction (Farkas),
are the proof that there is none. Where only expectations matter, payments are first looked for as functions of the own
type, and then balanced at every profile by Theorem 2 of the lecture notes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from eqsolve.engines.lp import solve_lp
from eqsolve.errors import ModelError
from eqsolve.rule import Lottery
from eqsolve.transfers.balance import balanced
from eqsolve.transfers.efficient import Allocation, Ties
from eqsolve.transfers.problem import ZERO, DirectMechanism, QuasiLinearProblem
from eqsolve.transfers.requirements import Expression, Requirement, Requirements, Wanted


@dataclass(frozen=True, eq=False)
class Existence:
    """Whether a mechanism with given properties exists.

    Attributes
    ----------
    problem : QuasiLinearProblem
    wanted : Wanted
    ties : tie rule or "any"
    allocation : lotteries or None
        A given rule; None for efficient ones.
    mechanism : DirectMechanism or None
        One that has the properties; None if there is none.
    multipliers : mapping of Requirement to Fraction
        Why there is none: these multiples of the requirements contradict each other. Empty if there is one.
    """

    problem: QuasiLinearProblem
    wanted: Wanted
    ties: Ties
    allocation: Allocation | None
    mechanism: DirectMechanism | None
    multipliers: Mapping[Requirement, Fraction]

    @property
    def exists(self) -> bool:
        """Whether there is one."""
        return self.mechanism is not None

    def __bool__(self) -> bool:
        return self.exists

    def __str__(self) -> str:
        from eqsolve.show.transfers_html import existence_text

        return existence_text(self)

    def _repr_html_(self) -> str:
        from eqsolve.show.transfers_html import existence_html

        return existence_html(self)


def existence(
    problem: QuasiLinearProblem,
    wanted: Wanted | None = None,
    ties: Ties = "any",
    *,
    allocation: Allocation | None = None,
) -> Existence:
    """Decide whether a mechanism exists that has the wanted properties.

    Parameters
    ----------
    problem : QuasiLinearProblem
    wanted : Wanted, optional
        By default Bayesian incentive compatible, interim individually rational, balanced at every profile.
    ties : tie rule or "any"
        Which efficient decision is taken where there are several; ``"any"``: is there some lottery over them?
    allocation : lotteries, optional
        A given rule instead of an efficient one.

    Raises
    ------
    ModelError
        If participation is asked for and the problem says nothing of staying away.
    SizeError
        If the linear program is too large.

    Notes
    -----
    With incentives and participation in expectation the program has ``Σ_i |Θ_i|`` payments and ``Σ_i |Θ_i|²``
    constraints, else ``|Θ| n`` payments and ``Σ_i |Θ| |Θ_i|`` constraints.

    Examples
    --------
    >>> import eqsolve as eq
    >>> trade = eq.load_transfers("trade").problem(6)
    >>> eq.existence(trade).exists
    False
    """
    asked = wanted or Wanted()
    expected = asked.in_expectation and problem.n > 1
    program = _Program(Requirements(problem, asked, ties, allocation, full=not expected))
    point, multipliers = program.feasible()
    mechanism = None
    if point is not None:
        mechanism = program.mechanism(point)
        if expected and asked.budget in ("balanced", "no-deficit"):
            mechanism = balanced(mechanism, name=mechanism.name)
    return Existence(problem, asked, ties, allocation, mechanism, multipliers)


def largest_surplus(
    problem: QuasiLinearProblem,
    wanted: Wanted | None = None,
    ties: Ties = "any",
    *,
    allocation: Allocation | None = None,
) -> tuple[Fraction, DirectMechanism]:
    """The largest expected budget surplus of a mechanism with the wanted properties, and one that has it.

    See `existence` for the parameters; the budget of `wanted` is dropped. In expectation (Theorem 2) a balanced
    mechanism exists if and only if this is at least 0.

    Raises
    ------
    ModelError
        If no mechanism has the other properties, or if nothing bounds the surplus because nobody may stay away.
    """
    asked = wanted or Wanted()
    free = Wanted(asked.incentives, asked.participation, "none")
    program = _Program(Requirements(problem, free, ties, allocation, full=not (free.in_expectation and problem.n > 1)))
    value, point = program.maximum(program.requirements.expected_surplus())
    return value, program.mechanism(point)


def outside_range(
    problem: QuasiLinearProblem,
    other: Sequence[Sequence[Fraction]],
    wanted: Wanted | None = None,
    ties: Ties = "any",
) -> tuple[Fraction, Fraction] | None:
    """For which mixtures of two outside options an efficient mechanism exists: an interval of weights.

    Parameters
    ----------
    problem : QuasiLinearProblem
        Weight 0: its own outside payoffs.
    other : per agent, per type
        Weight 1: the other outside payoffs. Mixtures are linear, and weights may go beyond 0 and 1.
    wanted, ties : see `existence`

    Returns
    -------
    (Fraction, Fraction) or None
        The smallest and the largest weight; None if no weight does.

    Raises
    ------
    ModelError
        If all weights in some direction do.

    Notes
    -----
    Requirements are linear in the mechanism and the weight together, so the weights are an interval, and its ends are
    two linear programs.
    """
    asked = wanted or Wanted()
    full = not (asked.in_expectation and problem.n > 1)
    slopes = [
        [b - a for a, b in zip(row, more, strict=True)] for row, more in zip(problem.outside or (), other, strict=True)
    ]
    program = _Program(Requirements(problem, asked, ties, None, full=full), slopes)
    if program.feasible()[0] is None:
        return None
    end = Expression(slope=Fraction(1))
    most, _ = program.maximum(end)
    end = Expression(slope=Fraction(-1))
    least, _ = program.maximum(end)
    return -least, most


class _Program:
    """The linear program of a list of requirements: columns for free lotteries, payments, and a weight."""

    def __init__(self, requirements: Requirements, slopes: Sequence[Sequence[Fraction]] | None = None) -> None:
        self.requirements = requirements
        problem = requirements.problem
        self.places = {
            place: k for k, place in enumerate((p, d) for p, best in requirements.free.items() for d in best)
        }
        start = len(self.places)
        keys = [
            (i, k)
            for i, size in enumerate(problem.shape)
            for k in range(len(problem.profiles) if requirements.full else size)
        ]
        self.payments = {key: start + k for k, key in enumerate(keys)}
        self.width = start + len(keys) + 1
        self.least: list[tuple[Requirement, Expression]] = []
        self.equal: list[tuple[Requirement, Expression]] = []
        for requirement, expression in requirements.listed():
            if slopes and requirement.kind == "participation":
                expression.slope = -slopes[requirement.agent or 0][requirement.type or 0]
            exact = requirement.kind == "budget" and requirements.wanted.budget != "no-deficit"
            (self.equal if exact else self.least).append((requirement, expression))

    def _row(self, expression: Expression) -> dict[int, Fraction]:
        row = {self.places[place]: x for place, x in expression.chances.items() if x}
        row |= {self.payments[key]: x for key, x in expression.payments.items() if x}
        if expression.slope:
            row[self.width - 1] = expression.slope
        return row

    def _constraints(self) -> dict[str, object]:
        sums = [{self.places[p, d]: Fraction(1) for d in best} for p, best in self.requirements.free.items()]
        return {
            "A_ub": [{j: -x for j, x in self._row(e).items()} for _, e in self.least],
            "b_ub": [e.constant for _, e in self.least],
            "A_eq": [self._row(e) for _, e in self.equal] + sums,
            "b_eq": [-e.constant for _, e in self.equal] + [Fraction(1)] * len(sums),
            "free": range(len(self.places), self.width),
        }

    def feasible(self) -> tuple[tuple[Fraction, ...] | None, dict[Requirement, Fraction]]:
        """A point that meets all requirements, or multipliers that show that there is none."""
        found = solve_lp([ZERO] * self.width, **self._constraints())  # type: ignore[arg-type]
        if found.status == "optimal":
            return found.x, {}
        named = [*self.least, *self.equal]
        # rows "constant + expression >= 0" were written as "-expression <= constant", equalities with their own sign
        signed = [*found.dual_ub, *(-y for y in found.dual_eq[: len(self.equal)])]
        return None, {requirement: y for (requirement, _), y in zip(named, signed, strict=True) if y}

    def maximum(self, aim: Expression) -> tuple[Fraction, tuple[Fraction, ...]]:
        """The largest value of an expression."""
        objective = [ZERO] * self.width
        for j, x in self._row(aim).items():
            objective[j] = x
        found = solve_lp(objective, maximise=True, **self._constraints())  # type: ignore[arg-type]
        if found.value is None:
            what = "no mechanism meets the requirements" if found.status == "infeasible" else "nothing bounds the value"
            raise ModelError(f"{what} {self.requirements.wanted}")
        return found.value + aim.constant, found.x

    def mechanism(self, point: Sequence[Fraction]) -> DirectMechanism:
        """The mechanism at a point."""
        problem, base = self.requirements.problem, self.requirements.base
        allocation: list[Lottery] = list(base.allocation)
        for p, best in self.requirements.free.items():
            chances = {d: point[self.places[p, d]] for d in best}
            allocation[p] = tuple(chances.get(d, ZERO) for d in range(len(problem.problem.decisions)))
        transfers = tuple(
            tuple(point[self.payments[i, p if self.requirements.full else u]] for i, u in enumerate(types))
            for p, types in enumerate(problem.profiles)
        )
        return DirectMechanism(problem, tuple(allocation), transfers, "found by linear programming")
