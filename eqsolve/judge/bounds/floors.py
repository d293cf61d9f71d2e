"""Floors: what an agent can secure by label-free play, so that no Bayesian equilibrium pays less.

A label-free strategy meets every opponent's messages as if they had been shuffled, so all that counts of them is
their joint histogram H. The security level among label-free strategies is therefore a floor for every equilibrium;
for two agents with exact budgets it equals the label-free payoff and is sharp.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from eqsolve.budget import Histogram
from eqsolve.engines.lp import solve_lp
from eqsolve.exact.rational import text
from eqsolve.forms.label_free import LabelFreeForm
from eqsolve.judge.bounds import walking
from eqsolve.judge.bounds.joint_histograms import JointHistogram, bystander_payoff, is_plain, joint_histograms, worth
from eqsolve.judge.bounds.multipliers import multipliers_evidence
from eqsolve.linking import LinkedGame

MAX_FLOOR_VARIABLES = 3_000

MeanTable = list[list[Fraction]]
"""A lie table of a mixture: fractions allowed."""


def floor(game: LinkedGame, i: int) -> Fraction | None:
    """Largest payoff per problem that agent i can secure by label-free play, ex ante.

    No Bayesian equilibrium pays less. With a single opponent on an exact budget this is the label-free payoff.
    None where there are too many joint histograms, the program would be too large, or the agent's types are not
    exchangeable across problems: then label-free play does not treat all problems alike. Where agents may walk away the
    floor is valid, but need not be attained; it is None with several other active agents.

    Examples
    --------
    >>> import eqsolve as eq
    >>> str(eq.floor(eq.load("bargaining").link(3), 0))
    '584/243'
    """
    if i in game.active and not game.type_laws[i].is_exchangeable:
        return None
    if game.status_quo is not None:
        return _floor_with_walking(game, i)
    if _meets_one_histogram(game, i):
        return LabelFreeForm(game).payoff(i)
    joints = joint_histograms(game, i)
    if joints is None:
        return None
    if i not in game.active:
        return min(bystander_payoff(game, i, joint) for joint in joints)
    secured = _security_level(game, i, joints)
    return None if secured is None else secured[0]


def _floor_with_walking(game: LinkedGame, i: int) -> Fraction | None:
    if all(j == i for j in game.active):
        return walking.settled_payoff(game, i)
    j = walking.only_opponent(game, i)
    if j is None or not game.type_laws[j].is_exchangeable:
        return None
    return walking.bystander_end(game, i, j, -1) if i not in game.active else walking.security_level(game, i, j)


def floor_evidence(game: LinkedGame, i: int) -> dict[str, Any] | None:
    """What shows `floor` to a checker: a label-free strategy that secures it, as lie tables.

    Returns
    -------
    dict or None
        JSON-ready, of kind ``"label-free"``, or ``"bystander"`` for an agent without a choice that matters; None
        where there is no floor, or certificates do not know the game (filter, walking away, type processes).
    """
    if not is_plain(game):
        return None
    if i not in game.active:
        return {"kind": "bystander"} if joint_histograms(game, i) is not None else None
    if _meets_one_histogram(game, i):
        return {"kind": "label-free", "tables": _best_tables(LabelFreeForm(game), i)}
    joints = joint_histograms(game, i)
    secured = None if joints is None else _security_level(game, i, joints)
    if secured is None:
        return None
    tables = [
        {"histogram": list(histogram), "table": [[text(x) for x in row] for row in table]}
        for histogram, table in secured[1]
    ]
    return {"kind": "label-free", "tables": tables}


def label_free_evidence(game: LinkedGame, i: int) -> dict[str, Any]:
    """What shows the payoff of agent i in every label-free equilibrium to a checker (exact budgets only).

    Returns
    -------
    dict
        ``tables`` that reach the payoff and ``duals``, multipliers which show that no label-free play reaches more.
    """
    form = LabelFreeForm(game)
    return {"tables": _best_tables(form, i), "duals": multipliers_evidence(form.tables(i))}


def _meets_one_histogram(game: LinkedGame, i: int) -> bool:
    """Whether the others have a single joint histogram: at most one active one, on an exact budget."""
    others = [j for j in game.active if j != i]
    return len(others) <= 1 and all(game.budgets[j].is_exact for j in others)


def _best_tables(form: LabelFreeForm, i: int) -> list[dict[str, Any]]:
    """A best lie table at every histogram of true types."""
    best = form.tables(i)
    return [
        {"histogram": list(histogram), "table": [[text(c) for c in row] for row in next(best.tables(histogram))]}
        for histogram, _ in form.game.histogram_law(i).items()
    ]


def _security_level(
    game: LinkedGame, i: int, joints: Sequence[JointHistogram]
) -> tuple[Fraction, list[tuple[Histogram, MeanTable]]] | None:
    """Max over mean lie tables τ of min over joint histograms H of Σ H(w) τ(u,v) g_i(u; v, w), per problem.

    A linear program in the lie tables at every histogram of true types and the secured payoff; a row per joint
    histogram, added when it binds. None if it would be too large.
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
        secured, tables = program.solve(rows)
        mean = [
            [sum((p * t[u][v] for (_, p), t in zip(law, tables, strict=True)), Fraction(0)) for v in range(types)]
            for u in range(types)
        ]
        worst = min(
            matrices, key=lambda c: sum(x * t for r, s in zip(c, mean, strict=True) for x, t in zip(r, s, strict=True))
        )
        if worst in rows:
            value = secured / (game.active_values[i][1] * game.copies * game.copies)
            return value, [(histogram, t) for (histogram, _), t in zip(law, tables, strict=True)]
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

    def solve(self, matrices: Sequence[Sequence[Sequence[int]]]) -> tuple[Fraction, list[MeanTable]]:
        """Largest secured Σ τ c over the worst of some matrices c, and the lie tables whose mean τ secures it."""
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
        tables = [[[Fraction(0)] * self.types for _ in range(self.types)] for _ in self.law]
        for (h, u, v), k in self.cell.items():
            tables[h][u][v] = solution.x[k]
        return solution.value, tables
