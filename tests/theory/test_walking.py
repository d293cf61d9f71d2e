"""Walking away: every form, floors and ceilings against the definition, written out over profiles of type vectors."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from random_problems import random_game
from random_processes import random_process_game
from scipy.optimize import linprog

import eqsolve as eq
from eqsolve.errors import ModelError, NotSupported
from eqsolve.forms.blocks import ReducedGame
from eqsolve.forms.explicit import ExplicitForm
from eqsolve.forms.export import normal_form_game
from eqsolve.forms.label_free import LabelFreeForm, fixed_point
from eqsolve.forms.label_free_game import LabelFreeGame
from eqsolve.forms.separable import SeparableForm
from eqsolve.io.certificate_file import game_block
from eqsolve.judge.bounds import ceiling, ceiling_evidence, floor, floor_evidence, undominated_tables
from eqsolve.judge.outcome import OutcomeMap
from eqsolve.linking import LinkedGame
from eqsolve.search import find_equilibria
from eqsolve.solving import solve
from eqsolve.strategy import Strategy, expected_payoffs, uniform, walking_share


def walking(game: LinkedGame, seed: int = 0) -> LinkedGame:
    """The same game with one of its decisions as the status quo."""
    rng = random.Random(f"status quo {seed}")
    options = replace(game.options, walk_away=rng.choice(game.problem.decisions))
    return LinkedGame(game.problem, game.rule, game.copies, game.budget_rules, options)


def random_strategy(rng, game, i):
    messages = list(game.budgets[i].messages())
    plan = {}
    for t in game.type_vectors(i):
        chosen = rng.sample(messages, min(len(messages), rng.randint(1, 2)))
        weights = [rng.randint(1, 3) for _ in chosen]
        plan[t] = {m: Fraction(w, sum(weights)) for m, w in zip(chosen, weights, strict=True)}
    return Strategy(plan)


def on_one_problem(game, true, announced):
    """Expected utilities and the probability that somebody walks away, on a problem: the definition."""
    problem, quo = game.problem, game.problem.decisions.index(game.options.walk_away)
    totals, walks = [Fraction(0)] * game.n, Fraction(0)
    for d, p in enumerate(game.lotteries[announced]):
        worth = [problem.utility(i, u) for i, u in enumerate(true)]
        gone = any(w[d] < w[quo] for w in worth)
        walks += p * gone
        for i, w in enumerate(worth):
            totals[i] += p * w[quo if gone else d]
    return totals, walks


def multiplied_out(game, profile):
    """Payoffs per problem and the share of problems from which somebody walks, over everything that may happen."""
    totals, walks = [Fraction(0)] * game.n, Fraction(0)
    spaces = [
        [(t, m, game.type_probability(i, t) * p) for t, ms in s.plan.items() for m, p in ms.items()]
        for i, s in enumerate(profile)
    ]
    for cells in itertools.product(*spaces):
        weight = Fraction(1)
        for _, _, p in cells:
            weight *= p
        for k in range(game.copies):
            got, gone = on_one_problem(game, tuple(t[k] for t, _, _ in cells), tuple(m[k] for _, m, _ in cells))
            walks += weight * gone
            totals = [total + weight * g for total, g in zip(totals, got, strict=True)]
    return tuple(total / game.copies for total in totals), walks / game.copies


@pytest.mark.parametrize(
    ("seed", "n", "types", "copies", "loose"),
    [(s, n, t, k, s % 2 == 1) for s in range(6) for n, t, k in ((2, 2, 2), (2, 3, 2), (2, 2, 3), (3, 2, 2))],
)
def test_forms_agree_with_the_definition(seed, n, types, copies, loose):
    game = walking(random_game(seed, n, types, copies, loose), seed)
    rng = random.Random(seed)
    profile = tuple(random_strategy(rng, game, i) for i in range(n))
    expected, walks = multiplied_out(game, profile)
    explicit, separable = ExplicitForm(game), SeparableForm(game)
    assert expected_payoffs(game, profile) == separable.payoffs(profile) == expected
    assert walking_share(game, profile) == walks
    assert all(payoff == expected[i] for i, payoff in explicit.payoffs(profile).items())
    assert explicit.regret(profile) == separable.regret(profile)
    if game.active:  # one agent deviates to a constant message
        i = rng.choice(game.active)
        message = rng.choice(list(game.budgets[i].messages()))
        deviation = Strategy.pure(dict.fromkeys(game.type_vectors(i), message))
        other = tuple(deviation if j == i else s for j, s in enumerate(profile))
        gain = multiplied_out(game, other)[0][i] - expected[i]
        interim = explicit.interim(i, profile)
        assert gain == sum(game.type_probability(i, t) * row[message] for t, row in interim.items()) - expected[i]
        assert gain <= explicit.regret(profile)


@pytest.mark.parametrize("seed", range(6))
def test_outcomes_are_those_after_walking_away(seed):
    game = walking(random_game(seed, 2, 2, 2, seed % 2 == 1), seed)
    rng = random.Random(seed)
    profile = tuple(random_strategy(rng, game, i) for i in range(2))
    outcomes = OutcomeMap(game, profile)
    mean = [
        sum(
            (
                game.type_probability(0, types[0]) * game.type_probability(1, types[1]) * payoffs[i]
                for types, payoffs in outcomes.payoffs.items()
            ),
            Fraction(0),
        )
        for i in range(2)
    ]
    assert tuple(mean) == expected_payoffs(game, profile)
    assert all(sum(lottery) == 1 for lotteries in outcomes.table.values() for lottery in lotteries)


@pytest.mark.parametrize(
    ("seed", "types", "copies", "loose"), [(s, t, k, s % 2 == 1) for s in range(8) for t, k in ((2, 2), (2, 3), (3, 2))]
)
def test_label_free_equilibria_are_equilibria_of_the_whole_game(seed, types, copies, loose):
    game = walking(random_game(seed, 2, types, copies, loose, active=1 + seed % 2), seed)
    explicit = ExplicitForm(game)
    solution = solve(game, form="label-free", max_seconds=10)
    for e in solution:
        assert e.label_free
        assert e.regret == explicit.regret(e.strategies) == 0
        assert e.payoffs == expected_payoffs(game, e.strategies)
        assert e.walks == walking_share(game, e.strategies)
        for payoff, low, high in zip(e.payoffs, solution.floor, solution.ceiling, strict=True):
            assert low <= payoff <= high
    form = fixed_point(game)
    if form is not None:
        profile = tuple(uniform({t: form.tables(i).best_messages(t) for t in game.type_vectors(i)}) for i in range(2))
        assert explicit.regret(profile) == 0
        assert expected_payoffs(game, profile) == form.payoffs()


@pytest.mark.parametrize("seed", range(6))
def test_fixed_points_of_three_agents_and_under_processes(seed):
    game = walking(random_process_game(seed, 2 + seed % 2, 2, 2), seed)
    form = fixed_point(game)
    if form is None:
        pytest.skip("iterated best responses do not settle in this game")
    profile = tuple(uniform({t: form.tables(i).best_messages(t) for t in game.type_vectors(i)}) for i in range(game.n))
    assert ExplicitForm(game).regret(profile) == SeparableForm(game).regret(profile) == 0
    assert expected_payoffs(game, profile) == form.payoffs() == multiplied_out(game, profile)[0]


@pytest.mark.parametrize(("seed", "loose"), [(s, loose) for s in range(8) for loose in (False, True)])
def test_every_equilibrium_pays_between_floor_and_ceiling(seed, loose):
    game = walking(random_game(seed, 2, 2, 2, loose, active=seed % 3), seed)
    if sum(ReducedGame(ExplicitForm(game).bayesian).labels) > 30:
        pytest.skip("too large to be solved completely in a quick test")
    solution = solve(game, form="explicit", max_seconds=20)
    separable = SeparableForm(game)
    for e in solution:
        assert e.regret == separable.regret(e.strategies) == 0
        assert (e.payoffs, e.walks) == multiplied_out(game, e.strategies)
        for payoff, low, high in zip(e.payoffs, solution.floor, solution.ceiling, strict=True):
            assert low <= payoff <= high
    assert None not in solution.floor
    assert all(floor_evidence(game, i) is ceiling_evidence(game, i) is None for i in range(2))


def shuffled(game, i, j):
    """Payoff per problem of agent i's type vectors and messages against j's, the names of j's problems shuffled."""
    orders = list(itertools.permutations(range(game.copies)))
    found = {}
    for t, m in itertools.product(game.type_vectors(i), game.budgets[i].messages()):
        for s, w in itertools.product(game.type_vectors(j), game.budgets[j].messages()):
            total = Fraction(0)
            for order, k in itertools.product(orders, range(game.copies)):
                pairs = {i: (t[k], m[k]), j: (s[order[k]], w[order[k]])}
                total += on_one_problem(game, (pairs[0][0], pairs[1][0]), (pairs[0][1], pairs[1][1]))[0][i]
            found[t, m, s, w] = total / (len(orders) * game.copies)
    return found


