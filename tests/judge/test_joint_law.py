"""Bounds from the joint law of types and announcements: against complete lists of equilibria, and the checker."""

from __future__ import annotations

import copy
from fractions import Fraction

import pytest
from random_problems import random_game

import eqsolve as eq
from eqsolve.certificate.bounds import CEILING, FLOOR, check_bound
from eqsolve.certificate.game import Invalid, read_game
from eqsolve.engines import lp_duals
from eqsolve.forms.blocks import ReducedGame
from eqsolve.forms.explicit import ExplicitForm
from eqsolve.forms.label_free import LabelFreeForm
from eqsolve.io.certificate_file import game_block
from eqsolve.judge.bounds import ceiling, floor
from eqsolve.judge.bounds.joint_law import joint_law_bounds
from eqsolve.search import best_response_equilibria
from eqsolve.solving import solve

SLIGHTLY = Fraction(1, 10**12)


def proved_bounds(game, i):
    """Both ends, which the checker finds in the evidence, and nothing better."""
    block = read_game(game_block(game))
    low, high = joint_law_bounds(game, i)
    check_bound(block, i, FLOOR, low.value, low.evidence)
    check_bound(block, i, CEILING, high.value, high.evidence)
    for side, bound, better in ((FLOOR, low, SLIGHTLY), (CEILING, high, -SLIGHTLY)):
        with pytest.raises(Invalid):
            check_bound(block, i, side, bound.value + better, bound.evidence)
    return low.value, high.value


@pytest.mark.parametrize(
    ("seed", "types", "copies", "loose"),
    [(s, t, k, loose) for s in range(4) for t, k in ((2, 2), (2, 3), (3, 1)) for loose in (False, True)[k == 1 :]],
)
def test_every_equilibrium_of_two_agents_is_between(seed, types, copies, loose):
    game = random_game(seed, 2, types, copies, loose, active=seed % 3)
    form = ExplicitForm(game)
    small = sum(ReducedGame(form.bayesian).labels) <= 30
    solution = solve(game, form="explicit") if small else None
    for i in range(game.n):
        low, high = proved_bounds(game, i)
        assert floor(game, i) <= low <= high <= ceiling(game, i)
        for e in solution.equilibria if solution else ():
            assert low <= e.payoffs[i] <= high


@pytest.mark.parametrize(("seed", "n", "loose"), [(s, 3, s % 2) for s in (0, 1, 3)])
def test_pure_equilibria_of_three_agents_are_between(seed, n, loose):
    game = random_game(seed, n, 2, 2, bool(loose), active=n)
    form = ExplicitForm(game)
    found = [form.payoffs(profile) for profile in best_response_equilibria(game, seed=seed)]
    if LabelFreeForm.applies(game):
        found.append(dict(enumerate(LabelFreeForm(game).payoffs())))
    for i in range(n):
        low, high = proved_bounds(game, i)
        assert floor(game, i) <= low <= high <= ceiling(game, i)
        assert all(low <= payoffs[i] <= high for payoffs in found)


def bounds_with(game, i, views):
    """Bounds from these views, which the checker accepts."""
    block = read_game(game_block(game))
    low, high = joint_law_bounds(game, i, views=views)
    check_bound(block, i, FLOOR, low.value, low.evidence)
    check_bound(block, i, CEILING, high.value, high.evidence)
    return low.value, high.value


@pytest.mark.parametrize("seed", range(2))
def test_less_that_is_seen_proves_less(seed):
    game = random_game(seed, 3, 2, 2, seed % 2 == 1, active=3)
    whole = bounds_with(game, 0, (game.active,))
    pairs = bounds_with(game, 0, ((0, 1), (1, 2)))
    single = bounds_with(game, 0, tuple((j,) for j in game.active))
    assert single[0] <= pairs[0] <= whole[0] <= whole[1] <= pairs[1] <= single[1]


@pytest.mark.parametrize(
    ("name", "copies", "agent", "low", "high"),
    [
        ("bargaining", 3, 0, "584/243", "5560/2187"),
        ("bargaining", 6, 1, "16216/6561", "1362824/531441"),
        ("collusion", 2, 1, "13/8", "2"),
        ("collusion", 4, 0, "-3", "-9/4"),
        ("object", 4, 0, "221/64", "221/64"),
        ("public-good", 2, 0, "81/256", "391/1152"),
    ],
)
def test_bundled_models(name, copies, agent, low, high):
    assert proved_bounds(eq.load(name).link(copies), agent) == (Fraction(low), Fraction(high))


def test_the_exact_equilibrium_of_bargaining_is_below_the_bound():
    """An equilibrium pays the seller 5512/2187, and floors and ceilings alone would allow 8/3."""
    game = eq.load("bargaining").link(3)
    assert Fraction(5512, 2187) < joint_law_bounds(game, 0)[1].value < ceiling(game, 0) == Fraction(8, 3)


@pytest.mark.slow
def test_voting_with_rationed_intensities_has_unique_payoffs():
    game = eq.load("voting").link(2)
    assert proved_bounds(game, 0) == (Fraction(13, 32), Fraction(13, 32))


@pytest.mark.parametrize("name", ["bargaining", "public-good"])
def test_rounded_multipliers_prove_nearly_as_much(name, monkeypatch):
    copies = 3 if name == "bargaining" else 2
    exact = joint_law_bounds(eq.load(name).link(copies), 0)
    monkeypatch.setattr(lp_duals, "_at_basis", lambda *_: None)
    low, high = proved_bounds(eq.load(name).link(copies), 0)
    assert exact[0].value - Fraction(1, 10**6) < low <= exact[0].value
    assert exact[1].value <= high < exact[1].value + Fraction(1, 10**6)


def test_large_systems_are_solved_as_exactly_as_small_ones(monkeypatch):
    monkeypatch.setattr(lp_duals, "SMALL", 0)
    game = eq.load("bargaining").link(3)
    assert joint_law_bounds(game, 0)[1].value == Fraction(5560, 2187)


def tampered(evidence):
    """The same evidence with one thing changed, in many ways."""
    for change in (
        lambda e: e["views"][0]["independence"][0]["terms"].pop(),
        lambda e: e["views"][0]["independence"][0]["terms"][0].__setitem__(1, "1000"),
        lambda e: e["views"][0]["obedience"].pop(0),
        lambda e: e["views"][0]["obedience"][0]["shares"][-1].reverse(),
        lambda e: e["views"][0]["obedience"][0]["shares"][0].__setitem__(0, "-1"),
        lambda e: e["views"][0]["announced"].append(e["views"][0]["independence"][0]["terms"][0]),
        lambda e: e["views"][0].__setitem__("agents", ["2"]),
        lambda e: e["views"].append(copy.deepcopy(e["views"][0])),
        lambda e: e.__setitem__("views", []),
        lambda e: e["reduction"][0].__setitem__("by", {e["reduction"][0]["message"]: "1"}),
        lambda e: e["reduction"].clear(),
        lambda e: e.__setitem__("more", 1),
    ):
        changed = copy.deepcopy(evidence)
        change(changed)
        yield changed


def test_what_was_tampered_with_is_refused():
    game = eq.load("bargaining").link(3)
    block = read_game(game_block(game))
    high = joint_law_bounds(game, 0)[1]
    assert not high.evidence["views"][0]["announced"]
    for evidence in tampered(high.evidence):
        with pytest.raises(Invalid):
            check_bound(block, 0, CEILING, high.value, evidence)
    with pytest.raises(Invalid):
        check_bound(block, 1, FLOOR, high.value, high.evidence)
