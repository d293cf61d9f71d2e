"""Participation: nobody prefers the status quo on all problems."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from eqsolve.mechanisms.constraints import Candidate, Cell, Constraint
from eqsolve.mechanisms.orbits import Orbits
from eqsolve.mechanisms.reports import Reports, honest


@dataclass(frozen=True, eq=False)
class Participation:
    """Nobody prefers the status quo on all problems.

    Parameters
    ----------
    orbits : Orbits
    status_quo : int
        Index of the decision.
    stage : {"interim", "total"}
        ``interim``: in expectation over the others' types, at every histogram of one's own; ``total``: at every joint
        histogram, over all problems together and over the mechanism's own lotteries.
    transfers : bool
        Whether reports are paid for (interim).
    agents : sequence of int, optional
        Whom to look at; everybody by default.
    """

    orbits: Orbits
    status_quo: int
    stage: str
    transfers: bool = False
    agents: Sequence[int] | None = None

    def violated(self, candidate: Candidate, tolerance: Fraction) -> Iterator[Constraint]:
        """Every violated constraint."""
        for stake, constraint in self._staked:
            if constraint.least - candidate.value(constraint.row, constraint.transfers) > tolerance * stake:
                yield constraint

    @property
    def listed(self) -> list[Constraint]:
        """All constraints."""
        return [constraint for _, constraint in self._staked]

    @cached_property
    def _staked(self) -> list[tuple[Fraction, Constraint]]:
        agents = range(self.orbits.problem.n) if self.agents is None else self.agents
        found = []
        for i in agents:
            reports = Reports(self.orbits, i)
            listed = self._interim(reports) if self.stage == "interim" else self._total(i)
            found += [(reports.stake, constraint) for constraint in listed]
        return found

    def _interim(self, reports: Reports) -> Iterator[Constraint]:
        problem, i = self.orbits.problem, reports.i
        for true in self.orbits.interim[i]:
            paid = {(i, true): Fraction(1)} if self.transfers else {}
            least = sum((c * problem.utility(i, u)[self.status_quo] for u, c in enumerate(true)), Fraction(0))
            yield Constraint(("interim", i, true), reports.row(honest(true)), least, paid)

    def _total(self, i: int) -> Iterator[Constraint]:
        problem = self.orbits.problem
        rows: dict[int, dict[Cell, Fraction]] = {}
        least: dict[int, Fraction] = {}
        for b, (h, p) in enumerate(self.orbits.blocks):
            worth, c = problem.utility(i, self.orbits.profiles[p][i]), self.orbits.counts[b]
            least[h] = least.get(h, Fraction(0)) + c * worth[self.status_quo]
            rows.setdefault(h, {}).update({(b, d): c * w for d, w in enumerate(worth) if w})
        for h, row in rows.items():
            yield Constraint(("total", i, h), row, least[h])
