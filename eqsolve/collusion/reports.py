"""Members who tell the others false types: what that is worth before the others' types are known.

A member tells types by a table (how many problems of each true type it tells as which), learns what the others have and
what is to be announced, and then sends whatever message is best. Every table of reports is tried; everything that the
member may come to see is gone through with its probability.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np

from eqsolve.budget import compositions, multinomial
from eqsolve.collusion.coalition import Joint
from eqsolve.collusion.plan import Ids, PooledPlan
from eqsolve.collusion.rehearsal import Kind, Rehearsal, joined, without
from eqsolve.engines.transport import Table, integer_tables
from eqsolve.errors import SizeError

MAX_SCENES = 30_000


@dataclass(frozen=True, eq=False)
class Reports:
    """What members gain by telling false types.

    Parameters
    ----------
    rehearsal : Rehearsal
    plan : PooledPlan
    """

    rehearsal: Rehearsal
    plan: PooledPlan

    def deviation(self, place: int) -> Fraction:
        """The largest interim gain of a member from telling false types and sending the best message afterwards.

        Raises
        ------
        SizeError
            If there is too much to try.
        """
        coalition = self.rehearsal.coalition
        where = {tuple(n): h for h, n in enumerate(self.plan.histograms.tolist())}
        possible = sorted({row[place] for row in coalition.rows})
        left = [MAX_SCENES]
        worst = Fraction(0)
        for types in compositions(coalition.game.copies, len(possible)):
            best, kept = None, Fraction(0)
            for lies in itertools.product(*(compositions(count, len(possible)) for count in types)):
                report = {
                    (u, v): c
                    for u, row in zip(possible, lies, strict=True)
                    for v, c in zip(possible, row, strict=True)
                    if c
                }
                honest = all(u == v for u, v in report)
                value = Fraction(0)
                for chance, seen, followed in self._scenes(place, report, where, left):
                    value += chance * self.rehearsal.best_reply(place, seen)[0]
                    kept += chance * followed if honest else 0
                best = value if best is None else max(best, value)
            assert best is not None
            worst = max(worst, best - kept)
        return worst

    def _scenes(
        self,
        place: int,
        report: Mapping[tuple[int, int], int],
        where: Mapping[tuple[int, ...], int],
        left: list[int],
    ) -> Iterator[tuple[Fraction, dict[Kind, int], Fraction]]:
        """What a member sees who tells types by a table (true, told): probability, kinds, payoff if it is obedient."""
        coalition = self.rehearsal.coalition
        others = sorted({without(row, place) for row in coalition.rows})
        prior = {o: self._prior(place, o) for o in others}
        for dealt in itertools.product(*(compositions(c, len(others)) for c in report.values())):
            chance = Fraction(1)
            met: dict[tuple[int, int, Joint], int] = {}
            for (u, told), counts in zip(report, dealt, strict=True):
                chance *= multinomial(counts)
                for o, c in zip(others, counts, strict=True):
                    chance *= prior[o] ** c
                    if c:
                        met[u, told, o] = c
            rows = {joined(o, place, told) for _, told, o in met}
            number = tuple(
                sum(c for (_, told, o), c in met.items() if joined(o, place, told) == row) if row in rows else 0
                for row in coalition.rows
            )
            for table, p in self.plan.lottery(where[number]).items():
                for q, announced in self._assigned(place, met, np.array(table, dtype=np.int64)):
                    left[0] -= 1
                    if left[0] < 0:
                        raise SizeError("a member could tell too many false types to try them all; fewer copies help")
                    yield chance * p * q, *self._scene(place, announced)

    def _prior(self, place: int, others: Joint) -> Fraction:
        agents = [
            self.rehearsal.coalition.game.problem.agents[i]
            for q, i in enumerate(self.rehearsal.coalition.members)
            if q != place
        ]
        return math.prod((a.prior[u] for a, u in zip(agents, others, strict=True)), start=Fraction(1))

    def _assigned(
        self, place: int, met: Mapping[tuple[int, int, Joint], int], table: Ids
    ) -> Iterator[tuple[Fraction, dict[tuple[int, Joint], int]]]:
        """Ways in which announcements, dealt out among problems of the same told types, meet the true ones."""
        parts = []
        columns = self.rehearsal.coalition.columns
        for r, row in enumerate(self.rehearsal.coalition.rows):
            true = [(u, c) for (u, told, o), c in met.items() if joined(o, place, told) == row]
            if not true:
                continue
            used = [(columns[c], int(count)) for c, count in enumerate(table[r]) if count]
            dealt = _dealt(tuple(c for _, c in true), tuple(count for _, count in used))
            parts.append(
                [
                    (
                        weight,
                        [
                            ((u, column), count)
                            for (u, _), line in zip(true, found, strict=True)
                            for (column, _), count in zip(used, line, strict=True)
                            if count
                        ],
                    )
                    for weight, found in dealt
                ]
            )
        for chosen in itertools.product(*parts):
            chance = Fraction(1)
            total: dict[tuple[int, Joint], int] = {}
            for weight, cells in chosen:
                chance *= weight
                for cell, c in cells:
                    total[cell] = total.get(cell, 0) + c
            yield chance, total

    def _scene(self, place: int, announced: Mapping[tuple[int, Joint], int]) -> tuple[dict[Kind, int], Fraction]:
        """Kinds of problems from own true types and agreed announcements, and what obedience pays."""
        kinds: dict[Kind, int] = {}
        cells: dict[Joint, int] = {}
        for (u, column), c in announced.items():
            kinds[u, without(column, place)] = kinds.get((u, without(column, place)), 0) + c
            cells[column] = cells.get(column, 0) + c
        worth = self.rehearsal.worth(self.rehearsal.coalition.members[place], tuple(sorted(cells.items())))
        got = sum((c * worth[column][u] for (u, column), c in announced.items()), Fraction(0))
        return kinds, got / self.rehearsal.coalition.game.copies


@lru_cache(maxsize=20_000)
def _dealt(rows: tuple[int, ...], columns: tuple[int, ...]) -> tuple[tuple[Fraction, Table], ...]:
    """Tables with these margins and how likely each is when the columns are dealt out at random."""
    found = list(integer_tables(rows, columns))
    ways = [math.prod(multinomial(column) for column in zip(*table, strict=True)) for table in found]
    total = sum(ways)
    return tuple((Fraction(w, total), table) for w, table in zip(ways, found, strict=True))
