"""Strategies that treat the problems of a block alike, written down once per class of type vectors.

A profile in which everybody's strategy commutes with renaming problems inside the blocks of a partition is described
by what happens at type vectors in increasing order within every block. One block holds the label-free strategies,
blocks of one problem hold all.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property

import numpy as np

from eqsolve.budget import multinomial
from eqsolve.errors import SizeError
from eqsolve.exact.rational import in_words, to_integers
from eqsolve.forms.lie_tables import lie_table, messages_of
from eqsolve.forms.separable import Marginals, SeparableForm, Worth
from eqsolve.strategy import Strategy, Vector

MAX_LISTED = 300_000

Lottery = Mapping[Vector, Fraction]
Plan = Mapping[Vector, Lottery]
"""For type vectors in increasing order within every block: a lottery over messages, each of which stands for the even
lottery over its renamings inside the blocks that leave the type vector alone."""


class Blocks:
    """A partition of the problems.

    Parameters
    ----------
    form : SeparableForm
    blocks : sequence of sequences of problems
        A partition of 0, ..., K - 1.
    """

    def __init__(self, form: SeparableForm, blocks: Sequence[Sequence[int]]) -> None:
        self.form = form
        self.game = form.game
        self.blocks = tuple(tuple(block) for block in blocks)
        self.label = [0] * self.game.copies
        for b, block in enumerate(self.blocks):
            for k in block:
                self.label[k] = b
        self._laws: dict[int, tuple[dict[Vector, int], int]] = {}

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """Number of problems in each block."""
        return tuple(len(block) for block in self.blocks)

    def class_count(self, i: int) -> int:
        """Number of type vectors that stand for all."""
        possible = sum(1 for p in self.game.problem.agents[i].prior if p)
        return math.prod(math.comb(size + possible - 1, possible - 1) for size in self.sizes)

    def weights(self, i: int) -> Mapping[Vector, int]:
        """Type vectors that stand for all, with the probability of their class times `scale(i)`."""
        return self._law(i)[0]

    def scale(self, i: int) -> int:
        """What the weights of agent i sum to."""
        return self._law(i)[1]

    def _law(self, i: int) -> tuple[dict[Vector, int], int]:
        if i not in self._laws:
            possible = [u for u, p in enumerate(self.game.problem.agents[i].prior) if p]
            chances: dict[Vector, Fraction] = {}
            for parts in itertools.product(
                *(itertools.combinations_with_replacement(possible, size) for size in self.sizes)
            ):
                t = self._spread(parts)
                alike = math.prod(multinomial(list(Counter(part).values())) for part in parts)
                chances[t] = alike * self.game.type_probability(i, t)
            weights, scale = to_integers(list(chances.values()))
            self._laws[i] = ({t: w for t, w in zip(chances, weights, strict=True) if w}, scale)
        return self._laws[i]

    def _spread(self, parts: Sequence[Sequence[int]]) -> Vector:
        """A vector over the problems from its parts, block by block."""
        vector = [0] * self.game.copies
        for block, part in zip(self.blocks, parts, strict=True):
            for k, x in zip(block, part, strict=True):
                vector[k] = x
        return tuple(vector)

    def canonical(self, vector: Vector, message: Vector) -> tuple[Vector, Vector]:
        """The same type vector and message with the problems of every block renamed into increasing order."""
        parts = [sorted((vector[k], message[k]) for k in block) for block in self.blocks]
        return self._spread([[u for u, _ in p] for p in parts]), self._spread([[v for _, v in p] for p in parts])

    def marginals(self, i: int, plan: Plan) -> Marginals:
        """Announcement marginals of a plan of agent i."""
        types = len(self.game.problem.agents[i].types)
        scale = math.lcm(*self.sizes)
        totals = [[Fraction(0)] * types for _ in self.blocks]
        for t, weight in self.weights(i).items():
            for m, p in plan[t].items():
                for k, v in enumerate(m):
                    totals[self.label[k]][v] += weight * p
        means = [[x * Fraction(scale, size) for x in row] for row, size in zip(totals, self.sizes, strict=True)]
        flat, denominator = to_integers([x for row in means for x in row])
        rows = [flat[b * types : (b + 1) * types] for b in self.label]
        return Marginals.of(np.array(rows, dtype=object), denominator * scale * self.scale(i))

    def best_messages(self, i: int, worth: Worth, limit: int) -> dict[Vector, tuple[Vector, ...]] | None:
        """All best messages at the type vectors that stand for all; None if they are more than `limit`.

        Parameters
        ----------
        i : int
        worth : Worth
            The same on all problems of a block.
        limit : int
        """
        if self.class_count(i) > limit:
            return None
        found: dict[Vector, tuple[Vector, ...]] = {}
        total = 0
        for t in self.weights(i):
            listed = tuple(itertools.islice(self.form.best_messages(i, worth, t, self.label), limit - total + 1))
            total += len(listed)
            if total > limit:
                return None
            found[t] = listed
        return found

    def even(self, i: int, open_: Mapping[Vector, Sequence[Vector]]) -> Plan:
        """The plan that mixes evenly over all messages that the listed ones stand for."""
        plan = {}
        for t, messages in open_.items():
            sizes = [self._renaming_count(i, t, m) for m in messages]
            plan[t] = {m: Fraction(size, sum(sizes)) for m, size in zip(messages, sizes, strict=True)}
        return plan

    def _renaming_count(self, i: int, t: Vector, m: Vector) -> int:
        types = len(self.game.problem.agents[i].types)
        tables = [lie_table([t[k] for k in block], [m[k] for k in block], types) for block in self.blocks]
        return math.prod(multinomial(row) for table in tables for row in table)

    # From and to strategies

    def plan(self, i: int, strategy: Strategy) -> Plan:
        """What is left of a strategy when the names of the problems in every block are drawn at random."""
        found: dict[Vector, dict[Vector, Fraction]] = {}
        weights, scale = self._law(i)
        for t, messages in strategy.plan.items():
            weight = self.game.type_probability(i, t) * scale
            for m, p in messages.items():
                representative, renamed = self.canonical(t, m)
                lottery = found.setdefault(representative, {})
                lottery[renamed] = lottery.get(renamed, Fraction(0)) + p * weight / weights[representative]
        return found

    def strategy(self, i: int, plan: Plan) -> Strategy:
        """The strategy that a plan describes, at every type vector.

        Raises
        ------
        SizeError
            If more than `MAX_LISTED` pairs of type vectors and messages would be listed.
        """
        listed: dict[Vector, dict[Vector, Fraction]] = {}
        count = 0
        for row in self.form.vectors(i).tolist():
            t = tuple(row)
            representative = self._spread([sorted(t[k] for k in block) for block in self.blocks])
            lottery: dict[Vector, Fraction] = {}
            for m, p in plan[representative].items():
                renamings = list(itertools.islice(self._renamings(i, t, representative, m), MAX_LISTED - count + 1))
                count += len(renamings)
                if count > MAX_LISTED:
                    raise SizeError(
                        f"a strategy of agent {self.game.problem.agents[i].name!r} lists more than "
                        f"{in_words(MAX_LISTED)} pairs of type vectors and messages; fewer copies (-k) help"
                    )
                for renamed in renamings:
                    lottery[renamed] = p / len(renamings)
            listed[t] = lottery
        return Strategy(listed)

    def _renamings(self, i: int, t: Vector, representative: Vector, m: Vector) -> Iterator[Vector]:
        """Messages at t that a message at the type vector that stands for it becomes."""
        types = len(self.game.problem.agents[i].types)
        parts = []
        for block in self.blocks:
            table = lie_table([representative[k] for k in block], [m[k] for k in block], types)
            parts.append(list(messages_of([t[k] for k in block], table)))
        for chosen in itertools.product(*parts):
            yield self._spread(chosen)
