"""The spec of a sweep: a TOML file that says which cases the table has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from eqsolve.errors import ModelError
from eqsolve.io.schema_parts import Number, Section, Text, Whole, WrittenFloat
from eqsolve.io.toml_text import printable, read_toml, validated

MAX_RANGE = 1_000_000
"""Numbers in a range."""

MAX_MEMORY = 2**24
"""MiB."""


def _wholes(value: Any) -> tuple[int, ...]:
    """Whole numbers: one, a range with both ends in quotes, or a list of these; in order, each once."""
    found: dict[int, None] = {}
    for part in value if isinstance(value, list | tuple) else [value]:
        if isinstance(part, str) and not isinstance(part, WrittenFloat):
            found.update(dict.fromkeys(_range(part)))
        elif isinstance(part, int) and not isinstance(part, bool):
            found[part] = None
        else:
            raise ValueError(f'found {str(part)[:40]!r}, expected whole numbers or ranges such as "2:8:2"')
    if not found:
        raise ValueError("found an empty list, expected whole numbers")
    return tuple(found)


def _range(text: str) -> range:
    try:
        ends = [int(part) for part in text.split(":")]
    except ValueError:
        ends = []
    if not 2 <= len(ends) <= 3 or ends[0] > ends[1] or (len(ends) == 3 and ends[2] < 1):
        raise ValueError(f'found {text[:40]!r}, expected a range with both ends: "a:b" or "a:b:step"')
    found = range(ends[0], ends[1] + 1, ends[2] if len(ends) == 3 else 1)
    if len(found) > MAX_RANGE:
        raise ValueError(f"found {text[:40]!r}, expected at most {MAX_RANGE:,} numbers")
    return found


def _listed(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


Wholes = Annotated[tuple[int, ...], BeforeValidator(_wholes)]
Axes = dict[str, list[Any]]
"""Values by the dotted key of a model file that they are put in."""


class LimitsSection(Section):
    """What a single case may take."""

    max_seconds: Annotated[Number, Field(gt=0)] | None = None
    max_memory: Annotated[Whole, Field(gt=0, le=MAX_MEMORY)] | None = None


class RandomSection(Section):
    """Random linked problems, drawn anew for every seed."""

    seeds: Wholes
    agents: Wholes = (2,)
    types: Wholes = (2,)
    decisions: Wholes = (2,)


class GridSection(Section):
    """One grid: every combination of what is listed is a case."""

    models: Annotated[list[Text], BeforeValidator(_listed)] = Field(default_factory=list)
    games: Annotated[list[Text], BeforeValidator(_listed)] = Field(default_factory=list)
    random: RandomSection | None = None
    copies: Wholes | None = None
    parameters: Axes = Field(default_factory=dict)
    together: list[Axes] = Field(default_factory=list)
    filters: list[Any] | None = None
    tasks: Annotated[list[str | dict[str, Any]], BeforeValidator(_listed)]
    seeds: Wholes = (0,)


class SpecSection(Section):
    """A whole spec."""

    name: Text = ""
    keep: list[Literal["certificates", "documents"]] = Field(default_factory=list)
    limits: LimitsSection = Field(default_factory=LimitsSection)
    grid: list[GridSection]


@dataclass(frozen=True)
class Limits:
    """What a single case may take.

    Parameters
    ----------
    max_seconds : Fraction or None
    max_memory : int or None
        MiB, of a process of this machine; on a cluster its workers' own limit holds.
    """

    max_seconds: Fraction | None = None
    max_memory: int | None = None

    def allows_more_than(self, other: Limits) -> bool:
        """Whether something may take more time or memory than under other limits."""
        return any(
            theirs is not None and (ours is None or ours > theirs)
            for ours, theirs in ((self.max_seconds, other.max_seconds), (self.max_memory, other.max_memory))
        )


@dataclass(frozen=True)
class Spec:
    """What a sweep works out.

    Parameters
    ----------
    name : str
        For messages: the file.
    folder : Path
        Paths of models are relative to it.
    grids : tuple of GridSection
        The table has the cases of all of them.
    limits : Limits
        Of a single case.
    keep : frozenset of {"certificates", "documents"}
        What is kept of an answer beside its figures.
    title : str
    """

    name: str
    folder: Path
    grids: tuple[GridSection, ...]
    limits: Limits
    keep: frozenset[str]
    title: str = ""


def read_spec(path: str | Path) -> Spec:
    """Read the spec of a sweep.

    Raises
    ------
    ModelError
        Naming the file, the key, what was found and what was expected.
    """
    return build_spec(read_toml(path), printable(str(path)), Path(path).absolute().parent)


def build_spec(data: Mapping[str, Any], name: str = "<spec>", folder: str | Path = ".") -> Spec:
    """A spec from the keys and values of a file; `name` is what messages call it.

    Raises
    ------
    ModelError
        Naming the key, what was found and what was expected.
    """
    section = validated(SpecSection, dict(data), name)
    if not section.grid:
        raise ModelError(f"{name}: grid: found an empty list, expected at least one table [[grid]]")
    for g, grid in enumerate(section.grid):
        if not grid.models and not grid.games and grid.random is None:
            raise ModelError(f"{name}: grid[{g}]: found none of models, games and random, expected one of them or more")
    limits = Limits(section.limits.max_seconds, section.limits.max_memory)
    return Spec(name, Path(folder), tuple(section.grid), limits, frozenset(section.keep), section.name)