@pytest.mark.parametrize(("seed", "loose"), [(s, loose) for s in range(6) for loose in (False, True)])
def test_floor_is_the_security_level_of_label_free_strategies(seed, loose):
    """Maximin against a message of the other agent for every type vector, by an independent floating-point program."""
    game = walking(random_game(seed, 2, 2, 2 + seed % 2 * (not loose), loose, active=2), seed)
    for i in range(2):
        j = 1 - i
        values = shuffled(game, i, j)
        mine = list(itertools.product(game.type_vectors(i), game.budgets[i].messages()))
        theirs = game.type_vectors(j)
        rows = [
            [-float(game.type_probability(i, t) * values[t, m, s, w]) for t, m in mine]
            + [1.0 if s == other else 0.0 for other in theirs]
            for s, w in itertools.product(theirs, game.budgets[j].messages())
        ]
        A_eq = [[1.0 if t == s else 0.0 for t, _ in mine] + [0.0] * len(theirs) for s in game.type_vectors(i)]
        bounds = [(0, None)] * len(mine) + [(None, None)] * len(theirs)
        cost = [0.0] * len(mine) + [-float(game.type_probability(j, s)) for s in theirs]
        found = linprog(cost, rows, np.zeros(len(rows)), A_eq, np.ones(len(A_eq)), bounds=bounds)
        assert float(floor(game, i)) == pytest.approx(-found.fun, abs=1e-9)


