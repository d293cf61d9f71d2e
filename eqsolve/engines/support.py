"""All equilibria of a two-player game by their supports: exact, and complete for degenerate games too.

For every pair of supports that conditional dominance leaves, two polytopes are decided: player 1's mixtures
of exactly her support against which player 2's whole support is a best reply, and the other way round.
Vertices of the one paired with vertices of the other are extreme equilibria, and every extreme equilibrium is
found at its own pair of supports, once.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations, product
from typing import Any

from flint import fmpz_mat

from eqsolve.engines.complementarity.model import BlockGame, Leaf, NashSet, Statistics, Vector
from eqsolve.engines.complementarity.reduction import Reduced, reduce
from eqsolve.engines.complementarity.verification import Verifier
from eqsolve.engines.faces import face_vertices
from eqsolve.engines.nash_subsets import nash_subsets

_REMEMBER = 500_000  # systems kept for supports of unequal size; beyond that they are solved again


def enumerate_supports(A: Any, B: Any, *, max_seconds: float | None = None) -> NashSet:
    """Find all equilibria by enumeration of supports.

    Parameters
    ----------
    A, B : matrices of shape (m, n) of exact numbers
        Payoffs of player 1, who picks rows, and of player 2.
    max_seconds : float, optional
        Limit of time.

    Returns
    -------
    NashSet
        Extreme equilibria, maximal Nash subsets and components, with ``complete=True`` unless the time limit
        or Ctrl-C stopped the search; then with what was found, equilibria of small and balanced supports
        first. In `statistics`, `nodes` counts the pairs of supports that conditional dominance left and `lps`
        the systems that were solved.

    Raises
    ------
    ValueError
        If the matrices cannot be read.

    Notes
    -----
    At most (2^m - 1)(2^n - 1) pairs of supports, after payoff-equivalent strategies were merged. R. Porter,
    E. Nudelman and Y. Shoham, Games and Economic Behavior 63 (2008), for the order and the pruning; unequal
    supports and faces with several vertices are what degenerate games need on top of it.
    """
    game = BlockGame.of(A, B)
    start = time.monotonic()
    deadline = None if max_seconds is None else start + max_seconds
    statistics = Statistics()
    found: dict[tuple[Vector, Vector], None] = {}
    stopped = None
    try:
        for leaf in support_leaves(game, deadline=deadline, statistics=statistics):
            found.update(dict.fromkeys(product(leaf.rows, leaf.cols)))
    except TimeoutError:
        stopped = "time limit"
    except KeyboardInterrupt:
        stopped = "interrupted"
    rows, cols = sorted({x for x, _ in found}), sorted({y for _, y in found})
    row_index = {x: k for k, x in enumerate(rows)}
    col_index = {y: k for k, y in enumerate(cols)}
    pairs = sorted((row_index[x], col_index[y]) for x, y in found)
    Verifier(game).require(rows, cols, pairs)
    subsets, parts = nash_subsets(pairs)
    statistics.seconds = time.monotonic() - start
    return NashSet(tuple(rows), tuple(cols), tuple(pairs), subsets, parts, stopped is None, stopped, statistics)


def support_leaves(
    game: BlockGame, *, deadline: float | None = None, statistics: Statistics | None = None
) -> Iterator[Leaf]:
    """Stream the extreme equilibria of one pair of supports after the other.

    Parameters
    ----------
    game : BlockGame
        With one block per player.
    deadline : float, optional
        As `time.monotonic` counts.
    statistics : Statistics, optional
        Counted up in place.

    Yields
    ------
    Leaf
        Vertices of two faces, in strategies of the game; any row with any column is an extreme equilibrium.

    Raises
    ------
    TimeoutError
        If the deadline has passed.
    ValueError
        If the game has more than one block per player.
    """
    if len(game.row_blocks) != 1 or len(game.col_blocks) != 1:
        raise ValueError("supports are enumerated for one block of strategies per player")
    counts = statistics if statistics is not None else Statistics()
    reduced = reduce(game)
    search = _Search(reduced, counts, deadline)
    for first, second in search.pairs():
        leaf = search.decide(first, second)
        if leaf is not None:
            counts.leaves += 1
            yield Leaf(
                tuple(_expanded(leaf.rows, reduced.row_classes)), tuple(_expanded(leaf.cols, reduced.col_classes))
            )


class _Search:
    """Pairs of supports as bit masks."""

    def __init__(self, reduced: Reduced, counts: Statistics, deadline: float | None) -> None:
        self.counts = counts
        self.deadline = deadline
        self.replies1 = _Replies(reduced.first.payoffs, counts)  # player 1 replies to mixtures of columns
        self.replies2 = _Replies(reduced.second.payoffs, counts)

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Pairs whose strategies are all undominated given the other support, balanced and small ones first."""
        m, n = self.replies1.count, self.replies2.count
        sizes = sorted(product(range(1, m + 1), range(1, n + 1)), key=lambda s: (abs(s[0] - s[1]), s[0] + s[1]))
        for size1, size2 in sizes:
            for chosen in combinations(range(m), size1):
                if self.deadline is not None and time.monotonic() > self.deadline:
                    raise TimeoutError("the enumeration of supports ran out of time")
                first = _mask(chosen)
                left = self.replies2.undominated(first)
                if left.bit_count() < size2 or first & ~self.replies1.undominated(left):
                    continue
                for other in combinations(_bits(left), size2):
                    second = _mask(other)
                    if not first & ~self.replies1.undominated(second):
                        yield first, second

    def decide(self, first: int, second: int) -> Leaf | None:
        """Extreme equilibria with these supports."""
        self.counts.nodes += 1
        # The larger support makes the more equations for the other player: decide those first.
        if first.bit_count() >= second.bit_count():
            cols = self.replies1.vertices(second, first)
            rows = self.replies2.vertices(first, second) if cols else []
        else:
            rows = self.replies2.vertices(first, second)
            cols = self.replies1.vertices(second, first) if rows else []
        return Leaf(tuple(rows), tuple(cols)) if rows and cols else None


