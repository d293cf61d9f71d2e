"""Running a mechanism: once on given reports, or many times on types that are drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from eqsolve.errors import ModelError
from eqsolve.mechanisms.constraints import Report
from eqsolve.mechanisms.orbits import Orbits
from eqsolve.rule import Lottery

BATCH = 1_000_000
"""Problems that are drawn at a time."""


@dataclass(frozen=True)
class Simulation:
    """Estimated payoffs per problem under the truth.

    Parameters
    ----------
    rounds : int
    payoffs : tuple of float
        Mean over the rounds, per agent.
    stderr : tuple of float
        Standard errors of these means.
    """

    rounds: int
    payoffs: tuple[float, ...]
    stderr: tuple[float, ...]

    def __str__(self) -> str:
        parts = (f"{p:.6g} ± {e:.2g}" for p, e in zip(self.payoffs, self.stderr, strict=True))
        return f"estimated from {self.rounds:,} rounds: {', '.join(parts)}"


def decide(
    orbits: Orbits, lotteries: Sequence[Lottery], reports: Mapping[str, Sequence[str]], seed: int | None
) -> tuple[str, ...]:
    """What a mechanism decides on each problem, see `DirectMechanism.decide`."""
    problem, vectors = orbits.problem, []
    for agent in problem.agents:
        told = list(reports.get(agent.name, ()))
        if len(told) != orbits.copies:
            raise ModelError(
                f"reports of agent {agent.name!r}: found {len(told)}, expected a type for each of {orbits.copies}"
            )
        vectors.append([agent.type_index(name) for name in told])
    profiles = list(zip(*vectors, strict=True))
    for profile in profiles:
        if profile not in orbits.profile_index:
            raise ModelError(f"found the types {profile}, one of which has probability 0, expected types that occur")
    counts = Counter(orbits.profile_index[profile] for profile in profiles)
    h = orbits.joint_index[tuple(sorted(counts.items()))]
    draw = np.random.default_rng(seed)
    found = []
    for profile in profiles:
        lottery = lotteries[orbits.block_index[h, orbits.profile_index[profile]]]
        found.append(problem.decisions[int(draw.choice(len(lottery), p=_floats(lottery)))])
    return tuple(found)


def _floats(lottery: Sequence[Fraction]) -> npt.NDArray[np.float64]:
    row = np.array([float(q) for q in lottery])
    return np.asarray(row / row.sum(), dtype=np.float64)


def simulate(
    orbits: Orbits,
    lotteries: Sequence[Lottery],
    transfers: Mapping[Report, Fraction],
    rounds: int,
    seed: int | None,
) -> Simulation:
    """Truthful play with drawn types, see `DirectMechanism.simulate`.

    Raises
    ------
    ModelError
        If there are fewer than two rounds, which leave no standard error.
    """
    if rounds < 2:
        raise ModelError(f"rounds: found {rounds}, expected at least 2")
    sampler = _Sampler(orbits, lotteries, transfers)
    draw = np.random.default_rng(seed)
    total = np.zeros(orbits.problem.n)
    squares = np.zeros(orbits.problem.n)
    for start in range(0, rounds, size := max(1, BATCH // orbits.copies)):
        payoffs = sampler.payoffs(draw, min(size, rounds - start)) - sampler.centre
        total += payoffs.sum(axis=0)
        squares += (payoffs**2).sum(axis=0)
    mean = total / rounds
    variance = np.maximum(squares / rounds - mean**2, 0) * rounds / (rounds - 1)
    return Simulation(rounds, tuple((mean + sampler.centre).tolist()), tuple(np.sqrt(variance / rounds).tolist()))


class _Sampler:
    """Draws rounds of truthful play."""

    def __init__(self, orbits: Orbits, lotteries: Sequence[Lottery], transfers: Mapping[Report, Fraction]) -> None:
        problem = orbits.problem
        self.orbits = orbits
        self.chances = _floats(orbits.chances)
        self.cumulative = np.cumsum([_floats(row) for row in lotteries], axis=1)
        self.utility = np.array(
            [[[float(w) for w in problem.utility(i, u)] for i, u in enumerate(p)] for p in orbits.profiles]
        )
        self.centre = self.utility.mean(axis=(0, 2))
        """Subtracted before squares are added up, so that large utilities lose no digits."""
        self.block: npt.NDArray[np.int64] = np.full((len(orbits.joint), len(orbits.profiles)), -1, dtype=np.int64)
        for b, (h, p) in enumerate(orbits.blocks):
            self.block[h, p] = b
        self.paid = np.array(
            [
                [float(transfers.get((i, orbits.margin(h, i)), 0)) for i in range(problem.n)]
                for h in range(len(orbits.joint))
            ]
        )

    def payoffs(self, draw: np.random.Generator, rounds: int) -> npt.NDArray[np.float64]:
        """Payoffs per problem of every agent in every round."""
        K = self.orbits.copies
        profiles = draw.choice(len(self.chances), size=(rounds, K), p=self.chances)
        counts = np.stack([(profiles == p).sum(axis=1) for p in range(len(self.chances))], axis=1)
        kinds, inverse = np.unique(counts, axis=0, return_inverse=True)
        joint = np.array([self.orbits.position(row) for row in kinds.tolist()])[inverse.reshape(-1)]
        blocks = self.block[joint[:, None], profiles]
        dice = draw.random((rounds, K))
        decisions = (dice[:, :, None] > self.cumulative[blocks]).sum(axis=2)
        decisions = np.minimum(decisions, self.cumulative.shape[1] - 1)
        worth: npt.NDArray[Any] = self.utility[profiles, :, decisions]
        found: npt.NDArray[np.float64] = (worth.sum(axis=1) + self.paid[joint]) / K
        return found
