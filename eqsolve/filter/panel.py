"""Who announces what, and how often: all that the correlation filter knows of a game."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from eqsolve.budget import Budget, Histogram, multinomial
from eqsolve.errors import ModelError, NotSupported
from eqsolve.linking import LinkedGame, apply_budgets
from eqsolve.problem import DecisionProblem, check_distinct, check_name

if TYPE_CHECKING:
    from eqsolve.model import Model

Vector = tuple[int, ...]
"""Type indices, one per problem."""


@dataclass(frozen=True)
class Panel:
    """Agents with exact budgets.

    Parameters
    ----------
    names : tuple of str
        One per agent.
    types : tuple of tuples of str
        The types that each agent may announce.
    budgets : tuple of tuples of int
        How often each agent announces each type; all sum to K, the number of problems.
    priors : tuple of tuples of Fraction, optional
        Probability of each agent's types; only simulated play uses them.

    Raises
    ------
    ModelError
        If names repeat or budgets do not fit.
    """

    names: tuple[str, ...]
    types: tuple[tuple[str, ...], ...]
    budgets: tuple[Histogram, ...]
    priors: tuple[tuple[Fraction, ...], ...] | None = None

    def __post_init__(self) -> None:
        for name in self.names:
            check_name(name, "agent")
        check_distinct(self.names, "agents")
        if not self.names or len(self.names) != len(self.types) or len(self.names) != len(self.budgets):
            raise ModelError(
                f"panel: found {len(self.names)} agents, {len(self.types)} lists of types and {len(self.budgets)} "
                "budgets, expected as many of each, at least one"
            )
        for name, types, budget in zip(self.names, self.types, self.budgets, strict=True):
            check_distinct(types, f"agent {name!r}: types")
            if len(types) != len(budget) or min(budget, default=-1) < 0 or sum(budget) != self.copies:
                raise ModelError(
                    f"agent {name!r}: found the budget {list(budget)}, expected {len(types)} counts from 0 up "
                    f"that sum to {self.copies}"
                )
        if self.copies < 1:
            raise ModelError("panel: found no problems, expected at least one")

    @classmethod
    def of_game(cls, game: LinkedGame) -> Panel:
        """The agents of a linked game.

        Raises
        ------
        NotSupported
            If somebody's budget is loose: then the frequencies of independent announcements are not known.
        """
        return cls.of_problem(game.problem, game.budgets)

    @classmethod
    def of_model(cls, model: Model, copies: int | None = None) -> Panel:
        """The agents of a model linked on `copies` problems, whatever its other options are.

        Raises
        ------
        ModelError
            If the budgets cannot be met on that many problems.
        NotSupported
            If somebody's budget is loose.
        """
        fixed = model.fixed_copies
        if copies is not None and (copies < 1 or (fixed is not None and copies != fixed)):
            expected = "at least 1" if fixed is None else f"{fixed}, the sum of the counts in link.budget"
            raise ModelError(f"copies: found {copies}, expected {expected}")
        number = copies or fixed or model.copies
        return cls.of_problem(model.problem, apply_budgets(model.problem, model.budget_rules, number))

    @classmethod
    def of_problem(cls, problem: DecisionProblem, budgets: Sequence[Budget]) -> Panel:
        """The agents of a decision problem under budgets that have been applied already."""
        counts = []
        for agent, budget in zip(problem.agents, budgets, strict=True):
            if budget.counts is None:
                raise NotSupported(
                    f"link.budget: agent {agent.name!r} has a loose budget; a filter compares announcements with "
                    "frequencies that an exact budget (frequencies, counts) fixes"
                )
            counts.append(budget.counts)
        return cls(
            tuple(a.name for a in problem.agents),
            tuple(a.type_names for a in problem.agents),
            tuple(counts),
            tuple(a.prior for a in problem.agents),
        )

    @property
    def n(self) -> int:
        """Number of agents."""
        return len(self.names)

    @property
    def copies(self) -> int:
        """K, the number of problems."""
        return sum(self.budgets[0])

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of types of each agent."""
        return tuple(len(types) for types in self.types)

    @cached_property
    def choosing(self) -> tuple[int, ...]:
        """Agents with more than one message. The others always look independent, and so does everybody beside them.

        An agent who moves nobody's payoff is among them: the source compares all pairs.
        """
        return tuple(i for i, budget in enumerate(self.budgets) if max(budget) < self.copies)

    def index(self, name: str) -> int:
        """Position of the agent called `name`; ModelError if there is none."""
        if name not in self.names:
            raise ModelError(f"found agent {name!r}, expected one of {', '.join(self.names)}")
        return self.names.index(name)

    def admits(self, i: int, message: Sequence[int]) -> bool:
        """Whether agent i may send a message."""
        return len(message) == self.copies and all(message.count(u) == b for u, b in enumerate(self.budgets[i]))

    def message_count(self) -> int:
        """Number of profiles of messages."""
        return math.prod(multinomial(budget) for budget in self.budgets)
