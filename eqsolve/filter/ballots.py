"""Ballots from a file: real announcements, a table in CSV written by a stranger.

Wide: a header with the agents, then a line per problem with what each announces there; a first column called
``problem`` (or nothing) only labels the lines. Long: a header with ``problem``, ``agent`` and ``announcement``, then a
line per announcement. Fields are separated by commas, semicolons, tabs or bars, whichever the header uses.
"""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eqsolve.budget import Histogram
from eqsolve.errors import ModelError
from eqsolve.filter.panel import Panel, Vector
from eqsolve.problem import MAX_TYPES

MAX_BYTES = 2**24
MAX_PROBLEMS = 100_000
MAX_AGENTS = 200
MAX_LINES = 500_000
MAX_LENGTH = 200
LABELS = ("problem", "")
LONG = ("problem", "agent", "announcement")
Cell = tuple[str, int]
"""What is written, and on which line."""


@dataclass(frozen=True)
class Ballots:
    """Announcements as they are written.

    Parameters
    ----------
    name : str
        What error messages call the file.
    columns : mapping of agent to its announcements
        One (text, line) per problem; every agent announces on the same problems, in the same order.
    """

    name: str
    columns: Mapping[str, tuple[Cell, ...]]

    @property
    def copies(self) -> int:
        """Number of problems."""
        return len(next(iter(self.columns.values())))

    def panel(self) -> Panel:
        """The agents with the frequencies that they announced as budgets; types in the order of their appearance."""
        names, types, budgets = tuple(self.columns), [], []
        for agent, cells in self.columns.items():
            counts: dict[str, int] = {}
            for text, line in cells:
                counts[text] = counts.get(text, 0) + 1
                if len(counts) > MAX_TYPES:
                    raise ModelError(
                        f"{self._place(line, agent)}: found more than {MAX_TYPES} different announcements, "
                        "expected types that recur"
                    )
            types.append(tuple(counts))
            budgets.append(tuple(counts.values()))
        return Panel(names, tuple(types), tuple(budgets))

    def messages(self, panel: Panel) -> tuple[Vector, ...]:
        """The announcements of all agents of a panel; an agent who has no choice may be left out.

        Raises
        ------
        ModelError
            If an agent is unknown or missing, a type is unknown, or a budget is not kept.
        """
        sent = self.of_some(panel)
        for i, agent in enumerate(panel.names):
            if i not in sent:
                if i in panel.choosing:
                    raise ModelError(f"{self.name}: found no column for agent {_shown(agent)}, expected announcements")
                sent[i] = (panel.budgets[i].index(panel.copies),) * panel.copies
        return tuple(sent[i] for i in range(panel.n))

    def of_some(self, panel: Panel) -> dict[int, Vector]:
        """The announcements of those agents of a panel who have a column.

        Raises
        ------
        ModelError
            If an agent or a type is unknown, or a budget is not kept.
        """
        if self.copies != panel.copies:
            raise ModelError(f"{self.name}: found {self.copies:,} problems, expected {panel.copies:,}")
        for agent in self.columns:
            if agent not in panel.names:
                raise ModelError(
                    f"{self.name}: found announcements of {_shown(agent)}, expected those of agents of the model: "
                    f"{', '.join(panel.names)}"
                )
        return {panel.index(agent): self._coded(panel, panel.index(agent)) for agent in self.columns}

    def _coded(self, panel: Panel, i: int) -> Vector:
        """The message of an agent as type indices, if it keeps the budget."""
        agent, types = panel.names[i], panel.types[i]
        code = {name: u for u, name in enumerate(types)}
        for text, line in self.columns[agent]:
            if text not in code:
                near = [t for t in types if t.casefold() == text.casefold()]
                meant = f"; {_shown(near[0])} may be meant" if near else ""
                raise ModelError(
                    f"{self._place(line, agent)}: found {_shown(text)}, expected one of {', '.join(types)}{meant}"
                )
        message = tuple(code[text] for text, _ in self.columns[agent])
        if not panel.admits(i, message):
            counts = tuple(message.count(u) for u in range(len(types)))
            raise ModelError(
                f"{self.name}: column {_shown(agent)}: found {_counted(types, counts)}, expected the budget "
                f"{_counted(types, panel.budgets[i])} on {panel.copies} problems"
            )
        return message

    def _place(self, line: int, agent: str) -> str:
        return f"{self.name}: line {line}, column {_shown(agent)}"


def read_ballots(path: str | Path) -> Ballots:
    """Read a file of ballots; ``-`` is standard input.

    Raises
    ------
    ModelError
        In one line: the file, the line and column, what was found and what was expected.
    """
    name = "<stdin>" if str(path) == "-" else "".join(c if c.isprintable() else "?" for c in str(path))[:200]
    try:
        if str(path) == "-":
            data = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            if not Path(path).is_file():
                raise ModelError(f"{name}: found no regular file, expected ballots in CSV")
            with open(path, "rb") as file:
                data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, ModelError):
            raise
        raise ModelError(f"{name}: {getattr(error, 'strerror', None) or error}") from None
    if len(data) > MAX_BYTES:
        raise ModelError(f"{name}: found more than {MAX_BYTES:,} bytes, expected at most that")
    return parse_ballots(_decoded(data, name), name)


def _decoded(data: bytes, name: str) -> str:
    """Text of a file in UTF-8 or UTF-16, with or without byte-order mark."""
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")  # spreadsheets call this "Unicode text"
    try:
        return data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ModelError(
            f"{name}: line {line}: found a byte that is not {'UTF-16' if wide else 'UTF-8'}, expected text in UTF-8"
        ) from None


