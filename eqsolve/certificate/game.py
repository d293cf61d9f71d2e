"""The game block of a certificate: everything that the statement speaks of, read again from text.

A linked game of a certificate is a decision problem written out: types with probabilities and utilities, what may be
announced, and the lottery over decisions at every announced profile. All that a checker computes with is here:
``values``, what a true type gets on a problem where a profile is announced.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

from eqsolve.certificate.reading import (
    MAX_LISTED,
    Invalid,
    afford,
    entries,
    fields,
    figure,
    members,
    rational,
    shown,
    whole,
    word,
)

__all__ = ["Agent", "Game", "Invalid", "Lottery", "Ration", "Vector", "deal", "rational", "read_game"]

MAX_COPIES = 100_000
MAX_AGENTS = 32
MAX_TYPES = 256
MAX_PRIOR_DIGITS = 200_000
Vector = tuple[int, ...]
Lottery = tuple[Fraction, ...]


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

    @property
    def possible(self) -> list[int]:
        """Types of positive probability."""
        return [u for u, p in enumerate(self.prior) if p]

    @cached_property
    def alike(self) -> tuple[int, ...]:
        """For each type the first type with the same utilities."""
        return tuple(self.utility.index(row) for row in self.utility)

    def admits(self, vector: Vector) -> bool:
        """Whether a message keeps to the budget."""
        return all(r.least <= sum(v in r.types for v in vector) <= r.most for r in self.budget)

    def totals(self, copies: int) -> list[Vector]:
        """How many announcements each ration may get."""
        rest = copies - sum(r.least for r in self.budget)
        spare = [r.most - r.least for r in self.budget]
        ways = math.comb(rest + len(spare) - 1, rest)
        afford(min(ways, math.prod(s + 1 for s in spare)), f"the budget of agent {shown(self.name)}", MAX_LISTED)
        return [tuple(r.least + c for r, c in zip(self.budget, extra, strict=True)) for extra in deal(rest, spare)]

    def spread(self, totals: Vector) -> Iterator[Vector]:
        """Histograms of announcements that give the rations these totals."""
        sizes = [(total, len(r.types)) for total, r in zip(totals, self.budget, strict=True)]
        ways = math.prod(math.comb(total + types - 1, total) for total, types in sizes)
        afford(ways, f"the budget of agent {shown(self.name)}", MAX_LISTED)
        parts = [deal(total, [total] * types) for total, types in sizes]
        order = [v for r in self.budget for v in r.types]
        for counts in itertools.product(*parts):
            announced = dict(zip(order, itertools.chain(*counts), strict=True))
            yield tuple(announced[v] for v in range(len(self.types)))


@dataclass(frozen=True)
class Game:
    """A linked game: `copies` problems, decided by `outcomes` at the announced profiles of type indices."""

    copies: int
    decisions: tuple[str, ...]
    agents: tuple[Agent, ...]
    weights: tuple[Fraction, ...]
    outcomes: Mapping[Vector, Lottery]
    name: str = ""
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

    @cached_property
    def active(self) -> tuple[int, ...]:
        """Agents with more than one message who move somebody's payoff (at a type that can occur) by announcing."""
        return tuple(j for j in range(len(self.agents)) if len(self.announceable(j)) > 1 and self._moves(j))

    def _moves(self, j: int) -> bool:
        for agent, values in zip(self.agents, self.values, strict=True):
            seen: dict[tuple[int, Vector], Fraction] = {}
            for (u, v), value in values.items():
                if agent.prior[u] and seen.setdefault((u, v[:j] + v[j + 1 :]), value) != value:
                    return True
        return False

    def announceable(self, i: int) -> list[int]:
        """Types that some message of agent i contains."""
        budget = self.agents[i].budget
        least = sum(r.least for r in budget)
        return [
            v
            for v in range(len(self.agents[i].types))
            for r in budget
            if v in r.types and r.most and least - r.least + max(r.least, 1) <= self.copies
        ]

    @cached_property
    def standing(self) -> list[int]:
        """What stands for the announcements of an agent that is not active: it has no other, or none that matters."""
        return [self.announceable(j)[0] for j in range(len(self.agents))]

    def profile(self, i: int, v: int, others: Vector) -> Vector:
        """The announced profile in which i announces v and the other active agents announce `others`."""
        found = list(self.standing)
        for j, w in zip((j for j in self.active if j != i), others, strict=True):
            found[j] = w
        found[i] = v
        return tuple(found)

    def index(self, name: object) -> int:
        """Index of an agent."""
        for i, agent in enumerate(self.agents):
            if agent.name == name:
                return i
        raise Invalid(f"there is no agent {shown(name)}")

    def by_agent(self, block: Any, what: str) -> list[Any]:
        """The members of an object that has one for every agent, in the order of the agents."""
        found = members(block, what)
        if set(found) != {agent.name for agent in self.agents}:
            raise Invalid(f"{what}: found {shown(', '.join(found))}, expected one entry for every agent")
        return [found[agent.name] for agent in self.agents]

    def vector(self, i: int, text: object) -> Vector:
        """The type indices of a type vector or message that is written as names joined by ", "."""
        names = self.agents[i].types
        parts = text.split(", ") if isinstance(text, str) else []
        if len(parts) != self.copies or any(part not in names for part in parts):
            raise Invalid(f"{shown(text)} is no vector of {self.copies} types of agent {shown(self.agents[i].name)}")
        return tuple(names.index(part) for part in parts)

    def probability(self, i: int, vector: Vector) -> Fraction:
        """Probability of a type vector."""
        return math.prod((self.agents[i].prior[u] for u in vector), start=Fraction(1))

    def type_vectors(self, i: int) -> Iterator[Vector]:
        """Type vectors of positive probability, lexicographically."""
        possible = self.agents[i].possible
        afford(self.copies * len(possible) ** self.copies, f"the type vectors of agent {shown(self.agents[i].name)}")
        return itertools.product(possible, repeat=self.copies)

    def messages(self, i: int) -> list[Vector]:
        """Everything that agent i may announce, lexicographically."""
        if i not in self._messages:
            types = self.announceable(i)
            afford(self.copies * len(types) ** self.copies, f"the messages of agent {shown(self.agents[i].name)}")
            self._messages[i] = [m for m in itertools.product(types, repeat=self.copies) if self.agents[i].admits(m)]
        return self._messages[i]


