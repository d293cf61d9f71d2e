"""Parts of the set of equilibria in a tree: what may be played there, and what is known of comparisons.

See `eqsolve.certificate.tree` for what it means.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from eqsolve.certificate.game import Game
from eqsolve.certificate.reading import MAX_WORK, Invalid, afford, entries, fields, rational, shown
from eqsolve.certificate.reduction import surviving

POSITIVE, ZERO, NEGATIVE, AT_LEAST_ZERO = 1, 0, -1, 2
Key = int | tuple[int, int]
"""A comparison, or two problems of the order."""
Row = list[int]
Pair = tuple[int, int, int]
"""Type vector and two messages of which the first one is better where a function is positive."""


@dataclass
class Part:
    """What is known in one part. Messages are bits of a number, one number per type vector of both active agents."""

    played: list[list[int]]
    best: list[list[int]]
    known: list[dict[Key, tuple[Row, int]]] = field(default_factory=lambda: [{}, {}])
    instead: list[dict[tuple[int, int], int]] = field(default_factory=lambda: [{}, {}])

    def copy(self) -> Part:
        """An independent copy."""
        return Part(
            [list(p) for p in self.played],
            [list(b) for b in self.best],
            [dict(k) for k in self.known],
            [dict(c) for c in self.instead],
        )

    def stop(self, p: int, t: int, m: int) -> None:
        """Message m is not played at t."""
        self.played[p][t] &= ~(1 << m)
        self.best[p][t] &= ~(1 << m)

    def equalled(self, p: int, t: int, better: int, worse: int) -> None:
        """Message `better` is at least as good as `worse` at t."""
        if not self.played[p][t] >> worse & 1:
            return
        last = better
        while not self.best[p][t] >> last & 1:
            if not self.played[p][t] >> last & 1:
                self.stop(p, t, worse)
                return
            last = self.instead[p][t, last]
        if self.best[p][t] >> worse & 1 and last != worse:
            self.best[p][t] &= ~(1 << worse)
            self.instead[p][t, worse] = better

    def sign(self, p: int, key: Key, row: Row, sign: int, pairs: Iterable[Pair]) -> None:
        """A function of what the other agent announces has this sign; pairs (t, better, worse) are compared by it."""
        self.known[p][key] = row, sign
        for t, better, worse in pairs:
            if sign == ZERO:
                self.equalled(p, t, min(better, worse), max(better, worse))
                self.equalled(p, t, max(better, worse), min(better, worse))
            elif sign == AT_LEAST_ZERO:
                self.equalled(p, t, better, worse)
            else:
                self.stop(p, t, worse if sign == POSITIVE else better)


@dataclass
class Order:
    """Problems sorted by what one of the two agents announces, then by what the other one does."""

    player: int
    first: dict[tuple[int, int], Row]
    then: dict[tuple[int, int], Row]


@dataclass
class Comparison:
    """A gain of one message over another as a function of the other agent's message, and all its positive multiples."""

    player: int
    row: Row
    sign: int
    shape: tuple[int, ...]
    pairs: list[Pair] = field(default_factory=list)


