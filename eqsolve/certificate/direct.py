"""A direct mechanism on K problems as a certificate tells it, and what it has to satisfy.

A mechanism asks for a type on every problem, and treats problems alike: what happens on one of them is a lottery that
depends on the types reported there and on the joint histogram, that is, on how many problems each profile of types is
reported.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from eqsolve.certificate.game import Game, Lottery, Vector
from eqsolve.certificate.reading import MAX_LISTED, Invalid, afford, entries, fields, members, rational, shown, whole

INCENTIVES = ("bic", "dsic", "none")
PARTICIPATION = ("none", "interim", "total", "problem")
ZERO = Fraction(0)

Joint = tuple[tuple[Vector, int], ...]
"""On how many problems each profile of types is reported: those that are, in order."""
Block = tuple[Joint, Vector]
"""A joint histogram, and a profile that occurs in it."""
Paid = dict[tuple[int, Vector], Fraction]
"""A number for every agent and histogram of its types."""


@dataclass(frozen=True)
class Wanted:
    """What a mechanism must satisfy; `status_quo` is a decision, or -1."""

    incentives: str
    participation: str
    status_quo: int
    transfers: bool


@dataclass(frozen=True)
class Mechanism:
    """A lottery over decisions for every block, and what agents are paid at every report."""

    game: Game
    lotteries: Mapping[Block, Lottery]
    joints: Sequence[Joint]
    paid: Paid

    @cached_property
    def chance(self) -> dict[Joint, Fraction]:
        """Probability of each joint histogram under the truth."""
        agents = self.game.agents
        return {
            joint: Fraction(math.factorial(self.game.copies), math.prod(math.factorial(c) for _, c in joint))
            * math.prod((a.prior[u] ** c for p, c in joint for a, u in zip(agents, p, strict=True)), start=Fraction(1))
            for joint in self.joints
        }

    def histogram(self, joint: Joint, i: int) -> Vector:
        """How often each type of agent i is reported."""
        counts = [0] * len(self.game.agents[i].types)
        for profile, c in joint:
            counts[profile[i]] += c
        return tuple(counts)

    @cached_property
    def law(self) -> list[dict[Vector, Fraction]]:
        """Per agent the probability of each histogram of its types."""
        laws: list[dict[Vector, Fraction]] = [{} for _ in self.game.agents]
        for joint, p in self.chance.items():
            for i, law in enumerate(laws):
                histogram = self.histogram(joint, i)
                law[histogram] = law.get(histogram, ZERO) + p
        return laws

    @cached_property
    def places(self) -> list[dict[tuple[Vector, int], list[tuple[Block, Fraction]]]]:
        """Per agent, reported histogram and type v: where a problem that is reported as v may be, how likely."""
        found: list[dict[tuple[Vector, int], list[tuple[Block, Fraction]]]] = [{} for _ in self.game.agents]
        for joint, p in self.chance.items():
            for i, places in enumerate(found):
                histogram = self.histogram(joint, i)
                for profile, c in joint:
                    share = p * c / (self.law[i][histogram] * histogram[profile[i]])
                    places.setdefault((histogram, profile[i]), []).append(((joint, profile), share))
        return found

    def worth(self, i: int, u: int, block: Block) -> Fraction:
        """What agent i's type u gets on a problem at a block."""
        lottery = self.lotteries[block]
        return sum((p * w for p, w in zip(lottery, self.game.agents[i].utility[u], strict=True) if p), ZERO)

    def expected(self, i: int, u: int, histogram: Vector, v: int) -> Fraction:
        """What type u expects on a problem that is reported as v, when others are truthful."""
        return sum((q * self.worth(i, u, block) for block, q in self.places[i][histogram, v]), ZERO)


def read_wanted(game: Game, block: Any) -> Wanted:
    """What a mechanism must satisfy."""
    incentives, participation, status_quo, transfers = fields(
        block, "incentives", "participation", "status_quo", "transfers"
    )
    if incentives not in INCENTIVES or participation not in PARTICIPATION or not isinstance(transfers, bool):
        raise Invalid(f"requirements: found {shown(incentives)}, {shown(participation)}, {shown(transfers)}")
    if (status_quo is None) != (participation == "none"):
        raise Invalid("requirements: a status quo goes with participation, and with nothing else")
    if status_quo is not None and status_quo not in game.decisions:
        raise Invalid(f"requirements: there is no decision {shown(status_quo)}")
    if transfers and (incentives == "dsic" or participation in ("total", "problem")):
        raise Invalid("requirements: transfers are defined for Bayesian incentives and interim participation only")
    quo = -1 if status_quo is None else game.decisions.index(status_quo)
    return Wanted(incentives, participation, quo, transfers)


