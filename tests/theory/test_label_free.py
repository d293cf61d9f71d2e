"""Label-free equilibria: interchangeable, all with the same payoff, equilibria of the whole game."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

import pytest
from random_problems import random_game

from eqsolve.forms.explicit import ExplicitForm
from eqsolve.forms.label_free import LabelFreeForm, fixed_point
from eqsolve.strategy import Strategy, expected_payoffs, uniform

SHAPES = [(2, 2, 1), (2, 2, 2), (2, 2, 3), (2, 3, 2), (2, 3, 3), (3, 2, 2), (3, 2, 3), (3, 3, 2)]
CASES = [(seed, *shape) for shape in SHAPES for seed in range(6)]


def relabel(vector, order):
    return tuple(vector[k] for k in order)


def random_label_free(rng, game, i):
    """A label-free strategy: random messages for one type vector of each orbit, renamed for the others."""
    messages = list(game.budgets[i].messages())
    orders = list(itertools.permutations(range(game.copies)))
    plan = {}
    for t in game.type_vectors(i):
        if t in plan:
            continue
        chosen = {m: Fraction(rng.randint(1, 3)) for m in rng.sample(messages, min(2, len(messages)))}
        for order in orders:  # the same lottery, averaged over the renamings that leave t alone
            target = plan.setdefault(relabel(t, order), {})
            for m, p in chosen.items():
                target[relabel(m, order)] = target.get(relabel(m, order), Fraction(0)) + p
    return Strategy({t: {m: p / sum(ms.values()) for m, p in ms.items()} for t, ms in plan.items()})


@pytest.mark.parametrize(("seed", "n", "types", "copies"), CASES)
def test_value_of_an_announcement_does_not_depend_on_which_label_free_strategies_the_others_play(
    seed, n, types, copies
):
    game = random_game(seed, n, types, copies)
    form, explicit = LabelFreeForm(game), ExplicitForm(game)
    rng = random.Random(seed)
    for _ in range(2):
        profile = [random_label_free(rng, game, i) for i in range(n)]
        assert all(s.is_label_free() for s in profile)
        for i in game.active:
            tables = form.tables(i)
            for t, values in explicit.interim(i, profile).items():
                for m, value in values.items():
                    worth = sum(tables.worth[u][v] for u, v in zip(t, m, strict=True))
                    assert value == Fraction(worth, tables.scale * copies)
                best = [m for m, value in values.items() if value == max(values.values())]
                assert sorted(best) == tables.best_messages(t)


@pytest.mark.parametrize(("seed", "n", "types", "copies"), CASES)
def test_best_label_free_messages_are_an_equilibrium_of_the_whole_game(seed, n, types, copies):
    game = random_game(seed, n, types, copies)
    form, explicit = LabelFreeForm(game), ExplicitForm(game)
    profile = tuple(uniform({t: form.tables(i).best_messages(t) for t in game.type_vectors(i)}) for i in range(n))
    assert explicit.regret(profile) == 0
    assert expected_payoffs(game, profile) == form.payoffs()
    for i, payoff in explicit.payoffs(profile).items():
        assert payoff == form.payoffs()[i]


@pytest.mark.parametrize("seed", range(20))
def test_other_label_free_best_responses_pay_the_same(seed):
    game = random_game(seed, 2, 3, 2)
    form = LabelFreeForm(game)
    for pick in (min, max):
        plans = []
        for i in range(2):
            plan = {}
            for t in game.type_vectors(i):
                counts = [t.count(u) for u in range(len(game.problem.agents[i].types))]
                table = pick(form.tables(i).tables(counts))
                plan[t] = [m for m in form.tables(i).best_messages(t) if _table(t, m, len(counts)) == table]
            plans.append(uniform(plan))
        assert all(s.is_label_free() for s in plans)
        assert expected_payoffs(game, tuple(plans)) == form.payoffs()


def _table(t, m, size):
    cells = [[0] * size for _ in range(size)]
    for u, v in zip(t, m, strict=True):
        cells[u][v] += 1
    return tuple(map(tuple, cells))


@pytest.mark.parametrize("seed", range(30))
def test_fixed_points_of_loose_budgets_are_equilibria(seed):
    game = random_game(seed, 2 + seed % 2, 2, 2, loose=True)
    form = fixed_point(game)
    if form is None:
        pytest.skip("iterated best responses do not settle in this game")
    explicit = ExplicitForm(game)
    profile = tuple(uniform({t: form.tables(i).best_messages(t) for t in game.type_vectors(i)}) for i in range(game.n))
    assert explicit.regret(profile) == 0
    assert expected_payoffs(game, profile) == form.payoffs()


def test_exact_figures_of_one_object():
    import eqsolve as eq

    model = eq.load("object")
    assert [LabelFreeForm(model.link(k)).payoffs() for k in (1, 2, 4)] == [
        (Fraction(11, 4),) * 2,
        (Fraction(53, 16),) * 2,
        (Fraction(221, 64),) * 2,
    ]
