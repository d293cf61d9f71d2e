"""Figures along grids that are refined, and their limits.

A figure that is a polynomial in 1/m (exactly, at every grid that was computed) has its constant as limit. Otherwise the
limit is estimated by Richardson extrapolation, and the estimate says how far it is from the next best one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from eqsolve.errors import ModelError
from eqsolve.exact.linalg import solve


@dataclass(frozen=True)
class Limit:
    """A limit as m grows.

    Attributes
    ----------
    value : Fraction
        The extrapolated limit.
    error : Fraction
        Distance to the extrapolation without the coarsest grid; 0 where `formula` is given.
    formula : tuple of Fraction or None
        Coefficients of 1, 1/m, 1/m², … of a polynomial that gives the figure at every grid that was computed, those
        included that it was not fitted to; None if no polynomial of lower degree than the number of grids does.
    points : tuple of (m, Fraction)
        What was computed.
    """

    value: Fraction
    error: Fraction
    formula: tuple[Fraction, ...] | None
    points: tuple[tuple[int, Fraction], ...]

    @property
    def digits(self) -> str:
        """The value, rounded, with its error where it is an estimate."""
        if self.formula is not None:
            return str(self.value)
        return f"{float(self.value):.6f} ± {float(self.error):.1e}"


def limit(points: Sequence[tuple[int, Fraction]], spare: int = 2) -> Limit:
    """Extrapolate a figure to infinitely fine grids.

    Parameters
    ----------
    points : at least three pairs of a number of points m, increasing, and the figure there
        Refinements of one pattern: where a maximum over types sits at a point of some grids only, use grids of a kind.
    spare : int
        How many grids have to confirm a formula beyond those that determine it.

    Raises
    ------
    ModelError
        For fewer than three grids.

    Notes
    -----
    Neville's scheme at 0 for the polynomial in 1/m through all points.
    """
    grids = [m for m, _ in points]
    if len(grids) < 3 or sorted(set(grids)) != grids:
        raise ModelError(f"grids: found {grids}, expected at least three, increasing")
    for degree in range(len(points) - spare):
        formula = _fit(points[: degree + 1])
        if all(_at(formula, m) == q for m, q in points):
            return Limit(formula[0], Fraction(0), formula, tuple(points))
    value = _fit(points)[0]
    return Limit(value, abs(value - _fit(points[1:])[0]), None, tuple(points))


def _fit(points: Sequence[tuple[int, Fraction]]) -> tuple[Fraction, ...]:
    """Coefficients of the polynomial in 1/m through the points."""
    found = solve([[Fraction(1, m**k) for k in range(len(points))] for m, _ in points], [q for _, q in points])
    if found is None:
        raise ArithmeticError("a Vandermonde matrix of distinct points is regular")
    return tuple(found)


def _at(formula: Sequence[Fraction], m: int) -> Fraction:
    return sum((q / m**k for k, q in enumerate(formula)), Fraction(0))
