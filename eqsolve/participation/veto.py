"""The veto game: before a Groves mechanism every agent may insist on the status quo (Fang and Norman, section 6).

Whoever vetoes knows its own types only. If nobody does, the mechanism (24) is played and truth is dominant; so an
agent's strategy is how likely each of its type vectors takes part. What it gains by taking part, summed over the
others' types that take part, too, is a sum over issues plus a constant: of the others' strategies only the
probabilities of taking part and the marginals per issue matter, and a best reply takes part where a sum of scores
reaches 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from eqsolve.participation.groves import draws, total
from eqsolve.participation.issue import Economy
from eqsolve.participation.sums import Share, reaching, whole

ZERO, ONE = Fraction(0), Fraction(1)
Shares = tuple[Share, ...]
"""Who takes part, per agent."""


@dataclass(frozen=True)
class Gains:
    """What taking part adds to an agent's interim payoff, summed over the others' types that take part.

    A type vector gains `constant` plus its scores; the probability that the others take part is not divided out.
    """

    scores: tuple[tuple[Fraction, ...], ...]
    constant: Fraction
    others: Fraction


@dataclass(frozen=True, eq=False)
class VetoGame:
    """The game of vetoes before the Groves mechanism over the issues of an economy.

    Parameters
    ----------
    economy : Economy
    fee : Fraction
        What every agent pays beside the transfers (16) unless somebody vetoes; δK/(4n) in (24), see `standard_fee`.
    deadline : float, optional
        Of `time.monotonic`.

    Raises
    ------
    SizeError, LimitReached
        From the methods, as `eqsolve.participation.sums.reaching`.
    """

    economy: Economy
    fee: Fraction = ZERO
    deadline: float | None = None

    @property
    def n(self) -> int:
        """Number of agents."""
        return self.economy.n

    @cached_property
    def everybody(self) -> Shares:
        """Nobody vetoes."""
        return tuple(whole(draws(self.economy, i)) for i in range(self.n))

    def gains(self, i: int, shares: Sequence[Share]) -> Gains:
        """What agent i gains by taking part against these strategies of the others: (30) less R_i."""
        others = math.prod((shares[j].probability for j in range(self.n) if j != i), start=ONE)
        rows = []
        for g, (issue, _) in enumerate(self.economy.groups):
            # Alike issues are treated alike, so one marginal serves for all copies.
            surplus = issue.surplus_given(i, [share.marginals[g] for share in shares])
            rows.append(tuple(s - r * others for s, r in zip(surplus, issue.reserve[i], strict=True)))
        return Gains(tuple(rows), -(self.economy.lump_sums[i] + self.fee) * others, others)

    def gain(self, i: int, shares: Sequence[Share], types: Sequence[int]) -> Fraction:
        """What a type vector of agent i gains by taking part, in interim payoff: positive, and it takes part."""
        gains = self.gains(i, shares)
        return total(self.economy, gains.scores, types) + gains.constant

    def reply(self, i: int, shares: Sequence[Share], *, strict: bool = False) -> Share:
        """The type vectors of agent i that gain by taking part; indifferent ones take part unless `strict`.

        Where the others veto for sure everybody is indifferent, and agent i stays with its share.
        """
        gains = self.gains(i, shares)
        if not gains.others:
            return shares[i]
        return reaching(draws(self.economy, i), gains.scores, gains.constant, strict=strict, deadline=self.deadline)

    def outcome(self, shares: Shares) -> Outcome:
        """What comes of these strategies."""
        economy, n = self.economy, self.n
        no_veto = math.prod((s.probability for s in shares), start=ONE)
        surplus = ZERO
        quo = ONE  # probability that the status quo is efficient on every issue
        for g, (issue, count) in enumerate(economy.groups):
            given = issue.surplus_given(0, [s.marginals[g] for s in shares])
            surplus += count * sum((p * s for p, s in zip(shares[0].marginals[g], given, strict=True)), ZERO)
            quo *= sum((p for x, p, s in issue.possible if s == issue.worth_of_status_quo(x)), ZERO) ** count
        budget = no_veto * ((n - 1) * economy.expected_surplus + n * self.fee) - (n - 1) * surplus
        return Outcome(
            participation=tuple(s.probability for s in shares),
            no_veto=no_veto,
            efficient=(no_veto, no_veto + min(ONE - no_veto, quo)),
            gains=tuple(self._ex_ante(i, shares) for i in range(n)),
            budget=budget,
        )

    def _ex_ante(self, i: int, shares: Shares) -> Fraction:
        gains = self.gains(i, shares)
        mine = shares[i]
        value = mine.probability * gains.constant
        for g, (_, count) in enumerate(self.economy.groups):
            value += count * sum((p * x for p, x in zip(mine.marginals[g], gains.scores[g], strict=True)), ZERO)
        return value


def standard_fee(economy: Economy) -> Fraction:
    """The fee of (24), δK/(4n), with δ the economy's lower bound of R1."""
    return economy.bound * economy.size / (4 * economy.n)


@dataclass(frozen=True)
class Outcome:
    """What comes of strategies in the veto game, ex ante and summed over issues.

    Parameters
    ----------
    participation : one Fraction per agent
        Probability of not vetoing.
    no_veto : Fraction
        Probability that nobody vetoes.
    efficient : (Fraction, Fraction)
        Bounds of the probability of an efficient decision. It is efficient unless somebody vetoes; after a veto it is
        where the status quo is efficient on all issues, which the upper bound counts as if it always went with a veto.
    gains : one Fraction per agent
        Expected payoff above the status quo.
    budget : Fraction
        Expected payments less costs, (25).
    """

    participation: tuple[Fraction, ...]
    no_veto: Fraction
    efficient: tuple[Fraction, Fraction]
    gains: tuple[Fraction, ...]
    budget: Fraction

    @property
    def rebate(self) -> Fraction | None:
        """Lump sum to every agent, also to those who veto, that balances the budget in expectation (Corollary 1).

        None after a deficit: a lump sum that is collected would leave those who veto below the status quo.
        """
        return self.budget / len(self.gains) if self.budget >= 0 else None
