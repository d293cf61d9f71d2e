"""The linear program over joint laws of types and announcements; see `eqsolve.judge.bounds.joint_law`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from eqsolve.engines.lp import LinearProgram
from eqsolve.engines.transport import Table
from eqsolve.judge.bounds.joint_sight import Obedience, Sight

Row = dict[int, Fraction | int]


class JointProgram:
    """The linear program: columns, rows and where they stand.

    Probabilities of rare true types are divided out: the variables are laws given the histograms of true types.
    """

    def __init__(self, sights: Sequence[Sight]) -> None:
        self.sights = sights
        self.columns = 0
        self.free: list[int] = []
        self.equal: list[Row] = []
        self.right: list[int] = []
        self.upper: list[Row] = []
        self.tables = [self._new(len(s.weights)) for s in sights]
        """First column of each view's tables."""
        self.independence: list[list[int]] = []
        """Per view and agent seen, the first equality of its tables without the agent's announcements."""
        self.obedience: list[list[int]] = []
        """Per view and lie table, the inequality of its first cell and announced type."""
        for v, sight in enumerate(sights):
            self.independence.append([self._independent(v, sight, k) for k in range(len(sight.view.seen))])
            self.obedience.append([self._obedient(v, sight, o) for o in sight.obedience])
        self._normalise()
        self.shared = self._share() if len(sights) > 1 else []
        """Per view the equalities for its tables of announcements."""

    def _new(self, count: int, free: bool = False) -> int:
        first = self.columns
        self.columns += count
        if free:
            self.free.extend(range(first, first + count))
        return first

    def _independent(self, v: int, sight: Sight, k: int) -> int:
        """The law of all but j's announcements is that of all but j, times the prior of j's types."""
        marginal = sight.marginals[k]
        first = len(self.equal)
        rows: list[Row] = [{} for _ in marginal.tables]
        for n, m in enumerate(marginal.index.tolist()):
            rows[m][self.tables[v] + n] = 1
        rest = self._new(int(marginal.given.max()) + 1, free=True)
        j = sight.view.seen[k]
        for m, row in enumerate(rows):
            row[rest + int(marginal.given[m])] = -marginal.law[m] / sight.view.chance(j, marginal.histograms[m])
        self.equal += rows
        self.right += [0] * len(rows)
        return first

    def _obedient(self, v: int, sight: Sight, o: Obedience) -> int:
        """What the lie table pays is at least the best that could be announced instead, by the dual of that problem."""
        types = o.worth.shape[2]
        cells = self._new(len(o.cells), free=True)
        first = len(self.upper)
        base: Row = {}
        rows: list[Row] = [{} for _ in range(len(o.cells) * types)]
        histogram = tuple(sum(row) for row in o.table)
        chance = sight.view.chance(o.agent, histogram)
        for place, n in enumerate(o.where):
            column, weight = self.tables[v] + n, sight.weights[n] / chance
            told = 0
            for k, (_, announced, _) in enumerate(o.cells):
                told += int(o.worth[place, k, announced])
                for w in range(types):
                    if o.worth[place, k, w]:
                        rows[k * types + w][column] = weight * int(o.worth[place, k, w])
            if told:
                base[column] = -weight * told
        for k in range(len(o.cells)):
            base[cells + k] = 1
        for group in sight.game.budgets[o.agent].groups:
            self._price(group.least, group.most, [(k * types + w, c) for k, (_, _, c) in enumerate(o.cells)
                                                  for w in group.members], rows, base)  # fmt: skip
        for k in range(len(o.cells)):
            for w in range(types):
                rows[k * types + w][cells + k] = -1
        self.upper += [*rows, base]
        return first

    def _price(self, least: int, most: int, places: Sequence[tuple[int, int]], rows: Sequence[Row], base: Row) -> None:
        """The price of announcing a type of a group: one, or one for the most and one for the least."""
        if least == most:
            prices = [(self._new(1, free=True), 1, most)]
        else:
            prices = [(self._new(1), 1, most), (self._new(1), -1, least)]
        for column, sign, total in prices:
            if total:
                base[column] = sign * total
            for place, count in places:
                rows[place][column] = -sign * count

    def _normalise(self) -> None:
        """Probabilities of the first view's tables sum to 1."""
        self.normal = len(self.equal)
        self.equal.append({self.tables[0] + n: w for n, w in enumerate(self.sights[0].weights)})
        self.right.append(1)

    def _share(self) -> list[int]:
        """All views have the same law of announcements."""
        numbers = {h: k for k, h in enumerate(sorted({h for s in self.sights for h in s.view.announced[1]}))}
        common = self._new(len(numbers), free=True)
        firsts = []
        for v, sight in enumerate(self.sights):
            firsts.append(len(self.equal))
            index, tables = sight.view.announced
            rows: list[Row] = [{common + numbers[h]: -1} for h in tables]
            for n, (h, weight) in enumerate(zip(index.tolist(), sight.weights, strict=True)):
                rows[h][self.tables[v] + n] = weight
            self.equal += rows
            self.right += [0] * len(rows)
        return firsts

    def program(self, i: int, sign: int) -> LinearProgram:
        """Maximise `sign` times agent i's payoff, summed over problems, times its scale."""
        v = target_view(self.sights, i)
        return self.maximising(v, [sign * payoff for payoff in self.sights[v].payoff(i)])

    def maximising(self, v: int, values: Sequence[int]) -> LinearProgram:
        """Maximise the mean of a function of the joint tables of view v."""
        objective: list[Fraction | int] = [0] * self.columns
        for n, (value, weight) in enumerate(zip(values, self.sights[v].weights, strict=True)):
            objective[self.tables[v] + n] = value * weight
        return LinearProgram.of(
            objective,
            self.upper,
            [0] * len(self.upper),
            self.equal,
            self.right,
            free=self.free,
            maximise=True,
        )

    def played(self, i: int, tables: Callable[[Table], bool]) -> tuple[int, list[int]]:
        """A view, and 1 for each of its joint tables in which agent i's lie table is one of these, else 0."""
        v = next(v for v, sight in enumerate(self.sights) if i in sight.view.seen)
        sight = self.sights[v]
        hit = [0] * len(sight.weights)
        for o in sight.obedience:
            if o.agent == i and tables(o.table):
                for n in o.where:
                    hit[n] = 1
        return v, hit


def target_view(sights: Sequence[Sight], i: int) -> int:
    """The view in which agent i's payoff is counted: the first that sees its types, or the first of all."""
    return next((v for v, s in enumerate(sights) if i in s.view.seen), 0)
