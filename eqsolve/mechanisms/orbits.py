"""Profiles of type vectors up to renaming the problems.

What distinguishes two profiles of type vectors, once problems have no names, is how many problems have each profile of
types: their *joint histogram*. A mechanism on K copies may be taken to treat problems alike, since averaging it over
all renamings keeps its welfare and its incentives. It then is a lottery over decisions for every joint histogram and
every profile of types in it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from eqsolve.budget import Histogram, multinomial
from eqsolve.errors import ModelError, SizeError
from eqsolve.exact.rational import in_words
from eqsolve.problem import DecisionProblem, Profile

MAX_BLOCKS = 60_000
MAX_ENTRIES = 5_000_000


@dataclass(frozen=True, eq=False)
class Orbits:
    """Joint histograms of K problems with their probabilities.

    Parameters
    ----------
    problem : DecisionProblem
    copies : int

    Raises
    ------
    SizeError
        If there are more than `MAX_BLOCKS` pairs of a joint histogram and a profile in it.
    ModelError
        If `copies` is no whole number above 0.
    """

    problem: DecisionProblem
    copies: int

    def __post_init__(self) -> None:
        if not isinstance(self.copies, int) or isinstance(self.copies, bool) or self.copies < 1:
            raise ModelError(f"copies: found {self.copies!r}, expected a whole number, at least 1")
        size = math.prod(sum(p > 0 for p in a.prior) for a in self.problem.agents)
        count = size * math.comb(self.copies + size - 2, size - 1)
        if count > MAX_BLOCKS:
            raise SizeError(
                f"{self.copies} problems with {size:,} profiles of types need {in_words(count)} lotteries, more than "
                f"{MAX_BLOCKS:,}; fewer copies help"
            )

    @cached_property
    def profiles(self) -> tuple[Profile, ...]:
        """Profiles of types of positive probability."""
        possible = ([u for u, p in enumerate(a.prior) if p] for a in self.problem.agents)
        return tuple(itertools.product(*possible))

    @cached_property
    def chances(self) -> tuple[Fraction, ...]:
        """Probability of each profile on one problem."""
        agents = self.problem.agents
        return tuple(
            math.prod((a.prior[u] for a, u in zip(agents, profile, strict=True)), start=Fraction(1))
            for profile in self.profiles
        )

    @cached_property
    def joint(self) -> tuple[Histogram, ...]:
        """Joint histograms: on how many problems each profile occurs, in the order of `profiles`."""
        if len(self.occurring) * len(self.profiles) > MAX_ENTRIES:
            raise SizeError(
                f"{len(self.occurring):,} joint histograms of {len(self.profiles):,} profiles are not written out; "
                "fewer copies or agents help"
            )
        found = []
        for counts in self.occurring:
            row = [0] * len(self.profiles)
            for p, c in counts:
                row[p] = c
            found.append(tuple(row))
        return tuple(found)

    @cached_property
    def occurring(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """Per joint histogram the profiles that occur, by position, with their counts."""
        chosen = itertools.combinations_with_replacement(range(len(self.profiles)), self.copies)
        return tuple(tuple((p, len(list(group))) for p, group in itertools.groupby(c)) for c in reversed(list(chosen)))

    @cached_property
    def probabilities(self) -> tuple[Fraction, ...]:
        """Probability of each joint histogram."""
        return tuple(
            multinomial([c for _, c in counts])
            * math.prod((self.chances[p] ** c for p, c in counts), start=Fraction(1))
            for counts in self.occurring
        )

    @cached_property
    def blocks(self) -> tuple[tuple[int, int], ...]:
        """Pairs of a joint histogram and a profile that occurs in it: where the mechanism has a lottery to choose."""
        return tuple((h, p) for h, counts in enumerate(self.occurring) for p, _ in counts)

    @cached_property
    def counts(self) -> tuple[int, ...]:
        """Per block on how many problems its profile occurs."""
        return tuple(c for counts in self.occurring for _, c in counts)

    @cached_property
    def profile_index(self) -> dict[Profile, int]:
        """Position of each profile."""
        return {profile: p for p, profile in enumerate(self.profiles)}

    @cached_property
    def joint_index(self) -> dict[tuple[tuple[int, int], ...], int]:
        """Position of each joint histogram, written as in `occurring`."""
        return {counts: h for h, counts in enumerate(self.occurring)}

    def position(self, counts: Sequence[int]) -> int | None:
        """Position of a joint histogram, written as in `joint`; None if there is none such."""
        if len(counts) != len(self.profiles):
            return None
        return self.joint_index.get(tuple((p, c) for p, c in enumerate(counts) if c))

    @cached_property
    def block_index(self) -> dict[tuple[int, int], int]:
        """Position of each block."""
        return {pair: b for b, pair in enumerate(self.blocks)}

    def margin(self, h: int, i: int) -> Histogram:
        """Histogram of agent i's types in a joint histogram."""
        return self._margins[i][h]

    @cached_property
    def _margins(self) -> tuple[tuple[Histogram, ...], ...]:
        margins = []
        for i, agent in enumerate(self.problem.agents):
            rows = []
            for counts in self.occurring:
                row = [0] * len(agent.types)
                for p, c in counts:
                    row[self.profiles[p][i]] += c
                rows.append(tuple(row))
            margins.append(tuple(rows))
        return tuple(margins)

    @cached_property
    def interim(self) -> tuple[dict[Histogram, Fraction], ...]:
        """Per agent the probability of each histogram of its own types."""
        laws = []
        for margins in self._margins:
            law: dict[Histogram, Fraction] = {}
            for margin, p in zip(margins, self.probabilities, strict=True):
                law[margin] = law.get(margin, Fraction(0)) + p
            laws.append(law)
        return tuple(laws)
