"""All joint tables of several agents' announcements, and how likely each is.

A table T counts how often every profile of types is announced together. K!/Π T! profiles of messages have it, so the
joint law of anything that does not depend on the labels of the problems is a sum over tables. Their number grows with a
power of K that is the number of profiles: right for few agents with few types.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
import numpy.typing as npt

from eqsolve.errors import SizeError
from eqsolve.exact.rational import in_words
from eqsolve.filter.distance import IntArray, JointTables, Scores, scale, scores
from eqsolve.filter.panel import Panel

MAX_ENTRIES = 4_000_000
MAX_CELLS = 4_096
CHUNK = 50_000
SmallInts = npt.NDArray[np.int32]


def joint_tables(margins: Sequence[Sequence[int]], limit: int | None = None) -> IntArray:
    """All tables of non-negative integers with the given one-dimensional margins.

    Parameters
    ----------
    margins : per dimension the sums of the slices; all dimensions have the same total
    limit : int, optional
        Largest number of tables, finished or not, that may be held at a time; by default so many that they have
        `MAX_ENTRIES` entries.

    Returns
    -------
    array (number of tables, *shape)

    Raises
    ------
    SizeError
        Before memory is taken for more than `limit` tables.
    """
    shape = tuple(len(m) for m in margins)
    kinds = math.prod(shape)
    if kinds > MAX_CELLS:
        raise SizeError(f"joint announcements of {in_words(kinds)} kinds, at most {MAX_CELLS:,} are listed")
    limit = MAX_ENTRIES // kinds if limit is None else limit
    used = [[u for u, b in enumerate(m) if b] or [0] for m in margins]
    found = _listed([[m[u] for u in places] for m, places in zip(margins, used, strict=True)], limit)
    if all(len(places) == size for places, size in zip(used, shape, strict=True)):
        return found
    full = np.zeros((len(found), *shape), dtype=np.int64)
    full[np.ix_(range(len(found)), *used)] = found
    return full


def _listed(margins: Sequence[Sequence[int]], limit: int) -> IntArray:
    """All tables with positive margins, cell by cell; at most `limit` at a time."""
    shape = tuple(len(m) for m in margins)
    cells = list(itertools.product(*map(range, shape)))
    starts = np.cumsum([0, *shape])
    left = np.array([[b for m in margins for b in m]], dtype=np.int32)
    filled = np.zeros((1, 0), dtype=np.int32)
    for position, cell in enumerate(cells):
        touched = [int(starts[i]) + u for i, u in enumerate(cell)]
        most = left[:, touched].min(axis=1)
        least = np.zeros_like(most)
        for place, (i, u) in zip(touched, enumerate(cell), strict=True):
            if not any(later[i] == u for later in cells[position + 1 :]):  # nothing later takes the rest
                least = np.maximum(least, left[:, place])
        choices = np.maximum(most - least + 1, 0)
        total = int(choices.sum())
        if total > limit:
            raise SizeError(
                f"more than {limit:,} joint tables of {len(shape)} agents on {sum(margins[0])} problems; "
                "fewer copies help"
            )
        parent = np.repeat(np.arange(len(left)), choices)
        offset = np.arange(total) - np.repeat(np.cumsum(choices) - choices, choices)
        taken = (least[parent] + offset).astype(np.int32)
        left = left[parent]
        left[:, touched] -= taken[:, None]
        filled = np.concatenate([filled[parent], taken[:, None]], axis=1)
        alive = _can_be_finished(left, starts, cells[position + 1 :], len(shape))
        left, filled = left[alive], filled[alive]
    return filled.astype(np.int64).reshape(-1, *shape)


def _can_be_finished(
    left: SmallInts, starts: npt.NDArray[np.int64], later: Sequence[tuple[int, ...]], dimensions: int
) -> npt.NDArray[np.bool_]:
    """Whether what is left in every slice fits into what crossing slices, open later, have left (necessary)."""
    alive = np.ones(len(left), dtype=bool)
    for i in range(dimensions):
        for u in range(int(starts[i + 1] - starts[i])):
            open_ = [cell for cell in later if cell[i] == u]
            for j in range(dimensions):
                reached = sorted({cell[j] for cell in open_})
                if j != i and len(reached) < starts[j + 1] - starts[j]:
                    room = left[:, [int(starts[j]) + v for v in reached]].sum(axis=1)
                    alive &= left[:, int(starts[i]) + u] <= room
    return alive


def table_weights(tables: IntArray) -> npt.NDArray[np.object_]:
    """Number of message profiles with each table: K!/Π T!, Python integers."""
    flat = tables.reshape(len(tables), -1)
    if not len(flat):
        return np.zeros(0, dtype=object)
    copies = int(flat[0].sum())
    factorials = np.array([math.factorial(k) for k in range(int(flat.max()) + 1)], dtype=object)
    below = factorials[flat[:, 0]]
    for cell in range(1, flat.shape[1]):
        below = below * factorials[flat[:, cell]]
    weights: npt.NDArray[np.object_] = math.factorial(copies) // below
    return weights


@dataclass(frozen=True, eq=False)
class JointLaw:
    """Joint law of all agents' distances under independent label-free play, or under a plan that some follow.

    Parameters
    ----------
    scores : array (V, n)
        Distances times `scales`, as integers.
    weights : V integers
    scales : n integers
    """

    scores: Scores
    weights: npt.NDArray[np.object_]
    scales: tuple[int, ...]

    @cached_property
    def total(self) -> int:
        """Sum of the weights."""
        return int(self.weights.sum())

    def exceeds(self, agents: Sequence[int], epsilon: Fraction, strict: bool = True) -> Fraction:
        """Probability that some of these agents' distances is larger than ε (not `strict`: at least ε)."""
        hit = np.zeros(len(self.scores), dtype=bool)
        for i in agents:
            limit = epsilon * self.scales[i]
            bar = math.floor(limit) + 1 if strict else math.ceil(limit)
            hit |= (self.scores[:, i] >= bar).astype(bool)
        return Fraction(int(self.weights[hit].sum()), self.total)

    def values(self, agents: Sequence[int]) -> list[Fraction]:
        """Distances that occur, increasing."""
        return sorted({Fraction(int(s), self.scales[i]) for i in agents for s in set(self.scores[:, i].tolist())})


