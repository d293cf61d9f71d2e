"""Linear programs over the law of one player's actions in a region, in floating point.

The law is Σ over types of probability times a lottery over what the type may play; types with the same choice count
as one. What a region knows of the law are rows. Multipliers that come back are proposals for
`eqsolve.engines.block_bound_proof`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from eqsolve.engines.bayesian import Integers
from eqsolve.engines.block_bound_comparisons import Booleans, Floats
from eqsolve.engines.block_bound_region import ABOVE, BELOW, EQUAL, Region
from eqsolve.engines.lp_highs import quiet_highs

TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False)
class Point:
    """A solution of a program over laws.

    Attributes
    ----------
    value : float
    law : M floats
    lotteries : floats (T, M)
        What the types play; rows sum to 1.
    multipliers : {key: float}
        Of the facts, per unit of the vector as it stands: what the law's function may be added to the objective, so
        that the largest (least) value over what is alive bounds it.
    replies : floats (T, M)
        For the least payoff of the other player: the lottery over its actions at every type that attains it.
    """

    value: float
    law: Floats
    lotteries: Floats
    multipliers: Mapping[int, float]
    replies: Floats | None = None


@dataclass(frozen=True, eq=False)
class Refuted:
    """There is no law in the region: multipliers of the facts whose sum is negative on everything alive."""

    multipliers: Mapping[int, float]


@dataclass(eq=False)
class Programs:
    """Solves programs one after the other, and counts them.

    Attributes
    ----------
    solved : int
    """

    solved: int = 0
    _highs: Any = field(default=None, repr=False)

    def largest(self, region: Region, a: int, objective: Floats) -> Point | Refuted | None:
        """Largest value of a linear function of player a's law; None if HiGHS does not know."""
        program = _Law(region, a)
        columns = objective[program.action]
        answer = self._solve(-columns, program.rows(), np.zeros(len(columns)))
        if not isinstance(answer, tuple):
            return None
        x, duals = answer
        multipliers = program.multipliers(duals)
        if x is None:
            return Refuted(multipliers)
        return Point(float(columns @ x), *program.law(x), multipliers)

    def least_payoff(self, region: Region, i: int) -> Point | Refuted | None:
        """Least interim payoffs of player i, in expectation (in its `unit`), over the other player's laws."""
        program = _Law(region, 1 - i)
        mine = region.setting.comparisons[i]
        kept = region.kept[i]
        several = np.nonzero(kept.sum(axis=1) > 1)[0]
        types, actions = np.nonzero(kept & (kept.sum(axis=1) > 1)[:, None])
        width, laws = len(program.action), mine.shape[2]
        sure = np.setdiff1d(np.arange(mine.shape[0]), several)
        base = (mine.prior[sure, None] * mine.scaled[sure, kept[sure].argmax(axis=1)]).sum(axis=0)
        # columns: what is played, the law, a payoff for every type that is not sure of its best reply
        payee = width + laws + np.searchsorted(several, types)
        pay_index = np.concatenate([payee[:, None], np.tile(width + np.arange(laws), (len(types), 1))], axis=1)
        pay_value = np.concatenate([np.ones((len(types), 1)), -mine.scaled[types, actions]], axis=1)
        parts = [
            program.rows(),
            _linked(program.action, laws),
            _rows(pay_index, pay_value, 0.0, np.inf),
        ]
        cost = np.concatenate([np.zeros(width), base, mine.prior[several]])
        least = np.concatenate([np.zeros(width), np.full(laws + len(several), -np.inf)])
        answer = self._solve(cost, _stacked(parts), least)
        if not isinstance(answer, tuple):
            return None
        x, duals = answer
        if x is None:
            return Refuted(program.multipliers(duals))
        replies = kept.astype(np.float64)
        replies[types, actions] = np.maximum(duals[len(parts[0].lower) + laws :], 0)
        replies /= np.maximum(replies.sum(axis=1, keepdims=True), 1e-300)
        return Point(float(cost @ x), *program.law(x[:width]), program.multipliers(duals), replies)

    def interior(self, region: Region, a: int) -> Point | Refuted | None:
        """A law of player a at which all strict signs hold by as much as possible; its value is by how much.

        Multipliers of a value of 0 show that the strict signs contradict each other.
        """
        program = _Law(region, a)
        rows = program.rows(strict=True)
        width = len(program.action)
        cost, least, most = np.zeros(width + 1), np.zeros(width + 1), np.full(width + 1, np.inf)
        cost[width], least[width], most[width] = -1.0, -np.inf, 1.0
        answer = self._solve(cost, rows, least, most)
        if not isinstance(answer, tuple):
            return None
        x, duals = answer
        multipliers = program.multipliers(duals)
        return Refuted(multipliers) if x is None else Point(float(x[width]), *program.law(x[:width]), multipliers)

    def reply(self, region: Region, a: int, cost: Floats) -> Point | Refuted | None:
        """Law of player a of least cost, where cost (T, M) may differ from type to type."""
        program = _Law(region, a, apart=True)
        columns = cost[program.group, program.action]
        answer = self._solve(columns, program.rows(), np.zeros(len(columns)))
        if not isinstance(answer, tuple):
            return None
        x, duals = answer
        multipliers = program.multipliers(duals)
        if x is None:
            return Refuted(multipliers)
        return Point(float(columns @ x), *program.law(x), multipliers)

    def _solve(
        self, cost: Floats, rows: _Rows, least: Floats, most: Floats | None = None
    ) -> tuple[Floats | None, Floats] | None:
        """Minimise over columns of at least `least` and at most `most`.

        The solution with the duals of the rows; nothing with a ray of the duals if there is no solution.
        """
        import highspy

        if self._highs is None:
            self._highs = quiet_highs()
            for option, setting in (("presolve", "off"), ("solver", "simplex")):
                self._highs.setOptionValue(option, setting)
            for option in ("primal_feasibility_tolerance", "dual_feasibility_tolerance"):
                self._highs.setOptionValue(option, TOLERANCE)
        self.solved += 1
        width = len(cost)
        highs = self._highs
        highs.passModel(
            width,
            len(rows.lower),
            len(rows.value),
            int(highspy.MatrixFormat.kRowwise),
            int(highspy.ObjSense.kMinimize),
            0.0,
            cost,
            least,
            np.full(width, np.inf) if most is None else most,
            rows.lower,
            rows.upper,
            rows.start.astype(np.int32),
            rows.index.astype(np.int32),
            rows.value,
            np.zeros(width, dtype=np.int32),
        )
        highs.run()
        status = highs.getModelStatus()
        if status == highspy.HighsModelStatus.kOptimal:
            solution = highs.getSolution()
            return np.array(solution.col_value), np.array(solution.row_dual)
        if status == highspy.HighsModelStatus.kInfeasible:
            _, known, ray = highs.getDualRay()
            return (None, np.array(ray)) if known else None
        return None


