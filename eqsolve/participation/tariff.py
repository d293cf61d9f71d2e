"""Two-part tariffs: goods at cost for whoever pays a lump sum first (Armstrong; Fang and Norman, section 5.1).

One consumer, many goods. Whoever pays the lump sum buys what maximises value less cost on every good, which is the
Groves mechanism for one agent. It pays if its surplus S_K reaches the lump sum; the seller's profit is the lump
sum times the probability of that, so the best lump sum is one of the sums that S_K can take.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from eqsolve.errors import NotSupported, SizeError
from eqsolve.exact.rational import common_denominator, to_integers
from eqsolve.participation.groves import draws
from eqsolve.participation.issue import Economy
from eqsolve.participation.sums import MAX_LETTERS, law_of_sum


@dataclass(frozen=True)
class Tariff:
    """A lump sum for the right to buy at cost.

    Parameters
    ----------
    lump_sum : Fraction
        T of (21).
    buys : Fraction
        Probability that the consumer pays it.
    surplus : Fraction
        E[S_K] above the status quo: what a seller who knew the types would earn.
    taken : Fraction
        Expected surplus from trade, above the status quo.
    """

    lump_sum: Fraction
    buys: Fraction
    surplus: Fraction
    taken: Fraction

    @property
    def profit(self) -> Fraction:
        """Expected profit of the seller."""
        return self.lump_sum * self.buys

    @property
    def share(self) -> Fraction | None:
        """Profit as a share of the surplus; None where there is none to be had."""
        return self.profit / self.surplus if self.surplus else None


def best_tariff(economy: Economy, *, deadline: float | None = None) -> Tariff:
    """The lump sum with the largest expected profit, the smallest of several.

    Raises
    ------
    NotSupported
        If there is more than one agent: then what one consumes may depend on the others.
    SizeError
        If surplus takes too many values.
    LimitReached
        After the deadline.
    """
    law = _law(economy, deadline)
    best, tail = (Fraction(0), Fraction(0)), Fraction(0)
    for value in sorted(law, reverse=True):
        tail += law[value]
        if value * tail >= best[0] * best[1] and value >= 0:
            best = (value, tail)
    return tariff(economy, best[0], deadline=deadline)


def tariff(economy: Economy, lump_sum: Fraction, *, deadline: float | None = None) -> Tariff:
    """What a given lump sum brings about; see `best_tariff` for what is raised."""
    law = _law(economy, deadline)
    buys = sum((p for value, p in law.items() if value >= lump_sum), Fraction(0))
    taken = sum((p * value for value, p in law.items() if value >= lump_sum), Fraction(0))
    return Tariff(lump_sum, buys, economy.gain, taken)


def _law(economy: Economy, deadline: float | None) -> dict[Fraction, Fraction]:
    """Law of the consumer's surplus above the status quo."""
    if economy.n != 1:
        raise NotSupported(
            f"a two-part tariff takes one consumer, found {economy.n} agents; each consumer of a good with constant "
            "unit cost has a model of its own"
        )
    rows = [tuple(s - r for s, r in zip(x.surplus, x.reserve[0], strict=True)) for x, _ in economy.groups]
    scale = common_denominator(value for row in rows for value in row)
    law, total = {0: 1}, 1
    for d, row in zip(draws(economy, 0), rows, strict=True):
        numerators, denominator = to_integers(d.chances)
        group = law_of_sum(numerators, [int(value * scale) for value in row], d.count, deadline=deadline)
        if len(group) * len(law) > MAX_LETTERS:
            raise SizeError(f"the surplus takes more than {MAX_LETTERS:,} values; fewer goods that differ help")
        after: dict[int, int] = {}
        for a, w in law.items():
            for b, v in group.items():
                after[a + b] = after.get(a + b, 0) + w * v
        law, total = after, total * denominator**d.count
    return {Fraction(value, scale): Fraction(weight, total) for value, weight in law.items()}
