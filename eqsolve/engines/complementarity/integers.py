"""The complementarity search in integers, one node at a time.

Every label, a row or a column of the game, is unplayed or a best reply. A node fixes one of the two for some
labels; it lives while the two faces that it describes are not empty, and is a leaf when they settle every
label (the idea of Audet, Hansen, Jaumard and Savard 2001). No number is rounded, so nothing needs a
certificate.
"""

from __future__ import annotations

import itertools
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
    blocks = _label_blocks(game)
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
        if blocks:
            probe = _probe(node, open_labels, blocks, m, statistics)
            if not isinstance(probe, int):
                stack += [probe] if probe else []
                continue
            label = probe
        else:
            label = _branching_label(node, open_labels)
        stack += _children(node, label, statistics)


def step(node: Node, labels: int, statistics: Statistics) -> tuple[Node | None, list[Node]]:
    """One step of a search: a node that is settled, or its children, which cover all equilibria of the node.

    Parameters
    ----------
    node : Node
    labels : int
        How many there are.
    statistics : Statistics
        Counted up.
    """
    live = _forced(node, statistics)
    if live is None:
        return None, []
    open_labels = ((1 << labels) - 1) & ~(live.x.zero | live.y.zero)
    if not open_labels:
        return live, []
    return None, _children(live, _branching_label(live, open_labels), statistics)


def _children(node: Node, label: int, statistics: Statistics) -> list[Node]:
    """What is left of a node where a label is a best reply and has to be played, and where it is unplayed."""
    statistics.lps += 2
    x, y = node.x.fix(label), node.y.fix(label)
    found: list[Node] = []
    if y is not None:
        statistics.pivots += y.pivots
        found.append(Node(node.x, y, node.played | 1 << label))
    if x is not None:
        statistics.pivots += x.pivots
        found.append(Node(x, node.y, node.played))
    return found


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


def _label_blocks(game: Reduced) -> list[list[int]]:
    """Labels of each block of both players; none for a game with one block each."""
    sizes = (*game.first.replies, *game.second.replies)
    ends = itertools.accumulate(sizes)
    return [list(range(end - size, end)) for size, end in zip(sizes, ends, strict=True)] if len(sizes) > 2 else []


def _probe(
    node: Node, open_labels: int, blocks: list[list[int]], rows: int, statistics: Statistics
) -> Node | int | None:
    """Try every open label as a best reply: a smaller node, nothing, or the label that tells most.

    In games with many blocks ties abound, and splitting them doubles the tree each time for nothing. Most dissolve
    once the labels are settled on which the other player's face depends, so those come first: the label is taken whose
    face as a best reply shrinks most. A label that is nowhere a best reply is unplayed. And if all labels that a block
    may play are best replies on one and the same face, no equilibrium lies outside it.
    """
    faces = [node.x, node.y]
    children: dict[int, Dictionary] = {}
    never = [0, 0]
    labels = open_labels
    while labels:
        label = labels.bit_length() - 1
        labels ^= 1 << label
        side = 1 if label < rows else 0  # where the label's slack lives
        known = faces[side].tried
        if label not in known:
            statistics.lps += 1
            known[label] = faces[side].fix(label)
        child = known[label]
        if child is None:
            never[1 - side] |= 1 << label
        else:
            children[label] = child
    if any(never):
        return descend(node, node.x.zero | never[0], node.y.zero | never[1], node.played)
    for block in blocks:
        side = 1 if block[0] < rows else 0
        playable = [label for label in block if not faces[1 - side].zero >> label & 1]
        mask = sum(1 << label for label in playable)
        if len(playable) > 1 and all(k in children and children[k].zero & mask == mask for k in playable):
            faces[side] = children[playable[0]]
            return Node(faces[0], faces[1], node.played)
    return max(children, key=lambda k: (children[k].zero.bit_count() - faces[int(k < rows)].zero.bit_count(), k))
