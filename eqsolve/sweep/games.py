"""Plain games in sweeps: all their equilibria, as one case or as many pieces of one search."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eqsolve.errors import LimitReached, ModelError
from eqsolve.sweep.answers import Answer, Question

if TYPE_CHECKING:
    from eqsolve.game import NormalFormGame
    from eqsolve.plain.result import NashResult
    from eqsolve.sweep.spec import Spec


def game_document(path: str | Path) -> str:
    """A game file as JSON without spaces.

    Raises
    ------
    ModelError
        If the file cannot be used.
    """
    from eqsolve.io.game_json import game_to_json, read_game

    if not Path(path).is_file():
        raise ModelError(f"games: found no file {str(path)!r}, expected a game in .nfg or JSON")
    return json.dumps(json.loads(game_to_json(read_game(path))), ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=32)
def read_document(document: str) -> NormalFormGame:
    """The game of a document."""
    from eqsolve.io.game_json import parse_game_json

    return parse_game_json(document, name="game")


def pieces_of(document: str, options: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Options of the cases of a game: one, or one for every piece of its search.

    Raises
    ------
    ModelError
        If pieces of a game of more players are asked for.
    """
    from eqsolve.engines.complementarity.splitting import split
    from eqsolve.plain.engines import block_game

    if options["pieces"] == 1:
        yield {**options, "piece": ""}
        return
    game = read_document(document)
    if game.n_players != 2 or options["method"] not in ("auto", "complementarity"):
        raise ModelError("tasks: nash: found pieces, expected them for two players and method complementarity only")
    for piece in split(block_game(game), options["pieces"]):
        yield {**options, "piece": f"{piece.zero_x:x} {piece.zero_y:x} {piece.played:x}"}


def nash(game: NormalFormGame, question: Question) -> Answer:
    """All equilibria of a game, or the products of faces that one piece of the search holds."""
    from eqsolve.io.nash_json import nash_json
    from eqsolve.plain.solving import nash as find

    asked = question.options
    if asked["piece"]:
        return _piece(game, question)
    found = find(game, method=asked["method"], max_seconds=question.max_seconds, seed=question.seed)
    answer = Answer(None, stopped=found.stopped)
    answer.facts = {
        "method": found.method,
        "equilibria": len(found.equilibria),
        "subsets": len(found.subsets),
        "components": len(found.components),
        "complete": found.complete,
    }
    if question.document:
        answer.document = nash_json(found)
    return answer


def _piece(game: NormalFormGame, question: Question) -> Answer:
    """What a piece holds is kept whether documents are asked for or not: the whole list is made of it."""
    from eqsolve.engines.complementarity.splitting import Piece, search_piece
    from eqsolve.plain.engines import block_game

    deadline = None if question.max_seconds is None else time.monotonic() + question.max_seconds

    def check() -> None:
        """Raise when the time is over."""
        if deadline is not None and time.monotonic() > deadline:
            raise LimitReached("time limit")

    piece = Piece(*(int(word, 16) for word in question.options["piece"].split()))
    products = list(search_piece(block_game(game), piece, check=check))
    return Answer(None, {"products": len(products)}, document={"products": products})


def joined_games(spec: Spec | str | Path, output: str | Path | None = None) -> dict[str, NashResult]:
    """All equilibria of the games that a sweep searched in pieces, by the name of the game in the spec.

    Complete where every piece was searched to its end; the same set as that of `eqsolve.nash`.

    Parameters
    ----------
    spec, output
        As for `run_sweep`.

    Raises
    ------
    ModelError
        If spec or store cannot be used.
    BusyError
        If the sweep is at work.
    """
    from eqsolve.engines.complementarity.splitting import joined
    from eqsolve.plain.engines import block_game, from_nash_set
    from eqsolve.sweep.cases import all_cases
    from eqsolve.sweep.export import check_output
    from eqsolve.sweep.spec import Spec, read_spec
    from eqsolve.sweep.store import Store

    plan = spec if isinstance(spec, Spec) else read_spec(spec)
    groups: dict[str, dict[str, str]] = {}
    documents: dict[str, str] = {}
    for case in all_cases(plan):
        if case.task == "nash" and case.options["piece"]:
            # the same piece under two seeds or two numbers of pieces is the same work twice, and one union
            groups.setdefault(f"{case.model}", {})[case.key] = case.options["piece"]
            documents[case.model] = case.document
    with Store(check_output(output, plan.name).store) as store:
        known = {row.key: row for row in store.rows()}
    results = {}
    for name, keys in groups.items():
        rows = [known.get(key) for key in keys]
        found = [None if row is None or row.document is None else row.document["products"] for row in rows]
        game = read_document(documents[name])
        results[name] = from_nash_set(game, joined(block_game(game), found), "complementarity")
    return results
