"""Theorem 2, settled; the mixtures themselves are tested with plain loops in tests/mechanisms."""

from __future__ import annotations

from fractions import Fraction

from eqsolve.ledger.strategy_proof import menu_with_a_lottery, voting_rules
from eqsolve.mechanisms.strategy_proof import Bundle


def test_a_lottery_over_three_decisions(settled):
    mixture = menu_with_a_lottery()
    assert mixture.bundle.is_strategy_proof
    assert mixture.regret(Fraction(0)) == 0
    assert mixture.regret(Fraction(1, 10**6)) > 0
    found = settled("000.thm2")
    assert found.verdict == "holds-with-caveat"
    assert found.computed.startswith("79 mixtures of two votes are strategy-proof up to epsilon = 1/5")
    assert found.computed.endswith("up to 0 only")


def test_the_largest_epsilon_is_the_largest():
    rules = voting_rules()
    for pair in (("a coin where they disagree",) * 2, ("b if both want it", "agent 1 decides")):
        for mixture in Bundle(tuple(rules[name] for name in pair)).improvements():
            limit = mixture.largest_epsilon
            assert limit > 0
            assert mixture.regret(limit) == 0
            assert limit == 1 or mixture.regret(limit + Fraction(1, 1000)) > 0
