"""Budgets: nearest frequencies and their ties, messages, histograms."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

import pytest

import eqsolve as eq
from eqsolve.budget import BudgetRule, multinomial, nearest_counts


def agent(*probabilities):
    return eq.Agent("1", tuple(eq.Type(f"t{k}", p) for k, p in enumerate(probabilities)))


@pytest.mark.parametrize("seed", range(40))
def test_frequencies_are_nearest_and_ties_are_counted(seed):
    rng = random.Random(seed)
    weights = [rng.randint(0, 4) for _ in range(rng.randint(1, 4))]
    weights[0] += not any(weights)
    copies = rng.randint(1, 6)
    shares = [Fraction(w * copies, sum(weights)) for w in weights]
    distance = {
        c: sum((x - s) ** 2 for x, s in zip(c, shares, strict=True))
        for c in itertools.product(range(copies + 1), repeat=len(weights))
        if sum(c) == copies
    }
    nearest = [c for c, d in distance.items() if d == min(distance.values())]
    counts, ties = nearest_counts(shares)
    assert tuple(counts) == max(nearest)
    assert ties == len(nearest)


def test_four_equally_likely_types_have_six_nearest_budgets_of_two():
    budget = BudgetRule().apply(agent("1/4", "1/4", "1/4", "1/4"), 2)
    assert (budget.counts, budget.ties) == ((1, 1, 0, 0), 6)


@pytest.mark.parametrize(
    ("rule", "exact"),
    [
        (BudgetRule(), True),
        (BudgetRule("none"), False),
        (BudgetRule("counts", {"t0": 1, "t2": 2}), True),
        (BudgetRule("classes", classes={"x": ["t0", "t2"], "y": ["t1"]}), False),
        (BudgetRule("bounds", at_most={"t0": Fraction(1, 2)}, at_least={"t1": Fraction(1, 3)}), False),
    ],
)
def test_messages_are_what_the_budget_admits(rule, exact):
    budget = rule.apply(agent("1/3", "1/3", "1/3"), 3)
    listed = list(budget.messages())
    every = list(itertools.product(range(3), repeat=3))
    assert listed == [m for m in every if budget.admits([m.count(u) for u in range(3)])]
    assert budget.message_count() == len(listed)
    assert budget.is_exact == exact
    assert {tuple(m.count(u) for u in range(3)) for m in listed} == set(budget.histograms())
    assert list(budget.histograms()) == sorted(budget.histograms(), reverse=True)


def test_a_single_type_is_an_exact_budget_of_any_kind():
    assert BudgetRule("none").apply(agent(1), 4).counts == (4,)


def test_too_many_histograms_are_refused():
    budget = BudgetRule("none").apply(agent("1/2", "1/4", "1/4"), 200)
    with pytest.raises(eq.SizeError, match="fewer copies"):
        budget.histograms(limit=1000)


def test_multinomial_counts_vectors():
    assert multinomial((2, 1, 1)) == 12
    assert multinomial(()) == 1
