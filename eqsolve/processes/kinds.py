"""Type processes as a modeller writes them, before agent and number of copies are known."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from eqsolve.errors import ModelError, SizeError
from eqsolve.exact.rational import rational
from eqsolve.problem import Agent
from eqsolve.processes.laws import CopyLaw, IndependentLaw, SequenceLaw, TableLaw, TypeLaw, Vector

MAX_TABLE = 100_000

Number = Fraction | int | float | str


class Process(ABC):
    """How an agent's types hang together across problems; on every problem they have the prior as their law."""

    def copies(self) -> int | None:
        """The number of copies that the process implies; None if any number will do."""
        return None

    @abstractmethod
    def law(self, agent: Agent, copies: int) -> TypeLaw:
        """The law of the agent's type vector on `copies` problems.

        Raises
        ------
        ModelError
            If the process does not fit the agent or the number of copies.
        """


@dataclass(frozen=True)
class Independent(Process):
    """Types on different problems are independent."""

    def law(self, agent: Agent, copies: int) -> TypeLaw:
        """Independent draws from the prior."""
        return IndependentLaw(agent.prior, copies)


@dataclass(frozen=True)
class Copy(Process):
    """With probability `rho` all types are one draw from the prior, else they are independent.

    On two problems this is the first correlated example of Jackson and Sonnenschein (2003, Correlation across
    Problems).

    Parameters
    ----------
    rho : number or str
        From 0 to 1, read exactly.
    """

    rho: Number

    def law(self, agent: Agent, copies: int) -> TypeLaw:
        """A mixture of one draw and independent draws."""
        rho = _share(self.rho)
        if rho == 0 or copies == 1:
            return IndependentLaw(agent.prior, copies)
        return CopyLaw(agent.prior, copies, rho)


@dataclass(frozen=True)
class CopyFirst(Process):
    """Every type after the first is with probability `rho` that on the first problem, else an independent draw.

    From three problems on the law is not exchangeable.

    Parameters
    ----------
    rho : number or str
    """

    rho: Number

    def law(self, agent: Agent, copies: int) -> TypeLaw:
        """On two problems, or at the ends of the range of `rho`, as `Copy`."""
        return _sequence(agent, copies, _share(self.rho), previous=False)


@dataclass(frozen=True)
class CopyPrevious(Process):
    """Every type after the first is with probability `rho` that on the problem before, else an independent draw.

    From three problems on the law is not exchangeable.

    Parameters
    ----------
    rho : number or str
    """

    rho: Number

    def law(self, agent: Agent, copies: int) -> TypeLaw:
        """On two problems, or at the ends of the range of `rho`, as `Copy`."""
        return _sequence(agent, copies, _share(self.rho), previous=True)


@dataclass(frozen=True)
class Intensity(Process):
    """On two problems: intensities are alike with probability (1 + rho)/2, all else is independent.

    The second correlated example of Jackson and Sonnenschein (2003, Correlation across Problems): the class of the
    second type (how strong a preference is) is that of the first with probability (1 + rho)/2, else the other one.
    Given its class a type is an independent draw from the prior. So with classes ±2 and ±1 the sign is independent.

    Parameters
    ----------
    rho : number or str
        From -1 to 1, read exactly.
    classes : mapping of class name to types
        Two of them, disjoint, together all types, equally likely: otherwise the second type would not have the prior
        as its law.
    """

    rho: Number
    classes: Mapping[str, Sequence[str]] = field(hash=False)

    def copies(self) -> int | None:
        """2."""
        return 2

    def law(self, agent: Agent, copies: int) -> TypeLaw:
        """A table over pairs of types."""
        rho = _share(self.rho, least=-1)
        place = self._classes(agent)
        if copies == 1 or (copies == 2 and rho == 0):
            return IndependentLaw(agent.prior, copies)
        if copies > 2:
            raise ModelError(
                f"link.process: found {copies} copies, expected 2; intensities that hang together by rho are a law of "
                "pairs of problems"
            )
        prior = agent.prior
        chances = {
            (u, v): 2 * p * q * ((1 + rho) / 2 if place[u] == place[v] else (1 - rho) / 2)
            for u, p in enumerate(prior)
            for v, q in enumerate(prior)
        }
        return TableLaw(prior, copies, tuple((t, p) for t, p in sorted(chances.items()) if p))

    def _classes(self, agent: Agent) -> dict[int, str]:
        place: dict[int, str] = {}
        for name, members in self.classes.items():
            for member in members:
                u = agent.type_index(member)
                if u in place:
                    raise ModelError(f"link.process: found {member!r} twice in the classes, expected disjoint classes")
                place[u] = name
        shares = {
            name: sum((agent.prior[u] for u, c in place.items() if c == name), Fraction(0)) for name in self.classes
        }
        if len(place) < len(agent.types) or list(shares.values()) != [Fraction(1, 2)] * 2:
            told = ", ".join(f"{name!r} with probability {share}" for name, share in shares.items())
            raise ModelError(
                f"link.process: agent {agent.name!r}: found the classes {told or 'none'}, expected two classes of "
                "probability 1/2 that together are all types"
            )
        return place


