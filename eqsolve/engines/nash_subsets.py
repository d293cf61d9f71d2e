"""From extreme equilibria to maximal Nash subsets and components.

In a two-player game the set of equilibria is a finite union of maximal Nash subsets: products of two
polytopes whose vertices are extreme strategies (Jansen 1981). They are the maximal bicliques of the
bipartite graph in which an extreme strategy of player 1 and one of player 2 are joined if they form an
equilibrium (Avis, Rosenberg, Savani and von Stengel 2010); its connected components are the topological
components of the set of equilibria.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import networkx as nx

Pair = tuple[int, int]
Subset = tuple[frozenset[int], frozenset[int]]


def maximal_bicliques(pairs: Iterable[Pair]) -> list[Subset]:
    """Inclusion-maximal sets U × V that consist of pairs.

    Parameters
    ----------
    pairs : iterable of (int, int)
        The edges of a bipartite graph, as (row index, column index).

    Returns
    -------
    list of (frozenset of int, frozenset of int)
        Ordered by their sorted row indices, then column indices.

    Notes
    -----
    The sides V of maximal bicliques are the intersections of neighbourhoods. They are collected row by row:
    time O(rows × bicliques). There can be exponentially many in contrived graphs.
    """
    neighbours: dict[int, int] = {}
    for i, j in pairs:
        neighbours[i] = neighbours.get(i, 0) | 1 << j
    closed: set[int] = set()
    for mask in set(neighbours.values()):
        closed |= {mask & other for other in closed}
        closed.add(mask)
    closed.discard(0)
    subsets = [
        (frozenset(i for i, mask in neighbours.items() if mask & cols == cols), frozenset(_bits(cols)))
        for cols in closed
    ]
    return sorted(subsets, key=lambda subset: (sorted(subset[0]), sorted(subset[1])))


def _bits(mask: int) -> list[int]:
    return [k for k in range(mask.bit_length()) if mask >> k & 1]


def components(subsets: Sequence[Subset]) -> list[tuple[int, ...]]:
    """Group the subsets, by index, that hang together through common strategies.

    Parameters
    ----------
    subsets : sequence of (rows, cols)
        As `maximal_bicliques` returns them.

    Returns
    -------
    list of tuple of int
        Each in increasing order, ordered by their first index.
    """
    graph = nx.Graph()
    for k, (rows, cols) in enumerate(subsets):
        graph.add_node(("subset", k))
        graph.add_edges_from((("subset", k), ("row", i)) for i in rows)
        graph.add_edges_from((("subset", k), ("col", j)) for j in cols)
    found = (sorted(k for kind, k in part if kind == "subset") for part in nx.connected_components(graph))
    return sorted(tuple(part) for part in found)


def nash_subsets(pairs: Iterable[Pair]) -> tuple[tuple[Subset, ...], tuple[tuple[int, ...], ...]]:
    """Maximal Nash subsets of the extreme equilibria, and which of them form a component.

    Parameters
    ----------
    pairs : iterable of (int, int)
        Extreme equilibria as (index of a row strategy, index of a column strategy).

    Returns
    -------
    subsets : tuple of (frozenset of int, frozenset of int)
    components : tuple of tuple of int
        Indices into `subsets`.
    """
    subsets = maximal_bicliques(pairs)
    return tuple(subsets), tuple(components(subsets))
