"""Simulated play: what the filter does in many rounds, with standard errors.

Independent label-free agents draw types from their priors and announce them in order, as truthfully as their budgets
allow, ties broken at random; without priors they shuffle their budgets. Either way messages are uniform, which the
exact calibration takes as given and a simulation puts to the test.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from eqsolve.errors import ModelError
from eqsolve.filter.calibration import smallest
from eqsolve.filter.chances import Estimate
from eqsolve.filter.distance import PAIRWISE, IntArray, MessageTables, check_kind, scale, scores
from eqsolve.filter.joint_tables import JointLaw
from eqsolve.filter.panel import Panel
from eqsolve.filter.plan import Plan

MAX_ROUNDS = 10**8
CHUNK = 3_000_000


@dataclass(frozen=True, eq=False)
class Simulation:
    """Distances in simulated rounds.

    Parameters
    ----------
    panel : Panel
    kind : {"pairwise", "joint"}
    rounds, seed : int
    law : JointLaw
        How often which distances occurred.
    """

    panel: Panel
    kind: str
    rounds: int
    seed: int
    law: JointLaw

    def exceeds(self, agents: tuple[int, ...], epsilon: Fraction, at_least: bool = False) -> Estimate:
        """Share of the rounds in which one of these agents' distances is larger than ε (`at_least`: or equal)."""
        return Estimate(int(self.law.exceeds(agents, epsilon, strict=not at_least) * self.rounds), self.rounds)

    def false_alarm(self, epsilon: Fraction) -> tuple[Estimate, ...]:
        """Share of the rounds in which each agent is flagged."""
        return tuple(self.exceeds((i,), epsilon) for i in range(self.panel.n))

    def family_wise(self, epsilon: Fraction) -> Estimate:
        """Share of the rounds in which somebody is flagged."""
        return self.exceeds(tuple(range(self.panel.n)), epsilon)

    def epsilon_for(self, alpha: Fraction, family_wise: bool = False) -> Fraction:
        """The smallest ε with which at most a share α of the rounds ends in a false alarm (estimated)."""
        everybody = tuple(range(self.panel.n))
        groups = [everybody] if family_wise else [(i,) for i in everybody]
        return max(self._group_epsilon(group, alpha) for group in groups)

    def _group_epsilon(self, group: tuple[int, ...], alpha: Fraction) -> Fraction:
        candidates = sorted({Fraction(0), *self.law.values(group)})
        return smallest(candidates, lambda epsilon: self.law.exceeds(group, epsilon) <= alpha)


def simulate(panel: Panel, rounds: int, seed: int = 0, kind: str = PAIRWISE, plan: Plan | None = None) -> Simulation:
    """Play many rounds and keep the distances.

    Parameters
    ----------
    panel : Panel
    rounds : int
        At most `MAX_ROUNDS`.
    seed : int
        Of numpy's default generator: the same seed plays the same rounds.
    kind : {"pairwise", "joint"}
    plan : Plan, optional
        What some agents announce together; the others play independently and label-free.

    Notes
    -----
    Time grows with rounds · K · (number of tables compared); memory does not grow with the rounds.
    """
    check_kind(panel, kind)
    if not 1 <= rounds <= MAX_ROUNDS:
        raise ModelError(f"rounds: found {rounds:,}, expected 1 to {MAX_ROUNDS:,}")
    if seed < 0:
        raise ModelError(f"seed: found {seed}, expected a whole number from 0 up")
    generator = np.random.default_rng(seed)
    counted: dict[tuple[int, ...], int] = {}
    chunk = max(1, CHUNK // (panel.n * panel.copies))
    for start in range(0, rounds, chunk):
        messages = play(panel, generator, min(chunk, rounds - start), plan)
        found = np.stack(scores(panel, MessageTables(messages, panel.shape), kind), axis=1)
        for row, count in _counted(found):
            counted[row] = counted.get(row, 0) + count
    weights = np.array([*counted.values(), None], dtype=object)[:-1]
    fits = all(max(row) < 2**62 for row in counted)
    keys = np.array(list(counted), dtype=np.int64 if fits else object).reshape(-1, panel.n)
    law = JointLaw(keys, weights, tuple(scale(panel, i) for i in range(panel.n)))
    return Simulation(panel, kind, rounds, seed, law)


def _counted(found: npt.NDArray[np.object_] | IntArray) -> list[tuple[tuple[int, ...], int]]:
    if found.dtype == object:
        return [(tuple(row), 1) for row in found.tolist()]
    rows, counts = np.unique(found, axis=0, return_counts=True)
    return [(tuple(row), count) for row, count in zip(rows.tolist(), counts.tolist(), strict=True)]


def play(panel: Panel, generator: np.random.Generator, rounds: int, plan: Plan | None = None) -> IntArray:
    """Announcements in many rounds: an array (rounds, n, K) of type indices."""
    messages = np.empty((rounds, panel.n, panel.copies), dtype=np.int64)
    for i in range(panel.n):
        if plan is not None and i in plan.members:
            continue
        budget = np.repeat(np.arange(panel.shape[i]), panel.budgets[i])
        keys = generator.random((rounds, panel.copies))
        if panel.priors is not None:
            keys += _types(panel.priors[i], generator, (rounds, panel.copies))
        np.put_along_axis(messages[:, i], np.argsort(keys, axis=1), budget[None, :], axis=1)
    if plan is not None:
        chances = np.cumsum([float(p) for p, _ in plan.lottery])
        drawn = np.searchsorted(chances[:-1], generator.random(rounds), side="right")
        sent = np.array([joint for _, joint in plan.lottery], dtype=np.int64)
        messages[:, plan.members] = sent[drawn]
    return messages


def _types(
    prior: tuple[Fraction, ...], generator: np.random.Generator, shape: tuple[int, int]
) -> npt.NDArray[np.int64]:
    """Types drawn independently; a rounding error of floating point is far below the error of the simulation."""
    cuts = np.cumsum([float(p) for p in prior])[:-1]
    return np.searchsorted(cuts, generator.random(shape), side="right").astype(np.int64)
