"""Whether truth is an ex post equilibrium: every lie of every agent at every profile of signals."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from eqsolve.errors import SizeError
from eqsolve.exact.rational import in_words
from eqsolve.interdependent.efficient import TabulatedRule
from eqsolve.interdependent.tables import Array, number_type, others_first, profile_of
from eqsolve.interdependent.transfers import Transfers

MAX_LIES = 400_000_000
"""Lies that are tried, all agents and profiles together."""


@dataclass(frozen=True)
class Lie:
    """A report that pays.

    Parameters
    ----------
    agent : int
    profile : tuple of N ints
        The true signals, which the others report.
    report : int
        The signal that the agent reports instead of its own.
    gain : Fraction
        What it gains, transfers included.
    """

    agent: int
    profile: tuple[int, ...]
    report: int
    gain: Fraction


@dataclass(frozen=True)
class ExPostCheck:
    """Outcome of an exhaustive check.

    Parameters
    ----------
    profiles : int
        Profiles of signals.
    lies : int
        Lies that were tried: at every profile, for every agent, every other signal.
    best : Lie or None
        The lie that gains most; None if no lie gains anything.
    """

    profiles: int
    lies: int
    best: Lie | None

    @property
    def holds(self) -> bool:
        """Whether truth is an ex post equilibrium."""
        return self.best is None

    @property
    def gain(self) -> Fraction:
        """The largest gain from a lie; 0 if none gains."""
        return Fraction(0) if self.best is None else self.best.gain


def check_ex_post(rule: TabulatedRule, transfers: Transfers) -> ExPostCheck:
    """Try every lie at every profile, the others reporting the truth, exactly.

    Parameters
    ----------
    rule : TabulatedRule
    transfers : Transfers
        Arrays of the shape of the grid.

    Raises
    ------
    SizeError
        If there are more than `MAX_LIES` lies.

    Notes
    -----
    Σ_i T_i · (number of profiles) integer comparisons, in numpy: about 10 nanoseconds each while numbers fit into 64
    bits, else Python's integers.
    """
    shape = rule.model.shape
    profiles = math.prod(shape)
    lies = sum((size - 1) * profiles for size in shape)
    if lies > MAX_LIES:
        raise SizeError(f"{in_words(lies)} lies to be tried, at most {MAX_LIES:,}; take a coarser grid (--points)")
    scale = math.lcm(rule.scale, transfers.scale)
    best: Lie | None = None
    for i in range(len(shape)):
        found = _best_lie(rule, transfers.values[i], i, (scale // rule.scale, scale // transfers.scale))
        if found[0] > 0 and (best is None or Fraction(found[0], scale) > best.gain):
            gain, signal, rest, report = found
            best = Lie(i, profile_of(shape, i, signal, rest), report, Fraction(gain, scale))
    return ExPostCheck(profiles, lies, best)


def _best_lie(rule: TabulatedRule, paid: Array, i: int, factors: tuple[int, int]) -> tuple[int, int, int, int]:
    """Largest gain of agent i (over the common denominator), its signal, the others' flat position, and the report."""
    by_value, by_payment = factors
    largest = max((abs(int(x)) for x in (paid.max(), paid.min())), default=0)
    bound = 4 * (rule.tables.bound * rule.share_scale * by_value + largest * by_payment)
    kind = number_type(bound)
    outcomes = others_first(rule.outcomes, i)
    own = rule.private(i).astype(kind) * by_value
    rest = np.arange(outcomes.shape[1])
    given = rule.from_others(i).astype(kind)[rest[None, :], outcomes] * by_value
    given = given + others_first(paid, i).astype(kind) * by_payment
    truth = np.take_along_axis(own, outcomes, axis=1) + given
    best = (0, 0, 0, 0)
    for report in range(outcomes.shape[0]):
        gains = own[:, outcomes[report]] + given[report][None, :] - truth
        place = int(gains.argmax())
        signal, other = divmod(place, gains.shape[1])
        if gains[signal, other] > best[0]:
            best = (int(gains[signal, other]), signal, other, report)
    return best