class _Replies:
    """One player's replies: row r of `payoffs` is what reply r earns against each strategy of the opponent."""

    def __init__(self, payoffs: Sequence[Sequence[int]], counts: Statistics) -> None:
        self.payoffs = payoffs
        self.counts = counts
        self.count, self.width = len(payoffs), len(payoffs[0])
        # better[r]: for each other reply, against which strategies it earns strictly more than r
        self.better = [
            [_mask([c for c in range(self.width) if other[c] > row[c]]) for k, other in enumerate(payoffs) if k != r]
            for r, row in enumerate(payoffs)
        ]
        self._undominated: dict[int, int] = {}
        self._unique: dict[tuple[int, int], tuple[Vector, int] | str | None] = {}

    def undominated(self, support: int) -> int:
        """Replies that no pure reply beats against all strategies of a support."""
        known = self._undominated.get(support)
        if known is None:
            known = _mask([r for r in range(self.count) if all(support & ~better for better in self.better[r])])
            self._undominated[support] = known
        return known

    def vertices(self, support: int, replies: int) -> list[Vector]:
        """Vertices of the face of mixtures of a support to which all of `replies` are best replies.

        Only those that play the whole support.
        """
        size = support.bit_count()
        if replies.bit_count() >= size:
            base = _mask(_bits(replies)[:size])
            found = self.unique(support, base)
            if found is None:
                return []
            if not isinstance(found, str):
                return [] if replies & ~found[1] else [found[0]]
        return self.face(support, replies)

    def unique(self, support: int, replies: int) -> tuple[Vector, int] | str | None:
        """Solve a square system of indifference.

        Returns the mixture of the support and all best replies to it as a mask; None if it is not positive or
        has better replies; "singular" if the system does not determine it. Remembered, because supports of
        unequal size ask for the same system again.
        """
        key = support, replies
        if key in self._unique:
            return self._unique[key]
        found = self.solve(_bits(support), _bits(replies))
        if len(self._unique) < _REMEMBER:
            self._unique[key] = found
        return found

    def solve(self, support: list[int], replies: list[int]) -> tuple[Vector, int] | str | None:
        """The system of indifference solved in integers; answers as `unique`, which remembers them."""
        self.counts.lps += 1
        size = len(support) + 1
        rows = [[self.payoffs[r][c] for c in support] + [-1] for r in replies]
        system = fmpz_mat([*rows, [1] * (size - 1) + [0]])
        try:
            solution: Any = system.solve(fmpz_mat(size, 1, [0] * (size - 1) + [1]))
        except ZeroDivisionError:
            return "singular"
        numbers, scale = solution.numer_denom()
        *weights, best = (int(value) for value in numbers.entries())
        if min(weights) <= 0:
            return None
        earned = [sum(w * row[c] for w, c in zip(weights, support, strict=True)) for row in self.payoffs]
        if max(earned) > best:
            return None
        mixture = [Fraction(0)] * self.width
        for c, weight in zip(support, weights, strict=True):
            mixture[c] = Fraction(weight, int(scale))
        return tuple(mixture), _mask([r for r, value in enumerate(earned) if value == best])

    def face(self, support: int, replies: int) -> list[Vector]:
        """The same by the vertices of the face, for systems that leave some freedom."""
        self.counts.lps += 1
        played, best = _bits(support), _bits(replies)
        size, first = len(played), self.payoffs[best[0]]
        gains = {r: [0, *(first[c] - self.payoffs[r][c] for c in played)] for r in range(self.count) if r != best[0]}
        equalities = [[-1, *[1] * size], *(gains[r] for r in best[1:])]
        signs = [[0, *(int(c == k) for c in range(size))] for k in range(size)]
        inequalities = [*signs, *(row for r, row in gains.items() if not replies >> r & 1)]
        vertices = []
        for point in face_vertices(equalities, inequalities):
            if all(point):
                mixture = [Fraction(0)] * self.width
                for c, weight in zip(played, point, strict=True):
                    mixture[c] = weight
                vertices.append(tuple(mixture))
        return vertices


def _expanded(merged: Sequence[Vector], classes: Sequence[Sequence[int]]) -> Iterator[Vector]:
    """Extreme points in original strategies: each merged one's probability on one of those it stands for."""
    length = sum(map(len, classes))
    for vector in merged:
        support = [k for k, value in enumerate(vector) if value]
        for choice in product(*(classes[k] for k in support)):
            full = [Fraction(0)] * length
            for k, original in zip(support, choice, strict=True):
                full[original] = vector[k]
            yield tuple(full)


def _mask(members: Sequence[int]) -> int:
    return sum(1 << k for k in members)


def _bits(mask: int) -> list[int]:
    return [k for k in range(mask.bit_length()) if mask >> k & 1]
