"""The verbs for linked games: ``solve``, ``export``, ``models``."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from eqsolve.cli.options import (
    DONE,
    copies_option,
    exit_code,
    json_option,
    limited,
    memory_option,
    naming,
    print_json,
    print_page,
    seconds_option,
)
from eqsolve.errors import LimitReached, SizeError
from eqsolve.io.whole_file import check_place, write_whole

if TYPE_CHECKING:
    from eqsolve.linking import LinkedGame
    from eqsolve.solution import Solution


@click.command()
@click.argument("model")
@copies_option
@json_option
@click.option(
    "--form",
    type=click.Choice(["auto", "explicit", "separable", "label-free"]),
    default="auto",
    help="Form of the game.",
)
@click.option(
    "--method",
    type=click.Choice(["auto", "complementarity", "support-enumeration", "lp", "best-response"]),
    default="auto",
    help="Engine that finds the equilibria.",
)
@click.option(
    "--certificate", type=click.Path(dir_okay=False), help="Write what proves the equilibria and bounds to this file."
)
@seconds_option
@memory_option
@click.option("--seed", type=int, default=0, help="Seed of random starts (best responses).")
def solve(
    model: str,
    copies: int | None,
    as_json: bool,
    form: str,
    method: str,
    certificate: str | None,
    max_seconds: float | None,
    max_memory: int | None,
    seed: int,
) -> int:
    """Equilibria with payoffs, truth and coordination."""
    from eqsolve.io.result_json import solution_json
    from eqsolve.show.terminal import print_solution
    from eqsolve.solving import solve as solve_game
    from eqsolve.solving import unfinished

    game = _linked(model, copies)
    if certificate is not None:
        from eqsolve.io.certificate_file import game_block

        check_place(certificate)
        with naming(model):
            game_block(game)  # whether certificates can tell of it, before any work
    documents: list[dict[str, Any]] = []
    solution = None
    try:
        with limited(max_seconds, max_memory) as tick:
            solution = solve_game(game, form=form, method=method, max_seconds=max_seconds, seed=seed, progress=tick)
            if certificate is not None:
                _certify(solution, documents)
    except LimitReached as error:
        solution = unfinished(game, str(error)) if solution is None else replace(solution, stopped=str(error))
    except KeyboardInterrupt:
        solution = unfinished(game, "interrupted") if solution is None else replace(solution, stopped="interrupted")
    if as_json:
        print_json(solution_json(solution, model))
    else:
        print_page(partial(print_solution, solution))
    if certificate is not None:  # after the answer, which a full disk must not cost
        _write(solution, documents, certificate)
    return exit_code(solution.stopped)


def _certify(solution: Solution, documents: list[dict[str, Any]]) -> None:
    """Add certificates one after the other, so that those that are done stay if a limit stops the work."""
    from eqsolve.io.solution_certificate import bounds_certificate, equilibrium_certificates, label_free_certificate

    documents += equilibrium_certificates(solution.game, solution)
    for what, build in (("label-free payoffs", label_free_certificate), ("bounds", bounds_certificate)):
        try:
            document = build(solution)
        except SizeError as error:
            click.echo(f"eqsolve: no certificate of the {what}: {error}", err=True)
            continue
        if document is not None:
            documents.append(document)


def _write(solution: Solution, documents: list[dict[str, Any]], path: str) -> None:
    """Write certificates, and say how many equilibria have none."""
    from eqsolve.io.certificate_file import write_certificate

    if documents:
        write_certificate(path, documents[0] if len(documents) == 1 else documents)
    proved = sum(d["statement"]["says"] == "equilibrium" for d in documents)
    if not documents:
        click.echo("eqsolve: nothing that a certificate could prove was found; no file was written", err=True)
    elif proved < len(solution):
        click.echo(f"eqsolve: certificates prove {proved} of {len(solution)} equilibria", err=True)


def _linked(model: str, copies: int | None) -> LinkedGame:
    """The linked game of a model; what is wrong with it names the model."""
    from eqsolve.io.model_file import load

    loaded = load(model)
    with naming(model):
        return loaded.link(copies)


@click.command()
@json_option
@click.option(
    "--schema", metavar="[KIND]", is_flag=False, flag_value="linked", help="Print the JSON Schema of model files."
)
def models(as_json: bool, schema: str | None) -> int:
    """List the bundled models."""
    from eqsolve.io.kinds import KINDS, bundled_models, load_kind

    if schema is not None:
        from eqsolve.io.model_schema import model_schema

        print_json(model_schema(schema))
        return DONE
    found = {name: (kind, load_kind(path, kind)) for kind in KINDS for name, path in bundled_models(kind).items()}
    if as_json:
        lines = []
        for name, (kind, m) in found.items():
            line = {"name": name, "kind": kind, "title": m.name, "source": m.source}
            lines.append(line | {"agents": m.problem.n, "copies": m.copies} if kind == "linked" else line)
        print_json({"models": lines})
        return DONE
    width = max(map(len, found), default=0)
    for name, (kind, m) in found.items():
        verb = "" if kind == "linked" else f"; eqsolve {KINDS[kind].verb}"
        click.echo(f"{name:{width}}  {m.name} ({m.source}{verb})")
    return DONE


@click.command()
@click.argument("model")
@copies_option
@click.option("--format", "kind", type=click.Choice(["nfg", "json"]), default="nfg", help="File format.")
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="Write to this file instead of standard output.")
@click.option("--undominated", is_flag=True, help="Leave out interim strictly dominated messages (two active agents).")
def export(model: str, copies: int | None, kind: str, output: str | None, undominated: bool) -> int:
    """Write the normal form for other programs (Gambit reads .nfg).

    Players are the agents whose announcements matter; a strategy is named by the messages it sends at each type
    vector; strategies with equal payoffs are one.
    """
    from eqsolve.forms.export import normal_form_game
    from eqsolve.io.game_json import game_to_json
    from eqsolve.io.nfg import write_nfg

    game = normal_form_game(_linked(model, copies), undominated=undominated)
    text = write_nfg(game) if kind == "nfg" else game_to_json(game)
    if output is None:
        click.echo(text, nl=not text.endswith("\n"))
    else:
        write_whole(output, text)
    return DONE
