"""Equilibria that treat blocks of problems alike: against the complete list of the explicit form."""

from __future__ import annotations

from fractions import Fraction

import pytest
from random_problems import random_game

import eqsolve as eq
from eqsolve.engines.bayesian import undominated
from eqsolve.errors import NotSupported, SizeError
from eqsolve.forms.blocks import ReducedGame
from eqsolve.forms.explicit import ExplicitForm
from eqsolve.forms.separable import SeparableForm
from eqsolve.search.block_game import BlockSymmetricGame
from eqsolve.search.starts import partitions
from eqsolve.search.symmetry import Blocks

CASES = [(seed, loose, 2, 2) for seed in range(8) for loose in (False, True)]
CASES += [(seed, True, 3, 1) for seed in range(6)]
CASES += [(seed, False, 2, 3) for seed in range(4)]


def singletons(game):
    return Blocks(SeparableForm(game), [[k] for k in range(game.copies)])


def payoffs(blocks, plans):
    profile = tuple(blocks.strategy(i, plans[i]) for i in range(2))
    assert blocks.form.regret(profile) == ExplicitForm(blocks.game).regret(profile) == 0
    return blocks.form.payoffs(profile)


@pytest.mark.parametrize(("seed", "loose", "types", "copies"), CASES)
def test_best_and_worst_are_those_of_the_complete_list(seed, loose, types, copies):
    game = random_game(seed, 2, types, copies, loose, active=2)
    if sum(ReducedGame(ExplicitForm(game).bayesian).labels) > 26:
        pytest.skip("too large to be solved completely in a quick test")
    everything = eq.solve(game, form="explicit")
    assert everything.complete
    blocks = singletons(game)
    smaller = BlockSymmetricGame(blocks)
    corners = [payoffs(blocks, plans) for plans in smaller.corners()]
    for p in range(2):
        paid = [e.payoffs[p] for e in everything]
        for sign, end in ((1, max), (-1, min)):
            assert end(corner[p] for corner in corners) == end(paid)
            assert payoffs(blocks, smaller.towards_payoff(p, sign, 20))[p] == end(paid)
    for sign, end in ((1, max), (-1, min)):
        found = sum(payoffs(blocks, smaller.towards_welfare(sign, 20)))
        assert found == end(sum(e.payoffs) for e in everything)
    swapping = smaller.towards_swaps(20)
    truthful = {e.truthful for e in everything}
    if swapping is None:
        assert "no" not in truthful
    else:
        payoffs(blocks, swapping)


@pytest.mark.parametrize("seed", range(6))
def test_one_block_is_label_free_play(seed):
    game = random_game(seed, 2, 2 + seed % 2, 2, active=2)
    blocks = Blocks(SeparableForm(game), [[0, 1]])
    smaller = BlockSymmetricGame(blocks)
    corners = list(smaller.corners())
    assert corners
    for plans in corners:
        assert all(blocks.strategy(i, plans[i]).is_label_free() for i in range(2))
        assert payoffs(blocks, plans) == eq.solve(game, form="label-free")[0].payoffs


@pytest.mark.parametrize("seed", range(6))
def test_what_dominance_by_actions_removes_mixtures_remove_too(seed):
    game = random_game(seed, 2, 2, 3, active=2)
    for parts in partitions(3):
        smaller = BlockSymmetricGame(Blocks(SeparableForm(game), parts))
        survivors, _ = undominated(smaller.bayesian, smaller.open)
        for player, kept in zip(smaller.classes, survivors, strict=True):
            for classes, left in zip(player, kept, strict=True):
                assert set(left) <= {a for group in classes for a in group}


def test_bargaining_in_blocks():
    """Five problems and one: the seller gets more than its label-free payoff, which is the buyer's share."""
    game = eq.load("bargaining").link(6)
    blocks = Blocks(SeparableForm(game), [[0, 1, 2, 3, 4], [5]])
    plans = BlockSymmetricGame(blocks).towards_payoff(0, 1, 30)
    profile = tuple(blocks.strategy(i, plans[i]) for i in range(2))
    assert blocks.form.regret(profile) == 0
    assert blocks.form.payoffs(profile) == (Fraction(3997832, 1594323), Fraction(16216, 6561))


def test_what_is_not_covered_says_so():
    with pytest.raises(NotSupported, match="found 3 agents"):
        BlockSymmetricGame(singletons(eq.load("taking-turns").link(3)))
    with pytest.raises(SizeError, match="more than 20 actions"):
        BlockSymmetricGame(singletons(eq.load("bargaining").link(4)), 20)
