"""Simulated play against the exact figures."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from filter_brute_force import panel_of

import eqsolve as eq
from eqsolve.errors import ModelError
from eqsolve.filter.calibration import Calibration
from eqsolve.filter.chances import Estimate
from eqsolve.filter.panel import Panel
from eqsolve.filter.plan import Plan
from eqsolve.filter.power import power
from eqsolve.filter.simulation import play, simulate

F = Fraction


def check(panel, rounds, seed, kind, epsilons, plan=None):
    """False alarms and power of simulated rounds within five standard errors of the exact ones."""
    exact, rounds_ = Calibration(panel, kind), simulate(panel, rounds, seed, kind)
    against = None if plan is None else simulate(panel, rounds, seed + 1, kind, plan)
    for epsilon in epsilons:
        for estimate, chance in zip(rounds_.false_alarm(epsilon), exact.false_alarm(epsilon), strict=True):
            assert estimate.agrees(chance)
        assert rounds_.family_wise(epsilon).agrees(exact.family_wise(epsilon))
        if plan is not None:
            wanted = power(exact, plan, epsilon)
            assert against.exceeds(plan.members, epsilon).agrees(wanted.coalition)
            assert all(against.exceeds((i,), epsilon).agrees(q) for i, q in wanted.members.items())


TRIPLE = panel_of((4, 4), (4, 4), (4, 4))
COPYING = Plan.mixed(
    TRIPLE,
    [
        (F(1, 4), {0: (0, 0, 0, 0, 1, 1, 1, 1), 1: (0, 0, 0, 1, 0, 1, 1, 1)}),
        (F(3, 4), {0: (0, 1, 0, 1, 0, 1, 0, 1), 1: (0, 0, 1, 1, 0, 0, 1, 1)}),
    ],
)


@pytest.mark.parametrize("kind", ["pairwise", "joint"])
def test_false_alarms_and_power_agree(kind):
    check(TRIPLE, 100_000, 11, kind, [F(0), F(1, 8), F(1, 4), F(1, 2)], COPYING)


def test_example_5_with_types_drawn_from_priors():
    panel = Panel.of_model(eq.load("collusion"), 8)
    check(panel, 100_000, 3, "pairwise", [F(0), F(1, 4)])


@pytest.mark.slow
@pytest.mark.parametrize("model", ["collusion", "taking-turns"])
def test_a_million_rounds(model):
    panel = Panel.of_model(eq.load(model), 8)
    exact = Calibration(panel)
    check(panel, 1_000_000, 2003, "pairwise", [F(0), exact.epsilon_for(F(1, 20)), exact.epsilon_for(F(1, 3))])
    check(TRIPLE, 1_000_000, 2003, "joint", [F(1, 4)], COPYING)


def test_play_keeps_budgets_and_the_seed_decides():
    panel = Panel.of_model(eq.load("collusion"), 6)
    messages = play(panel, np.random.default_rng(1), 50)
    assert messages.shape == (50, 3, 6)
    assert all(panel.admits(i, tuple(row[i])) for row in messages.tolist() for i in range(3))
    first, again, other = (simulate(TRIPLE, 200, seed) for seed in (7, 7, 8))
    assert first.false_alarm(F(1, 4)) == again.false_alarm(F(1, 4))
    assert first.law.weights.tolist() != other.law.weights.tolist()
    assert first.epsilon_for(F(1)) == 0
    assert first.epsilon_for(F(0), family_wise=True) == max(first.law.values(range(3)))


def test_distances_too_fine_for_machine_integers_are_simulated_exactly():
    panel = panel_of((41, 43, 47, 53, 59, 61, 67, 71, 73, 79), (257, 337))
    found = simulate(panel, 3)
    assert found.law.total == 3
    assert found.false_alarm(F(0))[0] == Estimate(3, 3)


def test_estimates_state_their_error():
    nothing, half = Estimate(0, 100), Estimate(50, 100)
    assert 0 < nothing.stderr < 0.011
    assert half.stderr == pytest.approx(0.05)
    assert half.agrees(F(7, 10))
    assert not half.agrees(F(8, 10))
    for bad in ({"rounds": 0}, {"rounds": 10**9}, {"rounds": 5, "seed": -1}):
        with pytest.raises(ModelError):
            simulate(TRIPLE, **bad)
