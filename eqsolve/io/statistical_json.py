"""The analysis of a statistical mechanism as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from eqsolve.exact.rational import text
from eqsolve.statistical.analysis import Known, StatisticalAnalysis
from eqsolve.statistical.averages import Averages
from eqsolve.statistical.budgets import BudgetComparison
from eqsolve.statistical.calibration import Calibrated
from eqsolve.statistical.model import StatisticalModel
from eqsolve.statistical.process import Path
from eqsolve.statistical.proposition import Check
from eqsolve.statistical.ratio_curve import RatioCurve, RatioPoint

Document = dict[str, Any]
MAX_LISTED = 200
"""Paths of a worst law, and histories, that are listed."""


def analysis_json(found: StatisticalAnalysis, model: str) -> Document:
    """Everything that is known; null where a part does not apply, was not asked for, or is explained in `notes`."""
    m, names = found.model, found.model.agent_names
    return {
        "model": model,
        "agents": list(names),
        "dates": m.dates,
        "discount": text(m.discount),
        "epsilon": text(m.epsilon),
        "payments": m.payments,
        "unlinked_ratio": text(found.unlinked_ratio),
        "typical": _typical(found),
        "ex_post": found.ex_post,
        "equilibrium": found.equilibrium,
        "proposition": [_check(check, name, m) for name, check in found.checks] or None,
        "known": None if found.known is None else _known(found.known, m),
        "averages": None if found.averages is None else _averages(found.averages, names),
        "budgets": None if found.budgets is None else _budgets(found.budgets, m),
        "curve": None if found.curve is None else _curve(found.curve),
        "notes": list(found.notes),
        "stopped": found.stopped,
        "seconds": round(found.seconds, 3),
    }


def _by_agent(names: Sequence[str], figures: Sequence[Fraction]) -> dict[str, str]:
    return {name: text(x) for name, x in zip(names, figures, strict=True)}


def _typical(found: StatisticalAnalysis) -> Document | None:
    """How many paths there are and how many are in Ω*, where they were listed."""
    if not (found.checks or found.averages):
        return None
    model, names = found.model, found.model.agent_names
    calibrated = {name: c for name, (_, c) in zip(names, model.typical, strict=True) if c is not None}
    return {
        "paths": {name: p.path_count for name, p in zip(names, model.processes, strict=True)},
        "members": {name: len(x) for name, x in zip(names, model.mechanism.members, strict=True)},
        "calibrated": {name: _calibrated(c) for name, c in calibrated.items()} or None,
    }


def _calibrated(found: Calibrated) -> Document:
    return {
        "centre": text(found.typical.centre),
        "width": text(found.typical.width),
        "leaving": text(found.leaving),
        "level": text(found.level),
        "method": found.method,
    }


def _check(check: Check, name: str, model: StatisticalModel) -> Document:
    names = model.agent_names
    return {
        "prior": name or None,
        "epsilon": text(check.epsilon),
        "regret": text(check.regret),
        "regret_bound": text(check.bound),
        "leaving": _by_agent(names, [a.leaving for a in check.agents]),
        "c": text(check.c),
        "hypothesis": check.hypothesis,
        "lie": _by_agent(names, [a.lie for a in check.agents]),
        "lie_of_others": text(check.lie_of_others),
        "lie_of_others_at_most": text(check.lie_of_others_at_most),
        "ratio": None if check.ratio is None else text(check.ratio),
        "equilibrium": check.equilibrium,
        "implemented": text(check.implemented),
        "implemented_at_least": text(check.implemented_at_least),
        "first_lie": {name: [text(p) for p in a.law] for name, a in zip(names, check.agents, strict=True)},
        "lies_from": {
            name: [_path(model, n, h) for h in sorted(a.lies_from, key=lambda h: (len(h), h))[:MAX_LISTED]]
            for n, (name, a) in enumerate(zip(names, check.agents, strict=True))
        },
    }


def _known(known: Known, model: StatisticalModel) -> Document:
    return {
        "c": text(known.c),
        "hypothesis": known.hypothesis,
        "worst": {
            name: {
                "leaving": text(w.probability),
                "law": [[_path(model, n, path), text(p)] for path, p in list(w.law.items())[:MAX_LISTED]],
                "certificate": {
                    "constant": text(w.constant),
                    "lower": {s.name: text(y) for s, y in zip(model.known, w.lower, strict=True)},
                    "upper": {s.name: text(y) for s, y in zip(model.known, w.upper, strict=True)},
                },
            }
            for n, (name, w) in enumerate(zip(model.agent_names, known.worst, strict=True))
        },
    }


def _path(model: StatisticalModel, n: int, path: Path) -> str:
    types = model.dated[0].agents[n].types
    return ", ".join(types[u] for u in path)


def _averages(found: Averages, names: Sequence[str]) -> Document:
    return {
        "costs": _by_agent(names, found.costs),
        "cost": text(found.cost),
        "surplus": text(found.surplus),
        "first_best": text(found.first_best),
        "ratio": None if found.ratio is None else text(found.ratio),
        "inside": text(found.inside),
    }


def _budgets(found: BudgetComparison, model: StatisticalModel) -> Document:
    agents = model.dated[0].agents
    return {
        "counts": {
            a.name: dict(zip(a.types, counts, strict=True)) for a, counts in zip(agents, found.counts, strict=True)
        },
        "first_best": text(found.first_best),
        "budgets": {"surplus": None if found.budgets is None else text(found.budgets), "cost": "0"},
        "linked_vcg": {"surplus": text(found.linked.surplus), "cost": text(found.linked.cost)},
        "linked_vcg_on_budgets": {"surplus": text(found.on_budgets.surplus), "cost": text(found.on_budgets.cost)},
        "unlinked_vcg": {"surplus": text(found.unlinked.surplus), "cost": text(found.unlinked.cost)},
    }


def _curve(curve: RatioCurve) -> Document:
    return {"points": list(map(_point, curve.points)), "seed": curve.seed, "stopped": curve.stopped}


def _point(point: RatioPoint) -> Document:
    return {
        "agents": point.agents,
        "ratio": point.ratio,
        "stderr": point.stderr,
        "interval": list(point.interval),
        "cost": point.cost,
        "surplus": point.surplus,
        "samples": point.samples,
        "outside": point.outside,
        "unlinked_ratio": text(point.unlinked),
        "calibrated": None if point.calibrated is None else _calibrated(point.calibrated),
        "hypothesis": point.hypothesis,
        "seconds": round(point.seconds, 3),
    }
