"""Linked problems: every form against the explicit one, bounds against equilibria, figures against other solvers."""

from __future__ import annotations

import itertools
import math
import random
from collections import Counter
from fractions import Fraction

import numpy as np
from random_problems import random_game

import eqsolve as eq
from eqsolve.forms.explicit import ExplicitForm, explicit_cells
from eqsolve.forms.label_free import LabelFreeForm
from eqsolve.forms.separable import SeparableForm
from eqsolve.judge.bounds import ceiling, floor
from eqsolve.linking import LinkedGame
from eqsolve.strategy import Strategy, expected_payoffs, uniform

MAX_CELLS = 100_000
SIMULATED = 400
SECONDS = 1.5
MOST_LISTED = 20
STANDARD_ERRORS = 6

SHAPES = [(2, 2, 1), (2, 2, 2), (2, 2, 3), (2, 2, 4), (2, 3, 2), (2, 3, 3), (2, 4, 2), (3, 2, 2), (3, 2, 3), (3, 2, 4)]
SHAPES += [(3, 3, 2), (4, 2, 2), (4, 2, 3), (3, 4, 1), (4, 3, 1)]


def generate(number: int) -> LinkedGame:
    """Problem `number`: 2 to 4 agents and types, up to 4 copies, every third one with loose budgets."""
    n, types, copies = SHAPES[number % len(SHAPES)]
    return random_game(number, n, types, copies, loose=number % 3 == 0)


def compare(game: LinkedGame, number: int) -> list[str]:
    """Disagreements about a problem; empty if there are none."""
    rng = random.Random(number)
    told: list[str] = []
    if max(explicit_cells(game), 1) > MAX_CELLS:
        return ["skipped: the explicit form is too large"]
    explicit, separable = ExplicitForm(game), SeparableForm(game)
    profile = tuple(_random_strategy(rng, game, i) for i in range(game.n))
    paid = expected_payoffs(game, profile)
    if any(paid[i] != value for i, value in explicit.payoffs(profile).items()):
        told.append("payoffs of a random profile: explicit form")
    if separable.payoffs(profile) != paid:
        told.append("payoffs of a random profile: separable form")
    if separable.regret(profile) != explicit.regret(profile):
        told.append("regret of a random profile: separable form")
    told += _label_free(game, explicit, rng)
    bounds = [(floor(game, i), ceiling(game, i)) for i in range(game.n)]
    told += _bounds(game, explicit, separable, bounds)
    if game.n <= 3 and all(budget.is_exact for budget in game.budgets):
        told += [
            f"floor of agent {i}: linear program" for i in game.active if not _floor_by_highs(game, i, bounds[i][0])
        ]
    return told


def _random_strategy(rng: random.Random, game: LinkedGame, i: int) -> Strategy:
    messages = list(game.budgets[i].messages())
    plan = {}
    for t in game.type_vectors(i):
        chosen = rng.sample(messages, min(len(messages), rng.randint(1, 2)))
        weights = [rng.randint(1, 3) for _ in chosen]
        plan[t] = {m: Fraction(w, sum(weights)) for m, w in zip(chosen, weights, strict=True)}
    return Strategy(plan)


def _label_free(game: LinkedGame, explicit: ExplicitForm, rng: random.Random) -> list[str]:
    if not all(budget.is_exact for budget in game.budgets):
        return []
    form = LabelFreeForm(game)
    profile = tuple(uniform({t: form.tables(i).best_messages(t) for t in game.type_vectors(i)}) for i in range(game.n))
    told = [] if explicit.regret(profile) == 0 else ["label-free play is no equilibrium"]
    if expected_payoffs(game, profile) != form.payoffs():
        told.append("label-free payoffs")
    return told + _simulated(game, profile, form.payoffs(), rng)


