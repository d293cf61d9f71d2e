"""Where searches start: constant messages up to renaming, blocks of problems, ways to break ties."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np

from eqsolve.engines.rationed_choice import Integers
from eqsolve.engines.transport import integer_tables
from eqsolve.forms.separable import Marginals, SeparableForm
from eqsolve.judge.truth import same_utility
from eqsolve.linking import LinkedGame
from eqsolve.search.best_replies import Start, TieRule
from eqsolve.strategy import Vector

MAX_LISTED = 2_000
MAX_SWAPS = 120


def constant_messages(game: LinkedGame, limit: int = MAX_LISTED) -> list[tuple[Vector, ...]]:
    """Profiles of one message per active agent, one of each kind, up to renaming problems and swapping like agents.

    At most about `limit` of them: all integer tables with the budgets as margins, in lexicographic order.
    """
    found: dict[tuple[Vector, ...], tuple[Vector, ...]] = {}
    swaps = _swaps(game)
    for cells in itertools.islice(_joint_announcements(game), limit):
        key = min(tuple(sorted(tuple(cell[p] for p in swap) for cell in cells)) for swap in swaps)
        found.setdefault(key, tuple(zip(*cells, strict=True)))
    return list(found.values())


def _joint_announcements(game: LinkedGame) -> Iterator[tuple[Vector, ...]]:
    """For each joint histogram of the active agents' announcements, what they announce, problem by problem."""

    def extend(p: int, joint: dict[Vector, int]) -> Iterator[dict[Vector, int]]:
        """Joint histograms of all active agents, given that of those before p."""
        if p == len(game.active):
            yield joint
            return
        for histogram in game.budgets[game.active[p]].histograms():
            for table in integer_tables(list(joint.values()), histogram):
                longer = {(*w, v): c for w, row in zip(joint, table, strict=True) for v, c in enumerate(row) if c}
                yield from extend(p + 1, longer)

    for joint in extend(0, {(): game.copies}):
        yield tuple(cell for cell, count in joint.items() for _ in range(count))


def like_agents(game: LinkedGame) -> list[list[int]]:
    """Active agents in classes: swapping two of a class, types in their order, changes nothing in the game."""
    classes: list[list[int]] = []
    for i in game.active:
        home = next((c for c in classes if _alike(game, c[0], i)), None)
        if home is None:
            classes.append([i])
        else:
            home.append(i)
    return classes


def _alike(game: LinkedGame, i: int, j: int) -> bool:
    agents = game.problem.agents
    rations = [[(g.members, g.least, g.most) for g in game.budgets[k].groups] for k in (i, j)]
    if agents[i].prior != agents[j].prior or rations[0] != rations[1]:
        return False
    a, b = game.active.index(i), game.active.index(j)
    for k in range(game.n):
        tensor, scale = game.active_values[k]
        other, other_scale = game.active_values[{i: j, j: i}.get(k, k)]
        swapped = np.swapaxes(other, a + 1, b + 1)
        if tensor.shape != swapped.shape or (tensor * other_scale != swapped * scale).any():
            return False
    return True


def _swaps(game: LinkedGame) -> list[tuple[int, ...]]:
    """Ways to permute like agents, as positions among the active ones; the identity if there are too many."""
    places = [[game.active.index(i) for i in c] for c in like_agents(game)]
    if math.prod(math.factorial(len(c)) for c in places) > MAX_SWAPS:
        return [tuple(range(len(game.active)))]
    found = []
    for orders in itertools.product(*(itertools.permutations(c) for c in places)):
        swap = list(range(len(game.active)))
        for places_, order in zip(places, orders, strict=True):
            for p, q in zip(places_, order, strict=True):
                swap[p] = q
        found.append(tuple(swap))
    return found


def partitions(total: int) -> Iterator[list[list[int]]]:
    """Partitions of the problems 0, ..., K - 1 into consecutive blocks of decreasing sizes, fewest blocks first."""

    def sizes(left: int, most: int, blocks: int) -> Iterator[list[int]]:
        """Decreasing sizes of a number of blocks, none above `most`, that add up to what is left."""
        if blocks == 0:
            if left == 0:
                yield []
            return
        for size in range(min(left, most), 0, -1):
            for rest in sizes(left - size, size, blocks - 1):
                yield [size, *rest]

    for blocks in range(1, total + 1):
        for chosen in sizes(total, total, blocks):
            ends = list(itertools.accumulate(chosen))
            yield [list(range(end - size, end)) for end, size in zip(ends, chosen, strict=True)]


