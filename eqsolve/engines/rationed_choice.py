"""Choices on K positions under rations, for all vectors of rows at once, without listing the choices.

Every position k has a row r_k out of a few and is given one column c_k. It is worth ``worth[k, r_k, c_k]``, columns
come in groups, and a group may be taken between `least` and `most` times. The best choice for one vector of rows is a
transportation problem; a dynamic program over what is left of the rations solves it for all vectors, sharing the work
of vectors that end alike, and for positions of equal worth it looks only at vectors in increasing order.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from eqsolve.errors import SizeError
from eqsolve.exact.rational import in_words

Integers = npt.NDArray[Any]
"""Integers, of dtype int64 where they provably fit, else of Python integers."""
Ids = npt.NDArray[np.int64]
State = tuple[int, ...]

MAX_CELLS = 30_000_000
SAFE = 2**62


class Ration(NamedTuple):
    """Columns that are taken between `least` and `most` times together."""

    members: tuple[int, ...]
    least: int
    most: int


class RationedChoice:
    """Best choices for every vector of rows.

    Parameters
    ----------
    worth : integer array (K, R, m)
        What a column is worth at a position, by the row there.
    rations : sequence of Ration
        A partition of the m columns that somebody can meet.
    rows : sequence of int
        Rows that occur, in increasing order.
    group : bool
        Solve positions of equal worth for increasing rows only; `expand` gives the rest.

    Raises
    ------
    SizeError
        If the table of the dynamic program would have more than `MAX_CELLS` entries: vectors of rows times ways to
        have spent the rations, over all positions.
    """

    def __init__(self, worth: Integers, rations: Sequence[Ration], rows: Sequence[int], *, group: bool = True) -> None:
        self.copies = worth.shape[0]
        self.rations = tuple(rations)
        self.rows = tuple(rows)
        self._bound = sum(max((abs(int(x)) for x in (part.min(), part.max())), default=0) for part in worth)
        self.worth: Integers = worth.astype(np.int64 if 4 * self._bound + 4 < SAFE else object)
        self.blocks = equal_positions(self.worth) if group else [[k] for k in range(self.copies)]
        self._order = [k for block in self.blocks for k in block]
        self._joined = [j > 0 for block in self.blocks for j in range(len(block))]
        self._check_size()
        self._solve()

    def _check_size(self) -> None:
        cells, partial, closed = 0, 0, 1
        states = _state_counts(self.rations, self.copies)
        for k in reversed(range(self.copies)):
            partial += 1
            vectors = closed * math.comb(partial + len(self.rows) - 1, len(self.rows) - 1)
            cells += vectors * states[k]
            if not self._joined[k]:
                closed, partial = vectors, 0
        if cells > MAX_CELLS:
            raise SizeError(
                f"best responses on {self.copies} problems look at {in_words(cells)} pairs of type vectors and spent "
                f"budgets, at most {MAX_CELLS:,}; fewer copies (-k) or the label-free form (--form label-free) answer"
            )

    def _solve(self) -> None:
        """Backwards over the positions: the value of every suffix of rows at every spent budget."""
        states, following = _states(self.rations, self.copies)
        self._grouped = np.stack([self.worth[:, :, list(g.members)].max(axis=2) for g in self.rations], axis=2)
        self._member = np.stack(
            [np.array(g.members)[self.worth[:, :, list(g.members)].argmax(axis=2)] for g in self.rations], axis=2
        )
        self._following = following
        self._heads: list[Ids] = []
        self._tails: list[Ids] = []
        self._taken: list[npt.NDArray[np.uint8]] = []
        low = -2 * self._bound - 1
        values: Integers = np.array([[0] * len(states[-1])], dtype=self.worth.dtype)
        heads = np.zeros(1, dtype=np.int64)
        for k in reversed(range(self.copies)):
            heads, tails = self._lengthened(heads, k)
            padded = np.concatenate([values, np.full((len(values), 1), low, dtype=values.dtype)], axis=1)
            gain = self._grouped[self._order[k]][heads]
            values, taken = self._best(gain, padded, tails, following[k])
            self._heads.append(heads)
            self._tails.append(tails)
            self._taken.append(taken)
        for part in (self._heads, self._tails, self._taken):
            part.reverse()
        self.values: Integers = values[:, 0]

    def _lengthened(self, heads: Ids, k: int) -> tuple[Ids, Ids]:
        """Rows at position k and what follows, for all vectors of rows from k on; lexicographically."""
        ordered = k + 1 < self.copies and self._joined[k + 1]
        everything = np.arange(len(heads))
        tails = [everything[heads >= u] if ordered else everything for u in self.rows]
        return np.repeat(self.rows, [len(t) for t in tails]), np.concatenate(tails)

    @staticmethod
    def _best(gain: Integers, padded: Integers, tails: Ids, following: Ids) -> tuple[Integers, npt.NDArray[np.uint8]]:
        best: Integers = gain[:, 0, None] + padded[np.ix_(tails, following[:, 0])]
        taken = np.zeros(best.shape, dtype=np.uint8)
        for g in range(1, following.shape[1]):
            other = gain[:, g, None] + padded[np.ix_(tails, following[:, g])]
            better = (other > best).astype(bool)
            taken[better] = g
            best = np.where(better, other, best)
        return best, taken

    @cached_property
    def vectors(self) -> Ids:
        """Vectors of rows that stand for all, one per line: increasing within every block; shape (S, K)."""
        return self._walk()[0]

    @cached_property
    def choices(self) -> Ids:
        """A best choice for each of `vectors`; shape (S, K). Earlier groups and columns win ties."""
        return self._walk()[1]

    def _walk(self) -> tuple[Ids, Ids]:
        """Forwards along what was taken."""
        count = len(self.values)
        vectors = np.empty((count, self.copies), dtype=np.int64)
        choices = np.empty((count, self.copies), dtype=np.int64)
        suffix, state = np.arange(count), np.zeros(count, dtype=np.int64)
        for k, position in enumerate(self._order):
            rows = self._heads[k][suffix]
            taken = self._taken[k][suffix, state]
            vectors[:, position] = rows
            choices[:, position] = self._member[position][rows, taken]
            state = self._following[k][state, taken]
            suffix = self._tails[k][suffix]
        return vectors, choices

    def locate(self, vectors: Ids) -> Ids:
        """Which of `vectors` stands for each line of an array (T, K) of rows."""
        if all(len(block) == 1 for block in self.blocks):
            ordered = vectors
        else:
            ordered = vectors.copy()
            for block in self.blocks:
                ordered[:, block] = np.sort(vectors[:, block], axis=1)
        place = np.zeros(max(self.rows) + 1, dtype=np.int64)
        place[list(self.rows)] = np.arange(len(self.rows))
        base = len(self.rows)
        dtype = np.int64 if base**self.copies < SAFE else object
        where, codes = np.zeros(len(vectors), dtype=dtype), np.zeros(len(self.values), dtype=dtype)
        for k in self._order:  # lexicographic, so the codes of the representatives increase
            where = where * base + place[ordered[:, k]]
            codes = codes * base + place[self.vectors[:, k]]
        return np.searchsorted(codes, where)

    def expand(self, vectors: Ids) -> Ids:
        """A best choice for each line of an array (T, K) of rows."""
        chosen = self.choices[self.locate(vectors)]
        for block in self.blocks:
            if len(block) > 1:
                order = np.argsort(vectors[:, block], axis=1, kind="stable")
                part = np.empty_like(order)
                np.put_along_axis(part, order, chosen[:, block], axis=1)
                chosen[:, block] = part
        return chosen


def best_choices(
    worth: Integers,
    rations: Sequence[Ration],
    vector: Sequence[int],
    alike: Sequence[int] | None = None,
) -> Iterator[tuple[int, ...]]:
    """All best choices for one vector of rows, lexicographically.

    Walks through the rations that best choices spend; no choice that is not best is looked at.

    Parameters
    ----------
    worth, rations
        As in `RationedChoice`.
    vector : K rows
    alike : K labels, optional
        Positions with the same label (of equal worth) and the same row are interchangeable: only choices that do
        not decrease along them are listed.
    """
    copies, rations = len(vector), tuple(rations)
    group_of = {v: g for g, ration in enumerate(rations) for v in ration.members}
    table = [[int(x) for x in worth[k, u]] for k, u in enumerate(vector)]
    states, following = _states(rations, copies)
    values: list[list[int]] = [[] for _ in range(copies)]
    later = [0] * len(states[copies])
    open_: list[list[list[tuple[int, int]]]] = []
    for k in reversed(range(copies)):
        here = []
        for leads in following[k].tolist():
            gains = [(table[k][v] + later[leads[g]], v, leads[g]) for v, g in group_of.items() if leads[g] >= 0]
            best = max(gains)[0]
            values[k].append(best)
            here.append(sorted((v, rest) for gain, v, rest in gains if gain == best))
        later = values[k]
        open_.append(here)
    open_.reverse()
    before = _last_alike(vector, alike)
    chosen = [0] * copies

    def walk(k: int, state: int) -> Iterator[tuple[int, ...]]:
        """Best choices from position k on, in a state of the rations; those before k are in `chosen`."""
        if k == copies:
            yield tuple(chosen)
            return
        least = chosen[before[k]] if before[k] >= 0 else 0
        for v, rest in open_[k][state]:
            if v >= least:
                chosen[k] = v
                yield from walk(k + 1, rest)

    yield from walk(0, 0)


def _last_alike(vector: Sequence[int], alike: Sequence[int] | None) -> list[int]:
    """For each position the last one before it that is interchangeable with it; -1 if there is none."""
    last: dict[tuple[int, int], int] = {}
    before = []
    for k, key in enumerate(zip(alike or range(len(vector)), vector, strict=True)):
        before.append(last.get(key, -1))
        last[key] = k
    return before


def equal_positions(worth: Integers) -> list[list[int]]:
    """Positions in blocks of equal worth, in the order of their first members."""
    blocks: dict[object, list[int]] = {}
    for k, part in enumerate(worth):
        key = part.tobytes() if part.dtype != object else tuple(part.ravel().tolist())
        blocks.setdefault(key, []).append(k)
    return list(blocks.values())


def _state_counts(rations: Sequence[Ration], copies: int) -> list[int]:
    """At most how many ways there are to have spent the rations on the first k positions, for k = 0, ..., K."""
    ways = [1] + [0] * copies
    for ration in rations:
        ways = [sum(ways[k - c] for c in range(min(ration.most, k) + 1)) for k in range(copies + 1)]
    return ways


@lru_cache(maxsize=64)
def _states(rations: tuple[Ration, ...], copies: int) -> tuple[list[list[State]], list[Ids]]:
    """Spent rations before each position that can still be completed, and where each group leads (-1: nowhere)."""
    states: list[list[State]] = [[(0,) * len(rations)]]
    following: list[Ids] = []
    for k in range(copies):
        index: dict[State, int] = {}
        table = np.full((len(states[k]), len(rations)), -1, dtype=np.int64)
        for s, state in enumerate(states[k]):
            for g, ration in enumerate(rations):
                if state[g] < ration.most:
                    rest = (*state[:g], state[g] + 1, *state[g + 1 :])
                    missing = sum(max(0, r.least - c) for r, c in zip(rations, rest, strict=True))
                    room = sum(r.most - c for r, c in zip(rations, rest, strict=True))
                    if missing <= copies - k - 1 <= room:
                        table[s, g] = index.setdefault(rest, len(index))
        states.append(list(index))
        following.append(table)
    return states, following
