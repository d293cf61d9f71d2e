"""Axes of a chart: from figures to places in the drawing, ticks, grid lines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from eqsolve.show.report.elements import Html, joined, tag

WIDTH, HEIGHT = 480.0, 290.0
LEFT, RIGHT, TOP, BOTTOM = 62.0, 468.0, 14.0, 240.0
MAX_TICKS = 8


@dataclass(frozen=True)
class Scale:
    """A linear or logarithmic map from figures to places.

    Parameters
    ----------
    low, high : float
        The figures at the ends.
    start, end : float
        The places of the ends.
    logarithmic : bool
    """

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    def __call__(self, figure: float) -> float:
        """Place of a figure."""
        low, high = self._mapped(self.low), self._mapped(self.high)
        share = 0.5 if high == low else (self._mapped(figure) - low) / (high - low)
        return self.start + share * (self.end - self.start)

    def _mapped(self, figure: float) -> float:
        return math.log(figure) if self.logarithmic else figure


def horizontal(figures: Sequence[float], logarithmic: bool = False) -> Scale:
    """A scale along the bottom, with room for marks at both ends."""
    return Scale(min(figures), max(figures), LEFT + 14, RIGHT - 14, logarithmic)


def vertical(figures: Sequence[float], least: float | None = None) -> Scale:
    """A scale along the left side that shows all figures, and `least` at the bottom if it is given."""
    low, high = min(figures), max(figures)
    room = 0.06 * (high - low) or 0.1 * abs(high) or 1.0
    return Scale(low - room if least is None else least, high + room, BOTTOM, TOP)


def round_ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten between two figures."""
    if not high > low:
        return [low]
    raw = (high - low) / about
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(s * power for s in (1, 2, 5, 10) if s * power >= raw)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [k * step for k in range(first, last + 1)]


def some(figures: Sequence[float], scale: Scale, apart: float = 44.0) -> list[float]:
    """Ticks at the figures themselves, as many as do not run into each other."""
    kept: list[float] = []
    for figure in sorted(set(figures)):
        if not kept or scale(figure) - scale(kept[-1]) >= apart:
            kept.append(figure)
    return kept


def frame(x: Scale, y: Scale, x_ticks: Sequence[float], x_label: str, y_label: str) -> Html:
    """Grid lines, ticks and names of the axes; read by eyes only, as the figures are in a table beside the chart."""
    parts: list[Html] = []
    for tick in round_ticks(y.low, y.high):
        height = y(tick)
        parts.append(tag("line", class_="grid", x1=LEFT, x2=RIGHT, y1=height, y2=height))
        parts.append(tag("text", f"{tick:.6g}", class_="tick", x=LEFT - 8, y=height + 4.5, text_anchor="end"))
    parts.append(tag("line", class_="axis", x1=LEFT, x2=RIGHT, y1=BOTTOM, y2=BOTTOM))
    for tick in x_ticks:
        place = x(tick)
        parts.append(tag("line", class_="axis", x1=place, x2=place, y1=BOTTOM, y2=BOTTOM + 5))
        parts.append(tag("text", f"{tick:,.6g}", class_="tick", x=place, y=BOTTOM + 20, text_anchor="middle"))
    middle = (LEFT + RIGHT) / 2
    parts.append(tag("text", x_label, class_="label", x=middle, y=HEIGHT - 8, text_anchor="middle"))
    turn = f"translate(15 {(TOP + BOTTOM) / 2:g}) rotate(-90)"
    parts.append(tag("text", y_label, class_="label", transform=turn, text_anchor="middle"))
    return tag("g", joined(parts), aria_hidden="true")
