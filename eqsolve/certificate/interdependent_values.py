"""Models with interdependent values as certificates tell them, with their values and the efficient rule."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from eqsolve.certificate.reading import Invalid, afford, entries, fields, rational, shown, whole, word

INTERDEPENDENT = "interdependent"
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
                lottery = self.lottery(joined(others, i, t))
                worth += chance * self.given(i, others, lottery)
                for k, p in lottery.items():
                    chances[k] += chance * p
        return chances, worth


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


def joined(others: Signal, i: int, t: int) -> Signal:
    """Profile from the others' signals and agent i's."""
    return (*others[:i], t, *others[i:])


def place_of(value: Any, size: int) -> int:
    """Number of a signal, below the number of signals."""
    place = whole(value, "signals")
    if place >= size:
        raise Invalid(f"signals: found number {place}, expected one below {size}")
    return place
