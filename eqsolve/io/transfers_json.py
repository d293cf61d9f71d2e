"""Mechanisms with transfers as JSON; the reference is ``docs/transfers.md``."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from eqsolve.exact.rational import text
from eqsolve.transfers.analysis import Analysis, Examined, Point
from eqsolve.transfers.checks import Deviation, Refusal
from eqsolve.transfers.efficient import Ties
from eqsolve.transfers.problem import DirectMechanism, QuasiLinearProblem
from eqsolve.transfers.refinement import Limit

Document = dict[str, Any]
MAX_TABLE = 4096
"""Profiles of a mechanism that is written out."""


def analysis_json(found: Analysis, model: str) -> Document:
    """Everything that is known of a model's mechanisms."""
    return {
        "model": model,
        "ties": ties_json(found.ties),
        "points": [_point(found, point) for point in found.points],
        "limits": {name: _limit(q) for name, q in found.limits.items()},
        "stopped": found.stopped,
        "seconds": round(found.seconds, 3),
    }


def ties_json(ties: Ties) -> Any:
    """A tie rule: a word, or an order of decisions."""
    return ties if isinstance(ties, str) else list(ties)


def _point(found: Analysis, point: Point) -> Document:
    names = [a.name for a in point.problem.problem.agents]
    return {
        "points": point.points,
        "profiles": len(point.problem.profiles),
        "surplus": text(point.surplus),
        "tied": {
            "profiles": len(point.ties.profiles),
            "probability": text(point.ties.probability),
            "somebody_cares": len(point.ties.concerned),
        },
        "subsidies": None if point.subsidies is None else _by_name(names, point.subsidies),
        "mechanisms": {examined.key: _examined(names, examined) for examined in point.mechanisms},
        "existence": _existence(found, point),
    }


def _examined(names: list[str], found: Examined) -> Document:
    checks, budget = found.checks, found.checks.budget
    outside = found.mechanism.problem.outside is not None
    return {
        "payments": _by_name(names, found.payments),
        "payoffs": _by_name(names, found.payoffs),
        "groves": found.is_groves,
        "dominant": _property(checks.dominant),
        "ex_post": _property(checks.ex_post),
        "bayesian": _property(checks.bayesian),
        "interim_participation": _property(checks.interim_participation) if outside else None,
        "ex_post_participation": _property(checks.ex_post_participation) if outside else None,
        "budget": {
            "expected": text(budget.expected),
            "least": text(budget.least),
            "least_at": dict(budget.least_at),
            "most": text(budget.most),
            "most_at": dict(budget.most_at),
            "balances": budget.balances,
        },
        "transfers": table_json(found.mechanism),
    }


def _property(witness: Deviation | Refusal | None) -> Document:
    """Whether a property holds, and what speaks against it."""
    if witness is None:
        return {"holds": True, "witness": None}
    told: Document = {"agent": witness.agent, "type": witness.type}
    if isinstance(witness, Deviation):
        told |= {"report": witness.report, "truth": text(witness.truth), "lie": text(witness.lie)}
    else:
        told |= {"payoff": text(witness.payoff), "outside": text(witness.outside)}
    told |= {"others": None if witness.others is None else dict(witness.others), "gain": text(witness.gain)}
    return {"holds": False, "witness": told}


def _existence(found: Analysis, point: Point) -> Document | None:
    if point.existence is None:
        return None
    answer = point.existence
    return {
        "ties": ties_json(found.asked),
        "incentives": answer.wanted.incentives,
        "participation": answer.wanted.participation,
        "budget": answer.wanted.budget,
        "exists": answer.exists,
        "largest_budget": None if point.largest is None else text(point.largest),
        "mechanism": None if answer.mechanism is None else table_json(answer.mechanism),
        "multipliers": len(answer.multipliers),
    }


def table_json(mechanism: DirectMechanism) -> list[Any] | None:
    """Per profile the types, the lottery over decisions and the payments; None above `MAX_TABLE` profiles."""
    problem = mechanism.problem
    if len(problem.profiles) > MAX_TABLE:
        return None
    return [
        [_types(problem, p), [text(q) for q in lottery], [text(t) for t in row]]
        for p, (lottery, row) in enumerate(zip(mechanism.allocation, mechanism.transfers, strict=True))
    ]


def _types(problem: QuasiLinearProblem, p: int) -> list[str]:
    return [a.types[u].name for a, u in zip(problem.problem.agents, problem.profiles[p], strict=True)]


def _limit(found: Limit) -> Document:
    if found.formula is not None:
        return {"limit": text(found.value), "formula": [text(q) for q in found.formula], "error": None}
    return {"limit": float(found.value), "formula": None, "error": float(found.error)}


def _by_name(names: Iterable[str], values: Iterable[Fraction]) -> dict[str, str]:
    return {name: text(q) for name, q in zip(names, values, strict=True)}
