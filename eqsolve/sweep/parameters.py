"""Values put into a model file by dotted keys: ``agents.1.types[1].prob``."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

from eqsolve.errors import ModelError
from eqsolve.io.toml_text import printable

_PART = re.compile(r'\.?(?:"(?P<quoted>[^"]+)"|(?P<key>[^."\[\]]+)|\[(?P<place>[^\[\]]+)\])')


def changed(document: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a model file's keys and values in which some have other values.

    Parameters
    ----------
    document : mapping
        Keys and values as TOML has them.
    values : mapping of dotted key to value
        Keys are joined by dots, quoted if they hold dots themselves; entries of a list go by their index from 0, or by
        their name: ``agents.1.types[high].prob``. The last key of a path may be new, and so may tables on the way.

    Raises
    ------
    ModelError
        If a path is malformed, or leads to a list entry that does not exist.
    """
    found = copy.deepcopy(dict(document))
    for path, value in values.items():
        *way, last = _parts(path)
        place: Any = found
        for part in way:
            place = _entered(place, part, path)
        if isinstance(place, dict) and isinstance(last, str):
            place[last] = value
        else:
            place[_index(place, last, path)] = value
    return found


def _parts(path: str) -> list[str | tuple[str]]:
    """Parts of a path: a key is text, an entry of a list a tuple of its index or name as text."""
    parts: list[str | tuple[str]] = []
    end = 0
    while end < len(path):
        match = _PART.match(path, end)
        if match is None or (end == 0 and (path[0] == "." or match["place"])):
            raise ModelError(
                f"{printable(path)}: found no dotted key of a model file, expected one such as agents.1.types[0].prob"
            )
        parts.append((match["place"],) if match["place"] else match["quoted"] or match["key"])
        end = match.end()
    if not parts:
        raise ModelError("found an empty key, expected a dotted key of a model file")
    return parts


def _entered(place: Any, part: str | tuple[str], path: str) -> Any:
    if isinstance(part, str) and isinstance(place, dict):
        return place.setdefault(part, {})
    return place[_index(place, part, path)]


def _index(place: Any, part: str | tuple[str], path: str) -> int:
    """Place of an entry in a list, by its index or its name."""
    word = part if isinstance(part, str) else part[0]
    if isinstance(part, str) or not isinstance(place, list):
        found = "a list" if isinstance(place, list) else "a table" if isinstance(place, dict) else "a value"
        raise ModelError(f"{printable(path)}: found {found} before {printable(word)!r}, which is none of its keys")
    if word.isdecimal() and int(word) < len(place):
        return int(word)
    for k, entry in enumerate(place):
        if isinstance(entry, dict) and entry.get("name") == word:
            return k
    raise ModelError(f"{printable(path)}: found no entry [{printable(word)}] in a list of {len(place)}")
