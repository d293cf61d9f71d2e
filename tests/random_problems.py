"""Small random linked games for tests: every oddity that a model may have, reproducible from a seed."""

from __future__ import annotations

import random
from fractions import Fraction

from eqsolve.budget import BudgetRule
from eqsolve.linking import LinkedGame, Options
from eqsolve.problem import Agent, DecisionProblem, Type
from eqsolve.rule import Rule, utilitarian


def random_problem(rng: random.Random, n: int, types: int) -> DecisionProblem:
    """Unequal agents, some types of probability 0, some types with equal utilities."""
    decisions = tuple(f"d{k}" for k in range(rng.randint(2, 3)))
    agents = []
    for i in range(n):
        count = types if i == 0 else rng.randint(max(1, types - 1), types)
        weights = [rng.choice([0, 1, 1, 2, 3]) for _ in range(count)]
        if not any(weights):
            weights[0] = 1
        utilities = [{d: rng.randint(-3, 3) for d in decisions} for _ in range(count)]
        if count > 1 and rng.random() < 0.2:
            utilities[1] = dict(utilities[0])
        agents.append(
            Agent(
                f"agent {i}",
                tuple(
                    Type(f"t{u}", Fraction(w, sum(weights)), worth)
                    for u, (w, worth) in enumerate(zip(weights, utilities, strict=True))
                ),
            )
        )
    return DecisionProblem(decisions, tuple(agents), "random")


def random_rule(rng: random.Random, problem: DecisionProblem) -> Rule:
    """Utilitarian with weights and ties, or any lotteries at all."""
    if rng.random() < 0.5:
        weights = {a.name: rng.randint(1, 2) for a in problem.agents}
        return utilitarian(problem, weights, rng.choice(["uniform", "first"]))
    lotteries = {}
    for profile in problem.profiles():
        weights_ = [rng.choice([0, 0, 1, 2]) for _ in problem.decisions]
        if not any(weights_):
            weights_[0] = 1
        lotteries[profile] = tuple(Fraction(w, sum(weights_)) for w in weights_)
    return Rule(problem, lotteries)


def random_counts(rng: random.Random, agent: Agent, copies: int) -> BudgetRule:
    """An exact budget, not necessarily the nearest."""
    counts = dict.fromkeys(agent.type_names, 0)
    for _ in range(copies):
        counts[rng.choice(agent.type_names)] += 1
    return BudgetRule("counts", counts)


def random_loose(rng: random.Random, agent: Agent) -> BudgetRule:
    """No budget, classes, or bounds."""
    kind = rng.choice(["none", "classes", "bounds"])
    names = list(agent.type_names)
    if kind == "classes":
        cut = rng.randint(1, len(names))
        parts = {"first": names[:cut], "rest": names[cut:]}
        return BudgetRule("classes", classes={k: v for k, v in parts.items() if v})
    if kind == "bounds" and len(names) > 1:
        return BudgetRule("bounds", at_most={names[0]: Fraction(1, 2)})
    return BudgetRule("none")


def random_game(
    seed: int, n: int = 2, types: int = 2, copies: int = 2, loose: bool = False, active: int = 0
) -> LinkedGame:
    """A random linked game in which at least `active` agents have a choice; budgets are exact unless `loose`."""
    rng = random.Random(f"{seed} {n} {types} {copies} {loose} {active}")
    while True:
        game = _draw(rng, n, types, copies, loose)
        if len(game.active) >= active:
            return game


def _draw(rng: random.Random, n: int, types: int, copies: int, loose: bool) -> LinkedGame:
    problem = random_problem(rng, n, types)
    rule = random_rule(rng, problem)
    if loose:
        return LinkedGame(problem, rule, copies, {a.name: random_loose(rng, a) for a in problem.agents})
    budgets = {a.name: random_counts(rng, a, copies) if rng.random() < 0.5 else BudgetRule() for a in problem.agents}
    try:
        return LinkedGame(problem, rule, copies, budgets, Options(exact_marginals=rng.random() < 0.2))
    except ValueError:  # exact marginals do not exist
        return LinkedGame(problem, rule, copies, budgets)
