"""Theorem 2 with plain loops."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest

from eqsolve.ledger.strategy_proof import VOTERS, Mixture, _menu_with_a_lottery, _voting_rules


def decided(mixture, announced, epsilon, improved):
    """Utilities of (decision 1, decision 2) as a function of an agent's pair of types."""

    def utility(i, true):
        base = sum(
            Fraction(chance, 2) * mixture.utilities[i][true[k]][d]
            for k, rule in enumerate(mixture.rules)
            for d, chance in enumerate(rule(announced[0][k], announced[1][k]))
        )
        other = sum(mixture.utilities[i][true[k]][d] for k, d in enumerate(mixture.better))
        return base, other

    def mixed(i, true):
        base, other = utility(i, true)
        return (1 - epsilon) * base + epsilon * other if announced in improved else base

    return utility, mixed


def is_strategy_proof(mixture, epsilon):
    pairs = [list(itertools.product(range(len(u)), repeat=2)) for u in mixture.utilities]
    improved = set()
    for profile in itertools.product(*pairs):
        utility, _ = decided(mixture, profile, epsilon, improved)
        gains = [utility(i, t)[1] - utility(i, t)[0] for i, t in enumerate(profile)]
        if min(gains) >= 0 and max(gains) > 0:
            improved.add(profile)
    assert improved
    for profile in itertools.product(*pairs):
        for i in (0, 1):
            honest = decided(mixture, profile, epsilon, improved)[1](i, profile[i])
            for said in pairs[i]:
                lie = (said, profile[1]) if i == 0 else (profile[0], said)
                if decided(mixture, lie, epsilon, improved)[1](i, profile[i]) > honest:
                    return False
    return True


@pytest.mark.parametrize("pair", [("a coin where they disagree",) * 2, ("b if both want it", "agent 1 decides")])
def test_largest_epsilon_of_two_votes(pair):
    rules = _voting_rules()
    mixture = Mixture((VOTERS, VOTERS), (rules[pair[0]], rules[pair[1]]), (1, 0))
    limit = mixture.largest_epsilon()
    assert limit > 0
    assert is_strategy_proof(mixture, limit)
    if limit < 1:
        assert not is_strategy_proof(mixture, limit + Fraction(1, 1000))


def test_a_lottery_over_three_decisions(settled):
    mixture = _menu_with_a_lottery()
    assert mixture.is_strategy_proof_without
    assert is_strategy_proof(mixture, Fraction(0))
    assert not is_strategy_proof(mixture, Fraction(1, 10**6))
    found = settled("000.thm2")
    assert found.verdict == "holds-with-caveat"
    assert found.computed.startswith("79 mixtures of two votes are strategy-proof up to epsilon = 1/5")
    assert found.computed.endswith("up to 0 only")
