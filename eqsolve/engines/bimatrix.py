"""Two-player games in integers: reading payoff matrices, and regrets in exact arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from eqsolve.errors import ModelError
from eqsolve.exact.rational import to_integers

Vector = tuple[Fraction, ...]
IntRows = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Bimatrix:
    """A two-player game with integer payoffs over one denominator per player.

    Attributes
    ----------
    A, B : tuples of m rows of n ints
        Payoffs of player 1, who picks rows, and of player 2, who picks columns, times the denominators.
    A_scale, B_scale : int
        The positive denominators.
    """

    A: IntRows
    B: IntRows
    A_scale: int
    B_scale: int

    @classmethod
    def of(cls, A: Any, B: Any) -> Bimatrix:
        """Read two payoff matrices of shape (m, n): nested sequences or arrays of integers or Fractions.

        Raises
        ------
        ModelError
            If a matrix is empty or ragged, shapes differ, or a payoff is no integer or Fraction.
        """
        first, A_scale = _integers(A, "A")
        second, B_scale = _integers(B, "B")
        if len(first) != len(second) or len(first[0]) != len(second[0]):
            raise ModelError(
                f"A is {len(first)} x {len(first[0])} and B is {len(second)} x {len(second[0])}, expected equal shapes"
            )
        return cls(first, second, A_scale, B_scale)

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers m of rows and n of columns."""
        return len(self.A), len(self.A[0])

    def replies(self, x: Sequence[Fraction], y: Sequence[Fraction]) -> tuple[Vector, Vector]:
        """Payoffs of player 1's rows against y and of player 2's columns against x.

        O(m n) integer operations: the strategies are put over one denominator first.
        """
        weights_x, x_scale = to_integers(x)
        weights_y, y_scale = to_integers(y)
        played = [(j, w) for j, w in enumerate(weights_y) if w]
        rows = [sum(row[j] * w for j, w in played) for row in self.A]
        columns = [0] * self.shape[1]
        for row, weight in zip(self.B, weights_x, strict=True):
            if weight:
                columns = [c + weight * b for c, b in zip(columns, row, strict=True)]
        return (
            tuple(Fraction(v, y_scale * self.A_scale) for v in rows),
            tuple(Fraction(v, x_scale * self.B_scale) for v in columns),
        )

    def payoffs(self, x: Sequence[Fraction], y: Sequence[Fraction]) -> tuple[Fraction, Fraction]:
        """Both players' expected payoffs."""
        rows, columns = self.replies(x, y)
        return _mean(rows, x), _mean(columns, y)

    def regrets(self, x: Sequence[Fraction], y: Sequence[Fraction]) -> tuple[Fraction, Fraction]:
        """Compute what each player could gain by a better reply; both 0 exactly in an equilibrium.

        Raises
        ------
        ValueError
            If x or y is no probability vector.
        """
        if any(sum(z) != 1 or min(z) < 0 for z in (x, y)):
            raise ValueError("a strategy has a negative probability or does not sum to 1")
        rows, columns = self.replies(x, y)
        return max(rows) - _mean(rows, x), max(columns) - _mean(columns, y)

    def is_equilibrium(self, x: Sequence[Fraction], y: Sequence[Fraction]) -> bool:
        """Decide exactly whether (x, y) is a pair of probability vectors without regret."""
        m, n = self.shape
        if len(x) != m or len(y) != n or sum(x) != 1 or sum(y) != 1 or min(*x, *y) < 0:
            return False
        rows, columns = self.replies(x, y)
        best_row, best_column = max(rows), max(columns)
        return all(r == best_row for r, p in zip(rows, x, strict=True) if p) and all(
            c == best_column for c, p in zip(columns, y, strict=True) if p
        )

    def mirrored(self) -> Bimatrix:
        """Exchange the players: the game as player 2 sees it."""
        return Bimatrix(tuple(zip(*self.B, strict=True)), tuple(zip(*self.A, strict=True)), self.B_scale, self.A_scale)


def _mean(values: Sequence[Fraction], weights: Sequence[Fraction]) -> Fraction:
    return sum((v * p for v, p in zip(values, weights, strict=True) if p), Fraction(0))


def _integers(matrix: Any, name: str) -> tuple[IntRows, int]:
    rows = matrix.tolist() if hasattr(matrix, "tolist") else matrix
    if not isinstance(rows, list | tuple) or not rows or not all(isinstance(r, list | tuple) for r in rows):
        raise ModelError(f"{name} is no matrix, expected rows of payoffs")
    width = len(rows[0])
    if width == 0 or any(len(row) != width for row in rows):
        raise ModelError(f"the rows of {name} are empty or have different lengths")
    flat = [value for row in rows for value in row]
    for value in flat:
        if not isinstance(value, int | Fraction) or isinstance(value, bool):
            raise ModelError(f"{name} holds a {type(value).__name__}, expected integers or Fractions")
    cleared, scale = to_integers(flat)
    return tuple(tuple(cleared[k : k + width]) for k in range(0, len(cleared), width)), scale
