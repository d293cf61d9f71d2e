"""Gambit's ``.nfg`` files: strategic games, read and written exactly.

A file has a head and a body::

    NFG 1 R "title" { "player 1" "player 2" }
    { { "a" "b" } { "c" "d" "e" } }        or only the numbers of strategies: { 2 3 }
    "optional comment"

The body comes in two dialects. Payoffs: all players' payoffs of one cell together, cell after cell, player
1's strategy varying fastest. Outcomes: a list ``{ { "label" 1, 2 } ... }`` of payoff vectors, then one
outcome number per cell, in the same order of cells, where 0 stands for payoffs of 0.

References
----------
McKelvey, McLennan and Turocy, Gambit: Software Tools for Game Theory, "Game representation formats".
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from eqsolve.errors import ModelError
from eqsolve.exact.rational import rational
from eqsolve.game import NormalFormGame
from eqsolve.game.arrays import MAX_PLAYERS
from eqsolve.game.convert import distinct_labels
from eqsolve.io.whole_file import write_whole

MAX_BYTES = 64 * 2**20
_CHUNK = 2**20

# possessive: a hostile file cannot make the match go back
_STRING = r'"(?:[^"\\]++|\\.)*+"'
_TOKEN = re.compile(rf"\s*+(?:(?P<text>{_STRING})|(?P<brace>[{{}}])|(?P<comma>,)|(?P<word>[^\s{{}}\",]++))", re.DOTALL)
_OUTCOME = re.compile(rf"\s*+\{{\s*+{_STRING}\s*+(?P<numbers>[^{{}}\"]*+)\}}", re.DOTALL)
_PLAIN_INTEGERS = re.compile(r"[-+0-9\s]*+", re.ASCII)
_SHORT_NUMBER = re.compile(r"([+-]?[0-9]{1,40})(?:\.([0-9]{0,40})|/([0-9]{1,40}))?", re.ASCII)
_ESCAPE = re.compile(r'\\(["\\])')
_FAST_DIGITS = 15  # integers of so many characters fit float64 and int64


def read_nfg(path: str | Path, *, max_bytes: int = MAX_BYTES) -> NormalFormGame:
    """Read a strategic game from a Gambit ``.nfg`` file.

    Parameters
    ----------
    path : str or Path
    max_bytes : int
        Larger files are refused unread.

    Returns
    -------
    NormalFormGame
        With exact payoffs; labels that are empty or repeated in the file get a number.

    Raises
    ------
    ModelError
        If the file is no strategic game; the message names the file, line and column, what was found and
        what was expected.
    OSError
        If the file cannot be read.
    """
    with Path(path).open("rb") as file:
        data = file.read(max_bytes + 1)
    return parse_nfg(decode(data, str(path), max_bytes), name=str(path), max_bytes=max_bytes)


def decode(data: bytes, name: str, max_bytes: int = MAX_BYTES) -> str:
    """Text of a game file: UTF-8, at most ``max_bytes`` bytes (ModelError otherwise)."""
    if len(data) > max_bytes:
        raise ModelError(f"{name}: found more than {max_bytes:,} bytes (max_bytes), expected at most these")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ModelError(f"{name}, byte {error.start}: found no UTF-8 text, expected a game file") from None


def parse_nfg(text: str, *, name: str = "<text>", max_bytes: int = MAX_BYTES) -> NormalFormGame:
    """Read a strategic game from the text of an ``.nfg`` file; see `read_nfg`.

    Linear time in the length of the text. The number of cells is compared with the length of the text before
    anything of that size is built.
    """
    if len(text) > max_bytes:
        raise ModelError(f"{name}: found {len(text):,} characters, expected max_bytes, {max_bytes:,}")
    reader = _Reader(text, name)
    title, players = reader.head()
    strategies: list[list[str]] | None
    shape, strategies = reader.strategies(len(players))
    reader.optional_comment()
    cells = math.prod(shape)
    room = len(text) - reader.position
    # every cell takes at least one number and a blank
    if cells > room // 2 + 1:
        size = " × ".join(map(str, shape))
        reader.fail(f"{cells:,} cells of a {size} game", "no more cells than the file has numbers")
    if strategies is None:
        strategies = [[str(k + 1) for k in range(m)] for m in shape]
    kind, token = reader.peek()
    if kind == "brace" and token == "{":
        payoffs = reader.outcome_body(len(players), cells)
    else:
        payoffs = reader.numbers(cells * len(players), "payoffs").reshape(cells, len(players))
    axes = tuple(reversed(range(len(players))))
    return NormalFormGame.from_payoffs(
        # player 1's strategy varies fastest: in C order, the axes stand reversed
        *(payoffs[:, i].reshape(shape[::-1]).transpose(axes) for i in range(len(players))),
        players=distinct_labels(players),
        strategies=[distinct_labels(labels) for labels in strategies],
        title=title,
    )


class _Reader:
    """A position in the text, and what may be read there."""

    def __init__(self, text: str, name: str) -> None:
        self.text, self.name, self.position = text, name, 0

    def fail(self, found: str, expected: str, position: int | None = None) -> NoReturn:
        """Raise with line and column of a position (the present one by default), blanks before the token skipped."""
        place = self.position if position is None else position
        while place < len(self.text) and self.text[place].isspace():
            place += 1
        line = self.text.count("\n", 0, place) + 1
        column = place - self.text.rfind("\n", 0, place)
        raise ModelError(f"{self.name}, line {line}, column {column}: found {found}, expected {expected}")

    def peek(self) -> tuple[str, str]:
        """Kind and text of the next token; an empty kind at the end."""
        match = _TOKEN.match(self.text, self.position)
        if match is None:
            rest = self.text[self.position :].lstrip()
            return ("", "") if not rest else ("broken", rest[:20])
        kind = str(match.lastgroup)
        return kind, match[kind]

    def take(self, kind: str, expected: str, *allowed: str) -> str:
        """Take the next token, of a kind and, if any are given, with one of the allowed texts."""
        match = _TOKEN.match(self.text, self.position)
        if match is None or match.lastgroup != kind or (allowed and match[kind] not in allowed):
            self.fail(self.describe(), expected)
        self.position = match.end()
        return match[kind]

    def describe(self) -> str:
        """The next token as an error message names it."""
        kind, token = self.peek()
        if not kind:
            return "the end of the file"
        if kind == "broken":
            return f"a text that does not end: {token!r}"
        return repr(token if len(token) <= 40 else token[:40] + "...")

    def label(self, expected: str) -> str:
        """Take a text in double quotes, and undo its escapes."""
        return _ESCAPE.sub(r"\1", self.take("text", expected)[1:-1])

    def head(self) -> tuple[str, list[str]]:
        """Title and names of the players."""
        self.take("word", "NFG, the first word of a strategic game", "NFG")
        self.take("word", "1, the version", "1")
        self.take("word", "D or R, the kind of numbers", "D", "R")
        title = self.label("the title in double quotes")
        players = self.labels("a player's name in double quotes, or }")
        if not 1 <= len(players) <= MAX_PLAYERS:
            self.fail(f"{len(players)} players", f"1 to {MAX_PLAYERS} players")
        return title, players

    def labels(self, expected: str) -> list[str]:
        """Take texts in braces."""
        self.take("brace", "{", "{")
        labels = []
        while self.peek() != ("brace", "}"):
            labels.append(self.label(expected))
        self.take("brace", "}", "}")
        return labels

    def strategies(self, n: int) -> tuple[tuple[int, ...], list[list[str]] | None]:
        """Numbers of strategies, and their labels if the file has any."""
        self.take("brace", "{, the strategies of each player", "{")
        counts: list[int] = []
        labels: list[list[str]] | None = None
        if self.peek() == ("brace", "{"):
            labels = [self.labels("a strategy's name in double quotes, or }") for _ in range(n)]
            counts = [len(names) for names in labels]
        else:
            counts = [self.count() for _ in range(n)]
        self.take("brace", f"}} after the strategies of {n} players", "}")
        if 0 in counts:
            self.fail("a player without strategies", "at least one strategy per player")
        return tuple(counts), labels

    def count(self) -> int:
        """Take a player's number of strategies; ten digits at most, so that it stays a machine number."""
        kind, token = self.peek()
        if kind != "word" or not re.fullmatch(r"[0-9]{1,10}", token):
            self.fail(self.describe(), "a player's number of strategies")
        self.take("word", "a number")
        return int(token)

    def optional_comment(self) -> None:
        """Pass over the comment that may stand between the strategies and the payoffs."""
        if self.peek()[0] == "text":
            self.take("text", "a comment")

    def outcome_body(self, n: int, cells: int) -> NDArray[Any]:
        """Payoff vectors by outcome, then an outcome number per cell; shape ``(cells, n)``."""
        self.take("brace", "{", "{")
        outcomes: list[list[Fraction]] = [[Fraction(0)] * n]
        known: dict[str, Fraction] = {}
        while match := _OUTCOME.match(self.text, self.position):
            words = match["numbers"].replace(",", " ").split()
            if len(words) != n:
                self.fail(f"{len(words)} payoffs of outcome {len(outcomes)}", f"{n}, one per player")
            outcomes.append([self.number(word, known, match.start()) for word in words])
            self.position = match.end()
        self.take("brace", 'an outcome such as { "label" 1, 2 }, or } after the last one', "}")
        start = self.position
        numbers = self.numbers(cells, "outcome numbers")
        table = np.empty((len(outcomes), n), dtype=object)
        table[:] = outcomes
        if numbers.dtype == object or numbers.min() < 0 or numbers.max() >= len(outcomes):
            self.fail("an outcome number out of range", f"whole numbers from 0 to {len(outcomes) - 1}", start)
        payoffs: NDArray[Any] = table[numbers]
        return payoffs

    def number(self, word: str, known: dict[str, Fraction], start: int) -> Fraction:
        """Read a number that stands at ``start`` or behind it."""
        value = known.get(word)
        if value is None:
            try:
                value = known[word] = _number(word)
            except ValueError as error:
                place = re.compile(rf"(?<![^\s,]){re.escape(word)}(?![^\s,}}])").search(self.text, start)
                found = str(error).removeprefix("found ").split(", expected")[0]
                self.fail(found, "a number such as 3, -2/3 or 0.25", place.start() if place else start)
        return value

    def numbers(self, count: int, what: str) -> NDArray[Any]:
        """Read the rest of the file, ``count`` numbers: int64, or Fractions if any is no short integer."""
        if count > (len(self.text) - self.position) // 2 + 1:
            self.fail(f"fewer than {count:,} {what}", f"{count:,} of them")
        parts: list[NDArray[Any]] = []
        known: dict[str, Fraction] = {}
        read, start = 0, self.position
        for position, words in self.chunks():
            read += len(words)
            if read > count:
                self.fail(f"more than {count:,} {what}", f"{count:,} of them", start)
            parts.append(self.chunk_numbers(position, words, known))
        if read != count:
            self.fail(f"{read:,} {what}", f"{count:,} of them", start)
        return np.concatenate(parts)

    def chunks(self) -> Iterator[tuple[int, list[str]]]:
        """Words of the rest of the text, a bounded number of characters at a time, so memory stays small."""
        while self.position < len(self.text):
            position, end = self.position, self.position + _CHUNK
            if end < len(self.text):
                blank = re.compile(r"\s").search(self.text, end)
                end = blank.start() if blank else len(self.text)
            self.position = end
            yield position, self.text[position:end].split()

    def chunk_numbers(self, position: int, words: list[str], known: dict[str, Fraction]) -> NDArray[Any]:
        """Numbers of one chunk: all at once if they are short integers, else word by word."""
        end = self.position
        if _PLAIN_INTEGERS.fullmatch(self.text, position, end) and all(len(w) <= _FAST_DIGITS for w in words):
            try:
                return np.array([int(word) for word in words], dtype=np.int64)
            except ValueError:
                pass  # signs alone or doubled: the slow path names the place
        values = np.empty(len(words), dtype=object)
        for k, word in enumerate(words):
            values[k] = self.number(word, known, position)
        return values