def read_mechanism(game: Game, block: Any, paid: Paid) -> Mechanism:
    """Read lotteries, which must be there for every joint histogram of types that can occur."""
    profiles = math.prod(len(a.possible) for a in game.agents)
    count = math.comb(game.copies + profiles - 1, game.copies)
    steps = count * min(game.copies, profiles) * (len(game.agents) + 1) * len(game.decisions)
    afford(steps, "the lotteries of the mechanism", MAX_LISTED * 10)
    lotteries: dict[Block, Lottery] = {}
    joints: list[Joint] = []
    for cells in entries(block, "mechanism"):
        rows = []
        for cell in entries(cells, "mechanism"):
            if len(entries(cell, "mechanism")) != 3:
                raise Invalid("mechanism: expected a list of a profile of types, a count and a lottery")
            names, times, chances = cell
            profile = read_profile(game, names)
            lottery = tuple(rational(p) for p in entries(chances, "mechanism"))
            if len(lottery) != len(game.decisions) or min(lottery) < 0 or sum(lottery) != 1:
                raise Invalid(f"mechanism: no lottery over the decisions at {shown(', '.join(names))}")
            rows.append((profile, whole(times, "mechanism", 1), lottery))
        joint = tuple(sorted((profile, c) for profile, c, _ in rows))
        if len({p for p, _ in joint}) < len(joint) or sum(c for _, c in joint) != game.copies:
            raise Invalid(f"mechanism: a joint histogram names a profile twice, or does not sum to {game.copies}")
        joints.append(joint)
        lotteries |= {(joint, profile): lottery for profile, _, lottery in rows}
    if len(set(joints)) != count or len(joints) != count:
        raise Invalid(f"mechanism: found {len(set(joints)):,} joint histograms, expected each of {count:,} once")
    return Mechanism(game, lotteries, joints, paid)


def read_profile(game: Game, names: Any) -> Vector:
    """A profile of types that can occur, from names."""
    if not isinstance(names, list) or len(names) != len(game.agents):
        raise Invalid("mechanism: expected a type of every agent")
    found = []
    for agent, name in zip(game.agents, names, strict=True):
        u = agent.types.index(name) if name in agent.types else -1
        if u not in agent.possible:
            raise Invalid(f"mechanism: {shown(name)} is no type of agent {shown(agent.name)} that can occur")
        found.append(u)
    return tuple(found)


def read_histogram(game: Game, i: int, block: Any) -> Vector:
    """How often an agent has each type, of K problems; types that cannot occur have none."""
    agent = game.agents[i]
    counts = tuple(whole(c, "histogram") for c in entries(block, "histogram"))
    if len(counts) != len(agent.types) or sum(counts) != game.copies:
        raise Invalid(f"histogram: expected a count for each type of agent {shown(agent.name)}, {game.copies} together")
    if any(c and not agent.prior[u] for u, c in enumerate(counts)):
        raise Invalid("histogram: it has a type that cannot occur")
    return counts


def read_paid(game: Game, block: Any, wanted: Wanted) -> Paid:
    """What agents expect to be paid at their reports; nothing where nothing is said."""
    found: Paid = {}
    for name, rows in members(block, "transfers").items():
        i = game.index(name)
        for row in entries(rows, "transfers"):
            if len(entries(row, "transfers")) != 2:
                raise Invalid("transfers: expected a list of a histogram and a number")
            key = (i, read_histogram(game, i, row[0]))
            if key in found:
                raise Invalid("transfers: a histogram comes twice")
            found[key] = rational(row[1])
    if any(found.values()) and (not wanted.transfers or len(game.agents) == 1):
        raise Invalid("transfers: found some, where there may be none")
    return found


def accepted(game: Game, profile: Vector, d: int, quo: int) -> bool:
    """Whether nobody prefers the status quo to a decision, at these types."""
    return all(a.utility[u][d] >= a.utility[u][quo] for a, u in zip(game.agents, profile, strict=True))


def status_quo(mechanism: Mechanism, i: int, true: Vector, wanted: Wanted) -> Fraction:
    """What the status quo is worth on all problems, at a histogram of types."""
    return sum((c * mechanism.game.agents[i].utility[u][wanted.status_quo] for u, c in enumerate(true)), ZERO)
