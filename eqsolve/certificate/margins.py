"""Bounds from how often each agent announces what, where joint histograms are too many to be listed.

Let w be what the other active agents announce on a problem. If a function c of w is at least Σ_j y_j(w_j) + d, its sum
over the problems is at least K d + Σ_j Σ_v b_j(v) y_j(v) for the histograms b_j that they announce, which keep to their
budgets; and likewise from above.

- *Floor*: label-free play with mean lie table τ gets Σ_w H(w) c(w) / K² with c(w) = Σ_uv τ[u][v] g_i(u; v, w).
- *Ceiling*: for any numbers σ[u][v], g_i(u; v, w) <= α(u, w) + σ[u][v] with α(u, w) = max over v of
  g_i(u; v, w) - σ[u][v]. Agent i's types are independent of the others' messages, so the first part is worth c(w) =
  Σ_u P(u) α(u, w) on average; the second is worth at most what the best message is against σ alone, which multipliers
  bound.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from eqsolve.certificate.bounds import FLOOR, Worth, dual_bound, mean_table, worth_by_announced
from eqsolve.certificate.game import Game, Vector
from eqsolve.certificate.reading import Invalid, afford, entries, fields, figure, members, rational, shown


def check_margins(game: Game, i: int, side: str, value: Fraction, evidence: Any) -> None:
    """That every equilibrium pays agent i at least (floor) or at most (ceiling) this value.

    Raises
    ------
    Invalid
        If the evidence does not show it.
    """
    size = len(game.agents[i].types)
    afford(math.prod(len(game.announceable(j)) for j in game.active if j != i) * size * size, "all announced profiles")
    worth = worth_by_announced(game, i)
    bound = _secured(game, i, worth, evidence) if side == FLOOR else _allowed(game, i, worth, evidence)
    if bound < value if side == FLOOR else bound > value:
        name = shown(game.agents[i].name)
        raise Invalid(f"agent {name}: the evidence shows a {side} of {figure(bound)}, not {figure(value)}")


def _secured(game: Game, i: int, worth: Worth, evidence: Any) -> Fraction:
    _, block, priced = fields(evidence, "kind", "tables", "prices")
    prices = _prices(game, i, priced)
    table = mean_table(game, i, block)
    gaps = []
    for w, rows in worth.items():
        mean = sum(
            (t * g for ts, gs in zip(table, rows, strict=True) for t, g in zip(ts, gs, strict=True)), Fraction(0)
        )
        gaps.append(mean - _cost(prices, w))
    least = sum((_total(game, j, row, least=True) for j, row in prices.items()), Fraction(0))
    return (game.copies * min(gaps) + least) / game.copies**2


def _allowed(game: Game, i: int, worth: Worth, evidence: Any) -> Fraction:
    _, block, duals, priced = fields(evidence, "kind", "values", "duals", "prices")
    prices = _prices(game, i, priced)
    agent = game.agents[i]
    values = [[rational(q) for q in entries(row, "values")] for row in entries(block, "values")]
    if len(values) != len(agent.types) or any(len(row) != len(agent.types) for row in values):
        raise Invalid("values: expected a row of numbers per true type, one per announced type")
    gaps = []
    for w, rows in worth.items():
        mean = sum(
            (p * max(rows[u][v] - values[u][v] for v in game.announceable(i)) for u, p in enumerate(agent.prior) if p),
            Fraction(0),
        )
        gaps.append(mean - _cost(prices, w))
    most = sum((_total(game, j, row, least=False) for j, row in prices.items()), Fraction(0))
    own = dual_bound(game, i, {(): game.copies}, {(): values}, duals)
    return max(gaps) + most / game.copies + own


def _prices(game: Game, i: int, block: Any) -> dict[int, list[Fraction]]:
    """A price for every announcement of every other active agent."""
    told = members(block, "prices")
    others = [j for j in game.active if j != i]
    if set(told) != {game.agents[j].name for j in others}:
        raise Invalid("prices: expected a list for every other active agent")
    prices = {j: [rational(q) for q in entries(told[game.agents[j].name], "prices")] for j in others}
    if any(len(row) != len(game.agents[j].types) for j, row in prices.items()):
        raise Invalid("prices: expected a number per announced type")
    return prices


def _cost(prices: dict[int, list[Fraction]], w: Vector) -> Fraction:
    return sum((row[v] for row, v in zip(prices.values(), w, strict=True)), Fraction(0))


def _total(game: Game, j: int, prices: list[Fraction], *, least: bool) -> Fraction:
    """The least or largest cost of a message of agent j: in every part of the budget the cheapest or dearest type."""
    choose = min if least else max
    best = [choose(prices[v] for v in ration.types) for ration in game.agents[j].budget]
    totals = game.agents[j].totals(game.copies)
    return choose(sum((n * p for n, p in zip(counts, best, strict=True)), Fraction(0)) for counts in totals)
