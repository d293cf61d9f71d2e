"""Evidence that every Bayesian equilibrium pays an agent at least, or at most, so much.

All that counts of the others' messages is their *joint histogram* H: on how many problems the active ones announce
each profile. The checker lists all that the budgets admit.

- *label-free* (floor): an agent that shuffles the problems meets every H as if it were spread evenly. What its mean lie
  table secures against the worst H, it gets in every equilibrium.
- *informed* (ceiling): payoffs are convex in what the others announce, so no equilibrium pays more than a best response
  to known messages. Of these only H counts, and any multipliers bound the value of the transportation problem.
- *bystander* (both): an agent whose own announcements do not move its payoff gets what H gives it.
"""

from __future__ import annotations

import importlib
import itertools
import math
import operator
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from eqsolve.certificate.game import Agent, Game, Vector, deal
from eqsolve.certificate.reading import (
    MAX_LISTED,
    Invalid,
    afford,
    entries,
    fields,
    figure,
    members,
    rational,
    shown,
    whole,
    word,
)

MAX_JOINT_HISTOGRAMS = 50_000
FLOOR, CEILING = "floor", "ceiling"
Joint = dict[Vector, int]
"""On how many problems the other active agents announce each profile of types."""
Worth = Mapping[Vector, Sequence[Sequence[Fraction]]]
"""What announcing v is worth to a true type u, by what the others announce."""
_MODULES = {
    "tree": ("eqsolve.certificate.tree", "check_tree"),
    "joint-law": ("eqsolve.certificate.joint_law", "check_joint_law"),
    "margins": ("eqsolve.certificate.margins", "check_margins"),
}


def check_bound(game: Game, i: int, side: str, value: Fraction, evidence: Any) -> None:
    """That every equilibrium pays agent i at least (floor) or at most (ceiling) this value.

    Raises
    ------
    Invalid
        If the evidence does not show it.
    """
    kind = word(members(evidence, side).get("kind"), "kind of evidence")
    if kind in _MODULES:
        module, function = _MODULES[kind]
        try:
            check = getattr(importlib.import_module(module), function)
        except ModuleNotFoundError:
            raise Invalid(f"unknown kind {shown(kind)} of a {side}") from None
        check(game, i, side, value, evidence)
        return
    if kind == "label-free" and side == FLOOR:
        shown_value = _secured(game, i, evidence)
    elif kind == "informed" and side == CEILING:
        shown_value = _informed(game, i, evidence)
    elif kind == "bystander":
        shown_value = _bystander(game, i, side, evidence)
    else:
        raise Invalid(f"unknown kind {shown(kind)} of a {side}")
    if shown_value < value if side == FLOOR else shown_value > value:
        name = shown(game.agents[i].name)
        raise Invalid(f"agent {name}: the evidence shows a {side} of {figure(shown_value)}, not {figure(value)}")


def joint_histograms(game: Game, i: int) -> list[Joint]:
    """All joint histograms of the announcements of the active agents other than i."""
    found: list[Joint] = [{(): game.copies}]
    for j in game.active:
        if j == i:
            continue
        longer: list[Joint] = []
        for joint in found:
            longer += _split(game.agents[j], joint)
            if len(longer) > MAX_JOINT_HISTOGRAMS:
                raise Invalid(f"the others have more than {MAX_JOINT_HISTOGRAMS:,} joint histograms")
        found = longer
    return found


def _split(agent: Agent, joint: Joint) -> list[Joint]:
    """Every way in which one more agent may announce, cell by cell, so that its budget is kept in the end."""
    partial: list[tuple[Joint, Vector]] = [({}, (0,) * len(agent.budget))]
    left = sum(joint.values())
    for w, count in joint.items():
        left -= count
        longer: list[tuple[Joint, Vector]] = []
        for cells, used in partial:
            for shares in deal(count, [r.most - c for r, c in zip(agent.budget, used, strict=True)]):
                total = tuple(c + s for c, s in zip(used, shares, strict=True))
                if sum(max(0, r.least - c) for r, c in zip(agent.budget, total, strict=True)) > left:
                    continue
                for counts in agent.spread(shares):
                    longer.append((cells | {(*w, v): c for v, c in enumerate(counts) if c}, total))
                    if len(longer) > MAX_JOINT_HISTOGRAMS:
                        raise Invalid(f"the others have more than {MAX_JOINT_HISTOGRAMS:,} joint histograms")
        partial = longer
    return [cells for cells, _ in partial]


