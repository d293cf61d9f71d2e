"""A best response that keeps others' strategies best: a linear program in one agent's lotteries.

What agent i announces enters the others' interim payoffs linearly, through its announcement marginals. So the best
responses of i against which given messages of the others stay best are a polytope; any of its points gives another
equilibrium. Constraints are added when they are violated: the dynamic program over budgets finds the best message of
every type vector, and what it changes is taken apart into exchanges of announcements between few problems.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from eqsolve.engines.lp import solve_lp
from eqsolve.engines.rationed_choice import Ids, Integers
from eqsolve.forms.separable import Marginals, SeparableForm, listed_worth
from eqsolve.search.symmetry import Blocks, Plan
from eqsolve.strategy import Vector

MAX_ROUNDS = 60
Open = Mapping[Vector, Sequence[Vector]]
"""Messages that are open at each type vector (that stands for its class)."""
Exchange = frozenset[tuple[int, int, int, int]]
"""Problems with a true type, what is announced there, and what would be announced instead."""
Functional = list[list[int]]
"""What a unit of an announcement counts, by block and announced type."""
Reward = Mapping[tuple[Vector, Vector], int]
"""What sending a message at a type vector counts; nothing where it is left out."""


@dataclass(frozen=True, eq=False)
class Aim:
    """What an agent's lotteries should make large: a function of its announcement marginals, or of what it sends."""

    announced: Functional | None = None
    sent: Reward | None = None


def influence(form: SeparableForm, i: int, j: int, marginals: Mapping[int, Marginals]) -> Integers:
    """What agent i's announcement w on problem k adds to the worth of v to agent j's true type u; (K, m, m, m_i).

    Up to a positive factor; the other agents announce as told.
    """
    types = len(form.game.problem.agents[i].types)
    parts = []
    for w in range(types):
        counts = np.zeros((form.game.copies, types), dtype=np.int64)
        counts[:, w] = 1
        parts.append(form.worth(j, {**marginals, i: Marginals(counts, 1)}).table)
    return np.stack(parts, axis=3)


@dataclass(frozen=True, eq=False)
class Held:
    """Messages of an agent that are to stay best.

    Parameters
    ----------
    j : int
    vectors, messages : integer arrays (S, K)
        Pairs of type vectors and messages.
    influence : integer array (K, m, m, m_i)
        Of the agent who moves on agent j.
    """

    j: int
    vectors: Ids
    messages: Ids
    influence: Integers

    @classmethod
    def of(cls, j: int, open_: Open, influenced: Integers) -> Held:
        """From lists of messages."""
        pairs = [(t, m) for t, messages in open_.items() for m in messages]
        return cls(j, np.array([t for t, _ in pairs]), np.array([m for _, m in pairs]), influenced)


