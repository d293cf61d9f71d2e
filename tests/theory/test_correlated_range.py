"""Nash equilibria are correlated equilibria: their payoffs lie in the ranges of linear programs that know no Nash.

The two sides share nothing but the payoffs, so that each would betray a mistake of the other on every family of games
that the enumeration is made for.
"""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest

import eqsolve as eq
from eqsolve.engines.correlated import deviation_gains
from eqsolve.engines.equilibrium_set import ends

# Von Stengel (1999), New maximal numbers of equilibria in bimatrix games; the second matrix has a row per column.
VON_STENGEL = (
    [
        [9504, -660, 19976, -20526, 1776, -8976],
        [-111771, 31680, -130944, 168124, -8514, 52764],
        [397584, -113850, 451176, -586476, 29216, -178761],
        [171204, -45936, 208626, -263076, 14124, -84436],
        [1303104, -453420, 1227336, -1718376, 72336, -461736],
        [737154, -227040, 774576, -1039236, 48081, -300036],
    ],
    [
        [72336, -461736, 1227336, -1718376, 1303104, -453420],
        [48081, -300036, 774576, -1039236, 737154, -227040],
        [29216, -178761, 451176, -586476, 397584, -113850],
        [14124, -84436, 208626, -263076, 171204, -45936],
        [1776, -8976, 19976, -20526, 9504, -660],
        [-8514, 52764, -130944, 168124, -111771, 31680],
    ],
)

# (payoffs of player 1, of player 2)
OF_THE_LITERATURE = [
    # Avis, Rosenberg, Savani and von Stengel (2010), section 2
    ([[3, 3], [2, 5], [0, 6]], [[3, 3], [2, 6], [3, 1]]),
    # Myerson (1978): an equilibrium that is not perfect, and one that is not proper
    ([[1, 0], [0, 0]], [[1, 0], [0, 0]]),
    ([[1, 0, -9], [0, 0, -7], [-9, -7, -7]], [[1, 0, -9], [0, 0, -7], [-9, -7, -7]]),
    # Kohlberg and Mertens (1986): an outside option before the battle of the sexes
    ([[2, 2], [3, 0], [0, 1]], [[2, 2], [1, 0], [0, 3]]),
    # Selten (1978): one chain store and one entrant
    ([[0, 2], [1, 1]], [[0, 2], [5, 5]]),
    # Aumann (1974): correlated equilibria beyond the hull of Nash equilibria
    ([[6, 2], [7, 0]], [[6, 7], [2, 0]]),
]


def uniform(rng, m, n, size):
    return [[rng.randint(-size, size) for _ in range(n)] for _ in range(m)]


def rectangular(size, most):
    def make(rng):
        m, n = rng.randint(1, most), rng.randint(1, most)
        return uniform(rng, m, n, size), uniform(rng, m, n, size)

    return make


def square(size, *sizes):
    def make(rng):
        n = rng.choice(sizes)
        return uniform(rng, n, n, size), uniform(rng, n, n, size)

    return make


def low_rank(rng):
    """Rank 2 with a little noise. The linear programs of larger ones are hard: minutes where bases are singular."""
    m, n = rng.randint(2, 5), rng.randint(2, 5)

    def one():
        u, v = (np.array(uniform(rng, *shape, 50)) for shape in ((m, 2), (2, n)))
        return (10**6 * (u @ v) + np.array(uniform(rng, m, n, 3))).tolist()

    return one(), one()


def near_zero_sum(rng):
    n = rng.randint(2, 9)
    A = np.array(uniform(rng, n, n, 10**6))
    return A.tolist(), (np.array(uniform(rng, n, n, 3)) - A).tolist()


def coordination(rng):
    n = rng.randint(2, 10)
    A = np.eye(n, dtype=int)[rng.sample(range(n), n)]
    return A.tolist(), A.tolist()


def duplicated(rng):
    """Rows and columns come two and three times."""
    m, n = rng.randint(1, 4), rng.randint(1, 4)
    rows, cols = ([k for k in range(size) for _ in range(rng.randint(1, 3))] for size in (m, n))
    return tuple(np.array(uniform(rng, m, n, 5))[np.ix_(rows, cols)].tolist() for _ in range(2))


def three_players(n, size):
    def make(rng):
        return tuple(
            np.array([rng.randint(-size, size) for _ in range(n**3)]).reshape(n, n, n).tolist() for _ in range(3)
        )

    return make


# Payoffs from a random number generator, and how many games a test looks at.
FAMILIES = {
    "[-1, 1]": (rectangular(1, 8), 25),
    "[-3, 3]": (rectangular(3, 8), 25),
    "[-100, 100]": (rectangular(100, 8), 25),
    "degenerate": (square(2, 6, 8, 10, 12, 14), 8),
    "huge": (rectangular(10**9, 8), 20),
    "low rank": (low_rank, 10),
    "near zero-sum": (near_zero_sum, 15),
    "coordination": (coordination, 9),
    "duplicated": (duplicated, 20),
    "2 x 2 x 2": (three_players(2, 9), 15),
    "2 x 2 x 2 with ties": (three_players(2, 1), 10),
    "3 x 3 x 3": (three_players(3, 9), 2),
}


def require_bracketed(payoffs, max_seconds=None):
    """Compare all equilibria with the ranges; give how many there are, and whether they are all."""
    game = eq.NormalFormGame.from_payoffs(*payoffs)
    found = eq.nash(game, max_seconds=max_seconds)
    correlated, coarse = eq.correlated_range(game), eq.correlated_range(game, coarse=True)
    for (least, greatest), (lowest, highest) in zip(correlated, coarse, strict=True):
        assert lowest <= least <= greatest <= highest
    for e in found:
        for value, (least, greatest) in zip(e.payoffs, correlated, strict=True):
            # Irrational payoffs come as certified intervals.
            low, high = ends(value)
            assert least <= high
            assert low <= greatest
    return len(found), found.complete


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_payoffs_of_equilibria_lie_between_those_of_correlated_ones(family):
    make, count = FAMILIES[family]
    for seed in range(count):
        number, _ = require_bracketed(make(random.Random(seed)), max_seconds=20)
        assert number


@pytest.mark.parametrize("payoffs", OF_THE_LITERATURE)
def test_small_games_of_the_literature(payoffs):
    assert require_bracketed(payoffs)[1]


@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (4, 7), (2, 2, 2)])
def test_indifference_throughout(shape):
    zero = np.zeros(shape, int).tolist()
    assert require_bracketed([zero] * len(shape)) == (int(np.prod(shape)), True)


def test_von_stengels_game():
    A, B = VON_STENGEL
    assert require_bracketed((A, np.transpose(B).tolist())) == (75, True)


@pytest.mark.slow
def test_one_equilibrium_of_a_large_game():
    # Its linear programs would have 40,000 columns and 15.9 million entries; that it is a correlated equilibrium, whose
    # payoff lies in the range by definition, is seen without them.
    rng = random.Random(200)
    A, B = uniform(rng, 200, 200, 100), uniform(rng, 200, 200, 100)
    game = eq.NormalFormGame.from_payoffs(A, B)
    (e,) = eq.nash(game, method="lemke-howson")
    x, y = e.strategies
    law = {(i, j): x[i] * y[j] for i in e.support[0] for j in e.support[1]}
    assert deviation_gains((A, B), law) == (0, 0)
    assert deviation_gains((A, B), law, concept="coarse") == (0, 0)
    for matrix, value in zip((A, B), e.payoffs, strict=True):
        assert sum((p * matrix[i][j] for (i, j), p in law.items()), Fraction(0)) == value
