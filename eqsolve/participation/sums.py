"""Which type vectors have a sum of scores that reaches a threshold: probability and marginals, exact.

A score per issue and type is added up over independent issues. Alike issues are taken together, by how often each type
occurs. Different ones are gone through one by one in a *reduced decision diagram*: partial sums between which no way
of completing them decides differently are one node, and a partial sum that is decided already is none (the
construction for knapsack constraints of Behle, 2007). Everything is in integers.
"""

from __future__ import annotations

import math
import time
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from eqsolve.errors import LimitReached, SizeError
from eqsolve.exact.rational import common_denominator, in_words, to_integers

MAX_LETTERS = 2_000_000
"""Distinct sums (or histograms) of a group of alike issues."""
MAX_LAYERS = 400
"""Issues that differ."""
MAX_NODES = 300_000
"""Nodes of a decision diagram."""

Scores = Sequence[Sequence[Fraction]]
"""A score per group of alike issues and type."""


@dataclass(frozen=True)
class Draws:
    """`count` independent types of one agent on alike issues; the law of one is `chances`."""

    chances: tuple[Fraction, ...]
    count: int


@dataclass(frozen=True)
class Share:
    """A set of type vectors, as far as others are concerned with it.

    Parameters
    ----------
    probability : Fraction
    marginals : per group and type
        Probability that the type vector is in the set and has this type on an issue of the group.
    """

    probability: Fraction
    marginals: tuple[tuple[Fraction, ...], ...]

    def mixed(self, other: Share, weight: Fraction) -> Share:
        """The mixture of this set, with probability 1 − weight, and the other one."""
        if not weight:
            return self
        rows = zip(self.marginals, other.marginals, strict=True)
        return Share(
            (1 - weight) * self.probability + weight * other.probability,
            tuple(tuple((1 - weight) * x + weight * y for x, y in zip(a, b, strict=True)) for a, b in rows),
        )


def whole(draws: Sequence[Draws]) -> Share:
    """All type vectors."""
    return Share(Fraction(1), tuple(d.chances for d in draws))


def reaching(
    draws: Sequence[Draws],
    scores: Scores,
    constant: Fraction = Fraction(0),
    *,
    strict: bool = False,
    deadline: float | None = None,
) -> Share:
    """The type vectors whose sum of scores and `constant` is at least 0, or above 0 if `strict`.

    Parameters
    ----------
    draws : one per group of alike issues
    scores : one number per group and type
    constant : Fraction
    strict : bool
    deadline : float, optional
        Of `time.monotonic`.

    Raises
    ------
    SizeError
        If sums, groups or nodes are too many.
    LimitReached
        After the deadline.
    """
    if len(draws) > MAX_LAYERS:
        raise SizeError(f"{len(draws):,} issues differ, at most {MAX_LAYERS} are gone through; fewer issues help")
    scale = common_denominator([constant, *(x for row in scores for x in row)])
    whole_scores = [tuple(int(x * scale) for x in row) for row in scores]
    layers = [_layer(d, row, group, deadline) for group, (d, row) in enumerate(zip(draws, whole_scores, strict=True))]
    found = _Diagram(layers, int(constant * scale) - strict, deadline).share()
    return Share(found.probability, tuple(row for _, row in sorted(zip(_order(layers), found.marginals, strict=True))))


def acceptor(
    draws: Sequence[Draws], scores: Scores, constant: Fraction, order: Sequence[int], *, deadline: float | None = None
) -> Acceptor:
    """The type vectors of `reaching` as an automaton that reads the issues in this order; every group is one issue.

    Raises
    ------
    SizeError, LimitReached
        As `reaching`.
    """
    scale = common_denominator([constant, *(x for row in scores for x in row)])
    rows = [tuple(int(x * scale) for x in row) for row in scores]
    layers = [_layer(d, row, group, deadline) for group, (d, row) in enumerate(zip(draws, rows, strict=True))]
    diagram = _Diagram(layers, int(constant * scale), deadline, order)
    return Acceptor(diagram, [rows[group] for group in order])


ACCEPTED, REFUSED = -1, -2


class Acceptor:
    """Reads types issue by issue; a state is a node of the diagram, `ACCEPTED` or `REFUSED`."""

    def __init__(self, diagram: _Diagram, scores: Sequence[Sequence[int]]) -> None:
        self._diagram, self._scores = diagram, scores
        self.start = self._state(diagram.root)

    def read(self, t: int, state: int, kind: int) -> int:
        """The state after the type `kind`, of positive probability, on the t-th issue."""
        if state < 0:
            return state
        position = bisect_left(self._diagram.layers[t].sums, self._scores[t][kind])
        if t == len(self._scores) - 1:
            return ACCEPTED if position >= state else REFUSED
        return self._state(self._diagram.children[t][state][position])

    @staticmethod
    def _state(node: _Node) -> int:
        return node[3] if node[3] >= 0 else ACCEPTED if node[0] else REFUSED


