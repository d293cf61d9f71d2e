"""A two-player Bayesian game as a game in blocks, one block per type, for the engine that finds all equilibria.

Before solving, interim strictly dominated actions are removed and payoff-equivalent ones merged; after solving, every
block is looked at again: where a maximal Nash subset leaves a type free among several actions and nobody's payoff
moves, these are told as one class instead of being multiplied out.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from eqsolve.engines.bayesian import Actions, BayesianGame, Elimination, merge_equivalent, undominated
from eqsolve.engines.complementarity import BlockGame, NashSet

Action = int
Classes = tuple[tuple[int, ...], ...]
BlockVector = tuple[tuple[Fraction, ...], ...]
"""One probability vector per type, over the classes of that type."""


@dataclass(frozen=True)
class TypeStrategy:
    """What one player does: for every type a lottery over actions, and which actions it may mix freely.

    Parameters
    ----------
    lotteries : per type {action: probability}
        Classes of equivalent actions are mixed evenly.
    free : per type a tuple of actions
        Any mixture of these, type by type, stays within the class of equilibria; empty where nothing is free.
    """

    lotteries: tuple[tuple[tuple[Action, Fraction], ...], ...]
    free: tuple[tuple[Action, ...], ...]


@dataclass(frozen=True)
class ClassSubset:
    """A maximal Nash subset: every mixture of `rows` with every mixture of `cols` is an equilibrium.

    A side without a player is empty.
    """

    rows: tuple[TypeStrategy, ...]
    cols: tuple[TypeStrategy, ...]


@dataclass(frozen=True, eq=False)
class ReducedGame:
    """A Bayesian game of at most two players after iterated interim dominance, equivalent actions merged.

    Parameters
    ----------
    game : BayesianGame
    open_actions : per player and type the actions of the whole game, optional
        Everything by default.
    """

    game: BayesianGame
    open_actions: tuple[Actions, ...] | None = None

    @cached_property
    def _undominated(self) -> tuple[tuple[Actions, ...], tuple[Elimination, ...]]:
        return undominated(self.game, self.open_actions)

    @property
    def survivors(self) -> tuple[Actions, ...]:
        """Per player and type, the actions that survive iterated strict dominance."""
        return self._undominated[0]

    @property
    def eliminations(self) -> tuple[Elimination, ...]:
        """What was removed, with the mixtures that dominate."""
        return self._undominated[1]

    @cached_property
    def classes(self) -> tuple[tuple[Classes, ...], ...]:
        """Per player and type the classes of payoff-equivalent survivors."""
        return merge_equivalent(self.game, self.survivors)

    @property
    def labels(self) -> tuple[int, ...]:
        """Number of classes of each player, over all types."""
        return tuple(sum(len(classes) for classes in player) for player in self.classes)

    @cached_property
    def blocks(self) -> BlockGame:
        """The reduced game in blocks: one block per type, one row or column per class.

        With fewer than two players the other one gets a single strategy.
        """
        representatives = [
            [(t, group[0]) for t, classes in enumerate(player) for group in classes] for player in self.classes
        ]
        sizes = [tuple(len(classes) for classes in player) for player in self.classes]
        while len(representatives) < 2:
            representatives.append([(0, 0)])
            sizes.append((1,))
        matrices = [self._matrix(i, representatives) for i in range(2)]
        return BlockGame.of(matrices[0], matrices[1], sizes[0], sizes[1])

    def _matrix(self, i: int, representatives: Sequence[Sequence[tuple[int, int]]]) -> list[list[int]]:
        """Payoffs of player i, weighted by the probabilities of both types, up to a positive factor."""
        rows, cols = representatives
        if i >= self.game.n:
            return [[0] * len(cols) for _ in rows]
        payoffs, weights = self.game.payoffs[i], self.game.weights
        if self.game.n == 1:
            return [[weights[0][t] * int(payoffs[t, a])] for t, a in rows]
        matrix = []
        for t, a in rows:
            line = []
            for s, b in cols:
                own_type = t if i == 0 else s
                line.append(weights[0][t] * weights[1][s] * int(payoffs[own_type, a, b]))
            matrix.append(line)
        return matrix

    def class_subsets(self, found: NashSet) -> list[ClassSubset]:
        """Maximal Nash subsets of the reduced game, told in actions of the original one."""
        subsets = []
        for row_indices, col_indices in found.subsets:
            faces = (
                [self._split(0, found.rows[k]) for k in sorted(row_indices)],
                [self._split(1, found.cols[k]) for k in sorted(col_indices)],
            )
            told = [self._tell(p, faces[p], faces[1 - p]) if p < self.game.n else () for p in range(2)]
            subsets.append(ClassSubset(*told))
        return subsets

    def _split(self, p: int, vector: Sequence[Fraction]) -> BlockVector:
        """A strategy vector cut into one probability vector per type."""
        sizes = self.blocks.row_blocks if p == 0 else self.blocks.col_blocks
        ends = itertools.accumulate(sizes)
        return tuple(tuple(vector[e - s : e]) for s, e in zip(sizes, ends, strict=True))

    def _tell(self, p: int, face: list[BlockVector], others: list[BlockVector]) -> tuple[TypeStrategy, ...]:
        """The vertices of a player's face as strategies, types that are free without moving a payoff told as such."""
        free: dict[int, tuple[int, ...]] = {}
        for t in range(len(self.classes[p])):
            open_ = tuple(c for c in range(len(self.classes[p][t])) if any(x[t][c] for x in face))
            if len(open_) > 1 and self._is_free(face, t, open_) and self._moves_nothing(p, t, open_, others):
                free[t] = open_
                face = list(dict.fromkeys((*x[:t], (), *x[t + 1 :]) for x in face))
        return tuple(self._strategy(p, x, free) for x in face)

    @staticmethod
    def _is_free(face: Sequence[BlockVector], t: int, open_: Sequence[int]) -> bool:
        """Whether the face is a product of the full simplex over `open_` at type t and something in the other types."""
        at_rest: dict[BlockVector, set[int]] = {}
        for x in face:
            if max(x[t]) < 1:
                return False
            at_rest.setdefault((*x[:t], (), *x[t + 1 :]), set()).add(x[t].index(1))
        return all(found == set(open_) for found in at_rest.values())

    def _moves_nothing(self, p: int, t: int, open_: Sequence[int], others: Sequence[BlockVector]) -> bool:
        """Whether no payoff depends on which of these classes type t takes, against the other player's face."""
        actions = [self.classes[p][t][c][0] for c in open_]
        for y in others if self.game.n == 2 else [()]:
            effects = [self._effect(p, a, y) for a in actions]
            if any(effect != effects[0] for effect in effects[1:]):
                return False
        return True

    def _effect(self, p: int, action: Action, y: BlockVector) -> tuple[Fraction | int, ...]:
        """What an action does to the other player and the bystanders, given the other player's strategy y."""
        game = self.game
        if game.n == 1:
            return tuple(Fraction(int(b[action])) for b in game.bystanders)
        q = 1 - p
        total: list[Fraction | int] = [0] * (1 + len(game.bystanders))
        for s, (classes, lottery) in enumerate(zip(self.classes[q], y, strict=True)):
            for group, chance in zip(classes, lottery, strict=True):
                if chance:
                    cell = (action, group[0]) if p == 0 else (group[0], action)
                    weight = game.weights[q][s] * (1 if chance == 1 else chance)  # pure play needs no fractions
                    total[0] += weight * int(game.payoffs[q][(s, *cell)])
                    for k, bystander in enumerate(game.bystanders, start=1):
                        total[k] += weight * int(bystander[cell])
        return tuple(total)

    def _strategy(self, p: int, vector: BlockVector, free: Mapping[int, Sequence[int]]) -> TypeStrategy:
        lotteries, mixable = [], []
        for t, (classes, chances) in enumerate(zip(self.classes[p], vector, strict=True)):
            if t in free:
                actions = sorted(a for c in free[t] for a in classes[c])
                lotteries.append(tuple((a, Fraction(1, len(actions))) for a in actions))
                mixable.append(tuple(actions))
                continue
            played = [(group, q) for group, q in zip(classes, chances, strict=True) if q]
            lotteries.append(tuple(sorted((a, q / len(group)) for group, q in played for a in group)))
            mixable.append(played[0][0] if len(played) == 1 and len(played[0][0]) > 1 else ())
        return TypeStrategy(tuple(lotteries), tuple(mixable))
