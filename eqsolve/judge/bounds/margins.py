"""Floors and ceilings where joint histograms cannot be listed: from how often each agent announces what.

A function c of what the others announce on a problem is bounded by *prices*: if c(w) is at least Σ_j y_j(w_j), its sum
over the problems is at least what the others' announcements cost, Σ_j Σ_v b_j(v) y_j(v), and that is least separately
for every agent's budget. This is linear programming duality for real joint histograms with the budgets as margins: the
bounds are valid, and weaker than floor and ceiling where integer joint histograms matter.

- *From below*, for a label-free strategy with mean lie table τ: c(w) = Σ τ[u,v] g(u; v, w), as in a floor.
- *From above*, values σ[u,v] of one's own announcements are split off: g(u; v, w) <= α(u, w) + σ[u,v] with
  α(u, w) = max over v of g(u; v, w) - σ[u,v]. True types are independent of what the others announce, so the first part
  is worth Σ_u P(u) α(u, w) on average, a function of w; the second is worth at most the best lie table, a
  transportation problem.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from eqsolve.engines.lp import LinearProgram, solve_lp
from eqsolve.engines.lp_duals import multipliers
from eqsolve.errors import SizeError
from eqsolve.exact.rational import text, to_integers
from eqsolve.forms.lie_tables import LieTables
from eqsolve.judge.bounds.joint_histograms import Announced, require_plain, worth
from eqsolve.judge.bounds.multipliers import multipliers_evidence
from eqsolve.linking import LinkedGame

MAX_VARIABLES = 12_000

Row = dict[int, Fraction | int]
Prices = dict[int, list[Fraction]]
"""Per other agent a price for each announcement."""


@dataclass(frozen=True)
class MarginsBound:
    """A bound on one agent's payoff in all equilibria, per problem, with evidence of kind ``"margins"``."""

    value: Fraction
    evidence: dict[str, Any]


def floor_by_margins(game: LinkedGame, i: int) -> MarginsBound:
    """A floor that needs no joint histograms: at most `floor`, and equal to it for up to three active agents.

    Raises
    ------
    SizeError
        If the linear program would be too large.
    NotSupported
        With a filter, walking away or type processes.
    """
    require_plain(game, "bounds from margins")
    others = _Others(game, i)
    law = list(game.histogram_law(i).items())
    types, scale = len(game.problem.agents[i].types), game.active_values[i][1]
    _check_size(len(law) * types * types + len(others.profiles))
    program = _Program()
    tables = _lie_tables(program, game, i, [(h, 1) for h, _ in law])
    prices = {j: [program.new(1, free=True) for _ in game.budgets[j].groups] for j in others.agents}
    gap = program.new(1, free=True)
    for w in others.profiles:
        values = worth(game, i, w)
        row: Row = {gap: 1}
        for (_, chance), first in zip(law, tables, strict=True):
            for u, v in itertools.product(range(types), repeat=2):
                row[first + u * types + v] = -chance * values[u][v if i in game.active else 0]
        for j, v in zip(others.agents, w, strict=True):
            column = prices[j][others.group[j][v]]
            row[column] = 1
        program.below(row, 0)
    objective = others.least_cost(program, prices) | {gap: game.copies}
    solution = solve_lp(
        [objective.get(k, 0) for k in range(program.columns)],
        A_ub=program.upper,
        b_ub=program.upper_right,
        A_eq=program.equal,
        b_eq=program.equal_right,
        free=program.free,
        maximise=True,
    )
    assert solution.value is not None
    written = [
        {
            "histogram": list(histogram),
            "table": [[text(x) for x in solution.x[first + u * types :][:types]] for u in range(types)],
        }
        for (histogram, _), first in zip(law, tables, strict=True)
    ]
    found = {j: [solution.x[prices[j][others.group[j][v]]] / scale for v in range(size)] for j, size in others.sizes}
    value = solution.value / (scale * game.copies**2)
    return MarginsBound(value, {"kind": "margins", "tables": written, "prices": others.written(found)})


