"""What all pages on the terminal share: their heading, how their parts are printed, and a page as plain text."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator

from rich.console import Console, RenderableType
from rich.text import Text

from eqsolve.show import words


def heading(title: str, source: str) -> Iterator[Text]:
    """A title, and below it where the model is from, if the model says so."""
    yield Text(title, style="bold")
    if source:
        yield Text(words.printable(source), style="dim")


def print_parts(parts: Iterable[RenderableType], console: Console) -> None:
    """Print lines and tables, one below the other, as they are: names from files are no markup."""
    for part in parts:
        console.print(part, markup=False, highlight=False, soft_wrap=False)


def plain_text(parts: Iterable[RenderableType], width: int) -> str:
    """Lines and tables as plain text of so many columns."""
    buffer = io.StringIO()
    print_parts(parts, Console(file=buffer, width=width, color_system=None))
    return buffer.getvalue()
