"""Best responses that keep others' strategies best; walks; exchanges."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

import pytest
from random_problems import random_game

import eqsolve as eq
from eqsolve.forms.explicit import ExplicitForm
from eqsolve.forms.label_free import LabelFreeForm
from eqsolve.forms.separable import SeparableForm
from eqsolve.search.best_replies import BestReplies
from eqsolve.search.reply import exchanges
from eqsolve.search.starts import Starts, partitions
from eqsolve.search.supports import solve_supports
from eqsolve.search.symmetry import Blocks
from eqsolve.search.walk import Goal, walk


@pytest.mark.parametrize(("seed", "loose"), [(s, loose) for s in range(10) for loose in (False, True)])
def test_exchanges_add_up_and_keep_the_budget(seed, loose):
    rng = random.Random(seed)
    game = random_game(seed, 2, 3, 4, loose, active=1)
    form = SeparableForm(game)
    for i in game.active:
        messages = list(game.budgets[i].messages())
        for _ in range(20):
            t = rng.choice(game.type_vectors(i))
            m, other = rng.choice(messages), rng.choice(messages)
            parts = exchanges(form, i, t, m, other)
            changed = [k for k, *_ in itertools.chain(*parts)]
            assert sorted(changed) == [k for k in range(4) if m[k] != other[k]]
            for part in parts:
                alone = list(m)
                for k, u, v, w in part:
                    assert (t[k], m[k], other[k]) == (u, v, w)
                    alone[k] = w
                assert tuple(alone) in messages


def label_free_plans(form, blocks):
    tables = LabelFreeForm(form.game)
    flat = {i: form.flat(i, tables.announced(i)) for i in form.game.active}
    return {i: blocks.even(i, blocks.best_messages(i, form.worth(i, flat), 1_000)) for i in form.game.active}


@pytest.mark.parametrize(
    ("seed", "n", "types", "copies"), [(s, *shape) for s in range(4) for shape in ((2, 2, 3), (2, 3, 2), (3, 2, 2))]
)
def test_every_stop_of_a_walk_is_an_equilibrium(seed, n, types, copies):
    game = random_game(seed, n, types, copies, active=n)
    form, explicit, rng = SeparableForm(game), ExplicitForm(game), random.Random(seed)
    goals = [Goal(0), Goal(n - 1, -1), Goal(None)]
    for parts in partitions(copies):
        blocks = Blocks(form, parts)
        for goal in goals:
            stops = list(walk(blocks, label_free_plans(form, blocks), goal, rng, steps=4))
            assert stops
            for stop in stops:
                assert explicit.regret(tuple(blocks.strategy(i, stop[i]) for i in range(n))) == 0


def test_walks_leave_the_label_free_payoffs():
    game = eq.load("bargaining").link(3)
    form, blocks = SeparableForm(game), Blocks(SeparableForm(game), [[0, 1], [2]])
    paid = set()
    for seed in range(8):
        for stop in walk(blocks, label_free_plans(form, blocks), Goal(0), random.Random(seed), steps=8):
            paid.add(form.payoffs(tuple(blocks.strategy(i, stop[i]) for i in range(2))))
    assert (Fraction(584, 243),) * 2 in paid
    assert len(paid) > 1


def test_circles_become_mixed_equilibria():
    """Matching pennies by announcements: best responses go round, both mix evenly."""
    types = (eq.Type("x", "1/2", {}), eq.Type("y", "1/2", {}))
    one = tuple(eq.Type(t.name, t.prob, {"same": 1}) for t in types)
    two = tuple(eq.Type(t.name, t.prob, {"different": 1}) for t in types)
    problem = eq.DecisionProblem(("same", "different"), (eq.Agent("1", one), eq.Agent("2", two)))
    outcomes = [eq.Outcome({"1": "x", "2": "x"}, "same"), eq.Outcome({"1": "y", "2": "y"}, "same")]
    game = eq.LinkedGame(problem, eq.table(problem, [*outcomes, eq.Outcome({}, "different")]), 2, eq.BudgetRule("none"))
    form = SeparableForm(game)
    replies = BestReplies(form)
    start = next(Starts(form, [(Fraction(1), Fraction(0))] * 2, random.Random(0)).structured(1))
    end = replies.run(start)
    assert not end.settled
    blocks = Blocks(form, [[0], [1]])
    open_ = {i: {t: [(0, 0), (0, 1), (1, 0), (1, 1)] for t in game.type_vectors(i)} for i in range(2)}
    plans = solve_supports(blocks, open_, {})
    profile = tuple(blocks.strategy(i, plans[i]) for i in range(2))
    assert form.regret(profile) == ExplicitForm(game).regret(profile) == 0
    assert form.payoffs(profile) == (Fraction(1, 2), Fraction(1, 2))
