"""What a mechanism is required to satisfy, one linear inequality at a time.

A mechanism is a lottery over the allowed decisions at every profile, and payments. Every requirement is linear in
these; `program` writes a list of them down for the linear programs of `existence`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from eqsolve.errors import ModelError, SizeError
from eqsolve.exact.rational import in_words
from eqsolve.transfers.efficient import Allocation, Ties, efficient_rule
from eqsolve.transfers.problem import ZERO, DirectMechanism, QuasiLinearProblem, check_allocation

INCENTIVES = ("bic", "ex-post", "dsic", "none")
PARTICIPATION = ("interim", "ex-post", "none")
BUDGETS = ("balanced", "ex-ante", "no-deficit", "none")
MAX_ROWS = 100_000
ONE = Fraction(1)


@dataclass(frozen=True)
class Wanted:
    """Requirements on a mechanism.

    Parameters
    ----------
    incentives : {"bic", "ex-post", "dsic", "none"}
        Nobody gains by lying: in expectation; whatever types the others may have; whatever they report; not asked for.
    participation : {"interim", "ex-post", "none"}
        Nobody loses by taking part: in expectation, at any profile, or not asked for.
    budget : {"balanced", "ex-ante", "no-deficit", "none"}
        Payments equal the cost at every profile; in expectation; are at least the cost at every profile; not asked for.
    """

    incentives: str = "bic"
    participation: str = "interim"
    budget: str = "balanced"

    def __post_init__(self) -> None:
        for what, found, known in (
            ("incentives", self.incentives, INCENTIVES),
            ("participation", self.participation, PARTICIPATION),
            ("budget", self.budget, BUDGETS),
        ):
            if found not in known:
                raise ModelError(f"{what}: found {found!r}, expected one of {', '.join(known)}")

    @property
    def in_expectation(self) -> bool:
        """Whether only expected payments matter: by Theorem 2 of the notes, budgets can be balanced afterwards."""
        return self.incentives in ("bic", "none") and self.participation in ("interim", "none")


@dataclass(frozen=True)
class Requirement:
    """One of the inequalities.

    Attributes
    ----------
    kind : {"incentive", "participation", "budget"}
    agent, type, report : int or None
        Whom it is about: the agent's true type and, for an incentive, the report that must not pay.
    profile : int or None
        Position of a profile: of truthful reports for ex post requirements (the agent's type in it is `type`), or
        where the budget is looked at; None for an expectation.
    """

    kind: str
    agent: int | None = None
    type: int | None = None
    report: int | None = None
    profile: int | None = None


Payment = tuple[int, int]
"""An agent and its type, for expected payments, or the position of a profile."""

Place = tuple[int, int]
"""Position of a profile, and a decision: the probability of the decision there."""


@dataclass
class Expression:
    """A linear function of probabilities of free decisions, payments and a parameter."""

    constant: Fraction = ZERO
    slope: Fraction = ZERO

    def __post_init__(self) -> None:
        self.chances: dict[Place, Fraction] = {}
        self.payments: dict[Payment, Fraction] = {}

    def pay(self, key: Payment, factor: Fraction) -> None:
        """Add a multiple of a payment."""
        self.payments[key] = self.payments.get(key, ZERO) + factor


@dataclass(frozen=True, eq=False)
class Requirements:
    """All requirements of a question, each an expression that has to be at least 0 (budgets may have to be 0).

    Parameters
    ----------
    problem : QuasiLinearProblem
    wanted : Wanted
    ties : tie rule or "any"
        ``"any"`` leaves open which lottery over the efficient decisions is taken where there are several.
    allocation : lotteries, optional
        A given rule instead of an efficient one.
    full : bool
        Whether payments are listed per profile; else what each type expects to pay.
    """

    problem: QuasiLinearProblem
    wanted: Wanted
    ties: Ties = "any"
    allocation: Allocation | None = None
    full: bool = False

    def __post_init__(self) -> None:
        if self.wanted.participation != "none" and self.problem.outside is None:
            raise ModelError("outside: found nothing, expected what agents get that do not take part")
        if self.allocation is not None:
            check_allocation(self.problem, self.allocation)
        shape, count = self.problem.shape, len(self.problem.profiles)
        rows = sum(count * size if self.full else size * size for size in shape)
        if rows > MAX_ROWS:
            raise SizeError(
                f"the linear program has {in_words(rows)} constraints, at most {MAX_ROWS:,} are solved; "
                "fewer types or points of the grid help"
            )

    @cached_property
    def base(self) -> DirectMechanism:
        """A mechanism without payments, which takes the given or the first efficient decision."""
        ties = "first" if self.ties == "any" else self.ties
        chosen = efficient_rule(self.problem, ties) if self.allocation is None else self.allocation
        nothing = (ZERO,) * self.problem.n
        return DirectMechanism(self.problem, chosen, (nothing,) * len(chosen))

    @cached_property
    def free(self) -> dict[int, tuple[int, ...]]:
        """Profiles at which any lottery over several efficient decisions is allowed, with these decisions."""
        if self.allocation is not None or self.ties != "any":
            return {}
        return {p: best for p, best in enumerate(self.problem.efficient) if len(best) > 1}

    @cached_property
    def _free_by_type(self) -> list[dict[int, list[int]]]:
        found: list[dict[int, list[int]]] = [{} for _ in range(self.problem.n)]
        for p in self.free:
            for i, u in enumerate(self.problem.profiles[p]):
                found[i].setdefault(u, []).append(p)
        return found

    def listed(self) -> Iterator[tuple[Requirement, Expression]]:
        """All requirements."""
        if self.wanted.incentives != "none":
            yield from self._incentives()
        if self.wanted.participation != "none":
            yield from self._participation()
        yield from self._budgets()

    def _incentives(self) -> Iterator[tuple[Requirement, Expression]]:
        for i, agent in enumerate(self.problem.problem.agents):
            for u, kind in enumerate(agent.types):
                if not kind.prob and self.wanted.incentives != "dsic":
                    continue
                for p in self._truths(i, u, self.wanted.incentives):
                    for v in range(len(agent.types)):
                        if v != u:
                            found = Expression()
                            self._payoff(found, i, u, u, p, ONE)
                            self._payoff(found, i, u, v, p, -ONE)
                            yield Requirement("incentive", i, u, v, p), found

    def _participation(self) -> Iterator[tuple[Requirement, Expression]]:
        outside = self.problem.outside or ()
        for i, agent in enumerate(self.problem.problem.agents):
            for u, kind in enumerate(agent.types):
                if kind.prob:
                    stage = "bic" if self.wanted.participation == "interim" else "ex-post"
                    for p in self._truths(i, u, stage):
                        found = Expression(-outside[i][u])
                        self._payoff(found, i, u, u, p, ONE)
                        yield Requirement("participation", i, u, None, p), found

    def _budgets(self) -> Iterator[tuple[Requirement, Expression]]:
        if self.wanted.budget == "none":
            return
        if not self.full or self.wanted.budget == "ex-ante":
            yield Requirement("budget"), self.expected_surplus()
        else:
            for p in range(len(self.problem.profiles)):
                found = Expression()
                self._cost(found, p, ONE)
                for i in range(self.problem.n):
                    found.pay((i, p), ONE)
                yield Requirement("budget", profile=p), found

    def expected_surplus(self) -> Expression:
        """Expected payments less expected cost."""
        found = Expression()
        for p, q in enumerate(self.problem.probabilities):
            if q:
                self._cost(found, p, q)
                if self.full:
                    for i in range(self.problem.n):
                        found.pay((i, p), q)
        if not self.full:
            for i, agent in enumerate(self.problem.problem.agents):
                for u, q in enumerate(agent.prior):
                    found.pay((i, u), q)
        return found

    def _truths(self, i: int, u: int, stage: str) -> Iterator[int | None]:
        """Profiles with agent i's type u that a requirement looks at; None for the expectation."""
        if stage == "bic":
            yield None
            return
        weights, _ = self.base.payoffs.others(i)
        for q, p in zip(weights, self.problem.others(i), strict=True):
            if q or stage == "dsic":
                yield p + u * self.problem.strides[i]

    def _payoff(self, found: Expression, i: int, u: int, v: int, truth: int | None, sign: Fraction) -> None:
        """Add the payoff of agent i's type u that reports v, at the others of a truthful profile, or expected."""
        if truth is None:
            found.constant += sign * self.base.payoffs.interim(i)[u][v]
            for p in self._free_by_type[i].get(v, ()):
                self._lottery(found, i, u, p, sign * self._weight(i, p))
            if not self.full:
                found.pay((i, v), -sign)
            else:
                for q, first in zip(self._chances(i), self.problem.others(i), strict=True):
                    if q:
                        found.pay((i, first + v * self.problem.strides[i]), -sign * q)
            return
        p = truth + (v - u) * self.problem.strides[i]
        worth = self.problem.values[i][u]
        found.constant += sign * sum((q * w for q, w in zip(self.base.allocation[p], worth, strict=True) if q), ZERO)
        if p in self.free:
            self._lottery(found, i, u, p, sign)
        found.pay((i, p), -sign)

    def _lottery(self, found: Expression, i: int, u: int, p: int, factor: Fraction) -> None:
        """Add what a free lottery is worth beyond the base."""
        worth, base = self.problem.values[i][u], self.base.allocation[p]
        for d in self.free[p]:
            found.chances[p, d] = found.chances.get((p, d), ZERO) + factor * worth[d]
            found.constant -= factor * base[d] * worth[d]

    def _cost(self, found: Expression, p: int, factor: Fraction) -> None:
        costs = self.problem.costs
        if p in self.free:
            for d in self.free[p]:
                found.chances[p, d] = found.chances.get((p, d), ZERO) - factor * costs[d]
        else:
            found.constant -= factor * self.base.cost(p)

    def _chances(self, i: int) -> list[Fraction]:
        weights, scale = self.base.payoffs.others(i)
        return [Fraction(int(q), scale) for q in weights]

    def _weight(self, i: int, p: int) -> Fraction:
        """Probability of the others' types at a profile."""
        chance = ONE
        for j, (agent, u) in enumerate(zip(self.problem.problem.agents, self.problem.profiles[p], strict=True)):
            if j != i:
                chance *= agent.prior[u]
        return chance