def deal(count: int, most: Sequence[int]) -> Iterator[Vector]:
    """All ways to deal `count` things to parts that take at most so many each."""
    if not most:
        if not count:
            yield ()
        return
    room = sum(most[1:])
    for first in range(max(0, count - room), min(count, most[0]) + 1):
        for rest in deal(count - first, most[1:]):
            yield (first, *rest)


def read_game(block: Any) -> Game:
    """Read the game block.

    Raises
    ------
    Invalid
        If something is missing, is no probability, or the outcomes do not cover every announced profile once.
    """
    kind, name, copies, decisions, agents, weights, outcomes = fields(
        block, "kind", "name", "copies", "decisions", "agents", "weights", "outcomes"
    )
    if kind != "linked" or not isinstance(name, str):
        raise Invalid(f"game: found the kind {shown(kind)}, expected a linked game with a name")
    if whole(copies, "copies", 1) > MAX_COPIES:
        raise Invalid(f"copies: found {copies:,}, at most {MAX_COPIES:,} are checked")
    options = _distinct([word(d, "decision") for d in entries(decisions, "decisions")], "decisions")
    players = tuple(_agent(a, len(options), copies) for a in entries(agents, "agents"))
    _distinct([a.name for a in players], "agents")
    if len(players) > MAX_AGENTS:
        raise Invalid(f"found {len(players)} agents, at most {MAX_AGENTS} are checked")
    shares = tuple(rational(w) for w in entries(weights, "weights"))
    if len(shares) != len(players) or min(shares) < 0:
        raise Invalid("weights: expected one for every agent, at least 0")
    return Game(copies, options, players, shares, _outcomes(outcomes, players, len(options)), name)


