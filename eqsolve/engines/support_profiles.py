"""Support profiles of n-player games that conditional dominance does not rule out.

References
----------
R. Porter, E. Nudelman and Y. Shoham (2008), Simple search methods for finding a Nash equilibrium, Games and
Economic Behavior 63.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Support = tuple[tuple[int, ...], ...]


def support_profiles(
    tables: Sequence[NDArray[Any]],
    candidates: Sequence[Sequence[int]] | None = None,
    heartbeat: Callable[[], None] | None = None,
) -> Iterator[Support]:
    """Enumerate the support profiles on which an equilibrium is not ruled out by comparing payoffs alone.

    Parameters
    ----------
    tables : n integer arrays of shape (m_1, ..., m_n)
    candidates : n sequences of int, optional
        The strategies that may be played (the survivors of iterated strict dominance, say); all by default.

    heartbeat : callable, optional
        Called often, also where nothing is found for long; what it raises ends the enumeration.

    Yields
    ------
    tuple of n tuples of int
        Every equilibrium has its supports among them. Profiles with few strategies in all come first.

    Notes
    -----
    A strategy is conditionally dominated when another one is better against all profiles of the others that
    are still possible. Players' supports are fixed one after the other; each time the possible strategies of
    the others shrink. On a complete profile the strategies mix with positive weight everywhere, so a
    comparison that is nowhere worse and somewhere better suffices. Exponential in the number of strategies.
    """
    n = len(tables)
    allowed = [tuple(c) for c in candidates] if candidates is not None else [tuple(range(m)) for m in tables[0].shape]
    most = [len(a) for a in allowed]
    for total in range(n, sum(most) + 1):
        for size in _sizes(total, most):
            for support in _extend(tables, [], allowed, size, heartbeat or _nothing):
                if possible_support(tables, support, allowed):
                    yield support


def _nothing() -> None:
    return None


def _sizes(total: int, most: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Positive integers with a given sum and upper limits, one after the other: there may be very many."""
    if len(most) == 1:
        if 1 <= total <= most[0]:
            yield (total,)
        return
    rest = len(most) - 1
    for first in range(max(1, total - sum(most[1:])), min(most[0], total - rest) + 1):
        for others in _sizes(total - first, most[1:]):
            yield (first, *others)


def _extend(
    tables: Sequence[NDArray[Any]],
    chosen: list[tuple[int, ...]],
    domains: Sequence[tuple[int, ...]],
    size: tuple[int, ...],
    heartbeat: Callable[[], None],
) -> Iterator[Support]:
    heartbeat()
    player, n = len(chosen), len(size)
    if player == n:
        yield tuple(chosen)
        return
    for support in itertools.combinations(domains[player], size[player]):
        tighter = _tighten(tables, [*chosen, support], list(domains[player + 1 :]))
        if tighter is not None and all(len(tighter[j]) >= size[j] for j in range(player + 1, n)):
            yield from _extend(tables, [*chosen, support], tighter, size, heartbeat)


def _tighten(
    tables: Sequence[NDArray[Any]], fixed: list[tuple[int, ...]], rest: list[tuple[int, ...]]
) -> list[tuple[int, ...]] | None:
    """Domains without conditionally dominated strategies; None if a fixed support has one or a domain empties."""
    domains = [*fixed, *rest]
    changed = True
    while changed:
        changed = False
        for i, domain in enumerate(domains):
            rows = payoff_rows(tables[i], i, domains)
            kept = tuple(k for k in domain if not (rows > rows[k]).all(axis=1).any())
            if len(kept) < len(domain):
                if i < len(fixed) or not kept:
                    return None
                domains[i], changed = kept, True
    return domains


def possible_support(
    tables: Sequence[NDArray[Any]], support: Support, allowed: Sequence[Sequence[int]] | None = None
) -> bool:
    """Whether no strategy of a support is weakly dominated given that all supports are played in full.

    Exact and necessary: with positive weight on every profile, nowhere worse and somewhere better is better.
    """
    for i, table in enumerate(tables):
        rows = payoff_rows(table, i, support)
        if allowed is not None:
            rows = rows[list(allowed[i])]
            index = {k: place for place, k in enumerate(allowed[i])}
        for k in support[i]:
            gain = rows - rows[index[k] if allowed is not None else k]
            if ((gain >= 0).all(axis=1) & (gain > 0).any(axis=1)).any():
                return False
    return True


def payoff_rows(table: NDArray[Any], player: int, domains: Sequence[Sequence[int]]) -> NDArray[Any]:
    """Payoffs of all strategies of a player (rows) against the profiles of the others' domains (columns)."""
    index = [range(table.shape[j]) if j == player else domains[j] for j in range(table.ndim)]
    block = np.moveaxis(table[np.ix_(*index)], player, 0)
    return block.reshape(block.shape[0], -1)