@dataclass(frozen=True)
class Table(Process):
    """Any law of the type vector, listed.

    Parameters
    ----------
    chances : mapping of type vector to number or str
        Type vectors are tuples of type names; what is left out has probability 0. On every problem the types must have
        the agent's prior as their law.
    """

    chances: Mapping[tuple[str, ...], Number] = field(hash=False)

    def copies(self) -> int | None:
        """The length of the type vectors; None if there are none."""
        return next((len(vector) for vector in self.chances), None)

    def law(self, agent: Agent, copies: int) -> TypeLaw:
        """The table, checked against the prior."""
        if len(self.chances) > MAX_TABLE:
            raise SizeError(f"link.process: found {len(self.chances):,} type vectors, at most {MAX_TABLE:,} are listed")
        found: dict[Vector, Fraction] = {}
        for names, number in self.chances.items():
            vector = tuple(agent.type_index(name) for name in names)
            if len(vector) != copies:
                raise ModelError(
                    f"link.process: found a type vector of length {len(vector)} on {copies} problems, expected "
                    f"vectors of length {copies}"
                )
            found[vector] = found.get(vector, Fraction(0)) + _number(number)
        if min(found.values(), default=-1) < 0 or sum(found.values()) != 1:
            raise ModelError(
                f"link.process: agent {agent.name!r}: probabilities sum to {sum(found.values(), Fraction(0))}, "
                "expected numbers of at least 0 that sum to 1"
            )
        for k in range(copies):
            for u, (kind, p) in enumerate(zip(agent.types, agent.prior, strict=True)):
                share = sum((q for vector, q in found.items() if vector[k] == u), Fraction(0))
                if share != p:
                    raise ModelError(
                        f"link.process: agent {agent.name!r}: {kind.name!r} has probability {share} on problem "
                        f"{k + 1}, expected {p}, its prior"
                    )
        return TableLaw(agent.prior, copies, tuple((t, p) for t, p in sorted(found.items()) if p))


def _sequence(agent: Agent, copies: int, rho: Fraction, *, previous: bool) -> TypeLaw:
    if copies <= 2 or rho in (0, 1):
        return Copy(rho).law(agent, copies)
    return SequenceLaw(agent.prior, copies, rho, previous)


def _share(rho: Number, least: int = 0) -> Fraction:
    number = _number(rho)
    if not least <= number <= 1:
        raise ModelError(f"link.process: found rho = {rho}, expected a number from {least} to 1")
    return number


def _number(value: Number) -> Fraction:
    try:
        return rational(value)
    except ValueError as error:
        raise ModelError(f"link.process: {error}") from None


def apply_process(
    processes: Process | Mapping[str, Process] | None, agents: Sequence[Agent], copies: int
) -> tuple[TypeLaw, ...]:
    """The law of every agent's type vector; agents left out of a mapping have independent types.

    Raises
    ------
    ModelError
        If a process does not fit an agent or the number of copies, or the mapping names an unknown agent.
    """
    if not isinstance(processes, Mapping):
        return tuple((processes or Independent()).law(agent, copies) for agent in agents)
    names = [agent.name for agent in agents]
    for name in processes:
        if name not in names:
            raise ModelError(f"link.process: found agent {name!r}, expected one of {', '.join(names)}")
    return tuple(processes.get(agent.name, Independent()).law(agent, copies) for agent in agents)
