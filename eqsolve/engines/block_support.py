"""All equilibria of a game in blocks by the supports of its strategies: exact, and complete for degenerate games.

A support is a set of labels with at least one in every block. Only supports that can be best replies to something, all
labels at once, are paired; for each pair of supports the two faces {x on S1 : all of S2 are best replies} and the other
way round are decided exactly. It shares no search with the complementarity engine, which makes it a check on that one.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence
from fractions import Fraction

from eqsolve.engines.complementarity import BlockGame, NashSet, Statistics
from eqsolve.engines.faces import face_vertices
from eqsolve.engines.lp import solve_lp
from eqsolve.engines.nash_subsets import nash_subsets

Support = tuple[tuple[int, ...], ...]
"""Per block the labels that may be played, as indices of rows or columns."""
Vector = tuple[Fraction, ...]
Matrix = Sequence[Sequence[Fraction]]


def enumerate_block_supports(game: BlockGame, *, max_seconds: float | None = None) -> NashSet:
    """Find all equilibria of a game in blocks by enumeration of supports.

    Parameters
    ----------
    game : BlockGame
    max_seconds : float, optional
        Limit of time.

    Returns
    -------
    NashSet
        As the complementarity engine gives it. In `statistics`, `nodes` counts the pairs of supports and `lps` the
        linear programs that decided which supports can be best replies.

    Notes
    -----
    A linear program for each support that its predecessors leave possible, then two exact faces for each pair: at
    most the product over blocks of 2^size - 1 supports per player. Extreme equilibria appear at several pairs and
    are listed once.
    """
    search = _Supports(game, None if max_seconds is None else time.monotonic() + max_seconds)
    start = time.monotonic()
    found: set[tuple[Vector, Vector]] = set()
    stopped = None
    try:
        for rows, cols in search.products():
            found.update(itertools.product(rows, cols))
    except TimeoutError:
        stopped = "time limit"
    except KeyboardInterrupt:
        stopped = "interrupted"
    rows, cols = sorted({x for x, _ in found}), sorted({y for _, y in found})
    row_place, col_place = {x: k for k, x in enumerate(rows)}, {y: k for k, y in enumerate(cols)}
    pairs = sorted((row_place[x], col_place[y]) for x, y in found)
    subsets, components = nash_subsets(pairs)
    search.statistics.seconds = time.monotonic() - start
    return NashSet(
        tuple(rows), tuple(cols), tuple(pairs), subsets, components, stopped is None, stopped, search.statistics
    )


class _Supports:
    """One enumeration."""

    def __init__(self, game: BlockGame, deadline: float | None) -> None:
        self.deadline = deadline
        self.statistics = Statistics()
        transposed = [list(column) for column in zip(*game.B, strict=True)]
        self.payoffs: tuple[Matrix, Matrix] = (game.A, transposed)  # own labels × the other player's labels
        self.blocks = (_members(game.row_blocks), _members(game.col_blocks))

    def products(self) -> Iterator[tuple[list[Vector], list[Vector]]]:
        """Vertices of both faces for every pair of supports that has equilibria."""
        firsts, seconds = (list(self._possible(p, [])) for p in range(2))
        for first, second in itertools.product(firsts, seconds):
            self._check_time()
            self.statistics.nodes += 1
            rows = self._face(0, first, second)
            if rows:
                cols = self._face(1, second, first)
                if cols:
                    self.statistics.leaves += 1
                    yield rows, cols

    def _check_time(self) -> None:
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise TimeoutError("the enumeration of supports ran out of time")

    def _possible(self, p: int, chosen: list[tuple[int, ...]]) -> Iterator[Support]:
        """Supports of player p whose labels are best replies, all at once, to some strategy of the other player."""
        blocks = self.blocks[p]
        if len(chosen) == len(blocks):
            yield tuple(chosen)
            return
        block = blocks[len(chosen)]
        for size in range(1, len(block) + 1):
            for labels in itertools.combinations(block, size):
                longer = [*chosen, labels]
                if self._has_answer(p, longer):
                    yield from self._possible(p, longer)

    def _has_answer(self, p: int, chosen: Sequence[tuple[int, ...]]) -> bool:
        self._check_time()
        self.statistics.lps += 1
        equal, at_least = self._best_reply_rows(p, chosen)
        width = len(self.payoffs[p][0])
        sums = [[1 if k in block else 0 for k in range(width)] for block in map(set, self.blocks[1 - p])]
        solution = solve_lp(
            [0] * width,
            A_ub=[[-x for x in row] for row in at_least],
            b_ub=[0] * len(at_least),
            A_eq=[*equal, *sums],
            b_eq=[*([0] * len(equal)), *([1] * len(sums))],
        )
        return solution.status == "optimal"

    def _best_reply_rows(self, p: int, chosen: Sequence[tuple[int, ...]]) -> tuple[list[Vector], list[Vector]]:
        """Rows that vanish and rows that are not negative where the chosen labels of player p are best replies."""
        equal: list[Vector] = []
        at_least: list[Vector] = []
        payoffs = self.payoffs[p]
        for block, labels in zip(self.blocks[p], chosen, strict=False):
            best = payoffs[labels[0]]
            for label in block:
                if label != labels[0]:
                    row = tuple(a - b for a, b in zip(best, payoffs[label], strict=True))
                    (equal if label in labels else at_least).append(row)
        return equal, at_least

    def _face(self, p: int, own: Support, others: Support) -> list[Vector]:
        """Vertices of {strategies of player p on `own` : all labels in `others` are best replies}."""
        equal, at_least = self._best_reply_rows(1 - p, others)
        labels = [label for block in own for label in block]
        equalities: list[list[Fraction | int]] = [[0, *(row[label] for label in labels)] for row in equal]
        equalities += [[-1, *(1 if label in block else 0 for label in labels)] for block in own]
        inequalities: list[list[Fraction | int]] = [[0, *(row[label] for label in labels)] for row in at_least]
        inequalities += [[0, *(1 if other == label else 0 for other in labels)] for label in labels]
        width = len(self.payoffs[p])
        vertices = []
        for point in face_vertices(equalities, inequalities):
            vector = [Fraction(0)] * width
            for label, q in zip(labels, point, strict=True):
                vector[label] = q
            vertices.append(tuple(vector))
        return vertices


def _members(sizes: Sequence[int]) -> list[list[int]]:
    """Indices of the labels of each block."""
    ends = itertools.accumulate(sizes)
    return [list(range(end - size, end)) for size, end in zip(sizes, ends, strict=True)]
