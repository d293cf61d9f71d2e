"""The verb ``eqsolve claims``: the ledger of published claims."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import click

from eqsolve.cli.options import GRACE, exit_code, json_option, print_json, print_page, seconds_option


@click.command()
@click.option("--source", help="Only this document (000 to 004), or the bundled models' claims (models).")
@click.option("--id", "ids", multiple=True, metavar="ID", help="Only this claim; may be repeated.")
@json_option
@seconds_option
def claims(source: str | None, ids: tuple[str, ...], as_json: bool, max_seconds: float | None) -> int:
    """Every published claim: what was printed, what is computed, and a verdict.

    The claims are those of the five source documents and of the bundled models. Errata are no error: exit 0.
    """
    from eqsolve.io.ledger_json import ledger_json
    from eqsolve.ledger import collect
    from eqsolve.limits import time_limit
    from eqsolve.show.ledger_page import print_ledger

    # A claim that is being settled when time is up is interrupted by the alarm and stays open.
    alarm = None if max_seconds is None else max_seconds + GRACE
    with time_limit(alarm), _progress() as tick:
        ledger = collect(source, ids, max_seconds=max_seconds, progress=tick)
    if as_json:
        print_json(ledger_json(ledger))
    else:
        print_page(partial(print_ledger, ledger))
    return exit_code(ledger.stopped)


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None] | None]:
    """Which claim is being settled, on standard error, on a terminal only."""
    import sys

    if sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console

    with Console(stderr=True).status("reading claims") as status:
        yield lambda name, done, total: status.update(f"{name} ({done + 1} of {total}; Ctrl-C stops)")
