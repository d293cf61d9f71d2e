"""Dual vertices of transportation problems, written as multipliers for a checker."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from eqsolve.budget import Budget
from eqsolve.engines.transport import Transport
from eqsolve.exact.rational import text
from eqsolve.forms.lie_tables import LieTables


def multipliers_evidence(tables: LieTables) -> list[dict[str, Any]]:
    """All dual vertices, for all totals of the budget's groups."""
    return [
        vertex_evidence(tables, tables.family(totals), beta)
        for totals in tables.totals
        for beta in tables.family(totals).duals
    ]


def vertex_evidence(tables: LieTables, family: Transport, beta: Sequence[int]) -> dict[str, Any]:
    """One dual vertex: a row of multipliers per announced profile, true types in it, and one per announced type."""
    rows, columns = _multipliers(family, beta, tables.budget)
    types, scale = tables.budget.types, tables.scale
    return {
        "rows": [[text(Fraction(a, scale)) for a in rows[k : k + types]] for k in range(0, len(rows), types)],
        "columns": [text(Fraction(c, scale)) for c in columns],
    }


def _multipliers(family: Transport, beta: Sequence[int], budget: Budget) -> tuple[list[int], list[int]]:
    """Row and column multipliers; all types of a group have the price of the group.

    A group that gets no announcements is priced so high that no row gains by it.
    """
    price = dict(zip(family.used, beta, strict=True))
    rows = [max(row[g] - b for g, b in price.items()) for row in family.worth]
    columns = [0] * budget.types
    for g, group in enumerate(budget.groups):
        free = max(row[g] - a for row, a in zip(family.worth, rows, strict=True))
        for v in group.members:
            columns[v] = price.get(g, free)
    return rows, columns
