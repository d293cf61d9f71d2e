"""Linked games as mechanisms: equilibria stay equilibria, payoffs stay payoffs."""

from __future__ import annotations

import pytest

import eqsolve as eq
from eqsolve.transfers.checks import Checks
from eqsolve.transfers.linked_play import play_of_linked


@pytest.mark.parametrize("name", ["object", "bargaining"])
def test_equilibria_of_linked_games_become_truthful(name):
    game = eq.load(name).link(2)
    found = eq.solve(game)
    for entry in found.equilibria[:2]:
        play = play_of_linked(game, tuple(entry.strategies))
        assert play.deviation is None
        direct = play.direct()
        assert Checks(direct).bayesian is None
        assert tuple(direct.payoffs.ex_ante(i) / 2 for i in range(2)) == entry.payoffs


def test_what_is_not_covered_is_refused():
    game = eq.load("object").link(12)
    with pytest.raises(eq.SizeError):
        play_of_linked(game, ())
