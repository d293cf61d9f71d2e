"""What linking does as issues are added: participation, vetoes and tariffs against K."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from eqsolve.errors import LimitReached, ModelError, SizeError
from eqsolve.participation.equilibria import VetoSearch, from_nobody
from eqsolve.participation.groves import LinkedGroves
from eqsolve.participation.issue import Economy, IssueSequence
from eqsolve.participation.listing import Listing, all_equilibria
from eqsolve.participation.tariff import Tariff, best_tariff
from eqsolve.participation.veto import VetoGame, standard_fee

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

MIXING_ISSUES = 12
"""Issues up to which equilibria of two like agents are sought where replies go round in circles."""

MECHANISMS = ("groves", "veto", "tariff")


@dataclass(frozen=True, eq=False)
class ParticipationPoint:
    """What was found at one K.

    Parameters
    ----------
    last : int
        K, the index of the last issue.
    economy : Economy
    holds : one Fraction per agent, or None
        Probability that the agent's participation constraint holds in the Groves mechanism.
    veto : VetoSearch or None
    fee : Fraction
        Fee of every agent in the veto game.
    listing : Listing or None
        All equilibria of the veto game, where asked for.
    tariff : Tariff or None
    """

    last: int
    economy: Economy
    holds: tuple[Fraction, ...] | None = None
    veto: VetoSearch | None = None
    fee: Fraction = Fraction(0)
    listing: Listing | None = None
    tariff: Tariff | None = None

    @property
    def all_hold(self) -> Fraction | None:
        """Probability that all participation constraints hold."""
        if self.holds is None:
            return None
        product = Fraction(1)
        for chance in self.holds:
            product *= chance
        return product


@dataclass(frozen=True, eq=False)
class ParticipationCurve:
    """Results against K.

    Parameters
    ----------
    sequence : IssueSequence
    mechanism : {"groves", "veto", "tariff"}
    points : tuple of ParticipationPoint
    stopped : str or None
        Why points are missing.
    seconds : float
    """

    sequence: IssueSequence
    mechanism: str
    points: tuple[ParticipationPoint, ...]
    stopped: str | None = None
    seconds: float = 0.0

    def to_frame(self) -> pd.DataFrame:
        """A pandas DataFrame with a row per K; figures are Fractions, those of the first equilibrium in the veto game.

        Columns: ``copies``, ``issues``, ``surplus``, and what the mechanism has: ``holds AGENT`` and ``all_hold``;
        ``fee``, ``how``, ``no_veto``, ``budget``; or ``lump_sum``, ``buys``, ``profit``, ``share``.
        """
        import pandas as pd

        return pd.DataFrame([_row(point) for point in self.points])

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw the curve; see `eqsolve.show.participation_plots.plot_participation`."""
        from eqsolve.show.participation_plots import plot_participation

        return plot_participation(self, path)

    def __str__(self) -> str:
        from eqsolve.show.participation_page import participation_text

        return participation_text(self)

    def _repr_html_(self) -> str:
        from eqsolve.show.participation_page import participation_html

        return participation_html(self)


def _row(point: ParticipationPoint) -> dict[str, object]:
    row: dict[str, object] = {
        "copies": point.last,
        "issues": point.economy.size,
        "surplus": point.economy.expected_surplus,
    }
    if point.holds is not None:
        row |= {f"holds {name}": p for name, p in zip(point.economy.agents, point.holds, strict=True)}
        row["all_hold"] = point.all_hold
    if point.veto is not None:
        found = point.veto.equilibria[0] if point.veto.equilibria else None
        outcome = None if found is None else found.outcome
        row |= {"fee": point.fee, "how": found and found.how}
        row |= {"no_veto": outcome and outcome.no_veto, "budget": outcome and outcome.budget}
    if point.tariff is not None:
        t = point.tariff
        row |= {"lump_sum": t.lump_sum, "buys": t.buys, "profit": t.profit, "share": t.share}
    return row


def participation_curve(
    sequence: IssueSequence,
    last: Iterable[int],
    mechanism: str = "groves",
    *,
    fee: Fraction | None = None,
    everything: bool = False,
    max_seconds: float | None = None,
    progress: Callable[[str], None] | None = None,
) -> ParticipationCurve:
    """Participation against the number of linked issues, exact.

    Parameters
    ----------
    sequence : IssueSequence
    last : iterable of int
        Values of K, the index of the last issue.
    mechanism : {"groves", "veto", "tariff"}
        The Groves mechanism (15); the veto game before it (24); a two-part tariff (20), (21) for one consumer.
    fee : Fraction, optional
        In the veto game what every agent pays per issue unless somebody vetoes; δ/(4n), as in (24), by default.
    everything : bool
        List all equilibria of the veto game, too.
    max_seconds : float, optional
    progress : callable, optional
        Told what is being worked at.

    Returns
    -------
    ParticipationCurve
        With the points that were finished, if the time limit, the size of the next one or Ctrl-C stopped the work.

    Raises
    ------
    ModelError, NotSupported, SizeError
        If nothing can be answered.

    Examples
    --------
    >>> import eqsolve as eq
    >>> goods = eq.load_participation("public-goods")
    >>> found = eq.participation_curve(goods.sequence, [1, 2])
    >>> [str(point.holds[0]) for point in found.points]
    ['1/2', '3/4']
    """
    if mechanism not in MECHANISMS:
        raise ModelError(f"mechanism: found {mechanism!r}, expected one of {', '.join(MECHANISMS)}")
    start = time.monotonic()
    deadline = None if max_seconds is None else start + max_seconds
    points: list[ParticipationPoint] = []
    stopped = None
    try:
        for k in last:
            if deadline is not None and time.monotonic() > deadline:
                raise LimitReached("time limit")
            if progress is not None:
                progress(f"K = {k:,}")
            points.append(_point(sequence.economy(k), k, mechanism, fee, everything, deadline))
    except LimitReached as error:
        stopped = str(error)
    except SizeError as error:
        if not points:
            raise
        stopped = f"after K = {points[-1].last:,}, {error}"
    except KeyboardInterrupt:
        stopped = "interrupted"
    return ParticipationCurve(sequence, mechanism, tuple(points), stopped, time.monotonic() - start)


def _point(
    economy: Economy, k: int, mechanism: str, fee: Fraction | None, everything: bool, deadline: float | None
) -> ParticipationPoint:
    if mechanism == "tariff":
        return ParticipationPoint(k, economy, tariff=best_tariff(economy, deadline=deadline))
    if mechanism == "groves":
        return ParticipationPoint(k, economy, holds=LinkedGroves(economy, deadline).holds)
    charge = standard_fee(economy) if fee is None else fee * economy.size
    game = VetoGame(economy, charge, deadline)
    found = from_nobody(game, mixing=economy.size <= MIXING_ISSUES)
    listing = None
    if everything:
        left = None if deadline is None else max(0.01, deadline - time.monotonic())
        listing = all_equilibria(game, max_seconds=left)
    return ParticipationPoint(k, economy, LinkedGroves(economy, deadline).holds, found, charge, listing)
