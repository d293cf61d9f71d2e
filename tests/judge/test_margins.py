"""Bounds from margins: never better than floors and ceilings, and found by the checker in their evidence."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
from random_problems import random_game

import eqsolve as eq
from eqsolve.certificate.bounds import CEILING, FLOOR, check_bound
from eqsolve.certificate.game import Invalid, read_game
from eqsolve.engines import lp_duals
from eqsolve.io.certificate_file import game_block
from eqsolve.judge.bounds import ceiling, floor
from eqsolve.judge.bounds.margins import ceiling_by_margins, floor_by_margins
from eqsolve.linking import LinkedGame
from eqsolve.problem import Agent, DecisionProblem, Type
from eqsolve.rule import Outcome, table

SLIGHTLY = Fraction(1, 10**12)


def proved(game, i):
    block = read_game(game_block(game))
    low, high = floor_by_margins(game, i), ceiling_by_margins(game, i)
    check_bound(block, i, FLOOR, low.value, low.evidence)
    check_bound(block, i, CEILING, high.value, high.evidence)
    with pytest.raises(Invalid):
        check_bound(block, i, FLOOR, low.value + SLIGHTLY, low.evidence)
    with pytest.raises(Invalid):
        check_bound(block, i, CEILING, high.value - SLIGHTLY, high.evidence)
    return low.value, high.value


@pytest.mark.parametrize(
    ("seed", "n", "types", "copies", "loose"),
    [
        (s, *shape, loose)
        for shape in ((1, 2, 2), (2, 2, 3), (2, 3, 2), (3, 2, 2), (4, 2, 2))
        for s in range(4)
        for loose in (False, True)
    ],
)
def test_margins_prove_what_floors_and_ceilings_prove_or_less(seed, n, types, copies, loose):
    game = random_game(seed, n, types, copies, loose)
    for i in range(game.n):
        low, high = proved(game, i)
        assert low <= floor(game, i)
        assert ceiling(game, i) <= high
        if len(game.active) <= 3:  # joint histograms of two others: a transportation polytope is integral
            assert low == floor(game, i)


def test_integer_tables_prove_more_for_four_agents():
    """The real joint histogram with 1/2 on every even cell; the payoff is -1 there and 0 elsewhere."""
    two = [Type("x", "1/2", {"good": 1}), Type("y", "1/2", {"good": 2})]
    agents = [Agent("judged", (Type("only", 1, {"bad": -1}), Type("other", 0, {"bad": -1})))]
    agents += [Agent(str(k), tuple(two)) for k in range(3)]
    problem = DecisionProblem(("good", "bad"), tuple(agents))
    outcomes = [
        Outcome({str(k): v for k, v in enumerate(w)}, "bad" if w.count("x") % 2 == 0 else "good")
        for w in itertools.product("xy", repeat=3)
    ]
    game = LinkedGame(problem, table(problem, outcomes), 2)
    assert proved(game, 0)[0] == -1 < floor(game, 0) == Fraction(-1, 2)


def test_a_committee_of_five_with_many_joint_histograms():
    game = eq.load("committee").link(3)
    assert floor(game, 0) is None
    assert proved(game, 0) == (0, 1)


def test_rounded_multipliers_prove_nearly_as_much(monkeypatch):
    game = eq.load("public-good").link(4)
    monkeypatch.setattr(lp_duals, "_at_basis", lambda *_: None)
    assert ceiling(game, 0) <= proved(game, 0)[1] < ceiling(game, 0) + Fraction(1, 10**6)
