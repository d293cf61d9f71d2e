"""Iterated interim dominance told by lie tables: against the explicit form, and against the definition."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest
from random_problems import random_game

import eqsolve as eq
from eqsolve.certificate.game import read_game
from eqsolve.certificate.reduction import surviving
from eqsolve.engines.bayesian import undominated
from eqsolve.forms.explicit import ExplicitForm
from eqsolve.io.certificate_file import game_block
from eqsolve.judge.bounds.dominance import undominated_tables
from eqsolve.judge.bounds.mixing import lottery_with
from eqsolve.search import best_response_equilibria

SHAPES = [(2, 1), (2, 2), (2, 3), (3, 1), (3, 2)]


@pytest.mark.parametrize(
    ("seed", "types", "copies", "loose"),
    [(s, *shape, loose) for shape in SHAPES for s in range(5) for loose in (False, True)],
)
def test_two_agents_lose_what_the_explicit_form_loses(seed, types, copies, loose):
    game = random_game(seed, 2, types, copies, loose)
    form = ExplicitForm(game)
    survivors, _ = undominated(form.bayesian)
    reduced = undominated_tables(game)
    assert reduced.complete
    for p, i in enumerate(game.active):
        for vector, actions in zip(form.vectors[p], survivors[p], strict=True):
            assert reduced.messages(i, vector) == [form.messages[p][a] for a in actions]


@pytest.mark.parametrize(("name", "copies"), [("bargaining", 3), ("bargaining", 4), ("object", 4), ("voting", 2)])
def test_bundled_models_lose_what_the_explicit_form_loses(name, copies):
    game = eq.load(name).link(copies)
    form = ExplicitForm(game)
    survivors, _ = undominated(form.bayesian)
    reduced = undominated_tables(game)
    for p, i in enumerate(game.active):
        for vector, actions in zip(form.vectors[p], survivors[p], strict=True):
            assert reduced.messages(i, vector) == [form.messages[p][a] for a in actions]


def worst_case_gain(form, p, t, m, lottery, left):
    """Least gain of a lottery over m at t, at the worst messages left for every profile of the others' types."""
    game = form.bayesian
    tables = np.moveaxis(game.payoffs[p][t].astype(object), p, 0)
    gain = sum(q * tables[a] for a, q in lottery.items()) - tables[m]
    others = [q for q in range(game.n) if q != p]
    total = Fraction(0)
    for types in itertools.product(*(range(len(left[q])) for q in others)):
        weight = Fraction(1)
        for q, s in zip(others, types, strict=True):
            weight *= game.priors[q][s]
        total += weight * gain[np.ix_(*(left[q][s] for q, s in zip(others, types, strict=True)))].min()
    return total


@pytest.mark.parametrize(
    ("seed", "n", "loose"), [(s, n, loose) for n in (2, 3) for s in range(5) for loose in (False, True)]
)
def test_every_elimination_is_dominated_against_what_was_left(seed, n, loose):
    """By the definition, over all type vectors and messages of the explicit form; mixtures keep to the budget."""
    game = random_game(seed, n, 2, 2, loose, active=n)
    form = ExplicitForm(game)
    bayesian = form.bayesian
    reduced = undominated_tables(game)
    index = [{m: a for a, m in enumerate(messages)} for messages in form.messages]
    left = [[list(range(len(form.messages[p]))) for _ in form.vectors[p]] for p in range(n)]
    for number, group in itertools.groupby(reduced.eliminations, key=lambda e: e.round):
        gone = []
        for e in group:
            p = game.active.index(e.agent)
            lottery = lottery_with(e.marginals, game.budgets[e.agent])
            assert sum(lottery.values()) == 1
            assert all(game.budgets[e.agent].admits([m.count(v) for v in range(len(row))]) for m in lottery
                       for row in e.marginals)  # fmt: skip
            played = {index[p][m]: q for m, q in lottery.items()}
            t = form.vectors[p].index(e.vector)
            assert worst_case_gain(form, p, t, index[p][e.message], played, left) > 0, number
            for order in itertools.permutations(range(game.copies)):
                vector, message = (tuple(x[k] for k in order) for x in (e.vector, e.message))
                gone.append((p, form.vectors[p].index(vector), index[p][message]))
        for p, t, a in set(gone):
            left[p][t].remove(a)
    for p, i in enumerate(game.active):
        for t, vector in enumerate(form.vectors[p]):
            assert [form.messages[p][a] for a in left[p][t]] == reduced.messages(i, vector)
    for found in best_response_equilibria(game, seed=seed) if bayesian.n == n else ():
        for i, strategy in zip(game.active, found, strict=True):
            for vector, lottery in strategy.plan.items():
                assert set(lottery) <= set(reduced.messages(i, vector)), "an equilibrium plays what was removed"


@pytest.mark.parametrize(
    ("seed", "n", "loose"), [(s, n, loose) for n in (2, 3) for s in range(4) for loose in (False, True)]
)
def test_the_checker_accepts_the_eliminations(seed, n, loose):
    game = random_game(seed, n, 2, 2, loose, active=n)
    reduced = undominated_tables(game)
    left = surviving(read_game(game_block(game)), reduced.reduction())
    for i in game.active:
        for vector in game.type_vectors(i):
            assert left[i][vector] == reduced.messages(i, vector)


def test_three_agents_can_lose_messages():
    found = [undominated_tables(random_game(seed, 3, 2, 2, active=3)).eliminations for seed in range(8)]
    assert sum(map(bool, found)) >= 3
    assert any(e.round > 0 for eliminations in found for e in eliminations)


def test_mixtures_that_are_no_messages_come_from_messages():
    game = eq.load("voting").link(3)
    half = Fraction(1, 2)
    rows = [(half, half / 2, half / 2, 0), (0, half, 0, half), (half, 0, 0, half)]
    budget = game.budgets[0]
    strong = sum(row[0] + row[3] for row in rows)
    assert budget.groups[0].least == 2 == strong
    lottery = lottery_with(rows, budget)
    for k in range(3):
        for v in range(4):
            assert sum((q for m, q in lottery.items() if m[k] == v), Fraction(0)) == rows[k][v]
    assert all(sum(v in (0, 3) for v in m) == 2 for m in lottery)
