"""Cost over surplus against the number of agents and dates, as a plot, where matplotlib is installed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from eqsolve.errors import ModelError
from eqsolve.show import words
from eqsolve.show.figures import COLOURS, check_plot, empty_figure, finish, safe
from eqsolve.statistical.analysis import StatisticalAnalysis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def plot_ratio(found: StatisticalAnalysis, path: str | Path | None = None) -> Figure:
    """Linked VCG with its confidence intervals, and VCG on every date by itself, on double logarithmic axes.

    Parameters
    ----------
    found : StatisticalAnalysis
    path : str or Path, optional
        Where to write the plot (.png, .svg or .pdf).

    Raises
    ------
    NotSupported
        If matplotlib is not installed.
    ModelError
        If there is no curve, or the file name is of no use.
    """
    check_plot(path)
    if found.curve is None or not found.curve.points:
        raise ModelError("plot: found no curve, expected at least one point of it")
    points = found.curve.points
    sizes = [p.agents for p in points]
    figure = empty_figure(7.5, 5)
    figure.suptitle(safe(words.printable(found.model.name)) or "Statistical mechanism", fontsize=13)
    axes = figure.subplots()
    errors = [[p.ratio - p.interval[0] for p in points], [p.interval[1] - p.ratio for p in points]]
    axes.errorbar(
        sizes,
        [p.ratio for p in points],
        yerr=errors,
        color=COLOURS[0],
        marker="o",
        markersize=4,
        capsize=3,
        label="linked VCG, estimate with 95 % interval",
    )
    axes.plot(
        sizes,
        [float(p.unlinked) for p in points],
        color=COLOURS[1],
        marker="s",
        markersize=4,
        label="VCG on every date, exact",
    )
    _scales(axes, sizes)
    axes.legend(fontsize=9, framealpha=0.8, edgecolor="none")
    return finish(figure, [axes], path)


def _scales(axes: Axes, sizes: list[int]) -> None:
    """Logarithmic axes with plain numbers."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter

    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.xaxis.set_major_locator(FixedLocator(sizes))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
    axes.set_xlabel("number of agents and dates N")
    axes.set_ylabel("expected cost over expected surplus")
