"""The comparison of mechanisms as a plot, where matplotlib is installed."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from eqsolve.errors import ModelError
from eqsolve.mechanisms.comparison import Comparison
from eqsolve.show import optimal_page as page
from eqsolve.show import words
from eqsolve.show.plots import COLOURS, MARKERS, check_plot

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CONSTANT = ("separate", "second best", "first best")
"""Mechanisms that do not depend on K: drawn as dashed lines."""


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
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4.6), layout="constrained", facecolor="white")
    name = words.printable(comparison.model.problem.name).replace("$", r"\$") or "Linked game"
    figure.suptitle(name, fontsize=13)
    left, right = figure.subplots(1, 2)
    copies = [point.copies for point in comparison.points]
    _welfare(left, comparison, copies)
    _gaps(right, comparison, copies)
    for axes in (left, right):
        from matplotlib.ticker import MaxNLocator

        axes.set_xlabel("number of linked problems K")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(color="#DDDDDD", linewidth=0.6)
        axes.set_axisbelow(True)
    if path is not None:
        suffix = Path(path).suffix.lower()
        figure.savefig(path, dpi=150, metadata={"Date": None} if suffix == ".svg" else None)
    return figure


def _drawn(comparison: Comparison, copies: Sequence[int]) -> list[tuple[str, str, str, list[tuple[int, Fraction]]]]:
    """Per mechanism its name, colour, marker and the points that are known."""
    found = []
    for (name, figures), colour, marker in zip(page.columns(comparison), COLOURS, MARKERS, strict=False):
        known = [(k, x) for k, x in zip(copies, figures, strict=True) if x is not None]
        found.append((name, colour, marker, known))
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
    axes.legend(fontsize=8, framealpha=0.8, edgecolor="none")


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
        axes.legend(fontsize=8, framealpha=0.8, edgecolor="none")
    else:
        axes.text(0.5, 0.5, "nothing is missing to the first best", ha="center", transform=axes.transAxes)
    axes.set_ylabel("missing to the first best, per problem")
    axes.set_title("Gap", fontsize=11)
