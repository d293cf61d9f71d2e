"""Plot of what a coalition can gain against the filter's ε."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from eqsolve.collusion.frontier import Point
from eqsolve.collusion.result import Collusion
from eqsolve.errors import ModelError
from eqsolve.show.figures import COLOURS, check_plot, empty_figure, finish, legend, safe
from eqsolve.show.words import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def plot_collusion(found: Sequence[Collusion], path: str | Path | None = None, title: str = "") -> Figure:
    """Draw the sum of the members' gains against ε, a step function; what holds, and many problems, beside it.

    Parameters
    ----------
    found : Collusions
        One or several coalitions, or one coalition for several numbers of problems.
    path : str or Path, optional
        Where to write the plot (.png, .svg or .pdf).
    title : str

    Raises
    ------
    NotSupported
        If matplotlib is not installed.
    ModelError
        If no ε was asked for, or the file name is of no use.
    """
    check_plot(path)
    if not any(stage.point.epsilon is not None for one in found for stage in one.stages):
        raise ModelError("plot: found no filter to draw, expected values of epsilon (--epsilon 0:1/2:1/20)")
    figure = empty_figure(7.5, 4.8)
    axes = figure.subplots()
    axes.set_title(safe(printable(title)) or "Collusion", fontsize=13, loc="left")
    for k, one in enumerate(found):
        _draw(axes, one, COLOURS[k % len(COLOURS)], _label(one, found))
    axes.set_xlabel(f"epsilon, {found[0].kind} distance")
    axes.set_ylabel("gain of the members together, per problem")
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
    legend(axes, loc="upper left")
    return finish(figure, [axes], path)


def _label(one: Collusion, found: Sequence[Collusion]) -> str:
    who = _who(one)
    copies = one.coalition.game.copies
    told = f"{who}, K = {copies:,}" if len({c.coalition.game.copies for c in found}) > 1 or len(found) == 1 else who
    return told if one.pooled else f"{told}, no talk"


def _who(one: Collusion) -> str:
    return safe((" and " if len(one.names) == 2 else ", ").join(map(printable, one.names)))


def _draw(axes: Axes, one: Collusion, colour: str, label: str) -> None:
    """One coalition: its frontier, the plans that hold, the level without a filter and the limit."""
    drawn = [stage for stage in one.stages if stage.point.epsilon is not None]
    axes.step(*_line([s.point for s in drawn]), where="post", color=colour, linewidth=1.4, label=label)
    axes.plot(*_line([s.point for s in drawn]), color=colour, marker="o", markersize=3.5, linestyle="none")
    holding = [s.holding if s.holding is not None else s.point for s in drawn]
    if any(s.holding is not None for s in drawn):
        axes.plot(
            *_line(holding),
            color=colour,
            marker="s",
            markersize=6,
            markerfacecolor="none",
            linestyle="none",
            label=f"{label}: no member would leave the plan",
        )
    limits = [s.limit for s in drawn if s.limit is not None]
    if limits:
        axes.plot(*_line(limits), color=colour, linewidth=1, linestyle="--", label=f"{_who(one)}: many problems")
    free = next((s.point.total for s in one.stages if s.point.epsilon is None), None)
    if free is not None:
        axes.axhline(float(free), color=colour, linewidth=1, linestyle=":", label=f"{label}: no filter")


def _line(points: Sequence[Point]) -> tuple[list[float], list[float]]:
    return (
        [float(p.epsilon or Fraction(0)) for p in points],
        [float("nan") if p.total is None else float(p.total) for p in points],
    )
