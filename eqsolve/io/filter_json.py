"""The correlation filter as JSON: exact figures are strings, bounds and estimates are objects that say so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from eqsolve.exact.rational import text
from eqsolve.filter.audit import Audit
from eqsolve.filter.chances import Bracket, Chance, Estimate
from eqsolve.filter.panel import Panel
from eqsolve.filter.setting import Setting


def setting_json(setting: Setting, model: str | None) -> dict[str, Any]:
    """A filter as a JSON document.

    Parameters
    ----------
    setting : Setting
    model : str, optional
        What the model is called.
    """
    panel = setting.panel
    names = panel.names
    return {
        "model": model,
        "copies": panel.copies,
        "distance": setting.kind,
        "alpha": chance_json(setting.alpha),
        "alpha_bounds": "family" if setting.per_family else "agent",
        "epsilon": text(setting.epsilon),
        "false_alarm": chance_json(setting.false_alarm),
        "family_wise": chance_json(setting.family_wise),
        "power": {
            "complete": chance_json(setting.complete),
            "complete_of": None if setting.coalition is None else [names[i] for i in setting.coalition],
            "plan": chance_json(setting.plan),
            "plan_of": [names[i] for i in setting.members] or None,
        },
        "false_alarms": _by_agent(panel, map(chance_json, setting.false_alarms)),
        "budgets": {
            name: dict(zip(types, budget, strict=True))
            for name, types, budget in zip(names, panel.types, panel.budgets, strict=True)
        },
        "simulation": _simulation(setting),
        "notes": list(setting.notes),
        "stopped": None,
        "seconds": round(setting.seconds, 3),
    }


def unfinished_json(model: str | None, copies: int, kind: str, stopped: str) -> dict[str, Any]:
    """The document of a filter that a limit kept from being set."""
    return {
        "model": model,
        "copies": copies,
        "distance": kind,
        "alpha": None,
        "epsilon": None,
        "false_alarm": None,
        "family_wise": None,
        "power": {"complete": None},
        "stopped": stopped,
    }


def audit_json(audit: Audit, model: str | None) -> dict[str, Any]:
    """An audit of announcements as a JSON document."""
    panel = audit.panel
    return {
        "file": audit.name,
        **setting_json(audit.setting, model),
        "agents": _by_agent(
            panel,
            (
                {"distance": text(d), "p_value": chance_json(p), "adjusted": _number(q), "flagged": flagged}
                for d, p, q, flagged in zip(audit.distances, audit.p_values, audit.adjusted, audit.flags, strict=True)
            ),
        ),
        "family_p_value": chance_json(audit.family_p),
        "comparisons": [
            {
                "agent": panel.names[c.agent],
                "others": [panel.names[j] for j in c.others],
                "distance": text(c.distance),
                "p_value": chance_json(c.p_value),
            }
            for c in audit.comparisons
        ],
        "notes": list(audit.notes),
        "seconds": round(audit.seconds, 3),
    }


def chance_json(chance: Chance | None) -> str | dict[str, Any] | None:
    """A probability: exact as text, proved bounds as ``lo`` and ``hi``, an estimate with its standard error."""
    if isinstance(chance, Bracket):
        return {"lo": text(chance.low), "hi": text(chance.high)}
    if isinstance(chance, Estimate):
        return {"estimate": chance.value, "stderr": chance.stderr, "rounds": chance.rounds}
    return None if chance is None else text(chance)


def _simulation(setting: Setting) -> dict[str, Any] | None:
    if "independent" not in setting.simulations:
        return None
    played = setting.simulations["independent"]
    power: dict[str, Any] = {"complete": None, "plan": None}
    for name, members in (("complete", setting.coalition), ("plan", setting.members)):
        if name in setting.simulations and members:
            power[name] = chance_json(setting.simulations[name].exceeds(members, setting.epsilon))
    return {
        "rounds": played.rounds,
        "seed": played.seed,
        "false_alarms": _by_agent(setting.panel, map(chance_json, played.false_alarm(setting.epsilon))),
        "family_wise": chance_json(played.family_wise(setting.epsilon)),
        "power": power,
    }


def _by_agent(panel: Panel, values: Iterable[Any]) -> dict[str, Any]:
    return dict(zip(panel.names, values, strict=True))


def _number(value: Fraction | float) -> str | float:
    return text(value) if isinstance(value, Fraction) else value


def table_json(points: Sequence[Setting], model: str | None, stopped: str | None, seconds: float) -> dict[str, Any]:
    """Filters for several numbers of problems as one JSON document."""
    return {
        "model": model,
        "points": [setting_json(point, model) for point in points],
        "stopped": stopped,
        "seconds": round(seconds, 3),
    }
