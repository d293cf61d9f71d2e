"""Sets Ω*^n of endowment paths on a grid, made so that they need not be listed.

Endowments are low + step · z with z = 0, 1, ..., m. A set is a family of slices: paths with a given sum of z, every z_t
within bounds that may depend on the sum. That covers bounds on the sum, and on all means that leave one date out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from eqsolve.errors import ModelError
from eqsolve.statistical.typical import Everything, LeaveOneOut, Statistic, TypicalSet, WithinBounds


@dataclass(frozen=True)
class Grid:
    """Endowments low, low + step, ..., low + most · step.

    Parameters
    ----------
    low, step : Fraction
        Not negative; positive.
    most : int
    """

    low: Fraction
    step: Fraction
    most: int

    @classmethod
    def of(cls, values: Sequence[Fraction]) -> Grid:
        """The grid of equally spaced values, rising.

        Raises
        ------
        ModelError
            If they are not.
        """
        values = tuple(values)
        step = values[1] - values[0] if len(values) > 1 else Fraction(1)
        if not values or step <= 0 or values[0] < 0 or any(v != values[0] + k * step for k, v in enumerate(values)):
            told = ", ".join(map(str, values))
            raise ModelError(f"endowments: found {told}, expected equally spaced numbers, rising, none negative")
        return cls(values[0], step, len(values) - 1)

    @property
    def values(self) -> tuple[Fraction, ...]:
        """All endowments of a date."""
        return tuple(self.low + self.step * z for z in range(self.most + 1))


@dataclass(frozen=True)
class Slice:
    """Paths with Σ_t z_t = total and low <= z_t <= high."""

    total: int
    low: int
    high: int


@dataclass(frozen=True)
class GridSet:
    """A set of endowment paths.

    Parameters
    ----------
    grid : Grid
    dates : int
    slices : tuple of Slice
        Feasible ones, by falling total; `low` and `high` do not rise as the total falls.
    """

    grid: Grid
    dates: int
    slices: tuple[Slice, ...]

    def __post_init__(self) -> None:
        if not self.slices:
            raise ModelError("typical: found no endowment path in the set, expected at least one")

    @classmethod
    def of(cls, grid: Grid, dates: int, typical: TypicalSet) -> GridSet:
        """Slices of a set of paths: everything, bounds on the sum of endowments, or leave-one-out means.

        Raises
        ------
        ModelError
            If it is empty, or of another form.
        """
        everywhere = range(grid.most * dates, -1, -1)
        found: list[Slice] = []
        if isinstance(typical, Everything) or (isinstance(typical, LeaveOneOut) and dates == 1):
            found = [Slice(total, 0, grid.most) for total in everywhere]
        elif isinstance(typical, WithinBounds) and all(s.values == grid.values for s in typical.statistics):
            sums = ((total, dates * grid.low + grid.step * total) for total in everywhere)
            found = [Slice(total, 0, grid.most) for total, x in sums if _within(x, typical.statistics)]
        elif isinstance(typical, LeaveOneOut) and typical.values == grid.values:
            middle = (dates - 1) * (typical.centre - grid.low) / grid.step
            reach = (dates - 1) * typical.width / grid.step
            found = [
                Slice(
                    total, max(0, math.ceil(total - middle - reach)), min(grid.most, math.floor(total - middle + reach))
                )
                for total in everywhere
            ]
        else:
            raise ModelError("typical: found a set of another form, expected bounds on the sum or leave-one-out means")
        feasible = (s for s in found if s.low <= s.high and dates * s.low <= s.total <= dates * s.high)
        return cls(grid, dates, tuple(feasible))

    @cached_property
    def _by_total(self) -> dict[int, Slice]:
        return {s.total: s for s in self.slices}

    def __contains__(self, path: object) -> bool:
        """Whether a path z_1, ..., z_T is in the set."""
        if not isinstance(path, tuple) or len(path) != self.dates:
            return False
        chosen = self._by_total.get(sum(path))
        return chosen is not None and chosen.low <= min(path) and max(path) <= chosen.high

    def continuations(self, history: Sequence[int]) -> Iterator[Slice]:
        """Slices that a history can still end in."""
        done, left = sum(history), self.dates - len(history)
        for s in self.slices:
            fits = not history or (s.low <= min(history) and max(history) <= s.high)
            if fits and left * s.low <= s.total - done <= left * s.high:
                yield s

    def retract(self, path: tuple[int, ...]) -> tuple[int, ...]:
        """Lemma 1's retraction: the path as long as a member begins so, then the rest of a member that begins so.

        The member has the middle one of the sums that are still possible, and its rest is as even as it can be.
        """
        if path in self:
            return path
        kept = 0
        while kept < self.dates and next(self.continuations(path[: kept + 1]), None) is not None:
            kept += 1
        history = path[:kept]
        possible = list(self.continuations(history))
        chosen = possible[len(possible) // 2]
        left = self.dates - kept
        each, more = divmod(chosen.total - sum(history), left) if left else (0, 0)
        return (*history, *(each + (k < more) for k in range(left)))


def _within(total: Fraction, statistics: Sequence[Statistic]) -> bool:
    return all((s.least is None or total >= s.least) and (s.most is None or total <= s.most) for s in statistics)
