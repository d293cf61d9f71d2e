"""Single issues, sequences of them, and economies in which several are decided together.

Of an issue only three things matter to who takes part: how likely types are, the largest surplus s_k at every type
profile, and what types get from the status quo, r_k (Fang and Norman, section 3).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from eqsolve.errors import ModelError, SizeError
from eqsolve.problem import Profile
from eqsolve.transfers.problem import QuasiLinearProblem

MAX_ISSUES = 100_000
"""Issues that are decided together."""

Table = tuple[tuple[Fraction, ...], ...]
"""A number per agent and type."""


@dataclass(frozen=True, eq=False)
class Issue:
    """What matters of a single issue.

    Parameters
    ----------
    priors : probabilities per agent and type
        Agents are independent.
    surplus : one Fraction per type profile
        The largest sum of utilities less the cost, s_k (9); the last agent's type varies fastest.
    reserve : numbers per agent and type
        What the status quo is worth, r_k (section 3.3).
    type_names : one tuple of str per agent
    agents : one str per agent

    Raises
    ------
    ModelError
        If somewhere the largest surplus is below the sum of what the status quo is worth: then the status quo costs
        something or is not among the decisions.
    """

    priors: Table
    surplus: tuple[Fraction, ...]
    reserve: Table
    type_names: tuple[tuple[str, ...], ...]
    agents: tuple[str, ...]

    def __post_init__(self) -> None:
        for profile, value in zip(self.profiles, self.surplus, strict=True):
            if value < self.worth_of_status_quo(profile):
                raise ModelError(
                    f"status quo: found it worth more than the largest surplus at the types "
                    f"{', '.join(names[u] for names, u in zip(self.type_names, profile, strict=True))}, "
                    "expected a decision that costs nothing"
                )

    @classmethod
    def of(cls, problem: QuasiLinearProblem) -> Issue:
        """The issue of a quasi-linear problem with a status quo.

        Raises
        ------
        ModelError
            If the problem does not say what agents get who stay away, or the status quo is no free decision.
        """
        if problem.outside is None:
            raise ModelError("status quo: found none, expected what agents get when the mechanism is vetoed")
        agents = problem.problem.agents
        surplus = []
        for profile in problem.profiles:
            rows = [problem.values[i][u] for i, u in enumerate(profile)]
            worth = (sum(column) - cost for *column, cost in zip(*rows, problem.costs, strict=True))
            surplus.append(Fraction(max(worth)))
        return cls(
            tuple(a.prior for a in agents),
            tuple(surplus),
            problem.outside,
            tuple(a.type_names for a in agents),
            tuple(a.name for a in agents),
        )

    @property
    def n(self) -> int:
        """Number of agents."""
        return len(self.priors)

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of types of each agent."""
        return tuple(map(len, self.priors))

    @cached_property
    def profiles(self) -> tuple[Profile, ...]:
        """All type profiles, the last agent's type varying fastest."""
        return tuple(itertools.product(*map(range, self.shape)))

    @cached_property
    def possible(self) -> tuple[tuple[Profile, Fraction, Fraction], ...]:
        """Type profiles of positive probability, with their probability and surplus."""
        chances = (
            (x, math.prod(map(_at, self.priors, x)), s) for x, s in zip(self.profiles, self.surplus, strict=True)
        )
        return tuple((x, Fraction(p), s) for x, p, s in chances if p)

    def worth_of_status_quo(self, profile: Profile) -> Fraction:
        """Sum over agents of what the status quo is worth."""
        return sum(map(_at, self.reserve, profile), Fraction(0))

    @cached_property
    def expected_surplus(self) -> Fraction:
        """E[s_k]."""
        return sum((p * s for _, p, s in self.possible), Fraction(0))

    @cached_property
    def expected_reserve(self) -> tuple[Fraction, ...]:
        """E[r_k] of every agent."""
        rows = zip(self.priors, self.reserve, strict=True)
        return tuple(sum((p * r for p, r in zip(*row, strict=True)), Fraction(0)) for row in rows)

    @property
    def gain(self) -> Fraction:
        """Expected surplus above the status quo: what regularity condition R1 bounds from below."""
        return self.expected_surplus - sum(self.expected_reserve)

    def surplus_given(self, i: int, measures: Sequence[Sequence[Fraction]]) -> tuple[Fraction, ...]:
        """For every type of agent i the surplus summed over the others' types with these measures (agent i's unused).

        With the priors it is the interim expectation E[s_k | θ_i].
        """
        totals = [Fraction(0)] * self.shape[i]
        for profile, value in zip(self.profiles, self.surplus, strict=True):
            weight = math.prod((measures[j][u] for j, u in enumerate(profile) if j != i), start=Fraction(1))
            totals[profile[i]] += weight * value
        return tuple(totals)

    @cached_property
    def key(self) -> tuple[object, ...]:
        """Issues with equal keys are alike."""
        return self.priors, self.surplus, self.reserve


def _at(row: Sequence[Fraction], u: int) -> Fraction:
    return row[u]


