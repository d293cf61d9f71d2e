"""What can be implemented on one grid after another, and with interdependence of one strength after another."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from eqsolve.errors import LimitReached, NotSupported, SizeError
from eqsolve.interdependent.congruence import Congruence, congruence
from eqsolve.interdependent.efficient import TabulatedRule, efficient_rule
from eqsolve.interdependent.incentives import ExPostCheck, check_ex_post
from eqsolve.interdependent.model import InterdependentModel
from eqsolve.interdependent.second_best import SecondBest, second_best
from eqsolve.interdependent.support import BAYESIAN, Support, support
from eqsolve.interdependent.thresholds import threshold_transfers

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class StudyPoint:
    """What is known on one grid, with interdependence of one strength.

    Parameters
    ----------
    model : InterdependentModel
        As it is there.
    points : int or None
        Points per interval; None for the grid of the model.
    strength : Fraction
        What effects of signals on other agents' values were multiplied by.
    congruence : Congruence
    support : Support
        Whether transfers support the efficient rule.
    thresholds : ExPostCheck or None
        The transfers (7.12) against every lie; None where they are not defined, or there are too many lies.
    second_best : SecondBest or None
        None if not asked for.
    seconds : float
    """

    model: InterdependentModel
    points: int | None
    strength: Fraction
    congruence: Congruence
    support: Support
    thresholds: ExPostCheck | None
    second_best: SecondBest | None
    seconds: float

    @property
    def rule(self) -> TabulatedRule:
        """The efficient rule with its ties."""
        return self.support.rule


@dataclass(frozen=True, eq=False)
class Study:
    """Grids and strengths of one model.

    Parameters
    ----------
    model : InterdependentModel
    incentives : {"bayesian", "ex-post"}
    points : tuple of StudyPoint
        By strength, then by grid.
    stopped : str or None
        What stopped the work before all points were done.
    seconds : float
    """

    model: InterdependentModel
    incentives: str
    points: tuple[StudyPoint, ...]
    stopped: str | None
    seconds: float

    def coarsest(self, strength: Fraction | int = 1) -> int | None:
        """The fewest points per interval, of those that were looked at, at which the efficient rule fails; or None."""
        failing = [p.points for p in self.points if p.strength == strength and not p.support.exists and p.points]
        return min(failing, default=None)

    def coarsest_loss(self, strength: Fraction | int = 1) -> int | None:
        """The fewest points per interval, of those looked at, at which every efficient rule fails; or None."""
        failing = [
            p.points
            for p in self.points
            if p.strength == strength and p.points and p.second_best is not None and p.second_best.loss
        ]
        return min(failing, default=None)

    def to_frame(self) -> pd.DataFrame:
        """A pandas DataFrame with a row for every grid and strength; numbers are Fractions.

        Columns: points per interval (None for the model's own grid), strength, the largest violation of congruence,
        whether transfers support the efficient rule, the largest gain from a lie under (7.12), first-best and
        second-best welfare; None where nothing is known.
        """
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "points": p.points,
                    "strength": p.strength,
                    "violation": p.congruence.violation,
                    "supported": p.support.exists,
                    "gain under (7.12)": None if p.thresholds is None else p.thresholds.gain,
                    "first best": p.rule.welfare,
                    "second best": None if p.second_best is None else p.second_best.welfare,
                }
                for p in self.points
            ],
            dtype=object,
        )

    def __str__(self) -> str:
        from eqsolve.show.interdependent_page import study_text

        return study_text(self)

    def _repr_html_(self) -> str:
        from eqsolve.show.interdependent_html import study_html

        return study_html(self)


def examine_interdependent(
    model: InterdependentModel,
    points: Sequence[int] | None = None,
    strengths: Sequence[Fraction | int] = (1,),
    incentives: str = BAYESIAN,
    *,
    second: bool = False,
    max_seconds: float | None = None,
    progress: Callable[[str], None] | None = None,
) -> Study:
    """Examine a model on grids of several sizes, and with weaker or stronger interdependence.

    Parameters
    ----------
    model : InterdependentModel
    points : ints, optional
        Points per interval; the model's own grid by default.
    strengths : Fractions
        What effects of signals on other agents' values are multiplied by: 0 makes values private, 1 is the model.
    incentives : {"bayesian", "ex-post"}
    second : bool
        Whether second-best welfare is computed, too.
    max_seconds : float, optional
        Checked between points; the work on one point goes on unless something else stops it.
    progress : callable, optional
        Told what is looked at.

    Returns
    -------
    Study

    Raises
    ------
    SizeError
        If the very first point is too large already.
    ModelError
        If `points` are given and no coordinate is an interval.

    Examples
    --------
    >>> import eqsolve as eq
    >>> study = eq.examine_interdependent(eq.load_interdependent("not-congruent"))
    >>> len(study.points)
    1
    """
    start = time.monotonic()
    found: list[StudyPoint] = []
    stopped: str | None = None
    places = [(Fraction(t), m) for t in strengths for m in (points or (None,))]
    for strength, m in places:
        if max_seconds is not None and time.monotonic() - start > max_seconds:
            stopped = "time limit"
            break
        if progress is not None:
            progress(f"{'' if m is None else f'{m} points, '}strength {strength}")
        try:
            found.append(examine_grid(model, m, strength, incentives))
            if second:
                found[-1] = _with_second_best(found[-1])
        except SizeError as error:
            if not found:
                raise
            stopped = str(error)
            break
        except LimitReached as error:
            stopped = str(error)
            break
        except KeyboardInterrupt:
            stopped = "interrupted"
            break
    return Study(model, incentives, tuple(found), stopped, time.monotonic() - start)


def examine_grid(
    model: InterdependentModel,
    points: int | None = None,
    strength: Fraction | int = 1,
    incentives: str = BAYESIAN,
) -> StudyPoint:
    """Examine a model on one grid, without its second best; as `examine_interdependent` does on several."""
    start = time.monotonic()
    there = model if points is None else model.with_points(points)
    if strength != 1:
        there = there.with_strength(Fraction(strength))
    supported = support(efficient_rule(there), incentives)
    return StudyPoint(
        there,
        points,
        Fraction(strength),
        congruence(there),
        supported,
        _thresholds(supported.rule),
        None,
        time.monotonic() - start,
    )


def _with_second_best(point: StudyPoint) -> StudyPoint:
    start = time.monotonic()
    best = second_best(point.model, point.support.incentives)
    return replace(point, second_best=best, seconds=point.seconds + time.monotonic() - start)


def _thresholds(rule: TabulatedRule) -> ExPostCheck | None:
    if not any(a.dimension for a in rule.model.agents):
        return None
    try:
        return check_ex_post(rule, threshold_transfers(rule))
    except (NotSupported, SizeError):
        return None
