"""Uniqueness of outcomes and equilibria: what ties do, whatever was asked before, and what counts as the same."""

from __future__ import annotations

from fractions import Fraction

import pytest
from random_problems import random_game

import eqsolve as eq
from eqsolve.claims import settle
from eqsolve.claims.argument import Argument
from eqsolve.claims.knowledge import Knowledge
from eqsolve.claims.uniqueness import _not_equivalent
from eqsolve.judge.outcome import OutcomeMap
from eqsolve.model import Claim


@pytest.mark.parametrize("first", [None, "payoffs-unique", "truthful", "no-collusion"])
def test_ties_of_a_complete_list_are_seen_whatever_was_settled_before(first):
    """Payoffs settled first leave equilibria whose free ties are not told; the list tells them."""
    known = Knowledge(random_game(6, 2, 2, 2, loose=True))
    if first is not None:
        settle(known, first)
    verdict = settle(known, "outcome-unique")
    assert verdict.verdict == "refuted"
    one, two = (OutcomeMap(known.game, w.strategies) for w in verdict.witnesses)
    assert not one.same_outcomes(two)
    assert {w.regret for w in verdict.witnesses} == {Fraction(0)}


def test_payoff_equivalent_announcements_do_not_make_another_equilibrium():
    """Who wants no object may announce either way: interim payoffs of others move, nobody's ex ante payoff does."""
    known = Knowledge(eq.load("object").link(2))
    assert settle(known, "equilibrium-unique").verdict == "proved"
    witnesses = list(settle(known, "outcome-unique").witnesses)
    one, two = (OutcomeMap(known.game, w.strategies) for w in witnesses)
    assert not one.same_payoffs(two)
    assert _not_equivalent(Argument(known, Claim("equilibrium-unique")), witnesses) is None
