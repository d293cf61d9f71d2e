"""Security levels by cuts against the linear program over all lie tables and joint histograms."""

from __future__ import annotations

from fractions import Fraction

import pytest
from random_problems import random_game

import eqsolve as eq
from eqsolve.forms.label_free import LabelFreeForm
from eqsolve.forms.mean_tables import best_mean_table
from eqsolve.judge import bounds
from eqsolve.judge.bounds.joint_histograms import worth
from eqsolve.judge.bounds.security import (
    bystander_range,
    estimated_security_level,
    has_two_opponents,
    secure_tables,
    security_level,
)
from eqsolve.processes.laws import IndependentLaw

SHAPES = [(2, 2), (2, 3), (2, 6), (3, 2), (3, 3), (4, 2)]
CASES = [(seed, types, copies) for types, copies in SHAPES for seed in range(6)]


@pytest.mark.parametrize(("seed", "types", "copies"), CASES)
def test_cuts_find_the_security_level(seed, types, copies):
    game = random_game(seed, 3, types, copies, active=2)
    for i in range(3):
        if not has_two_opponents(game, i):
            continue
        expected = bounds.floor(game, i)
        assert security_level(game, i) == expected
        estimate = estimated_security_level(game, i)
        assert abs(Fraction(estimate.value) - expected) <= Fraction(estimate.error) < 10**-8


@pytest.mark.parametrize(("seed", "types", "copies"), CASES[::2])
def test_the_tables_secure_the_level(seed, types, copies):
    game = random_game(seed, 3, types, copies, active=3)
    for i in range(3):
        value, tables = secure_tables(game, i)
        law = dict(game.histogram_law(i).items())
        assert list(law) == [histogram for histogram, _ in tables]
        for histogram, table in tables:
            assert [sum(row) for row in table] == list(histogram)
            assert [sum(column) for column in zip(*table, strict=True)] == list(game.budgets[i].counts)
            assert min(min(row) for row in table) >= 0
        kinds = range(len(game.problem.agents[i].types))
        mean = [[sum(law[h] * t[u][v] for h, t in tables) for v in kinds] for u in kinds]
        scale = game.active_values[i][1] * copies**2
        worst = min(
            sum(c * mean[u][v] * worth(game, i, w)[u][v] for w, c in joint.items() for u in kinds for v in kinds)
            for joint in bounds.joint_histograms(game, i)
        )
        assert worst / scale == value == bounds.floor(game, i)


@pytest.mark.parametrize(("seed", "types", "copies"), CASES[::3])
def test_bystanders_are_at_the_mercy_of_the_others(seed, types, copies):
    game = random_game(seed, 4, types, copies, active=2)
    for i in set(range(4)) - set(game.active):
        if has_two_opponents(game, i):
            assert bystander_range(game, i) == (bounds.floor(game, i), bounds.ceiling(game, i))


@pytest.mark.parametrize(("seed", "types", "copies"), CASES[::2])
def test_the_best_mean_table_is_worth_the_label_free_payoff(seed, types, copies):
    game = random_game(seed, 2, types, copies, active=1)
    form = LabelFreeForm(game)
    for i in game.active:
        agent, tables, counts = game.problem.agents[i], form.tables(i), game.budgets[i].counts
        for exact in (True, False):
            mean = best_mean_table(game.type_laws[i], counts, tables.worth, exact=exact)
            assert [sum(row) for row in mean.cells] == [p * copies for p in agent.prior]
            assert [sum(column) for column in zip(*mean.cells, strict=True)] == list(counts)
            value = sum(x * w for r, s in zip(mean.cells, tables.worth, strict=True) for x, w in zip(r, s, strict=True))
            off = abs(value / (tables.scale * copies) - form.payoff(i))
            largest = max(abs(x) for row in tables.worth for x in row)
            assert off <= mean.error * len(agent.types) ** 2 * largest
            assert not exact or mean.error == off == 0


def test_large_worths_are_rounded_only_where_that_is_allowed():
    third = IndependentLaw((Fraction(1, 3),) * 3, 6)
    worth = [[10**30, 0, 3], [2, 10**29, 5], [7, -(10**30), 11]]
    rough = best_mean_table(third, [3, 2, 1], worth, exact=True)
    fine = best_mean_table(third, [3, 2, 1], worth, exact=True, rounded=False)
    assert (rough.unit > 1, fine.unit) == (True, 1)
    value = [
        sum(x * w for r, s in zip(m.cells, worth, strict=True) for x, w in zip(r, s, strict=True))
        for m in (rough, fine)
    ]
    assert 0 <= value[1] - value[0] <= 6 * rough.unit


def test_a_hundred_problems_of_three_heirs():
    game = eq.load("taking-turns").link(100)
    exact = security_level(game, 0)
    assert Fraction(7, 10) < exact < LabelFreeForm(game).payoff(0)
    estimate = estimated_security_level(game, 0)
    assert abs(Fraction(estimate.value) - exact) <= Fraction(estimate.error) < 10**-10
