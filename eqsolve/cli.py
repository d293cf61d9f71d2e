"""The command line: ``eqsolve VERB MODEL [options]``.

Data goes to standard output, progress and diagnostics to standard error. Exit codes: 0 done; 2 bad input or usage;
3 a limit stopped the work; 130 after Ctrl-C. Heavy modules are imported by the verbs that need them.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eqsolve import __version__
from eqsolve.cli_nash import nash
from eqsolve.errors import EqsolveError, LimitReached

if TYPE_CHECKING:
    from eqsolve.solution import Solution

DONE, USAGE, LIMIT, INTERRUPTED = 0, 2, 3, 130

copies_option = click.option(
    "-k", "--copies", type=int, help="Number of linked problems K; the model's own by default."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document with exact rationals.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="eqsolve")
def cli() -> None:
    """Exact equilibria of finite linked games, and what they mean.

    MODEL is the path of a model file, or the name of a bundled model (see `eqsolve models`).
    """


@cli.command()
@click.argument("model")
@copies_option
@json_option
@click.option("--form", type=click.Choice(["auto", "explicit", "label-free"]), default="auto", help="Form of the game.")
@click.option(
    "--method",
    type=click.Choice(["auto", "complementarity", "support-enumeration", "lp", "best-response"]),
    default="auto",
    help="Engine that finds the equilibria.",
)
@click.option("--max-seconds", type=click.FloatRange(min=0, min_open=True), help="Stop after so many seconds, exit 3.")
@click.option("--max-memory", type=click.IntRange(min=1), metavar="MIB", help="Stop beyond so much memory, exit 3.")
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
    from eqsolve.io.model_file import load
    from eqsolve.io.result_json import solution_json
    from eqsolve.limits import memory_limit, time_limit
    from eqsolve.solving import solve as solve_game
    from eqsolve.solving import unfinished

    game = load(model).link(copies)
    try:
        # The engines keep the deadline themselves and return what they found; the alarm catches everything else.
        with (
            time_limit(None if max_seconds is None else max_seconds + 0.5),
            memory_limit(max_memory),
            _progress() as tick,
        ):
            solution = solve_game(game, form=form, method=method, max_seconds=max_seconds, seed=seed, progress=tick)
    except LimitReached as error:
        solution = unfinished(game, str(error))
    except KeyboardInterrupt:
        solution = unfinished(game, "interrupted")
    if as_json:
        _print_json(solution_json(solution, model))
    else:
        _print_page(solution)
    if solution.stopped == "interrupted":
        return INTERRUPTED
    return LIMIT if solution.stopped else DONE


cli.add_command(nash)


@cli.command()
@json_option
def models(as_json: bool) -> int:
    """List the bundled models."""
    from eqsolve.io.model_file import bundled_models, read_model

    found = {name: read_model(path) for name, path in bundled_models().items()}
    if as_json:
        _print_json(
            {
                "models": [
                    {"name": name, "title": m.name, "source": m.source, "agents": m.problem.n, "copies": m.copies}
                    for name, m in found.items()
                ]
            }
        )
        return DONE
    width = max(map(len, found), default=0)
    for name, m in found.items():
        click.echo(f"{name:{width}}  {m.name} ({m.source})")
    return DONE


@cli.command()
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
    from eqsolve.io.model_file import load
    from eqsolve.io.nfg import write_nfg

    game = normal_form_game(load(model).link(copies), undominated=undominated)
    text = write_nfg(game) if kind == "nfg" else game_to_json(game)
    if output is None:
        click.echo(text, nl=not text.endswith("\n"))
    else:
        Path(output).write_text(text, encoding="utf-8")
    return DONE


def _print_json(document: dict[str, Any]) -> None:
    sys.set_int_max_str_digits(0)  # exact payoffs at large K have more digits than Python converts by default
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def _print_page(solution: Solution) -> None:
    from rich.console import Console

    from eqsolve.show.terminal import print_solution

    sys.set_int_max_str_digits(0)
    print_solution(solution, Console(width=None if sys.stdout.isatty() else 120))


@contextmanager
def _progress() -> Iterator[Callable[[Any], None] | None]:
    """A line of progress on standard error, on a terminal only."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console

    with Console(stderr=True).status("solving") as status:

        def tick(statistics: Any) -> None:
            status.update(
                f"{statistics.nodes:,} nodes, {statistics.leaves:,} leaves, {statistics.seconds:.0f} s (Ctrl-C stops)"
            )

        yield tick


def main() -> None:
    """Entry point of the command ``eqsolve``."""
    try:
        code = cli.main(standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as stop:
        code = stop.exit_code
    except click.exceptions.Abort:
        code = INTERRUPTED
    except click.UsageError as error:
        where = f" (see '{error.ctx.command_path} --help')" if error.ctx else ""
        code = _complain(error.format_message() + where)
    except click.ClickException as error:
        code = _complain(error.format_message())
    except KeyboardInterrupt:
        code = INTERRUPTED
    except LimitReached as error:
        _complain(str(error))
        code = LIMIT
    except EqsolveError as error:
        code = _complain(str(error))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = DONE
    except OSError as error:
        code = _complain(f"{error.filename or 'output'}: {error.strerror}")
    sys.exit(code if isinstance(code, int) else DONE)


def _complain(message: str) -> int:
    click.echo("eqsolve: " + " ".join(message.split()), err=True)
    return USAGE


if __name__ == "__main__":
    main()
