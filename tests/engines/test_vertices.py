import random
from fractions import Fraction
from itertools import product

import pytest

from eqsolve.engines.complementarity import BlockGame, Statistics, enumerate_equilibria, integers, leaves, vertices
from eqsolve.engines.complementarity.reduction import reduce


def random_matrix(rng, m, n, size):
    return [[rng.randint(-size, size) for _ in range(n)] for _ in range(m)]


def nothing():
    pass


def random_game(rng):
    m, n = rng.randint(1, 6), rng.randint(1, 6)
    A, B = (random_matrix(rng, m, n, rng.choice([0, 1, 2, 100, 10**20])) for _ in range(2))
    if rng.random() < 0.3:
        A = [rng.choice(A[: 1 + m // 2]) for _ in A]
    return reduce(BlockGame.of(A, B))


def random_game_in_blocks(rng):
    rows, cols = (tuple(rng.randint(1, 3) for _ in range(rng.randint(1, 3))) for _ in range(2))
    size = rng.choice([1, 2, 100])
    A, B = (random_matrix(rng, sum(rows), sum(cols), size) for _ in range(2))
    return reduce(BlockGame.of(A, B, rows, cols))


def pairs(products):
    return {pair for leaf in products for pair in product(leaf.rows, leaf.cols)}


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("make", [random_game, random_game_in_blocks])
def test_vertices_give_the_same_as_the_search(make, seed):
    rng = random.Random(seed)
    for game in (make(rng) for _ in range(3)):
        extremes = vertices.extreme_equilibria(game, Statistics(), nothing)
        found = pairs(integers.search(game, integers.root(game), Statistics()))
        assert pairs(extremes.by_column()) == found
        assert pairs(extremes.subsets()) == found
        assert len(extremes.pairs) == len(set(extremes.pairs)) == len(found)


def test_chunks_of_comparisons(monkeypatch):
    rng = random.Random(3)
    games = [random_game(rng) for _ in range(30)]
    whole = [pairs(vertices.extreme_equilibria(game, Statistics(), nothing).by_column()) for game in games]
    monkeypatch.setattr(vertices, "_PAIRS", 3)
    assert [pairs(vertices.extreme_equilibria(g, Statistics(), nothing).by_column()) for g in games] == whole


def test_games_with_many_labels_are_left_to_the_search():
    rng = random.Random(0)
    A, B = random_matrix(rng, 32, 32, 9), random_matrix(rng, 32, 32, 9)
    assert vertices.extreme_equilibria(reduce(BlockGame.of(A, B)), Statistics(), nothing, always=True) is None


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_large_game_with_one_indifferent_player(mirrored):
    # Player 2 does not care, and player 1 has few best replies: all of it is a few vertices times a simplex.
    rng = random.Random(4)
    A, B = random_matrix(rng, 2, 30, 100), [[0] * 30] * 2
    if mirrored:
        A, B = [list(c) for c in zip(*B, strict=True)], [list(c) for c in zip(*A, strict=True)]
    result = enumerate_equilibria(BlockGame.of(A, B))
    assert result.complete
    found = set(result)
    for k, x in product(range(30), range(2)):
        y = tuple(Fraction(int(c == k)) for c in range(30))
        pure = tuple(Fraction(int(r == x)) for r in range(2))
        best = (B[k][x] >= B[k][1 - x]) if mirrored else (A[x][k] >= A[1 - x][k])
        assert (((y, pure) if mirrored else (pure, y)) in found) == best
    streamed = {pair for leaf in leaves(BlockGame.of(A, B)) for pair in product(leaf.rows, leaf.cols)}
    assert streamed == found


def test_too_many_vertices_are_given_up(monkeypatch):
    rng = random.Random(5)
    A, B = random_matrix(rng, 6, 6, 100), random_matrix(rng, 6, 6, 100)
    expected = enumerate_equilibria(BlockGame.of(A, B))
    monkeypatch.setattr(vertices, "_MANY", 20)
    assert vertices.extreme_equilibria(reduce(BlockGame.of(A, B)), Statistics(), nothing) is None
    assert enumerate_equilibria(BlockGame.of(A, B)) == expected
