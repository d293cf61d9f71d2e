"""The verbs for linked games: ``solve``, ``export``, ``models``."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

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
from eqsolve.errors import LimitReached

if TYPE_CHECKING:
    from eqsolve.linking import LinkedGame


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
@seconds_option
@memory_option
@click.option("--seed", type=int, default=0, help="Seed of random starts (best responses).")
def solve(
    model: str,
    copies: int | None,
    as_json: bool,
    form: str,
    method: str,
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
    try:
        with limited(max_seconds, max_memory) as tick:
            solution = solve_game(game, form=form, method=method, max_seconds=max_seconds, seed=seed, progress=tick)
    except LimitReached as error:
        solution = unfinished(game, str(error))
    except KeyboardInterrupt:
        solution = unfinished(game, "interrupted")
    if as_json:
        print_json(solution_json(solution, model))
    else:
        print_page(partial(print_solution, solution))
    return exit_code(solution.stopped)


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
        Path(output).write_text(text, encoding="utf-8")
    return DONE
