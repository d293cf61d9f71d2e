"""One equilibrium of a two-player game by Lemke and Howson's path, exact in the end.

The path is followed in floating point with a lexicographic rule; the two bases where it ends are solved again
over the rationals and the regrets of the result are checked to be 0. Small games, and games whose
floating-point path ends in nothing, are pivoted in integers throughout.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eqsolve.engines.bimatrix import Bimatrix, Vector
from eqsolve.errors import LimitReached, ModelError
from eqsolve.exact.linalg import solve_integers

SMALL = 400  # number of cells up to which integer pivots are quicker than floating point and a solve
TOLERANCE = 1e-10
FIRST_LENGTH = 100  # pivots of the first attempt from every label
REFRESH = 64  # pivots after which the floating-point tableau is computed again from its basis


class PathTooLong(LimitReached):
    """A path was given up because of its length."""


@dataclass(frozen=True)
class LemkeHowsonResult:
    """An equilibrium and how it was reached.

    Attributes
    ----------
    row, col : tuples of m and n Fractions
        Strategies with regret 0, checked in exact arithmetic.
    payoffs : (Fraction, Fraction)
    label : int
        The label that was dropped: 0..m-1 are player 1's rows, m..m+n-1 player 2's columns.
    pivots : int
        Length of the path (of the last one, if it was followed twice).
    method : str
        ``"floating point, bases solved exactly"`` or ``"integer pivots"``.
    """

    row: Vector
    col: Vector
    payoffs: tuple[Fraction, Fraction]
    label: int
    pivots: int
    method: str


@dataclass(frozen=True)
class AllLabels:
    """Equilibria reached from every label.

    Attributes
    ----------
    equilibria : tuple of LemkeHowsonResult
        Distinct pairs of strategies, in the order of the first label that leads to each.
    by_label : tuple of m + n ints or None
        Index into `equilibria`; None for a label that was not solved.
    unsolved : dict {label: str}
        Why.
    """

    equilibria: tuple[LemkeHowsonResult, ...]
    by_label: tuple[int | None, ...]
    unsolved: dict[int, str]

    @property
    def complete(self) -> bool:
        """Whether every label was solved. Equilibria that no label leads to may exist all the same."""
        return not self.unsolved


def lemke_howson(
    A: Any,
    B: Any,
    label: int | None = None,
    *,
    max_pivots: int | None = None,
    max_seconds: float | None = None,
) -> LemkeHowsonResult:
    """Find one Nash equilibrium exactly.

    Parameters
    ----------
    A, B : matrices of shape (m, n) of integers or Fractions
        Payoffs of player 1, who picks rows, and of player 2.
    label : int, optional
        The label to drop, 0..m+n-1 (rows first). By default the labels are tried in turn, each up to a length
        that doubles from turn to turn: in random games the lengths differ by factors of a hundred.
    max_pivots : int, optional
        Limit of the length of a path.
    max_seconds : float, optional
        Limit of time, looked at after every pivot.

    Returns
    -------
    LemkeHowsonResult

    Raises
    ------
    ModelError
        If the matrices or the label do not fit.
    LimitReached
        If a limit was met before the path ended.

    Notes
    -----
    C. E. Lemke and J. T. Howson, Journal of SIAM 12 (1964); lexicographic rule and labels as in B. von
    Stengel, Handbook of Game Theory 3 (2002), chapter 45. Every path is finite; paths can be exponentially
    long. A pivot costs O(m n). Short paths first: B. Codenotti, S. De Rossi and M. Pagan, arXiv:0811.3247.
    Rounding may end the path at another equilibrium than exact arithmetic would.
    """
    paths = _Paths(Bimatrix.of(A, B), max_pivots, max_seconds)
    return paths.shortest() if label is None else paths.follow(label)


def lemke_howson_all(A: Any, B: Any, *, max_pivots: int | None = None, max_seconds: float | None = None) -> AllLabels:
    """Follow the path of every label.

    Parameters
    ----------
    A, B : matrices of shape (m, n) of integers or Fractions
    max_pivots : int, optional
        Limit for each path.
    max_seconds : float, optional
        Limit for all paths together; labels that it leaves over are reported as unsolved.

    Returns
    -------
    AllLabels

    Raises
    ------
    ModelError
        If the matrices do not fit.
    """
    paths = _Paths(Bimatrix.of(A, B), max_pivots, max_seconds)
    found: dict[tuple[Vector, Vector], int] = {}
    results: list[LemkeHowsonResult] = []
    by_label: list[int | None] = []
    unsolved: dict[int, str] = {}
    for label in range(sum(paths.game.shape)):
        try:
            result = paths.follow(label)
        except LimitReached as error:
            unsolved[label] = str(error)
            by_label.append(None)
            continue
        index = found.setdefault((result.row, result.col), len(results))
        if index == len(results):
            results.append(result)
        by_label.append(index)
    return AllLabels(tuple(results), tuple(by_label), unsolved)


class _Paths:
    """A game made positive, and its paths.

    The polytopes are {x >= 0 : M1 x <= 1} and {y >= 0 : M2 y <= 1}, M1 being B transposed. A constant was
    added to every column of A and every row of B: best replies stay as they are, and the entries keep their
    scale.
    """

    def __init__(self, game: Bimatrix, max_pivots: int | None, max_seconds: float | None) -> None:
        self.game = game
        self.max_pivots = max_pivots
        self.deadline = None if max_seconds is None else time.monotonic() + max_seconds
        self.M1 = _positive(tuple(zip(*game.B, strict=True)))
        self.M2 = _positive(game.A)

    @cached_property
    def starts(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Both tableaus before the first pivot, in floating point, columns scaled to a maximum of 1."""
        return _scaled(self.M1), _scaled(self.M2)

    def shortest(self) -> LemkeHowsonResult:
        """Follow paths of limited length from one label after the other; double the limit after a turn."""
        limit, length = self.max_pivots, FIRST_LENGTH
        while limit is None or length < limit:
            self.max_pivots = length
            for label in range(sum(self.game.shape)):
                try:
                    return self.follow(label)
                except PathTooLong:
                    continue
            length *= 2
        self.max_pivots = limit
        return self.follow(0)

    def follow(self, label: int) -> LemkeHowsonResult:
        """The equilibrium at the end of a label's path: in floating point if the game is large and that succeeds."""
        m, n = self.game.shape
        if not 0 <= label < m + n:
            raise ModelError(f"label {label}, expected 0 to {m + n - 1}")
        if m * n > SMALL:
            pair = [_FloatTableau(M, start) for M, start in zip((self.M1, self.M2), self.starts, strict=True)]
            pivots = self.pivot(pair, label)
            result = None if pivots is None else self.result(pair, label, pivots)
            if result is not None:
                return result
        exact = _IntegerTableau(self.M1), _IntegerTableau(self.M2)
        pivots = self.pivot(exact, label)
        result = None if pivots is None else self.result(exact, label, pivots)
        if result is None:
            raise ArithmeticError("an exact complementary path ended in no equilibrium")
        return result

    def pivot(self, pair: Sequence[_Tableau], label: int) -> int | None:
        """Follow a path to its end; its length, or None if rounding made it impossible to go on."""
        m, _ = self.game.shape
        entering, side, pivots = label, int(label >= m), 0
        while True:
            self.check_limits(pivots)
            left = pair[side].enter(self.column(entering, side))
            if left is None:
                return None
            entering = self.label(left, side)
            pivots += 1
            if entering == label:
                return pivots
            side = 1 - side

    def check_limits(self, pivots: int) -> None:
        """Raise if the path is too long or the time is over."""
        if self.max_pivots is not None and pivots >= self.max_pivots:
            raise PathTooLong(f"the path has more than {self.max_pivots} pivots")
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise LimitReached(f"the time was over after {pivots} pivots of the path")

    def column(self, label: int, side: int) -> int:
        """Column of a label: in the first tableau x then slacks, in the second y then slacks."""
        m, n = self.game.shape
        return label if side == 0 else (label - m) % (m + n)

    def label(self, column: int, side: int) -> int:
        """Label of a column, the inverse of `column`."""
        m, n = self.game.shape
        return column if side == 0 else (column + m) % (m + n)

    def result(self, pair: Sequence[_Tableau], label: int, pivots: int) -> LemkeHowsonResult | None:
        """Solve both final bases exactly; None if they are singular or no equilibrium."""
        x, y = (_vertex(M, tableau.basis) for M, tableau in zip((self.M1, self.M2), pair, strict=True))
        if x is None or y is None or not self.game.is_equilibrium(x, y):
            return None
        return LemkeHowsonResult(x, y, self.game.payoffs(x, y), label, pivots, pair[0].method)


