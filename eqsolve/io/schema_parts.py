"""What the schemas of all kinds of model files are made of: numbers, text, tables without unknown keys."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, WithJsonSchema

from eqsolve.exact.rational import limited, rational


class WrittenFloat(str):
    """A TOML float as it was written: it means that decimal, not the nearest binary number."""

    __slots__ = ()


WORD, TABLE, LIST = "<word>", "<table>", "<list>"
"""Tags of the alternatives of a value that may be written in several ways; no keys of a file."""

_DOTTED = "; a key with a dot, such as 1.5, must stand in quotes"


def word_or_table(value: Any) -> str:
    """Tag of a value that is a word or a table."""
    return TABLE if isinstance(value, dict | BaseModel) else WORD


def word_or_list(value: Any) -> str:
    """Tag of a value that is a word or a list of words."""
    return LIST if isinstance(value, list) else WORD


def _number(value: Any) -> Fraction:
    if isinstance(value, dict):
        raise ValueError(f"found a table, expected a number{_DOTTED}")
    if not isinstance(value, int | str | Fraction):
        raise ValueError(f"found {type(value).__name__}, expected a number")
    if isinstance(value, int) and not isinstance(value, bool):
        limited(value)
    return rational(str(value) if isinstance(value, WrittenFloat) else value)


def _whole(value: Any) -> int:
    if isinstance(value, dict):
        raise ValueError(f"found a table, expected a whole number{_DOTTED}")
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"found {value!r}, expected a whole number")
    return value


def _plain_text(value: Any) -> str:
    if isinstance(value, WrittenFloat) or not isinstance(value, str):
        raise ValueError(f"found {value!s:.40}, expected text in quotes")
    return value


_WRITTEN = r"^\s*[+-]?([0-9]+/[0-9]+|([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?)\s*$"
"""A number in a string, for JSON Schema; `rational` decides."""

Number = Annotated[
    Fraction, BeforeValidator(_number), WithJsonSchema({"type": ["integer", "number", "string"], "pattern": _WRITTEN})
]
Whole = Annotated[int, BeforeValidator(_whole)]
Text = Annotated[str, BeforeValidator(_plain_text), StringConstraints(max_length=10_000)]


class Section(BaseModel):
    """A table of a model file; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)
