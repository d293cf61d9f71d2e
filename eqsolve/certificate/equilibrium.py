"""Strategy profiles: what they pay, and whether anybody could do better.

Payoffs add over problems and agents are independent, so all that agent i meets of agent j is how likely j announces v
on problem k. Against that an announcement has a *worth* per problem and true type, and the best message at a type
vector is found by a dynamic program: problem by problem, over how much of the budget is used.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from eqsolve.certificate.game import Agent, Game, Vector
from eqsolve.certificate.reading import Invalid, afford, fields, figure, law, members, rational, shown

Plan = Mapping[Vector, Mapping[Vector, Fraction]]
"""A lottery over messages at every type vector of positive probability."""
Announced = list[list[Fraction]]
"""Probability of announcing v on problem k."""
ZERO = Fraction(0)


@dataclass(frozen=True)
class Profile:
    """A strategy of every agent."""

    game: Game
    plans: tuple[Plan, ...]

    @cached_property
    def announced(self) -> list[Announced]:
        """Per agent, problem and type: the probability that it is announced there."""
        joints = (self.joint(i) for i in range(len(self.plans)))
        return [[[sum(column) for column in zip(*per_k, strict=True)] for per_k in joint] for joint in joints]

    def joint(self, i: int) -> list[list[list[Fraction]]]:
        """λ[k][u][v]: probability that agent i's type is u and its announcement v on problem k."""
        types = range(len(self.game.agents[i].types))
        found = [[[ZERO for _ in types] for _ in types] for _ in range(self.game.copies)]
        for t, lottery in self.plans[i].items():
            chance = self.game.probability(i, t)
            for m, p in lottery.items():
                for k, (u, v) in enumerate(zip(t, m, strict=True)):
                    found[k][u][v] += chance * p
        return found

    def worth(self, i: int) -> list[list[list[Fraction]]]:
        """What announcing v on problem k is worth to agent i's true type u, on average over the others."""
        types = range(len(self.game.agents[i].types))
        found = [[[ZERO for _ in types] for _ in types] for _ in range(self.game.copies)]
        others = [j for j in range(len(self.plans)) if j != i]
        for k, v in itertools.product(range(self.game.copies), self.game.outcomes):
            chance = math.prod((self.announced[j][k][v[j]] for j in others), start=Fraction(1))
            if chance:
                for u in types:
                    found[k][u][v[i]] += chance * self.game.values[i][u, v]
        return found

    def payoff(self, i: int) -> Fraction:
        """Payoff per problem of agent i, ex ante.

        Raises
        ------
        Invalid
            If some message that is played is not a best one: this is no equilibrium.
        """
        agent, worth = self.game.agents[i], self.worth(i)
        scale = math.lcm(*(q.denominator for per_k in worth for row in per_k for q in row))
        whole = [[[int(q * scale) for q in row] for row in per_k] for per_k in worth]
        afford(len(self.plans[i]) * _states(agent, self.game.copies), f"the best messages of agent {shown(agent.name)}")
        total = Fraction(0)
        for t, lottery in self.plans[i].items():
            rows = [per_k[u] for per_k, u in zip(whole, t, strict=True)]
            best = best_message(agent, rows)
            for m in lottery:
                got = sum(row[v] for row, v in zip(rows, m, strict=True))
                if got < best:
                    raise Invalid(
                        f"no equilibrium: at {self.name(i, t)} agent {shown(agent.name)} gains "
                        f"{figure(Fraction(best - got, scale * self.game.copies))} per problem by another message "
                        f"than {self.name(i, m)}"
                    )
            total += self.game.probability(i, t) * best
        return total / (scale * self.game.copies)

    def name(self, i: int, vector: Vector) -> str:
        """A type vector or message as text."""
        return shown(", ".join(self.game.agents[i].types[u] for u in vector))

    def is_label_free(self) -> bool:
        """Whether renaming the problems renames the announcements: so does exchanging any two neighbours."""

        def exchanged(vector: Vector, k: int) -> Vector:
            """The vector after problems k and k + 1 have changed places."""
            return (*vector[:k], vector[k + 1], vector[k], *vector[k + 2 :])

        return all(
            plan[exchanged(t, k)] == {exchanged(m, k): p for m, p in lottery.items()}
            for plan in self.plans
            for t, lottery in plan.items()
            for k in range(self.game.copies - 1)
        )


