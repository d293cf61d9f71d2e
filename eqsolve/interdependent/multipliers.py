"""Multipliers on lies, which prove that no incentive compatible rule has a greater welfare.

Add to the welfare, for every lie with a multiplier, the multiplier times what the lie loses: for incentive compatible
mechanisms that only adds. If the multipliers that enter and that leave a type are equal, transfers drop out, and the
sum over profiles of the largest coefficient of an alternative is a bound. The linear program's multipliers belong to
its rows; one on a row that says that a chance does not fall from a type to another stands for both lies between them.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from eqsolve.interdependent.model import ZERO, InterdependentModel

Lying = tuple[int, tuple[int, ...] | None, int, int]
"""Agent, what it knows of the others (None: nothing), true and told."""


@dataclass(frozen=True)
class Ask:
    """A row of the program which says that a lie does not gain; `seen` is what the agent knows of the others."""

    agent: int
    seen: tuple[int, ...] | None
    true: int
    told: int
    row: int


@dataclass(frozen=True)
class Step:
    """Rows of the program which say that an expectation does not fall from each of `low` to each of `high`.

    Parameters
    ----------
    agent : int
    seen : tuple of ints or None
    gap : Fraction
        By how much more an increase is worth to the high types.
    low, high : pairs of a type and a row
        The same single row twice, or rows against a level in between.
    """

    agent: int
    seen: tuple[int, ...] | None
    gap: Fraction
    low: tuple[tuple[int, int], ...]
    high: tuple[tuple[int, int], ...]


def lie_multipliers(asks: Sequence[Ask], steps: Sequence[Step], duals: Sequence[Fraction]) -> dict[Lying, Fraction]:
    """Multipliers on lies between kinds of signals, from those of the rows of the program; only those above 0."""
    found: dict[Lying, Fraction] = {}

    def add(lie: Lying, value: Fraction) -> None:
        """Add to the multiplier of a lie; zeros leave no entry."""
        if value:
            found[lie] = found.get(lie, ZERO) + value

    for ask in asks:
        add((ask.agent, ask.seen, ask.true, ask.told), duals[ask.row])
    for step in steps:
        room = {b: duals[row] for b, row in step.high}
        for a, row in step.low:
            left = duals[row]
            for b in room:
                share = min(left, room[b])
                left -= share
                room[b] -= share
                add((step.agent, step.seen, a, b), share / step.gap)
                add((step.agent, step.seen, b, a), share / step.gap)
    return found


def on_signals(
    multipliers: Mapping[Lying, Fraction], kinds: Sequence[Sequence[int | None]], model: InterdependentModel
) -> dict[Lying, Fraction]:
    """The same for signals: a multiplier is shared out among the signals of a kind as they are likely.

    Parameters
    ----------
    multipliers : as from `lie_multipliers`
    kinds : per agent the kind of each signal, None for those that were left out
    model : InterdependentModel
    """
    shares = [_shares(numbers, agent.probs) for numbers, agent in zip(kinds, model.agents, strict=True)]
    found: dict[Lying, Fraction] = {}
    for (i, seen, true, told), q in multipliers.items():
        others = [shares[j] for j in range(len(shares)) if j != i]
        known = [] if seen is None else [other[k] for other, k in zip(others, seen, strict=True)]
        for (s, p), (t, r), *rest in itertools.product(shares[i][true], shares[i][told], *known):
            value = q * p * r
            for _, chance in rest:
                value *= chance
            if value:
                found[i, None if seen is None else tuple(o for o, _ in rest), s, t] = value
    return found


def _shares(numbers: Sequence[int | None], probs: Sequence[Fraction]) -> list[list[tuple[int, Fraction]]]:
    """Per kind its signals with their probabilities given the kind; equal ones if the kind never occurs."""
    groups: list[list[int]] = [[] for _ in range(1 + max(n for n in numbers if n is not None))]
    for s, n in enumerate(numbers):
        if n is not None:
            groups[n].append(s)
    found = []
    for group in groups:
        total = sum((probs[s] for s in group), ZERO)
        found.append([(s, probs[s] / total if total else Fraction(1, len(group))) for s in group])
    return found
