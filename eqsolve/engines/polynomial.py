"""All isolated equilibria of games with any number of players, exactly, by supports and polynomial equations.

For each support profile that conditional dominance leaves, the equations of indifference are solved in exact
algebra: every real solution is a number in a field Q[T]/φ, so signs of probabilities and of payoff differences are
decided, never estimated. Where the algebra is too large, Newton's method and Krawczyk's test still give certified
boxes, and the result says that it is not complete.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from flint import fmpq_poly

from eqsolve.engines.dominance import iterated_dominance
from eqsolve.engines.equilibrium_set import (
    Continuum,
    EquilibriumSet,
    FieldCertificate,
    Interval,
    MixedEquilibrium,
    Undecided,
    Value,
    ends,
)
from eqsolve.engines.indifference import IndifferenceSystem, exact_profile, linear_verdict
from eqsolve.engines.krawczyk import certified_boxes
from eqsolve.engines.subdivision import excluded
from eqsolve.engines.support_profiles import Support, support_profiles
from eqsolve.exact.ideals import Limits, RealPoint, solve_system
from eqsolve.exact.linalg import to_fraction
from eqsolve.game import NormalFormGame

_SAMPLE_DRAWS = 6
_INFINITE = "the equations have infinitely many complex solutions"
_TOO_LARGE = "the equations are too large for the limits"


def all_equilibria(
    game: NormalFormGame,
    *,
    max_seconds: float | None = None,
    limits: Limits | None = None,
    width_bits: int = 64,
    max_cells: int = 2_000,
    one: bool = False,
) -> EquilibriumSet:
    """Find all equilibria of a game with any number of players, or say where some may be missing.

    Parameters
    ----------
    game : NormalFormGame
        Meant for three or more players and few strategies; for two players with degenerate payoffs the
        engines for two players describe the continua that are only sampled here.
    max_seconds : float, optional
        Looked at between supports.
    limits : Limits, optional
        Largest algebra per support.
    width_bits : int
        Boxes of irrational probabilities are narrower than 2**-width_bits.
    max_cells : int
        Cells of the subdivision that may exclude a support with infinitely many complex solutions.
    one : bool
        End the search with the first support that has an equilibrium.

    Returns
    -------
    EquilibriumSet
        Also after Ctrl-C and when the time is over: with what is known and ``complete=False``.

    Notes
    -----
    Strategies that iterated strict dominance removes are never played. Every equilibrium has exactly one
    support profile; of the solutions of its equations those with positive probabilities there and nothing
    better outside are kept, all signs decided exactly, so a boundary case (a strategy outside that is exactly
    as good) is kept and a solution with a probability of 0 is left to its own support.
    Where one player mixes alone and the others do not care, her equilibrium strategies may fill a polytope:
    it is given by its vertices. If any other support has infinitely many complex solutions even after those
    with a probability of 0 are removed, an exact linear program or subdivision may prove that none is an
    equilibrium; otherwise the support is undecided. Exponential in the number of strategies; 3 × 3 × 3
    takes about a second.
    """
    search = _Search(game, limits or Limits(), width_bits, max_cells)
    deadline = None if max_seconds is None else time.monotonic() + max_seconds

    def heartbeat() -> None:
        """Raise when the time is over; support profiles are listed under it, too."""
        if deadline is not None and time.monotonic() > deadline:
            raise TimeoutError

    stopped = None
    try:
        for support in search.supports(heartbeat):
            search.examine(support)
            if one and search.equilibria:
                stopped = "one equilibrium was asked for"
                break
    except TimeoutError:
        stopped = f"max_seconds = {max_seconds:g} reached"
    except KeyboardInterrupt:
        stopped = "interrupted"
    if stopped is None and search.undecided:
        reasons = sorted({item.reason for item in search.undecided})
        stopped = f"{len(search.undecided)} support profiles are undecided: {'; '.join(reasons)}"
    return EquilibriumSet(
        shape=game.shape,
        equilibria=tuple(search.equilibria),
        complete=stopped is None,
        stopped=stopped,
        continua=tuple(search.continua),
        undecided=tuple(search.undecided),
        supports=search.count,
        parameters={
            "max_seconds": max_seconds, "limits": search.limits, "width_bits": width_bits, "max_cells": max_cells
        },
    )  # fmt: skip


class _Search:
    """What was found so far; each support profile adds to it."""

    def __init__(self, game: NormalFormGame, limits: Limits, width_bits: int, max_cells: int) -> None:
        self.game, self.limits, self.width_bits, self.max_cells = game, limits, width_bits, max_cells
        self.tables = game.integers
        self.equilibria: list[MixedEquilibrium] = []
        self.continua: list[Continuum] = []
        self.undecided: list[Undecided] = []
        self.count = 0

    def supports(self, heartbeat: Callable[[], None]) -> Iterator[Support]:
        """Support profiles of the strategies that iterated strict dominance leaves."""
        survivors = iterated_dominance(self.tables).survivors
        return support_profiles(self.tables, survivors, heartbeat)

    def examine(self, support: Support) -> None:
        """Find all equilibria with exactly this support, or note that it is undecided."""
        self.count += 1
        if all(len(s) == 1 for s in support):
            cell = [s[0] for s in support]
            if self.game.is_equilibrium(cell):
                self.equilibria.append(self._rational(self.game.mixed(cell)))
            return
        system = IndifferenceSystem(self.tables, support)
        solutions = solve_system(system.equations(), system.ring, self.limits)
        if solutions.kind == "infinite":
            self._examine_infinite(system, solutions.free)
        elif solutions.kind == "finite":
            self.equilibria.extend(self._judged(system, solutions.points))
        elif not excluded(self.tables, support, self.max_cells):
            self.equilibria.extend(self._certified(support))
            self.undecided.append(Undecided(support, _TOO_LARGE))

    def _examine_infinite(self, system: IndifferenceSystem, free: tuple[int, ...]) -> None:
        """Decide a support with infinitely many complex solutions, by what applies first."""
        verdict = linear_verdict(system)
        if verdict.kind == "none":
            return
        profiles = [self.game.mixed(system.full_profile(point)) for point in verdict.points]
        if verdict.kind == "one":
            self.equilibria.extend(map(self._rational, profiles))
            return
        if verdict.kind == "many":
            vertices = tuple(map(self._rational, profiles))
            self.continua.append(Continuum(system.support, system.mixing[0], vertices))
            return
        samples = tuple(self._rational(p) for p in profiles if self.game.is_equilibrium(p))
        ring, equations = system.positive_equations()
        solutions = solve_system(equations, ring, self.limits)
        if solutions.kind == "finite":
            self.equilibria.extend(self._judged(system, solutions.points))
            return
        samples = samples or self._sampled(system, free)
        if samples or not excluded(self.tables, system.support, self.max_cells):
            self.undecided.append(Undecided(system.support, _INFINITE, samples))

    def _judged(self, system: IndifferenceSystem, points: tuple[RealPoint, ...]) -> list[MixedEquilibrium]:
        kept = [(point, strategies) for point in points if (strategies := system.judge(point)) is not None]
        bits = self.width_bits
        while True:
            found = [self._equilibrium(system, point, strategies, bits) for point, strategies in kept]
            if all(_apart(a, b) for k, a in enumerate(found) for b in found[:k]) and all(map(_inside, found)):
                return found
            bits *= 2

    def _equilibrium(
        self, system: IndifferenceSystem, point: RealPoint, strategies: list[list[Any]], bits: int
    ) -> MixedEquilibrium:
        profile = exact_profile(point, strategies)
        if profile is not None:
            return self._rational(self.game.mixed(profile))
        played = [[player[k] for k in s] for player, s in zip(strategies, system.support, strict=True)]
        payoffs = []
        for i, s in enumerate(system.support):
            value = system.values(i, played, point)[s[0]]
            lo, hi = point.enclosure(value / self.game.denominators[i], bits)
            payoffs.append(lo if lo == hi else (lo, hi))
        return MixedEquilibrium(
            strategies=tuple(tuple(_value(point, p, bits) for p in player) for player in strategies),
            payoffs=tuple(payoffs),
            support=system.support,
            certificate=FieldCertificate(
                tuple(int(c) for c in point.minimal.numer().coeffs()),
                point.enclosure(fmpq_poly([0, 1]), max(bits, point.isolating_bits())),
                tuple(tuple(_coefficients(p % point.minimal) for p in player) for player in strategies),
            ),
        )

    def _rational(self, profile: tuple[tuple[Fraction, ...], ...]) -> MixedEquilibrium:
        if self.game.regret(profile) != 0:
            raise ArithmeticError("a rational solution that passed all tests has a regret")
        support = tuple(tuple(k for k, p in enumerate(player) if p) for player in profile)
        return MixedEquilibrium(profile, self.game.payoff(profile), support)

    def _sampled(self, system: IndifferenceSystem, free: tuple[int, ...]) -> tuple[MixedEquilibrium, ...]:
        """Equilibria on an infinite solution set: cut it by fixing the free unknowns at random rationals."""
        rng = random.Random(0)
        found: list[MixedEquilibrium] = []
        generators = system.ring.gens()
        for _ in range(_SAMPLE_DRAWS):
            cuts = []
            for v in free:
                size = next(len(system.support[i]) for (i, _), place in system.place.items() if place == v)
                below = 12 * (size - 1)
                cuts.append(below * generators[v] - rng.randint(1, 11))
            solutions = solve_system([*system.equations(), *cuts], system.ring, self.limits)
            found.extend(self._judged(system, solutions.points))
        return tuple(dict.fromkeys(found))

    def _certified(self, support: Support) -> list[MixedEquilibrium]:
        """Isolated equilibria by Newton's method and Krawczyk's test."""
        found = []
        for box in certified_boxes(self.tables, support):
            strategies = tuple(tuple(lo if lo == hi else (lo, hi) for lo, hi in player) for player in box)
            found.append(MixedEquilibrium(strategies, self._payoff_intervals(box, support), support))
        return found

    def _payoff_intervals(self, box: list[list[Interval]], support: Support) -> tuple[Value, ...]:
        """Enclosures of the payoffs over a box: linear in each player's strategy, so by interval products."""
        result = []
        for i, table in enumerate(self.tables):
            lo = hi = Fraction(0)
            for cell, weight in _products([box[j] if j != i else None for j in range(len(support))], support):
                index = tuple(support[i][0] if k is None else k for k in cell)
                value = Fraction(int(table[index]), self.game.denominators[i])
                sides = value * weight[0], value * weight[1]
                lo, hi = lo + min(sides), hi + max(sides)
            result.append(lo if lo == hi else (lo, hi))
        return tuple(result)


