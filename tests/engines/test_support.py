import itertools
import random
import time
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eqsolve.engines import support
from eqsolve.engines.bimatrix import Bimatrix
from eqsolve.engines.complementarity import BlockGame, enumerate_equilibria
from eqsolve.engines.support import enumerate_supports, support_leaves


@st.composite
def games(draw):
    m, n = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    values = st.sampled_from([0, 0, 0, 1, 1, -1, 2, Fraction(1, 3), 10**20])
    return tuple([[draw(values) for _ in range(n)] for _ in range(m)] for _ in range(2))


@settings(deadline=None, max_examples=80)
@given(games())
def test_same_set_as_the_complementarity_search(game):
    A, B = game
    found = enumerate_supports(A, B)
    assert found == enumerate_equilibria(BlockGame.of(A, B))
    assert found.complete
    for x, y in found:
        assert Bimatrix.of(A, B).regrets(x, y) == (0, 0)


@pytest.mark.parametrize("seed", range(30))
def test_random_games_of_all_kinds(seed):
    rng = random.Random(seed)
    m, n, spread = rng.randint(1, 6), rng.randint(1, 6), rng.choice([1, 2, 5, 100])
    A, B = ([[rng.randint(-spread, spread) for _ in range(n)] for _ in range(m)] for _ in range(2))
    assert enumerate_supports(A, B) == enumerate_equilibria(BlockGame.of(A, B))


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_coordination_games(n):
    unit = [[int(i == j) for j in range(n)] for i in range(n)]
    found = enumerate_supports(unit, unit)
    assert len(found) == 2**n - 1
    for x, y in found:
        assert x == y
        assert len({p for p in x if p}) == 1


def test_all_zero_game_is_one_component():
    zero = [[0] * 3 for _ in range(4)]
    found = enumerate_supports(zero, zero)
    assert len(found) == 12
    assert len(found.subsets) == len(found.components) == 1


def test_supports_of_unequal_size():
    # player 1 does not care, so her mixtures are limited by player 2 only
    A = [[1, 0], [1, 0]]
    B = [[2, 1], [0, 3]]
    found = enumerate_supports(A, B)
    tie = (Fraction(3, 4), Fraction(1, 4))
    expected = {((1, 0), (1, 0)), (tie, (1, 0)), (tie, (0, 1)), ((0, 1), (0, 1))}
    assert set(found) == expected


def test_duplicates_are_reported_in_original_strategies():
    A = [[1, -1, -1], [-1, 1, 1], [-1, 1, 1]]
    B = [[-value for value in row] for row in A]
    found = enumerate_supports(A, B)
    assert len(found) == 4
    assert len(found.subsets) == 1


def test_a_limit_of_time_stops_honestly():
    rng = random.Random(1)
    A, B = ([[rng.randint(-1, 1) for _ in range(10)] for _ in range(10)] for _ in range(2))
    for limit in (-1, 0.2):
        found = enumerate_supports(A, B, max_seconds=limit)
        assert not found.complete
        assert found.stopped == "time limit"
        assert all(Bimatrix.of(A, B).is_equilibrium(x, y) for x, y in found)
    assert len(found) > 0
    with pytest.raises(TimeoutError):
        next(support_leaves(BlockGame.of(A, B), deadline=time.monotonic() - 1))


def test_an_interrupt_returns_what_was_found(monkeypatch):
    unit = [[int(i == j) for j in range(4)] for i in range(4)]
    decide, calls = support._Search.decide, itertools.count()

    def interrupted(self, first, second):
        if next(calls) == 3:
            raise KeyboardInterrupt
        return decide(self, first, second)

    monkeypatch.setattr(support._Search, "decide", interrupted)
    found = enumerate_supports(unit, unit)
    assert (found.complete, found.stopped, len(found)) == (False, "interrupted", 3)


def test_without_a_memory_the_set_is_the_same(monkeypatch):
    rng = random.Random(5)
    A, B = ([[rng.randint(-1, 1) for _ in range(4)] for _ in range(4)] for _ in range(2))
    before = enumerate_supports(A, B)
    monkeypatch.setattr(support, "_REMEMBER", 0)
    assert enumerate_supports(A, B) == before


def test_pruning_leaves_fewer_pairs_than_there_are():
    A = [[3, 3, 3], [1, 2, 0], [0, 1, 2]]
    B = [[1, 2, 0], [1, 0, 2], [2, 1, 0]]
    found = enumerate_supports(A, B)
    assert found.statistics.nodes == 1  # one row dominates, then one column
    assert set(found) == {((1, 0, 0), (0, 1, 0))}


def test_games_in_blocks_are_refused():
    game = BlockGame.of([[1, 2], [3, 4]], [[1, 2], [3, 4]], (1, 1), (2,))
    with pytest.raises(ValueError, match="block"):
        next(support_leaves(game))
    with pytest.raises(ValueError, match="shape"):
        enumerate_supports([[1, 2]], [[1], [2]])