def joint_law(panel: Panel, kind: str, plan: Sequence[tuple[int, Sequence[int]]] = ()) -> JointLaw:
    """Joint law of the distances, by listing all joint tables.

    Parameters
    ----------
    panel : Panel
    kind : {"pairwise", "joint"}
    plan : pairs of an agent and its message
        These agents announce so; the others shuffle.

    Raises
    ------
    SizeError
        If there are too many tables.
    """
    sent = {i: message for i, message in plan if i in panel.choosing}
    planned = list(sent)
    free = [i for i in panel.choosing if i not in sent]
    together = Counter(zip(*sent.values(), strict=True)) if sent else Counter({(): panel.copies})
    rows = list(together)
    tables = joint_tables([list(together.values()), *(panel.budgets[i] for i in free)])
    merged: dict[tuple[int, ...], int] = {}
    for start in range(0, len(tables), CHUNK):
        part = tables[start : start + CHUNK]
        found = np.stack(scores(panel, spread(panel, part, planned, rows, free), kind), axis=1)
        _merge(merged, found, table_weights(part))
    keys = np.array(list(merged), dtype=object if any(max(k) >= 2**62 for k in merged) else np.int64)
    weights = np.array([*merged.values(), None], dtype=object)[:-1]
    return JointLaw(keys.reshape(-1, panel.n), weights, tuple(scale(panel, i) for i in range(panel.n)))


def _merge(merged: dict[tuple[int, ...], int], found: Scores, weights: npt.NDArray[np.object_]) -> None:
    """Add the weights of tables with the same distances."""
    for row, weight in zip(map(tuple, found.tolist()), weights.tolist(), strict=True):
        merged[row] = merged.get(row, 0) + weight


def spread(
    panel: Panel, tables: IntArray, planned: Sequence[int], rows: Sequence[tuple[int, ...]], free: Sequence[int]
) -> JointTables:
    """Tables over the joint types of all agents that choose, from tables over joint planned messages and free types."""
    agents = (*planned, *free)
    shape = tuple(panel.shape[i] for i in agents)
    codes = [
        int(np.ravel_multi_index((*row, *types), shape))
        for row in rows
        for types in itertools.product(*(range(panel.shape[i]) for i in free))
    ]
    full = np.zeros((len(tables), math.prod(shape)), dtype=np.int64)
    full[:, codes] = tables.reshape(len(tables), -1)
    return JointTables(full.reshape(-1, *shape), agents)
