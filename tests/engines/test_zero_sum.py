import random
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eqsolve.engines.bimatrix import Bimatrix
from eqsolve.engines.zero_sum import constant_sum, solve_zero_sum
from eqsolve.errors import ModelError

values = st.sampled_from([0, 0, 1, -1, 2, Fraction(1, 3), -7])


@st.composite
def matrices(draw):
    m, n = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    return [[draw(values) for _ in range(n)] for _ in range(m)]


@settings(deadline=None)
@given(matrices(), values)
def test_both_guarantee_the_value(A, constant):
    B = [[constant - a for a in row] for row in A]
    found = solve_zero_sum(A, B)
    value = found.values[0]
    assert sum(found.row) == sum(found.col) == 1
    assert min(*found.row, *found.col) >= 0
    assert min(sum(p * row[j] for p, row in zip(found.row, A, strict=True)) for j in range(len(A[0]))) == value
    assert max(sum(a * p for a, p in zip(row, found.col, strict=True)) for row in A) == value
    assert sum(found.values) == constant == constant_sum(A, B)
    assert Bimatrix.of(A, B).payoffs(found.row, found.col) == found.values


def test_games_with_a_known_value():
    assert solve_zero_sum([[1, -1], [-1, 1]]).row == (Fraction(1, 2), Fraction(1, 2))
    skewed = solve_zero_sum([[3, -1], [-2, 1]])
    assert skewed.values == (Fraction(1, 7), Fraction(-1, 7))
    assert skewed.row == (Fraction(3, 7), Fraction(4, 7))
    assert skewed.col == (Fraction(2, 7), Fraction(5, 7))


def test_payoffs_beyond_floating_point():
    big = 10**40
    found = solve_zero_sum([[big + 1, big], [big, big + 1]])
    assert found.values[0] == big + Fraction(1, 2)


@pytest.mark.parametrize("size", [60, 100])
def test_random_games_end_exactly(size):
    rng = np.random.default_rng(size)
    A = rng.integers(-100, 101, (size, size))
    found = solve_zero_sum(A)
    assert Bimatrix.of(A, -A).regrets(found.row, found.col) == (0, 0)
    assert found.method == "highs basis"


@pytest.mark.slow
def test_five_hundred_strategies():
    A = np.random.default_rng(5).integers(-100, 101, (500, 500))
    found = solve_zero_sum(A)
    assert Bimatrix.of(A, -A).is_equilibrium(found.row, found.col)


@pytest.mark.peer
def test_same_value_as_scipy():
    optimize = pytest.importorskip("scipy.optimize", reason="scipy is not installed")
    rng = random.Random(3)
    for _ in range(10):
        A = [[rng.randint(-9, 9) for _ in range(6)] for _ in range(4)]
        rows = [[*map(float, row), -1.0] for row in A]
        result = optimize.linprog(
            [0] * 6 + [1], rows, [0] * 4, [[1] * 6 + [0]], [1], bounds=[(0, None)] * 6 + [(None, None)]
        )
        assert float(solve_zero_sum(A).values[0]) == pytest.approx(result.fun, abs=1e-9)


@pytest.mark.parametrize(
    ("A", "B", "words"),
    [
        ([[1, 2]], [[1, 2]], "constant"),
        ([[1, 2]], [[1]], "shapes"),
        ([[1, 2], [1]], [[1, 2], [1]], "different lengths"),
        ([[0.5]], [[-0.5]], "float"),
        ([], [], "no matrix"),
    ],
)
def test_games_that_do_not_fit_are_refused(A, B, words):
    with pytest.raises(ModelError, match=words):
        solve_zero_sum(A, B)


def test_regrets_say_what_a_deviation_gains():
    game = Bimatrix.of([[2, 0], [3, Fraction(1, 2)]], [[1, 0], [0, 5]])
    x, y = (Fraction(1), Fraction(0)), (Fraction(1, 2), Fraction(1, 2))
    assert game.regrets(x, y) == (Fraction(3, 4), Fraction(1, 2))
    assert not game.is_equilibrium(x, y)
    assert game.is_equilibrium((0, 1), (0, 1))
    assert game.mirrored().regrets(y, x) == (Fraction(1, 2), Fraction(3, 4))
    with pytest.raises(ValueError, match="negative"):
        game.regrets((Fraction(2), Fraction(-1)), y)
