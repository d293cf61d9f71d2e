import random
from fractions import Fraction

import pytest

from eqsolve.engines.complementarity import BlockGame, enumerate_equilibria, verification
from eqsolve.engines.complementarity.verification import Verifier


def random_game(rng, size, blocks=((3, 2), (2, 2))):
    rows, cols = blocks
    A, B = ([[rng.randint(-size, size) for _ in range(sum(cols))] for _ in range(sum(rows))] for _ in range(2))
    return BlockGame.of(A, B, rows, cols)


def moved(vector, k, by):
    return tuple(p + by * (i == k) for i, p in enumerate(vector))


@pytest.mark.parametrize("size", [1, 5, 10**9, 10**30])
@pytest.mark.parametrize("chunk", [1, 3, 1024])
def test_pairs_come_one_by_one_in_their_order(size, chunk, monkeypatch):
    rng = random.Random(size)
    monkeypatch.setattr(verification, "_CHUNK", chunk)
    for _ in range(8):
        game = random_game(rng, size)
        found = enumerate_equilibria(game)
        pairs = rng.sample(found.pairs, len(found.pairs))
        assert list(Verifier(game).accepted(found.rows, found.cols, pairs)) == pairs


@pytest.mark.parametrize("size", [1, 10**30])
def test_a_pair_that_is_no_equilibrium(size):
    game = BlockGame.of([[2 * size, 0], [0, size]], [[size, 0], [0, 2 * size]])
    one, two = (Fraction(1), Fraction(0)), (Fraction(0), Fraction(1))
    mixed = (Fraction(2, 3), Fraction(1, 3)), (Fraction(1, 3), Fraction(2, 3))
    accepted = Verifier(game).accepted((one, two, mixed[0]), (one, two, mixed[1]), [(0, 0), (2, 2), (1, 1), (0, 1)])
    assert [next(accepted) for _ in range(3)] == [(0, 0), (2, 2), (1, 1)]
    with pytest.raises(ArithmeticError, match="is no equilibrium"):
        next(accepted)
    # Almost an equilibrium: only one of the players regrets it, and by very little.
    near = moved(moved(mixed[1], 0, Fraction(1, 10**40)), 1, -Fraction(1, 10**40))
    with pytest.raises(ArithmeticError, match="is no equilibrium"):
        Verifier(game).require([mixed[0]], [near], [(0, 0)])


@pytest.mark.parametrize(
    "x",
    [
        (Fraction(1, 2), Fraction(1, 2), Fraction(0), Fraction(1, 2), Fraction(1, 3)),
        (Fraction(1), Fraction(1, 2), Fraction(-1, 2), Fraction(1, 2), Fraction(1, 2)),
        (Fraction(1), Fraction(1), Fraction(0), Fraction(0), Fraction(0)),
        (Fraction(2**70), Fraction(1 - 2**70), Fraction(0), Fraction(1), Fraction(0)),
    ],
)
def test_probabilities_of_every_block_add_up(x):
    game = random_game(random.Random(0), 0)
    y = (Fraction(1), Fraction(0), Fraction(1, 2), Fraction(1, 2))
    good = (Fraction(1), Fraction(0), Fraction(0), Fraction(1, 2), Fraction(1, 2))
    Verifier(game).require([good], [y], [(0, 0)])
    with pytest.raises(ArithmeticError, match="no vector of probabilities"):
        Verifier(game).require([x], [y], [(0, 0)])
