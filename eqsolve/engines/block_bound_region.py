"""What is known in one part of the set of equilibria: who may play what, and how messages compare.

A part is described by signs of comparisons (`eqsolve.engines.block_bound_comparisons`). A comparison of player p is a
fact about the law of the other player's actions; where it is positive, the actions that lose by it are not played.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from eqsolve.engines.bayesian import Integers
from eqsolve.engines.block_bound_comparisons import Booleans, Comparisons, Floats, primitive

ABOVE, EQUAL, BELOW, AT_LEAST = 1, 0, -1, 2
"""Signs of a function: positive, zero, negative (strictly), and not negative."""

MARGIN = 1e-7


@dataclass(frozen=True)
class Order:
    """What may be supposed of equilibria because the game looks the same under renaming.

    Attributes
    ----------
    player : int
        Whose law of actions is in order.
    vectors : tuple of integer vectors over its actions
        Functions of the law that are not negative.
    rows : tuple of int
        Those that imply all others.
    ties : tuple of integer vectors over the other player's actions
        What is not negative of the other player's law, where the vector at the same place is zero; empty for nothing.
    """

    player: int
    vectors: tuple[tuple[int, ...], ...]
    rows: tuple[int, ...]
    ties: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, eq=False)
class Fact:
    """A sign of a linear function of a player's law of actions.

    `key` is a comparison, or -1 - k for vector (or tie) k of the order.
    """

    key: int
    vector: tuple[int, ...]
    sign: int

    @cached_property
    def norm(self) -> float:
        """Largest entry; 1 for a vector of zeros."""
        return float(max(map(abs, self.vector))) or 1.0

    @cached_property
    def row(self) -> Floats:
        """The function as a row of a program, divided by its norm, not negative (or zero)."""
        return np.array(self.vector, dtype=np.float64) * ((-1.0 if self.sign == BELOW else 1.0) / self.norm)


@dataclass(frozen=True, eq=False)
class Setting:
    """The game as comparisons of both players, and the order that is supposed."""

    comparisons: tuple[Comparisons, Comparisons]
    order: Order | None = None

    @cached_property
    def tie_of(self) -> dict[int, int]:
        """Comparisons (of the player who faces the ordered law) that are multiples of an order vector."""
        if self.order is None or not self.order.ties:
            return {}
        index = self.comparisons[1 - self.order.player].index
        found = ((k, primitive(v)[1]) for k, v in enumerate(self.order.vectors) if any(v))
        return {index[v]: k for k, v in found if v in index}

    @cached_property
    def _extremes(self) -> dict[tuple[int, bytes], tuple[Integers, Integers]]:
        return {}

    @cached_property
    def _most(self) -> dict[tuple[int, int, bytes], Integers]:
        return {}

    def most(self, i: int, t: int, kept: Booleans) -> Integers:
        """What some actions of type t of player i pay at most, against every action, times the type's weight."""
        key = (i, t, kept.tobytes())
        if key not in self._most:
            mine = self.comparisons[i]
            best = mine.payoffs[t, kept].max(axis=0)
            self._most[key] = best.astype(mine.sums) * mine.weights[t]
        return self._most[key]

    def reach(self, a: int, actions: Booleans, weights: Sequence[int]) -> tuple[Integers, Integers]:
        """Least and largest value of every comparison of the other player, times the sum of player a's weights.

        Over laws of player a, whose groups of types may play `actions` (G, M) and have these weights. The sums are
        of integers below 2^53, or of Python's integers: exact.
        """
        low, high = [], []
        for open_ in actions:
            key = (a, open_.tobytes())
            if key not in self._extremes:
                part = self.comparisons[1 - a].table[:, open_]
                self._extremes[key] = part.min(axis=1), part.max(axis=1)
            least, most = self._extremes[key]
            low.append(least)
            high.append(most)
        exact = low[0].dtype == np.float64 and sum(weights) < 2**32
        kind = np.float64 if exact else object
        factors = np.array(weights, dtype=kind)
        if not exact and low[0].dtype == np.float64:
            low, high = ([np.array([int(x) for x in part], dtype=object) for part in parts] for parts in (low, high))
        return factors @ np.array(low, dtype=kind), factors @ np.array(high, dtype=kind)


