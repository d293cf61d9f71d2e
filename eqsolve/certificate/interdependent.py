"""Interdependent values: whether transfers support the efficient rule on a grid of signals.

Agents' values of alternatives are linear in everybody's signals, which are independent. The efficient rule takes an
alternative with the largest sum of values. It is supported by transfers if nobody gains by a lie, which is checked for
every lie. It is not if some types of an agent, in a cycle, gain in total by being treated like the next one each: each
gain is at most the difference of two transfers, and these sum to 0.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from eqsolve.certificate.reading import Invalid, afford, entries, fields, figure, rational, shown, whole, word

INTERDEPENDENT = "interdependent"
STATEMENT = "efficient-rule-supported"
BAYESIAN, EX_POST = "bayesian", "ex-post"
ZERO = Fraction(0)

Signal = tuple[int, ...]
Numbers = tuple[Fraction, ...]
Lottery = Mapping[int, Fraction | int]
"""Probabilities of alternatives, none for those that are not taken."""


@dataclass(frozen=True)
class Signals:
    """An agent with its signals and their probabilities."""

    name: str
    coordinates: tuple[str, ...]
    signals: tuple[Numbers, ...]
    probs: Numbers


@dataclass(frozen=True)
class Model:
    """Agents, alternatives, and ``effects[i][k][j]``: what agent j's coordinates add to agent i's value of k."""

    name: str
    alternatives: tuple[str, ...]
    agents: tuple[Signals, ...]
    effects: tuple[tuple[tuple[Numbers, ...], ...], ...]
    constants: tuple[Numbers, ...]
    ties: str

    def added(self, i: int, k: int, j: int, s: int) -> Fraction:
        """What agent j's signal number s adds to agent i's value of alternative k."""
        return sum((a * x for a, x in zip(self.effects[i][k][j], self.agents[j].signals[s], strict=True)), ZERO)


class Tables:
    """Values by signal, multiplied by `scale` so that they are integers, and the efficient rule."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.shape = [len(a.signals) for a in model.agents]
        n, options = range(len(model.agents)), range(len(model.alternatives))
        afford(sum(self.shape) * len(n) * len(options), "the values of all signals")
        exact = [[[[model.added(i, k, j, s) for k in options] for s in range(self.shape[j])] for j in n] for i in n]
        self.scale = math.lcm(
            *(x.denominator for by in exact for table in by for row in table for x in row),
            *(x.denominator for row in model.constants for x in row),
        )
        self.parts = [[[[int(x * self.scale) for x in row] for row in table] for table in by] for by in exact]
        self.constants = [[int(x * self.scale) for x in row] for row in model.constants]
        self.social = [
            [[sum(self.parts[i][j][s][k] for i in n) for k in options] for s in range(self.shape[j])] for j in n
        ]
        self.common = [sum(row[k] for row in self.constants) for k in options]

    def lottery(self, profile: Sequence[int]) -> Lottery:
        """Probabilities of the efficient alternatives at a profile of signals."""
        rows = [self.social[j][s] for j, s in enumerate(profile)]
        sums = [sum(column, start) for start, *column in zip(self.common, *rows, strict=True)]
        top = max(sums)
        best = [k for k, w in enumerate(sums) if w == top]
        if self.model.ties == "first":
            return {best[0]: 1}
        return {k: Fraction(1, len(best)) for k in best}

    def own(self, i: int, s: int, lottery: Lottery) -> Fraction | int:
        """What agent i's signal adds to its own expected value of a lottery."""
        return sum(p * self.parts[i][i][s][k] for k, p in lottery.items())

    def given(self, i: int, others: Signal, lottery: Lottery) -> Fraction | int:
        """Agent i's expected value of a lottery but for its own signal."""
        rest = [j for j in range(len(self.shape)) if j != i]
        return sum(
            p * (self.constants[i][k] + sum(self.parts[i][j][s][k] for j, s in zip(rest, others, strict=True)))
            for k, p in lottery.items()
        )

    def others(self, i: int) -> Iterator[Signal]:
        """Profiles of the others' signals, in lexicographic order."""
        return itertools.product(*(range(size) for j, size in enumerate(self.shape) if j != i))

    def chance(self, i: int, others: Signal) -> Fraction:
        """Probability of the others' signals."""
        rest = [a for j, a in enumerate(self.model.agents) if j != i]
        return math.prod((a.probs[s] for a, s in zip(rest, others, strict=True)), start=Fraction(1))

    def interim(self, i: int, t: int) -> tuple[Lottery, Fraction]:
        """Given agent i's report: probability of each alternative, and its expected value but for its own signal."""
        chances: dict[int, Fraction | int] = dict.fromkeys(range(len(self.model.alternatives)), ZERO)
        worth = ZERO
        for others in self.others(i):
            chance = self.chance(i, others)
            if chance:
                lottery = self.lottery(_joined(others, i, t))
                worth += chance * self.given(i, others, lottery)
                for k, p in lottery.items():
                    chances[k] += chance * p
        return chances, worth