@pytest.mark.parametrize(
    ("seed", "types", "copies", "loose"), [(s, t, k, s % 2 == 1) for s in range(6) for t, k in ((2, 2), (2, 3), (3, 2))]
)
def test_ceiling_is_the_best_response_to_known_types_and_messages(seed, types, copies, loose):
    game = walking(random_game(seed, 2, types, copies, loose, active=2), seed)
    for i in range(2):
        j = 1 - i
        mine = list(itertools.product(game.type_vectors(i), game.budgets[i].messages()))
        total = Fraction(0)
        for s in game.type_vectors(j):
            best = None
            for w in game.budgets[j].messages():
                values: dict = {}
                for t, m in mine:
                    got = Fraction(0)
                    for k in range(copies):
                        pairs = {i: (t[k], m[k]), j: (s[k], w[k])}
                        got += on_one_problem(game, (pairs[0][0], pairs[1][0]), (pairs[0][1], pairs[1][1]))[0][i]
                    values[t] = max(values.get(t, got), got)
                mean = sum((game.type_probability(i, t) * v for t, v in values.items()), Fraction(0))
                best = mean if best is None else max(best, mean)
            total += game.type_probability(j, s) * best
        assert ceiling(game, i) == total / copies


@pytest.mark.parametrize("seed", range(4))
def test_bystanders(seed):
    """An agent whose announcements move nobody still walks away, and its payoff lies between its bounds."""
    base = random_game(seed, 2, 2, 2, active=1)
    game = walking(base, seed)
    for i in set(range(2)) - set(game.active):
        rng = random.Random(seed)
        for _ in range(4):
            profile = tuple(random_strategy(rng, game, j) for j in range(2))
            payoff = multiplied_out(game, profile)[0][i]
            assert floor(game, i) <= payoff <= ceiling(game, i)


def test_what_does_not_know_walking_away_refuses():
    game = walking(random_game(3, 2, 2, 2, active=2))
    for refused in (lambda: game.values, lambda: game.active_values, lambda: game_block(game)):
        with pytest.raises(NotSupported, match="walk_away"):
            refused()
    with pytest.raises(NotSupported, match="walking away"):
        undominated_tables(game)
    with pytest.raises(NotSupported, match="walk_away"):
        next(find_equilibria(game))
    with pytest.raises(ModelError, match="decisions"):
        LinkedGame(game.problem, game.rule, 2, game.budget_rules, replace(game.options, walk_away="nowhere"))


def test_normal_form_of_a_small_game():
    """Both sides of bargaining on two objects: payoffs of pure strategies against the definition."""
    game = LinkedGame(*_bargaining(2))
    normal = normal_form_game(game)
    form = ExplicitForm(game)
    rng = random.Random(0)
    for _ in range(5):
        picks = [rng.randrange(len(labels)) for labels in normal.strategies]
        profile = []
        for i, pick in enumerate(picks):
            told = normal.strategies[i][pick].split(" | ")
            names = {game.vector_name(i, m): m for m in form.messages[i]}
            profile.append(Strategy.pure({t: names[m] for t, m in zip(form.vectors[i], told, strict=True)}))
        assert tuple(a[tuple(picks)] for a in normal.payoffs) == multiplied_out(game, profile)[0]


def _bargaining(copies):
    model = eq.load("bargaining")
    return model.problem, model.rule, copies, model.budget_rules, replace(model.options, walk_away="no_trade")


@pytest.mark.parametrize(
    ("copies", "payoff", "walks"),
    [(3, "3752/2187", "3536/6561"), (6, "2677568/1594323", "2636744/4782969")],
)
def test_bargaining_over_many_objects(copies, payoff, walks):
    """Example 4: all label-free equilibria; everybody announces as much as possible on the wrong objects."""
    game = LinkedGame(*_bargaining(copies))
    solution = solve(game, form="label-free")
    assert solution.complete
    assert len(solution) == 1
    (e,) = solution
    assert e.payoffs == (Fraction(payoff),) * 2 == solution.floor
    assert (e.walks, e.truthful, e.regret) == (Fraction(walks), "no", 0)
    smaller = LabelFreeGame(game)
    for p, i in enumerate(game.active):  # the eager type is said where it is not, as far as it goes
        tables = LabelFreeForm(game, tuple(tuple(law) for law in _laws(game, e))).tables(i)
        for histogram, _ in smaller.histograms[p]:
            (table,) = tables.tables(histogram)
            assert table[1][1] == max(0, histogram[1] - game.budgets[i].counts[0])


def _laws(game, e):
    for i, strategy in enumerate(e.strategies):
        joint = strategy.joint_marginals(game, i)[0]
        yield [q for row in joint for q in row]
