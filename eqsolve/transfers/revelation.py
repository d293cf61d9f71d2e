"""The revelation principle as an operation: an equilibrium of any mechanism in, a direct mechanism out.

Lecture notes "Designing efficient mechanisms", Propositions 1 and 2. A mechanism is a game in which agents send
messages; what happens is a lottery over decisions, and everybody pays. Strategies may be mixed.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from eqsolve.errors import ModelError, SizeError
from eqsolve.exact.rational import in_words
from eqsolve.rule import Lottery
from eqsolve.transfers.checks import Deviation
from eqsolve.transfers.problem import ZERO, DirectMechanism, QuasiLinearProblem

MAX_OUTCOMES = 200_000

Messages = tuple[int, ...]
"""One message per agent, as indices."""

Plan = tuple[tuple[Fraction, ...], ...]
"""A strategy: for each type the probability of each message."""


@dataclass(frozen=True, eq=False)
class MessageMechanism:
    """A mechanism in which agents send messages.

    Parameters
    ----------
    problem : QuasiLinearProblem
        Decisions, types, utilities.
    messages : per agent the names of its messages
    outcomes : mapping of messages (indices, one per agent) to lottery over decisions and payments
        What happens, and what every agent pays; expected payments where they are drawn by lot.

    Raises
    ------
    ModelError
        If an outcome is missing, or is no lottery with a payment per agent.
    SizeError
        If there are more than `MAX_OUTCOMES` outcomes.
    """

    problem: QuasiLinearProblem
    messages: tuple[tuple[str, ...], ...]
    outcomes: Mapping[Messages, tuple[Lottery, tuple[Fraction, ...]]]

    def __post_init__(self) -> None:
        n, width = self.problem.n, len(self.problem.problem.decisions)
        if len(self.messages) != n or not all(self.messages):
            raise ModelError(f"messages: expected a list of messages for each of the {n} agents")
        size = math.prod(map(len, self.messages))
        if size > MAX_OUTCOMES:
            raise SizeError(
                f"there are {in_words(size)} profiles of messages, at most {MAX_OUTCOMES:,} are looked at; "
                "fewer messages help"
            )
        for sent in self.sent():
            if sent not in self.outcomes:
                raise ModelError(f"outcomes: nothing happens at {self._told(sent)}, expected a lottery and payments")
            lottery, paid = self.outcomes[sent]
            if len(lottery) != width or min(lottery) < 0 or sum(lottery) != 1 or len(paid) != n:
                raise ModelError(f"outcomes: no lottery over decisions with payments at {self._told(sent)}")

    def sent(self) -> itertools.product[Messages]:
        """All profiles of messages."""
        return itertools.product(*(range(len(names)) for names in self.messages))

    def _told(self, sent: Messages) -> str:
        return ", ".join(names[m] for names, m in zip(self.messages, sent, strict=True))

    def payoff(self, i: int, u: int, sent: Messages) -> Fraction:
        """What agent i's type u gets."""
        lottery, paid = self.outcomes[sent]
        worth = self.problem.values[i][u]
        return sum((q * w for q, w in zip(lottery, worth, strict=True) if q), -paid[i])


