"""Repeated resource allocation: efficient allocations, surplus, unlinked VCG and its cost (Zhu, sections 3.1 to 3.3).

At date t agent n has ω_t^n units of a project type f; with the amount a of the resource they yield ω f(a/ω). The
efficient allocation is proportional to endowments, and all projects of a date then yield f(q̄/W_t) per unit, W_t the sum
of the endowments of the date.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from eqsolve.errors import ModelError
from eqsolve.statistical.problem import check_discount
from eqsolve.statistical.project import Project

Endowments = Sequence[Sequence[Fraction]]
"""ω_t^n by agent, then by date."""


@dataclass(frozen=True)
class ResourceProblem:
    """A principal with a durable resource, agents with endowments of projects.

    Parameters
    ----------
    quantity : Fraction
        q̄, units of the resource, positive.
    project : Project
    discount : Fraction
        β in (0, 1].
    """

    quantity: Fraction
    project: Project
    discount: Fraction = Fraction(1)

    def __post_init__(self) -> None:
        check_discount(self.discount)
        if self.quantity <= 0:
            raise ModelError(f"quantity: found {self.quantity}, expected a positive number")

    def rate(self, total: Fraction) -> Fraction:
        """f(q̄/W), what a unit of projects yields at a date with endowments that sum to W; 0 without any."""
        return self.project(self.quantity / total) if total else Fraction(0)

    def allocation(self, endowments: Endowments) -> list[list[Fraction]]:
        """Amounts a_t^n = ω_t^n q̄ / W_t by agent and date; nothing at a date without endowments."""
        totals = date_totals(endowments)
        return [[w * self.quantity / total if w else Fraction(0) for w, total in zip(row, totals, strict=True)]
                for row in endowments]  # fmt: skip

    def agent_surplus(self, amounts: Sequence[Fraction], endowments: Sequence[Fraction]) -> Fraction:
        """S^n = Σ_t β^{t−1} ω_t f(a_t/ω_t), worth at date 1; a date without endowment yields nothing."""
        terms = (
            self.discount**t * w * self.project(a / w)
            for t, (a, w) in enumerate(zip(amounts, endowments, strict=True))
            if w
        )
        return sum(terms, Fraction(0))

    def surplus(self, endowments: Endowments, reports: Endowments | None = None) -> Fraction:
        """Sum of the agents' surplus under the efficient allocation of the reports; of the endowments by default."""
        amounts = self.allocation(endowments if reports is None else reports)
        return sum(map(self.agent_surplus, amounts, endowments), Fraction(0))

    def unlinked_transfers(self, endowments: Endowments) -> list[Fraction]:
        """V^n = Σ_{m≠n} Σ_t β^{t−T} ω_t^m f(A_t^m/ω_t^m), paid at date T."""
        own = list(map(self.agent_surplus, self.allocation(endowments), endowments))
        late = self.discount ** (len(endowments[0]) - 1)
        return [(sum(own, Fraction(0)) - s) / late for s in own]

    def least_transfers(self, endowments: Endowments) -> list[Fraction]:
        """V^n less what the others' projects yield without any resource, the infimum over own endowments in [0, ∞)^T.

        Payments that depend on the others' reports only do not matter to incentives, so this is an efficient ex post
        mechanism, too; its payments are not negative as f is nondecreasing. They are V^n if and only if f(0) = 0.
        """
        dates, nothing = len(endowments[0]), self.project.nothing
        found = []
        for n, paid in enumerate(self.unlinked_transfers(endowments)):
            others = (row for m, row in enumerate(endowments) if m != n)
            idle = (self.discount ** (t + 1 - dates) * w * nothing for row in others for t, w in enumerate(row))
            found.append(paid - sum(idle, Fraction(0)))
        return found

    def unlinked_ratio(self, endowments: Endowments) -> Fraction | None:
        """Cost over surplus of the unlinked VCG mechanism: (N − 1) β^{−(T−1)}; None where the surplus is 0.

        Cost is what is paid at date T, surplus is worth at date 1. In the money of one date the ratio is N − 1.
        """
        surplus = self.surplus(endowments)
        return sum(self.unlinked_transfers(endowments), Fraction(0)) / surplus if surplus else None

    def payoff(self, n: int, endowments: Endowments, reports: Endowments, paid: Fraction) -> Fraction:
        """U^n = S^n + β^{T−1} w^n of an agent with true endowments at reports and a payment at date T."""
        own = self.agent_surplus(self.allocation(reports)[n], endowments[n])
        return own + self.discount ** (len(endowments[n]) - 1) * paid


def date_totals(endowments: Endowments) -> list[Fraction]:
    """W_t: sum over agents, by date.

    Raises
    ------
    ModelError
        If there are fewer than two agents, no dates, rows of different length, or negative endowments.
    """
    if len(endowments) < 2 or not endowments[0] or len({len(row) for row in endowments}) > 1:
        raise ModelError("endowments: expected at least two agents and one date, the same dates for all")
    if any(w < 0 for row in endowments for w in row):
        raise ModelError("endowments: found a negative one")
    return [sum(column, Fraction(0)) for column in zip(*endowments, strict=True)]
