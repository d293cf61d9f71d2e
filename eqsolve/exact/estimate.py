"""Floating point numbers that carry a proved error bound."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from eqsolve.errors import NotSupported


@dataclass(frozen=True)
class Estimate:
    """A floating point number near a real one.

    Parameters
    ----------
    value : float
    error : float
        The real number differs from `value` by at most this much: a proof, not a guess.
    """

    value: float
    error: float

    @classmethod
    def of(cls, middle: Fraction, radius: Fraction = Fraction(0)) -> Estimate:
        """The floating point number nearest to `middle`, for a real number within `radius` of `middle`.

        Raises
        ------
        NotSupported
            If the number is too large for floating point.
        """
        try:
            value = float(middle)
            return cls(value, rounded_up(radius + abs(middle - Fraction(value))))
        except OverflowError:
            raise NotSupported("a number beyond 10^308 has no floating point estimate; exact arithmetic has") from None


def rounded_up(bound: Fraction) -> float:
    """A floating point number that is not below a bound."""
    nearest = float(bound)
    return nearest if Fraction(nearest) >= bound else math.nextafter(nearest, math.inf)
