"""Families of repeated resource allocation problems: N agents, T dates, q units of the resource per agent."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from eqsolve.errors import ModelError, NotSupported, SizeError
from eqsolve.exact.rational import in_words
from eqsolve.problem import Profile
from eqsolve.statistical.allocation import ResourceProblem
from eqsolve.statistical.calibration import EXACT, Calibrated, calibrate
from eqsolve.statistical.grid_set import Grid
from eqsolve.statistical.problem import DatedAgent, DatedProblem
from eqsolve.statistical.process import Independent, Mixture, Tree, TypeProcess
from eqsolve.statistical.project import Project
from eqsolve.statistical.typical import TypicalSet

MAX_PROFILES = 4_096
PROPOSITION = "proposition"


@dataclass(frozen=True)
class ResourceFamily:
    """Repeated resource allocation on a grid of endowments (Zhu, section 3.5).

    Parameters
    ----------
    per_agent : Fraction
        q; there are q̄ = q N units.
    project : Project
    grid : Grid
        Possible endowments of any agent at any date.
    discount : Fraction
    """

    per_agent: Fraction
    project: Project
    grid: Grid
    discount: Fraction = Fraction(1)

    def problem(self, agents: int) -> ResourceProblem:
        """The member with so many agents."""
        return ResourceProblem(self.per_agent * agents, self.project, self.discount)

    def regret_bound(self, agents: int, dates: int) -> Fraction:
        """q̄ f'(0) Σ_t β^{t−T}: no payoff under linked VCG moves by more; N² q f'(0) for T = N, β = 1 (section 4.1.1).

        What an agent gets, its share and its payment, is at most the surplus, and that is at most q̄ f'(0) a date, in
        the money of the last date here, the dearest.

        Raises
        ------
        NotSupported
            If f(0) > 0; surplus is not bounded by the resource then.
        """
        if self.project.nothing:
            raise NotSupported('level "proposition": the bound on regrets needs a project with f(0) = 0')
        weights = sum((self.discount ** (t + 1 - dates) for t in range(dates)), Fraction(0))
        return self.per_agent * agents * self.project.slope * weights

    def level(self, agents: int, dates: int, epsilon: Fraction) -> Fraction:
        """The probability of leaving Ω*^n that Proposition 1 allows, with c = ε and the bound on regrets above."""
        top = max(epsilon, self.regret_bound(agents, dates))
        return epsilon**2 / ((agents - 1) * top)


@dataclass(frozen=True)
class TypicalRule:
    """How Ω*^n is chosen.

    Parameters
    ----------
    typical : TypicalSet or None
        A given set; with None it is a leave-one-out set around the mean that is left with probability `level` at most.
    level : Fraction, "proposition" or None
    method : {"exact", "hoeffding"}
    """

    typical: TypicalSet | None = None
    level: Fraction | str | None = None
    method: str = EXACT

    def apply(
        self, family: ResourceFamily, process: TypeProcess, agents: int, epsilon: Fraction
    ) -> tuple[TypicalSet, Calibrated | None]:
        """The set for an agent with this process.

        Raises
        ------
        NotSupported
            If a level is asked for and types are not independent draws from one law.
        """
        if self.typical is not None:
            return self.typical, None
        if self.level is None:
            raise ModelError("typical: found neither a set nor a level")
        if not isinstance(process, Independent) or not process.identical:
            raise NotSupported("typical.level: needs independent endowments with one law; give statistics, or a width")
        level = self.level
        wanted = level if isinstance(level, Fraction) else family.level(agents, process.dates, epsilon)
        found = calibrate(family.grid, process.laws[0], process.dates, wanted, self.method)
        return found.typical, found


def with_dates(process: TypeProcess, dates: int) -> TypeProcess:
    """The process over another number of dates.

    Raises
    ------
    NotSupported
        For trees and for laws that differ from date to date.
    """
    if process.dates == dates:
        return process
    if isinstance(process, Mixture):
        parts = tuple(with_dates(c, dates) for c in process.components)
        return replace(process, dates=dates, components=parts)
    if isinstance(process, Tree) or (isinstance(process, Independent) and len(process.laws) > 1):
        raise NotSupported("process: a tree, or a law for each date, has its number of dates; others have any")
    return replace(process, dates=dates)


def dated(
    family: ResourceFamily, processes: Sequence[TypeProcess], name: str = "", source: str = ""
) -> tuple[DatedProblem, dict[Profile, int]]:
    """The family's member as a dated problem: a decision is the efficient allocation at a profile of endowments.

    Raises
    ------
    SizeError
        If there are more than `MAX_PROFILES` profiles of a date.
    """
    agents, values = len(processes), family.grid.values
    count = len(values) ** agents
    if count > MAX_PROFILES:
        raise SizeError(f"{in_words(count)} profiles of endowments, more than {MAX_PROFILES:,}; fewer agents help")
    problem = family.problem(agents)
    profiles = list(itertools.product(range(len(values)), repeat=agents))
    shares = [problem.allocation([[values[u]] for u in profile]) for profile in profiles]
    listed = tuple(
        DatedAgent(
            str(n + 1),
            tuple(map(str, values)),
            tuple(tuple(problem.agent_surplus(share[n], [w]) for share in shares) for w in values),
            process,
        )
        for n, process in enumerate(processes)
    )
    decisions = tuple("endowments " + " ".join(str(values[u]) for u in profile) for profile in profiles)
    found = DatedProblem(listed, decisions, family.discount, name, source)
    return found, {profile: k for k, profile in enumerate(profiles)}
