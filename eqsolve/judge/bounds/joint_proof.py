"""Multipliers of the program over joint laws made into a proof: repaired, evaluated exactly, written for a checker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from eqsolve.budget import Budget, Histogram
from eqsolve.exact.rational import common_denominator, text
from eqsolve.judge.bounds.joint_program import JointProgram, target_view
from eqsolve.judge.bounds.joint_sight import Obedience, Sight
from eqsolve.judge.bounds.joint_views import JointTable

Shares = list[list[Fraction]]
"""Per cell of a lie table, how much of it is announced as each type instead."""


@dataclass
class ViewProof:
    """Multipliers of one view, in units of the payoff that is bounded, times its scale.

    Attributes
    ----------
    shares : per `Obedience` the deviation, None where there is none
    functions : per agent seen, a number per table without its announcements
    announced : a number per table of announcements
    """

    sight: Sight
    shares: list[Shares | None]
    functions: list[list[Fraction]]
    announced: list[Fraction]
    bound: Fraction = field(default=Fraction(0))


def prove(program: JointProgram, i: int, sign: int, duals: Sequence[Fraction]) -> tuple[Fraction, list[dict[str, Any]]]:
    """The bound that multipliers prove, whatever they are.

    Parameters
    ----------
    program : JointProgram
    i, sign : the agent, and 1 for an upper, -1 for a lower bound
    duals : one per row of ``program.program(i, sign)``, inequalities first

    Returns
    -------
    bound, views
        Per problem; and the views of the evidence.
    """
    counted = target_view(program.sights, i)
    proofs = evaluated(program, counted, [sign * x for x in program.sights[counted].payoff(i)], duals)
    scale = payoff_scale(program, i)
    copies = program.sights[0].game.copies
    bound = sign * sum((p.bound for p in proofs), Fraction(0)) / (scale * copies)
    return bound, [_written(p, scale) for p in proofs]


def evaluated(program: JointProgram, counted: int, values: Sequence[int], duals: Sequence[Fraction]) -> list[ViewProof]:
    """What multipliers prove of the mean of a function of one view's joint tables: the sum of the views' bounds."""
    n_ub = len(program.upper)
    upper, equal = list(duals[:n_ub]), list(duals[n_ub:])
    proofs = [_admissible(program, v, sight, upper, equal) for v, sight in enumerate(program.sights)]
    if len(proofs) > 1:
        _balance(proofs)
    for v, proof in enumerate(proofs):
        _evaluate(proof, list(values) if v == counted else None)
    return proofs


def payoff_scale(program: JointProgram, i: int) -> int:
    """What `Sight.payoff` multiplies by in the view in which agent i's payoff is counted."""
    sight = program.sights[target_view(program.sights, i)]
    scale = sight.game.active_values[i][1]
    return scale if i in sight.view.seen else scale * common_denominator(sight.game.problem.agents[i].prior)


def _admissible(
    program: JointProgram, v: int, sight: Sight, upper: Sequence[Fraction], equal: Sequence[Fraction]
) -> ViewProof:
    """Multipliers of a view, repaired: deviations that can be played, functions without a mean over own types."""
    shares: list[Shares | None] = []
    for o, first in zip(sight.obedience, program.obedience[v], strict=True):
        chance = sight.view.chance(o.agent, tuple(sum(row) for row in o.table))
        types = o.worth.shape[2]
        rates = [
            [max(Fraction(0), upper[first + k * types + w]) / chance for w in range(types)] for k in range(len(o.cells))
        ]
        shares.append(_playable(rates, o, sight.game.budgets[o.agent]))
    functions = []
    for first, marginal in zip(program.independence[v], sight.marginals, strict=True):
        weights: list[Fraction] = [Fraction(0)] * len(marginal.tables)
        for n, m in enumerate(marginal.index.tolist()):
            weights[m] = sight.weights[n]
        y = [equal[first + m] / weights[m] for m in range(len(weights))]
        functions.append(_centred(y, marginal.law, marginal.given.tolist()))
    announced = [Fraction(0)] * len(sight.view.announced[1])
    if program.shared:
        announced = [equal[program.shared[v] + h] for h in range(len(announced))]
    return ViewProof(sight, shares, functions, announced)


def _centred(y: Sequence[Fraction], law: Sequence[Fraction], given: Sequence[int]) -> list[Fraction]:
    """The function minus its mean given the rest."""
    means: dict[int, Fraction] = {}
    for value, p, rest in zip(y, law, given, strict=True):
        if value:
            means[rest] = means.get(rest, Fraction(0)) + p * value
    return [value - means.get(rest, 0) for value, rest in zip(y, given, strict=True)]


def _playable(rates: Shares, o: Obedience, budget: Budget) -> Shares | None:
    """Shares that keep to the budget exactly, near the given rates; None for no deviation."""
    weight = max(sum(row) for row in rates)
    if not weight:
        return None
    if all(sum(row) == weight for row in rates) and all(
        g.least * weight
        <= sum((c * row[w] for (_, _, c), row in zip(o.cells, rates, strict=True) for w in g.members), Fraction(0))
        <= g.most * weight
        for g in budget.groups
    ):
        return rates
    counts = [[c * q / weight for q in row] for (_, _, c), row in zip(o.cells, rates, strict=True)]
    slack = Fraction(1, 2**36)
    while slack < 1:
        filled = _filled([[(1 - slack) * q for q in row] for row in counts], [c for _, _, c in o.cells], budget)
        if filled is not None:
            return [[weight * q / c for q in row] for (_, _, c), row in zip(o.cells, filled, strict=True)]
        slack *= 4
    return None


