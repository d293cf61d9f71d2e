"""Power: how likely a coordinated plan is flagged."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from eqsolve.filter.calibration import Calibration
from eqsolve.filter.distance import deviation, distances, scale
from eqsolve.filter.joint_tables import joint_law, joint_tables, table_weights
from eqsolve.filter.panel import Panel, Vector
from eqsolve.filter.plan import Plan, opposite


@dataclass(frozen=True)
class Power:
    """How likely a plan is flagged while everybody outside it plays independently and label-free.

    Parameters
    ----------
    coalition : Fraction
        Probability that at least one member is flagged.
    members : mapping of agent to Fraction
        Probability that each member is flagged.
    """

    coalition: Fraction
    members: dict[int, Fraction]


def power(calibration: Calibration, plan: Plan, epsilon: Fraction) -> Power:
    """Probability that a coordinated plan is flagged, exactly.

    Parameters
    ----------
    calibration : Calibration
    plan : Plan
    epsilon : Fraction

    Raises
    ------
    SizeError
        If members that pass among themselves may still stand out beside too many tables of outsiders.
    """
    total = Fraction(0)
    members = dict.fromkeys(plan.members, Fraction(0))
    for probability, messages in plan.lottery:
        together, each = _flagged(calibration, plan.members, messages, epsilon)
        total += probability * together
        for i, chance in zip(plan.members, each, strict=True):
            members[i] += probability * chance
    return Power(total, members)


def complete_power(calibration: Calibration, epsilon: Fraction) -> tuple[Fraction, tuple[int, int]] | None:
    """Power against two agents who follow the fixed opposite plan, and who they are: the pair that stands out least.

    None unless at least two agents choose and all who do announce two types.
    """
    panel = calibration.panel
    pairs = list(itertools.combinations(panel.choosing, 2))
    if not pairs or any(sum(1 for b in panel.budgets[i] if b) != 2 for i in panel.choosing):
        return None
    done: dict[tuple[object, ...], Fraction] = {}
    found = []
    for i, j in pairs:
        key = (tuple(b for b in panel.budgets[i] if b), tuple(b for b in panel.budgets[j] if b))
        if key not in done:
            done[key] = power(calibration, opposite(panel, i, j), epsilon).coalition
        found.append((done[key], (i, j)))
    return min(found)


def _flagged(
    calibration: Calibration, members: Sequence[int], messages: Sequence[Vector], epsilon: Fraction
) -> tuple[Fraction, list[Fraction]]:
    """Probability that some member is flagged, and each, when the members send these messages."""
    panel, kind = calibration.panel, calibration.kind
    outsiders = [j for j in panel.choosing if j not in members]
    inside = distances(_only(panel, members), messages, kind)
    caught = [d > epsilon for d in inside]
    if all(caught) or not outsiders:
        return Fraction(int(any(caught))), [Fraction(int(c)) for c in caught]
    if not calibration.pairs_decide:
        law = joint_law(panel, kind, list(zip(members, messages, strict=True)))
        return law.exceeds(members, epsilon), [law.exceeds((i,), epsilon) for i in members]
    each = [
        Fraction(1) if c else _by_chance(calibration, i, outsiders, epsilon)
        for i, c in zip(members, caught, strict=True)
    ]
    if any(caught):
        return Fraction(1), each
    done: dict[tuple[int, ...], Fraction] = {}
    for j in outsiders:
        key = tuple(sorted(panel.budgets[j]))
        if key not in done:
            done[key] = _passes_beside(panel, members, messages, j, epsilon)
    passes = math.prod((done[tuple(sorted(panel.budgets[j]))] for j in outsiders), start=Fraction(1))
    return 1 - passes, each


def _only(panel: Panel, members: Sequence[int]) -> Panel:
    """The panel of some of the agents."""
    return Panel(
        tuple(panel.names[i] for i in members),
        tuple(panel.types[i] for i in members),
        tuple(panel.budgets[i] for i in members),
    )


def _by_chance(calibration: Calibration, i: int, outsiders: Sequence[int], epsilon: Fraction) -> Fraction:
    """Probability that agent i stands out beside some outsider, whatever i announces."""
    if i not in calibration.panel.choosing:
        return Fraction(0)
    return 1 - math.prod((calibration.pair_within(i, j, epsilon) for j in outsiders), start=Fraction(1))


def _passes_beside(
    panel: Panel, members: Sequence[int], messages: Sequence[Vector], outsider: int, epsilon: Fraction
) -> Fraction:
    """Probability that no member is flagged for its distance from one outsider."""
    together = Counter(zip(*messages, strict=True))
    tables = joint_tables([list(together.values()), panel.budgets[outsider]])
    weights = table_weights(tables)
    fits = np.ones(len(tables), dtype=bool)
    for k, i in enumerate(members):
        own = np.zeros((len(tables), panel.shape[i], panel.shape[outsider]), dtype=np.int64)
        for row, types in enumerate(together):
            own[:, types[k]] += tables[:, row]
        limit = math.floor(epsilon * scale(panel, i))
        fits &= (deviation(own, panel.budgets[i]) <= limit).astype(bool)
    return Fraction(int(weights[fits].sum()), int(weights.sum()))
