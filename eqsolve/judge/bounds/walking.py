"""Floors and ceilings where agents may walk away: bounds by what others can bring about of true and announced types.

What an agent gets on a problem depends on the others' true types, too. Against label-free play all that counts of
another agent j is its mean law of true and announced type on a problem, and that is a mean lie table: an average, over
the histograms of its true types, of tables with these row sums that keep to its budget. So

- a *floor* is what an agent's mean lie tables secure against all of j's: a zero-sum game, solved as a linear program;
- a *ceiling* is what it gets when it knows j's type vector and message: best-response payoffs are convex in what j
  does, so they are at most the mean, over j's histograms, of the best response to its most favourable lie table.

Both are valid and need not be attained. They are computed for agents with at most one other active agent.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from eqsolve.engines.lp import solve_lp
from eqsolve.exact.rational import to_integers
from eqsolve.forms.label_free import LabelFreeForm
from eqsolve.forms.lie_tables import LieTables, all_lie_tables
from eqsolve.linking import LinkedGame

MAX_VARIABLES = 6_000
MAX_LIE_TABLES = 20_000

Joint = dict[tuple[int, ...], int]
"""On how many problems what is met of the other active agents."""
Row = dict[int, Fraction | int]


def met_worth(game: LinkedGame, i: int, met: Sequence[int]) -> list[list[int]]:
    """What announcements (columns) are worth to true types of agent i (rows), given what it meets of the others.

    Times the scale of its values; one column for an agent that is not active.
    """
    tensor = game.met_values[i][0]
    if i not in game.active:
        return [[int(tensor[(u, *met)])] for u in range(len(tensor))]
    by_own = np.moveaxis(tensor, game.active.index(i) + 1, 1)
    return [[int(by_own[(u, v, *met)]) for v in range(by_own.shape[1])] for u in range(len(tensor))]


def only_opponent(game: LinkedGame, i: int) -> int | None:
    """The single active agent besides i; None if there are none or several."""
    others = [j for j in game.active if j != i]
    return others[0] if len(others) == 1 else None


def met_joints(game: LinkedGame, j: int) -> list[tuple[Fraction, list[Joint]]] | None:
    """Per histogram of agent j's true types its probability, and all lie tables as counts of what is met.

    None if there are more than `MAX_LIE_TABLES` lie tables.
    """
    types = len(game.problem.agents[j].types)
    found, count = [], 0
    for histogram, chance in game.histogram_law(j).items():
        joints: list[Joint] = []
        for table in all_lie_tables(game.budgets[j], histogram):
            count += 1
            if count > MAX_LIE_TABLES:
                return None
            joints.append({(u * types + v,): c for u, row in enumerate(table) for v, c in enumerate(row) if c})
        found.append((chance, joints))
    return found


def settled_payoff(game: LinkedGame, i: int) -> Fraction:
    """What agent i gets when nobody else has a choice that matters."""
    return LabelFreeForm(game, ((),) * game.n).payoff(i)


def bystander_end(game: LinkedGame, i: int, j: int, sign: int) -> Fraction:
    """Largest (1) or least (-1) payoff of an agent without a choice when only agent j has one."""
    types = len(game.problem.agents[j].types)
    chances, scale = to_integers(game.problem.agents[i].prior)
    tensor, unit = game.met_values[i]
    mean = np.tensordot(np.array(chances, dtype=object), tensor, axes=(0, 0)) * sign
    worth = tuple(tuple(int(x) for x in mean[u * types : (u + 1) * types]) for u in range(types))
    total = game.type_laws[j].exact_mean(LieTables(game.budgets[j], worth, 1).values)
    return sign * total / (scale * unit * game.copies)


def security_level(game: LinkedGame, i: int, j: int) -> Fraction | None:
    """Largest payoff per problem that agent i can secure by label-free play against agent j; None if too large.

    Variables are agent i's lie tables at every histogram, their mean τ, what a problem of j's true type x announced as
    w is worth under τ, and per histogram of j's a price of every true type and group: the dual of j's least favourable
    lie table.
    """
    program = _Program(game, i, j)
    if program.columns > MAX_VARIABLES:
        return None
    solution = solve_lp(
        [program.objective.get(k, 0) for k in range(program.columns)],
        A_ub=program.upper,
        b_ub=program.upper_right,
        A_eq=program.equal,
        b_eq=program.equal_right,
        free=program.free,
        maximise=True,
    )
    assert solution.value is not None
    return solution.value / (game.met_values[i][1] * game.copies**2)


class _Program:
    """The linear program of `security_level`."""

    def __init__(self, game: LinkedGame, i: int, j: int) -> None:
        self.game, self.i, self.j = game, i, j
        self.sizes = [len(game.problem.agents[k].types) for k in (i, j)]
        self.columns = 0
        self.free: list[int] = []
        self.upper: list[Row] = []
        self.upper_right: list[int] = []
        self.equal: list[Row] = []
        self.equal_right: list[int] = []
        self.objective: Row = {}
        own, other = (list(game.histogram_law(k).items()) for k in (i, j))
        size = self.sizes[1] + 2 * len(game.budgets[j].groups)
        if len(own) * self.sizes[0] ** 2 + len(other) * size > MAX_VARIABLES:
            self.columns = MAX_VARIABLES + 1
            return
        mean = self._mean_table(own)
        worth = self._worth(mean)
        for histogram, chance in other:
            self._least_favourable(histogram, chance, worth)

    def _new(self, count: int, free: bool = False) -> int:
        first = self.columns
        self.columns += count
        if free:
            self.free.extend(range(first, first + count))
        return first

    def _mean_table(self, law: Sequence[tuple[tuple[int, ...], Fraction]]) -> int:
        """First column of agent i's mean lie table."""
        m, groups = self.sizes[0], self.game.budgets[self.i].groups
        mean = self._new(m * m)
        rows: list[Row] = [{mean + cell: -1} for cell in range(m * m)]
        for histogram, chance in law:
            first = self._new(m * m)
            for cell in range(m * m):
                rows[cell][first + cell] = chance
            for u in range(m):
                self.equal.append({first + u * m + v: 1 for v in range(m)})
                self.equal_right.append(histogram[u])
            for group in groups:
                row: Row = {first + u * m + v: 1 for u in range(m) for v in group.members}
                if group.least == group.most:
                    self.equal.append(row)
                    self.equal_right.append(group.most)
                else:
                    self.upper += [row, dict.fromkeys(row, -1)]
                    self.upper_right += [group.most, -group.least]
        self.equal += rows
        self.equal_right += [0] * len(rows)
        return mean

    def _worth(self, mean: int) -> int:
        """First column of what every true and announced type of agent j is worth to agent i under its mean table."""
        m, n = self.sizes
        first = self._new(n * n, free=True)
        for met in range(n * n):
            values = met_worth(self.game, self.i, (met,))
            row: Row = {mean + u * m + v: values[u][v] for u, v in itertools.product(range(m), repeat=2)}
            self.equal.append({**row, first + met: -1})
            self.equal_right.append(0)
        return first

    def _least_favourable(self, histogram: Sequence[int], chance: Fraction, worth: int) -> None:
        """The dual of the lie table of agent j at a histogram that is worst for agent i."""
        n, groups = self.sizes[1], self.game.budgets[self.j].groups
        alpha = self._new(n, free=True)
        self.objective |= {alpha + x: chance * count for x, count in enumerate(histogram)}
        for group in groups:
            if group.least == group.most:
                price = [(self._new(1, free=True), 1, group.most)]
            else:
                price = [(self._new(1), 1, group.least), (self._new(1), -1, -group.most)]
            self.objective |= {column: chance * total for column, _, total in price}
            for x, w in itertools.product(range(n), group.members):
                row: Row = {alpha + x: 1, worth + x * n + w: -1}
                row |= {column: sign for column, sign, _ in price}
                self.upper.append(row)
                self.upper_right.append(0)
