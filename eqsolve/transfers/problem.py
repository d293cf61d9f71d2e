"""Quasi-linear problems and direct mechanisms with transfers.

An agent's payoff is the utility of the decision at its type less what it pays; decisions may cost resources, and
agents may stay away (lecture notes "Designing efficient mechanisms", sections 1 and 5). Types are private and
independent. All numbers are rational.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from eqsolve.errors import ModelError, SizeError
from eqsolve.exact.rational import in_words, rational
from eqsolve.problem import DecisionProblem, Profile
from eqsolve.rule import Lottery

if TYPE_CHECKING:
    import pandas as pd

    from eqsolve.transfers.payoffs import Payoffs

MAX_PROFILES = 100_000
"""Type profiles of a problem whose mechanisms are tabulated."""

ZERO = Fraction(0)


@dataclass(frozen=True, eq=False)
class QuasiLinearProblem:
    """A decision problem with money.

    Parameters
    ----------
    problem : DecisionProblem
        Decisions, agents, types, independent priors and utilities u_i(x, θ_i).
    costs : one number per decision
        The resources C(x) that a decision takes; nothing by default. The budget is the sum of payments less the cost.
    outside : one tuple per agent of one number per type, or None
        What a type gets that does not take part; None if everybody has to.

    Raises
    ------
    ModelError
        If shapes do not fit.
    SizeError
        If there are more than `MAX_PROFILES` type profiles.
    """

    problem: DecisionProblem
    costs: tuple[Fraction, ...] = ()
    outside: tuple[tuple[Fraction, ...], ...] | None = None

    def __post_init__(self) -> None:
        problem = self.problem
        size = math.prod(problem.shape)
        if size > MAX_PROFILES:
            raise SizeError(
                f"there are {in_words(size)} type profiles, at most {MAX_PROFILES:,} are tabulated; "
                "fewer agents, types or points of the grid help"
            )
        costs = tuple(map(_number, self.costs)) or (ZERO,) * len(problem.decisions)
        if len(costs) != len(problem.decisions):
            raise ModelError(f"costs: found {len(costs)} numbers, expected one per decision, {len(problem.decisions)}")
        object.__setattr__(self, "costs", costs)
        if self.outside is not None:
            outside = tuple(tuple(map(_number, row)) for row in self.outside)
            if tuple(map(len, outside)) != problem.shape:
                raise ModelError("outside: expected one payoff for every type of every agent")
            object.__setattr__(self, "outside", outside)

    @classmethod
    def with_status_quo(
        cls,
        problem: DecisionProblem,
        status_quo: str | Mapping[str, object],
        costs: Sequence[Fraction] = (),
    ) -> QuasiLinearProblem:
        """A problem in which whoever stays away gets what a decision, or a lottery over decisions, is worth to it.

        Parameters
        ----------
        problem : DecisionProblem
        status_quo : str or mapping of decision to probability
        costs : one number per decision, optional

        Raises
        ------
        ModelError
            For unknown decisions, or probabilities that do not sum to 1.
        """
        named = {status_quo: 1} if isinstance(status_quo, str) else status_quo
        chances = {d: _number(q) for d, q in named.items()}
        for d, q in chances.items():
            if d not in problem.decisions or q < 0:
                raise ModelError(
                    f"status quo: found {d!r} with probability {q}, expected decisions out of "
                    f"{', '.join(problem.decisions)} and probabilities of at least 0"
                )
        if sum(chances.values()) != 1:
            raise ModelError(f"status quo: probabilities sum to {sum(chances.values())}, expected 1")
        lottery = [chances.get(d, ZERO) for d in problem.decisions]
        outside = tuple(
            tuple(sum((q * w for q, w in zip(lottery, problem.utility(i, u), strict=True)), ZERO) for u in range(size))
            for i, size in enumerate(problem.shape)
        )
        return cls(problem, tuple(costs), outside)

    @property
    def n(self) -> int:
        """Number of agents."""
        return self.problem.n

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of types of each agent."""
        return self.problem.shape

    @cached_property
    def profiles(self) -> tuple[Profile, ...]:
        """All type profiles, the last agent's type varying fastest."""
        return tuple(itertools.product(*map(range, self.shape)))

    @cached_property
    def strides(self) -> tuple[int, ...]:
        """By how much the position of a profile grows with each agent's type."""
        return tuple(math.prod(self.shape[i + 1 :]) for i in range(self.n))

    @cached_property
    def probabilities(self) -> tuple[Fraction, ...]:
        """Prior probability of every profile."""
        return tuple(map(self.problem.probability, self.profiles))

    @cached_property
    def values(self) -> tuple[tuple[tuple[Fraction, ...], ...], ...]:
        """Utility of each agent (first index) and type (second) from each decision (third)."""
        return tuple(
            tuple(self.problem.utility(i, u) for u in range(size)) for i, size in enumerate(self.problem.shape)
        )

    @cached_property
    def welfares(self) -> tuple[tuple[Fraction, ...], ...]:
        """Sum of utilities less the cost, of each decision (second index) at each profile."""
        found = []
        for profile in self.profiles:
            rows = [self.values[i][u] for i, u in enumerate(profile)]
            found.append(tuple(map(sum, zip(*rows, strict=True), (-c for c in self.costs))))
        return tuple(found)

    @cached_property
    def surpluses(self) -> tuple[Fraction, ...]:
        """The largest sum of utilities less the cost, at each profile."""
        return tuple(map(max, self.welfares))

    @cached_property
    def efficient(self) -> tuple[tuple[int, ...], ...]:
        """The decisions that reach it, at each profile, as indices in the order of the decisions."""
        return tuple(
            tuple(d for d, w in enumerate(row) if w == best)
            for row, best in zip(self.welfares, self.surpluses, strict=True)
        )

    @cached_property
    def has_costs(self) -> bool:
        """Whether some decision costs something."""
        return any(self.costs)

    def index(self, profile: Profile) -> int:
        """Position of a profile in `profiles`."""
        return sum(u * stride for u, stride in zip(profile, self.strides, strict=True))

    def others(self, i: int) -> Iterator[int]:
        """Positions of the profiles in which agent i has its first type: one per profile of the others."""
        stride, size = self.strides[i], self.shape[i]
        return (p for p in range(len(self.profiles)) if p // stride % size == 0)

    def describe(self, profile: Profile) -> dict[str, str]:
        """Name of every agent's type."""
        return {a.name: a.types[u].name for a, u in zip(self.problem.agents, profile, strict=True)}


@dataclass(frozen=True, eq=False)
class DirectMechanism:
    """A direct mechanism: agents report types, a lottery over decisions is drawn, everybody pays.

    Parameters
    ----------
    problem : QuasiLinearProblem
    allocation : one lottery per profile
        In the order of ``problem.profiles``; a lottery has one probability per decision.
    transfers : one tuple per profile of one number per agent
        What each agent pays (negative: receives).
    name : str

    Raises
    ------
    ModelError
        If shapes do not fit, or an allocation is no lottery.
    """

    problem: QuasiLinearProblem
    allocation: tuple[Lottery, ...]
    transfers: tuple[tuple[Fraction, ...], ...]
    name: str = ""

    def __post_init__(self) -> None:
        problem = self.problem
        count, n = len(problem.profiles), problem.n
        check_allocation(problem, self.allocation)
        if len(self.transfers) != count or any(len(row) != n for row in self.transfers):
            raise ModelError(f"transfers: expected {count:,} profiles with {n} payments each")

    @cached_property
    def payoffs(self) -> Payoffs:
        """Payoffs after every report of every type, ex post and interim."""
        from eqsolve.transfers.payoffs import Payoffs

        return Payoffs(self)

    def cost(self, p: int) -> Fraction:
        """Expected cost of what is decided at the profile at position p."""
        if not self.problem.has_costs:
            return ZERO
        return sum((q * c for q, c in zip(self.allocation[p], self.problem.costs, strict=True) if q), ZERO)

    def surplus(self, p: int) -> Fraction:
        """What is left of the payments at the profile at position p once the cost is paid."""
        return sum(self.transfers[p], -self.cost(p))

    @cached_property
    def expected_surplus(self) -> Fraction:
        """Payments less costs, expected."""
        weighted = (w * self.surplus(p) for p, w in enumerate(self.problem.probabilities) if w)
        return sum(weighted, ZERO)

    def to_frame(self) -> pd.DataFrame:
        """A pandas DataFrame with a row per profile; probabilities and payments are Fractions.

        Columns: the type of every agent, the probability of every decision, what every agent pays.
        """
        import pandas as pd

        agents = [a.name for a in self.problem.problem.agents]
        rows = []
        for profile, lottery, paid in zip(self.problem.profiles, self.allocation, self.transfers, strict=True):
            row: dict[str, object] = {f"type of {a}": t for a, t in self.problem.describe(profile).items()}
            row |= {f"chance of {d}": q for d, q in zip(self.problem.problem.decisions, lottery, strict=True)}
            rows.append(row | {f"payment of {a}": t for a, t in zip(agents, paid, strict=True)})
        return pd.DataFrame(rows)

    def __str__(self) -> str:
        from eqsolve.show.transfers_html import mechanism_text

        return mechanism_text(self)

    def _repr_html_(self) -> str:
        from eqsolve.show.transfers_html import mechanism_html

        return mechanism_html(self)


def check_allocation(problem: QuasiLinearProblem, allocation: Sequence[Lottery]) -> None:
    """ModelError unless there is one lottery over the decisions per profile."""
    count, width = len(problem.profiles), len(problem.problem.decisions)
    if len(allocation) != count or any(len(lottery) != width for lottery in allocation):
        raise ModelError(f"allocation: expected {count:,} lotteries over {width} decisions")
    for profile, lottery in zip(problem.profiles, allocation, strict=True):
        if min(lottery) < 0 or sum(lottery) != 1:
            raise ModelError(f"allocation at {problem.describe(profile)}: found no lottery, expected probabilities")


def _number(value: object) -> Fraction:
    try:
        return rational(value)
    except ValueError as error:
        raise ModelError(str(error)) from None