def _filled(counts: Shares, rows: Sequence[int], budget: Budget) -> Shares | None:
    """A table above `counts` with these row sums whose columns keep to the budget; None if this way finds none."""
    room = [row - sum(told) for row, told in zip(rows, counts, strict=True)]
    totals = [sum((told[w] for told in counts for w in g.members), Fraction(0)) for g in budget.groups]
    missing = [max(Fraction(0), g.least - t) for g, t in zip(budget.groups, totals, strict=True)]
    spare = sum(room) - sum(missing)
    if min(room) < 0 or spare < 0 or any(t > g.most for g, t in zip(budget.groups, totals, strict=True)):
        return None
    for k, (g, t) in enumerate(zip(budget.groups, totals, strict=True)):
        more = min(spare, g.most - t - missing[k])
        missing[k] += more
        spare -= more
    if spare or not sum(room):
        return counts if not spare else None
    filled = [list(told) for told in counts]
    for told, free in zip(filled, room, strict=True):
        for g, extra in zip(budget.groups, missing, strict=True):
            told[g.members[0]] += free * extra / sum(room)
    return filled


def _balance(proofs: Sequence[ViewProof]) -> None:
    """Make the functions of announcements sum to nothing: the last view that has a table pays for the others."""
    totals: dict[JointTable, Fraction] = {}
    for proof in proofs:
        for table, value in zip(proof.sight.view.announced[1], proof.announced, strict=True):
            totals[table] = totals.get(table, Fraction(0)) + value
    for proof in reversed(proofs):
        for h, table in enumerate(proof.sight.view.announced[1]):
            proof.announced[h] -= totals.pop(table, 0)


def _evaluate(proof: ViewProof, payoff: Sequence[int] | None) -> None:
    """The largest sum over all tables, and by how much it may be lowered where only some histograms attain it.

    A function of all seen agents' histograms of true types has a mean that nobody can move: it is a sum of functions
    that have no mean over one agent's types each, and its mean.
    """
    sight = proof.sight
    numbers = [*proof.announced, *(y for f in proof.functions for y in f)]
    numbers += [q for shares in proof.shares if shares for row in shares for q in row]
    scale = common_denominator(numbers)
    scores = np.array([x * scale for x in payoff] if payoff else [0] * len(sight.weights), dtype=object)
    for o, shares in zip(sight.obedience, proof.shares, strict=True):
        if shares:
            scores[o.where] += _losses(o, shares, scale)
    index = sight.view.announced[0]
    scores -= np.array([int(q * scale) for q in proof.announced], dtype=object)[index]
    for function, marginal in zip(proof.functions, sight.marginals, strict=True):
        scores -= np.array([int(y * scale) for y in function], dtype=object)[marginal.index]
    highest: dict[tuple[Histogram, ...], int] = {}
    chance: dict[tuple[Histogram, ...], Fraction] = {}
    for block, weight, score in zip(sight.view.blocks, sight.weights, scores.tolist(), strict=True):
        highest[block] = max(score, highest.get(block, score))
        chance[block] = weight
    largest = max(highest.values())
    mean = sum((chance[block] * score for block, score in highest.items()), Fraction(0))
    proof.bound = mean / scale
    if mean < largest:
        _spread(proof, {block: Fraction(score, scale) for block, score in highest.items()})


def _losses(o: Obedience, shares: Shares, scale: int) -> Any:
    """What the deviation loses in every table with the lie table, times the scale."""
    whole = np.array([[int(q * scale) for q in row] for row in shares], dtype=object)
    told = np.array([v for _, v, _ in o.cells])
    worth = o.worth.astype(object)
    kept = worth[:, np.arange(len(told)), told] @ whole.sum(axis=1)
    return kept - np.tensordot(worth, whole, axes=([1, 2], [0, 1]))


def _spread(proof: ViewProof, highest: Mapping[tuple[Histogram, ...], Fraction]) -> None:
    """Add to the functions what makes up the difference between `highest` and its mean, agent by agent."""
    view = proof.sight.view
    current = dict(highest)
    for k in reversed(range(len(view.seen))):
        averaged: dict[tuple[Histogram, ...], Fraction] = {}
        for block, value in current.items():
            rest = block[:k]
            averaged[rest] = averaged.get(rest, Fraction(0)) + value * view.chance(view.seen[k], block[k])
        marginal = proof.sight.marginals[k]
        extra = [Fraction(0)] * len(marginal.tables)
        for n, m in enumerate(marginal.index.tolist()):
            block = view.blocks[n][: k + 1]
            extra[m] = current[block] - averaged[block[:k]]
        proof.functions[k] = [y + e for y, e in zip(proof.functions[k], extra, strict=True)]
        current = averaged


def _written(proof: ViewProof, scale: int) -> dict[str, Any]:
    """A view of the evidence: multipliers in true units, zeros left out."""
    view = proof.sight.view
    agents = view.game.problem.agents
    obedience = [
        {
            "agent": agents[o.agent].name,
            "table": [list(row) for row in o.table],
            "shares": [[text(q * view.game.active_values[o.agent][1] / scale) for q in row] for row in shares],
        }
        for o, shares in zip(proof.sight.obedience, proof.shares, strict=True)
        if shares
    ]
    independence = [
        {"agent": agents[j].name, "terms": _terms(marginal.tables, function, scale)}
        for j, marginal, function in zip(view.seen, proof.sight.marginals, proof.functions, strict=True)
        if any(function)
    ]
    return {
        "agents": [agents[j].name for j in view.seen],
        "obedience": obedience,
        "independence": independence,
        "announced": _terms(view.announced[1], proof.announced, scale),
    }


def _terms(tables: Sequence[JointTable], values: Sequence[Fraction], scale: int) -> list[Any]:
    """A function of joint tables where it is not 0."""
    return [
        [[[*cell, n] for cell, n in table], text(value / scale)]
        for table, value in zip(tables, values, strict=True)
        if value
    ]
