"""Type processes in model files with ``kind = "statistical"``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from eqsolve.errors import ModelError
from eqsolve.io.schema_parts import LIST, WORD, Number, Section, Text
from eqsolve.statistical.process import Independent, Law, Markov, Mixture, Path, Tree, TypeProcess

MAX_DEPTH = 4


def _nested(value: Any) -> str:
    return LIST if isinstance(value, list) and value and isinstance(value[0], list) else WORD


class PathSection(Section):
    """A path and its probability."""

    types: list[Text]
    prob: Number


class ProcessSection(Section):
    """A process; probabilities are in the order of the types."""

    kind: Literal["independent", "markov", "mixture", "tree"]
    probs: (
        Annotated[Annotated[list[Number], Tag(WORD)] | Annotated[list[list[Number]], Tag(LIST)], Discriminator(_nested)]
        | None
    ) = None
    start: list[Number] | None = None
    kernel: list[list[Number]] | None = None
    weights: list[Number] | None = None
    components: list[ProcessSection] | None = None
    paths: list[PathSection] | None = Field(default=None)


KEYS = {
    "independent": ("probs",),
    "markov": ("start", "kernel"),
    "mixture": ("weights", "components"),
    "tree": ("paths",),
}


def build_process(section: ProcessSection, names: Sequence[str], dates: int, where: str, depth: int = 0) -> TypeProcess:
    """The process of an agent with these types over so many dates.

    Raises
    ------
    ModelError
        Naming the key, what was found and what was expected.
    """
    wanted = KEYS[section.kind]
    given = [key for keys in KEYS.values() for key in keys if getattr(section, key) is not None]
    missing = [key for key in wanted if key not in given]
    if missing or len(given) > len(wanted):
        raise ModelError(
            f"{where}: found {', '.join(given) or 'nothing'}, expected {' and '.join(wanted)} for {section.kind}"
        )
    if depth > MAX_DEPTH:
        raise ModelError(f"{where}: found mixtures nested deeper than {MAX_DEPTH}, expected fewer")
    try:
        return _build(section, names, dates, where, depth)
    except ModelError as error:
        told = str(error)
        raise ModelError(told if told.startswith(where) else f"{where}: {told.removeprefix('process: ')}") from None


def _build(section: ProcessSection, names: Sequence[str], dates: int, where: str, depth: int) -> TypeProcess:
    size = len(names)
    if section.kind == "independent":
        probs: Any = section.probs
        rows = probs if probs and isinstance(probs[0], list) else [probs]
        return Independent(size, dates, tuple(map(tuple, rows)))
    if section.kind == "markov":
        return Markov(size, dates, _law(section.start), tuple(map(_law, section.kernel or ())))
    if section.kind == "mixture":
        parts = section.components or []
        components = tuple(
            build_process(part, names, dates, f"{where}.components[{k}]", depth + 1) for k, part in enumerate(parts)
        )
        return Mixture(size, dates, _law(section.weights), components)
    chances: dict[Path, Any] = {}
    for path in section.paths or ():
        unknown = [u for u in path.types if u not in names]
        if unknown:
            raise ModelError(f"found {unknown[0]!r}, expected one of the types {', '.join(names)}")
        key = tuple(names.index(u) for u in path.types)
        chances[key] = chances.get(key, 0) + path.prob
    return Tree.of_paths(size, dates, chances)


def _law(numbers: Sequence[Any] | None) -> Law:
    return tuple(numbers or ())
