"""Messages that no equilibrium plays: interim strictly dominated ones, removed step by step.

At a type vector a message is removed if a lottery over messages pays strictly more against every strategy that the
others have left. The game looks the same when the problems are renamed, and so does what is left at every stage: so a
step removes the renamed message at every renamed type vector along with the one that it names.
"""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from functools import cache
from typing import Any

from eqsolve.certificate.game import Game, Vector
from eqsolve.certificate.reading import Invalid, afford, entries, fields, law, members, shown

Survivors = list[dict[Vector, list[Vector]]]
"""Per agent the messages that are left at every type vector of positive probability."""


def surviving(game: Game, steps: Any) -> Survivors:
    """What is left after the steps ``{"agent", "types", "message", "by": {message: q}}``, each of which is checked.

    A step may name something that an earlier one has removed together with its renamings.
    """
    agents = range(len(game.agents))
    for i in agents:
        afford(game.copies * len(game.agents[i].possible) ** game.copies * len(game.messages(i)), "all messages")
    left: Survivors = [{t: game.messages(i) for t in game.type_vectors(i)} for i in agents]
    listed = entries(steps, "reduction")
    for number, step in enumerate(listed, start=1):
        name, types, told, by = fields(step, "agent", "types", "message", "by")
        i = game.index(name)
        t, m = game.vector(i, types), game.vector(i, told)
        if t not in left[i] or not game.agents[i].admits(m):
            raise Invalid(f"step {number}: a type vector that cannot occur, or a message that breaks the budget")
        if m not in left[i][t]:
            continue
        better = law(((game.vector(i, w), q) for w, q in members(by, "by").items()), f"step {number}")
        if not all(game.agents[i].admits(w) for w in better):
            raise Invalid(f"step {number}: {shown(told)} is compared with a message that breaks the budget")
        afford(len(listed) * _size(game, i, left), f"{len(listed):,} eliminations")
        if _least_gain(game, i, t, m, better, left) <= 0:
            raise Invalid(f"step {number}: {shown(told)} is not strictly dominated at {shown(types)}")
        _remove(left[i], t, m)
        if not left[i][t]:
            raise Invalid(f"step {number}: nothing is left at {shown(types)}")
    return left


def _size(game: Game, i: int, left: Survivors) -> int:
    """Steps of `_least_gain`: everything that the others may announce, at all their type vectors."""
    others = (sum(map(len, left[j].values())) for j in game.active if j != i)
    return game.copies * math.prod(others)


def _least_gain(game: Game, i: int, t: Vector, m: Vector, better: dict[Vector, Fraction], left: Survivors) -> Fraction:
    """The least that `better` gains over m at t: at every profile of the others' type vectors against their worst."""
    others = [j for j in game.active if j != i]
    values = game.values[i]
    gains: list[dict[Vector, Fraction]] = []  # per problem {what the others announce there: gain}
    for k, u in enumerate(t):
        told = itertools.product(*(game.announceable(j) for j in others))
        gains.append(
            {
                w: sum((q * values[u, game.profile(i, b[k], w)] for b, q in better.items()), Fraction(0))
                - values[u, game.profile(i, m[k], w)]
                for w in told
            }
        )
    scale = math.lcm(*(gain.denominator for per_k in gains for gain in per_k.values()))
    whole = [{w: int(gain * scale) for w, gain in per_k.items()} for per_k in gains]

    @cache
    def gain(messages: tuple[Vector, ...]) -> int:
        """What `better` gains over m, times the scale, against one message of every other agent."""
        announced = list(zip(*messages, strict=True)) or [()] * game.copies
        return sum(per_k[w] for per_k, w in zip(whole, announced, strict=True))

    total = Fraction(0)
    for vectors in itertools.product(*(left[j] for j in others)):
        chance = math.prod((game.probability(j, v) for j, v in zip(others, vectors, strict=True)), start=Fraction(1))
        total += chance * min(map(gain, itertools.product(*(left[j][v] for j, v in zip(others, vectors, strict=True)))))
    return total


def _remove(left: dict[Vector, list[Vector]], t: Vector, m: Vector) -> None:
    """Remove m at t, and the renamed message at every renamed type vector: all pairs of the same lie table."""
    table = sorted(zip(t, m, strict=True))
    for types in left:
        if sorted(types) == sorted(t):
            left[types] = [w for w in left[types] if sorted(zip(types, w, strict=True)) != table]


def representatives(left: dict[Vector, list[Vector]]) -> list[Vector]:
    """A type vector for every histogram of types; what survives at the others is the same, renamed."""
    return [t for t in left if list(t) == sorted(t)]
