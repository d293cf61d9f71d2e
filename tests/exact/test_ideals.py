"""Exact real solutions of polynomial systems: known systems, multiplicities, signs, limits."""

import math
from fractions import Fraction

import pytest
from flint import Ordering, fmpq_poly, fmpz_mpoly_ctx

from eqsolve.exact.ideals import Limits, solve_system

RING = fmpz_mpoly_ctx.get(["x", "y"], Ordering.degrevlex)
X, Y = RING.gens()


def floats(point):
    return tuple(float(sum(point.enclosure(w, 60)) / 2) for w in point.coordinates)


def test_circle_and_hyperbola_have_four_irrational_points():
    solution = solve_system([X**2 + Y**2 - 5, X * Y - 1], RING)
    assert solution.kind == "finite"
    assert len(solution.points) == 4
    for point in solution.points:
        x, y = point.coordinates
        assert point.sign(x * x + y * y - 5) == 0
        assert point.sign(x * y - 1) == 0
        assert not point.is_rational
        assert abs(floats(point)[0] * floats(point)[1] - 1) < 1e-12
    assert len({floats(point) for point in solution.points}) == 4


def test_rational_points_are_recognised():
    solution = solve_system([(3 * X - 1) * (X + 2), (2 * Y - 1) * (Y - X)], RING)
    found = {tuple(p.rational(w) for w in p.coordinates) for p in solution.points}
    third, half = Fraction(1, 3), Fraction(1, 2)
    assert found == {(third, half), (third, third), (-2, half), (-2, -2)}


def test_multiple_solutions_are_listed_once():
    # a double point that is not curvilinear: no linear form has a squarefree characteristic polynomial
    solution = solve_system([X**2, X * Y, Y**2], RING)
    assert [p.rational(p.coordinates[0]) for p in solution.points] == [0]
    mixed = solve_system([(X - 1) ** 2 * (X**2 - 2), (Y - X) ** 2], RING)
    assert sorted(floats(p)[0] for p in mixed.points) == pytest.approx([-(2**0.5), 1, 2**0.5])


def test_a_rational_coordinate_of_an_irrational_point():
    solution = solve_system([X**2 - 2, 3 * Y - 1], RING)
    assert {p.rational(p.coordinates[1]) for p in solution.points} == {Fraction(1, 3)}
    assert all(p.rational(p.coordinates[0]) is None for p in solution.points)


def test_no_complex_solution_no_real_solution_and_infinitely_many():
    assert solve_system([X * Y, X * Y - 1], RING).points == ()
    assert solve_system([X**2 + 1, Y], RING).points == ()
    assert solve_system([X * Y - X], RING).kind == "infinite"
    assert solve_system([X * Y - X], RING).free
    assert solve_system([RING.constant(0)], RING).free == (0, 1)


def test_signs_are_decided_for_tiny_values():
    (point,) = [p for p in solve_system([X**2 - 2, Y], RING).points if floats(p)[0] > 0]
    root = point.coordinates[0]
    # 10^120 √2 rounded down differs from √2 by less than 10^-120
    below = fmpq_poly([math.isqrt(2 * 10**240)]) / 10**120
    assert point.sign(root - below) == 1
    assert point.sign(below - root) == -1
    assert point.sign(root * root - 2) == 0
    lo, hi = point.enclosure(root, 300)
    assert lo * lo < 2 < hi * hi
    assert hi - lo < Fraction(1, 2**300)


def test_limits_are_kept():
    system = [X**4 * Y - 3 * X + 1, X * Y**5 - 7 * Y - 2]
    assert solve_system(system, RING, Limits(dimension=3)).kind == "too large"
    assert solve_system(system, RING, Limits(polynomials=2, terms=2)).kind == "too large"
