"""What the others may announce within cells of one's own problems, where some of it was removed before.

Against a fixed type vector and message all problems of a *cell*, one true type and one announcement, are alike. So
all that counts of the others is how often they announce each profile within each cell.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

import numpy as np
import numpy.typing as npt

from eqsolve.budget import Histogram, multinomial
from eqsolve.engines.transport import Table, integer_tables
from eqsolve.errors import SizeError
from eqsolve.exact.rational import to_integers
from eqsolve.linking import LinkedGame
from eqsolve.processes import multinomial_law

MAX_CASES = 200_000

Left = Mapping[Histogram, tuple[Table, ...]]
"""Lie tables that are left at every histogram of true types."""
Counts = tuple[int, ...]
Cases = list[tuple[int, npt.NDArray[np.int64]]]
"""Per joint histogram of (cell, types of the others): its weight, and what may be announced there, a row each of flat
counts of (cell, profile announced)."""
_Key = tuple[int, Counts, Counts]
"""Cell, types of the restricted agents to come, announcements of those who have been."""
_State = tuple[tuple[_Key, int], ...]


@dataclass(frozen=True, eq=False)
class Opponents:
    """The others of an agent, some of them restricted to the lie tables that are left.

    Parameters
    ----------
    game : LinkedGame
    i : int
        The agent against whom they play.
    left : per active agent what is left
    restricted : agents from whom something was removed
        Of all others the types do not matter: they may announce whatever their budgets admit.
    """

    game: LinkedGame
    i: int
    left: Mapping[int, Left]
    restricted: frozenset[int]
    _cases: dict[Counts, Cases] = field(default_factory=dict, repr=False)

    @cached_property
    def _others(self) -> list[tuple[int, int]]:
        """Place in the announced profile, and agent; the restricted ones first."""
        others = [(k, j) for k, j in enumerate(j for j in self.game.active if j != self.i)]
        return sorted(others, key=lambda place: place[1] not in self.restricted)

    @cached_property
    def _narrow(self) -> list[int]:
        return [j for _, j in self._others if j in self.restricted]

    @cached_property
    def _sizes(self) -> list[int]:
        return [len(self.game.problem.agents[j].types) for j in self.game.active if j != self.i]

    def cases(self, counts: Counts) -> Cases:
        """What the others may announce within cells of these sizes, for every joint histogram of their types.

        Raises
        ------
        SizeError
            If there are more than `MAX_CASES`.
        """
        if counts not in self._cases:
            merged: dict[frozenset[Counts], int] = {}
            for weight, announced in self._list_cases(counts):
                merged[announced] = merged.get(announced, 0) + weight
            self._cases[counts] = [(w, np.array(sorted(told), dtype=np.int64)) for told, w in merged.items()]
        return self._cases[counts]

    def _list_cases(self, counts: Counts) -> Iterator[tuple[int, frozenset[Counts]]]:
        priors = [self.game.problem.agents[j].prior for j in self._narrow]
        profiles = list(itertools.product(*(range(len(p)) for p in priors)))
        joint = [math.prod((p[u] for p, u in zip(priors, s, strict=True)), start=Fraction(1)) for s in profiles]
        laws = [multinomial_law(joint, c) for c in counts]
        total = 0
        for picks in itertools.product(*(list(zip(law.histograms.tolist(), law.weights, strict=True)) for law in laws)):
            state = tuple(
                ((cell, s, ()), n)
                for cell, (split, _) in enumerate(picks)
                for s, n in zip(profiles, split, strict=True)
                if n
            )
            weight = self._dealt(profiles, picks)
            if not weight:
                continue
            announced = self._announced(state, len(counts))
            total += len(announced)
            if total > MAX_CASES:
                raise _too_many()
            yield weight, announced

    def _dealt(self, profiles: Sequence[Counts], picks: Sequence[tuple[Sequence[int], int]]) -> int:
        """Probability of joint histograms per cell, up to a common factor.

        Under type processes each agent's histogram is dealt out over the cells: joint histograms stand for as many
        profiles of type vectors as there are ways to arrange them, each as likely as its histograms say.
        """
        if self._chances is None:
            return math.prod(weight for _, weight in picks)
        ways = math.prod(multinomial(split) for split, _ in picks)
        for place, chances in enumerate(self._chances):
            histogram = [0] * len(self.game.problem.agents[self._narrow[place]].types)
            for split, _ in picks:
                for s, n in zip(profiles, split, strict=True):
                    histogram[s[place]] += n
            ways *= chances.get(tuple(histogram), 0)
        return ways

    @cached_property
    def _chances(self) -> list[dict[Histogram, int]] | None:
        """Per restricted agent the probability of a type vector of each histogram, up to a common factor.

        None if all of them have independent types.
        """
        laws = [self.game.type_laws[j] for j in self._narrow]
        if all(law.is_independent for law in laws):
            return None
        found = []
        for law in laws:
            histograms = [tuple(h) for h in law.histogram_law().histograms.tolist()]
            found.append(dict(zip(histograms, to_integers([law.chance(h) for h in histograms])[0], strict=True)))
        return found

    def _announced(self, state: _State, cells: int) -> frozenset[Counts]:
        """What the others can bring about when their types are as the state says."""
        states: set[_State] = {state}
        for order, (_, j) in enumerate(self._others):
            following: set[_State] = set()
            for now in states:
                for table in self._restricted_tables(j, now) if order < len(self._narrow) else self._any_tables(j, now):
                    following.add(_announce(now, table))
                    if len(following) > MAX_CASES:
                        raise _too_many()
            states = following
        return frozenset(self._flat(state, cells) for state in states)

    def _any_tables(self, j: int, state: _State) -> Iterator[Table]:
        for histogram in self.game.budgets[j].histograms():
            yield from integer_tables([n for _, n in state], histogram)

    def _restricted_tables(self, j: int, state: _State) -> Iterator[Table]:
        """What agent j announces row by row, such that its lie table is one that is left."""
        types = range(len(self.game.problem.agents[j].types))
        of_type = [[r for r, ((_, s, _), _) in enumerate(state) if s[0] == u] for u in types]
        histogram = tuple(sum(state[r][1] for r in rows) for rows in of_type)
        for lie in self.left[j][histogram]:
            parts = [list(integer_tables([state[r][1] for r in rows], lie[u])) for u, rows in enumerate(of_type)]
            for pick in itertools.product(*parts):
                table: list[tuple[int, ...]] = [()] * len(state)
                for rows, part in zip(of_type, pick, strict=True):
                    for r, row in zip(rows, part, strict=True):
                        table[r] = row
                yield tuple(table)

    def _flat(self, state: _State, cells: int) -> Counts:
        """The same counts in a row: cell by cell, the profiles announced in the order of the active agents."""
        place = [math.prod(self._sizes[k + 1 :]) for k, _ in self._others]
        width = math.prod(self._sizes)
        flat = [0] * (cells * width)
        for (cell, _, told), n in state:
            flat[cell * width + sum(a * b for a, b in zip(told, place, strict=True))] += n
        return tuple(flat)


def _announce(state: _State, table: Table) -> _State:
    """Let one more agent announce, row by row; rows that are alike from now on become one."""
    merged: dict[_Key, int] = {}
    for ((cell, s, told), _), row in zip(state, table, strict=True):
        for v, n in enumerate(row):
            if n:
                key = (cell, s[1:], (*told, v))
                merged[key] = merged.get(key, 0) + n
    return tuple(sorted(merged.items()))


def _too_many() -> SizeError:
    return SizeError(
        f"the others may announce more than {MAX_CASES:,} different things against one lie table; "
        "fewer copies (-k) help"
    )
