"""What HiGHS says of a linear program in floating point: a status and a basis, as proposals."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from eqsolve.engines.lp import LinearProgram, LPSolution, solve_by_highs

_NARROW = 12  # bits between the largest and the smallest coefficient
_PASSES = 12  # of the scaling, at most
# tolerance, presolve, simplex strategy (1 dual, 4 primal)
_ATTEMPTS = ((1e-9, "choose", 1), (1e-10, "choose", 1), (1e-10, "off", 1), (1e-7, "off", 4))


def quiet_highs() -> Any:
    """Return a HiGHS object that prints nothing and uses one thread.

    The constructor of ``highspy.Highs`` enables callbacks and by that prints a banner before any option can
    be set, so the constructor of its base is called instead.
    """
    import highspy

    class Quiet(highspy.Highs):
        def __init__(self) -> None:
            super(highspy.Highs, self).__init__()

    highs = Quiet()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    return highs


@dataclass(frozen=True)
class Proposal:
    """Status ("optimal", "infeasible", "unbounded", "unknown") and, if optimal, the basic columns.

    Column n + i of the basis is the slack of row i.
    """

    status: str
    basis: tuple[int, ...] | None = None


def proposals(problem: LinearProgram) -> Iterator[Proposal]:
    """Solve a program in floating point, silently and on one thread, again and again with other options.

    Yields
    ------
    Proposal
        One per attempt, as many as the caller wants to try: what one setting misjudges (nearly infeasible
        programs, as a rule) another one often gets right.
    """
    import highspy

    known = highspy.HighsModelStatus
    names = {known.kOptimal: "optimal", known.kInfeasible: "infeasible", known.kUnbounded: "unbounded"}
    model, _, _ = model_and_shifts(problem)
    for tolerance, presolve, strategy in _ATTEMPTS:
        highs = quiet_highs()
        highs.setOptionValue("solver", "simplex")
        highs.setOptionValue("presolve", presolve)
        highs.setOptionValue("simplex_strategy", strategy)
        highs.setOptionValue("primal_feasibility_tolerance", tolerance)
        highs.setOptionValue("dual_feasibility_tolerance", tolerance)
        highs.passModel(model)
        highs.run()
        status = names.get(highs.getModelStatus(), "unknown")
        basis = basic_columns(highs.getBasis(), len(problem.cost)) if status == "optimal" else None
        yield Proposal(status, basis)


def proof_of(problem: LinearProgram, status: str) -> LPSolution | None:
    """Exact proof that a program is infeasible or unbounded, from programs that have an optimum.

    Parameters
    ----------
    problem : LinearProgram
    status : {"infeasible", "unbounded"}

    Returns
    -------
    LPSolution or None
        None if the claim turned out false or HiGHS did not help. Not yet checked by `check_lp`.

    Notes
    -----
    The least total violation of the constraints is a program with an optimum whose multipliers are, with the
    opposite sign, a Farkas vector if it is positive; otherwise its solution is feasible. A ray is a solution
    of the homogeneous constraints with an improvement of at most 1.
    """
    n, m, n_ub = len(problem.cost), len(problem.rows), problem.n_ub
    rows = [{**row, n + i: -1} for i, row in enumerate(problem.rows)]
    for i in range(n_ub, m):
        rows[i][m + n + i - n_ub] = 1
    violations = (*[0] * n, *[1] * (m + m - n_ub))
    elastic = LinearProgram(violations, tuple(rows), problem.rhs, problem.scale, n_ub, problem.free, False, 1)
    least, _ = solve_by_highs(elastic, prove=False)
    if least is None or least.status != "optimal" or (least.value == 0) != (status == "unbounded"):
        return None
    if status == "infeasible":
        farkas = tuple(-y for y in least.dual_ub), tuple(-y for y in least.dual_eq)
        return LPSolution("infeasible", None, (), *farkas, method="highs basis")
    ray = _ray(problem)
    return None if ray is None else LPSolution("unbounded", None, least.x[:n], ray=ray, method="highs basis")


def _ray(problem: LinearProgram) -> tuple[Fraction, ...] | None:
    sign = -1 if problem.maximise else 1
    cost = tuple(sign * c for c in problem.cost)
    bound = {j: -c for j, c in enumerate(cost) if c}
    homogeneous = LinearProgram(
        cost,
        (bound, *problem.rows),
        (1, *[0] * len(problem.rows)),
        (1, *problem.scale),
        problem.n_ub + 1,
        problem.free,
        False,
        1,
    )
    found, _ = solve_by_highs(homogeneous, prove=False)
    return found.x if found is not None and found.value == -1 else None


def model_and_shifts(problem: LinearProgram) -> tuple[Any, list[int], list[int]]:
    """Make the HiGHS model of a program, with rows, columns and objective multiplied by powers of two.

    Returned with the exponents of rows and columns; right-hand sides and objective may have one more in
    common. A basis is one of the scaled program exactly if it is one of the program.
    """
    import highspy
    import numpy as np

    n, m = len(problem.cost), len(problem.rows)
    row_shift, column_shift = _shifts(problem)
    sides = [b.bit_length() + shift for b, shift in zip(problem.rhs, row_shift, strict=True) if b]
    # dividing all right-hand sides is measuring the variables in another unit
    unit = max(sides, default=0) if max(sides, default=0) > _NARROW else 0
    starts, columns, values, upper = [0], list[int](), list[float](), list[float]()
    for row, right, shift in zip(problem.rows, problem.rhs, row_shift, strict=True):
        columns.extend(row)
        values.extend(_shifted(v, shift + column_shift[j]) for j, v in row.items())
        upper.append(_shifted(right, shift - unit))
        starts.append(len(columns))
    sign = -1 if problem.maximise else 1
    costs = [(sign * c, column_shift[j]) for j, c in enumerate(problem.cost)]
    top = max((c.bit_length() + shift for c, shift in costs if c), default=0)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = n, m
    lp.col_cost_ = np.array([_shifted(c, shift - top) for c, shift in costs], dtype=np.float64)
    lp.col_lower_ = np.array([-highspy.kHighsInf if j in problem.free else 0.0 for j in range(n)])
    lp.col_upper_ = np.full(n, highspy.kHighsInf)
    lp.row_lower_ = np.array([-highspy.kHighsInf] * problem.n_ub + upper[problem.n_ub :], dtype=np.float64)
    lp.row_upper_ = np.array(upper, dtype=np.float64)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.array(starts, dtype=np.int32)
    lp.a_matrix_.index_ = np.array(columns, dtype=np.int32)
    lp.a_matrix_.value_ = np.array(values, dtype=np.float64)
    return lp, row_shift, column_shift


def _shifts(problem: LinearProgram) -> tuple[list[int], list[int]]:
    """Binary exponents for rows and columns that bring the coefficients near 1.

    Rows, then columns, again and again: each by the middle of its largest and smallest exponent (A. R. Curtis
    and J. K. Reid 1972 minimise the squares of them instead). Integers may have any size: only their lengths
    count.
    """
    sizes = [[(j, v.bit_length()) for j, v in row.items()] for row in problem.rows]
    row_shift, column_shift = [0] * len(sizes), [0] * len(problem.cost)
    lengths = {size for row in sizes for _, size in row}
    if not lengths or max(lengths) - min(lengths) <= _NARROW:  # HiGHS scales such programs well enough itself
        return row_shift, column_shift
    for _ in range(_PASSES):
        before = column_shift
        low, high = [0] * len(column_shift), [0] * len(column_shift)
        seen = [False] * len(column_shift)
        for i, row in enumerate(sizes):
            if not row:
                continue
            exponents = [size + column_shift[j] for j, size in row]
            shift = row_shift[i] = -(max(exponents) + min(exponents)) // 2
            for j, size in row:
                exponent = size + shift
                low[j] = min(low[j], exponent) if seen[j] else exponent
                high[j] = max(high[j], exponent) if seen[j] else exponent
                seen[j] = True
        column_shift = [-(a + b) // 2 for a, b in zip(low, high, strict=True)]
        if max(abs(a - b) for a, b in zip(before, column_shift, strict=True)) <= 2:
            break
    return row_shift, column_shift


def _shifted(value: int, shift: int) -> float:
    """Value times a power of two, rounded once; infinite where floating point ends."""
    try:
        return value * 2.0**shift if -1000 < shift < 0 and value.bit_length() < 1000 else _far(value, shift)
    except OverflowError:
        return math.copysign(math.inf, value)


def _far(value: int, shift: int) -> float:
    return value / (1 << -shift) if shift < 0 else float(value << shift)


def basic_columns(basis: Any, n: int) -> tuple[int, ...] | None:
    """Return the basic columns of a HiGHS basis, n + i for the slack of row i; None if it is not valid."""
    import highspy

    if not basis.valid:
        return None
    basic = highspy.HighsBasisStatus.kBasic
    columns = [j for j, status in enumerate(basis.col_status) if status == basic]
    return (*columns, *(n + i for i, status in enumerate(basis.row_status) if status == basic))
