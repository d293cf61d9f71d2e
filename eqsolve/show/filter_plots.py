"""Plot of a filter's power, false alarms and ε against the number of linked problems."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from eqsolve.errors import ModelError
from eqsolve.filter.chances import Chance, upper
from eqsolve.filter.setting import Setting
from eqsolve.show.figures import COLOURS, check_plot, empty_figure, finish, legend, safe
from eqsolve.show.words import printable

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot_filter(settings: Sequence[Setting], path: str | Path | None = None, title: str = "") -> Figure:
    """Draw power against complete collusion and false alarms, and below them ε, against K.

    Parameters
    ----------
    settings : Settings for increasing numbers of problems
    path : str or Path, optional
        Where to write the plot (.png, .svg or .pdf).
    title : str

    Raises
    ------
    NotSupported
        If matplotlib is not installed.
    ModelError
        If there is nothing to draw, or the file name is of no use.
    """
    check_plot(path)
    if not settings:
        raise ModelError("plot: found no filters, expected at least one")
    copies = [s.panel.copies for s in settings]
    marker = "o" if len(copies) <= 40 else ""
    figure = empty_figure(7.5, 6)
    figure.suptitle(safe(printable(title)) or "Correlation filter", fontsize=13)
    above, below = figure.subplots(2, 1, sharex=True)
    lines: list[tuple[str, list[Chance | None]]] = [
        ("power against complete collusion", [s.complete for s in settings]),
        ("false alarm of an agent, the largest", [s.false_alarm for s in settings]),
        ("somebody flagged by chance", [s.family_wise for s in settings]),
    ]
    for (label, chances), colour in zip(lines, COLOURS, strict=False):
        if any(x is not None for x in chances):
            heights = [float("nan") if x is None else float(upper(x)) for x in chances]
            above.plot(copies, heights, color=colour, marker=marker, markersize=4, linewidth=1.2, label=label)
    levels = {float(upper(s.alpha)) for s in settings}
    if len(levels) == 1:
        above.axhline(levels.pop(), color="#555555", linewidth=1, linestyle=":", label="level")
    above.set_ylim(-0.03, 1.03)
    above.set_ylabel("probability")
    legend(above)
    below.plot(copies, [float(s.epsilon) for s in settings], color=COLOURS[3], marker=marker, markersize=4)
    below.set_ylim(bottom=0)
    below.set_ylabel(f"epsilon, {settings[0].kind} distance")
    below.set_xlabel("number of linked problems K")
    return finish(figure, (above, below), path)
