"""The frontier as the number of problems grows: a linear program over frequencies.

With many problems every joint type occurs as often as the prior says, and a plan is a table of frequencies τ(u, v) of
joint types and joint announcements: rows sum to the prior, announcements have the members' frequencies as margins, and
every comparison that the filter makes is a pair of linear inequalities.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from eqsolve.budget import BudgetRule
from eqsolve.collusion.coalition import Coalition
from eqsolve.collusion.frontier import SOMEBODY_LOSES, Payoffs, Point
from eqsolve.engines.bayesian import Integers
from eqsolve.engines.lp import Number, solve_lp
from eqsolve.errors import SizeError
from eqsolve.filter.distance import JOINT, PAIRWISE
from eqsolve.linking import LinkedGame

MAX_VARIABLES = 3_000
MAX_COMPARISONS = 20_000
Row = dict[int, Number]


@dataclass(frozen=True, eq=False)
class LimitFrontier:
    """The frontier of a coalition that pools types, in the limit of many problems.

    Parameters
    ----------
    coalition : Coalition
    kind : {"pairwise", "joint"}
    weights : tuple of Fraction, optional

    Notes
    -----
    Budgets that follow the prior tend to it; other exact budgets keep their shares. Nothing is replaced to make
    marginals exact, as there is nothing left to replace.

    Raises
    ------
    SizeError
        If the program is too large.
    """

    coalition: Coalition
    kind: str = PAIRWISE
    weights: tuple[Fraction, ...] | None = None

    def __post_init__(self) -> None:
        rows, columns = len(self.coalition.rows), len(self.coalition.columns)
        if rows * columns > MAX_VARIABLES:
            raise SizeError(
                f"the limit program has {rows * columns:,} variables, at most {MAX_VARIABLES:,}; fewer members or "
                "types help"
            )

    @cached_property
    def shares(self) -> tuple[tuple[Fraction, ...], ...]:
        """How often each agent announces each type in the limit."""
        game = self.coalition.game
        return tuple(
            agent.prior if self._rule(game, agent.name).kind == "frequencies" else shares
            for agent, shares in zip(game.problem.agents, self.coalition.budget_shares, strict=True)
        )

    @staticmethod
    def _rule(game: LinkedGame, name: str) -> BudgetRule:
        rules = game.budget_rules
        return rules if isinstance(rules, BudgetRule) else rules.get(name, BudgetRule())

    @cached_property
    def _plain(self) -> Coalition:
        """The coalition in a game whose announcements are never replaced."""
        game = self.coalition.game
        if not game.options.exact_marginals:
            return self.coalition
        return Coalition(LinkedGame(game.problem, game.rule, game.copies, game.budget_rules), self.coalition.members)

    @cached_property
    def worth(self) -> tuple[tuple[Integers, int], ...]:
        """Per member the worth of a problem: array (joint types, joint announcements) times a scale, and that."""
        return tuple(self._plain.worth_to(i, self.shares) for i in self.coalition.members)

    @cached_property
    def label_free(self) -> dict[int, tuple[Fraction, tuple[tuple[Fraction, ...], ...]]]:
        """Per agent the limit of label-free payoffs, and frequencies of true and announced types that attain it."""
        return {i: self._label_free(i) for i in range(self.coalition.game.n)}

    def _label_free(self, i: int) -> tuple[Fraction, tuple[tuple[Fraction, ...], ...]]:
        prior, shares = self.coalition.game.problem.agents[i].prior, self.shares[i]
        table, scale = self._plain.means(i, self.shares)
        types = range(len(prior))
        found = solve_lp(
            [int(table[u, v]) for u in types for v in types],
            A_eq=[
                *({u * len(prior) + v: 1 for v in types} for u in types),
                *({u * len(prior) + v: 1 for u in types} for v in types),
            ],
            b_eq=[*prior, *shares],
            maximise=True,
        )
        assert found.value is not None
        lies = [tuple(found.x[u * len(prior) : (u + 1) * len(prior)]) for u in types]
        if tuple(prior) == tuple(shares) and found.value == sum(p * int(table[u, u]) for u, p in enumerate(prior)):
            lies = [
                tuple(p if u == v else Fraction(0) for v in types) for u, p in enumerate(prior)
            ]  # truth is best, too
        return found.value / scale, tuple(lies)

    @property
    def objective(self) -> tuple[Fraction, ...]:
        """Weights of the members' gains."""
        return self.weights if self.weights is not None else (Fraction(1),) * len(self.coalition.members)

    def point(self, epsilon: Fraction | None) -> Point:
        """The most that the coalition can gain under one filter."""
        count = len(self.coalition.rows) * len(self.coalition.columns)
        sums = [self._payoff_row(p) for p in range(len(self.coalition.members))]
        floor = [self.label_free[i][0] for i in self.coalition.members]
        upper: list[Row] = [{x: -q for x, q in row.items()} for row in sums]
        bounds: list[Number] = [-low for low in floor]
        for row, right in self._boxes(epsilon):
            upper.append(row)
            bounds.append(right)
        equal, sides = self._margins()
        objective: list[Number] = [0] * count
        for w, row in zip(self.objective, sums, strict=True):
            for x, q in row.items():
                objective[x] += w * q
        best = solve_lp(objective, upper, bounds, equal, sides, maximise=True)
        if best.value is None:
            return Point(epsilon, None, why=SOMEBODY_LOSES)
        # of all best plans one whose smallest gain is largest
        for row in upper[: len(sums)]:
            row[count] = 1
        fair = solve_lp(
            [*(0,) * count, 1],
            [*upper, {x: -q for x, q in enumerate(objective) if q}],
            [*bounds, -best.value],
            equal,
            sides,
            maximise=True,
        )
        payoffs = tuple(sum((q * fair.x[x] for x, q in row.items()), Fraction(0)) for row in sums)
        gain = {i: x - low for i, x, low in zip(self.coalition.members, payoffs, floor, strict=True)}
        total = best.value - sum((w * low for w, low in zip(self.objective, floor, strict=True)), Fraction(0))
        width = len(self.coalition.columns)
        table = tuple(tuple(fair.x[r * width : (r + 1) * width]) for r in range(len(self.coalition.rows)))
        return Point(
            epsilon, total, gain, self._losses(fair.x), multipliers=best.dual_ub[: len(sums)], frequencies=table
        )

    def _payoff_row(self, p: int) -> Row:
        table, scale = self.worth[p]
        return {x: Fraction(int(q), scale) for x, q in enumerate(table.flat) if q}

    def _margins(self) -> tuple[list[Row], list[Number]]:
        columns = self.coalition.columns
        equal: list[Row] = []
        sides: list[Number] = []
        for r, p in enumerate(self.coalition.prior):
            equal.append({r * len(columns) + c: 1 for c in range(len(columns))})
            sides.append(p)
        for place, i in enumerate(self.coalition.members):
            for v, share in enumerate(self.shares[i]):
                equal.append(self._announced([c for c, column in enumerate(columns) if column[place] == v]))
                sides.append(share)
        return equal, sides

    def _announced(self, which: Sequence[int]) -> Row:
        """Frequency of some joint announcements."""
        width = len(self.coalition.columns)
        return {r * width + c: 1 for r in range(len(self.coalition.rows)) for c in which}

    def _boxes(self, epsilon: Fraction | None) -> Iterator[tuple[Row, Number]]:
        """|frequency of w where i announces u - frequency of w| <= ε, for all comparisons, times the share of u."""
        if epsilon is None:
            return
        columns, members = self.coalition.columns, self.coalition.members
        for place, others, u, w in self._comparisons():
            share = self.shares[members[place]][u]
            alike = [c for c, column in enumerate(columns) if tuple(column[q] for q in others) == w]
            row: Row = dict.fromkeys(self._announced(alike), -share)
            for x in self._announced([c for c in alike if columns[c][place] == u]):
                row[x] += 1
            yield row, epsilon * share
            yield {x: -q for x, q in row.items()}, epsilon * share

    def _comparisons(self) -> list[tuple[int, tuple[int, ...], int, tuple[int, ...]]]:
        """Member, other members, announced type of the one, joint announcement of the others."""
        panel = self.coalition.panel
        found = []
        for place in panel.choosing:
            rest = [q for q in panel.choosing if q != place]
            for size in range(1, len(rest) + 1 if self.kind == JOINT else 2):
                for others in itertools.combinations(rest, size):
                    if math.prod(panel.shape[q] for q in others) * panel.shape[place] > MAX_COMPARISONS:
                        raise SizeError("the limit program makes too many comparisons; fewer members or types help")
                    used = [u for u, share in enumerate(self.shares[self.coalition.members[place]]) if share]
                    for u, w in itertools.product(used, itertools.product(*(range(panel.shape[q]) for q in others))):
                        found.append((place, others, u, w))
        return found

    def _losses(self, x: Payoffs) -> dict[int, Fraction]:
        """What outsiders lose under a plan."""
        width = len(self.coalition.columns)
        announced = [sum(x[c : len(self.coalition.rows) * width : width], Fraction(0)) for c in range(width)]
        found = {}
        for j in self.coalition.outsiders:
            payoff, lies = self.label_free[j]
            found[j] = payoff - self._plain.outsider_payoff(j, announced, self.shares, lies)
        return found
