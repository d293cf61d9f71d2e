"""Proposition 1 and Corollary 1, every quantity exact: hypothesis, bound, and what reasonable agents do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from eqsolve.errors import ModelError
from eqsolve.statistical.joint import JointLaw
from eqsolve.statistical.mechanism import StatisticalMechanism
from eqsolve.statistical.process import HistoryTree, Path, Tree, TypeProcess
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
    joint : JointLaw or None
        How the agents' paths hang together; None: not at all.
    outside : tuple of frozenset of Path
        The paths that are not in Ω*^n, by agent.
    """

    epsilon: Fraction
    c: Fraction
    regret: Fraction
    bound: Fraction
    agents: tuple[Stopping, ...]
    hypothesis: bool
    joint: JointLaw | None = None
    outside: tuple[frozenset[Path], ...] = field(default=(), repr=False)

    @property
    def lie_of_others(self) -> Fraction:
        """Largest P(σ^{−n}(ω^{−n}) ≠ ω^{−n}) over n: somebody else lies, where all lie as often as is reasonable."""
        return self._some_other([a.lie for a in self.agents], [a.lies_from for a in self.agents])

    @property
    def lie_of_others_at_most(self) -> Fraction:
        """The same if agents' paths may hang together in any way: the sum of the probabilities, at most 1."""
        lies = [a.lie for a in self.agents]
        return min(Fraction(1), sum(lies, Fraction(0)) - min(lies))

    @property
    def crossing_of_others(self) -> Fraction:
        """Largest P(∪_{m≠n} E^m) over n, of the event of the proof."""
        return self._some_other([a.crossing for a in self.agents], [a.crosses_from for a in self.agents])

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
        if self.joint is None:
            return math.prod((a.honest_inside for a in self.agents), start=Fraction(1))
        return 1 - self.joint.some([a.lies_from | out for a, out in zip(self.agents, self.outside, strict=True)])

    @property
    def implemented_at_least(self) -> Fraction:
        """Corollary 1: 1 − N c / (N − 1)."""
        n = len(self.agents)
        return 1 - Fraction(n, n - 1) * self.c

    @property
    def corollary_holds(self) -> bool:
        """Whether the probability reaches the bound of Corollary 1."""
        return self.implemented >= self.implemented_at_least

    def _some_other(self, chances: Sequence[Fraction], begins: Sequence[frozenset[Path]]) -> Fraction:
        """The largest probability, over n, that the path of an agent other than n begins so."""
        agents = range(len(chances))
        if self.joint is not None:
            nowhere = frozenset[Path]()
            return max(self.joint.some([nowhere if m == n else begins[m] for m in agents]) for n in agents)
        return max(1 - math.prod((1 - chances[m] for m in agents if m != n), start=Fraction(1)) for n in agents)


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
        joint: JointLaw | None = None,
    ) -> Check:
        """Compare hypothesis, bound and facts under a law; the mechanism's own by default.

        Parameters
        ----------
        epsilon : Fraction
        processes : one TypeProcess per agent, optional
        c, bound : Fraction, optional
        joint : JointLaw, optional
            In place of `processes`, if the agents' paths hang together.

        Raises
        ------
        ModelError
            If ε is not positive, a given R̄ is too small, or the joint law is not private.
        """
        if epsilon <= 0:
            raise ModelError(f"epsilon: found {epsilon}, expected a positive number")
        top = max(self.regret, epsilon) if bound is None else bound
        if top < max(self.regret, epsilon):
            raise ModelError(f"bound: found {top}, expected at least epsilon and the largest regret, {self.regret}")
        laws = self.mechanism.processes if processes is None else processes
        if joint is not None:
            laws = _marginals(joint, laws)
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
        outside = tuple(map(frozenset, self.leaving))
        return Check(epsilon, used, self.regret, top, tuple(agents), smallest <= used <= epsilon, joint, outside)


def _marginals(joint: JointLaw, laws: Sequence[TypeProcess]) -> list[Tree]:
    """The agents' own laws under a private joint law that fits the type spaces of `laws`."""
    if joint.sizes != tuple(p.size for p in laws) or joint.dates != laws[0].dates:
        raise ModelError("joint: found other numbers of agents, types or dates than those of the mechanism")
    found = joint.not_private()
    if found is not None:
        agent, history = found
        told = f"joint: found a law that is not private: after {history}"
        raise ModelError(f"{told} the future of agent {agent + 1} is not that of its own history")
    return [joint.marginal(n) for n in range(len(laws))]


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
