"""The best allocation when every decision is taken a fixed number of times.

What Jackson and Sonnenschein (2003, How Large is Large?, footnote 14) tabulate as the best linking mechanism: "choosing
the best allocation subject to giving each agent half of the objects".
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

from eqsolve.budget import multinomial
from eqsolve.engines.transport import Transport
from eqsolve.errors import ModelError
from eqsolve.exact.rational import to_integers
from eqsolve.mechanisms.direct import DirectMechanism
from eqsolve.mechanisms.orbits import Orbits
from eqsolve.problem import DecisionProblem


def best_with_quotas(
    problem: DecisionProblem,
    copies: int,
    quotas: Mapping[str, int],
    *,
    weights: Sequence[Fraction] | None = None,
) -> DirectMechanism:
    """The mechanism with the largest weighted sum of reported utilities that takes each decision so many times.

    At every profile of reports this is a transportation problem: problems with the same types on one side, decisions on
    the other. All best assignments are equally likely. Whether somebody gains by misreporting is not asked: see
    `DirectMechanism.regret`.

    Parameters
    ----------
    problem : DecisionProblem
    copies : int
        K.
    quotas : mapping of decision to int
        On how many of the K problems it is taken; a decision left out is never taken.
    weights : sequence of Fraction, optional
        1 for every agent by default.

    Raises
    ------
    ModelError
        If a decision is not known or the quotas do not sum to K.
    SizeError
        If there are too many joint histograms.
    """
    for name, count in quotas.items():
        if name not in problem.decisions or count < 0:
            raise ModelError(
                f"quotas: found {count} for {name!r}, expected at least 0 for one of {', '.join(problem.decisions)}"
            )
    if sum(quotas.values()) != copies:
        raise ModelError(f"quotas: found a sum of {sum(quotas.values())}, expected {copies}")
    orbits = Orbits(problem, copies)
    importance = (Fraction(1),) * problem.n if weights is None else tuple(weights)
    worth = [
        [
            sum((w * problem.utility(i, u)[d] for i, (w, u) in enumerate(zip(importance, p, strict=True))), Fraction(0))
            for d in range(len(problem.decisions))
        ]
        for p in orbits.profiles
    ]
    flat, _ = to_integers([x for row in worth for x in row])
    size = len(problem.decisions)
    table = tuple(tuple(flat[k : k + size]) for k in range(0, len(flat), size))
    family = Transport(table, tuple(quotas.get(d, 0) for d in problem.decisions))
    return DirectMechanism(orbits, tuple(row for counts in orbits.joint for row in _lotteries(family, counts)))


def _lotteries(family: Transport, counts: Sequence[int]) -> list[tuple[Fraction, ...]]:
    """What happens on the problems of each profile that occurs, if all best assignments are equally likely."""
    total, ways = [[0] * len(family.columns) for _ in counts], 0
    for table in family.tables(counts):
        weight = math.prod(multinomial(row) for row in table)
        ways += weight
        for line, row in zip(total, table, strict=True):
            for d, n in enumerate(row):
                line[d] += weight * n
    return [tuple(Fraction(n, ways * c) for n in line) for line, c in zip(total, counts, strict=True) if c]
