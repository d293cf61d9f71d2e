"""What `curve` answers: payoffs, bounds and gaps at several numbers of copies, and the rate at which the gap closes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from eqsolve.model import Model

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

BOUND = Fraction(-1, 2)
"""Exponent of the bound: forced lies concern at most of the order of K^(1/2) of K problems."""

Figures = tuple[Fraction | float | None, ...]
"""One figure per agent: a Fraction is exact, a float stands beside its error, None was not computed."""


@dataclass(frozen=True)
class CurvePoint:
    """What is known at one number of copies; all figures are per problem, ex ante, one per agent.

    Parameters
    ----------
    copies : int
        K.
    payoffs : Figures
        Label-free equilibrium payoffs.
    floor, ceiling : Figures
        What every equilibrium pays at least and at most.
    target : tuple of Fraction
        Under truth and the rule.
    error : tuple of float, optional
        Where the figures are floats: none of an agent's payoff, floor and gap is further than this from the truth.
    """

    copies: int
    payoffs: Figures
    floor: Figures
    ceiling: Figures
    target: tuple[Fraction, ...]
    error: tuple[float, ...] | None = None

    @property
    def exact(self) -> bool:
        """Whether all figures are exact."""
        return self.error is None

    @cached_property
    def gap(self) -> Figures:
        """Target minus payoff; negative where the agent gets more than under truth and the rule."""
        return tuple(_minus(t, p) for t, p in zip(self.target, self.payoffs, strict=True))


@dataclass(frozen=True)
class Rate:
    """A power law fitted to a gap: least squares of its logarithm on that of K.

    Parameters
    ----------
    exponent : float
        The gap goes like K to this power.
    stderr : float
        Standard error of the exponent: how badly the points lie on one line. They are no sample.
    constant : float or None
        The fitted gap at K = 1; None if it is beyond floating point.
    points : int
        Points with a positive gap, which were used.
    """

    exponent: float
    stderr: float
    constant: float | None
    points: int


@dataclass(frozen=True, eq=False)
class Curve:
    """Payoffs against the number of copies.

    Parameters
    ----------
    model : Model
    points : tuple of CurvePoint
        In increasing order of copies.
    scope : {"label-free", "found"}
        Whether the payoffs are those of all label-free equilibria, or (loose budgets, walking away) of one that
        iteration found.
    stopped : str or None
        Why the work ended early; later points, floors or ceilings are then missing.
    seconds : float
    """

    model: Model
    points: tuple[CurvePoint, ...]
    scope: str = "label-free"
    stopped: str | None = None
    seconds: float = field(default=0.0)

    def __iter__(self) -> Iterator[CurvePoint]:
        return iter(self.points)

    @property
    def bound(self) -> Fraction | None:
        """Exponent of the bound on the gap; None where it is not known to hold: type processes, walking away."""
        options = self.model.options
        return BOUND if options.process is None and options.walk_away is None else None

    def __len__(self) -> int:
        return len(self.points)

    def __getitem__(self, index: int) -> CurvePoint:
        return self.points[index]

    @cached_property
    def welfare_gap(self) -> Figures:
        """Per point the sum of the agents' gaps with the weights of the rule; errors add up in the same way."""
        return tuple(_weighted(self.model.rule.objective, p.gap) for p in self.points)

    @cached_property
    def rate(self) -> Rate | None:
        """Rate of the weighted welfare gap; None if fewer than three points have a positive gap."""
        return fit_rate([p.copies for p in self.points], self.welfare_gap)

    @cached_property
    def rates(self) -> tuple[Rate | None, ...]:
        """Rate of every agent's own gap."""
        copies = [p.copies for p in self.points]
        return tuple(fit_rate(copies, [p.gap[i] for p in self.points]) for i in range(self.model.problem.n))

    def to_frame(self) -> pd.DataFrame:
        """Points as a pandas DataFrame, a row each; exact figures are Fractions."""
        import pandas as pd

        names = [a.name for a in self.model.problem.agents]
        rows: list[dict[str, Any]] = []
        for p, welfare_gap in zip(self.points, self.welfare_gap, strict=True):
            row: dict[str, Any] = {"copies": p.copies}
            for what in ("payoffs", "floor", "ceiling", "target", "gap"):
                title = "payoff" if what == "payoffs" else what
                row |= {f"{title} {n}": x for n, x in zip(names, getattr(p, what), strict=True)}
            row["welfare gap"] = welfare_gap
            row |= {f"error {n}": x for n, x in zip(names, p.error or (0.0,) * len(names), strict=True)}
            rows.append(row)
        return pd.DataFrame(rows)

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw the curve with matplotlib; write it to a file (.png, .svg or .pdf) if a path is given."""
        from eqsolve.show.plots import plot_curve

        return plot_curve(self, path)

    def _repr_html_(self) -> str:
        from eqsolve.show.curve_html import curve_html

        return curve_html(self)

    def __str__(self) -> str:
        from eqsolve.show.curve_page import curve_text

        return curve_text(self)


def fit_rate(copies: Sequence[int], gaps: Sequence[Fraction | float | None]) -> Rate | None:
    """Power law through the positive gaps; None if there are fewer than three."""
    used = [(k, g) for k, g in zip(copies, gaps, strict=True) if g is not None and g > 0]
    if len(used) < 3:
        return None
    (slope, intercept), covariance = np.polyfit(
        [math.log(k) for k, _ in used], [_log(Fraction(g)) for _, g in used], 1, cov=True
    )
    constant = math.exp(intercept) if abs(intercept) < 700 else None
    return Rate(float(slope), math.sqrt(max(0.0, covariance[0][0])), constant, len(used))


def _log(value: Fraction) -> float:
    """Logarithm of a positive rational of any size."""
    return math.log(value.numerator) - math.log(value.denominator)


def _minus(target: Fraction, payoff: Fraction | float | None) -> Fraction | float | None:
    if payoff is None:
        return None
    return float(target - Fraction(payoff)) if isinstance(payoff, float) else target - payoff


def _weighted(weights: Sequence[Fraction], figures: Figures) -> Fraction | float | None:
    total = Fraction(0)
    for weight, figure in zip(weights, figures, strict=True):
        if figure is None:
            return None
        total += weight * Fraction(figure)
    return float(total) if any(isinstance(figure, float) for figure in figures) else total
