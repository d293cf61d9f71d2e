"""The transfers (7.12) for one-dimensional signals: indifference where the efficient choice changes.

Given the others' reports, the sum of values of each alternative is a line in agent i's signal, and the efficient choice
follows their upper envelope. Where it goes over from one alternative to the next, the transfer changes by what the
change of alternatives is worth to all others at that very signal. (In the source (7.12) is printed for 1 < k; it has to
hold from k = 1 on, where the first difference is.)
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from eqsolve.errors import NotSupported
from eqsolve.exact.rational import common_denominator
from eqsolve.interdependent.efficient import TabulatedRule
from eqsolve.interdependent.model import FIRST
from eqsolve.interdependent.tables import Array, ValueTables, number_type, others_first
from eqsolve.interdependent.transfers import Transfers


def threshold_transfers(rule: TabulatedRule) -> Transfers:
    """The transfers of Theorem 5.1, (7.12), for the efficient rule.

    They make truth an ex post equilibrium if (5.1) holds, whatever the distribution of signals; otherwise
    `eqsolve.interdependent.incentives.check_ex_post` finds the lie that gains most.

    Parameters
    ----------
    rule : TabulatedRule
        From `efficient_rule`.

    Returns
    -------
    Transfers
        The first alternative of the envelope is paid nothing; an alternative that never is efficient, too.

    Raises
    ------
    NotSupported
        If an agent's signal has several coordinates, or ties are broken by lot.

    Notes
    -----
    O(K²) integer operations per agent and profile of the others.
    """
    model = rule.model
    several = [a.name for a in model.agents if a.dimension > 1]
    if several:
        raise NotSupported(
            f"transfers (7.12): found several coordinates in the signal of agent {several[0]}, expected one; "
            "`support` decides whether other transfers exist"
        )
    if model.ties != FIRST:
        raise NotSupported('transfers (7.12): found ties = "uniform", expected ties = "first"')
    parts = [_lines(rule, i) for i in range(len(model.agents))]
    scale = math.lcm(*(lines.step for lines in parts))
    arrays = []
    for i, lines in enumerate(parts):
        steps = _envelope_payments(lines)
        factor = scale // lines.step
        largest = max(abs(int(steps.max())), abs(int(steps.min())))
        paid = steps.astype(number_type(largest * factor)) * factor
        outcomes = others_first(rule.outcomes, i)
        chosen = paid[np.arange(outcomes.shape[1])[None, :], outcomes]
        sizes = [model.shape[i], *(size for j, size in enumerate(model.shape) if j != i)]
        arrays.append(np.moveaxis(chosen.reshape(sizes), 0, i))
    return Transfers(tuple(arrays), scale * rule.tables.scale)


@dataclass(frozen=True, eq=False)
class _Lines:
    """The values of K alternatives as lines in an agent's signal, given R profiles of the others.

    Attributes
    ----------
    slopes, others_slopes : lists of K ints
        Of the sum of values, and of the sum of the others' values, over one denominator.
    heights, others_heights : R × K integers
        The same sums where the signal adds nothing, over the denominator of the tables.
    step : int
        Multiple of all differences of slopes.
    """

    slopes: list[int]
    others_slopes: list[int]
    heights: Array
    others_heights: Array
    step: int


def _lines(rule: TabulatedRule, i: int) -> _Lines:
    model, tables = rule.model, rule.tables
    options = range(len(model.alternatives))
    if model.agents[i].dimension:
        social, private = ([row[0] for row in rows] for rows in (model.social(i), model.private(i)))
    else:
        social = private = [Fraction(0) for _ in options]
    unit = common_denominator([*social, *private])
    slopes = [int(x * unit) for x in social]
    others = [int((x - y) * unit) for x, y in zip(social, private, strict=True)]
    step = math.lcm(1, *({abs(a - b) for a, b in itertools.combinations(slopes, 2)} - {0}))
    steepest = max(1, *(abs(x) for x in (*slopes, *others)))
    kind = number_type(64 * tables.bound * step * steepest * len(options))
    own = tables.from_others(i).astype(kind)
    total = (tables.welfare() - tables.social(i).reshape(_along(i, tables)))[_at_first(i, tables)]
    heights = total.reshape(-1, len(options)).astype(kind)
    return _Lines(slopes, others, heights, heights - own, step)


def _along(i: int, tables: ValueTables) -> tuple[int, ...]:
    """Shape in which a table of agent i's signals is subtracted from one over profiles."""
    ones = [1] * len(tables.shape)
    ones[i] = tables.shape[i]
    return (*ones, len(tables.model.alternatives))


def _at_first(i: int, tables: ValueTables) -> tuple[slice | int, ...]:
    return tuple(0 if j == i else slice(None) for j in range(len(tables.shape)))


def _envelope_payments(lines: _Lines) -> Array:
    """Payment at every alternative, R × K, over `step` times the denominator of the tables."""
    count = len(lines.slopes)
    order = sorted(range(count), key=lambda k: lines.slopes[k])
    on = _on_envelope(lines)
    rows = np.arange(lines.heights.shape[0])
    paid = np.zeros_like(lines.heights)
    before = np.full(len(rows), -1)  # the alternative that precedes on the envelope
    for k in order:
        joined = on[:, k] & (before >= 0)
        for previous in order[: order.index(k)]:
            here = joined & (before == previous)
            if here.any():
                rise = lines.others_heights[here, k] - lines.others_heights[here, previous]
                turn = (lines.others_slopes[k] - lines.others_slopes[previous]) * (
                    lines.step // (lines.slopes[k] - lines.slopes[previous])
                )
                crossing = lines.heights[here, previous] - lines.heights[here, k]
                paid[here, k] = paid[here, previous] + lines.step * rise + turn * crossing
        before = np.where(on[:, k], k, before)
    return paid


def _on_envelope(lines: _Lines) -> Array:
    """Which lines touch the upper envelope; of several that are the same the first one, R × K."""
    count = len(lines.slopes)
    found = []
    for k in range(count):
        on = np.ones(lines.heights.shape[0], dtype=bool)
        enters, leaves = [], []
        for other in range(count):
            gap = lines.slopes[k] - lines.slopes[other]
            behind = lines.heights[:, other] - lines.heights[:, k]
            if gap > 0:
                enters.append(behind * (lines.step // gap))
            elif gap < 0:
                leaves.append(-behind * (lines.step // -gap))
            elif other != k:
                on &= (behind < 0) if other < k else (behind <= 0)
        for late in enters:
            for early in leaves:
                on &= (late <= early).astype(bool)
        found.append(on)
    return np.stack(found, axis=1)
