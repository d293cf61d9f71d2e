"""The linked VCG mechanism: everybody pays back what its announcement in Ω* could have left to the others at the least.

V*^n(ω) = V^n(ω) − min over ω̂^n in Ω*^n of V^n(ω^{−n}, ω̂^n) (Zhu, section 3.4; printed with "arg min", the least value
is meant). The minimum is separable over dates but for Ω*: with s_t the sum of the others' endowments it is

    min Σ_t β^{t−T} s_t f(q̄ / (s_t + ω̂_t)),

every term of which falls in ω̂_t. On a slice of the grid it is solved exactly, see `eqsolve.statistical.separable`. The
terms are convex for f = x/(c + x), but not for every concave f (not for min(ax, b), say).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from eqsolve.errors import ModelError, SizeError
from eqsolve.exact.rational import common_denominator, to_integers
from eqsolve.statistical.allocation import ResourceProblem
from eqsolve.statistical.grid_set import GridSet
from eqsolve.statistical.separable import is_convex, least

MAX_TOTALS = 50_000

Steps = Sequence[Sequence[int]]
"""Endowment paths in steps of the agents' grids, by agent, then by date."""


@dataclass(frozen=True)
class Pivot:
    """The announcement in Ω*^n that leaves least to the others.

    Parameters
    ----------
    value : Fraction
        min V^n, paid at date T.
    path : tuple of int
        A minimiser, in grid steps.
    convex : bool
        Whether all terms are convex on the grid, so that marginal analysis found it.
    """

    value: Fraction
    path: tuple[int, ...]
    convex: bool


@dataclass(frozen=True)
class LinkedVCG:
    """Payments of the linked VCG mechanism on a grid, in integers over common denominators.

    Parameters
    ----------
    problem : ResourceProblem
    sets : tuple of GridSet, one per agent
        Over the same dates, on grids with the same step.
    """

    problem: ResourceProblem
    sets: tuple[GridSet, ...]

    def __post_init__(self) -> None:
        if len(self.sets) < 2 or len({(s.dates, s.grid.step) for s in self.sets}) > 1:
            raise ModelError("sets: expected at least two agents, the same dates and the same grid step for all")
        if sum(s.grid.most for s in self.sets) > MAX_TOTALS:
            raise SizeError(f"more than {MAX_TOTALS:,} sums of endowments; a coarser grid or fewer agents help")

    @property
    def dates(self) -> int:
        """T."""
        return self.sets[0].dates

    @cached_property
    def _base(self) -> Fraction:
        return sum((s.grid.low for s in self.sets), Fraction(0))

    @cached_property
    def _unit(self) -> int:
        """Endowments times this are integers."""
        return common_denominator([self.sets[0].grid.step, *(s.grid.low for s in self.sets)])

    @cached_property
    def rates(self) -> tuple[Fraction, ...]:
        """f(q̄/W) by the number of grid steps in W."""
        step = self.sets[0].grid.step
        return tuple(self.problem.rate(self._base + step * k) for k in range(sum(s.grid.most for s in self.sets) + 1))

    @cached_property
    def _integer_rates(self) -> tuple[list[int], int]:
        return to_integers(self.rates)

    @cached_property
    def _weights(self) -> tuple[list[int], int]:
        """β^{t−T} by date, over a common denominator."""
        return to_integers([self.problem.discount ** (t + 1 - self.dates) for t in range(self.dates)])

    @property
    def _scale(self) -> int:
        return self._integer_rates[1] * self._weights[1] * self._unit

    def endowments(self, paths: Steps) -> list[list[Fraction]]:
        """Paths in grid steps as endowments."""
        return [[s.grid.low + s.grid.step * z for z in path] for s, path in zip(self.sets, paths, strict=True)]

    def pivot(self, n: int, others: Sequence[int]) -> Pivot:
        """The least V^n over Ω*^n, where the others' endowments take `others` steps together, by date."""
        value, path, convex = self._pivot(n, others)
        return Pivot(Fraction(value, self._scale), tuple(path), convex)

    def _pivot(self, n: int, others: Sequence[int]) -> tuple[int, list[int], bool]:
        """Slices are tried by falling total.

        Without the lower bounds the minimum of a slice only grows as the total falls, since terms fall in ω̂_t and upper
        bounds do not rise; so once that is not below the best value, this is the minimum.
        """
        chosen, rates = self.sets[n], self._integer_rates[0]
        size = chosen.grid.most + 1
        costs = [
            [factor * rate for rate in rates[k : k + size]]
            for k, factor in zip(others, self._factors(n, others), strict=True)
        ]
        convex = is_convex(costs)
        best: tuple[int, list[int]] | None = None
        for s in chosen.slices:
            relaxed = least(costs, s.total, 0, s.high, convex)
            assert relaxed is not None
            if best is not None and relaxed[0] >= best[0]:
                break
            found = relaxed if min(relaxed[1]) >= s.low else least(costs, s.total, s.low, s.high, convex)
            if found is not None and (best is None or found[0] < best[0]):
                best = found
        assert best is not None
        return *best, convex

    def _factors(self, n: int, others: Sequence[int]) -> list[int]:
        """β^{t−T} s_t by date, s_t the sum of the others' endowments, as integers."""
        low = int((self._base - self.sets[n].grid.low) * self._unit)
        step = int(self.sets[n].grid.step * self._unit)
        return [w * (low + step * k) for w, k in zip(self._weights[0], others, strict=True)]

    def transfers(self, paths: Steps) -> list[Fraction]:
        """V*^n of announcements in Ω*, by agent, paid at date T; not negative."""
        totals = [sum(column) for column in zip(*paths, strict=True)]
        rates, found = self._integer_rates[0], []
        for n, own in enumerate(paths):
            others = [total - z for total, z in zip(totals, own, strict=True)]
            paid = sum(f * rates[k] for f, k in zip(self._factors(n, others), totals, strict=True))
            found.append(Fraction(paid - self._pivot(n, others)[0], self._scale))
        return found

    def surplus(self, paths: Steps, reports: Steps | None = None) -> Fraction:
        """Surplus under the efficient allocation of the reports (the truth by default), worth at date 1."""
        told = paths if reports is None else reports
        step, grids = self.sets[0].grid.step, [s.grid for s in self.sets]
        liars = [n for n, (own, report) in enumerate(zip(paths, told, strict=True)) if tuple(own) != tuple(report)]
        found = Fraction(0)
        for t, k in enumerate(map(sum, zip(*told, strict=True))):
            total = self._base + step * k
            honest, lies = total, Fraction(0)
            for n in liars:
                report, own = (grids[n].low + step * x[n][t] for x in (told, paths))
                honest -= report
                amount = report * self.problem.quantity / total if total else Fraction(0)
                lies += own * self.problem.project(amount / own) if own else 0
            found += self.problem.discount**t * (honest * self.rates[k] + lies)
        return found
