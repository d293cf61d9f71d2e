"""The collusion frontier: the most that a coalition can gain with announcements that pass a filter.

The members pool their types, announce together what passes among them, and outsiders play label-free. What they can
get is a polytope of payoff vectors; the frontier maximises a weighted sum of gains over it, each member getting at
least its label-free payoff of the unfiltered game. Plans are generated as they are needed: a linear program mixes the
plans at hand, its multipliers are weights, and the best plan for these weights either improves the mixture or proves
that nothing does. The multipliers are the certificate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from eqsolve.collusion.announcements import Announcements, Ids
from eqsolve.collusion.coalition import Coalition
from eqsolve.collusion.obedience import ObedientProgram
from eqsolve.collusion.plan import PooledPlan, PurePlan
from eqsolve.collusion.rehearsal import Rehearsal
from eqsolve.collusion.replies import PooledProgram
from eqsolve.engines.lp import Number, solve_lp
from eqsolve.errors import ModelError
from eqsolve.filter.distance import PAIRWISE
from eqsolve.strategy import Strategy

MAX_ROUNDS = 500
NOTHING_PASSES = "no announcements pass"
NOTHING_HOLDS = "at some types a member would rather leave whatever passes"
SOMEBODY_LOSES = "every plan that passes leaves some member below its label-free payoff"

Payoffs = tuple[Fraction, ...]


@dataclass(frozen=True, eq=False)
class Point:
    """A point of the frontier.

    Parameters
    ----------
    epsilon : Fraction or None
        The filter; None for no filter.
    total : Fraction or None
        The largest weighted sum of the members' gains, per problem; None where no plan will do.
    gain : mapping of agent to Fraction
        Of the members, against label-free play of the unfiltered game, under `plan`.
    loss : mapping of agent to Fraction
        Of the outsiders, positive when harmed.
    plan : PooledPlan or None
    multipliers : tuple of Fraction
        Weights on the members' payoffs beyond their own for which no plan is better: the proof of `total`.
    strategies : mapping of agent to Strategy
        What members do who cannot talk.
    bound : Fraction or None
        An upper bound on the sum, where `total` is only what was found; None where `total` is exact.
    frequencies : joint types × joint announcements, optional
        The plan in the limit of many problems.
    why : str
        Why there is no plan.
    """

    epsilon: Fraction | None
    total: Fraction | None
    gain: dict[int, Fraction] = field(default_factory=dict)
    loss: dict[int, Fraction] = field(default_factory=dict)
    plan: PooledPlan | None = None
    multipliers: tuple[Fraction, ...] = ()
    strategies: Mapping[int, Strategy] = field(default_factory=dict)
    bound: Fraction | None = None
    frequencies: tuple[tuple[Fraction, ...], ...] = ()
    why: str = ""


@dataclass(frozen=True, eq=False)
class Frontier:
    """The frontier of a coalition that pools types, exactly on K problems.

    Parameters
    ----------
    coalition : Coalition
    kind : {"pairwise", "joint"}
        The filter's distance.
    weights : tuple of Fraction, optional
        Of the members' gains in the objective; 1 each by default.
    deadline : float, optional
        Of `time.monotonic`.
    """

    coalition: Coalition
    kind: str = PAIRWISE
    weights: tuple[Fraction, ...] | None = None
    deadline: float | None = None
    _made: list[PooledProgram] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        weights = self.objective
        if len(weights) != len(self.coalition.members) or min(weights) < 0 or not any(weights):
            raise ModelError(
                f"weights: found {len(weights)} of them, expected {len(self.coalition.members)}, not negative and not "
                "all 0"
            )

    @property
    def objective(self) -> tuple[Fraction, ...]:
        """Weights of the members' gains."""
        return self.weights if self.weights is not None else (Fraction(1),) * len(self.coalition.members)

    @property
    def program(self) -> PooledProgram:
        """The plans there are."""
        if not self._made:
            announcements = Announcements(self.coalition.panel, self.kind)
            self._made.append(PooledProgram(self.coalition, announcements, self.deadline))
        return self._made[0]

    @property
    def floor(self) -> Payoffs:
        """Label-free payoffs of the members."""
        return tuple(self.coalition.label_free_payoffs[i] for i in self.coalition.members)

    def point(self, epsilon: Fraction | None, obedient: bool = False) -> Point:
        """The most that the coalition can gain under one filter.

        Parameters
        ----------
        epsilon : Fraction or None
        obedient : bool
            With plans only that no member would rather leave, in the filtered game, once types are pooled and
            announcements are settled.

        Raises
        ------
        SizeError, LimitReached
            If the plans are too many, or after the deadline.
        """
        passing = self.program.announcements.passing(epsilon)
        if not len(passing):
            return Point(epsilon, None, why=NOTHING_PASSES)
        program: PooledProgram | ObedientProgram = self.program
        if obedient:
            rehearsal = Rehearsal(self.coalition, epsilon, self.kind, self.deadline)
            program = ObedientProgram(self.program, rehearsal)
            if not program.is_possible:
                return Point(epsilon, None, why=NOTHING_HOLDS)
        search = _Columns(self, program, passing)
        if not search.reach_floor():
            return Point(epsilon, None, multipliers=search.multipliers, why=SOMEBODY_LOSES)
        best, multipliers = search.maximise()
        shares = search.share_out(best)
        plan = search.plan(shares)
        payoffs = search.mixed(shares)
        floor = self.floor
        gain = {i: x - low for i, x, low in zip(self.coalition.members, payoffs, floor, strict=True)}
        total = best - sum((w * low for w, low in zip(self.objective, floor, strict=True)), Fraction(0))
        return Point(epsilon, total, gain, self._losses(plan), plan, multipliers)

    def _losses(self, plan: PooledPlan) -> dict[int, Fraction]:
        """What outsiders lose under a plan."""
        announced, shares = plan.announced(), self.coalition.budget_shares
        return {
            j: self.coalition.label_free_payoffs[j]
            - self.coalition.outsider_payoff(j, announced, shares, self.coalition.mean_lies(j))
            for j in self.coalition.outsiders
        }

    def bound(self, epsilon: Fraction | None, multipliers: Sequence[Fraction]) -> Fraction:
        """What any plan gains at most, by weak duality: best plan for changed weights, less what members are owed."""
        passing = self.program.announcements.passing(epsilon)
        weights = [w + m for w, m in zip(self.objective, multipliers, strict=True)]
        value = self.program.best(weights, passing)[0]
        return value - sum((w * low for w, low in zip(weights, self.floor, strict=True)), Fraction(0))


