"""Exact simplex method on a tableau of rationals, for small programs and to repair a floating-point basis.

The tableau is one flint matrix and a pivot is one outer product subtracted from it, so that the arithmetic of
a pivot never passes through Python.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from flint import fmpq, fmpq_mat, fmpz_mat

from eqsolve.exact.linalg import to_fraction

PATIENCE = 8  # pivots without progress before Bland's rule takes over


@dataclass(frozen=True)
class SimplexOutcome:
    """What `simplex` decided.

    Attributes
    ----------
    status : {"optimal", "infeasible", "unbounded"}
    x : list of n Fractions
        An optimal point, or for "unbounded" a feasible one.
    duals : list of m Fractions
        Derivatives of the minimum by the right-hand sides (at most 0 for inequalities); for "infeasible" a
        Farkas vector w with w A >= 0 (= 0 at free columns), w >= 0 on inequalities and w b < 0.
    ray : list of n Fractions
        For "unbounded" a direction that stays feasible and lowers the cost without end.
    pivots : int
    """

    status: str
    x: list[Fraction]
    duals: list[Fraction]
    ray: list[Fraction]
    pivots: int


def simplex(
    rows: Sequence[Mapping[int, int]],
    rhs: Sequence[int],
    cost: Sequence[int],
    n_ub: int,
    free: frozenset[int] = frozenset(),
    basis: Sequence[int] | None = None,
) -> SimplexOutcome:
    """Minimise cost · x over rows · x <= rhs (the first `n_ub` rows) and = rhs (the others), exactly.

    Parameters
    ----------
    rows : m sparse rows {column: integer}
    rhs : m integers
    cost : n integers
    n_ub : int
        How many of the rows are inequalities; they come first.
    free : frozenset of int
        Columns without a sign; all other variables are at least 0.
    basis : m columns, optional
        A basis to start from (column n + i is the slack of row i). A singular one is ignored.

    Returns
    -------
    SimplexOutcome

    Notes
    -----
    Two phases with a single artificial variable (V. Chvátal, Linear Programming, 1983, chapter 3). Entering
    variables by Dantzig's rule; after `PATIENCE` degenerate pivots in a row by Bland's (R. G. Bland,
    Mathematics of Operations Research 2, 1977) until the objective moves, so no cycle is possible. A pivot
    costs O(m (n + m)) rational operations; the number of pivots is exponential in the worst case.
    """
    tableau = _Tableau.build(rows, rhs, cost, n_ub, free, basis)
    tableau.seat_free_columns()
    if (row := tableau.seat_equations()) is not None:
        return tableau.infeasible(row)
    if not tableau.phase_one():
        return tableau.infeasible(tableau.m + 1)
    return tableau.phase_two()


@dataclass
class _Tableau:
    """Rows 0..m-1: constraints; m: reduced costs; m + 1: phase-one costs.

    Columns 0..n-1: variables; n..n+m-1: logicals (slacks; an equation's is fixed at 0); n + m: the
    artificial; n + m + 1: right-hand side.
    """

    T: Any
    m: int
    n: int
    n_ub: int
    free: frozenset[int]
    basis: list[int]
    pivots: int = 0
    enterable: list[int] = field(default_factory=list)

    @classmethod
    def build(
        cls,
        rows: Sequence[Mapping[int, int]],
        rhs: Sequence[int],
        cost: Sequence[int],
        n_ub: int,
        free: frozenset[int],
        basis: Sequence[int] | None,
    ) -> _Tableau:
        """The tableau before the first pivot, or at a given basis if that is not singular."""
        m, n = len(rows), len(cost)
        table = []
        for i, row in enumerate(rows):
            line = [0] * (n + m + 2)
            for column, value in row.items():
                line[column] = value
            line[n + i] = 1
            line[-1] = rhs[i]
            table.append(line)
        costs = [*cost, *[0] * (m + 2)]
        phase = [0] * (n + m + 2)
        phase[n + m] = 1
        T = _started(table, costs, phase, basis) if basis is not None and m else None
        seats = list(basis) if T is not None and basis is not None else list(range(n, n + m))
        if T is None:
            T = fmpq_mat(fmpz_mat([*table, costs, phase]))
        tableau = cls(T, m, n, n_ub, free, seats)
        tableau.enterable = [j for j in range(n + n_ub) if j not in free]
        return tableau

    def pivot(self, row: int, column: int) -> None:
        """Bring a column into the basis: one change of rank 1, which leaves the row operations to FLINT."""
        T, height = self.T, self.m + 2
        pivot = T[row, column]
        factors = [T[i, column] / pivot for i in range(height)]
        factors[row] = 1 - 1 / pivot
        width = self.n + self.m + 2
        line = fmpq_mat(1, width, [T[row, j] for j in range(width)])
        self.T = T - fmpq_mat(height, 1, factors) * line
        self.basis[row] = column
        self.pivots += 1

    def is_equation(self, column: int) -> bool:
        """Whether a column is the logical of an equation, which is fixed at 0."""
        return self.n + self.n_ub <= column < self.n + self.m

    def seat_free_columns(self) -> None:
        """Make every free column basic; one that cannot be is zero in all rows with a signed basis."""
        for column in sorted(self.free - set(self.basis)):
            rows = [i for i in range(self.m) if self.basis[i] not in self.free and self.T[i, column] != 0]
            if rows:
                self.pivot(next((i for i in rows if self.is_equation(self.basis[i])), rows[0]), column)

    def seat_equations(self) -> int | None:
        """Drive the logicals of equations out (save of rows 0 = 0); return a row 0 = b if one exists."""
        for row in range(self.m):
            if self.is_equation(self.basis[row]):
                column = next((j for j in self.enterable if self.T[row, j] != 0), None)
                if column is not None:
                    self.pivot(row, column)
                elif self.T[row, self.n + self.m + 1] != 0:
                    return row
        return None

    def phase_one(self) -> bool:
        """Reach a feasible basis; False if there is none (then row m + 1 holds the proof)."""
        T, artificial, right = self.T, self.n + self.m, self.n + self.m + 1
        short = [i for i in range(self.m) if self.basis[i] not in self.free and T[i, right] < 0]
        if not short:
            return True
        for i in short:
            T[i, artificial] = fmpq(-1)
        self.pivot(min(short, key=lambda i: T[i, right]), artificial)
        self.descend(self.m + 1)
        return artificial not in self.basis

    def phase_two(self) -> SimplexOutcome:
        """Minimise the costs from a feasible basis."""
        for column in sorted(self.free - set(self.basis)):
            if self.T[self.m, column] != 0:  # zero in all signed rows: nothing bounds it in either direction
                return self.unbounded(column, -1 if self.T[self.m, column] > 0 else 1)
        unbounded = self.descend(self.m)
        if unbounded is not None:
            return self.unbounded(unbounded, 1)
        return SimplexOutcome("optimal", self.point(), self.multipliers(self.m, -1), [], self.pivots)

    def descend(self, cost_row: int) -> int | None:
        """Pivot until the costs in `cost_row` are all at least 0, or return a column that nothing bounds."""
        waiting = 0
        while True:
            column = self.entering(cost_row, bland=waiting > PATIENCE)
            if column is None:
                return None
            row = self.leaving(column)
            if row is None:
                return column
            waiting = waiting + 1 if self.T[row, self.n + self.m + 1] == 0 else 0
            done = self.basis[row] == self.n + self.m
            self.pivot(row, column)
            if done:
                return None

    def entering(self, cost_row: int, bland: bool) -> int | None:
        """Column of the most negative cost, or of the first negative one (Bland); None at an optimum."""
        T = self.T
        negative = [(T[cost_row, j], j) for j in self.enterable if T[cost_row, j] < 0]
        if not negative:
            return None
        return negative[0][1] if bland else min(negative)[1]

    def leaving(self, column: int) -> int | None:
        """Row of the least ratio; among equals the artificial variable, then the least index (Bland)."""
        T, right, best, choice = self.T, self.n + self.m + 1, None, None
        artificial = self.n + self.m
        for i in range(self.m):
            if self.basis[i] in self.free or T[i, column] <= 0:
                continue
            key = (T[i, right] / T[i, column], -1 if self.basis[i] == artificial else self.basis[i])
            if best is None or key < best:
                best, choice = key, i
        return choice

    def point(self) -> list[Fraction]:
        """Values of the variables at the basis."""
        x = [Fraction(0)] * self.n
        for i, column in enumerate(self.basis):
            if column < self.n:
                x[column] = to_fraction(self.T[i, self.n + self.m + 1])
        return x

    def multipliers(self, row: int, sign: int) -> list[Fraction]:
        """How the row was combined from the constraints as they were given."""
        return [sign * to_fraction(self.T[row, self.n + i]) for i in range(self.m)]

    def infeasible(self, row: int) -> SimplexOutcome:
        """The outcome with Farkas multipliers, read from a row that no point satisfies."""
        sign = 1 if self.T[row, self.n + self.m + 1] < 0 or row > self.m else -1
        return SimplexOutcome("infeasible", [], self.multipliers(row, sign), [], self.pivots)

    def unbounded(self, column: int, sign: int) -> SimplexOutcome:
        """The outcome with a feasible point and the ray along which a column improves without end."""
        ray = [Fraction(0)] * self.n
        if column < self.n:
            ray[column] = Fraction(sign)
        for i, basic in enumerate(self.basis):
            if basic < self.n:
                ray[basic] = -sign * to_fraction(self.T[i, column])
        return SimplexOutcome("unbounded", self.point(), [], ray, self.pivots)


def _started(table: list[list[int]], costs: list[int], phase: list[int], basis: Sequence[int]) -> Any | None:
    """Tableau at a given basis, or None if the basis is singular."""
    size = len(table)
    square = fmpz_mat(size, size, [row[j] for row in table for j in basis])
    try:
        top: Any = square.solve(fmpz_mat(table))
    except ZeroDivisionError:
        return None
    priced = fmpq_mat(fmpz_mat([costs])) - fmpq_mat(fmpz_mat([[costs[j] for j in basis]])) * top
    stacked = [top.entries(), priced.entries(), [fmpq(value) for value in phase]]
    return fmpq_mat(size + 2, len(costs), [value for part in stacked for value in part])
