"""Multipliers made exact: what they prove of a region in rational arithmetic.

All proofs are of one form. In a region a fact says that a function of the law of player a's actions is not negative
(or positive, or zero). So facts times multipliers of the right sign may be added to a function that is to be bounded
from above, and what the sum is at most over everything that is alive is a bound.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from eqsolve.engines.block_bound_programs import Point
from eqsolve.engines.block_bound_region import AT_LEAST, EQUAL, Fact, Region
from eqsolve.engines.lp import LinearProgram, solve_program

DENOMINATORS = (1, 12, 720, 10**6, 10**10)
Multipliers = dict[int, Fraction]
Replies = dict[int, dict[int, Fraction]]
"""Lotteries over actions at some types; elsewhere the first action that is kept."""


@dataclass(frozen=True)
class Bound:
    """The payoff of a player in a region, bounded.

    Attributes
    ----------
    value : Fraction
        No equilibrium in the region pays more (less); payoffs times the sums of both players' weights.
    multipliers : {key: Fraction}
    replies : {type: {action: Fraction}}
        For bounds from below: what the player could always play.
    """

    value: Fraction
    multipliers: Multipliers
    replies: Replies


def exact_bound(region: Region, i: int, maximise: bool, point: Point, target: Fraction | None) -> Bound:
    """Bound the payoff of player i in a region by the multipliers of a program.

    Parameters
    ----------
    region : Region
    i : int
    maximise : bool
        Whether the bound is from above.
    point : Point
        Of the program whose optimum is the bound.
    target : Fraction, optional
        A bound that is good enough, to be reached with simple multipliers if possible; else any close bound will do.
    """
    mine = region.setting.comparisons[i]
    factor = mine.total * mine.unit
    most = upper_function(region, i) if maximise else None
    best: Bound | None = None
    for denominator in DENOMINATORS if target is not None else DENOMINATORS[-2:-1]:
        multipliers = _rounded(region, 1 - i, point.multipliers, factor, denominator)
        replies = {} if most is not None else _rounded_replies(region, i, point, denominator)
        value = _bound_value(region, i, multipliers, most or lower_function(region, i, replies), maximise)
        if best is None or (value < best.value) == maximise:
            best = Bound(value, multipliers, replies)
        if target is not None and (value == target or (value < target) == maximise):
            break
    assert best is not None
    return best


def exactly_solved(region: Region, i: int, maximise: bool) -> Bound | Multipliers | None:
    """The best bound of `exact_bound`, by an exact linear program; multipliers if the region is empty."""
    mine, law = region.setting.comparisons[i], ExactLaw(region, 1 - i)
    if maximise:
        objective = [upper_function(region, i)[b] for b in law.action]
        solution = law.solve(objective)
        if solution.status == "infeasible":
            return law.multipliers(solution)
        return None if solution.value is None else Bound(solution.value, law.multipliers(solution), {})
    pays = [(t, a) for t, row in enumerate(region.kept[i].tolist()) for a, open_ in enumerate(row) if open_]
    width = len(law.action)
    rows = [{width + t: -1, **{k: int(mine.payoffs[t, a, b]) for k, b in enumerate(law.action)}} for t, a in pays]
    solution = law.solve([0] * width + [-w for w in mine.weights], rows)
    if solution.status == "infeasible":
        return law.multipliers(solution)
    if solution.value is None:
        return None
    replies: Replies = {}
    for (t, a), y in zip(pays, solution.dual_ub[len(solution.dual_ub) - len(pays) :], strict=True):
        if y:
            replies.setdefault(t, {})[a] = abs(y) / mine.weights[t]
    first = region.kept[i].argmax(axis=1).tolist()
    replies = {t: lottery for t, lottery in replies.items() if lottery != {first[t]: 1}}
    return Bound(-solution.value, law.multipliers(solution), replies)


def refutation(
    region: Region, a: int, proposed: Mapping[int, float], extra: Sequence[int] | None = None
) -> Multipliers | None:
    """Multipliers that prove that no law of player a is in a region, or None.

    Parameters
    ----------
    region : Region
    a : int
    proposed : {key: float}
    extra : M ints, optional
        A function that is not negative in the part in question, with multiplier 1.
    """
    scale = 1.0 if extra is not None else 1 / max((abs(x) for x in proposed.values()), default=1.0)
    for denominator in DENOMINATORS:
        multipliers = _rounded(region, a, proposed, scale, denominator)
        if refutes(region, a, multipliers, extra):
            return multipliers
    solution = ExactLaw(region, a).solve(extra)
    multipliers = ExactLaw(region, a).multipliers(solution)
    if solution.status == "infeasible":
        return multipliers if refutes(region, a, multipliers) else None
    return multipliers if extra is not None and refutes(region, a, multipliers, extra) else None


def refutes(region: Region, a: int, multipliers: Mapping[int, Fraction], extra: Sequence[int] | None = None) -> bool:
    """Whether facts about player a's law contradict each other (and `extra`, which is not negative).

    The sum of functions that are not negative is negative everywhere, or nowhere positive although one of them is.
    """
    total = _largest(region, a, _added(region, a, multipliers, extra or [0] * region.alive[a].shape[1]))
    strict = any(multipliers.get(f.key) and f.sign not in (EQUAL, AT_LEAST) for f in region.facts[1 - a])
    return total < 0 or (total == 0 and strict)


def _bound_value(
    region: Region, i: int, multipliers: Multipliers, function: Sequence[Fraction | int], maximise: bool
) -> Fraction:
    """The bound that multipliers prove, in payoffs times the sums of both players' weights."""
    if maximise:
        return _largest(region, 1 - i, _added(region, 1 - i, multipliers, function))
    return -_largest(region, 1 - i, _added(region, 1 - i, multipliers, [-x for x in function]))


