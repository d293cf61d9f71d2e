"""Decision problems: decisions, agents, their types and priors.

A decision problem is a triple (D, U, P): finitely many decisions D, for every agent finitely many types U_i (utility
functions on D), and independent priors P_i on them (Jackson and Sonnenschein 2003, section 3). All numbers are
rational.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType

from eqsolve.errors import ModelError
from eqsolve.exact.rational import rational

MAX_TYPES = 256
Profile = tuple[int, ...]
"""One type per agent, as indices into each agent's types."""


@dataclass(frozen=True, eq=False)
class Type:
    """A type of an agent: a utility function on decisions, and how likely it is.

    Parameters
    ----------
    name : str
        Not empty, without line breaks and without ``", "``, which joins the names of a type vector.
    prob : number or str
        Prior probability, read exactly; not negative.
    utility : mapping of decision to number
        A decision left out is worth 0.
    """

    name: str
    prob: Fraction
    utility: Mapping[str, Fraction] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_name(self.name, "type")
        if ", " in self.name:
            raise ModelError(
                f"type {self.name!r}: found a comma and a space in the name, which separate the types of a vector"
            )
        object.__setattr__(self, "prob", _read(self.prob, f"type {self.name!r}: prob"))
        if self.prob < 0:
            raise ModelError(f"type {self.name!r}: prob: found {self.prob}, expected a probability, at least 0")
        worth = {d: _read(q, f"type {self.name!r}: utility of {d!r}") for d, q in self.utility.items()}
        object.__setattr__(self, "utility", MappingProxyType(worth))


@dataclass(frozen=True, eq=False)
class Agent:
    """An agent: a name and its types in the order in which they were declared."""

    name: str
    types: tuple[Type, ...]

    def __post_init__(self) -> None:
        check_name(self.name, "agent")
        object.__setattr__(self, "types", tuple(self.types))
        if len(self.types) > MAX_TYPES:
            raise ModelError(f"agent {self.name!r}: found {len(self.types):,} types, expected at most {MAX_TYPES}")
        if not self.types:
            raise ModelError(f"agent {self.name!r}: found no types, expected at least one")
        check_distinct([t.name for t in self.types], f"agent {self.name!r}: types")
        total = sum(self.prior, Fraction(0))
        if total != 1:
            raise ModelError(f"agent {self.name!r}: probabilities sum to {total}, expected 1")

    @property
    def prior(self) -> tuple[Fraction, ...]:
        """Probability of each type."""
        return tuple(t.prob for t in self.types)

    @property
    def type_names(self) -> tuple[str, ...]:
        """Names of the types."""
        return tuple(t.name for t in self.types)

    def type_index(self, name: str) -> int:
        """Position of the type called `name`; ModelError if there is none."""
        try:
            return self.type_names.index(name)
        except ValueError:
            raise ModelError(
                f"agent {self.name!r}: found type {name!r}, expected one of {', '.join(self.type_names)}"
            ) from None


@dataclass(frozen=True, eq=False)
class DecisionProblem:
    """A decision problem (D, U, P).

    Parameters
    ----------
    decisions : iterable of str
        The names of the decisions D.
    agents : iterable of Agent
    name, source : str
        What it is called and where it comes from.

    Raises
    ------
    ModelError
        If names repeat, a utility speaks of an unknown decision, or there is no decision or no agent.
    """

    decisions: tuple[str, ...]
    agents: tuple[Agent, ...]
    name: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "decisions", tuple(self.decisions))
        object.__setattr__(self, "agents", tuple(self.agents))
        if not self.decisions:
            raise ModelError("decisions: found none, expected at least one")
        if not self.agents:
            raise ModelError("agents: found none, expected at least one")
        for decision in self.decisions:
            check_name(decision, "decision")
        check_distinct(self.decisions, "decisions")
        check_distinct([a.name for a in self.agents], "agents")
        known = set(self.decisions)
        for agent in self.agents:
            for kind in agent.types:
                for decision in kind.utility:
                    if decision not in known:
                        raise ModelError(
                            f"agent {agent.name!r}, type {kind.name!r}: utility of {decision!r}, "
                            f"expected one of the decisions {', '.join(self.decisions)}"
                        )

    @property
    def n(self) -> int:
        """Number of agents."""
        return len(self.agents)

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of types of each agent."""
        return tuple(len(a.types) for a in self.agents)

    def agent_index(self, name: str) -> int:
        """Position of the agent called `name`; ModelError if there is none."""
        for i, agent in enumerate(self.agents):
            if agent.name == name:
                return i
        raise ModelError(f"found agent {name!r}, expected one of {', '.join(a.name for a in self.agents)}")

    def utility(self, i: int, u: int) -> tuple[Fraction, ...]:
        """Utility of agent i's type u, one number per decision."""
        worth = self.agents[i].types[u].utility
        return tuple(worth.get(d, Fraction(0)) for d in self.decisions)

    def profiles(self) -> Iterator[Profile]:
        """All type profiles, the last agent's type varying fastest."""
        return itertools.product(*(range(size) for size in self.shape))

    def probability(self, profile: Profile) -> Fraction:
        """Prior probability of a type profile: agents are independent."""
        return math.prod((a.types[u].prob for a, u in zip(self.agents, profile, strict=True)), start=Fraction(1))


def check_name(name: str, what: str) -> None:
    """Refuse names that cannot be shown on one line."""
    if not isinstance(name, str) or not name or not name.strip():
        raise ModelError(f"{what}: found {name!r}, expected a name that is not empty")
    if len(name.splitlines()) != 1 or any(ord(c) < 32 or 127 <= ord(c) < 160 for c in name):
        raise ModelError(f"{what} {name!r}: found a line break or control character in the name")


def check_distinct(names: Iterable[str], where: str) -> None:
    """Refuse repeated names."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ModelError(f"{where}: found {name!r} twice, expected distinct names")
        seen.add(name)


def _read(value: object, where: str) -> Fraction:
    try:
        return rational(value)
    except ValueError as error:
        raise ModelError(f"{where}: {error}") from None
