from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eqsolve.exact import linalg

numbers = st.one_of(
    st.integers(-3, 3),
    st.fractions(min_value=-5, max_value=5, max_denominator=7),
    st.integers(-(10**30), 10**30),
)


@st.composite
def matrices(draw, square=False):
    m = draw(st.integers(1, 5))
    n = m if square else draw(st.integers(1, 5))
    rows = [[draw(numbers) for _ in range(n)] for _ in range(m)]
    if m > 1 and draw(st.booleans()):  # a dependent row
        rows[-1] = [2 * value for value in rows[0]]
    return rows


def times(A, x):
    return [sum((a * v for a, v in zip(row, x, strict=True)), Fraction(0)) for row in A]


@settings(deadline=None, max_examples=50)
@given(matrices(square=True), st.data())
def test_solve_finds_the_one_solution_or_says_singular(A, data):
    b = [data.draw(numbers) for _ in A]
    x = linalg.solve(A, b)
    if x is None:
        assert linalg.rank(A) < len(A)
    else:
        assert linalg.rank(A) == len(A)
        assert times(A, x) == b
        numerators, denominator = linalg.solve_integers(A, b)
        assert [Fraction(value, denominator) for value in numerators] == x
        assert denominator > 0


@settings(deadline=None, max_examples=50)
@given(matrices(), st.data())
def test_solve_any_solves_or_the_ranks_differ(A, data):
    b = [data.draw(numbers) for _ in A]
    x = linalg.solve_any(A, b)
    grown = linalg.rank([[*row, right] for row, right in zip(A, b, strict=True)])
    assert (x is None) == (grown > linalg.rank(A))
    if x is not None:
        assert times(A, x) == b


@settings(deadline=None, max_examples=50)
@given(matrices(), st.data())
def test_solve_any_finds_what_is_known_to_exist(A, data):
    x = [data.draw(numbers) for _ in A[0]]
    found = linalg.solve_any(A, times(A, x))
    assert times(A, found) == times(A, x)


@settings(deadline=None, max_examples=50)
@given(matrices())
def test_nullspace_is_a_basis_of_the_kernel(A):
    basis = linalg.nullspace(A)
    assert len(basis) == len(A[0]) - linalg.rank(A)
    assert linalg.rank(basis) == len(basis)
    for vector in basis:
        assert not any(times(A, vector))


@settings(deadline=None, max_examples=50)
@given(matrices())
def test_conversion_goes_there_and_back(A):
    assert linalg.fractions(linalg.rational_matrix(A)) == [[Fraction(v) for v in row] for row in A]
    assert [linalg.to_fraction(linalg.to_fmpq(v)) for v in A[0]] == A[0]


def test_numpy_integers_stay_exact():
    A = np.array([[2**62, 1], [2**62 - 1, 1]])
    assert linalg.solve(A, np.array([2**62 + 1, 2**62])) == [1, 1]
    assert linalg.solve_any(A, np.array([1, 0])) == [1, 1 - 2**62]
    assert linalg.rank(A) == 2


def test_no_rows():
    assert linalg.solve([], []) == []
    assert linalg.solve_any([], [], columns=2) == [0, 0]
    assert linalg.nullspace([], columns=2) == [[1, 0], [0, 1]]
    assert linalg.rank([]) == 0
    assert linalg.rational_matrix([], columns=3).ncols() == 3


@pytest.mark.parametrize(("A", "b"), [([[1, 2]], [1]), ([[1, 2], [3]], [1, 2]), ([[1]], [1, 2])])
def test_shapes_that_do_not_fit_are_refused(A, b):
    with pytest.raises(ValueError, match="square"):
        linalg.solve(A, b)


def test_ragged_rows_are_refused():
    with pytest.raises(ValueError, match="lengths"):
        linalg.solve_any([[1, 2], [3]], [1, 2])
    with pytest.raises(ValueError, match="right-hand"):
        linalg.solve_any([[1, 2]], [1, 2])
