"""The proof that a mechanism is optimal: multipliers on requirements, of every agent by itself.

The program treats alike what is alike, so its multipliers are on one of several requirements that are each other's
images. Averaged over the symmetries they prove the same bound without any talk of symmetry.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from eqsolve.budget import Histogram
from eqsolve.mechanisms.constraints import Constraint
from eqsolve.mechanisms.optimal import OptimalMechanism
from eqsolve.mechanisms.orbits import Orbits
from eqsolve.mechanisms.symmetry import Renaming
from eqsolve.problem import Profile


@dataclass(frozen=True)
class Lie:
    """Requirement that a lie does not pay: how many problems of each true type are reported as what.

    Parameters
    ----------
    kind : {"bic", "dsic"}
    agent : int
    table : tuple of ((others' types or (), true type, reported type), count)
        The others' types are there for ``dsic``.
    """

    kind: str
    agent: int
    table: tuple[tuple[tuple[Profile, int, int], int], ...]


@dataclass(frozen=True)
class Promise:
    """Requirement that an agent does not prefer the status quo.

    Parameters
    ----------
    kind : {"interim", "total"}
    agent : int
    at : histogram of its types, or the profiles that occur (by position) with their counts
    """

    kind: str
    agent: int
    at: tuple[Any, ...]


@dataclass(frozen=True)
class Balance:
    """Requirement that what is paid sums to 0 in expectation."""

    kind: str = "balance"


Requirement = Lie | Promise | Balance


def multipliers(mechanism: OptimalMechanism) -> dict[Requirement, Fraction]:
    """Multipliers that prove that no mechanism is better, averaged over the symmetries.

    Their sum of ``multiplier * (left - least)`` added to the welfare makes prices; at every block the best decision at
    these prices gives the optimal welfare.
    """
    found: dict[Requirement, Fraction] = {}
    group = mechanism.group
    for constraint, multiplier in mechanism.multipliers.items():
        for g in group:
            requirement = _moved(g, mechanism.orbits, constraint)
            found[requirement] = found.get(requirement, Fraction(0)) + multiplier / len(group)
    return found


def _moved(g: Renaming, orbits: Orbits, constraint: Constraint) -> Requirement:
    """What a constraint becomes under a renaming."""
    label: Any = constraint.label
    kind = label[0]
    if kind == "balance":
        return Balance()
    i, agent = label[1], g.agents[label[1]]
    if kind == "bic":
        table = (((), g.types[i][u], g.types[i][v], n) for (u, v), n in label[4])
        return Lie(kind, agent, tuple(sorted(((w, u, v), n) for w, u, v, n in table)))
    if kind == "dsic":
        return Lie(kind, agent, tuple(sorted(_known(g, i, label[4]))))
    if kind == "interim":
        histogram: Histogram = label[2]
        return Promise(kind, agent, g.histogram(i, histogram, orbits.problem.shape[agent]))
    counts = ((orbits.profile_index[g.profile(orbits.profiles[p])], c) for p, c in orbits.occurring[label[2]])
    return Promise(kind, agent, tuple(sorted(counts)))


def _known(g: Renaming, i: int, table: Any) -> Iterator[tuple[tuple[Profile, int, int], int]]:
    """A lie of agent i at known types of the others, renamed."""
    agent = g.agents[i]
    for (others, u, v), n in table:
        moved = g.profile((*others[:i], u, *others[i:]))
        yield ((*moved[:agent], *moved[agent + 1 :]), g.types[i][u], g.types[i][v]), n
