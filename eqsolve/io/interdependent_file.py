"""Model files with ``kind = "interdependent"``: linear models in which values depend on everybody's signals."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from eqsolve.errors import ModelError
from eqsolve.interdependent.model import (
    MAX_SIGNALS,
    ZERO,
    Coordinate,
    InformedAgent,
    InterdependentModel,
    Vector,
    evenly,
    on_grid,
)
from eqsolve.io.kinds import built, load_kind
from eqsolve.io.schema_parts import TABLE, WORD, Number, Section, Text, Whole, word_or_table
from eqsolve.io.toml_text import parse_toml

MAX_ALTERNATIVES = 60
MAX_AGENTS = 12
MAX_COORDINATES = 60
DEFAULT_POINTS = 5


class CoordinateSection(Section):
    """A coordinate of a signal: evenly spaced points of an interval, or points with probabilities."""

    low: Number | None = Field(default=None, alias="from")
    high: Number | None = Field(default=None, alias="to")
    points: Whole | None = None
    values: list[Number] | None = None
    probs: list[Number] | None = None


class TypeSection(Section):
    """One signal, where they are listed."""

    signal: dict[str, Number]
    prob: Number


Effect = Annotated[
    Annotated[Number, Tag(WORD)] | Annotated[dict[str, Number], Tag(TABLE)], Discriminator(word_or_table)
]


class AgentSection(Section):
    """An agent: its signals, and how all signals move its values."""

    signals: dict[str, CoordinateSection] | None = None
    types: list[TypeSection] | None = None
    values: dict[str, dict[str, Effect]] = Field(default_factory=dict)
    constants: dict[str, Number] = Field(default_factory=dict)


class InterdependentSection(Section):
    """The whole file."""

    kind: Literal["interdependent"]
    name: Text = ""
    source: Text = ""
    alternatives: list[Text]
    ties: Literal["first", "uniform"] = "first"
    agents: dict[str, AgentSection]


def load_interdependent(model: str | Path) -> InterdependentModel:
    """Read a model with interdependent values: a path if such a file exists, else the name of a bundled model.

    Raises
    ------
    ModelError
        If there is neither, or the file cannot be used.
    """
    found: InterdependentModel = load_kind(model, "interdependent")
    return found


def parse_interdependent(text: str, name: str = "<text>") -> InterdependentModel:
    """Build a model from the text of a model file; `name` is what error messages call it."""
    return build_interdependent(parse_toml(text, name), name)


def build_interdependent(data: dict[str, Any], name: str) -> InterdependentModel:
    """Build a model from the keys and values of a model file.

    Raises
    ------
    ModelError
        Naming the file, the key, what was found and what was expected.
    """
    return built("interdependent", InterdependentSection, _build, data, name)


def _build(section: InterdependentSection) -> InterdependentModel:
    _sizes(section)
    agents = tuple(_agent(name, part) for name, part in section.agents.items())
    by_name = {agent.name: agent for agent in agents}
    coefficients, constants = [], []
    for name, part in section.agents.items():
        for key, table in (("values", part.values), ("constants", part.constants)):
            for alternative in table:
                if alternative not in section.alternatives:
                    raise ModelError(f"agents.{name}.{key}: found {alternative!r}, expected one of the alternatives")
        for alternative, effects in part.values.items():
            for other in effects:
                if other not in by_name:
                    place = f"agents.{name}.values.{alternative}"
                    raise ModelError(f"{place}: found {other!r}, expected an agent: {', '.join(by_name)}")
        coefficients.append(
            tuple(
                tuple(_effect(part.values.get(k, {}).get(j), by_name[j], k, name) for j in by_name)
                for k in section.alternatives
            )
        )
        constants.append(tuple(part.constants.get(k, ZERO) for k in section.alternatives))
    return InterdependentModel(
        tuple(section.alternatives),
        agents,
        tuple(coefficients),
        tuple(constants),
        section.ties,
        section.name,
        section.source,
    )


def _sizes(section: InterdependentSection) -> None:
    widths = [len(part.signals or ()) for part in section.agents.values()]
    for found, most, what in (
        (len(section.alternatives), MAX_ALTERNATIVES, "alternatives"),
        (len(section.agents), MAX_AGENTS, "agents"),
        (max(widths, default=0), MAX_COORDINATES, "coordinates of a signal"),
    ):
        if found > most:
            raise ModelError(f"found {found} {what}, expected at most {most}")
    for name in (*section.alternatives, *section.agents):
        if not name or "\n" in name:
            raise ModelError(f"found the name {name!r}, expected text on one line")


def _agent(name: str, part: AgentSection) -> InformedAgent:
    if part.types is not None:
        if part.signals is not None:
            raise ModelError(f"agents.{name}: found both of signals and types, expected one of them")
        return _listed(name, part.types)
    if not part.signals:
        return InformedAgent(name, (), ((),), (Fraction(1),), ())
    return on_grid(name, [_coordinate(name, key, c) for key, c in part.signals.items()])


def _coordinate(agent: str, key: str, part: CoordinateSection) -> Coordinate:
    place = f"agents.{agent}.signals.{key}"
    try:
        if part.values is None:
            if part.low is None or part.high is None or part.probs is not None:
                raise ModelError("found no values, expected from and to (and points), or values (and probs)")
            return evenly(key, part.low, part.high, DEFAULT_POINTS if part.points is None else part.points)
        if part.low is not None or part.high is not None or part.points is not None:
            raise ModelError("found values beside from, to or points, expected one of them")
        size = max(len(part.values), 1)
        probs = tuple(part.probs) if part.probs is not None else (Fraction(1, size),) * len(part.values)
        return Coordinate(key, tuple(part.values), probs)
    except ModelError as error:
        raise ModelError(f"{place}: {str(error).removeprefix(f'{key}: ')}") from None


def _listed(name: str, types: list[TypeSection]) -> InformedAgent:
    if not types or len(types) > MAX_SIGNALS:
        raise ModelError(f"agents.{name}.types: found {len(types)} signals, expected 1 to {MAX_SIGNALS:,}")
    keys = tuple(types[0].signal)
    for n, part in enumerate(types):
        if set(part.signal) != set(keys):
            raise ModelError(f"agents.{name}.types[{n}].signal: found other coordinates than {', '.join(keys)}")
    return InformedAgent(
        name, keys, tuple(tuple(t.signal[key] for key in keys) for t in types), tuple(t.prob for t in types)
    )


def _effect(effect: Fraction | dict[str, Fraction] | None, of: InformedAgent, alternative: str, owner: str) -> Vector:
    """One number per coordinate; a single one is about the coordinate named like the alternative, or the only one."""
    place = f"agents.{owner}.values.{alternative}.{of.name}"
    if effect is None:
        return (ZERO,) * of.dimension
    if isinstance(effect, dict):
        unknown = [key for key in effect if key not in of.coordinates]
        if unknown:
            known = ", ".join(of.coordinates) or "none, as this agent has no signal"
            raise ModelError(f"{place}: found the coordinate {unknown[0]!r}, expected {known}")
        return tuple(effect.get(key, ZERO) for key in of.coordinates)
    if alternative in of.coordinates:
        return tuple(effect if key == alternative else ZERO for key in of.coordinates)
    if of.dimension == 1:
        return (effect,)
    raise ModelError(
        f"{place}: found a number, but no coordinate of agent {of.name} is named {alternative!r}; "
        "expected a table { coordinate = number }"
    )
