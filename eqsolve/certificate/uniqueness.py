"""Whether all equilibria are the same, up to renaming the problems.

Two equilibria are told apart by their maps from profiles of type vectors to what happens: the lottery over decisions
on every problem (*outcomes*), or everybody's payoff (*payoffs*). They are the same up to renaming if one renaming of
the problems, the same for everybody, carries one map into the other. Equilibria that differ only by announcements with
equal payoffs have the same map of payoffs.

All are the same if, after messages that no equilibrium plays are removed, at every type vector every message that is
left leads to the same outcomes, or pays everybody the same, whatever is left of the others.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Hashable
from fractions import Fraction
from typing import Any

from eqsolve.certificate.equilibrium import Profile, type_profiles
from eqsolve.certificate.game import Game, Lottery, Vector
from eqsolve.certificate.reading import Invalid, afford, shown
from eqsolve.certificate.reduction import representatives, surviving

MAX_RENAMED = 9
Outcome = tuple[Lottery, ...]
"""The lottery over decisions on every problem."""


def check_differ(first: Profile, second: Profile, says: str) -> None:
    """That two equilibria differ, however the problems are renamed.

    Different ex ante payoffs settle it. With equal ones outcomes may differ, but that does not make two equilibria out
    of payoff-equivalent announcements, so only ``outcome-unique`` is refuted then.
    """
    game = first.game
    if any(first.payoff(i) != second.payoff(i) for i in range(len(game.agents))):
        return
    if says != "outcome-unique":
        raise Invalid("both pay the same, and may differ in payoff-equivalent announcements only")
    if game.copies > MAX_RENAMED:
        raise Invalid(f"the payoffs are the same, and {game.copies} problems have too many renamings to try all")
    one, two = _outcome_map(first), _outcome_map(second)
    afford(len(one) * game.copies * len(game.agents), "the outcomes of both equilibria")
    for order in itertools.permutations(range(game.copies)):

        def renamed(vector: tuple[Any, ...], order: tuple[int, ...] = order) -> tuple[Any, ...]:
            """A vector over the problems in another order, bound here because the loop changes it."""
            return tuple(vector[k] for k in order)

        if all(renamed(outcome) == two[tuple(map(renamed, types))] for types, outcome in one.items()):
            raise Invalid("the equilibria are the same up to renaming problems")


def _outcome_map(profile: Profile) -> dict[tuple[Vector, ...], Outcome]:
    """The lottery on every problem at every profile of type vectors."""
    game = profile.game
    work = math.prod(len(a.possible) ** game.copies for a in game.agents) * len(game.outcomes)
    afford(work * game.copies * len(game.decisions), "the outcomes of an equilibrium")
    told = [{t: _announced(game, i, lottery) for t, lottery in plan.items()} for i, plan in enumerate(profile.plans)]
    found = {}
    for types in type_profiles(game):
        laws = [law[t] for law, t in zip(told, types, strict=True)]
        found[types] = tuple(_mixed(game, [law[k] for law in laws]) for k in range(game.copies))
    return found


def _announced(game: Game, i: int, lottery: Any) -> list[list[Fraction]]:
    """Probability of announcing v on problem k, under a lottery over messages."""
    found = [[Fraction(0)] * len(game.agents[i].types) for _ in range(game.copies)]
    for m, p in lottery.items():
        for k, v in enumerate(m):
            found[k][v] += p
    return found


def _mixed(game: Game, laws: list[list[Fraction]]) -> Lottery:
    """The lottery over decisions on a problem, when agents announce independently by these laws."""
    total = [Fraction(0)] * len(game.decisions)
    for w in itertools.product(*([v for v, p in enumerate(law) if p] for law in laws)):
        chance = math.prod((law[v] for law, v in zip(laws, w, strict=True)), start=Fraction(1))
        for d, p in enumerate(game.outcomes[w]):
            total[d] += chance * p
    return tuple(total)


def check_unique(game: Game, says: str, reduction: Any) -> None:
    """That the messages that are left lead to the same outcomes, or pay everybody the same."""
    left = surviving(game, reduction)
    pairs = [[(t, m) for t, messages in plan.items() for m in messages] for plan in left]
    work = math.prod(map(len, pairs)) * game.copies * len(game.agents)
    afford(work, "that all messages which are left come to the same")
    effect = _lotteries(game) if says == "outcome-unique" else _sums(game)
    for i, plan in enumerate(left):
        others = [range(1) if j == i else range(len(pairs[j])) for j in range(len(pairs))]
        for t in representatives(plan):
            for chosen in itertools.product(*others):
                played = [pairs[j][c] for j, c in enumerate(chosen)]
                results = {effect([*played[:i], (t, m), *played[i + 1 :]]) for m in plan[t]}
                if len(results) > 1:
                    name = shown(", ".join(game.agents[i].types[u] for u in t))
                    raise Invalid(f"at {name} agent {shown(game.agents[i].name)} is left with messages that differ")


Played = list[tuple[Vector, Vector]]
"""Type vector and message of every agent."""


def _lotteries(game: Game) -> Callable[[Played], Hashable]:
    return lambda played: tuple(game.outcomes[v] for v in zip(*(m for _, m in played), strict=True))


def _sums(game: Game) -> Callable[[Played], Hashable]:
    def sums(played: Played) -> Hashable:
        """What each agent gets over all problems, by its own types and everybody's announcements."""
        announced = list(zip(*(m for _, m in played), strict=True))
        return tuple(
            sum(values[u, v] for u, v in zip(t, announced, strict=True))
            for values, (t, _) in zip(game.values, played, strict=True)
        )

    return sums
