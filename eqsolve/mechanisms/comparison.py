"""Ways to decide K problems, compared: separately, linked, completed, by turns, at best, without limits.

All figures are per problem, ex ante, under the truth or in the label-free equilibrium.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from eqsolve.budget import BudgetRule
from eqsolve.errors import EqsolveError, LimitReached, ModelError, NotSupported, SizeError
from eqsolve.forms.label_free import LabelFreeForm, fixed_point
from eqsolve.linking import LinkedGame
from eqsolve.mechanisms.completed import AIMS, Completion
from eqsolve.mechanisms.optimal import OptimalMechanism, Requirements, optimal_mechanism
from eqsolve.mechanisms.orbits import Orbits
from eqsolve.mechanisms.separate import separate_decisions
from eqsolve.mechanisms.taking_turns import ORDERS, PLAYS, TakingTurns, taking_turns
from eqsolve.model import Model
from eqsolve.problem import DecisionProblem
from eqsolve.processes import apply_process
from eqsolve.rule import utilitarian

if TYPE_CHECKING:
    import pandas as pd

Payoffs = tuple[Fraction, ...]


@dataclass(frozen=True)
class Completed:
    """Linking in which the mechanism completes the budget.

    Parameters
    ----------
    aim : str
        What completions aim at, see `Completion`.
    payoffs : tuple of Fraction
        If everybody declares the truth.
    regret : Fraction
        The largest interim gain from declaring something else; where it is above 0 the payoffs are not to be had.
    """

    aim: str
    payoffs: Payoffs
    regret: Fraction


@dataclass(frozen=True, eq=False)
class OptimalPoint:
    """What is known at one number of copies.

    Parameters
    ----------
    copies : int
        K.
    optimal : OptimalMechanism
    linking : tuple of Fraction or None
        Label-free payoffs of the linking mechanism; None where it has none that are known.
    completed : tuple of Completed
        One for each aim; empty where not asked for, or too large.
    turns : tuple of TakingTurns
        Agents take what they like in turn, sincerely and with foresight, in two orders; empty where decisions do not
        give an item to somebody, where not asked for, or too large.
    """

    copies: int
    optimal: OptimalMechanism
    linking: Payoffs | None = None
    completed: tuple[Completed, ...] = ()
    turns: tuple[TakingTurns, ...] = ()

    @property
    def best_completed(self) -> Completed | None:
        """The completed mechanism with the largest welfare among those that invite no lies."""
        honest = [c for c in self.completed if not c.regret]
        return max(honest, key=lambda c: weighted(self.optimal.weights, c.payoffs), default=None)

    def best_turns(self, play: str) -> TakingTurns | None:
        """The order with the largest welfare; of sincere play among those in which nobody gains by another pick."""
        holding = [t for t in self.turns if t.play == play and not t.regret]
        return max(holding, key=lambda t: weighted(self.optimal.weights, t.payoffs), default=None)


@dataclass(frozen=True, eq=False)
class Comparison:
    """The best mechanism against the number of problems, beside simpler ones.

    Parameters
    ----------
    model : Model
    requirements : Requirements
    weights : tuple of Fraction
        Of the agents' payoffs in welfare.
    points : tuple of OptimalPoint
        In increasing order of copies.
    separate : tuple of Fraction or None
        Payoffs of the rule on a single problem without budgets, see `separate_decisions`.
    separate_how : str
        In which play: under the truth, or in which equilibrium.
    second_best : Fraction
        Welfare of the best mechanism on a single problem, under the same requirements.
    first_best : tuple of Fraction
        Payoffs if everybody's types were known and welfare were maximised, ties broken evenly.
    asked : int
        How many numbers of copies were asked for.
    stopped : str or None
        Why the work ended early.
    seconds : float
    """

    model: Model
    requirements: Requirements
    weights: tuple[Fraction, ...]
    points: tuple[OptimalPoint, ...]
    separate: Payoffs | None
    separate_how: str
    second_best: Fraction | None
    first_best: Payoffs
    asked: int = 1
    stopped: str | None = None
    seconds: float = field(default=0.0)

    def welfare(self, payoffs: Payoffs | None) -> Fraction | None:
        """Weighted sum of payoffs."""
        return None if payoffs is None else weighted(self.weights, payoffs)

    def to_frame(self) -> pd.DataFrame:
        """Welfare of every mechanism as a pandas DataFrame, a row for each K; figures are Fractions."""
        import pandas as pd

        return pd.DataFrame([{"copies": point.copies, **self.at(point)} for point in self.points])

    def at(self, point: OptimalPoint) -> dict[str, Fraction | None]:
        """Welfare of every mechanism at one number of copies, from the simplest one to the best; None if not known."""
        completed, sincere, foresighted = point.best_completed, *map(point.best_turns, PLAYS)
        return {
            "separate": self.welfare(self.separate),
            "second best": self.second_best,
            "linking": self.welfare(point.linking),
            "completed": None if completed is None else self.welfare(completed.payoffs),
            "turns": None if sincere is None else self.welfare(sincere.payoffs),
            "foresighted turns": None if foresighted is None else self.welfare(foresighted.payoffs),
            "optimal": point.optimal.welfare,
            "first best": self.welfare(self.first_best),
        }

    def __str__(self) -> str:
        from eqsolve.show.optimal_page import comparison_text

        return comparison_text(self)

    def _repr_html_(self) -> str:
        from eqsolve.show.optimal_html import comparison_html

        return comparison_html(self)


def weighted(weights: Sequence[Fraction], payoffs: Sequence[Fraction]) -> Fraction:
    """Weighted sum."""
    return sum((w * p for w, p in zip(weights, payoffs, strict=True)), Fraction(0))


def compare(
    model: Model,
    copies: Sequence[int],
    requirements: Requirements | None = None,
    *,
    weights: Sequence[Fraction] | None = None,
    completed: bool = True,
    max_seconds: float | None = None,
) -> Comparison:
    """The best mechanism at several numbers of copies, beside linking and, if asked for, other mechanisms.

    What is known when the time is up is returned, as after Ctrl-C.

    Parameters
    ----------
    model : Model
    copies : sequence of int
    requirements : Requirements, optional
        Of the best mechanism; Bayesian incentive compatibility by default.
    weights : sequence of Fraction, optional
        1 for everybody by default.
    completed : bool
        Whether to look at separate decisions, completed announcements and taking turns, too.
    max_seconds : float, optional

    Raises
    ------
    ModelError
        If requirements or weights do not fit the problem.
    NotSupported
        If the model's types hang together across problems, or requirements do not go together.
    SizeError
        If there are too many joint histograms at some K.
    """
    start = time.monotonic()
    deadline = None if max_seconds is None else start + max_seconds
    problem, wanted = model.problem, requirements or Requirements()
    importance = (Fraction(1),) * problem.n if weights is None else tuple(weights)
    for k in copies:
        _check_process(model, k)
        Orbits(problem, k)  # refuses what is too large before anything is computed
    points: list[OptimalPoint] = []
    separate: Payoffs | None = None
    second_best, how, stopped = None, "", None
    try:
        if completed:
            separate, how = separate_decisions(model, weights=importance, deadline=deadline)
            second_best = optimal_mechanism(problem, 1, wanted, weights=importance, max_seconds=_left(deadline)).welfare
        for k in sorted(set(copies)):
            best = optimal_mechanism(problem, k, wanted, weights=importance, max_seconds=_left(deadline))
            points.append(OptimalPoint(k, best))
            points[-1] = replace(points[-1], linking=_label_free(model, k, deadline))
            if completed:
                points[-1] = replace(points[-1], completed=_completed(model, k, deadline))
                points[-1] = replace(points[-1], turns=_turns(problem, k, deadline))
    except LimitReached as error:
        stopped = str(error)
    except KeyboardInterrupt:
        stopped = "interrupted"
    return replace(
        nothing_known(model, wanted, importance, copies, stopped),
        points=tuple(points),
        separate=separate,
        separate_how=how,
        second_best=second_best,
        seconds=time.monotonic() - start,
    )


def nothing_known(
    model: Model,
    requirements: Requirements,
    weights: Sequence[Fraction] | None,
    copies: Sequence[int],
    stopped: str | None,
) -> Comparison:
    """A comparison without points: all that is known is the first best."""
    problem = model.problem
    importance = (Fraction(1),) * problem.n if weights is None else tuple(weights)
    names = {a.name: w for a, w in zip(problem.agents, importance, strict=True)}
    first_best = utilitarian(problem, names).target()
    return Comparison(model, requirements, importance, (), None, "", None, first_best, len(set(copies)), stopped)


def _check_process(model: Model, copies: int) -> None:
    laws = apply_process(model.options.process, model.problem.agents, copies)
    if not all(law.is_independent for law in laws):
        raise NotSupported("optimal mechanisms are computed for types that are independent across problems only")


def _left(deadline: float | None) -> float | None:
    """Seconds until the deadline, at least a moment: who is late is told so by the work itself."""
    return None if deadline is None else max(deadline - time.monotonic(), 1e-9)


def _linked(model: Model, copies: int) -> LinkedGame | None:
    """The linked game; None if the model cannot be linked on so many copies."""
    with suppress(ModelError, NotSupported, SizeError):
        return model.link(copies)
    return None


def _label_free(model: Model, copies: int, deadline: float | None) -> Payoffs | None:
    game = _linked(model, copies)
    if game is None:
        return None
    try:
        form = LabelFreeForm(game) if LabelFreeForm.applies(game) else fixed_point(game, deadline=deadline)
        return None if form is None else tuple(form.payoff(i, deadline) for i in range(game.n))
    except LimitReached:
        raise
    except EqsolveError:
        return None


def _completed(model: Model, copies: int, deadline: float | None) -> tuple[Completed, ...]:
    game = _linked(model, copies)
    if game is None:
        return ()
    found = []
    for aim in AIMS:
        with suppress(SizeError, NotSupported):
            mechanism = Completion(game, aim).mechanism(deadline)
            found.append(Completed(aim, mechanism.payoffs, mechanism.regret))
    return tuple(found)


def _turns(problem: DecisionProblem, copies: int, deadline: float | None) -> tuple[TakingTurns, ...]:
    found = []
    for order, play in itertools.product(ORDERS, PLAYS):
        with suppress(SizeError, NotSupported):
            found.append(taking_turns(problem, copies, order, play, deadline=deadline))
    return tuple(found)


def without_budgets(model: Model, copies: int) -> LinkedGame:
    """The linked game, or one without budgets where the model cannot be linked on so many copies."""
    return _linked(model, copies) or LinkedGame(model.problem, model.rule, copies, BudgetRule("none"))
