"""Floors and ceilings: what every Bayesian equilibrium must pay, proved without finding any.

A label-free strategy meets every opponent's messages as if they had been shuffled, so all that counts of them is
their *joint histogram* H: on how many problems the others announce each profile. An agent's security level among
label-free strategies is therefore a floor for every equilibrium; for two agents with exact budgets it equals the
label-free payoff and is sharp. An agent's best-response payoff is convex in the others' joint announcements, so the
largest best-response payoff against known, fixed messages is a ceiling.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

import numpy as np

from eqsolve.engines.lp import solve_lp
from eqsolve.engines.transport import integer_tables
from eqsolve.forms.label_free import LabelFreeForm
from eqsolve.forms.lie_tables import LieTables
from eqsolve.linking import LinkedGame, multinomial_law

MAX_JOINT_HISTOGRAMS = 20_000
MAX_FLOOR_VARIABLES = 3_000
MAX_CEILING_WORK = 20_000_000

Announced = tuple[int, ...]
JointHistogram = dict[Announced, int]
"""On how many problems the other active agents announce each profile of types."""


@lru_cache(maxsize=64)
def joint_histograms(game: LinkedGame, i: int, limit: int = MAX_JOINT_HISTOGRAMS) -> Sequence[JointHistogram] | None:
    """All joint histograms of the announcements of the active agents other than i.

    Returns
    -------
    sequence of dict, or None
        None if there are more than `limit`. The integer tables whose margins the budgets admit, for any number of
        agents and any kind of budget.
    """
    others = [j for j in game.active if j != i]
    # A joint histogram stands for at most K! profiles of messages.
    if math.prod(game.budgets[j].message_count() for j in others) > limit * math.factorial(game.copies):
        return None
    found: list[JointHistogram] = [{(): game.copies}]
    for j in others:
        longer: list[JointHistogram] = []
        for joint in found:
            for histogram in game.budgets[j].histograms():
                for table in integer_tables(list(joint.values()), histogram):
                    longer.append(
                        {(*w, v): c for w, row in zip(joint, table, strict=True) for v, c in enumerate(row) if c}
                    )
                    if len(longer) > limit:
                        return None
        found = longer
    return found


def floor(game: LinkedGame, i: int) -> Fraction | None:
    """Largest payoff per problem that agent i can secure by label-free play, ex ante.

    No Bayesian equilibrium pays less. With a single opponent on an exact budget this is the label-free payoff.
    None where there are too many joint histograms, or the program would be too large.
    """
    if sum(1 for j in game.active if j != i) <= 1 and all(game.budgets[j].is_exact for j in game.active if j != i):
        return LabelFreeForm(game).payoff(i)
    joints = joint_histograms(game, i)
    if joints is None:
        return None
    if i not in game.active:
        return min(_bystander_payoff(game, i, joint) for joint in joints)
    return _security_level(game, i, joints)


def ceiling(game: LinkedGame, i: int) -> Fraction | None:
    """Largest best-response payoff per problem of agent i against known, fixed messages of the others.

    No Bayesian equilibrium pays more. None where there are too many joint histograms or joint counts.
    """
    joints = joint_histograms(game, i)
    if joints is None:
        return None
    if i not in game.active:
        return max(_bystander_payoff(game, i, joint) for joint in joints)
    best: Fraction | None = None
    budget = MAX_CEILING_WORK // max(1, len(joints))
    for joint in joints:
        value = _informed_payoff(game, i, joint, budget)
        if value is None:
            return None
        best = value if best is None else max(best, value)
    return best


def _worth(game: LinkedGame, i: int, announced: Announced) -> list[list[int]]:
    """g_i(u; v, announced) times the scale of agent i's values, rows u and columns v."""
    tensor = game.active_values[i][0]
    if i not in game.active:
        return [[int(tensor[(u, *announced)])] for u in range(len(tensor))]
    own = game.active.index(i)
    by_own = np.moveaxis(tensor, own + 1, 1)
    return [[int(by_own[(u, v, *announced)]) for v in range(by_own.shape[1])] for u in range(len(tensor))]


