"""The game block of a certificate: everything that the statement speaks of, read again from text.

A linked game of a certificate is a decision problem written out: types with probabilities and utilities, what may be
announced, and the lottery over decisions at every announced profile.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

Vector = tuple[int, ...]
Lottery = tuple[Fraction, ...]


class Invalid(Exception):
    """The certificate does not prove its statement."""


@dataclass(frozen=True)
class Ration:
    """Types that share between `least` and `most` announcements."""

    types: tuple[int, ...]
    least: int
    most: int


@dataclass(frozen=True)
class Agent:
    """An agent: its types in order, their probabilities, utilities (type, decision) and what it may announce."""

    name: str
    types: tuple[str, ...]
    prior: tuple[Fraction, ...]
    utility: tuple[tuple[Fraction, ...], ...]
    budget: tuple[Ration, ...]

    def admits(self, vector: Vector) -> bool:
        """Whether a message keeps to the budget."""
        return all(r.least <= sum(v in r.types for v in vector) <= r.most for r in self.budget)


@dataclass(frozen=True)
class Game:
    """A linked game: `copies` problems, decided by `outcomes` at the announced profiles of type indices."""

    copies: int
    decisions: tuple[str, ...]
    agents: tuple[Agent, ...]
    weights: tuple[Fraction, ...]
    outcomes: Mapping[Vector, Lottery]
    _messages: dict[int, list[Vector]] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def values(self) -> list[dict[tuple[int, Vector], Fraction]]:
        """Per agent {(true type, announced profile): payoff on one problem}."""
        return [
            {
                (u, v): sum((p * w for p, w in zip(lottery, row, strict=True) if p), Fraction(0))
                for u, row in enumerate(agent.utility)
                for v, lottery in self.outcomes.items()
            }
            for agent in self.agents
        ]

    def index(self, name: object) -> int:
        """Index of an agent."""
        for i, agent in enumerate(self.agents):
            if agent.name == name:
                return i
        raise Invalid(f"there is no agent {name!r}")

    def vector(self, i: int, text: object) -> Vector:
        """The type indices of a type vector or message that is written as names joined by ", "."""
        if not isinstance(text, str):
            raise Invalid(f"expected a vector of types, found {text!r}")
        names = self.agents[i].types
        parts = text.split(", ")
        if len(parts) != self.copies or any(part not in names for part in parts):
            raise Invalid(f"{text!r} is no vector of {self.copies} types of agent {self.agents[i].name!r}")
        return tuple(names.index(part) for part in parts)

    def probability(self, i: int, vector: Vector) -> Fraction:
        """Probability of a type vector."""
        return math.prod((self.agents[i].prior[u] for u in vector), start=Fraction(1))

    def type_vectors(self, i: int) -> Iterator[Vector]:
        """Type vectors of positive probability."""
        possible = [u for u, p in enumerate(self.agents[i].prior) if p]
        return itertools.product(possible, repeat=self.copies)

    def messages(self, i: int) -> list[Vector]:
        """Everything that agent i may announce."""
        if i not in self._messages:
            types = range(len(self.agents[i].types))
            self._messages[i] = [
                m for m in itertools.product(types, repeat=self.copies) if self.agents[i].admits(m)
            ]
        return self._messages[i]


def rational(value: object) -> Fraction:
    """An exact number of the file: a string such as "115/32", or an integer."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Invalid(f"expected an exact number, found {value!r}")
    try:
        return Fraction(value)
    except (ValueError, ZeroDivisionError):
        raise Invalid(f"expected an exact number, found {value!r}") from None


def read_game(block: Any) -> Game:
    """Read the game block.

    Raises
    ------
    Invalid
        If something is missing, is no probability, or the outcomes do not cover every announced profile once.
    """
    try:
        decisions = tuple(map(str, block["decisions"]))
        agents = tuple(_agent(a, len(decisions)) for a in block["agents"])
        copies = int(block["copies"])
        weights = tuple(rational(w) for w in block["weights"])
        outcomes: dict[Vector, Lottery] = {}
        for names, lottery in block["outcomes"]:
            profile = tuple(a.types.index(name) for a, name in zip(agents, names, strict=True))
            if profile in outcomes:
                raise Invalid(f"two outcomes at {names}")
            outcomes[profile] = tuple(map(rational, lottery))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Invalid(f"game: {type(error).__name__}: {error}") from None
    game = Game(copies, decisions, agents, weights, outcomes)
    _check_game(game)
    return game


def _agent(block: Any, decisions: int) -> Agent:
    types = tuple(t["name"] for t in block["types"])
    utility = tuple(tuple(map(rational, t["utility"])) for t in block["types"])
    if len(set(types)) != len(types) or any(len(row) != decisions for row in utility):
        raise Invalid(f"agent {block['name']!r}: two types of one name, or utilities that do not fit the decisions")
    budget = tuple(
        Ration(tuple(types.index(t) for t in r["types"]), int(r["least"]), int(r["most"])) for r in block["budget"]
    )
    if sorted(u for r in budget for u in r.types) != list(range(len(types))):
        raise Invalid(f"agent {block['name']!r}: the budget is no partition of the types")
    return Agent(block["name"], types, tuple(rational(t["prob"]) for t in block["types"]), utility, budget)


def _check_game(game: Game) -> None:
    if game.copies < 1 or not game.agents:
        raise Invalid("game: expected at least one problem and one agent")
    if len({a.name for a in game.agents}) != len(game.agents) or len(game.weights) != len(game.agents):
        raise Invalid("game: agents of one name, or weights that do not fit them")
    for agent in game.agents:
        if min(agent.prior) < 0 or sum(agent.prior) != 1:
            raise Invalid(f"agent {agent.name!r}: the probabilities of its types do not sum to 1")
    if len(game.outcomes) != math.prod(len(a.types) for a in game.agents):
        raise Invalid("game: the outcomes do not cover every announced profile")
    for lottery in game.outcomes.values():
        if len(lottery) != len(game.decisions) or min(lottery) < 0 or sum(lottery) != 1:
            raise Invalid("game: an outcome is no lottery over the decisions")
