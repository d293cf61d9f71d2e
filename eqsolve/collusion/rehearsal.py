"""What joint announcements of a coalition pay under a filter, and how a member that knows all would rather announce.

Renaming problems renames everything, so that a reply is a table, too: how many problems of each kind, by the own true
type and the other members' announcements, are announced as what. All such tables are compared.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from eqsolve.collusion.coalition import Coalition, Joint
from eqsolve.collusion.plan import Ids
from eqsolve.errors import LimitReached
from eqsolve.exact.rational import to_integers
from eqsolve.filter.distance import PAIRWISE, CorrelationFilter
from eqsolve.filter.joint_tables import joint_tables
from eqsolve.filter.panel import Panel
from eqsolve.forms.filtered.flag_law import FlagLaw, table_law
from eqsolve.forms.filtered.substitution import Substitution

MAX_REPLIES = 200_000
Kind = tuple[int, Joint]
"""A problem as a member sees it who considers leaving a plan: its own true type, what the other members announce."""
Announced = tuple[tuple[Joint, int], ...]
"""How often the members make each joint announcement."""
Reply = dict[tuple[Kind, int], int]
"""How many problems of each kind are announced as which type."""


@dataclass(frozen=True, eq=False)
class Rehearsal:
    """A coalition in the filtered game; outsiders play label-free.

    Parameters
    ----------
    coalition : Coalition
    epsilon : Fraction or None
        Agents at a larger distance are flagged; None for no filter.
    kind : {"pairwise", "joint"}
    deadline : float, optional
        Of `time.monotonic`.
    """

    coalition: Coalition
    epsilon: Fraction | None
    kind: str = PAIRWISE
    deadline: float | None = None

    @cached_property
    def rules(self) -> Substitution:
        """What announcements pay under the filter."""
        game = self.coalition.game.unfiltered
        judge = None if self.epsilon is None else CorrelationFilter(Panel.of_game(game), self.epsilon, self.kind)
        return Substitution(game, judge)

    def check_time(self) -> None:
        """Stop after the deadline."""
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise LimitReached("time limit")

    @cached_property
    def _laws(self) -> dict[Announced, FlagLaw]:
        return {}

    @cached_property
    def _worths(self) -> dict[tuple[int, Announced], dict[Joint, tuple[Fraction, ...]]]:
        return {}

    @cached_property
    def _bests(self) -> dict[tuple[int, tuple[tuple[Kind, int], ...]], tuple[Fraction, Reply]]:
        return {}

    def law(self, announced: Announced) -> FlagLaw:
        """Flags and everybody's announcements when the members announce so on drawn problems and outsiders shuffle."""
        if announced not in self._laws:
            self.check_time()
            cells = [cell for cell, count in announced for _ in range(count)]
            planned = {i: [cell[q] for cell in cells] for q, i in enumerate(self.coalition.members)}
            self._laws[announced] = table_law(self.rules, planned)
        return self._laws[announced]

    @cached_property
    def _places(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Members who choose: where they are among all who choose, and among the members."""
        chosen = [
            (self.rules.choosing.index(i), q) for q, i in enumerate(self.coalition.members) if i in self.rules.choosing
        ]
        return tuple(p for p, _ in chosen), tuple(q for _, q in chosen)

    def worth(self, i: int, announced: Announced) -> dict[Joint, tuple[Fraction, ...]]:
        """What a problem with each joint announcement is worth to a member, by its true type."""
        if (i, announced) not in self._worths:
            kept, own = self._places
            sums, weights = self.law(announced).worth(self.rules, i, kept)
            scale = self.rules.scale(i)
            found = {}
            for cell, _ in announced:
                where = tuple(cell[q] for q in own)
                found[cell] = tuple(Fraction(int(x), int(weights[where]) * scale) for x in sums[where])
            self._worths[i, announced] = found
        return self._worths[i, announced]

    def announced_by(self, table: Ids) -> Announced:
        """The members' joint announcements in a table of joint types and joint announcements."""
        counts = table.sum(axis=0).tolist()
        return tuple((cell, c) for cell, c in zip(self.coalition.columns, counts, strict=True) if c)

    def told(self, table: Ids) -> tuple[tuple[Joint, Joint, int], ...]:
        """Joint types, joint announcements and number of problems, where there are any."""
        return tuple(
            (row, column, int(table[r, c]))
            for r, row in enumerate(self.coalition.rows)
            for c, column in enumerate(self.coalition.columns)
            if table[r, c]
        )

    def kinds(self, place: int, table: Ids) -> dict[Kind, int]:
        """How many problems of each kind a member sees who knows everything."""
        kinds: dict[Kind, int] = {}
        for row, column, count in self.told(table):
            kind = row[place], without(column, place)
            kinds[kind] = kinds.get(kind, 0) + count
        return kinds

    def kept(self, place: int, table: Ids) -> Fraction:
        """What a member gets who keeps to the plan, per problem."""
        worth = self.worth(self.coalition.members[place], self.announced_by(table))
        total = sum((count * worth[column][row[place]] for row, column, count in self.told(table)), Fraction(0))
        return total / self.coalition.game.copies

    def best_reply(self, place: int, kinds: Mapping[Kind, int]) -> tuple[Fraction, Reply]:
        """The best message of a member, given what it sees: payoff per problem, and how many it announces as what."""
        seen = tuple(sorted(kinds.items()))
        key = place, seen
        if key not in self._bests:
            self.check_time()
            self._bests[key] = self._best_reply(place, seen)
        return self._bests[key]

    def _best_reply(self, place: int, seen: Sequence[tuple[Kind, int]]) -> tuple[Fraction, Reply]:
        i, types = self.coalition.members[place], self.coalition.panel.shape[place]
        tables = joint_tables([[count for _, count in seen], self.coalition.panel.budgets[place]], MAX_REPLIES)
        others = sorted({kind[1] for kind, _ in seen})
        together = np.zeros((len(tables), len(others), types), dtype=np.int64)
        for k, (kind, _) in enumerate(seen):
            together[:, others.index(kind[1])] += tables[:, k]
        made, which = np.unique(together.reshape(len(tables), -1), axis=0, return_inverse=True)
        best: tuple[Fraction, Ids] | None = None
        for a, counts in enumerate(made):
            announced = tuple(
                sorted(
                    (joined(others[c // types], place, c % types), int(count))
                    for c, count in enumerate(counts)
                    if count
                )
            )
            worth = self.worth(i, announced)
            prices = [
                [worth.get(joined(kind[1], place, v), (Fraction(0),) * types)[kind[0]] for v in range(types)]
                for kind, _ in seen
            ]
            integers, scale = to_integers([q for row in prices for q in row])
            some = tables[which.reshape(-1) == a]
            values = some.reshape(len(some), -1).astype(object) @ np.array(integers, dtype=object)
            top = int(values.argmax())
            value = Fraction(int(values[top]), scale * self.coalition.game.copies)
            if best is None or value > best[0]:
                best = value, some[top]
        assert best is not None
        return best[0], {
            (kind, v): int(best[1][k, v]) for k, (kind, _) in enumerate(seen) for v in range(types) if best[1][k, v]
        }


def without(joint: Joint, place: int) -> Joint:
    """What all members but one have or announce."""
    return (*joint[:place], *joint[place + 1 :])


def joined(others: Joint, place: int, own: int) -> Joint:
    """What all members have or announce."""
    return (*others[:place], own, *others[place:])
