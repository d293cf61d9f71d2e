"""Results as JSON: exact rationals are strings, agents and types go by their names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from eqsolve.exact.rational import text
from eqsolve.linking import LinkedGame
from eqsolve.solution import Equilibrium, Messages, Solution
from eqsolve.strategy import Strategy


def solution_json(solution: Solution, model: str) -> dict[str, Any]:
    """A solution as a JSON document.

    Parameters
    ----------
    solution : Solution
    model : str
        What the model is called.
    """
    game = solution.game
    efficiency = solution.efficiency
    return {
        "model": model,
        "copies": game.copies,
        "form": solution.form,
        "method": solution.method,
        "scope": solution.scope,
        "complete": solution.complete,
        "stopped": solution.stopped,
        "budgets": {a.name: b.describe() for a, b in zip(game.problem.agents, game.budgets, strict=True)},
        "budget_ties": {a.name: b.ties for a, b in zip(game.problem.agents, game.budgets, strict=True)},
        "gamma": by_agent(game, game.gammas),
        "rule": None
        if efficiency is None
        else {"efficient": efficiency.efficient, "gains": by_agent(game, efficiency.gains)},
        "target": by_agent(game, solution.target),
        "floor": by_agent(game, solution.floor),
        "ceiling": by_agent(game, solution.ceiling),
        "payoffs_unique": solution.payoffs_unique,
        "equilibria": [entry_json(game, e) for e in solution.equilibria],
        "subsets": [list(s) for s in solution.subsets],
        "components": [list(c) for c in solution.components],
        "all_pairs_listed": not solution.shortened,
        "notes": list(solution.notes),
        "seconds": round(solution.seconds, 3),
    }


def by_agent(game: LinkedGame, values: Iterable[Fraction | None]) -> dict[str, str | None]:
    """Numbers keyed by agent; None stays."""
    return {
        a.name: None if value is None else text(value) for a, value in zip(game.problem.agents, values, strict=True)
    }


def entry_json(game: LinkedGame, e: Equilibrium) -> dict[str, Any]:
    """An equilibrium as a JSON object."""
    names = [a.name for a in game.problem.agents]
    found = e.coordination
    entry: dict[str, Any] = {
        "payoffs": by_agent(game, e.payoffs),
        "welfare": text(e.welfare),
        "label_free": e.label_free,
        "truthful": e.truthful,
        "coordination": {
            "verdict": found.verdict,
            "coalitions": [[names[i] for i in coalition] for coalition in found.coalitions],
            "distance": text(found.distance),
            "gain": by_agent(game, found.gain if found.gain is not None else [None] * game.n),
            "edges": [{"from": names[j], "to": names[i], "distance": text(q)} for j, i, q in found.edges],
        },
        "regret": text(e.regret),
        "strategies": None
        if e.strategies is None
        else {n: _strategy(game, i, s) for i, (n, s) in enumerate(zip(names, e.strategies, strict=True))},
        "free": None
        if e.free is None
        else {n: _free(game, i, f) for i, (n, f) in enumerate(zip(names, e.free, strict=True))},
        "lie_tables": None,
    }
    if e.walks is not None:
        entry["walks"] = text(e.walks)
    if e.lie_tables is not None:
        entry["lie_tables"] = {
            n: {
                _histogram(game, i, h): [[list(row) for row in t] for t in tables] for h, tables in found_tables.items()
            }
            for i, (n, found_tables) in enumerate(zip(names, e.lie_tables, strict=True))
        }
    return entry


def _strategy(game: LinkedGame, i: int, strategy: Strategy) -> dict[str, dict[str, str]]:
    return {
        game.vector_name(i, t): {game.vector_name(i, m): text(p) for m, p in messages.items()}
        for t, messages in strategy.plan.items()
    }


def _free(game: LinkedGame, i: int, free: Messages | Mapping[Any, Any]) -> dict[str, list[str]]:
    return {game.vector_name(i, t): [game.vector_name(i, m) for m in messages] for t, messages in free.items()}


def _histogram(game: LinkedGame, i: int, histogram: tuple[int, ...]) -> str:
    """A histogram as text, ``"2 low, 1 high"``."""
    names = game.problem.agents[i].type_names
    return ", ".join(f"{count} {name}" for count, name in zip(histogram, names, strict=True) if count)
