"""Random type processes for tests."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from fractions import Fraction

from random_problems import random_game

from eqsolve.linking import LinkedGame
from eqsolve.problem import Agent, DecisionProblem, Type
from eqsolve.processes import Copy, CopyFirst, CopyPrevious, Process, Table
from eqsolve.rule import Rule


def random_table(rng: random.Random, names: tuple[str, ...], copies: int, *, exchangeable: bool) -> Table:
    """A law of type vectors in which some never occur; the prior is then whatever it says of single problems.

    Laws that are not exchangeable get equal marginals by shifting names of problems in a circle.
    """
    weights: dict[tuple[str, ...], int] = {}
    for vector in itertools.product(names, repeat=copies):
        key = tuple(sorted(vector))
        if exchangeable:
            weights[vector] = weights[key] if key in weights else rng.choice([0, 0, 1, 2, 3])
        else:
            weights[vector] = rng.choice([0, 0, 1, 2, 3])
    if not any(weights.values()):
        weights[(names[0],) * copies] = 1
    found: dict[tuple[str, ...], int] = {}
    for vector, w in weights.items():
        for shift in range(copies):
            turned = vector[shift:] + vector[:shift]
            found[turned] = found.get(turned, 0) + w
    total = sum(found.values())
    return Table({vector: Fraction(w, total) for vector, w in found.items() if w})


def prior_of(process: Table, names: tuple[str, ...]) -> list[Fraction]:
    """What a table says of the first problem."""
    return [sum((Fraction(p) for v, p in process.chances.items() if v[0] == name), Fraction(0)) for name in names]


def random_process_game(
    seed: int, n: int = 2, types: int = 2, copies: int = 2, loose: bool = False, exchangeable: bool = True
) -> LinkedGame:
    """A random linked game whose agents have type processes; exact marginals are dropped."""
    rng = random.Random(f"process {seed} {n} {types} {copies} {loose} {exchangeable}")
    game = random_game(seed, n, types, copies, loose, active=1)
    processes: dict[str, Process] = {}
    agents = []
    for agent in game.problem.agents:
        kind = rng.choice(["table", "table", "copy", "independent"] if exchangeable else ["table", "first", "previous"])
        if kind == "table":
            table = random_table(rng, agent.type_names, copies, exchangeable=exchangeable)
            processes[agent.name] = table
            prior = prior_of(table, agent.type_names)
            agents.append(
                Agent(agent.name, tuple(Type(t.name, p, t.utility) for t, p in zip(agent.types, prior, strict=True)))
            )
            continue
        if kind != "independent":
            rho = Fraction(rng.randint(0, 4), 4)
            processes[agent.name] = {"copy": Copy, "first": CopyFirst, "previous": CopyPrevious}[kind](rho)
        agents.append(agent)
    problem = DecisionProblem(game.problem.decisions, tuple(agents), "random")
    rule = Rule(problem, game.rule.lotteries, game.rule.weights)
    options = replace(game.options, exact_marginals=False, process=processes)
    return LinkedGame(problem, rule, copies, game.budget_rules, options)