def upper_function(region: Region, i: int) -> list[int]:
    """Per action of the other player, the most that the types of player i can get together from what they keep."""
    rows = [region.setting.most(i, t, kept) for t, kept in enumerate(region.kept[i])]
    return list(np.sum(rows, axis=0).tolist())


def lower_function(region: Region, i: int, replies: Replies) -> list[Fraction | int]:
    """Per action of the other player, what the types of player i get together from these replies."""
    mine = region.setting.comparisons[i]
    first = region.kept[i].argmax(axis=1).tolist()
    total: list[Fraction | int] = [0] * mine.shape[2]
    for t, w in enumerate(mine.weights):
        for a, q in replies.get(t, {first[t]: Fraction(1)}).items():
            share = w * q if q != 1 else w
            total = [x + share * p for x, p in zip(total, mine.payoffs[t, a].tolist(), strict=True)]
    return total


def _added(
    region: Region, a: int, multipliers: Mapping[int, Fraction], function: Sequence[Fraction | int]
) -> list[Fraction | int]:
    total = list(function)
    for fact in region.facts[1 - a]:
        y = multipliers.get(fact.key)
        if y:
            exact = y.numerator if y.denominator == 1 else y
            total = [x + exact * v for x, v in zip(total, fact.vector, strict=True)]
    return total


def _largest(region: Region, a: int, function: Sequence[Fraction | int]) -> Fraction:
    """Largest value of a function of player a's law, times the sum of its weights, over everything alive."""
    actions, _, weights = region.groups(a)
    parts = (
        Fraction(w) * max(x for x, open_ in zip(function, row, strict=True) if open_)
        for row, w in zip(actions.tolist(), weights, strict=True)
    )
    return sum(parts, Fraction(0))


def _rounded(region: Region, a: int, proposed: Mapping[int, float], factor: float, denominator: int) -> Multipliers:
    """Multipliers times a factor as simple fractions, with the signs that the facts ask for."""
    found: Multipliers = {}
    for fact in region.facts[1 - a]:
        y = proposed.get(fact.key, 0.0) * factor
        if y * fact.sign > 0 or (fact.sign == EQUAL and y):
            simple = Fraction(y).limit_denominator(denominator)
            if simple:
                found[fact.key] = simple
    return found


def _rounded_replies(region: Region, i: int, point: Point, denominator: int) -> Replies:
    if point.replies is None:
        return {}
    found: Replies = {}
    for t, (row, kept) in enumerate(zip(point.replies.tolist(), region.kept[i].tolist(), strict=True)):
        lottery = {a: Fraction(x).limit_denominator(denominator) for a, x in enumerate(row) if x > 1e-12 and kept[a]}
        lottery = {a: q for a, q in lottery.items() if q}
        largest = max(lottery, key=lambda a: lottery[a], default=kept.index(True))
        rest = 1 - sum((q for a, q in lottery.items() if a != largest), Fraction(0))
        lottery = {**lottery, largest: rest} if rest > 0 else {largest: Fraction(1)}
        if lottery != {kept.index(True): 1}:
            found[t] = lottery
    return found


class ExactLaw:
    """The law of player a in a region as an exact linear program; a column per group of types and action."""

    def __init__(self, region: Region, a: int) -> None:
        actions, _, self.weights = region.groups(a)
        self.group, self.action = (x.tolist() for x in np.nonzero(actions))
        facts = region.facts[1 - a]
        self.loose = [f for f in facts if f.sign != EQUAL]
        self.tight = [f for f in facts if f.sign == EQUAL]

    def solve(self, objective: Sequence[int] | None, extra: Sequence[Mapping[int, int]] = ()) -> Any:
        """Maximise a function of the law (or of columns), or find out whether there is one.

        `extra` are rows of at most 0, after those of the facts; further columns have no sign.
        """
        width = len(self.action)
        cost = [0] * width
        if objective is not None:
            cost = [objective[b] for b in self.action] if not extra else list(objective)
        groups = [{k: 1 for k in range(width) if self.group[k] == g} for g in range(len(self.weights))]
        program = LinearProgram.of(
            cost,
            [*(self._row(f, -1 if f.sign > 0 else 1) for f in self.loose), *extra],
            [0] * (len(self.loose) + len(extra)),
            [*(self._row(f, 1) for f in self.tight), *groups],
            [*[0] * len(self.tight), *self.weights],
            free=range(width, len(cost)),
            maximise=True,
        )
        return solve_program(program)

    def _row(self, fact: Fact, factor: int) -> dict[int, int]:
        return {k: factor * fact.vector[b] for k, b in enumerate(self.action) if fact.vector[b]}

    def multipliers(self, solution: Any) -> Multipliers:
        """Multipliers of the facts, from the duals of an optimum or of a contradiction."""
        found = {f.key: y * (1 if f.sign > 0 else -1) for f, y in zip(self.loose, solution.dual_ub, strict=False)}
        found |= {f.key: -y for f, y in zip(self.tight, solution.dual_eq, strict=False)}
        return {key: y for key, y in found.items() if y}
