"""Model files of kind "participation": issues, alike or different, with a status quo that anybody may insist on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from eqsolve.errors import ModelError
from eqsolve.io.declared_agents import declared_agents
from eqsolve.io.kinds import built, check_kind, find_model
from eqsolve.io.schema_parts import Number, Section, Text, Whole, WrittenFloat
from eqsolve.io.toml_text import printable, read_toml
from eqsolve.participation.description import MAX_POWER, MAX_TERMS, Description, Term, read_factor
from eqsolve.participation.issue import MAX_ISSUES, Issue, IssueSequence
from eqsolve.problem import DecisionProblem, Type
from eqsolve.transfers.problem import QuasiLinearProblem

MAX_DESCRIPTIONS = 100
"""Issues that are described in a file."""

_number: Callable[[Any], Fraction] = Number.__metadata__[0].func  # type: ignore[attr-defined]


@dataclass(frozen=True, eq=False)
class ParticipationModel:
    """A sequence of issues from a file.

    Parameters
    ----------
    sequence : IssueSequence
    last : int
        The default K, the index of the last issue.
    problem : callable
        From k to issue k as a quasi-linear problem.
    name, source : str
    """

    sequence: IssueSequence
    last: int
    problem: Callable[[int], QuasiLinearProblem]
    name: str = ""
    source: str = ""


def _term(value: Any) -> Term:
    if not isinstance(value, dict):
        raise ValueError(f"found {type(value).__name__}, expected a table of factors")
    powers = []
    for key, exponent in value.items():
        if key == "times":
            continue
        try:
            factor = read_factor(key)
        except ModelError as error:
            raise ValueError(str(error)) from None
        if isinstance(exponent, bool) or not isinstance(exponent, int) or abs(exponent) > MAX_POWER:
            shown = str(exponent)[:20]
            raise ValueError(f"found {shown} for the factor {key!r}, expected a whole power within ±{MAX_POWER}")
        powers.append((factor, exponent))
    return Term(_number(value.get("times", 1)), tuple(powers))


def _description(value: Any) -> Description:
    if isinstance(value, dict):
        return Description((_term(value),))
    if isinstance(value, list):
        if not 0 < len(value) <= MAX_TERMS:
            raise ValueError(f"found {len(value)} terms, expected 1 to {MAX_TERMS}")
        return Description(tuple(_term(term) if isinstance(term, dict) else Term(_number(term)) for term in value))
    if isinstance(value, str | int | WrittenFloat):
        return Description.of(_number(value))
    raise ValueError(f"found {type(value).__name__}, expected a number, a table of factors or a list of them")


Described = Annotated[
    Description,
    BeforeValidator(_description),
    WithJsonSchema({"type": ["integer", "number", "string", "object", "array"]}),
]


class TypeSection(Section):
    """A type of an agent on an issue."""

    name: Text
    prob: Described
    utility: dict[str, Described] = Field(default_factory=dict)


class AgentSection(Section):
    """An agent's types on an issue, or whose they are the same as."""

    types: list[TypeSection] | None = None
    same_as: Text | None = None


class IssueSection(Section):
    """An issue, or a sequence of issues."""

    decisions: list[Text]
    status_quo: Text
    costs: dict[str, Described] = Field(default_factory=dict)
    agents: dict[str, AgentSection]


class ParticipationSection(Section):
    """A whole model file."""

    kind: Literal["participation"]
    name: Text = ""
    source: Text = ""
    first: Whole = 1
    last: Whole | None = None
    delta: Number | None = None
    parameters: dict[str, Number] = Field(default_factory=dict)
    issues: list[IssueSection]


def build_participation(data: Mapping[str, Any], name: str = "<text>") -> ParticipationModel:
    """Build the model of the keys and values of a file; `name` is what messages call it.

    Raises
    ------
    ModelError
        Naming the file, the key, what was found and what was expected.
    """
    return built("participation", ParticipationSection, _build, data, name)


