"""Whether an equilibrium is collusive: who coordinates on the labels of the problems, and who gains by it.

What moves agent i's payoff is ``J_i(u, v, w) = Σ_k λ_i[k,u,v] Π_{j≠i} μ_j[k,w_j]``: how its true and announced types go
together with what others announce, problem by problem. Agents whose labels move i are joined to it by an edge; a
*coalition* is a connected component. It colludes if, against the label-free equilibrium, none of its members loses and
one gains, while somebody outside, or the rule's objective, loses.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from fractions import Fraction

from eqsolve.certificate.equilibrium import Profile
from eqsolve.certificate.reading import Invalid, afford, figure, shown


def check_collusive(profile: Profile, gains: Sequence[Fraction], coalition: Sequence[int]) -> None:
    """That a coalition coordinates and colludes; gains are counted against the label-free equilibrium."""
    game = profile.game
    if sorted(coalition) not in components(profile):
        names = ", ".join(game.agents[i].name for i in coalition)
        raise Invalid(f"the agents {shown(names)} are not those that coordinate with each other")
    inside = [gains[i] for i in coalition]
    outside = [g for i, g in enumerate(gains) if i not in coalition]
    objective = sum((w * g for w, g in zip(game.weights, gains, strict=True)), Fraction(0))
    if min(inside) < 0 or max(inside) <= 0:
        raise Invalid(f"the coalition's members gain {', '.join(map(figure, inside))}: one loses, or none gains")
    if min(outside, default=Fraction(0)) >= 0 and objective >= 0:
        raise Invalid("nobody outside the coalition loses, nor does the rule's objective")


def components(profile: Profile) -> list[list[int]]:
    """Agents joined by edges, in either direction: the connected components of at least two agents."""
    game = profile.game
    part = {i: {i} for i in game.active}
    for i in game.active:
        for group in _moving(profile, i):
            for j in group:
                part |= dict.fromkeys(part[i] | part[j], part[i] | part[j])
    return sorted(sorted(p) for p in set(map(frozenset, part.values())) if len(p) > 1)


def _moving(profile: Profile, i: int) -> list[tuple[int, ...]]:
    """The smallest sets of others whose labels move agent i."""
    found: list[tuple[int, ...]] = []
    others = [j for j in profile.game.active if j != i]
    own = _centred(profile, i)
    for size in range(1, len(others) + 1):
        for group in itertools.combinations(others, size):
            if not any(set(smaller) <= set(group) for smaller in found) and _moves(profile, own, group):
                found.append(group)
    return found


def _centred(profile: Profile, i: int) -> list[list[list[Fraction]]]:
    """λ_i minus its mean over the problems: what i's own labels add. Without them others' coordination is not its."""
    joint, copies = profile.joint(i), profile.game.copies
    types = range(len(joint[0]))
    mean = [[sum((per_k[u][v] for per_k in joint), Fraction(0)) / copies for v in types] for u in types]
    return [[[per_k[u][v] - mean[u][v] for v in types] for u in types] for per_k in joint]


def _moves(profile: Profile, own: list[list[list[Fraction]]], group: Sequence[int]) -> bool:
    """Whether Σ_k (λ_i[k,u,v] - mean) Π_j μ_j[k,w_j] is not 0 somewhere."""
    types = range(len(own[0]))
    announced = [profile.announced[j] for j in group]
    afford(math.prod(len(mu[0]) for mu in announced) * len(types) ** 2 * len(own), "who coordinates with whom")
    for w in itertools.product(*(range(len(mu[0])) for mu in announced)):
        chances = [
            math.prod((mu[k][v] for mu, v in zip(announced, w, strict=True)), start=Fraction(1))
            for k in range(len(own))
        ]
        for u, v in itertools.product(types, types):
            if sum(per_k[u][v] * p for per_k, p in zip(own, chances, strict=True)):
                return True
    return False
