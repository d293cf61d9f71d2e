"""What two agents can gain who agree on strategies beforehand and cannot talk once they know their types.

Each announces by its own types alone, and whatever the two announce must pass the filter together: their messages come
from two sets S and S' of which every pair passes. Given such sets the sum of payoffs is bilinear in the two strategies,
so it is largest at a pair of pure ones: listing those of one agent, and replying best to each, is exact. Where that is
too much, best replies in turn find something, and what the two could gain by talking is an upper bound.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
import numpy.typing as npt

from eqsolve.collusion.coalition import Coalition
from eqsolve.collusion.frontier import NOTHING_PASSES, SOMEBODY_LOSES, Frontier, Point
from eqsolve.engines.bayesian import Integers
from eqsolve.errors import LimitReached, NotSupported, SizeError
from eqsolve.exact.rational import in_words, to_integers
from eqsolve.filter.distance import PAIRWISE, MessageTables, scale, scores
from eqsolve.strategy import Strategy, Vector

MAX_CELLS = 20_000_000
MAX_SUBSETS = 12
MAX_STRATEGIES = 2**20
CHUNK = 4_096
STARTS = 24
ROUNDS = 50
SAFE = 2**62

Ids = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]
Sets = tuple[tuple[int, ...], tuple[int, ...]]
"""Messages of the one and of the other, as indices."""


@dataclass(frozen=True)
class _Pair:
    """A pair of pure strategies: a message index per type vector, and what the members get (times the scale)."""

    choices: tuple[tuple[int, ...], tuple[int, ...]]
    payoffs: tuple[int, int]
    total: int


@dataclass(frozen=True, eq=False)
class SilentFrontier:
    """The frontier of two agents who cannot talk.

    Parameters
    ----------
    coalition : Coalition
        Of two agents.
    kind : {"pairwise", "joint"}
        Of two agents both are the same.
    weights : tuple of Fraction, optional
    deadline : float, optional
        Of `time.monotonic`.

    Raises
    ------
    NotSupported
        For larger coalitions.
    SizeError
        If type vectors and messages are too many.
    """

    coalition: Coalition
    kind: str = PAIRWISE
    weights: tuple[Fraction, ...] | None = None
    deadline: float | None = None

    def __post_init__(self) -> None:
        if len(self.coalition.members) != 2:
            raise NotSupported(
                f"without pooling types: found a coalition of {len(self.coalition.members)}, expected two agents; "
                "what larger ones can gain by pooling is an upper bound"
            )
        game = self.coalition.game
        messages = math.prod(game.budgets[i].message_count() for i in self.coalition.members)
        cells = messages * max(game.type_vector_count(i) for i in self.coalition.members)
        if cells > MAX_CELLS:
            raise SizeError(
                f"without pooling types: {in_words(cells)} combinations of a type vector and two messages, at most "
                f"{MAX_CELLS:,}; fewer copies (-k) help"
            )

    @cached_property
    def pooled(self) -> Frontier:
        """What the two can gain by talking: an upper bound."""
        return Frontier(self.coalition, self.kind, self.weights, self.deadline)

    @cached_property
    def messages(self) -> tuple[list[Vector], ...]:
        """Messages of the members."""
        return tuple(list(self.coalition.game.budgets[i].messages()) for i in self.coalition.members)

    @cached_property
    def vectors(self) -> tuple[list[Vector], ...]:
        """Type vectors of the members."""
        return tuple(self.coalition.game.type_vectors(i) for i in self.coalition.members)

    @cached_property
    def _chances(self) -> tuple[tuple[Integers, int], ...]:
        """Probabilities of the type vectors as integers, and their sum."""
        found = []
        for i, vectors in zip(self.coalition.members, self.vectors, strict=True):
            integers, common = to_integers([self.coalition.game.type_probability(i, t) for t in vectors])
            found.append((np.array(integers, dtype=object), common))
        return tuple(found)

    @cached_property
    def _payoffs(self) -> tuple[tuple[Integers, Integers], int]:
        """Σ over problems of the worth to each member: arrays (its type vectors, messages, messages), and one scale."""
        values = [self.coalition.values_to(i) for i in self.coalition.members]
        common = math.lcm(*(s for _, s in values))
        arrays = []
        for p, (tensor, own) in enumerate(values):
            tensor = tensor * (common // own)
            total: Integers = np.zeros((len(self.vectors[p]), *(len(m) for m in self.messages)), dtype=object)
            for k in range(self.coalition.game.copies):
                index = [np.array([x[k] for x in xs]) for xs in (self.vectors[p], *self.messages)]
                total = total + tensor[np.ix_(*index)]
            arrays.append(total)
        return (arrays[0], arrays[1]), common

    @cached_property
    def _objective(self) -> tuple[int, int, int]:
        """Weights of the two members as integers, and their common denominator."""
        (first, second), common = to_integers(list(self.pooled.objective))
        return first, second, common

    @cached_property
    def _scale(self) -> int:
        """What payoffs per problem are multiplied by in `_Pair`."""
        return self._payoffs[1] * self.coalition.game.copies * self._chances[0][1] * self._chances[1][1]

    @cached_property
    def _working(self) -> tuple[tuple[Integers, Integers], tuple[Integers, Integers]]:
        """Payoff arrays and chances in machine integers where all sums fit."""
        arrays, chances = self._payoffs[0], (self._chances[0][0], self._chances[1][0])
        largest = max(abs(int(x)) for a in arrays for x in a.flat)
        total = largest * sum(self._objective[:2]) * self._chances[0][1] * self._chances[1][1]
        dtype = np.int64 if total < SAFE else object
        return (arrays[0].astype(dtype), arrays[1].astype(dtype)), (
            chances[0].astype(dtype),
            chances[1].astype(dtype),
        )

    def passing(self, epsilon: Fraction | None) -> Booleans:
        """Which pairs of messages pass together: array (messages of the one, messages of the other)."""
        sizes = tuple(len(m) for m in self.messages)
        if epsilon is None:
            return np.ones(sizes, dtype=bool)
        panel = self.coalition.panel
        first, second = (np.array(m, dtype=np.int64) for m in self.messages)
        rounds = np.stack([np.repeat(first, sizes[1], axis=0), np.tile(second, (sizes[0], 1))], axis=1)
        found = scores(panel, MessageTables(rounds, panel.shape), self.kind)
        fits = np.ones(len(rounds), dtype=bool)
        for p, score in enumerate(found):
            fits &= (score <= math.floor(epsilon * scale(panel, p))).astype(bool)
        return fits.reshape(sizes)

    def point(self, epsilon: Fraction | None) -> Point:
        """What the two can gain under one filter.

        Returns
        -------
        Point
            `bound` is None where `total` is exact.
        """
        fits = self.passing(epsilon)
        if not fits.any():
            return Point(epsilon, None, why=NOTHING_PASSES)
        sets = _largest_sets(fits)
        exact = sets is not None and all(self._strategies(s) <= MAX_STRATEGIES for s in sets)
        pairs = list(self._listed(sets) if sets is not None and exact else self._found(fits))
        owed = [low * self._scale for low in self.pooled.floor]
        agreed = [p for p in pairs if all(x >= low for x, low in zip(p.payoffs, owed, strict=True))]
        most = max(p.total for p in pairs) if exact else None
        best = max(
            agreed, key=lambda p: (p.total, min(x - low for x, low in zip(p.payoffs, owed, strict=True))), default=None
        )
        if best is not None and best.total == most:
            return self._told(epsilon, best)
        limit = self.pooled.point(epsilon).total
        if limit is None:
            return Point(epsilon, None, why=SOMEBODY_LOSES)
        if most is not None:
            limit = min(limit, self._gain(most))
        if limit < 0:
            return Point(epsilon, None, bound=limit, why=SOMEBODY_LOSES)
        if best is None:
            return Point(epsilon, None, bound=limit, why="no strategies were found that leave nobody worse off")
        return self._told(epsilon, best, limit)

    def _gain(self, total: int) -> Fraction:
        """Weighted sum of gains from a weighted sum of payoffs."""
        owed = sum((w * low for w, low in zip(self.pooled.objective, self.pooled.floor, strict=True)), Fraction(0))
        return Fraction(total, self._objective[2] * self._scale) - owed

    def _told(self, epsilon: Fraction | None, pair: _Pair, limit: Fraction | None = None) -> Point:
        """A pair of strategies as a point; the bound is left out where it is attained."""
        members = self.coalition.members
        strategies = {
            i: Strategy.pure({t: messages[a] for t, a in zip(vectors, choice, strict=True)})
            for i, vectors, messages, choice in zip(members, self.vectors, self.messages, pair.choices, strict=True)
        }
        gain = {
            i: Fraction(x, self._scale) - low
            for i, x, low in zip(members, pair.payoffs, self.pooled.floor, strict=True)
        }
        total = self._gain(pair.total)
        return Point(
            epsilon,
            total,
            gain,
            self._losses(pair),
            strategies=strategies,
            bound=None if limit == total else limit,
        )

    def _losses(self, pair: _Pair) -> dict[int, Fraction]:
        """What outsiders lose, from how often the two make each joint announcement."""
        coalition = self.coalition
        sent: list[dict[int, Fraction]] = []
        for choice, (chances, common) in zip(pair.choices, self._chances, strict=True):
            law: dict[int, Fraction] = {}
            for a, weight in zip(choice, chances.tolist(), strict=True):
                law[a] = law.get(a, Fraction(0)) + Fraction(weight, common)
            sent.append(law)
        announced = dict.fromkeys(coalition.columns, Fraction(0))
        for (a, p), (b, q) in itertools.product(sent[0].items(), sent[1].items()):
            for column in zip(self.messages[0][a], self.messages[1][b], strict=True):
                announced[column] += p * q / coalition.game.copies
        shares = coalition.budget_shares
        return {
            j: coalition.label_free_payoffs[j]
            - coalition.outsider_payoff(j, list(announced.values()), shares, coalition.mean_lies(j))
            for j in coalition.outsiders
        }

    # Listing one agent's strategies

    def _strategies(self, sets: Sets) -> int:
        """Number of pure strategies of the agent who has fewer."""
        return int(min(len(s) ** len(v) for s, v in zip(sets, self.vectors, strict=True)))

    def _listed(self, sets: Sequence[Sets]) -> Iterator[_Pair]:
        """For every pair of sets, pure strategies of one agent with best replies: those with the largest sum."""
        for pair in sets:
            sizes = [len(s) ** len(v) for s, v in zip(pair, self.vectors, strict=True)]
            yield from self._best_of(pair, 0 if sizes[0] <= sizes[1] else 1)

    def _best_of(self, sets: Sets, p: int) -> Iterator[_Pair]:
        """All strategies of member p within its set; the best ones with a best reply."""
        options, length = np.array(sets[p]), len(self.vectors[p])
        total = len(options) ** length
        best: list[tuple[int, Ids]] = []
        for start in range(0, total, CHUNK):
            if self.deadline is not None and time.monotonic() > self.deadline:
                raise LimitReached("time limit")
            codes = np.arange(start, min(start + CHUNK, total))
            digits = codes[:, None] // len(options) ** np.arange(length) % len(options)
            choices = options[digits]
            sums = self._replies(choices, p, sets[1 - p])[0]
            top = sums.max()
            if not best or top >= best[0][0]:
                best = [b for b in best if b[0] == top]
                best += [(int(top), row) for row in choices[sums == top][:STARTS]]
        for _, row in best[:STARTS]:
            yield self._pair(tuple(row.tolist()), p, sets[1 - p])

    def _replies(self, choices: Ids, p: int, allowed: Sequence[int]) -> tuple[Integers, Ids]:
        """Largest weighted sums against strategies of member p, and the other's best replies (message indices)."""
        (first, second), chances = self._working
        own, other = (first, second) if p == 0 else (second, first)
        if p == 1:  # axes: type vectors, messages of p, messages of the other one
            own = own.swapaxes(1, 2)
        else:
            other = other.swapaxes(1, 2)
        # now other[its types, its messages, messages of p] and own[types of p, messages of p, other's messages]
        weights, dtype = self._objective[:2], own.dtype
        open_ = np.array(allowed)
        law = np.zeros((len(choices), own.shape[1]), dtype=dtype)
        np.add.at(law, (np.arange(len(choices))[:, None], choices), chances[p][None, :])
        mine = np.zeros((len(choices), len(open_)), dtype=dtype)
        for t, weight in enumerate(chances[p]):
            mine += weight * own[t][choices[:, t]][:, open_]
        theirs: Integers = np.tensordot(law, other[:, open_], axes=(1, 2))
        values = weights[1 - p] * theirs + (weights[p] * mine)[:, None, :]
        sums = (values.max(axis=2) * chances[1 - p]).sum(axis=1)
        return sums, open_[values.argmax(axis=2)]

    def _pair(self, choice: tuple[int, ...], p: int, allowed: Sequence[int]) -> _Pair:
        """A strategy of member p and a best reply."""
        sums, reply = self._replies(np.array([choice]), p, allowed)
        answer = tuple(reply[0].tolist())
        choices = (choice, answer) if p == 0 else (answer, choice)
        return _Pair(choices, self._paid(choices), int(sums[0]))

    def _paid(self, choices: tuple[tuple[int, ...], tuple[int, ...]]) -> tuple[int, int]:
        """Payoffs of a pair of pure strategies, times the scale."""
        arrays, chances = self._working
        laws = []
        for p in range(2):
            law = np.zeros(len(self.messages[p]), dtype=chances[p].dtype)
            np.add.at(law, np.array(choices[p]), chances[p])
            laws.append(law)
        first = (arrays[0][np.arange(len(choices[0])), np.array(choices[0])] @ laws[1]) @ chances[0]
        second = (arrays[1][np.arange(len(choices[1])), :, np.array(choices[1])] @ laws[0]) @ chances[1]
        return int(first), int(second)

    # Replies in turn

    def _found(self, fits: Booleans) -> Iterator[_Pair]:
        """Best replies in turn from pairs of constant messages, one for each kind that passes."""
        for start in itertools.islice(self._starts(fits), STARTS):
            yield from self._improved(start, fits)

    def _starts(self, fits: Booleans) -> Iterator[int]:
        """Messages of the second member that pass with the first message of the first, one for each joint table."""
        seen = set()
        for a in np.flatnonzero(fits.any(axis=1))[:1]:
            for b in np.flatnonzero(fits[a]):
                table = tuple(sorted(zip(self.messages[0][a], self.messages[1][b], strict=True)))
                if table not in seen:
                    seen.add(table)
                    yield int(b)

    def _improved(self, start: int, fits: Booleans) -> Iterator[_Pair]:
        """From a constant message of the second member: replies in turn until the sum does not grow any more."""
        choice, p = (start,) * len(self.vectors[1]), 1
        last: _Pair | None = None
        for _ in range(ROUNDS):
            if self.deadline is not None and time.monotonic() > self.deadline:
                break
            used = fits[:, sorted(set(choice))].all(axis=1) if p == 1 else fits[sorted(set(choice))].all(axis=0)
            pair = self._pair(choice, p, np.flatnonzero(used).tolist())
            if last is not None and pair.total <= last.total:
                break
            last, p = pair, 1 - p
            choice = pair.choices[p]
        if last is not None:
            yield last


def _largest_sets(fits: Booleans) -> list[Sets] | None:
    """All pairs of sets of messages that pass throughout and cannot be made larger; None if there are too many."""
    rows, columns = fits.shape
    if min(rows, columns) > MAX_SUBSETS:
        return None
    table = fits if rows <= columns else fits.T
    found: set[Sets] = set()
    for code in range(1, 2 ** len(table)):
        chosen = [a for a in range(len(table)) if code >> a & 1]
        shared = table[chosen].all(axis=0)
        if shared.any():
            closed = np.flatnonzero(table[:, shared].all(axis=1))
            pair = tuple(closed.tolist()), tuple(np.flatnonzero(shared).tolist())
            found.add(pair if rows <= columns else (pair[1], pair[0]))
    return sorted(found)
