"""Curves as JSON: exact figures are strings, estimates are numbers and stand beside their error."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from eqsolve.convergence import Curve, CurvePoint, Rate
from eqsolve.exact.rational import text


def curve_json(curve: Curve, model: str) -> dict[str, Any]:
    """A curve as a JSON document.

    Parameters
    ----------
    curve : Curve
    model : str
        What the model is called.
    """
    names = [a.name for a in curve.model.problem.agents]
    return {
        "model": model,
        "scope": curve.scope,
        "points": [_point(names, point) for point in curve.points],
        "rate": None
        if curve.rate is None
        else {**_rate(curve.rate), "bound": None if curve.bound is None else float(curve.bound)},
        "rates": {name: None if rate is None else _rate(rate) for name, rate in zip(names, curve.rates, strict=True)},
        "stopped": curve.stopped,
        "seconds": round(curve.seconds, 3),
    }


def _point(names: Sequence[str], point: CurvePoint) -> dict[str, Any]:
    return {
        "copies": point.copies,
        "exact": point.exact,
        "payoffs": _by_name(names, point.payoffs),
        "floor": _by_name(names, point.floor),
        "ceiling": None if all(x is None for x in point.ceiling) else _by_name(names, point.ceiling),
        "target": _by_name(names, point.target),
        "gap": _by_name(names, point.gap),
        "error": None if point.error is None else dict(zip(names, point.error, strict=True)),
    }


def _rate(rate: Rate) -> dict[str, Any]:
    return {"exponent": rate.exponent, "stderr": rate.stderr, "constant": rate.constant, "points": rate.points}


def _by_name(names: Sequence[str], figures: Iterable[Fraction | float | None]) -> dict[str, str | float | None]:
    return {name: _figure(figure) for name, figure in zip(names, figures, strict=True)}


def _figure(figure: Fraction | float | None) -> str | float | None:
    return text(figure) if isinstance(figure, Fraction) else figure
