"""Renamings of agents, types and decisions that leave a decision problem as it is.

Averaging a mechanism over such renamings changes neither its welfare nor its incentives, so the best mechanism may be
taken to treat alike what is alike: agents in the same position, decisions that mirror each other. That makes the
program smaller, and agents who are alike get the same.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from eqsolve.budget import Histogram
from eqsolve.mechanisms.orbits import Orbits
from eqsolve.problem import DecisionProblem, Profile

MAX_TRIED = 5_040
"""Permutations of decisions times permutations of agents that are tried."""
MAX_MOVED = 5_000_000
"""Renamings times lotteries that they are applied to."""

Key = tuple[Fraction, tuple[Fraction, ...]]


@dataclass(frozen=True)
class Renaming:
    """A renaming of agents, their types and decisions.

    Parameters
    ----------
    agents : tuple of int
        Agent i becomes ``agents[i]``.
    types : tuple of tuples of int
        Type u of agent i becomes type ``types[i][u]`` of agent ``agents[i]``.
    decisions : tuple of int
        Decision d becomes ``decisions[d]``.
    """

    agents: tuple[int, ...]
    types: tuple[tuple[int, ...], ...]
    decisions: tuple[int, ...]

    def profile(self, profile: Profile) -> Profile:
        """What a profile of types becomes."""
        found = [0] * len(profile)
        for i, u in enumerate(profile):
            found[self.agents[i]] = self.types[i][u]
        return tuple(found)

    def histogram(self, i: int, histogram: Histogram, size: int) -> Histogram:
        """What a histogram of agent i's types becomes, for an agent with `size` types."""
        found = [0] * size
        for u, c in enumerate(histogram):
            if c:
                found[self.types[i][u]] += c
        return tuple(found)


def symmetries(problem: DecisionProblem, weights: Sequence[Fraction], status_quo: int = -1) -> tuple[Renaming, ...]:
    """All renamings under which problem, weights and status quo are the same; the identity is one of them.

    Utilities may differ by a constant for every type: it concerns neither incentives nor what is best.

    Parameters
    ----------
    problem : DecisionProblem
    weights : sequence of Fraction
        Of the agents' payoffs.
    status_quo : int
        A decision that has to stay what it is; -1 for none.
    """
    decisions: Iterable[tuple[int, ...]] = itertools.permutations(range(len(problem.decisions)))
    if math.factorial(min(len(problem.decisions), 20)) > MAX_TRIED:
        decisions = [tuple(range(len(problem.decisions)))]
    found = []
    for moved in decisions:
        if status_quo < 0 or moved[status_quo] == status_quo:
            found += list(_with(problem, weights, moved))
    return tuple(sorted(found, key=lambda g: (g.agents, g.decisions)))


def _with(problem: DecisionProblem, weights: Sequence[Fraction], moved: tuple[int, ...]) -> Iterator[Renaming]:
    """Symmetries with a given permutation of decisions."""
    here = range(problem.n)
    own = [[_key(problem, i, u, range(len(moved))) for u in range(problem.shape[i])] for i in here]
    back = tuple(sorted(range(len(moved)), key=lambda d: moved[d]))
    shifted = [[_key(problem, i, u, back) for u in range(problem.shape[i])] for i in here]
    fits = {
        (i, j): maps
        for i in here
        for j in here
        if weights[i] == weights[j] and (maps := _matched(shifted[i], own[j])) is not None
    }
    orders: Iterable[tuple[int, ...]] = itertools.permutations(here)
    if math.factorial(min(problem.n, 20)) * math.factorial(min(len(moved), 20)) > MAX_TRIED:
        orders = [tuple(here)]
    for agents in orders:
        if all((i, j) in fits for i, j in enumerate(agents)):
            yield Renaming(agents, tuple(fits[i, j] for i, j in enumerate(agents)), moved)


def _key(problem: DecisionProblem, i: int, u: int, order: Sequence[int]) -> Key:
    """Probability of a type, and its utilities in some order of the decisions, up to a constant."""
    worth = [problem.utility(i, u)[d] for d in order]
    return problem.agents[i].prior[u], tuple(w - worth[0] for w in worth)


