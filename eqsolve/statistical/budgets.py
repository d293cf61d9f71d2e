"""Linking by budgets (Jackson and Sonnenschein) on the same process: free of payments, but types get misreported.

Every date is a copy of the decision problem of a date; agents know all their types and announce a path whose
frequencies are nearest to the law of a date. There are no payments, so the cost is 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from eqsolve.budget import BudgetRule
from eqsolve.errors import NotSupported
from eqsolve.linking import LinkedGame
from eqsolve.problem import Agent, DecisionProblem, Type
from eqsolve.rule import Rule
from eqsolve.solving import solve
from eqsolve.statistical.averages import Averages, averages
from eqsolve.statistical.mechanism import LINKED_VCG, VCG, DatedMechanism
from eqsolve.statistical.problem import Choice, DatedProblem
from eqsolve.statistical.process import Independent
from eqsolve.statistical.typical import Everything, Statistic, TypicalSet, WithinBounds


@dataclass(frozen=True)
class BudgetComparison:
    """Mechanisms on the same finite process; sums over dates and agents.

    Parameters
    ----------
    first_best : Fraction
        Expected surplus of the choice at the true types.
    budgets : Fraction or None
        Expected surplus of the label-free equilibrium under budgets; None if its payoffs are not unique.
    linked : Averages
        Linked VCG with the model's own Ω*, everybody truthful.
    on_budgets : Averages
        Linked VCG with the paths that the budgets allow as Ω*.
    unlinked : Averages
        VCG on every date by itself.
    counts : tuple of tuples of int
        The budgets, by agent and type.
    """

    first_best: Fraction
    budgets: Fraction | None
    linked: Averages
    on_budgets: Averages
    unlinked: Averages
    counts: tuple[tuple[int, ...], ...]


def linked_game(problem: DatedProblem, choice: Choice) -> LinkedGame:
    """The linked game with a copy per date and frequency budgets.

    Raises
    ------
    NotSupported
        If dates are discounted, or types are not independent draws from one law.
    """
    if problem.discount != 1:
        raise NotSupported("linking by budgets: copies count alike, so dates must not be discounted")
    agents = []
    for a in problem.agents:
        if not isinstance(a.process, Independent) or not a.process.identical:
            raise NotSupported("linking by budgets: types have to be independent across dates, with one law")
        agents.append(
            Agent(
                a.name,
                tuple(
                    Type(name, p, dict(zip(problem.decisions, worth, strict=True)))
                    for name, p, worth in zip(a.types, a.process.laws[0], a.utility, strict=True)
                ),
            )
        )
    date = DecisionProblem(problem.decisions, tuple(agents), problem.name, problem.source)
    lotteries = {
        profile: tuple(Fraction(k == d) for k in range(len(problem.decisions))) for profile, d in choice.items()
    }
    return LinkedGame(date, Rule(date, lotteries), problem.dates, BudgetRule("frequencies"))


def compare_with_budgets(mechanism: DatedMechanism, max_seconds: float | None = None) -> BudgetComparison:
    """Linked VCG, VCG, and linking by budgets on one process.

    Raises
    ------
    NotSupported
        See `linked_game`.
    SizeError
        If an average is too large to be exact.
    """
    game = linked_game(mechanism.problem, mechanism.choice)
    found = solve(game, form="label-free", max_seconds=max_seconds)
    welfare = {sum(e.payoffs, Fraction(0)) for e in found.equilibria if e.label_free}
    counts = tuple(tuple(b.counts or ()) for b in game.budgets)
    on_budgets: list[TypicalSet] = []
    for histogram in counts:
        kinds = range(len(histogram))
        on_budgets.append(
            WithinBounds(
                tuple(
                    Statistic(tuple(Fraction(u == v) for v in kinds), Fraction(count), Fraction(count))
                    for u, count in enumerate(histogram)
                )
            )
        )
    everything = [Everything()] * mechanism.n
    parts = [
        averages(DatedMechanism(mechanism.problem, mechanism.choice, typical, payments))
        for typical, payments in ((mechanism.typical, LINKED_VCG), (on_budgets, LINKED_VCG), (everything, VCG))
    ]
    budgets = welfare.pop() * mechanism.dates if len(welfare) == 1 and found.complete else None
    linked, tight, unlinked = parts
    return BudgetComparison(linked.first_best, budgets, linked, tight, unlinked, counts)
