"""Floors, ceilings and joint laws against all equilibria of the explicit form, on more than 500 random problems.

Two agents: every equilibrium, pure and mixed, from the complete search. Three and four agents: every pure equilibrium
of the normal form over pure strategies, and the label-free one.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from random_problems import random_game

from eqsolve.forms.blocks import ReducedGame
from eqsolve.forms.explicit import ExplicitForm
from eqsolve.forms.label_free import LabelFreeForm
from eqsolve.forms.normal import normal_form
from eqsolve.judge.bounds import ceiling, floor, joint_law_bounds
from eqsolve.solving import solve

MAX_LABELS = 26
MAX_PROFILES = 70_000
BLOCK = 20
TWO = [(2, 2, False), (2, 2, True), (2, 3, False), (2, 3, True), (3, 1, True), (3, 2, False)]
MORE = [(3, 2, 1, True), (3, 2, 2, False), (3, 3, 1, True), (4, 2, 1, True), (4, 2, 2, False)]


def assert_between(game, payoffs, tightened):
    """All payoffs between floor and ceiling, and between the ends of the joint law, which are between these."""
    for i in range(game.n):
        low, high = floor(game, i), ceiling(game, i)
        found = [p[i] for p in payoffs]
        assert low <= min(found)
        assert max(found) <= high
        if tightened:
            inner = joint_law_bounds(game, i)
            assert low <= inner[0].value <= min(found)
            assert max(found) <= inner[1].value <= high


def solved(types, copies, loose, first):
    """Random games of two active agents, of those that are small enough to be solved completely at once."""
    found, seed = 0, first
    while found < BLOCK:
        game = random_game(seed, 2, types, copies, loose, active=2)
        seed += 1
        if sum(ReducedGame(ExplicitForm(game).bayesian).labels) <= MAX_LABELS:
            solution = solve(game, form="explicit", max_seconds=3)
            if solution.complete:
                found += 1
                yield game, solution


@pytest.mark.slow
@pytest.mark.parametrize(("types", "copies", "loose"), TWO)
@pytest.mark.parametrize("block", range(3))
def test_two_agents(types, copies, loose, block):
    """Theorem C: the floor holds, is what every label-free equilibrium pays, and so is attained. Theorem E."""
    for game, solution in solved(types, copies, loose, 1000 * (block + 1)):
        assert all(e.regret == 0 for e in solution)
        assert_between(game, [e.payoffs for e in solution], tightened=True)
        if not loose:
            assert solution[0].label_free
            assert solution[0].payoffs == tuple(floor(game, i) for i in range(game.n))
            assert all(e.payoffs == solution[0].payoffs for e in solution if e.label_free)


def pure_payoffs(game):
    """Payoffs per problem of the active agents in all pure equilibria; None if there are too many profiles."""
    form = ExplicitForm(game)
    bayesian = form.bayesian
    counts = [len(m) ** len(v) for m, v in zip(form.messages, form.vectors, strict=True)]
    if np.prod(np.array(counts, dtype=float)) > MAX_PROFILES:
        return None
    normal = normal_form(bayesian, bayesian.everything())
    stable = np.ones(normal.payoffs[0].shape, dtype=bool)
    for p, payoffs in enumerate(normal.payoffs):
        stable &= payoffs == payoffs.max(axis=p, keepdims=True)
    return [tuple(payoffs[place] for payoffs in normal.payoffs) for place in zip(*np.nonzero(stable), strict=True)]


def small_more(n, types, copies, loose, number):
    games, seed = [], 5000
    while len(games) < number:
        game = random_game(seed, n, types, copies, loose, active=n)
        seed += 1
        payoffs = pure_payoffs(game)
        if payoffs:
            games.append((game, payoffs))
    return games


@pytest.mark.slow
@pytest.mark.parametrize(("n", "types", "copies", "loose"), MORE)
def test_three_and_four_agents(n, types, copies, loose):
    """Theorems D and E, in all pure equilibria and the label-free one."""
    for game, payoffs in small_more(n, types, copies, loose, 2 * BLOCK):
        found = list(payoffs)
        if LabelFreeForm.applies(game):
            found.append(LabelFreeForm(game).payoffs())
        assert all(isinstance(x, Fraction) for p in found for x in p)
        assert_between(game, found, tightened=n == 3)
