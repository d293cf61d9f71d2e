"""The linear program of the best mechanism: few constraints and few free lotteries at a time, solved exactly.

Every block (joint histogram, profile) has a lottery over decisions; there are many blocks, but at an optimal vertex
only as many lotteries are proper as constraints bind. Floating point finds which ones. Then a small exact program with
these lotteries free and all others fixed is solved over the rationals, and exact checks decide: no constraint of any
family is violated (else it is added), and no fixed lottery would rather be another decision at the dual prices (else it
is freed). The multipliers on the constraints are the certificate: for any multipliers λ >= 0 on valid constraints, no
mechanism is better than the sum over blocks of the best decision at these prices, minus λ times the right-hand sides.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from eqsolve.engines.lp import solve_lp
from eqsolve.errors import LimitReached
from eqsolve.mechanisms.constraints import Cell, Constraint, Family, Report

Point = list[list[float]]

TOLERANCE = Fraction(1, 10**7)
FREE = 1e-7
ROUNDS = 500


@dataclass(frozen=True, eq=False)
class Program:
    """Maximise a linear function of lotteries and transfers under constraints found on demand.

    Parameters
    ----------
    objective : {(block, decision): Fraction}
    allowed : per block the decisions that may be taken
    decisions : int
    families : sequence of Family
    equalities : sequence of Constraint
        Hold with equality.
    transfers : {(agent, histogram): Fraction}
        What each adds to the objective; unrestricted in sign.
    """

    objective: Mapping[Cell, Fraction]
    allowed: Sequence[Sequence[int]]
    decisions: int
    families: Sequence[Family]
    equalities: Sequence[Constraint] = ()
    transfers: Mapping[Report, Fraction] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Optimum:
    """An optimal point with its proof.

    Parameters
    ----------
    value : Fraction
    lotteries : per block the probabilities of the decisions
    transfers : {(agent, histogram): Fraction}
    multipliers : {Constraint: Fraction}
        Non-negative, on constraints that bind; free sign on equalities.
    """

    value: Fraction
    lotteries: tuple[tuple[Fraction, ...], ...]
    transfers: Mapping[Report, Fraction]
    multipliers: Mapping[Constraint, Fraction]


def maximise(program: Program, deadline: float | None = None) -> Optimum | None:
    """Solve the program exactly; None if nothing satisfies the constraints.

    Raises
    ------
    LimitReached
        At the deadline (of `time.monotonic`).
    """
    cuts, point = _search(program, deadline)
    free = None if point is None else {b for b, row in enumerate(point) if max(row) < 1 - FREE}
    fixed = [_best(program, b, None if point is None else point[b]) for b in range(len(program.allowed))]
    if free is None:
        free = set(range(len(program.allowed)))
    while True:
        _look_at_clock(deadline)
        found = _exact(program, cuts, free, fixed)
        if found is None:
            if len(free) == len(program.allowed):
                return None
            free = set(range(len(program.allowed)))
            continue
        wanting = _wanting(program, found, free, fixed)
        broken = [
            c for family in program.families for c in family.violated(found.lotteries, found.transfers, Fraction(0))
        ]
        if not wanting and not broken:
            return found
        free |= wanting
        known = {c.label for c in cuts}
        cuts += [c for c in broken if c.label not in known]


def _look_at_clock(deadline: float | None) -> None:
    if deadline is not None and time.monotonic() > deadline:
        raise LimitReached("time limit")


def _best(program: Program, b: int, row: Sequence[float] | None) -> int:
    """The decision that a block is fixed at."""
    allowed = program.allowed[b]
    if row is None:
        return max(allowed, key=lambda d: program.objective.get((b, d), Fraction(0)))
    return max(allowed, key=lambda d: row[d])


def _search(program: Program, deadline: float | None) -> tuple[list[Constraint], Point | None]:
    """Constraints that bind near the optimum, and lotteries close to it, in floating point."""
    relaxation = _Relaxation(program)
    cuts: list[Constraint] = []
    found: Point | None = None
    for _ in range(ROUNDS):
        _look_at_clock(deadline)
        found, transfers = relaxation.solve(cuts)
        if found is None:
            break
        lotteries = [[Fraction(x).limit_denominator(10**10) for x in row] for row in found]
        known = {c.label for c in cuts}
        new = [c for family in program.families for c in family.violated(lotteries, transfers, TOLERANCE)]
        new = [c for c in new if c.label not in known]
        if not new:
            break
        cuts += new
    return cuts, found


class _Relaxation:
    """The program in floating point, with some of the constraints."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.cells = [(b, d) for b, allowed in enumerate(program.allowed) for d in allowed]
        self.reports = list(program.transfers)
        self.index: dict[tuple[int, Any], int] = {c: k for k, c in enumerate([*self.cells, *self.reports])}
        self.cost = np.array(
            [-float(program.objective.get(c, 0)) for c in self.cells] + [-float(q) for q in program.transfers.values()]
        )

    def solve(self, cuts: Sequence[Constraint]) -> tuple[Point | None, dict[Report, Fraction]]:
        """An optimal point and its transfers; None if there is none."""
        from scipy.optimize import linprog
        from scipy.sparse import csr_array, vstack

        program, blocks = self.program, len(self.program.allowed)
        owner = [b for b, _ in self.cells]
        ones = csr_array((np.ones(len(owner)), (owner, range(len(owner)))), shape=(blocks, len(self.index)))
        result = linprog(
            self.cost,
            A_ub=-self._matrix(cuts) if cuts else None,
            b_ub=[-float(c.least) for c in cuts] if cuts else None,
            A_eq=vstack([ones, self._matrix(program.equalities)]) if program.equalities else ones,
            b_eq=[1.0] * blocks + [float(c.least) for c in program.equalities],
            bounds=[(0, None)] * len(self.cells) + [(None, None)] * len(self.reports),
            method="highs",
        )
        if result.x is None:
            return None, {}
        point = [[0.0] * program.decisions for _ in range(blocks)]
        for (b, d), x in zip(self.cells, result.x, strict=False):
            point[b][d] = float(x)
        paid = result.x[len(self.cells) :]
        transfers = {r: Fraction(float(x)).limit_denominator(10**12) for r, x in zip(self.reports, paid, strict=True)}
        return point, transfers

    def _matrix(self, rows: Sequence[Constraint]) -> Any:
        from scipy.sparse import csr_array

        entries = [
            (k, self.index[c], float(q))
            for k, constraint in enumerate(rows)
            for c, q in (*constraint.row.items(), *constraint.transfers.items())
            if c in self.index
        ]
        data, r, s = [q for _, _, q in entries], [k for k, _, _ in entries], [j for _, j, _ in entries]
        return csr_array((data, (r, s)), shape=(len(rows), len(self.index)))


