"""TOML from strangers: sizes checked before reading, floats kept as they are written, mistakes told in one line."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from eqsolve.errors import ModelError
from eqsolve.io.schema_parts import LIST, TABLE, WORD, WrittenFloat

MAX_BYTES = 2**20
MAX_DOTS = 1000

S = TypeVar("S", bound=BaseModel)


def read_toml(path: str | Path) -> dict[str, Any]:
    """Keys and values of a TOML file of at most `MAX_BYTES`.

    Raises
    ------
    ModelError
        Naming the file, and what was found and expected.
    """
    path = Path(path)
    name = printable(str(path))
    try:
        if not path.is_file():
            found = "no regular file" if path.exists() else "no such file"
            raise ModelError(f"{name}: found {found}, expected a TOML file")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise ModelError(f"{name}: found a file of {size:,} bytes, expected at most {MAX_BYTES:,}")
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{name}: {error.strerror}") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ModelError(f"{name}: found a byte that is not UTF-8 at position {error.start}, expected text") from None
    return parse_toml(text, name)


def parse_toml(text: str, name: str = "<text>") -> dict[str, Any]:
    """Keys and values of TOML text; floats stay as written, and a likely slip gets a hint.

    Raises
    ------
    ModelError
        Naming `name`, the line, and what was found.
    """
    for number, line in enumerate(text.splitlines(), start=1):
        if line.count(".") > MAX_DOTS:  # nested tables by the thousand; the parser would take hours
            raise ModelError(f"{name}: line {number}: found {line.count('.'):,} dots, expected at most {MAX_DOTS:,}")
    try:
        return tomllib.loads(text, parse_float=WrittenFloat)
    except tomllib.TOMLDecodeError as error:
        raise ModelError(f"{name}: {_lowered(str(error))}{_hint(text, str(error))}") from None
    except RecursionError:
        raise ModelError(f"{name}: found brackets nested too deep, expected a flat model file") from None
    except ValueError:
        raise ModelError(f"{name}: found a number of more than 4,000 digits, expected at most 200") from None


def validated(section: type[S], data: dict[str, Any], name: str) -> S:
    """Check the keys and values of a file against its schema.

    Raises
    ------
    ModelError
        Naming all mistakes, the first three in full.
    """
    try:
        return section.model_validate(data)
    except ValidationError as error:
        raise ModelError(f"{name}: {_complaints(error)}") from None
    except RecursionError:
        raise ModelError(f"{name}: found brackets nested too deep, expected a flat model file") from None


def _hint(text: str, message: str) -> str:
    """What a likely slip was meant to be."""
    place = re.search(r"at line (\d+)", message)
    lines = text.splitlines()
    line = lines[int(place[1]) - 1] if place and int(place[1]) <= len(lines) else ""
    if re.search(r"[=\[,]\s*[+-]?\d{1,40}\s*/\s*\d", line[:1000]):
        return '; a fraction must stand in quotes: "1/2"'
    if "unclosed array" in message.lower():
        return "; is a comma missing between two entries?"
    before = (
        line
        if line.count("{") > line.count("}")
        else next((x for x in lines[: int(place[1])][::-1] if "{" in x), "")
        if place
        else ""
    )
    if before.count("{") > before.count("}"):
        return "; an inline table { ... } must stand on one line"
    return ""


def _complaints(error: ValidationError) -> str:
    """All mistakes in one line, the first three in full."""
    mistakes = [f"{_key(e['loc'])}: {_complaint(e)}" for e in error.errors(include_url=False)]
    mistakes = list(dict.fromkeys(mistakes))
    rest = f"; and {len(mistakes) - 3} more" if len(mistakes) > 3 else ""
    return "; ".join(mistakes[:3]) + rest + _misplaced(error)


def _misplaced(error: ValidationError) -> str:
    """A key of the file itself that a table took, since it stands below that table's heading."""
    places = [(e["type"], e["loc"]) for e in error.errors(include_url=False, include_input=False)]
    missing = {place[0] for kind, place in places if kind == "missing" and len(place) == 1}
    taken = [place[-1] for kind, place in places if kind == "extra_forbidden" and len(place) > 1]
    stray = next((key for key in taken if key in missing), None)
    return "" if stray is None else f"; {printable(str(stray))} must stand above the first [table]"


def _key(location: tuple[int | str, ...]) -> str:
    parts = ""
    for part in location:
        if isinstance(part, int):
            parts += f"[{part}]"
        elif part not in (WORD, TABLE, LIST):
            parts += f".{printable(part)}"
    return parts.lstrip(".") or "the file"


def _complaint(error: Any) -> str:
    found = error.get("input")
    kind = error["type"]
    if kind == "missing":
        return "found nothing, expected this key"
    if kind == "extra_forbidden":
        return "found an unknown key, expected one that the documentation lists"
    if kind == "value_error":
        return str(error["ctx"]["error"])
    if kind == "literal_error":
        return f"found {_short(found)}, expected {error['ctx']['expected']}"
    expected = {
        "dict_type": "a table",
        "model_type": "a table",
        "model_attributes_type": "a table",
        "list_type": "a list",
        "bool_type": "true or false",
        "string_type": "text in quotes",
    }.get(kind, error["msg"])
    return f"found {_short(found)}, expected {expected}"


def _short(value: Any) -> str:
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "a list"
    return repr(str(value)[:60]) if isinstance(value, str) else str(value)[:60]


def printable(text: str) -> str:
    """Text from outside on one line, without control characters."""
    return "".join(c if c.isprintable() else "?" for c in text)[:200]


def _lowered(message: str) -> str:
    return message[:1].lower() + message[1:]
