"""The verb ``eqsolve check FILE``: whether a certificate proves what it states."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from eqsolve.cli.options import DONE, json_option, print_json

NOT_VALID = 1


@click.command()
@click.argument("file")
@click.option("--model", help="The game must also be the one that this model compiles to, at as many copies.")
@json_option
def check(file: str, model: str | None, as_json: bool) -> int:
    """Check a certificate, without any solver.

    FILE holds a certificate or a list of them; - reads standard input. Exit code 0 if it is valid, 1 if not.
    """
    from eqsolve.certificate import Verdict
    from eqsolve.certificate import check as check_document
    from eqsolve.io.certificate_file import read_certificate

    document = read_certificate(file)
    verdict = check_document(document)
    if verdict.valid and model is not None:
        difference = _difference(document, model)
        if difference is not None:
            verdict = Verdict(False, "", difference)
    if as_json:
        print_json({"valid": verdict.valid, "statement": verdict.statement, "reason": verdict.reason})
    elif verdict.valid:
        click.echo(f"valid: {verdict.statement}\n{verdict.reason}")
    else:
        click.echo(f"not valid: {verdict.reason}")
    return DONE if verdict.valid else NOT_VALID


def _difference(document: Any, model: str) -> str | None:
    """Where (valid) certificates speak of another game than a model's; None if they are the same."""
    from eqsolve.certificate.reading import Invalid
    from eqsolve.errors import EqsolveError
    from eqsolve.io.kinds import find_model, kind_of
    from eqsolve.io.toml_text import read_toml

    compared = {"transfers": _problems, "interdependent": _signals}.get(
        kind_of(read_toml(find_model(model)), model), _games
    )(model)
    for certificate in document if isinstance(document, list) else [document]:
        try:
            stated = compared.read(certificate["game"])
        except Invalid:
            return f"the game is not the one of the model {model}, but of another kind"
        try:
            compiled = compared.read(compared.block(stated))
        except (EqsolveError, Invalid) as error:
            return f"the model {model} does not compile to such a game: {error}"
        for part in compared.parts:
            if getattr(stated, part) != getattr(compiled, part):
                return f"the {compared.what} is not the one of the model {model}{compared.at(stated)}: {part} differ"
    return None


@dataclass(frozen=True)
class _Compared:
    """How the games of one kind are held against a model: read, compiled alike, and compared part by part."""

    read: Callable[[Any], Any]
    block: Callable[[Any], Any]
    parts: tuple[str, ...]
    what: str = "game"
    at: Callable[[Any], str] = lambda _: ""


def _games(model: str) -> _Compared:
    """Linked games, at as many copies as the certificate's."""
    from eqsolve.certificate.game import read_game
    from eqsolve.io.certificate_file import game_block
    from eqsolve.io.model_file import load

    loaded = load(model)
    return _Compared(
        read_game,
        lambda stated: game_block(loaded.link(stated.copies)),
        ("name", "decisions", "agents", "weights", "outcomes"),
        at=lambda stated: f" at {stated.copies} copies",
    )


def _problems(model: str) -> _Compared:
    """Problems with transfers, on a grid of as many points where the model has one."""
    from eqsolve.certificate.quasi_linear import read_problem
    from eqsolve.io.transfers_certificate import problem_block
    from eqsolve.io.transfers_file import load_transfers

    loaded = load_transfers(model)

    def points(stated: Any) -> int | None:
        """Points of the certificate's grid; None where types are written out."""
        return len(stated.players[0].types) if loaded.has_grid else None

    return _Compared(
        read_problem,
        lambda stated: problem_block(loaded.problem(points(stated))),
        ("name", "decisions", "players", "costs"),
        "problem",
        lambda stated: "" if points(stated) is None else f" at {points(stated)} points",
    )


def _signals(model: str) -> _Compared:
    """Interdependent values, on the certificate's grid of signals."""
    from eqsolve.certificate.interdependent_values import read_model
    from eqsolve.io.interdependent_certificate import model_block, on_grid_of
    from eqsolve.io.interdependent_file import load_interdependent

    loaded = load_interdependent(model)
    return _Compared(
        read_model,
        lambda stated: model_block(on_grid_of(loaded, [len(a.signals) for a in stated.agents])),
        ("name", "alternatives", "agents", "effects", "constants", "ties"),
    )
