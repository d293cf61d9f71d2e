"""Zero-sum and constant-sum games: value and a pair of optimal strategies by linear programming, exactly."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from eqsolve.engines.bimatrix import Bimatrix, Vector
from eqsolve.engines.lp import LinearProgram, solve_program
from eqsolve.errors import ModelError


@dataclass(frozen=True)
class ZeroSumSolution:
    """Value of a constant-sum game and one pair of optimal strategies.

    Attributes
    ----------
    values : (Fraction, Fraction)
        What each player can guarantee; their sum is the constant.
    row, col : tuples of m and n Fractions
        An optimal strategy of each player; together an equilibrium.
    method : str
        How the linear program was decided, see `eqsolve.engines.lp.LPSolution`.
    """

    values: tuple[Fraction, Fraction]
    row: Vector
    col: Vector
    method: str


def constant_sum(A: Any, B: Any) -> Fraction | None:
    """Return the constant to which the payoffs of all cells sum, or None if they do not.

    Parameters
    ----------
    A, B : matrices of shape (m, n) of integers or Fractions
    """
    game = Bimatrix.of(A, B)
    sums = {
        a * game.B_scale + b * game.A_scale
        for row_a, row_b in zip(game.A, game.B, strict=True)
        for a, b in zip(row_a, row_b, strict=True)
    }
    return Fraction(sums.pop(), game.A_scale * game.B_scale) if len(sums) == 1 else None


def solve_zero_sum(A: Any, B: Any = None) -> ZeroSumSolution:
    """Solve a zero-sum or constant-sum game exactly.

    Parameters
    ----------
    A : matrix of shape (m, n) of integers or Fractions
        Payoffs of player 1, who picks rows.
    B : matrix of the same shape, optional
        Payoffs of player 2; -A if not given.

    Returns
    -------
    ZeroSumSolution
        Both strategies were verified to have regret 0.

    Raises
    ------
    ModelError
        If the payoffs do not sum to a constant, or a matrix cannot be read.

    Notes
    -----
    One linear program (J. von Neumann; G. B. Dantzig 1951): player 2's problem, whose multipliers are player
    1's strategy. The floating-point basis is solved again exactly, which for random games of size n is a
    rational system of about n/2 unknowns.
    """
    rows = A.tolist() if hasattr(A, "tolist") else A
    if B is None:
        B = [[-value for value in row] for row in rows]
    constant = constant_sum(rows, B)
    if constant is None:
        raise ModelError("the payoffs do not sum to a constant, expected a zero-sum or constant-sum game")
    game = Bimatrix.of(rows, B)
    m, n = game.shape
    # min v over y with A y <= v: the multipliers of the rows are minus player 1's strategy
    problem = LinearProgram(
        cost=(*[0] * n, 1),
        rows=(*({**dict(enumerate(row)), n: -1} for row in game.A), dict.fromkeys(range(n), 1)),
        rhs=(*[0] * m, 1),
        scale=(1,) * (m + 1),
        n_ub=m,
        free=frozenset([n]),
        maximise=False,
        cost_scale=1,
    )
    found = solve_program(problem)
    if found.value is None:
        raise ArithmeticError("the program of a matrix game was reported to have no optimum")
    x, y = tuple(-value for value in found.dual_ub), found.x[:n]
    if any(game.regrets(x, y)):
        raise ArithmeticError("optimal multipliers of a matrix game are no equilibrium")
    value = found.value / game.A_scale
    return ZeroSumSolution((value, constant - value), x, y, found.method)
