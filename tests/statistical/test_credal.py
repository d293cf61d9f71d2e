"""Worst cases over credal sets with their certificates; linking by budgets on the same process."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from fractions import Fraction

import pytest

from eqsolve.errors import ModelError, NotSupported
from eqsolve.statistical.budgets import compare_with_budgets, linked_game
from eqsolve.statistical.credal import MeanStatistic, worst_case
from eqsolve.statistical.grid_set import Grid
from eqsolve.statistical.mechanism import DatedMechanism
from eqsolve.statistical.model import total
from eqsolve.statistical.process import Independent, Markov
from eqsolve.statistical.project import Saturating
from eqsolve.statistical.resource import ResourceFamily, dated
from eqsolve.statistical.typical import Statistic, WithinBounds

HALF = Fraction(1, 2)
PATHS = list(itertools.product(range(2), repeat=5))
HIGHS = total((Fraction(0), Fraction(1)), None, False)
SQUARE = total((Fraction(0), Fraction(1)), None, True)


def test_markov_s_inequality_is_the_worst_case():
    """A known mean alone: P(S >= 4) <= E S / 4, and a law that attains it."""
    event = {p for p in PATHS if sum(p) >= 4}
    found = worst_case([MeanStatistic(HIGHS, None, Fraction(1))], PATHS, event)
    assert found.probability == Fraction(1, 4)
    assert found.proves([MeanStatistic(HIGHS, None, Fraction(1))], PATHS, event)
    assert sum(found.law.values()) == 1
    assert sum(p * sum(path) for path, p in found.law.items()) <= 1


@pytest.mark.parametrize("seed", range(12))
def test_worst_cases_are_attained_and_proved(seed):
    source = random.Random(seed)
    first = total((Fraction(0), Fraction(1)), (1,), False)
    truth = {p: Fraction(source.randrange(1, 6)) for p in PATHS}
    scale = sum(truth.values())

    def mean(of):
        return sum(of(p) * q for p, q in truth.items()) / scale

    known = [
        MeanStatistic(HIGHS, mean(HIGHS) - Fraction(1, 10), mean(HIGHS) + Fraction(1, 10)),
        MeanStatistic(SQUARE, None, mean(SQUARE)),
        MeanStatistic(first, mean(first), mean(first)),
    ]
    event = {p for p in PATHS if source.random() < 0.3}
    found = worst_case(known, PATHS, event)
    assert found.probability >= sum(q for p, q in truth.items() if p in event) / scale
    assert sum(p for path, p in found.law.items() if path in event) == found.probability
    for s in known:
        value = sum(p * s.of(path) for path, p in found.law.items())
        assert s.least is None or value >= s.least
        assert s.most is None or value <= s.most
    assert found.proves(known, PATHS, event)
    if found.probability:
        assert not replace(found, probability=found.probability * Fraction(9, 10)).proves(known, PATHS, event)
        cheaper = replace(found, constant=found.constant - 1, probability=found.probability - 1)
        assert not cheaper.proves(known, PATHS, event)


def test_statistics_that_no_law_has_are_refused():
    with pytest.raises(ModelError, match="no law"):
        worst_case([MeanStatistic(HIGHS, Fraction(9))], PATHS, set())


FAMILY = ResourceFamily(Fraction(1), Saturating(), Grid.of([Fraction(1), Fraction(2)]))


def mechanism(law, family=FAMILY):
    problem, choice = dated(family, [law, law])
    middle = Fraction(3, 2) * law.dates
    typical = WithinBounds((Statistic(family.grid.values, middle - 1, middle + 1),))
    return DatedMechanism(problem, choice, [typical, typical])


def test_linking_by_budgets_on_the_same_process():
    """At T = 2 the label-free equilibrium lies on one date of every path but (low, high) and (high, low)."""
    found = compare_with_budgets(mechanism(Independent(2, 2, ((HALF, HALF),))))
    first = sum(
        FAMILY.problem(2).surplus([[Fraction(u)], [Fraction(v)]]) for u, v in itertools.product((1, 2), repeat=2)
    )
    assert found.first_best == first / 2
    assert found.counts == ((1, 1), (1, 1))
    # by listing: what is announced is a uniformly random arrangement where both types are equal, else the truth
    surplus = Fraction(0)
    law = {(0, 0): HALF, (0, 1): HALF}
    for mine, theirs in itertools.product(itertools.product(range(2), repeat=2), repeat=2):
        for (a, p), (b, q) in itertools.product(law.items(), repeat=2):
            said = [x if len(set(x)) == 2 else ((0, 1), (1, 0))[k[1]] for x, k in ((mine, a), (theirs, b))]
            true, told = ([[Fraction(1 + u) for u in x] for x in xs] for xs in ((mine, theirs), said))
            surplus += p * q * FAMILY.problem(2).surplus(true, told) / 16
    assert found.budgets == surplus
    assert found.linked.cost > found.on_budgets.cost > 0
    assert found.unlinked.ratio == 1
    assert found.budgets < found.linked.surplus <= found.first_best


def test_budgets_need_draws_from_one_law_without_discounting():
    law = Markov(2, 2, (HALF, HALF), ((HALF, HALF), (HALF, HALF)))
    with pytest.raises(NotSupported, match="one law"):
        compare_with_budgets(mechanism(law))
    late = replace(FAMILY, discount=HALF)
    with pytest.raises(NotSupported, match="discounted"):
        linked_game(*dated(late, [Independent(2, 2, ((HALF, HALF),))] * 2))