@dataclass(frozen=True, eq=False)
class _Layer:
    """Sums of scores over a group of alike issues, in increasing order.

    `weights` are their probabilities times `total`; `parts[u]` the part in which a given issue has type u.
    """

    group: int
    sums: list[int]
    weights: list[int]
    parts: list[list[int]]
    total: int

    @cached_property
    def tails(self) -> list[int]:
        """Weight of the sums from each position on, and 0."""
        return _tails(self.weights)

    @cached_property
    def part_tails(self) -> list[list[int]]:
        """Per type of the given issue, the weight of the sums from each position on, and 0."""
        return [_tails(part) for part in self.parts]


def _tails(values: Sequence[int]) -> list[int]:
    out, total = [0], 0
    for x in reversed(values):
        total += x
        out.append(total)
    return out[::-1]


def _order(layers: Sequence[_Layer]) -> list[int]:
    """Groups in the order in which they are gone through: the widest range first, the most sums last."""
    by_range = sorted(layers, key=lambda x: (-(x.sums[-1] - x.sums[0]), x.group))
    most = max(by_range, key=lambda x: len(x.sums))
    return [x.group for x in by_range if x is not most] + [most.group]


def _layer(draws: Draws, scores: Sequence[int], group: int, deadline: float | None) -> _Layer:
    numerators, denominator = to_integers(draws.chances)
    one_less = law_of_sum(numerators, scores, draws.count - 1, deadline=deadline)
    kinds = range(len(scores))
    sums = sorted({a + scores[u] for a in one_less for u in kinds if numerators[u]})
    parts = [[numerators[u] * one_less.get(a - scores[u], 0) for a in sums] for u in kinds]
    weights = [sum(column) for column in zip(*parts, strict=True)]
    return _Layer(group, sums, weights, parts, denominator**draws.count)


def law_of_sum(
    numerators: Sequence[int], scores: Sequence[int], count: int, *, deadline: float | None = None
) -> dict[int, int]:
    """Weights of the sum of `count` independent scores; they sum to the power of the sum of `numerators`.

    Step by step where sums repeat (scores on a coarse lattice), else over histograms.

    Raises
    ------
    SizeError
        If there are more than `MAX_LETTERS` sums either way.
    LimitReached
        After the deadline.
    """
    kinds = [(p, x) for p, x in zip(numerators, scores, strict=True) if p]
    merged: dict[int, int] = {}
    for p, x in kinds:
        merged[x] = merged.get(x, 0) + p
    kinds = [(p, x) for x, p in merged.items()]
    m = len(kinds)
    histograms = math.comb(count + m - 1, m - 1)
    step = math.gcd(*(x - kinds[0][1] for _, x in kinds)) or 1
    lattice = count * (max(x for _, x in kinds) - min(x for _, x in kinds)) // step + 1
    if min(histograms, lattice) > MAX_LETTERS:
        raise SizeError(
            f"{count + 1:,} alike issues have {in_words(min(histograms, lattice))} sums of scores, at most "
            f"{MAX_LETTERS:,} are gone through; fewer issues or types help"
        )
    if min(lattice, histograms) * count * m // 2 <= histograms:
        return _by_steps(kinds, count, deadline)
    return _by_histograms(kinds, count, deadline)


def _by_steps(kinds: Sequence[tuple[int, int]], count: int, deadline: float | None) -> dict[int, int]:
    law = {0: 1}
    for _ in range(count):
        _check(deadline)
        after: dict[int, int] = {}
        for a, w in law.items():
            for p, x in kinds:
                after[a + x] = after.get(a + x, 0) + p * w
        law = after
    return law


def _by_histograms(kinds: Sequence[tuple[int, int]], count: int, deadline: float | None) -> dict[int, int]:
    law: dict[int, int] = {}
    for number, (a, w) in enumerate(_histograms(kinds, count)):
        if number % 4096 == 0:
            _check(deadline)
        law[a] = law.get(a, 0) + w
    return law


