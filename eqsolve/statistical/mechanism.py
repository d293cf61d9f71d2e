"""Statistical mechanisms: an ex post mechanism M* on Ω*, composed with a retraction.

What the analysis needs of a mechanism is one thing per agent: what announcing a member r of Ω* gains over the truth,
at a true path and whatever the others' announcements in Ω* are.
"""

from __future__ import annotations

import itertools
import math
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from eqsolve.errors import LimitReached, ModelError, NotSupported, SizeError
from eqsolve.exact.rational import in_words, to_integers
from eqsolve.problem import Profile
from eqsolve.statistical.problem import Choice, DatedProblem, check_discount
from eqsolve.statistical.process import Path, TypeProcess
from eqsolve.statistical.retraction import Retraction
from eqsolve.statistical.typical import TypicalSet

MAX_PROFILES = 2_000_000
MAX_COMPARISONS = 4_000_000_000
_BLOCK = 1_000_000

NONE, VCG, LINKED_VCG = "none", "vcg", "linked-vcg"
PAYMENTS = (NONE, VCG, LINKED_VCG)


class StatisticalMechanism(ABC):
    """An ex post mechanism on Ω* = Ω*^1 × ... × Ω*^N, with the retraction of Lemma 1 in front of it.

    Parameters
    ----------
    processes : one TypeProcess per agent
        The true law, independent across agents.
    typical : one TypicalSet per agent
    discount : Fraction

    Raises
    ------
    ModelError
        If an Ω*^n is empty.
    SizeError
        If a type space is too large to be listed.
    """

    def __init__(
        self, processes: Sequence[TypeProcess], typical: Sequence[TypicalSet], discount: Fraction = Fraction(1)
    ) -> None:
        if len(processes) < 2 or len(typical) != len(processes):
            raise ModelError(
                f"mechanism: found {len(processes)} processes and {len(typical)} sets, expected one per agent"
            )
        check_discount(discount)
        self.processes, self.typical, self.discount = tuple(processes), tuple(typical), discount
        members: dict[tuple[TypicalSet, int, int], tuple[Path, ...]] = {}
        self.members: list[tuple[Path, ...]] = []
        for process, chosen in zip(processes, typical, strict=True):
            key = (chosen, process.size, process.dates)
            if key not in members:
                members[key] = tuple(chosen.members(process))
            self.members.append(members[key])
        self.retractions = [Retraction(paths) for paths in self.members]

    @property
    def n(self) -> int:
        """Number of agents."""
        return len(self.processes)

    @property
    def dates(self) -> int:
        """T."""
        return self.processes[0].dates

    @abstractmethod
    def gains(self, n: int, true: Path) -> Sequence[Fraction]:
        """Per member r of Ω*^n, the largest gain over the truth from announcing r, over others' members of Ω*.

        Worth at date 1; the truth is announced as its retraction.
        """

    @abstractmethod
    def alike(self, n: int, m: int) -> bool:
        """Whether two agents have the same gains at the same paths."""

    def comparisons(self, n: int) -> int:
        """Number of pairs of an own and the others' announcements at one true path."""
        return len(self.members[n]) * math.prod(len(x) for m, x in enumerate(self.members) if m != n)

    def leaving(self, n: int) -> list[Path]:
        """Paths of agent n that are not in Ω*^n."""
        inside = set(self.members[n])
        return [path for path in self.processes[n].paths() if path not in inside]

    def check_size(self, n: int, paths: int) -> None:
        """Raise SizeError if `paths` true paths are too many."""
        work = paths * self.comparisons(n)
        if work > MAX_COMPARISONS:
            raise SizeError(
                f"{in_words(work)} comparisons of announcements, more than {MAX_COMPARISONS:,}; fewer dates, agents or "
                "types help"
            )

    def largest_gain_inside(self, n: int, deadline: float | None = None) -> Fraction:
        """The largest gain over the truth at a path in Ω*^n; not above 0 if and only if M* is ex post for agent n.

        Raises
        ------
        SizeError
            If that are too many comparisons.
        LimitReached
            After the deadline.
        """
        self.check_size(n, len(self.members[n]))
        best = Fraction(0)
        for true in self.members[n]:
            if deadline is not None and time.monotonic() > deadline:
                raise LimitReached("time limit")
            best = max(best, *self.gains(n, true))
        return best


