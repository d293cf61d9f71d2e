"""Participation over linked issues as JSON: exact figures are strings."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from eqsolve.exact.rational import text
from eqsolve.participation.curve import ParticipationCurve, ParticipationPoint
from eqsolve.participation.equilibria import VetoEquilibrium
from eqsolve.participation.issue import Economy, Regularity
from eqsolve.participation.listing import Listing
from eqsolve.participation.tariff import Tariff


def participation_json(curve: ParticipationCurve, model: str) -> dict[str, Any]:
    """A curve as a JSON document; the keys are explained in ``docs/participation.md``.

    Parameters
    ----------
    curve : ParticipationCurve
    model : str
        What the model is called.
    """
    return {
        "model": model,
        "mechanism": curve.mechanism,
        "points": [_point(point) for point in curve.points],
        "stopped": curve.stopped,
        "seconds": round(curve.seconds, 3),
    }


def _point(point: ParticipationPoint) -> dict[str, Any]:
    economy = point.economy
    found: dict[str, Any] = {
        "copies": point.last,
        "issues": economy.size,
        "surplus": text(economy.expected_surplus),
        "gain": text(economy.gain),
        "regularity": _regularity(economy.regularity),
    }
    if point.tariff is not None:
        return found | {"tariff": _tariff(point.tariff)}
    found["lump_sums"] = _by_name(economy, economy.lump_sums)
    if point.holds is not None:
        found["holds"] = _by_name(economy, point.holds)
        found["all_hold"] = text(point.all_hold or Fraction(0))
    if point.veto is not None:
        found["fee"] = text(point.fee)
        found["nobody_vetoes_first_replies"] = text(point.veto.constraints)
        found["circles"] = point.veto.circles
        found["equilibria"] = [_equilibrium(e) for e in point.veto.equilibria]
    if point.listing is not None:
        found["listing"] = _listing(point.listing)
    return found


def _regularity(found: Regularity) -> dict[str, Any]:
    return {
        "gain": text(found.gain),
        "surplus": list(map(text, found.surplus)),
        "reserve": list(map(text, found.reserve)),
    }


def _equilibrium(e: VetoEquilibrium) -> dict[str, Any]:
    economy, outcome = e.game.economy, e.outcome
    return {
        "how": e.how,
        "participation": _by_name(economy, outcome.participation),
        "no_veto": text(outcome.no_veto),
        "efficient": list(map(text, e.efficient)),
        "gains": _by_name(economy, outcome.gains),
        "budget": text(outcome.budget),
        "rebate": None if outcome.rebate is None else text(outcome.rebate),
        "unravelled": e.unravelled,
        "path": [list(map(text, step)) for step in e.path],
    }


def _listing(listing: Listing) -> dict[str, Any]:
    entries = []
    for e, stays in zip(listing.equilibria, listing.stays, strict=True):
        economy = e.game.economy
        vetoes = {
            name: {
                _vector(economy, i, vector): text(stay)
                for vector, stay in zip(listing.vectors[i], stays[i], strict=True)
                if stay != 1
            }
            for i, name in enumerate(economy.agents)
        }
        entries.append(_equilibrium(e) | {"takes_part": vetoes})
    return {
        "equilibria": entries,
        "mixed": not listing.pure,
        "complete": listing.complete,
        "stopped": listing.stopped,
    }


def _vector(economy: Economy, i: int, vector: Sequence[int]) -> str:
    return ", ".join(issue.type_names[i][u] for issue, u in zip(economy.issues, vector, strict=True))


def _tariff(tariff: Tariff) -> dict[str, Any]:
    return {
        "lump_sum": text(tariff.lump_sum),
        "buys": text(tariff.buys),
        "profit": text(tariff.profit),
        "share": None if tariff.share is None else text(tariff.share),
        "taken": text(tariff.taken),
    }


def _by_name(economy: Economy, values: Sequence[Fraction]) -> dict[str, str]:
    return {name: text(value) for name, value in zip(economy.agents, values, strict=True)}
