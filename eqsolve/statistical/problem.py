"""Finite decision problems over dates: types and decisions at every date, discounted private utilities."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from eqsolve.errors import ModelError, SizeError
from eqsolve.exact.rational import in_words
from eqsolve.problem import Profile, check_distinct, check_name
from eqsolve.statistical.process import TypeProcess

MAX_ENTRIES = 250_000


@dataclass(frozen=True)
class DatedAgent:
    """An agent of a problem over dates.

    Parameters
    ----------
    name : str
    types : tuple of str
        The same at every date.
    utility : tuple of tuples of Fraction
        By type, then by decision, on any date; worth of a date in that date's money.
    process : TypeProcess
    """

    name: str
    types: tuple[str, ...]
    utility: tuple[tuple[Fraction, ...], ...]
    process: TypeProcess

    def __post_init__(self) -> None:
        check_name(self.name, "agents")
        for kind in self.types:
            check_name(kind, f"agents.{self.name}.types")
        check_distinct(self.types, f"agents.{self.name}.types")
        if len(self.utility) != len(self.types) or self.process.size != len(self.types):
            raise ModelError(
                f"agents.{self.name}: found {len(self.utility)} utilities and a process on {self.process.size} types, "
                f"expected {len(self.types)} of each"
            )


@dataclass(frozen=True)
class DatedProblem:
    """A decision problem (Ω, D, U) whose dates are alike and hang together by the types only.

    Parameters
    ----------
    agents : tuple of DatedAgent
        At least two.
    decisions : tuple of str
        The decisions of a date.
    discount : Fraction
        β in (0, 1]; utility is Σ_t β^{t−1} u(d_t, ω_t).
    name, source : str
    """

    agents: tuple[DatedAgent, ...]
    decisions: tuple[str, ...]
    discount: Fraction = Fraction(1)
    name: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        for decision in self.decisions:
            check_name(decision, "decisions")
        check_distinct(self.decisions, "decisions")
        check_distinct((a.name for a in self.agents), "agents")
        check_discount(self.discount)
        if len(self.agents) < 2:
            raise ModelError(f"agents: found {len(self.agents)}, expected at least 2")
        dates = {a.process.dates for a in self.agents}
        if len(dates) > 1:
            raise ModelError(f"agents: found processes over {sorted(dates)} dates, expected the same number for all")
        for a in self.agents:
            if any(len(row) != len(self.decisions) for row in a.utility):
                raise ModelError(
                    f"agents.{a.name}: found a utility that does not fit the {len(self.decisions)} decisions"
                )
        profiles = math.prod(len(a.types) for a in self.agents)
        if profiles * len(self.decisions) > MAX_ENTRIES:
            raise SizeError(
                f"{in_words(profiles)} type profiles of a date with {len(self.decisions):,} decisions, more than "
                f"{MAX_ENTRIES:,} pairs; fewer agents or types help"
            )

    @property
    def n(self) -> int:
        """Number of agents."""
        return len(self.agents)

    @property
    def dates(self) -> int:
        """T."""
        return self.agents[0].process.dates

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of types per agent."""
        return tuple(len(a.types) for a in self.agents)

    def welfare(self, profile: Profile, decision: int) -> Fraction:
        """Sum of utilities of a date."""
        return sum((a.utility[u][decision] for a, u in zip(self.agents, profile, strict=True)), Fraction(0))


Choice = Mapping[Profile, int]
"""Decision of a date by the reported types of that date."""


def check_discount(discount: Fraction) -> None:
    """Refuse a discount factor outside (0, 1]."""
    if not 0 < discount <= 1:
        raise ModelError(f"discount: found {discount}, expected a number above 0, at most 1")
