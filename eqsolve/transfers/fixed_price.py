"""Bilateral trade with dominant strategies, an ex post balanced budget and ex post participation.

Lecture notes "Designing efficient mechanisms", section 6, item 3: only mechanisms that trade at a fixed price are
feasible. On finite types all feasible mechanisms form a polytope, whose vertices are listed here.

Without trade nobody pays (both have to agree and the budget balances), and values below the cost never trade. So a
mechanism is a probability of trade x and the buyer's gain g = b x - p wherever the value b is at least the cost s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from eqsolve.engines.double_description import extreme_rays
from eqsolve.engines.lp import solve_lp
from eqsolve.errors import ModelError, SizeError
from eqsolve.exact.rational import to_integers
from eqsolve.transfers.problem import ZERO

MAX_PLACES = 8
"""Pairs of a value and a cost at which trade is possible, for the list of vertices."""

Place = tuple[int, int]
"""Index of the buyer's value and of the seller's cost."""


@dataclass(frozen=True)
class PriceMechanism:
    """A mechanism for bilateral trade.

    Attributes
    ----------
    trade : mapping of Place to Fraction
        Probability of trade.
    paid : mapping of Place to Fraction
        What the buyer pays the seller, expected.
    """

    trade: Mapping[Place, Fraction]
    paid: Mapping[Place, Fraction]

    @property
    def is_deterministic(self) -> bool:
        """Whether trade is certain or impossible everywhere."""
        return all(x in (0, 1) for x in self.trade.values())

    @property
    def prices(self) -> frozenset[Fraction]:
        """Prices at which trade happens."""
        return frozenset(self.paid[k] / x for k, x in self.trade.items() if x)


@dataclass(frozen=True, eq=False)
class TradePolytope:
    """All mechanisms in which truth is dominant, payments balance, and nobody ever loses.

    Parameters
    ----------
    values, costs : increasing numbers
        The buyer's and the seller's types.

    Raises
    ------
    ModelError
        If they are not increasing.
    """

    values: tuple[Fraction, ...]
    costs: tuple[Fraction, ...]

    def __post_init__(self) -> None:
        for row in (self.values, self.costs):
            if not row or list(row) != sorted(set(row)):
                raise ModelError(f"types: found {', '.join(map(str, row))}, expected increasing numbers")

    @cached_property
    def places(self) -> dict[Place, int]:
        """Where trade is possible, numbered."""
        listed = [(j, k) for j, b in enumerate(self.values) for k, s in enumerate(self.costs) if b >= s]
        return {place: i for i, place in enumerate(listed)}

    def _buyer(self, row: dict[int, Fraction], place: Place, factor: Fraction, value: int) -> None:
        """Add what a buyer of another value gets from what happens at a place."""
        if place in self.places:
            column = 2 * self.places[place]
            self._add(row, column + 1, factor)
            self._add(row, column, factor * (self.values[value] - self.values[place[0]]))

    def _seller(self, row: dict[int, Fraction], place: Place, factor: Fraction, cost: int) -> None:
        """Add what a seller of another cost gets from what happens at a place."""
        if place in self.places:
            column = 2 * self.places[place]
            self._add(row, column + 1, -factor)
            self._add(row, column, factor * (self.values[place[0]] - self.costs[cost]))

    @staticmethod
    def _add(row: dict[int, Fraction], column: int, x: Fraction) -> None:
        row[column] = row.get(column, ZERO) + x

    def rows(self) -> list[dict[int, Fraction]]:
        """Inequalities "at least 0" in the columns x, g per place and a last one that stands for 1."""
        found: list[dict[int, Fraction]] = []
        one = Fraction(1)
        for place, i in self.places.items():
            found.append({2 * len(self.places): one, 2 * i: -one})
            row: dict[int, Fraction] = {}
            self._seller(row, place, one, place[1])
            found.append(row)
        for j in range(len(self.values)):
            for k in range(len(self.costs)):
                for v in range(len(self.values)):
                    row = {}
                    self._buyer(row, (j, k), one, j)
                    self._buyer(row, (v, k), -one, j)
                    found.append(row)
                for v in range(len(self.costs)):
                    row = {}
                    self._seller(row, (j, k), one, k)
                    self._seller(row, (j, v), -one, k)
                    found.append(row)
        return [clean for row in found if (clean := {c: x for c, x in row.items() if x})]

    def vertices(self) -> tuple[PriceMechanism, ...]:
        """The extreme mechanisms; all others are mixtures of these.

        Raises
        ------
        SizeError
            If trade is possible at more than `MAX_PLACES` pairs of types.
        """
        if len(self.places) > MAX_PLACES:
            raise SizeError(
                f"trade is possible at {len(self.places)} pairs of types, at most {MAX_PLACES} are enumerated; "
                "fewer types help"
            )
        width = 2 * len(self.places) + 1
        inequalities = []
        for row in self.rows():
            numbers, _ = to_integers([row.get(c, ZERO) for c in range(width)])
            inequalities.append(numbers)
        rays = extreme_rays(inequalities, width)
        vectors = [] if rays is None else rays.vectors
        return tuple(self._mechanism([Fraction(x, ray[-1]) for x in ray[:-1]]) for ray in vectors if ray[-1])

    def _mechanism(self, point: Sequence[Fraction]) -> PriceMechanism:
        trade = {place: point[2 * i] for place, i in self.places.items()}
        paid = {(j, k): self.values[j] * point[2 * i] - point[2 * i + 1] for (j, k), i in self.places.items()}
        return PriceMechanism(trade, paid)

    def is_fixed_price(self, mechanism: PriceMechanism) -> bool:
        """Whether trade happens at one price, and whenever both are better off by it and never if one is worse off."""
        prices = mechanism.prices
        if not prices:
            return True
        if len(prices) > 1 or not mechanism.is_deterministic:
            return False
        (price,) = prices
        for (j, k), x in mechanism.trade.items():
            if self.values[j] > price > self.costs[k] and not x:
                return False
            if x and not self.values[j] >= price >= self.costs[k]:
                return False
        return True

    def largest_gain(self) -> Fraction:
        """Largest expected gain from trade of these mechanisms, all types equally likely."""
        width = 2 * len(self.places)
        chance = Fraction(1, len(self.values) * len(self.costs))
        objective = [ZERO] * width
        for (j, k), i in self.places.items():
            objective[2 * i] = chance * (self.values[j] - self.costs[k])
        rows = self.rows()
        upper = [{c: -x for c, x in row.items() if c < width} for row in rows]
        found = solve_lp(objective, upper, [row.get(width, ZERO) for row in rows], maximise=True)
        return found.value or ZERO

    def best_price(self) -> tuple[Fraction, Fraction]:
        """The largest expected gain from trade at a fixed price, and that price."""
        chance = Fraction(1, len(self.values) * len(self.costs))
        prices = sorted({*self.values, *self.costs})
        gains = {p: chance * sum((b - s for b in self.values for s in self.costs if b >= p >= s), ZERO) for p in prices}
        best = max(prices, key=lambda p: gains[p])
        return gains[best], best
