"""The comparison of mechanisms as a plot, where matplotlib is installed."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from eqsolve.errors import ModelError
from eqsolve.mechanisms.comparison import Comparison
from eqsolve.show import optimal_page as page
from eqsolve.show.figures import check_plot, finish, legend, two_panels, whole_numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CONSTANT = ("separate", "second best", "first best")
"""Mechanisms that do not depend on K: drawn as dashed lines."""
LOOKS = {
    "separate": ("#999999", ""),
    "second best": ("#E69F00", ""),
    "linking": ("#0072B2", "o"),
    "completed": ("#009E73", "s"),
    "turns": ("#CC79A7", "D"),
    "foresighted turns": ("#56B4E9", "^"),
    "optimal": ("#D55E00", "v"),
    "first best": ("#000000", ""),
}
"""Colour and marker of each mechanism, the same in every plot; Okabe and Ito's palette."""


def plot_comparison(comparison: Comparison, path: str | Path | None = None) -> Figure:
    """Welfare against K, and what is missing to the first best on a logarithmic axis.

    Parameters
    ----------
    comparison : Comparison
    path : str or Path, optional
        Where to write the plot (.png, .svg or .pdf).

    Raises
    ------
    NotSupported
        If matplotlib is not installed.
    ModelError
        If nothing is known, or the file name is of no use.
    """
    check_plot(path)
    if not comparison.points:
        raise ModelError("plot: found a comparison without points, expected at least one")
    figure, left, right = two_panels(comparison.model.problem.name)
    copies = [point.copies for point in comparison.points]
    _welfare(left, comparison, copies)
    _gaps(right, comparison, copies)
    for axes in (left, right):
        axes.set_xlabel("number of linked problems K")
        whole_numbers(axes.xaxis)
    return finish(figure, (left, right), path)


def _drawn(comparison: Comparison, copies: Sequence[int]) -> list[tuple[str, str, str, list[tuple[int, Fraction]]]]:
    """Per mechanism its name, colour, marker and the points that are known."""
    found = []
    for name, figures in page.columns(comparison):
        known = [(k, x) for k, x in zip(copies, figures, strict=True) if x is not None]
        found.append((name, *LOOKS[name], known))
    return found


def _welfare(axes: Axes, comparison: Comparison, copies: Sequence[int]) -> None:
    for name, colour, marker, known in _drawn(comparison, copies):
        if name in CONSTANT:
            axes.axhline(float(known[0][1]), color=colour, linewidth=1.2, linestyle="--", label=name)
        else:
            axes.plot(
                [k for k, _ in known],
                [float(x) for _, x in known],
                color=colour,
                marker=marker,
                markersize=4,
                label=name,
            )
    axes.set_ylabel("welfare per problem, ex ante")
    axes.set_title("Welfare", fontsize=11)
    legend(axes)


def _gaps(axes: Axes, comparison: Comparison, copies: Sequence[int]) -> None:
    """Differences of exact figures, so that small gaps are right."""
    first = comparison.welfare(comparison.first_best) or Fraction(0)
    drawn = False
    for name, colour, marker, known in _drawn(comparison, copies):
        gaps = [(k, float(first - x)) for k, x in known if x < first]
        if name in CONSTANT or not gaps:
            continue
        axes.plot(
            [k for k, _ in gaps],
            [g for _, g in gaps],
            color=colour,
            marker=marker,
            markersize=4,
            linewidth=1,
            label=name,
        )
        drawn = True
    if drawn:
        axes.set_yscale("log")
        legend(axes)
    else:
        axes.text(0.5, 0.5, "nothing is missing to the first best", ha="center", transform=axes.transAxes)
    axes.set_ylabel("missing to the first best, per problem")
    axes.set_title("Gap", fontsize=11)
