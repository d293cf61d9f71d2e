"""Reasonable strategies: when an agent that may leave Ω* stops telling the truth (Zhu, section 2.4)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from fractions import Fraction

from eqsolve.errors import LimitReached, ModelError
from eqsolve.statistical.mechanism import StatisticalMechanism
from eqsolve.statistical.process import HistoryTree, Path


def maximal_regrets(mechanism: StatisticalMechanism, n: int, *, deadline: float | None = None) -> dict[Path, Fraction]:
    """R_t^n(ω|_t) at every history at which it is positive.

    The most that agent n, truthful up to date t − 1 at the history ω|_{t−1}, could gain from date t on by other reports
    than the truth, over all continuations of its own path and all paths of the others, in the money of date t:

        R_t(ω|_t) = max β^{1−t} [U(M*∘[ω̂, ω̃^{−n}], ω̃^n) − U(M*∘[ω̃], ω̃^n)],  ω̃^n|_t = ω|_t,  ω̂|_{t−1} = ω|_{t−1};

    utility before date t is the same in both terms, as mechanism and retraction are adapted. Others report members of
    Ω* after the retraction. Where ω̃^n is in Ω*^n nothing is gained, as M* is ex post there; where ω|_{t−1} has left Ω*
    already every report is retracted to the same member.

    Raises
    ------
    SizeError
        If there are too many comparisons.
    LimitReached
        After the deadline.
    """
    members, retraction = mechanism.members[n], mechanism.retractions[n]
    leaving = mechanism.leaving(n)
    mechanism.check_size(n, len(leaving))
    found: dict[Path, Fraction] = {}
    for true in leaving:
        if deadline is not None and time.monotonic() > deadline:
            raise LimitReached("time limit")
        best: dict[int, Fraction] = {}
        for member, gain in zip(members, mechanism.gains(n, true), strict=True):
            shared = next((t for t in range(mechanism.dates) if member[t] != true[t]), mechanism.dates)
            best[shared] = max(best.get(shared, gain), gain)
        reached = Fraction(0)
        for t in range(retraction.leaves_at(true), 0, -1):
            # members that begin like the true path up to date t - 1 share at least t - 1 dates with it
            reached = max([reached, *(gain for shared, gain in best.items() if shared >= t - 1)])
            if reached > 0:
                worth = reached / mechanism.discount ** (t - 1)
                found[true[:t]] = max(found.get(true[:t], worth), worth)
    return found


@dataclass(frozen=True)
class Stopping:
    """When reasonable play of an agent may first differ from the truth.

    Parameters
    ----------
    leaving : Fraction
        P(ω^n not in Ω*^n).
    law : tuple of Fraction
        Probability that the first date at which the agent may lie is 1, ..., T; last, that there is none.
    honest_inside : Fraction
        Probability that it has to tell the truth at all dates and its path is in Ω*^n.
    crossing : Fraction
        P(E^n): the conditional probability of leaving reaches ε / R̄ at some date (the event of the proof).
    lies_from, crosses_from : frozenset of Path
        The shortest histories at which a lie is reasonable, and at which E^n has occurred.
    """

    leaving: Fraction
    law: tuple[Fraction, ...]
    honest_inside: Fraction
    crossing: Fraction
    lies_from: frozenset[Path] = frozenset()
    crosses_from: frozenset[Path] = frozenset()

    @property
    def lie(self) -> Fraction:
        """Largest probability of a lie over the agent's reasonable strategies."""
        return 1 - self.law[-1]


def stopping(
    tree: HistoryTree,
    regrets: dict[Path, Fraction],
    epsilon: Fraction,
    bound: Fraction,
) -> Stopping:
    """Exact law of the first date at which P(leave | ω|_t) · R_t(ω|_t) >= ε.

    Parameters
    ----------
    tree : HistoryTree
        The possible histories, with the conditional probabilities of leaving Ω*^n.
    regrets : R_t by history, 0 where it has none
    epsilon : Fraction, positive
    bound : Fraction
        R̄, at least ε and at least every regret.

    Notes
    -----
    A strategy that lies whenever it may is reasonable, so the largest probability of a lie is that of stopping (with
    two types at least). O(number of histories).
    """
    if epsilon <= 0:
        raise ModelError(f"epsilon: found {epsilon}, expected a positive number")
    law = [Fraction(0)] * len(tree.levels)
    honest, crossing, threshold = 1 - tree.chance[()], Fraction(0), epsilon / bound
    stopped, crossed = set[Path](), set[Path]()
    lies_from, crosses_from = set[Path](), set[Path]()
    for t, level in enumerate(tree.levels, start=1):
        for history, types in level.items():
            stop, cross = history in stopped, history in crossed
            for u, q in enumerate(types):
                if not q:
                    continue
                now = (*history, u)
                chance = tree.chance[now]
                if stop or (len(types) > 1 and now in regrets and chance * regrets[now] >= epsilon):
                    stopped.add(now)
                    if not stop:
                        lies_from.add(now)
                        law[t - 1] += tree.mass[now]
                        honest -= tree.mass[now] * (1 - chance)
                if cross or chance >= threshold:
                    crossed.add(now)
                    if not cross:
                        crosses_from.add(now)
                        crossing += tree.mass[now]
    all_dates = (*law, 1 - sum(law, Fraction(0)))
    return Stopping(tree.chance[()], all_dates, honest, crossing, frozenset(lies_from), frozenset(crosses_from))
