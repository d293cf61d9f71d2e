"""Plots, drawn with matplotlib where it is installed: ``pip install 'eqsolve-games[plots]'``."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from eqsolve.convergence import BOUND, Curve, Rate
from eqsolve.errors import ModelError, NotSupported
from eqsolve.show import curve_page as page
from eqsolve.show import words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SUFFIXES = (".png", ".svg", ".pdf")
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Okabe and Ito's palette: told apart with any kind of colour vision."""
MARKERS = "osD^vP"
_GREY = "#555555"


def check_plot(path: str | Path | None = None) -> None:
    """Whether a plot can be drawn, and written to a file of this name.

    Raises
    ------
    NotSupported
        If matplotlib is not installed.
    ModelError
        If the suffix names no format, or the folder does not exist.
    """
    if importlib.util.find_spec("matplotlib") is None:
        raise NotSupported("plots need matplotlib, which is not installed: pip install 'eqsolve-games[plots]'")
    if path is None:
        return
    if Path(path).suffix.lower() not in SUFFIXES:
        raise ModelError(f"plot: found {str(path)!r}, expected a file name that ends in {', '.join(SUFFIXES)}")
    if not Path(path).absolute().parent.is_dir():
        raise ModelError(f"plot: found {str(path)!r}, expected a file in a folder that exists")


def plot_curve(curve: Curve, path: str | Path | None = None) -> Figure:
    """Payoffs with floors, ceilings and target against K, and the gap on double logarithmic axes with its fit.

    Parameters
    ----------
    curve : Curve
    path : str or Path, optional
        Where to write the plot (.png, .svg or .pdf).

    Raises
    ------
    NotSupported
        If matplotlib is not installed.
    ModelError
        If nothing is known of the curve, or the file name is of no use.
    """
    check_plot(path)
    if not curve.points:
        raise ModelError("plot: found a curve without points, expected at least one")
    if path is None:
        import matplotlib.pyplot  # noqa: F401  # notebooks show figures once this is imported
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4.6), layout="constrained", facecolor="white")
    left, right = figure.subplots(1, 2)
    figure.suptitle(words.printable(curve.model.problem.name) or "Linked game", fontsize=13)
    groups = page.groups(curve)[: len(COLOURS)]
    _payoffs(left, curve, groups)
    _gaps(right, curve, groups)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(color="#DDDDDD", linewidth=0.6, which="major")
        axes.set_axisbelow(True)
        axes.set_xlabel("number of linked problems K")
    if path is not None:
        suffix = Path(path).suffix.lower()
        figure.savefig(path, dpi=150, metadata={"Date": None} if suffix == ".svg" else None)
    return figure


def _payoffs(axes: Axes, curve: Curve, groups: Sequence[Sequence[int]]) -> None:
    copies = [p.copies for p in curve.points]
    for group, colour, marker in zip(groups, COLOURS, MARKERS, strict=False):
        i, name = group[0], page.who(curve, group)
        floor, ceiling = ([_float(x[i]) for x in (getattr(p, end) for p in curve.points)] for end in ("floor", "ceiling"))
        payoffs = [_float(p.payoffs[i]) for p in curve.points]
        axes.fill_between(copies, floor, ceiling, color=colour, alpha=0.15, linewidth=0, label=f"{name}: floor to ceiling")
        axes.plot(copies, floor, color=colour, linewidth=0.8, alpha=0.7)
        axes.plot(copies, ceiling, color=colour, linewidth=0.8, alpha=0.7)
        axes.plot(copies, payoffs, color=colour, linewidth=1.4, marker=marker, markersize=3.5, label=f"{name}: label-free")
        axes.axhline(
            float(curve.points[0].target[i]), color=colour, linewidth=1.2, linestyle="--", label=f"{name}: truth and rule"
        )
    axes.set_ylabel("payoff per problem, ex ante")
    axes.set_title("Equilibrium payoffs", fontsize=11)
    axes.legend(fontsize=8, frameon=False)


def _gaps(axes: Axes, curve: Curve, groups: Sequence[Sequence[int]]) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    for group, colour, marker in zip(groups, COLOURS, MARKERS, strict=False):
        i = group[0]
        known = [(p.copies, float(g)) for p in curve.points if (g := p.gap[i]) is not None and g > 0]
        if not known:
            continue
        axes.plot(*zip(*known, strict=True), color=colour, marker=marker, markersize=3.5, linestyle="none", label=page.who(curve, group))
        rate = curve.rates[i]
        if rate is not None:
            _fit(axes, rate, known[0][0], known[-1][0], colour)
    axes.set_ylabel("gap to truth and rule, per problem")
    axes.set_title("Gap", fontsize=11)
    axes.legend(fontsize=8, frameon=False)


def _fit(axes: Axes, rate: Rate, first: int, last: int, colour: str) -> None:
    line = [rate.constant * k**rate.exponent for k in (first, last)]
    axes.plot([first, last], line, color=colour, linewidth=1, label=f"fit: K^{rate.exponent:.3f} ± {rate.stderr:.1g}")


def _float(figure: Fraction | float | None) -> float:
    return float("nan") if figure is None else float(figure)
