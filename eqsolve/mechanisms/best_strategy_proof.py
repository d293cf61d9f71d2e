"""The best strategy-proof mechanism for several different problems, by a linear program.

All profiles of types are listed: what is decided on one problem may depend on everything that is announced. Nobody
gains by lying at any profile, and where it is asked for nobody is worse off at any profile than under given rules.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from eqsolve.errors import SizeError
from eqsolve.exact.rational import in_words, to_integers
from eqsolve.mechanisms.constraints import Candidate, Cell, Constraint
from eqsolve.mechanisms.layout import PlainLayout
from eqsolve.mechanisms.program import Program, maximise
from eqsolve.mechanisms.strategy_proof import Array, Bundle, Types, narrow
from eqsolve.rule import Lottery

MAX_LOTTERIES = 20_000

Place = tuple[Types, ...]
"""A profile: every agent's types on all problems."""


@dataclass(frozen=True, eq=False)
class LinkedRule:
    """A strategy-proof mechanism for the problems of a bundle.

    Parameters
    ----------
    bundle : Bundle
    lotteries : {profile: lottery per problem}
        A profile has every agent's types on all problems.
    welfare : Fraction
        Weighted sum of payoffs, ex ante, summed over the problems.
    multipliers : {Constraint: Fraction}
        On constraints that bind.
    """

    bundle: Bundle
    lotteries: Mapping[Place, tuple[Lottery, ...]]
    welfare: Fraction
    multipliers: Mapping[Constraint, Fraction]

    def utility(self, i: int, types: Types, profile: Place) -> Fraction:
        """What an agent with these types expects at an announced profile, summed over the problems."""
        total = Fraction(0)
        for k, (u, lottery) in enumerate(zip(types, self.lotteries[profile], strict=True)):
            worth = self.bundle.problems[k].utility(i, u)
            total += sum((p * w for p, w in zip(lottery, worth, strict=True)), Fraction(0))
        return total

    @cached_property
    def payoffs(self) -> tuple[Fraction, ...]:
        """Ex ante payoff of every agent under the truth, summed over the problems."""
        totals = [Fraction(0)] * self.bundle.n
        for profile in self.lotteries:
            mass = math.prod((self.bundle.chance(i, t) for i, t in enumerate(profile)), start=Fraction(1))
            for i, t in enumerate(profile):
                totals[i] += mass * self.utility(i, t, profile)
        return tuple(totals)

    @cached_property
    def regret(self) -> Fraction:
        """The largest gain from any lie at any profile, summed over the problems; 0 if there is none."""
        return max(
            self.utility(i, profile[i], (*profile[:i], lie, *profile[i + 1 :])) - self.utility(i, profile[i], profile)
            for profile in self.lotteries
            for i in range(self.bundle.n)
            for lie in self.bundle.types[i]
        )


@dataclass(frozen=True, eq=False)
class _Places:
    """The blocks of the program: a problem and a profile."""

    bundle: Bundle

    @cached_property
    def profiles(self) -> list[Place]:
        """All profiles of the agents' types over all problems."""
        return list(itertools.product(*self.bundle.types))

    @cached_property
    def index(self) -> dict[Place, int]:
        """Number of each profile."""
        return {profile: p for p, profile in enumerate(self.profiles)}

    def block(self, k: int, profile: Place) -> int:
        """Number of the block of problem k at a profile."""
        return self.index[profile] * len(self.bundle.rules) + k

    def row(self, i: int, types: Types, profile: Place, factor: int) -> Iterator[tuple[Cell, Fraction]]:
        """`factor` times the utility of an agent at an announced profile."""
        for k, u in enumerate(types):
            for d, w in enumerate(self.bundle.problems[k].utility(i, u)):
                if w:
                    yield (self.block(k, profile), d), factor * w

    def worth(self, i: int, candidate: Candidate) -> tuple[Array, int]:
        """Utility of an agent as whole numbers, and their scale: axes are true types, then the announced profile."""
        bundle, total = self.bundle, np.zeros((), dtype=object)
        flat = [w for p in bundle.problems for u in range(p.shape[i]) for w in p.utility(i, u)]
        scale = to_integers(flat)[1]
        steps = len(bundle.rules)
        for k, problem in enumerate(bundle.problems):
            size = len(problem.decisions)
            rows = np.array(
                [[int(scale * w) for w in problem.utility(i, u)] for u in range(problem.shape[i])], dtype=object
            )
            chances = np.array(
                [candidate.chances[b][:size] for b in range(k, len(candidate.chances), steps)], dtype=object
            )
            table = narrow(rows @ chances.T)
            total = total + table[[t[k] for t in bundle.types[i]]]
        return total.reshape(len(bundle.types[i]), *map(len, bundle.types)), scale * candidate.scale


