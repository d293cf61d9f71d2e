"""What the verbs share: options, exit codes, progress, and how results are printed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import click

from eqsolve.errors import LimitReached, ModelError, NotSupported, SizeError

DONE, USAGE, LIMIT, INTERRUPTED = 0, 2, 3, 130
GRACE = 0.5
"""Seconds that the engines have to stop by themselves before the alarm rings."""

MAX_RANGE = 10_000
"""Numbers in a range."""


def _seconds(context: click.Context, parameter: click.Parameter, value: float | None) -> float | None:
    if value is not None and not 0 < value <= 1e8:
        raise click.BadParameter(f"found {value}, expected seconds above 0, at most 10^8")
    return value


def drawable(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """A file that cannot be drawn is refused before anything is computed."""
    if value is not None:
        from eqsolve.show.figures import check_plot

        check_plot(value)
    return value


copies_option = click.option(
    "-k", "--copies", type=int, help="Number of linked problems K; the model's own by default."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document with exact rationals.")
seconds_option = click.option(
    "--max-seconds", type=float, callback=_seconds, help="Stop after so many seconds, with what is known; exit 3."
)
plot_option = click.option(
    "--plot", type=click.Path(dir_okay=False), metavar="FILE", callback=drawable, help="Draw to a .png, .svg or .pdf."
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


def nothing_known(stopped: str) -> LimitReached | KeyboardInterrupt:
    """What ends a command of which nothing is known yet: Ctrl-C has an exit code of its own."""
    return KeyboardInterrupt() if stopped == "interrupted" else LimitReached(stopped)


@contextmanager
def progress() -> Iterator[Callable[[Any], None] | None]:
    """A line of progress on standard error, on a terminal only."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console

    with Console(stderr=True).status("solving") as status:

        def tick(state: Any) -> None:
            """Show how far the search is: a text as it is, or the counts of a search tree."""
            told = (
                state
                if isinstance(state, str)
                else f"{state.nodes:,} nodes, {state.leaves:,} leaves, {state.seconds:.0f} s"
            )
            status.update(f"{told} (Ctrl-C stops)")

        yield tick


@contextmanager
def limited(max_seconds: float | None, max_memory: int | None) -> Iterator[Callable[[Any], None] | None]:
    """Work under limits, with a line of progress.

    The work keeps the deadline itself and returns what it found; the alarm, a little later, catches everything else.
    """
    from eqsolve.limits import memory_limit, time_limit

    alarm = None if max_seconds is None else max_seconds + GRACE
    with time_limit(alarm), memory_limit(max_memory), progress() as tick:
        yield tick


@contextmanager
def naming(model: str) -> Iterator[None]:
    """What is wrong with a model, or cannot be done with it, names the model."""
    try:
        yield
    except (ModelError, NotSupported, SizeError) as error:
        raise type(error)(f"{model}: {error}") from None


class Range(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.4 on only
    """An option whose value is a tuple of numbers, written as `ranges` reads them: of int if `whole`, else of Fraction.

    Parameters
    ----------
    whole : bool
        Whole numbers only.
    """

    name = "range"

    def __init__(self, whole: bool = False) -> None:
        self.whole = whole

    def convert(
        self, value: Any, param: click.Parameter | None, context: click.Context | None
    ) -> tuple[int, ...] | tuple[Fraction, ...]:
        """Read the numbers; a default may be a tuple already."""
        if isinstance(value, tuple):
            return value
        try:
            numbers = ranges(str(value), self.whole)
        except click.BadParameter as error:
            self.fail(error.message, param, context)
        return tuple(int(x) for x in numbers) if self.whole else numbers


def ranges(text: str, whole: bool = True) -> tuple[Fraction, ...]:
    """Numbers as they are written on the command line, sorted, without repetitions.

    ``a:b`` or ``a:b:step`` with both ends (steps of 1 by default; the last number is the last one that is not beyond
    b), or a list of numbers and ranges, ``2,4,8``. Numbers are exact: ``0:1/2:1/20``.

    Raises
    ------
    click.BadParameter
        If the text is malformed, a number is not whole where it should be, a step is not positive, ends are the wrong
        way round, or there are more than `MAX_RANGE` numbers.
    """
    from eqsolve.exact.rational import rational

    shown = text if len(text) <= 60 else text[:60] + "..."
    form = "a:b, a:b:step or a list such as 2,4,8"
    found: set[Fraction] = set()
    for part in text.split(","):
        try:
            ends = [rational(piece.strip()) for piece in part.split(":")]
        except ValueError:
            ends = []
        if not 1 <= len(ends) <= 3 or (whole and any(x.denominator != 1 for x in ends)):
            raise click.BadParameter(f"found {shown!r}, expected {'whole ' if whole else ''}numbers as {form}")
        first, last, step = ends[0], ends[min(1, len(ends) - 1)], ends[2] if len(ends) == 3 else Fraction(1)
        if step <= 0 or first > last:
            raise click.BadParameter(f"found {shown!r}, expected a at most b and a step above 0 in a:b:step")
        count = (last - first) // step + 1
        if count + len(found) > MAX_RANGE:
            raise click.BadParameter(f"found {shown!r}, expected at most {MAX_RANGE:,} numbers")
        found.update(first + k * step for k in range(count))
    return tuple(sorted(found))
