"""Strategically equivalent integers: shifted, scaled, and with duplicate strategies merged.

What a strategy is worth against the others of its own block is all that matters to a best reply. So the
payoffs of a block may be shifted by a constant per strategy of the opponent and scaled by a positive number
per block; strategies of a block that are then equal for both players are one strategy, and come back when
the equilibria are expanded.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import NamedTuple

from eqsolve.engines.complementarity.model import BlockGame

IntRows = list[list[int]]
Check = Callable[[], None]

# A strategy in integers without common factor: numerators, then their denominator.
Point = tuple[int, ...]


class Product(NamedTuple):
    """A product of two faces on which every pair is an equilibrium, as their vertices."""

    rows: list[Point]
    cols: list[Point]


@dataclass(frozen=True)
class Half:
    """The best replies of one player, in integers.

    Attributes
    ----------
    payoffs : list of list of int, shape (q, k)
        Payoffs of the replying player's q strategies against the other's k; not negative, and every block of
        replies has a 0 in every column.
    replies : tuple of int
        Sizes of the replying player's blocks, with sum q.
    strategies : tuple of int
        Sizes of the other player's blocks, with sum k.
    """

    payoffs: IntRows
    replies: tuple[int, ...]
    strategies: tuple[int, ...]


@dataclass(frozen=True)
class Reduced:
    """A game in integers without duplicates, and the way back.

    Attributes
    ----------
    first : Half
        What player 1 earns: the best replies x to y.
    second : Half
        What player 2 earns: the best replies y to x; `payoffs` has a row per strategy of player 2.
    row_classes, col_classes : list of list of int
        The original strategies that each merged one stands for.
    shape : tuple of int
        Shape of the original game.
    """

    first: Half
    second: Half
    row_classes: list[list[int]]
    col_classes: list[list[int]]
    shape: tuple[int, int]

    def expand(self, leaf: Product, check: Check | None = None) -> Product:
        """Write a leaf of the merged game in original strategies, with all extreme points of it.

        Parameters
        ----------
        leaf : Product
        check : callable, optional
            Called once per point; may raise to stop.
        """
        m, n = self.shape
        rows = _expanded(leaf.rows, self.row_classes, m, check)
        return Product(rows, _expanded(leaf.cols, self.col_classes, n, check))


def _expanded(points: list[Point], classes: list[list[int]], length: int, check: Check | None) -> list[Point]:
    """All ways to put each merged strategy's probability on one of its originals: the extreme ones."""
    if len(classes) == length:
        return points
    result = []
    for point in points:
        support = [k for k, value in enumerate(point[:-1]) if value]
        for choice in product(*(classes[k] for k in support)):
            full = [0] * length + [point[-1]]
            for k, original in zip(support, choice, strict=True):
                full[original] = point[k]
            if check is not None:
                check()
            result.append(tuple(full))
    return result


def block_ranges(sizes: Sequence[int]) -> list[range]:
    """Index ranges of consecutive blocks."""
    ranges, start = [], 0
    for size in sizes:
        ranges.append(range(start, start + size))
        start += size
    return ranges


def _normalised(matrix: Sequence[Sequence[Fraction]], blocks: Sequence[int]) -> IntRows:
    """Integers, per block of rows: each column shifted to minimum 0, the block divided by its content."""
    result: IntRows = []
    for block in block_ranges(blocks):
        width = len(matrix[0])
        values = [value for r in block for value in matrix[r]]
        scale = math.lcm(*(v.denominator for v in values))
        flat = [v.numerator * (scale // v.denominator) for v in values]
        rows = [flat[k : k + width] for k in range(0, len(flat), width)]
        least = [min(column) for column in zip(*rows, strict=True)]
        rows = [[value - low for value, low in zip(row, least, strict=True)] for row in rows]
        content = math.gcd(*(value for row in rows for value in row)) or 1
        result += [[value // content for value in row] for row in rows]
    return result


def reduce(game: BlockGame) -> Reduced:
    """Normalise payoffs and merge equivalent strategies.

    Complexity: O(mn) operations on integers.
    """
    earns1 = _normalised(game.A, game.row_blocks)
    earns2 = _normalised([list(column) for column in zip(*game.B, strict=True)], game.col_blocks)
    rows, row_sizes = _classes(earns1, list(zip(*earns2, strict=True)), game.row_blocks)
    cols, col_sizes = _classes(earns2, list(zip(*earns1, strict=True)), game.col_blocks)
    keep_rows, keep_cols = [c[0] for c in rows], [c[0] for c in cols]
    first = Half([[earns1[r][c] for c in keep_cols] for r in keep_rows], row_sizes, col_sizes)
    second = Half([[earns2[c][r] for r in keep_rows] for c in keep_cols], col_sizes, row_sizes)
    return Reduced(first, second, rows, cols, game.shape)


def _classes(
    own: Sequence[Sequence[int]], other: Sequence[Sequence[int]], blocks: Sequence[int]
) -> tuple[list[list[int]], tuple[int, ...]]:
    """Group the strategies of each block that neither player can tell apart."""
    classes: list[list[int]] = []
    sizes = []
    for block in block_ranges(blocks):
        seen: dict[tuple[tuple[int, ...], tuple[int, ...]], list[int]] = {}
        for r in block:
            seen.setdefault((tuple(own[r]), tuple(other[r])), []).append(r)
        classes += seen.values()
        sizes.append(len(seen))
    return classes, tuple(sizes)