class _Tableau(ABC):
    """Tableau of M z + s = 1 with columns z, s, 1; row r holds the variable `basis[r]`."""

    method = ""

    def __init__(self, M: Sequence[Sequence[int]]) -> None:
        self.rows, self.width = len(M), len(M[0])
        self.basis = [self.width + r for r in range(self.rows)]
        self.T: NDArray[Any] = np.empty((0, 0))

    def enter(self, column: int) -> int | None:
        """Bring a column into the basis; return the one that leaves, or None if no row limits it."""
        row = self.leaving(column)
        if row is None:
            return None
        self.pivot(row, column)
        left, self.basis[row] = self.basis[row], column
        return left

    @abstractmethod
    def leaving(self, column: int) -> int | None:
        """Row of the least ratio in a column, ties broken lexicographically against cycles; None without a limit."""

    @abstractmethod
    def pivot(self, row: int, column: int) -> None:
        """Change the entries so that a column is the basic one of a row; `basis` is changed by `enter`."""


class _FloatTableau(_Tableau):
    method = "floating point, bases solved exactly"

    def __init__(self, M: Sequence[Sequence[int]], start: NDArray[np.float64]) -> None:
        super().__init__(M)
        self.start = start
        self.T = start.copy()
        self.done = 0

    def leaving(self, column: int) -> int | None:
        """The lexicographic ratio test, where ratios within a tolerance are equal."""
        entries = self.T[:, column]
        rows = np.flatnonzero(entries > TOLERANCE)
        for test in (-1, *range(self.width, self.width + self.rows)):  # lexicographic: the right side first
            if len(rows) <= 1:
                break
            ratios = self.T[rows, test] / entries[rows]
            least = ratios.min()
            rows = rows[ratios <= least + TOLERANCE * max(1.0, abs(least))]
        return int(rows[0]) if len(rows) else None

    def pivot(self, row: int, column: int) -> None:
        """Pivot; now and then solve for the basis afresh, since rounding errors add up."""
        self.done += 1
        if self.done % REFRESH == 0:
            basis = self.basis.copy()
            basis[row] = column
            try:
                self.T = np.linalg.solve(self.start[:, basis], self.start)
            except np.linalg.LinAlgError:
                self.plain_pivot(row, column)
        else:
            self.plain_pivot(row, column)

    def plain_pivot(self, row: int, column: int) -> None:
        """One step of Gauss and Jordan's elimination."""
        self.T[row] /= self.T[row, column]
        factors = self.T[:, column].copy()
        factors[row] = 0.0
        self.T -= np.outer(factors, self.T[row])


