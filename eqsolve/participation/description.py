"""Numbers that depend on an issue's index k, described without formulas: sums of products of powers of k + a.

A term is a coefficient times powers of factors; a factor is k, k + a or k − a for a whole number a, or a named
parameter. That is enough for rational sequences, and nothing is ever evaluated as code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from eqsolve.errors import ModelError

MAX_TERMS = 50
MAX_POWER = 20
MAX_SHIFT = 1000

_INDEX = re.compile(r"k(?:\s*([+-])\s*(\d{1,4}))?", re.ASCII)


@dataclass(frozen=True)
class Term:
    """A coefficient times powers of factors.

    Parameters
    ----------
    times : Fraction
    powers : tuple of (factor, exponent)
        A factor is the shift a of k + a, or the name of a parameter.
    """

    times: Fraction
    powers: tuple[tuple[int | str, int], ...] = ()


@dataclass(frozen=True)
class Description:
    """A number that may depend on k: the sum of its terms."""

    terms: tuple[Term, ...]

    @classmethod
    def of(cls, number: Fraction) -> Description:
        """A number that does not depend on k."""
        return cls((Term(number),))

    @property
    def varies(self) -> bool:
        """Whether k occurs."""
        return any(isinstance(factor, int) and exponent for t in self.terms for factor, exponent in t.powers)

    @property
    def parameters(self) -> frozenset[str]:
        """Names of the parameters that occur."""
        return frozenset(factor for t in self.terms for factor, _ in t.powers if isinstance(factor, str))

    def at(self, k: int, parameters: Mapping[str, Fraction]) -> Fraction:
        """The number for issue k.

        Raises
        ------
        ModelError
            If it divides by 0 there, or a parameter is not known.
        """
        total = Fraction(0)
        for term in self.terms:
            product = term.times
            for factor, exponent in term.powers:
                base = Fraction(k + factor) if isinstance(factor, int) else _parameter(factor, parameters)
                if not base and exponent < 0:
                    raise ModelError(f"issue {k}: found a division by 0, expected a number")
                product *= base**exponent
            total += product
        return total


def read_factor(text: str) -> int | str:
    """The shift a of ``k``, ``k+a`` or ``k-a``; any other text names a parameter.

    Raises
    ------
    ModelError
        For a shift above `MAX_SHIFT`, or what is neither.
    """
    match = _INDEX.fullmatch(text.strip())
    if match is None:
        if not text.isidentifier() or text == "times":
            raise ModelError(f"found the factor {text[:40]!r}, expected k, k+1, k-1 or the name of a parameter")
        return text
    shift = int(match[2] or 0)
    if shift > MAX_SHIFT:
        raise ModelError(f"found the factor {text[:40]!r}, expected a shift of at most {MAX_SHIFT}")
    return -shift if match[1] == "-" else shift


def _parameter(name: str, parameters: Mapping[str, Fraction]) -> Fraction:
    if name not in parameters:
        known = ", ".join(parameters) or "none are declared"
        raise ModelError(f"found the parameter {name[:40]!r}, expected one of [parameters]: {known}")
    return parameters[name]
