"""The largest or smallest payoff of a player over all equilibria of a two-player Bayesian game, with its proof.

In behaviour strategies the game is one of blocks (types). What player i gets in equilibrium is Σ over its types of
prior times the best reply's payoff, a convex piecewise linear function of the law y of the other player's actions
alone; and the laws x and y are coupled by complementarity only: what is played is a best reply. Branch and bound goes
by the sign of one comparison, the gain of a message over another one as a function of the other player's law:
positive (then the other one is not played, wherever the same function compares), zero, or negative. In a part where
all signs are known, payoffs are linear, and every pair of laws that is left is an equilibrium; so the tree is finite.

Floating point finds; every leaf is closed by exact multipliers (`eqsolve.engines.block_bound_proof`). The idea of
searching complementarity is that of the EEE algorithm (Audet, Hansen, Jaumard and Savard 2001); comparisons instead of
single messages exploit that one of them decides at many type vectors.
"""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from eqsolve.engines.bayesian import Actions, BayesianGame
from eqsolve.engines.block_bound_choice import SMALL, Choice
from eqsolve.engines.block_bound_comparisons import Comparisons, Floats
from eqsolve.engines.block_bound_equilibrium import Behaviour, Profile, checked, purified
from eqsolve.engines.block_bound_mip import propose
from eqsolve.engines.block_bound_programs import Point, Programs, Refuted
from eqsolve.engines.block_bound_proof import (
    Bound,
    Multipliers,
    exact_bound,
    exactly_solved,
    refutation,
    upper_function,
)
from eqsolve.engines.block_bound_region import ABOVE, BELOW, EQUAL, Order, Region, Setting
from eqsolve.engines.block_bound_tree import Branch, ExtremePayoff, Leaf, Sure
from eqsolve.errors import NotSupported

PATIENCE = 400  # parts that are split before a mixed-integer program is asked for a better equilibrium
PROGRAM_SECONDS, PROGRAM_SHARE = 60.0, 0.25  # what it may take, and of the time that is left
CLOSING = 0.005  # seconds that it takes to prove the bound of an open part


def extreme_payoff(
    game: BayesianGame,
    player: int,
    *,
    maximise: bool = True,
    comparisons: tuple[Comparisons, Comparisons] | None = None,
    order: Order | None = None,
    starts: Iterable[tuple[Behaviour, Behaviour]] = (),
    deadline: float | None = None,
) -> ExtremePayoff:
    """The largest or smallest ex ante payoff of a player over all Bayesian equilibria.

    Parameters
    ----------
    game : BayesianGame
        Of two players.
    player : int
    maximise : bool
    comparisons : pair of Comparisons, optional
        Of both players, between the actions that any equilibrium may play; of all actions by default.
    order : Order, optional
        What may be supposed because the game looks the same under renaming.
    starts : pairs of behaviours
        Equilibria that are known.
    deadline : float, optional
        Of `time.monotonic`. What was proved by then is returned.

    Returns
    -------
    ExtremePayoff

    Raises
    ------
    NotSupported
        Unless there are two players.
    SizeError
        If there are too many comparisons to list.
    """
    if game.n != 2:
        raise NotSupported(f"payoffs over all equilibria of {game.n} players who choose; of two they can be bounded")
    if comparisons is None:
        comparisons = compare(game)
    search = _Search(Setting(comparisons, order), game.scales[player], player, maximise, deadline)
    for start in starts:
        search.offer(checked(search.setting, start))
    search.run()
    return search.result()


def compare(game: BayesianGame, left: Sequence[Actions] | None = None) -> tuple[Comparisons, Comparisons]:
    """Comparisons of both players of a game.

    Parameters
    ----------
    game : BayesianGame
    left : per player and type the actions that any equilibrium may play, optional
        For instance what survives iterated interim dominance; everything by default.
    """
    left = left or game.everything()
    return Comparisons.of(game, 0, left[0]), Comparisons.of(game, 1, left[1])


