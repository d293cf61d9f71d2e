"""What coalitions can gain as JSON: exact numbers are strings, what was not worked out is null."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from eqsolve.collusion.coalition import Coalition
from eqsolve.collusion.frontier import Point
from eqsolve.collusion.opposite import Survival
from eqsolve.collusion.plan import PooledPlan
from eqsolve.collusion.result import Collusion, Stage
from eqsolve.collusion.trial import Trial
from eqsolve.exact.rational import text
from eqsolve.forms.filtered import Deviation

MAX_LISTED = 4_096


def collusion_json(found: Sequence[Collusion], model: str | None, plans: bool = False) -> dict[str, Any]:
    """Coalitions as one document: the one that can gain most, and all of them under ``coalitions`` if there are more.

    Parameters
    ----------
    found : Collusions, at least one
    model : str, optional
        What the model is called.
    plans : bool
        Also list the plans.
    """
    first = max(found, key=lambda c: Fraction(-1) if c.most is None else c.most)
    document = {
        "model": model,
        "copies": first.coalition.game.copies,
        **_coalition(first, plans),
        "stopped": next((c.stopped for c in found if c.stopped), None),
        "seconds": round(sum(c.seconds for c in found), 3),
    }
    if len(found) > 1:
        document["coalitions"] = [_coalition(c, plans) for c in found]
    return document


def several_json(
    found: Sequence[Collusion], model: str | None, plans: bool = False, stopped: str | None = None
) -> dict[str, Any]:
    """Several numbers of problems as one document: under ``runs`` that of `collusion_json` for each.

    Parameters
    ----------
    found : Collusions
    model : str, optional
        What the model is called.
    plans : bool
        Also list the plans.
    stopped : str, optional
        Why something is missing.
    """
    numbers = sorted({c.coalition.game.copies for c in found})
    runs = [collusion_json([c for c in found if c.coalition.game.copies == k], model, plans) for k in numbers]
    return {
        "model": model,
        "runs": runs,
        "stopped": stopped,
        "seconds": round(sum(c.seconds for c in found), 3),
    }


def unfinished_json(
    model: str | None, copies: int, coalition: Sequence[str] | None, pooled: bool, stopped: str | None
) -> dict[str, Any]:
    """The document where nothing was found: a limit stopped the work, or nobody can collude."""
    return {
        "model": model,
        "copies": copies,
        "coalition": None if coalition is None else list(coalition),
        "pooled": pooled,
        "points": [],
        "stopped": stopped,
    }


def _coalition(found: Collusion, plans: bool) -> dict[str, Any]:
    coalition = found.coalition
    return {
        "coalition": list(found.names),
        "pooled": found.pooled,
        "distance": found.kind,
        "label_free": _by_name(coalition, dict(enumerate(coalition.label_free_payoffs))),
        "points": [_stage(stage, found, plans) for stage in found.stages],
        "notes": list(found.notes),
    }


def _stage(stage: Stage, found: Collusion, plans: bool) -> dict[str, Any]:
    coalition = found.coalition
    document = {
        **_point(stage.point, coalition),
        "equilibrium": stage.equilibrium,
        "trial": _trial(stage.trial, coalition),
        "holding": None,
        "deviation": _deviation(stage.deviation, coalition),
        "opposite": _survival(stage.opposite, coalition),
        "limit": None if stage.limit is None else _point(stage.limit, coalition),
    }
    if stage.holding is not None:
        document["holding"] = {
            **_point(stage.holding, coalition),
            "equilibrium": None if stage.holding_trial is None else stage.holding_trial.equilibrium,
            "trial": _trial(stage.holding_trial, coalition),
        }
    if plans:
        document["plan"] = None if stage.point.plan is None else _plan(stage.point.plan, coalition)
        document["strategies"] = _strategies(stage.point, coalition)
    return document


def _point(point: Point, coalition: Coalition) -> dict[str, Any]:
    members, outsiders = coalition.members, coalition.outsiders
    return {
        "epsilon": None if point.epsilon is None else text(point.epsilon),
        "gain": _by_name(coalition, {i: point.gain.get(i) for i in members}),
        "loss": _by_name(coalition, {j: point.loss.get(j) for j in outsiders}),
        "total": _number(point.total),
        "bound": _number(point.bound if point.bound is not None else point.total),
        "multipliers": [text(m) for m in point.multipliers],
        "why": point.why or None,
    }


def _trial(trial: Trial | None, coalition: Coalition) -> dict[str, Any] | None:
    if trial is None:
        return None
    names = [a.name for a in coalition.game.problem.agents]
    return {
        "payoffs": _by_name(coalition, dict(enumerate(trial.payoffs))),
        "disobedience": {"agent": names[trial.disobedience.agent], "gain": text(trial.disobedience.gain)},
        "false_types": _number(trial.deviation),
        "outsiders": text(trial.outsiders),
    }


def _deviation(deviation: Deviation | None, coalition: Coalition) -> dict[str, Any] | None:
    if deviation is None:
        return None
    i = deviation.agent
    return {
        "agent": coalition.game.problem.agents[i].name,
        "types": coalition.game.vector_name(i, deviation.vector),
        "message": coalition.game.vector_name(i, deviation.message),
        "gain": text(deviation.gain),
    }


def _survival(found: Survival | None, coalition: Coalition) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "distance": text(found.distance),
        "flagged": found.flagged,
        "payoffs": _by_name(coalition, dict(enumerate(found.payoffs))),
        "survives": found.survives,
        "deviation": _deviation(found.deviation, coalition),
    }


def _plan(plan: PooledPlan, coalition: Coalition) -> list[dict[str, Any]] | None:
    """For every joint histogram of true types a lottery over tables; null if they are too many to list."""
    if len(plan.chances) > MAX_LISTED:
        return None
    rows = [_joint(coalition, row) for row in coalition.rows]
    columns = [_joint(coalition, column) for column in coalition.columns]
    listed = []
    for h, chance in enumerate(plan.chances):
        lottery = [
            {
                "probability": text(p),
                "announcements": {
                    row: {column: c for column, c in zip(columns, line, strict=True) if c}
                    for row, line in zip(rows, table, strict=True)
                    if any(line)
                },
            }
            for table, p in plan.lottery(h).items()
        ]
        types = {row: int(n) for row, n in zip(rows, plan.histograms[h], strict=True) if n}
        listed.append({"types": types, "probability": text(chance), "lottery": lottery})
    return listed


def _strategies(point: Point, coalition: Coalition) -> dict[str, dict[str, dict[str, str]]] | None:
    game = coalition.game
    if not point.strategies or max(len(s.plan) for s in point.strategies.values()) > MAX_LISTED:
        return None
    return {
        game.problem.agents[i].name: {
            game.vector_name(i, t): {game.vector_name(i, m): text(p) for m, p in lottery.items()}
            for t, lottery in strategy.plan.items()
        }
        for i, strategy in point.strategies.items()
    }


def _joint(coalition: Coalition, joint: tuple[int, ...]) -> str:
    return ", ".join(types[u] for types, u in zip(coalition.panel.types, joint, strict=True))


def _by_name(coalition: Coalition, values: Mapping[int, Fraction | None]) -> dict[str, str | None]:
    agents = coalition.game.problem.agents
    return {agents[i].name: _number(q) for i, q in values.items()}


def _number(value: Fraction | None) -> str | None:
    return None if value is None else text(value)