class ListedMechanism(StatisticalMechanism):
    """A mechanism given by two functions; for decisions and utilities that depend on what went before, too.

    Parameters
    ----------
    outcome : callable
        From a profile of members of Ω* to the decisions d_1, ..., d_T (and payments): adapted.
    utility : callable
        From an agent, an outcome and the agent's true path to its payoff U^n, discounted to date 1.
    """

    def __init__(
        self,
        processes: Sequence[TypeProcess],
        typical: Sequence[TypicalSet],
        outcome: Callable[[tuple[Path, ...]], Any],
        utility: Callable[[int, Any, Path], Fraction],
        discount: Fraction = Fraction(1),
    ) -> None:
        super().__init__(processes, typical, discount)
        self._utility = utility
        count = math.prod(map(len, self.members))
        if count > MAX_PROFILES:
            raise SizeError(f"{in_words(count)} profiles of announcements, more than {MAX_PROFILES:,}")
        self._outcomes = {profile: outcome(profile) for profile in itertools.product(*self.members)}

    def gains(self, n: int, true: Path) -> list[Fraction]:
        """By looking at every profile."""
        honest = self.retractions[n](true)
        others = [members for m, members in enumerate(self.members) if m != n]
        found: dict[Path, Fraction] = {}
        for rest in itertools.product(*others):
            base = self._payoff(n, honest, rest, true)
            for r in self.members[n]:
                gain = self._payoff(n, r, rest, true) - base
                found[r] = max(found.get(r, gain), gain)
        return [found[r] for r in self.members[n]]

    def _payoff(self, n: int, own: Path, rest: tuple[Path, ...], true: Path) -> Fraction:
        return self._utility(n, self._outcomes[(*rest[:n], own, *rest[n:])], true)

    def alike(self, n: int, m: int) -> bool:
        """Nothing is known of the functions."""
        return n == m


@dataclass(frozen=True)
class _Stage:
    """What a date is worth to an agent, in integers.

    Parameters
    ----------
    worth : array of int (date, true type, own report, others' reports)
        Discounted to date 1, times `scale`; the others' utilities are part of it where they are paid out.
    others : array of int (profiles of the others' paths, dates)
        Indices of the others' reports.
    """

    worth: npt.NDArray[Any]
    scale: int
    others: npt.NDArray[np.int64]


