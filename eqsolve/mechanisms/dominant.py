"""Dominant strategy incentives: nobody gains by misreporting, whatever the others' types are.

Knowing the others' vectors, an agent distinguishes problems by the others' types there. On all problems where they are
the same, its best misreport is a transportation problem again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from eqsolve.engines.transport import Transport
from eqsolve.mechanisms.constraints import Candidate, Cell, Constraint, LieFinder
from eqsolve.mechanisms.orbits import Orbits
from eqsolve.mechanisms.reports import Reports
from eqsolve.problem import Profile


@dataclass(frozen=True, eq=False)
class DominantIncentives:
    """No agent gains by misreporting its vector of types, whatever the others' vectors are.

    Parameters
    ----------
    orbits : Orbits
    agents : sequence of int, optional
        Whom to look at; everybody by default.
    """

    orbits: Orbits
    agents: Sequence[int] | None = None

    @cached_property
    def reports(self) -> tuple[Reports, ...]:
        """Utilities of each agent."""
        return tuple(Reports(self.orbits, i) for i in range(self.orbits.problem.n))

    def violated(self, candidate: Candidate, tolerance: Fraction) -> Iterator[Constraint]:
        """For every agent and pair of joint histograms that differ in its types only the best misreport that gains."""
        for i in range(self.orbits.problem.n) if self.agents is None else self.agents:
            least = tolerance * self.reports[i].stake
            for gain, true, told, lies in self.gains(i, candidate):
                if gain > least:
                    yield self.constraint(i, true, told, lies)

    def gains(
        self, i: int, candidate: Candidate
    ) -> Iterator[tuple[Fraction, int, int, list[tuple[Profile, LieFinder]]]]:
        """For every pair of joint histograms with the same others the gain of the best misreport of agent i."""
        for group in self._same_others[i].values():
            for told in group:
                families = self._families(i, told, candidate)
                for true in group:
                    gain = Fraction(0)
                    lies = []
                    for others, counts in self._by_others[i][true].items():
                        family, used, scale = families[others]
                        rows = tuple(counts)
                        gain += Fraction(family.value(rows), scale) - self._truth(i, true, others, candidate)
                        lies.append((others, LieFinder(family, rows, tuple(range(len(rows))), used)))
                    yield gain, true, told, lies

    def _families(
        self, i: int, told: int, candidate: Candidate
    ) -> dict[Profile, tuple[Transport, tuple[int, ...], int]]:
        """Per profile of the others the worth of true types at reported ones, where `told` is reported."""
        rows, scale = self.reports[i].worth
        found = {}
        for others, counts in self._by_others[i][told].items():
            used = tuple(v for v, c in enumerate(counts) if c)
            lotteries = [candidate.chances[self._block(i, told, others, v)] for v in used]
            table = tuple(tuple(sum(q * w for q, w in zip(x, row, strict=True)) for x in lotteries) for row in rows)
            found[others] = (Transport(table, tuple(counts[v] for v in used)), used, scale * candidate.scale)
        return found

    def _truth(self, i: int, h: int, others: Profile, candidate: Candidate) -> Fraction:
        """What agent i gets by the truth on the problems where the others have these types."""
        rows, scale = self.reports[i].worth
        total = 0
        for u, c in enumerate(self._by_others[i][h][others]):
            if c:
                lottery = candidate.chances[self._block(i, h, others, u)]
                total += c * sum(q * w for q, w in zip(lottery, rows[u], strict=True))
        return Fraction(total, scale * candidate.scale)

    def _block(self, i: int, h: int, others: Profile, v: int) -> int:
        return self.orbits.block_index[h, self.orbits.profile_index[(*others[:i], v, *others[i:])]]

    @cached_property
    def _same_others(self) -> list[dict[tuple[tuple[Profile, int], ...], list[int]]]:
        """Per agent joint histograms by how often each profile of the other agents occurs."""
        found = []
        for by_others in self._by_others:
            groups: dict[tuple[tuple[Profile, int], ...], list[int]] = {}
            for h, rows in enumerate(by_others):
                groups.setdefault(tuple(sorted((w, sum(row)) for w, row in rows.items())), []).append(h)
            found.append(groups)
        return found

    @cached_property
    def _by_others(self) -> list[list[dict[Profile, list[int]]]]:
        """Per agent and joint histogram: by the profile of the others, how often the agent has each type there."""
        problem, found = self.orbits.problem, []
        for i in range(problem.n):
            tables = []
            for counts in self.orbits.occurring:
                table: dict[Profile, list[int]] = {}
                for p, c in counts:
                    profile = self.orbits.profiles[p]
                    others = (*profile[:i], *profile[i + 1 :])
                    table.setdefault(others, [0] * problem.shape[i])[profile[i]] += c
                tables.append(table)
            found.append(tables)
        return found

    def constraint(self, i: int, true: int, told: int, lies: Sequence[tuple[Profile, LieFinder]]) -> Constraint:
        """The constraint that a misreport does not pay."""
        worth, scale = self.reports[i].worth
        found: dict[Cell, int] = {}

        def add(b: int, u: int, factor: int) -> None:
            """Add a multiple of type u's worths to the coefficients of a block."""
            for d, w in enumerate(worth[u]):
                if w:
                    found[b, d] = found.get((b, d), 0) + factor * w

        label = []
        for others, counts in self._by_others[i][true].items():
            for u, c in enumerate(counts):
                if c:
                    add(self._block(i, true, others, u), u, c)
        for others, lie in lies:
            for (u, v), n in lie().items():
                label.append(((others, u, v), n))
                add(self._block(i, told, others, v), u, -n)
        row = {cell: Fraction(q, scale) for cell, q in found.items() if q}
        return Constraint(("dsic", i, true, told, tuple(sorted(label))), row)
