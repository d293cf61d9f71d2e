"""What a stopped enumeration keeps, wherever it is stopped."""

import random

import pytest

from eqsolve.engines.bimatrix import Bimatrix
from eqsolve.engines.complementarity import BlockGame, collection, enumerate_equilibria
from eqsolve.engines.complementarity.verification import Verifier


def random_game(n=5, size=1, seed=3):
    rng = random.Random(seed)
    return [[[rng.randint(-size, size) for _ in range(n)] for _ in range(n)] for _ in range(2)]


def stop_after(calls, function, error):
    """Let a function that yields or returns work a number of times, then raise."""
    count = 0

    def wrapped(*arguments):
        nonlocal count
        for item in function(*arguments):
            count += 1
            if count > calls:
                raise error
            yield item

    return wrapped


@pytest.mark.parametrize(("error", "why"), [(TimeoutError(), "time limit"), (KeyboardInterrupt(), "interrupted")])
@pytest.mark.parametrize("calls", [0, 1, 7])
def test_stopped_while_it_verifies(error, why, calls, monkeypatch):
    A, B = random_game()
    whole = enumerate_equilibria(BlockGame.of(A, B))
    assert len(whole) > 7
    monkeypatch.setattr(Verifier, "accepted", stop_after(calls, Verifier.accepted, error))
    result = enumerate_equilibria(BlockGame.of(A, B))
    assert (result.complete, result.stopped) == (False, why)
    assert len(result) == calls
    assert set(result) <= set(whole)
    # Only strategies of verified equilibria are listed.
    assert {i for i, _ in result.pairs} == set(range(len(result.rows)))
    assert {j for _, j in result.pairs} == set(range(len(result.cols)))


@pytest.mark.parametrize(("error", "why"), [(TimeoutError(), "time limit"), (KeyboardInterrupt(), "interrupted")])
def test_stopped_while_it_joins_subsets(error, why, monkeypatch):
    def stop(*_):
        raise error

    A, B = random_game()
    whole = enumerate_equilibria(BlockGame.of(A, B))
    monkeypatch.setattr(collection, "maximal_bicliques", stop)
    result = enumerate_equilibria(BlockGame.of(A, B))
    assert (result.complete, result.stopped) == (False, why)
    assert result.pairs == whole.pairs
    covered = {(i, j) for rows, cols in result.subsets for i in rows for j in cols}
    assert covered == set(result.pairs)
    assert sorted(k for part in result.components for k in part) == list(range(len(result.subsets)))


def test_interrupted_between_the_steps(monkeypatch):
    A, B = random_game()
    whole = enumerate_equilibria(BlockGame.of(A, B))
    order, calls = collection._order, []

    def interrupt_once(*arguments):
        calls.append(1)
        if len(calls) == 1:
            raise KeyboardInterrupt
        return order(*arguments)

    monkeypatch.setattr(collection, "_order", interrupt_once)
    result = enumerate_equilibria(BlockGame.of(A, B))
    assert (result.complete, result.stopped) == (False, "interrupted")
    assert set(result) == set(whole)


def test_duplicates_in_great_number_do_not_outlast_the_limit():
    # Six strategies are mixed, each with seven duplicates on both sides: 7^12 extreme equilibria.
    n = 6
    A = [[int(r // 7 == c // 7) for c in range(7 * n)] for r in range(7 * n)]
    B = [[-v for v in row] for row in A]
    result = enumerate_equilibria(BlockGame.of(A, B), max_seconds=0.2)
    assert (result.complete, result.stopped) == (False, "time limit")
    assert result.statistics.seconds < 30
    game = Bimatrix.of(A, B)
    assert all(game.is_equilibrium(x, y) for x, y in list(result)[:5])


def test_a_large_game_that_is_stopped_has_an_equilibrium_to_show():
    A, B = random_game(40, 100)
    result = enumerate_equilibria(BlockGame.of(A, B), max_seconds=1.0)
    assert not result.complete
    assert len(result) >= 1
    game = Bimatrix.of(A, B)
    assert all(game.is_equilibrium(x, y) for x, y in result)


def test_an_equilibrium_found_first_is_not_listed_twice(monkeypatch):
    from eqsolve.engines.complementarity import enumeration

    for seed in range(5):
        A, B = random_game(5, 2, seed)
        whole = enumerate_equilibria(BlockGame.of(A, B))
        with monkeypatch.context() as patch:
            patch.setattr(enumeration, "_LARGE", 0)
            assert enumerate_equilibria(BlockGame.of(A, B)) == whole


def test_strategies_that_round_to_the_same_are_sorted_exactly():
    # Two mixed equilibria of blocks that differ by less than a float shows.
    big = 10**30
    A = [[big, 0, 0, 0], [0, 1, 0, 0], [0, 0, big + 1, 0], [0, 0, 0, 1]]
    result = enumerate_equilibria(BlockGame.of(A, A))
    assert list(result.rows) == sorted(result.rows)
    assert list(result.cols) == sorted(result.cols)
