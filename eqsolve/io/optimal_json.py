"""Optimal mechanisms as JSON, and as certificates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from eqsolve.exact.rational import text
from eqsolve.io.certificate_file import Document, certificate
from eqsolve.linking import LinkedGame
from eqsolve.mechanisms.comparison import Comparison, OptimalPoint
from eqsolve.mechanisms.direct import DirectMechanism
from eqsolve.mechanisms.optimal import OptimalMechanism, Requirements
from eqsolve.mechanisms.proof import Balance, Lie, Requirement, multipliers
from eqsolve.mechanisms.separate import TRUTH
from eqsolve.mechanisms.simulation import Simulation
from eqsolve.problem import DecisionProblem, Profile


def requirements_block(requirements: Requirements) -> Document:
    """What a mechanism must satisfy."""
    return {
        "incentives": requirements.incentives,
        "participation": requirements.participation,
        "status_quo": None if requirements.participation == "none" else requirements.status_quo,
        "transfers": requirements.transfers,
    }


def optimal_certificate(game: LinkedGame, mechanism: OptimalMechanism) -> Document:
    """That a mechanism is the best one on the problems of a linked game; its rule and budgets play no part."""
    problem = mechanism.problem
    statement = {
        "says": "optimal-mechanism",
        "requirements": requirements_block(mechanism.requirements),
        "weights": {a.name: text(w) for a, w in zip(problem.agents, mechanism.weights, strict=True)},
        "welfare": text(mechanism.welfare),
    }
    evidence = {
        "mechanism": mechanism_block(mechanism),
        "transfers": _transfers(mechanism),
        "multipliers": [
            {**_requirement(mechanism, requirement), "multiplier": text(q)}
            for requirement, q in multipliers(mechanism).items()
        ],
    }
    return certificate(game, statement, evidence)


def mechanism_block(mechanism: DirectMechanism) -> list[list[list[Any]]]:
    """Per joint histogram a list of profiles, each with its count and the lottery over decisions there."""
    orbits = mechanism.orbits
    blocks = iter(mechanism.lotteries)
    return [
        [[_names(mechanism.problem, orbits.profiles[p]), c, [text(q) for q in next(blocks)]] for p, c in counts]
        for counts in orbits.occurring
    ]


def _names(problem: DecisionProblem, profile: Profile) -> list[str]:
    return [a.types[u].name for a, u in zip(problem.agents, profile, strict=True)]


def _transfers(mechanism: DirectMechanism) -> dict[str, list[list[Any]]]:
    found: dict[str, list[list[Any]]] = {}
    for (i, histogram), t in mechanism.transfers.items():
        found.setdefault(mechanism.problem.agents[i].name, []).append([list(histogram), text(t)])
    return found


def _requirement(mechanism: DirectMechanism, requirement: Requirement) -> Document:
    problem = mechanism.problem
    if isinstance(requirement, Balance):
        return {"kind": requirement.kind}
    i = requirement.agent
    block: Document = {"kind": requirement.kind, "agent": problem.agents[i].name}
    if isinstance(requirement, Lie):
        types = problem.agents[i].type_names
        others = [a for j, a in enumerate(problem.agents) if j != i]
        lie: list[list[Any]] = []
        for (w, u, v), n in requirement.table:
            known = [[a.types[x].name for a, x in zip(others, w, strict=True)]] if requirement.kind == "dsic" else []
            lie.append([*known, types[u], types[v], n])
        return {**block, "lie": lie}
    if requirement.kind == "interim":
        return {**block, "histogram": list(requirement.at)}
    return {**block, "joint": [[_names(problem, mechanism.orbits.profiles[p]), c] for p, c in requirement.at]}


def by_name(problem: DecisionProblem, figures: tuple[Fraction, ...] | None) -> Mapping[str, str] | None:
    """Exact numbers keyed by agent."""
    return None if figures is None else {a.name: text(q) for a, q in zip(problem.agents, figures, strict=True)}


def comparison_json(comparison: Comparison, model: str, runs: Sequence[Simulation] = ()) -> Document:
    """Best mechanisms as a JSON document: of a single K flat, of several with ``points``; with simulations, if any."""
    problem = comparison.model.problem
    head: Document = {
        "model": model,
        "requirements": requirements_block(comparison.requirements),
        "weights": by_name(problem, comparison.weights),
        "first_best": by_name(problem, comparison.first_best),
        "separate": None
        if comparison.separate is None
        else {
            "payoffs": by_name(problem, comparison.separate),
            "truthful": comparison.separate_how == TRUTH,
            "play": comparison.separate_how,
        },
        "second_best": None if comparison.second_best is None else text(comparison.second_best),
    }
    tail: Document = {"stopped": comparison.stopped, "seconds": round(comparison.seconds, 3)}
    points = [_point(problem, comparison, point) for point in comparison.points]
    for point, run in zip(points, runs, strict=False):
        point["simulation"] = _simulation(problem, run)
    if len(points) == 1 and comparison.asked == 1:
        return {**head, **points[0], "mechanism": mechanism_block(comparison.points[0].optimal), **tail}
    return {**head, "points": points, **tail}


def _simulation(problem: DecisionProblem, run: Simulation) -> Document:
    """Estimates beside their standard errors."""
    names = [a.name for a in problem.agents]
    payoffs, stderr = (dict(zip(names, figures, strict=True)) for figures in (run.payoffs, run.stderr))
    return {"rounds": run.rounds, "payoffs": payoffs, "stderr": stderr}


def _point(problem: DecisionProblem, comparison: Comparison, point: OptimalPoint) -> Document:
    first = comparison.welfare(comparison.first_best) or Fraction(0)
    return {
        "copies": point.copies,
        "welfare": text(point.optimal.welfare),
        "payoffs": by_name(problem, point.optimal.payoffs),
        "linking": by_name(problem, point.linking),
        "completed": [
            {"aim": c.aim, "payoffs": by_name(problem, c.payoffs), "regret": text(c.regret)} for c in point.completed
        ],
        "turns": [
            {
                "order": t.order,
                "play": t.play,
                "payoffs": by_name(problem, t.payoffs),
                "regret": None if t.regret is None else text(t.regret),
            }
            for t in point.turns
        ],
        "gap": text(first - point.optimal.welfare),
        "transfers": _transfers(point.optimal),
    }