@dataclass(frozen=True, eq=False)
class Play:
    """Strategies in a mechanism with messages.

    Parameters
    ----------
    mechanism : MessageMechanism
    strategies : one per agent
        For each type the probability of each message.

    Raises
    ------
    ModelError
        If a strategy is none.
    """

    mechanism: MessageMechanism
    strategies: tuple[Plan, ...]

    def __post_init__(self) -> None:
        problem = self.mechanism.problem
        if len(self.strategies) != problem.n:
            raise ModelError(f"strategies: found {len(self.strategies)}, expected one for each of {problem.n} agents")
        for agent, names, plan in zip(problem.problem.agents, self.mechanism.messages, self.strategies, strict=True):
            if len(plan) != len(agent.types):
                raise ModelError(f"strategies: agent {agent.name!r}: expected a lottery for each of its types")
            for kind, row in zip(agent.types, plan, strict=True):
                if len(row) != len(names) or min(row) < 0 or sum(row) != 1:
                    raise ModelError(f"strategies: agent {agent.name!r}, type {kind.name!r}: found no lottery")

    @classmethod
    def pure(cls, mechanism: MessageMechanism, choices: Sequence[Sequence[str]]) -> Play:
        """Every type of every agent sends one message, given by its name."""
        plans = []
        for names, row in zip(mechanism.messages, choices, strict=True):
            for name in row:
                if name not in names:
                    raise ModelError(f"strategies: found {name!r}, expected one of {', '.join(names)}")
            plans.append(tuple(tuple(Fraction(int(name == m)) for m in names) for name in row))
        return cls(mechanism, tuple(plans))

    @cached_property
    def deviation(self) -> Deviation | None:
        """The message that gains most in expectation at some type that can occur; None in an equilibrium."""
        problem, found = self.mechanism.problem, []
        for i, agent in enumerate(problem.problem.agents):
            laws = [self._law(j) for j in range(problem.n) if j != i]
            for u, kind in enumerate(agent.types):
                if not kind.prob:
                    continue
                worth = [ZERO] * len(self.mechanism.messages[i])
                for others, weight in _joint(laws):
                    for m in range(len(worth)):
                        worth[m] += weight * self.mechanism.payoff(i, u, (*others[:i], m, *others[i:]))
                found += self._gain(i, u, worth, None)
        return max(found, key=lambda d: d.gain, default=None)

    @cached_property
    def dominated(self) -> Deviation | None:
        """The message that gains most against some messages of the others; None if strategies are dominant."""
        problem, found = self.mechanism.problem, []
        for i, agent in enumerate(problem.problem.agents):
            names = self.mechanism.messages
            for others in itertools.product(*(range(len(names[j])) for j in range(problem.n) if j != i)):
                rest = [j for j in range(problem.n) if j != i]
                told = {problem.problem.agents[j].name: names[j][m] for j, m in zip(rest, others, strict=True)}
                for u in range(len(agent.types)):
                    worth = [self.mechanism.payoff(i, u, (*others[:i], m, *others[i:])) for m in range(len(names[i]))]
                    found += self._gain(i, u, worth, told)
        return max(found, key=lambda d: d.gain, default=None)

    def _gain(self, i: int, u: int, worth: Sequence[Fraction], others: Mapping[str, str] | None) -> list[Deviation]:
        """The best message beside what is played, if it gains."""
        played = sum((q * w for q, w in zip(self.strategies[i][u], worth, strict=True)), ZERO)
        best = max(worth)
        if best <= played:
            return []
        agent = self.mechanism.problem.problem.agents[i]
        message = self.mechanism.messages[i][worth.index(best)]
        return [Deviation(agent.name, agent.types[u].name, message, others, played, best)]

    def _law(self, j: int) -> dict[int, Fraction]:
        """Probability of each message of agent j."""
        law: dict[int, Fraction] = {}
        for q, row in zip(self.mechanism.problem.problem.agents[j].prior, self.strategies[j], strict=True):
            for m, chance in enumerate(row):
                if q and chance:
                    law[m] = law.get(m, ZERO) + q * chance
        return law

    def direct(self) -> DirectMechanism:
        """The direct mechanism that sends the messages for the agents: it does what the play does.

        Returns
        -------
        DirectMechanism
            If the strategies are an equilibrium, truth is one: `Checks` of it finds no deviation in expectation. If
            they are dominant, truth is.
        """
        problem, width = self.mechanism.problem, len(self.mechanism.problem.problem.decisions)
        allocation, transfers = [], []
        for profile in problem.profiles:
            laws = [
                {m: q for m, q in enumerate(plan[u]) if q} for plan, u in zip(self.strategies, profile, strict=True)
            ]
            lottery, paid = [ZERO] * width, [ZERO] * problem.n
            for sent, weight in _joint(laws):
                drawn, charged = self.mechanism.outcomes[sent]
                lottery = [a + weight * b for a, b in zip(lottery, drawn, strict=True)]
                paid = [a + weight * b for a, b in zip(paid, charged, strict=True)]
            allocation.append(tuple(lottery))
            transfers.append(tuple(paid))
        return DirectMechanism(problem, tuple(allocation), tuple(transfers), "direct")


def _joint(laws: Sequence[Mapping[int, Fraction]]) -> list[tuple[Messages, Fraction]]:
    """Profiles of independent messages with their probabilities."""
    found: list[tuple[Messages, Fraction]] = [((), Fraction(1))]
    for law in laws:
        found = [((*sent, m), weight * q) for sent, weight in found for m, q in law.items()]
    return found
