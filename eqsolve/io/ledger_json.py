"""The ledger of published claims as JSON."""

from __future__ import annotations

from typing import Any

from eqsolve.ledger import Entry, Ledger


def ledger_json(ledger: Ledger) -> dict[str, Any]:
    """The ledger as a JSON document; what was not printed or not computed is null."""
    return {
        "claims": [_entry(entry) for entry in ledger],
        "counts": ledger.counts,
        "stopped": ledger.stopped,
        "seconds": round(ledger.seconds, 3),
    }


def _entry(entry: Entry) -> dict[str, str | None]:
    claim, settled = entry.claim, entry.settled
    return {
        "id": claim.id,
        "source": claim.source,
        "where": claim.where,
        "says": claim.says,
        "printed": claim.printed,
        "computed": settled.computed or None,
        "verdict": settled.verdict,
        "caveat": settled.caveat,
        "method": settled.method,
    }
