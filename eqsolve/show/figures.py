"""What all plots share: whether they can be drawn, colours, how axes look, and how they are written to a file."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eqsolve.errors import ModelError, NotSupported
from eqsolve.io.whole_file import whole_file
from eqsolve.show.words import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

SUFFIXES = (".png", ".svg", ".pdf")
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Okabe and Ito's palette: told apart with any kind of colour vision."""
MARKERS = "osD^vP"


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


def empty_figure(width: float, height: float) -> Figure:
    """A figure without axes; the size is in inches."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained", facecolor="white")


def two_panels(name: str) -> tuple[Figure, Axes, Axes]:
    """A figure with a title and two panels side by side, `name` or what stands for a game without one."""
    figure = empty_figure(11, 4.6)
    figure.suptitle(safe(printable(name)) or "Linked game", fontsize=13)
    left, right = figure.subplots(1, 2)
    return figure, left, right


def whole_numbers(axis: Axis) -> None:
    """Ticks at whole numbers only."""
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(integer=True))


def legend(axes: Axes, **options: Any) -> None:
    """A small legend that hides little."""
    axes.legend(fontsize=8, framealpha=0.8, edgecolor="none", **options)


def finish(figure: Figure, panels: Iterable[Axes], path: str | Path | None = None) -> Figure:
    """Give panels a light grid and no frame, write the figure if there is a path (.png, .svg or .pdf), and return it.

    An .svg file has no date, so that the same figures make the same file.
    """
    for axes in panels:
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(color="#DDDDDD", linewidth=0.6)
        axes.set_axisbelow(True)
    if path is not None:
        save(figure, path)
    return figure


def save(figure: Figure, path: str | Path) -> None:
    """Write a figure to a file, as a whole or not at all."""
    with whole_file(path) as draft:
        figure.savefig(draft, dpi=150, metadata={"Date": None} if draft.suffix.lower() == ".svg" else None)


def safe(text: str) -> str:
    """A name in which matplotlib finds no formula."""
    return text.replace("$", r"\$")
