"""Model files: TOML in, `Model` out, every number exact.

A file is data from a stranger: it is never evaluated, its size is checked before it is read, and whatever is wrong
with it ends in one `ModelError` that names the file, the key, what was found and what was expected.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from eqsolve.budget import BudgetRule
from eqsolve.errors import ModelError, SizeError
from eqsolve.io.schema import (
    LIST,
    TABLE,
    WORD,
    AgentBudgetSection,
    AgentProcessSection,
    LinkSection,
    ModelSection,
    RuleSection,
    WrittenFloat,
)
from eqsolve.linking import Options
from eqsolve.model import Claim, Model
from eqsolve.problem import Agent, DecisionProblem, Type
from eqsolve.processes import Copy, CopyFirst, CopyPrevious, Independent, Intensity, Process, Table, apply_process
from eqsolve.rule import Outcome, Rule, table, utilitarian

MAX_BYTES = 2**20
MAX_DOTS = 1000


def load(model: str | Path) -> Model:
    """Read a model: a path if such a file exists, else the name of a bundled model.

    Raises
    ------
    ModelError
        If there is neither, or the file cannot be used.
    """
    path = Path(model)
    try:
        is_file = bool(str(model)) and path.exists()
    except (OSError, ValueError):
        is_file = False
    if not is_file:
        bundled = bundled_models()
        if str(model) not in bundled:
            known = ", ".join(sorted(bundled))
            raise ModelError(
                f"{_printable(str(model)) or 'MODEL'}: found no such file or bundled model, "
                f"expected a path or one of {known}"
            )
        path = bundled[str(model)]
    return read_model(path)


def bundled_models() -> dict[str, Path]:
    """Paths of the bundled models by name: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "models", package.parent / "models"):
        found = {path.stem: path for path in sorted(folder.glob("*.toml"))}
        if found:
            return found
    return {}


def read_model(path: str | Path) -> Model:
    """Read a model file.

    Raises
    ------
    ModelError
        Naming the file, the key, what was found and what was expected.
    """
    path = Path(path)
    name = _printable(str(path))
    try:
        if not path.is_file():
            raise ModelError(f"{name}: found no regular file, expected a model file")
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
    return parse_model(text, name)


def parse_model(text: str, name: str = "<text>") -> Model:
    """Build a model from the text of a model file; `name` is what error messages call it."""
    data = _toml(text, name)
    try:
        section = ModelSection.model_validate(data)
    except ValidationError as error:
        raise ModelError(f"{name}: {_complaints(error)}") from None
    except RecursionError:
        raise ModelError(f"{name}: found brackets nested too deep, expected a flat model file") from None
    try:
        return _build(section)
    except SizeError as error:
        raise ModelError(f"{name}: {error}") from None
    except ModelError as error:
        raise ModelError(f"{name}: {error}") from None


def _toml(text: str, name: str) -> dict[str, Any]:
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


def _hint(text: str, message: str) -> str:
    """What a likely slip was meant to be."""
    place = re.search(r"at line (\d+)", message)
    lines = text.splitlines()
    line = lines[int(place[1]) - 1] if place and int(place[1]) <= len(lines) else ""
    if re.search(r"[=\[,]\s*[+-]?\d{1,40}\s*/\s*\d", line[:1000]):
        return '; a fraction must stand in quotes: "1/2"'
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
    return "; ".join(mistakes[:3]) + rest


def _key(location: tuple[int | str, ...]) -> str:
    parts = ""
    for part in location:
        if isinstance(part, int):
            parts += f"[{part}]"
        elif part not in (WORD, TABLE, LIST):
            parts += f".{_printable(part)}"
    return parts.lstrip(".") or "the file"


def _complaint(error: Any) -> str:
    found = error.get("input")
    kind = error["type"]
    if kind == "missing":
        return "found nothing, expected this key"
    if kind == "extra_forbidden":
        return "found an unknown key, expected one that the reference lists"
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


def _printable(text: str) -> str:
    """Text from outside on one line, without control characters."""
    return "".join(c if c.isprintable() else "?" for c in text)[:200]


def _lowered(message: str) -> str:
    return message[:1].lower() + message[1:]


