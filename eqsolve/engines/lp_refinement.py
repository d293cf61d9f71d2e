"""Iterative refinement of a basis that floating point takes for optimal and exact arithmetic does not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from eqsolve.engines.lp import LinearProgram, LPSolution, at_basis, check_lp
from eqsolve.engines.lp_highs import basic_columns, model_and_shifts, quiet_highs
from eqsolve.exact.rational import to_integers

ROUNDS = 6
LARGEST_COST = 1e9  # greater costs would only blur the small ones that are in question
LARGEST_SIDE = 1e15  # what is farther away than this cannot be reached from the present point


def refined(problem: LinearProgram, basis: Sequence[int]) -> LPSolution | None:
    """Look at a basis through a magnifying glass until it is optimal.

    Parameters
    ----------
    problem : LinearProgram
    basis : m columns
        As in `eqsolve.engines.lp.at_basis`.

    Returns
    -------
    LPSolution or None
        Optimal and confirmed by `check_lp`; None if `ROUNDS` rounds did not lead to one.

    Notes
    -----
    The program is moved to the exact basic solution and stated in exact slacks and reduced costs, both
    multiplied so that their largest violation is about 1, and solved in floating point from that basis again
    (A. M. Gleixner, D. E. Steffy and K. Wolter, INFORMS Journal on Computing 28, 2016).
    """
    current = list(basis)
    for _ in range(ROUNDS):
        point = at_basis(problem, current)
        if point is None:
            return None
        if check_lp(problem, point):
            return point
        following = _zoomed(problem, point, current)
        if following is None or set(following) == set(current):
            return None
        current = following
    return None


def _zoomed(problem: LinearProgram, point: LPSolution, basis: Sequence[int]) -> list[int] | None:
    """Basis that HiGHS finds optimal for the magnified program, or None."""
    import highspy
    import numpy as np

    n, n_ub = len(problem.cost), problem.n_ub
    model, row_shift, column_shift = model_and_shifts(problem)
    slacks, costs, prices = _errors(problem, point)
    x = [_times(v, -s) for v, s in zip(point.x, column_shift, strict=True)]
    slacks = [_times(v, s) for v, s in zip(slacks, row_shift, strict=True)]
    costs = [_times(v, s) for v, s in zip(costs, column_shift, strict=True)]
    prices = [_times(v, -s) for v, s in zip(prices, row_shift, strict=True)]
    signed = [j for j in range(n) if j not in problem.free]
    primal = max([*(-x[j] for j in signed), *(-v for v in slacks[:n_ub])], default=Fraction(0))
    dual = max(
        [*(-costs[j] for j in signed), *(abs(costs[j]) for j in problem.free), *prices[:n_ub]], default=Fraction(0)
    )
    near, steep = _magnification(primal), _magnification(dual)
    bounds = [-math.inf if j in problem.free else -_side(x[j], near) for j in range(n)]
    bounds += [-_side(v, near) for v in slacks[:n_ub]]
    # slacks become columns, so that they can have costs of their own
    model.num_col_ = n + n_ub
    steepness = [_bounded(_times(c, steep), LARGEST_COST, LARGEST_COST) for c in [*costs, *(-p for p in prices[:n_ub])]]
    model.col_cost_ = np.array(steepness, dtype=np.float64)
    model.col_lower_ = np.array(bounds, dtype=np.float64)
    model.col_upper_ = np.full(n + n_ub, math.inf)
    sides = np.array([0.0] * n_ub + [_side(v, near) for v in slacks[n_ub:]], dtype=np.float64)
    model.row_upper_ = model.row_lower_ = sides
    ends = np.array(model.a_matrix_.start_)[1 : n_ub + 1]
    extra = np.arange(n_ub)
    model.a_matrix_.index_ = np.insert(np.array(model.a_matrix_.index_), ends, n + extra).astype(np.int32)
    model.a_matrix_.value_ = np.insert(np.array(model.a_matrix_.value_), ends, 1.0)
    grown = np.minimum(np.arange(len(model.a_matrix_.start_)), n_ub)
    model.a_matrix_.start_ = (np.array(model.a_matrix_.start_) + grown).astype(np.int32)
    highs = quiet_highs()
    highs.setOptionValue("solver", "simplex")
    highs.setOptionValue("primal_feasibility_tolerance", 1e-9)
    highs.setOptionValue("dual_feasibility_tolerance", 1e-9)
    highs.passModel(model)
    highs.setBasis(_highs_basis(problem, basis))
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    found = basic_columns(highs.getBasis(), n + n_ub)
    if found is None:
        return None
    return sorted({k if k < n + n_ub else k - n_ub for k in found})


def _side(value: Fraction, near: int) -> float:
    return _bounded(_times(value, near), LARGEST_SIDE, math.inf)


def _errors(problem: LinearProgram, point: LPSolution) -> tuple[list[Fraction], list[Fraction], list[Fraction]]:
    """Exact slacks, reduced costs and multipliers of the program as a minimisation over its integer rows."""
    sign = -1 if problem.maximise else 1
    x, x_scale = to_integers(point.x)
    slacks = [
        Fraction(right * x_scale - sum(v * x[j] for j, v in row.items()), x_scale)
        for row, right in zip(problem.rows, problem.rhs, strict=True)
    ]
    duals = [*point.dual_ub, *point.dual_eq]
    prices = [sign * y * problem.cost_scale / scale for y, scale in zip(duals, problem.scale, strict=True)]
    y, y_scale = to_integers(prices)
    costs = [sign * c * y_scale for c in problem.cost]
    for multiplier, row in zip(y, problem.rows, strict=True):
        if multiplier:
            for j, value in row.items():
                costs[j] -= multiplier * value
    return slacks, [Fraction(c, y_scale) for c in costs], prices


def _magnification(violation: Fraction) -> int:
    """Exponent of the power of two that brings a violation near 1; 0 if there is none."""
    if violation <= 0:
        return 0
    return violation.denominator.bit_length() - violation.numerator.bit_length()


def _times(value: Fraction, exponent: int) -> Fraction:
    return value * (1 << exponent) if exponent >= 0 else value / (1 << -exponent)


def _bounded(value: Fraction, limit: float, beyond: float) -> float:
    """Value as a float; what is beyond the limit in size becomes `beyond`, with its sign."""
    return float(value) if abs(value) <= limit else math.copysign(beyond, value)


def _highs_basis(problem: LinearProgram, basis: Sequence[int]) -> Any:
    import highspy

    status, n = highspy.HighsBasisStatus, len(problem.cost)
    chosen = set(basis)
    made = highspy.HighsBasis()
    made.col_status = [
        status.kBasic if j in chosen else status.kZero if j in problem.free else status.kLower
        for j in range(n + problem.n_ub)
    ]
    made.row_status = [
        status.kBasic if i >= problem.n_ub and n + i in chosen else status.kLower for i in range(len(problem.rows))
    ]
    made.valid = True
    return made
