"""Means over multinomial laws against sums over all vectors of draws; estimates against exact means."""

from __future__ import annotations

import itertools
import random
import time
from fractions import Fraction

import numpy as np
import pytest

from eqsolve.errors import LimitReached, NotSupported, SizeError
from eqsolve.exact.estimate import Estimate
from eqsolve.exact.multinomial import LARGEST_VALUE, estimated_mean, exact_mean


def random_chances(rng, kinds):
    weights = [rng.choice([0, 1, 1, 2, 3, 10**6, 7**9]) for _ in range(kinds)]
    weights[rng.randrange(kinds)] += 1
    return [Fraction(w, sum(weights)) for w in weights]


def random_values(rng, kinds, size):
    """A concave function of the histogram, as transportation values are."""
    pieces = np.array([[rng.randint(-size, size) for _ in range(kinds)] for _ in range(3)], dtype=np.int64)
    return lambda lines: (lines @ pieces.T).min(axis=1)


@pytest.mark.parametrize("seed", range(40))
def test_mean_over_histograms_is_the_mean_over_vectors(seed):
    rng = random.Random(seed)
    kinds, draws = rng.choice([(1, 5), (2, 5), (3, 4), (4, 4), (5, 3)])
    chances, values = random_chances(rng, kinds), random_values(rng, kinds, 9)
    total = Fraction(0)
    for vector in itertools.product(range(kinds), repeat=draws):
        weight = Fraction(1)
        for u in vector:
            weight *= chances[u]
        total += weight * int(values(np.array([[vector.count(u) for u in range(kinds)]]))[0])
    assert exact_mean(chances, draws, values) == total


@pytest.mark.parametrize("seed", range(120))
def test_estimates_are_within_their_error(seed):
    rng = random.Random(seed)
    kinds, most = rng.choice([(1, 50), (2, 400), (3, 60), (4, 20), (5, 9)])
    draws = rng.randint(1, most)
    chances, values = random_chances(rng, kinds), random_values(rng, kinds, LARGEST_VALUE // draws)
    middle, radius = estimated_mean(chances, draws, values)
    exact = exact_mean(chances, draws, values)
    assert abs(middle - exact) <= radius
    assert radius <= Fraction(draws * LARGEST_VALUE // draws, 10**13)


def test_large_values_are_added_up_exactly():
    big = 10**40
    values = lambda lines: np.array([big * int(c) for c in lines[:, 0]], dtype=object)  # noqa: E731
    assert exact_mean([Fraction(1, 3), Fraction(2, 3)], 30, values) == 10 * big


def test_several_batches_of_histograms():
    chances = [Fraction(1, 2), Fraction(1, 3), Fraction(1, 6)]
    values = lambda lines: lines[:, 0] * lines[:, 1]  # noqa: E731
    assert exact_mean(chances, 500, values) == 500 * 499 * Fraction(1, 6)
    middle, radius = estimated_mean(chances, 500, values)
    assert abs(middle - 500 * 499 * Fraction(1, 6)) <= radius < 10**-8


def test_limits():
    chances = [Fraction(1, 4)] * 4
    values = lambda lines: lines[:, 0]  # noqa: E731
    with pytest.raises(SizeError, match="fewer copies"):
        exact_mean(chances, 400, values)
    with pytest.raises(SizeError, match="floating point"):
        estimated_mean(chances, 1000, values)
    with pytest.raises(LimitReached):
        exact_mean(chances, 150, values, deadline=time.monotonic() - 1)


def test_an_estimate_says_how_far_off_it_is():
    third = Estimate.of(Fraction(1, 3))
    assert Fraction(third.error) >= abs(Fraction(third.value) - Fraction(1, 3)) > 0
    assert Estimate.of(Fraction(3, 8)) == Estimate(0.375, 0.0)
    assert Estimate.of(Fraction(1), Fraction(1, 3)).error > 1 / 3 - 1e-9
    assert Fraction(Estimate.of(Fraction(0), Fraction(1, 10**400)).error) >= Fraction(1, 10**400)
    with pytest.raises(NotSupported, match="exact"):
        Estimate.of(Fraction(10) ** 400)