def _bystander_payoff(game: LinkedGame, i: int, joint: JointHistogram) -> Fraction:
    prior, scale = game.problem.agents[i].prior, game.active_values[i][1]
    total = sum(
        (c * p * row[0] for w, c in joint.items() for p, row in zip(prior, _worth(game, i, w), strict=True)),
        Fraction(0),
    )
    return total / (scale * game.copies)


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
    worth = [tuple(row) for w in joint for row in _worth(game, i, w)]
    tables = LieTables(game.budgets[i], tuple(worth), game.active_values[i][1])
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


def _security_level(game: LinkedGame, i: int, joints: Sequence[JointHistogram]) -> Fraction | None:
    """Max over mean lie tables τ of min over joint histograms H of Σ H(w) τ(u,v) g_i(u; v, w), per problem.

    A linear program in the lie tables at every histogram of true types and the secured payoff; a row per joint
    histogram, added when it binds.
    """
    law = list(game.histogram_law(i).items())
    types = len(game.problem.agents[i].types)
    if len(law) * types * types > MAX_FLOOR_VARIABLES:
        return None
    program = _LieTableProgram(game, i, law)
    worths = {w: _worth(game, i, w) for joint in joints for w in joint}
    matrices = [
        tuple(tuple(sum(c * worths[w][u][v] for w, c in joint.items()) for v in range(types)) for u in range(types))
        for joint in joints
    ]
    matrices = list(dict.fromkeys(matrices))
    rows = [matrices[0]]
    while True:
        secured, mean = program.solve(rows)
        worst = min(
            matrices, key=lambda c: sum(x * t for r, s in zip(c, mean, strict=True) for x, t in zip(r, s, strict=True))
        )
        if worst in rows:
            return secured / (game.active_values[i][1] * game.copies * game.copies)
        rows.append(worst)


class _LieTableProgram:
    """Linear program over lie tables at every histogram of an agent's true types."""

    def __init__(self, game: LinkedGame, i: int, law: Sequence[tuple[tuple[int, ...], Fraction]]) -> None:
        self.types = len(game.problem.agents[i].types)
        self.law = law
        cell = {
            (h, u, v): k
            for k, (h, u, v) in enumerate(itertools.product(range(len(law)), range(self.types), range(self.types)))
        }
        self.secured = len(cell)
        self.cell = cell
        self.A_eq: list[dict[int, int]] = []
        self.b_eq: list[int] = []
        self.A_ub: list[dict[int, int]] = []
        self.b_ub: list[int] = []
        for h, (histogram, _) in enumerate(law):
            for u in range(self.types):
                self.A_eq.append({cell[h, u, v]: 1 for v in range(self.types)})
                self.b_eq.append(histogram[u])
            for group in game.budgets[i].groups:
                row = {cell[h, u, v]: 1 for u in range(self.types) for v in group.members}
                if group.least == group.most:
                    self.A_eq.append(row)
                    self.b_eq.append(group.most)
                else:
                    self.A_ub += [row, dict.fromkeys(row, -1)]
                    self.b_ub += [group.most, -group.least]

    def solve(self, matrices: Sequence[Sequence[Sequence[int]]]) -> tuple[Fraction, list[list[Fraction]]]:
        """Largest secured Σ τ c over the worst of some matrices c, and the mean lie table τ that secures it."""
        rows: list[dict[int, Fraction | int]] = [dict(row) for row in self.A_ub]
        for matrix in matrices:
            row: dict[int, Fraction | int] = {
                k: -self.law[h][1] * matrix[u][v] for (h, u, v), k in self.cell.items() if matrix[u][v]
            }
            row[self.secured] = 1
            rows.append(row)
        solution = solve_lp(
            [0] * self.secured + [1],
            A_ub=rows,
            b_ub=[*self.b_ub, *([0] * len(matrices))],
            A_eq=self.A_eq,
            b_eq=self.b_eq,
            free=[self.secured],
            maximise=True,
        )
        assert solution.value is not None
        mean = [[Fraction(0)] * self.types for _ in range(self.types)]
        for (h, u, v), k in self.cell.items():
            mean[u][v] += self.law[h][1] * solution.x[k]
        return solution.value, mean