def parse_ballots(text: str, name: str = "<text>") -> Ballots:
    """Ballots from the text of a file."""
    rows = _rows(text, name)
    if len(rows) < 2:
        raise ModelError(f"{name}: found {len(rows)} lines, expected a header and at least one line of announcements")
    header_line, header = rows[0]
    _check_header(header, header_line, name)
    if tuple(sorted(h.casefold() for h in header)) == tuple(sorted(LONG)):
        return _from_long(rows, name)
    return _from_wide(rows, name)


def _rows(text: str, name: str) -> list[tuple[int, list[str]]]:
    """Lines as fields without the spaces around them, with their numbers; empty lines are left out at the end only."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t|", key=re.sub(r'"[^"]*"', "", first).count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[int, list[str]]] = []
    try:
        for fields in reader:
            cells = [cell.strip() for cell in fields]
            if any(cells) or rows:
                rows.append((reader.line_num, cells))
            if len(rows) > MAX_LINES:
                raise ModelError(f"{name}: found more than {MAX_LINES:,} lines, expected at most that")
    except csv.Error as error:
        raise ModelError(f"{name}: line {reader.line_num}: {error}") from None
    while rows and not any(rows[-1][1]):
        rows.pop()
    return rows


def _check_header(header: Sequence[str], line: int, name: str) -> None:
    """Refuse headers that name too few, too many, nameless or repeated columns."""
    if len(header) < 2:
        raise ModelError(
            f"{name}: line {line}: found one column, expected a header with an agent per column, separated by commas, "
            "semicolons, tabs or bars"
        )
    if len(header) > MAX_AGENTS + 1:
        raise ModelError(f"{name}: line {line}: found {len(header):,} columns, expected at most {MAX_AGENTS} agents")
    for place, title in enumerate(header, start=1):
        if place > 1 and not title:
            raise ModelError(f"{name}: line {line}, column {place}: found no name, expected that of an agent")
        if len(title) > MAX_LENGTH or not title.isprintable():
            raise ModelError(
                f"{name}: line {line}, column {place}: found {_shown(title)}, expected a name on one line of at most "
                f"{MAX_LENGTH} characters"
            )
        if header.index(title) != place - 1:
            raise ModelError(f"{name}: line {line}, column {place}: found {_shown(title)} twice, expected it once")


def _from_wide(rows: Sequence[tuple[int, list[str]]], name: str) -> Ballots:
    """A line per problem, a column per agent."""
    header = rows[0][1]
    skip = 1 if header[0].casefold() in LABELS else 0
    if len(rows) - 1 > MAX_PROBLEMS:
        raise ModelError(f"{name}: found {len(rows) - 1:,} problems, expected at most {MAX_PROBLEMS:,}")
    columns: dict[str, list[Cell]] = {agent: [] for agent in header[skip:]}
    for line, cells in rows[1:]:
        _check_width(cells, len(header), line, name)
        for agent, cell in zip(header[skip:], cells[skip:], strict=True):
            columns[agent].append((_checked(cell, f"{name}: line {line}, column {_shown(agent)}"), line))
    return Ballots(name, {agent: tuple(cells) for agent, cells in columns.items()})


def _from_long(rows: Sequence[tuple[int, list[str]]], name: str) -> Ballots:
    """A line per announcement, in any order."""
    header = [title.casefold() for title in rows[0][1]]
    places = [header.index(title) for title in LONG]
    found: dict[tuple[str, str], Cell] = {}
    problems: dict[str, int] = {}
    agents: dict[str, int] = {}
    for line, cells in rows[1:]:
        _check_width(cells, 3, line, name)
        problem, agent, text = (
            _checked(cells[place], f"{name}: line {line}, column {title}")
            for place, title in zip(places, LONG, strict=True)
        )
        if (problem, agent) in found:
            raise ModelError(
                f"{name}: line {line}: found agent {_shown(agent)} on problem {_shown(problem)} again, expected one "
                f"announcement (the first is on line {found[problem, agent][1]})"
            )
        found[problem, agent] = (text, line)
        problems.setdefault(problem, line)
        agents.setdefault(agent, line)
        if len(agents) > MAX_AGENTS or len(problems) > MAX_PROBLEMS:
            raise ModelError(
                f"{name}: line {line}: found more than {MAX_AGENTS} agents or {MAX_PROBLEMS:,} problems, expected fewer"
            )
    for agent in agents:
        for problem, line in problems.items():
            if (problem, agent) not in found:
                raise ModelError(
                    f"{name}: found no announcement of agent {_shown(agent)} on problem {_shown(problem)} (of line "
                    f"{line}), expected one of every agent on every problem"
                )
    return Ballots(name, {agent: tuple(found[problem, agent] for problem in problems) for agent in agents})


def _check_width(cells: Sequence[str], width: int, line: int, name: str) -> None:
    """Refuse lines with more or fewer fields than the header."""
    if len(cells) != width:
        raise ModelError(
            f"{name}: line {line}: found {len(cells)} fields, expected {width}, as in the header"
            if any(cells)
            else f"{name}: line {line}: found an empty line, expected announcements"
        )


def _checked(cell: str, place: str) -> str:
    """What a cell says, if it is short, printable and not empty."""
    if not cell:
        raise ModelError(f"{place}: found an empty cell, expected an announcement")
    if len(cell) > MAX_LENGTH or not cell.isprintable():
        raise ModelError(f"{place}: found {_shown(cell)}, expected text on one line of at most {MAX_LENGTH} characters")
    return cell


def _counted(types: Sequence[str], counts: Histogram) -> str:
    return ", ".join(f"{count} × {name}" for name, count in zip(types, counts, strict=True))


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:60] + "...")