def _products(box: list[list[Interval] | None], support: Support) -> Iterator[tuple[tuple[int | None, ...], Interval]]:
    """Cells of the supports with intervals of their probabilities; a player without a box has no index."""
    if not box:
        yield (), (Fraction(1), Fraction(1))
        return
    for cell, (lo, hi) in _products(box[:-1], support[:-1]):
        last = box[-1]
        if last is None:
            yield (*cell, None), (lo, hi)
        else:
            for k in support[-1]:
                yield (*cell, k), (lo * last[k][0], hi * last[k][1])


def _value(point: RealPoint, probability: Any, bits: int) -> Value:
    lo, hi = point.enclosure(probability, bits)
    return lo if lo == hi else (lo, hi)


def _coefficients(polynomial: Any) -> tuple[Fraction, ...]:
    return tuple(to_fraction(c) for c in polynomial.coeffs())


def _apart(a: MixedEquilibrium, b: MixedEquilibrium) -> bool:
    """Whether two boxes are disjoint."""
    for one, other in zip(a.strategies, b.strategies, strict=True):
        for p, q in zip(one, other, strict=True):
            (p_lo, p_hi), (q_lo, q_hi) = ends(p), ends(q)
            if p_hi < q_lo or q_hi < p_lo:
                return True
    return False


def _inside(equilibrium: MixedEquilibrium) -> bool:
    """Whether all intervals of a box lie between 0 and 1, without 0."""
    intervals = [p for player in equilibrium.strategies for p in player if isinstance(p, tuple)]
    return all(lo > 0 and hi < 1 for lo, hi in intervals)