class Players:
    """The two active agents, 0 and 1, with integer payoffs (times `scale`) and integer weights of type vectors."""

    def __init__(self, game: Game) -> None:
        self.game, self.agents = game, game.active
        self.types = [list(game.type_vectors(a)) for a in self.agents]
        self.messages = [game.messages(a) for a in self.agents]
        for p in (0, 1):
            size = len(self.types[p]) * len(self.messages[p]) * len(self.messages[1 - p])
            afford(game.copies * size, "the payoffs of all messages")
        self.weights, self.total = zip(*map(self._weights, (0, 1)), strict=True)
        self.scale, self.payoffs = zip(*map(self._payoffs, (0, 1)), strict=True)

    def player(self, name: Any, what: str) -> int:
        """Which of the two an agent is."""
        agent = self.game.index(name)
        if agent not in self.agents:
            raise Invalid(f"{what}: agent {shown(name)} is not active")
        return self.agents.index(agent)

    def _weights(self, p: int) -> tuple[list[int], int]:
        """Probabilities of agent p's type vectors as integers, and their sum."""
        chances = [self.game.probability(self.agents[p], t) for t in self.types[p]]
        scale = math.lcm(*(q.denominator for q in chances))
        return [int(q * scale) for q in chances], scale

    def _payoffs(self, p: int) -> tuple[int, list[list[Row]]]:
        """Payoffs over all problems at type vector t of announcing m, against every message of the other agent."""
        a, game = self.agents[p], self.game
        scale = math.lcm(*(q.denominator for q in game.values[a].values()))
        cell = {
            (u, v, w): int(game.values[a][u, game.profile(a, v, (w,))] * scale)
            for u in game.agents[a].possible
            for v in game.announceable(a)
            for w in game.announceable(self.agents[1 - p])
        }
        others = self.messages[1 - p]
        table = [
            [[sum(cell[u, v, w] for u, v, w in zip(t, m, n, strict=True)) for n in others] for m in self.messages[p]]
            for t in self.types[p]
        ]
        return scale, table

    def start(self, reduction: Any) -> Part:
        """What is left to play after the reduction."""
        left = surviving(self.game, reduction)
        played = []
        for p, a in enumerate(self.agents):
            place = {m: k for k, m in enumerate(self.messages[p])}
            played.append([sum(1 << place[m] for m in left[a][t]) for t in self.types[p]])
        return Part(played, [list(masks) for masks in played])

    def read_order(self, block: Any) -> Order | None:
        """The order that is supposed, if any."""
        if block is None:
            return None
        name, first, then = fields(block, "agent", "types", "then")
        player = self.player(name, "order")
        return Order(player, self._sorted_by(player, first), self._sorted_by(1 - player, then))

    def _sorted_by(self, p: int, types: Any) -> dict[tuple[int, int], Row]:
        """Per pair of problems k < l: whether a message has one of these types on k, less whether it has on l."""
        names = self.game.agents[self.agents[p]].types
        if any(t not in names for t in entries(types, "order")):
            raise Invalid("order: found a type that the agent does not have")
        chosen = {names.index(t) for t in types}
        problems = range(self.game.copies)
        return {
            (k, later): [(m[k] in chosen) - (m[later] in chosen) for m in self.messages[p]]
            for k in problems
            for later in problems[k + 1 :]
        }

    def read_comparisons(self, block: Any, root: Part) -> list[Comparison]:
        """The functions that the tree speaks of, and all that is compared by each of them."""
        place: list[dict[tuple[int, ...], Comparison]] = [{}, {}]
        found: list[Comparison] = []
        for entry in entries(block, "comparisons"):
            if len(entries(entry, "comparisons")) != 4:
                raise Invalid("comparisons: expected an agent, a type vector and two messages")
            p, t, better, worse = self._compared(*entry)
            row = _difference(self.payoffs[p][t][better], self.payoffs[p][t][worse])
            if not any(row):
                raise Invalid(f"comparison {len(found)}: both messages always pay the same")
            sign, shape = primitive(row)
            if shape in place[p]:
                raise Invalid(f"comparison {len(found)} repeats an earlier one")
            place[p][shape] = Comparison(p, row, sign, shape)
            found.append(place[p][shape])
        for p in (0, 1):
            for t, a, b in self._pairs(p, root):
                row = _difference(self.payoffs[p][t][a], self.payoffs[p][t][b])
                if any(row):
                    sign, shape = primitive(row)
                    same = place[p].get(shape)
                    if same is not None:
                        same.pairs.append((t, a, b) if sign == same.sign else (t, b, a))
        return found

    def _compared(self, name: Any, types: Any, better: Any, worse: Any) -> tuple[int, int, int, int]:
        p = self.player(name, "comparisons")
        t, first, second = (self.game.vector(self.agents[p], text) for text in (types, better, worse))
        if t not in self.types[p] or first not in self.messages[p] or second not in self.messages[p]:
            raise Invalid("comparisons: a type vector that cannot occur, or a message that breaks the budget")
        return p, self.types[p].index(t), self.messages[p].index(first), self.messages[p].index(second)

    def _pairs(self, p: int, root: Part) -> Iterator[Pair]:
        """Type vectors and two messages, one of which may be played."""
        count = len(self.messages[p])
        listed = sum(mask.bit_count() for mask in root.played[p]) * count
        afford(listed * len(self.messages[1 - p]), "the comparisons of all messages", 3 * MAX_WORK)
        for t, mask in enumerate(root.played[p]):
            for a in range(count):
                for b in range(a + 1, count):
                    if (mask >> a | mask >> b) & 1:
                        yield t, a, b


def most(part: Part, players: Players, p: int, function: Row) -> int:
    """Largest value of a function of agent p's messages that its law can have, times the sum of its weights."""
    groups: dict[int, int] = {}
    for mask, weight in zip(part.played[p], players.weights[p], strict=True):
        groups[mask] = groups.get(mask, 0) + weight
    return sum(weight * max(function[m] for m in bits(mask)) for mask, weight in groups.items())


def summed(part: Part, players: Players, p: int, told: Any) -> tuple[Row, int, bool]:
    """Σ q D times an integer, the integer, and whether a multiplier of a strict sign is not 0.

    Multipliers are per unit of payoff; the functions are scaled.
    """
    terms: dict[Key, Fraction] = {}
    for entry in entries(told, "multipliers"):
        if len(entries(entry, "multipliers")) != 2:
            raise Invalid("multipliers: expected pairs of a comparison and a number")
        key = tuple(entry[0]) if isinstance(entry[0], list) else entry[0]
        if isinstance(key, bool) or not isinstance(key, int | tuple) or key not in part.known[p]:
            raise Invalid(f"multipliers: nothing is known of {shown(str(key))} here")
        if key in terms:
            raise Invalid(f"multipliers: {shown(str(key))} comes twice")
        q = rational(entry[1])
        sign = part.known[p][key][1]
        if sign != ZERO and q * sign < 0:
            raise Invalid(f"multipliers: the one of {shown(str(key))} has the wrong sign")
        # functions of the order are shares of problems, not payoffs
        terms[key] = q * players.scale[p] if isinstance(key, tuple) else q
    unit = math.lcm(*(q.denominator for q in terms.values()))
    function = [0] * len(players.messages[1 - p])
    for key, q in terms.items():
        factor = int(q * unit)
        function = [f + factor * d for f, d in zip(function, part.known[p][key][0], strict=True)]
    strict = any(q and part.known[p][key][1] in (POSITIVE, NEGATIVE) for key, q in terms.items())
    return function, unit, strict


def _difference(first: Row, second: Row) -> Row:
    return [x - y for x, y in zip(first, second, strict=True)]


def primitive(row: Row) -> tuple[int, tuple[int, ...]]:
    """Sign and shape of a row that is not 0: two rows are multiples of each other if they have the same shape."""
    divisor = math.gcd(*row)
    sign = 1 if next(x for x in row if x) > 0 else -1
    return sign, tuple(x // divisor * sign for x in row)


def bits(mask: int) -> list[int]:
    """Messages of a set, in increasing order."""
    return [k for k in range(mask.bit_length()) if mask >> k & 1]
