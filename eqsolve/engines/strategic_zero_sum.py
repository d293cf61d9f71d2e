"""Two-player games that are zero-sum up to what does not matter to anybody's choice, by linear programming.

What player 1 earns may be shifted by a constant per column and what player 2 earns by one per row: best replies, and
so equilibria, stay. A game that becomes zero-sum in this way, up to a positive factor, has one maximal Nash subset: the
product of both sets of optimal strategies of the zero-sum game.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from typing import Any

from flint import fmpq, fmpq_mat

from eqsolve.engines.bimatrix import Bimatrix, Vector
from eqsolve.engines.complementarity.model import BlockGame, NashSet, Statistics
from eqsolve.engines.complementarity.verification import Verifier
from eqsolve.engines.faces import face_vertices
from eqsolve.engines.zero_sum import solve_zero_sum
from eqsolve.errors import ModelError
from eqsolve.exact.rational import to_integers

Matrix = tuple[tuple[int, ...], ...]

FREEDOM = 8  # dimension up to which all vertices of a set of optimal strategies are listed


def zero_sum_matrix(A: Any, B: Any) -> Matrix | None:
    """Payoffs to player 1 of a zero-sum game with the same equilibria, or None if there is none of this kind.

    Parameters
    ----------
    A, B : matrices of shape (m, n) of integers or Fractions
        Payoffs of player 1, who picks rows, and of player 2.

    Returns
    -------
    m rows of n ints, or None

    Notes
    -----
    Exact, O(m n). See H. Moulin and J.-P. Vial, International Journal of Game Theory 7 (1978), on strategically
    zero-sum games.
    """
    game = Bimatrix.of(A, B)
    ours, theirs = _contrasts(game.A), _contrasts(game.B)
    both = [(a, b) for r, s in zip(ours, theirs, strict=True) for a, b in zip(r, s, strict=True)]
    u, v = next(((-b, a) for a, b in both if a or b), (1, 1))  # u A + v B must be a row's plus a column's number
    if u < 0 or (u == 0 and v < 0):
        u, v = -u, -v
    if u <= 0 or v <= 0:
        return None
    if any(u * a + v * b for a, b in both):
        return None
    columns = [u * a + v * b for a, b in zip(game.A[0], game.B[0], strict=True)]
    return tuple(tuple(u * a - c for a, c in zip(row, columns, strict=True)) for row in game.A)


def _contrasts(payoffs: Matrix) -> list[list[int]]:
    """The part of a matrix that is left when its first row and its first column are made 0."""
    first = payoffs[0]
    return [[a - row[0] - f + first[0] for a, f in zip(row, first, strict=True)] for row in payoffs]


def solve_strategic_zero_sum(A: Any, B: Any, *, one: bool = False) -> NashSet:
    """Equilibria of a game that is zero-sum up to shifts and a factor.

    Parameters
    ----------
    A, B : matrices of shape (m, n) of integers or Fractions
    one : bool
        Be content with one pair of optimal strategies.

    Returns
    -------
    NashSet
        All extreme equilibria, unless one was asked for or a set of optimal strategies has a dimension above
        `FREEDOM`, whose vertices may be too many to list: then one pair and ``complete=False``.

    Raises
    ------
    ModelError
        If the game is not of this kind.

    Notes
    -----
    One linear program gives a pair (x, y). Every optimal x' plays best replies to y only and is answered best by
    all that y plays, which is often enough to determine it: the dimension of the rest is a rank. J. von Neumann,
    Mathematische Annalen 100 (1928).
    """
    start = time.monotonic()
    matrix = zero_sum_matrix(A, B)
    if matrix is None:
        raise ModelError("the game is not zero-sum, nor constant-sum, nor one of them up to shifts and a factor")
    found = solve_zero_sum(matrix)
    x, y = found.row, found.col
    value, transposed = found.values[0], [[-a for a in column] for column in zip(*matrix, strict=True)]
    rows: Sequence[Vector] | None = [x]
    cols: Sequence[Vector] | None = [y]
    if not one:
        rows = _optimal(transposed, x, y, -value)
        cols = _optimal(matrix, y, x, value) if rows is not None else None
    whole = rows is not None and cols is not None and not one
    rows, cols = (rows, cols) if rows is not None and cols is not None else ([x], [y])
    pairs = tuple(product(range(len(rows)), range(len(cols))))
    game = Bimatrix.of(A, B)
    Verifier(BlockGame(_fractions(game.A), _fractions(game.B), (len(x),), (len(y),))).require(rows, cols, pairs)
    return NashSet(
        tuple(rows),
        tuple(cols),
        pairs,
        ((frozenset(range(len(rows))), frozenset(range(len(cols)))),),
        ((0,),),
        whole,
        None,
        Statistics(lps=1, leaves=1, seconds=time.monotonic() - start),
    )


def _optimal(payoffs: Sequence[Sequence[int]], own: Vector, other: Vector, value: Fraction) -> list[Vector] | None:
    """Vertices of one player's set of optimal strategies; None if its dimension is large.

    Parameters
    ----------
    payoffs : what each reply of the opponent (rows) earns her against each own strategy (columns)
    own, other : optimal strategies of the player and of the opponent
    value : what the opponent earns at most against an optimal strategy
    """
    weights, scale = to_integers(other)
    binding = [r for r, weight in enumerate(weights) if weight]
    earned = [sum(weights[r] * payoffs[r][k] for r in binding) for k in range(len(own))]
    kept = [k for k, amount in enumerate(earned) if amount == value * scale]  # nothing else is ever played
    equalities = [[Fraction(-1), *[Fraction(1)] * len(kept)]]
    equalities += [[-value, *(Fraction(payoffs[r][k]) for k in kept)] for r in binding]
    freedom = len(kept) - _rank([row[1:] for row in equalities])
    if freedom == 0:
        return [own]
    if freedom > FREEDOM:
        return None
    inequalities = [[Fraction(0), *(Fraction(int(k == c)) for c in kept)] for k in kept]
    tight = set(binding)
    inequalities += [[value, *(Fraction(-row[k]) for k in kept)] for r, row in enumerate(payoffs) if r not in tight]
    result = []
    for vertex in face_vertices(equalities, inequalities):
        full = [Fraction(0)] * len(own)
        for k, weight in zip(kept, vertex, strict=True):
            full[k] = weight
        result.append(tuple(full))
    return sorted(result)


def _fractions(rows: Matrix) -> tuple[Vector, ...]:
    return tuple(tuple(map(Fraction, row)) for row in rows)


def _rank(rows: list[list[Fraction]]) -> int:
    return int(fmpq_mat([[fmpq(v.numerator, v.denominator) for v in row] for row in rows]).rref()[1])
