"""Iterated best responses in the separable form, from given announcements and with given ways to break ties."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from eqsolve.engines.rationed_choice import SAFE, Ids, Integers
from eqsolve.forms.separable import Marginals, SeparableForm, listed_worth
from eqsolve.search.walk import favour
from eqsolve.strategy import Strategy

ROUNDS = 30


@dataclass(frozen=True, eq=False)
class TieRule:
    """Which of its best messages an agent takes.

    Parameters
    ----------
    prefer : integer array (K, m, m)
        The sum of this over the problems decides.
    ally : int, optional
        An agent whose payoff comes first: it is served (`sign` 1) or hurt (-1) where one's own payoff allows.
    sign : {1, -1}
    """

    prefer: Integers
    ally: int | None = None
    sign: int = 1


@dataclass(frozen=True, eq=False)
class Start:
    """Where a run begins.

    Parameters
    ----------
    marginals : mapping of active agent to Marginals
        What the others are taken to announce at first.
    rules : mapping of active agent to TieRule
    order : sequence of active agents
        Who moves when.
    """

    marginals: Mapping[int, Marginals]
    rules: Mapping[int, TieRule]
    order: Sequence[int]


@dataclass(frozen=True, eq=False)
class End:
    """Where a run ends.

    Parameters
    ----------
    messages : mapping of active agent to integer array (T, K)
        A message for every type vector.
    settled : bool
        Whether everybody answers best to the others.
    visited : mapping of active agent to list of integer arrays (T, K)
        What was sent while the run went round in a circle; empty where it settled.
    """

    messages: Mapping[int, Ids]
    settled: bool
    visited: Mapping[int, list[Ids]]


class BestReplies:
    """Sequential best responses of a game.

    Parameters
    ----------
    form : SeparableForm
    """

    def __init__(self, form: SeparableForm) -> None:
        self.form = form
        self.active = form.game.active

    @cached_property
    def vectors(self) -> dict[int, Ids]:
        """Type vectors of every active agent."""
        return {i: self.form.vectors(i) for i in self.active}

    @cached_property
    def weights(self) -> dict[int, tuple[Integers, int]]:
        """Their probabilities."""
        return {i: self.form.weights(i) for i in self.active}

    def run(self, start: Start, deadline: float | None = None) -> End | None:
        """Iterate until nobody moves.

        Ties are broken by the rules until the run repeats itself, or for half of the rounds; from then on an agent
        keeps a message that is best.
        None if the deadline passes.
        """
        marginals = dict(start.marginals)
        messages: dict[int, Ids] = {}
        seen: set[tuple[bytes, ...]] = set()
        visited: dict[int, list[Ids]] = {i: [] for i in self.active}
        keep = False
        for number in range(ROUNDS):
            moved = False
            for i in start.order:
                if deadline is not None and time.monotonic() > deadline:
                    return None
                answer = self._answer(i, marginals, messages, start.rules[i], keep)
                if i not in messages or (answer != messages[i]).any():
                    moved = True
                    messages[i] = answer
                    marginals[i] = self.form.announced_by(i, answer, self.weights[i])
            if not moved:
                return End(messages, True, {})
            state = tuple(messages[i].tobytes() for i in self.active)
            if state in seen and keep:
                break
            if state in seen or number == ROUNDS // 2:
                keep = True
                seen.clear()
            seen.add(state)
            if keep:
                for i in self.active:
                    visited[i].append(messages[i])
        return End(messages, False, visited)

    def _answer(
        self, i: int, marginals: Mapping[int, Marginals], messages: Mapping[int, Ids], rule: TieRule, keep: bool
    ) -> Ids:
        """A best response of agent i to the others' announcements."""
        worth = self.form.worth(i, marginals)
        best = self.form.best_responses(i, worth, self._preference(i, marginals, messages, rule))
        answer = best.messages(self.vectors[i])
        if not keep:
            return answer
        before = messages[i]
        same = listed_worth(worth.table, self.vectors[i], before) == best.all_values(self.vectors[i])
        return np.where(same.astype(bool)[:, None], before, answer)

    def _preference(
        self, i: int, marginals: Mapping[int, Marginals], messages: Mapping[int, Ids], rule: TieRule
    ) -> Integers:
        ally = rule.ally
        if ally is None or ally == i or (ally in self.active and ally not in messages):
            return rule.prefer
        joint = self._joint(ally, messages[ally]) if ally in messages else None
        slope = favour(self.form, i, ally, marginals, joint) * rule.sign
        span = 2 * sum(max(abs(int(x)) for x in part.flat) for part in rule.prefer) + 1
        combined: Integers = slope[:, None, :] * span + rule.prefer
        return combined

    def _joint(self, j: int, messages: Ids) -> Integers:
        """Joint marginals of the true and announced types of agent j, up to a positive factor; (K, m, m)."""
        vectors, (weights, total) = self.vectors[j], self.weights[j]
        types = len(self.form.game.problem.agents[j].types)
        joint = np.zeros((self.form.game.copies, types, types), dtype=np.int64 if total < SAFE else object)
        for u in set(vectors.flat):
            for v in range(types):
                joint[:, u, v] = weights @ ((vectors == u) & (messages == v)).astype(weights.dtype)
        return joint

    def strategy(self, i: int, messages: Ids) -> Strategy:
        """The pure strategy that sends the listed messages."""
        rows = zip(self.vectors[i].tolist(), messages.tolist(), strict=True)
        return Strategy.pure({tuple(t): tuple(m) for t, m in rows})
