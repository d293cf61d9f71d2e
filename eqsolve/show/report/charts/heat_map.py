"""Heat maps of shares: rows of true types, columns of announced types."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from eqsolve.show.report.charts.drawing import drawing, shortened
from eqsolve.show.report.elements import Html, tag

CELL = 50.0
NAME = 62.0
HEAD = 26.0
DARK = Fraction(11, 20)
"""Shares from here on are drawn so dark that their figure is written in the other ink."""


def heat_map(
    key: str,
    title: str,
    rows: Sequence[str],
    columns: Sequence[str],
    shares: Sequence[Sequence[Fraction | None]],
) -> Html:
    """A drawing of a matrix of shares from 0 to 1; None where there is nothing to tell.

    Cells on the diagonal are framed: there the announcement is the truth.
    """
    parts: list[Html] = []
    for v, name in enumerate(columns):
        parts.append(_name(shortened(name, 6), NAME + (v + 0.5) * CELL, HEAD - 9, "middle"))
    for u, (name, line) in enumerate(zip(rows, shares, strict=True)):
        top = HEAD + u * CELL
        parts.append(_name(shortened(name, 7), NAME - 7, top + CELL / 2 + 4.5, "end"))
        for v, share in enumerate(line):
            parts.append(_cell(NAME + v * CELL, top, share, f"true {name}, announced {columns[v]}", u == v))
    width, height = NAME + len(columns) * CELL + 2, HEAD + len(rows) * CELL + 2
    told = "Rows are true types, columns announced types; darker cells are larger shares."
    return drawing(key, title, told, width, height, parts, "heat")


def _name(text: str, x: float, y: float, anchor: str) -> Html:
    return tag("text", text, class_="tick", x=x, y=y, text_anchor=anchor, aria_hidden="true")


def _cell(left: float, top: float, share: Fraction | None, where: str, truth: bool) -> Html:
    middle, base = left + CELL / 2, top + CELL / 2 + 4.5
    told = "never occurs" if share is None else f"{share} of the problems of that type"
    opacity = None if share is None else round(float(share), 3)
    place = {"x": left + 1.5, "y": top + 1.5, "width": CELL - 3, "height": CELL - 3, "rx": 4}
    return tag(
        "g",
        tag("title", f"{where}: {told}"),
        tag("rect", class_="cell empty" if share is None else "cell", **place),
        None if not share else tag("rect", class_="heat-fill", fill_opacity=f"{opacity:.3f}", **place),
        tag("rect", class_="truth", **place) if truth else None,
        tag(
            "text",
            "–" if share is None else percent(share),
            class_="on-dark figure" if share is not None and share >= DARK else "figure",
            x=middle,
            y=base,
            text_anchor="middle",
            aria_hidden="true",
        ),
        class_="mark",
    )


def percent(share: Fraction) -> str:
    """A share in per cent; what is not 0 or 1 is not rounded to it."""
    whole = round(share * 100)
    if share > 0 and whole == 0:
        return "<1%"
    return ">99%" if share < 1 and whole == 100 else f"{whole}%"