def _build(section: ModelSection) -> Model:
    problem = DecisionProblem(tuple(section.decisions), tuple(_agents(section)), section.name, section.source)
    link = section.link
    options = Options(
        exact_marginals=link.exact_marginals,
        walk_away=link.walk_away,
        filter=None if link.filter is None else link.filter.model_dump(),
        process=_process(link),
    )
    if link.walk_away is not None and link.walk_away not in section.decisions:
        raise ModelError(f"link.walk_away: found {link.walk_away!r}, expected one of the decisions")
    claims = tuple(Claim(c.says, c.copies, c.where, c.of, dict(c.printed)) for c in section.claims)
    model = Model(
        problem,
        _rule(problem, section.rule),
        link.copies or 1,
        _budgets(link),
        options,
        claims,
        section.name,
        section.source,
    )
    if link.copies is not None and link.copies < 1:
        raise ModelError(f"link.copies: found {link.copies}, expected a whole number, at least 1")
    if model.fixed_copies is not None:
        try:
            model.check_copies(link.copies or model.fixed_copies)
        except ModelError as error:
            raise ModelError(f"link.{error}") from None
    model.link_budgets()
    apply_process(options.process, problem.agents, model.fixed_copies or model.copies)
    return model


def _agents(section: ModelSection) -> list[Agent]:
    agents: dict[str, Agent] = {}
    for name, agent in section.agents.items():
        if (agent.types is None) == (agent.same_as is None):
            raise ModelError(
                f"agents.{name}: found {'both' if agent.types else 'neither'} of types and same_as, expected one"
            )
        if agent.same_as is not None:
            if agent.same_as not in agents:
                raise ModelError(f"agents.{name}.same_as: found {agent.same_as!r}, expected an agent declared before")
            agents[name] = Agent(name, agents[agent.same_as].types)
        else:
            agents[name] = Agent(name, tuple(Type(t.name, t.prob, t.utility) for t in agent.types or ()))
    return list(agents.values())


def _rule(problem: DecisionProblem, section: RuleSection) -> Rule:
    if section.kind == "utilitarian":
        if section.outcomes is not None:
            raise ModelError(
                'rule.outcomes: found outcomes in a utilitarian rule, expected them with kind = "table" only'
            )
        return utilitarian(problem, section.weights, section.ties)
    if section.weights or section.outcomes is None:
        raise ModelError(
            'rule: found no outcomes or found weights, expected kind = "table" with outcomes and without weights'
        )
    return table(problem, [Outcome(line.when, line.choose) for line in section.outcomes])


def _budgets(link: LinkSection) -> BudgetRule | Mapping[str, BudgetRule]:
    if isinstance(link.budget, str):
        return BudgetRule(link.budget)
    if link.budget.agents is not None:
        if _kinds(link.budget):
            raise ModelError("link.budget: found agents beside another kind of budget, expected one of them")
        return {
            name: BudgetRule(b) if isinstance(b, str) else _budget(b, f"link.budget.agents.{name}")
            for name, b in link.budget.agents.items()
        }
    return _budget(link.budget, "link.budget")


def _process(link: LinkSection) -> Process | Mapping[str, Process] | None:
    section = link.process
    if section is None or (section.agents is None and section.kind == "independent"):
        return None
    if section.agents is not None:
        return {name: _one_process(part) for name, part in section.agents.items()}
    return _one_process(section)


def _one_process(section: AgentProcessSection) -> Process:
    if section.kind == "independent":
        return Independent()
    if section.kind == "table":
        return Table({tuple(names.split(", ")): p for names, p in (section.law or {}).items()})
    rho = section.rho if section.rho is not None else Fraction(0)
    if section.kind == "intensity":
        return Intensity(rho, dict(section.classes or {}))
    if section.kind == "copy":
        return Copy(rho)
    return CopyFirst(rho) if section.kind == "copy_first" else CopyPrevious(rho)


def _kinds(section: AgentBudgetSection) -> list[str]:
    kinds = [kind for kind in ("counts", "classes") if getattr(section, kind) is not None]
    if section.at_most is not None or section.at_least is not None:
        kinds.append("bounds")
    return kinds


def _budget(section: AgentBudgetSection, where: str) -> BudgetRule:
    kinds = _kinds(section)
    if len(kinds) != 1:
        raise ModelError(
            f"{where}: found {' and '.join(kinds) or 'an empty table'}, "
            "expected one of counts, classes, or at_most and at_least"
        )
    return BudgetRule(
        kinds[0], section.counts or {}, section.classes or {}, section.at_most or {}, section.at_least or {}
    )
