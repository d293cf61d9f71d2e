import itertools
import random
from fractions import Fraction

import numpy as np
import pytest

from eqsolve.engines.bimatrix import Bimatrix
from eqsolve.engines.correlated import deviation_gains, optimal_correlated, payoff_ranges
from eqsolve.engines.zero_sum import solve_zero_sum
from eqsolve.errors import ModelError, SizeError

CHICKEN = [[[6, 2], [7, 0]], [[6, 7], [2, 0]]]


def random_game(rng, shape, spread=9):
    count = int(np.prod(shape))
    draw = [[rng.randint(-spread, spread) for _ in range(count)] for _ in shape]
    return [np.array(values, dtype=object).reshape(shape) for values in draw]


def bound_holds(payoffs, objective, found):
    """The multipliers prove the bound, profile by profile, as the documentation says."""
    tables = [np.array(p, dtype=object) for p in payoffs]
    sign = 1 if found.maximise else -1
    for a in itertools.product(*map(range, tables[0].shape)):
        total = objective[a]
        for (player, told, deviation), y in found.multipliers.items():
            assert y > 0
            if told is None or a[player] == told:
                b = (*a[:player], deviation, *a[player + 1 :])
                total += sign * y * (tables[player][a] - tables[player][b])
        if sign * (total - found.value) > 0:
            return False
    return True


def test_chicken():
    best = optimal_correlated(CHICKEN)
    assert best.value == Fraction(21, 2)
    assert best.distribution == {(0, 0): Fraction(1, 2), (0, 1): Fraction(1, 4), (1, 0): Fraction(1, 4)}
    assert best.payoffs == (Fraction(21, 4), Fraction(21, 4))
    (least, greatest), _ = payoff_ranges(CHICKEN)
    assert (least.value, greatest.value) == (2, 7)


@pytest.mark.parametrize("concept", ["correlated", "coarse"])
@pytest.mark.parametrize("maximise", [True, False])
@pytest.mark.parametrize("seed", range(12))
def test_optimum_is_an_equilibrium_with_a_proof(concept, maximise, seed):
    rng = random.Random(seed)
    shape = rng.choice([(2, 2), (3, 4), (5, 5), (1, 3), (2, 2, 2), (3, 2, 3), (2, 2, 2, 2)])
    payoffs = random_game(rng, shape, rng.choice([1, 9]))
    objective = random_game(rng, shape)[0]
    found = optimal_correlated(payoffs, objective, maximise=maximise, concept=concept)
    assert sum(found.distribution.values()) == 1
    assert set(deviation_gains(payoffs, found.distribution, concept=concept)) == {0}
    assert sum(p * objective[a] for a, p in found.distribution.items()) == found.value
    assert bound_holds(payoffs, objective, found)
    same = {a: objective[a] for a in itertools.product(*map(range, shape)) if objective[a]}
    assert optimal_correlated(payoffs, same, maximise=maximise, concept=concept).value == found.value


@pytest.mark.parametrize("seed", range(10))
def test_coarse_allows_more_and_both_bracket_nash(seed):
    rng = random.Random(seed)
    payoffs = random_game(rng, rng.choice([(3, 3), (4, 3), (2, 2, 2)]), 3)
    for narrow, wide in zip(payoff_ranges(payoffs), payoff_ranges(payoffs, concept="coarse"), strict=True):
        assert wide[0].value <= narrow[0].value <= narrow[1].value <= wide[1].value
    for a in itertools.product(*map(range, payoffs[0].shape)):
        if not any(deviation_gains(payoffs, {a: Fraction(1)})):  # a pure Nash equilibrium
            for i, (least, greatest) in enumerate(payoff_ranges(payoffs)):
                assert least.value <= payoffs[i][a] <= greatest.value


def test_zero_sum_games_have_one_payoff():
    rng = random.Random(1)
    A = random_game(rng, (4, 5))[0]
    value = solve_zero_sum(A).values[0]
    (least, greatest), _ = payoff_ranges([A, -A])
    assert least.value == greatest.value == value


def test_gains_are_those_of_nash_for_a_product():
    A, B = [[2, 0], [3, 1]], [[1, 0], [0, 5]]
    x, y = (Fraction(1, 3), Fraction(2, 3)), (Fraction(1, 4), Fraction(3, 4))
    product = {(i, j): x[i] * y[j] for i in range(2) for j in range(2)}
    assert deviation_gains([A, B], product, concept="coarse") == Bimatrix.of(A, B).regrets(x, y)
    assert deviation_gains([A, B], product) == Bimatrix.of(A, B).regrets(x, y)


def test_strategies_nobody_distinguishes_leave_no_constraints():
    found = optimal_correlated([[[1, 1], [1, 1]], [[0, 0], [0, 0]]], {(1, 0): 3})
    assert (found.value, found.distribution, found.multipliers) == (3, {(1, 0): 1}, {})


def test_input_that_does_not_fit_is_refused():
    with pytest.raises(ModelError, match="concept"):
        optimal_correlated(CHICKEN, concept="nash")
    with pytest.raises(ModelError, match="profile"):
        optimal_correlated(CHICKEN, {(2, 0): 1})
    with pytest.raises(ModelError, match="shape"):
        optimal_correlated(CHICKEN, [[1, 2, 3]])
    with pytest.raises(ModelError, match="sum"):
        deviation_gains(CHICKEN, {(0, 0): Fraction(1, 2)})
    with pytest.raises(ModelError, match="names profile"):
        deviation_gains(CHICKEN, {(0, 2): Fraction(1)})


@pytest.mark.parametrize("concept", ["correlated", "coarse"])
def test_programs_that_are_too_large_are_refused(concept):
    one = np.zeros((200, 200), int)
    with pytest.raises(SizeError, match="40,000 columns and up to 15,920,000 entries"):
        payoff_ranges([one, one], concept=concept)