@dataclass(eq=False)
class _Node:
    """A part of the search: its region while it is open, then how it was settled."""

    region: Region | None
    steps: list[Sure] = field(default_factory=list)
    bound: float = 0.0
    point: Point | None = None
    branch: Branch | None = None
    children: list[_Node] = field(default_factory=list)
    leaf: Leaf | None = None
    interior: list[Floats | None] = field(default_factory=lambda: [None, None])

    @property
    def open_region(self) -> Region:
        """The region of a part that is not closed yet."""
        assert self.region is not None
        return self.region

    def close(self, leaf: Leaf) -> None:
        """Settle the part by a leaf, and forget what only an open part needs, so that memory stays small."""
        self.leaf, self.region, self.point, self.interior = leaf, None, None, [None, None]


class _Search:
    """Best-first branch and bound. Payoffs inside are in integer units, times both sums of weights when exact."""

    def __init__(self, setting: Setting, scale: int, i: int, maximise: bool, deadline: float | None) -> None:
        self.started = time.monotonic()
        self.setting, self.scale = setting, scale
        self.i, self.maximise, self.deadline = i, maximise, deadline
        self.factor = self.setting.comparisons[0].total * self.setting.comparisons[1].total
        self.alive = [c.alive for c in self.setting.comparisons]
        self.programs = Programs()
        self.best: Profile | None = None
        self.nodes = 0
        self.root = _Node(Region(self.setting, self.alive))
        self.heap: list[tuple[float, int, _Node]] = []
        self.ticket = itertools.count()
        self.stuck: list[_Node] = []  # nothing to branch on; only where floating point misled
        self.seen: set[bytes] = set()

    # What is known

    @property
    def target(self) -> Fraction | None:
        """What a bound has to reach, times both sums of weights; None before an equilibrium is known."""
        return None if self.best is None else self.best.payoffs[self.i] * self.factor

    def offer(self, profile: Profile | None) -> None:
        """Keep an equilibrium if it is better."""
        if profile is None:
            return
        if self.best is None or (profile.payoffs[self.i] > self.best.payoffs[self.i]) == self.maximise:
            self.best = profile

    def settled(self, bound: float) -> bool:
        """Whether a bound is as good as what was found, as far as floating point can tell."""
        if self.best is None:
            return False
        mine = float(self.best.payoffs[self.i]) / self.setting.comparisons[self.i].unit
        return bound <= mine + SMALL if self.maximise else bound >= mine - SMALL

    # The search

    def run(self) -> None:
        """Expand the part of best bound first, until none is open or the time is needed for proofs."""
        self.consider(self.root)
        for split in itertools.count():
            if not self.heap or self.late():
                return
            if split == PATIENCE:
                self.ask_program()
            _, _, node = heapq.heappop(self.heap)
            if not (self.settled(node.bound) and self.close_by_bound(node)):
                self.expand(node)

    def ask_program(self) -> None:
        """Look for a better equilibrium by a mixed-integer program."""
        seconds = PROGRAM_SECONDS
        if self.deadline is not None:
            seconds = min(seconds, PROGRAM_SHARE * (self.deadline - time.monotonic()))
        region = Region(self.setting, self.alive)
        region.certain()
        found = propose(region, self.i, self.maximise, seconds) if seconds > 0 else None
        if found is not None:
            self.purify(found)

    def late(self) -> bool:
        """Whether the time that is left is what proving the bounds of all open parts will take."""
        return self.deadline is not None and time.monotonic() + CLOSING * len(self.heap) > self.deadline

    def consider(self, node: _Node) -> None:
        """Look at a part: what is certain in it, and its bound. It is closed, or waits to be expanded."""
        self.nodes += 1
        region = node.open_region
        node.steps += [Sure(*step) for step in region.certain()]
        dead = region.dead
        if dead is not None:
            node.close(Leaf(dead, True, {}))
            return
        for a in (0, 1):
            if not self.inhabited(node, a):
                return
        outcome = self.bound_of(region)
        if isinstance(outcome, Refuted):
            if self.close_as_empty(node, self.i, outcome):
                return
        elif outcome is not None:
            node.bound, node.point = outcome.value, outcome
            if self.settled(node.bound) and self.close_by_bound(node):
                return
        if node.point is None and not self.solve_exactly(node):
            return
        key = -node.bound if self.maximise else node.bound
        heapq.heappush(self.heap, (key, next(self.ticket), node))

    def inhabited(self, node: _Node, a: int) -> bool:
        """Whether there seems to be a law of player a in a part; the part is closed if it was proved that not."""
        region = node.open_region
        known = node.interior[a]
        if known is not None and region.holds(a, known):
            return True
        node.interior[a] = None
        outcome = self.programs.interior(region, a)
        if isinstance(outcome, Point) and outcome.value > SMALL:
            node.interior[a] = outcome.lotteries
        elif outcome is not None:
            found = refutation(region, a, outcome.multipliers)
            if found is not None:
                node.close(Leaf(1 - a, True, found))
                return False
        return True

    def bound_of(self, region: Region) -> Point | Refuted | None:
        """Bound on player i's payoff over the other player's laws in a region; None if HiGHS does not know."""
        if not self.maximise:
            return self.programs.least_payoff(region, self.i)
        mine = self.setting.comparisons[self.i]
        function = np.array([x / (mine.total * mine.unit) for x in upper_function(region, self.i)])
        return self.programs.largest(region, 1 - self.i, function)

    def solve_exactly(self, node: _Node) -> bool:
        """Bound a part by an exact program, where floating point failed; whether it stays open."""
        region = node.open_region
        found = exactly_solved(region, self.i, self.maximise)
        if isinstance(found, Bound):
            node.bound = float(found.value) / self.factor / self.setting.comparisons[self.i].unit
            theirs = self.setting.comparisons[1 - self.i]
            lotteries = region.alive[1 - self.i] / region.alive[1 - self.i].sum(axis=1, keepdims=True)
            law = theirs.prior @ lotteries
            node.point = Point(node.bound, law, lotteries, {k: float(y) for k, y in found.multipliers.items()})
            return True
        if found is None:
            raise ArithmeticError("an exact program over laws has neither an optimum nor a contradiction")
        node.close(Leaf(self.i, True, found))
        return False

    def close_as_empty(self, node: _Node, player: int, outcome: Refuted) -> bool:
        """Close a part without a law of the other player, if exact arithmetic agrees; whether it does."""
        found = refutation(node.open_region, 1 - player, outcome.multipliers)
        if found is not None:
            node.close(Leaf(player, True, found))
        return found is not None

    def close_by_bound(self, node: _Node) -> bool:
        """Close a part because nothing in it is better than what was found, if exact arithmetic agrees."""
        region, target = node.open_region, self.target
        assert node.point is not None
        assert target is not None
        found: Bound | Multipliers | None = exact_bound(region, self.i, self.maximise, node.point, target)
        if isinstance(found, Bound) and not self.reached(found.value):
            found = exactly_solved(region, self.i, self.maximise)
        if isinstance(found, Bound):
            if not self.reached(found.value):
                return False
            node.close(self.leaf(found))
        elif found is not None:
            node.close(Leaf(self.i, True, found))
        return found is not None

    def reached(self, value: Fraction) -> bool:
        """Whether an exact bound is no better than the equilibrium that is known."""
        target = self.target
        return target is not None and (value <= target if self.maximise else value >= target)

    def leaf(self, bound: Bound) -> Leaf:
        """The leaf that a proved bound makes, in units of the payoffs."""
        value = bound.value / (self.factor * self.scale)
        return Leaf(self.i, False, bound.multipliers, bound.replies, value)

    def expand(self, node: _Node) -> None:
        """Split a part, or settle it."""
        region, point, i = node.open_region, node.point, self.i
        assert point is not None
        mine = self.setting.comparisons[i]
        pay = mine.scaled @ point.law
        slack = pay.max(axis=1, keepdims=True) - pay
        reply = self.programs.reply(region, i, slack)
        if isinstance(reply, Refuted):
            if self.close_as_empty(node, 1 - i, reply):
                return
            reply = None
        if reply is None:
            plays = region.alive[i] / region.alive[i].sum(axis=1, keepdims=True)
            reply = Point(0.0, mine.prior @ plays, plays, {})
        lotteries = (reply.lotteries, point.lotteries) if i == 0 else (point.lotteries, reply.lotteries)
        choice = Choice(self.setting, region, lotteries)
        if choice.violation < SMALL:
            self.purify(lotteries)
            if self.settled(node.bound) and self.close_by_bound(node):
                return
        gap = abs(node.bound - float(mine.prior @ pay.max(axis=1)))
        comparison = choice.best(i, gap, point.law)
        if comparison is None:
            self.purify(lotteries)
            if self.best is None or not self.close_by_bound(node):
                self.stuck.append(node)
            return
        at = float(self.setting.comparisons[comparison[0]].normed[comparison[1]] @ choice.laws[1 - comparison[0]])
        self.split(node, *comparison, at)

    def purify(self, lotteries: tuple[Floats, Floats]) -> None:
        """Look for an exact equilibrium at a point, once for each pair of supports."""
        key = b"".join((plays > SMALL).tobytes() for plays in lotteries)
        if key not in self.seen:
            self.seen.add(key)
            self.offer(purified(self.setting, self.alive, lotteries, self.i, self.maximise))

    def split(self, node: _Node, player: int, comparison: int, at: float) -> None:
        """Branch on a comparison, or learn that its sign is certain.

        `at` is its value at a law in the region, which tells one of the signs that are possible.
        """
        region = node.open_region
        mine = self.setting.comparisons[player]
        for sign in (ABOVE, BELOW):
            if sign * at > SMALL:
                continue
            outcome = self.programs.largest(region, 1 - player, sign * mine.normed[comparison])
            if isinstance(outcome, Point) and outcome.value <= SMALL:
                proposed = {key: y * mine.norms[comparison] for key, y in outcome.multipliers.items()}
                certain = refutation(region, 1 - player, proposed, [sign * x for x in mine.vectors[comparison]])
                if certain is not None:
                    node.steps.append(Sure(player, comparison, -sign, certain))
                    region.learn(player, comparison, -sign)
                    self.consider(node)
                    return
        node.branch, node.region, node.point = Branch(player, comparison), None, None
        for sign in (ABOVE, EQUAL, BELOW):
            child = _Node(region.copy(), interior=list(node.interior))
            child.open_region.learn(player, comparison, sign)
            node.children.append(child)
            self.consider(child)
        node.interior = [None, None]

    # The end

    def result(self) -> ExtremePayoff:
        """What is known at the end; parts that are still open are closed with the bounds they have."""
        for node in [*(entry[2] for entry in self.heap), *self.stuck]:
            assert node.point is not None
            node.close(self.leaf(exact_bound(node.open_region, self.i, self.maximise, node.point, None)))
        tree = tuple(_preorder(self.root))
        if self.best is None and not any(isinstance(n, Leaf) and not n.empty for n in tree):
            raise ArithmeticError("all parts of the set of equilibria were shown to be empty")
        bounds = [n.value for n in tree if isinstance(n, Leaf) and n.value is not None]
        value = None if self.best is None else self.best.payoffs[self.i] / self.scale
        bound = max(bounds) if self.maximise else min(bounds)
        return ExtremePayoff(
            value,
            bound,
            None if self.best is None else self.best.behaviours,
            self.maximise,
            self.setting,
            tree,
            value == bound,
            self.nodes,
            self.programs.solved,
            time.monotonic() - self.started,
        )


def _preorder(root: _Node) -> Iterable[Sure | Branch | Leaf]:
    stack = [root]
    while stack:
        node = stack.pop()
        yield from node.steps
        if node.branch is not None:
            yield node.branch
            stack.extend(reversed(node.children))
        else:
            assert node.leaf is not None
            yield node.leaf
