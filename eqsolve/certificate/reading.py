"""Reading what a stranger wrote: nothing about the document is taken for granted.

A document is what JSON can hold. Exact numbers are strings such as ``"115/32"``, or small integers; there are no
floating-point numbers. Objects have exactly the keys that the format names.
"""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

MAX_BYTES = 64 * 2**20
MAX_DEPTH = 40
MAX_DIGITS = 20_000
MAX_COMMON_DIGITS = 50_000
"""Digits of the common denominator of all numbers: sums of them stay below it, whatever the order."""
MAX_ENTRIES = 5_000_000
"""Items of lists and members of objects, all together."""
MAX_WORK = 30_000_000
"""Elementary steps of one check, about a microsecond each."""
MAX_LISTED = 1_000_000
"""Things that are listed in memory."""

_NUMBER = re.compile(r"-?([0-9]+)(?:/([0-9]+))?")
_PIECE = 4_000  # digits that int() converts at a time; Python refuses more than 4,300 unless told otherwise


class Invalid(Exception):
    """The certificate does not prove its statement; the message says why."""


class Unreadable(Exception):
    """The file holds no JSON document that could be checked."""


def parse(data: bytes) -> Any:
    """The document in a file, whose keys may not repeat.

    Raises
    ------
    Unreadable
        With what is wrong, in one line.
    """
    if len(data) > MAX_BYTES:
        raise Unreadable(f"found more than {MAX_BYTES:,} bytes, expected at most these")
    if sum(data.count(sign) for sign in (b",", b"[", b"{")) > MAX_ENTRIES:
        raise Unreadable(f"found more than {MAX_ENTRIES:,} entries, expected at most these")
    try:
        return json.loads(
            data.decode("utf-8-sig"),
            object_pairs_hook=_object,
            parse_int=_small,
            parse_float=_no_float,
            parse_constant=_no_float,
        )
    except UnicodeDecodeError as error:
        raise Unreadable(f"found a byte that is not UTF-8 at position {error.start}, expected text") from None
    except json.JSONDecodeError as error:
        raise Unreadable(f"line {error.lineno}, column {error.colno}: found no JSON ({error.msg})") from None
    except RecursionError:
        raise Unreadable("found brackets nested too deep, expected a certificate") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        left = list(found)
        twice = next(key for (key, _), expected in itertools.zip_longest(pairs, left) if key != expected)
        raise Unreadable(f"found the key {shown(twice)} twice, expected it once")
    return found


def _small(word: str) -> int:
    if len(word) > 1_000:
        raise Unreadable(f"found an integer of {len(word):,} digits, expected longer numbers in quotes")
    return int(word)


def _no_float(word: str) -> Any:
    raise Unreadable(f"found the number {word[:40]}, expected exact numbers: integers, or fractions in quotes")


def survey(document: Any) -> None:
    """Refuse a document that is no JSON, is nested deeply, or whose numbers have too many digits in common.

    The work and the memory of all that follows are bounded by the sizes that are checked here and in `afford`.
    """
    common, count = 1, 0
    seen: set[str] = set()
    level = [document]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        count += len(level)
        if count > MAX_ENTRIES:
            raise Invalid(f"found more than {MAX_ENTRIES:,} entries, expected at most these")
        for item in level:
            if isinstance(item, dict):
                if not all(isinstance(key, str) for key in item):
                    raise Invalid("the keys of an object are text")
                below.extend(item.values())
            elif isinstance(item, list):
                below.extend(item)
            elif isinstance(item, str):
                match = _NUMBER.fullmatch(item) if "/" in item else None
                if match and match[2] not in seen:
                    seen.add(match[2])
                    common = math.lcm(common, max(rational(item).denominator, 1))
                    if common.bit_length() > MAX_COMMON_DIGITS * 3.33:
                        raise Invalid(
                            f"the common denominator of the numbers has more than {MAX_COMMON_DIGITS:,} digits, "
                            "too many to calculate with"
                        )
            elif not (item is None or isinstance(item, bool | int)):
                raise Invalid(f"found {type(item).__name__}, expected what exact JSON can hold")
        level = below
    if level:
        raise Invalid(f"nested more than {MAX_DEPTH} deep")


