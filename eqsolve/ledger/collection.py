"""The ledger: every claim with what was computed, within a limit of time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from eqsolve.errors import LimitReached, ModelError, NotSupported, SizeError
from eqsolve.ledger.bundled import model_claims, settle_model_claim
from eqsolve.ledger.registry import published, settler
from eqsolve.ledger.settled import VERDICTS, Published, Settled, unsettled

if TYPE_CHECKING:
    import pandas as pd

Work = Callable[[], Settled]
Progress = Callable[[str, int, int], None]
"""Called with the id of the claim that comes next, how many are done, and how many there are."""


@dataclass(frozen=True)
class Entry:
    """A line of the ledger: what was published, and what was computed."""

    claim: Published
    settled: Settled


@dataclass(frozen=True)
class Ledger:
    """Claims and what became of them.

    Parameters
    ----------
    entries : tuple of Entry
        In the order in which the claims were collected; those of bundled models follow.
    stopped : str or None
        Why the work ended early; claims that were not reached are open.
    seconds : float
    """

    entries: tuple[Entry, ...]
    stopped: str | None = None
    seconds: float = 0.0

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def counts(self) -> dict[str, int]:
        """Number of claims by verdict."""
        return {verdict: sum(e.settled.verdict == verdict for e in self.entries) for verdict in VERDICTS}

    def to_frame(self) -> pd.DataFrame:
        """Claims as a pandas DataFrame, a row each."""
        import pandas as pd

        return pd.DataFrame([{**vars(e.claim), **vars(e.settled)} for e in self.entries])

    def __str__(self) -> str:
        from eqsolve.show.ledger_page import ledger_text

        return ledger_text(self)

    def _repr_html_(self) -> str:
        from eqsolve.show.ledger_html import ledger_html

        return ledger_html(self)


def collect(
    source: str | None = None,
    ids: Sequence[str] = (),
    *,
    max_seconds: float | None = None,
    progress: Progress | None = None,
) -> Ledger:
    """Settle published claims and those of the bundled models.

    Parameters
    ----------
    source : str, optional
        Only claims of this document (``000`` to ``004``), of this model file, or of all ``models``.
    ids : sequence of str, optional
        Only these claims.
    max_seconds : float, optional
        Claims that are not reached within this time stay open.
    progress : callable, optional

    Raises
    ------
    ModelError
        If there is no such source or claim.
    """
    start = time.monotonic()
    deadline = None if max_seconds is None else start + max_seconds
    chosen = _chosen(source, ids)
    entries: list[Entry] = []
    stopped: str | None = None
    for claim, work in chosen:
        if progress is not None:
            progress(claim.id, len(entries), len(chosen))
        if stopped is None and deadline is not None and time.monotonic() > deadline:
            stopped = "time limit"
        settled, stopped = _settle(work, stopped)
        entries.append(Entry(claim, settled))
    return Ledger(tuple(entries), stopped, time.monotonic() - start)


def _settle(work: Work, stopped: str | None) -> tuple[Settled, str | None]:
    """Settle one claim, and say why work stopped if it did."""
    if stopped is None:
        try:
            return work(), None
        except LimitReached as error:
            stopped = str(error)
        except KeyboardInterrupt:
            stopped = "interrupted"
        except (SizeError, NotSupported) as error:
            return unsettled(f"not computed: {error}"), None
    return unsettled(f"not reached: {stopped}"), stopped


def _chosen(source: str | None, ids: Sequence[str]) -> list[tuple[Published, Work]]:
    """The claims asked for, each with what settles it."""
    known: list[tuple[Published, Work]] = [(claim, partial(settler(claim), claim)) for claim in published()]
    known += [(claim, partial(settle_model_claim, model, told)) for claim, model, told in model_claims()]
    sources = list(dict.fromkeys(claim.source for claim, _ in known))
    if source is not None and not any(_belongs(claim, source) for claim, _ in known):
        raise ModelError(f"source: found {source!r}, expected one of {', '.join(sources)} or models")
    unknown = set(ids) - {claim.id for claim, _ in known}
    if unknown:
        raise ModelError(f"id: found {', '.join(map(repr, sorted(unknown)))}, expected ids that the whole ledger lists")
    return [
        (claim, work)
        for claim, work in known
        if (source is None or _belongs(claim, source)) and (not ids or claim.id in ids)
    ]


def _belongs(claim: Published, source: str) -> bool:
    return claim.source == source or claim.source.startswith(f"{source}/")
