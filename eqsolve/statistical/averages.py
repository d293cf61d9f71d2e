"""What a dated mechanism costs and yields on average when everybody tells the truth, exact."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from eqsolve.errors import SizeError
from eqsolve.exact.rational import in_words, to_integers
from eqsolve.statistical.mechanism import LINKED_VCG, MAX_PROFILES, NONE, DatedMechanism
from eqsolve.statistical.process import Path

MAX_PRODUCT = 2_000_000_000

Joint = Mapping[tuple[int, int], Fraction]
"""Law of true and reported type of a date."""


@dataclass(frozen=True)
class Averages:
    """Expected figures, everybody truthful and retracted where need be.

    Parameters
    ----------
    costs : tuple of Fraction
        Expected payment by agent, at the last date.
    surplus : Fraction
        Expected sum of utilities without payments, worth at date 1.
    first_best : Fraction
        The same without retraction.
    inside : Fraction
        P(ω in Ω*).
    """

    costs: tuple[Fraction, ...]
    surplus: Fraction
    first_best: Fraction
    inside: Fraction

    @property
    def cost(self) -> Fraction:
        """Expected payments of all agents."""
        return sum(self.costs, Fraction(0))

    @property
    def ratio(self) -> Fraction | None:
        """Expected cost over expected surplus; None if the latter is 0."""
        return self.cost / self.surplus if self.surplus else None


def averages(mechanism: DatedMechanism) -> Averages:
    """Exact expectations under the truth.

    Raises
    ------
    SizeError
        If the pairs of an announcement and the others' announcements are too many.

    Notes
    -----
    Agents are independent, so what is chosen at a date needs the laws of true and reported types of that date only; the
    least that the others could be left with is taken over all announcements, at every profile of the others'.
    """
    problem = mechanism.problem
    joints = [list(_joint_laws(mechanism, n)) for n in range(mechanism.n)]
    surplus, first, paid = Fraction(0), Fraction(0), [Fraction(0)] * mechanism.n
    for t in range(mechanism.dates):
        weight = problem.discount**t
        truths = [_marginal(joint[t], 0) for joint in joints]
        for profile, chance in _product(truths):
            first += weight * chance * problem.welfare(profile, mechanism.choice[profile])
        # utilities of one agent at a time: its true type, and the reports of all
        reports = [_marginal(joint[t], 1) for joint in joints]
        for n, joint in enumerate(joints):
            rest = [law for m, law in enumerate(reports) if m != n]
            for others, chance in _product(rest):
                for (true, said), p in joint[t].items():
                    profile = (*others[:n], said, *others[n:])
                    decision = mechanism.choice[profile]
                    surplus += weight * chance * p * problem.agents[n].utility[true][decision]
                    own = problem.agents[n].utility[said][decision]
                    paid[n] += weight * chance * p * (problem.welfare(profile, decision) - own)
    late = problem.discount ** (mechanism.dates - 1)
    costs = []
    for n in range(mechanism.n):
        same = next((m for m in range(n) if mechanism.alike(m, n) and len(set(mechanism.processes)) == 1), None)
        if mechanism.payments == NONE:
            costs.append(Fraction(0))
        elif same is not None:
            costs.append(costs[same])
        else:
            given_back = _mean_pivot(mechanism, n) if mechanism.payments == LINKED_VCG else Fraction(0)
            costs.append((paid[n] - given_back) / late)
    inside = math.prod((_inside(mechanism, n) for n in range(mechanism.n)), start=Fraction(1))
    return Averages(tuple(costs), surplus, first, inside)


def _inside(mechanism: DatedMechanism, n: int) -> Fraction:
    law = mechanism.processes[n].law
    return sum((law.get(path, Fraction(0)) for path in mechanism.members[n]), Fraction(0))


def _joint_laws(mechanism: DatedMechanism, n: int) -> Iterator[dict[tuple[int, int], Fraction]]:
    """Law of true and reported type, date by date."""
    pairs = [(path, mechanism.retractions[n](path), p) for path, p in mechanism.processes[n].law.items()]
    for t in range(mechanism.dates):
        found: dict[tuple[int, int], Fraction] = {}
        for path, said, p in pairs:
            key = path[t], said[t]
            found[key] = found.get(key, Fraction(0)) + p
        yield found


def _marginal(joint: Joint, which: int) -> dict[int, Fraction]:
    found: dict[int, Fraction] = {}
    for pair, p in joint.items():
        found[pair[which]] = found.get(pair[which], Fraction(0)) + p
    return found


def _product(laws: list[dict[int, Fraction]]) -> Iterator[tuple[tuple[int, ...], Fraction]]:
    for combination in itertools.product(*(law.items() for law in laws)):
        yield tuple(u for u, _ in combination), math.prod((p for _, p in combination), start=Fraction(1))


def _reported_law(mechanism: DatedMechanism, n: int) -> dict[Path, Fraction]:
    found: dict[Path, Fraction] = {}
    for path, p in mechanism.processes[n].law.items():
        said = mechanism.retractions[n](path)
        found[said] = found.get(said, Fraction(0)) + p
    return found


def _mean_pivot(mechanism: DatedMechanism, n: int) -> Fraction:
    """E of the least sum of the others' utilities over the announcements of agent n in Ω*^n, worth at date 1."""
    problem, dates = mechanism.problem, mechanism.dates
    laws = [_reported_law(mechanism, m) for m in range(mechanism.n) if m != n]
    count = math.prod(map(len, laws))
    if count > MAX_PROFILES or count * len(mechanism.members[n]) > MAX_PRODUCT:
        raise SizeError(
            f"{in_words(count)} profiles of the others' announcements with {len(mechanism.members[n]):,} own ones "
            "are too many for an exact average; fewer dates or agents help"
        )
    combinations = list(itertools.product(*(range(s) for m, s in enumerate(problem.shape) if m != n)))
    index = {o: k for k, o in enumerate(combinations)}
    flat = []
    for t, own, o in itertools.product(range(dates), range(problem.shape[n]), combinations):
        profile = (*o[:n], own, *o[n:])
        decision = mechanism.choice[profile]
        left = problem.welfare(profile, decision) - problem.agents[n].utility[own][decision]
        flat.append(problem.discount**t * left)
    numbers, scale = to_integers(flat)
    safe = dates * max(map(abs, numbers), default=0) < 2**62
    worth = np.array(numbers, dtype=np.int64 if safe else object).reshape(dates, problem.shape[n], len(combinations))
    members = np.array(mechanism.members[n], dtype=np.int64)
    total = Fraction(0)
    for profile_of_paths in itertools.product(*(law.items() for law in laws)):
        chance = math.prod((p for _, p in profile_of_paths), start=Fraction(1))
        others = [index[o] for o in zip(*(path for path, _ in profile_of_paths), strict=True)]
        left = worth[np.arange(dates), members, others].sum(axis=1)
        total += chance * int(left.min())
    return total / scale
