"""Floors and ceilings against the definitions, written out over messages."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest
from random_problems import random_game
from scipy.optimize import linprog

from eqsolve.forms.blocks import ReducedGame
from eqsolve.forms.explicit import ExplicitForm
from eqsolve.forms.label_free import LabelFreeForm
from eqsolve.judge.bounds import ceiling, floor, joint_histograms
from eqsolve.solving import solve

SHAPES = [(2, 2, 2), (2, 2, 3), (2, 3, 2), (3, 2, 2), (3, 2, 3), (3, 3, 2), (4, 2, 2)]
CASES = [(seed, loose, *shape) for shape in SHAPES for seed in range(4) for loose in (False, True)]


def payoff_table(game, i):
    """u[t][m][w]: payoff per problem of agent i's message against a tuple of messages of the other active agents."""
    explicit = ExplicitForm(game)
    p = game.active.index(i)
    scale = explicit.bayesian.scales[p]
    array = np.moveaxis(explicit.bayesian.payoffs[p], p + 1, 1)
    return explicit.vectors[p], array.reshape(array.shape[0], array.shape[1], -1), scale


def shuffled(game, i, array):
    """The same table against messages whose problems are shuffled together, one column per profile of messages."""
    others = [j for j in game.active if j != i]
    messages = [list(game.budgets[j].messages()) for j in others]
    profiles = list(itertools.product(*messages))
    index = {w: k for k, w in enumerate(profiles)}
    orders = list(itertools.permutations(range(game.copies)))
    columns = []
    for w in profiles:
        renamed = [index[tuple(tuple(m[k] for k in order) for m in w)] for order in orders]
        columns.append(sum(array[:, :, c].astype(object) for c in renamed))
    return np.stack(columns, axis=2), len(orders)


@pytest.mark.parametrize(("seed", "loose", "n", "types", "copies"), CASES)
def test_ceiling_is_the_best_response_to_the_most_favourable_known_messages(seed, loose, n, types, copies):
    game = random_game(seed, n, types, copies, loose)
    for i in game.active:
        vectors, array, scale = payoff_table(game, i)
        best = max(
            sum(game.type_probability(i, t) * int(array[k, :, w].max()) for k, t in enumerate(vectors))
            for w in range(array.shape[2])
        )
        assert ceiling(game, i) == best / scale


@pytest.mark.parametrize(("seed", "loose", "n", "types", "copies"), CASES)
def test_floor_is_the_security_level_of_label_free_strategies(seed, loose, n, types, copies):
    """Maximin over strategies against shuffled messages, by an independent floating-point program."""
    game = random_game(seed, n, types, copies, loose)
    for i in game.active:
        vectors, array, scale = payoff_table(game, i)
        table, orders = shuffled(game, i, array)
        table = np.unique(table.astype(float), axis=2) if table.shape[2] > 1 else table.astype(float)
        types_, messages, columns = table.shape
        weights = [float(game.type_probability(i, t)) for t in vectors]
        A_ub = np.zeros((columns, types_ * messages + 1))
        for w in range(columns):
            A_ub[w, :-1] = -np.concatenate([weights[k] * table[k, :, w] for k in range(types_)])
        A_ub[:, -1] = 1
        A_eq = np.kron(np.eye(types_), np.ones(messages))
        A_eq = np.hstack([A_eq, np.zeros((types_, 1))])
        cost = np.zeros(types_ * messages + 1)
        cost[-1] = -1
        bounds = [(0, None)] * (types_ * messages) + [(None, None)]
        found = linprog(cost, A_ub, np.zeros(columns), A_eq, np.ones(types_), bounds=bounds)
        assert float(floor(game, i)) == pytest.approx(-found.fun / (scale * orders), abs=1e-9)