def _number(word: str) -> Fraction:
    """Read a number exactly; the usual short ones without the checks that only long ones need."""
    match = _SHORT_NUMBER.fullmatch(word)
    if match is None:
        return rational(word)
    whole, decimals, below = match.groups()
    if below is not None:
        return Fraction(int(whole), int(below)) if int(below) else rational(word)
    return Fraction(int(whole + decimals), 10 ** len(decimals)) if decimals else Fraction(int(whole))


def write_nfg(game: NormalFormGame, path: str | Path | None = None, *, dialect: str = "payoffs") -> str:
    r"""Write a game as a Gambit ``.nfg`` file, exactly (integers and fractions).

    Parameters
    ----------
    game : NormalFormGame
    path : str or Path, optional
        Where to write it, too.
    dialect : {"payoffs", "outcomes"}
        Payoffs cell by cell; or a list of the different payoff vectors and a number per cell, which is
        shorter when vectors repeat.

    Returns
    -------
    str
        The text of the file. Quotes and backslashes in labels are escaped by a backslash; Gambit's own reader
        is known to double backslashes.

    Raises
    ------
    ModelError
        If the dialect is unknown.
    """
    if dialect not in ("payoffs", "outcomes"):
        raise ModelError(f'dialect: found {dialect!r}, expected "payoffs" or "outcomes"')
    # C order of the transposed array: player 1's strategy fastest
    columns = [[str(value) for value in table.T.ravel().tolist()] for table in game.payoffs]
    cells = list(zip(*columns, strict=True))
    labels = "\n".join(f"{{ {_quoted(names)} }}" for names in game.strategies)
    head = f'NFG 1 R {_quote(game.title)} {{ {_quoted(game.players)} }}\n\n{{ {labels}\n}}\n""\n\n'
    if dialect == "payoffs":
        body = "\n".join(" ".join(cell) for cell in cells)
    else:
        numbers = {cell: k for k, cell in enumerate(dict.fromkeys(cells), start=1)}
        outcomes = "\n".join(f'{{ "{number}" {", ".join(cell)} }}' for cell, number in numbers.items())
        body = f"{{\n{outcomes}\n}}\n" + " ".join(str(numbers[cell]) for cell in cells)
    text = head + body + "\n"
    if path is not None:
        write_whole(path, text)
    return text


def _quote(label: str) -> str:
    return '"' + label.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _quoted(labels: tuple[str, ...]) -> str:
    return " ".join(_quote(label) for label in labels)
