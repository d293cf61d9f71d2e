"""Normal-form games as tables: DataFrame, LaTeX, HTML."""

from __future__ import annotations

import html
import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from eqsolve.game import NormalFormGame

if TYPE_CHECKING:
    import pandas as pd

MAX_HTML_CELLS = 2_500

_LATEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


def to_frame(game: NormalFormGame) -> pd.DataFrame:
    """See `NormalFormGame.to_frame`."""
    import pandas as pd

    index = pd.MultiIndex.from_product(game.strategies, names=game.players)
    return pd.DataFrame(
        {player: table.ravel() for player, table in zip(game.players, game.payoffs, strict=True)}, index=index
    )


def _matrices(game: NormalFormGame) -> Iterator[tuple[list[str], list[list[str]]]]:
    """Bimatrices, one per combination of strategies of players 3, 4, ...: its labels, the cells' texts."""
    columns = range(game.shape[1]) if game.n_players > 1 else [None]
    for rest in itertools.product(*(range(m) for m in game.shape[2:])):
        fixed = [f"{game.players[j + 2]}: {game.strategies[j + 2][strategy]}" for j, strategy in enumerate(rest)]
        rows = []
        for row in range(game.shape[0]):
            cells = [(row, *rest) if column is None else (row, column, *rest) for column in columns]
            rows.append([", ".join(str(table[cell]) for table in game.payoffs) for cell in cells])
        yield fixed, rows


def _column_labels(game: NormalFormGame) -> tuple[str, ...]:
    return game.strategies[1] if game.n_players > 1 else ("",)


def _corner(game: NormalFormGame) -> str:
    return " / ".join(game.players[:2])


def escape_latex(text: str) -> str:
    """Escape what has a meaning in LaTeX text."""
    return "".join(_LATEX.get(character, character) for character in text)


def to_latex(game: NormalFormGame) -> str:
    """See `NormalFormGame.to_latex`."""
    head = " & ".join(escape_latex(label) for label in (_corner(game), *_column_labels(game)))
    parts = []
    for fixed, rows in _matrices(game):
        lines = [r"\begin{tabular}{l|" + "c" * len(_column_labels(game)) + "}"]
        if fixed:
            width = len(_column_labels(game)) + 1
            lines.append(rf"\multicolumn{{{width}}}{{c}}{{{escape_latex(', '.join(fixed))}}} \\")
        lines.append(head + r" \\ \hline")
        for label, cells in zip(game.strategies[0], rows, strict=True):
            lines.append(" & ".join([escape_latex(label), *(f"${cell}$" for cell in cells)]) + r" \\")
        parts.append("\n".join([*lines, r"\end{tabular}"]))
    return "\n\n".join(parts)


def to_html(game: NormalFormGame) -> str:
    """Escaped HTML tables; games of more than `MAX_HTML_CELLS` cells get their headline only."""
    title = html.escape(game.title or "Game in normal form")
    size = " × ".join(str(m) for m in game.shape)
    names = html.escape(", ".join(game.players))
    parts = [f"<p><b>{title}</b> ({size}; payoffs to {names})</p>"]
    if game.n_cells > MAX_HTML_CELLS:
        return parts[0]
    head = "".join(f"<th>{html.escape(label)}</th>" for label in (_corner(game), *_column_labels(game)))
    for fixed, rows in _matrices(game):
        caption = f"<caption>{html.escape(', '.join(fixed))}</caption>" if fixed else ""
        body = "".join(
            f"<tr><th>{html.escape(label)}</th>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
            for label, cells in zip(game.strategies[0], rows, strict=True)
        )
        parts.append(f"<table>{caption}<tr>{head}</tr>{body}</table>")
    return "\n".join(parts)