class _IntegerTableau(_Tableau):
    """Integers over one denominator; divisions are exact (J. Edmonds 1967, E. H. Bareiss 1968)."""

    method = "integer pivots"

    def __init__(self, M: Sequence[Sequence[int]]) -> None:
        super().__init__(M)
        identity = [[int(r == c) for c in range(self.rows)] for r in range(self.rows)]
        self.T = np.array([[*row, *unit, 1] for row, unit in zip(M, identity, strict=True)], dtype=object)
        self.denominator = 1

    def leaving(self, column: int) -> int | None:
        """The lexicographic ratio test, exact."""
        rows = [r for r in range(self.rows) if self.T[r, column] > 0]
        for test in (-1, *range(self.width, self.width + self.rows)):
            if len(rows) <= 1:
                break
            ratios = [Fraction(self.T[r, test], self.T[r, column]) for r in rows]
            least = min(ratios)
            rows = [r for r, ratio in zip(rows, ratios, strict=True) if ratio == least]
        return rows[0] if rows else None

    def pivot(self, row: int, column: int) -> None:
        """Pivot without fractions: the division by the last pivot leaves no remainder."""
        fixed, factors = self.T[row].copy(), self.T[:, column].copy()
        self.T = (self.T * fixed[column] - np.outer(factors, fixed)) // self.denominator
        self.T[row] = fixed
        self.denominator = fixed[column]


def _positive(M: Sequence[Sequence[int]]) -> list[list[int]]:
    """Add a constant to every column so that its least entry is 1."""
    least = [min(column) for column in zip(*M, strict=True)]
    return [[v - low + 1 for v, low in zip(row, least, strict=True)] for row in M]


def _scaled(M: Sequence[Sequence[int]]) -> NDArray[np.float64]:
    scales = [max(column) for column in zip(*M, strict=True)]
    scaled = np.array([[v / s for v, s in zip(row, scales, strict=True)] for row in M])
    return np.hstack([scaled, np.eye(len(M)), np.ones((len(M), 1))])


def _vertex(M: Sequence[Sequence[int]], basis: Sequence[int]) -> Vector | None:
    """Exact vertex of {z >= 0 : M z <= 1} at a basis, as a probability vector; None if there is none."""
    width = len(M[0])
    played = sorted(c for c in basis if c < width)
    loose = {c - width for c in basis if c >= width}
    tight = [r for r in range(len(M)) if r not in loose]
    if not played:
        return None
    found = solve_integers([[M[r][c] for c in played] for r in tight], [1] * len(tight))
    if found is None or min(found[0]) < 0 or not any(found[0]):
        return None
    total = sum(found[0])
    z = [Fraction(0)] * width
    for c, value in zip(played, found[0], strict=True):
        z[c] = Fraction(value, total)
    return tuple(z)
