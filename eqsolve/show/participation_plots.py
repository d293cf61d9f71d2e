"""Plots of participation, vetoes and tariffs against the number of linked issues."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from eqsolve.errors import ModelError
from eqsolve.participation.curve import ParticipationCurve, ParticipationPoint
from eqsolve.show.figures import COLOURS, check_plot, finish, legend, two_panels, whole_numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Line = tuple[str, list[Fraction | None]]

_TINY = Fraction(1, 10**300)


def plot_participation(found: ParticipationCurve, path: str | Path | None = None) -> Figure:
    """Probabilities against K on the left; on the right what is missing to 1, or the budget, or the seller's share.

    Parameters
    ----------
    found : ParticipationCurve
    path : str or Path, optional
        Where to write the plot (.png, .svg or .pdf).

    Raises
    ------
    NotSupported
        If matplotlib is not installed.
    ModelError
        If there is nothing to draw, or the file name is of no use.
    """
    check_plot(path)
    if not found.points:
        raise ModelError("plot: found a curve without points, expected at least one")
    figure, left, right = two_panels(found.sequence.name or "Linked issues")
    points = found.points
    if found.mechanism == "tariff":
        _draw(left, points, [("consumer buys", [None if p.tariff is None else p.tariff.buys for p in points])])
        _draw(
            right,
            points,
            [("profit as a share of the surplus", [None if p.tariff is None else p.tariff.share for p in points])],
        )
        right.set_ylabel("share")
    elif found.mechanism == "groves":
        together = [p.all_hold for p in points]
        _draw(left, points, [("all participation constraints hold", together)])
        _draw(
            right, points, [("some participation constraint fails", [None if x is None else 1 - x for x in together])]
        )
        right.set_yscale("log")
        right.set_ylabel("probability")
    else:
        _draw(
            left,
            points,
            [
                (
                    "all constraints hold as long as nobody vetoes",
                    [None if p.veto is None else p.veto.constraints for p in points],
                ),
                ("nobody vetoes in the equilibrium", [_first(p, "no_veto") for p in points]),
            ],
        )
        _draw(right, points, [("budget surplus per issue", [_first(p, "budget") for p in points])])
        right.axhline(0, color="#555555", linewidth=1, linestyle=":")
        right.set_ylabel("expected payments less costs, per issue")
    left.set_ylabel("probability")
    left.set_ylim(-0.03, 1.03)
    for axes in (left, right):
        axes.set_xlabel("index of the last issue, K")
        whole_numbers(axes.xaxis)
        legend(axes)
    return finish(figure, (left, right), path)


def _first(point: ParticipationPoint, what: str) -> Fraction | None:
    """A figure of the equilibrium that was found first; budgets per issue."""
    if point.veto is None or not point.veto.equilibria:
        return None
    outcome = point.veto.equilibria[0].outcome
    return outcome.no_veto if what == "no_veto" else outcome.budget / point.economy.size


def _draw(axes: Axes, points: Sequence[ParticipationPoint], lines: Sequence[Line]) -> None:
    copies = [p.last for p in points]
    size = 4.0 if len(copies) <= 40 else 0.0
    for (label, values), colour in zip(lines, COLOURS, strict=False):
        heights = [float("nan") if x is None else float(x) if abs(x) > _TINY else 0.0 for x in values]
        axes.plot(copies, heights, color=colour, marker="o", markersize=size, linewidth=1.2, label=label)