def with_parameters(data: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """Keys and values of a file with other values of its parameters.

    Raises
    ------
    ModelError
        If the file has no parameter of that name.
    """
    known = data.get("parameters", {})
    for key in values:
        if not isinstance(known, dict) or key not in known:
            raise ModelError(f"parameter: found {key!r}, expected one of [parameters]: {', '.join(known) or 'none'}")
    return {**data, "parameters": {**known, **values}} if values else dict(data)


def _build(section: ParticipationSection) -> ParticipationModel:
    count = len(section.issues)
    if not 0 < count <= MAX_DESCRIPTIONS:
        raise ModelError(f"issues: found {count}, expected 1 to {MAX_DESCRIPTIONS}")
    if not -MAX_ISSUES <= section.first <= MAX_ISSUES:
        raise ModelError(f"first: found {section.first}, expected a whole number within ±{MAX_ISSUES:,}")
    if section.delta is not None and section.delta <= 0:
        raise ModelError(f"delta: found {section.delta}, expected a number above 0")
    for key in section.parameters:
        if not isinstance(read_factor(key), str):
            raise ModelError(f"parameters.{key}: found the name of the index, expected another name")
    last = section.first + count - 1 if section.last is None else section.last
    if not section.first <= last < section.first + MAX_ISSUES:
        raise ModelError(f"last: found {last}, expected at least {section.first}, and at most {MAX_ISSUES:,} issues")
    issues = [_issue(part, f"issues[{j}]", section.parameters) for j, part in enumerate(section.issues)]
    sequence = IssueSequence(
        lambda k: issues[(k - section.first) % count](k), section.first, section.name, section.source, section.delta
    )
    for k in range(section.first, section.first + count):
        sequence.issue(k)  # mistakes in the descriptions show before anything is computed
    return ParticipationModel(
        sequence,
        last,
        lambda k: _problem(section.issues[(k - section.first) % count], k, section.parameters),
        section.name,
        section.source,
    )


def _issue(section: IssueSection, where: str, parameters: Mapping[str, Fraction]) -> Callable[[int], Issue]:
    def build(k: int) -> Issue:
        """Issue k of this description; a mistake names the place in the file."""
        try:
            return Issue.of(_problem(section, k, parameters))
        except ModelError as error:
            raise ModelError(f"{where}: {error}") from None

    if any(description.varies for description in _descriptions(section)):
        return build
    return _once(build)


def _once(build: Callable[[int], Issue]) -> Callable[[int], Issue]:
    """An issue that does not depend on k is built once."""
    known: list[Issue] = []

    def issue(k: int) -> Issue:
        """The issue, built when it is first asked for."""
        if not known:
            known.append(build(k))
        return known[0]

    return issue


def _descriptions(section: IssueSection) -> list[Description]:
    types = [t for agent in section.agents.values() for t in agent.types or ()]
    return [*section.costs.values(), *(t.prob for t in types), *(x for t in types for x in t.utility.values())]


def _problem(section: IssueSection, k: int, parameters: Mapping[str, Fraction]) -> QuasiLinearProblem:
    def read(part: TypeSection) -> Type:
        """The type of an agent on issue k."""
        return Type(part.name, part.prob.at(k, parameters), {d: x.at(k, parameters) for d, x in part.utility.items()})

    problem = DecisionProblem(tuple(section.decisions), declared_agents(section.agents, read))
    for decision in (*section.costs, section.status_quo):
        if decision not in problem.decisions:
            raise ModelError(f"found {decision!r}, expected one of the decisions {', '.join(problem.decisions)}")
    costs = {d: x.at(k, parameters) for d, x in section.costs.items()}
    if costs.get(section.status_quo):
        raise ModelError(f"costs: found {costs[section.status_quo]} for the status quo, expected 0")
    return QuasiLinearProblem.with_status_quo(
        problem, section.status_quo, tuple(costs.get(d, Fraction(0)) for d in problem.decisions)
    )


def load_participation(model: str | Path, parameters: Mapping[str, str] | None = None) -> ParticipationModel:
    """Read a model file of kind "participation", or a bundled model, with other values of its parameters if given.

    Raises
    ------
    ModelError
        If there is no such model, it is of another kind, has no such parameter, or cannot be used.
    """
    path = find_model(model)
    data, name = read_toml(path), printable(str(path))
    check_kind(data, name, "participation")
    return build_participation(with_parameters(data, parameters or {}), name)
