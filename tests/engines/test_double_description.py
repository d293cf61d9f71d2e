import math
import random

import pytest

from eqsolve.engines import double_description
from eqsolve.engines.double_description import extreme_rays


def random_cone(rng):
    dimension, size = rng.randint(2, 7), rng.choice([1, 1, 2, 9, 10**20])
    rows = [[rng.randint(-size, size) for _ in range(dimension)] for _ in range(rng.randint(1, 10))]
    if rng.random() < 0.3:
        rows.append([-v for v in rng.choice(rows)])
    return rows, dimension


def as_dict(rays):
    assert len(set(rays.vectors)) == len(rays.vectors)
    return dict(zip(rays.vectors, rays.tight, strict=True))


@pytest.mark.parametrize("sorted_edges", [False, True])
@pytest.mark.parametrize("seed", range(60))
def test_arrays_find_the_same_as_lists(seed, sorted_edges, monkeypatch):
    rng = random.Random(seed)
    cones = [random_cone(rng) for _ in range(5)]
    monkeypatch.setattr(double_description, "_FEW", 10**9)
    lists = [as_dict(extreme_rays(*cone)) for cone in cones]
    monkeypatch.setattr(double_description, "_FEW", 0)
    monkeypatch.setattr(double_description, "_PAIRS", 16 if sorted_edges else 1 << 21)
    assert [as_dict(extreme_rays(*cone)) for cone in cones] == lists


def test_every_ray_lies_on_what_it_says():
    rng = random.Random(1)
    rows = [[rng.randint(-3, 5) for _ in range(7)] for _ in range(12)]
    rays = extreme_rays(rows, 7)
    assert len(rays.vectors) > double_description._FEW
    for ray, tight in zip(rays.vectors, rays.tight, strict=True):
        values = [*ray, *(sum(a * u for a, u in zip(row, ray, strict=True)) for row in rows)]
        assert min(values) >= 0
        assert tight == sum(1 << i for i, value in enumerate(values) if value == 0)


def cube(n):
    """Homogeneous coordinates first."""
    return [[1, *(-int(i == j) for j in range(n))] for i in range(n)]


def test_a_cube_and_giving_up():
    rays = extreme_rays(cube(8), 9)
    assert sorted(rays.vectors) == sorted((1, *(k >> i & 1 for i in range(8))) for k in range(256))
    assert extreme_rays(cube(8), 9, most=255) is None
    assert extreme_rays(cube(4), 5, most=3) is None
    assert extreme_rays(cube(8), 9, most=256) is not None


def test_more_hyperplanes_than_bits_in_a_word():
    rows = [[k, -1, 0, 0] for k in range(60, 0, -1)] + cube(3)
    assert sorted(extreme_rays(rows, 4).vectors) == sorted((1, a, b, c) for a in (0, 1) for b in (0, 1) for c in (0, 1))


def test_numbers_that_outgrow_64_bits(monkeypatch):
    n = 6
    big = [[10**15 * (i + 1), *(-(10**12) - i * j * 10**9 for j in range(n))] for i in range(n)]
    monkeypatch.setattr(double_description, "_FEW", 0)
    rays = as_dict(extreme_rays(big, n + 1))
    monkeypatch.setattr(double_description, "_FEW", 10**9)
    assert as_dict(extreme_rays(big, n + 1)) == rays


@pytest.mark.parametrize("size", [3, 10**6, 10**17])
def test_some_vectors_are_those_of_all(size):
    # Small numbers stay in words, larger ones leave them on the way, the largest have never been in them.
    rng = random.Random(size)
    rows = [[rng.randint(-size, 2 * size) for _ in range(7)] for _ in range(11)]
    rays = extreme_rays(rows, 7)
    vectors = rays.vectors
    assert len(vectors) > 2 * double_description._FEW
    which = sorted(rng.sample(range(len(vectors)), 9), reverse=True)
    assert rays.some(which) == [vectors[k] for k in which]
    assert rays.some([]) == []
    for vector, tight in zip(vectors, rays.tight, strict=True):
        values = [*vector, *(sum(a * u for a, u in zip(row, vector, strict=True)) for row in rows)]
        assert min(values) >= 0
        assert math.gcd(*vector) == 1
        assert tight == sum(1 << i for i, value in enumerate(values) if value == 0)


def test_the_check_can_stop_it():
    calls = []

    def check():
        calls.append(1)
        if len(calls) > 9:
            raise TimeoutError

    with pytest.raises(TimeoutError):
        extreme_rays(cube(10), 11, check)
