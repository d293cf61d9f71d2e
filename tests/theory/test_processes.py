"""Label-free theory, floors, ceilings and dominance under type processes, against everything written out."""

from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from random_processes import random_process_game
from scipy.optimize import linprog

import eqsolve as eq
from eqsolve.budget import multinomial
from eqsolve.engines.bayesian import undominated
from eqsolve.errors import ModelError, NotSupported
from eqsolve.forms.blocks import ReducedGame
from eqsolve.forms.explicit import ExplicitForm
from eqsolve.forms.label_free import LabelFreeForm, fixed_point
from eqsolve.forms.separable import SeparableForm
from eqsolve.io.certificate_file import game_block
from eqsolve.judge.bounds import ceiling, ceiling_evidence, floor, floor_evidence, undominated_tables
from eqsolve.judge.bounds.joint_law import joint_law_bounds
from eqsolve.judge.bounds.security import estimated_security_level, has_two_opponents, security_level
from eqsolve.linking import LinkedGame
from eqsolve.problem import Agent, Type
from eqsolve.processes import Copy, CopyFirst, CopyPrevious, Independent, Intensity, Table
from eqsolve.search import find_equilibria
from eqsolve.solving import solve
from eqsolve.strategy import expected_payoffs, uniform

HALF = Fraction(1, 2)
SHAPES = [(2, 2, 2), (2, 2, 3), (2, 3, 2), (3, 2, 2), (3, 2, 3)]
CASES = [(seed, *shape) for shape in SHAPES for seed in range(5)]
LOOSE = [(seed, loose, *shape) for shape in SHAPES for seed in range(3) for loose in (False, True)]


def agent(*prior):
    return Agent("x", tuple(Type(f"t{u}", p, {}) for u, p in enumerate(prior)))


INTENSITIES = {"strong": ["t0", "t3"], "weak": ["t1", "t2"]}
LAWS = [
    (process, agent(HALF, Fraction(1, 3), Fraction(1, 6), 0), copies)
    for process in (Independent(), Copy("1/3"), Copy(1), CopyFirst("1/4"), CopyPrevious("0.3"), CopyPrevious(1))
    for copies in (1, 2, 3, 4)
] + [(Intensity(rho, INTENSITIES), agent(*[Fraction(1, 4)] * 4), 2) for rho in (-1, "-1/2", 0, "1/4", 1)]


@pytest.mark.parametrize(("process", "who", "copies"), LAWS)
def test_laws_have_the_prior_on_every_problem(process, who, copies):
    law = process.law(who, copies)
    everything = {t: law.probability(t) for t in itertools.product(range(len(who.types)), repeat=copies)}
    assert sum(everything.values()) == 1
    assert min(everything.values()) >= 0
    assert list(law.vectors()) == [t for t, p in everything.items() if p]
    assert law.vector_count() == len(list(law.vectors()))
    for k, (u, p) in itertools.product(range(copies), enumerate(who.prior)):
        assert sum(q for t, q in everything.items() if t[k] == u) == p
    by_histogram = {}
    for t, p in everything.items():
        by_histogram.setdefault(tuple(t.count(u) for u in range(len(who.types))), []).append(p)
    assert law.is_exchangeable == all(len(set(ps)) == 1 for ps in by_histogram.values())
    if not law.is_exchangeable:
        with pytest.raises(NotSupported, match="not exchangeable"):
            law.histogram_law()
        return
    assert dict(law.histogram_law().items()) == {h: sum(ps) for h, ps in by_histogram.items() if sum(ps)}
    assert all(law.chance(h) == ps[0] and len(ps) == multinomial(h) for h, ps in by_histogram.items())

    def values(lines):
        return np.stack([lines[:, 0] ** 2 + 3 * lines[:, 1], lines[:, 2] * lines[:, 0]], axis=1)

    expected = [
        sum((p * f(t) for t, p in everything.items()), Fraction(0))
        for f in (lambda t: t.count(0) ** 2 + 3 * t.count(1), lambda t: t.count(2) * t.count(0))
    ]
    assert law.exact_means(values) == expected
    for (middle, radius), mean in zip(law.estimated_means(values), expected, strict=True):
        assert abs(middle - mean) <= radius < Fraction(1, 10**9)


def test_copying_the_first_problem_is_the_printed_process():
    """v_i2 is v_i1 with probability rho, else an independent draw; on two problems that is `Copy`."""
    who = agent(HALF, Fraction(1, 3), Fraction(1, 6))
    for process in (Copy, CopyFirst, CopyPrevious):
        law = process("1/4").law(who, 2)
        for u, v in itertools.product(range(3), repeat=2):
            assert law.probability((u, v)) == who.prior[u] * (Fraction(u == v, 4) + Fraction(3, 4) * who.prior[v])


