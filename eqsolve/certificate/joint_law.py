"""Bounds from the joint law of what happens on all problems, up to renaming them.

Rename the problems of an equilibrium at random. A *view* sees some active agents' true types and all active agents'
announcements; what it sees is a table N of counts, one per cell (true types seen, announcements). Whatever the law of
N is,

- *obedience*: at every type vector and message that is played, announcing v' instead on a share of the problems of each
  cell (true type u, announced v) gains nothing, so on average over N it gains nothing at any lie table T of agent j.
  Shares are rows of numbers with a common sum z, such that the announcements they lead to keep to z times the budget;
  by integrality they are z times a lottery over messages.
- *independence*: given N without agent j's types and announcements, j's types are drawn from its prior, problem by
  problem. So a function y of N without j's announcements whose mean over j's types is never positive has no positive
  mean.
- *announcements*: all views have the same law of announcements H. So functions of H that are nowhere positive in sum
  over the views have no positive mean in sum.

If in every view payoff (counted in one of them, negative for floors), plus losses from deviating, minus y, minus the
function of H is at most V for every table that messages which survive dominance allow, then no equilibrium pays more
than the sum of the V over the views.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any

from eqsolve.certificate.game import Game, Vector, deal
from eqsolve.certificate.reading import Invalid, afford, entries, fields, figure, rational, shown, whole
from eqsolve.certificate.reduction import Survivors, representatives, surviving

MAX_TABLES = 100_000
Table = tuple[tuple[Vector, int], ...]
"""Cells with their counts, in order."""
LieTable = tuple[Vector, ...]
"""Rows true, columns announced types."""


def check_joint_law(game: Game, i: int, side: str, value: Fraction, evidence: Any) -> None:
    """That every equilibrium pays agent i at least (floor) or at most (ceiling) this value.

    Raises
    ------
    Invalid
        If the evidence does not show it.
    """
    _, steps, blocks = fields(evidence, "kind", "reduction", "views")
    sign = -1 if side == "floor" else 1
    left = surviving(game, steps)
    views = [_View(game, left, block) for block in entries(blocks, "views")]
    counted = next((v for v, view in enumerate(views) if i in view.seen), 0)
    if not views or (i in game.active and i not in views[counted].seen):
        raise Invalid("views: no view sees the types of the agent whose payoff is bounded")
    shared: Counter[Table] = Counter()
    for view in views:
        shared.update(view.announced)
    if any(total > 0 for total in shared.values()):
        raise Invalid("announced: the sum over the views is positive somewhere")
    total = sum((view.most(i, sign if v == counted else 0) for v, view in enumerate(views)), Fraction(0))
    bound = sign * total / game.copies
    if sign * bound > sign * value:
        name = shown(game.agents[i].name)
        raise Invalid(f"agent {name}: the evidence shows a {side} of {figure(bound)}, not {figure(value)}")


class _View:
    """A view and its multipliers, each of which was found to be admissible."""

    def __init__(self, game: Game, left: Survivors, block: Any) -> None:
        self.game, self.left = game, left
        names, obedience, independence, announced = fields(block, "agents", "obedience", "independence", "announced")
        self.seen = [game.index(name) for name in entries(names, "agents")]
        if len(set(self.seen)) < len(self.seen) or not set(self.seen) <= set(game.active):
            raise Invalid("agents: expected distinct active agents")
        self.sizes = [len(game.agents[j].types) for j in (*self.seen, *game.active)]
        self.shares: dict[tuple[int, LieTable], dict[tuple[int, int], list[Fraction]]] = {}
        for entry in entries(obedience, "obedience"):
            self._read_shares(entry)
        self.functions: list[tuple[int, dict[Table, Fraction]]] = []
        for entry in entries(independence, "independence"):
            self._read_function(entry)
        self.announced = self._read_terms(announced, range(len(self.seen), len(self.sizes)))

    def _agent(self, name: Any) -> int:
        j = self.game.index(name)
        if j not in self.seen:
            raise Invalid(f"agent {shown(name)} is not seen by the view that speaks of its types")
        return j

    def _read_shares(self, entry: Any) -> None:
        """What is announced instead at a lie table, as a share of each of its cells."""
        name, told, rows = fields(entry, "agent", "table", "shares")
        j = self._agent(name)
        agent = self.game.agents[j]
        table = tuple(tuple(whole(c, "table") for c in entries(row, "table")) for row in entries(told, "table"))
        size = len(agent.types)
        if len(table) != size or any(len(row) != size for row in table) or (j, table) in self.shares:
            raise Invalid("obedience: a table that is no lie table, or comes twice")
        cells = [(u, v) for u in range(size) for v in range(size) if table[u][v]]
        shares = [[rational(q) for q in entries(row, "shares")] for row in entries(rows, "shares")]
        if len(shares) != len(cells) or any(len(row) != size or min(row) < 0 for row in shares):
            raise Invalid("shares: expected a row of numbers, at least 0, for every cell of the table")
        weight = sum(shares[0], Fraction(0))
        if any(sum(row) != weight for row in shares):
            raise Invalid("shares: the rows have different sums")
        for ration in agent.budget:
            told_ = sum(
                (table[u][v] * row[w] for (u, v), row in zip(cells, shares, strict=True) for w in ration.types),
                Fraction(0),
            )
            if not ration.least * weight <= told_ <= ration.most * weight:
                raise Invalid("shares: what is announced instead breaks the budget")
        self.shares[j, table] = dict(zip(cells, shares, strict=True))

    def _read_function(self, entry: Any) -> None:
        """A function of all but agent j's announcements, whose mean over j's types is nowhere positive."""
        name, terms = fields(entry, "agent", "terms")
        j = self._agent(name)
        own = self.seen.index(j)
        kept = [k for k in range(len(self.sizes)) if k != len(self.seen) + self.game.active.index(j)]
        function = self._read_terms(terms, kept)
        means: dict[Table, Fraction] = {}
        for table, y in function.items():
            rest = _merged((cell[:own] + cell[own + 1 :], n) for cell, n in table)
            means[rest] = means.get(rest, Fraction(0)) + y * self._chance(j, own, table, rest)
        if any(mean > 0 for mean in means.values()):
            raise Invalid(f"independence: a mean over the types of agent {shown(name)} is positive")
        self.functions.append((j, function))

    def _chance(self, j: int, own: int, table: Table, rest: Table) -> Fraction:
        """Probability that j's types, drawn problem by problem, split the rest into this table."""
        ways = math.prod(math.factorial(n) for _, n in rest) // math.prod(math.factorial(n) for _, n in table)
        prior = self.game.agents[j].prior
        return ways * math.prod((prior[cell[own]] ** n for cell, n in table), start=Fraction(1))

    def _read_terms(self, block: Any, kept: Iterable[int]) -> dict[Table, Fraction]:
        """A function of tables over some coordinates of a cell: pairs of a table and its value where that is not 0."""
        sizes = [self.sizes[k] for k in kept]
        found: dict[Table, Fraction] = {}
        for term in entries(block, "terms"):
            if len(entries(term, "terms")) != 2:
                raise Invalid("terms: expected pairs of a table and a number")
            cells: dict[Vector, int] = {}
            for told in entries(term[0], "table"):
                *cell, count = [whole(c, "table") for c in entries(told, "table")] or [0]
                if len(cell) != len(sizes) or any(c >= size for c, size in zip(cell, sizes, strict=True)):
                    raise Invalid("table: a cell that does not fit the types")
                if not count or tuple(cell) in cells:
                    raise Invalid("table: an empty cell, or one that comes twice")
                cells[tuple(cell)] = count
            table = tuple(sorted(cells.items()))
            if sum(cells.values()) != self.game.copies or table in found:
                raise Invalid("table: the counts do not sum to the number of problems, or it comes twice")
            found[table] = rational(term[1])
        return found

    # The largest sum over all tables

    def most(self, i: int, sign: int) -> Fraction:
        """Largest value of sign times i's payoff plus losses from deviating minus the functions."""
        numbers = [*self.announced.values(), *(y for _, f in self.functions for y in f.values())]
        numbers += [q for shares in self.shares.values() for row in shares.values() for q in row]
        finest = math.lcm(*(q.denominator for q in numbers))
        watched = {i, *self.seen}
        scale = finest * math.lcm(*(g.denominator for j in watched for g in self.game.values[j].values()))
        scale *= math.lcm(*(p.denominator for p in self.game.agents[i].prior))
        payoff = {cell: _whole(self._payoff(i, cell) * sign * scale) for cell in self._cells()}
        losses = {key: self._losses(*key, scale) for key in self.shares}
        announced = {table: _whole(q * scale) for table, q in self.announced.items()}
        functions = [
            (len(self.seen) + self.game.active.index(j), {table: _whole(y * scale) for table, y in function.items()})
            for j, function in self.functions
        ]
        best: int | None = None
        tables = self._tables()
        afford(len(tables) * self.game.copies * (len(self.seen) + len(functions) + 2) * 4, "all joint tables")
        for table in tables:
            score = sum(n * payoff[cell] for cell, n in table)
            for loss in map(losses.get, self._lies(table)):
                if loss is not None:
                    score += sum(n * loss[cell] for cell, n in table)
            if announced:
                score -= announced.get(_merged((cell[len(self.seen) :], n) for cell, n in table), 0)
            for place, function in functions:
                score -= function.get(_merged((cell[:place] + cell[place + 1 :], n) for cell, n in table), 0)
            best = score if best is None else max(best, score)
        if best is None:
            raise Invalid("a view without tables")
        return Fraction(best, scale)

    def _cells(self) -> Iterator[Vector]:
        afford(math.prod(self.sizes) * len(self.shares or [0]), "all cells")
        return itertools.product(*map(range, self.sizes))

    def _payoff(self, i: int, cell: Vector) -> Fraction:
        """Agent i's payoff on a problem, its types averaged if they are not seen."""
        told = cell[len(self.seen) :]
        profile = list(self.game.standing)
        for j, v in zip(self.game.active, told, strict=True):
            profile[j] = v
        if i in self.seen:
            return self.game.values[i][cell[self.seen.index(i)], tuple(profile)]
        prior = self.game.agents[i].prior
        return sum((p * self.game.values[i][u, tuple(profile)] for u, p in enumerate(prior) if p), Fraction(0))

    def _losses(self, j: int, table: LieTable, scale: int) -> dict[Vector, int]:
        """What agent j loses on a problem of each cell by announcing what the shares say instead, times a scale."""
        own, place = self.seen.index(j), len(self.seen) + self.game.active.index(j)
        shares, values = self.shares[j, table], self.game.values[j]
        found = {}
        for cell in self._cells():
            u, v = cell[own], cell[place]
            if (u, v) in shares:
                profile = list(self.game.standing)
                for k, w in zip(self.game.active, cell[len(self.seen) :], strict=True):
                    profile[k] = w
                got = values[u, tuple(profile)]
                loss = Fraction(0)
                for w, share in enumerate(shares[u, v]):
                    if share:
                        profile[j] = w
                        loss += share * (got - values[u, tuple(profile)])
                found[cell] = _whole(loss * scale)
        return found

    def _lies(self, table: Table) -> list[tuple[int, LieTable]]:
        """Every seen agent's lie table."""
        found = []
        for own, j in enumerate(self.seen):
            place, size = len(self.seen) + self.game.active.index(j), len(self.game.agents[j].types)
            lies = [[0] * size for _ in range(size)]
            for cell, n in table:
                lies[cell[own]][cell[place]] += n
            found.append((j, tuple(map(tuple, lies))))
        return found

    def _tables(self) -> set[Table]:
        """All tables that surviving messages of the agents seen, and admissible ones of the others, allow."""
        states: set[Table] = {(((), self.game.copies),)}
        for j in self.game.active:
            longer: set[Table] = set()
            margins = list(self._margins(j))
            for state in states:
                for cells, counts in margins:
                    for rows in _fill([n for _, n in state], counts):
                        pieces = (
                            ((*cell, *cells[k]), n)
                            for (cell, _), row in zip(state, rows, strict=True)
                            for k, n in enumerate(row)
                            if n
                        )
                        longer.add(tuple(sorted(pieces)))
                        if len(longer) > MAX_TABLES:
                            raise Invalid(f"more than {MAX_TABLES:,} joint tables")
            states = longer
        told, place, position = [], 0, {}
        for j in self.game.active:
            if j in self.seen:
                position[j] = place
                place += 1
            told.append(place)
            place += 1
        order = [position[j] for j in self.seen] + told
        return {tuple(sorted((tuple(cell[k] for k in order), n) for cell, n in state)) for state in states}

    def _margins(self, j: int) -> Iterator[tuple[Sequence[Vector], Vector]]:
        """What agent j adds to a cell, and how often: true and announced types if it is seen."""
        agent = self.game.agents[j]
        if j in self.seen:
            for t in representatives(self.left[j]):
                for lies in {tuple(sorted(Counter(zip(t, m, strict=True)).items())) for m in self.left[j][t]}:
                    yield [cell for cell, _ in lies], tuple(n for _, n in lies)
            return
        for totals in agent.totals(self.game.copies):
            for histogram in agent.spread(totals):
                yield [(v,) for v in range(len(agent.types))], histogram


def _fill(rows: Sequence[int], columns: Vector) -> Iterator[tuple[Vector, ...]]:
    """All tables of counts with these margins, which have the same sum."""
    if not rows:
        yield ()
        return
    for row in deal(rows[0], columns):
        for rest in _fill(rows[1:], tuple(c - n for c, n in zip(columns, row, strict=True))):
            yield (row, *rest)


def _whole(value: Fraction) -> int:
    """An integer that was written as a fraction."""
    if value.denominator != 1:
        raise AssertionError("the common denominator divides all numbers")
    return value.numerator


def _merged(cells: Iterable[tuple[Vector, int]]) -> Table:
    """A table from cells that may repeat."""
    found: dict[Vector, int] = {}
    for cell, n in cells:
        found[cell] = found.get(cell, 0) + n
    return tuple(sorted(found.items()))
