"""That no incentive compatible mechanism has an expected welfare above a number, whatever rule it follows.

Multipliers on lies are at least 0. What a lie loses, times its multiplier, may be added to the welfare of an incentive
compatible mechanism. Where the multipliers that leave a signal (lies of this type) and those that enter it (lies that
report it) have the same sum, transfers drop out, and so does all that does not depend on the agent's own signal. At
every profile the largest coefficient of an alternative remains, and the sum of these is a bound.
"""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Any

from eqsolve.certificate.interdependent_values import BAYESIAN, EX_POST, ZERO, Signal, Tables, place_of
from eqsolve.certificate.reading import Invalid, afford, entries, fields, figure, rational, shown

BOUNDED = "welfare-bounded"

Prices = dict[tuple[int, Signal | None], list[list[Fraction]]]
"""By agent and others' signals (None: all): per reported signal what is added to each alternative's coefficient."""


def prove_bound(tables: Tables, statement: Any, evidence: Any) -> tuple[str, str]:
    """What a certificate with multipliers on lies proves, and what was checked, in words."""
    _, incentives, told = fields(statement, "says", "incentives", "welfare")
    if incentives not in (BAYESIAN, EX_POST):
        raise Invalid(f"incentives: found {shown(incentives)}, expected {BAYESIAN} or {EX_POST}")
    welfare = rational(told)
    (listed,) = fields(evidence, "multipliers")
    prices = _prices(tables, incentives, entries(listed, "multipliers"))
    bound, first = _bound(tables, prices)
    if bound > welfare:
        raise Invalid(f"the multipliers bound the welfare by {figure(bound)}, not by {figure(welfare)}")
    model = tables.model
    name = shown(model.name) if model.name else "a model with interdependent values"
    kind = "Bayesian" if incentives == BAYESIAN else "ex post"
    least = f"the efficient one has {figure(first)}"
    return (
        f"In {name}, {' × '.join(map(str, tables.shape))} signals: no rule has an expected welfare above "
        f"{figure(welfare)} and transfers that make it {kind} incentive compatible; {least}.",
        "Multiples of what lies lose bound the welfare.",
    )


def _prices(tables: Tables, incentives: str, listed: list[Any]) -> Prices:
    """What the multipliers add to the coefficients of alternatives, times the scale of the tables."""
    names = {a.name: i for i, a in enumerate(tables.model.agents)}
    options = range(len(tables.model.alternatives))
    prices: Prices = {}
    flows: dict[tuple[int, Signal | None, int], Fraction] = {}
    afford(len(listed) * (len(names) + len(options)), "the multipliers")
    for entry in listed:
        keys = ("agent", "true", "told", "multiplier") + (("others",) if incentives == EX_POST else ())
        name, true, told, multiplier, *others = fields(entry, *keys)
        if not isinstance(name, str) or name not in names:
            raise Invalid(f"multipliers: found the agent {shown(name)}, expected one of {shown(', '.join(names))}")
        i, q = names[name], rational(multiplier)
        s, t = (place_of(x, tables.shape[i]) for x in (true, told))
        if q < 0:
            raise Invalid(f"multipliers: found {figure(q)}, expected at least 0")
        if incentives == BAYESIAN and not tables.model.agents[i].probs[s]:
            raise Invalid("multipliers: found a lie of a signal of probability 0")
        seen = _seen(tables, i, others[0]) if others else None
        if (i, seen) not in prices:
            afford((len(prices) + 1) * tables.shape[i] * len(options), "the multipliers")
            prices[i, seen] = [[ZERO] * len(options) for _ in range(tables.shape[i])]
        rows = prices[i, seen]
        for k in options:
            worth = q * tables.parts[i][i][s][k]
            rows[s][k] += worth
            rows[t][k] -= worth
        flows[i, seen, s] = flows.get((i, seen, s), ZERO) + q
        flows[i, seen, t] = flows.get((i, seen, t), ZERO) - q
    if any(flows.values()):
        raise Invalid("multipliers: those that enter and those that leave a signal do not have the same sum")
    return prices


def _seen(tables: Tables, i: int, block: Any) -> Signal:
    sizes = [size for j, size in enumerate(tables.shape) if j != i]
    found = entries(block, "others")
    if len(found) != len(sizes):
        raise Invalid(f"others: found {len(found)} signals, expected {len(sizes)}")
    return tuple(place_of(s, size) for s, size in zip(found, sizes, strict=True))


def _bound(tables: Tables, prices: Prices) -> tuple[Fraction, Fraction]:
    """The largest expected welfare that the multipliers leave, and that of the efficient rule."""
    agents, options = tables.model.agents, range(len(tables.model.alternatives))
    profiles = math.prod(tables.shape)
    afford(profiles * (3 * len(agents) + 2) * len(options), "the bound at all profiles")
    bound = first = ZERO
    for profile in itertools.product(*map(range, tables.shape)):
        chances = [a.probs[s] for a, s in zip(agents, profile, strict=True)]
        chance = math.prod(chances, start=Fraction(1))
        rows = [tables.social[j][s] for j, s in enumerate(profile)]
        sums = [chance * sum(column, start) for start, *column in zip(tables.common, *rows, strict=True)]
        first += max(sums)
        for i, s in enumerate(profile):
            others = (*profile[:i], *profile[i + 1 :])
            for seen in (None, others):
                added = prices.get((i, seen))
                if added is not None:
                    seldom = (
                        Fraction(1)
                        if seen is not None
                        else math.prod((p for j, p in enumerate(chances) if j != i), start=Fraction(1))
                    )
                    sums = [x + seldom * added[s][k] for k, x in enumerate(sums)]
        bound += max(sums)
    return bound / tables.scale, first / tables.scale
