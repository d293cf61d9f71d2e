"""Evidence for floors and ceilings: the checker, which shares no code, finds the same numbers in it."""

from __future__ import annotations

import copy
from fractions import Fraction

import pytest
from random_problems import random_game

import eqsolve as eq
from eqsolve.certificate.bounds import CEILING, FLOOR, check_bound, check_label_free
from eqsolve.certificate.game import Invalid, read_game
from eqsolve.forms.label_free import LabelFreeForm
from eqsolve.io.certificate_file import game_block
from eqsolve.judge.bounds import ceiling, ceiling_evidence, floor, floor_evidence, label_free_evidence

SHAPES = [(2, 2, 2), (2, 2, 5), (2, 3, 2), (2, 3, 3), (3, 2, 2), (3, 3, 2), (4, 2, 2)]
SLIGHTLY = Fraction(1, 10**9)


def assert_proves_exactly(game):
    block = read_game(game_block(game))
    for i in range(game.n):
        low, high = floor(game, i), ceiling(game, i)
        check_bound(block, i, FLOOR, low, floor_evidence(game, i))
        check_bound(block, i, CEILING, high, ceiling_evidence(game, i))
        with pytest.raises(Invalid):
            check_bound(block, i, FLOOR, low + SLIGHTLY, floor_evidence(game, i))
        with pytest.raises(Invalid):
            check_bound(block, i, CEILING, high - SLIGHTLY, ceiling_evidence(game, i))


@pytest.mark.parametrize(
    ("seed", "loose", "n", "types", "copies"),
    [(seed, loose, *shape) for shape in SHAPES for seed in range(5) for loose in (False, True)],
)
def test_the_checker_finds_floors_and_ceilings_in_the_evidence(seed, loose, n, types, copies):
    assert_proves_exactly(random_game(seed, n, types, copies, loose))


@pytest.mark.parametrize(
    ("name", "copies"), [("bargaining", 6), ("collusion", 4), ("taking-turns", 3), ("voting", 3), ("public-good", 4)]
)
def test_bundled_models(name, copies):
    assert_proves_exactly(eq.load(name).link(copies))


def test_one_object_at_a_hundred_problems():
    game = eq.load("object").link(100)
    assert floor(game, 0) == ceiling(game, 0)
    assert_proves_exactly(game)


@pytest.mark.parametrize("seed", range(10))
def test_label_free_payoffs_are_proved(seed):
    game = random_game(seed, 2 + seed % 3, 2, 3)
    block = read_game(game_block(game))
    for i in range(game.n):
        payoff, evidence = LabelFreeForm(game).payoff(i), label_free_evidence(game, i)
        check_label_free(block, i, payoff, evidence)
        with pytest.raises(Invalid):
            check_label_free(block, i, payoff + SLIGHTLY, evidence)


def test_what_was_tampered_with_is_refused():
    game = eq.load("public-good").link(2)
    block = read_game(game_block(game))
    high, evidence = ceiling(game, 0), ceiling_evidence(game, 0)
    without = copy.deepcopy(evidence)
    without["families"].pop()
    low, tables = floor(game, 0), floor_evidence(game, 0)
    moved = copy.deepcopy(tables)
    moved["tables"][-1]["table"][0][0] = "7"
    for side, value, bad in ((CEILING, high, without), (FLOOR, low, moved)):
        with pytest.raises(Invalid):
            check_bound(block, 0, side, value, bad)
