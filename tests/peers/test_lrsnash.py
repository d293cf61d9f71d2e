"""Extreme equilibria as sets, against lrsnash (Avis's lrslib), an exact program of its own."""

import random
import shutil
import subprocess
from fractions import Fraction
from itertools import product

import pytest

from eqsolve.engines.complementarity import BlockGame, enumerate_equilibria

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(shutil.which("lrsnash") is None, reason="the program lrsnash is missing"),
]


def lrsnash(A, B, path):
    """Set of extreme equilibria (x, y)."""
    text = "\n\n".join(["\n".join(" ".join(map(str, row)) for row in matrix) for matrix in (A, B)])
    path.write_text(f"{len(A)} {len(A[0])}\n\n{text}\n")
    run = subprocess.run(["lrsnash", str(path)], capture_output=True, text=True, check=True, timeout=120)
    found, second = set(), []
    for line in run.stdout.splitlines():
        who, *numbers = line.split() or [""]
        if who == "2":
            second.append(tuple(Fraction(v) for v in numbers[:-1]))
        elif who == "1":
            x = tuple(Fraction(v) for v in numbers[:-1])
            found |= {(x, y) for y in second}
        elif second and not who:
            second = []
    return found


def random_matrix(rng, m, n, size):
    return [[rng.randint(-size, size) for _ in range(n)] for _ in range(m)]


@pytest.mark.parametrize("size", [1, 3, 100])
@pytest.mark.parametrize("seed", range(4))
def test_random_games(size, seed, tmp_path):
    rng = random.Random(100 * size + seed)
    for _ in range(15):
        m, n = rng.randint(2, 7), rng.randint(2, 7)
        A, B = random_matrix(rng, m, n, size), random_matrix(rng, m, n, size)
        assert set(enumerate_equilibria(BlockGame.of(A, B))) == lrsnash(A, B, tmp_path / "game")


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 2, 100])
def test_larger_games(size, tmp_path):
    rng = random.Random(size)
    for n in (9, 10, 11, 12):
        A, B = random_matrix(rng, n, n, size), random_matrix(rng, n, n, size)
        assert set(enumerate_equilibria(BlockGame.of(A, B))) == lrsnash(A, B, tmp_path / "game")


@pytest.mark.parametrize("shape", [(2, 12), (12, 2), (5, 10), (3, 9)])
def test_rectangular_games(shape, tmp_path):
    rng = random.Random(sum(shape))
    A, B = random_matrix(rng, *shape, 4), random_matrix(rng, *shape, 4)
    assert set(enumerate_equilibria(BlockGame.of(A, B))) == lrsnash(A, B, tmp_path / "game")


def near_games(rng, n):
    """Huge payoffs, nearly low rank, nearly zero-sum."""
    huge = random_matrix(rng, n, n, 10**9), random_matrix(rng, n, n, 10**9)
    u, v = random_matrix(rng, n, 2, 50), random_matrix(rng, 2, n, 50)
    low = [[10**6 * sum(a * b[c] for a, b in zip(row, v, strict=True)) for c in range(n)] for row in u]
    noise = [random_matrix(rng, n, n, 3) for _ in range(2)]
    zero = random_matrix(rng, n, n, 10**6)
    negative = [[-value for value in row] for row in zero]
    return huge, (added(low, noise[0]), added(low, noise[1])), (zero, added(negative, noise[0]))


def added(one, two):
    return [[p + q for p, q in zip(a, b, strict=True)] for a, b in zip(one, two, strict=True)]


@pytest.mark.parametrize("seed", range(3))
def test_hard_numbers(seed, tmp_path):
    for A, B in near_games(random.Random(seed), 7):
        assert set(enumerate_equilibria(BlockGame.of(A, B))) == lrsnash(A, B, tmp_path / "game")


def normal_form(game):
    """Pure strategies of each player as choices of one label per block, and the payoff matrices."""

    def plans(sizes):
        starts = [sum(sizes[:k]) for k in range(len(sizes))]
        return list(product(*(range(s, s + size) for s, size in zip(starts, sizes, strict=True))))

    rows, cols = plans(game.row_blocks), plans(game.col_blocks)
    both = [[[sum(matrix[r][c] for r in p for c in q) for q in cols] for p in rows] for matrix in (game.A, game.B)]
    return rows, cols, both


def behaviour(mixture, plans, length):
    vector = [Fraction(0)] * length
    for probability, plan in zip(mixture, plans, strict=True):
        for label in plan:
            vector[label] += probability
    return tuple(vector)


def is_equilibrium(game, x, y):
    m, n = game.shape
    ay = [sum(game.A[r][c] * y[c] for c in range(n)) for r in range(m)]
    xb = [sum(x[r] * game.B[r][c] for r in range(m)) for c in range(n)]
    for values, strategy, sizes in ((ay, x, game.row_blocks), (xb, y, game.col_blocks)):
        start = 0
        for size in sizes:
            block = range(start, start + size)
            if max(values[k] for k in block) != sum(strategy[k] * values[k] for k in block):
                return False
            start += size
    return True


@pytest.mark.parametrize("seed", range(12))
def test_games_in_blocks_against_their_normal_form(seed, tmp_path):
    rng = random.Random(seed)
    shapes = [((2, 2), (2, 2)), ((2, 3), (3,)), ((2, 2, 2), (2, 2)), ((1, 3), (2, 2)), ((3, 2), (2, 2))]
    rows, cols = rng.choice(shapes)
    m, n, size = sum(rows), sum(cols), rng.choice([1, 2, 30])
    game = BlockGame.of(random_matrix(rng, m, n, size), random_matrix(rng, m, n, size), rows, cols)
    result = enumerate_equilibria(game)
    assert all(is_equilibrium(game, x, y) for x, y in result)
    row_plans, col_plans, (A, B) = normal_form(game)
    expected = lrsnash(A, B, tmp_path / "game")
    assert expected
    for p, q in expected:
        x, y = behaviour(p, row_plans, m), behaviour(q, col_plans, n)
        assert is_equilibrium(game, x, y)
        # A maximal Nash subset is a product of faces: what is in equilibrium with every vertex opposite.
        assert any(
            all(is_equilibrium(game, x, result.cols[j]) for j in subset_cols)
            and all(is_equilibrium(game, result.rows[i], y) for i in subset_rows)
            for subset_rows, subset_cols in result.subsets
        )
