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
    found = []
    for moved in _decisions(problem):
        if status_quo < 0 or moved[status_quo] == status_quo:
            found += list(_with(problem, weights, moved))
    return tuple(sorted(found, key=lambda g: (g.agents, g.decisions)))


def _decisions(problem: DecisionProblem) -> Iterable[tuple[int, ...]]:
    """Permutations of the decisions: all, or where they are too many those that exchange agents with equal types."""
    size = len(problem.decisions)
    if math.factorial(min(size, 20)) <= MAX_TRIED:
        return itertools.permutations(range(size))
    columns = [tuple(tuple(problem.utility(i, u)[d] for u in range(problem.shape[i])) for i in range(problem.n))
               for d in range(size)]  # fmt: skip
    found = {tuple(range(size))}
    orders = itertools.permutations(range(problem.n)) if math.factorial(min(problem.n, 20)) <= MAX_TRIED else []
    for agents in orders:
        places: dict[object, list[int]] = {}
        for d in reversed(range(size)):
            places.setdefault(tuple(columns[d][j] for j in agents), []).append(d)
        moved = [places[column].pop() for column in columns if places.get(column)]
        if len(moved) == size:
            found.add(tuple(moved))
    return sorted(found)


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
    if math.factorial(min(problem.n, 20)) * math.factorial(min(len(moved), 6)) > MAX_TRIED:
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


def block_map(orbits: Orbits, g: Renaming) -> Callable[[int], int]:
    """What each block becomes under a renaming."""
    moved = [orbits.profile_index[g.profile(p)] for p in orbits.profiles]

    def move(b: int) -> int:
        """The block that block b becomes: its joint histogram and its profile, both renamed."""
        h, p = orbits.blocks[b]
        counts = sorted((moved[q], c) for q, c in orbits.occurring[h])
        return orbits.block_index[orbits.joint_index[tuple(counts)], moved[p]]

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
