"""Two engines that share no search find the same extreme equilibria of games in blocks."""

from __future__ import annotations

import pytest
from random_problems import random_game

import eqsolve as eq
from eqsolve.forms.blocks import ReducedGame
from eqsolve.forms.enumerate import enumerate_blocks
from eqsolve.forms.explicit import ExplicitForm


@pytest.mark.parametrize(("seed", "loose"), [(s, loose) for s in range(12) for loose in (False, True)])
def test_supports_and_complementarity_agree(seed, loose):
    game = random_game(seed, 2, 2, 2, loose, active=2)
    blocks = ReducedGame(ExplicitForm(game).bayesian).blocks
    if max(blocks.shape) > 9:
        pytest.skip("too many pure strategies for supports in a quick test")
    ours, theirs = enumerate_blocks(blocks), enumerate_blocks(blocks, method="support-enumeration")
    assert ours.complete
    assert theirs.complete
    assert (ours.rows, ours.cols, ours.pairs) == (theirs.rows, theirs.cols, theirs.pairs)
    assert ours.subsets == theirs.subsets
    assert ours.components == theirs.components


def test_collusion_by_supports():
    game = eq.load("collusion").link(2)
    ours, theirs = eq.solve(game), eq.solve(game, method="support-enumeration")
    assert [e.strategies for e in ours] == [e.strategies for e in theirs]


def test_supports_stop_when_told_to():
    solution = eq.solve(eq.load("bargaining").link(3), method="support-enumeration", max_seconds=0.5)
    assert (solution.complete, solution.stopped) == (False, "time limit")
    assert all(e.regret == 0 for e in solution)
