"""Joint announcements of a coalition: which of them pass a filter.

A filter sees how often the members make each joint announcement. All such tables with the members' budgets as margins
are listed once, each with the smallest ε at which it passes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
import numpy.typing as npt

from eqsolve.filter.distance import PAIRWISE, JointTables, scale, scores
from eqsolve.filter.joint_tables import joint_tables
from eqsolve.filter.panel import Panel

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Announcements:
    """All joint tables of a coalition's announcements.

    Parameters
    ----------
    panel : Panel
        The members.
    kind : {"pairwise", "joint"}
        The distance.

    Raises
    ------
    SizeError
        If there are too many tables.
    """

    panel: Panel
    kind: str = PAIRWISE

    @cached_property
    def tables(self) -> Ids:
        """Array (tables, joint announcements)."""
        found = joint_tables(self.panel.budgets)
        return found.reshape(len(found), -1)

    @cached_property
    def _distances(self) -> tuple[npt.NDArray[np.object_], int]:
        """The largest distance of a member in each table, times a common denominator, and that denominator."""
        counts = JointTables(self.tables.reshape(-1, *self.panel.shape), tuple(range(self.panel.n)))
        scales = [scale(self.panel, i) for i in range(self.panel.n)]
        common = math.lcm(*scales)
        worst = np.zeros(len(self.tables), dtype=object)
        for score, own in zip(scores(self.panel, counts, self.kind), scales, strict=True):
            worst = np.maximum(worst, score.astype(object) * (common // own))
        return worst, common

    @cached_property
    def distances(self) -> tuple[Fraction, ...]:
        """The smallest ε at which each table passes."""
        worst, common = self._distances
        return tuple(Fraction(int(d), common) for d in worst)

    @property
    def steps(self) -> tuple[Fraction, ...]:
        """The values of ε at which more tables begin to pass, increasing."""
        return tuple(sorted(set(self.distances)))

    def signature(self, epsilon: Fraction | None) -> tuple[int, ...]:
        """How many of the distances that each member may be at pass: filters that agree in this flag the same."""
        if epsilon is None:
            return ()
        counts = JointTables(self.tables.reshape(-1, *self.panel.shape), tuple(range(self.panel.n)))
        found = []
        for i, score in enumerate(scores(self.panel, counts, self.kind)):
            limit = math.floor(epsilon * scale(self.panel, i))
            found.append(sum(1 for s in set(score.tolist()) if s <= limit))
        return tuple(found)

    def passing(self, epsilon: Fraction | None) -> Ids:
        """Tables that pass, as indices; all of them without a filter."""
        if epsilon is None:
            return np.arange(len(self.tables))
        worst, common = self._distances
        found: Ids = np.flatnonzero((worst <= math.floor(epsilon * common)).astype(bool))
        return found
