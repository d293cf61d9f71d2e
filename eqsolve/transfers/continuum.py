"""Two agents with types that are uniform on [0, 1]: the mechanisms of the lecture notes, by exact integration.

One decision is efficient where the first type is larger, another one where it is smaller: bilateral trade and the
dissolution of a partnership. All payments are polynomials on these two regions.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from eqsolve.errors import ModelError
from eqsolve.transfers.polynomials import ZERO, Polynomial

Linear = tuple[Fraction, Fraction]
"""Constant and slope: what something is worth to a type."""

Regions = tuple[Polynomial, Polynomial]
"""A function of both types, x the own one and y the other: where x is larger, and where it is smaller."""


@dataclass(frozen=True, eq=False)
class UniformPair:
    """Two agents, two decisions, independent types uniform on [0, 1].

    Parameters
    ----------
    worth : per agent, per decision (constant, slope)
        The first decision is efficient where agent 1's type is larger, the second one where it is smaller.
    outside : per agent (constant, slope)
        What staying away is worth.

    Raises
    ------
    ModelError
        If other decisions are efficient.
    """

    worth: tuple[tuple[Linear, Linear], tuple[Linear, Linear]]
    outside: tuple[Linear, Linear]

    def __post_init__(self) -> None:
        (first, second), (third, fourth) = self.worth
        gap = [first[k] - second[k] for k in (0, 1)], [third[k] - fourth[k] for k in (0, 1)]
        if gap[0][0] + gap[1][0] or gap[0][1] <= 0 or gap[0][1] + gap[1][1]:
            raise ModelError("expected the first decision to be efficient exactly where agent 1's type is larger")

    def value(self, i: int, d: int) -> Polynomial:
        """Utility of agent i from decision d, in its own type x."""
        constant, slope = self.worth[i][d]
        return Polynomial.linear(constant, slope)

    def decided(self, i: int) -> tuple[int, int]:
        """The decisions where agent i's type is larger than the other's, and where it is smaller."""
        return (0, 1) if i == 0 else (1, 0)

    @cached_property
    def pivot(self) -> tuple[Regions, Regions]:
        """VCG payments of the agents, each where its own type x is larger than the other's type y, and where not."""
        found = []
        for i in (0, 1):
            j = 1 - i
            charge = self._best(j)
            found.append(tuple(charge - self.value(j, d).swapped() for d in self.decided(i)))
        return found[0], found[1]  # type: ignore[return-value]

    def _best(self, j: int) -> Polynomial:
        """The largest utility of agent j over decisions, in y; one decision has to be best for all its types."""
        for d in (0, 1):
            gap = self.value(j, d) - self.value(j, 1 - d)
            if min(gap.at(ZERO), gap.at(Fraction(1))) >= 0:
                return self.value(j, d).swapped()
        raise ModelError("expected each agent to prefer the same decision whatever its type is")

    def interim_payment(self, i: int) -> Polynomial:
        """Expected VCG payment of agent i's type x."""
        larger, smaller = self.pivot[i]
        return larger.below() + smaller.above()

    def interim_utility(self, i: int) -> Polynomial:
        """Interim payoff of agent i's type x in the VCG mechanism."""
        larger, smaller = (self.value(i, d) for d in self.decided(i))
        return larger.below() + smaller.above() - self.interim_payment(i)

    def payment(self, i: int) -> Fraction:
        """Expected VCG payment of agent i."""
        return self.interim_payment(i).mean()

    def externality_payment(self, i: int) -> Polynomial:
        """What agent i pays in the expected externality mechanism, by its own type x and the other's type y."""
        own, other = self.interim_payment(i), self.interim_payment(1 - i).swapped()
        dividend = (self.payment(0) + self.payment(1)) / 2
        return own - other + Polynomial.linear(self.payment(1 - i) - dividend)

    def externality_utility(self, i: int) -> Polynomial:
        """Interim payoff of agent i's type x in the expected externality mechanism."""
        dividend = (self.payment(0) + self.payment(1)) / 2
        return self.interim_utility(i) + Polynomial.linear(dividend)

    def subsidy(self, i: int) -> tuple[Fraction, Fraction]:
        """ψ_i, the least subsidy by which all types of agent i take part in VCG, and the type that needs it."""
        constant, slope = self.outside[i]
        return (Polynomial.linear(constant, slope) - self.interim_utility(i)).maximum()

    @property
    def surplus(self) -> Fraction:
        """Expected surplus of the IR-VCG mechanism; by Theorem 3 a balanced one exists if it is at least 0."""
        return sum((self.payment(i) - self.subsidy(i)[0] for i in (0, 1)), ZERO)


def bilateral_trade() -> UniformPair:
    """Buyer first: trade is worth b to the buyer and -s to the seller, and efficient where b > s."""
    nothing = (ZERO, ZERO)
    buyer, seller = (ZERO, Fraction(1)), (ZERO, Fraction(-1))
    return UniformPair(((buyer, nothing), (seller, nothing)), (nothing, nothing))


def partnership(share: Fraction) -> UniformPair:
    """All goes to the agent with the larger type; staying away keeps the shares `share` and 1 - `share`."""
    nothing, all_ = (ZERO, ZERO), (ZERO, Fraction(1))
    return UniformPair(((all_, nothing), (nothing, all_)), ((ZERO, share), (ZERO, 1 - share)))
