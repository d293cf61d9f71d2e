"""The verb ``eqsolve nash FILE``: equilibria of a plain game."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from eqsolve.cli.options import (
    exit_code,
    json_option,
    limited,
    memory_option,
    print_json,
    print_page,
    seconds_option,
)
from eqsolve.errors import LimitReached
from eqsolve.io.whole_file import check_place

if TYPE_CHECKING:
    from eqsolve.plain.result import NashResult

METHODS = [
    "auto", "complementarity", "support-enumeration", "vertex-enumeration", "lp", "lemke-howson", "nashpy",
    "polynomial", "best-response", "pure",
]  # fmt: skip


@click.command()
@click.argument("file")
@click.option("--one", is_flag=True, help="One equilibrium is enough.")
@click.option("--symmetric", is_flag=True, help="Only symmetric equilibria, of a symmetric two-player game.")
@click.option("--method", type=click.Choice(METHODS), default="auto", help="Engine that finds the equilibria.")
@click.option("--maximise", metavar="WHAT", help="The best equilibrium for welfare or payoff:PLAYER.")
@click.option("--minimise", metavar="WHAT", help="The worst one.")
@click.option(
    "--certificate", type=click.Path(dir_okay=False), help="Write what proves the listed equilibria to this file."
)
@json_option
@seconds_option
@memory_option
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Seed of random starts (best responses).")
def nash(
    file: str,
    one: bool,
    symmetric: bool,
    method: str,
    maximise: str | None,
    minimise: str | None,
    certificate: str | None,
    as_json: bool,
    max_seconds: float | None,
    max_memory: int | None,
    seed: int,
) -> int:
    """All equilibria of a plain game, or one.

    FILE is a game in Gambit's .nfg format (payoffs or outcomes) or in JSON; - reads standard input. Every equilibrium
    that is listed is exact, and the answer says whether there are others.
    """
    from eqsolve.io.game_json import read_game
    from eqsolve.plain.result import unfinished
    from eqsolve.plain.solving import nash as find

    objective = _objective(maximise, minimise)
    if certificate is not None:
        check_place(certificate)
    game = read_game(file)
    try:
        with limited(max_seconds, max_memory) as tick:
            result = find(
                game,
                method=method,
                one=one,
                symmetric=symmetric,
                objective=objective,
                max_seconds=max_seconds,
                seed=seed,
                progress=tick,
            )
    except LimitReached as error:
        result = unfinished(game, str(error), method)
    except KeyboardInterrupt:
        result = unfinished(game, "interrupted", method)
    if as_json:
        from eqsolve.io.nash_json import nash_json

        print_json(nash_json(result))
    else:
        from eqsolve.show.nash_page import print_nash

        print_page(partial(print_nash, result))
    if certificate is not None:  # after the answer, which a full disk must not cost
        _write(result, certificate)
    return exit_code(result.stopped)


def _write(result: NashResult, path: str) -> None:
    """Write a certificate of the rational equilibria, and say how many have none."""
    from eqsolve.io.certificate_file import write_certificate
    from eqsolve.io.plain_certificate import equilibria_certificate

    document = equilibria_certificate(result)
    if document is None:
        click.echo("eqsolve: no equilibrium with rational probabilities is listed; no file was written", err=True)
        return
    write_certificate(path, document)
    proved = len(document["statement"]["equilibria"])
    if proved < len(result):
        click.echo(f"eqsolve: the certificate proves {proved} of {len(result)} equilibria, the rational ones", err=True)


def _objective(maximise: str | None, minimise: str | None) -> str | None:
    if maximise is not None and minimise is not None:
        raise click.UsageError("--maximise and --minimise exclude each other")
    if minimise is not None:
        return f"minimise {minimise}"
    return None if maximise is None else f"maximise {maximise}"