def worth_by_announced(game: Game, i: int) -> dict[Vector, list[list[Fraction]]]:
    """g_i(u; v, w) for every profile w that the other active agents may announce: rows u, columns v."""
    types = range(len(game.agents[i].types))
    told = itertools.product(*(game.announceable(j) for j in game.active if j != i))
    return {w: [[game.values[i][u, game.profile(i, v, w)] for v in types] for u in types] for w in told}


def histogram_law(agent: Agent, draws: int) -> list[tuple[Vector, int]]:
    """Histograms of independent draws of a type, with probabilities times D^draws, D the prior's common denominator."""
    scale = math.lcm(*(p.denominator for p in agent.prior))
    chances = [int(p * scale) for p in agent.prior]
    ways, digits = math.comb(draws + len(agent.possible) - 1, draws), draws * scale.bit_length()
    afford(ways, f"the histograms of agent {shown(agent.name)}'s types", MAX_LISTED)
    afford(ways * (1 + digits // 64), f"the histograms of agent {shown(agent.name)}'s types")
    found = []
    for histogram in deal(draws, [draws if p else 0 for p in chances]):
        weight, rest = 1, draws
        for count, chance in zip(histogram, chances, strict=True):
            weight *= math.comb(rest, count) * chance**count
            rest -= count
        found.append((histogram, weight))
    return found


# Floors


def mean_table(game: Game, i: int, block: Any) -> list[list[Fraction]]:
    """Mean lie table of a label-free strategy: a table for every histogram of true types, fractions allowed.

    Rows are true, columns announced types. Tables within the margins are mixtures of integer ones, so a strategy that
    mixes over messages has them.
    """
    agent, copies = game.agents[i], game.copies
    size = len(agent.types)
    tables: dict[Vector, list[list[Fraction]]] = {}
    for entry in entries(block, "tables"):
        told, cells = fields(entry, "histogram", "table")
        histogram = tuple(whole(c, "histogram") for c in entries(told, "histogram"))
        table = [[rational(c) for c in entries(row, "table")] for row in entries(cells, "table")]
        if len(table) != size or any(len(row) != size or min(row) < 0 for row in table):
            raise Invalid(f"table at {histogram}: expected {size} rows and columns of numbers, at least 0")
        if [sum(row) for row in table] != list(histogram) or histogram in tables:
            raise Invalid(f"table at {histogram}: its rows do not sum to the histogram, or it comes twice")
        for ration in agent.budget:
            if not ration.least <= sum(row[v] for row in table for v in ration.types) <= ration.most:
                raise Invalid(f"table at {histogram}: its columns break the budget")
        tables[histogram] = table
    law = histogram_law(agent, copies)
    if set(tables) != {h for h, _ in law}:
        raise Invalid(f"found tables for {len(tables)} histograms, expected the {len(law)} of positive probability")
    scale = math.lcm(*(p.denominator for p in agent.prior)) ** copies
    types = range(size)
    return [[sum((w * tables[h][u][v] for h, w in law), Fraction(0)) / scale for v in types] for u in types]


def _secured(game: Game, i: int, evidence: Any) -> Fraction:
    """The least over H of Σ_w H(w) Σ_uv τ[u][v] g_i(u;v,w) / K², for the mean lie table τ."""
    _, block = fields(evidence, "kind", "tables")
    table = mean_table(game, i, block)
    gain = {
        w: sum((t * g for ts, gs in zip(table, rows, strict=True) for t, g in zip(ts, gs, strict=True)), Fraction(0))
        for w, rows in worth_by_announced(game, i).items()
    }
    worst = min(sum((c * gain[w] for w, c in joint.items()), Fraction(0)) for joint in joint_histograms(game, i))
    return worst / game.copies**2


def _bystander(game: Game, i: int, side: str, evidence: Any) -> Fraction:
    """The least or largest payoff over H, of an agent whose own announcements do not move its payoff."""
    fields(evidence, "kind")
    agent, own = game.agents[i], game.announceable(i)
    worth = worth_by_announced(game, i)
    if any(rows[u][v] != rows[u][own[0]] for rows in worth.values() for u in agent.possible for v in own):
        raise Invalid(f"agent {shown(agent.name)} is no bystander: its own announcements move its payoff")
    mean = {w: sum((p * row[own[0]] for p, row in zip(agent.prior, rows, strict=True)), Fraction(0))
            for w, rows in worth.items()}  # fmt: skip
    payoffs = [sum((c * mean[w] for w, c in joint.items()), Fraction(0)) for joint in joint_histograms(game, i)]
    return (min if side == FLOOR else max)(payoffs) / game.copies


# Ceilings


def _informed(game: Game, i: int, evidence: Any) -> Fraction:
    """The largest bound over H; every H needs its multipliers."""
    _, block = fields(evidence, "kind", "families")
    others = [game.agents[j] for j in game.active if j != i]
    worth = worth_by_announced(game, i)
    listed = joint_histograms(game, i)
    afford(sum(_states(game.agents[i], joint) for joint in listed), "the best responses to all joint histograms")
    missing = {frozenset(joint.items()) for joint in listed}
    bounds = []
    for family in entries(block, "families"):
        cells, duals = fields(family, "joint", "duals")
        joint = _joint(others, cells)
        if frozenset(joint.items()) not in missing:
            raise Invalid("a joint histogram that the budgets do not admit, or that comes twice")
        missing.remove(frozenset(joint.items()))
        bounds.append(dual_bound(game, i, joint, worth, duals))
    if missing:
        raise Invalid(f"{len(missing):,} joint histograms are left out")
    return max(bounds)


def _joint(others: Sequence[Agent], block: Any) -> Joint:
    """A joint histogram, written as [[[announced type of each other active agent], count], ...]."""
    found: Joint = {}
    for cell in entries(block, "joint"):
        if len(entries(cell, "joint")) != 2 or len(entries(cell[0], "joint")) != len(others):
            raise Invalid("joint: expected a list of a type per other active agent, and a count")
        if any(name not in a.types for a, name in zip(others, cell[0], strict=True)):
            raise Invalid(f"joint: {shown(', '.join(map(str, cell[0])))} is no profile of the other active agents")
        w = tuple(a.types.index(name) for a, name in zip(others, cell[0], strict=True))
        if w in found:
            raise Invalid("joint: a profile comes twice")
        found[w] = whole(cell[1], "joint", 1)
    return found


def dual_bound(game: Game, i: int, joint: Joint, worth: Worth, block: Any) -> Fraction:
    """A bound on agent i's payoff when it knows what is announced on each problem: `joint`, of that `worth`.

    With n[w][u] problems of announced profile w and true type u, and totals B of the rations, no admissible message is
    worth more than Σ n[w][u] rows[w][u] + Σ_r B_r max of columns[v] over the types v of ration r, for any multipliers
    with rows[w][u] + columns[v] >= worth[w][u][v]. The counts n[w] are independent and multinomial.
    """
    agent = game.agents[i]
    duals = [_dual(game, i, joint, worth, dual) for dual in entries(block, "duals")]
    if not duals:
        raise Invalid("duals: found none")
    afford(_states(agent, joint) * len(duals), f"the best responses of agent {shown(agent.name)}")
    scale = math.lcm(*(q.denominator for rows, columns in duals for q in itertools.chain(columns, *rows)))
    shared = [
        [int(scale * _shared(agent, totals, columns)) for _, columns in duals] for totals in agent.totals(game.copies)
    ]
    prices = [[[int(scale * q) for q in rows[k]] for rows, _ in duals] for k in range(len(joint))]
    total = sum(
        weight * max(min(map(operator.add, score, offer)) for offer in shared)
        for score, weight in _score_law(agent, list(joint.values()), prices)
    )
    return Fraction(total, scale * math.lcm(*(p.denominator for p in agent.prior)) ** game.copies * game.copies)


def _states(agent: Agent, joint: Joint) -> int:
    """Number of ways to draw the true types behind every announced profile."""
    return math.prod(math.comb(count + len(agent.possible) - 1, count) for count in joint.values())


def _shared(agent: Agent, totals: Vector, columns: Sequence[Fraction]) -> Fraction:
    """The most that the announcements can cost, when the rations have these totals."""
    return sum((b * max(columns[v] for v in r.types) for b, r in zip(totals, agent.budget, strict=True)), Fraction(0))


def _score_law(
    agent: Agent, counts: Sequence[int], prices: Sequence[Sequence[Sequence[int]]]
) -> Iterator[tuple[Sequence[int], int]]:
    """Law of Σ_w Σ_u n[w][u] prices[w][d][u], for every d at once, as (scores, probability times a scale)."""
    parts = []
    for count, rows in zip(counts, prices, strict=True):
        part: Counter[Vector] = Counter()
        for histogram, weight in histogram_law(agent, count):
            part[tuple(sum(map(operator.mul, histogram, row)) for row in rows)] += weight
        parts.append(part)
    *some, last = sorted(parts, key=len)
    law: Counter[Vector] = Counter({(0,) * len(prices[0]): 1})
    for part in some:
        afford(len(law) * len(part), f"the best responses of agent {shown(agent.name)}", MAX_LISTED)
        further: Counter[Vector] = Counter()
        for (score, weight), (extra, chance) in itertools.product(law.items(), part.items()):
            further[tuple(map(operator.add, score, extra))] += weight * chance
        law = further
    for (score, weight), (extra, chance) in itertools.product(law.items(), last.items()):
        yield tuple(map(operator.add, score, extra)), weight * chance


def _dual(game: Game, i: int, joint: Joint, worth: Worth, block: Any) -> tuple[list[list[Fraction]], list[Fraction]]:
    """Multipliers, a row of them per profile announced in `joint`: no announcement may be worth more than they say."""
    agent = game.agents[i]
    told, priced = fields(block, "rows", "columns")
    columns = [rational(q) for q in entries(priced, "columns")]
    rows = [[rational(q) for q in entries(row, "rows")] for row in entries(told, "rows")]
    if len(columns) != len(agent.types) or [len(row) for row in rows] != [len(agent.types)] * len(joint):
        raise Invalid("duals: expected a row per announced profile, and a number per type in rows and columns")
    for w, row in zip(joint, rows, strict=True):
        for u, v in itertools.product(agent.possible, game.announceable(i)):
            if row[u] + columns[v] < worth[w][u][v]:
                raise Invalid(
                    f"duals: {figure(row[u])} + {figure(columns[v])} is less than {figure(worth[w][u][v])}, the worth "
                    f"of announcing {shown(agent.types[v])} at {shown(agent.types[u])}"
                )
    return rows, columns


def check_label_free(game: Game, i: int, value: Fraction, evidence: Any) -> None:
    """That every label-free equilibrium pays agent i this value: tables reach it, multipliers allow no more.

    Against label-free opponents on exact budgets an announcement is worth the same on every problem.
    """
    told, duals = fields(evidence, "tables", "duals")
    others = [game.agents[j] for j in game.active if j != i]
    for other in others:
        if any((len(r.types) > 1 and r.most) or r.least < r.most for r in other.budget):
            raise Invalid(f"agent {shown(other.name)} has a loose budget: label-free payoffs may differ")
    counts = [{v: r.least for r in other.budget for v in r.types} for other in others]
    types = range(len(game.agents[i].types))
    mean = [[Fraction(0) for _ in types] for _ in types]
    for w, rows in worth_by_announced(game, i).items():
        chance = math.prod((Fraction(c[v], game.copies) for c, v in zip(counts, w, strict=True)), start=Fraction(1))
        for u, v in itertools.product(types, types):
            mean[u][v] += chance * rows[u][v]
    table = mean_table(game, i, told)
    reached = sum((table[u][v] * mean[u][v] for u in types for v in types), Fraction(0)) / game.copies
    allowed = dual_bound(game, i, {(): game.copies}, {(): mean}, duals)
    if not reached == allowed == value:
        raise Invalid(f"the tables reach {figure(reached)}, the duals allow {figure(allowed)}: not {figure(value)}")
