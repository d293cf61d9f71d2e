"""Equilibria checked from the definition, with nothing of the search."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from eqsolve.engines.complementarity.model import BlockGame, Vector


class Verifier:
    """Checks pairs of strategies of one game for regret 0.

    Parameters
    ----------
    game : BlockGame
    """

    def __init__(self, game: BlockGame) -> None:
        m, n = game.shape
        flat_a, _ = _numerators([v for row in game.A for v in row])
        flat_b, _ = _numerators([v for row in game.B for v in row])
        self._a = [flat_a[n * r : n * (r + 1)] for r in range(m)]
        self._bt = [flat_b[c::n] for c in range(n)]
        self._row_blocks = game.row_blocks
        self._col_blocks = game.col_blocks

    def require(self, rows: Sequence[Vector], cols: Sequence[Vector], pairs: Sequence[tuple[int, int]]) -> None:
        """Accept if every pair is an equilibrium.

        Parameters
        ----------
        rows, cols : sequences of vectors
        pairs : sequence of (int, int)
            Indices into them.

        Raises
        ------
        ArithmeticError
            If one is not: a defect of the search.
        """
        for _ in self.accepted(rows, cols, pairs):
            pass

    def accepted(
        self, rows: Sequence[Vector], cols: Sequence[Vector], pairs: Iterable[tuple[int, int]]
    ) -> Iterator[tuple[int, int]]:
        """Yield the pairs one by one, each once it is found to be an equilibrium.

        Raises
        ------
        ArithmeticError
            If one is not: a defect of the search.
        """
        one: dict[int, tuple[int, int]] = {}
        two: dict[int, tuple[int, int]] = {}
        for i, j in pairs:
            if i not in one:
                one[i] = _support_and_replies(rows[i], self._row_blocks, self._bt, self._col_blocks)
            if j not in two:
                two[j] = _support_and_replies(cols[j], self._col_blocks, self._a, self._row_blocks)
            (plays1, best2), (plays2, best1) = one[i], two[j]
            if plays1 & ~best1 or plays2 & ~best2:
                raise ArithmeticError(f"{rows[i]}, {cols[j]} was reported and is no equilibrium")
            yield i, j


def _support_and_replies(
    strategy: Vector, blocks: Sequence[int], payoffs: Sequence[Sequence[int]], replies: Sequence[int]
) -> tuple[int, int]:
    """Bit masks of what a strategy plays and of the opponent's best replies to it."""
    numbers, scale = _numerators(strategy)
    start = 0
    for size in blocks:
        block = numbers[start : start + size]
        if min(block) < 0 or sum(block) != scale:
            raise ArithmeticError(f"{strategy} was reported and is no vector of probabilities")
        start += size
    support = [(k, p) for k, p in enumerate(numbers) if p]
    values = [sum(row[k] * p for k, p in support) for row in payoffs]
    best, start = 0, 0
    for size in replies:
        top = max(values[start : start + size])
        for r in range(start, start + size):
            if values[r] == top:
                best |= 1 << r
        start += size
    return sum(1 << k for k, _ in support), best


def _numerators(values: Sequence[Fraction]) -> tuple[list[int], int]:
    """Numerators over the least common denominator."""
    scale = math.lcm(*(v.denominator for v in values))
    return [v.numerator * (scale // v.denominator) for v in values], scale
