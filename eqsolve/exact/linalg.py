"""Linear algebra over the rationals, on python-flint's integer and rational matrices.

Rows are sequences of integers or Fractions (a numpy array of integers or objects is accepted too, by its
``tolist``, so that no machine integer reaches flint). Every function clears the denominators row by row, then
works on integers: Dixon lifting and fraction-free elimination are many times quicker there than on Fractions.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from flint import fmpq, fmpq_mat, fmpz_mat

Number = Fraction | int
Row = Sequence[Number]


def to_fmpq(value: Number) -> Any:
    """Convert a rational to flint's ``fmpq``."""
    return fmpq(value.numerator, value.denominator)


def to_fraction(value: Any) -> Fraction:
    """Convert flint's ``fmpq`` or ``fmpz`` to a Fraction."""
    if isinstance(value, fmpq):
        return Fraction(int(value.p), int(value.q))
    return Fraction(int(value))


def rational_matrix(rows: Iterable[Row], columns: int | None = None) -> Any:
    """Convert rows of rationals to flint's ``fmpq_mat``.

    Parameters
    ----------
    rows : iterable of m rows of n numbers
    columns : int, optional
        The number n of columns, needed only when there are no rows.
    """
    table = [[to_fmpq(value) for value in row] for row in _listed(rows)]
    return fmpq_mat(len(table), _width(table, columns), [value for row in table for value in row])


def fractions(matrix: Any) -> list[list[Fraction]]:
    """Convert flint's matrix (rational or integer) to rows of Fractions."""
    return [[to_fraction(value) for value in row] for row in matrix.tolist()]


def solve_integers(A: Iterable[Row], b: Row) -> tuple[list[int], int] | None:
    """Solve a square system and return integers with their common denominator.

    Parameters
    ----------
    A : n rows of n numbers
    b : n numbers

    Returns
    -------
    (list of n ints, int) or None
        Numerators and one positive denominator; None if A is singular.

    Raises
    ------
    ValueError
        If A is not square or b does not fit it.

    Notes
    -----
    Dixon's p-adic lifting (J. D. Dixon 1982), about O(n³ log n) operations on machine words.
    """
    table = _listed(A)
    size = len(table)
    if len(b) != size or any(len(row) != size for row in table):
        raise ValueError(f"a square system was expected, found {size} rows and {len(b)} right-hand sides")
    if size == 0:
        return [], 1
    joint = [_cleared([*row, right]) for row, right in zip(table, _listed_row(b), strict=True)]
    matrix = fmpz_mat(size, size, [value for row in joint for value in row[:-1]])
    try:
        solution: Any = matrix.solve(fmpz_mat(size, 1, [row[-1] for row in joint]))
    except ZeroDivisionError:
        return None
    numerators, denominator = solution.numer_denom()
    return [int(value) for value in numerators.entries()], int(denominator)


def solve(A: Iterable[Row], b: Row) -> list[Fraction] | None:
    """Solve the square system A x = b; None if A is singular.

    See `solve_integers` for shapes, errors and complexity.
    """
    found = solve_integers(A, b)
    if found is None:
        return None
    return [Fraction(value, found[1]) for value in found[0]]


def solve_any(A: Iterable[Row], b: Row, columns: int | None = None) -> list[Fraction] | None:
    """One solution of A x = b, or None if there is none.

    Parameters
    ----------
    A : m rows of n numbers
    b : m numbers
    columns : int, optional
        The number n of unknowns, needed only when there are no rows.

    Returns
    -------
    list of n Fractions or None
        The solution in which every unknown that is not a pivot of the reduced echelon form is 0.
    """
    table = _listed(A)
    width = _width(table, columns)
    if len(b) != len(table):
        raise ValueError(f"{len(table)} rows with {len(b)} right-hand sides")
    if not table:
        return [Fraction(0)] * width
    joint = [[*row, right] for row, right in zip(table, _listed_row(b), strict=True)]
    reduced, denominator, pivots = _echelon(joint, width + 1)
    if pivots and pivots[-1] == width:
        return None
    x = [Fraction(0)] * width
    for row, column in enumerate(pivots):
        x[column] = Fraction(int(reduced[row, width]), denominator)
    return x


def rank(A: Iterable[Row]) -> int:
    """Rank of a matrix given by its rows (0 for no rows)."""
    table = [_cleared(row) for row in _listed(A)]
    if not table or not table[0]:
        return 0
    return int(fmpz_mat(table).rank())


def nullspace(A: Iterable[Row], columns: int | None = None) -> list[list[Fraction]]:
    """Basis of {x : A x = 0}.

    Parameters
    ----------
    A : m rows of n numbers
    columns : int, optional
        The number n of unknowns, needed only when there are no rows.

    Returns
    -------
    list of vectors of n Fractions
        One vector per unknown that is no pivot of the reduced echelon form, in increasing order: 1 at that
        unknown and 0 at the other unknowns of that kind.
    """
    table = _listed(A)
    width = _width(table, columns)
    reduced, denominator, pivots = _echelon(table, width)
    basis = []
    for loose in sorted(set(range(width)) - set(pivots)):
        vector = [Fraction(0)] * width
        vector[loose] = Fraction(1)
        for row, column in enumerate(pivots):
            vector[column] = Fraction(-int(reduced[row, loose]), denominator)
        basis.append(vector)
    return basis


def _echelon(table: list[list[Number]], width: int) -> tuple[Any, int, list[int]]:
    """Reduced echelon form (integer matrix and denominator) and its pivot columns."""
    if not table or width == 0:
        return None, 1, []
    reduced, denominator, found = fmpz_mat([_cleared(row) for row in table]).rref()
    pivots: list[int] = []
    column = 0
    for row in range(int(found)):
        while reduced[row, column] == 0:
            column += 1
        pivots.append(column)
        column += 1
    return reduced, int(denominator), pivots


def _listed_row(row: Any) -> list[Number]:
    return list(row.tolist() if hasattr(row, "tolist") else row)


def _listed(rows: Any) -> list[list[Number]]:
    return [_listed_row(row) for row in (rows.tolist() if hasattr(rows, "tolist") else rows)]


def _width(table: Sequence[Sequence[object]], columns: int | None) -> int:
    width = len(table[0]) if table else columns or 0
    if any(len(row) != width for row in table) or (columns is not None and columns != width):
        raise ValueError("the rows have different lengths")
    return width


def _cleared(row: Sequence[Number]) -> list[int]:
    """Multiply a row by the least common multiple of its denominators."""
    scale = math.lcm(*(value.denominator for value in row))
    if scale == 1:
        return [int(value) for value in row]
    return [value.numerator * (scale // value.denominator) for value in row]
