"""From extreme equilibria to maximal Nash subsets and components.

In a two-player game the set of equilibria is a finite union of maximal Nash subsets: products of two
polytopes whose vertices are extreme strategies (Jansen 1981). They are the maximal bicliques of the
bipartite graph in which an extreme strategy of player 1 and one of player 2 are joined if they form an
equilibrium (Avis, Rosenberg, Savani and von Stengel 2010); its connected components are the topological
components of the set of equilibria.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

Pair = tuple[int, int]
Subset = tuple[frozenset[int], frozenset[int]]
Check = Callable[[], None]

# Bits from which an array finds them quicker than a loop.
_WIDE = 128


def maximal_bicliques(pairs: Iterable[Pair], check: Check | None = None) -> list[Subset]:
    """Inclusion-maximal sets U × V that consist of pairs.

    Parameters
    ----------
    pairs : iterable of (int, int)
        The edges of a bipartite graph, as (row index, column index).
    check : callable, optional
        Called now and then; may raise to stop.

    Returns
    -------
    list of (frozenset of int, frozenset of int)
        Ordered by their sorted row indices, then column indices.

    Notes
    -----
    The sides V of maximal bicliques are the intersections of neighbourhoods. They are collected vertex by
    vertex, on the side that has fewer different neighbourhoods: time O(neighbourhoods × bicliques). There can be
    exponentially many in contrived graphs.
    """
    by_row: dict[int, int] = {}
    by_col: dict[int, int] = {}
    for i, j in pairs:
        by_row[i] = by_row.get(i, 0) | 1 << j
        by_col[j] = by_col.get(j, 0) | 1 << i
    subsets: list[Subset] = []
    # Equilibria that are alone, as nearly all are in games that are not degenerate, need no search.
    alone = [i for i, mask in by_row.items() if mask.bit_count() == 1 and by_col[mask.bit_length() - 1] == 1 << i]
    for i in alone:
        j = by_row.pop(i).bit_length() - 1
        del by_col[j]
        subsets.append((frozenset([i]), frozenset([j])))
    if len(set(by_row.values())) <= len(set(by_col.values())):
        subsets += [(rows, cols) for cols, rows in _closed(by_row, by_col, check)]
    else:
        subsets += _closed(by_col, by_row, check)
    return sorted(subsets, key=lambda subset: (sorted(subset[0]), sorted(subset[1])))


def _closed(
    neighbours: dict[int, int], opposite: dict[int, int], check: Check | None
) -> list[tuple[frozenset[int], frozenset[int]]]:
    """Intersections of neighbourhoods, each with what all of it has in common."""
    closed: set[int] = set()
    for mask in set(neighbours.values()):
        if check is not None:
            check()
        closed |= {mask & other for other in closed}
        closed.add(mask)
    closed.discard(0)
    result = []
    for mask in closed:
        if check is not None:
            check()
        shared = _bits(mask)
        common = opposite[shared[0]]
        for k in shared[1:]:
            common &= opposite[k]
        result.append((frozenset(shared), frozenset(_bits(common))))
    return result


def _bits(mask: int) -> list[int]:
    if mask.bit_length() > _WIDE:
        octets = np.frombuffer(mask.to_bytes(-(-mask.bit_length() // 8), "little"), np.uint8)
        places: list[int] = np.unpackbits(octets, bitorder="little").nonzero()[0].tolist()
        return places
    result = []
    while mask:
        low = mask & -mask
        result.append(low.bit_length() - 1)
        mask ^= low
    return result


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
    # Union and find: each strategy leads to the first subset that has it.
    leader = list(range(len(subsets)))

    def find(k: int) -> int:
        """The leader of a subset's group; paths are halved on the way."""
        while leader[k] != k:
            leader[k] = leader[leader[k]]
            k = leader[k]
        return k

    for side in (0, 1):
        first: dict[int, int] = {}
        for k, subset in enumerate(subsets):
            # Many strategies lead to few other subsets, each of which is joined once.
            for j in {first.setdefault(strategy, k) for strategy in subset[side]}:
                one, two = find(j), find(k)
                leader[max(one, two)] = min(one, two)
    parts: dict[int, list[int]] = {}
    for k in range(len(subsets)):
        parts.setdefault(find(k), []).append(k)
    return sorted(map(tuple, parts.values()))


def nash_subsets(
    pairs: Iterable[Pair], check: Check | None = None
) -> tuple[tuple[Subset, ...], tuple[tuple[int, ...], ...]]:
    """Maximal Nash subsets of the extreme equilibria, and which of them form a component.

    Parameters
    ----------
    pairs : iterable of (int, int)
        Extreme equilibria as (index of a row strategy, index of a column strategy).
    check : callable, optional
        Called now and then; may raise to stop.

    Returns
    -------
    subsets : tuple of (frozenset of int, frozenset of int)
    components : tuple of tuple of int
        Indices into `subsets`.
    """
    subsets = maximal_bicliques(pairs, check)
    return tuple(subsets), tuple(components(subsets))
