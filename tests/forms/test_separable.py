"""The separable form against the explicit one, which lists everything."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest
from random_problems import random_game

import eqsolve as eq
from eqsolve.errors import SizeError
from eqsolve.forms.explicit import ExplicitForm
from eqsolve.forms.label_free import LabelFreeForm
from eqsolve.forms.separable import SeparableForm
from eqsolve.strategy import Strategy, expected_payoffs, uniform

SHAPES = [(2, 2, 1), (2, 2, 3), (2, 3, 2), (2, 3, 3), (3, 2, 2), (3, 3, 2), (4, 2, 2)]
CASES = [(seed, loose, *shape) for shape in SHAPES for seed in range(5) for loose in (False, True)]


def random_strategy(rng, game, i):
    messages = list(game.budgets[i].messages())
    plan = {}
    for t in game.type_vectors(i):
        chosen = rng.sample(messages, min(len(messages), rng.randint(1, 2)))
        weights = [rng.randint(1, 3) for _ in chosen]
        plan[t] = {m: Fraction(w, sum(weights)) for m, w in zip(chosen, weights, strict=True)}
    return Strategy(plan)


def random_profile(seed, game):
    rng = random.Random(seed)
    return tuple(random_strategy(rng, game, i) for i in range(game.n))


@pytest.mark.parametrize(("seed", "loose", "n", "types", "copies"), CASES)
def test_payoffs_and_regret_are_those_of_the_definition(seed, loose, n, types, copies):
    game = random_game(seed, n, types, copies, loose)
    profile = random_profile(seed, game)
    form, explicit = SeparableForm(game), ExplicitForm(game)
    assert form.payoffs(profile) == expected_payoffs(game, profile)
    assert form.regret(profile) == explicit.regret(profile)


@pytest.mark.parametrize(("seed", "loose", "n", "types", "copies"), CASES)
def test_best_responses_are_those_of_the_definition(seed, loose, n, types, copies):
    game = random_game(seed, n, types, copies, loose)
    profile = random_profile(seed, game)
    form, explicit = SeparableForm(game), ExplicitForm(game)
    marginals = form.marginals(profile)
    rng = random.Random(seed)
    for i in game.active:
        worth, interim = form.worth(i, marginals), explicit.interim(i, profile)
        best = form.best_responses(i, worth)
        prefer = np.array([[[rng.randint(-5, 5) for _ in row] for row in part] for part in worth.table])
        refined = form.best_responses(i, worth, prefer)
        vectors = form.vectors(i)
        assert [tuple(t) for t in vectors.tolist()] == list(interim)
        sent, chosen = best.messages(vectors).tolist(), refined.messages(vectors).tolist()
        values = refined.all_values(vectors).tolist()
        for (t, row), m, preferred, value in zip(interim.items(), sent, chosen, values, strict=True):
            top = max(row.values())
            assert best.value(t) == row[tuple(m)] == top == Fraction(value, refined.scale)
            optimal = [m for m, x in row.items() if x == top]
            assert list(form.best_messages(i, worth, t)) == optimal

            def liking(m, t=t, prefer=prefer):
                return sum(int(prefer[k, u, v]) for k, (u, v) in enumerate(zip(t, m, strict=True)))

            assert tuple(preferred) in optimal
            assert liking(preferred) == max(map(liking, optimal))


@pytest.mark.parametrize(("name", "copies"), [("object", 6), ("collusion", 8), ("bargaining", 6)])
def test_label_free_play_has_no_regret_where_messages_are_too_many_to_list(name, copies):
    game = eq.load(name).link(copies)
    tables, form = LabelFreeForm(game), SeparableForm(game)
    profile = tuple(
        uniform({t: tables.tables(i).best_messages(t) for t in game.type_vectors(i)}) for i in range(game.n)
    )
    assert form.regret(profile) == 0
    assert form.payoffs(profile) == tables.payoffs()
    flat = {i: form.flat(i, tables.announced(i)) for i in game.active}
    for i in game.active:
        best = form.best_responses(i, form.worth(i, flat))
        assert len(best.values) == copies + 1, "problems that are alike are solved once"


def test_marginals_of_pure_strategies_come_from_arrays_too():
    game = eq.load("bargaining").link(3)
    form = SeparableForm(game)
    rng = random.Random(1)
    messages = list(game.budgets[0].messages())
    chosen = np.array([rng.choice(messages) for _ in form.vectors(0)])
    pairs = zip(form.vectors(0).tolist(), chosen.tolist(), strict=True)
    strategy = Strategy.pure({tuple(t): tuple(m) for t, m in pairs})
    told, counted = form.announced(0, strategy), form.announced_by(0, chosen)
    assert (told.counts == counted.counts).all()
    assert told.scale == counted.scale
    assert sum(told.probability(0, v) for v in range(2)) == 1


def test_huge_numbers_stay_exact():
    game = random_game(3, 2, 2, 2, active=2)
    agents = []
    for a in game.problem.agents:
        types = [eq.Type(t.name, t.prob, {d: w * 10**40 + 1 for d, w in t.utility.items()}) for t in a.types]
        agents.append(eq.Agent(a.name, tuple(types)))
    problem = eq.DecisionProblem(game.problem.decisions, tuple(agents))
    large = eq.LinkedGame(problem, eq.Rule(problem, game.rule.lotteries), 2)
    profile = random_profile(3, large)
    assert SeparableForm(large).regret(profile) == ExplicitForm(large).regret(profile) > 10**20


def test_sizes_are_refused_before_memory_is_taken():
    game = eq.load("taking-turns").link(60)
    with pytest.raises(SizeError, match="type vectors, at most"):
        SeparableForm(game).vectors(0)


def test_what_is_no_strategy_is_refused():
    game = eq.load("object").link(2)
    form = SeparableForm(game)
    honest = {t: {(0, 1): Fraction(1)} for t in game.type_vectors(0)}
    good = Strategy(honest)
    half = Strategy({**honest, (0, 0): {(0, 1): Fraction(1, 2)}})
    beyond = Strategy({**honest, (0, 0): {(1, 1): Fraction(1)}})
    assert form.regret((good, good)) > 0
    with pytest.raises(eq.ModelError, match="sum to 7/8"):
        form.regret((half, good))
    with pytest.raises(eq.ModelError, match="'high, high', which its budget forbids"):
        form.payoffs((good, beyond))
