"""Correlated values: what a simulation of the vote says, drawn exactly."""

from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction

import pytest

import eqsolve as eq
from eqsolve.forms.label_free import fixed_point
from eqsolve.ledger.correlation import alike_in_intensity, copied, error, largest_gain, rationed_error
from eqsolve.linking import LinkedGame
from eqsolve.processes import Intensity
from eqsolve.strategy import uniform

RHOS = [Fraction(0), Fraction(1, 7), Fraction(2, 3), Fraction(1)]
CASES = [(process, rho) for process in (copied, alike_in_intensity) for rho in RHOS]


@pytest.mark.parametrize(("process", "rho"), [*CASES, *((alike_in_intensity, -rho) for rho in RHOS[1:])])
def test_errors_need_two_indifferent_agents(process, rho):
    law = process(rho)
    assert sum(law.values()) == 1
    assert min(law.values()) >= 0
    for v in (2, 1, -1, -2):
        assert (
            sum(p for (x, _), p in law.items() if x == v)
            == sum(p for (_, y), p in law.items() if y == v)
            == Fraction(1, 4)
        )
    indifferent = sum(p for (x, y), p in law.items() if abs(x) == abs(y))
    assert error(law) == Fraction(1, 4) * indifferent**2 / 2
    assert error(law) == (1 + rho) ** 2 / 32
    # Naming one problem by a coin when indifferent: honest with probability 1 - P(equal)/2, as in Example 1.
    assert rationed_error(law) == Fraction(1, 4) * indifferent / 2
    assert largest_gain(law) == 0


@pytest.mark.parametrize(
    ("rho", "printed"),
    [(0, "1/32"), ("1/4", "25/512"), ("1/2", "9/128"), (1, "1/8"), (-1, "0"), ("-1/2", "1/128")],
)
def test_figures_of_both_models(rho, printed):
    for process in (copied, alike_in_intensity) if Fraction(rho) >= 0 else (alike_in_intensity,):
        assert error(process(Fraction(rho))) == Fraction(printed)


@pytest.mark.parametrize("rho", [Fraction(-1), Fraction(-1, 2), Fraction(0), Fraction(1, 2)])
def test_the_rationed_vote_as_a_linked_game(rho):
    """Example 1 under the process: label-free strategies of the compiled game, and who is given what against whom."""
    model = eq.load("voting")
    process = Intensity(rho, {"strong": ["2", "-2"], "weak": ["1", "-1"]})
    options = replace(model.options, process=process)
    game = LinkedGame(model.problem, model.rule, 2, model.budget_rules, options)
    form = fixed_point(game)
    joint = uniform({t: form.tables(0).best_messages(t) for t in game.type_vectors(0)}).joint_marginals(game, 0)[0]
    worth = [int(t.utility["b"]) for t in model.problem.agents[0].types]
    wrong = Fraction(0)
    for (s, p), (t, q) in itertools.product(enumerate(joint), repeat=2):
        if worth[s] * worth[t] < 0 and abs(worth[s]) != abs(worth[t]):
            ahead = worth[s] + worth[t] > 0  # b is right
            for (x, a), (y, b) in itertools.product(enumerate(p), enumerate(q)):
                wrong += a * b * game.lotteries[x, y][0 if ahead else 1]
    assert wrong == rationed_error(alike_in_intensity(rho)) == (1 + rho) / 16


def test_opposite_intensities_are_fully_efficient():
    """Perfect negative correlation of intensities: naming the problem that one cares about more is all there is."""
    model = eq.load("voting")
    process = Intensity(-1, {"strong": ["2", "-2"], "weak": ["1", "-1"]})
    options = replace(model.options, process=process)
    game = LinkedGame(model.problem, model.rule, 2, model.budget_rules, options)
    solution = eq.solve(game, form="explicit")
    assert solution.complete
    assert {e.payoffs for e in solution} == {model.target()} == {(Fraction(7, 16),) * 2}


def test_verdicts(settled):
    for name in ("model1", "model2"):
        found = settled(f"000.corr.{name}")
        assert found.computed == "1/32 + 1/16 rho + 1/32 rho^2"
        assert found.verdict == "holds-with-caveat"
        assert "1/16 + 1/16 rho" in found.caveat
    pairs = [(x, y) for x, y in itertools.product((2, 1, -1, -2), repeat=2) if x * y < 0 and abs(x) != abs(y)]
    assert settled("000.corr.separate").computed == str(Fraction(len(pairs), 2 * 16))
    assert settled("000.corr.separate").verdict == "holds"
