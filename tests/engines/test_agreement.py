"""Methods that share no search agree on the same game."""

import random
from fractions import Fraction

import numpy as np
import pytest

from eqsolve.engines.bimatrix import Bimatrix
from eqsolve.engines.correlated import payoff_ranges
from eqsolve.engines.dominance import iterated_dominance, merge_duplicates, rationalizable
from eqsolve.engines.lemke_howson import lemke_howson_all
from eqsolve.engines.optimal_nash import Objective, optimal_nash
from eqsolve.engines.support import enumerate_supports
from eqsolve.engines.zero_sum import solve_zero_sum


def random_game(seed):
    rng = random.Random(seed)
    m, n, spread = rng.randint(2, 5), rng.randint(2, 5), rng.choice([1, 2, 9, 100])
    return [
        np.array([[Fraction(rng.randint(-spread, spread), rng.choice([1, 3])) for _ in range(n)] for _ in range(m)])
        for _ in range(2)
    ]


@pytest.mark.parametrize("seed", range(25))
def test_every_method_stays_inside_what_the_others_allow(seed):
    A, B = random_game(seed)
    game = Bimatrix.of(A, B)
    equilibria = set(enumerate_supports(A, B))
    payoffs = [game.payoffs(x, y) for x, y in equilibria]
    assert {(e.row, e.col) for e in lemke_howson_all(A, B).equilibria} <= equilibria
    for player, (least, greatest) in enumerate(payoff_ranges([A, B])):
        weights = (1 - player, player)
        best = optimal_nash(A, B, Objective(weights))
        worst = optimal_nash(A, B, Objective(weights, maximise=False))
        assert worst.value == min(u[player] for u in payoffs)
        assert best.value == max(u[player] for u in payoffs)
        assert least.value <= worst.value <= best.value <= greatest.value
    left = rationalizable([A, B]).survivors
    for x, y in equilibria:
        assert {i for i, p in enumerate(x) if p} <= set(left[0])
        assert {j for j, p in enumerate(y) if p} <= set(left[1])


@pytest.mark.parametrize("seed", range(25))
def test_strict_dominance_keeps_all_equilibria_and_weak_dominance_some(seed):
    A, B = random_game(seed)
    full = {(trimmed(x), trimmed(y)) for x, y in enumerate_supports(A, B)}
    for kind in ("strict", "weak"):
        rows, cols = iterated_dominance([A, B], kind=kind).survivors
        kept = np.ix_(rows, cols)
        small = {(trimmed(x, rows), trimmed(y, cols)) for x, y in enumerate_supports(A[kept], B[kept])}
        assert small <= full
        assert small
        assert kind == "weak" or small == full


def trimmed(strategy, names=None):
    names = names or range(len(strategy))
    return tuple((k, p) for k, p in zip(names, strategy, strict=True) if p)


@pytest.mark.parametrize("seed", range(10))
def test_zero_sum_games_have_one_value_by_every_method(seed):
    A, _ = random_game(seed)
    values = solve_zero_sum(A).values
    game = Bimatrix.of(A, -A)
    assert {game.payoffs(x, y) for x, y in enumerate_supports(A, -A)} == {values}
    assert {e.payoffs for e in lemke_howson_all(A, -A).equilibria} == {values}
    assert optimal_nash(A, -A, Objective((1, 0))).value == values[0]
    assert [(low.value, high.value) for low, high in payoff_ranges([A, -A])] == [(v, v) for v in values]


@pytest.mark.parametrize("seed", range(10))
def test_merging_duplicates_keeps_the_payoffs_of_equilibria(seed):
    A, B = random_game(seed)
    rng = random.Random(seed)
    rows = [rng.randrange(A.shape[0]) for _ in range(A.shape[0] + 1)]
    doubled = A[rows], B[rows]
    (small_a, small_b), classes = merge_duplicates(doubled)
    assert sorted(k for group in classes[0] for k in group) == list(range(len(rows)))
    before, after = (
        {Bimatrix.of(*pair).payoffs(x, y) for x, y in enumerate_supports(*pair)}
        for pair in (doubled, (small_a, small_b))
    )
    assert before == after
