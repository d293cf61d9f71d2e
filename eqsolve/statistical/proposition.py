"""Proposition 1 and Corollary 1, every quantity exact: hypothesis, bound, and what reasonable agents do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from eqsolve.errors import ModelError
from eqsolve.statistical.mechanism import StatisticalMechanism
from eqsolve.statistical.process import HistoryTree, Path, TypeProcess
from eqsolve.statistical.reasonable import Stopping, maximal_regrets, stopping

_Key = tuple[int, TypeProcess]
"""The first agent with the same regrets, and a law."""


@dataclass(frozen=True)
class Check:
    """What Proposition 1 and Corollary 1 say of a mechanism under one law, and what is the case.

    Parameters
    ----------
    epsilon : Fraction
    c : Fraction
        The smallest c with P(ω^n not in Ω*^n) <= c/(N − 1) · ε/R̄ for all agents, or the one that was given.
    regret : Fraction
        The largest R_t^n.
    bound : Fraction
        R̄ = max(ε, regret), or the one that was given.
    agents : tuple of Stopping
    hypothesis : bool
        Whether c <= ε and every agent's probability of leaving is small enough.
    """

    epsilon: Fraction
    c: Fraction
    regret: Fraction
    bound: Fraction
    agents: tuple[Stopping, ...]
    hypothesis: bool

    @property
    def lie_of_others(self) -> Fraction:
        """Largest P(σ^{−n}(ω^{−n}) ≠ ω^{−n}) over n: somebody else lies, where all lie as often as is reasonable."""
        return max(self._union([a.lie for m, a in enumerate(self.agents) if m != n]) for n in range(len(self.agents)))

    @property
    def lie_of_others_at_most(self) -> Fraction:
        """The same if agents' paths may hang together in any way: the sum of the probabilities, at most 1."""
        lies = [a.lie for a in self.agents]
        return min(Fraction(1), sum(lies, Fraction(0)) - min(lies))

    @property
    def crossing_of_others(self) -> Fraction:
        """Largest P(∪_{m≠n} E^m) over n, of the event of the proof."""
        chances = [a.crossing for a in self.agents]
        return max(self._union([p for m, p in enumerate(chances) if m != n]) for n in range(len(chances)))

    @property
    def equilibrium(self) -> bool:
        """Whether the truth is an ε-ex-post equilibrium under this law."""
        return self.lie_of_others <= self.epsilon

    @property
    def bound_holds(self) -> bool:
        """Whether the proof's bound c holds: of lies, and of the event E that contains them."""
        return self.lie_of_others <= self.crossing_of_others <= self.c

    @property
    def ratio(self) -> Fraction | None:
        """Exact probability of a lie over its bound c; None if c = 0."""
        return self.lie_of_others / self.c if self.c else None

    @property
    def implemented(self) -> Fraction:
        """Probability that all tell the truth and are in Ω*: the outcome is the desired one at least as often."""
        return math.prod((a.honest_inside for a in self.agents), start=Fraction(1))

    @property
    def implemented_at_least(self) -> Fraction:
        """Corollary 1: 1 − N c / (N − 1)."""
        n = len(self.agents)
        return 1 - Fraction(n, n - 1) * self.c

    @property
    def corollary_holds(self) -> bool:
        """Whether the probability reaches the bound of Corollary 1."""
        return self.implemented >= self.implemented_at_least

    @staticmethod
    def _union(chances: Sequence[Fraction]) -> Fraction:
        return 1 - math.prod((1 - p for p in chances), start=Fraction(1))


class Checker:
    """Proposition 1 for one mechanism under any number of laws; the regrets, which no law enters, are computed once.

    Parameters
    ----------
    mechanism : StatisticalMechanism
    deadline : float, optional
        Of `time.monotonic`.
    """

    def __init__(self, mechanism: StatisticalMechanism, *, deadline: float | None = None) -> None:
        self.mechanism = mechanism
        self.leaving = [set(mechanism.leaving(n)) for n in range(mechanism.n)]
        self.regrets: list[dict[Path, Fraction]] = []
        self._trees: dict[_Key, HistoryTree] = {}
        for n in range(mechanism.n):
            same = next((m for m in range(n) if mechanism.alike(m, n)), None)
            self.regrets.append(
                maximal_regrets(mechanism, n, deadline=deadline) if same is None else self.regrets[same]
            )

    def _tree(self, key: _Key, n: int) -> HistoryTree:
        if key not in self._trees:
            self._trees[key] = HistoryTree.of(key[1], self.leaving[n])
        return self._trees[key]

    @property
    def regret(self) -> Fraction:
        """The largest R_t^n over agents, dates and histories."""
        return max((r for regrets in self.regrets for r in regrets.values()), default=Fraction(0))

    def check(
        self,
        epsilon: Fraction,
        processes: Sequence[TypeProcess] | None = None,
        *,
        c: Fraction | None = None,
        bound: Fraction | None = None,
    ) -> Check:
        """Compare hypothesis, bound and facts under a law; the mechanism's own by default.

        Raises
        ------
        ModelError
            If ε is not positive, or a given R̄ is too small.
        """
        if epsilon <= 0:
            raise ModelError(f"epsilon: found {epsilon}, expected a positive number")
        top = max(self.regret, epsilon) if bound is None else bound
        if top < max(self.regret, epsilon):
            raise ModelError(f"bound: found {top}, expected at least epsilon and the largest regret, {self.regret}")
        laws = self.mechanism.processes if processes is None else processes
        seen: dict[_Key, Stopping] = {}
        agents = []
        for n, process in enumerate(laws):
            first = next(m for m in range(n + 1) if self.regrets[m] is self.regrets[n])
            key = (first, process)
            if key not in seen:
                seen[key] = stopping(self._tree(key, n), self.regrets[n], epsilon, top)
            agents.append(seen[key])
        others = len(agents) - 1
        smallest = max(a.leaving for a in agents) * others * top / epsilon
        used = smallest if c is None else c
        return Check(epsilon, used, self.regret, top, tuple(agents), smallest <= used <= epsilon)


def check_proposition(
    mechanism: StatisticalMechanism,
    epsilon: Fraction,
    *,
    c: Fraction | None = None,
    bound: Fraction | None = None,
    deadline: float | None = None,
) -> Check:
    """Proposition 1 and Corollary 1 for a mechanism under its own law; see `Checker`."""
    return Checker(mechanism, deadline=deadline).check(epsilon, c=c, bound=bound)
