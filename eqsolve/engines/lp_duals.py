"""Multipliers of large linear programs: good ones, from floating point, that the caller makes into a proof.

Where every constraint of the dual program can be repaired exactly (by paying a little of the bound), multipliers need
not be optimal, and not even feasible: what they prove is worked out afterwards. So the exact solution of a basis is
taken as it is, and beyond a certain size rounded floating-point numbers do.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from eqsolve.engines.lp import LinearProgram
from eqsolve.engines.lp_highs import basic_columns, model_and_shifts, quiet_highs
from eqsolve.exact.linalg import solve_integers

Floats = npt.NDArray[np.float64]

LARGE = 3_000
"""Rows from which on an interior point method with crossover is tried before the simplex method."""
SMALL = 250
"""Unknowns up to which a system is solved by p-adic lifting, which knows no rounding."""
DIGITS = (128, 512, 1536)
"""Bits to which a solution is refined before it is recognised as fractions."""
GUARD = 96
"""More bits, for what rounding spoils."""
PRECISION = 40
"""Bits after the point of rounded multipliers, in units in which the rows have coefficients near 1."""


def multipliers(problem: LinearProgram, *, max_seconds: float | None = None) -> list[Fraction] | None:
    """Multipliers of the rows near an optimum, signed as in `eqsolve.engines.lp.LPSolution`; not verified.

    Parameters
    ----------
    problem : LinearProgram
    max_seconds : float, optional

    Returns
    -------
    list of Fraction or None
        One per row, inequalities first; None if floating point found no optimum in time.
    """
    import highspy

    model, row_shift, column_shift = model_and_shifts(problem)
    shifts = _Shifts(problem, row_shift, column_shift)
    left = max_seconds
    for solver in ("ipm", "simplex") if len(problem.rows) >= LARGE else ("simplex", "ipm"):
        highs = quiet_highs()
        highs.setOptionValue("solver", solver)
        highs.setOptionValue("primal_feasibility_tolerance", 1e-9)
        highs.setOptionValue("dual_feasibility_tolerance", 1e-9)
        if left is not None:
            highs.setOptionValue("time_limit", max(0.1, left))
        highs.passModel(model)
        highs.run()
        left = None if left is None else left - highs.getRunTime()
        if highs.getModelStatus() == highspy.HighsModelStatus.kOptimal:
            basis = basic_columns(highs.getBasis(), len(problem.cost))
            exact = _at_basis(problem, basis, shifts) if basis is not None else None
            return exact if exact is not None else shifts.rounded(list(highs.getSolution().row_dual))
    return None


class _Shifts:
    """Powers of two by which rows, columns and objective were multiplied for floating point."""

    def __init__(self, problem: LinearProgram, rows: list[int], columns: list[int]) -> None:
        self.problem = problem
        self.rows = rows
        self.columns = columns
        costs = zip(problem.cost, columns, strict=True)
        self.top = max((c.bit_length() + shift for c, shift in costs if c), default=0)
        """The objective was divided by this power."""

    def unscaled(self, i: int, numerator: int, bits: int) -> Fraction:
        """Multiplier of an integer row from that of its scaled row, ``numerator / 2**bits``."""
        exponent = self.rows[i] + self.top - bits
        return Fraction(numerator << exponent) if exponent >= 0 else Fraction(numerator, 1 << -exponent)

    def rounded(self, duals: Sequence[float]) -> list[Fraction]:
        """Floating-point multipliers of the scaled rows, rounded, as multipliers of the caller's rows."""
        sign = -1 if self.problem.maximise else 1
        return [
            sign * self.unscaled(i, round(y * 2.0**PRECISION), PRECISION) * scale / self.problem.cost_scale
            for i, (y, scale) in enumerate(zip(duals, self.problem.scale, strict=True))
        ]


def _at_basis(problem: LinearProgram, basis: tuple[int, ...], shifts: _Shifts) -> list[Fraction] | None:
    """Exact multipliers of a basis; None if it is singular, or its numbers are too long."""
    n, m = len(problem.cost), len(problem.rows)
    columns = sorted(j for j in basis if j < n)
    loose = {j - n for j in basis if j >= n}
    tight = [i for i in range(m) if i not in loose]
    if len(columns) != len(tight):
        return None
    if len(columns) <= SMALL:
        transposed = [[problem.rows[i].get(j, 0) for i in tight] for j in columns]
        found = solve_integers(transposed, [problem.cost[j] for j in columns])
        solution = None if found is None else [Fraction(value, found[1]) for value in found[0]]
    else:
        solution = _System(problem, columns, tight, shifts).solve()
    if solution is None:
        return None
    y = [Fraction(0)] * m
    for i, value in zip(tight, solution, strict=True):
        y[i] = value * problem.scale[i] / problem.cost_scale
    return y