class DatedMechanism(StatisticalMechanism):
    """A rule taken on every date, with payments at the last date.

    Parameters
    ----------
    problem : DatedProblem
    choice : mapping of a date's reported types to its decision
    typical : one TypicalSet per agent
    payments : {"none", "vcg", "linked-vcg"}
        ``vcg``: everybody is paid the others' utilities. ``linked-vcg``: less the least that its own announcement in
        Ω* could make of them. Both need a choice that maximises the sum of utilities.
    """

    def __init__(
        self, problem: DatedProblem, choice: Choice, typical: Sequence[TypicalSet], payments: str = LINKED_VCG
    ) -> None:
        if payments not in PAYMENTS:
            raise ModelError(f"payments: found {payments!r}, expected one of {', '.join(PAYMENTS)}")
        if payments != NONE and not is_efficient(problem, choice):
            raise NotSupported("payments: VCG payments need decisions that maximise the sum of utilities")
        super().__init__([a.process for a in problem.agents], typical, problem.discount)
        self.problem, self.choice, self.payments = problem, choice, payments

    def with_processes(self, processes: Sequence[TypeProcess]) -> DatedMechanism:
        """The same mechanism under another law of the types."""
        agents = tuple(
            type(a)(a.name, a.types, a.utility, process)
            for a, process in zip(self.problem.agents, processes, strict=True)
        )
        problem = DatedProblem(agents, self.problem.decisions, self.discount, self.problem.name, self.problem.source)
        return DatedMechanism(problem, self.choice, self.typical, self.payments)

    def stage_worth(self, n: int, true: int, profile: Profile) -> Fraction:
        """What a date is worth to agent n with a true type at reported types; with the payment that rests on it."""
        decision = self.choice[profile]
        own = self.problem.agents[n].utility[true][decision]
        if self.payments == NONE:
            return own
        return own + self.problem.welfare(profile, decision) - self.problem.agents[n].utility[profile[n]][decision]

    def alike(self, n: int, m: int) -> bool:
        """Whether exchanging the two agents' reports exchanges what dates are worth, and the two sets are equal."""
        if n == m:
            return True
        if self.typical[n] != self.typical[m] or self.problem.shape[n] != self.problem.shape[m]:
            return False

        def exchanged(profile: Profile) -> Profile:
            """The profile with the types of both agents exchanged."""
            listed = list(profile)
            listed[n], listed[m] = listed[m], listed[n]
            return tuple(listed)

        return all(
            self.stage_worth(n, true, profile) == self.stage_worth(m, true, exchanged(profile))
            for profile in self.choice
            for true in range(self.problem.shape[n])
        )

    @cached_property
    def _stages(self) -> dict[int, _Stage]:
        return {}

    def _stage(self, n: int) -> _Stage:
        if n not in self._stages:
            rest = [range(size) for m, size in enumerate(self.problem.shape) if m != n]
            combinations = list(itertools.product(*rest))
            size = self.problem.shape[n]
            flat = [
                self.discount**t * self.stage_worth(n, true, (*o[:n], own, *o[n:]))
                for t in range(self.dates)
                for true in range(size)
                for own in range(size)
                for o in combinations
            ]
            numbers, scale = to_integers(flat)
            bound = 2 * self.dates * max(map(abs, numbers), default=0)
            dtype: Any = np.float64 if bound < 2**53 else np.int64 if bound < 2**62 else object
            worth = np.array(numbers, dtype=object).reshape(self.dates, size, size, len(combinations)).astype(dtype)
            self._stages[n] = _Stage(worth, scale, self._others(n))
        return self._stages[n]

    def _others(self, n: int) -> npt.NDArray[np.int64]:
        """Reports of all others by date, as one index each, without repetitions."""
        found = np.zeros((1, self.dates), dtype=np.int64)
        for m, members in enumerate(self.members):
            if m != n:
                if len(found) * len(members) > MAX_PROFILES:
                    raise SizeError(
                        f"more than {MAX_PROFILES:,} profiles of the others' announcements; fewer dates or agents help"
                    )
                mine = np.array(members, dtype=np.int64)
                found = (found[:, None, :] * self.problem.shape[m] + mine[None, :, :]).reshape(-1, self.dates)
        return found

    def gains(self, n: int, true: Path) -> list[Fraction]:
        """One matrix product: own announcements by date, times the others' by date; exact integers throughout.

        Floating point is used where all sums are integers below 2^53, which it adds exactly.
        """
        stage, own = self._stage(n), np.array(self.members[n], dtype=np.int64)
        honest = self.retractions[n](true)
        dates = range(self.dates)
        gain = np.stack([stage.worth[t, true[t]] - stage.worth[t, true[t], honest[t]] for t in dates])
        combinations = gain.shape[2]
        rows = gain[np.arange(self.dates), own].reshape(len(own), -1)
        best: npt.NDArray[Any] | None = None
        step = max(1, _BLOCK // max(len(own), self.dates * combinations))
        for start in range(0, len(stage.others), step):
            block = stage.others[start : start + step]
            columns = np.zeros((self.dates * combinations, len(block)), dtype=gain.dtype)
            for t in dates:
                columns[t * combinations + block[:, t], np.arange(len(block))] = 1
            largest = (rows @ columns).max(axis=1)
            best = largest if best is None else np.maximum(best, largest)
        assert best is not None
        return [Fraction(int(x), stage.scale) for x in best.tolist()]


def utilitarian_choice(problem: DatedProblem) -> dict[Profile, int]:
    """At every profile of a date's types the first decision that maximises the sum of utilities."""
    found = {}
    for profile in itertools.product(*map(range, problem.shape)):
        worth = [problem.welfare(profile, d) for d in range(len(problem.decisions))]
        found[profile] = worth.index(max(worth))
    return found


def is_efficient(problem: DatedProblem, choice: Mapping[Profile, int]) -> bool:
    """Whether a choice maximises the sum of utilities at every profile of a date's types."""
    return all(
        problem.welfare(profile, choice[profile])
        == max(problem.welfare(profile, d) for d in range(len(problem.decisions)))
        for profile in itertools.product(*map(range, problem.shape))
    )