@pytest.mark.parametrize(
    ("process", "copies", "hint"),
    [
        (Copy("3/2"), 2, "0 to 1"),
        (Intensity(-2, INTENSITIES), 2, "-1 to 1"),
        (Intensity(0, INTENSITIES), 3, "expected 2"),
        (Intensity(0, {"strong": ["t0"], "weak": ["t1", "t2"]}), 2, "two classes"),
        (Intensity(0, {"strong": ["t0", "t1"], "weak": ["t1", "t2", "t3"]}), 2, "twice"),
        (Table({("t0", "t1"): 1}), 2, "its prior"),
        (Table({("t0",): 1}), 2, "length 1"),
        (Table({("t0", "t0"): "1/2"}), 2, "sum to 1/2"),
        (Table({}), 2, "sum to"),
        (Table({("t0", "x"): 1}), 2, "'x'"),
    ],
)
def test_processes_that_do_not_fit(process, copies, hint):
    with pytest.raises(ModelError, match=hint):
        process.law(agent(*[Fraction(1, 4)] * 4), copies)


@pytest.mark.parametrize(("seed", "n", "types", "copies"), CASES)
def test_best_label_free_messages_are_an_equilibrium_of_the_whole_game(seed, n, types, copies):
    game = random_process_game(seed, n, types, copies)
    form, explicit, separable = LabelFreeForm(game), ExplicitForm(game), SeparableForm(game)
    profile = tuple(uniform({t: form.tables(i).best_messages(t) for t in game.type_vectors(i)}) for i in range(n))
    assert explicit.regret(profile) == separable.regret(profile) == 0
    assert expected_payoffs(game, profile) == form.payoffs() == separable.payoffs(profile)
    for i, payoff in explicit.payoffs(profile).items():
        assert payoff == form.payoffs()[i]
        assert abs(Fraction(form.estimate(i).value) - payoff) <= Fraction(form.estimate(i).error)


@pytest.mark.parametrize("seed", range(10))
def test_fixed_points_of_loose_budgets_are_equilibria(seed):
    game = random_process_game(seed, 2, 2, 2 + seed % 2, loose=True)
    form = fixed_point(game)
    if form is None:
        pytest.skip("iterated best responses do not settle in this game")
    profile = tuple(uniform({t: form.tables(i).best_messages(t) for t in game.type_vectors(i)}) for i in range(game.n))
    assert ExplicitForm(game).regret(profile) == 0
    assert expected_payoffs(game, profile) == form.payoffs()


def payoff_table(game, i):
    """u[t, m, w] of agent i's message m at type vector t against messages w of the other active agents, and a scale."""
    explicit = ExplicitForm(game)
    p = game.active.index(i)
    array = np.moveaxis(explicit.bayesian.payoffs[p], p + 1, 1)
    return explicit, array.reshape(array.shape[0], array.shape[1], -1), explicit.bayesian.scales[p]


@pytest.mark.parametrize(("seed", "loose", "n", "types", "copies"), LOOSE)
def test_ceiling_is_the_best_response_to_the_most_favourable_known_messages(seed, loose, n, types, copies):
    game = random_process_game(seed, n, types, copies, loose)
    for i in game.active:
        _, array, scale = payoff_table(game, i)
        chances = [game.type_probability(i, t) for t in game.type_vectors(i)]
        best = max(sum(p * int(array[k, :, w].max()) for k, p in enumerate(chances)) for w in range(array.shape[2]))
        assert ceiling(game, i) == best / scale
        assert not game.has_processes or ceiling_evidence(game, i) is None


@pytest.mark.parametrize(("seed", "loose", "n", "types", "copies"), LOOSE)
def test_floor_is_the_security_level_of_label_free_strategies(seed, loose, n, types, copies):
    """Maximin over strategies against shuffled messages, by an independent floating-point program."""
    game = random_process_game(seed, n, types, copies, loose)
    for i in game.active:
        explicit, array, scale = payoff_table(game, i)
        messages = [explicit.messages[game.active.index(j)] for j in game.active if j != i]
        profiles = list(itertools.product(*messages))
        place = {w: k for k, w in enumerate(profiles)}
        orders = list(itertools.permutations(range(copies)))
        columns = np.stack(
            [
                sum(array[:, :, place[tuple(tuple(m[k] for k in order) for m in w)]].astype(float) for order in orders)
                for w in profiles
            ],
            axis=2,
        )
        weights = [float(game.type_probability(i, t)) for t in game.type_vectors(i)]
        count, size, wide = columns.shape
        A_ub = np.hstack(
            [-(columns * np.array(weights)[:, None, None]).reshape(count * size, wide).T, np.ones((wide, 1))]
        )
        A_eq = np.hstack([np.kron(np.eye(count), np.ones(size)), np.zeros((count, 1))])
        bounds = [(0, None)] * (count * size) + [(None, None)]
        found = linprog([0] * (count * size) + [-1], A_ub, np.zeros(wide), A_eq, np.ones(count), bounds=bounds)
        assert float(floor(game, i)) == pytest.approx(-found.fun / (scale * len(orders)), abs=1e-9)
        assert not game.has_processes or floor_evidence(game, i) is None
        if has_two_opponents(game, i):
            assert security_level(game, i) == floor(game, i)
            estimate = estimated_security_level(game, i)
            assert abs(Fraction(estimate.value) - floor(game, i)) <= Fraction(estimate.error)