def best_message(agent: Agent, rows: Sequence[Sequence[int]]) -> int:
    """The most that a message can be worth, when announcing v on problem k is worth ``rows[k][v]``."""
    reached = {(0,) * len(agent.budget): 0}
    for row in rows:
        offers = [max(row[v] for v in ration.types) for ration in agent.budget]
        further: dict[Vector, int] = {}
        for used, value in reached.items():
            for r, ration in enumerate(agent.budget):
                if used[r] < ration.most:
                    state = (*used[:r], used[r] + 1, *used[r + 1 :])
                    further[state] = max(further.get(state, value + offers[r]), value + offers[r])
        reached = further
    return max(
        value
        for used, value in reached.items()
        if all(count >= ration.least for count, ration in zip(used, agent.budget, strict=True))
    )


def _states(agent: Agent, copies: int) -> int:
    """Steps of `best_message`, at most: what is used of all rations but one, times problems and rations."""
    sizes = sorted(r.most + 1 for r in agent.budget)
    return math.prod(sizes[:-1]) * copies * len(sizes)


def read_plans(game: Game, block: Any) -> Profile:
    """Read strategies: every type vector of positive probability, with a lottery over messages within the budget."""
    plans = []
    for i, written in enumerate(game.by_agent(block, "strategies")):
        name = shown(game.agents[i].name)
        plan: dict[Vector, dict[Vector, Fraction]] = {}
        for told, lottery in members(written, f"strategy of agent {name}").items():
            where = f"strategy of agent {name} at {shown(told)}"
            plan[game.vector(i, told)] = law(
                ((game.vector(i, m), p) for m, p in members(lottery, where).items()), where
            )
        if any(not game.agents[i].prior[u] for t in plan for u in t):
            raise Invalid(f"the strategy of agent {name} speaks of a type vector that cannot occur")
        if len(plan) != len(game.agents[i].possible) ** game.copies:
            raise Invalid(f"the strategy of agent {name} covers {len(plan)} type vectors, not all that can occur")
        for m in itertools.chain.from_iterable(plan.values()):
            if not game.agents[i].admits(m):
                raise Invalid(
                    f"{shown(', '.join(game.agents[i].types[v] for v in m))} breaks the budget of agent {name}"
                )
        plans.append(plan)
    afford(len(game.outcomes) * game.copies * sum(len(a.types) for a in game.agents), "the payoffs")
    return Profile(game, tuple(plans))


def read_payoffs(game: Game, block: Any) -> list[Fraction]:
    """A payoff for every agent."""
    return [rational(value) for value in game.by_agent(block, "payoffs")]


def check_equilibrium(profile: Profile, payoffs: Sequence[Fraction]) -> None:
    """That nobody gains by another message at any type vector, and that everybody gets the stated payoff."""
    for i, stated in enumerate(payoffs):
        found = profile.payoff(i)
        if found != stated:
            name = shown(profile.game.agents[i].name)
            raise Invalid(f"agent {name} gets {figure(found)}, not the stated {figure(stated)}")


def read_equilibrium(game: Game, block: Any) -> tuple[Profile, list[Fraction]]:
    """An equilibrium block, checked: strategies that are an equilibrium and pay what it says."""
    stated, strategies = fields(block, "payoffs", "strategies")
    profile, payoffs = read_plans(game, strategies), read_payoffs(game, stated)
    check_equilibrium(profile, payoffs)
    return profile, payoffs


def type_profiles(game: Game) -> Iterator[tuple[Vector, ...]]:
    """Everybody's type vectors, of positive probability."""
    afford(math.prod(len(a.possible) ** game.copies for a in game.agents), "all profiles of type vectors")
    return itertools.product(*(list(game.type_vectors(i)) for i in range(len(game.agents))))
