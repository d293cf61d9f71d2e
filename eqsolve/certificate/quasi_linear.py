"""Problems with transfers in certificates, and what a direct mechanism for them satisfies.

Agents report types, a lottery over decisions follows, everybody pays. Profiles are in lexicographic order, the last
agent's type varying fastest. Everything is checked by looking at every type, every report and every profile.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from eqsolve.certificate.reading import Invalid, afford, entries, fields, figure, rational, shown, word

KIND = "quasi-linear"
INCENTIVES = ("bic", "ex-post", "dsic", "none")
PARTICIPATION = ("interim", "ex-post", "none")
BUDGETS = ("balanced", "ex-ante", "no-deficit", "none")
MAX_AGENTS, MAX_TYPES, MAX_PROFILES = 32, 256, 100_000
ZERO = Fraction(0)

Profile = tuple[int, ...]


@dataclass(frozen=True)
class Player:
    """An agent: names, probabilities and utilities (type, decision) of its types, and what staying away is worth."""

    name: str
    types: tuple[str, ...]
    prior: tuple[Fraction, ...]
    utility: tuple[tuple[Fraction, ...], ...]
    outside: tuple[Fraction, ...] | None


@dataclass(frozen=True)
class Problem:
    """A problem with transfers."""

    name: str
    decisions: tuple[str, ...]
    players: tuple[Player, ...]
    costs: tuple[Fraction, ...]

    @cached_property
    def profiles(self) -> list[Profile]:
        """All profiles of types."""
        return list(itertools.product(*(range(len(a.types)) for a in self.players)))

    @cached_property
    def probabilities(self) -> list[Fraction]:
        """Probability of every profile."""
        return [self.weight(profile) for profile in self.profiles]

    def weight(self, profile: Profile, without: int = -1) -> Fraction:
        """Probability of the types of a profile, one agent left out if asked for."""
        return math.prod(
            (a.prior[u] for j, (a, u) in enumerate(zip(self.players, profile, strict=True)) if j != without),
            start=Fraction(1),
        )

    def position(self, profile: Sequence[int]) -> int:
        """Where a profile stands in `profiles`."""
        found = 0
        for a, u in zip(self.players, profile, strict=True):
            found = found * len(a.types) + u
        return found

    def stride(self, i: int) -> int:
        """By how much positions grow with agent i's type."""
        return math.prod(len(a.types) for a in self.players[i + 1 :])

    def others(self, i: int) -> Iterator[int]:
        """Positions of the profiles in which agent i has its first type."""
        return (p for p, profile in enumerate(self.profiles) if not profile[i])

    def efficient(self, p: int) -> list[int]:
        """Decisions that maximise the sum of utilities less the cost at a profile."""
        rows = [a.utility[u] for a, u in zip(self.players, self.profiles[p], strict=True)]
        sums = [sum(column, -cost) for column, cost in zip(zip(*rows, strict=True), self.costs, strict=True)]
        best = max(sums)
        return [d for d, s in enumerate(sums) if s == best]

    def told(self, p: int) -> str:
        """A profile in words."""
        profile = self.profiles[p]
        return ", ".join(f"{shown(a.name)}: {shown(a.types[u])}" for a, u in zip(self.players, profile, strict=True))


def read_problem(block: Any) -> Problem:
    """Read a game block of this kind.

    Raises
    ------
    Invalid
        If something is missing, is no probability, or is too large to be checked.
    """
    kind, name, decisions, agents, costs = fields(block, "kind", "name", "decisions", "agents", "costs")
    if kind != KIND or not isinstance(name, str):
        raise Invalid(f"game: found the kind {shown(kind)}, expected {KIND} with a name")
    options = tuple(word(d, "decision") for d in entries(decisions, "decisions"))
    prices = tuple(rational(c) for c in entries(costs, "costs"))
    if not options or len(set(options)) < len(options) or len(prices) != len(options):
        raise Invalid("decisions: found none, one twice, or costs that do not fit them")
    players = tuple(_player(a, len(options)) for a in entries(agents, "agents"))
    if not players or len({a.name for a in players}) < len(players) or len(players) > MAX_AGENTS:
        raise Invalid(f"agents: found none, one twice, or more than {MAX_AGENTS}")
    if len({a.outside is None for a in players}) > 1:
        raise Invalid("agents: some can stay away and some cannot; expected all or none")
    size = math.prod(len(a.types) for a in players)
    afford(size, "the profiles of types", MAX_PROFILES)
    return Problem(name, options, players, prices)


def _player(block: Any, decisions: int) -> Player:
    name, types = fields(block, "name", "types")
    where = f"agent {shown(word(name, 'agent'))}"
    rows = [fields(t, "name", "prob", "utility", "outside") for t in entries(types, where)]
    names = tuple(word(t, where) for t, *_ in rows)
    if not names or len(set(names)) < len(names) or len(names) > MAX_TYPES:
        raise Invalid(f"{where}: found no type, a type twice, or more than {MAX_TYPES}")
    prior = tuple(rational(p) for _, p, _, _ in rows)
    utility = tuple(tuple(rational(w) for w in entries(row, where)) for _, _, row, _ in rows)
    if any(len(row) != decisions for row in utility):
        raise Invalid(f"{where}: utilities that do not fit the decisions")
    if min(prior) < 0 or sum(prior) != 1:
        raise Invalid(f"{where}: the probabilities of its types sum to {figure(sum(prior, ZERO))}, expected 1")
    stay = [out for *_, out in rows]
    if len({out is None for out in stay}) > 1:
        raise Invalid(f"{where}: some of its types can stay away and some cannot")
    return Player(name, names, prior, utility, None if stay[0] is None else tuple(map(rational, stay)))


