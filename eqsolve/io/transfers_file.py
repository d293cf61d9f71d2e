"""Model files with ``kind = "transfers"``: quasi-linear problems, and grids of them."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from eqsolve.errors import ModelError
from eqsolve.io.kinds import built, load_kind
from eqsolve.io.schema_parts import LIST, TABLE, WORD, Number, Section, Text, Whole, word_or_list
from eqsolve.io.toml_text import parse_toml
from eqsolve.problem import Agent, Type
from eqsolve.transfers.efficient import Ties
from eqsolve.transfers.grids import Grid, GridAgent, Outside, TransferModel

KIND = "transfers"
_NUMBER = "<number>"


class GridSection(Section):
    """Types that are equally likely points of an interval."""

    points: Whole
    start: Number = Field(default=Fraction(0), alias="from")
    end: Number = Field(default=Fraction(1), alias="to")
    place: Literal["midpoints", "ends", "upper", "lower"] = "midpoints"


class PaidTypeSection(Section):
    """One type of an agent, written out."""

    name: Text
    prob: Number
    utility: dict[str, Number] = Field(default_factory=dict)
    outside: Number | None = None


def _outside_kind(value: Any) -> str:
    if isinstance(value, dict):
        return TABLE
    return WORD if type(value) is str else _NUMBER


OutsideValue = Annotated[
    Annotated[Text, Tag(WORD)] | Annotated[dict[str, Number], Tag(TABLE)] | Annotated[Number, Tag(_NUMBER)],
    Discriminator(_outside_kind),
]


class PaidAgentSection(Section):
    """An agent: types written out, or a coefficient per decision and the points of a grid."""

    types: list[PaidTypeSection] | None = None
    slope: dict[str, Number] | None = None
    constant: dict[str, Number] = Field(default_factory=dict)
    grid: GridSection | None = None
    outside: OutsideValue | None = None


class TiesSection(Section):
    """What is decided where several decisions are efficient."""

    ties: Annotated[
        Annotated[Literal["first", "last", "uniform"], Tag(WORD)] | Annotated[list[Text], Tag(LIST)],
        Discriminator(word_or_list),
    ] = "first"


class TransfersSection(Section):
    """A whole model file."""

    kind: Literal["transfers"]
    name: Text = ""
    source: Text = ""
    decisions: list[Text]
    costs: dict[str, Number] = Field(default_factory=dict)
    outside: OutsideValue | None = None
    grid: GridSection | None = None
    agents: dict[str, PaidAgentSection]
    rule: TiesSection = Field(default_factory=TiesSection)


def load_transfers(model: str) -> TransferModel:
    """Read a model of this kind: a path if such a file exists, else the name of a bundled model.

    Raises
    ------
    ModelError
        Naming the file, the key, what was found and what was expected.
    """
    found: TransferModel = load_kind(model, KIND)
    return found


def parse_transfers(text: str, name: str = "<text>") -> TransferModel:
    """Build a model from the text of a model file; `name` is what error messages call it."""
    return build_transfers(parse_toml(text, name), name)


def build_transfers(data: dict[str, Any], name: str) -> TransferModel:
    """Build a model from the keys and values of a file.

    Raises
    ------
    ModelError
        Naming the file, the key, what was found and what was expected.
    """
    return built(KIND, TransfersSection, _build, data, name)


def _build(section: TransfersSection) -> TransferModel:
    grid = _grid(section.grid)
    agents = tuple(_agent(key, part) for key, part in section.agents.items())
    ties: Ties = section.rule.ties if isinstance(section.rule.ties, str) else tuple(section.rule.ties)
    model = TransferModel(
        tuple(section.decisions), agents, section.costs, _outside(section), grid, ties, section.name, section.source
    )
    if grid is not None and all(isinstance(a, Agent) for a in agents):
        raise ModelError("grid: found a grid and types that are written out, expected one of them")
    _check_ties(model)
    model.problem()
    return model


def _check_ties(model: TransferModel) -> None:
    if isinstance(model.ties, tuple) and sorted(model.ties) != sorted(model.decisions):
        raise ModelError(f"rule.ties: found {', '.join(model.ties)}, expected all decisions in some order")


def _grid(section: GridSection | None) -> Grid | None:
    return None if section is None else Grid(section.points, section.start, section.end, section.place)


def _agent(name: str, section: PaidAgentSection) -> Agent | GridAgent:
    if (section.types is None) == (section.slope is None):
        raise ModelError(
            f"agents.{name}: found {'both' if section.types else 'neither'} of types and slope, expected one"
        )
    if section.slope is not None:
        return GridAgent(name, section.slope, section.constant, _grid(section.grid))
    if section.constant or section.grid is not None:
        raise ModelError(f"agents.{name}: found constant or grid beside types, expected them beside slope")
    return Agent(name, tuple(Type(t.name, t.prob, t.utility) for t in section.types or ()))


def _outside(section: TransfersSection) -> dict[str, Outside] | None:
    """Outside options by agent; None if the file says nothing of them."""
    found: dict[str, Outside] = {}
    for name, agent in section.agents.items():
        told = [t.outside for t in agent.types or () if t.outside is not None]
        if told and (agent.outside is not None or len(told) < len(agent.types or ())):
            raise ModelError(f"agents.{name}: outside: expected it for the agent, or for every one of its types")
        given = tuple(told) if told else agent.outside if agent.outside is not None else section.outside
        if given is not None:
            found[name] = given
    if found and len(found) < len(section.agents):
        missing = next(name for name in section.agents if name not in found)
        raise ModelError(f"agents.{missing}: outside: found nothing, expected it for every agent or for none")
    return found or None
