"""Ceilings: the largest best-response payoff against known messages, which no Bayesian equilibrium exceeds.

An agent's best-response payoff is convex in the others' joint announcements, so it is largest where these are known
and fixed; it then depends on their joint histogram only. Rows of the transportation problem that the agent then solves
are the pairs (true type, what the others announce there); their counts are independent multinomials, one for each
announced profile. Under an exchangeable type process the agent's histogram is dealt out over the announced profiles
hypergeometrically instead.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from eqsolve.budget import multinomial
from eqsolve.engines.transport import Transport
from eqsolve.exact.rational import to_integers
from eqsolve.forms.lie_tables import LieTables
from eqsolve.judge.bounds import walking
from eqsolve.judge.bounds.joint_histograms import JointHistogram, bystander_payoff, is_plain, joint_histograms, worth
from eqsolve.judge.bounds.multipliers import vertex_evidence
from eqsolve.linking import LinkedGame
from eqsolve.processes import HistogramLaw, TypeLaw, multinomial_law

MAX_CEILING_WORK = 20_000_000


def ceiling(game: LinkedGame, i: int) -> Fraction | None:
    """Largest best-response payoff per problem of agent i against known, fixed messages of the others.

    No Bayesian equilibrium pays more. None where there are too many joint histograms or joint counts, or the agent's
    types are not exchangeable across problems. Where agents may walk away the ceiling is valid, but need not be
    attained; it is None with several other active agents.

    Examples
    --------
    >>> import eqsolve as eq
    >>> str(eq.ceiling(eq.load("bargaining").link(3), 0))
    '8/3'
    """
    if game.status_quo is not None:
        return _ceiling_with_walking(game, i)
    joints = joint_histograms(game, i)
    if joints is None:
        return None
    if i not in game.active:
        return max(bystander_payoff(game, i, joint) for joint in joints)
    if not game.type_laws[i].is_exchangeable:
        return None
    best: Fraction | None = None
    budget = MAX_CEILING_WORK // max(1, len(joints))
    for joint in joints:
        informed = Informed(game, i, joint)
        if not informed.affordable(budget):
            return None
        value = informed.payoff()
        best = value if best is None else max(best, value)
    return best


def _ceiling_with_walking(game: LinkedGame, i: int) -> Fraction | None:
    if not game.is_exchangeable:
        return None
    if all(j == i for j in game.active):
        return walking.settled_payoff(game, i)
    j = walking.only_opponent(game, i)
    if j is None:
        return None
    if i not in game.active:
        return walking.bystander_end(game, i, j, 1)
    met = walking.met_joints(game, j)
    if met is None:
        return None
    budget = MAX_CEILING_WORK // sum(len(joints) for _, joints in met)
    total = Fraction(0)
    for chance, joints in met:
        informed = [Informed(game, i, joint) for joint in joints]
        if not all(known.affordable(budget) for known in informed):
            return None
        total += chance * max(known.payoff() for known in informed)
    return total


def ceiling_evidence(game: LinkedGame, i: int) -> dict[str, Any] | None:
    """What shows `ceiling` to a checker: enough dual vertices for every joint histogram of the others.

    Returns
    -------
    dict or None
        JSON-ready, of kind ``"informed"``, or ``"bystander"`` for an agent without a choice that matters; None where
        there is no ceiling, or certificates do not know the game (filter, walking away, type processes).
    """
    if not is_plain(game):
        return None
    value, joints = ceiling(game, i), joint_histograms(game, i)
    if value is None or joints is None:
        return None
    if i not in game.active:
        return {"kind": "bystander"}
    others = [j for j in game.active if j != i]
    families = []
    for joint in joints:
        told = [
            [[game.problem.agents[j].types[v].name for j, v in zip(others, w, strict=True)], count]
            for w, count in joint.items()
        ]
        families.append({"joint": told, "duals": list(Informed(game, i, joint).evidence(value))})
    return {"kind": "informed", "families": families}


@dataclass(frozen=True, eq=False)
class Informed:
    """An agent who knows the others' messages, which have a given joint histogram."""

    game: LinkedGame
    i: int
    joint: JointHistogram

    @cached_property
    def _law(self) -> TypeLaw:
        return self.game.type_laws[self.i]

    @cached_property
    def _laws(self) -> list[HistogramLaw]:
        """Per announced profile the histograms of the true types where it is announced, as independent draws."""
        prior = self.game.problem.agents[self.i].prior
        return [multinomial_law(prior, count) for count in self.joint.values()]

    @cached_property
    def tables(self) -> LieTables:
        """Best tables; rows are what the others announce (slowly) and the true type (fast)."""
        values = worth if self.game.status_quo is None else walking.met_worth
        rows = [tuple(row) for w in self.joint for row in values(self.game, self.i, w)]
        return LieTables(self.game.budgets[self.i], tuple(rows), self.game.met_values[self.i][1])

    @property
    def _states(self) -> int:
        possible = sum(1 for p in self.game.problem.agents[self.i].prior if p)
        return math.prod(math.comb(count + possible - 1, possible - 1) for count in self.joint.values())

    def affordable(self, budget: int) -> bool:
        """Whether joint counts of types, times dual vertices, stay within `budget`."""
        if self._states > budget:
            return False
        return all(self._states * len(self.tables.family(t).duals) <= budget for t in self.tables.totals)

    @cached_property
    def _weights(self) -> npt.NDArray[np.object_]:
        """Probability of every joint count of types, times `_scale`."""
        if not self._law.is_independent:
            return self._dealt[0]
        weights = np.array(self._laws[0].weights, dtype=object)
        for law in self._laws[1:]:
            weights = np.multiply.outer(weights, np.array(law.weights, dtype=object)).ravel()
        return weights

    @cached_property
    def _scale(self) -> int:
        scale = math.prod(law.scale for law in self._laws) if self._law.is_independent else self._dealt[1]
        return scale * self.tables.scale * self.game.copies

    @cached_property
    def _dealt(self) -> tuple[npt.NDArray[np.object_], int]:
        """Probability of every joint count where the histogram is dealt out over the profiles, and their scale.

        A joint count stands for Π multinomial(n_w) type vectors, each as likely as every other of the same histogram.
        """
        ways = np.ones(1, dtype=object)
        totals = np.zeros((1, len(self._law.prior)), dtype=np.int64)
        for law in self._laws:
            here = np.array([multinomial(h) for h in law.histograms.tolist()], dtype=object)
            ways = np.multiply.outer(ways, here).ravel()
            totals = (totals[:, None, :] + law.histograms[None, :, :]).reshape(-1, totals.shape[1])
        histograms, index = np.unique(totals, axis=0, return_inverse=True)
        chances, scale = to_integers([self._law.chance(tuple(h)) for h in histograms.tolist()])
        return ways * np.array(chances, dtype=object)[index.ravel()], scale

    def _values(self, family: Transport) -> npt.NDArray[Any]:
        """Bound of every dual vertex (rows) at every joint count of types (columns)."""
        types = len(self.game.problem.agents[self.i].types)
        scores = family.scores(self._laws[0].histograms, 0)
        for k, law in enumerate(self._laws[1:], start=1):
            part = family.scores(law.histograms, k * types)
            scores = (scores[:, :, None] + part[:, None, :]).reshape(len(scores), -1)
        values: npt.NDArray[Any] = scores + family.constants(scores.dtype)
        return values

    def payoff(self) -> Fraction:
        """Ex ante best-response payoff per problem."""
        best = None
        for totals in self.tables.totals:
            values = self._values(self.tables.family(totals)).min(axis=0)
            best = values if best is None else np.maximum(best, values)
        assert best is not None
        return Fraction(int(self._weights @ best.astype(object)), self._scale)

    def evidence(self, limit: Fraction) -> Iterator[dict[str, Any]]:
        """Multipliers that show that the payoff is at most `limit`, written for a checker."""
        for totals, beta in self._enough(limit):
            yield vertex_evidence(self.tables, self.tables.family(totals), beta)

    def _enough(self, limit: Fraction) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
        """Dual vertices, those first that are best most often, until their least bounds keep to the limit.

        With several totals of the groups every vertex is given: the largest over totals of the least bounds counts.
        """
        if len(self.tables.totals) > 1:
            for totals in self.tables.totals:
                yield from ((totals, beta) for beta in self.tables.family(totals).duals)
            return
        (totals,) = self.tables.totals
        family = self.tables.family(totals)
        values = self._values(family)
        best = values.argmin(axis=0)
        chance = [self._weights[best == d].sum() for d in range(len(values))]
        least = None
        for d in sorted(range(len(values)), key=lambda d: -chance[d]):
            yield totals, family.duals[d]
            least = values[d] if least is None else np.minimum(least, values[d])
            if Fraction(int(self._weights @ least.astype(object)), self._scale) <= limit:
                return
