import random
from fractions import Fraction
from itertools import combinations, product

import pytest
from flint import fmpq, fmpq_mat

from eqsolve.engines.faces import cone_rays, face_vertices, orthant_vertices


def brute_force(equalities, inequalities):
    """Every point where enough constraints are tight, if it satisfies them all."""
    n = len(inequalities[0]) - 1
    found = set()
    for chosen in combinations(inequalities, n - len(equalities)):
        rows = [*equalities, *chosen]
        left = fmpq_mat(n, n, [fmpq(v) for row in rows for v in row[1:]])
        if left.det() == 0:
            continue
        point = left.solve(fmpq_mat(n, 1, [fmpq(-row[0]) for row in rows]))
        z = tuple(Fraction(int(point[i, 0].p), int(point[i, 0].q)) for i in range(n))
        if all(row[0] + sum(a * v for a, v in zip(row[1:], z, strict=True)) >= 0 for row in inequalities):
            found.add(z)
    return sorted(found)


def box(n, size=1):
    low = [[0, *(int(i == j) for j in range(n))] for i in range(n)]
    high = [[size, *(-int(i == j) for j in range(n))] for i in range(n)]
    return low + high


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_cube(n):
    assert face_vertices([], box(n)) == sorted(product((Fraction(0), Fraction(1)), repeat=n))


def test_octahedron_is_degenerate_and_complete():
    rows = [[1, *signs] for signs in product((1, -1), repeat=3)]
    assert len(face_vertices([], rows)) == 6


def test_repeated_and_redundant_inequalities_change_nothing():
    rows = box(3)
    assert face_vertices([], rows * 2 + [[3, -1, -1, -1], [5, 1, 1, 1]]) == face_vertices([], rows)


def test_face_by_equality():
    assert face_vertices([[-1, 1, 1, 1]], box(3)) == sorted(
        tuple(Fraction(int(i == j)) for j in range(3)) for i in range(3)
    )


def test_single_point_and_contradictions():
    assert face_vertices([[-1, 2, 0], [0, 1, -1]], box(2)) == [(Fraction(1, 2), Fraction(1, 2))]
    assert face_vertices([[-3, 1, 0]], box(2)) == []
    assert face_vertices([[1, 0, 0]], box(2)) == []
    assert face_vertices([[-1, 1, 0], [-2, 2, 0], [-1, 0, 1]], box(2)) == [(1, 1)]


def test_inequalities_without_solution():
    assert face_vertices([], [*box(2), [-3, 1, 1]]) == []


def test_unbounded_sets_are_refused():
    with pytest.raises(ValueError, match="not bounded"):
        face_vertices([], [[0, 1, 0], [0, 0, 1]])
    with pytest.raises(ValueError, match="line"):
        face_vertices([], [[0, 1, 0], [1, -1, 0]])
    with pytest.raises(ValueError, match="not bounded"):
        orthant_vertices([[1, -1, 0]], 2)


@pytest.mark.parametrize("seed", range(60))
def test_random_polytopes_against_all_bases(seed):
    rng = random.Random(seed)
    n = rng.randint(1, 3)
    cuts = [[rng.randint(-1, 4), *(rng.randint(-2, 2) for _ in range(n))] for _ in range(rng.randint(0, 6))]
    equalities = [[rng.randint(-1, 1), *(rng.randint(-1, 2) for _ in range(n))]] if seed % 3 == 0 else []
    if equalities and not any(equalities[0][1:]):
        equalities = []
    rows = box(n, 2) + cuts
    assert face_vertices(equalities, rows) == brute_force(equalities, rows)


def test_fractions_are_exact():
    third = Fraction(1, 3)
    assert face_vertices([], [[-third, 1], [10**30, -1]]) == [(third,), (10**30,)]


def test_rays_of_an_orthant_and_of_a_cone_with_implied_equalities():
    assert sorted(cone_rays([], 2)) == [(0, 1), (1, 0)]
    assert cone_rays([[1, -1, 0], [-1, 1, 0], [0, 0, -1]], 3) == [(1, 1, 0)]
    assert cone_rays([[-1, -1]], 2) == []
