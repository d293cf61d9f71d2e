"""Tables that can be read by eyes, by a screen reader and, with scripts, sorted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from eqsolve.show import words
from eqsolve.show.report.elements import Attribute, Child, Html, joined, tag

INLINE = 12
"""Characters of a figure and its decimal up to which they share a line in a table."""

LARGEST = 10**300
SHORT = 18
"""Characters up to which the header of a row stays on one line."""


@dataclass(frozen=True)
class Cell:
    """A cell with the number by which its column is sorted."""

    content: Child
    order: float | None = None
    look: str = "num"


@dataclass(frozen=True)
class Row:
    """A row with attributes of its own."""

    cells: Sequence[Child | Cell]
    attributes: tuple[tuple[str, Attribute], ...] = ()


Line = Row | Sequence[Child | Cell]


def table(key: str, caption: Child, columns: Sequence[Child], rows: Iterable[Line], *, sortable: bool = False) -> Html:
    """A table with a caption, in a region that scrolls and can be reached by keyboard.

    Parameters
    ----------
    key : str
        Id of the caption.
    caption : str or Html
    columns : names of the columns
    rows : lines of cells; the first cell of each is its header
    sortable : bool
        Whether a script may let the reader sort it.
    """
    head = tag("tr", joined(tag("th", name, scope="col") for name in columns))
    body = joined(_row(row) for row in rows)
    return tag(
        "div",
        tag(
            "table",
            tag("caption", caption, id=key),
            tag("thead", head),
            tag("tbody", body),
            class_="sortable" if sortable else None,
        ),
        class_="scroll",
        role="region",
        aria_labelledby=key,
        tabindex=0,
    )


def _row(line: Line) -> Html:
    row = line if isinstance(line, Row) else Row(line)
    first, *others = [c if isinstance(c, Cell) else Cell(c, None, "") for c in row.cells]
    short = len(first.content or "") <= SHORT
    cells = [tag("th", first.content, scope="row", class_="num" if short else None, data_v=_order(first))]
    cells += [tag("td", c.content, class_=c.look or None, data_v=_order(c)) for c in others]
    return tag("tr", joined(cells), **dict(row.attributes))


def _order(cell: Cell) -> str | None:
    return None if cell.order is None else f"{cell.order:.12g}"


def number(value: Fraction | float | None) -> Html:
    """A figure: exact where it is short, with its decimal beside it in a lighter ink."""
    if value is None:
        return tag("span", "–", class_="soft", title="not computed")
    if isinstance(value, float):
        return tag("span", f"≈ {value:.6g}")
    exact, _, rest = words.number(value).partition(" (")
    if not rest:
        return joined((exact,))
    look = "soft" if len(exact) + len(rest) <= INLINE else "soft under"
    return joined((exact, " ", tag("span", rest.rstrip(")"), class_=look)))


def figure(value: Fraction | float | None) -> Cell:
    """A cell with a figure."""
    return Cell(number(value), None if value is None else order(value))


def order(value: Fraction | float) -> float:
    """A number to sort by and to draw; figures beyond `LARGEST` are cut."""
    return float(max(-LARGEST, min(LARGEST, value)))


def left_out(name: str, why: str) -> Html | None:
    """What is missing and why; nothing where nothing is."""
    return tag("p", tag("strong", name), f": {why}.", class_="missing", role="note") if why else None
