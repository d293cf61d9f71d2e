"""Budgets: which histograms of types an agent may announce.

A `BudgetRule` is what a modeller writes ("frequencies", counts, classes, bounds, none). Applied to an agent and a
number of copies it becomes a `Budget`: a partition of the agent's types into groups, each with a least and a largest
number of announcements. A budget is *exact* if it admits a single histogram, otherwise *loose*.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from eqsolve.errors import ModelError, SizeError
from eqsolve.exact.rational import in_words
from eqsolve.problem import Agent

Histogram = tuple[int, ...]
"""How often each type occurs, in the order of the agent's types."""


@dataclass(frozen=True)
class Group:
    """Types that share a ration: between `least` and `most` announcements together."""

    name: str
    members: tuple[int, ...]
    least: int
    most: int


@dataclass(frozen=True)
class Budget:
    """What one agent may announce on K problems.

    Parameters
    ----------
    copies : int
        K, the number of problems.
    types : int
        Number of the agent's types.
    groups : tuple of Group
        A partition of the types.
    ties : int
        Number of budgets that are equally near to the prior frequencies; 1 where nothing was rounded.
    kind : str
        The rule it came from.
    """

    copies: int
    types: int
    groups: tuple[Group, ...]
    ties: int = 1
    kind: str = "none"
    _cache: dict[str, tuple[Histogram, ...]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def is_exact(self) -> bool:
        """Whether exactly one histogram may be announced."""
        return self.counts is not None

    @property
    def counts(self) -> Histogram | None:
        """The histogram of an exact budget; None for a loose one."""
        first_two = [h for h, _ in zip(self._generate(), range(2), strict=False)]
        return first_two[0] if len(first_two) == 1 else None

    def histograms(self, limit: int = 1_000_000) -> tuple[Histogram, ...]:
        """All admissible histograms, lexicographically decreasing.

        Raises
        ------
        SizeError
            If there are more than `limit`; the number is bounded by C(K + m - 1, m - 1) for m types.
        """
        if "all" not in self._cache:
            bound = math.comb(self.copies + self.types - 1, self.types - 1)
            found = []
            for histogram in self._generate():
                found.append(histogram)
                if len(found) > limit:
                    raise SizeError(
                        f"up to {in_words(bound)} histograms may be announced, more than {limit:,}; fewer copies help"
                    )
            self._cache["all"] = tuple(sorted(found, reverse=True))
        return self._cache["all"]

    def admits(self, histogram: Sequence[int]) -> bool:
        """Whether a histogram may be announced."""
        return sum(histogram) == self.copies and all(
            g.least <= sum(histogram[u] for u in g.members) <= g.most for g in self.groups
        )

    def messages(self) -> Iterator[tuple[int, ...]]:
        """All messages (vectors of type indices), lexicographically."""
        for_prefix = sorted(self.histograms())
        yield from _arrangements(for_prefix, self.copies, self.types)

    def message_count(self) -> int:
        """Number of messages, worked out without listing them."""
        total = 0
        for histogram in self.histograms():
            total += multinomial(histogram)
        return total

    def describe(self) -> dict[str, int | dict[str, int]]:
        """Count per type or class; least and largest count where they differ; empty without a budget."""
        if self.kind == "none":
            return {}
        return {g.name: g.least if g.least == g.most else {"at_least": g.least, "at_most": g.most} for g in self.groups}

    def _generate(self) -> Iterator[Histogram]:
        def fill(k: int, left: int, counts: list[int]) -> Iterator[Histogram]:
            """Histograms with the groups before k as in `counts`, and `left` announcements spread over the others."""
            if k == len(self.groups):
                if left == 0:
                    yield tuple(counts)
                return
            group = self.groups[k]
            rest_least = sum(g.least for g in self.groups[k + 1 :])
            rest_most = sum(g.most for g in self.groups[k + 1 :])
            for total in range(max(group.least, left - rest_most), min(group.most, left - rest_least) + 1):
                for split in compositions(total, len(group.members)):
                    for u, count in zip(group.members, split, strict=True):
                        counts[u] = count
                    yield from fill(k + 1, left - total, counts)

        yield from fill(0, self.copies, [0] * self.types)


@dataclass(frozen=True)
class BudgetRule:
    """A budget as a modeller writes it, before the number of copies is known.

    Parameters
    ----------
    kind : {"frequencies", "none", "counts", "classes", "bounds"}
        ``frequencies``: the histogram nearest to K times the prior, in the Euclidean distance.
    counts : mapping of type to int
        For ``counts``; types left out may not be announced.
    classes : mapping of class name to types
        For ``classes``: disjoint, together all types; class counts nearest to K times their probability.
    at_most, at_least : mapping of type to Fraction
        For ``bounds``: shares of the copies, rounded down and up.

    Examples
    --------
    >>> import eqsolve as eq
    >>> problem = eq.load("object").problem
    >>> eq.BudgetRule().apply(problem.agents[0], 4).counts
    (2, 2)
    """

    kind: str = "frequencies"
    counts: Mapping[str, int] = field(default_factory=dict)
    classes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    at_most: Mapping[str, Fraction] = field(default_factory=dict)
    at_least: Mapping[str, Fraction] = field(default_factory=dict)

    def copies(self) -> int | None:
        """Number of copies that fixed counts imply; None for the other kinds."""
        return sum(self.counts.values()) if self.kind == "counts" else None

    def apply(self, agent: Agent, copies: int) -> Budget:
        """Budget of an agent on `copies` problems.

        Raises
        ------
        ModelError
            If a name is unknown, the classes are no partition, counts do not sum to `copies`, or nobody can meet
            the budget.
        """
        build = {
            "frequencies": self._frequencies,
            "none": self._none,
            "counts": self._counts,
            "classes": self._classes,
            "bounds": self._bounds,
        }
        if self.kind not in build:
            raise ModelError(f"budget: found {self.kind!r}, expected one of {', '.join(build)}")
        groups, ties = build[self.kind](agent, copies)
        least, most = sum(g.least for g in groups), sum(g.most for g in groups)
        if not least <= copies <= most or any(g.least > g.most for g in groups):
            raise ModelError(
                f"budget of agent {agent.name!r}: it asks for {least} to {most} announcements on {copies} problems, "
                "expected a budget that somebody can meet"
            )
        return Budget(copies, len(agent.types), tuple(groups), ties, self.kind)

    def _frequencies(self, agent: Agent, copies: int) -> tuple[list[Group], int]:
        counts, ties = nearest_counts([p * copies for p in agent.prior])
        return [Group(t.name, (u,), c, c) for u, (t, c) in enumerate(zip(agent.types, counts, strict=True))], ties

    def _none(self, agent: Agent, copies: int) -> tuple[list[Group], int]:
        return [Group("any", tuple(range(len(agent.types))), copies, copies)], 1

    def _counts(self, agent: Agent, copies: int) -> tuple[list[Group], int]:
        wanted = {agent.type_index(name): count for name, count in self.counts.items()}
        if any(count < 0 for count in wanted.values()) or sum(wanted.values()) != copies:
            raise ModelError(
                f"budget of agent {agent.name!r}: counts sum to {sum(wanted.values())}, "
                f"expected {copies}, the number of copies"
            )
        return [Group(t.name, (u,), wanted.get(u, 0), wanted.get(u, 0)) for u, t in enumerate(agent.types)], 1

    def _classes(self, agent: Agent, copies: int) -> tuple[list[Group], int]:
        members = {name: tuple(agent.type_index(t) for t in types) for name, types in self.classes.items()}
        flat = sorted(u for group in members.values() for u in group)
        if flat != list(range(len(agent.types))) or not all(members.values()):
            raise ModelError(
                f"budget of agent {agent.name!r}: the classes cover {[agent.types[u].name for u in flat]}, "
                f"expected every type once: {list(agent.type_names)}"
            )
        shares = [copies * sum((agent.prior[u] for u in group), Fraction(0)) for group in members.values()]
        counts, ties = nearest_counts(shares)
        return [Group(name, group, c, c) for (name, group), c in zip(members.items(), counts, strict=True)], ties

    def _bounds(self, agent: Agent, copies: int) -> tuple[list[Group], int]:
        least, most = [0] * len(agent.types), [copies] * len(agent.types)
        for name, share in self.at_most.items():
            most[agent.type_index(name)] = min(copies, math.floor(share * copies))
        for name, share in self.at_least.items():
            least[agent.type_index(name)] = max(0, math.ceil(share * copies))
        return [
            Group(t.name, (u,), lo, hi) for u, (t, lo, hi) in enumerate(zip(agent.types, least, most, strict=True))
        ], 1


def nearest_counts(shares: Sequence[Fraction]) -> tuple[list[int], int]:
    """Integer vector nearest to `shares` with the same (integer) sum, and how many are equally near.

    Rounding down and giving the rest to the largest remainders is the Euclidean projection. Among several nearest
    vectors the lexicographically largest is taken.
    """
    counts = [math.floor(s) for s in shares]
    rest = int(sum(shares)) - sum(counts)
    if not rest:
        return counts, 1
    remainders = [s - c for s, c in zip(shares, counts, strict=True)]
    threshold = sorted(remainders, reverse=True)[rest - 1]
    tied = [k for k, r in enumerate(remainders) if r == threshold]
    sure = [k for k, r in enumerate(remainders) if r > threshold]
    for k in sure + tied[: rest - len(sure)]:
        counts[k] += 1
    return counts, math.comb(len(tied), rest - len(sure))


def multinomial(histogram: Sequence[int]) -> int:
    """Number of vectors with a given histogram."""
    total, ways = 0, 1
    for count in histogram:
        total += count
        ways *= math.comb(total, count)
    return ways


def compositions(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """All ways to write `total` as an ordered sum of `parts` non-negative integers, lexicographically."""
    if parts == 0:
        if total == 0:
            yield ()
        return
    if parts == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in compositions(total - first, parts - 1):
            yield (first, *rest)


def _arrangements(histograms: Sequence[Histogram], length: int, types: int) -> Iterator[tuple[int, ...]]:
    """Vectors whose histogram is one of `histograms`, lexicographically."""
    if length == 0:
        if histograms:
            yield ()
        return
    for u in range(types):
        rest = [(*h[:u], h[u] - 1, *h[u + 1 :]) for h in histograms if h[u] > 0]
        for tail in _arrangements(rest, length - 1, types) if rest else ():
            yield (u, *tail)