@dataclass(frozen=True)
class Mechanism:
    """A direct mechanism: a lottery and payments at every profile."""

    problem: Problem
    allocation: list[list[Fraction]]
    transfers: list[list[Fraction]]

    def payoff(self, i: int, u: int, p: int) -> Fraction:
        """What agent i's type u gets when the profile p is reported."""
        worth = self.problem.players[i].utility[u]
        return sum((q * w for q, w in zip(self.allocation[p], worth, strict=True) if q), -self.transfers[p][i])

    def left(self, p: int) -> Fraction:
        """Payments less the cost at a profile."""
        cost = sum((q * c for q, c in zip(self.allocation[p], self.problem.costs, strict=True) if q), ZERO)
        return sum(self.transfers[p], -cost)


def read_lotteries(problem: Problem, block: Any) -> list[list[Fraction]]:
    """A lottery over decisions at every profile."""
    found = [[rational(q) for q in entries(row, "allocation")] for row in entries(block, "allocation")]
    if len(found) != len(problem.profiles):
        raise Invalid(f"allocation: found {len(found):,} lotteries, expected {len(problem.profiles):,}")
    for p, row in enumerate(found):
        if len(row) != len(problem.decisions) or min(row) < 0 or sum(row) != 1:
            raise Invalid(f"allocation: no lottery over the decisions at {problem.told(p)}")
    return found


def read_mechanism(problem: Problem, allocation: Any, transfers: Any) -> Mechanism:
    """A mechanism as evidence."""
    paid = [[rational(t) for t in entries(row, "transfers")] for row in entries(transfers, "transfers")]
    if len(paid) != len(problem.profiles) or any(len(row) != len(problem.players) for row in paid):
        raise Invalid("transfers: expected a payment of every agent at every profile")
    return Mechanism(problem, read_lotteries(problem, allocation), paid)


def check_incentives(mechanism: Mechanism, incentives: str) -> None:
    """That nobody gains by lying, in the sense that is asked for."""
    problem = mechanism.problem
    size = len(problem.profiles)
    afford(sum(size * len(a.types) for a in problem.players) * len(problem.decisions), "all lies")
    for i, agent in enumerate(problem.players):
        stride, first = problem.stride(i), list(problem.others(i))
        weights = [problem.weight(problem.profiles[p], without=i) for p in first]
        for u, chance in enumerate(agent.prior):
            if not chance and incentives != "dsic":
                continue
            rows = [[mechanism.payoff(i, u, p + v * stride) for v in range(len(agent.types))] for p in first]
            if incentives == "bic":
                rows = [[sum((q * x for q, x in zip(weights, c, strict=True)), ZERO) for c in zip(*rows, strict=True)]]
            for k, row in enumerate(rows):
                if max(row) > row[u] and (incentives != "ex-post" or weights[k]):
                    lie = agent.types[row.index(max(row))]
                    raise Invalid(
                        f"agent {shown(agent.name)} with the type {shown(agent.types[u])} gains "
                        f"{figure(max(row) - row[u])} by reporting {shown(lie)}"
                    )


def check_participation(mechanism: Mechanism, stage: str) -> None:
    """That nobody would rather stay away, in the sense that is asked for."""
    problem = mechanism.problem
    for i, agent in enumerate(problem.players):
        stride, first = problem.stride(i), list(problem.others(i))
        weights = [problem.weight(problem.profiles[p], without=i) for p in first]
        for u, chance in enumerate(agent.prior):
            if chance:
                got = [mechanism.payoff(i, u, p + u * stride) for p in first]
                if stage == "interim":
                    worst = sum((q * x for q, x in zip(weights, got, strict=True)), ZERO)
                else:
                    worst = min(x for q, x in zip(weights, got, strict=True) if q)
                if worst < outside(problem)[i][u]:
                    raise Invalid(f"agent {shown(agent.name)} with the type {shown(agent.types[u])} rather stays away")


def outside(problem: Problem) -> list[tuple[Fraction, ...]]:
    """What staying away is worth, which has to be known."""
    found = [agent.outside for agent in problem.players if agent.outside is not None]
    if len(found) < len(problem.players):
        raise Invalid("the problem does not say what agents get that stay away")
    return found


def check_budget(mechanism: Mechanism, budget: str) -> None:
    """That payments cover costs, in the sense that is asked for."""
    problem = mechanism.problem
    left = [mechanism.left(p) for p in range(len(problem.profiles))]
    expected = sum((q * x for q, x in zip(problem.probabilities, left, strict=True)), ZERO)
    if budget == "ex-ante" and expected:
        raise Invalid(f"payments less costs are {figure(expected)} in expectation, not 0")
    for p, x in enumerate(left):
        if (budget == "balanced" and x) or (budget == "no-deficit" and x < 0):
            raise Invalid(f"payments less costs are {figure(x)} at {problem.told(p)}")
