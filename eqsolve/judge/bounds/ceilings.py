"""Ceilings: the largest best-response payoff against known messages, which no Bayesian equilibrium exceeds.

An agent's best-response payoff is convex in the others' joint announcements, so it is largest where these are known
and fixed; it then depends on their joint histogram only.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from eqsolve.forms.lie_tables import LieTables
from eqsolve.judge.bounds.joint_histograms import JointHistogram, bystander_payoff, joint_histograms, worth
from eqsolve.linking import LinkedGame, multinomial_law

MAX_CEILING_WORK = 20_000_000


def ceiling(game: LinkedGame, i: int) -> Fraction | None:
    """Largest best-response payoff per problem of agent i against known, fixed messages of the others.

    No Bayesian equilibrium pays more. None where there are too many joint histograms or joint counts.
    """
    joints = joint_histograms(game, i)
    if joints is None:
        return None
    if i not in game.active:
        return max(bystander_payoff(game, i, joint) for joint in joints)
    best: Fraction | None = None
    budget = MAX_CEILING_WORK // max(1, len(joints))
    for joint in joints:
        value = _informed_payoff(game, i, joint, budget)
        if value is None:
            return None
        best = value if best is None else max(best, value)
    return best


def _informed_payoff(game: LinkedGame, i: int, joint: JointHistogram, budget: int) -> Fraction | None:
    """Ex ante best-response payoff when the others' messages are known and have this joint histogram.

    Rows of the transportation problem are the pairs (true type, what the others announce there); their counts are
    independent multinomials, one for each announced profile.
    """
    prior = game.problem.agents[i].prior
    possible = sum(1 for p in prior if p)
    states = math.prod(math.comb(c + possible - 1, possible - 1) for c in joint.values())
    if states > budget:
        return None
    laws = [multinomial_law(prior, c) for c in joint.values()]
    rows = [tuple(row) for w in joint for row in worth(game, i, w)]
    tables = LieTables(game.budgets[i], tuple(rows), game.active_values[i][1])
    weights = np.array(laws[0].weights, dtype=object)
    for law in laws[1:]:
        weights = np.multiply.outer(weights, np.array(law.weights, dtype=object)).ravel()
    best = None
    for totals in tables.totals:
        family = tables.family(totals)
        if states * len(family.duals) > budget:
            return None
        scores = family.scores(laws[0].histograms, 0)
        for k, law in enumerate(laws[1:], start=1):
            part = family.scores(law.histograms, k * len(prior))
            scores = (scores[:, :, None] + part[:, None, :]).reshape(len(scores), -1)
        values = (scores + family.constants(scores.dtype)).min(axis=0)
        best = values if best is None else np.maximum(best, values)
    assert best is not None
    total = int(weights @ best.astype(object))
    scale = math.prod(law.scale for law in laws) * tables.scale * game.copies
    return Fraction(total, scale)
