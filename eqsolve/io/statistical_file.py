"""Model files with ``kind = "statistical"``: types over dates, likely sets, repeated resource allocation."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, StrictBool, Tag

from eqsolve.errors import ModelError
from eqsolve.io.kinds import built, load_kind
from eqsolve.io.schema_parts import LIST, TABLE, WORD, Number, Section, Text, Whole, word_or_list
from eqsolve.io.statistical_process import ProcessSection, build_process
from eqsolve.io.toml_text import parse_toml
from eqsolve.problem import Agent, DecisionProblem, Profile, Type
from eqsolve.rule import Outcome, table
from eqsolve.statistical.calibration import METHODS
from eqsolve.statistical.credal import MeanStatistic
from eqsolve.statistical.grid_set import Grid
from eqsolve.statistical.mechanism import LINKED_VCG, utilitarian_choice
from eqsolve.statistical.model import Prior, StatisticalModel, total
from eqsolve.statistical.problem import DatedAgent, DatedProblem
from eqsolve.statistical.process import TypeProcess
from eqsolve.statistical.project import PiecewiseLinear, Project, Saturating, capped
from eqsolve.statistical.ratio_curve import check_curve
from eqsolve.statistical.resource import PROPOSITION, ResourceFamily, TypicalRule
from eqsolve.statistical.typical import Everything, LeaveOneOut, Listed, Statistic, TypicalSet, WithinBounds

KIND = "statistical"
MAX_AGENTS = 1_000
MAX_DATES = 10_000


class ProjectSection(Section):
    """A project type f."""

    kind: Literal["saturating", "capped", "piecewise"] = "saturating"
    scale: Number = Fraction(1)
    half: Number = Fraction(1)
    slope: Number | None = None
    cap: Number | None = None
    slopes: list[Number] | None = None
    kinks: list[Number] = Field(default_factory=list)
    offset: Number = Fraction(0)


class ResourceSection(Section):
    """Repeated resource allocation."""

    agents: Whole
    per_agent: Number = Fraction(1)
    endowments: list[Number]
    project: ProjectSection = Field(default_factory=ProjectSection)


class StatisticSection(Section):
    """A number per type, added up over dates, and bounds."""

    values: dict[str, Number] | None = None
    least: Number | None = None
    most: Number | None = None


class KnownSection(StatisticSection):
    """A statistic whose mean is known to be within bounds."""

    name: Text = ""
    dates: list[Whole] | None = None
    square: StrictBool = False


class LeaveOneOutSection(Section):
    """Means of all dates but one."""

    centre: Number
    width: Number


def _level_kind(value: Any) -> str:
    return WORD if value == PROPOSITION else TABLE


Level = Annotated[
    Annotated[Literal["proposition"], Tag(WORD)] | Annotated[Number, Tag(TABLE)], Discriminator(_level_kind)
]


class TypicalSection(Section):
    """The likely set of an agent; everything if it says nothing."""

    statistics: list[StatisticSection] | None = None
    leave_one_out: LeaveOneOutSection | None = None
    paths: list[list[Text]] | None = None
    level: Level | None = None
    method: Literal["exact", "hoeffding"] = "exact"


class DatedTypeSection(Section):
    """One type of an agent."""

    name: Text
    utility: dict[str, Number] = Field(default_factory=dict)


class DatedAgentSection(Section):
    """An agent of a problem with decisions."""

    types: list[DatedTypeSection]
    process: ProcessSection | None = None
    typical: TypicalSection | None = None


class OutcomeSection(Section):
    """One line of a rule given as a table."""

    when: dict[
        str, Annotated[Annotated[Text, Tag(WORD)] | Annotated[list[Text], Tag(LIST)], Discriminator(word_or_list)]
    ] = Field(default_factory=dict)
    choose: Text


class RuleSection(Section):
    """What is decided on a date."""

    kind: Literal["utilitarian", "table"] = "utilitarian"
    outcomes: list[OutcomeSection] | None = None


class PriorSection(Section):
    """A law that is held possible, too; the same for all agents."""

    name: Text
    process: ProcessSection


class CurveSection(Section):
    """The ratio of cost to surplus against the number of agents and dates."""

    sizes: list[Whole]
    samples: Whole = 40
    level: Level | None = None
    method: Literal["exact", "hoeffding"] = "exact"


class StatisticalSection(Section):
    """A whole model file."""

    kind: Literal["statistical"]
    name: Text = ""
    source: Text = ""
    dates: Whole
    epsilon: Number
    discount: Number = Fraction(1)
    resource: ResourceSection | None = None
    decisions: list[Text] | None = None
    agents: dict[str, DatedAgentSection] = Field(default_factory=dict)
    rule: RuleSection | None = None
    payments: Literal["none", "vcg", "linked-vcg"] = "linked-vcg"
    process: ProcessSection | None = None
    typical: TypicalSection | None = None
    priors: list[PriorSection] = Field(default_factory=list)
    known: list[KnownSection] = Field(default_factory=list)
    curve: CurveSection | None = None


def load_statistical(model: str) -> StatisticalModel:
    """Read a model of this kind: a path if such a file exists, else the name of a bundled model.

    Raises
    ------
    ModelError
        Naming the file, the key, what was found and what was expected.
    """
    found: StatisticalModel = load_kind(model, KIND)
    return found


def parse_statistical(text: str, name: str = "<text>") -> StatisticalModel:
    """Build a model from the text of a model file; `name` is what error messages call it."""
    return build_statistical(parse_toml(text, name), name)


def build_statistical(data: dict[str, Any], name: str) -> StatisticalModel:
    """Build a model from the keys and values of a file.

    Raises
    ------
    ModelError
        Naming the file, the key, what was found and what was expected.
    """
    return built(KIND, StatisticalSection, _build, data, name)


def _build(section: StatisticalSection) -> StatisticalModel:
    if not 1 <= section.dates <= MAX_DATES:
        raise ModelError(f"dates: found {section.dates}, expected 1 to {MAX_DATES:,}")
    return _resource_model(section) if section.resource is not None else _dated_model(section)


def _resource_model(section: StatisticalSection) -> StatisticalModel:
    resource = section.resource
    assert resource is not None
    if section.decisions or section.agents or section.rule or section.payments != LINKED_VCG:
        raise ModelError("resource: found decisions, agents, a rule or payments beside it, expected one or the other")
    if not 2 <= resource.agents <= MAX_AGENTS:
        raise ModelError(f"resource.agents: found {resource.agents}, expected 2 to {MAX_AGENTS:,}")
    grid = Grid.of(resource.endowments)
    if resource.per_agent <= 0:
        raise ModelError(f"resource.per_agent: found {resource.per_agent}, expected a positive number")
    family = ResourceFamily(resource.per_agent, _project(resource.project), grid, section.discount)
    family.problem(resource.agents)
    names, values = tuple(map(str, grid.values)), grid.values
    process = _process(section.process, names, section.dates, "process")
    rule = _typical(section.typical, names, section.dates, values)
    curve = section.curve or CurveSection(sizes=[])
    check_curve(curve.sizes, curve.samples)
    return StatisticalModel(
        (process,) * resource.agents,
        (rule,) * resource.agents,
        section.epsilon,
        family=family,
        priors=_priors(section, [names] * resource.agents),
        known=_known(section, names, values),
        sizes=tuple(curve.sizes),
        samples=curve.samples,
        curve_rule=None if curve.level is None else TypicalRule(None, curve.level, curve.method),
        name=section.name,
        source=section.source,
    )


def _dated_model(section: StatisticalSection) -> StatisticalModel:
    if section.decisions is None or not section.agents:
        raise ModelError("model: found neither resource nor decisions and agents, expected one of them")
    if section.curve is not None:
        raise ModelError("curve: found one without a resource problem, which it is for")
    agents, rules = [], []
    for name, part in section.agents.items():
        types = tuple(t.name for t in part.types)
        where = "process" if part.process is None else f"agents.{name}.process"
        process = _process(part.process or section.process, types, section.dates, where)
        for kind in part.types:
            unknown = [d for d in kind.utility if d not in section.decisions]
            if unknown:
                raise ModelError(f"agents.{name}: found a utility of {unknown[0]!r}, expected one of the decisions")
        utility = tuple(tuple(t.utility.get(d, Fraction(0)) for d in section.decisions) for t in part.types)
        agents.append(DatedAgent(name, types, utility, process))
        rules.append(_typical(part.typical or section.typical, types, section.dates, None))
    problem = DatedProblem(tuple(agents), tuple(section.decisions), section.discount, section.name, section.source)
    names = [a.types for a in agents]
    if section.known and len(set(names)) > 1:
        raise ModelError("known: expected agents with the same types")
    return StatisticalModel(
        tuple(a.process for a in agents),
        tuple(rules),
        section.epsilon,
        given=(problem, _choice(section.rule, problem)),
        payments=section.payments,
        priors=_priors(section, names),
        known=_known(section, names[0], None),
        name=section.name,
        source=section.source,
    )


def _project(section: ProjectSection) -> Project:
    if section.kind == "saturating":
        return Saturating(section.scale, section.half, section.offset)
    if section.kind == "capped":
        if section.slope is None or section.cap is None:
            raise ModelError("resource.project: found no slope or no cap, expected both")
        return capped(section.slope, section.cap, section.offset)
    if section.slopes is None:
        raise ModelError("resource.project: found no slopes, expected a list")
    return PiecewiseLinear(tuple(section.slopes), tuple(section.kinks), section.offset)


def _process(section: ProcessSection | None, names: tuple[str, ...], dates: int, where: str) -> TypeProcess:
    if section is None:
        raise ModelError(f"{where}: found nothing, expected the law of the types")
    return build_process(section, names, dates, where)


def _typical(
    section: TypicalSection | None, names: tuple[str, ...], dates: int, values: tuple[Fraction, ...] | None
) -> TypicalRule:
    """The likely set; `values` are the endowments of a resource problem, which statistics are of by default."""
    if section is None:
        return TypicalRule(Everything())
    told = [x for x in ("statistics", "leave_one_out", "paths", "level") if getattr(section, x) is not None]
    if len(told) > 1:
        raise ModelError(f"typical: found {' and '.join(told)}, expected one of them")
    assert section.method in METHODS
    if section.level is not None:
        if values is None:
            raise ModelError("typical.level: found it without a resource problem; give statistics or paths")
        if dates < 2:
            raise ModelError(f"typical.level: found {dates} date, expected at least 2")
        return TypicalRule(None, section.level, section.method)
    found: TypicalSet = Everything()
    if section.statistics is not None:
        found = WithinBounds(
            tuple(
                Statistic(_values(s, names, values, f"typical.statistics[{k}]"), s.least, s.most)
                for k, s in enumerate(section.statistics)
            )
        )
    elif section.leave_one_out is not None:
        if values is None:
            raise ModelError("typical.leave_one_out: found it without a resource problem; give statistics or paths")
        found = LeaveOneOut(values, section.leave_one_out.centre, section.leave_one_out.width)
    elif section.paths is not None:
        wrong = next((p for p in section.paths if len(p) != dates or any(u not in names for u in p)), None)
        if wrong is not None:
            raise ModelError(f"typical.paths: found {', '.join(wrong)}, expected {dates} of the types")
        found = Listed(frozenset(tuple(names.index(u) for u in p) for p in section.paths))
    return TypicalRule(found)


def _values(
    section: StatisticSection, names: tuple[str, ...], values: tuple[Fraction, ...] | None, where: str
) -> tuple[Fraction, ...]:
    if section.values is None:
        if values is None:
            raise ModelError(f"{where}.values: found nothing, expected a number for each type")
        return values
    unknown = [u for u in section.values if u not in names]
    if unknown:
        raise ModelError(f"{where}.values: found {unknown[0]!r}, expected one of the types {', '.join(names)}")
    return tuple(section.values.get(u, Fraction(0)) for u in names)


def _priors(section: StatisticalSection, names: list[tuple[str, ...]]) -> tuple[Prior, ...]:
    return tuple(
        Prior(p.name, tuple(build_process(p.process, types, section.dates, f"priors[{k}].process") for types in names))
        for k, p in enumerate(section.priors)
    )


def _known(
    section: StatisticalSection, names: tuple[str, ...], values: tuple[Fraction, ...] | None
) -> tuple[MeanStatistic, ...]:
    found = []
    for k, s in enumerate(section.known):
        if s.dates is not None and (not s.dates or any(not 1 <= t <= section.dates for t in s.dates)):
            raise ModelError(f"known[{k}].dates: expected dates from 1 to {section.dates}")
        numbers = _values(s, names, values, f"known[{k}]")
        of = total(numbers, None if s.dates is None else tuple(s.dates), s.square)
        found.append(MeanStatistic(of, s.least, s.most, s.name or f"statistic {k + 1}"))
    return tuple(found)


def _choice(section: RuleSection | None, problem: DatedProblem) -> dict[Profile, int]:
    if section is None or section.kind == "utilitarian":
        return utilitarian_choice(problem)
    alike = DecisionProblem(
        problem.decisions,
        tuple(Agent(a.name, tuple(Type(u, Fraction(1, len(a.types)), {}) for u in a.types)) for a in problem.agents),
    )
    lines = [Outcome(line.when, line.choose) for line in section.outcomes or ()]
    return {profile: lottery.index(1) for profile, lottery in table(alike, lines).lotteries.items()}
