"""Plain games as JSON, and `read_game`, which reads any game file.

A JSON game is one object::

    {"title": "Battle of the sexes",                              optional
     "players": ["Ann", "Bob"],                                   optional; "1", "2", ... by default
     "strategies": [["opera", "fight"], ["opera", "fight"]],      optional; "1", "2", ... by default
     "payoffs": [[[2, 0], [0, 1]], [["1", "0"], ["0", "2"]]]}

``payoffs`` holds one nested array per player: the outermost index is player 1's strategy, the innermost the
last player's. A payoff is an integer, a decimal (which means what is written: 0.1 is 1/10) or a string
such as ``"2/3"``. Other keys, ``NaN`` and repeated keys are errors.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, BinaryIO

from eqsolve.errors import ModelError
from eqsolve.exact.rational import MAX_DIGITS
from eqsolve.game import NormalFormGame
from eqsolve.io.nfg import MAX_BYTES, decode, parse_nfg
from eqsolve.io.whole_file import write_whole

_KEYS = ("title", "players", "strategies", "payoffs")


def read_game(source: str | Path | BinaryIO, *, max_bytes: int = MAX_BYTES) -> NormalFormGame:
    """Read a plain game, ``.nfg`` or JSON; the content decides which, not the name.

    Parameters
    ----------
    source : str, Path or binary file
        A path; ``"-"`` is the standard input; or a file opened for reading bytes.
    max_bytes : int
        More input than this is refused.

    Returns
    -------
    NormalFormGame

    Raises
    ------
    ModelError
        If the content is neither, with the place, what was found and what was expected.
    OSError
        If the file cannot be read.
    """
    if isinstance(source, str | Path):
        if str(source) == "-":
            name, data = "<stdin>", sys.stdin.buffer.read(max_bytes + 1)
        else:
            name = str(source)
            with Path(source).open("rb") as file:
                data = file.read(max_bytes + 1)
    else:
        name, data = str(getattr(source, "name", "<file>")), source.read(max_bytes + 1)
    text = decode(data, name, max_bytes)
    start = text.lstrip()[:1]
    if start == "{":
        return parse_game_json(text, name=name)
    if start == "N":
        return parse_nfg(text, name=name, max_bytes=max_bytes)
    found = repr(text.lstrip()[:20]) if start else "an empty file"
    raise ModelError(f"{name}: found {found}, expected a game, .nfg (NFG 1 R ...) or JSON ({{...}})")


def parse_game_json(text: str, *, name: str = "<text>") -> NormalFormGame:
    """Read a game from JSON text; see this module's description for the format and `read_game` for errors."""
    try:
        data = json.loads(
            text, parse_float=str, parse_int=_integer, parse_constant=_constant, object_pairs_hook=_object
        )
    except json.JSONDecodeError as error:
        place = f"{name}, line {error.lineno}, column {error.colno}"
        raise ModelError(f"{place}: found no JSON ({error.msg}), expected a game") from None
    except RecursionError:
        raise ModelError(f"{name}: found arrays nested too deeply, expected one level per player") from None
    except ModelError as error:
        raise ModelError(f"{name}: {error}") from None
    try:
        return _game(data)
    except ModelError as error:
        raise ModelError(f"{name}: {error}") from None


def _integer(word: str) -> int:
    if len(word) > MAX_DIGITS:
        raise ModelError(f"found a number of {len(word)} digits, expected at most {MAX_DIGITS}")
    return int(word)


def _constant(word: str) -> Any:
    raise ModelError(f"found {word}, expected a finite number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ModelError(f"found the key {twice!r} twice, expected it once")
    return found


def _game(data: Any) -> NormalFormGame:
    if not isinstance(data, dict):
        raise ModelError(f"found {type(data).__name__}, expected an object with the key payoffs")
    unknown = [key for key in data if key not in _KEYS]
    if unknown:
        raise ModelError(f"found the key {unknown[0]!r}, expected {', '.join(_KEYS)}")
    payoffs = data.get("payoffs")
    if not isinstance(payoffs, list) or not payoffs:
        raise ModelError("payoffs: found no list, expected one nested array per player")
    title = data.get("title", "")
    if not isinstance(title, str):
        raise ModelError(f"title: found {title!r}, expected text")
    players = data.get("players")
    if players is not None:
        _texts(players, "players")
    strategies = data.get("strategies")
    if strategies is not None:
        if not isinstance(strategies, list):
            raise ModelError("strategies: expected a list of labels per player")
        for labels in strategies:
            _texts(labels, "strategies")
    return NormalFormGame.from_payoffs(*payoffs, players=players, strategies=strategies, title=title)


def _texts(labels: Any, where: str) -> None:
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise ModelError(f"{where}: found {str(labels)[:40]}, expected a list of texts")


def game_to_json(game: NormalFormGame, path: str | Path | None = None) -> str:
    """Write a game as JSON, exactly: payoffs are integers where whole, strings like ``"2/3"`` otherwise.

    Parameters
    ----------
    game : NormalFormGame
    path : str or Path, optional
        Where to write it, too.

    Returns
    -------
    str
    """
    payoffs = [
        table.tolist() if below == 1 else _written(exact.tolist())
        for table, below, exact in zip(game.integers, game.denominators, game.payoffs, strict=True)
    ]
    text = json.dumps(
        {"title": game.title, "players": game.players, "strategies": game.strategies, "payoffs": payoffs},
        ensure_ascii=False,
    )
    if path is not None:
        write_whole(path, text + "\n")
    return text


def _written(values: Any) -> Any:
    if isinstance(values, list):
        return [_written(value) for value in values]
    return int(values) if values.denominator == 1 else str(values)
