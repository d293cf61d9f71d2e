"""Objectives beyond the agents' payoffs: what decisions are worth to whoever designs the mechanism.

The designer is an agent with a single type, who has nothing to report. So the best mechanism with the designer among
the agents is the best one for any sum of weighted payoffs and values of decisions, and everything that is known of
mechanisms, certificates too, holds as it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from eqsolve.budget import BudgetRule
from eqsolve.errors import ModelError, NotSupported
from eqsolve.model import Model
from eqsolve.problem import Agent, DecisionProblem, Type
from eqsolve.rule import Rule

DESIGNER = "designer"


def with_designer(model: Model, values: Mapping[str, Fraction], status_quo: str | None = None) -> Model:
    """The model with a last agent who has one type, to whom decisions are worth these values.

    Parameters
    ----------
    model : Model
    values : {decision: value per problem}
        0 for decisions left out.
    status_quo : str, optional
        Where participation is asked for: as the designer takes part, too, no decision may be worth less to it.

    Raises
    ------
    ModelError
        For an unknown decision, or an agent that has the designer's name.
    NotSupported
        If the designer would rather have the status quo than some other decision.
    """
    problem = model.problem
    if DESIGNER in {agent.name for agent in problem.agents}:
        raise ModelError(f"values: found an agent named {DESIGNER!r}, expected agents of other names")
    for decision in values:
        if decision not in problem.decisions:
            raise ModelError(f"values: found {decision!r}, expected decisions among {', '.join(problem.decisions)}")
    if status_quo is not None:
        worst = min(values.get(d, Fraction(0)) for d in problem.decisions)
        if values.get(status_quo, Fraction(0)) > worst:
            raise NotSupported(
                f"values: with participation the status quo {status_quo!r} must be worth least, so that only the "
                "agents ask for more"
            )
    designer = Agent(DESIGNER, (Type(DESIGNER, Fraction(1), dict(values)),))
    wider = DecisionProblem(problem.decisions, (*problem.agents, designer), problem.name, problem.source)
    rules = model.budget_rules
    if isinstance(rules, BudgetRule):
        rules = {agent.name: rules for agent in problem.agents}
    return replace(
        model,
        problem=wider,
        rule=Rule(wider, {(*profile, 0): lottery for profile, lottery in model.rule.lotteries.items()}),
        budget_rules={**rules, DESIGNER: BudgetRule("none")},
        claims=(),
    )
