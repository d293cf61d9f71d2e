"""The verb ``sweep``: a grid of models, K, parameters and questions, in parallel and resumable."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from eqsolve.cli.options import DONE, INTERRUPTED, LIMIT, json_option, print_json, seconds_option

if TYPE_CHECKING:
    from eqsolve.sweep.run import SweepResult


@click.command()
@click.argument("spec", type=click.Path())
@click.option(
    "-o",
    "--output",
    type=click.Path(),
    metavar="DIR|FILE",
    help="A folder for table and store, or the table: .parquet or .csv; by default SPEC.sweep here.",
)
@click.option("--jobs", type=click.IntRange(1, 4096), help="Processes of this machine; one per processor by default.")
@click.option("--scheduler", metavar="ADDRESS", help="Work on a Dask cluster: tcp://HOST:PORT or tls://HOST:PORT.")
@click.option("--tls-ca", metavar="PEM", help="Certificate of the cluster's authority.")
@click.option("--tls-cert", metavar="PEM", help="Own certificate.")
@click.option("--tls-key", metavar="PEM", help="Its key.")
@click.option("--dry-run", is_flag=True, help="Read the spec, count its cases, work nothing out.")
@seconds_option
@json_option
def sweep(
    spec: str,
    output: str | None,
    jobs: int | None,
    scheduler: str | None,
    tls_ca: str | None,
    tls_cert: str | None,
    tls_key: str | None,
    dry_run: bool,
    max_seconds: float | None,
    as_json: bool,
) -> int:
    """Every case of a grid of models, K, parameters and questions, as one table.

    SPEC is a TOML file. The same call goes on where an earlier one was stopped or killed.
    """
    from eqsolve.sweep.run import run_sweep
    from eqsolve.sweep.schedulers import TLS

    if dry_run:
        return _count(spec, as_json)
    with _bar() as tick:
        found = run_sweep(
            spec,
            output,
            jobs=jobs,
            scheduler=scheduler,
            tls=TLS(tls_ca, tls_cert, tls_key),
            max_seconds=max_seconds,
            progress=tick,
        )
    if as_json:
        print_json(_document(found))
    else:
        counts = ", ".join(f"{number:,} {status}" for status, number in found.statuses.items()) or "none finished"
        click.echo(f"{spec}: {found.cases:,} cases: {counts} ({found.reused:,} from before); {found.table}")
        if not found.complete:
            click.echo(f"eqsolve: stopped: {found.stopped}; the same call goes on", err=True)
    return _exit_code(found)


def _count(spec: str, as_json: bool) -> int:
    """Say how many cases there are, by task."""
    from collections import Counter

    from eqsolve.sweep.cases import all_cases
    from eqsolve.sweep.spec import read_spec

    cases = {case.key: case for case in all_cases(read_spec(spec))}
    tasks = Counter(case.task for case in cases.values())
    if as_json:
        print_json({"spec": spec, "cases": len(cases), "tasks": dict(tasks)})
    else:
        counts = ", ".join(f"{number:,} {task}" for task, number in tasks.items())
        click.echo(f"{spec}: {len(cases):,} cases: {counts}")
    return DONE


def _document(found: SweepResult) -> dict[str, object]:
    return {
        "spec": found.spec,
        "table": str(found.table),
        "store": str(found.store),
        "cases": found.cases,
        **{status: found.statuses.get(status, 0) for status in ("done", "limit", "error")},
        "crashes": found.crashes,
        "reused": found.reused,
        "stopped": found.stopped,
        "seconds": round(found.seconds, 3),
    }


def _exit_code(found: SweepResult) -> int:
    """0 if every case has an answer, if only that it is not supported; 3 if a limit or a crash left some without."""
    if found.stopped == "interrupted":
        return INTERRUPTED
    return LIMIT if not found.complete or found.statuses.get("limit") or found.crashes else DONE


@contextmanager
def _bar() -> Iterator[Callable[[int, int, float | None], None] | None]:
    """A bar with the time that is left, on standard error, on a terminal only."""
    import sys

    if sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.fields[left]}"))
    with Progress(*columns, console=Console(stderr=True)) as bar:
        shown = bar.add_task("cases", total=None, left="")

        def tick(done: int, total: int, left: float | None) -> None:
            """Show how many cases are done, and about how long the others take."""
            told = "" if left is None else f"about {_duration(left)} left"
            bar.update(shown, completed=done, total=total, left=f"{told} (Ctrl-C stops, the same call goes on)")

        yield tick


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
