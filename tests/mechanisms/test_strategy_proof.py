"""Theorem 2 with plain loops, and the best strategy-proof mechanism against the program over orbits."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

import pytest
from random_problems import random_problem

import eqsolve as eq
from eqsolve.errors import ModelError, SizeError
from eqsolve.mechanisms.best_strategy_proof import best_strategy_proof
from eqsolve.mechanisms.optimal import Requirements, optimal_mechanism
from eqsolve.mechanisms.strategy_proof import Bundle, Mixture
from eqsolve.problem import Agent, DecisionProblem, Type
from eqsolve.rule import Rule, utilitarian


def coin_and_unanimity():
    return Bundle((eq.load("vote-coin").rule, eq.load("vote-unanimity").rule))


def lottery_rule():
    """Types 0 and 1 of agent 1 choose from a menu with a lottery, to which the first is indifferent."""
    first = Agent("1", (Type("0", "1/2", {"x": 2, "y": 1}), Type("1", "1/2", {"x": 4, "y": 1})))
    problem = DecisionProblem(("x", "y", "z"), (first, Agent("2", (Type("0", 1, {"x": 1, "y": 2}),))))
    half = Fraction(1, 2)
    menu = Rule(problem, {(0, 0): (Fraction(0), Fraction(1), Fraction(0)), (1, 0): (half, Fraction(0), half)})
    last = Rule(problem, dict.fromkeys(problem.profiles(), (Fraction(0), Fraction(0), Fraction(1))))
    return Bundle((menu, last))


def expected(bundle, i, types, lotteries):
    return sum(
        p * w
        for k, (u, lottery) in enumerate(zip(types, lotteries, strict=True))
        for p, w in zip(lottery, bundle.problems[k].utility(i, u), strict=True)
    )


class Plain:
    """The mixture by its definition."""

    def __init__(self, mixture, epsilon):
        self.bundle, self.better, self.epsilon = mixture.bundle, mixture.better, epsilon
        self.profiles = list(itertools.product(*self.bundle.types))
        self.improved = {p for p in self.profiles if self.dominates(p)}

    def dominates(self, profile):
        gains = [
            self.bundle.utility(i, t, self.better) - expected(self.bundle, i, t, self.bundle.lotteries(profile))
            for i, t in enumerate(profile)
        ]
        return min(gains) >= 0 and max(gains) > 0

    def utility(self, i, types, profile):
        base = expected(self.bundle, i, types, self.bundle.lotteries(profile))
        if profile not in self.improved:
            return base
        return base + self.epsilon * (self.bundle.utility(i, types, self.better) - base)

    def regret(self):
        return max(
            self.utility(i, profile[i], (*profile[:i], lie, *profile[i + 1 :])) - self.utility(i, profile[i], profile)
            for profile in self.profiles
            for i in range(self.bundle.n)
            for lie in self.bundle.types[i]
        )

    def payoffs(self):
        totals = [Fraction(0)] * self.bundle.n
        for profile in self.profiles:
            mass = Fraction(1)
            for i, t in enumerate(profile):
                mass *= self.bundle.chance(i, t)
            for i, t in enumerate(profile):
                totals[i] += mass * self.utility(i, t, profile)
        return tuple(totals)


def check(mixture):
    limit = mixture.largest_epsilon
    plain = Plain(mixture, limit)
    assert int(mixture.improved.sum()) == len(plain.improved)
    assert mixture.regret(limit) == plain.regret() == 0
    assert mixture.payoffs(limit) == plain.payoffs()
    if limit < 1:
        beyond = Plain(mixture, limit + Fraction(1, 1000))
        assert mixture.regret(beyond.epsilon) == beyond.regret() > 0


def test_two_bundled_votes_are_improved():
    bundle = coin_and_unanimity()
    assert bundle.is_strategy_proof
    assert bundle.has_strict_preferences
    found = {m.names(): m.largest_epsilon for m in bundle.improvements()}
    assert found == {("a", "b"): Fraction(1, 5), ("b", "b"): Fraction(1, 5)}
    mixture = next(bundle.improvements())
    check(mixture)
    base, better = bundle.payoffs(), mixture.payoffs(Fraction(1, 5))
    assert base == (Fraction(3, 4),) * 2
    assert better == (Fraction(963, 1280),) * 2


def test_mixtures_of_three_agents_and_other_problems():
    rng = random.Random(5)
    done = 0
    while done < 6:
        n = rng.choice([2, 3])
        rules = []
        for _ in range(2):
            problem = random_problem(rng, n, 2)
            serial = rng.randrange(n)
            weights = {a.name: int(i == serial) for i, a in enumerate(problem.agents)}
            rules.append(utilitarian(problem, weights, "first"))  # a dictator is strategy-proof
        bundle = Bundle(tuple(rules))
        assert bundle.is_strategy_proof
        for mixture in itertools.islice(bundle.improvements(), 2):
            check(mixture)
            done += 1


def test_a_lottery_over_three_decisions_cannot_be_improved_so():
    bundle = lottery_rule()
    assert bundle.is_strategy_proof
    assert bundle.has_strict_preferences
    mixture = Mixture(bundle, (0, 2))
    assert mixture.improved.any()
    assert mixture.largest_epsilon == 0
    assert mixture.regret(Fraction(1, 10**6)) > 0


def test_rules_that_invite_lies_have_no_epsilon():
    problem = eq.load("object").problem
    greedy = utilitarian(problem)
    constant = Rule(problem, dict.fromkeys(problem.profiles(), (Fraction(1), Fraction(0))))
    assert not Bundle((greedy, constant)).is_strategy_proof
    for mixture in Bundle((greedy, constant)).improvements():
        assert mixture.largest_epsilon == 0


def test_bundles_of_other_agents_or_too_many_profiles_are_refused():
    with pytest.raises(ModelError, match="agents"):
        Bundle((eq.load("vote-coin").rule, eq.load("taking-turns").rule))
    with pytest.raises(ModelError, match="no rule"):
        Bundle(())
    with pytest.raises(SizeError, match="lies"):
        Bundle((eq.load("vote-coin").rule,) * 4)


def test_best_strategy_proof_mechanism_of_two_alike_problems_is_the_one_over_orbits():
    """Objects: listing all profiles of two problems, and the program that merges them."""
    problem = eq.load("object").problem
    rule = Rule(problem, dict.fromkeys(problem.profiles(), (Fraction(1, 2), Fraction(1, 2))))
    listed = best_strategy_proof(Bundle((rule, rule)), dominating=False)
    merged = optimal_mechanism(problem, 2, Requirements("dsic"))
    assert listed.welfare == 2 * merged.welfare == sum(listed.payoffs)
    assert listed.regret == 0
    better = best_strategy_proof(Bundle((rule, rule)))
    assert listed.welfare >= better.welfare >= 11
    assert better.regret == 0
    for profile in itertools.product(*better.bundle.types):
        for i, types in enumerate(profile):
            base = expected(better.bundle, i, types, better.bundle.lotteries(profile))
            assert better.utility(i, types, profile) >= base


@pytest.mark.slow
def test_best_strategy_proof_improvement_of_two_bundled_votes():
    bundle = coin_and_unanimity()
    found = best_strategy_proof(bundle)
    assert found.welfare == Fraction(97, 64)
    assert found.regret == 0
    assert best_strategy_proof(bundle, dominating=False).welfare == Fraction(49, 32)
