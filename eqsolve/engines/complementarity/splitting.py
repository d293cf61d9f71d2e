"""The complementarity search in pieces that need nothing of each other: for several processes, or machines.

A node of the tree is told by three sets of labels, from which it is found again in exact arithmetic. The nodes that
are open after a few steps therefore make pieces of work, and the union of what they hold is everything: the children of
a node cover all equilibria of the node, and an empty child was shown to be empty in integers.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from eqsolve.engines.complementarity import integers
from eqsolve.engines.complementarity.collection import Collection
from eqsolve.engines.complementarity.model import BlockGame, NashSet, Statistics
from eqsolve.engines.complementarity.reduction import Point, Product, Reduced, reduce


@dataclass(frozen=True)
class Piece:
    """A node of the tree, as sets of labels in bits: rows first, then columns, of the game without duplicates.

    Parameters
    ----------
    zero_x, zero_y : int
        Labels that are 0 on the face of player 1 and of player 2: rows that x does not play and columns that are best
        replies to it, and the other way round.
    played : int
        Labels that have to be played somewhere on the first face.
    """

    zero_x: int
    zero_y: int
    played: int


def split(game: BlockGame, pieces: int) -> list[Piece]:
    """Pieces of the search that together hold every equilibrium.

    Parameters
    ----------
    game : BlockGame
    pieces : int
        How many, or one more; fewer where the tree is smaller. Pieces differ in size, so ask for several per process.
    """
    reduced = reduce(game)
    labels = len(reduced.first.payoffs) + len(reduced.second.payoffs)
    waiting = deque([integers.root(reduced)])
    ended: list[integers.Node] = []
    statistics = Statistics()
    while waiting and len(waiting) + len(ended) < pieces:
        settled, children = integers.step(waiting.popleft(), labels, statistics)
        ended += [settled] if settled is not None else []
        waiting += children
    return [Piece(node.x.zero, node.y.zero, node.played) for node in (*ended, *waiting)]


def search_piece(
    game: BlockGame, piece: Piece, *, check: Callable[[], None] = lambda: None, statistics: Statistics | None = None
) -> Iterator[tuple[list[Point], list[Point]]]:
    """Products of faces below a node, as vertices in integers: numerators, then their denominator.

    Parameters
    ----------
    game : BlockGame
        The one that was split.
    piece : Piece
    check : callable, optional
        Called once per node; may raise to stop.
    statistics : Statistics, optional
        Counted up.
    """
    reduced = reduce(game)
    node = integers.descend(integers.root(reduced), piece.zero_x, piece.zero_y, piece.played)
    if node is None:
        return
    for leaf in integers.search(reduced, node, statistics or Statistics(), check):
        yield _expanded(reduced, leaf, check)


def _expanded(reduced: Reduced, leaf: Product, check: Callable[[], None]) -> tuple[list[Point], list[Point]]:
    whole = reduced.expand(leaf, check)
    return whole.rows, whole.cols


def joined(game: BlockGame, found: Iterable[Sequence[tuple[list[Point], list[Point]]] | None]) -> NashSet:
    """What all pieces hold, verified and joined to Nash subsets: the same set as that of `enumerate_equilibria`.

    Parameters
    ----------
    game : BlockGame
    found : iterable
        For every piece of `split` what `search_piece` found, in any order; None for a piece that was not searched to
        its end, so that the set is not complete.
    """
    collection = Collection(game, None)
    for products in found:
        if products is None:
            collection.stop("time limit")
            continue
        collection.collect(Product([tuple(x) for x in rows], [tuple(y) for y in columns]) for rows, columns in products)
    return collection.result(Statistics())
