"""The verb ``eqsolve nash FILE``: equilibria of a plain game."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from eqsolve.errors import LimitReached

if TYPE_CHECKING:
    from eqsolve.nash_result import NashResult

METHODS = [
    "auto", "complementarity", "support-enumeration", "vertex-enumeration", "lp", "lemke-howson", "nashpy",
    "polynomial", "best-response", "pure",
]  # fmt: skip
GRACE = 0.5  # seconds that the engines have to stop by themselves before the alarm rings


@click.command()
@click.argument("file")
@click.option("--one", is_flag=True, help="One equilibrium is enough.")
@click.option("--symmetric", is_flag=True, help="Only symmetric equilibria, of a symmetric two-player game.")
@click.option("--method", type=click.Choice(METHODS), default="auto", help="Engine that finds the equilibria.")
@click.option("--maximise", metavar="WHAT", help="The best equilibrium for welfare or payoff:PLAYER.")
@click.option("--minimise", metavar="WHAT", help="The worst one.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document with exact rationals.")
@click.option("--max-seconds", type=click.FloatRange(min=0, min_open=True), help="Stop after so many seconds, exit 3.")
@click.option("--max-memory", type=click.IntRange(min=1), metavar="MIB", help="Stop beyond so much memory, exit 3.")
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Seed of random starts (best responses).")
def nash(
    file: str,
    one: bool,
    symmetric: bool,
    method: str,
    maximise: str | None,
    minimise: str | None,
    as_json: bool,
    max_seconds: float | None,
    max_memory: int | None,
    seed: int,
) -> int:
    """All equilibria of a plain game, or one.

    FILE is a game in Gambit's .nfg format (payoffs or outcomes) or in JSON; - reads standard input. Every equilibrium
    that is listed is exact, and the answer says whether there are others.
    """
    from eqsolve.cli import _progress
    from eqsolve.io.game_json import read_game
    from eqsolve.limits import memory_limit, time_limit
    from eqsolve.nash_result import unfinished
    from eqsolve.nash_solving import nash as find

    objective = _objective(maximise, minimise)
    game = read_game(file)
    try:
        # The engines keep the deadline themselves and return what they found; the alarm catches everything else.
        alarm = None if max_seconds is None else max_seconds + GRACE
        with time_limit(alarm), memory_limit(max_memory), _progress() as tick:
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
    _print(result, as_json)
    return _exit_code(result)


def _objective(maximise: str | None, minimise: str | None) -> str | None:
    if maximise is not None and minimise is not None:
        raise click.UsageError("--maximise and --minimise exclude each other")
    if minimise is not None:
        return f"minimise {minimise}"
    return None if maximise is None else f"maximise {maximise}"


def _print(result: NashResult, as_json: bool) -> None:
    sys.set_int_max_str_digits(0)  # exact numbers may have more digits than Python converts by default
    if as_json:
        import json

        from eqsolve.io.nash_json import nash_json

        click.echo(json.dumps(nash_json(result), ensure_ascii=False, indent=2))
        return
    from rich.console import Console

    from eqsolve.show.nash_page import print_nash

    print_nash(result, Console(width=None if sys.stdout.isatty() else 120))


def _exit_code(result: NashResult) -> int:
    if result.stopped == "interrupted":
        return 130
    return 0 if result.stopped is None else 3
