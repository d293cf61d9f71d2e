"""From a point that floating point takes for an equilibrium to an exact one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from eqsolve.engines.block_bound_comparisons import Booleans, Comparisons, Floats, primitive
from eqsolve.engines.block_bound_proof import ExactLaw, upper_function
from eqsolve.engines.block_bound_region import AT_LEAST, EQUAL, Fact, Region, Setting

CLOSE = 1e-7  # of the largest payoff
Behaviour = tuple[dict[int, Fraction], ...]
"""For every type a lottery over actions."""


@dataclass(frozen=True)
class Profile:
    """An equilibrium of a two-player Bayesian game, with regret exactly 0.

    Attributes
    ----------
    behaviours : pair of tuples of {action: probability}
    payoffs : pair of Fraction
        Ex ante, in the integer units of the game's payoffs.
    """

    behaviours: tuple[Behaviour, Behaviour]
    payoffs: tuple[Fraction, Fraction]


def purified(
    setting: Setting, alive: Sequence[Booleans], lotteries: Sequence[Floats], i: int, maximise: bool
) -> Profile | None:
    """The best equilibrium for player i among those with the best replies of a point.

    Parameters
    ----------
    setting : Setting
    alive : pair of boolean arrays (T, M)
        What may be played in equilibrium.
    lotteries : pair of float arrays (T, M)
    i : int
    maximise : bool

    Returns
    -------
    Profile or None
        None if there is no equilibrium with these best replies.
    """
    free = Setting(setting.comparisons)
    laws = [c.prior @ plays for c, plays in zip(free.comparisons, lotteries, strict=True)]
    best = []
    for p, mine in enumerate(free.comparisons):
        values = mine.scaled @ laws[1 - p]
        best.append((values >= values.max(axis=1, keepdims=True) - CLOSE) & alive[p])
        if not best[p].any(axis=1).all():
            return None
    region = Region(free, best)
    for p in (0, 1):
        _tie(region, p)
    plays = [_solved(region, p, i, maximise) for p in (0, 1)]
    first, second = plays
    return None if first is None or second is None else checked(free, (first, second))


def checked(setting: Setting, behaviours: tuple[Behaviour, Behaviour]) -> Profile | None:
    """The profile if it is an equilibrium, by exact arithmetic; else None."""
    payoffs = []
    for p, mine in enumerate(setting.comparisons):
        law = _law(setting.comparisons[1 - p], behaviours[1 - p])
        total = Fraction(0)
        for t, lottery in enumerate(behaviours[p]):
            values = _interim(mine, t, law)
            if any(values[a] != max(values) for a in lottery):
                return None
            total += mine.weights[t] * max(values)
        payoffs.append(total / mine.total)
    return Profile(behaviours, (payoffs[0], payoffs[1]))


def _law(theirs: Comparisons, behaviour: Behaviour) -> list[Fraction]:
    law = [Fraction(0)] * theirs.shape[1]
    for w, lottery in zip(theirs.weights, behaviour, strict=True):
        for a, q in lottery.items():
            law[a] += w * q
    return [q / theirs.total for q in law]


def _interim(mine: Comparisons, t: int, law: Sequence[Fraction]) -> list[Fraction]:
    chosen = [(b, q) for b, q in enumerate(law) if q]
    return [sum((q * row[b] for b, q in chosen), Fraction(0)) for row in mine.payoffs[t].tolist()]


def _tie(region: Region, p: int) -> None:
    """Let all actions that are alive pay the same at every type of player p."""
    mine = region.setting.comparisons[p]
    seen = set()
    for t, row in enumerate(region.alive[p]):
        first, *others = np.nonzero(row)[0].tolist()
        for a in others:
            fact = _gain(mine, t, first, a, EQUAL)
            if fact is not None and fact.key not in seen:
                seen.add(fact.key)
                region.facts[p].append(fact)


def _gain(mine: Comparisons, t: int, a: int, b: int, sign: int) -> Fact | None:
    """The gain of action a over b as a fact; None if it is always 0."""
    gains = (mine.payoffs[t, a] - mine.payoffs[t, b]).tolist()
    if not any(gains):
        return None
    direction, vector = primitive(gains)
    key = mine.index.get(vector, len(mine.vectors))  # of no consequence
    return Fact(key, vector if direction > 0 else tuple(-x for x in vector), sign)


def _solved(region: Region, a: int, i: int, maximise: bool) -> Behaviour | None:
    """What player a plays: best for player i if i is the other one; comparisons with worse actions on demand."""
    mine, theirs = region.setting.comparisons[1 - a], region.setting.comparisons[a]
    objective = None
    if a != i:
        for t, row in enumerate(region.kept[i]):  # all that is alive pays the same
            region.kept[i][t] = np.arange(len(row)) == row.argmax()
        objective = [x if maximise else -x for x in upper_function(region, i)]
    while True:
        program = ExactLaw(region, a)
        solution = program.solve(objective)
        if solution.status != "optimal":
            return None
        plays: list[dict[int, Fraction]] = [{} for _ in program.weights]
        for g, b, x in zip(program.group, program.action, solution.x, strict=True):
            if x:
                plays[g][b] = x / program.weights[g]
        _, of_type, _ = region.groups(a)
        behaviour = tuple(plays[g] for g in of_type.tolist())
        law = _law(theirs, behaviour)
        broken = {}
        for t, row in enumerate(region.alive[1 - a]):
            first = int(row.argmax())
            values = _interim(mine, t, law)
            for b, value in enumerate(values):
                if value > values[first]:
                    fact = _gain(mine, t, first, b, AT_LEAST)
                    assert fact is not None
                    broken[fact.vector] = fact
        if not broken:
            return behaviour
        region.facts[1 - a].extend(broken.values())
