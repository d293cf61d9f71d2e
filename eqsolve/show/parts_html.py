"""Parts of a terminal page, lines and tables, as HTML for notebooks; everything is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text


def parts_html(parts: Iterable[RenderableType]) -> str:
    """The first line as a heading, other lines as paragraphs, tables as tables; empty lines are left out."""
    found = ""
    for part in parts:
        if isinstance(part, Table):
            found += _table(part)
            continue
        for line in _plain(part).splitlines():
            if line.strip():
                tag = "p" if found else "h4"
                found += f"<{tag}>{escape(line.strip())}</{tag}>"
    return found


def facts_html(title: str, facts: Mapping[str, str]) -> str:
    """A heading, and a line for every fact under its name."""
    rows = "".join(f"<tr><th>{escape(name)}</th><td>{escape(fact)}</td></tr>" for name, fact in facts.items())
    return f"<h4>{escape(title)}</h4><table><tbody>{rows}</tbody></table>"


def _table(table: Table) -> str:
    caption = f"<caption>{escape(_plain(table.title))}</caption>" if table.title else ""
    head = ""
    if table.show_header:
        cells = "".join(f"<th>{escape(_plain(column.header))}</th>" for column in table.columns)
        head = f"<thead><tr>{cells}</tr></thead>"
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(_plain(cell))}</td>" for cell in row) + "</tr>"
        for row in zip(*(column.cells for column in table.columns), strict=True)
    )
    return f"<table>{caption}{head}<tbody>{body}</tbody></table>"


def _plain(part: RenderableType) -> str:
    return part.plain if isinstance(part, Text) else str(part)