def _matched(first: Sequence[Key], second: Sequence[Key]) -> tuple[int, ...] | None:
    """Which type of the second agent each type of the first one becomes; types that cannot occur become anything."""
    places: dict[Key, list[int]] = {}
    for u, key in reversed(list(enumerate(second))):
        places.setdefault(key, []).append(u)
    found = []
    for key in first:
        if not key[0]:
            found.append(0)
        elif places.get(key):
            found.append(places[key].pop())
        else:
            return None
    return None if any(key[0] and left for key, left in places.items()) else tuple(found)


@dataclass(frozen=True, eq=False)
class Layout:
    """The free probabilities of a mechanism that is the same under some renamings.

    Blocks fall into classes of those that become each other. The decisions of a block fall into classes, too: what
    becomes each other while the block stays is equally likely. A *column* is a class of decisions at a class of blocks;
    its variable is the probability that the decision is in that class.

    Parameters
    ----------
    orbits : Orbits
    allowed : per block the decisions that may be taken
    group : tuple of Renaming
        All symmetries; they must respect `allowed`.
    """

    orbits: Orbits
    allowed: Sequence[Sequence[int]]
    group: tuple[Renaming, ...]

    @cached_property
    def columns(self) -> list[list[int]]:
        """Per class of blocks its columns."""
        return self._laid_out[0]

    @cached_property
    def column(self) -> list[dict[int, int]]:
        """Per block the column of each decision that may be taken."""
        return self._laid_out[1]

    @cached_property
    def size(self) -> list[int]:
        """Per column, how many decisions of a block share its probability."""
        return self._laid_out[2]

    @cached_property
    def members(self) -> list[list[int]]:
        """Per class of blocks the blocks in it."""
        return self._laid_out[3]

    @cached_property
    def agents(self) -> tuple[int, ...]:
        """One agent of every class of agents who become each other."""
        return tuple(i for i in range(self.orbits.problem.n) if all(g.agents[i] >= i for g in self.group))

    @cached_property
    def _laid_out(self) -> tuple[list[list[int]], list[dict[int, int]], list[int], list[list[int]]]:
        orbits = self.orbits
        column: list[dict[int, int]] = [{} for _ in orbits.blocks]
        columns: list[list[int]] = []
        size: list[int] = []
        members: list[list[int]] = []
        moves = [block_map(orbits, g) for g in self.group]
        for b, options in enumerate(self.allowed):
            if column[b]:
                continue
            columns.append([])
            members.append(sorted({move(b) for move in moves}))
            for d in options:
                if d in column[b]:
                    continue
                new = len(size)
                columns[-1].append(new)
                for g, move in zip(self.group, moves, strict=True):
                    column[move(b)][g.decisions[d]] = new
                size.append(sum(c == new for c in column[b].values()))
        return columns, column, size, members


def block_map(orbits: Orbits, g: Renaming) -> Callable[[int], int]:
    """What each block becomes under a renaming."""
    moved = [orbits.profile_index[g.profile(p)] for p in orbits.profiles]
    back = sorted(range(len(moved)), key=lambda p: moved[p])

    def move(b: int) -> int:
        h, p = orbits.blocks[b]
        counts = orbits.joint[h]
        return orbits.block_index[orbits.joint_index[tuple(counts[q] for q in back)], moved[p]]

    return move


def identity(problem: DecisionProblem) -> Renaming:
    """The renaming that changes nothing."""
    return Renaming(
        tuple(range(problem.n)),
        tuple(tuple(range(size)) for size in problem.shape),
        tuple(range(len(problem.decisions))),
    )


def usable(group: tuple[Renaming, ...], orbits: Orbits) -> tuple[Renaming, ...]:
    """The group, or the identity alone where it would take too long to apply it."""
    return group if len(group) * len(orbits.blocks) <= MAX_MOVED else (identity(orbits.problem),)


def merged_reports(
    group: Sequence[Renaming], problem: DecisionProblem, reports: Iterable[tuple[int, Histogram]]
) -> Mapping[tuple[int, Histogram], tuple[int, Histogram]]:
    """For every agent and histogram the first one that it becomes under the renamings."""
    found: dict[tuple[int, Histogram], tuple[int, Histogram]] = {}
    for i, histogram in reports:
        if (i, histogram) not in found:
            for g in group:
                j = g.agents[i]
                found.setdefault((j, g.histogram(i, histogram, problem.shape[j])), (i, histogram))
    return found
