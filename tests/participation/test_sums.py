"""Sums of scores that reach a threshold, against all type vectors and against a normal approximation at large K."""

from __future__ import annotations

import itertools
import math
import random
import time
from fractions import Fraction

import pytest

from eqsolve.errors import LimitReached, SizeError
from eqsolve.participation import sums
from eqsolve.participation.sums import Draws, Share, law_of_sum, reaching, whole


def enumerated(draws, scores, constant, strict):
    issues = [(g, d) for g, d in enumerate(draws) for _ in range(d.count)]
    total = Fraction(0)
    rows = [[Fraction(0)] * len(d.chances) for d in draws]
    for vector in itertools.product(*(range(len(d.chances)) for _, d in issues)):
        p = math.prod((d.chances[u] for (_, d), u in zip(issues, vector, strict=True)), start=Fraction(1))
        s = constant + sum(scores[g][u] for (g, _), u in zip(issues, vector, strict=True))
        if s > 0 or (s == 0 and not strict):
            total += p
            for (g, d), u in zip(issues, vector, strict=True):
                rows[g][u] += p / d.count
    return Share(total, tuple(map(tuple, rows)))


def random_case(rng, groups):
    draws, scores = [], []
    for _ in range(groups):
        weights = [rng.randint(0, 4) for _ in range(rng.randint(1, 3))]
        weights[0] += not any(weights)
        chances = tuple(Fraction(w, sum(weights)) for w in weights)
        draws.append(Draws(chances, rng.randint(1, 3 if groups < 3 else 2)))
        scores.append([Fraction(rng.randint(-6, 6), rng.choice([1, 1, 2, 3])) for _ in weights])
    return draws, scores, Fraction(rng.randint(-3, 3))


@pytest.mark.parametrize("seed", range(60))
def test_probability_and_marginals_are_those_of_all_type_vectors(seed):
    rng = random.Random(seed)
    draws, scores, constant = random_case(rng, rng.randint(1, 4))
    for strict in (False, True):
        assert reaching(draws, scores, constant, strict=strict) == enumerated(draws, scores, constant, strict)


def test_ties_count_unless_strict():
    draws = [Draws((Fraction(1, 2), Fraction(1, 2)), 2)]
    scores = [(Fraction(1), Fraction(-1))]
    assert reaching(draws, scores).probability == Fraction(3, 4)
    assert reaching(draws, scores, strict=True).probability == Fraction(1, 4)


def test_both_ways_to_the_law_of_a_sum_agree():
    rng = random.Random(5)
    for _ in range(30):
        kinds = [(rng.randint(1, 5), rng.randint(-4, 4)) for _ in range(rng.randint(1, 4))]
        count = rng.randint(0, 6)
        steps, histograms = sums._by_steps(kinds, count, None), sums._by_histograms(kinds, count, None)
        assert steps == histograms
        merged = law_of_sum([p for p, _ in kinds], [x for _, x in kinds], count)
        assert {a: w for a, w in merged.items() if w} == steps


def test_two_hundred_alike_issues_and_forty_different_ones():
    half = Fraction(1, 2)
    ahead = reaching([Draws((half, half), 200)], [(Fraction(1), Fraction(-1))])
    assert ahead.probability == Fraction(sum(math.comb(200, k) for k in range(100, 201)), 2**200)
    draws = [Draws((half, half), 1)] * 40  # the sum of ±k reaches 0 more often than not: count by generating function
    scores = [(Fraction(k), Fraction(-k)) for k in range(1, 41)]
    ways = {0: 1}
    for k in range(1, 41):
        after = {}
        for a, w in ways.items():
            for b in (a + k, a - k):
                after[b] = after.get(b, 0) + w
        ways = after
    expected = Fraction(sum(w for a, w in ways.items() if a >= 0), 2**40)
    found = reaching(draws, scores)
    assert found.probability == expected
    assert all(sum(row) == expected for row in found.marginals)


def test_mixtures_are_linear():
    draws = [Draws((Fraction(1, 3), Fraction(2, 3)), 2)]
    few, many = reaching(draws, [(Fraction(1), Fraction(-1))], strict=True), whole(draws)
    mixed = few.mixed(many, Fraction(1, 4))
    assert mixed.probability == Fraction(3, 4) * few.probability + Fraction(1, 4)
    assert all(sum(row) == mixed.probability for row in mixed.marginals)


def test_sizes_and_deadlines():
    fifth = Fraction(1, 5)
    incommensurable = tuple(Fraction(10**9 + k, 7**k) for k in range(5))
    with pytest.raises(SizeError, match="sums of scores"):
        reaching([Draws((fifth,) * 5, 500)], [incommensurable])
    with pytest.raises(SizeError, match="issues differ"):
        reaching([Draws((Fraction(1),), 1)] * 500, [(Fraction(1),)] * 500)
    half = Fraction(1, 2)
    with pytest.raises(LimitReached):
        reaching([Draws((half, half), 5000)], [(Fraction(1), Fraction(-1))], deadline=time.monotonic() - 1)
