"""Exact linear programs that are large and sparse: the basis that floating point proposes is solved piece by piece.

In programs over lotteries most rows and columns of a basis have one entry that is not known yet. They are solved one
after the other; only what is left is a dense rational system (`eqsolve.engines.lp.at_basis` takes all of them at once).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from eqsolve.engines.lp import LinearProgram, LPSolution, Number, Row, check_lp, solve_program
from eqsolve.exact.linalg import solve_integers

System = Sequence[Mapping[int, int]]
"""Rows of a square system: coefficients by unknown."""


def solve_sparse_lp(
    objective: Sequence[Number],
    A_ub: Iterable[Row] = (),
    b_ub: Sequence[Number] = (),
    A_eq: Iterable[Row] = (),
    b_eq: Sequence[Number] = (),
    *,
    free: Iterable[int] = (),
    maximise: bool = False,
) -> LPSolution:
    """Optimise a linear objective exactly, as `eqsolve.engines.lp.solve_lp` does, quicker for sparse programs.

    Parameters, returned value and errors are those of `solve_lp`, which is also what decides if the first basis that
    HiGHS proposes is not optimal in exact arithmetic.
    """
    from eqsolve.engines.lp_highs import proposals

    problem = LinearProgram.of(objective, A_ub, b_ub, A_eq, b_eq, free=free, maximise=maximise)
    proposal = next(proposals(problem))
    if proposal.basis is not None:
        found = at_sparse_basis(problem, proposal.basis)
        if found is not None and check_lp(problem, found):
            return found
    return solve_program(problem)


def at_sparse_basis(problem: LinearProgram, basis: Sequence[int]) -> LPSolution | None:
    """Compute the basic solution and multipliers of a basis, not checked; None if the basis is singular.

    Parameters
    ----------
    problem : LinearProgram with n columns and m rows
    basis : m of the columns 0..n + m - 1
        Column n + i is the slack of row i.
    """
    n, m = len(problem.cost), len(problem.rows)
    columns = sorted(j for j in basis if j < n)
    loose = {j - n for j in basis if j >= n}
    tight = [i for i in range(m) if i not in loose]
    if len(columns) != len(tight):
        return None
    position = {j: c for c, j in enumerate(columns)}
    square = [{position[j]: v for j, v in problem.rows[i].items() if j in position and v} for i in tight]
    turned: list[dict[int, int]] = [{} for _ in columns]
    for r, row in enumerate(square):
        for c, v in row.items():
            turned[c][r] = v
    primal = solve_pieces(square, [Fraction(problem.rhs[i]) for i in tight])
    dual = solve_pieces(turned, [Fraction(problem.cost[j]) for j in columns])
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


def solve_pieces(rows: System, sides: Sequence[Fraction]) -> list[Fraction] | None:
    """Solve a sparse square system exactly; None if it is singular.

    Parameters
    ----------
    rows : n mappings from unknowns to integers
        Without zeros.
    sides : n Fractions

    Notes
    -----
    A row with one unknown determines it. A column with one entry determines that its row is solved for it last. What
    remains after all of these is solved densely (`eqsolve.exact.linalg.solve_integers`).
    """
    size = len(rows)
    where: list[set[int]] = [set() for _ in range(size)]
    for r, row in enumerate(rows):
        for c in row:
            where[c].add(r)
    open_rows = [set(row) for row in rows]
    found: list[Fraction | None] = [None] * size
    left = list(sides)
    last: list[tuple[int, int]] = []
    rows_left, columns_left = set(range(size)), set(range(size))
    queue = [("row", r) for r in range(size)] + [("column", c) for c in range(size)]
    while queue:
        kind, k = queue.pop()
        if kind == "row" and k in rows_left and len(open_rows[k]) == 1:
            (c,) = open_rows[k]
            found[c] = value = left[k] / rows[k][c]
            for r in where[c]:
                left[r] -= rows[r][c] * value
                open_rows[r].discard(c)
                queue.append(("row", r))
            r = k
        elif kind == "column" and k in columns_left and len(where[k]) == 1:
            (r,) = where[k]
            c = k
            last.append((r, c))
        else:
            continue
        rows_left.discard(r)
        columns_left.discard(c)
        for other in open_rows[r] - {c}:
            where[other].discard(r)
            queue.append(("column", other))
        where[c] = set()
    if not _solve_core(rows, left, sorted(rows_left), sorted(columns_left), found):
        return None
    return _solve_last(rows, sides, last, found)


def _solve_core(
    rows: System, left: Sequence[Fraction], inner: list[int], unknown: list[int], found: list[Fraction | None]
) -> bool:
    """Solve what is left densely; False if it is singular."""
    if len(inner) != len(unknown):
        return False
    if not inner:
        return True
    core = solve_integers([[rows[r].get(c, 0) for c in unknown] for r in inner], [left[r] for r in inner])
    if core is None:
        return False
    for c, value in zip(unknown, core[0], strict=True):
        found[c] = Fraction(value, core[1])
    return True


def _solve_last(
    rows: System, sides: Sequence[Fraction], last: list[tuple[int, int]], found: list[Fraction | None]
) -> list[Fraction] | None:
    """Unknowns that occur in one row only, the last one first."""
    for r, c in reversed(last):
        total = sides[r]
        for other, v in rows[r].items():
            if other != c:
                value = found[other]
                if value is None:
                    return None
                total -= v * value
        found[c] = total / rows[r][c]
    complete = [x for x in found if x is not None]
    return complete if len(complete) == len(found) else None
