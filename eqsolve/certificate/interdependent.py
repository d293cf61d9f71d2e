"""Interdependent values: whether transfers support the efficient rule on a grid of signals.

Agents' values of alternatives are linear in everybody's signals, which are independent. The efficient rule takes an
alternative with the largest sum of values. It is supported by transfers if nobody gains by a lie, which is checked for
every lie. It is not if some types of an agent, in a cycle, gain in total by being treated like the next one each: each
gain is at most the difference of two transfers, and these sum to 0.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from eqsolve.certificate.interdependent_bound import BOUNDED, prove_bound
from eqsolve.certificate.interdependent_values import (
    BAYESIAN,
    EX_POST,
    ZERO,
    Lottery,
    Tables,
    joined,
    place_of,
    read_model,
)
from eqsolve.certificate.reading import Invalid, afford, entries, fields, figure, rational, shown

STATEMENT = "efficient-rule-supported"


def prove_interdependent(block: Any, statement: Any, evidence: Any) -> tuple[str, str]:
    """What a certificate about interdependent values proves, and what was checked, in words."""
    model = read_model(block)
    if isinstance(statement, dict) and statement.get("says") == BOUNDED:
        return prove_bound(Tables(model), statement, evidence)
    says, incentives, verdict = fields(statement, "says", "incentives", "verdict")
    if says != STATEMENT:
        raise Invalid(f"found the statement {shown(says)}, expected {STATEMENT} or {BOUNDED}")
    if incentives not in (BAYESIAN, EX_POST):
        raise Invalid(f"incentives: found {shown(incentives)}, expected {BAYESIAN} or {EX_POST}")
    tables = Tables(model)
    name = shown(model.name) if model.name else "a model with interdependent values"
    where = f"In {name}, {' × '.join(map(str, tables.shape))} signals"
    stage = "in expectation over the others' signals" if incentives == BAYESIAN else "whatever the others' signals are"
    if verdict == "proved":
        (blocks,) = fields(evidence, "transfers")
        (_check_bayesian if incentives == BAYESIAN else _check_ex_post)(tables, blocks)
        return (
            f"{where}: with transfers nobody gains by a lie under the efficient rule, {stage}.",
            "Transfers were tried against every lie.",
        )
    if verdict != "refuted":
        raise Invalid(f"verdict: found {shown(verdict)}, expected proved or refuted")
    i, signals, gain = _check_cycle(tables, incentives, evidence)
    return (
        f"{where}: no transfers keep agent {shown(model.agents[i].name)} from lying under the efficient rule, {stage}.",
        f"{len(signals)} types, each treated like the next one, gain {figure(gain)} in total, whatever is paid.",
    )


def _check_bayesian(tables: Tables, blocks: Any) -> None:
    """That transfers, one per signal of each agent, make every lie useless in expectation."""
    paid = _by_agent(tables, blocks)
    n, options = len(tables.shape), len(tables.model.alternatives)
    afford(math.prod(tables.shape) * n * (n + 1) * options, "the expectations of all reports")
    afford(sum(size**2 for size in tables.shape) * options, "the lies of all agents")
    for i, agent in enumerate(tables.model.agents):
        amounts = _amounts(paid[i], tables.shape[i], tables.scale)
        interim = [tables.interim(i, t) for t in range(tables.shape[i])]
        for s in range(tables.shape[i]):
            if agent.probs[s]:
                worth = [
                    tables.own(i, s, chances) + given + x for (chances, given), x in zip(interim, amounts, strict=True)
                ]
                if max(worth) > worth[s]:
                    t = worth.index(max(worth))
                    raise Invalid(_lie(tables, i, s, t, (worth[t] - worth[s]) / tables.scale))


def _check_ex_post(tables: Tables, blocks: Any) -> None:
    """That transfers, one per profile for each agent, make every lie useless at every profile."""
    paid = _by_agent(tables, blocks)
    profiles = math.prod(tables.shape)
    n, options = len(tables.shape), len(tables.model.alternatives)
    afford(profiles * n * (n + 1) * options + sum(profiles * size for size in tables.shape), "all lies at all profiles")
    for i, size in enumerate(tables.shape):
        rows = entries(paid[i], "transfers")
        if len(rows) != profiles // size:
            raise Invalid(f"transfers: found {len(rows)} lists, expected one per profile of the others")
        for others, row in zip(tables.others(i), rows, strict=True):
            amounts = _amounts(row, size, tables.scale)
            lotteries = [tables.lottery(joined(others, i, t)) for t in range(size)]
            offers: dict[tuple[tuple[int, Fraction | int], ...], tuple[Fraction, int]] = {}
            for t, (lottery, x) in enumerate(zip(lotteries, amounts, strict=True)):
                key = tuple(lottery.items())
                if key not in offers or x > offers[key][0]:
                    offers[key] = (x, t)
            values = {key: tables.given(i, others, dict(key)) + x for key, (x, _) in offers.items()}
            for s in range(size):
                honest = tables.own(i, s, lotteries[s]) + tables.given(i, others, lotteries[s]) + amounts[s]
                for key, worth in values.items():
                    gain = tables.own(i, s, dict(key)) + worth - honest
                    if gain > 0:
                        raise Invalid(_lie(tables, i, s, offers[key][1], gain / tables.scale))


def _check_cycle(tables: Tables, incentives: str, evidence: Any) -> tuple[int, list[int], Fraction]:
    """Agent, signals and total gain of a cycle of types."""
    (cycle,) = fields(evidence, "cycle")
    names = [a.name for a in tables.model.agents]
    keys = ("agent", "signals") if incentives == BAYESIAN else ("agent", "others", "signals")
    name, *situation, listed = fields(cycle, *keys)
    if name not in names:
        raise Invalid(f"cycle: found the agent {shown(name)}, expected one of {shown(', '.join(names))}")
    i = names.index(name)
    signals = [place_of(s, tables.shape[i]) for s in entries(listed, "signals")]
    if len(signals) < 2:
        raise Invalid("cycle: expected two signals or more")
    afford(len(signals) * (len(names) + 1) * len(tables.model.alternatives), "the cycle")
    chances: list[Lottery]
    if incentives == BAYESIAN:
        if any(not tables.model.agents[i].probs[s] for s in signals):
            raise Invalid("cycle: found a signal of probability 0")
        n, options = len(tables.shape), len(tables.model.alternatives)
        afford(len(signals) * math.prod(tables.shape) // tables.shape[i] * (n + 1) * options, "expectations")
        chances = [tables.interim(i, s)[0] for s in signals]
    else:
        sizes = [size for j, size in enumerate(tables.shape) if j != i]
        rest = entries(situation[0], "others")
        if len(rest) != len(sizes):
            raise Invalid(f"others: found {len(rest)} signals, expected {len(sizes)}")
        others = tuple(place_of(s, size) for s, size in zip(rest, sizes, strict=True))
        chances = [tables.lottery(joined(others, i, s)) for s in signals]
    following = [*chances[1:], chances[0]]
    exchanged = zip(signals, chances, following, strict=True)
    total = sum((tables.own(i, s, b) - tables.own(i, s, a) for s, a, b in exchanged), ZERO)
    gain = Fraction(total) / tables.scale
    if gain <= 0:
        raise Invalid(f"cycle: the types gain {figure(gain)} in total, expected more than 0")
    return i, signals, gain


def _by_agent(tables: Tables, blocks: Any) -> list[Any]:
    return fields(blocks, *(a.name for a in tables.model.agents))


def _amounts(block: Any, size: int, scale: int) -> list[Fraction]:
    found = [rational(x) * scale for x in entries(block, "transfers")]
    if len(found) != size:
        raise Invalid(f"transfers: found {len(found)}, expected one per signal, {size}")
    return found


def _lie(tables: Tables, i: int, s: int, t: int, gain: Fraction) -> str:
    told, true = ("(" + ", ".join(map(figure, tables.model.agents[i].signals[n])) + ")" for n in (t, s))
    return f"agent {shown(tables.model.agents[i].name)} gains {figure(gain)} by reporting {told} at the signal {true}"