class _System:
    """The sparse square system of the multipliers of a basis, solved in floating point and refined.

    Residuals are computed exactly, so that every solution in floating point adds some ten digits; then the numbers are
    recognised as fractions, and these are put into the equations (J. H. Wilkinson's iterative refinement, with rational
    reconstruction as of P. S. Wang 1981).
    """

    def __init__(self, problem: LinearProgram, columns: Sequence[int], tight: Sequence[int], shifts: _Shifts) -> None:
        self.shifts = shifts
        self.tight = tight
        self.cost = [problem.cost[j] for j in columns]
        self.column_shift = [shifts.columns[j] for j in columns]
        place = {j: k for k, j in enumerate(columns)}
        self.equations: list[list[tuple[int, int]]] = [[] for _ in columns]
        for r, i in enumerate(tight):
            for j, value in problem.rows[i].items():
                if j in place:
                    self.equations[place[j]].append((r, value))

    def solve(self) -> list[Fraction] | None:
        """Multipliers of the tight integer rows; None if floating point fails or the fractions are too long."""
        from scipy.sparse import csc_matrix
        from scipy.sparse.linalg import splu

        rows, cols, values = [], [], []
        for k, equation in enumerate(self.equations):
            for r, value in equation:
                rows.append(k)
                cols.append(r)
                values.append(_float(value, self.shifts.rows[self.tight[r]] + self.column_shift[k]))
        size = len(self.tight)
        try:
            factors = splu(csc_matrix((values, (rows, cols)), shape=(size, size)))
        except RuntimeError:  # singular
            return None
        for bits in DIGITS:
            numerators = self._refined(factors.solve, bits + GUARD)
            if numerators is None:
                return None
            recognised = [
                self.shifts.unscaled(i, y, bits + GUARD).limit_denominator(1 << (bits // 2 - 16))
                for i, y in zip(self.tight, numerators, strict=True)
            ]
            if self._holds(recognised):
                return recognised
        return None

    def _refined(self, solve: Callable[[Floats], Floats], bits: int) -> list[int] | None:
        """The solution of the scaled system times ``2**bits``, up to guard bits; None if it does not converge."""
        y = [0] * len(self.tight)
        lowest = min(self.shifts.rows[i] for i in self.tight)
        raised = [self.shifts.rows[i] - lowest for i in self.tight]
        extra = max(0, lowest + self.shifts.top - bits)  # so that no power below is negative
        before = None
        while True:
            lifted = [value << (r + extra) for value, r in zip(y, raised, strict=True)]
            residual = [
                (c << (bits + extra - lowest - self.shifts.top)) - sum(a * lifted[r] for r, a in equation)
                for c, equation in zip(self.cost, self.equations, strict=True)
            ]
            exponents = [
                value.bit_length() + shift for value, shift in zip(residual, self.column_shift, strict=True) if value
            ]
            size = max(exponents, default=0)
            if not exponents or size + lowest - extra <= GUARD // 2:
                return y
            if before is not None and size > before - 4:
                return None
            before = size
            step = solve(np.array([_float(v, s - size) for v, s in zip(residual, self.column_shift, strict=True)]))
            if not np.isfinite(step).all():
                return None
            power = size + lowest - extra
            y = [value + _int(x, power) for value, x in zip(y, step.tolist(), strict=True)]

    def _holds(self, y: Sequence[Fraction]) -> bool:
        """Whether the equations hold exactly."""
        for c, equation in zip(self.cost, self.equations, strict=True):
            if sum((a * y[r] for r, a in equation), Fraction(0)) != c:
                return False
        return True


def _float(value: int, shift: int) -> float:
    """``value * 2**shift``, rounded."""
    excess = value.bit_length() - 60
    if excess > 0:
        value >>= excess
        shift += excess
    return math.ldexp(value, shift)


def _int(value: float, power: int) -> int:
    """``value * 2**power``, rounded."""
    mantissa, exponent = math.frexp(value)
    shift = exponent + power - 53
    whole = int(math.ldexp(mantissa, 53))
    return whole << shift if shift >= 0 else whole >> -shift