def _agent(block: Any, decisions: int, copies: int) -> Agent:
    name, types, budget = fields(block, "name", "types", "budget")
    where = f"agent {shown(word(name, 'agent'))}"
    rows = [fields(t, "name", "prob", "utility") for t in entries(types, where)]
    if len(rows) > MAX_TYPES:
        raise Invalid(f"{where}: found {len(rows):,} types, at most {MAX_TYPES} are checked")
    names = _distinct([word(t, where) for t, _, _ in rows], where)
    prior = tuple(rational(p) for _, p, _ in rows)
    utility = tuple(tuple(rational(w) for w in entries(row, where)) for _, _, row in rows)
    if any(", " in t for t in names) or any(len(row) != decisions for row in utility):
        raise Invalid(f"{where}: a type name with a comma and a space, or utilities that do not fit the decisions")
    if min(prior) < 0 or sum(prior) != 1:
        raise Invalid(f"{where}: the probabilities of its types sum to {figure(sum(prior, Fraction(0)))}, expected 1")
    if copies * math.lcm(*(p.denominator for p in prior)).bit_length() > MAX_PRIOR_DIGITS * 3.33:
        raise Invalid(f"{where}: probabilities of type vectors have more than {MAX_PRIOR_DIGITS:,} digits")
    return Agent(name, names, prior, utility, _budget(budget, names, copies, where))


def _budget(block: Any, names: Sequence[str], copies: int, where: str) -> tuple[Ration, ...]:
    rations = []
    for entry in entries(block, where):
        types, least, most = fields(entry, "types", "least", "most")
        if not entries(types, where) or any(t not in names for t in types):
            raise Invalid(f"{where}: a ration of its budget names no type of its own")
        low, high = whole(least, where), whole(most, where)
        rations.append(Ration(tuple(names.index(t) for t in types), low, min(high, copies)))
    if sorted(u for r in rations for u in r.types) != list(range(len(names))):
        raise Invalid(f"{where}: the budget is no partition of the types")
    if any(r.least > r.most for r in rations):
        raise Invalid(f"{where}: a ration asks for more announcements than it allows")
    if not sum(r.least for r in rations) <= copies <= sum(r.most for r in rations):
        raise Invalid(f"{where}: no message of {copies} announcements keeps to the budget")
    return tuple(rations)


def _outcomes(block: Any, agents: Sequence[Agent], decisions: int) -> dict[Vector, Lottery]:
    found: dict[Vector, Lottery] = {}
    size = math.prod(len(a.types) for a in agents)
    afford(size * sum(len(a.types) for a in agents), "the payoffs at every announced profile", MAX_LISTED)
    for entry in entries(block, "outcomes"):
        if not isinstance(entry, list) or len(entry) != 2 or len(entries(entry[0], "outcomes")) != len(agents):
            raise Invalid("outcomes: expected a list of a type per agent, and a lottery over the decisions")
        names, chances = entry
        if any(name not in a.types for a, name in zip(agents, names, strict=True)):
            raise Invalid(f"outcomes: {shown(', '.join(map(str, names)))} is no profile of types")
        profile = tuple(a.types.index(name) for a, name in zip(agents, names, strict=True))
        lottery = tuple(rational(p) for p in entries(chances, "outcomes"))
        if profile in found:
            raise Invalid(f"outcomes: found {shown(', '.join(names))} twice")
        if len(lottery) != decisions or min(lottery) < 0 or sum(lottery) != 1:
            raise Invalid(f"outcomes: no lottery over the decisions at {shown(', '.join(names))}")
        found[profile] = lottery
    if len(found) != size:
        raise Invalid("outcomes: they do not cover every announced profile")
    return found


def _distinct(names: list[str], where: str) -> tuple[str, ...]:
    if not names or len(set(names)) != len(names):
        raise Invalid(f"{where}: found no name, or a name twice")
    return tuple(names)
