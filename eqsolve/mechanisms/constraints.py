"""Linear constraints on a mechanism, and candidates that may violate them.

Constraints of one kind form a family, which is never listed: what matters of it is which of its members a candidate
violates.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Protocol

from eqsolve.budget import Histogram
from eqsolve.engines.transport import Table, Transport
from eqsolve.exact.rational import common_denominator

Cell = tuple[int, int]
"""A block of the mechanism and a decision; the variable is its probability there."""
Report = tuple[int, Histogram]
"""An agent and the histogram that it reports; the variable is the transfer it then expects, where there are any."""
Transfers = Mapping[Report, Fraction]
Lie = Mapping[tuple[int, int], int]
"""How many problems of each true type are reported as what."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """A mechanism to be examined: per block the probabilities of the decisions, times `scale`.

    Parameters
    ----------
    chances : per block one whole number per decision
    scale : int
    transfers : {(agent, reported histogram): Fraction}
    """

    chances: Sequence[Sequence[int]]
    scale: int
    transfers: Transfers = field(default_factory=dict)

    @classmethod
    def of(cls, lotteries: Sequence[Sequence[Fraction]], transfers: Transfers) -> Candidate:
        """From exact lotteries."""
        scale = common_denominator(q for row in lotteries for q in row)
        return cls([[q.numerator * (scale // q.denominator) for q in row] for row in lotteries], scale, transfers)

    def value(self, row: Mapping[Cell, Fraction], transfers: Transfers) -> Fraction:
        """A linear function of lotteries and transfers."""
        total = sum((q * self.chances[b][d] for (b, d), q in row.items()), Fraction(0)) / self.scale
        return total + sum((q * self.transfers.get(r, Fraction(0)) for r, q in transfers.items()), Fraction(0))


@dataclass(frozen=True, eq=False)
class Constraint:
    """``Σ row[c] x_c + Σ transfers[r] t_r >= least``, and what it stands for.

    Parameters
    ----------
    label : tuple
        ``("bic", agent, true histogram, reported histogram, lie table)``,
        ``("dsic", agent, joint histogram, reported joint histogram, ((others' profile, u, v), count) ...)``,
        ``("interim", agent, histogram)``, ``("total", agent, joint histogram)`` or ``("balance",)``; joint
        histograms by their position.
    """

    label: tuple[Hashable, ...]
    row: Mapping[Cell, Fraction]
    least: Fraction = Fraction(0)
    transfers: Mapping[Report, Fraction] = field(default_factory=dict)


class Family(Protocol):
    """Constraints that are too many to list."""

    def violated(self, candidate: Candidate, tolerance: Fraction) -> Iterator[Constraint]:
        """Constraints that a candidate violates by more than a tolerance, the worst of each kind.

        The tolerance is a share of what is at stake for the agent.
        """
        ...


@dataclass(frozen=True)
class LieFinder:
    """The best lie table for a true histogram, worked out when it is asked for."""

    family: Transport
    counts: tuple[int, ...]
    rows: tuple[int, ...]
    used: tuple[int, ...]

    def __call__(self) -> dict[tuple[int, int], int]:
        """How many problems of each true type are reported as what."""
        best: Table = next(iter(self.family.tables(self.counts)))
        return {(self.rows[r], self.used[c]): n for r, line in enumerate(best) for c, n in enumerate(line) if n}
