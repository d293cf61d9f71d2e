"""The filtered game against its definition, and what it is known to do."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

import eqsolve as eq
from eqsolve.errors import NotSupported, SizeError
from eqsolve.filter import Calibration, Panel
from eqsolve.forms.filtered import FilteredForm, FilteredLabelFree, FilteredPlay, Substitution, filter_of
from eqsolve.forms.filtered import flag_law as flag_laws
from eqsolve.forms.filtered.flag_law import shuffled_law, table_law
from eqsolve.forms.label_free import LabelFreeForm
from eqsolve.judge.filtered import FilteredAssessor
from eqsolve.linking import LinkedGame, Options
from eqsolve.search.filtered import find_filtered
from eqsolve.solving import solve
from eqsolve.strategy import Strategy
from tests.filtered_brute_force import Filtered
from tests.random_problems import random_game


def filtered(game, epsilon, kind="pairwise"):
    return replace(game, options=replace(game.options, filter={"epsilon": epsilon, "distance": kind}))


def example(copies, epsilon="1/4", kind="pairwise"):
    return filtered(eq.load("collusion").link(copies), epsilon, kind)


def small_games(count, **shape):
    """Random games with a random filter and few message profiles."""
    rng = random.Random(str(shape))
    found = []
    seeds = itertools.count()
    while len(found) < count:
        game = random_game(next(seeds), **shape)
        if len(Panel.of_game(game).choosing) < 2 or Panel.of_game(game).message_count() > 220:
            continue
        epsilon = rng.choice([Fraction(0), Fraction(1, 6), Fraction(1, 4), Fraction(1, 3), Fraction(1, 2)])
        found.append(filtered(game, epsilon, rng.choice(["pairwise", "joint"])))
    return found


GAMES = [
    *small_games(4, n=2, types=2, copies=2),
    *small_games(4, n=2, types=2, copies=4),
    *small_games(3, n=2, types=3, copies=3),
    *small_games(4, n=3, types=2, copies=3),
    *small_games(1, n=4, types=2, copies=2),
]


def brute(game):
    judge = filter_of(game)
    return Filtered(game.unfiltered, judge.epsilon, judge.kind)


def random_strategy(rng, game, i):
    messages = list(game.budgets[i].messages())
    plan = {}
    for t in game.type_vectors(i):
        sent = rng.sample(messages, min(2, len(messages)))
        plan[t] = dict(zip(sent, [Fraction(1, 3), Fraction(2, 3)] if len(sent) == 2 else [Fraction(1)], strict=True))
    return Strategy(plan)


@pytest.mark.parametrize(
    "game", GAMES[:4] + GAMES[8:10] + GAMES[11:14], ids=lambda game: f"{game.n} agents, K = {game.copies}"
)
def test_explicit_payoffs_by_all_replacements(game):
    form, by_hand = FilteredForm(game), brute(game)
    rng = random.Random(0)
    for p, i in enumerate(game.active):
        scale = form.bayesian.scales[p]
        for _ in range(40):
            where = [rng.randrange(len(ms)) for ms in form.messages]
            s = rng.randrange(len(form.vectors[p]))
            sent = dict(zip(game.active, (ms[a] for ms, a in zip(form.messages, where, strict=True)), strict=True))
            profile = tuple(sent.get(j, by_hand.lists[j][0]) for j in range(game.n))
            expected = by_hand.worth(i, form.vectors[p][s], profile)
            assert Fraction(int(form.bayesian.payoffs[p][(s, *where)]), scale) == expected


@pytest.mark.parametrize("game", GAMES, ids=lambda game: f"{game.n} agents, K = {game.copies}")
def test_regret_and_payoffs_of_any_profile(game):
    rng = random.Random(1)
    profile = tuple(random_strategy(rng, game, i) for i in range(game.n))
    play, by_hand = FilteredPlay.of(game), brute(game)
    laws = [s.message_law(game, i) for i, s in enumerate(profile)]
    regret = Fraction(0)
    payoffs = []
    for i, strategy in enumerate(profile):
        total = Fraction(0)
        for t, lottery in strategy.plan.items():
            values = {m: by_hand.interim(i, t, m, laws) for m in by_hand.lists[i]}
            got = sum((p * values[m] for m, p in lottery.items()), Fraction(0))
            total += game.type_probability(i, t) * got
            regret = max(regret, max(values.values()) - got)
        payoffs.append(total)
    assert play.payoffs(profile) == tuple(payoffs)
    assert play.regret(profile) == regret
    found = play.deviation(profile)
    own = [
        s if i != found.agent else Strategy({**s.plan, found.vector: {found.message: Fraction(1)}})
        for i, s in enumerate(profile)
    ]
    weight = game.type_probability(found.agent, found.vector)
    assert play.payoffs(own)[found.agent] - payoffs[found.agent] == weight * found.gain
    if play.substitution.choosing == tuple(range(game.n)):
        assert FilteredForm(game).payoffs(profile) == dict(enumerate(payoffs))


@pytest.mark.parametrize("game", GAMES, ids=lambda game: f"{game.n} agents, K = {game.copies}")
def test_label_free_values_by_all_profiles(game):
    """The corrected value matrix gives every message its payoff against independent uniform messages."""
    form, by_hand = FilteredLabelFree(game), brute(game)
    laws = by_hand.uniform()
    for i in range(game.n):
        tables = form.tables(i)
        for t in game.type_vectors(i)[:6]:
            for m in by_hand.lists[i][:8]:
                worth = sum(tables.worth[u][v] for u, v in zip(t, m, strict=True))
                assert Fraction(worth, tables.scale * game.copies) == by_hand.interim(i, t, m, laws)
    flagged = form.false_alarms()
    assert flagged == Calibration.of(game, filter_of(game).kind).false_alarm(filter_of(game).epsilon)


@pytest.mark.parametrize("game", GAMES, ids=lambda game: f"{game.n} agents, K = {game.copies}")
def test_label_free_play_is_an_equilibrium_of_the_whole_game(game):
    form = FilteredLabelFree(game)
    entry = FilteredAssessor(game, form.payoffs()).label_free_equilibrium(form)
    play = FilteredPlay.of(game)
    assert play.regret(entry.strategies) == 0
    assert play.payoffs(entry.strategies) == entry.payoffs
    assert entry.regret == 0


def test_being_flagged_depends_on_the_own_message_where_others_are_not_label_free():
    game = example(4)
    play = FilteredPlay.of(game)
    constant = Strategy.pure(dict.fromkeys(game.type_vectors(2), (0, 0, 1, 1)))
    worth, _ = play.interim(1, [None, None, constant])
    assert len({tuple(map(tuple, row)) for row in worth.tolist()}) > 1


@pytest.mark.parametrize("copies", [3, 4, 6, 7])
@pytest.mark.parametrize("epsilon", ["0", "1/6", "1/4", "1/3"])
def test_boxes_and_tables_give_the_same_law(copies, epsilon, monkeypatch):
    """Two agents: taking one problem out of a table against listing all tables; three types, unequal budgets."""
    types = lambda ps: tuple(eq.Type(f"t{k}", p, {"b": k}) for k, p in enumerate(ps))  # noqa: E731
    problem = eq.DecisionProblem(
        ("a", "b"), (eq.Agent("1", types(["1/2", "1/3", "1/6"])), eq.Agent("2", types(["2/3", "1/3"])))
    )
    game = filtered(LinkedGame(problem, eq.utilitarian(problem), copies), epsilon)
    rules = Substitution.of(game)
    listed = table_law(rules, {})
    monkeypatch.setattr(flag_laws, "MAX_LISTED", 0)
    counted = shuffled_law(rules)
    assert counted.flagged() == listed.flagged()
    for flags, table in listed.weights.items():
        assert (table * counted.total == counted.weights[flags] * listed.total).all()


def test_a_wide_filter_changes_nothing():
    for game in (random_game(3, n=2, types=2, copies=4, active=2), random_game(5, n=3, types=2, copies=3, active=2)):
        free = FilteredLabelFree(filtered(game, 1))
        assert free.payoffs() == LabelFreeForm(game).payoffs()
        assert free.law.flagged() == {0: 1}


def test_four_problems_two_and_three_agents():
    """False alarms 1/3 and 5/9; label-free play is an equilibrium; there are others, which pay more."""
    game = example(4)
    form = FilteredForm(game)
    free = FilteredLabelFree(game)
    assert free.false_alarms() == (0, Fraction(1, 3), Fraction(1, 3))
    assert free.payoffs() == (Fraction(-9, 4), Fraction(77, 48), Fraction(77, 48))
    found = list(find_filtered(form, starts=2))
    assert found
    assert all(form.regret(profile) == 0 for profile in found)
    paid = {form.play.payoffs(profile) for profile in found}
    assert (Fraction(-9, 4), Fraction(415, 256), Fraction(415, 256)) in paid
    four = eq.DecisionProblem(
        ("a", "b"),
        (
            eq.Agent("1", (eq.Type("-4", 1, {"b": -4}),)),
            *(eq.Agent(n, (eq.Type("1", "1/2", {"b": 1}), eq.Type("3", "1/2", {"b": 3}))) for n in "234"),
        ),
    )
    game = filtered(LinkedGame(four, eq.utilitarian(four), 4), "1/4")
    free = FilteredLabelFree(game)
    assert free.false_alarms() == (0, *(Fraction(5, 9),) * 3)
    entry = FilteredAssessor(game, free.payoffs()).label_free_equilibrium(free)
    assert FilteredPlay.of(game).regret(entry.strategies) == 0


def test_the_collusive_profile_at_eight_problems():
    """Both are flagged; agent 2 does better by meeting agent 3 on one of the problems where it announces 1."""
    game = example(8)
    second, third = (0, 1) * 4, (1, 0) * 4
    profile = [None, *(Strategy.pure(dict.fromkeys(game.type_vectors(i), m)) for i, m in ((1, second), (2, third)))]
    play = FilteredPlay.of(game)
    assert play.payoffs(profile) == (Fraction(-9, 4), Fraction(3, 2), Fraction(3, 2))
    found = play.deviation(profile)
    # Not flagged, b everywhere but where it is worth 1: (7 · 3 + 0) / 8 against 3/4 · (7 · 3 + 1) / 8.
    assert found.gain == Fraction(21, 8) - Fraction(3, 4) * Fraction(22, 8) == Fraction(9, 16)
    assert sum(x == y == 0 for x, y in zip(found.message, third, strict=True)) == 1


@pytest.mark.parametrize(("copies", "epsilon"), [(2, "1/4"), (2, "1/2"), (3, "1/4")])
def test_solve_lists_all_equilibria_of_two_agents(copies, epsilon):
    solution = solve(example(copies, epsilon))
    assert (solution.form, solution.scope, solution.complete) == ("explicit", "all", True)
    assert all(entry.regret == 0 for entry in solution)
    assert solution[0].label_free
    assert solution.floor == (None,) * 3


def test_solve_searches_and_answers_label_free_at_any_size():
    solution = solve(example(4), method="best-response", max_seconds=2)
    assert (solution.form, solution.scope, solution.complete) == ("explicit", "found", False)
    assert solution[0].label_free
    assert {entry.regret for entry in solution} == {0}
    assert "improving" in {entry.coordination.verdict for entry in solution}
    for copies in (20, 200):
        solution = solve(example(copies))
        assert (solution.form, solution.scope, solution.complete) == ("label-free", "label-free", True)
        assert solution[0].payoffs[1] < Fraction(7, 4)
    joint = solve(example(20, kind="joint"))
    assert joint[0].payoffs == solve(example(20))[0].payoffs  # with two agents there are pairs only


def test_alpha_in_the_file_sets_epsilon():
    game = eq.load("collusion").link(8)
    judge = filter_of(replace(game, options=Options(filter={"alpha": "0.05", "epsilon": None, "distance": "pairwise"})))
    assert (judge.epsilon, judge.kind) == (Fraction(1, 4), "pairwise")
    assert filter_of(game) is None


def test_flags_say_something_about_announcements_where_budgets_are_uneven():
    """Then the value matrix is no mere mixture of the unfiltered one and of random announcements."""
    low, high = eq.Type("1", "3/4", {"b": 1}), eq.Type("3", "1/4", {"b": 3})
    agents = (*(eq.Agent(n, (low, high)) for n in "123"), eq.Agent("4", (eq.Type("-6", 1, {"b": -6}),)))
    problem = eq.DecisionProblem(("a", "b"), agents)
    game = filtered(LinkedGame(problem, eq.utilitarian(problem), 8), "1/4")
    law = FilteredLabelFree(game).law
    product = np.array([6, 2], dtype=object)
    even = product[:, None, None] * product[:, None] * product
    assert any((table * even.sum() != even * table.sum()).any() for table in law.weights.values())


def test_games_that_cannot_be_filtered_or_asked_are_refused():
    loose = eq.load("voting")
    with pytest.raises(NotSupported, match="loose budget"):
        LinkedGame(loose.problem, loose.rule, 4, loose.budget_rules, Options(filter={"epsilon": "1/4"}))
    problem = eq.load("bargaining")
    with pytest.raises(NotSupported, match=r"link\.walk_away"):
        LinkedGame(
            problem.problem,
            problem.rule,
            3,
            problem.budget_rules,
            Options(filter={"epsilon": "1/4"}, walk_away=problem.problem.decisions[0]),
        )
    game = example(4)
    with pytest.raises(NotSupported, match=r"link\.filter"):
        _ = game.values
    with pytest.raises(NotSupported, match=r"link\.filter"):
        LabelFreeForm(game).payoffs()
    with pytest.raises(NotSupported, match="no separable form"):
        solve(game, form="separable")
    types = (eq.Type("1", "1/2", {"b": 1}), eq.Type("3", "1/2", {"b": 3}))
    problem = eq.DecisionProblem(("a", "b"), tuple(eq.Agent(n, types) for n in "123"))
    three = filtered(LinkedGame(problem, eq.utilitarian(problem), 2), 0)
    with pytest.raises(NotSupported, match="two at most"):
        solve(three, method="complementarity")
    with pytest.raises(SizeError):
        FilteredForm(example(40))
    with pytest.raises(SizeError):
        FilteredPlay.of(example(40)).messages(1)
    assert np.array_equal(Substitution(game.unfiltered, None).flagged(np.zeros((3, 2, 4), dtype=np.int64)), [0, 0, 0])
