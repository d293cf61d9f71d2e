"""Verdicts on claims as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from eqsolve.claims.verdict import Interval, Verdict
from eqsolve.exact.rational import text
from eqsolve.io.result_json import by_agent, entry_json
from eqsolve.linking import LinkedGame


def verdicts_json(verdicts: Sequence[Verdict], model: str, stopped: str | None = None) -> dict[str, Any]:
    """Verdicts as a JSON document.

    Parameters
    ----------
    verdicts : sequence of Verdict
    model : str
        What the model is called.
    stopped : str, optional
        Why claims are missing at the end.
    """
    return {"model": model, "stopped": stopped, "claims": [_verdict(v) for v in verdicts]}


def _verdict(v: Verdict) -> dict[str, Any]:
    return {
        "says": v.claim.says,
        "of": v.claim.of if v.claim.says == "payoff" else None,
        "copies": v.game.copies,
        "where": v.claim.where,
        "verdict": v.verdict,
        "method": v.method,
        "caveat": v.caveat,
        "fewest_lies": v.fewest_lies,
        "floor": by_agent(v.game, v.floor),
        "ceiling": by_agent(v.game, v.ceiling),
        "bracket": _intervals(v.game, v.bracket),
        "found": _intervals(v.game, v.found),
        "computed": by_agent(v.game, v.computed),
        "printed": dict(v.claim.printed) or None,
        "witnesses": [entry_json(v.game, e) for e in v.witnesses],
        "certified": bool(v.certificates),
        "stopped": v.stopped,
    }


def _intervals(game: LinkedGame, intervals: Iterable[Interval]) -> dict[str, list[str | None]]:
    return {a.name: [_text(lo), _text(hi)] for a, (lo, hi) in zip(game.problem.agents, intervals, strict=True)}


def _text(value: Fraction | None) -> str | None:
    return None if value is None else text(value)
