"""Likely sets Ω* of type paths: any test of a path, most often that statistics of it are within bounds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from eqsolve.errors import ModelError
from eqsolve.statistical.process import Path, TypeProcess


class TypicalSet(ABC):
    """A set of type paths of one agent."""

    @abstractmethod
    def __contains__(self, path: object) -> bool:
        """Whether a complete path is in the set."""

    def members(self, process: TypeProcess) -> list[Path]:
        """The paths of a process's type space that are in the set, lexicographically.

        Raises
        ------
        ModelError
            If there are none: there is nothing that could be announced.
        SizeError
            If the type space is too large to be listed.
        """
        found = [path for path in process.paths() if path in self]
        if not found:
            raise ModelError("typical: found no path in the set, expected at least one")
        return found


@dataclass(frozen=True)
class Everything(TypicalSet):
    """All paths: nothing is known."""

    def __contains__(self, path: object) -> bool:
        return True


@dataclass(frozen=True)
class Statistic:
    """A number per type, added up over the dates, and bounds of the sum.

    Parameters
    ----------
    values : tuple of Fraction, one per type
    least, most : Fraction or None
        None: no bound.
    """

    values: tuple[Fraction, ...]
    least: Fraction | None = None
    most: Fraction | None = None

    def total(self, path: Path) -> Fraction:
        """The sum over the dates."""
        return sum((self.values[u] for u in path), Fraction(0))

    def holds(self, path: Path) -> bool:
        """Whether the sum is within the bounds, ends included."""
        total = self.total(path)
        return (self.least is None or total >= self.least) and (self.most is None or total <= self.most)


@dataclass(frozen=True)
class WithinBounds(TypicalSet):
    """Paths whose statistics are all within their bounds."""

    statistics: tuple[Statistic, ...]

    def __contains__(self, path: object) -> bool:
        return isinstance(path, tuple) and all(s.holds(path) for s in self.statistics)


@dataclass(frozen=True)
class LeaveOneOut(TypicalSet):
    """Paths on which every mean of all dates but one is near a centre (Zhu, section 4.1.1).

    Parameters
    ----------
    values : tuple of Fraction, one per type
    centre, width : Fraction
        |Σ_{s≠t} ω_s / (T − 1) − centre| <= width for all t.
    """

    values: tuple[Fraction, ...]
    centre: Fraction
    width: Fraction

    def __contains__(self, path: object) -> bool:
        if not isinstance(path, tuple) or len(path) < 2:
            return isinstance(path, tuple)
        numbers = [self.values[u] for u in path]
        total, others = sum(numbers, Fraction(0)), len(path) - 1
        return all(abs((total - x) / others - self.centre) <= self.width for x in numbers)


@dataclass(frozen=True)
class Listed(TypicalSet):
    """Paths that are listed."""

    paths: frozenset[Path]

    def __contains__(self, path: object) -> bool:
        return path in self.paths


@dataclass(frozen=True)
class Satisfying(TypicalSet):
    """Paths that pass a test of one's own."""

    test: Callable[[Path], bool]

    def __contains__(self, path: object) -> bool:
        return isinstance(path, tuple) and self.test(path)
