"""Everything that is known of a statistical model, part by part; what is too large is said, not guessed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from eqsolve.errors import LimitReached, ModelError, NotSupported, SizeError
from eqsolve.statistical.averages import Averages, averages
from eqsolve.statistical.budgets import BudgetComparison, compare_with_budgets
from eqsolve.statistical.credal import WorstCase, worst_case
from eqsolve.statistical.mechanism import NONE
from eqsolve.statistical.model import StatisticalModel
from eqsolve.statistical.proposition import Check, Checker
from eqsolve.statistical.ratio_curve import RatioCurve, ratio_curve
from eqsolve.statistical.resource import TypicalRule
from eqsolve.statistical.typical import Listed, Satisfying, WithinBounds

if TYPE_CHECKING:
    import pandas as pd


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


@dataclass(frozen=True)
class StatisticalAnalysis:
    """Results; what is None was not asked for, does not apply, or is explained in `notes`.

    Parameters
    ----------
    model : StatisticalModel
    checks : tuple of (name, Check)
        Proposition 1 and Corollary 1 under the model's law, whose name is empty, then under its further priors.
    known : Known or None
    averages : Averages or None
    budgets : BudgetComparison or None
    curve : RatioCurve or None
    ex_post : bool or None
        Whether the mechanism on Ω* is ex post incentive compatible; True by theorem for VCG payments.
    notes : tuple of str
        Why something is missing.
    stopped : str or None
    seconds : float
    """

    model: StatisticalModel
    checks: tuple[tuple[str, Check], ...] = ()
    known: Known | None = None
    averages: Averages | None = None
    budgets: BudgetComparison | None = None
    curve: RatioCurve | None = None
    ex_post: bool | None = None
    notes: tuple[str, ...] = ()
    stopped: str | None = None
    seconds: float = 0.0

    @property
    def unlinked_ratio(self) -> Fraction:
        """Cost over surplus of VCG on every date by itself: (N − 1) β^{−(T−1)}."""
        return (self.model.agents - 1) / self.model.discount ** (self.model.dates - 1)

    @property
    def equilibrium(self) -> bool | None:
        """Whether the truth is an ε-ex-post equilibrium: under the model's law and all its priors (Zhu, section 2.4).

        None if Proposition 1 was not checked.
        """
        return all(check.equilibrium for _, check in self.checks) if self.checks else None

    def to_frame(self) -> pd.DataFrame:
        """The points of the curve if there is one, else the laws that Proposition 1 was checked under."""
        import pandas as pd

        shown: tuple[str, ...]
        if self.curve is not None:
            shown = ("agents", "ratio", "stderr", "cost", "surplus", "samples", "unlinked", "outside")
            return pd.DataFrame([{name: getattr(point, name) for name in shown} for point in self.curve.points])
        shown = ("c", "hypothesis", "lie_of_others", "ratio", "equilibrium", "implemented", "implemented_at_least")
        return pd.DataFrame(
            [{"law": law, **{name: getattr(check, name) for name in shown}} for law, check in self.checks]
        )

    def __str__(self) -> str:
        from eqsolve.show.statistical_page import analysis_text

        return analysis_text(self)

    def _repr_html_(self) -> str:
        from eqsolve.show.statistical_page import analysis_html

        return analysis_html(self)


Tick = Callable[[str], None]


def examine_statistical(
    model: StatisticalModel,
    *,
    exact: bool = True,
    sizes: Sequence[int] = (),
    samples: int | None = None,
    seed: int = 0,
    curve_rule: TypicalRule | None = None,
    max_seconds: float | None = None,
    progress: Tick | None = None,
) -> StatisticalAnalysis:
    """Work through a statistical model.

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
        With `stopped` set if time ran out; what is too large is explained in `notes`.

    Raises
    ------
    ModelError, NotSupported
        If a curve is asked for that the model does not have.
    """
    start = time.monotonic()
    deadline = None if max_seconds is None else start + max_seconds
    tick: Tick = progress or (lambda _: None)
    found, stopped = StatisticalAnalysis(model), None
    notes: list[str] = []
    try:
        for name, part in (_PARTS if exact else {}).items():
            tick(name)
            _check_deadline(deadline)
            try:
                found = part(found, deadline)
            except (SizeError, NotSupported) as error:
                notes.append(str(error))
        if sizes:
            rule = curve_rule or model.curve_rule
            drawn = model.samples if samples is None else samples
            curve = _curve(model, sizes, rule, drawn, seed, deadline, tick)
            found, stopped = replace(found, curve=curve), curve.stopped
    except LimitReached as error:
        stopped = str(error)
    except KeyboardInterrupt:
        stopped = "interrupted"
    notes = list(dict.fromkeys([*found.notes, *notes]))
    return replace(found, notes=tuple(notes), stopped=stopped, seconds=time.monotonic() - start)


def _check_deadline(deadline: float | None) -> None:
    if deadline is not None and time.monotonic() > deadline:
        raise LimitReached("time limit")


def _proposition(found: StatisticalAnalysis, deadline: float | None) -> StatisticalAnalysis:
    model, mechanism = found.model, found.model.mechanism
    if mechanism.payments == NONE and any(mechanism.largest_gain_inside(n, deadline) > 0 for n in range(mechanism.n)):
        told = "the mechanism is not ex post incentive compatible on the likely set, so Proposition 1 does not apply"
        return replace(found, ex_post=False, notes=(told,))
    checker = Checker(mechanism, deadline=deadline)
    checks = [("", checker.check(model.epsilon))]
    checks += [(prior.name, checker.check(model.epsilon, prior.processes)) for prior in model.priors]
    return replace(found, ex_post=True, checks=tuple(checks), known=_known(model, checker))


def _known(model: StatisticalModel, checker: Checker) -> Known | None:
    """The hypothesis of Proposition 1 under all laws with the known statistics."""
    if not model.known:
        return None
    mechanism, worst = checker.mechanism, list[WorstCase]()
    for n, process in enumerate(mechanism.processes):
        same = next((m for m in range(n) if mechanism.members[m] is mechanism.members[n]), None)
        worst.append(worst_case(model.known, process.paths(), checker.leaving[n]) if same is None else worst[same])
    top = max(checker.regret, model.epsilon)
    c = max(w.probability for w in worst) * (mechanism.n - 1) * top / model.epsilon
    return Known(tuple(worst), c, c <= model.epsilon)


def _averages(found: StatisticalAnalysis, deadline: float | None) -> StatisticalAnalysis:
    return replace(found, averages=averages(found.model.mechanism))


def _budgets(found: StatisticalAnalysis, deadline: float | None) -> StatisticalAnalysis:
    if found.model.payments == NONE:
        return found
    left = None if deadline is None else max(deadline - time.monotonic(), 0.01)
    return replace(found, budgets=compare_with_budgets(found.model.mechanism, left))


_PARTS = {
    "Proposition 1 and Corollary 1": _proposition,
    "expected cost and surplus": _averages,
    "linking by budgets": _budgets,
}


def _curve(
    model: StatisticalModel,
    sizes: Sequence[int],
    rule: TypicalRule | None,
    samples: int,
    seed: int,
    deadline: float | None,
    tick: Tick,
) -> RatioCurve:
    if model.family is None:
        raise NotSupported("curve: the ratio against N is for resource problems only")
    if len(set(model.processes)) > 1 or (rule is None and len(set(model.rules)) > 1):
        raise ModelError("curve: found agents with different processes, expected the same for all")
    if isinstance((rule or model.rules[0]).typical, WithinBounds | Listed | Satisfying):
        raise NotSupported("curve: the likely set of the model is for its own number of dates; give a level")
    return ratio_curve(
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
