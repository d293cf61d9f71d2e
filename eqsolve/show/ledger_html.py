"""The ledger of published claims as an HTML fragment, for notebooks; every text is escaped."""

from __future__ import annotations

from html import escape

from eqsolve.ledger import Ledger
from eqsolve.show.ledger_page import WORDS, computed
from eqsolve.show.words import printable

COLUMNS = ("where", "says", "printed", "computed", "verdict", "caveat")


def ledger_html(ledger: Ledger) -> str:
    """A row per claim, with its caveat, and of several how many hold."""
    rows = ""
    for entry in ledger:
        claim, settled = entry.claim, entry.settled
        cells = [f"{claim.source}, {claim.where}", claim.says, claim.printed or "", computed(entry)]
        cells += [settled.verdict, settled.caveat]
        rows += "<tr>" + "".join(f"<td>{escape(printable(cell))}</td>" for cell in cells) + "</tr>"
    head = "".join(f"<th>{column}</th>" for column in COLUMNS)
    counts = [f"{count} {WORDS[verdict]}" for verdict, count in ledger.counts.items() if count]
    told = f"<p>{len(ledger)} claims: {', '.join(counts)}.</p>" if len(ledger) > 1 else ""
    stopped = f"<p>Stopped: {escape(printable(ledger.stopped))}.</p>" if ledger.stopped else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{told}{stopped}"
