"""Potentials and negative cycles in graphs of types, on integers.

Transfers x support a choice if x(t) - x(s) <= w(s, t) for all types s and t, where w(s, t) is what type s loses by the
choice that t's report brings about, before transfers. Such x exist if and only if no cycle has a negative sum (Rochet
1987, Journal of Mathematical Economics 16); lengths of shortest paths are such x.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from eqsolve.interdependent.tables import Array, number_type


def far(largest: int, nodes: int) -> int:
    """A weight that stands for no edge: greater than any path, and safe to be added to another one."""
    return (largest + 1) * (nodes + 2) * 2


def potentials(weights: Array, present: Array | None = None) -> tuple[Array | None, list[int]]:
    """Shortest distances from a source that is joined to all nodes, or a negative cycle.

    Parameters
    ----------
    weights : n × n integers
        From row to column.
    present : n × n booleans, optional
        Which edges there are; all by default.

    Returns
    -------
    distances, cycle
        n integers and an empty list, or None and the nodes of a cycle with a negative sum, in order: one with two nodes
        if there is one, else one that Bellman and Ford's method finds.

    Notes
    -----
    O(n³) at worst, n² per round; usually few rounds.
    """
    n = weights.shape[0]
    present = np.ones((n, n), dtype=bool) if present is None else present
    largest = max(abs(int(weights.max())), abs(int(weights.min())))
    kind = number_type(8 * far(largest, n))
    none = far(largest, n)
    w = np.where(present, weights.astype(kind), none)
    np.fill_diagonal(w, 0)
    pair = _negative_pair(w)
    if pair:
        return None, pair
    distances = np.zeros(n, dtype=kind)
    before = np.full(n, -1)
    for _ in range(n):
        through = distances[:, None] + w
        source = through.argmin(axis=0)
        shorter = through[source, np.arange(n)]
        better = shorter < distances
        if not better.any():
            return distances, []
        before[better] = source[better]
        distances = np.where(better, shorter, distances)
        cycle = _cycle_of(before)
        if cycle:
            return None, cycle
    raise ArithmeticError("shortest paths did not end, and no negative cycle was found")


def _negative_pair(w: Array) -> list[int]:
    """The two nodes between which there and back is most negative; empty if nowhere."""
    both = w + w.T
    s, t = divmod(int(both.argmin()), w.shape[0])
    return [s, t] if both[s, t] < 0 else []


def _cycle_of(before: Array) -> list[int]:
    """A cycle in the graph of predecessors, in the direction of the edges; empty if there is none."""
    state = [0] * len(before)
    for start in range(len(before)):
        path, node = [], start
        while node >= 0 and not state[node]:
            state[node] = start + 1
            path.append(node)
            node = int(before[node])
        if node >= 0 and state[node] == start + 1:
            return path[path.index(node) :][::-1]
    return []


def all_potentials(weights: Array, none: Any) -> tuple[Array, int | None]:
    """Shortest distances in many small graphs at once.

    Parameters
    ----------
    weights : R × n × n integers
        `none`, as `far` gives it, where there is no edge.
    none : int

    Returns
    -------
    distances : R × n
        From a source that is joined to all nodes.
    negative : int or None
        Position of the first graph with a negative cycle.

    Notes
    -----
    Floyd and Warshall's method, O(R n³).
    """
    w = weights.copy()
    n = w.shape[1]
    nodes = np.arange(n)
    w[:, nodes, nodes] = np.minimum(w[:, nodes, nodes], 0)
    for k in range(n):
        through = w[:, :, k, None] + w[:, None, k, :]
        w = np.minimum(w, np.where((w[:, :, k, None] == none) | (w[:, None, k, :] == none), none, through))
        negative = (w[:, nodes, nodes] < 0).any(axis=1)
        if negative.any():
            return w.min(axis=1), int(negative.argmax())
    return w.min(axis=1), None
