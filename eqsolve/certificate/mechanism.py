"""The best mechanism on K problems: that one meets all requirements, and that none is better.

A mechanism asks for a type on every problem, and treats problems alike: what happens on one of them is a lottery that
depends on the types reported there and on the joint histogram, that is, on how many problems each profile of types is
reported. Whether it meets the requirements is checked for every lie: which lie is best is found by a dynamic program
over the types. That no other mechanism is better follows from multipliers on some of the requirements.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from eqsolve.certificate.direct import (
    ZERO,
    Joint,
    Mechanism,
    Wanted,
    accepted,
    read_mechanism,
    read_paid,
    read_wanted,
    status_quo,
)
from eqsolve.certificate.game import Game, Vector, deal
from eqsolve.certificate.mechanism_bound import objective, upper_bound
from eqsolve.certificate.reading import Invalid, afford, entries, fields, figure, rational, shown


def check_optimal(game: Game, statement: Any, evidence: Any) -> tuple[Wanted, list[Fraction], Fraction]:
    """That a mechanism meets the requirements with the stated welfare, and that none has more."""
    _, required, weighted, told = fields(statement, "says", "requirements", "weights", "welfare")
    wanted = read_wanted(game, required)
    weights = [rational(w) for w in game.by_agent(weighted, "weights")]
    if min(weights) < 0:
        raise Invalid("weights: expected numbers of at least 0")
    block, paid, multipliers = fields(evidence, "mechanism", "transfers", "multipliers")
    mechanism = read_mechanism(game, block, read_paid(game, paid, wanted))
    welfare = rational(told)
    aim = objective(mechanism, weights)
    reached = aim.at(mechanism)
    if reached != welfare * game.copies:
        raise Invalid(f"the mechanism has the welfare {figure(reached / game.copies)}, not {figure(welfare)}")
    _check_requirements(mechanism, wanted)
    bound = upper_bound(mechanism, wanted, aim, entries(multipliers, "multipliers"))
    if bound != welfare * game.copies:
        raise Invalid(f"the multipliers bound the welfare by {figure(bound / game.copies)}, not by {figure(welfare)}")
    return wanted, weights, welfare


def _check_requirements(mechanism: Mechanism, wanted: Wanted) -> None:
    balance = sum((mechanism.law[i][h] * t for (i, h), t in mechanism.paid.items()), ZERO)
    if balance:
        raise Invalid(f"the transfers do not balance: they sum to {figure(balance)} in expectation")
    if wanted.incentives == "bic":
        for i in range(len(mechanism.game.agents)):
            _check_bayesian(mechanism, i)
    if wanted.incentives == "dsic":
        for i in range(len(mechanism.game.agents)):
            _check_dominant(mechanism, i)
    if wanted.participation != "none":
        _check_participation(mechanism, wanted)


def _check_bayesian(mechanism: Mechanism, i: int) -> None:
    """That no report is better than the truth, whatever the histogram of the types and of the report are."""
    agent = mechanism.game.agents[i]
    law = list(mechanism.law[i])
    values = {
        (told, v): [mechanism.expected(i, u, told, v) for u in range(len(agent.types))]
        for told, v in mechanism.places[i]
    }
    afford(sum(_steps(told) for told in law) * len(law), f"the lies of agent {shown(agent.name)}")
    for true in law:
        truth = sum((c * values[true, u][u] for u, c in enumerate(true) if c), ZERO) + mechanism.paid.get(
            (i, true), ZERO
        )
        for told in law:
            columns = [v for v, c in enumerate(told) if c]
            table = [[values[told, v][u] for v in columns] for u, c in enumerate(true) if c]
            best = best_lie(table, [c for c in true if c], [c for c in told if c])
            if best + mechanism.paid.get((i, told), ZERO) > truth:
                gain = best + mechanism.paid.get((i, told), ZERO) - truth
                raise Invalid(
                    f"agent {shown(agent.name)} with types {_counted(agent.types, true)} gains {figure(gain)} by "
                    f"reporting {_counted(agent.types, told)}"
                )


def _check_dominant(mechanism: Mechanism, i: int) -> None:
    """That no report is better than the truth, whatever the others report."""
    agent = mechanism.game.agents[i]
    groups: dict[Joint, list[dict[Vector, dict[int, int]]]] = {}
    joints: dict[Joint, list[Joint]] = {}
    for joint in mechanism.joints:
        rows: dict[Vector, dict[int, int]] = {}
        for profile, c in joint:
            rows.setdefault(_without(profile, i), {})[profile[i]] = c
        others = tuple(sorted((w, sum(row.values())) for w, row in rows.items()))
        groups.setdefault(others, []).append(rows)
        joints.setdefault(others, []).append(joint)
    steps = sum(
        len(group) * _steps(list(r.values())) for group in groups.values() for rows in group for r in rows.values()
    )
    afford(steps, f"the lies of agent {shown(agent.name)}")
    for others, group in groups.items():
        for (told, here), (true, there) in itertools.product(zip(group, joints[others], strict=True), repeat=2):
            gain = ZERO
            for w, counts in true.items():
                rows_, columns = sorted(counts), sorted(told[w])
                table = [[mechanism.worth(i, u, (here, _with(w, i, v))) for v in columns] for u in rows_]
                gain += best_lie(table, [counts[u] for u in rows_], [told[w][v] for v in columns])
                gain -= sum((c * mechanism.worth(i, u, (there, _with(w, i, u))) for u, c in counts.items()), ZERO)
            if gain > 0:
                raise Invalid(f"agent {shown(agent.name)} gains {figure(gain)} by some lie at some profile")


def _check_participation(mechanism: Mechanism, wanted: Wanted) -> None:
    """That nobody prefers the status quo."""
    game, quo = mechanism.game, wanted.status_quo
    if wanted.participation == "problem":
        for (_, profile), lottery in mechanism.lotteries.items():
            for d, p in enumerate(lottery):
                if p and not accepted(game, profile, d, quo):
                    raise Invalid(f"the decision {shown(game.decisions[d])} is worse than the status quo for somebody")
        return
    for i, agent in enumerate(game.agents):
        for label, got, least in _promises(mechanism, i, wanted):
            if got < least:
                raise Invalid(f"agent {shown(agent.name)} prefers the status quo at {label}")


def _promises(mechanism: Mechanism, i: int, wanted: Wanted) -> Iterator[tuple[str, Fraction, Fraction]]:
    """What an agent gets, and what the status quo gives it: at its own types, or at all types."""
    agent = mechanism.game.agents[i]
    if wanted.participation == "interim":
        for true in mechanism.law[i]:
            got = sum((c * mechanism.expected(i, u, true, u) for u, c in enumerate(true) if c), ZERO)
            yield (
                _counted(agent.types, true),
                got + mechanism.paid.get((i, true), ZERO),
                status_quo(mechanism, i, true, wanted),
            )
    else:
        for joint in mechanism.joints:
            true = mechanism.histogram(joint, i)
            got = sum((c * mechanism.worth(i, p[i], (joint, p)) for p, c in joint), ZERO)
            yield _counted(agent.types, true), got, status_quo(mechanism, i, true, wanted)


def best_lie(worth: Sequence[Sequence[Fraction]], rows: Sequence[int], columns: Sequence[int]) -> Fraction:
    """The largest Σ T[r][c] worth[r][c] over tables T of whole numbers with these sums of rows and columns.

    Row by row: what is left of the columns is all that matters for the rest.
    """
    states: dict[Vector, Fraction] = {tuple(columns): ZERO}
    for line, total in zip(worth, rows, strict=True):
        later: dict[Vector, Fraction] = {}
        for left, value in states.items():
            for taken in deal(total, left):
                rest = tuple(a - b for a, b in zip(left, taken, strict=True))
                score = value + sum((n * w for n, w in zip(taken, line, strict=True) if n), ZERO)
                if rest not in later or score > later[rest]:
                    later[rest] = score
        states = later
    (best,) = states.values()
    return best


def _steps(columns: Sequence[int]) -> int:
    """A bound on the steps of `best_lie`: for every row the states before and after it."""
    states = math.prod(c + 1 for c in columns) // (max(columns) + 1)  # their sum is given
    return states * states * len(columns)


def _without(profile: Vector, i: int) -> Vector:
    return (*profile[:i], *profile[i + 1 :])


def _with(others: Vector, i: int, u: int) -> Vector:
    return (*others[:i], u, *others[i:])


def _counted(names: Sequence[str], histogram: Vector) -> str:
    """A histogram in words."""
    return ", ".join(f"{c} times {shown(name)}" for name, c in zip(names, histogram, strict=True) if c)
