"""A statistical model: problem, law of the types, Ω*, and what else is held possible."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from eqsolve.errors import ModelError, NotSupported
from eqsolve.statistical.calibration import Calibrated
from eqsolve.statistical.credal import MeanStatistic
from eqsolve.statistical.mechanism import LINKED_VCG, DatedMechanism
from eqsolve.statistical.problem import Choice, DatedProblem
from eqsolve.statistical.process import Path, TypeProcess
from eqsolve.statistical.resource import ResourceFamily, TypicalRule, dated
from eqsolve.statistical.typical import TypicalSet


@dataclass(frozen=True)
class Prior:
    """A law of the types that is held possible, too.

    Parameters
    ----------
    name : str
    processes : tuple of TypeProcess, one per agent
    """

    name: str
    processes: tuple[TypeProcess, ...]


@dataclass(frozen=True)
class StatisticalModel:
    """What a model file with ``kind = "statistical"`` describes.

    Parameters
    ----------
    processes : tuple of TypeProcess, one per agent
    rules : tuple of TypicalRule, one per agent
    epsilon : Fraction
    family : ResourceFamily or None
        Repeated resource allocation; else `given` has problem and choice.
    given : pair of DatedProblem and Choice, or None
    payments : {"none", "vcg", "linked-vcg"}
    priors : tuple of Prior
        Further laws of the credal set.
    known : tuple of MeanStatistic
        Bounds on mean statistics that every agent's law satisfies.
    sizes : tuple of int
        Numbers of agents and dates of the ratio curve.
    samples : int
    curve_rule : TypicalRule or None
        How Ω* is chosen there; by the agents' common rule if None.
    name, source : str
    """

    processes: tuple[TypeProcess, ...]
    rules: tuple[TypicalRule, ...]
    epsilon: Fraction
    family: ResourceFamily | None = None
    given: tuple[DatedProblem, Choice] | None = None
    payments: str = LINKED_VCG
    priors: tuple[Prior, ...] = ()
    known: tuple[MeanStatistic, ...] = ()
    sizes: tuple[int, ...] = ()
    samples: int = 40
    curve_rule: TypicalRule | None = None
    name: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        if (self.family is None) == (self.given is None):
            raise ModelError("model: expected either a resource problem, or decisions and agents")
        if len(self.rules) != len(self.processes) or len(self.processes) < 2:
            raise ModelError(f"agents: found {len(self.processes)}, expected at least 2, a likely set for each")
        if self.epsilon <= 0:
            raise ModelError(f"epsilon: found {self.epsilon}, expected a positive number")
        if self.family is not None and self.payments != LINKED_VCG:
            raise ModelError(f"payments: found {self.payments!r} beside a resource problem, expected {LINKED_VCG!r}")
        for prior in self.priors:
            sizes = [(p.size, p.dates) for p in prior.processes]
            if sizes != [(p.size, p.dates) for p in self.processes]:
                raise ModelError(f"priors: {prior.name!r} has other numbers of types or dates than the process")

    @property
    def agents(self) -> int:
        """N."""
        return len(self.processes)

    @property
    def dates(self) -> int:
        """T."""
        return self.processes[0].dates

    @property
    def discount(self) -> Fraction:
        """The discount factor β."""
        return self.family.discount if self.family is not None else self.dated[0].discount

    @cached_property
    def dated(self) -> tuple[DatedProblem, Choice]:
        """The problem date by date, and what is chosen.

        Raises
        ------
        SizeError
            If a resource problem has too many profiles of endowments.
        """
        if self.given is not None:
            return self.given
        assert self.family is not None
        return dated(self.family, self.processes, self.name, self.source)

    @property
    def agent_names(self) -> tuple[str, ...]:
        """Names in order; numbers in resource problems."""
        if self.given is not None:
            return tuple(a.name for a in self.given[0].agents)
        return tuple(str(n + 1) for n in range(self.agents))

    @cached_property
    def typical(self) -> tuple[tuple[TypicalSet, Calibrated | None], ...]:
        """Ω*^n by agent, and how it was calibrated."""
        found: list[tuple[TypicalSet, Calibrated | None]] = []
        known: dict[tuple[TypicalRule, TypeProcess], tuple[TypicalSet, Calibrated | None]] = {}
        for rule, process in zip(self.rules, self.processes, strict=True):
            if (rule, process) not in known:
                known[rule, process] = self._apply(rule, process)
            found.append(known[rule, process])
        return tuple(found)

    def _apply(self, rule: TypicalRule, process: TypeProcess) -> tuple[TypicalSet, Calibrated | None]:
        if rule.typical is not None:
            return rule.typical, None
        if self.family is None:
            raise NotSupported("typical.level: for resource problems only; give statistics, or list the paths")
        return rule.apply(self.family, process, self.agents, self.epsilon)

    @cached_property
    def mechanism(self) -> DatedMechanism:
        """The statistical mechanism."""
        problem, choice = self.dated
        return DatedMechanism(problem, choice, [typical for typical, _ in self.typical], self.payments)


def total(values: tuple[Fraction, ...], dates: tuple[int, ...] | None, square: bool) -> Callable[[Path], Fraction]:
    """A statistic of a path: the sum of a number per type over dates (all if None, counted from 1), or its square."""

    def of(path: Path) -> Fraction:
        """The statistic of one path."""
        chosen = path if dates is None else [path[t - 1] for t in dates]
        found = sum((values[u] for u in chosen), Fraction(0))
        return found * found if square else found

    return of