def ceiling_by_margins(game: LinkedGame, i: int, *, max_seconds: float | None = None) -> MarginsBound | None:
    """A ceiling that needs no joint histograms: at least `ceiling`.

    None if the linear program was not solved in time.

    Raises
    ------
    SizeError
        If the linear program would be too large.
    NotSupported
        With a filter, walking away or type processes.
    """
    require_plain(game, "bounds from margins")
    others = _Others(game, i)
    types = len(game.problem.agents[i].types)
    announced = range(types if i in game.active else 1)
    values = [worth(game, i, w) for w in others.profiles]
    law = list(game.histogram_law(i).items())
    _check_size((types * len(announced) + 1) * len(values) + len(law) * types * types)
    program = _Program()
    joint = program.new(types * len(announced) * len(values))
    common = program.new(len(values))
    prior = game.problem.agents[i].prior
    for w, u in itertools.product(range(len(values)), range(types)):
        # the true type is independent of what the others announce
        row: Row = {joint + (w * types + u) * len(announced) + v: 1 for v in announced}
        program.equals({**row, common + w: -prior[u]}, 0)
    first_value = len(program.equal)
    if i in game.active:
        tables = _lie_tables(program, game, i, law)
        first_value = len(program.equal)
        for u, v in itertools.product(range(types), range(types)):
            row = {joint + (w * types + u) * types + v: game.copies for w in range(len(values))}
            program.equals({**row, **{first + u * types + v: -1 for first in tables}}, 0)
    first_price = others.keep_to_budgets(program, common)
    objective: list[Fraction | int] = [0] * program.columns
    for w, (u, v) in itertools.product(range(len(values)), itertools.product(range(types), announced)):
        objective[joint + (w * types + u) * len(announced) + v] = values[w][u][v]
    duals = multipliers(program.read(objective), max_seconds=max_seconds)
    if duals is None:
        return None
    upper, equal = duals[: len(program.upper)], duals[len(program.upper) :]
    scale = game.active_values[i][1]
    told = [[Fraction(0)] * types for _ in range(types)]
    if i in game.active:
        for u, v in itertools.product(range(types), range(types)):
            told[u][v] = equal[first_value + u * types + v] * game.copies / scale
    found = {j: [p / scale for p in others.prices_of(j, first_price[j], upper, equal)] for j in others.agents}
    return _ceiling_of(game, i, others, told, found)


def _ceiling_of(
    game: LinkedGame, i: int, others: _Others, told: Sequence[Sequence[Fraction]], prices: Prices
) -> MarginsBound:
    """What values of one's own announcements, and prices, prove: exact whatever they are."""
    scale, prior, types = game.active_values[i][1], game.problem.agents[i].prior, range(len(told))
    gaps = []
    for w in others.profiles:
        values = worth(game, i, w)
        announced = range(len(values[0]))
        alpha = [max(Fraction(values[u][v], scale) - told[u][v] for v in announced) for u in types]
        mean = sum((p * a for p, a in zip(prior, alpha, strict=True)), Fraction(0))
        gaps.append(mean - sum((prices[j][v] for j, v in zip(others.agents, w, strict=True)), Fraction(0)))
    flat, unit = to_integers([q for row in told for q in row])
    size = len(told)
    own = LieTables(game.budgets[i], tuple(tuple(flat[k : k + size]) for k in range(0, size * size, size)), unit)
    law = game.histogram_law(i)
    best = sum(w * int(x) for w, x in zip(law.weights, own.values(law.histograms), strict=True))
    cost = sum((max(others.costs(j, prices[j])) for j in others.agents), Fraction(0))
    value = max(gaps) + (cost + Fraction(best, law.scale * unit)) / game.copies
    evidence = {
        "kind": "margins",
        "values": [[text(q) for q in row] for row in told],
        "duals": multipliers_evidence(own),
        "prices": others.written(prices),
    }
    return MarginsBound(value, evidence)


def _check_size(variables: int) -> None:
    if variables > MAX_VARIABLES:
        raise SizeError(
            f"bounds from margins would need a linear program of {variables:,} variables, at most {MAX_VARIABLES:,}; "
            "fewer agents, types or copies help"
        )


class _Program:
    """A linear program that grows."""

    def __init__(self) -> None:
        self.columns = 0
        self.free: list[int] = []
        self.upper: list[Row] = []
        self.upper_right: list[Fraction | int] = []
        self.equal: list[Row] = []
        self.equal_right: list[Fraction | int] = []

    def new(self, count: int, free: bool = False) -> int:
        """The first of some new columns."""
        first = self.columns
        self.columns += count
        if free:
            self.free.extend(range(first, first + count))
        return first

    def equals(self, row: Row, right: Fraction | int) -> None:
        """One more equality."""
        self.equal.append(row)
        self.equal_right.append(right)

    def below(self, row: Row, right: Fraction | int) -> None:
        """One more inequality."""
        self.upper.append(row)
        self.upper_right.append(right)

    def read(self, objective: Sequence[Fraction | int]) -> LinearProgram:
        """The program with an objective to be maximised."""
        return LinearProgram.of(
            objective, self.upper, self.upper_right, self.equal, self.equal_right, free=self.free, maximise=True
        )