@pytest.mark.parametrize(
    ("seed", "types", "copies", "loose"), [(s, t, k, s % 2 == 1) for s in range(6) for t, k in ((2, 2), (2, 3), (3, 2))]
)
def test_two_agents_lose_what_the_explicit_form_loses(seed, types, copies, loose):
    game = random_process_game(seed, 2, types, copies, loose)
    form, reduced = ExplicitForm(game), undominated_tables(game)
    survivors, _ = undominated(form.bayesian)
    for p, i in enumerate(game.active):
        for vector, actions in zip(form.vectors[p], survivors[p], strict=True):
            assert reduced.messages(i, vector) == [form.messages[p][a] for a in actions]


@pytest.mark.parametrize(
    ("seed", "types", "copies", "loose"), [(s, t, k, s % 2 == 1) for s in range(6) for t, k in ((2, 2), (2, 3))]
)
def test_every_equilibrium_pays_between_the_bounds(seed, types, copies, loose):
    game = random_process_game(seed, 2, types, copies, loose)
    if sum(ReducedGame(ExplicitForm(game).bayesian).labels) > 26:
        pytest.skip("too large to be solved completely in a quick test")
    solution = solve(game, form="explicit")
    assert solution.complete
    inner = [joint_law_bounds(game, i) for i in range(game.n)]
    for e in solution:
        assert e.regret == 0
        for payoff, low, high, ends in zip(e.payoffs, solution.floor, solution.ceiling, inner, strict=True):
            assert low <= ends[0].value <= payoff <= ends[1].value <= high
    if not loose:
        assert solution[0].payoffs == LabelFreeForm(game).payoffs() == solution.label_free_payoffs


@pytest.mark.parametrize(("seed", "n"), [(s, n) for s in range(3) for n in (2, 3)])
def test_search_finds_equilibria_under_processes(seed, n):
    game = random_process_game(seed, n, 2, 3)
    explicit = ExplicitForm(game)
    found = list(itertools.islice(find_equilibria(game, starts=4), 5))
    assert all(explicit.regret(profile) == 0 for profile in found)
    assert expected_payoffs(game, found[0]) == LabelFreeForm(game).payoffs()


@pytest.mark.parametrize("seed", range(6))
def test_laws_that_are_not_exchangeable(seed):
    """Explicit and separable forms answer; label-free play and what rests on it is refused or left open."""
    game = random_process_game(seed, 2, 2 + seed % 2, 3, exchangeable=False)
    if game.is_exchangeable:
        pytest.skip("exchangeable by accident")
    with pytest.raises(NotSupported, match="exchangeable"):
        solve(game, form="label-free")
    with pytest.raises(NotSupported, match="exchangeable"):
        undominated_tables(game)
    assert fixed_point(game) is None
    for i in game.active:
        if not game.type_laws[i].is_exchangeable:
            assert floor(game, i) is ceiling(game, i) is None
    explicit = ExplicitForm(game)
    found = list(itertools.islice(find_equilibria(game, starts=4), 3))
    assert all(explicit.regret(profile) == 0 for profile in found)
    if sum(ReducedGame(explicit.bayesian).labels) <= 26:
        solution = solve(game, form="explicit")
        assert solution.complete
        assert all(e.regret == 0 for e in solution)


def test_certificates_refuse():
    game = eq.load("object").link(2)
    copied = LinkedGame(game.problem, game.rule, 2, game.budget_rules, replace(game.options, process=Copy("1/2")))
    with pytest.raises(NotSupported, match=r"link\.process"):
        game_block(copied)
    alike = LinkedGame(game.problem, game.rule, 2, game.budget_rules, replace(game.options, process=Copy(0)))
    assert game_block(alike) == game_block(game)


def test_payoffs_of_copied_values_lie_between_one_problem_and_many():
    """With probability rho the types are one draw, where every histogram is worth what one problem is."""
    model = eq.load("object")
    plain = {k: model.link(k) for k in (1, 4)}
    copied = LinkedGame(
        model.problem, model.rule, 4, model.budget_rules, replace(model.options, process={"1": Copy("1/4")})
    )
    one, many = (LabelFreeForm(plain[k]).payoffs()[0] for k in (1, 4))
    assert LabelFreeForm(copied).payoffs() == (one / 4 + 3 * many / 4, many)
