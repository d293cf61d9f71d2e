"""Exact vertices of polytopes and of their faces, each once, whatever the degeneracy."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from flint import fmpq, fmpq_mat

from eqsolve.engines.double_description import Check, extreme_rays
from eqsolve.exact.rational import to_integers

Number = int | Fraction


def cone_rays(
    inequalities: Sequence[Sequence[int]], dimension: int, check: Check | None = None
) -> list[tuple[int, ...]]:
    """Extreme rays of the cone of all u >= 0 with G u >= 0.

    Parameters
    ----------
    inequalities : sequence of sequences of int, shape (k, dimension)
        The rows of G.
    dimension : int
    check : callable, optional
        Called at least once per inequality; may raise to stop.

    Returns
    -------
    list of tuple of int
        Primitive integer vectors, no two equal, in no particular order.
    """
    rays = extreme_rays(inequalities, dimension, check)
    assert rays is not None, "nothing limits how many there are"
    return rays.vectors


def orthant_vertices(
    inequalities: Sequence[Sequence[int]], dimension: int, check: Check | None = None
) -> list[tuple[int, ...]]:
    """Vertices of the polytope of all u >= 0 with b + a·u >= 0 for every row (b, a).

    Parameters
    ----------
    inequalities : sequence of sequences of int, shape (k, 1 + dimension)
    dimension : int
    check : callable, optional
        Called now and then; may raise to stop.

    Returns
    -------
    list of tuple of int
        Homogeneous coordinates (t, u_1, …) with t > 0 and no common factor: the vertex is u / t.

    Raises
    ------
    ValueError
        If the set is not bounded.
    """
    vertices = cone_rays(inequalities, dimension + 1, check)
    if not all(v[0] for v in vertices) and any(v[0] for v in vertices):
        raise ValueError("the face is not bounded")
    return [v for v in vertices if v[0]]


def face_vertices(
    equalities: Sequence[Sequence[Number]], inequalities: Sequence[Sequence[Number]]
) -> list[tuple[Fraction, ...]]:
    """Vertices of the polytope of all z with c + a·z = 0 and c + a·z >= 0 for rows (c, a).

    Parameters
    ----------
    equalities, inequalities : sequences of rows, each of length 1 + n
        Constant first. The variables z are free: signs are inequalities like any other.

    Returns
    -------
    list of tuple of Fraction
        All vertices, each once, sorted; empty if the polytope is empty.

    Raises
    ------
    ValueError
        If the set is not empty and not bounded.

    Examples
    --------
    >>> triangle = face_vertices([], [[0, 1, 0], [0, 0, 1], [1, -1, -1]])
    >>> [tuple(map(str, v)) for v in triangle]
    [('0', '0'), ('0', '1'), ('1', '0')]
    """
    width = len((*equalities, *inequalities)[0])
    points = _solutions(_rows(equalities), width)
    if points is None:
        return []
    # Along the affine hull u -> points u, with the constant 1 as first homogeneous coordinate.
    constant = [Fraction(1), *([Fraction(0)] * (width - 1))]
    reduced = _integers(_matrix([constant, *_rows(inequalities)]) * points)
    rays = _pointed_rays(reduced)
    if rays is None:
        raise ValueError("the face is empty or contains a line")
    vertices = []
    for ray in rays:
        lifted = points * fmpq_mat(len(ray), 1, list(ray))
        if lifted[0, 0] == 0:
            raise ValueError("the face is not bounded")
        vertices.append(tuple(_fraction(lifted[i, 0] / lifted[0, 0]) for i in range(1, width)))
    return sorted(vertices)


def _rows(rows: Sequence[Sequence[Number]]) -> list[list[Fraction]]:
    return [[Fraction(v) for v in row] for row in rows]


def _fraction(value: fmpq) -> Fraction:
    return Fraction(int(value.p), int(value.q))


def _matrix(rows: Sequence[Sequence[Fraction]]) -> fmpq_mat:
    return fmpq_mat([[fmpq(v.numerator, v.denominator) for v in row] for row in rows])


def _integers(matrix: fmpq_mat) -> list[list[int]]:
    """Scale rows by positive numbers to integers."""
    return [to_integers([_fraction(matrix[i, j]) for j in range(matrix.ncols())])[0] for i in range(matrix.nrows())]


def _solutions(equalities: list[list[Fraction]], width: int) -> fmpq_mat | None:
    """Columns that span the homogeneous solutions (t, z); None if t = 0 for all of them."""
    if not equalities:
        return fmpq_mat([[int(i == j) for j in range(width)] for i in range(width)])
    # The constant comes last, so that it is a pivot only if there is no solution with t = 1.
    echelon, rank = _matrix([[*row[1:], row[0]] for row in equalities]).rref()
    pivots = [next(j for j in range(width) if echelon[i, j] != 0) for i in range(rank)]
    if width - 1 in pivots:
        return None
    free = [j for j in range(width) if j not in pivots]
    result = fmpq_mat(width, len(free))
    for k, j in enumerate(free):
        result[(j + 1) % width, k] = fmpq(1)
        for i, pivot in enumerate(pivots):
            result[(pivot + 1) % width, k] = -echelon[i, j]
    return result


def _pointed_rays(rows: list[list[int]]) -> list[list[fmpq]] | None:
    """Extreme rays of the cone of all u with rows·u >= 0; None if it contains a line.

    Independent rows become the coordinates, so that the cone lies in an orthant.
    """
    dimension = len(rows[0])
    echelon, rank = fmpq_mat([list(column) for column in zip(*rows, strict=True)]).rref()
    if rank < dimension:
        return None
    chosen = [next(j for j in range(len(rows)) if echelon[i, j] != 0) for i in range(rank)]
    others = [row for k, row in enumerate(rows) if k not in set(chosen)]
    inverse = fmpq_mat([rows[k] for k in chosen]).inv()
    cuts = _integers(fmpq_mat(others) * inverse) if others else []
    columns = [inverse * fmpq_mat(dimension, 1, list(ray)) for ray in cone_rays(cuts, dimension)]
    return [[column[i, 0] for i in range(dimension)] for column in columns]
