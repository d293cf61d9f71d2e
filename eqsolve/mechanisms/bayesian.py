"""Bayesian incentives: nobody gains by misreporting when the others are truthful.

Against a mechanism that treats problems alike, an agent that reports some vector of types only chooses how many
problems of each true type it reports as what: a lie table. Its best misreport is a transportation problem, so incentive
constraints are never listed; those that a candidate violates are found by solving these problems.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from eqsolve.budget import Histogram
from eqsolve.engines.transport import Transport
from eqsolve.exact.rational import to_integers
from eqsolve.mechanisms.constraints import Candidate, Constraint, Lie, LieFinder
from eqsolve.mechanisms.orbits import Orbits
from eqsolve.mechanisms.reports import Reports, honest


@dataclass(frozen=True, eq=False)
class BayesianIncentives:
    """No agent gains by misreporting its vector of types when the others are truthful.

    Parameters
    ----------
    orbits : Orbits
    transfers : bool
        Whether reports are paid for, by an amount per histogram.
    agents : sequence of int, optional
        Whom to look at; everybody by default.
    """

    orbits: Orbits
    transfers: bool = False
    agents: Sequence[int] | None = None

    @cached_property
    def reports(self) -> tuple[Reports, ...]:
        """Expectations of each agent."""
        return tuple(Reports(self.orbits, i) for i in range(self.orbits.problem.n))

    def violated(self, candidate: Candidate, tolerance: Fraction) -> Iterator[Constraint]:
        """For every agent, true and reported histogram the best misreport, where it gains."""
        for i in range(self.orbits.problem.n) if self.agents is None else self.agents:
            least = tolerance * self.reports[i].stake
            for gain, true, told, lie in self.gains(i, candidate):
                if gain > least:
                    yield self.constraint(i, true, told, lie())

    def gains(self, i: int, candidate: Candidate) -> Iterator[tuple[Fraction, Histogram, Histogram, LieFinder]]:
        """For every true and reported histogram of agent i the gain of the best misreport, and how to find it."""
        reports = self.reports[i]
        worth: dict[Histogram, dict[int, list[Fraction]]] = {}
        for told, v in reports.terms:
            worth.setdefault(told, {})[v] = reports.payoffs(candidate, told, v)
        truth = {
            n: sum((c * worth[n][u][u] for u, c in enumerate(n) if c), candidate.transfers.get((i, n), Fraction(0)))
            for n in worth
        }
        rows = sorted({u for n in worth for u, c in enumerate(n) if c})
        for told, payoffs in worth.items():
            used = list(payoffs)
            cells, scale = to_integers([payoffs[v][u] for u in rows for v in used])
            table = tuple(tuple(cells[k * len(used) : (k + 1) * len(used)]) for k in range(len(rows)))
            family = Transport(table, tuple(told[v] for v in used))
            paid = candidate.transfers.get((i, told), Fraction(0))
            for true in worth:
                counts = tuple(true[u] for u in rows)
                gain = Fraction(family.value(counts), scale) + paid - truth[true]
                yield gain, true, told, LieFinder(family, counts, tuple(rows), tuple(used))

    def constraint(self, i: int, true: Histogram, told: Histogram, lie: Lie) -> Constraint:
        """The constraint that a misreport does not pay."""
        lying = [(told, v, u, -n) for (u, v), n in lie.items()]
        row = self.reports[i].row([*honest(true), *lying])
        paid = {(i, true): Fraction(1), (i, told): Fraction(-1)} if self.transfers and true != told else {}
        return Constraint(("bic", i, true, told, tuple(sorted(lie.items()))), row, transfers=paid)