def _lie_tables(
    program: _Program, game: LinkedGame, i: int, law: Sequence[tuple[tuple[int, ...], Fraction | int]]
) -> list[int]:
    """Lie tables at every histogram of true types, times its weight; the first column of each."""
    types = len(game.problem.agents[i].types)
    firsts = []
    for histogram, weight in law:
        first = program.new(types * types)
        firsts.append(first)
        for u in range(types):
            program.equals({first + u * types + v: 1 for v in range(types)}, weight * histogram[u])
        for group in game.budgets[i].groups:
            row: Row = {first + u * types + v: 1 for u in range(types) for v in group.members}
            if group.least == group.most:
                program.equals(row, weight * group.most)
            else:
                program.below(row, weight * group.most)
                program.below(dict.fromkeys(row, -1), -weight * group.least)
    return firsts


class _Others:
    """The other active agents: what they announce on one problem, and what their budgets say of all of them."""

    def __init__(self, game: LinkedGame, i: int) -> None:
        self.game = game
        self.agents = [j for j in game.active if j != i]
        shape = [len(game.problem.agents[j].types) for j in self.agents]
        _check_size(math.prod(shape))
        self.sizes = list(zip(self.agents, shape, strict=True))
        self.profiles: list[Announced] = list(itertools.product(*map(range, shape)))
        self.group = {
            j: {v: g for g, group in enumerate(game.budgets[j].groups) for v in group.members} for j in self.agents
        }

    def costs(self, j: int, prices: Sequence[Fraction]) -> list[Fraction]:
        """What every histogram that agent j may announce costs."""
        return [
            sum((n * p for n, p in zip(h, prices, strict=True)), Fraction(0)) for h in self.game.budgets[j].histograms()
        ]

    def least_cost(self, program: _Program, prices: Mapping[int, Sequence[int]]) -> dict[int, int]:
        """Objective: what the others' announcements cost at least; a price per group, given as columns.

        With bounds the least cost over totals is, by duality, the largest K θ + Σ (least p - most q) with prices
        θ + p - q.
        """
        objective: dict[int, int] = {}
        for j in self.agents:
            groups = self.game.budgets[j].groups
            if all(g.least == g.most for g in groups):
                objective |= {column: g.most for column, g in zip(prices[j], groups, strict=True)}
                continue
            theta = program.new(1, free=True)
            objective[theta] = self.game.copies
            for column, g in zip(prices[j], groups, strict=True):
                p = program.new(2)
                objective |= {p: g.least, p + 1: -g.most}
                program.equals({column: -1, theta: 1, p: 1, p + 1: -1}, 0)
        return objective

    def keep_to_budgets(self, program: _Program, first: int) -> dict[int, tuple[int, int]]:
        """Margins of the joint frequencies that start at a column; per agent its first inequality and equality."""
        places = {}
        for place, j in enumerate(self.agents):
            places[j] = (len(program.upper), len(program.equal))
            for g, group in enumerate(self.game.budgets[j].groups):
                row: Row = {first + k: 1 for k, w in enumerate(self.profiles) if self.group[j][w[place]] == g}
                if group.least == group.most:
                    program.equals(row, Fraction(group.most, self.game.copies))
                else:
                    program.below(row, Fraction(group.most, self.game.copies))
                    program.below(dict.fromkeys(row, -1), -Fraction(group.least, self.game.copies))
        if not self.agents:
            program.equals({first: 1}, 1)
        else:
            program.equals({first + k: 1 for k in range(len(self.profiles))}, 1)
        return places

    def prices_of(
        self, j: int, place: tuple[int, int], upper: Sequence[Fraction], equal: Sequence[Fraction]
    ) -> list[Fraction]:
        """Prices of agent j's announcements, from the multipliers of its margins."""
        below, same = place
        prices = [Fraction(0)] * dict(self.sizes)[j]
        for group in self.game.budgets[j].groups:
            if group.least == group.most:
                price, same = equal[same], same + 1
            else:
                price, below = upper[below] - upper[below + 1], below + 2
            for v in group.members:
                prices[v] = price
        return prices

    def written(self, prices: Prices) -> dict[str, list[str]]:
        """Prices for a checker."""
        return {self.game.problem.agents[j].name: [text(p) for p in row] for j, row in prices.items()}
