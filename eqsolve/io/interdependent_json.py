"""Models with interdependent values, examined: as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from eqsolve.exact.rational import text
from eqsolve.interdependent.congruence import PairCongruence
from eqsolve.interdependent.incentives import ExPostCheck
from eqsolve.interdependent.model import InterdependentModel
from eqsolve.interdependent.second_best import SecondBest
from eqsolve.interdependent.study import Study, StudyPoint
from eqsolve.interdependent.support import Cycle, Support

MAX_AMOUNTS = 5_000
"""Transfers that are told one by one; certificates hold more."""

Document = dict[str, Any]


def study_json(found: Study, model: str) -> Document:
    """All that a study found; `model` is how the model was named."""
    return {
        "model": model,
        "name": found.model.name,
        "incentives": found.incentives,
        "ties": found.model.ties,
        "points": [_point(p) for p in found.points],
        "coarsest": found.coarsest(),
        "stopped": found.stopped,
        "seconds": round(found.seconds, 3),
    }


def _point(point: StudyPoint) -> Document:
    model, congruence = point.model, point.congruence
    return {
        "points": point.points,
        "strength": text(point.strength),
        "signals": {a.name: len(a.signals) for a in model.agents},
        "congruence": {
            "holds": congruence.holds,
            "strict": congruence.strict,
            "violation": text(congruence.violation),
            "pairs": [_pair(model, p) for p in congruence.pairs],
        },
        "supported": point.support.exists,
        "transfers": _transfers(point.support),
        "cycle": None if point.support.cycle is None else _cycle(point.support, point.support.cycle),
        "thresholds": None if point.thresholds is None else _check(model, point.thresholds),
        "welfare": text(point.rule.welfare),
        "second_best": None if point.second_best is None else _second_best(point.second_best),
        "seconds": round(point.seconds, 3),
    }


def _pair(model: InterdependentModel, pair: PairCongruence) -> Document:
    return {
        "agent": model.agents[pair.agent].name,
        "alternatives": [model.alternatives[k] for k in pair.pair],
        "private": [text(x) for x in pair.private],
        "social": [text(x) for x in pair.social],
        "holds": pair.holds,
        "violation": text(pair.violation),
        "why": pair.why or None,
    }


def signal(model: InterdependentModel, i: int, s: int) -> dict[str, str]:
    """A signal by coordinate."""
    agent = model.agents[i]
    return {name: text(x) for name, x in zip(agent.coordinates, agent.signals[s], strict=True)}


def _signals(model: InterdependentModel, agents: Sequence[int], numbers: Sequence[int]) -> Document:
    return {model.agents[j].name: signal(model, j, s) for j, s in zip(agents, numbers, strict=True)}


def _cycle(support: Support, cycle: Cycle) -> Document:
    model = support.rule.model
    others = [j for j in range(len(model.agents)) if j != cycle.agent]
    return {
        "agent": model.agents[cycle.agent].name,
        "others": None if cycle.others is None else _signals(model, others, cycle.others),
        "signals": [signal(model, cycle.agent, s) for s in cycle.signals],
        "gain": text(cycle.gain),
    }


def _check(model: InterdependentModel, check: ExPostCheck) -> Document:
    lie = check.best
    return {
        "profiles": check.profiles,
        "lies": check.lies,
        "gain": text(check.gain),
        "best": None
        if lie is None
        else {
            "agent": model.agents[lie.agent].name,
            "signals": _signals(model, range(len(model.agents)), lie.profile),
            "report": signal(model, lie.agent, lie.report),
            "gain": text(lie.gain),
        },
    }


def _transfers(support: Support) -> Document | None:
    """Bayesian transfers by agent and signal; null for ex post ones, which certificates hold, and for many."""
    found = support.transfers
    model = support.rule.model
    if found is None or support.incentives != "bayesian" or sum(model.shape) > MAX_AMOUNTS:
        return None
    return {
        agent.name: [
            {"signal": signal(model, i, s), "transfer": text(Fraction(int(x), found.scale))}
            for s, x in enumerate(found.values[i])
        ]
        for i, agent in enumerate(model.agents)
    }


def _second_best(found: SecondBest) -> Document:
    return {
        "welfare": text(found.welfare),
        "first_best": text(found.first_best),
        "loss": text(found.loss),
        "variables": found.variables,
        "rows": found.rows,
    }
