"""Constant-sum games in blocks: linear programs find what the complementarity search finds."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from eqsolve.engines.block_zero_sum import is_constant_sum, solve_constant_sum
from eqsolve.engines.complementarity import BlockGame, enumerate_equilibria


def random_constant_sum(rng, row_blocks, col_blocks):
    """Zero-sum, then shifted and scaled in ways that change no strategy's advantage."""
    m, n = sum(row_blocks), sum(col_blocks)
    A = [[Fraction(rng.randint(-2, 2)) for _ in range(n)] for _ in range(m)]
    factor = Fraction(rng.randint(1, 3), rng.randint(1, 3))
    shift = [[Fraction(0)] * n for _ in range(m)]
    start_r = 0
    for size_r in row_blocks:
        start_c = 0
        for size_c in col_blocks:
            c = Fraction(rng.randint(-2, 2))
            for r in range(start_r, start_r + size_r):
                for k in range(start_c, start_c + size_c):
                    shift[r][k] = c
            start_c += size_c
        start_r += size_r
    B = [[-factor * a + s for a, s in zip(x, y, strict=True)] for x, y in zip(A, shift, strict=True)]
    return BlockGame.of(A, B, row_blocks, col_blocks)


SHAPES = [((2,), (2,)), ((3,), (4,)), ((2, 2), (2,)), ((2, 2), (3, 1)), ((2, 1, 2), (2, 2))]


@pytest.mark.parametrize(("rows", "cols"), SHAPES)
def test_same_equilibria_as_the_search(rows, cols):
    rng = random.Random(repr((rows, cols)))
    for _ in range(8):
        game = random_constant_sum(rng, rows, cols)
        assert is_constant_sum(game)
        ours, searched = solve_constant_sum(game), enumerate_equilibria(game)
        assert (ours.rows, ours.cols, ours.pairs) == (searched.rows, searched.cols, searched.pairs)
        assert len(searched.subsets) == 1


def test_other_games_are_told_apart():
    rng = random.Random(5)
    for rows, cols in SHAPES:
        game = random_constant_sum(rng, rows, cols)
        B = [list(row) for row in game.B]
        B[0][0] += Fraction(1, 7)
        assert not is_constant_sum(BlockGame.of(game.A, B, rows, cols))
    assert not is_constant_sum(BlockGame.of([[1, 0], [0, 1]], [[1, 0], [0, 1]]))
    assert is_constant_sum(BlockGame.of([[1, 1], [1, 1]], [[5, 5], [5, 5]]))
