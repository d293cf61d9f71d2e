"""Transfers that depend on everybody's reports, or on one's own only, as integers over a denominator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from eqsolve.interdependent.tables import Array


@dataclass(frozen=True, eq=False)
class Transfers:
    """What every agent is paid, at every profile of reports.

    Parameters
    ----------
    values : N integer arrays
        Of the shape of the grid for transfers that depend on all reports; of T_i entries where an agent's transfer
        depends on its own report only.
    scale : int
        The denominator of all entries.
    """

    values: tuple[Array, ...]
    scale: int

    def to(self, i: int, profile: Sequence[int]) -> Fraction:
        """What agent i is paid where these signals are reported."""
        array = self.values[i]
        place = tuple(profile) if array.ndim == len(profile) else (profile[i],)
        return Fraction(int(array[place]), self.scale)
