"""Everything that is known of a statistical model, part by part; what is too large is said, not guessed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

from eqsolve.errors import LimitReached, ModelError, NotSupported, SizeError
from eqsolve.statistical.averages import Averages, averages
from eqsolve.statistical.budgets import BudgetComparison, compare_with_budgets
from eqsolve.statistical.credal import WorstCase, worst_case
from eqsolve.statistical.mechanism import NONE
from eqsolve.statistical.model import StatisticalModel
from eqsolve.statistical.proposition import Check, Checker
from eqsolve.statistical.ratio_curve import RatioCurve, ratio_curve
from eqsolve.statistical.resource import TypicalRule


@dataclass(frozen=True)
class Known:
    """What bounds on mean statistics imply for Proposition 1, whatever the law.

    Parameters
    ----------
    worst : tuple of WorstCase, one per agent
        The largest probability of leaving Ω*^n.
    c : Fraction
        The smallest c for which the hypothesis holds under all laws.
    hypothesis : bool
        Whether c <= ε.
    """

    worst: tuple[WorstCase, ...]
    c: Fraction
    hypothesis: bool


@dataclass
class StatisticalAnalysis:
    """Results; what is None was not asked for, does not apply, or is explained in `notes`.

    Parameters
    ----------
    model : StatisticalModel
    checks : list of (name, Check)
        Proposition 1 and Corollary 1 under the model's law, then under its further priors.
    known : Known or None
    averages : Averages or None
    budgets : BudgetComparison or None
    curve : RatioCurve or None
    ex_post : bool or None
        Whether the mechanism on Ω* is ex post incentive compatible; True by theorem for VCG payments.
    notes : list of str
        Why something is missing.
    stopped : str or None
    seconds : float
    """

    model: StatisticalModel
    checks: list[tuple[str, Check]] = field(default_factory=list)
    known: Known | None = None
    averages: Averages | None = None
    budgets: BudgetComparison | None = None
    curve: RatioCurve | None = None
    ex_post: bool | None = None
    notes: list[str] = field(default_factory=list)
    stopped: str | None = None
    seconds: float = 0.0

    @property
    def unlinked_ratio(self) -> Fraction:
        """Cost over surplus of VCG on every date by itself: (N − 1) β^{−(T−1)}."""
        return (self.model.agents - 1) / self.model.discount ** (self.model.dates - 1)


Tick = Callable[[str], None]


def analyse(
    model: StatisticalModel,
    *,
    exact: bool = True,
    sizes: tuple[int, ...] = (),
    samples: int | None = None,
    seed: int = 0,
    curve_rule: TypicalRule | None = None,
    max_seconds: float | None = None,
    progress: Tick | None = None,
) -> StatisticalAnalysis:
    """Work through a model.

    Parameters
    ----------
    model : StatisticalModel
    exact : bool
        Proposition 1, averages and the comparison with budgets, which list all paths.
    sizes : numbers of agents and dates for the ratio curve; none by default
    samples, seed, curve_rule : of the curve; the model's own samples and rule by default
    max_seconds : float, optional
    progress : callable, optional

    Returns
    -------
    StatisticalAnalysis
        With `stopped` set if time ran out.
    """
    start = time.monotonic()
    deadline = None if max_seconds is None else start + max_seconds
    tick: Tick = progress or (lambda _: None)
    found = StatisticalAnalysis(model)
    try:
        if exact:
            for part in (_proposition, _averages, _budgets):
                tick(str(part.__doc__))
                _check_deadline(deadline)
                try:
                    part(found, deadline)
                except (SizeError, NotSupported) as error:
                    found.notes.append(str(error))
        if sizes:
            rule = curve_rule or model.curve_rule
            _curve(found, sizes, rule, samples or model.samples, seed, deadline, tick)
    except LimitReached as error:
        found.stopped = str(error)
    except KeyboardInterrupt:
        found.stopped = "interrupted"
    found.notes = list(dict.fromkeys(found.notes))
    found.seconds = time.monotonic() - start
    return found


def _check_deadline(deadline: float | None) -> None:
    if deadline is not None and time.monotonic() > deadline:
        raise LimitReached("time limit")


def _proposition(found: StatisticalAnalysis, deadline: float | None) -> None:
    """Proposition 1 and Corollary 1."""
    model = found.model
    mechanism = model.mechanism
    if mechanism.payments == NONE:
        found.ex_post = all(mechanism.largest_gain_inside(n, deadline) <= 0 for n in range(mechanism.n))
        if not found.ex_post:
            found.notes.append("not ex post incentive compatible on the likely set: Proposition 1 does not apply")
            return
    else:
        found.ex_post = True
    checker = Checker(mechanism, deadline=deadline)
    found.checks.append(("", checker.check(model.epsilon)))
    for prior in model.priors:
        found.checks.append((prior.name, checker.check(model.epsilon, prior.processes)))
    if model.known:
        worst: list[WorstCase] = []
        for n, process in enumerate(mechanism.processes):
            same = next((m for m in range(n) if mechanism.members[m] is mechanism.members[n]), None)
            worst.append(worst_case(model.known, process.paths(), checker.leaving[n]) if same is None else worst[same])
        top = max(checker.regret, model.epsilon)
        c = max(w.probability for w in worst) * (mechanism.n - 1) * top / model.epsilon
        found.known = Known(tuple(worst), c, c <= model.epsilon)


def _averages(found: StatisticalAnalysis, deadline: float | None) -> None:
    """Expected cost and surplus."""
    found.averages = averages(found.model.mechanism)


def _budgets(found: StatisticalAnalysis, deadline: float | None) -> None:
    """Linking by budgets."""
    if found.model.payments != NONE:
        left = None if deadline is None else max(deadline - time.monotonic(), 0.01)
        found.budgets = compare_with_budgets(found.model.mechanism, left)


def _curve(
    found: StatisticalAnalysis,
    sizes: tuple[int, ...],
    rule: TypicalRule | None,
    samples: int,
    seed: int,
    deadline: float | None,
    tick: Tick,
) -> None:
    model = found.model
    if model.family is None:
        raise NotSupported("curve: the ratio against N is for resource problems only")
    if len(set(model.processes)) > 1 or (rule is None and len(set(model.rules)) > 1):
        raise ModelError("curve: found agents with different processes, expected the same for all")
    found.curve = ratio_curve(
        model.family,
        model.processes[0],
        rule or model.rules[0],
        sizes,
        epsilon=model.epsilon,
        samples=samples,
        seed=seed,
        deadline=deadline,
        progress=tick,
    )
    found.stopped = found.curve.stopped
