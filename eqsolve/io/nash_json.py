"""Equilibria of plain games as JSON: exact rationals are strings, irrational numbers lie between two of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eqsolve.engines.equilibrium_set import MixedEquilibrium, Value
from eqsolve.exact.rational import text
from eqsolve.plain.result import NashResult


def nash_json(result: NashResult) -> dict[str, Any]:
    """A result as a JSON document.

    Parameters
    ----------
    result : NashResult

    Returns
    -------
    dict
        ``nearest`` and ``optimum`` are null where there are none.
    """
    nearest, optimum = result.nearest, result.optimum
    return {
        "title": result.game.title,
        "players": list(result.game.players),
        "strategies": [list(labels) for labels in result.game.strategies],
        "method": result.method,
        "equilibria": [_entry(e) for e in result.equilibria],
        "subsets": [list(s) for s in result.subsets],
        "components": [list(c) for c in result.components],
        "complete": result.complete,
        "stopped": result.stopped,
        "optimum": None
        if optimum is None
        else {
            "objective": optimum.objective,
            "value": text(optimum.value),
            "bound": text(optimum.bound),
            "proved": optimum.proved,
        },
        "nearest": None
        if nearest is None
        else {
            "strategies": _table(nearest.strategies),
            "payoffs": _numbers(nearest.payoffs),
            "regrets": _numbers(nearest.regrets),
        },
        "notes": list(result.notes),
        "seconds": round(result.seconds, 3),
    }


def _entry(e: MixedEquilibrium) -> dict[str, Any]:
    return {"strategies": _table(e.strategies), "payoffs": _numbers(e.payoffs)}


def _table(strategies: Sequence[Sequence[Value]]) -> list[list[str | dict[str, str]]]:
    return [_numbers(strategy) for strategy in strategies]


def _numbers(values: Sequence[Value]) -> list[str | dict[str, str]]:
    return [{"lo": text(v[0]), "hi": text(v[1])} if isinstance(v, tuple) else text(v) for v in values]
