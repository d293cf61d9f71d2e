"""What the verbs share: options, exit codes, progress, and how results are printed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

DONE, USAGE, LIMIT, INTERRUPTED = 0, 2, 3, 130
GRACE = 0.5
"""Seconds that the engines have to stop by themselves before the alarm rings."""


def _seconds(context: click.Context, parameter: click.Parameter, value: float | None) -> float | None:
    if value is not None and not 0 < value <= 1e8:
        raise click.BadParameter(f"found {value}, expected seconds above 0, at most 10^8")
    return value


copies_option = click.option(
    "-k", "--copies", type=int, help="Number of linked problems K; the model's own by default."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document with exact rationals.")
seconds_option = click.option(
    "--max-seconds", type=float, callback=_seconds, help="Stop after so many seconds, with what is known; exit 3."
)
memory_option = click.option(
    "--max-memory", type=click.IntRange(1, 2**24), metavar="MIB", help="Stop beyond so much memory; exit 3."
)


def print_json(document: dict[str, Any]) -> None:
    """Print a JSON document; exact numbers may have more digits than Python converts unasked."""
    sys.set_int_max_str_digits(0)
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def print_page(page: Callable[[Any], None]) -> None:
    """Let `page` print to a console as wide as the terminal, or 120 columns elsewhere."""
    from rich.console import Console

    sys.set_int_max_str_digits(0)
    page(Console(width=None if sys.stdout.isatty() else 120))


def exit_code(stopped: str | None) -> int:
    """Exit code of an answer that may have been stopped early."""
    if stopped == "interrupted":
        return INTERRUPTED
    return LIMIT if stopped else DONE


@contextmanager
def progress() -> Iterator[Callable[[Any], None] | None]:
    """A line of progress on standard error, on a terminal only."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console

    with Console(stderr=True).status("solving") as status:

        def tick(statistics: Any) -> None:
            status.update(
                f"{statistics.nodes:,} nodes, {statistics.leaves:,} leaves, {statistics.seconds:.0f} s (Ctrl-C stops)"
            )

        yield tick