def _simulated(game: LinkedGame, profile, payoffs, rng: random.Random) -> list[str]:
    """Payoffs of simulated play, within some standard errors."""
    rounds = []
    for _ in range(SIMULATED):
        sent, true = [], []
        for i, strategy in enumerate(profile):
            priors = [float(t.prob) for t in game.problem.agents[i].types]
            t = tuple(rng.choices(range(len(priors)), priors, k=game.copies))
            lottery = strategy.plan[t]
            true.append(t)
            sent.append(rng.choices(list(lottery), [float(p) for p in lottery.values()])[0])
        worth = np.zeros(game.n)
        for k in range(game.copies):
            lottery = game.lotteries[tuple(m[k] for m in sent)]
            for i in range(game.n):
                utility = game.problem.utility(i, true[i][k])
                worth[i] += sum(float(p * w) for p, w in zip(lottery, utility, strict=True)) / game.copies
        rounds.append(worth)
    table = np.array(rounds)
    error = table.std(axis=0, ddof=1) / np.sqrt(len(table))
    off = np.abs(table.mean(axis=0) - np.array([float(p) for p in payoffs]))
    return [] if np.all(off <= STANDARD_ERRORS * error + 1e-9) else ["label-free payoffs: simulation"]


def _bounds(game, explicit, separable, bounds) -> list[str]:
    """All equilibria of small games, and some of the others, lie between floors and ceilings with regret 0."""
    told = []
    solution = eq.solve(game, max_seconds=SECONDS)
    for e in solution:
        if e.strategies is None:
            continue
        if explicit.regret(e.strategies) or separable.regret(e.strategies):
            told.append("a listed equilibrium has regret")
        if expected_payoffs(game, e.strategies) != e.payoffs:
            told.append("a listed equilibrium pays otherwise")
        for payoff, (low, high) in zip(e.payoffs, bounds, strict=True):
            if not low <= payoff <= high:
                told.append("an equilibrium outside the bounds")
    if solution.scope == "all" and solution.complete and len(game.active) == 2 and len(solution) <= MOST_LISTED:
        again = eq.solve(game, method="support-enumeration", max_seconds=SECONDS)
        if again.complete and {e.payoffs for e in again} != {e.payoffs for e in solution}:
            told.append("support enumeration pays otherwise")
    return told


def _floor_by_highs(game: LinkedGame, i: int, exact: Fraction) -> bool:
    """The security level as one linear program in floating point, from the definition over explicit messages."""
    from scipy.optimize import linprog

    vectors, messages = list(game.type_vectors(i)), list(game.budgets[i].messages())
    moving = [j for j in game.active if j != i]
    sent = [list(game.budgets[j].messages()) for j in moving]
    if len(vectors) * len(messages) > 1_000 or math.prod(map(len, sent)) > 2_000:
        return True
    tables = {tuple(sorted(Counter(zip(*profile, strict=True)).items())) for profile in itertools.product(*sent)}
    if not moving:
        tables = {(((), game.copies),)}
    types = range(len(game.problem.agents[i].types))
    gain = np.zeros((len(tables), len(types), len(types)))
    for h, joint in enumerate(tables):
        for w, count in joint:
            for u in types:
                for v in types:
                    profile = _profile(game, i, v, moving, w)
                    worth = sum(p * x for p, x in zip(game.lotteries[profile], game.problem.utility(i, u), strict=True))
                    gain[h, u, v] += float(count * worth)
    columns = len(vectors) * len(messages) + 1
    cost = np.zeros(columns)
    cost[-1] = -1
    upper = np.zeros((len(tables), columns))
    upper[:, -1] = 1
    equal = np.zeros((len(vectors), columns))
    for a, t in enumerate(vectors):
        weight = float(game.type_probability(i, t)) / game.copies**2
        for b, m in enumerate(messages):
            column = a * len(messages) + b
            equal[a, column] = 1
            upper[:, column] = -weight * sum(gain[:, u, v] for u, v in zip(t, m, strict=True))
    found = linprog(
        cost, upper, np.zeros(len(tables)), equal, np.ones(len(vectors)), [(0, None)] * (columns - 1) + [(None, None)]
    )
    return bool(abs(-found.fun - float(exact)) < 1e-7)


def _profile(game: LinkedGame, i: int, v: int, moving, w):
    announced = [next(game.budgets[j].messages())[0] for j in range(game.n)]
    announced[i] = v
    for j, x in zip(moving, w, strict=True):
        announced[j] = x
    return tuple(announced)
