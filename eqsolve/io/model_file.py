"""Model files: TOML in, `Model` out, every number exact.

A file is data from a stranger: it is never evaluated, its size is checked before it is read, and whatever is wrong
with it ends in one `ModelError` that names the file, the key, what was found and what was expected.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from eqsolve.budget import BudgetRule
from eqsolve.errors import ModelError
from eqsolve.io.declared_agents import declared_agents
from eqsolve.io.kinds import built, find_model
from eqsolve.io.schema import (
    AgentBudgetSection,
    AgentProcessSection,
    LinkSection,
    ModelSection,
    RuleSection,
    TypeSection,
)
from eqsolve.io.toml_text import parse_toml, printable, read_toml
from eqsolve.linking import Options
from eqsolve.model import Claim, Model
from eqsolve.problem import DecisionProblem, Type
from eqsolve.processes import Copy, CopyFirst, CopyPrevious, Independent, Intensity, Process, Table, apply_process
from eqsolve.rule import Outcome, Rule, table, utilitarian


def load(model: str | Path) -> Model:
    """Read a model of a linked problem: a path if such a file exists, else the name of a bundled model.

    Raises
    ------
    ModelError
        If there is neither, or the file cannot be used.

    Examples
    --------
    >>> import eqsolve as eq
    >>> model = eq.load("object")
    >>> model.name
    'One object, worth 1 or 10'
    >>> model.link(4).copies
    4
    """
    return read_model(find_model(model))


def read_model(path: str | Path) -> Model:
    """Read a model file.

    Raises
    ------
    ModelError
        Naming the file, the key, what was found and what was expected.
    """
    return build_model(read_toml(path), printable(str(path)))


def parse_model(text: str, name: str = "<text>") -> Model:
    """Build a model from the text of a model file; `name` is what error messages call it."""
    return build_model(parse_toml(text, name), name)


def build_model(data: dict[str, Any], name: str) -> Model:
    """Build a model from the keys and values of a model file.

    Raises
    ------
    ModelError
        Naming the file, the key, what was found and what was expected.
    """
    return built("linked", ModelSection, _build, data, name)


def _build(section: ModelSection) -> Model:
    problem = DecisionProblem(
        tuple(section.decisions), declared_agents(section.agents, _type), section.name, section.source
    )
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


def _type(section: TypeSection) -> Type:
    return Type(section.name, section.prob, section.utility)


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
