"""What can be asked of a case, and with which options."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from eqsolve.errors import ModelError
from eqsolve.exact.rational import rational, text

CLAIMS = ("payoffs-unique", "outcome-unique", "equilibrium-unique", "truthful", "no-collusion")
FORMS = ("auto", "explicit", "separable", "label-free")
NASH_METHODS = (
    "auto", "complementarity", "support-enumeration", "vertex-enumeration", "lp", "lemke-howson", "nashpy",
    "polynomial", "best-response", "pure",
)  # fmt: skip
METHODS = ("auto", "complementarity", "support-enumeration", "lp", "best-response")

Reader = Callable[[Any], Any]


def _one_of(*words: str) -> Reader:
    def read(value: Any) -> str:
        """The word itself, if it is one of those expected."""
        if value not in words:
            raise ValueError(f"expected one of {', '.join(words)}")
        return str(value)

    return read


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("expected true or false")
    return value


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError("expected a whole number, at least 1")
    return value


def _word(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("expected text in quotes")
    return str(value)


def _share(*words: str) -> Reader:
    """A number from 0 to 1 as text, or one of some words."""

    def read(value: Any) -> str:
        """The word, or the number in its normal form, so that equal cases have equal labels."""
        if value in words:
            return str(value)
        try:
            number = rational(str(value) if isinstance(value, str) else value)
        except (ValueError, TypeError):
            number = None
        if number is None or not 0 <= number <= 1:
            raise ValueError(f"expected a number from 0 to 1 or one of {', '.join(words)}")
        return text(number)

    return read


OPTIONS: Mapping[str, Mapping[str, tuple[Any, Reader]]] = {
    "label-free": {},
    "solve": {"form": ("auto", _one_of(*FORMS)), "method": ("auto", _one_of(*METHODS))},
    "verify": {"claim": ("own", _one_of("own", *CLAIMS))},
    "curve": {},
    "optimal": {
        "incentives": ("bic", _one_of("bic", "dsic", "none")),
        "participation": ("none", _one_of("none", "interim", "total", "problem")),
        "status_quo": ("", _word),
        "transfers": (False, _flag),
    },
    "collude": {
        "coalition": ("", _word),
        "size": (2, _whole),
        "epsilon": ("own", _share("own", "none")),
        "pooled": (True, _flag),
        "check": (True, _flag),
    },
    "filter": {
        "alpha": ("own", _share("own")),
        "epsilon": ("own", _share("own")),
        "distance": ("own", _one_of("own", "pairwise", "joint")),
        "family_wise": (False, _flag),
    },
    "nash": {"method": ("auto", _one_of(*NASH_METHODS)), "pieces": (1, _whole)},
}
"""Tasks, and their options with defaults and readers."""


def chosen_options(entry: str | Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Tasks of one entry of the list `tasks`: a word, or a table whose options may be lists of values.

    Raises
    ------
    ModelError
        If there is no such task or option, or a value does not fit.
    """
    given = {"do": entry} if isinstance(entry, str) else dict(entry)
    task = given.pop("do", None)
    if not isinstance(task, str) or task not in OPTIONS:
        raise ModelError(f"tasks: found {str(task)[:40]!r}, expected do = one of {', '.join(OPTIONS)}")
    known = OPTIONS[task]
    for name in given:
        if name not in known:
            raise ModelError(
                f"tasks: {task}: found the option {name[:40]!r}, expected one of {', '.join(known) or 'none at all'}"
            )
    axes = [
        [_read(task, name, reader, value) for value in _values(given.get(name, default))]
        for name, (default, reader) in known.items()
    ]
    for values in itertools.product(*axes):
        yield task, dict(zip(known, values, strict=True))


def _values(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _read(task: str, name: str, reader: Reader, value: Any) -> Any:
    try:
        return reader(value)
    except ValueError as error:
        raise ModelError(f"tasks: {task}: {name}: found {str(value)[:40]!r}, {error}") from None
