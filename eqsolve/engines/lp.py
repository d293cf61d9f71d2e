"""Exact linear programs: floating point proposes a basis, rational arithmetic decides.

HiGHS solves the program in floating point; the square system of its final basis is solved again over the
rationals and primal feasibility, dual feasibility and strong duality are checked there. When a check fails,
and for programs so small that HiGHS would only be overhead, the exact simplex method decides
(`eqsolve.engines.simplex`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from eqsolve.engines.simplex import SimplexOutcome, simplex
from eqsolve.errors import ModelError
from eqsolve.exact.rational import to_integers
from eqsolve.exact.sparse import solve_system

Number = Fraction | int
Row = Sequence[Number] | Mapping[int, Number]

SMALL = 250  # entries of the exact tableau up to which it is quicker than setting up HiGHS (about 1 ms)


@dataclass(frozen=True)
class LPSolution:
    """Solution of a linear program with its proof.

    Attributes
    ----------
    status : {"optimal", "infeasible", "unbounded"}
    value : Fraction or None
        The optimum; None unless optimal.
    x : tuple of n Fractions
        An optimal point; for "unbounded" a feasible point; empty for "infeasible".
    dual_ub, dual_eq : tuples of Fractions
        For "optimal" the derivatives of `value` by the right-hand sides: minimising, ``dual_ub <= 0`` and
        ``objective - dual_ub A_ub - dual_eq A_eq >= 0`` (= 0 at free variables); maximising, both with the
        opposite sign. Either way ``value = dual_ub b_ub + dual_eq b_eq``.
        For "infeasible" a Farkas vector: ``dual_ub >= 0``, ``dual_ub A_ub + dual_eq A_eq >= 0`` (= 0 at free
        variables) and ``dual_ub b_ub + dual_eq b_eq < 0``. Empty for "unbounded".
    ray : tuple of n Fractions
        For "unbounded" a direction along which every feasible point stays feasible and improves; else empty.
    method : str
        ``"highs basis"`` or ``"exact simplex"``: who found what the exact check then confirmed.
    """

    status: str
    value: Fraction | None
    x: tuple[Fraction, ...] = ()
    dual_ub: tuple[Fraction, ...] = ()
    dual_eq: tuple[Fraction, ...] = ()
    ray: tuple[Fraction, ...] = ()
    method: str = "exact simplex"


@dataclass(frozen=True)
class LinearProgram:
    """A linear program with integer rows; each row was multiplied by its `scale` to make it so.

    Attributes
    ----------
    cost : tuple of n ints
        The objective times `cost_scale`.
    rows : tuple of sparse rows {column: integer}, inequalities first
    rhs : tuple of ints
    scale : tuple of positive ints
        What row i of the caller was multiplied by.
    n_ub : int
        Number of inequalities.
    free : frozenset of columns without a sign
    maximise : bool
    cost_scale : int
    """

    cost: tuple[int, ...]
    rows: tuple[dict[int, int], ...]
    rhs: tuple[int, ...]
    scale: tuple[int, ...]
    n_ub: int
    free: frozenset[int]
    maximise: bool
    cost_scale: int

    @classmethod
    def of(
        cls,
        objective: Sequence[Number],
        A_ub: Iterable[Row] = (),
        b_ub: Sequence[Number] = (),
        A_eq: Iterable[Row] = (),
        b_eq: Sequence[Number] = (),
        *,
        free: Iterable[int] = (),
        maximise: bool = False,
    ) -> LinearProgram:
        """Read the arguments of `solve_lp`.

        Raises
        ------
        ModelError
            If shapes do not fit, a column does not exist or a number is not rational.
        """
        upper, equal, unsigned = list(A_ub), list(A_eq), frozenset(free)
        n = len(objective)
        if len(upper) != len(b_ub) or len(equal) != len(b_eq):
            raise ModelError(f"{len(upper)} and {len(equal)} rows with {len(b_ub)} and {len(b_eq)} right-hand sides")
        if any(not 0 <= j < n for j in unsigned):
            raise ModelError(f"free variables {sorted(unsigned)}, expected columns below {n}")
        read = [
            _integer_row(row, right, n, i)
            for i, (row, right) in enumerate(zip([*upper, *equal], [*b_ub, *b_eq], strict=True))
        ]
        cost, _, cost_scale = _integer_row(objective, 0, n, -1)
        return cls(
            tuple(cost.get(j, 0) for j in range(n)),
            tuple(row for row, _, _ in read),
            tuple(right for _, right, _ in read),
            tuple(scale for _, _, scale in read),
            len(upper),
            unsigned,
            maximise,
            cost_scale,
        )


def solve_lp(
    objective: Sequence[Number],
    A_ub: Iterable[Row] = (),
    b_ub: Sequence[Number] = (),
    A_eq: Iterable[Row] = (),
    b_eq: Sequence[Number] = (),
    *,
    free: Iterable[int] = (),
    maximise: bool = False,
) -> LPSolution:
    """Optimise a linear objective over A_ub x <= b_ub, A_eq x = b_eq, x >= 0 but at `free` columns, exactly.

    Parameters
    ----------
    objective : n numbers
        Integers or Fractions, like all numbers here.
    A_ub, A_eq : rows
        Each row is a sequence of n numbers or a sparse mapping {column: number}.
    b_ub, b_eq : numbers, one per row
    free : columns
        Indices of variables that may be negative.
    maximise : bool

    Returns
    -------
    LPSolution
        With dual multipliers, a Farkas vector or a ray, verified by `check_lp`.

    Raises
    ------
    ModelError
        If shapes do not fit, a column does not exist or a number is not rational.

    Notes
    -----
    The exact basis costs one rational solve of the order of the number of basic variables. The idea of making
    a floating-point basis exact is that of QSopt_ex (Applegate, Cook, Dash and Espinoza, Operations Research
    Letters 35, 2007).
    """
    return solve_program(LinearProgram.of(objective, A_ub, b_ub, A_eq, b_eq, free=free, maximise=maximise))


def solve_program(problem: LinearProgram) -> LPSolution:
    """Solve a program that was read before; see `solve_lp`."""
    m, n = len(problem.rows), len(problem.cost)
    basis = None
    if (m + 2) * (n + m + 2) > SMALL:
        found, basis = solve_by_highs(problem)
        if found is not None:
            return found
    sign = -1 if problem.maximise else 1
    outcome = simplex(problem.rows, problem.rhs, [sign * c for c in problem.cost], problem.n_ub, problem.free, basis)
    solution = _from_simplex(problem, outcome)
    if not check_lp(problem, solution):
        raise ArithmeticError("the exact simplex method returned a solution that its own check refuses")
    return solution


def solve_by_highs(problem: LinearProgram, *, prove: bool = True) -> tuple[LPSolution | None, list[int] | None]:
    """Solve a program by what HiGHS proposes, or not at all.

    Parameters
    ----------
    problem : LinearProgram
    prove : bool
        Whether a claim that there is no optimum is followed up, by further programs of HiGHS.

    Returns
    -------
    solution, basis
        A solution that `check_lp` confirmed, or None; the last basis that was proposed, or None.
    """
    from eqsolve.engines import lp_highs
    from eqsolve.engines.lp_refinement import refined

    basis, refuted = None, set[str]()
    for proposal in lp_highs.proposals(problem):
        found = None
        if proposal.basis is not None:
            basis = list(proposal.basis)
            found = at_basis(problem, basis)
        elif prove and proposal.status in ("infeasible", "unbounded") and proposal.status not in refuted:
            found = lp_highs.proof_of(problem, proposal.status)
            refuted.add(proposal.status)
        if found is not None and check_lp(problem, found):
            return found, basis
    return (refined(problem, basis) if basis is not None else None), basis


def at_basis(problem: LinearProgram, basis: Sequence[int]) -> LPSolution | None:
    """Compute the basic solution and multipliers of a basis, not checked; None if the basis is singular.

    Parameters
    ----------
    problem : LinearProgram with n columns and m rows
    basis : m of the columns 0..n + m - 1
        Column n + i is the slack of row i.

    Notes
    -----
    Rows whose slack is basic and columns that are not basic drop out: what is solved is a square system of as
    many unknowns as there are basic variables proper, often far fewer than rows. Where it is large and sparse, as in
    programs over lotteries, it is solved piece by piece.
    """
    n, m = len(problem.cost), len(problem.rows)
    columns = sorted(j for j in basis if j < n)
    loose = {j - n for j in basis if j >= n}
    tight = [i for i in range(m) if i not in loose]
    if len(columns) != len(tight):
        return None
    position = {j: c for c, j in enumerate(columns)}
    square = [{position[j]: v for j, v in problem.rows[i].items() if j in position and v} for i in tight]
    transposed: list[dict[int, int]] = [{} for _ in columns]
    for r, row in enumerate(square):
        for c, v in row.items():
            transposed[c][r] = v
    primal = solve_system(square, [problem.rhs[i] for i in tight])
    dual = solve_system(transposed, [problem.cost[j] for j in columns])
    if primal is None or dual is None:
        return None
    x, y = [Fraction(0)] * n, [Fraction(0)] * m
    for j, value in zip(columns, primal, strict=True):
        x[j] = value
    for i, value in zip(tight, dual, strict=True):
        y[i] = value * problem.scale[i] / problem.cost_scale
    total = sum((problem.cost[j] * v for j, v in zip(columns, primal, strict=True)), Fraction(0))
    return LPSolution(
        "optimal",
        total / problem.cost_scale,
        tuple(x),
        tuple(y[: problem.n_ub]),
        tuple(y[problem.n_ub :]),
        method="highs basis",
    )


def check_lp(problem: LinearProgram, solution: LPSolution) -> bool:
    """Verify a solution and its proof in exact arithmetic.

    Parameters
    ----------
    problem : LinearProgram
    solution : LPSolution

    Returns
    -------
    bool
        For "optimal": primal feasible, dual feasible, both values equal to `value` (which with feasibility is
        complementary slackness). For "infeasible": the multipliers are a Farkas vector. For "unbounded": the
        point is feasible, the ray stays so and improves.

    Notes
    -----
    O(number of nonzeros) integer operations; vectors are put over one denominator first.
    """
    n, m = len(problem.cost), len(problem.rows)
    sign = -1 if problem.maximise else 1
    if solution.status == "infeasible":
        duals = [*solution.dual_ub, *solution.dual_eq]
        return len(duals) == m and _is_farkas(problem, duals)
    if len(solution.x) != n or not _feasible(problem, solution.x, homogeneous=False):
        return False
    if solution.status == "unbounded":
        gain = sum(c * v for c, v in zip(problem.cost, solution.ray, strict=True))
        return _feasible(problem, solution.ray, homogeneous=True) and sign * gain < 0
    duals = [*solution.dual_ub, *solution.dual_eq]
    if solution.status != "optimal" or len(duals) != m or solution.value is None:
        return False
    if any(sign * y > 0 for y in solution.dual_ub):
        return False
    y, y_scale = _row_multipliers(problem, duals)
    if any(
        sign * reduced < 0 or (reduced != 0 and j in problem.free)
        for j, reduced in enumerate(_reduced(problem, y, y_scale))
    ):
        return False
    x, x_scale = to_integers(solution.x)
    value = solution.value * problem.cost_scale
    primal = sum(c * v for c, v in zip(problem.cost, x, strict=True))
    dual = sum(v * b for v, b in zip(y, problem.rhs, strict=True)) * problem.cost_scale
    return bool(primal == value * x_scale and dual == value * y_scale)


def _feasible(problem: LinearProgram, point: Sequence[Fraction], homogeneous: bool) -> bool:
    """Whether a point satisfies the constraints, or a direction the homogeneous ones."""
    x, scale = to_integers(point)
    if any(value < 0 and j not in problem.free for j, value in enumerate(x)):
        return False
    if len(x) != len(problem.cost):
        return False
    for i, (row, right) in enumerate(zip(problem.rows, problem.rhs, strict=True)):
        excess = sum(value * x[j] for j, value in row.items()) - (0 if homogeneous else right * scale)
        if excess > 0 or (excess < 0 and i >= problem.n_ub):
            return False
    return True


def _is_farkas(problem: LinearProgram, duals: Sequence[Fraction]) -> bool:
    if any(value < 0 for value in duals[: problem.n_ub]):
        return False
    y, _ = _row_multipliers(problem, duals)
    combined = _combined(problem, y)
    if any(value < 0 or (value != 0 and j in problem.free) for j, value in enumerate(combined)):
        return False
    return sum(value * right for value, right in zip(y, problem.rhs, strict=True)) < 0


def _row_multipliers(problem: LinearProgram, duals: Sequence[Fraction]) -> tuple[list[int], int]:
    """Multipliers of the integer rows, over one denominator."""
    return to_integers([y / scale for y, scale in zip(duals, problem.scale, strict=True)])


def _combined(problem: LinearProgram, y: Sequence[int]) -> list[int]:
    """Row vector y A over the integer rows."""
    total = [0] * len(problem.cost)
    for multiplier, row in zip(y, problem.rows, strict=True):
        if multiplier:
            for j, value in row.items():
                total[j] += multiplier * value
    return total


def _reduced(problem: LinearProgram, y: Sequence[int], y_scale: int) -> list[int]:
    """Reduced costs times a positive number."""
    return [c * y_scale - t * problem.cost_scale for c, t in zip(problem.cost, _combined(problem, y), strict=True)]


def _from_simplex(problem: LinearProgram, outcome: SimplexOutcome) -> LPSolution:
    """Undo the scaling of rows and objective."""
    sign = -1 if problem.maximise else 1
    if outcome.status == "unbounded":
        return LPSolution("unbounded", None, tuple(outcome.x), ray=tuple(outcome.ray))
    over = 1 if outcome.status == "infeasible" else sign * problem.cost_scale
    duals = [y * scale / over for y, scale in zip(outcome.duals, problem.scale, strict=True)]
    split = tuple(duals[: problem.n_ub]), tuple(duals[problem.n_ub :])
    if outcome.status == "infeasible":
        return LPSolution("infeasible", None, (), *split)
    total = sum((c * v for c, v in zip(problem.cost, outcome.x, strict=True)), Fraction(0))
    return LPSolution("optimal", total / problem.cost_scale, tuple(outcome.x), *split)


def _integer_row(row: Any, right: Number, n: int, index: int) -> tuple[dict[int, int], int, int]:
    """Sparse integer row, right-hand side, and the factor they were multiplied by."""
    if hasattr(row, "tolist"):
        row = row.tolist()
    sparse = isinstance(row, Mapping)
    items = [(j, v) for j, v in (row.items() if sparse else enumerate(row)) if v]
    place = "the objective" if index < 0 else f"row {index}"
    if not sparse and len(row) != n:
        raise ModelError(f"{place} has {len(row)} entries, expected {n}")
    for j, value in [*items, (0, right)]:
        if not isinstance(value, int | Fraction):
            raise ModelError(f"{place} holds a {type(value).__name__}, expected integers or Fractions")
        if not 0 <= j < max(n, 1):
            raise ModelError(f"{place} names column {j}, expected columns below {n}")
    scale = math.lcm(right.denominator, *(value.denominator for _, value in items))
    cleared = {j: value.numerator * (scale // value.denominator) for j, value in items}
    return cleared, right.numerator * (scale // right.denominator), scale
