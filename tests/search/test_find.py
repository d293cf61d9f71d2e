"""The search for equilibria: what it finds are equilibria, and what has to be found is found."""

from __future__ import annotations

import itertools
import time
from fractions import Fraction

import pytest
from random_problems import random_game

import eqsolve as eq
from eqsolve.errors import SizeError
from eqsolve.forms.explicit import ExplicitForm
from eqsolve.forms.label_free import LabelFreeForm
from eqsolve.forms.separable import SeparableForm
from eqsolve.judge.assess import Assessor
from eqsolve.search import best_response_equilibria, extremes, find_equilibria
from eqsolve.search.duplicates import Distinct
from eqsolve.strategy import Strategy


@pytest.mark.parametrize(
    ("seed", "loose", "n", "types", "copies"),
    [
        (s, loose, *shape)
        for s in range(3)
        for loose in (False, True)
        for shape in ((2, 2, 2), (2, 3, 2), (3, 2, 2), (4, 2, 1))
    ],
)
def test_everything_found_is_an_equilibrium_of_the_explicit_form(seed, loose, n, types, copies):
    game = random_game(seed, n, types, copies, loose)
    explicit = ExplicitForm(game)
    found = list(find_equilibria(game, starts=6))
    for profile in found:
        assert len(profile) == n
        assert explicit.regret(profile) == 0
    if not loose:
        form = LabelFreeForm(game)
        assert all(s.is_label_free() for s in found[0])
        assert SeparableForm(game).payoffs(found[0]) == form.payoffs()


def renamed(profile, order):
    return tuple(
        Strategy(
            {
                tuple(t[k] for k in order): {tuple(m[k] for k in order): p for m, p in ms.items()}
                for t, ms in s.plan.items()
            }
        )
        for s in profile
    )


def test_no_two_are_the_same_up_to_renaming_problems():
    game = eq.load("bargaining").link(3)
    found = list(find_equilibria(game, starts=3))
    assert len(found) > 5
    for one, two in itertools.combinations(found, 2):
        assert not any(renamed(one, order) == two for order in itertools.permutations(range(3)))
    distinct = Distinct(SeparableForm(game))
    for profile in found:
        assert distinct.is_new(profile)
        assert not any(distinct.is_new(renamed(profile, order)) for order in itertools.permutations(range(3)))


@pytest.mark.parametrize("copies", [2, 4, 6])
def test_both_ends_of_the_collusive_example_are_attained(copies):
    game = eq.load("collusion").link(copies)
    form = SeparableForm(game)
    ends = [form.payoffs(profile) for profile in best_response_equilibria(game, starts=8)]
    assert (Fraction(-3), Fraction(2), Fraction(2)) in ends
    first = next(find_equilibria(game))
    assert form.payoffs(first)[1:] == (eq.floor(game, 1), eq.floor(game, 2))
    assert eq.ceiling(game, 1) == 2


def test_collusion_with_as_much_truth_as_the_budget_allows():
    game = eq.load("collusion").link(2)
    assessor = Assessor(game, LabelFreeForm(game).payoffs())
    form = SeparableForm(game)
    judged = [assessor.equilibrium(form, p, tuple({} for _ in p)) for p in find_equilibria(game, starts=8)]
    told = {(e.truthful, e.coordination.verdict, e.payoffs[1:]) for e in judged}
    assert ("fewest-lies", "collusive", (Fraction(7, 4),) * 2) in told
    assert ("no", "collusive", (Fraction(2),) * 2) in told


def test_bargaining_at_three_problems():
    game = eq.load("bargaining").link(3)
    worst, best = extremes(game, starts=4)[0]
    assert worst.payoffs[0] == Fraction(584, 243) == eq.floor(game, 0)
    assert best.payoffs[0] == Fraction(5512, 2187)
    judged = Assessor(game, LabelFreeForm(game).payoffs()).equilibrium(SeparableForm(game), best.profile, ({}, {}))
    assert judged.truthful == "fewest-lies"
    assert judged.regret == 0


def test_three_and_five_agents():
    improving = extremes(eq.load("public-good").link(2), starts=8)
    assert [high.payoffs[i] for i, (_, high) in enumerate(improving)] == [Fraction(65, 192)] * 3
    committee = eq.load("committee").link(2)
    form = SeparableForm(committee)
    paid = {form.payoffs(p) for p in best_response_equilibria(committee, starts=8)}
    assert len(paid) > 3


def test_the_same_seed_finds_the_same():
    game = eq.load("public-good").link(2)
    assert list(find_equilibria(game, seed=4, starts=6)) == list(find_equilibria(game, seed=4, starts=6))


def test_it_ends_when_it_is_told_to():
    game = eq.load("bargaining").link(6)
    assert len(list(find_equilibria(game, deadline=time.monotonic() - 1))) <= 1
    with pytest.raises(SizeError, match="at most 20,000 type vectors"):
        find_equilibria(eq.load("object").link(15))


def test_games_without_a_choice():
    problem = eq.DecisionProblem(("a",), (eq.Agent("1", (eq.Type("x", "1/2"), eq.Type("y", "1/2"))),))
    (only,) = find_equilibria(eq.LinkedGame(problem, eq.utilitarian(problem), 2), starts=3)
    assert [len(s.plan) for s in only] == [4]
    chooser = eq.DecisionProblem(
        ("a", "b"), (eq.Agent("1", (eq.Type("x", "1/2", {"a": 1}), eq.Type("y", "1/2", {"b": 1}))),)
    )
    game = eq.LinkedGame(chooser, eq.utilitarian(chooser), 2)
    assert {SeparableForm(game).payoffs(p) for p in find_equilibria(game, starts=3)} == {(Fraction(3, 4),)}


def test_the_separable_form_of_solve():
    solution = eq.solve(eq.load("collusion").link(2), form="separable", max_seconds=60)
    assert (solution.form, solution.scope, solution.complete) == ("separable", "found", False)
    assert solution[0].label_free
    assert all(e.regret == 0 for e in solution)
    assert {e.payoffs[1] for e in solution} == {Fraction(13, 8), Fraction(7, 4), Fraction(2)}
    quick = eq.solve(eq.load("public-good").link(2), method="best-response")
    assert (quick.form, quick.method) == ("separable", "best-response")
    assert quick[0].payoffs == (Fraction(31, 96),) * 3
    assert len(quick) > 2
    large = eq.solve(eq.load("object").link(20), method="best-response")
    assert large.form == "label-free"
    assert any("type vectors" in note for note in large.notes)
    with pytest.raises(SizeError):
        eq.solve(eq.load("object").link(20), form="separable")
    with pytest.raises(eq.NotSupported, match="explicit form"):
        eq.solve(eq.load("object").link(2), form="separable", method="lp")
