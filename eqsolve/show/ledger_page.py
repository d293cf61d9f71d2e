"""The ledger of published claims as a page on the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from eqsolve.exact.rational import rational
from eqsolve.ledger import CAVEAT, ERRATUM, HOLDS, OPEN, Entry, Ledger
from eqsolve.show.printing import plain_text, print_parts
from eqsolve.show.words import number, printable

MAX_DETAILED = 3
STYLE = {HOLDS: "green", CAVEAT: "yellow", ERRATUM: "red", OPEN: "dim"}
WORDS = {HOLDS: "hold", CAVEAT: "hold with a caveat", ERRATUM: "errata", OPEN: "open"}


def ledger_text(ledger: Ledger, width: int = 120) -> str:
    """The ledger as plain text."""
    return plain_text(_page(ledger), width)


def print_ledger(ledger: Ledger, console: Console) -> None:
    """Print a table per source, counts, and the sentences behind errata and caveats; a few claims in full."""
    print_parts(_page(ledger), console)


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
    """A table for each document, and one for all bundled models, in order; then why claims are open."""
    for source in dict.fromkeys(_document(e) for e in ledger):
        table = Table(title=source, title_justify="left", title_style="bold", expand=True)
        table.add_column("claim", no_wrap=True)
        table.add_column("says", ratio=5)
        table.add_column("printed", ratio=2)
        table.add_column("computed", ratio=4)
        table.add_column("verdict", no_wrap=True)
        for entry in ledger:
            if _document(entry) == source:
                table.add_row(
                    Text(entry.claim.id.removeprefix(f"{source}.").removeprefix("model.")),
                    Text(printable(entry.claim.says)),
                    Text(printable(entry.claim.printed or "")),
                    Text(printable(computed(entry))),
                    Text(entry.settled.verdict, style=STYLE[entry.settled.verdict]),
                )
        yield table
        yield from (Text(f"open: {printable(why)}", style="dim") for why in _reasons(ledger, source))
        yield Text()


def _document(entry: Entry) -> str:
    """The document of a claim, or ``models``."""
    return entry.claim.source.partition("/")[0]


def _reasons(ledger: Ledger, source: str) -> list[str]:
    """Why claims of a document are open, each reason once."""
    reasons = [e.settled.method for e in ledger if _document(e) == source and e.settled.verdict == OPEN]
    return list(dict.fromkeys(reasons))


def computed(entry: Entry) -> str:
    """What was computed; a single rational with its decimal."""
    try:
        return number(rational(entry.settled.computed))
    except ValueError:
        return entry.settled.computed


def _notes(ledger: Ledger, verdict: str, title: str) -> Iterator[RenderableType]:
    """The sentences that go with a verdict."""
    entries = [e for e in ledger if e.settled.verdict == verdict and e.settled.caveat]
    if entries:
        notes = _columns(title)
        for entry in entries:
            notes.add_row(Text(entry.claim.id, style=STYLE[verdict]), Text(printable(entry.settled.caveat)))
        yield notes
        yield Text()


def _details(entry: Entry) -> Iterator[RenderableType]:
    """Everything about one claim."""
    claim, settled = entry.claim, entry.settled
    lines = _columns(claim.id)
    lines.add_row("verdict", Text(settled.verdict, style=STYLE[settled.verdict]))
    told = {"where": f"{claim.source}, {claim.where}", "says": claim.says, "printed": claim.printed}
    told |= {"computed": computed(entry), "caveat": settled.caveat, "method": settled.method}
    for name, value in told.items():
        if value:
            lines.add_row(name, Text(printable(value)))
    yield lines


def _columns(title: str) -> Table:
    """Two columns without lines between them, the second as wide as it needs to be."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    return table
