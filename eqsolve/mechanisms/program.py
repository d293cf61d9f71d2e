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
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from eqsolve.engines.lp import LPSolution, solve_lp
from eqsolve.errors import LimitReached
from eqsolve.mechanisms.constraints import Candidate, Cell, Constraint, Family, Report
from eqsolve.mechanisms.layout import Layout

TOLERANCE = Fraction(1, 10**7)
FREE = 1e-7
ROUNDS = 500
GRID = 10**10
"""Floating-point probabilities are rounded to multiples of 1/GRID before constraints are looked at."""

Row = Mapping[int, Fraction]
"""Coefficients by column: first the columns of the layout, then the transfers."""
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Program:
    """Maximise a linear function of lotteries and transfers under constraints found on demand.

    Parameters
    ----------
    objective : {(block, decision): Fraction}
    layout : Layout
        Which decisions may be taken where, and which of them have to be equally likely.
    families : sequence of Family
    listed : sequence of Constraint
        Of these families, to begin with; they must keep the program bounded.
    equalities : sequence of Constraint
        Hold with equality.
    transfers : {(agent, histogram): Fraction}
        What each adds to the objective; unrestricted in sign.
    merged : {(agent, histogram): (agent, histogram)}
        The transfer that stands for each, where several have to be the same.
    """

    objective: Mapping[Cell, Fraction]
    layout: Layout
    families: Sequence[Family]
    listed: Sequence[Constraint] = ()
    equalities: Sequence[Constraint] = ()
    transfers: Mapping[Report, Fraction] = field(default_factory=dict)
    merged: Mapping[Report, Report] = field(default_factory=dict)
    _rows: dict[Constraint, Row] = field(default_factory=dict, repr=False)

    @cached_property
    def report_column(self) -> dict[Report, int]:
        """The column of each transfer."""
        start = len(self.layout.size)
        kept = {r: start + k for k, r in enumerate(dict.fromkeys(self.merged.get(r, r) for r in self.transfers))}
        return {r: kept[self.merged.get(r, r)] for r in self.transfers}

    @cached_property
    def width(self) -> int:
        """Number of columns."""
        return len(self.layout.size) + len(set(self.report_column.values()))

    @cached_property
    def cost(self) -> list[Fraction]:
        """The objective by columns."""
        row = self.folded(self.objective, self.transfers)
        return [row.get(c, Fraction(0)) for c in range(self.width)]

    def folded(self, cells: Mapping[Cell, Fraction], transfers: Mapping[Report, Fraction]) -> Row:
        """A linear function of lotteries and transfers by columns."""
        found: dict[int, Fraction] = {}
        for (b, d), q in cells.items():
            c = self.layout.column[b].get(d)
            if c is not None:
                found[c] = found.get(c, Fraction(0)) + q / self.layout.size[c]
        for r, q in transfers.items():
            c = self.report_column[r]
            found[c] = found.get(c, Fraction(0)) + q
        return {c: q for c, q in found.items() if q}

    def row(self, constraint: Constraint) -> Row:
        """The left-hand side of a constraint by columns."""
        if constraint not in self._rows:
            self._rows[constraint] = self.folded(constraint.row, constraint.transfers)
        return self._rows[constraint]

    def candidate(self, x: Sequence[int], scale: int, paid: Sequence[Fraction]) -> Candidate:
        """The mechanism with these probabilities (times `scale`) and transfers by columns."""
        layout, start = self.layout, len(self.layout.size)
        shared = int(np.lcm.reduce(layout.size)) if layout.size else 1
        share = [v * (shared // n) for v, n in zip(x, layout.size, strict=True)]
        decisions = range(layout.decisions)
        chances = [[share[line[d]] if d in line else 0 for d in decisions] for line in layout.column]
        return Candidate(chances, scale * shared, {r: paid[c - start] for r, c in self.report_column.items()})

    def violated(self, candidate: Candidate, tolerance: Fraction, known: set[object]) -> list[Constraint]:
        """Violated constraints that are not known, of those that come to the same only one."""
        found = (c for family in self.families for c in family.violated(candidate, tolerance))
        return self.new(found, known)

    def new(self, constraints: Iterable[Constraint], known: set[object]) -> list[Constraint]:
        """Constraints that come to none that is known already; they are, from then on."""
        found = []
        for constraint in constraints:
            key = (constraint.least, frozenset(self.row(constraint).items()))
            if key not in known:
                known.add(key)
                found.append(constraint)
        return found


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
    known: set[object] = set()
    cuts, point = _search(program, known, deadline)
    blocks = program.layout.columns
    free = set() if point is None else {b for b, cs in enumerate(blocks) if max(point[c] for c in cs) < 1 - FREE}
    guide: Sequence[float] = [float(q) for q in program.cost] if point is None else point.tolist()
    fixed = [max(cs, key=lambda c: guide[c]) for cs in blocks]
    while True:
        _look_at_clock(deadline)
        found = _exact(program, cuts, free, fixed)
        wanting = _wanting(program, found, free, fixed)
        if found.value is None:
            if not wanting:
                return None
            free |= wanting
            continue
        candidate = _candidate(program, found)
        broken = program.violated(candidate, Fraction(0), known)
        if not wanting and not broken:
            return _optimum(program, found, candidate)
        free |= wanting
        cuts += broken


def _look_at_clock(deadline: float | None) -> None:
    if deadline is not None and time.monotonic() > deadline:
        raise LimitReached("time limit")


def _search(program: Program, known: set[object], deadline: float | None) -> tuple[list[Constraint], FloatArray | None]:
    """Constraints that bind near the optimum, and probabilities close to it, in floating point."""
    relaxation = _Relaxation(program)
    cuts = program.new(program.listed, known)
    point: FloatArray | None = None
    start = len(program.layout.size)
    for _ in range(ROUNDS):
        _look_at_clock(deadline)
        point = relaxation.solve(cuts)
        if point is None:
            break
        paid = [Fraction(x).limit_denominator(10**12) for x in point[start:].tolist()]
        candidate = program.candidate([round(x * GRID) for x in point[:start].tolist()], GRID, paid)
        new = program.violated(candidate, TOLERANCE, known)
        if not new:
            break
        cuts += new
    return cuts, point


class _Relaxation:
    """The program in floating point, with some of the constraints, every row on a scale of its own."""

    def __init__(self, program: Program) -> None:
        self.program = program
        stake = max(map(abs, program.cost), default=Fraction(0)) or Fraction(1)
        self.cost = -np.array([float(q / stake) for q in program.cost])
        self.rows: dict[Constraint, tuple[list[int], list[float], float]] = {}

    def solve(self, cuts: Sequence[Constraint]) -> FloatArray | None:
        """An optimal point; None if there is none."""
        from scipy.optimize import linprog
        from scipy.sparse import csr_array, vstack

        program, blocks = self.program, self.program.layout.columns
        owner = [b for b, cs in enumerate(blocks) for _ in cs]
        columns = [c for cs in blocks for c in cs]
        ones = csr_array((np.ones(len(owner)), (owner, columns)), shape=(len(blocks), program.width))
        equal, right = self._matrix(program.equalities)
        upper, limits = self._matrix(cuts)
        result = linprog(
            self.cost,
            A_ub=-upper if cuts else None,
            b_ub=[-x for x in limits] if cuts else None,
            A_eq=vstack([ones, equal]) if program.equalities else ones,
            b_eq=[1.0] * len(blocks) + right,
            bounds=[(0, None)] * len(columns) + [(None, None)] * (program.width - len(columns)),
            method="highs",
        )
        return None if result.x is None else np.asarray(result.x, dtype=np.float64)

    def _matrix(self, constraints: Sequence[Constraint]) -> tuple[Any, list[float]]:
        from scipy.sparse import csr_array

        lines = [self._line(c) for c in constraints]
        starts = np.cumsum([0, *(len(columns) for columns, _, _ in lines)])
        data = [x for _, entries, _ in lines for x in entries]
        columns = [c for line, _, _ in lines for c in line]
        matrix = csr_array((data, columns, starts), shape=(len(lines), self.program.width))
        return matrix, [right for _, _, right in lines]

    def _line(self, constraint: Constraint) -> tuple[list[int], list[float], float]:
        if constraint not in self.rows:
            row = self.program.row(constraint)
            stake = max(map(abs, row.values()), default=Fraction(1))
            entries = [float(q / stake) for q in row.values()]
            self.rows[constraint] = (list(row), entries, float(constraint.least / stake))
        return self.rows[constraint]


def _exact(program: Program, cuts: Sequence[Constraint], free: set[int], fixed: Sequence[int]) -> _Restricted:
    """Optimum over the free lotteries and all transfers, the other lotteries fixed, under some of the constraints."""
    blocks, zero = program.layout.columns, Fraction(0)
    columns = [c for b in sorted(free) for c in blocks[b]]
    columns += range(len(program.layout.size), program.width)
    place = {c: k for k, c in enumerate(columns)}
    given = {fixed[b] for b in range(len(blocks)) if b not in free}

    def split(constraint: Constraint) -> tuple[dict[int, Fraction], Fraction]:
        """Coefficients of the free columns, and what is left of the right-hand side."""
        row = program.row(constraint)
        rest = constraint.least - sum((q for c, q in row.items() if c in given), zero)
        return {place[c]: q for c, q in row.items() if c in place}, rest

    upper = [split(c) for c in cuts]
    equal = [split(c) for c in program.equalities]
    simplices = [{place[c]: Fraction(1) for c in blocks[b]} for b in sorted(free)]
    solution = solve_lp(
        [program.cost[c] for c in columns],
        A_ub=[{k: -q for k, q in row.items()} for row, _ in upper],
        b_ub=[-least for _, least in upper],
        A_eq=[*simplices, *(row for row, _ in equal)],
        b_eq=[*(Fraction(1) for _ in simplices), *(least for _, least in equal)],
        free=range(len(columns) - (program.width - len(program.layout.size)), len(columns)),
        maximise=True,
    )
    if solution.status == "unbounded":
        raise ArithmeticError("the program of the best mechanism is unbounded")
    x = [zero] * program.width
    for c in given:
        x[c] = Fraction(1)
    if solution.status == "optimal":
        for c, q in zip(columns, solution.x, strict=True):
            x[c] = q
    return _restricted(cuts, program.equalities, solution, len(simplices), x)


@dataclass(frozen=True, eq=False)
class _Restricted:
    """A solution of the program with some lotteries fixed.

    Parameters
    ----------
    value : Fraction or None
        Of the free part; None if the fixed lotteries leave no solution.
    x : by column
    multipliers : {Constraint: Fraction}
        If there is no solution, those of a Farkas vector.
    """

    value: Fraction | None
    x: Sequence[Fraction]
    multipliers: Mapping[Constraint, Fraction]


def _restricted(
    cuts: Sequence[Constraint],
    equalities: Sequence[Constraint],
    solution: LPSolution,
    simplices: int,
    x: Sequence[Fraction],
) -> _Restricted:
    """Multipliers of constraints as they are written, ``row >= least`` and ``row = least``."""
    refuted = solution.status == "infeasible"
    multipliers = {c: q for c, q in zip(cuts, solution.dual_ub, strict=True) if q}
    tail = solution.dual_eq[simplices:]
    multipliers |= {c: -q for c, q in zip(equalities, tail, strict=True) if q}
    return _Restricted(None if refuted else solution.value, x, multipliers)


def _candidate(program: Program, found: _Restricted) -> Candidate:
    from eqsolve.exact.rational import to_integers

    start = len(program.layout.size)
    whole, scale = to_integers(found.x[:start])
    return program.candidate(whole, scale, found.x[start:])


def _optimum(program: Program, found: _Restricted, candidate: Candidate) -> Optimum:
    value = sum((q * x for q, x in zip(program.cost, found.x, strict=True) if q and x), Fraction(0))
    lotteries = tuple(tuple(Fraction(q, candidate.scale) for q in row) for row in candidate.chances)
    return Optimum(value, lotteries, candidate.transfers, found.multipliers)


def _wanting(program: Program, found: _Restricted, free: set[int], fixed: Sequence[int]) -> set[int]:
    """Fixed blocks that would rather take another decision at the dual prices.

    Where the fixed lotteries leave no solution, the prices are those of the Farkas vector alone: only what changes
    there can help.
    """
    prices = [Fraction(0)] * program.width if found.value is None else list(program.cost)
    for constraint, multiplier in found.multipliers.items():
        for c, q in program.row(constraint).items():
            prices[c] += multiplier * q
    return {
        b
        for b, columns in enumerate(program.layout.columns)
        if b not in free and max(prices[c] for c in columns) > prices[fixed[b]]
    }