class Reply:
    """The program of one agent, for one objective after the other.

    Parameters
    ----------
    blocks : Blocks
        All strategies treat the problems of a block alike.
    i : int
        The agent who moves.
    open_ : messages among which it may choose
    held : what the others have to find best
    marginals : of all active agents; those of agent i are not looked at
    """

    def __init__(
        self, blocks: Blocks, i: int, open_: Open, held: Sequence[Held], marginals: Mapping[int, Marginals]
    ) -> None:
        self.blocks = blocks
        self.form = blocks.form
        self.i = i
        self.held = held
        self.others = {j: m for j, m in marginals.items() if j != i}
        self.variables = [(t, m) for t, messages in open_.items() for m in messages]
        self.types = len(self.form.game.problem.agents[i].types)
        self._simplex: list[dict[int, int]] = []
        place: dict[Vector, int] = {}
        for c, (t, _) in enumerate(self.variables):
            if t not in place:
                place[t] = len(place)
                self._simplex.append({})
            self._simplex[place[t]][c] = 1
        self._counts = self._announced()
        self._cuts: dict[tuple[int, tuple[tuple[int, int, int, int], ...]], dict[int, int]] = {}

    def _announced(self) -> Integers:
        """What a variable adds to the marginals of i, by block and type, up to a common factor; (N, B, m)."""
        weights = self.blocks.weights(self.i)
        common = math.lcm(*self.blocks.sizes)
        counts = np.zeros((len(self.variables), len(self.blocks.blocks), self.types), dtype=object)
        for c, (t, m) in enumerate(self.variables):
            for k, v in enumerate(m):
                b = self.blocks.label[k]
                counts[c, b, v] += weights[t] * (common // self.blocks.sizes[b])
        return counts

    def row(self, functional: Functional) -> dict[int, int]:
        """A functional of the marginals as a function of the variables."""
        values = (self._counts * np.array(functional, dtype=object)[None]).sum(axis=(1, 2))
        common = math.gcd(*(int(x) for x in values)) or 1
        return {c: int(x) // common for c, x in enumerate(values) if x}

    def solve(self, aim: Aim) -> Plan | None:
        """The plan that serves an aim best; None if nothing keeps the others' messages best.

        Also None after `MAX_ROUNDS` rounds of new constraints.
        """
        objective = self._objective(aim)
        for _ in range(MAX_ROUNDS):
            solution = solve_lp(
                [objective.get(c, 0) for c in range(len(self.variables))],
                A_ub=list(self._cuts.values()),
                b_ub=[0] * len(self._cuts),
                A_eq=self._simplex,
                b_eq=[1] * len(self._simplex),
                maximise=True,
            )
            if solution.status != "optimal":
                return None
            plan: dict[Vector, dict[Vector, Fraction]] = {}
            for (t, m), p in zip(self.variables, solution.x, strict=True):
                if p:
                    plan.setdefault(t, {})[m] = p
            marginals = {**self.others, self.i: self.blocks.marginals(self.i, plan)}
            if not self._separate(marginals):
                return plan
        return None

    def _objective(self, aim: Aim) -> dict[int, int]:
        if aim.sent is not None:
            weights = self.blocks.weights(self.i)
            return {c: aim.sent[pair] * weights[pair[0]] for c, pair in enumerate(self.variables) if pair in aim.sent}
        return self.row(aim.announced) if aim.announced is not None else {}

    def _separate(self, marginals: Mapping[int, Marginals]) -> bool:
        """Add the constraints that are violated; whether there were any."""
        before = len(self._cuts)
        for held in self.held:
            worth = self.form.worth(held.j, marginals)
            best = self.form.best_responses(held.j, worth)
            got = listed_worth(worth.table, held.vectors, held.messages)
            for s in np.nonzero((got < best.all_values(held.vectors)).astype(bool))[0]:
                t, m = held.vectors[s].tolist(), held.messages[s].tolist()
                better = best.messages(held.vectors[s : s + 1])[0].tolist()
                for exchange in exchanges(self.form, held.j, t, m, better):
                    if sum(int(worth.table[k, u, w] - worth.table[k, u, v]) for k, u, v, w in exchange) > 0:
                        self._cut(held, exchange)
        return len(self._cuts) > before

    def _cut(self, held: Held, exchange: Exchange) -> None:
        """Require that an exchange of announcements gains agent j nothing."""
        label = self.blocks.label
        key = (held.j, tuple(sorted((label[k], u, v, w) for k, u, v, w in exchange)))
        if key in self._cuts:
            return
        functional: Functional = [[0] * self.types for _ in self.blocks.blocks]
        for k, u, v, w in exchange:
            for x in range(self.types):
                functional[label[k]][x] += int(held.influence[k, u, w, x] - held.influence[k, u, v, x])
        self._cuts[key] = self.row(functional)


def exchanges(
    form: SeparableForm, j: int, vector: Sequence[int], message: Sequence[int], other: Sequence[int]
) -> list[Exchange]:
    """The change from one message to another, taken apart into changes that the budget allows on their own.

    Changes move announcements between the groups of the budget; where they close cycles, each cycle is one.
    """
    group = {v: g for g, ration in enumerate(form.rations[j]) for v in ration.members}
    left = [k for k in range(len(message)) if message[k] != other[k]]

    def told(problems: Sequence[int]) -> Exchange:
        """The change of announcements on some problems."""
        return frozenset((k, vector[k], message[k], other[k]) for k in problems)

    everything = told(left)
    parts: list[Exchange] = []
    while left:
        node = group[message[left[0]]]
        path: list[int] = []
        seen: dict[int, int] = {}
        while node not in seen:
            seen[node] = len(path)
            k = next((k for k in left if k not in path and group[message[k]] == node), None)
            if k is None:  # an open path: the totals of the groups change
                return [everything]
            path.append(k)
            node = group[other[k]]
        cycle = path[seen[node] :]
        parts.append(told(cycle))
        left = [k for k in left if k not in cycle]
    return parts
