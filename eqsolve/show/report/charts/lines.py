"""Line and step charts: several figures against one, with a band between two of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eqsolve.show.report.charts import axes
from eqsolve.show.report.charts.drawing import drawing
from eqsolve.show.report.elements import Html, joined, tag

Figure = float | None


@dataclass(frozen=True)
class Line:
    """Figures that are joined.

    Parameters
    ----------
    name : str
        What the figures are, for the key.
    look : str
        Class of the style sheet: ``main``, ``target``, ``second`` or ``third``.
    ys : one figure per x; None where it is not known
    told : one text per x
        The figures as they are told to whoever points at them.
    steps : bool
        Whether a figure holds until the next x.
    """

    name: str
    look: str
    ys: Sequence[Figure]
    told: Sequence[str]
    steps: bool = False


@dataclass(frozen=True)
class Band:
    """The space between two figures; where only one of them is known, that one is drawn."""

    name: str
    low: Sequence[Figure]
    high: Sequence[Figure]
    told: Sequence[str]


@dataclass(frozen=True)
class LineChart:
    """A chart of lines.

    Parameters
    ----------
    key : str
        Beginning of the ids in the chart.
    title, description : str
        For those who do not see it.
    xs : increasing figures
    x_label, y_label, x_name : str
        Names of the axes; `x_name` is short, as in "K = 4".
    lines, band
    marks : (x, y, text)
        Single figures, each with what it is.
    marks_name : str
        What they are, for the key.
    logarithmic : bool
        Along the bottom.
    least : float, optional
        The bottom of the chart.
    """

    key: str
    title: str
    description: str
    xs: Sequence[float]
    x_label: str
    y_label: str
    x_name: str
    lines: Sequence[Line]
    band: Band | None = None
    marks: Sequence[tuple[float, float, str]] = ()
    marks_name: str = ""
    logarithmic: bool = False
    least: float | None = None

    def draw(self) -> Html:
        """The chart with its key; empty if no figure is known."""
        figures = [y for line in self.lines for y in line.ys if y is not None]
        if self.band is not None:
            figures += [y for side in (self.band.low, self.band.high) for y in side if y is not None]
        if not figures:
            return Html("")
        figures += [y for _, y, _ in self.marks]
        x, y = axes.horizontal(self.xs, self.logarithmic), axes.vertical(figures, self.least)
        parts = [axes.frame(x, y, axes.some(self.xs, x), self.x_label, self.y_label)]
        if self.band is not None:
            parts.append(_band(self.band, self.xs, x, y))
        parts += [_line(line, self.xs, x, y) for line in self.lines]
        parts += list(self._columns(x))
        parts += [_mark(x(a), y(b), told) for a, b, told in self.marks]
        return joined((drawing(self.key, self.title, self.description, axes.WIDTH, axes.HEIGHT, parts), self._legend()))

    def _columns(self, x: axes.Scale) -> Iterator[Html]:
        """A column per x that can be pointed at, and tells all figures there."""
        places = [x(value) for value in self.xs]
        edges = [axes.LEFT, *((a + b) / 2 for a, b in itertools.pairwise(places)), axes.RIGHT]
        for k, value in enumerate(self.xs):
            told = [f"{line.name}: {line.told[k]}" for line in self.lines if line.ys[k] is not None]
            if self.band is not None:
                told.append(f"{self.band.name}: {self.band.told[k]}")
            yield tag(
                "g",
                tag("title", f"{self.x_name} = {value:,.6g}\n" + "\n".join(told)),
                tag(
                    "rect",
                    class_="reach",
                    x=edges[k],
                    y=axes.TOP,
                    width=edges[k + 1] - edges[k],
                    height=axes.BOTTOM - axes.TOP,
                ),
                tag("line", class_="here", x1=places[k], x2=places[k], y1=axes.TOP, y2=axes.BOTTOM),
                class_="column",
                data_x=f"{value:g}" if self.x_name == "K" else None,
            )

    def _legend(self) -> Html:
        looks = [(line.name, line.look) for line in self.lines if any(y is not None for y in line.ys)]
        if self.band is not None and any(v is not None for v in (*self.band.low, *self.band.high)):
            looks.append((self.band.name, "band"))
        if self.marks:
            looks.append((self.marks_name, "other"))
        entries = (tag("li", _sample(look), name) for name, look in looks)
        return tag("ul", joined(entries), class_="legend")


def _sample(look: str) -> Html:
    marks: list[Html] = []
    if look == "band":
        marks.append(tag("rect", class_="band", x=0, y=2, width=26, height=10))
    elif look == "other":
        marks.append(_diamond(13, 7))
    else:
        marks.append(tag("line", class_=f"line {look}", x1=0, x2=26, y1=7, y2=7))
        if look != "target":
            marks.append(tag("circle", class_=f"dot {look}", cx=13, cy=7, r=3.2))
    parts = joined(marks)
    return tag("svg", parts, class_="sample", width=26, height=14, viewBox="0 0 26 14", aria_hidden="true")


def _mark(x: float, y: float, told: str) -> Html:
    return tag("g", tag("title", told), _diamond(x, y), class_="mark")


def _diamond(x: float, y: float) -> Html:
    size = 5.0
    corners = ((x, y - size), (x + size, y), (x, y + size), (x - size, y))
    return tag("polygon", class_="other", points=" ".join(f"{a:.2f},{b:.2f}" for a, b in corners))


def _line(line: Line, xs: Sequence[float], x: axes.Scale, y: axes.Scale) -> Html:
    """The pieces of a line between figures that are not known, and a dot at every figure."""
    path: list[str] = []
    before: float | None = None
    dots: list[Html] = []
    for value, figure in zip(xs, line.ys, strict=True):
        if figure is None:
            before = None
            continue
        place = f"{x(value):.2f}"
        if before is None:
            path.append(f"M{place} {y(figure):.2f}")
        else:
            path.append(f"H{place} V{y(figure):.2f}" if line.steps else f"L{place} {y(figure):.2f}")
        before = figure
        if line.look != "target" or len(xs) == 1:
            dots.append(tag("circle", class_=f"dot {line.look}", cx=x(value), cy=y(figure), r=3.6))
    return tag("g", tag("path", class_=f"line {line.look}", d=" ".join(path)), joined(dots))


def _band(band: Band, xs: Sequence[float], x: axes.Scale, y: axes.Scale) -> Html:
    parts: list[Html] = []
    for side in (band.low, band.high):
        points = [(x(v), y(f)) for v, f in zip(xs, side, strict=True) if f is not None]
        parts += [tag("line", class_="end", x1=a - 6, x2=a + 6, y1=b, y2=b) for a, b in points]
    run: list[tuple[float, float, float]] = []
    for value, low, high in [*zip(xs, band.low, band.high, strict=True), (0.0, None, None)]:
        if low is not None and high is not None:
            run.append((x(value), y(low), y(high)))
        elif run:
            parts.append(_filled(run))
            run = []
    return tag("g", joined(parts))


def _filled(run: Sequence[tuple[float, float, float]]) -> Html:
    if len(run) == 1:  # a bar, as there is nothing to join
        place, low, high = run[0]
        return tag("rect", class_="band", x=place - 6, y=min(low, high), width=12, height=abs(low - high))
    corners = [(a, low) for a, low, _ in run] + [(a, high) for a, _, high in reversed(run)]
    return tag("polygon", class_="band", points=" ".join(f"{a:.2f},{b:.2f}" for a, b in corners))