def _collected(terms: Iterator[tuple[Cell, Fraction]]) -> dict[Cell, Fraction]:
    row: dict[Cell, Fraction] = {}
    for cell, q in terms:
        row[cell] = row.get(cell, Fraction(0)) + q
    return {cell: q for cell, q in row.items() if q}


@dataclass(frozen=True, eq=False)
class _NoLies:
    """Nobody gains by any lie at any profile."""

    places: _Places

    def violated(self, candidate: Candidate, tolerance: Fraction) -> Iterator[Constraint]:
        """The best lie of every agent at every profile, where it gains."""
        bundle = self.places.bundle
        for i in range(bundle.n):
            worth, scale = self.places.worth(i, candidate)
            gains = bundle.gains(i, worth)
            stake = tolerance * scale * max(1, int(worth.max() - worth.min()) // scale)
            best = gains.argmax(axis=1)
            for place in np.argwhere(gains.max(axis=1) > stake).tolist():
                true, others, told = place[0], place[1:], int(best[tuple(place)])
                rest = iter(others)
                profile = tuple(bundle.types[j][next(rest)] for j in range(bundle.n) if j != i)
                yield self._constraint(i, bundle.types[i][true], bundle.types[i][told], profile)

    def _constraint(self, i: int, true: Types, told: Types, others: Place) -> Constraint:
        honest = self.places.row(i, true, (*others[:i], true, *others[i:]), 1)
        lying = self.places.row(i, true, (*others[:i], told, *others[i:]), -1)
        return Constraint(("lie", i, true, told, others), _collected(itertools.chain(honest, lying)))


@dataclass(frozen=True, eq=False)
class _NobodyWorse:
    """Nobody is worse off at any profile than under the rules."""

    places: _Places

    @cached_property
    def listed(self) -> list[Constraint]:
        """All constraints."""
        bundle, found = self.places.bundle, []
        for profile in self.places.profiles:
            chosen = bundle.lotteries(profile)
            for i, types in enumerate(profile):
                least = Fraction(0)
                for k, (u, lottery) in enumerate(zip(types, chosen, strict=True)):
                    worth = bundle.problems[k].utility(i, u)
                    least += sum((p * w for p, w in zip(lottery, worth, strict=True)), Fraction(0))
                row = _collected(self.places.row(i, types, profile, 1))
                found.append(Constraint(("worse", i, profile), row, least))
        return found

    def violated(self, candidate: Candidate, tolerance: Fraction) -> Iterator[Constraint]:
        """Every violated constraint."""
        for constraint in self.listed:
            if constraint.least - candidate.value(constraint.row, {}) > tolerance:
                yield constraint


def best_strategy_proof(
    bundle: Bundle,
    *,
    dominating: bool = True,
    weights: Sequence[Fraction] | None = None,
    max_seconds: float | None = None,
) -> LinkedRule:
    """The strategy-proof mechanism for all problems together with the largest weighted sum of payoffs.

    Parameters
    ----------
    bundle : Bundle
        Its rules must be strategy-proof if the mechanism has to dominate them.
    dominating : bool
        Nobody may be worse off than under the rules, at any profile: better from all time perspectives.
    weights : sequence of Fraction, optional
        1 for every agent by default.
    max_seconds : float, optional

    Raises
    ------
    SizeError
        If there are too many profiles.
    LimitReached
        After `max_seconds`.
    ArithmeticError
        If nothing strategy-proof dominates the rules, which are not strategy-proof themselves then.
    """
    start = time.monotonic()
    places = _Places(bundle)
    count = math.prod(map(len, bundle.types)) * len(bundle.rules)
    if count > MAX_LOTTERIES:
        raise SizeError(f"{in_words(count)} lotteries, more than {MAX_LOTTERIES:,}; fewer problems or types help")
    importance = (Fraction(1),) * bundle.n if weights is None else tuple(weights)
    objective: dict[Cell, Fraction] = {}
    for profile in places.profiles:
        mass = math.prod((bundle.chance(i, t) for i, t in enumerate(profile)), start=Fraction(1))
        for i, types in enumerate(profile):
            for cell, w in places.row(i, types, profile, 1):
                objective[cell] = objective.get(cell, Fraction(0)) + mass * importance[i] * w
    sizes = [len(problem.decisions) for problem in bundle.problems]
    program = Program(
        objective=objective,
        layout=PlainLayout([range(size) for _ in places.profiles for size in sizes], max(sizes)),
        families=[_NoLies(places), *([_NobodyWorse(places)] if dominating else [])],
    )
    found = maximise(program, None if max_seconds is None else start + max_seconds)
    if found is None:
        raise ArithmeticError("nothing strategy-proof dominates rules that are not strategy-proof")
    chosen = iter(found.lotteries)
    lotteries = {profile: tuple(next(chosen)[:size] for size in sizes) for profile in places.profiles}
    return LinkedRule(bundle, lotteries, found.value, found.multipliers)