class Starts:
    """Starts of iterated best responses for one game.

    Parameters
    ----------
    form : SeparableForm
    frequencies : announced frequencies of the active agents in label-free play, in their order
    rng : random.Random
    """

    def __init__(self, form: SeparableForm, frequencies: Sequence[Sequence[Fraction]], rng: random.Random) -> None:
        self.form = form
        self.game = form.game
        self.active = form.game.active
        self.rng = rng
        self.flat = {i: form.flat(i, f) for i, f in zip(self.active, frequencies, strict=True)}
        self.constants = constant_messages(self.game)

    def structured(self, count: int) -> Iterator[Start]:
        """About `count` starts: for every way to break ties flat announcements, and some constant messages."""
        ways = 4 + 2 * self.game.n
        each = max(2, math.ceil(count / ways) - 1)
        for k in range(ways):
            rules = self._rules(k)
            yield Start(self.flat, rules, self.active)
            few = len(self.constants) <= each
            for messages in self.constants if few else self.rng.sample(self.constants, each):
                yield Start(self._constant(messages), rules, self.active)

    def random(self) -> Iterator[Start]:
        """Endless starts with announcements, ties and orders of moves drawn at random."""
        while True:
            order = list(self.active)
            self.rng.shuffle(order)
            kind = self.rng.randrange(3)
            if kind == 0:
                marginals = self.flat
            elif kind == 1:
                marginals = self._constant(self.rng.choice(self.constants))
            else:
                marginals = {i: self._any(i) for i in self.active}
            yield Start(marginals, {i: self._random_rule(i) for i in self.active}, order)

    def _constant(self, messages: Sequence[Vector]) -> dict[int, Marginals]:
        once = (np.ones(1, dtype=np.int64), 1)
        return {
            i: self.form.announced_by(i, np.array([m], dtype=np.int64), once)
            for i, m in zip(self.active, messages, strict=True)
        }

    def _any(self, i: int) -> Marginals:
        """Marginals of an even lottery over two messages of a random kind, renamed at random."""
        rows = []
        for _ in range(2):
            m = list(self.rng.choice(self.constants)[self.active.index(i)])
            self.rng.shuffle(m)
            rows.append(m)
        return self.form.announced_by(i, np.array(rows, dtype=np.int64), (np.ones(2, dtype=np.int64), 2))

    # Ties

    def _rules(self, k: int) -> dict[int, TieRule]:
        """Way number k: truth first, lies first, high or low announcements on one's own problems, an ally, a foe."""
        rules = {}
        for p, i in enumerate(self.active):
            own = self._own_first(p)
            if k == 0:
                rules[i] = TieRule(self._truth(i, 1) + self._priority(i, own))
            elif k == 1:
                rules[i] = TieRule(self._priority(i, own))
            elif k == 2:
                rules[i] = TieRule(self._priority(i, own[::-1]))
            elif k == 3:
                rules[i] = TieRule(self._truth(i, -1) + self._priority(i, own))
            else:
                rules[i] = TieRule(self._priority(i, own), (k - 4) // 2, 1 if k % 2 == 0 else -1)
        return rules

    def _random_rule(self, i: int) -> TieRule:
        order = list(range(self.game.copies))
        self.rng.shuffle(order)
        ranks = list(range(len(self.game.problem.agents[i].types)))
        self.rng.shuffle(ranks)
        prefer = self._priority(i, order, ranks) + self._truth(i, self.rng.choice([-1, 0, 0, 1]))
        if self.rng.random() < 0.5:
            return TieRule(prefer)
        return TieRule(prefer, self.rng.randrange(self.game.n), self.rng.choice([1, -1]))

    def _own_first(self, p: int) -> list[int]:
        """The problems, beginning with those that active agent number p calls its own."""
        copies = self.game.copies
        first = p * copies // len(self.active)
        return [(first + k) % copies for k in range(copies)]

    def _priority(self, i: int, order: Sequence[int], ranks: Sequence[int] | None = None) -> Integers:
        """Later types (or higher ranks) first on the problems that come first in an order."""
        types = len(self.game.problem.agents[i].types)
        prefer = np.zeros((self.game.copies, types, types), dtype=np.int64)
        for position, k in enumerate(order):
            prefer[k] += (len(order) - position) * np.array(ranks if ranks is not None else range(types))
        return prefer

    def _truth(self, i: int, sign: int) -> Integers:
        """A lie less (1) or more (-1) before anything that `_priority` may say."""
        merged = np.array(same_utility(self.game.problem, i))
        weight = self.game.copies**2 * len(merged) + 1
        honest = (merged[:, None] == merged[None, :]).astype(np.int64) * (sign * weight)
        return np.broadcast_to(honest, (self.game.copies, *honest.shape)).copy()
