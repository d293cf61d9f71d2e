"""The complementarity search in integers, one node at a time.

Every label, a row or a column of the game, is unplayed or a best reply. A node fixes one of the two for some
labels; it lives while the two faces that it describes are not empty, and is a leaf when they settle every
label (the idea of Audet, Hansen, Jaumard and Savard 2001). No number is rounded, so nothing needs a
certificate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from eqsolve.engines.complementarity.dictionary import Dictionary, first_dictionary
from eqsolve.engines.complementarity.model import Statistics
from eqsolve.engines.complementarity.reduction import Point, Product, Reduced


class Node(NamedTuple):
    """Two faces; new is only what plays each label of a mask somewhere on the first."""

    x: Dictionary
    y: Dictionary
    played: int


def root(game: Reduced) -> Node:
    """Start from all pairs of strategies."""
    m, n = len(game.first.payoffs), len(game.second.payoffs)
    rows, cols = range(m), range(m, m + n)
    x = first_dictionary(game.second, rows, cols).settled()
    y = first_dictionary(game.first, cols, rows).settled()
    return Node(x, y, 0)


def descend(node: Node, zero_x: int, zero_y: int, played: int) -> Node | None:
    """Restrict a node to where more labels are fixed; None if nothing is left."""
    x: Dictionary | None = node.x
    y: Dictionary | None = node.y
    while x is not None and zero_x & ~x.zero:
        x = x.fix((zero_x & ~x.zero).bit_length() - 1)
    while y is not None and zero_y & ~y.zero:
        y = y.fix((zero_y & ~y.zero).bit_length() - 1)
    return None if x is None or y is None else Node(x, y, played)


def search(
    game: Reduced, start: Node, statistics: Statistics, check: Callable[[], None] = lambda: None
) -> Iterator[Product]:
    """Leaves below a node, depth first.

    Parameters
    ----------
    game : Reduced
    start : Node
    statistics : Statistics
        Counted up.
    check : callable, optional
        Called once per node; may raise to stop.

    Yields
    ------
    Product
        In strategies of the merged game. Leaves cover all equilibria of the node.
    """
    m, n = len(game.first.payoffs), len(game.second.payoffs)
    every = (1 << (m + n)) - 1
    x_known: dict[int, list[Point]] = {}
    y_known: dict[int, list[Point]] = {}
    stack = [start]
    while stack:
        check()
        node = _forced(stack.pop(), statistics)
        if node is None:
            continue
        statistics.nodes += 1
        open_labels = every & ~(node.x.zero | node.y.zero)
        if not open_labels:
            statistics.leaves += 1
            # What is 0 on a face determines it, and many leaves share one.
            for face, labels, known in ((node.x, range(m), x_known), (node.y, range(m, m + n), y_known)):
                if face.zero not in known:
                    known[face.zero] = face.vertices(labels, check)
            yield Product(x_known[node.x.zero], y_known[node.y.zero])
            continue
        label = _branching_label(node, open_labels)
        statistics.lps += 2
        x, y = node.x.fix(label), node.y.fix(label)
        if y is not None:
            statistics.pivots += y.pivots
            stack.append(Node(node.x, y, node.played | 1 << label))
        if x is not None:
            statistics.pivots += x.pivots
            stack.append(Node(x, node.y, node.played))


def _forced(node: Node, statistics: Statistics) -> Node | None:
    """Fix what must be 0 because its counterpart is positive on the whole face; None if the node dies."""
    x, y, played = node
    while True:
        if x.zero & played or x.positive & y.positive:
            return None
        force_y, force_x = x.positive & ~y.zero, y.positive & ~x.zero
        if not force_y and not force_x:
            return Node(x, y, played)
        statistics.lps += 1
        face = y.fix(force_y.bit_length() - 1) if force_y else x.fix(force_x.bit_length() - 1)
        if face is None:
            return None
        statistics.pivots += face.pivots
        if force_y:
            y = face
        else:
            x = face


def _branching_label(node: Node, open_labels: int) -> int:
    """Choose the open label that the two vertices violate most, divided by the ways out of it.

    If they violate none, the one whose positive side is likeliest to be positive throughout.
    """
    x, y, x_ways, y_ways = node.x.values, node.y.values, node.x.ways, node.y.ways
    best, best_score = -1, -1.0
    for label in (x.keys() & y.keys()) if x and y else ():
        if open_labels >> label & 1:
            score = x[label] * y[label] / (1 + min(x_ways[label], y_ways[label]))
            if score > best_score or (score == best_score and label < best):
                best, best_score = label, score
    if best >= 0:
        return best
    for values, ways in ((x, x_ways), (y, y_ways)):
        for label, value in values.items():
            if open_labels >> label & 1 and value / (1 + ways[label]) > best_score:
                best, best_score = label, value / (1 + ways[label])
    # Without any, all open labels are 0 on both sides here.
    return best if best >= 0 else open_labels.bit_length() - 1