def afford(steps: int, what: str, most: int = MAX_WORK) -> None:
    """Refuse work that would take too much time or memory, before it is begun."""
    if steps > most:
        size = f"{steps:,}" if steps < 10**15 else f"10^{int(steps.bit_length() * math.log10(2))}"
        raise Invalid(f"too large to be checked: {what} would take about {size} steps, more than {most:,}")


def fields(block: Any, *names: str) -> list[Any]:
    """What an object holds under these keys, which must be all that it has."""
    if not isinstance(block, dict):
        raise Invalid(f"found {shown(block)}, expected an object with the keys {', '.join(names)}")
    for name in names:
        if name not in block:
            raise Invalid(f"the key {name!r} is missing")
    for name in block:
        if name not in names:
            raise Invalid(f"found the key {shown(name)}, expected {', '.join(names)}")
    return [block[name] for name in names]


def entries(block: Any, what: str) -> list[Any]:
    """The items of a list."""
    if not isinstance(block, list):
        raise Invalid(f"{what}: found {shown(block)}, expected a list")
    return block


def members(block: Any, what: str) -> dict[str, Any]:
    """The members of an object whose keys are names."""
    if not isinstance(block, dict):
        raise Invalid(f"{what}: found {shown(block)}, expected an object")
    return block


def word(value: Any, what: str) -> str:
    """A name: text that is not empty."""
    if not isinstance(value, str) or not value:
        raise Invalid(f"{what}: found {shown(value)}, expected text")
    return value


def whole(value: Any, what: str, least: int = 0) -> int:
    """A number of things."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value < 10**9:
        raise Invalid(f"{what}: found {shown(value)}, expected a whole number, at least {least}")
    return value


def rational(value: Any) -> Fraction:
    """An exact number: a string such as "115/32" or "-2", or an integer."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Fraction(value)
    match = _NUMBER.fullmatch(value) if isinstance(value, str) and len(value) < 2 * MAX_DIGITS else None
    if not match:
        raise Invalid(f"found {shown(value)}, expected an exact number")
    numerator, denominator = _integer(match[1]), _integer(match[2] or "1")
    if not denominator:
        raise Invalid(f"found {shown(value)}, expected an exact number")
    return Fraction(-numerator if match[0].startswith("-") else numerator, denominator)


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise Invalid(f"found a number of {len(digits):,} digits, expected at most {MAX_DIGITS:,}")
    value = 0
    for start in range(0, len(digits), _PIECE):
        piece = digits[start : start + _PIECE]
        value = value * 10 ** len(piece) + int(piece)
    return value


def law(block: Iterable[tuple[Any, Any]], what: str) -> dict[Any, Fraction]:
    """Probabilities of distinct things: all positive, together 1."""
    found: dict[Any, Fraction] = {}
    for thing, chance in block:
        if thing in found:
            raise Invalid(f"{what}: found {shown(thing)} twice")
        found[thing] = rational(chance)
    if not found or min(found.values()) <= 0 or sum(found.values()) != 1:
        raise Invalid(f"{what}: the probabilities are not positive, or do not sum to 1")
    return found


def shown(value: Any, most: int = 60) -> str:
    """Anything on one line, short and without control characters."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    if isinstance(value, int) and abs(value) >= 10**most:
        return "a very long number"
    text = f"{value[:most]!r}" if isinstance(value, str) else repr(value)[:most]
    return "".join(c if c.isprintable() else "?" for c in text)


def figure(value: Fraction) -> str:
    """An exact number as text; of a long one only the beginning, for the file holds the rest."""
    if max(abs(value.numerator), value.denominator) < 10**20:
        return str(value)
    if abs(value) >= 10**20:
        return "a number above 10^20" if value > 0 else "a number below -10^20"
    cut = abs(value.numerator) * 10**9 // value.denominator
    return f"{'-' if value < 0 else ''}{cut // 10**9}.{cut % 10**9:09d}..."