class Region:
    """A part of the set of equilibria.

    Attributes
    ----------
    alive : pair of boolean arrays (T, M)
        What may be played.
    kept : pair of boolean arrays (T, M)
        Actions one of which is a best reply: `alive` without those that another one is known to equal or exceed.
    facts : pair of lists of Fact
        About the law of the *other* player, as comparisons of this player see it.
    decided : pair of {comparison: sign}
    """

    def __init__(self, setting: Setting, alive: Sequence[Booleans]) -> None:
        self.setting = setting
        self.alive = [a.copy() for a in alive]
        self.kept = [a.copy() for a in alive]
        self.facts: list[list[Fact]] = [[], []]
        self.decided: list[dict[int, int]] = [{}, {}]
        self._covered_by: list[dict[tuple[int, int], int]] = [{}, {}]
        self._groups: list[tuple[Booleans, Integers, list[int]] | None] = [None, None]
        order = setting.order
        if order is not None:
            for k, vector in enumerate(order.vectors):
                self._suppose(1 - order.player, k, vector, row=k in order.rows)

    def copy(self) -> Region:
        """An independent copy."""
        other = Region.__new__(Region)
        other.setting = self.setting
        other.alive = [a.copy() for a in self.alive]
        other.kept = [a.copy() for a in self.kept]
        other.facts = [list(f) for f in self.facts]
        other.decided = [dict(d) for d in self.decided]
        other._covered_by = [dict(c) for c in self._covered_by]
        other._groups = list(self._groups)
        return other

    @property
    def dead(self) -> int | None:
        """A player who has no best reply left at some type, so that nothing is in this part; None as a rule."""
        return next((p for p in (0, 1) if not self.kept[p].any(axis=1).all()), None)

    def holds(self, a: int, lotteries: Floats) -> bool:
        """Whether what player a plays is alive and meets all facts, strict ones by a margin."""
        if lotteries[~self.alive[a]].any():
            return False
        law = self.setting.comparisons[a].prior @ lotteries
        for fact in self.facts[1 - a]:
            value = float(fact.row @ law)
            if value < MARGIN if fact.sign in (ABOVE, BELOW) else value < -MARGIN / 100:
                return False
            if fact.sign == EQUAL and value > MARGIN / 100:
                return False
        return True

    def groups(self, a: int) -> tuple[Booleans, Integers, list[int]]:
        """Types of player a by what they may play: actions (G, M), group of every type, weight of every group."""
        known = self._groups[a]
        if known is None:
            actions, group = np.unique(self.alive[a], axis=0, return_inverse=True)
            weights = [0] * len(actions)
            for g, w in zip(group.ravel().tolist(), self.setting.comparisons[a].weights, strict=True):
                weights[g] += w
            known = self._groups[a] = actions, group.ravel(), weights
        return known

    def learn(self, player: int, comparison: int, sign: int) -> None:
        """Take the sign of a comparison for granted."""
        mine = self.setting.comparisons[player]
        self.decided[player][comparison] = sign
        self.facts[player].append(Fact(comparison, mine.vectors[comparison], sign))
        if sign != EQUAL:
            losers = mine.losers[comparison][0 if sign == ABOVE else 1]
            self.alive[player][losers] = False
            self.kept[player][losers] = False
            self._groups[player] = None
            return
        for t, a, b, _ in mine.pairs[comparison]:
            self._cover(player, t, min(a, b), max(a, b))
            self._cover(player, t, max(a, b), min(a, b))
        k = self.setting.tie_of.get(comparison)
        order = self.setting.order
        if k is not None and order is not None and player == 1 - order.player:
            self._suppose(1 - player, k, order.ties[k], row=True)

    def _suppose(self, player: int, k: int, vector: tuple[int, ...], *, row: bool) -> None:
        """A function that the order makes not negative, as the comparisons of `player` see it."""
        if not any(vector):
            return
        if row:
            self.facts[player].append(Fact(-1 - k, vector, AT_LEAST))
        sign, function = primitive(vector)
        mine = self.setting.comparisons[player]
        comparison = mine.index.get(function)
        if comparison is not None:
            for t, a, b, _ in mine.pairs[comparison]:
                better, worse = (a, b) if sign > 0 else (b, a)
                self._cover(player, t, better, worse)

    def _cover(self, p: int, t: int, better: int, worse: int) -> None:
        """Action `better` is at least as good as `worse`: one of them is enough among the possible best replies.

        What is covered by something that is not played (which something else exceeds) is not played either.
        """
        alive, kept = self.alive[p][t], self.kept[p][t]
        if not alive[worse]:
            return
        root = better
        while not kept[root]:
            if not alive[root]:
                alive[worse] = kept[worse] = False
                self._groups[p] = None
                return
            root = self._covered_by[p][t, root]
        if kept[worse] and root != worse:
            kept[worse] = False
            self._covered_by[p][t, worse] = better

    def certain(self) -> list[tuple[int, int, int]]:
        """Learn all signs that what is alive makes certain and that end something, again and again.

        Returns
        -------
        list of (player, comparison, sign) in the order in which they were learned
        """
        found: list[tuple[int, int, int]] = []
        quiet = 0
        player = 0
        while quiet < 2 and self.dead is None:
            news = self._certain_of(player)
            for comparison, sign in news:
                if self._ends_something(player, comparison, sign):
                    self.learn(player, comparison, sign)
                    found.append((player, comparison, sign))
            quiet = 0 if news else quiet + 1
            player = 1 - player
        return found

    def _certain_of(self, player: int) -> list[tuple[int, int]]:
        """Comparisons of a player whose sign is certain and ends something."""
        mine = self.setting.comparisons[player]
        if not mine.vectors:
            return []
        actions, _, weights = self.groups(1 - player)
        low, high = self.setting.reach(1 - player, actions, weights)
        (_, t, better, worse), _ = mine.flat
        news = []
        for sign, certain, loser in ((ABOVE, low > 0, worse), (BELOW, high < 0, better)):
            ends = np.logical_or.reduceat(self.alive[player][t, loser], mine.starts)
            news += [(int(c), sign) for c in np.nonzero(certain & ends)[0]]
        return [(c, sign) for c, sign in sorted(news) if c not in self.decided[player]]

    def _ends_something(self, player: int, comparison: int, sign: int) -> bool:
        if comparison in self.decided[player]:
            return False
        losers = self.setting.comparisons[player].losers[comparison][0 if sign == ABOVE else 1]
        return bool(self.alive[player][losers].any())
