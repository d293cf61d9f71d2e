"""The verb ``report``: one page about one model or several."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from eqsolve.cli.options import DONE, INTERRUPTED, LIMIT, Range, memory_option, progress, seconds_option
from eqsolve.errors import ModelError


@click.command()
@click.argument("models", metavar="MODEL...", nargs=-1, required=True)
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False), help="The HTML file to write.")
@click.option(
    "-k",
    "--copies",
    type=Range(whole=True),
    metavar="RANGE",
    help="Numbers of linked problems K: 2,4,8 or 2:8:2; by default each model's own, doubled twice.",
)
@seconds_option
@memory_option
@click.option("--seed", type=int, default=0, help="Seed of searches.")
def report(
    models: tuple[str, ...],
    output: str,
    copies: tuple[int, ...] | None,
    max_seconds: float | None,
    max_memory: int | None,
    seed: int,
) -> int:
    """One self-contained HTML page: tables, charts, claims with verdicts, certificates.

    Without --max-seconds the work takes about 30 seconds per model at most. What does not fit is left out and named,
    on the page and on standard error; then the exit code is 3.
    """
    from eqsolve.io.whole_file import check_place
    from eqsolve.show.report import report as collect

    check_place(output)
    if any(Path(model).exists() and Path(output).exists() and Path(model).samefile(output) for model in models):
        raise ModelError(f"--output: found {output!r}, which is one of the models")
    with progress() as tick:
        found = collect(
            models,
            copies,
            max_seconds=max_seconds,
            max_memory=max_memory,
            seed=seed,
            progress=None if tick is None else _teller(tick),
        )
    found.write(output)
    missing = [f"{one.asked}: {name}: {why}" for one in found.models for name, why in one.left_out()]
    for line in missing:
        click.echo(f"eqsolve: {line}", err=True)
    if missing:
        click.echo(f"eqsolve: {output} is written, without the above", err=True)
    if found.stopped == "interrupted":
        return INTERRUPTED
    return LIMIT if found.stopped else DONE


def _teller(tick: Callable[[Any], None]) -> Callable[[str], None]:
    return lambda name: tick(name)
