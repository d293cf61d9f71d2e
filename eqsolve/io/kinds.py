"""Kinds of model files, who reads each, and where the bundled ones are.

A file says what it describes by its key `kind`; without it, it describes a linked decision problem.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from eqsolve.errors import ModelError, NotSupported, SizeError
from eqsolve.io.toml_text import printable, read_toml, validated

S = TypeVar("S", bound=BaseModel)
M = TypeVar("M")


@dataclass(frozen=True)
class Kind:
    """A kind of model files.

    Parameters
    ----------
    says : str
        What such a file describes.
    verb : str
        The verb of the command line for it.
    reader : str
        ``module:function``; the function takes the keys and values of a file and its name for messages, and returns a
        model with the attributes `name` and `source`.
    """

    says: str
    verb: str
    reader: str


KINDS: Mapping[str, Kind] = {
    "linked": Kind("a linked decision problem", "solve", "eqsolve.io.model_file:build_model"),
    "transfers": Kind("a problem with transfers", "transfers", "eqsolve.io.transfers_file:build_transfers"),
    "interdependent": Kind(
        "a model with interdependent values",
        "interdependent",
        "eqsolve.io.interdependent_file:build_interdependent",
    ),
    "statistical": Kind("a statistical mechanism", "statistical", "eqsolve.io.statistical_file:build_statistical"),
    "participation": Kind(
        "issues with a status quo", "participation", "eqsolve.io.participation_file:build_participation"
    ),
}


def find_model(model: str | Path) -> Path:
    """Path of a model: `model` itself if there is such a file, else the bundled model of that name.

    Raises
    ------
    ModelError
        If there is neither.
    """
    path = Path(model)
    try:
        is_file = bool(str(model)) and path.exists()
    except (OSError, ValueError):
        is_file = False
    if is_file:
        return path
    bundled = _bundled()
    if str(model) not in bundled:
        raise ModelError(
            f"{printable(str(model)) or 'MODEL'}: found no such file or bundled model, "
            f"expected a path or one of {', '.join(sorted(bundled))}{_meant(str(model), bundled)}"
        )
    return bundled[str(model)]


def _meant(word: str, names: Iterable[str]) -> str:
    """The bundled model that a misspelt name comes near, as a question."""
    near = get_close_matches(word[:100], names, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def kind_of(data: Mapping[str, Any], name: str) -> str:
    """Kind of a model file by its keys and values.

    Raises
    ------
    ModelError
        If there is no such kind.
    """
    kind = data.get("kind", "linked")
    if not isinstance(kind, str) or kind not in KINDS:
        raise ModelError(f"{name}: kind: found {printable(str(kind)[:60])!r}, expected one of {', '.join(KINDS)}")
    return kind


def check_kind(data: Mapping[str, Any], name: str, expected: str) -> None:
    """Refuse a file of another kind than `expected`, and say which verb reads it.

    Raises
    ------
    ModelError
        If the kind is unknown or another one.
    """
    kind = kind_of(data, name)
    if kind != expected:
        raise ModelError(
            f"{name}: found {KINDS[kind].says}, expected {KINDS[expected].says}; "
            f"`eqsolve {KINDS[kind].verb}` reads this file"
        )


def built(kind: str, section: type[S], build: Callable[[S], M], data: Mapping[str, Any], name: str) -> M:
    """Build the model of the keys and values of a file of the given kind, as every reader does.

    Parameters
    ----------
    kind : str
        A key of `KINDS`.
    section : class
        The schema of such a file.
    build : callable
        From a checked section to a model.
    data : mapping
        Keys and values of the file.
    name : str
        What error messages call the file.

    Raises
    ------
    ModelError
        Naming the file, the key, what was found and what was expected.
    NotSupported
        If options exclude each other.
    """
    check_kind(data, name, kind)
    checked = validated(section, dict(data), name)
    try:
        return build(checked)
    except (ModelError, SizeError) as error:
        raise ModelError(f"{name}: {error}") from None
    except NotSupported as error:
        raise NotSupported(f"{name}: {error}") from None


def load_kind(model: str | Path, kind: str | None = None) -> Any:
    """Read a model of the given kind, or of any.

    Raises
    ------
    ModelError
        If there is no such model, it is of another kind, or it cannot be used.
    """
    path = find_model(model)
    data, name = read_toml(path), printable(str(path))
    if kind is not None:
        check_kind(data, name, kind)
    module, function = KINDS[kind_of(data, name)].reader.split(":")
    return getattr(importlib.import_module(module), function)(data, name)


def bundled_models(kind: str | None = "linked") -> dict[str, Path]:
    """Paths of the bundled models by name: those of one kind, or all of them (None)."""
    return {
        name: path
        for name, path in _bundled().items()
        if kind is None or kind_of(read_toml(path), printable(str(path))) == kind
    }


@cache
def _bundled() -> Mapping[str, Path]:
    """Bundled models, inside the installed package or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "models", package.parent / "models"):
        found = {path.stem: path for path in sorted(folder.glob("*.toml"))}
        if found:
            return found
    return {}