def _exact(program: Program, cuts: Sequence[Constraint], free: set[int], fixed: Sequence[int]) -> Optimum | None:
    """Optimum over the free lotteries and all transfers, the other lotteries fixed, under some of the constraints."""
    cells = [(b, d) for b in sorted(free) for d in program.allowed[b]]
    reports = list(program.transfers)
    index: dict[tuple[int, Any], int] = {c: k for k, c in enumerate([*cells, *reports])}
    zero = Fraction(0)

    def split(constraint: Constraint) -> tuple[dict[int, Fraction], Fraction]:
        """Coefficients of the free columns, and what is left of the right-hand side."""
        row = {index[c]: q for c, q in constraint.row.items() if c in index}
        row |= {index[r]: q for r, q in constraint.transfers.items()}
        given = sum((q for (b, d), q in constraint.row.items() if b not in free and fixed[b] == d), zero)
        return row, constraint.least - given

    upper = [split(c) for c in cuts]
    equal = [split(c) for c in program.equalities]
    simplices = [{index[b, d]: Fraction(1) for d in program.allowed[b]} for b in sorted(free)]
    solution = solve_lp(
        [*(program.objective.get(c, zero) for c in cells), *program.transfers.values()],
        A_ub=[{k: -q for k, q in row.items()} for row, _ in upper],
        b_ub=[-least for _, least in upper],
        A_eq=[*simplices, *(row for row, _ in equal)],
        b_eq=[*(Fraction(1) for _ in simplices), *(least for _, least in equal)],
        free=range(len(cells), len(index)),
        maximise=True,
    )
    if solution.status != "optimal" or solution.value is None:
        return None
    lotteries = [[zero] * program.decisions for _ in program.allowed]
    for (b, d), x in zip(cells, solution.x, strict=False):
        lotteries[b][d] = x
    value = solution.value
    for b, d in enumerate(fixed):
        if b not in free:
            lotteries[b][d] = Fraction(1)
            value += program.objective.get((b, d), zero)
    multipliers = {c: q for c, q in zip(cuts, solution.dual_ub, strict=True) if q}
    tail = solution.dual_eq[len(simplices) :]
    multipliers |= {c: -q for c, q in zip(program.equalities, tail, strict=True) if q}
    transfers = dict(zip(reports, solution.x[len(cells) :], strict=True))
    return Optimum(value, tuple(map(tuple, lotteries)), transfers, multipliers)


def _wanting(program: Program, found: Optimum, free: set[int], fixed: Sequence[int]) -> set[int]:
    """Fixed blocks that would rather take another decision at the dual prices."""
    prices = dict(program.objective)
    for constraint, multiplier in found.multipliers.items():
        for c, q in constraint.row.items():
            prices[c] = prices.get(c, Fraction(0)) + multiplier * q
    zero = Fraction(0)
    return {
        b
        for b, allowed in enumerate(program.allowed)
        if b not in free and max(prices.get((b, d), zero) for d in allowed) > prices.get((b, fixed[b]), zero)
    }
