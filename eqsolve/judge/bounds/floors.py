"""Floors: what an agent can secure by label-free play, so that no Bayesian equilibrium pays less.

A label-free strategy meets every opponent's messages as if they had been shuffled, so all that counts of them is
their joint histogram H. The security level among label-free strategies is therefore a floor for every equilibrium;
for two agents with exact budgets it equals the label-free payoff and is sharp.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction

from eqsolve.engines.lp import solve_lp
from eqsolve.forms.label_free import LabelFreeForm
from eqsolve.judge.bounds.joint_histograms import JointHistogram, bystander_payoff, joint_histograms, worth
from eqsolve.linking import LinkedGame

MAX_FLOOR_VARIABLES = 3_000


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
        return min(bystander_payoff(game, i, joint) for joint in joints)
    return _security_level(game, i, joints)


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
    worths = {w: worth(game, i, w) for joint in joints for w in joint}
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
