"""Rational numbers: reading them exactly, writing them exactly, clearing denominators."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

MAX_DIGITS = 200
MAX_EXPONENT = 400

_NUMBER = re.compile(r"[+-]?(?:\d+/\d+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)", re.ASCII)


def rational(value: object) -> Fraction:
    """Read a number exactly.

    Parameters
    ----------
    value : int, Fraction, Decimal, float, numpy scalar or str
        A string holds an integer, a fraction ``"2/3"`` or a decimal ``"0.25"``, ``"1e-3"``. A float means the
        decimal that it prints: ``0.1`` is 1/10.

    Returns
    -------
    Fraction

    Raises
    ------
    ValueError
        If the value is no finite number, or is written with more than `MAX_DIGITS` digits or an exponent beyond
        ±`MAX_EXPONENT`. The sizes are checked before any large integer is built; integers and Fractions, which exist
        already, may have any size.
    """
    if isinstance(value, bool):
        raise ValueError(f"found {value}, expected a number")
    if isinstance(value, Fraction):
        return value
    if isinstance(value, int):
        return Fraction(value)
    if isinstance(value, str):
        return _from_text(value.strip())
    if isinstance(value, Decimal):
        return _from_decimal(value)
    if isinstance(value, float):
        return _from_decimal(Decimal(repr(float(value))))
    if hasattr(value, "item"):  # a numpy scalar
        return rational(value.item())
    if hasattr(value, "numerator") and hasattr(value, "denominator"):
        return Fraction(int(value.numerator), int(value.denominator))
    raise ValueError(f"found {type(value).__name__}, expected a number")


def limited(value: int) -> int:
    """An integer from a file; ValueError if it has more than `MAX_DIGITS` digits."""
    if abs(value) >= 10**MAX_DIGITS:
        raise ValueError(f"found an integer of more than {MAX_DIGITS} digits")
    return value


def in_words(value: int) -> str:
    """A number of things as people read it: in full while it is short, else its order of magnitude."""
    if value < 10**15:
        return f"{value:,}"
    return f"about 10^{int((value.bit_length() - 1) * math.log10(2))}"


def _from_text(text: str) -> Fraction:
    if len(text) > 3 * MAX_DIGITS or sum(c.isdigit() for c in text) > 2 * MAX_DIGITS:
        raise ValueError(f"a number of {len(text)} characters, at most {MAX_DIGITS} digits are read")
    if not _NUMBER.fullmatch(text):
        raise ValueError(f'found {text!r}, expected a number such as 3, "2/3" or "0.25"')
    if "/" in text:
        above, below = (int(part) for part in text.split("/"))
        if below == 0:
            raise ValueError(f"found {text!r}, whose denominator is 0")
        return Fraction(limited(above), limited(below))
    exponent = text.lower().partition("e")[2]
    if len(exponent.lstrip("+-0")) > 4:
        raise ValueError(f"an exponent of {exponent[:20]}, at most ±{MAX_EXPONENT} are read")
    return _from_decimal(Decimal(text))


def _from_decimal(value: Decimal) -> Fraction:
    if not value.is_finite():
        raise ValueError(f"found {value}, expected a finite number")
    _, digits, exponent = value.as_tuple()
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"a number of {len(digits)} digits, at most {MAX_DIGITS} are read")
    if not -MAX_EXPONENT <= int(exponent) <= MAX_EXPONENT:
        raise ValueError(f"an exponent of {exponent}, at most ±{MAX_EXPONENT} are read")
    return Fraction(value)


def text(value: Fraction | int) -> str:
    """Write a rational as ``"115/32"`` or ``"2"``."""
    return str(Fraction(value))


def common_denominator(values: Iterable[Fraction | int]) -> int:
    """Least common multiple of the denominators; 1 for no values."""
    return math.lcm(1, *(value.denominator for value in values))


def to_integers(values: Sequence[Fraction | int]) -> tuple[list[int], int]:
    """Clear denominators: integers and the common denominator they were multiplied by."""
    scale = common_denominator(values)
    return [value.numerator * (scale // value.denominator) for value in values], scale


def to_fractions(array: Any) -> Any:
    """Nested sequence (or array) of numbers with every number read by `rational`, as nested tuples."""
    if hasattr(array, "tolist"):
        array = array.tolist()
    if isinstance(array, list | tuple):
        return tuple(to_fractions(item) for item in array)
    return rational(array)
