"""Linking in which the mechanism completes the budget, so that forced lies hurt least.

In the linked mechanism an agent whose types do not fit its budget has to lie somewhere, and does so at random. Here it
may declare any types; where declarations do not keep to the budget the mechanism itself changes as few of them as it
must, and coordinates across agents which ones (Jackson and Sonnenschein 2003, Example 1, the "improved version").

A declared type is changed into the most similar type of another part of the budget. What the changes aim at adds up
over problems, so the best ones are found profile by profile: a dynamic program whose state is what has been used of the
budgets so far.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from eqsolve.budget import compositions, multinomial
from eqsolve.errors import LimitReached, ModelError, NotSupported, SizeError
from eqsolve.exact.rational import in_words, to_integers
from eqsolve.linking import LinkedGame
from eqsolve.mechanisms.direct import DirectMechanism
from eqsolve.mechanisms.orbits import Orbits
from eqsolve.problem import Profile
from eqsolve.rule import Lottery

AIMS = ("apart", "welfare")
MAX_SPLITS = 200_000
MAX_PROFILES = 4_096

Moves = tuple[tuple[frozenset[int], frozenset[int]], ...]
"""Per agent the parts of the budget that changed declarations leave, and those that they enter."""
Used = int
"""Counts of announcements by agent and part of the budget, and of changed declarations by agent, side by side in one
whole number, so that adding numbers adds counts."""


@dataclass
class _Ways:
    """What reaches a state best: the score, in how many ways, and how often each announced profile is used in them."""

    score: int
    ways: int
    used: dict[Profile, int] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Completion:
    """Completes declarations to announcements that keep to the budgets.

    Parameters
    ----------
    game : LinkedGame
        Its problem, rule and budgets.
    aim : {"apart", "welfare"}
        What is best, among completions with as few changes as possible for every agent. ``apart``: announcements in the
        same part of the budget fall on different problems (parts in the order in which they are declared), so that
        nobody is made to care intensely where another one does; ``welfare``: the weighted sum of declared utilities is
        largest. All that are best are equally likely.
    """

    game: LinkedGame
    aim: str
    _layers: dict[tuple[Profile, int, Moves], dict[Used, _Ways]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if self.aim not in AIMS:
            raise ModelError(f"aim: found {self.aim!r}, expected one of {', '.join(AIMS)}")
        if self.game.options.walk_away is not None or self.game.options.filter is not None:
            raise NotSupported("announcements are completed without walking away and correlation filter only")

    @cached_property
    def orbits(self) -> Orbits:
        """Joint histograms of declarations."""
        return Orbits(self.game.problem, self.game.copies)

    @cached_property
    def _part(self) -> list[list[int]]:
        """Per agent and type the part of the budget that it belongs to."""
        found = []
        for budget in self.game.budgets:
            part = {u: k for k, group in enumerate(budget.groups) for u in group.members}
            found.append([part[u] for u in range(budget.types)])
        return found

    @cached_property
    def _announced(self) -> dict[Profile, list[Profile]]:
        """Per declared profile what it may become: every agent's own type, or the most similar one of another part."""
        options = [[self._similar(i, u) for u in range(budget.types)] for i, budget in enumerate(self.game.budgets)]
        size = sum(math.prod(len(options[i][u]) for i, u in enumerate(p)) for p in self.orbits.profiles)
        if size > MAX_PROFILES:
            raise SizeError(
                f"{in_words(size)} pairs of declared and completed profiles, more than {MAX_PROFILES:,}; "
                "fewer agents or types help"
            )
        return {p: list(itertools.product(*(options[i][u] for i, u in enumerate(p)))) for p in self.orbits.profiles}

    def _similar(self, i: int, u: int) -> list[int]:
        """Type u of agent i itself, and the nearest types of every other part; a constant does not count."""
        problem, found = self.game.problem, [u]

        def distance(v: int) -> Fraction:
            """How far a type's utilities are from those of u, up to a constant."""
            gaps = [a - b for a, b in zip(problem.utility(i, u), problem.utility(i, v), strict=True)]
            return max(gaps) - min(gaps)

        for k, group in enumerate(self.game.budgets[i].groups):
            if k != self._part[i][u]:
                nearest = min(map(distance, group.members))
                found += [v for v in group.members if distance(v) == nearest]
        return found

    @cached_property
    def _scores(self) -> dict[tuple[Profile, Profile], int]:
        """What each change on a problem is worth, up to a common factor."""
        pairs = [(p, q) for p, options in self._announced.items() for q in options]
        return dict(zip(pairs, to_integers([self._score(p, q) for p, q in pairs])[0], strict=True))

    def _score(self, declared: Profile, announced: Profile) -> Fraction:
        problem, weights = self.game.problem, self.game.rule.objective
        if self.aim == "apart":
            parts = [self._part[i][v] for i, v in enumerate(announced) if i in self.game.active]
            return -Fraction(sum(a == b for a, b in itertools.combinations(parts, 2)))
        lottery = self.game.lotteries[announced]
        return sum(
            (
                weights[i] * p * w
                for i, u in enumerate(declared)
                for p, w in zip(lottery, problem.utility(i, u), strict=True)
            ),
            Fraction(0),
        )

    def mechanism(self, deadline: float | None = None) -> DirectMechanism:
        """The mechanism in which agents declare any types and these are completed, as a direct mechanism.

        Raises
        ------
        SizeError
            If there are too many joint histograms, or too many ways to complete.
        LimitReached
            After the deadline (of `time.monotonic`).
        """
        lotteries: list[Lottery] = []
        for h, counts in enumerate(self.orbits.occurring):
            if deadline is not None and time.monotonic() > deadline:
                raise LimitReached("time limit")
            lotteries += self._lotteries(h, [(self.orbits.profiles[p], c) for p, c in counts])
        return DirectMechanism(self.orbits, tuple(lotteries))

    def _lotteries(self, h: int, layers: Sequence[tuple[Profile, int]]) -> Iterator[Lottery]:
        """What happens at each declared profile of a joint histogram."""
        needed, moves = zip(*(self._needed(h, i) for i in range(self.game.n)), strict=True)
        steps = [self._layer(p, c, moves) for p, c in layers]
        few, forward = self._few(needed), [{0: _Ways(0, 1)}]
        for step in steps:
            forward.append(_advanced(forward[-1], step, few))
        # With no more changes than needed, whatever keeps to the budgets has exactly as many.
        backward = [{used: _Ways(0, 1) for used in forward[-1] if self._admitted(used)}]
        for step, before in zip(reversed(steps), reversed(forward[:-1]), strict=True):
            backward.append(_returned(before, step, backward[-1]))
        backward.reverse()
        best = backward[0][0]
        for k, (step, (_, count)) in enumerate(zip(steps, layers, strict=True)):
            total = [Fraction(0)] * len(self.game.problem.decisions)
            for announced, weight in _usage(forward[k], step, backward[k + 1], best.score).items():
                for d, p in enumerate(self.game.lotteries[announced]):
                    total[d] += Fraction(weight, best.ways * count) * p
            yield tuple(total)

    @cached_property
    def _places(self) -> list[list[int]]:
        """Per agent where the count of each part stands, and last that of the changes."""
        place = itertools.count(step=self.game.copies.bit_length())
        return [[next(place) for _ in range(len(budget.groups) + 1)] for budget in self.game.budgets]

    def _count(self, used: Used, place: int) -> int:
        return (used >> place) & ((1 << self.game.copies.bit_length()) - 1)

    def _needed(self, h: int, i: int) -> tuple[int, tuple[frozenset[int], frozenset[int]]]:
        """How many declarations of agent i have to be changed, and which changes are among the fewest."""
        margin, groups = self.orbits.margin(h, i), self.game.budgets[i].groups
        counts = [sum(margin[u] for u in group.members) for group in groups]
        over = {k: c - group.most for k, (c, group) in enumerate(zip(counts, groups, strict=True)) if c > group.most}
        under = {k: group.least - c for k, (c, group) in enumerate(zip(counts, groups, strict=True)) if c < group.least}
        out, into = sum(over.values()), sum(under.values())
        if not out and not into:
            return 0, (frozenset(), frozenset())
        anywhere = frozenset(range(len(groups)))
        # As many changes as there are declarations too many: each of them then leaves a part that has too many.
        leave = frozenset(over) if out >= into else anywhere - frozenset(under)
        enter = frozenset(under) if into >= out else anywhere - frozenset(over)
        return max(out, into), (leave, enter)

    def _admitted(self, used: Used) -> bool:
        return all(
            g.least <= self._count(used, place) <= g.most
            for places, budget in zip(self._places, self.game.budgets, strict=True)
            for place, g in zip(places, budget.groups, strict=False)
        )

    def _few(self, needed: Sequence[int]) -> Callable[[Used], bool]:
        """Whether nobody has more changes than it needs."""
        limits = [(places[-1], most) for places, most in zip(self._places, needed, strict=True)]
        return lambda used: all(self._count(used, place) <= most for place, most in limits)

    def _layer(self, declared: Profile, count: int, moves: Moves) -> dict[Used, _Ways]:
        """All ways to complete `count` problems of one declared profile, by what they use; the best of each."""
        # Of what may be changed only the parts in this profile matter.
        here = tuple(
            (leave & {self._part[i][u]}, enter if self._part[i][u] in leave else frozenset())
            for i, (u, (leave, enter)) in enumerate(zip(declared, moves, strict=True))
        )
        key = (declared, count, here)
        if key not in self._layers:
            self._layers[key] = self._completions(declared, count, here)
        return self._layers[key]

    def _completions(self, declared: Profile, count: int, moves: Moves) -> dict[Used, _Ways]:
        options = [q for q in self._announced[declared] if self._may_become(declared, q, moves)]
        size = math.comb(count + len(options) - 1, len(options) - 1)
        if size > MAX_SPLITS:
            raise SizeError(
                f"{count} problems of one profile can be completed in {in_words(size)} ways, more than "
                f"{MAX_SPLITS:,}; fewer copies help"
            )
        uses = [self._use(declared, q) for q in options]
        scores = [self._scores[declared, q] for q in options]
        found: dict[Used, _Ways] = {}
        for split in compositions(count, len(options)):
            used = sum(n * x for n, x in zip(split, uses, strict=True))
            score, ways = sum(n * s for n, s in zip(split, scores, strict=True)), multinomial(split)
            _offer(found, used, score, ways, {q: ways * n for q, n in zip(options, split, strict=True) if n})
        return found

    def _may_become(self, declared: Profile, announced: Profile, moves: Moves) -> bool:
        return all(
            u == v or (self._part[i][u] in leave and self._part[i][v] in enter)
            for i, (u, v, (leave, enter)) in enumerate(zip(declared, announced, moves, strict=True))
        )

    def _use(self, declared: Profile, announced: Profile) -> Used:
        """The counts of one problem that is completed so."""
        total = 0
        for i, (u, v) in enumerate(zip(declared, announced, strict=True)):
            places = self._places[i]
            total += (1 << places[self._part[i][v]]) + (int(u != v) << places[-1])
        return total


