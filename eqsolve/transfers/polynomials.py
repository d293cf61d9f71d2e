"""Polynomials in the types of two agents, and their integrals, exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from eqsolve.errors import NotSupported

ZERO = Fraction(0)


@dataclass(frozen=True)
class Polynomial:
    """A polynomial in x and y.

    Parameters
    ----------
    terms : mapping of (power of x, power of y) to coefficient
    """

    terms: Mapping[tuple[int, int], Fraction] = field(default_factory=dict)

    @classmethod
    def linear(cls, constant: Fraction, x: Fraction = ZERO, y: Fraction = ZERO) -> Polynomial:
        """A constant plus multiples of x and y."""
        return cls._of({(0, 0): constant, (1, 0): x, (0, 1): y})

    @classmethod
    def _of(cls, terms: Mapping[tuple[int, int], Fraction]) -> Polynomial:
        return cls({powers: Fraction(q) for powers, q in sorted(terms.items()) if q})

    def __add__(self, other: Polynomial) -> Polynomial:
        found = dict(self.terms)
        for powers, q in other.terms.items():
            found[powers] = found.get(powers, ZERO) + q
        return self._of(found)

    def __neg__(self) -> Polynomial:
        return self._of({powers: -q for powers, q in self.terms.items()})

    def __sub__(self, other: Polynomial) -> Polynomial:
        return self + -other

    def scaled(self, factor: Fraction) -> Polynomial:
        """A multiple."""
        return self._of({powers: factor * q for powers, q in self.terms.items()})

    def swapped(self) -> Polynomial:
        """With x and y exchanged."""
        return self._of({(j, i): q for (i, j), q in self.terms.items()})

    def at(self, x: Fraction, y: Fraction = ZERO) -> Fraction:
        """Value at a point."""
        return sum((q * x**i * y**j for (i, j), q in self.terms.items()), ZERO)

    def below(self) -> Polynomial:
        """Integral over y from 0 to x: a polynomial in x."""
        found = Polynomial()
        for (i, j), q in self.terms.items():
            found += self._of({(i + j + 1, 0): q / (j + 1)})
        return found

    def above(self) -> Polynomial:
        """Integral over y from x to 1: a polynomial in x."""
        found = -self.below()
        for (i, j), q in self.terms.items():
            found += self._of({(i, 0): q / (j + 1)})
        return found

    def mean(self) -> Fraction:
        """Integral of a polynomial in x over x from 0 to 1."""
        return sum((q / (i + 1) for (i, _), q in self.terms.items()), ZERO)

    def maximum(self) -> tuple[Fraction, Fraction]:
        """Largest value of a polynomial in x of degree at most 2 on [0, 1], and where.

        Raises
        ------
        NotSupported
            For higher degrees, whose maximum need not be rational.
        """
        if any(j or i > 2 for i, j in self.terms):
            raise NotSupported(f"the largest value of {self} may be irrational; polynomials up to degree 2 are covered")
        slope, bend = (self.terms.get((k, 0), ZERO) for k in (1, 2))
        points = [ZERO, Fraction(1)]
        if bend and 0 < -slope / (2 * bend) < 1:
            points.append(-slope / (2 * bend))
        best = max(points, key=self.at)
        return self.at(best), best

    def __str__(self) -> str:
        return self.text("x", "y")

    def text(self, x: str, y: str) -> str:
        """In words of algebra, such as ``1/2 b^2 - 1/2 s^2``."""
        parts = []
        for (i, j), q in sorted(self.terms.items(), reverse=True):
            factors = [f"{name}^{k}" if k > 1 else name for name, k in ((x, i), (y, j)) if k]
            size = [] if abs(q) == 1 and factors else [str(abs(q))]
            sign = "-" if q < 0 else "+"
            parts.append(f"{sign} {' '.join(size + factors)}")
        joined = " ".join(parts) or "0"
        return joined[2:] if joined.startswith("+ ") else "-" + joined[2:] if joined.startswith("- ") else joined
