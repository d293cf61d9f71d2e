"""Dominance, merging and blocks lose nothing: the whole normal form is solved beside the reduced game."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
from random_problems import random_game

import eqsolve as eq
from eqsolve.engines.complementarity import BlockGame, enumerate_equilibria
from eqsolve.engines.lp import solve_lp
from eqsolve.forms.blocks import ReducedGame
from eqsolve.forms.explicit import ExplicitForm
from eqsolve.forms.normal import normal_form


def class_weights(reduced, p, behaviour):
    """Probability of every class at every type; None if something that was removed is played."""
    flat = []
    for classes, lottery in zip(reduced.classes[p], behaviour, strict=True):
        shares = [sum((lottery.get(a, Fraction(0)) for a in group), Fraction(0)) for group in classes]
        if sum(shares) != 1:
            return None
        flat += shares
    return flat


def in_hull(point, vertices):
    rows = [[v[k] for v in vertices] for k in range(len(point))]
    solution = solve_lp([0] * len(vertices), A_eq=[*rows, [1] * len(vertices)], b_eq=[*point, 1])
    return solution.status == "optimal"


def behaviour_of(normal, p, mixture, types):
    plan = [{} for _ in range(types)]
    for strategies, q in zip(normal.strategies[p], mixture, strict=True):
        for t, a in enumerate(strategies[0]):
            if q:
                plan[t][a] = plan[t].get(a, Fraction(0)) + q
    return plan


CASES = [(seed, 2, 2, loose) for seed in range(10) for loose in (False, True)]
CASES += [(seed, 3, 1, True) for seed in range(10)]


@pytest.mark.parametrize(("seed", "types", "copies", "loose"), CASES)
def test_every_equilibrium_of_the_normal_form_lies_in_a_listed_subset(seed, types, copies, loose):
    game = random_game(seed, 2, types, copies, loose, active=2)
    form = ExplicitForm(game)
    strategies = [len(m) ** len(v) for m, v in zip(form.messages, form.vectors, strict=True)]
    if max(strategies) > 81:
        pytest.skip("the normal form is too large for this test")
    normal = normal_form(form.bayesian, form.bayesian.everything(), merge=False)
    plain = enumerate_equilibria(BlockGame.of(normal.payoffs[0], normal.payoffs[1]), max_seconds=8)
    if not plain.complete:
        pytest.skip("the normal form takes too long")
    reduced = ReducedGame(form.bayesian)
    found = enumerate_equilibria(reduced.blocks)
    assert found.complete
    for r, c in plain.pairs:
        weights = []
        for p, vector in enumerate((plain.rows[r], plain.cols[c])):
            weights.append(class_weights(reduced, p, behaviour_of(normal, p, vector, len(form.vectors[p]))))
        assert None not in weights, "an equilibrium plays what dominance removed"
        assert any(
            in_hull(weights[0], [found.rows[k] for k in rows]) and in_hull(weights[1], [found.cols[k] for k in cols])
            for rows, cols in found.subsets
        )


@pytest.mark.parametrize("seed", range(12))
def test_any_mixture_within_a_subset_is_an_equilibrium(seed):
    """Mixtures agent by agent, and of the messages told as free, have regret 0."""
    game = random_game(seed, 2, 2, 2, loose=seed % 2 == 0, active=2)
    solution = eq.solve(game, form="explicit")
    form = ExplicitForm(game)
    for subset in solution.subsets:
        entries = [solution[k] for k in subset]
        mixed = []
        for i in range(2):
            plan = {}
            for t in game.type_vectors(i):
                lottery = {}
                for e in entries:
                    chosen = dict(e.strategies[i].plan[t])
                    if t in e.free[i]:
                        chosen = {e.free[i][t][-1]: Fraction(1)}
                    for m, q in chosen.items():
                        lottery[m] = lottery.get(m, Fraction(0)) + q / len(entries)
                plan[t] = lottery
            mixed.append(eq.Strategy(plan))
        assert form.regret(mixed) == 0


def test_dominance_is_strict_against_every_opponent_that_is_left():
    """Each elimination is checked against all pure strategies of the opponent that survived until then."""
    for seed in range(15):
        game = random_game(seed, 2, 2, 2, active=2)
        bayesian = ExplicitForm(game).bayesian
        reduced = ReducedGame(bayesian)
        left = [list(map(set, player)) for player in bayesian.everything()]
        for number in sorted({e.round for e in reduced.eliminations}):
            now = [e for e in reduced.eliminations if e.round == number]
            for e in now:
                other = 1 - e.player
                table = bayesian.payoffs[e.player][e.type]
                table = table if e.player == 0 else table.T
                for choice in itertools.product(*left[other]):
                    weights = bayesian.priors[other]
                    gain = sum(
                        w * (sum(q * int(table[b, m]) for b, q in e.mixture.items()) - int(table[e.action, m]))
                        for w, m in zip(weights, choice, strict=True)
                    )
                    assert gain > 0
            for e in now:
                left[e.player][e.type].discard(e.action)
        assert [[tuple(sorted(s)) for s in player] for player in left] == [list(p) for p in reduced.survivors]