@dataclass(frozen=True, eq=False)
class IssueSequence:
    """Issues k = first, first + 1, …, alike or different.

    Parameters
    ----------
    build : callable
        From k to `Issue` or `QuasiLinearProblem`; asked once per k.
    first : int
        The first index.
    name, source : str
    delta : Fraction, optional
        The δ of regularity condition R1, a lower bound of the expected gain from every issue; by default the smallest
        gain among the issues that are linked.
    """

    build: Callable[[int], Issue | QuasiLinearProblem]
    first: int = 1
    name: str = ""
    source: str = ""
    delta: Fraction | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "_known", {})

    @classmethod
    def alike(cls, *issues: Issue | QuasiLinearProblem, name: str = "", source: str = "") -> IssueSequence:
        """The same issues again and again, in turn."""
        built = [issue if isinstance(issue, Issue) else Issue.of(issue) for issue in issues]
        return cls(lambda k: built[(k - 1) % len(built)], name=name, source=source)

    def issue(self, k: int) -> Issue:
        """Issue k; alike issues are one and the same object."""
        known: dict[object, Issue] = self._known  # type: ignore[attr-defined]
        if k not in known:
            built = self.build(k)
            issue = built if isinstance(built, Issue) else Issue.of(built)
            known[k] = known.setdefault(issue.key, issue)
            if known[k].agents != known.setdefault("first", issue).agents:
                raise ModelError(f"issue {k}: found the agents {', '.join(issue.agents)}, expected the same as before")
        return known[k]

    def economy(self, last: int) -> Economy:
        """The economy in which issues first, …, last are decided together.

        Raises
        ------
        ModelError
            If there is no issue up to `last`, or agents differ from issue to issue.
        SizeError
            If there are more than `MAX_ISSUES`.
        """
        count = last - self.first + 1
        if count < 1:
            raise ModelError(f"found K = {last}, expected at least {self.first}, the first issue")
        if count > MAX_ISSUES:
            raise SizeError(f"found {count:,} issues, at most {MAX_ISSUES:,} are linked; fewer issues help")
        return Economy(tuple(self.issue(k) for k in range(self.first, last + 1)), self.first, self.delta)


@dataclass(frozen=True)
class Regularity:
    """Regularity conditions R1 to R3 (Definition 2) over finitely many issues.

    They are conditions on an infinite sequence; what is found here are the tightest bounds for the issues at hand.

    Parameters
    ----------
    gain : Fraction
        The smallest expected gain from an issue: δ of R1 has to be positive and no larger.
    surplus : (Fraction, Fraction)
        Smallest and largest surplus of an issue (R2).
    reserve : (Fraction, Fraction)
        Smallest and largest worth of the status quo to an agent (R3).
    alike : bool
        Whether the issues are copies of finitely many, so that the bounds hold however many are linked.
    """

    gain: Fraction
    surplus: tuple[Fraction, Fraction]
    reserve: tuple[Fraction, Fraction]
    alike: bool


@dataclass(frozen=True, eq=False)
class Economy:
    """Several issues that are decided together, E_K of (7).

    Parameters
    ----------
    issues : tuple of Issue
        Alike issues are one and the same object, as in `IssueSequence`.
    first : int
        Index of the first one.
    delta : Fraction, optional
        The δ of R1; by default the smallest gain.
    """

    issues: tuple[Issue, ...]
    first: int = 1
    delta: Fraction | None = None

    @property
    def n(self) -> int:
        """Number of agents."""
        return self.issues[0].n

    @property
    def agents(self) -> tuple[str, ...]:
        """Names of the agents."""
        return self.issues[0].agents

    @property
    def size(self) -> int:
        """Number of issues."""
        return len(self.issues)

    @cached_property
    def groups(self) -> tuple[tuple[Issue, int], ...]:
        """Issues that differ, each with the number of its copies, in the order in which they occur first."""
        counts: dict[int, int] = {}
        for issue in self.issues:
            counts[id(issue)] = counts.get(id(issue), 0) + 1
        seen = dict.fromkeys(self.issues)
        return tuple((issue, counts[id(issue)]) for issue in seen)

    def separate(self) -> Economy:
        """The same economy with a group of its own for every issue, so that alike issues may be treated differently."""
        return Economy(tuple(map(replace, self.issues)), self.first, self.bound)

    @cached_property
    def expected_surplus(self) -> Fraction:
        """E[S_K]."""
        return sum((count * issue.expected_surplus for issue, count in self.groups), Fraction(0))

    @cached_property
    def expected_reserve(self) -> tuple[Fraction, ...]:
        """E[R_K] of every agent."""
        rows = [[count * r for r in issue.expected_reserve] for issue, count in self.groups]
        return tuple(sum(column, Fraction(0)) for column in zip(*rows, strict=True))

    @property
    def gain(self) -> Fraction:
        """Expected surplus above the status quo."""
        return self.expected_surplus - sum(self.expected_reserve)

    @cached_property
    def lump_sums(self) -> tuple[Fraction, ...]:
        """The lump sum part of the transfers (16), what every agent pays beside V_i − S_K.

        (n − 1)/n E[S_K] − E[R_i] + (1/n) E[Σ_j R_j].
        """
        common = Fraction(self.n - 1, self.n) * self.expected_surplus + sum(self.expected_reserve, Fraction(0)) / self.n
        return tuple(common - r for r in self.expected_reserve)

    @cached_property
    def regularity(self) -> Regularity:
        """R1 to R3 over these issues."""
        issues = [issue for issue, _ in self.groups]
        surplus = [s for issue in issues for _, _, s in issue.possible]
        reserve = [r for issue in issues for r in _possible(issue.priors, issue.reserve)]
        return Regularity(
            min(issue.gain for issue in issues),
            (min(surplus), max(surplus)),
            (min(reserve), max(reserve)),
            len(issues) < self.size,
        )

    @property
    def bound(self) -> Fraction:
        """δ of R1: the given one, or the smallest gain among these issues."""
        return self.regularity.gain if self.delta is None else self.delta


def _possible(priors: Table, numbers: Table) -> Iterator[Fraction]:
    for row, values in zip(priors, numbers, strict=True):
        yield from (x for p, x in zip(row, values, strict=True) if p)
