"""What a coalition does that pools its members' types: a lottery over tables of joint types and announcements.

The plan says for every joint histogram of the members' true types how many problems of each joint type are announced
as which joint announcement. Which of these problems they are is drawn at random, so the plan does not depend on the
labels of the problems.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class PurePlan:
    """One table for every joint histogram of true types.

    Parameters
    ----------
    tables : array (histograms, joint types, joint announcements)
    """

    tables: Ids


@dataclass(frozen=True, eq=False)
class PooledPlan:
    """A lottery over pure plans, drawn before types are known.

    Parameters
    ----------
    histograms : array (histograms, joint types)
        Joint histograms of the members' true types.
    chances : tuple of Fraction
        Their probabilities.
    parts : tuple of (probability, PurePlan)
    """

    histograms: Ids
    chances: tuple[Fraction, ...]
    parts: tuple[tuple[Fraction, PurePlan], ...]

    def lottery(self, h: int) -> dict[tuple[tuple[int, ...], ...], Fraction]:
        """Tables at a histogram, with their probabilities."""
        drawn: dict[tuple[tuple[int, ...], ...], Fraction] = {}
        for p, part in self.parts:
            table = tuple(map(tuple, part.tables[h].tolist()))
            drawn[table] = drawn.get(table, Fraction(0)) + p
        return drawn

    def items(self) -> Iterator[tuple[Fraction, Ids, Fraction, Ids]]:
        """Probability of a histogram, the histogram, probability of a table there, the table."""
        for h, chance in enumerate(self.chances):
            for table, p in self.lottery(h).items():
                yield chance, self.histograms[h], p, np.array(table, dtype=np.int64)

    def announced(self) -> tuple[Fraction, ...]:
        """Probability of each joint announcement on a problem."""
        total = [Fraction(0)] * self.parts[0][1].tables.shape[2]
        copies = int(self.histograms[0].sum())
        for chance, _, p, table in self.items():
            for c, count in enumerate(table.sum(axis=0).tolist()):
                total[c] += chance * p * count
        return tuple(x / copies for x in total)