@pytest.mark.parametrize("seed", range(25))
def test_two_agents_floor_is_the_label_free_payoff_against_every_message(seed):
    """The label-free equilibrium strategy gets exactly the floor, whatever the other agent announces."""
    game = random_game(seed, 2, 2 + seed % 2, 2)
    form = LabelFreeForm(game)
    for i in game.active:
        vectors, array, scale = payoff_table(game, i)
        table, orders = shuffled(game, i, array)
        best = {t: form.tables(i).best_messages(t) for t in vectors}
        messages = list(game.budgets[i].messages())
        for w in range(table.shape[2]):
            got = sum(
                game.type_probability(i, t) * Fraction(int(table[k, messages.index(best[t][0]), w]), scale * orders)
                for k, t in enumerate(vectors)
            )
            assert got == form.payoffs()[i] == floor(game, i)


@pytest.mark.parametrize(
    ("seed", "types", "copies", "loose"),
    [(s, t, k, loose) for s in range(8) for t, k in ((2, 2), (2, 3)) for loose in (False, True)],
)
def test_every_equilibrium_pays_between_floor_and_ceiling(seed, types, copies, loose):
    game = random_game(seed, 2, types, copies, loose, active=seed % 3)
    if sum(ReducedGame(ExplicitForm(game).bayesian).labels) > 36:
        pytest.skip("too large to be solved completely in a quick test")
    solution = solve(game, form="explicit")
    assert solution.complete
    for e in solution:
        assert e.regret == 0
        for payoff, low, high in zip(e.payoffs, solution.floor, solution.ceiling, strict=True):
            assert low <= payoff <= high
    if not loose:
        assert solution[0].payoffs == LabelFreeForm(game).payoffs() == solution.label_free_payoffs


def test_label_free_payoff_is_no_floor_for_three_agents():
    """The others coordinate and push agent 1 of Example 5 below its label-free payoff."""
    import eqsolve as eq

    solution = eq.solve(eq.load("collusion").link(2))
    assert min(e.payoffs[0] for e in solution) == -3 < solution.label_free_payoffs[0]


def test_real_tables_are_a_weaker_floor_than_integer_ones_for_four_agents():
    """K = 2, three others with two announcements each: -1 over real joint histograms, -1/2 over integer ones.

    The payoff is -1 where the number of others who announce their first type is even and 0 where it is odd; with
    margins 1, 1, 1 the real table that puts 1/2 on each even cell exists, an integer one has at most one problem there.
    """
    from eqsolve.linking import LinkedGame
    from eqsolve.problem import Agent, DecisionProblem, Type
    from eqsolve.rule import Outcome, table

    two = [Type("x", "1/2", {"good": 1}), Type("y", "1/2", {"good": 2})]
    agents = [Agent("judged", (Type("only", 1, {"bad": -1}), Type("other", 0, {"bad": -1})))]
    agents += [Agent(str(k), tuple(two)) for k in range(3)]
    problem = DecisionProblem(("good", "bad"), tuple(agents))
    outcomes = []
    for w in itertools.product("xy", repeat=3):
        even = w.count("x") % 2 == 0
        outcomes.append(Outcome({str(k): v for k, v in enumerate(w)}, "bad" if even else "good"))
    game = LinkedGame(problem, table(problem, outcomes), 2)
    tables = joint_histograms(game, 0)
    worst = max(sum(c for w, c in joint.items() if w.count(0) % 2 == 0) for joint in tables)
    assert Fraction(worst, 2) == Fraction(1, 2)
    assert floor(game, 0) == Fraction(-1, 2)
    A_eq, b_eq, cost = [], [], []
    cells = list(itertools.product((0, 1), repeat=3))
    for k in range(3):
        for v in (0, 1):
            A_eq.append([1 if w[k] == v else 0 for w in cells])
            b_eq.append(1)
    cost = [-1 if w.count(0) % 2 == 0 else 0 for w in cells]
    assert linprog(cost, A_eq=A_eq, b_eq=b_eq).fun / 2 == pytest.approx(-1)