def prove_interdependent(block: Any, statement: Any, evidence: Any) -> tuple[str, str]:
    """What a certificate about interdependent values proves, and what was checked, in words."""
    model = read_model(block)
    says, incentives, verdict = fields(statement, "says", "incentives", "verdict")
    if says != STATEMENT:
        raise Invalid(f"found the statement {shown(says)}, expected {STATEMENT}")
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


def read_model(block: Any) -> Model:
    """The model of a certificate."""
    kind, name, listed, agents, values, ties = fields(block, "kind", "name", "alternatives", "agents", "values", "ties")
    if kind != INTERDEPENDENT or not isinstance(name, str) or ties not in ("first", "uniform"):
        raise Invalid('expected kind "interdependent", a name, and ties "first" or "uniform"')
    alternatives = tuple(word(a, "alternatives") for a in entries(listed, "alternatives"))
    people = tuple(_agent(part) for part in entries(agents, "agents"))
    for found, what in ((alternatives, "alternatives"), ([a.name for a in people], "agents")):
        if not found or len(set(found)) < len(found):
            raise Invalid(f"{what}: expected distinct names, at least one")
    rows = entries(values, "values")
    if len(rows) != len(people) or any(len(entries(row, "values")) != len(alternatives) for row in rows):
        raise Invalid("values: expected a list per agent with an entry per alternative")
    effects, constants = [], []
    for row in rows:
        parts = [fields(entry, "constant", "effects") for entry in row]
        constants.append(tuple(rational(constant) for constant, _ in parts))
        effects.append(tuple(_effects(people, block) for _, block in parts))
    return Model(name, alternatives, people, tuple(effects), tuple(constants), ties)


def _agent(block: Any) -> Signals:
    name, coordinates, signals, probs = fields(block, "name", "coordinates", "signals", "probs")
    names = tuple(word(c, "coordinates") for c in entries(coordinates, "coordinates"))
    points = tuple(tuple(rational(x) for x in entries(s, "signals")) for s in entries(signals, "signals"))
    law = tuple(rational(p) for p in entries(probs, "probs"))
    if not points or len(set(points)) < len(points) or any(len(s) != len(names) for s in points):
        raise Invalid(f"agent {shown(name)}: expected distinct signals with a number per coordinate")
    if len(law) != len(points) or min(law) < 0 or sum(law) != 1:
        raise Invalid(f"agent {shown(name)}: expected a probability per signal, together 1")
    return Signals(word(name, "agent"), names, points, law)


def _effects(agents: Sequence[Signals], block: Any) -> tuple[Numbers, ...]:
    found = tuple(tuple(rational(x) for x in entries(row, "effects")) for row in entries(block, "effects"))
    if [len(row) for row in found] != [len(a.coordinates) for a in agents]:
        raise Invalid("effects: expected a list per agent with a number per coordinate")
    return found


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
            lotteries = [tables.lottery(_joined(others, i, t)) for t in range(size)]
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
    signals = [_place(s, tables.shape[i]) for s in entries(listed, "signals")]
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
        others = tuple(_place(s, size) for s, size in zip(rest, sizes, strict=True))
        chances = [tables.lottery(_joined(others, i, s)) for s in signals]
    following = [*chances[1:], chances[0]]
    exchanged = zip(signals, chances, following, strict=True)
    total = sum((tables.own(i, s, b) - tables.own(i, s, a) for s, a, b in exchanged), ZERO)
    gain = Fraction(total) / tables.scale
    if gain <= 0:
        raise Invalid(f"cycle: the types gain {figure(gain)} in total, expected more than 0")
    return i, signals, gain


def _joined(others: Signal, i: int, t: int) -> Signal:
    return (*others[:i], t, *others[i:])


def _place(value: Any, size: int) -> int:
    place = whole(value, "signals")
    if place >= size:
        raise Invalid(f"signals: found number {place}, expected one below {size}")
    return place


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
