"""Plots, drawn with matplotlib where it is installed: ``pip install 'eqsolve-games[plots]'``."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from eqsolve.convergence import Curve, Rate
from eqsolve.errors import ModelError, NotSupported
from eqsolve.show import curve_page as page
from eqsolve.show.figures import COLOURS, MARKERS, check_plot, finish, legend, safe, two_panels, whole_numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

_GREY = "#555555"


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
    figure, left, right = two_panels(curve.model.problem.name)
    groups = page.groups(curve)[: len(COLOURS)]
    _payoffs(left, curve, groups)
    _gaps(right, curve, groups)
    for axes in (left, right):
        _copies_axis(axes, [p.copies for p in curve.points])
    return finish(figure, (left, right), path)


def _payoffs(axes: Axes, curve: Curve, groups: Sequence[Sequence[int]]) -> None:
    """Payoffs with a band from floor to ceiling; a colour per group of agents, a style per kind of figure."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    copies = [p.copies for p in curve.points]
    size = _marker_size(len(copies))
    for group, colour, marker in zip(groups, COLOURS, MARKERS, strict=False):
        i = group[0]
        payoffs, floor, ceiling = (
            [_float(getattr(p, what)[i]) for p in curve.points] for what in ("payoffs", "floor", "ceiling")
        )
        if len(copies) == 1:
            axes.vlines(copies, floor, ceiling, color=colour, alpha=0.4, linewidth=3)
        axes.fill_between(copies, floor, ceiling, color=colour, alpha=0.15, linewidth=0)
        for end in (floor, ceiling):
            axes.plot(copies, end, color=colour, linewidth=0.8, alpha=0.7, marker="_", markersize=1.5 * size)
        axes.plot(copies, payoffs, color=colour, linewidth=1.4, marker=marker, markersize=size)
        axes.axhline(_float(curve.points[0].target[i]), color=colour, linewidth=1.2, linestyle="--")
    handles: list[Line2D | Patch] = []
    if len(groups) > 1:
        handles += [
            Line2D([], [], color=colour, marker=marker, markersize=4, label=safe(page.who(curve, group)))
            for group, colour, marker in zip(groups, COLOURS, MARKERS, strict=False)
        ]
    tone = _GREY if len(groups) > 1 else COLOURS[0]
    label = "label-free equilibrium" if curve.scope == "label-free" else "a label-free equilibrium"
    handles.append(Line2D([], [], color=tone, linewidth=1.2, linestyle="--", label="truth and rule"))
    handles.append(Line2D([], [], color=tone, linewidth=1.4, marker="o" if size else "", markersize=4, label=label))
    ends = [(f is not None, c is not None) for p in curve.points for f, c in zip(p.floor, p.ceiling, strict=True)]
    if (True, True) in ends:
        handles.append(Patch(color=tone, alpha=0.25, linewidth=0, label="floor to ceiling of all equilibria"))
    if (True, False) in ends:
        label = "floor of all equilibria"
        handles.append(Line2D([], [], color=tone, linewidth=0.8, marker="_" if size else "", markersize=6, label=label))
    legend(axes, handles=handles)
    axes.set_ylabel("payoff per problem, ex ante")
    axes.set_title(_titled("Payoffs", curve, groups), fontsize=11)


def _gaps(axes: Axes, curve: Curve, groups: Sequence[Sequence[int]]) -> None:
    """Gaps on double logarithmic axes, each with its fitted power law, and the slope of the bound above them."""
    axes.set_yscale("log")
    top: list[tuple[int, float]] = []
    for group, colour, marker in zip(groups, COLOURS, MARKERS, strict=False):
        i = group[0]
        known = [(p.copies, _float(g)) for p in curve.points if (g := p.gap[i]) is not None and g > 0]
        if not known:
            continue
        size = _marker_size(len(known)) or 2
        copies, gaps = [k for k, _ in known], [g for _, g in known]
        name = f"{safe(page.who(curve, group))}: " if len(groups) > 1 else ""
        rate = curve.rates[i]
        if rate is None or rate.constant is None:
            axes.plot(copies, gaps, color=colour, marker=marker, markersize=size, linewidth=1, label=f"{name}gap")
        else:
            axes.plot(copies, gaps, color=colour, marker=marker, markersize=size, linestyle="none", label=f"{name}gap")
            fitted = [rate.constant * k**rate.exponent for k in copies]
            axes.plot(copies, fitted, color=colour, linewidth=1, label=f"{name}{_law(rate)}")
        top = max(top, known, key=lambda line: line[0][1] if line else 0.0)
    if not top:
        axes.text(0.5, 0.5, "nobody gets less than under truth and the rule", ha="center", transform=axes.transAxes)
        axes.set_yticks([])
    else:
        # The bound has a slope and no height: it is drawn a little above the largest gap.
        if curve.bound is not None:
            height = 1.7 * max(g * k ** -float(curve.bound) for k, g in top)
            ends = [top[0][0], top[-1][0]]
            line = [height * k ** float(curve.bound) for k in ends]
            axes.plot(ends, line, color=_GREY, linewidth=1, linestyle=":", label=r"slope of the bound, $K^{-1/2}$")
        legend(axes)
        _plain_ticks(axes.yaxis, axes.get_ylim())
    axes.set_ylabel("gap to truth and rule, per problem")
    axes.set_title(_titled("Gap", curve, groups), fontsize=11)


def _copies_axis(axes: Axes, copies: Sequence[int]) -> None:
    """Numbers of problems, logarithmic where they span a factor of five and more."""
    axes.set_xlabel("number of linked problems K")
    if copies[-1] >= 5 * copies[0]:
        axes.set_xscale("log")
        _plain_ticks(axes.xaxis, axes.get_xlim())
    else:
        whole_numbers(axes.xaxis)


def _plain_ticks(axis: Axis, limits: tuple[float, float]) -> None:
    """Ticks of a logarithmic axis at round numbers, written out."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    narrow = limits[1] < 6 * limits[0]
    axis.set_major_locator(LogLocator(subs=range(1, 10) if narrow else (1.0, 2.0, 5.0)))
    axis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.6g}"))
    axis.set_minor_formatter(NullFormatter())


def _titled(what: str, curve: Curve, groups: Sequence[Sequence[int]]) -> str:
    return f"{what} of {safe(page.who(curve, groups[0]))}" if len(groups) == 1 else what


def _law(rate: Rate) -> str:
    return f"fit, exponent {rate.exponent:.3f} ± {rate.stderr:.1g}".replace("exponent -", "exponent \N{MINUS SIGN}")


def _marker_size(points: int) -> float:
    """Markers for few points, none where they would run into each other."""
    return 4.0 if points <= 30 else 0.0


def _float(figure: Fraction | float | None) -> float:
    try:
        return float("nan") if figure is None else float(figure)
    except OverflowError:
        raise NotSupported("plot: found figures beyond 10^308, which matplotlib cannot draw") from None
