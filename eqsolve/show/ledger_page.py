"""The ledger of published claims as a page on the terminal."""

from __future__ import annotations

import io
from collections.abc import Iterator

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from eqsolve.exact.rational import rational
from eqsolve.ledger import CAVEAT, ERRATUM, HOLDS, OPEN, Entry, Ledger
from eqsolve.show.words import number, printable

MAX_DETAILED = 3
STYLE = {HOLDS: "green", CAVEAT: "yellow", ERRATUM: "red", OPEN: "dim"}
WORDS = {HOLDS: "hold", CAVEAT: "hold with a caveat", ERRATUM: "errata", OPEN: "open"}


def ledger_text(ledger: Ledger, width: int = 120) -> str:
    """The ledger as plain text."""
    buffer = io.StringIO()
    print_ledger(ledger, Console(file=buffer, width=width, color_system=None))
    return buffer.getvalue()


def print_ledger(ledger: Ledger, console: Console) -> None:
    """Print a table per source, counts, and the sentences behind errata and caveats; a few claims in full."""
    for part in _page(ledger):
        console.print(part, markup=False, highlight=False, soft_wrap=False)


def _page(ledger: Ledger) -> Iterator[RenderableType]:
    if len(ledger) <= MAX_DETAILED:
        for entry in ledger:
            yield from _details(entry)
            yield Text()
    else:
        yield from _tables(ledger)
        for verdict, title in ((ERRATUM, "Errata"), (CAVEAT, "Caveats")):
            yield from _notes(ledger, verdict, title)
    counts = ", ".join(f"{count} {WORDS[verdict]}" for verdict, count in ledger.counts.items() if count)
    yield Text.assemble((f"{len(ledger)} claim{'s' * (len(ledger) != 1)}: ", "bold"), counts or "none")
    if ledger.stopped:
        yield Text(f"stopped ({ledger.stopped}): claims that were not reached are open")
    yield Text(f"{ledger.seconds:.1f} s; verdicts are computed, printed figures only compared", style="dim")


def _tables(ledger: Ledger) -> Iterator[RenderableType]:
    """A table for each source, in order."""
    for source in dict.fromkeys(e.claim.source for e in ledger):
        table = Table(title=source, title_justify="left", title_style="bold", expand=True)
        table.add_column("claim", ratio=3)
        table.add_column("says", ratio=6)
        table.add_column("printed", ratio=2)
        table.add_column("computed", ratio=4)
        table.add_column("verdict", ratio=2)
        for entry in ledger:
            if entry.claim.source == source:
                table.add_row(
                    entry.claim.id.removeprefix(f"{source}."),
                    printable(entry.claim.says),
                    printable(entry.claim.printed or ""),
                    printable(_computed(entry)) if entry.settled.computed else "",
                    Text(entry.settled.verdict, style=STYLE[entry.settled.verdict]),
                )
        yield table
        yield Text()


def _computed(entry: Entry) -> str:
    """What was computed; a single rational with its decimal."""
    try:
        return number(rational(entry.settled.computed))
    except ValueError:
        return entry.settled.computed


def _notes(ledger: Ledger, verdict: str, title: str) -> Iterator[RenderableType]:
    """The sentences that go with a verdict."""
    entries = [e for e in ledger if e.settled.verdict == verdict and e.settled.caveat]
    if entries:
        yield Text(title, style="bold")
        for entry in entries:
            yield Text.assemble((f"  {entry.claim.id}  ", STYLE[verdict]), printable(entry.settled.caveat))
        yield Text()


def _details(entry: Entry) -> Iterator[RenderableType]:
    """Everything about one claim."""
    claim, settled = entry.claim, entry.settled
    yield Text.assemble((claim.id, "bold"), f"  {printable(claim.where)}")
    lines = [("says", claim.says), ("printed", claim.printed), ("computed", _computed(entry))]
    lines += [("caveat", settled.caveat), ("method", settled.method)]
    yield Text.assemble("  verdict   ", (settled.verdict, STYLE[settled.verdict]))
    for name, value in lines:
        if value:
            yield Text(f"  {name:9} {printable(value)}")
