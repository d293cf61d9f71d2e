"""What is lost by incentives, against the violation of congruence or the fineness of the grid, as a plot."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from eqsolve.errors import ModelError
from eqsolve.interdependent.study import Study, StudyPoint
from eqsolve.show.figures import COLOURS, MARKERS, check_plot, finish, legend, two_panels, whole_numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def plot_study(found: Study, path: str | Path | None = None) -> Figure:
    """First and second best welfare, and the loss; against the violation if there are several strengths, else points.

    Parameters
    ----------
    found : Study
        With second-best welfare.
    path : str or Path, optional
        Where to write the plot (.png, .svg or .pdf).

    Raises
    ------
    NotSupported
        If matplotlib is not installed.
    ModelError
        If no second best is known, or the file name is of no use.
    """
    check_plot(path)
    known = [p for p in found.points if p.second_best is not None]
    if not known:
        raise ModelError("plot: found no second-best welfare, expected at least one point (--second-best)")
    figure, left, right = two_panels(found.model.name or "Interdependent values")
    by_strength = len({p.strength for p in known}) > 1
    groups: dict[int | None, list[StudyPoint]] = {}
    for p in known:
        groups.setdefault(p.points if by_strength else None, []).append(p)
    for (points, group), colour, marker in zip(groups.items(), COLOURS, MARKERS, strict=False):
        name = "model's grid" if points is None else f"{points} points"
        _draw(left, right, group, by_strength, colour, marker, name)
    for axes in (left, right):
        axes.set_xlabel("violation of congruence" if by_strength else "points per interval")
        if not by_strength:
            whole_numbers(axes.xaxis)
        legend(axes)
    left.set_title("Welfare", fontsize=11)
    left.set_ylabel("expected sum of values")
    right.set_title("Loss by incentive constraints", fontsize=11)
    right.set_ylabel("first best less second best")
    right.set_ylim(bottom=0)
    return finish(figure, (left, right), path)


def _draw(
    left: Axes, right: Axes, group: list[StudyPoint], by_strength: bool, colour: str, marker: str, name: str
) -> None:
    places = sorted(group, key=lambda p: p.congruence.violation if by_strength else p.points or 0)
    x = [float(p.congruence.violation) if by_strength else float(p.points or 0) for p in places]
    best = [p.second_best for p in places if p.second_best is not None]
    told = f", {name}" if by_strength else ""
    left.plot(x, [float(b.first_best) for b in best], color=colour, linestyle="--", label=f"first best{told}")
    left.plot(
        x, [float(b.welfare) for b in best], color=colour, marker=marker, label=f"second best{told}", markersize=4
    )
    right.plot(x, [float(b.loss) for b in best], color=colour, marker=marker, label=name, markersize=4)
