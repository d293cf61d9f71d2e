"""Extreme equilibria and values of zero-sum games, against Gambit's rational solvers."""

import random
from fractions import Fraction

import pytest

from eqsolve.engines.lemke_howson import lemke_howson_all
from eqsolve.engines.support import enumerate_supports
from eqsolve.engines.zero_sum import solve_zero_sum
from eqsolve.game import NormalFormGame

pytestmark = pytest.mark.peer
gambit = pytest.importorskip("pygambit", reason="pygambit is not installed")


def random_matrix(rng, m, n, spread):
    return [[Fraction(rng.randint(-spread, spread), rng.choice([1, 2])) for _ in range(n)] for _ in range(m)]


def solved(method, A, B):
    """Set of equilibria of a rational solver, as pairs of tuples of Fractions."""
    game = NormalFormGame.from_payoffs(A, B)
    profiles = method(game.to_pygambit(), rational=True).equilibria
    return {
        tuple(
            tuple(Fraction(int(p.numerator), int(p.denominator)) for p in (profile[player][s] for s in labels))
            for player, labels in zip(game.players, game.strategies, strict=True)
        )
        for profile in profiles
    }


@pytest.mark.parametrize("spread", [1, 3, 100])
def test_extreme_equilibria(spread):
    rng = random.Random(spread)
    for _ in range(8):
        m, n = rng.randint(2, 5), rng.randint(2, 5)
        A, B = random_matrix(rng, m, n, spread), random_matrix(rng, m, n, spread)
        found = set(enumerate_supports(A, B))
        assert found == solved(gambit.nash.enummixed_solve, A, B)
        assert solved(gambit.nash.lcp_solve, A, B) <= found
        assert {(e.row, e.col) for e in lemke_howson_all(A, B).equilibria} <= found


def test_values_of_zero_sum_games():
    rng = random.Random(4)
    for _ in range(10):
        A = random_matrix(rng, rng.randint(2, 6), rng.randint(2, 6), 20)
        B = [[-a for a in row] for row in A]
        game = NormalFormGame.from_payoffs(A, B)
        (x, y), *_ = solved(gambit.nash.lcp_solve, A, B)
        assert game.payoff((x, y)) == solve_zero_sum(A).values
