"""What a direct mechanism with transfers satisfies, by looking at every type and every report, with witnesses.

The notions are those of the lecture notes "Designing efficient mechanisms", sections 2 and 5. Incentives in dominant
strategies are asked of all types and profiles; ex post ones and those in expectation only of types that can occur.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from eqsolve.errors import ModelError
from eqsolve.problem import Profile
from eqsolve.transfers.payoffs import Table
from eqsolve.transfers.problem import ZERO, DirectMechanism


@dataclass(frozen=True)
class Deviation:
    """A type that gains by a report.

    Attributes
    ----------
    agent : str
    type, report : str
        Its true and its reported type.
    others : mapping of agent to type, or None
        What the others report; None for an expectation over them.
    truth, lie : Fraction
        What it gets.
    """

    agent: str
    type: str
    report: str
    others: Mapping[str, str] | None
    truth: Fraction
    lie: Fraction

    @property
    def gain(self) -> Fraction:
        """What the report gains."""
        return self.lie - self.truth


@dataclass(frozen=True)
class Refusal:
    """A type that would rather stay away.

    Attributes
    ----------
    agent, type : str
    others : mapping of agent to type, or None
        The others' types; None for an expectation over them.
    payoff, outside : Fraction
        What it gets by taking part, and by staying away.
    """

    agent: str
    type: str
    others: Mapping[str, str] | None
    payoff: Fraction
    outside: Fraction

    @property
    def gain(self) -> Fraction:
        """What staying away gains."""
        return self.outside - self.payoff


@dataclass(frozen=True)
class Budget:
    """Payments less costs.

    Attributes
    ----------
    expected : Fraction
    least, most : Fraction
        Over all profiles that can occur.
    least_at, most_at : mapping of agent to type
        Where they are reached.
    """

    expected: Fraction
    least: Fraction
    most: Fraction
    least_at: Mapping[str, str]
    most_at: Mapping[str, str]

    @property
    def balances(self) -> bool:
        """Whether nothing is left and nothing is missing at any profile."""
        return not self.least and not self.most


@dataclass(frozen=True, eq=False)
class Checks:
    """Everything that is checked of a mechanism; a property holds where no witness against it is found.

    Parameters
    ----------
    mechanism : DirectMechanism

    Notes
    -----
    Each property looks at all of Σ_i |Θ_i| · |Θ| pairs of a type and a profile of reports, exactly.
    """

    mechanism: DirectMechanism

    @cached_property
    def dominant(self) -> Deviation | None:
        """The lie that gains most against some reports of the others; None if truth is dominant."""
        return _largest([self._ex_post_lie(i, possible=False) for i in range(self.mechanism.problem.n)])

    @cached_property
    def ex_post(self) -> Deviation | None:
        """The lie that gains most against some others' types that can occur; None if there is no ex post regret."""
        return _largest([self._ex_post_lie(i, possible=True) for i in range(self.mechanism.problem.n)])

    @cached_property
    def bayesian(self) -> Deviation | None:
        """The lie that gains most in expectation; None if the mechanism is Bayesian incentive compatible."""
        return _largest([self._interim_lie(i) for i in range(self.mechanism.problem.n)])

    @cached_property
    def interim_participation(self) -> Refusal | None:
        """The type that loses most, in expectation, by taking part; None if all take part."""
        found = []
        for i, (agent, row) in enumerate(zip(self.mechanism.problem.problem.agents, self._outside, strict=True)):
            for kind, got, out in zip(agent.types, self.mechanism.payoffs.utilities(i), row, strict=True):
                if kind.prob and got < out:
                    found.append(Refusal(agent.name, kind.name, None, got, out))
        return max(found, key=lambda refusal: refusal.gain, default=None)

    @cached_property
    def ex_post_participation(self) -> Refusal | None:
        """The type that loses most by taking part at some profile that can occur; None if nobody ever loses."""
        problem, found = self.mechanism.problem, []
        for i, row in enumerate(self._outside):
            table, scale = self.mechanism.payoffs.ex_post(i)
            for u, out in enumerate(row):
                own = table[u, :, u, :]
                held = np.where(self._possible(i), own, own.max())
                low = int(held.min())
                if problem.problem.agents[i].types[u].prob and Fraction(low, scale) < out:
                    before, after = np.unravel_index(int(held.argmin()), held.shape)
                    others = self._others(i, int(before), int(after))
                    agent = problem.problem.agents[i]
                    found.append(Refusal(agent.name, agent.types[u].name, others, Fraction(low, scale), out))
        return max(found, key=lambda refusal: refusal.gain, default=None)

    @cached_property
    def budget(self) -> Budget:
        """Payments less costs, expected and at the extremes."""
        problem = self.mechanism.problem
        left = {p: self.mechanism.surplus(p) for p, q in enumerate(problem.probabilities) if q}
        low, high = min(left, key=lambda p: left[p]), max(left, key=lambda p: left[p])
        return Budget(
            self.mechanism.expected_surplus,
            left[low],
            left[high],
            problem.describe(problem.profiles[low]),
            problem.describe(problem.profiles[high]),
        )

    def __str__(self) -> str:
        from eqsolve.show.transfers_html import checks_text

        return checks_text(self)

    @property
    def _outside(self) -> tuple[tuple[Fraction, ...], ...]:
        outside = self.mechanism.problem.outside
        if outside is None:
            raise ModelError("outside: found nothing, expected what agents get that do not take part")
        return outside

    def _ex_post_lie(self, i: int, possible: bool) -> Deviation | None:
        agent = self.mechanism.problem.problem.agents[i]
        table, scale = self.mechanism.payoffs.ex_post(i)
        best, found = 0, None
        for u, kind in enumerate(agent.types):
            if possible and not kind.prob:
                continue
            gains = table[u] - table[u, :, u, :][:, None, :]
            if possible:
                gains = np.where(self._possible(i)[:, None, :], gains, 0)
            if int(gains.max()) > best:
                best = int(gains.max())
                before, v, after = (int(x) for x in np.unravel_index(int(gains.argmax()), gains.shape))
                got = [Fraction(int(table[u, before, w, after]), scale) for w in (u, v)]
                found = Deviation(agent.name, kind.name, agent.types[v].name, self._others(i, before, after), *got)
        return found

    def _interim_lie(self, i: int) -> Deviation | None:
        agent = self.mechanism.problem.problem.agents[i]
        found = [
            Deviation(agent.name, kind.name, agent.types[v].name, None, row[u], x)
            for u, (kind, row) in enumerate(zip(agent.types, self.mechanism.payoffs.interim(i), strict=True))
            if kind.prob
            for v, x in enumerate(row)
            if x > row[u]
        ]
        return _largest(list(found))

    def _possible(self, i: int) -> Table:
        """Which profiles of the others can occur, in the shape (earlier agents, later agents)."""
        chances, _ = self.mechanism.payoffs.others(i)
        return np.array([bool(q) for q in chances]).reshape(-1, self.mechanism.problem.strides[i])

    def _others(self, i: int, before: int, after: int) -> dict[str, str]:
        """Names of the types of the agents before and after agent i."""
        problem = self.mechanism.problem
        position = (before * problem.shape[i]) * problem.strides[i] + after
        named = problem.describe(problem.profiles[position])
        del named[problem.problem.agents[i].name]
        return named


