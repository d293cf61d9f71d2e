"""Two-player games to measure with: every family, size and number gives the same game anywhere.

Payoffs are Python integers, as lists of rows, so that each solver can be given them in its own way.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable

Matrix = list[list[int]]
Game = tuple[Matrix, Matrix]


def _matrix(rng: random.Random, m: int, n: int, size: int) -> Matrix:
    return [[rng.randint(-size, size) for _ in range(n)] for _ in range(m)]


def _sum(one: Matrix, two: Matrix) -> Matrix:
    return [[p + q for p, q in zip(a, b, strict=True)] for a, b in zip(one, two, strict=True)]


def uniform(size: int) -> Callable[[random.Random, int], Game]:
    """Independent payoffs in [-size, size]; small sizes give degenerate games."""
    return lambda rng, n: (_matrix(rng, n, n, size), _matrix(rng, n, n, size))


def low_rank(rng: random.Random, n: int) -> Game:
    """Nearly singular: payoffs of rank 2 with a little noise."""

    def one() -> Matrix:
        u, v = _matrix(rng, n, 2, 50), _matrix(rng, 2, n, 50)
        return [[10**6 * sum(a * b[c] for a, b in zip(row, v, strict=True)) for c in range(n)] for row in u]

    noise = uniform(3)(rng, n)
    return _sum(one(), noise[0]), _sum(one(), noise[1])


def near_zero_sum(rng: random.Random, n: int) -> Game:
    """What one wins the other loses, but for a little noise."""
    A = _matrix(rng, n, n, 10**6)
    return A, _sum([[-v for v in row] for row in A], _matrix(rng, n, n, 3))


def coordination(rng: random.Random, n: int) -> Game:
    """Both want to meet: 2^n - 1 equilibria. The order of the columns is all that is random."""
    order = rng.sample(range(n), n)
    A = [[int(order[r] == c) for c in range(n)] for r in range(n)]
    return A, [list(row) for row in A]


def indifferent(rng: random.Random, n: int) -> Game:
    """Player 1 does not care at all."""
    return [[0] * n for _ in range(n)], _matrix(rng, n, n, 100)


def nearly_indifferent(rng: random.Random, n: int) -> Game:
    """Player 1 cares about a few columns only, and tells few of them apart."""
    A = [[rng.randint(0, 1) if c < 2 else 0 for c in range(n)] for _ in range(n)]
    return A, _matrix(rng, n, n, 100)


FAMILIES: dict[str, Callable[[random.Random, int], Game]] = {
    "random": uniform(100),
    "degenerate 1": uniform(1),
    "degenerate 2": uniform(2),
    "huge": uniform(10**9),
    "low rank": low_rank,
    "near zero-sum": near_zero_sum,
    "coordination": coordination,
    "indifferent": indifferent,
    "nearly indifferent": nearly_indifferent,
}


def game(family: str, n: int, number: int) -> Game:
    """One n x n game.

    Parameters
    ----------
    family : str
        A key of `FAMILIES`.
    n : int
    number : int
        Which of the family's games of this size.
    """
    return FAMILIES[family](random.Random(zlib.crc32(f"{family}/{n}/{number}".encode())), n)