def _histograms(kinds: Sequence[tuple[int, int]], count: int) -> Iterator[tuple[int, int]]:
    """Sum of scores and weight of every histogram."""
    (p, x), *rest = kinds
    if not rest:
        yield count * x, p**count
        return
    power = 1
    for taken in range(count + 1):
        ways = math.comb(count, taken) * power
        for a, w in _histograms(rest, count - taken):
            yield a + taken * x, ways * w
        power *= p


def _check(deadline: float | None) -> None:
    if deadline is not None and time.monotonic() > deadline:
        raise LimitReached("time limit")


_Node = tuple[int, int | None, int | None, int]
"""Accepted weight of what follows, the interval of partial sums that this node stands for, and its number.

An end of None is infinite. Numbers below 0 stand for nodes that are decided: all that follows is accepted or none.
"""


class _Diagram:
    """The reduced decision diagram of: start + sum over layers >= 0."""

    def __init__(
        self, layers: Sequence[_Layer], start: int, deadline: float | None, order: Sequence[int] | None = None
    ) -> None:
        self.layers = [layers[group] for group in (order or _order(layers))]
        self.start = start
        self.deadline = deadline
        self.least, self.most, self.total = [0], [0], [1]
        for layer in reversed(self.layers):
            self.least.insert(0, self.least[0] + layer.sums[0])
            self.most.insert(0, self.most[0] + layer.sums[-1])
            self.total.insert(0, self.total[0] * layer.total)
        self.lows: list[list[int]] = [[] for _ in self.layers]
        self.nodes: list[list[_Node]] = [[] for _ in self.layers]
        self.children: list[list[list[_Node]]] = [[] for _ in self.layers]
        self.count = 0
        self.root = self._visit(0, self.start)

    def share(self) -> Share:
        """Probability and marginals of the accepted vectors, layers in their order here."""
        root, total = self.root, self.total[0]
        if root[3] < 0:
            part = Fraction(root[0], total)
            certain = [tuple(part * sum(p) / layer.total for p in layer.parts) for layer in self.layers]
            return Share(part, tuple(certain))
        marginals = []
        ahead: dict[int, int] = {root[3]: 1}  # undecided nodes of this layer, with the weight of what leads there
        accepted = 0  # weight of what is accepted already
        for t, layer in enumerate(self.layers):
            counted = [accepted * sum(row) * self.total[t + 1] for row in layer.parts]
            after: dict[int, int] = {}
            accepted *= layer.total
            for number, weight in ahead.items():
                if t == len(self.layers) - 1:
                    for u, tails in enumerate(layer.part_tails):
                        counted[u] += weight * tails[number]
                    continue
                for position, child in enumerate(self.children[t][number]):
                    for u, row in enumerate(layer.parts):
                        counted[u] += weight * row[position] * child[0]
                    if child[3] >= 0:
                        after[child[3]] = after.get(child[3], 0) + weight * layer.weights[position]
                    elif child[0]:
                        accepted += weight * layer.weights[position]
            marginals.append(tuple(Fraction(x, total) for x in counted))
            ahead = after
        return Share(Fraction(root[0], total), tuple(marginals))

    def _visit(self, t: int, s: int) -> _Node:
        if s + self.least[t] >= 0:
            return self.total[t], -self.least[t], None, -1
        if s + self.most[t] < 0:
            return 0, None, -self.most[t], -1
        layer = self.layers[t]
        if t == len(self.layers) - 1:  # nodes are positions: the first sum that is accepted
            position = bisect_left(layer.sums, -s)
            return layer.tails[position], -layer.sums[position], -layer.sums[position - 1], position
        place = bisect_right(self.lows[t], s) - 1
        if place >= 0:
            known = self.nodes[t][place]
            if known[2] is None or s < known[2]:
                return known
        children = [self._visit(t + 1, s + a) for a in layer.sums]
        lows = [child[1] - a for child, a in zip(children, layer.sums, strict=True) if child[1] is not None]
        highs = [child[2] - a for child, a in zip(children, layer.sums, strict=True) if child[2] is not None]
        value = sum(w * child[0] for w, child in zip(layer.weights, children, strict=True))
        node: _Node = (value, max(lows), min(highs), len(self.children[t]))
        place = bisect_right(self.lows[t], max(lows))
        self.lows[t].insert(place, max(lows))
        self.nodes[t].insert(place, node)
        self.children[t].append(children)
        self._counted()
        return node

    def _counted(self) -> None:
        self.count += 1
        if self.count > MAX_NODES:
            raise SizeError(f"the decision diagram has more than {MAX_NODES:,} nodes; fewer issues that differ help")
        if self.count % 1024 == 0:
            _check(self.deadline)
