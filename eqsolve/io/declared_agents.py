"""Agents of a file, in its order: each with its types, or with those of an agent declared before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from eqsolve.errors import ModelError
from eqsolve.problem import Agent, Type

T = TypeVar("T", covariant=True)
S = TypeVar("S")


class Declared(Protocol[T]):
    """The section of an agent, whatever its types are written like."""

    @property
    def types(self) -> Sequence[T] | None:
        """Sections of its types."""

    @property
    def same_as(self) -> str | None:
        """The agent whose types it has, too."""


def declared_agents(sections: Mapping[str, Declared[S]], read: Callable[[S], Type]) -> tuple[Agent, ...]:
    """Build agents from their sections; `read` builds a type from its section.

    Raises
    ------
    ModelError
        If an agent has both or neither of types and same_as, or same_as names no agent declared before.
    """
    agents: dict[str, Agent] = {}
    for name, section in sections.items():
        if (section.types is None) == (section.same_as is None):
            raise ModelError(
                f"agents.{name}: found {'both' if section.types else 'neither'} of types and same_as, expected one"
            )
        if section.same_as is not None and section.same_as not in agents:
            raise ModelError(f"agents.{name}.same_as: found {section.same_as!r}, expected an agent declared before")
        agents[name] = Agent(
            name,
            tuple(map(read, section.types or ())) if section.same_as is None else agents[section.same_as].types,
        )
    return tuple(agents.values())