@dataclass(frozen=True, eq=False)
class _Rows:
    """Rows of a program: where each starts, columns, coefficients, lower and upper ends."""

    start: Integers
    index: Integers
    value: Floats
    lower: Floats
    upper: Floats


def _rows(index: Integers, value: Floats, lower: float, upper: float) -> _Rows:
    """Rows of equally many coefficients."""
    count, width = index.shape
    start = width * np.arange(count + 1)
    return _Rows(start, index.ravel(), value.ravel(), np.full(count, lower), np.full(count, upper))


def _linked(action: Integers, actions: int) -> _Rows:
    """Rows that make the columns after all others the law: sums over the columns of each action."""
    width = len(action)
    entry = np.concatenate([action, np.arange(actions)])
    order = np.argsort(entry, kind="stable")
    value = np.concatenate([np.ones(width), -np.ones(actions)])[order]
    start = np.concatenate([[0], np.cumsum(np.bincount(entry, minlength=actions))])
    return _Rows(start, order, value, np.zeros(actions), np.zeros(actions))


def _stacked(parts: Sequence[_Rows]) -> _Rows:
    ends = np.cumsum([0, *(part.start[-1] for part in parts)])
    start = np.concatenate([[0], *(part.start[1:] + end for part, end in zip(parts, ends, strict=False))])
    return _Rows(
        start, *(np.concatenate([getattr(p, name) for p in parts]) for name in ("index", "value", "lower", "upper"))
    )


class _Law:
    """Columns and rows of the law of player a in a region; a column per group of types and action that is alive."""

    def __init__(self, region: Region, a: int, apart: bool = False) -> None:
        self.region, self.a = region, a
        self.actions = region.setting.comparisons[a].shape[1]
        total = region.setting.comparisons[a].total
        if apart:
            open_: Booleans = region.alive[a]
            self.of_type: Integers = np.arange(len(open_))
            self.weights = region.setting.comparisons[a].prior
        else:
            open_, self.of_type, weights = region.groups(a)
            self.weights = np.array([w / total for w in weights])
        self.group, self.action = np.nonzero(open_)
        self.facts = region.facts[1 - a]

    def rows(self, strict: bool = False) -> _Rows:
        """A row per group of types, then a row per fact; strict signs less a further column if `strict`."""
        groups, width = len(self.weights), len(self.action)
        table = np.array([f.row for f in self.facts]).reshape(len(self.facts), self.actions)[:, self.action]
        if strict:
            loose = np.array([-1.0 * (f.sign in (ABOVE, BELOW)) for f in self.facts])
            table = np.concatenate([table, loose[:, None]], axis=1)
        fact, column = np.nonzero(table)
        counts = np.concatenate([np.bincount(self.group, minlength=groups), np.bincount(fact, minlength=len(table))])
        equal = np.array([f.sign == EQUAL for f in self.facts], dtype=bool)
        return _Rows(
            np.concatenate([[0], np.cumsum(counts)]),
            np.concatenate([np.arange(width), column]),
            np.concatenate([np.ones(width), table[fact, column]]),
            np.concatenate([self.weights, np.zeros(len(table))]),
            np.concatenate([self.weights, np.where(equal, 0.0, np.inf)]),
        )

    def law(self, x: Floats) -> tuple[Floats, Floats]:
        """The law, and what every type plays."""
        plays = np.zeros((len(self.weights), self.actions))
        plays[self.group, self.action] = np.maximum(x, 0)
        law = plays.sum(axis=0)
        plays /= np.maximum(plays.sum(axis=1, keepdims=True), 1e-300)
        return law, plays[self.of_type]

    def multipliers(self, duals: Floats) -> dict[int, float]:
        """Multipliers of the facts, per unit of their vectors."""
        found = duals[len(self.weights) : len(self.weights) + len(self.facts)]
        return {
            f.key: float(y) * (-1 if f.sign == BELOW else 1) / f.norm
            for f, y in zip(self.facts, found, strict=True)
            if y
        }
