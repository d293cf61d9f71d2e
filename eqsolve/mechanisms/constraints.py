"""What a mechanism on K copies must satisfy: incentives and participation, as linear constraints found on demand.

Against a mechanism that treats problems alike, an agent that reports some vector of types only chooses how many
problems of each true type it reports as what: a lie table. Its best misreport is a transportation problem, so incentive
constraints are never listed; those that a candidate violates are found by solving these problems.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Protocol

from eqsolve.budget import Histogram
from eqsolve.engines.transport import Table, Transport
from eqsolve.exact.rational import to_integers
from eqsolve.mechanisms.orbits import Orbits
from eqsolve.problem import Profile

Cell = tuple[int, int]
"""A block of the mechanism and a decision; the variable is its probability there."""
Report = tuple[int, Histogram]
"""An agent and the histogram that it reports; the variable is the transfer it then expects, where there are any."""
Lotteries = Sequence[Sequence[Fraction]]
"""Per block the probabilities of the decisions."""
Transfers = Mapping[Report, Fraction]


@dataclass(frozen=True, eq=False)
class Constraint:
    """``Σ row[c] x_c + Σ transfers[r] t_r >= least``, and what it stands for.

    Parameters
    ----------
    label : tuple
        ``("bic", agent, true histogram, reported histogram, lie table)``,
        ``("dsic", agent, joint histogram, reported joint histogram, ((others' profile, lie table), ...))``,
        ``("interim", agent, histogram)``, ``("total", agent, joint histogram)`` or ``("balance",)``.
    """

    label: tuple[Hashable, ...]
    row: Mapping[Cell, Fraction]
    least: Fraction = Fraction(0)
    transfers: Mapping[Report, Fraction] = field(default_factory=dict)


class Family(Protocol):
    """Constraints that are too many to list."""

    def violated(self, lotteries: Lotteries, transfers: Transfers, tolerance: Fraction) -> Iterator[Constraint]:
        """Constraints that a candidate violates by more than a tolerance, the worst of each kind."""
        ...


@dataclass(frozen=True, eq=False)
class Reports:
    """What an agent expects on a problem, given its report, when the others are truthful.

    Parameters
    ----------
    orbits : Orbits
    i : int
    """

    orbits: Orbits
    i: int

    @cached_property
    def terms(self) -> dict[tuple[Histogram, int], list[tuple[int, Fraction]]]:
        """Per reported histogram and type: blocks with the probability that a problem so reported is there."""
        orbits = self.orbits
        found: dict[tuple[Histogram, int], list[tuple[int, Fraction]]] = {}
        for b, (h, p) in enumerate(orbits.blocks):
            reported, v = orbits.margin(h, self.i), orbits.profiles[p][self.i]
            chance = orbits.probabilities[h] * orbits.joint[h][p] / (orbits.interim[self.i][reported] * reported[v])
            found.setdefault((reported, v), []).append((b, chance))
        return found

    def lottery(self, lotteries: Lotteries, reported: Histogram, v: int) -> list[Fraction]:
        """Expected lottery on a problem that is reported as v in a report with this histogram."""
        terms = self.terms[reported, v]
        return [
            sum((p * lotteries[b][d] for b, p in terms), Fraction(0)) for d in range(len(self.orbits.problem.decisions))
        ]

    def row(self, reported: Histogram, v: int, u: int, factor: Fraction | int) -> Iterator[tuple[Cell, Fraction]]:
        """`factor` times the payoff of a true type u on a problem reported as v, as coefficients."""
        worth = self.orbits.problem.utility(self.i, u)
        for b, p in self.terms[reported, v]:
            for d, w in enumerate(worth):
                if w:
                    yield (b, d), factor * p * w


def collect(terms: Iterator[tuple[Cell, Fraction]]) -> dict[Cell, Fraction]:
    """Sum coefficients by column."""
    row: dict[Cell, Fraction] = {}
    for column, q in terms:
        row[column] = row.get(column, Fraction(0)) + q
    return {column: q for column, q in row.items() if q}


@dataclass(frozen=True, eq=False)
class BayesianIncentives:
    """No agent gains by misreporting its vector of types when the others are truthful.

    Parameters
    ----------
    orbits : Orbits
    transfers : bool
        Whether reports are paid for, by an amount per histogram.
    """

    orbits: Orbits
    transfers: bool = False

    @cached_property
    def reports(self) -> tuple[Reports, ...]:
        """Expectations of each agent."""
        return tuple(Reports(self.orbits, i) for i in range(self.orbits.problem.n))

    def violated(self, lotteries: Lotteries, transfers: Transfers, tolerance: Fraction) -> Iterator[Constraint]:
        """For every agent, true and reported histogram the best misreport, where it gains."""
        for i in range(self.orbits.problem.n):
            worth = self._worth(i, lotteries)
            histograms = list(self.orbits.interim[i])
            for told in histograms:
                used = [v for v, c in enumerate(told) if c]
                rows = sorted({u for n in histograms for u, c in enumerate(n) if c})
                cells, scale = to_integers([worth[told][v][u] for u in rows for v in used])
                table = tuple(tuple(cells[k * len(used) : (k + 1) * len(used)]) for k in range(len(rows)))
                family = Transport(table, tuple(told[v] for v in used))
                for true in histograms:
                    counts = [true[u] for u in rows]
                    honest = sum((c * worth[true][u][u] for u, c in enumerate(true) if c), Fraction(0))
                    gain = Fraction(family.value(counts), scale) - honest
                    gain += transfers.get((i, told), Fraction(0)) - transfers.get((i, true), Fraction(0))
                    if gain > tolerance:
                        best = next(iter(family.tables(counts)))
                        lie = {(rows[r], used[c]): n for r, line in enumerate(best) for c, n in enumerate(line) if n}
                        yield self._constraint(i, true, told, lie)

    def _worth(self, i: int, lotteries: Lotteries) -> dict[Histogram, dict[int, list[Fraction]]]:
        """Payoff of every true type on a problem, per reported histogram and type."""
        problem = self.orbits.problem
        utilities = [problem.utility(i, u) for u in range(len(problem.agents[i].types))]
        found: dict[Histogram, dict[int, list[Fraction]]] = {}
        for told, v in self.reports[i].terms:
            lottery = self.reports[i].lottery(lotteries, told, v)
            found.setdefault(told, {})[v] = [
                sum((p * w for p, w in zip(lottery, row, strict=True) if p), Fraction(0)) for row in utilities
            ]
        return found

    def _constraint(self, i: int, true: Histogram, told: Histogram, lie: Mapping[tuple[int, int], int]) -> Constraint:
        reports = self.reports[i]
        honest = (reports.row(true, u, u, c) for u, c in enumerate(true) if c)
        lying = (reports.row(told, v, u, -n) for (u, v), n in lie.items())
        row = collect(itertools.chain.from_iterable(itertools.chain(honest, lying)))
        paid = {(i, true): Fraction(1), (i, told): Fraction(-1)} if self.transfers and true != told else {}
        return Constraint(("bic", i, true, told, tuple(sorted(lie.items()))), row, transfers=paid)


@dataclass(frozen=True, eq=False)
class DominantIncentives:
    """No agent gains by misreporting its vector of types, whatever the others' vectors are."""

    orbits: Orbits

    @cached_property
    def _index(self) -> dict[tuple[int, int], int]:
        return {pair: b for b, pair in enumerate(self.orbits.blocks)}

    @cached_property
    def _profile(self) -> dict[tuple[int, ...], int]:
        return {profile: p for p, profile in enumerate(self.orbits.profiles)}

    def violated(self, lotteries: Lotteries, transfers: Transfers, tolerance: Fraction) -> Iterator[Constraint]:
        """For every agent and pair of joint histograms that differ in its types only the best misreport that gains."""
        for i in range(self.orbits.problem.n):
            for group in self._same_others(i).values():
                for true, told in itertools.product(group, repeat=2):
                    found = self._best_lie(i, true, told, lotteries)
                    if found is not None and found[0] > tolerance:
                        yield self._constraint(i, true, told, found[1])

    def _same_others(self, i: int) -> dict[tuple[tuple[Profile, int], ...], list[int]]:
        """Joint histograms by how often each profile of the other agents occurs."""
        groups: dict[tuple[tuple[Profile, int], ...], list[int]] = {}
        for h in range(len(self.orbits.joint)):
            counts = {w: sum(row) for w, row in self._by_others(i, h).items()}
            groups.setdefault(tuple(sorted(counts.items())), []).append(h)
        return groups

    def _by_others(self, i: int, h: int) -> dict[Profile, list[int]]:
        """Per profile of the others that occurs, how often agent i has each type there."""
        found: dict[Profile, list[int]] = {}
        types = len(self.orbits.problem.agents[i].types)
        for profile, c in zip(self.orbits.profiles, self.orbits.joint[h], strict=True):
            if c:
                others = (*profile[:i], *profile[i + 1 :])
                found.setdefault(others, [0] * types)[profile[i]] += c
        return found

    def _worth(self, i: int, h: int, others: Profile, v: int, u: int, lotteries: Lotteries) -> Fraction:
        b = self._index[h, self._profile[(*others[:i], v, *others[i:])]]
        worth = self.orbits.problem.utility(i, u)
        return sum((p * w for p, w in zip(lotteries[b], worth, strict=True) if p), Fraction(0))

    def _best_lie(
        self, i: int, true: int, told: int, lotteries: Lotteries
    ) -> tuple[Fraction, dict[tuple[Profile, int, int], int]] | None:
        gain, lie = Fraction(0), {}
        reported = self._by_others(i, told)
        for others, counts in self._by_others(i, true).items():
            rows = [u for u, c in enumerate(counts) if c]
            used = [v for v, c in enumerate(reported[others]) if c]
            flat = [self._worth(i, told, others, v, u, lotteries) for u in rows for v in used]
            cells, scale = to_integers(flat)
            table = tuple(tuple(cells[k * len(used) : (k + 1) * len(used)]) for k in range(len(rows)))
            family = Transport(table, tuple(reported[others][v] for v in used))
            margin = [counts[u] for u in rows]
            gain += Fraction(family.value(margin), scale)
            gain -= sum((counts[u] * self._worth(i, true, others, u, u, lotteries) for u in rows), Fraction(0))
            best: Table = next(iter(family.tables(margin)))
            for r, line in enumerate(best):
                for c, n in enumerate(line):
                    if n:
                        lie[others, rows[r], used[c]] = n
        return gain, lie

    def _constraint(self, i: int, true: int, told: int, lie: Mapping[tuple[Profile, int, int], int]) -> Constraint:
        def terms() -> Iterator[tuple[Cell, Fraction]]:
            for others, counts in self._by_others(i, true).items():
                for u, c in enumerate(counts):
                    if c:
                        yield from self._payoff(i, true, others, u, u, c)
            for (others, u, v), n in lie.items():
                yield from self._payoff(i, told, others, v, u, -n)

        return Constraint(("dsic", i, true, told, tuple(sorted(lie.items()))), collect(terms()))

    def _payoff(self, i: int, h: int, others: Profile, v: int, u: int, factor: int) -> Iterator[tuple[Cell, Fraction]]:
        b = self._index[h, self._profile[(*others[:i], v, *others[i:])]]
        for d, w in enumerate(self.orbits.problem.utility(i, u)):
            if w:
                yield (b, d), factor * w


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
    """

    orbits: Orbits
    status_quo: int
    stage: str
    transfers: bool = False

    def violated(self, lotteries: Lotteries, transfers: Transfers, tolerance: Fraction) -> Iterator[Constraint]:
        """Every violated constraint."""
        for constraint in self._interim if self.stage == "interim" else self._total:
            got = sum((q * lotteries[b][d] for (b, d), q in constraint.row.items()), Fraction(0))
            got += sum((q * transfers.get(r, Fraction(0)) for r, q in constraint.transfers.items()), Fraction(0))
            if constraint.least - got > tolerance:
                yield constraint

    @cached_property
    def _interim(self) -> list[Constraint]:
        problem, found = self.orbits.problem, []
        for i in range(problem.n):
            reports = Reports(self.orbits, i)
            for true in self.orbits.interim[i]:
                row = collect(
                    itertools.chain.from_iterable(reports.row(true, u, u, c) for u, c in enumerate(true) if c)
                )
                paid = {(i, true): Fraction(1)} if self.transfers else {}
                least = sum((c * problem.utility(i, u)[self.status_quo] for u, c in enumerate(true)), Fraction(0))
                found.append(Constraint(("interim", i, true), row, least, paid))
        return found

    @cached_property
    def _total(self) -> list[Constraint]:
        problem, found = self.orbits.problem, []
        for i in range(problem.n):
            rows: dict[int, dict[Cell, Fraction]] = {}
            least: dict[int, Fraction] = {}
            for b, (h, p) in enumerate(self.orbits.blocks):
                worth, c = problem.utility(i, self.orbits.profiles[p][i]), self.orbits.joint[h][p]
                least[h] = least.get(h, Fraction(0)) + c * worth[self.status_quo]
                rows.setdefault(h, {}).update({(b, d): c * w for d, w in enumerate(worth) if w})
            found += [Constraint(("total", i, h), row, least[h]) for h, row in rows.items()]
        return found