class _Columns:
    """Column generation over the plans that pass one filter."""

    def __init__(self, frontier: Frontier, program: PooledProgram | ObedientProgram, passing: Ids) -> None:
        self.program = program
        self.law = frontier.program.law
        self.objective = frontier.objective
        self.floor = frontier.floor
        self.passing = passing
        self.plans: list[PurePlan] = []
        self.payoffs: list[Payoffs] = []
        self.multipliers: tuple[Fraction, ...] = ()
        self.add(self.objective)

    def add(self, weights: Sequence[Fraction]) -> Fraction:
        """Add the best plan for some weights; what it is worth with them."""
        value, plan, payoffs = self.program.best(weights, self.passing)
        if payoffs not in self.payoffs:
            self.plans.append(plan)
            self.payoffs.append(payoffs)
        return value

    def reach_floor(self) -> bool:
        """Generate plans until some mixture gives every member its floor; False if that is proved impossible."""
        members = range(len(self.floor))
        for _ in range(MAX_ROUNDS):
            found = solve_lp(
                [0] * len(self.payoffs),
                A_ub=[{c: -x[i] for c, x in enumerate(self.payoffs)} for i in members],
                b_ub=[-low for low in self.floor],
                A_eq=[dict.fromkeys(range(len(self.payoffs)), 1)],
                b_eq=[1],
            )
            if found.status != "infeasible":
                return True
            weights = found.dual_ub
            owed = sum((w * low for w, low in zip(weights, self.floor, strict=True)), Fraction(0))
            if self.add(weights) < owed:
                self.multipliers = tuple(weights)
                return False
        raise ArithmeticError("the generation of plans did not end")

    def maximise(self) -> tuple[Fraction, tuple[Fraction, ...]]:
        """The largest weighted sum of payoffs, and multipliers that prove it."""
        members = range(len(self.floor))
        for _ in range(MAX_ROUNDS):
            found = solve_lp(
                [sum((w * x for w, x in zip(self.objective, xs, strict=True)), Fraction(0)) for xs in self.payoffs],
                A_ub=[{c: -x[i] for c, x in enumerate(self.payoffs)} for i in members],
                b_ub=[-low for low in self.floor],
                A_eq=[dict.fromkeys(range(len(self.payoffs)), 1)],
                b_eq=[1],
                maximise=True,
            )
            assert found.value is not None
            multipliers = found.dual_ub
            weights = [w + m for w, m in zip(self.objective, multipliers, strict=True)]
            if self.add(weights) <= found.dual_eq[0]:
                return found.value, tuple(multipliers)
        raise ArithmeticError("the generation of plans did not end")

    def share_out(self, best: Fraction) -> dict[int, Fraction]:
        """Of all best mixtures one whose smallest gain is largest: {plan: probability}."""
        members = range(len(self.floor))
        for _ in range(MAX_ROUNDS):
            count = len(self.payoffs)
            rows: list[dict[int, Number]] = [
                {count: 1, **{c: -x[i] for c, x in enumerate(self.payoffs)}} for i in members
            ]
            rows.append({c: -self._worth(xs) for c, xs in enumerate(self.payoffs)})
            found = solve_lp(
                [*(0,) * count, 1],
                A_ub=rows,
                b_ub=[*(-low for low in self.floor), -best],
                A_eq=[dict.fromkeys(range(count), 1)],
                b_eq=[1],
                maximise=True,
            )
            *shadow, rate = found.dual_ub
            weights = [s + rate * w for s, w in zip(shadow, self.objective, strict=True)]
            if self.add(weights) <= found.dual_eq[0]:
                return {c: p for c, p in enumerate(found.x[:count]) if p}
        raise ArithmeticError("the generation of plans did not end")

    def _worth(self, payoffs: Payoffs) -> Fraction:
        """Weighted sum of payoffs."""
        return sum((w * x for w, x in zip(self.objective, payoffs, strict=True)), Fraction(0))

    def mixed(self, shares: dict[int, Fraction]) -> Payoffs:
        """Payoffs of a mixture of plans."""
        return tuple(
            sum((p * self.payoffs[c][i] for c, p in shares.items()), Fraction(0)) for i in range(len(self.floor))
        )

    def plan(self, shares: dict[int, Fraction]) -> PooledPlan:
        """The mixture as a plan."""
        chances = tuple(Fraction(w, self.law.scale) for w in self.law.weights)
        return PooledPlan(self.law.histograms, chances, tuple((p, self.plans[c]) for c, p in shares.items()))
