"""Correlated and coarse correlated equilibria of n-player games: exact optima of linear objectives."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any, Literal

from eqsolve.engines.dominance import game_arrays
from eqsolve.engines.lp import LinearProgram, LPSolution, solve_program
from eqsolve.errors import ModelError, SizeError
from eqsolve.exact.rational import in_words

Concept = Literal["correlated", "coarse"]
Profile = tuple[int, ...]

MAX_ENTRIES = 2_000_000  # of a linear program: about 100 strategies of two players, and half a gibibyte


@dataclass(frozen=True)
class CorrelatedSolution:
    """The best correlated (or coarse correlated) equilibrium for a linear objective, with its proof.

    Attributes
    ----------
    value : Fraction
        The optimum.
    distribution : dict {profile: Fraction}
        An optimal equilibrium: the profiles of positive probability, in lexicographic order.
    payoffs : tuple of Fractions
        Every player's expected payoff in it.
    multipliers : dict
        A bound on the objective: multipliers, at least 0, of the incentive constraints, by (player,
        recommended, deviation) or for coarse equilibria (player, None, deviation); zeros are left out.
        Maximising, for every profile a, ``objective(a) + sum of multiplier * loss(a) <= value``, where
        ``loss(a)`` is what obeying gains over deviating at a (0 where something else is recommended).
        Minimising, with minus and >=.
    concept : {"correlated", "coarse"}
    maximise : bool
    """

    value: Fraction
    distribution: dict[Profile, Fraction]
    payoffs: tuple[Fraction, ...]
    multipliers: dict[tuple[int, int | None, int], Fraction]
    concept: Concept
    maximise: bool


def optimal_correlated(
    payoffs: Sequence[Any],
    objective: Any = None,
    *,
    maximise: bool = True,
    concept: Concept = "correlated",
) -> CorrelatedSolution:
    """Find the correlated equilibrium that maximises or minimises a linear objective.

    Parameters
    ----------
    payoffs : n arrays of shape (m_1, …, m_n)
        Integers or Fractions; axis i is player i's strategy.
    objective : array of shape (m_1, …, m_n), or mapping {profile: number}, optional
        The objective is its expectation; by default the sum of all payoffs. A profile that a mapping does not
        name counts 0.
    maximise : bool
    concept : {"correlated", "coarse"}
        Coarse: a player decides before she hears her recommendation.

    Returns
    -------
    CorrelatedSolution

    Raises
    ------
    ModelError
        If arrays or objective do not fit, or `concept` is unknown.
    SizeError
        If the constraints have more than `MAX_ENTRIES` entries.

    Notes
    -----
    Linear programs with a variable per profile and a constraint per pair of own strategies (R. J. Aumann
    1974; S. Hart and D. Schmeidler 1989: there is always a solution), or per own strategy (H. Moulin and
    J.-P. Vial 1978). Constraints of strategies with equal payoffs are left out.
    """
    game = _Incentives.of(payoffs, concept)
    return game.optimise(game.read(objective), maximise)


def payoff_ranges(
    payoffs: Sequence[Any], *, concept: Concept = "correlated"
) -> tuple[tuple[CorrelatedSolution, CorrelatedSolution], ...]:
    """Least and greatest payoff of each player over all correlated (or coarse correlated) equilibria.

    Parameters
    ----------
    payoffs : n arrays of shape (m_1, …, m_n)
    concept : {"correlated", "coarse"}

    Returns
    -------
    n pairs of CorrelatedSolution
        ``(least, greatest)`` for each player; two linear programs each. Every Nash equilibrium's payoff lies
        between their values.

    Raises
    ------
    ModelError, SizeError
        See `optimal_correlated`.
    """
    game = _Incentives.of(payoffs, concept)
    return tuple((game.optimise(costs, maximise=False), game.optimise(costs, maximise=True)) for costs in game.tables)


def deviation_gains(
    payoffs: Sequence[Any], distribution: Mapping[Profile, Fraction], *, concept: Concept = "correlated"
) -> tuple[Fraction, ...]:
    """Compute the most that each player can gain by disobeying a distribution; 0 in an equilibrium.

    Parameters
    ----------
    payoffs : n arrays of shape (m_1, …, m_n)
    distribution : mapping {profile: probability}
        Probabilities at least 0 with sum 1; profiles that are not named have probability 0.
    concept : {"correlated", "coarse"}
        Correlated: the best sum of gains over recommendations, each with its own deviation. Coarse: the best
        single deviation.

    Raises
    ------
    ModelError
        If the distribution does not fit the game.
    """
    tables = game_arrays(payoffs)
    shape = tables[0].shape
    if sum(distribution.values()) != 1 or any(p < 0 for p in distribution.values()):
        raise ModelError("the distribution has a negative probability or does not sum to 1")
    for profile in distribution:
        if len(profile) != len(shape) or any(not 0 <= k < m for k, m in zip(profile, shape, strict=True)):
            raise ModelError(f"the distribution names profile {profile}, expected one of a game of shape {shape}")
    result = []
    for player, table in enumerate(tables):
        groups: dict[int | None, list[Fraction]] = {}
        for profile, probability in distribution.items():
            key = profile[player] if concept == "correlated" else None
            gains = groups.setdefault(key, [Fraction(0)] * shape[player])
            for k in range(shape[player]):
                gains[k] += probability * (table[_switched(profile, player, k)] - table[profile])
        result.append(sum((max(Fraction(0), *gains) for gains in groups.values()), Fraction(0)))
    return tuple(result)


@dataclass(frozen=True)
class _Incentives:
    """The constraints, once for all objectives."""

    tables: tuple[list[Fraction], ...]  # per player, the payoff of each profile
    shape: tuple[int, ...]
    profiles: list[Profile]
    keys: list[tuple[int, int | None, int]]
    rows: list[dict[int, int | Fraction]]
    concept: Concept

    @classmethod
    def of(cls, payoffs: Sequence[Any], concept: Concept) -> _Incentives:
        """One row per recommendation (or none, if coarse) and deviation; rows that are 0 everywhere are left out."""
        if concept not in ("correlated", "coarse"):
            raise ModelError(f"concept is {concept!r}, expected 'correlated' or 'coarse'")
        arrays = game_arrays(payoffs)
        shape = arrays[0].shape
        _require_size(shape, concept)
        profiles = list(product(*map(range, shape)))
        place = {profile: k for k, profile in enumerate(profiles)}
        keys, rows = [], []
        for player, m in enumerate(shape):
            values = arrays[player]
            for told, deviation in product(range(m) if concept == "correlated" else (None,), range(m)):
                row = {
                    place[a]: gain
                    for a in profiles
                    if (told is None or a[player] == told)
                    and (gain := values[_switched(a, player, deviation)] - values[a])
                }
                if row:
                    keys.append((player, told, deviation))
                    rows.append(row)
        return cls(tuple([*table.flat] for table in arrays), shape, profiles, keys, rows, concept)

    def read(self, objective: Any) -> list[Fraction]:
        """Put an objective in the order of the profiles."""
        if objective is None:
            return [sum(values, Fraction(0)) for values in zip(*self.tables, strict=True)]
        if isinstance(objective, Mapping):
            unknown = set(objective) - set(self.profiles)
            if unknown:
                raise ModelError(f"the objective names {sorted(unknown)[0]}, which is no profile of the game")
            return [objective.get(profile, Fraction(0)) for profile in self.profiles]
        array = game_arrays([objective] * len(self.shape))[0]
        if array.shape != self.shape:
            raise ModelError(f"the objective has shape {array.shape}, expected {self.shape}")
        return [*array.flat]

    def optimise(self, costs: Sequence[Fraction], maximise: bool) -> CorrelatedSolution:
        """A best distribution for costs per profile, among those that keep the constraints."""
        n, m = len(self.profiles), len(self.rows)
        problem = LinearProgram.of(costs, self.rows, [0] * m, [[1] * n], [1], maximise=maximise)
        found = solve_program(problem)
        if found.value is None:
            raise ArithmeticError("the program of correlated equilibria was reported to have no optimum")
        return self.solution(found, found.value, maximise)

    def solution(self, found: LPSolution, value: Fraction, maximise: bool) -> CorrelatedSolution:
        """The optimum in terms of the game: probabilities, expected payoffs and multipliers that are not 0."""
        expected = tuple(
            sum((p * v for p, v in zip(found.x, table, strict=True) if p), Fraction(0)) for table in self.tables
        )
        return CorrelatedSolution(
            value,
            {profile: p for profile, p in zip(self.profiles, found.x, strict=True) if p},
            expected,
            {key: abs(y) for key, y in zip(self.keys, found.dual_ub, strict=True) if y},
            self.concept,
            maximise,
        )


def _require_size(shape: tuple[int, ...], concept: Concept) -> None:
    """Raise SizeError if there are too many entries: up to one per profile and deviation from it."""
    entries = math.prod(shape) * sum(m - 1 for m in shape)
    if entries > MAX_ENTRIES:
        raise SizeError(
            f"the linear program of {concept} equilibria of a game of shape {' x '.join(map(str, shape))} would have "
            f"{in_words(math.prod(shape))} columns and up to {in_words(entries)} entries, more than {MAX_ENTRIES:,}; "
            "leave out strategies that are dominated, or check a given distribution with deviation_gains"
        )


def _switched(profile: Profile, player: int, strategy: int) -> Profile:
    return (*profile[:player], strategy, *profile[player + 1 :])
