"""Square systems over the rationals, given by their nonzero entries: taken apart where they are large and sparse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from eqsolve.exact.linalg import solve_integers

System = Sequence[Mapping[int, int]]
"""Rows of a square system: coefficients, none of them 0, by unknown."""

LARGE = 64
THIN = 8
"""From `LARGE` unknowns on, with at most one entry in `THIN`, a system is taken apart; else dense is quicker."""


def solve_system(rows: System, sides: Sequence[int]) -> list[Fraction] | None:
    """Solve a square system exactly; None if it is singular.

    Parameters
    ----------
    rows : n mappings from unknowns 0..n-1 to integers
        Without zeros.
    sides : n integers

    Returns
    -------
    list of n Fractions, or None
    """
    size = len(rows)
    if size >= LARGE and THIN * sum(map(len, rows)) <= size * size:
        return solve_pieces(rows, [Fraction(side) for side in sides])
    dense = solve_integers([[row.get(c, 0) for c in range(size)] for row in rows], sides)
    return None if dense is None else [Fraction(value, dense[1]) for value in dense[0]]


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
