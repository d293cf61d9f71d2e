"""Printed figures: what a decimal or a fraction on paper says of an exact number."""

from __future__ import annotations

import re
from fractions import Fraction

_DECIMAL = re.compile(r"[+-]?(\d+)(?:\.(\d*))?")


def agrees(printed: str, value: Fraction) -> bool:
    """Whether a value rounds to a printed figure: within half a unit of its last digit; a fraction has to be equal.

    Raises
    ------
    ValueError
        If the text is no number.
    """
    text = printed.strip()
    match = _DECIMAL.fullmatch(text)
    try:
        figure = Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"printed: found {printed!r}, expected a decimal or a fraction") from None
    if match is None:
        return figure == value
    return abs(figure - value) <= Fraction(1, 2 * 10 ** len(match[2] or ""))