def _largest(found: list[Deviation | None] | list[Deviation]) -> Deviation | None:
    return max((d for d in found if d is not None), key=lambda d: d.gain, default=None)


def interim_shift(old: DirectMechanism, new: DirectMechanism) -> tuple[Fraction | None, ...]:
    """By what constant interim payoffs differ, per agent, whatever the type and the report; None where by no constant.

    The check of the notes' Theorem 2, which says that they differ by the expected surplus over n.

    Parameters
    ----------
    old, new : DirectMechanism
        For the same problem.
    """
    found: list[Fraction | None] = []
    for i in range(old.problem.n):
        shifts = {
            b - a
            for row, other in zip(old.payoffs.interim(i), new.payoffs.interim(i), strict=True)
            for a, b in zip(row, other, strict=True)
        }
        found.append(shifts.pop() if len(shifts) == 1 else None)
    return tuple(found)


def is_groves(mechanism: DirectMechanism) -> Profile | None:
    """None if payments are those of a Groves mechanism, else a profile where they are not.

    Payments are, if what an agent pays plus what the others get, less the cost, does not move with its own report
    (notes, section 3).
    """
    problem = mechanism.problem
    known: dict[tuple[int, Profile], Fraction] = {}
    for p, types in enumerate(problem.profiles):
        lottery = mechanism.allocation[p]
        worth = [
            sum((q * w for q, w in zip(lottery, problem.values[i][u], strict=True) if q), ZERO)
            for i, u in enumerate(types)
        ]
        total = sum(worth, -mechanism.cost(p))
        for i, own in enumerate(worth):
            charge = mechanism.transfers[p][i] + total - own
            if known.setdefault((i, (*types[:i], *types[i + 1 :])), charge) != charge:
                return types
    return None
