"""Credal sets: what all laws that are held possible agree on.

A credal set is a list of laws, or all laws of a path whose mean statistics are within bounds. Over the latter the
largest probability of an event is a linear program; its dual is a certificate that needs no law at all: a combination
of the statistics that is at least the event's indicator on every path.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from eqsolve.engines.lp import solve_lp
from eqsolve.errors import ModelError
from eqsolve.statistical.process import Path


@dataclass(frozen=True)
class MeanStatistic:
    """A statistic of a path whose expectation is known to be within bounds.

    Parameters
    ----------
    of : callable
        From a path to a Fraction.
    least, most : Fraction or None
    name : str
    """

    of: Callable[[Path], Fraction]
    least: Fraction | None = None
    most: Fraction | None = None
    name: str = ""


@dataclass(frozen=True)
class WorstCase:
    """The largest probability of an event over all laws that fit.

    Parameters
    ----------
    probability : Fraction
    law : mapping of Path to Fraction
        A law that attains it, positive probabilities only.
    constant : Fraction
    lower, upper : tuple of Fraction
        Certificate: multipliers, not negative, of the lower and upper bounds of the statistics, with
        ``constant + Σ_k (upper_k − lower_k) s_k(ω) >= 1`` on the event and ``>= 0`` elsewhere, and
        ``constant + Σ_k (upper_k most_k − lower_k least_k) = probability``.
    """

    probability: Fraction
    law: Mapping[Path, Fraction]
    constant: Fraction
    lower: tuple[Fraction, ...]
    upper: tuple[Fraction, ...]

    def proves(self, statistics: Sequence[MeanStatistic], paths: Iterable[Path], event: set[Path]) -> bool:
        """Check the certificate on every path, without a solver."""
        if any(m < 0 for m in (*self.lower, *self.upper)):
            return False
        price = self.constant
        for s, low, high in zip(statistics, self.lower, self.upper, strict=True):
            if (low and s.least is None) or (high and s.most is None):
                return False
            price += high * (s.most or 0) - low * (s.least or 0)
        return price == self.probability and all(
            self.constant
            + sum((h - w) * s.of(path) for s, w, h in zip(statistics, self.lower, self.upper, strict=True))
            >= (path in event)
            for path in paths
        )


def worst_case(statistics: Sequence[MeanStatistic], paths: Iterable[Path], event: set[Path]) -> WorstCase:
    """The largest probability of an event over all laws on `paths` with mean statistics within their bounds.

    Raises
    ------
    ModelError
        If no law fits.

    Notes
    -----
    Paths with the same statistics that are alike in or out of the event share a variable.
    """
    groups: dict[tuple[tuple[Fraction, ...], bool], Path] = {}
    for path in paths:
        groups.setdefault((tuple(s.of(path) for s in statistics), path in event), path)
    keys = list(groups)
    rows: list[list[Fraction]] = []
    right: list[Fraction] = []
    which: list[tuple[int, bool]] = []
    for k, s in enumerate(statistics):
        column = [values[k] for values, _ in keys]
        if s.most is not None:
            rows, right, which = [*rows, column], [*right, s.most], [*which, (k, True)]
        if s.least is not None:
            rows, right, which = [*rows, [-x for x in column]], [*right, -s.least], [*which, (k, False)]
    found = solve_lp([int(inside) for _, inside in keys], rows, right, [[1] * len(keys)], [Fraction(1)], maximise=True)
    if found.value is None:
        raise ModelError("credal: found statistics that no law of the types has, expected bounds that allow one")
    lower, upper = [Fraction(0)] * len(statistics), [Fraction(0)] * len(statistics)
    for (k, is_upper), y in zip(which, found.dual_ub, strict=True):
        (upper if is_upper else lower)[k] = y
    law = {groups[key]: p for key, p in zip(keys, found.x, strict=True) if p}
    return WorstCase(found.value, law, found.dual_eq[0], tuple(lower), tuple(upper))