def _offer(states: dict[Used, _Ways], used: Used, score: int, ways: int, shares: Mapping[Profile, int]) -> None:
    """Add ways to reach a state, where none better is known."""
    known = states.get(used)
    if known is None or score > known.score:
        states[used] = _Ways(score, ways, dict(shares))
    elif score == known.score:
        known.ways += ways
        for q, n in shares.items():
            known.used[q] = known.used.get(q, 0) + n


def _advanced(
    states: Mapping[Used, _Ways], step: Mapping[Used, _Ways], few: Callable[[Used], bool]
) -> dict[Used, _Ways]:
    """States after one more profile, without those that have changed too many declarations."""
    found: dict[Used, _Ways] = {}
    for used, known in states.items():
        for more, ways in step.items():
            total = used + more
            if few(total):
                _offer(found, total, known.score + ways.score, known.ways * ways.ways, {})
    return found


def _returned(
    states: Mapping[Used, _Ways], step: Mapping[Used, _Ways], later: Mapping[Used, _Ways]
) -> dict[Used, _Ways]:
    """What the rest is worth, from every state before a profile."""
    found: dict[Used, _Ways] = {}
    for used in states:
        for more, ways in step.items():
            rest = later.get(used + more)
            if rest is not None:
                _offer(found, used, rest.score + ways.score, rest.ways * ways.ways, {})
    return found


def _usage(
    states: Mapping[Used, _Ways], step: Mapping[Used, _Ways], later: Mapping[Used, _Ways], best: int
) -> dict[Profile, int]:
    """How often each announced profile is used at a declared one, over all best completions."""
    found: dict[Profile, int] = {}
    for used, known in states.items():
        for more, ways in step.items():
            rest = later.get(used + more)
            if rest is not None and known.score + ways.score + rest.score == best:
                for q, n in ways.used.items():
                    found[q] = found.get(q, 0) + n * known.ways * rest.ways
    return found
