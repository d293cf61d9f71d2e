"""All equilibria of two active agents in which everybody treats the problems of every block alike.

Against opponents who treat the problems of a block alike, some best response does so too. So the equilibria among such
strategies are equilibria of the whole game, and they are those of a smaller Bayesian game: types are type vectors in
increasing order within every block, actions say how many announcements of each kind every true type gets in every
block, and of these the other agent meets the frequencies in each block. With blocks of five problems and one, six
problems have twelve types instead of 64.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property

import numpy as np

from eqsolve.engines.bayesian import Actions, BayesianGame, Integers, merge_equivalent
from eqsolve.engines.complementarity import BlockGame, leaves
from eqsolve.errors import NotSupported, SizeError
from eqsolve.exact.rational import to_integers
from eqsolve.forms.separable import Marginals, Worth
from eqsolve.search.proposal import Wish, propose
from eqsolve.search.pure_dominance import undominated_by_actions
from eqsolve.search.reply import Aim, Open
from eqsolve.search.supports import solve_supports
from eqsolve.search.symmetry import Blocks, Plan
from eqsolve.search.walk import by_block, favour, joint_of_plan, swaps
from eqsolve.strategy import Vector

Point = tuple[Fraction, ...]

MAX_ACTIONS = 600


class BlockSymmetricGame:
    """The Bayesian game over classes of type vectors and messages.

    Parameters
    ----------
    blocks : Blocks
    max_actions : int

    Raises
    ------
    NotSupported
        Unless two agents are active.
    SizeError
        If an agent has more than `max_actions` actions over all types.
    """

    def __init__(self, blocks: Blocks, max_actions: int = MAX_ACTIONS) -> None:
        self.blocks = blocks
        self.game = blocks.game
        self.max_actions = max_actions
        if len(self.game.active) != 2:
            raise NotSupported(
                f"all equilibria that treat blocks of problems alike: found {len(self.game.active)} agents with a "
                "choice, expected two"
            )
        self.types = tuple(list(blocks.weights(i)) for i in self.game.active)
        self.actions, self.open = [], []
        for i in self.game.active:
            actions, open_ = self._actions(i)
            self.actions.append(actions)
            self.open.append(open_)

    def _actions(self, i: int) -> tuple[list[tuple[Vector, Vector]], Actions]:
        """Pairs of a type vector and a message that stand for their classes, and which are open to which type."""
        types = len(self.game.problem.agents[i].types)
        indifferent = Worth(np.zeros((self.game.copies, types, types), dtype=np.int64), 1)
        open_ = self.blocks.best_messages(i, indifferent, self.max_actions)
        if open_ is None:
            raise SizeError(
                f"agent {self.game.problem.agents[i].name!r} has more than {self.max_actions:,} actions in a game of "
                f"blocks of {', '.join(map(str, self.blocks.sizes))} problems"
            )
        actions = [(t, m) for t, messages in open_.items() for m in messages]
        ends = list(itertools.accumulate(len(messages) for messages in open_.values()))
        starts = [0, *ends[:-1]]
        return actions, tuple(tuple(range(a, b)) for a, b in zip(starts, ends, strict=True))

    @cached_property
    def bayesian(self) -> BayesianGame:
        """The smaller game."""
        active = self.game.active
        priors = tuple(
            tuple(Fraction(w, self.blocks.scale(i)) for w in self.blocks.weights(i).values()) for i in active
        )
        common = math.lcm(*self.blocks.sizes) ** 2
        payoffs = tuple(self._payoffs(p) for p in range(2))
        scales = tuple(self.game.active_values[i][1] * self.game.copies * common for i in active)
        bystanders = tuple(self._bystander(i) for i in range(self.game.n) if i not in active)
        return BayesianGame(priors, payoffs, scales, bystanders)

    @cached_property
    def classes(self) -> tuple[tuple[tuple[tuple[int, ...], ...], ...], ...]:
        """Per player and type, classes of equivalent actions among those that no other action dominates."""
        return merge_equivalent(self.bayesian, undominated_by_actions(self.bayesian, self.open))

    @cached_property
    def in_blocks(self) -> BlockGame:
        """What is left as a game in blocks, one block per type and one label per class."""
        matrices = []
        for p in range(2):
            sides = []
            for q in range(2):
                pairs = [(t, group[0]) for t, classes in enumerate(self.classes[q]) for group in classes]
                sides.append(([a for _, a in pairs], [self.bayesian.weights[q][t] for t, _ in pairs]))
            (rows, row_weights), (cols, col_weights) = sides
            table = self.bayesian.payoffs[p][0][np.ix_(rows, cols)].astype(object)  # the same for all types
            weighted = table * np.array(row_weights, dtype=object)[:, None] * np.array(col_weights, dtype=object)
            matrices.append(weighted.tolist())
        sizes = [tuple(len(classes) for classes in player) for player in self.classes]
        return BlockGame.of(matrices[0], matrices[1], sizes[0], sizes[1])

    @property
    def labels(self) -> tuple[int, int]:
        """Number of rows and columns of `in_blocks`."""
        return self.in_blocks.shape

    def _announced(self, p: int) -> Integers:
        """How often an action announces v in a block, times the lcm of the block sizes over the size; (A, B, m)."""
        i = self.game.active[p]
        common = math.lcm(*self.blocks.sizes)
        counts = np.zeros((len(self.actions[p]), len(self.blocks.blocks), len(self.game.problem.agents[i].types)))
        counts = counts.astype(object)
        for a, (_, m) in enumerate(self.actions[p]):
            for k, v in enumerate(m):
                counts[a, self.blocks.label[k], v] += common // self.blocks.sizes[self.blocks.label[k]]
        return counts

    def _payoffs(self, p: int) -> Integers:
        """Shape (types, actions of player 1, actions of player 2), the same for all types.

        The sum over problems, times the square of the lcm of the block sizes, of what a pair of actions pays on
        average over the renamings.
        """
        i = self.game.active[p]
        types = len(self.game.problem.agents[i].types)
        common = math.lcm(*self.blocks.sizes)
        tables = np.zeros((len(self.actions[p]), len(self.blocks.blocks), types, types), dtype=object)
        for a, (t, m) in enumerate(self.actions[p]):
            for k, (u, v) in enumerate(zip(t, m, strict=True)):
                tables[a, self.blocks.label[k], u, v] += common
        tensor = self.game.active_values[i][0]
        if p == 1:
            tensor = np.swapaxes(tensor, 1, 2)
        met = np.tensordot(tables, tensor, axes=([2, 3], [0, 1]))  # (own actions, blocks, announced by the other)
        worth = np.tensordot(met, self._announced(1 - p), axes=([1, 2], [1, 2]))
        worth = worth if p == 0 else worth.T
        return np.broadcast_to(worth, (len(self.types[p]), *worth.shape))

    def _bystander(self, i: int) -> Integers:
        """What pairs of actions pay, up to a positive factor, to an agent without a choice that matters."""
        weights, _ = to_integers(self.game.problem.agents[i].prior)
        tensor = np.tensordot(np.array(weights, dtype=object), self.game.active_values[i][0], axes=(0, 0))
        sizes = np.array(self.blocks.sizes, dtype=object)
        first = self._announced(0) * sizes[None, :, None]
        met = np.tensordot(first, tensor, axes=(2, 0))
        return np.asarray(np.tensordot(met, self._announced(1), axes=([1, 2], [1, 2])))

    # Equilibria

    @cached_property
    def _labels(self) -> list[list[tuple[int, Vector, Vector, bool]]]:
        """Per label of `in_blocks` its type, type vector and message, and whether that swaps announcements.

        Of equivalent messages one that swaps announcements around, if any does.
        """
        sides = []
        for p, i in enumerate(self.game.active):
            side = []
            for s, classes in enumerate(self.classes[p]):
                t = self.types[p][s]
                for group in classes:
                    messages = [self.actions[p][a][1] for a in group]
                    swapping = swaps(self.game, i, {t: messages})
                    side.append((s, t, next(iter(swapping), (t, messages[0]))[1], bool(swapping)))
            sides.append(side)
        return sides

    def corners(self, deadline: float | None = None) -> Iterator[dict[int, Plan]]:
        """Equilibria from every product of faces that makes up the set of all equilibria.

        Of each the corners that pay most and least. All products are found, unless the deadline passes.
        """
        blocks = self.in_blocks
        try:
            for leaf in leaves(blocks, deadline=deadline):
                cols = _extremes(leaf.cols, blocks.A, leaf.rows[0])
                rows = _extremes(leaf.rows, list(zip(*blocks.B, strict=True)), leaf.cols[0])
                for x, y in itertools.product(rows, cols):
                    yield {
                        i: self._plan(p, vector)
                        for p, (i, vector) in enumerate(zip(self.game.active, (x, y), strict=True))
                    }
        except TimeoutError:
            return

    def _plan(self, p: int, vector: Sequence[Fraction]) -> Plan:
        plan: dict[Vector, dict[Vector, Fraction]] = {}
        for (_, t, m, _), q in zip(self._labels[p], vector, strict=True):
            if q:
                plan.setdefault(t, {})[m] = q
        return plan

    def towards_payoff(self, p: int, sign: int, max_seconds: float) -> dict[int, Plan] | None:
        """The equilibrium that pays active agent p most (1) or least (-1), as far as the time suffices.

        None if none was found or exact arithmetic refused it; so for the other aims.
        """
        weight = sign / self._unit(p)
        return self._towards(Wish((weight, 0.0) if p == 0 else (0.0, weight)), max_seconds, {1 - p: sign})

    def towards_welfare(self, sign: int, max_seconds: float) -> dict[int, Plan] | None:
        """The equilibrium with the largest (1) or least (-1) sum of the two agents' payoffs."""
        scales = self.bayesian.scales
        weights = [sign * max(self._unit(q) / scales[q] for q in range(2)) / scales[p] for p in range(2)]
        size = max(abs(w * self._unit(p)) for p, w in enumerate(weights))
        return self._towards(Wish((weights[0] / size, weights[1] / size)), max_seconds, {0: sign, 1: sign})

    def towards_swaps(self, max_seconds: float) -> dict[int, Plan] | None:
        """The equilibrium that swaps announcements around most often; None if nobody ever could."""
        weights = self.bayesian.weights
        rewards = [
            [weights[p][s] / sum(weights[p]) if swapping else 0.0 for s, _, _, swapping in side]
            for p, side in enumerate(self._labels)
        ]
        if not any(x for side in rewards for x in side):
            return None
        return self._towards(Wish((0.0, 0.0), rewards[0], rewards[1]), max_seconds, None)

    def _unit(self, p: int) -> float:
        """Size of a payoff in the game in blocks."""
        chances = math.prod(float(sum(w)) for w in self.bayesian.weights)
        return chances * float(max((abs(int(x)) for x in self.bayesian.payoffs[p].flat), default=0) or 1)

    def _towards(self, wish: Wish, max_seconds: float, signs: Mapping[int, int] | None) -> dict[int, Plan] | None:
        """What a mixed-integer program proposes, solved exactly.

        `signs` says which agents serve the other's payoff, and how; None: they swap announcements around.
        """
        proposal = propose(self.in_blocks, wish, max_seconds)
        if proposal is None:
            return None
        flat = {i: self.blocks.form.flat(i, self.game.problem.agents[i].prior) for i in self.game.active}
        for chosen in (proposal.best, proposal.played):
            open_: dict[int, dict[Vector, list[Vector]]] = {i: {} for i in self.game.active}
            for p, i in enumerate(self.game.active):
                for a in sorted(chosen[p]):
                    _, t, m, _ = self._labels[p][a]
                    open_[i].setdefault(t, []).append(m)
            if any(len(open_[i]) < len(self.types[p]) for p, i in enumerate(self.game.active)):
                continue
            plans = solve_supports(self.blocks, open_, flat, self._aims(open_, flat, signs))
            if plans is not None:
                return plans
        return None

    def _aims(
        self, open_: Mapping[int, Open], marginals: Mapping[int, Marginals], signs: Mapping[int, int] | None
    ) -> dict[int, Aim]:
        if signs is None:
            return {i: Aim(sent=swaps(self.game, i, open_[i])) for i in self.game.active}
        aims = {}
        for p, sign in signs.items():
            i, j = self.game.active[p], self.game.active[1 - p]
            joint = joint_of_plan(self.blocks, j, {t: {messages[0]: Fraction(1)} for t, messages in open_[j].items()})
            aims[i] = Aim(by_block(self.blocks, favour(self.blocks.form, i, j, marginals, joint) * sign))
        return aims


def _extremes(points: Sequence[Point], matrix: Sequence[Sequence[Fraction]], other: Point) -> list[Point]:
    """The points of a face at which what the other player earns (matrix · point, weighted by `other`) is extreme."""
    played = [(q, row) for q, row in zip(other, matrix, strict=True) if q]
    slope = [sum((q * row[c] for q, row in played), Fraction(0)) for c in range(len(points[0]))]
    values = [sum((s * x for s, x in zip(slope, point, strict=True) if x), Fraction(0)) for point in points]
    ends = dict.fromkeys((values.index(max(values)), values.index(min(values))))
    return [points[k] for k in ends]
