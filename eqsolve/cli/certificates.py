"""The verb ``eqsolve check FILE``: whether a certificate proves what it states."""

from __future__ import annotations

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
    """Where the games of (valid) certificates differ from a model's; None if they are the same."""
    from eqsolve.certificate.game import Invalid, read_game
    from eqsolve.errors import EqsolveError
    from eqsolve.io.certificate_file import game_block
    from eqsolve.io.kinds import find_model, kind_of
    from eqsolve.io.model_file import load
    from eqsolve.io.toml_text import read_toml

    kind = kind_of(read_toml(find_model(model)), model)
    if kind == "transfers":
        return _other_problem(document, model)
    if kind == "interdependent":
        return _other_signals(document, model)
    loaded = load(model)
    for certificate in document if isinstance(document, list) else [document]:
        try:
            stated = read_game(certificate["game"])
        except Invalid:
            return f"the game is not the one of the model {model}, but of another kind"
        try:
            compiled = read_game(game_block(loaded.link(stated.copies)))
        except (EqsolveError, Invalid) as error:
            return f"the model {model} does not compile to such a game: {error}"
        for part in ("name", "decisions", "agents", "weights", "outcomes"):
            if getattr(stated, part) != getattr(compiled, part):
                return f"the game is not the one of the model {model} at {stated.copies} copies: {part} differ"
    return None


def _other_problem(document: Any, model: str) -> str | None:
    """Where the problems of (valid) certificates differ from a model with transfers; None if they are the same."""
    from eqsolve.certificate.quasi_linear import read_problem
    from eqsolve.certificate.reading import Invalid
    from eqsolve.io.transfers_certificate import problem_block
    from eqsolve.io.transfers_file import load_transfers

    loaded = load_transfers(model)
    for certificate in document if isinstance(document, list) else [document]:
        try:
            stated = read_problem(certificate["game"])
        except Invalid:
            return f"the game is not the one of the model {model}, but of another kind"
        points = len(stated.players[0].types) if loaded.has_grid else None
        compiled = read_problem(problem_block(loaded.problem(points)))
        for part in ("name", "decisions", "players", "costs"):
            if getattr(stated, part) != getattr(compiled, part):
                at = "" if points is None else f" at {points} points"
                return f"the problem is not the one of the model {model}{at}: {part} differ"
    return None


def _other_signals(document: Any, model: str) -> str | None:
    """Where (valid) certificates speak of other values or signals than a model does on a grid; None if nowhere."""
    from eqsolve.certificate.interdependent_values import read_model
    from eqsolve.certificate.reading import Invalid
    from eqsolve.io.interdependent_certificate import model_block, on_grid_of
    from eqsolve.io.interdependent_file import load_interdependent

    loaded = load_interdependent(model)
    for certificate in document if isinstance(document, list) else [document]:
        try:
            stated = read_model(certificate["game"])
        except Invalid:
            return f"the game is not the one of the model {model}, but of another kind"
        compiled = read_model(model_block(on_grid_of(loaded, [len(a.signals) for a in stated.agents])))
        for part in ("name", "alternatives", "agents", "effects", "constants", "ties"):
            if getattr(stated, part) != getattr(compiled, part):
                return f"the game is not the one of the model {model}: {part} differ"
    return None
