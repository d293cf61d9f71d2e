"""Interdependent values: what transfers can do where signals have several coordinates, and where they have one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from functools import cache

from eqsolve.exact.rational import text
from eqsolve.interdependent.congruence import congruence
from eqsolve.interdependent.efficient import TabulatedRule, efficient_rule
from eqsolve.interdependent.incentives import check_ex_post
from eqsolve.interdependent.model import InterdependentModel
from eqsolve.interdependent.second_best import second_best
from eqsolve.interdependent.support import BAYESIAN, EX_POST, interim_chances, support
from eqsolve.interdependent.thresholds import threshold_transfers
from eqsolve.interdependent.transfers import Transfers
from eqsolve.ledger.settled import Published, Settled, sentence

GRIDS = range(2, 7)
"""Points per coordinate on which examples are examined."""


@cache
def example(name: str) -> InterdependentModel:
    """The bundled model of that name, whatever files lie about in the working directory."""
    from eqsolve.io.interdependent_file import load_interdependent
    from eqsolve.io.kinds import bundled_models

    return load_interdependent(bundled_models("interdependent")[name])


def supported(model: InterdependentModel, incentives: str = BAYESIAN) -> bool:
    """Whether transfers support the efficient rule."""
    return support(efficient_rule(model), incentives).exists


def coarsest(model: InterdependentModel, grids: Iterable[int] = GRIDS, incentives: str = BAYESIAN) -> int | None:
    """The fewest points per coordinate at which no transfers support the efficient rule; None if on no grid."""
    return next((m for m in grids if not supported(model.with_points(m), incentives)), None)


def proportional(model: InterdependentModel, factor: Fraction) -> InterdependentModel:
    """The model with every signal worth `factor` times as much to each other agent as to its owner: (4.8) holds."""
    agents = range(len(model.agents))
    coefficients = tuple(
        tuple(
            tuple(
                model.coefficients[i][k][j] if i == j else tuple(factor * x for x in model.coefficients[j][k][j])
                for j in agents
            )
            for k in range(len(model.alternatives))
        )
        for i in agents
    )
    return replace(model, coefficients=coefficients)


def restored(model: InterdependentModel) -> list[tuple[str, InterdependentModel]]:
    """The same model with (4.8): private values, the same coefficients for everybody, and proportional ones."""
    return [
        ("private values", model.with_strength(Fraction(0))),
        ("equal coefficients", proportional(model, Fraction(1))),
        ("proportional coefficients", proportional(model, Fraction(1, 3))),
    ]


def always_supported(models: Iterable[tuple[str, InterdependentModel]]) -> list[str]:
    """Names of the models whose efficient rule transfers support on all grids, ex post, and so in expectation, too."""
    return [name for name, model in models if coarsest(model, incentives=EX_POST) is None]


def grid_impossibility(claim: Published) -> Settled:
    """Example 4.5: an efficient, incentive compatible mechanism exists only if (4.8) holds.

    Cycles of types on grids of 2 to 6 points per coordinate with (4.8) violated, and second-best welfare, which looks
    at all efficient rules at once; supporting transfers on all these grids with (4.8) restored in three ways. For the
    theorem behind it, an example with three alternatives.
    """
    model = example("two-informed")
    first = coarsest(model)
    lossy = next((m for m in GRIDS if second_best(model.with_points(m)).loss), None)
    kept = restored(model)
    holds = first is not None and lossy is not None and len(always_supported(kept)) == len(kept)
    loss = "none" if lossy is None else text(second_best(model.with_points(lossy)).loss)
    computed = (
        f"violated: no transfers from {first} points per coordinate on, and at {lossy} points no efficient rule at "
        f"all, the second best losing {loss}; transfers exist at 2 to 6 points with "
        f"{', '.join(name for name, _ in kept)}"
    )
    caveat = f"a grid has to be fine enough to show it, here {first} points"
    if _rivals_matter():
        caveat += (
            "; and Theorem 4.3 for more alternatives needs that both can be best at the same signals of the others: "
            "where A and C never are (model never-rivals), both having positive probability, (4.8) is violated and "
            "transfers support efficiency ex post, as the integrals over the common boundary in (7.9) and (7.10) vanish"
        )
    method = (
        "negative cycles in the graph of types, supporting transfers, linear programs for the second best, on grids"
    )
    return sentence(holds, computed, method, caveat=caveat, wrong="(4.8) does not decide")


def _rivals_matter() -> bool:
    """Whether there are efficient transfers with (4.8) violated for two alternatives that both may be chosen."""
    model = example("never-rivals")
    broken = congruence(model).worst
    if broken is None:
        return False
    rule = efficient_rule(model)
    chances, _ = interim_chances(rule, broken.agent)
    both = any(all(row[k] > 0 for k in broken.pair) for row in chances)
    return both and all(supported(model.with_points(m), EX_POST) for m in GRIDS)


def one_informed(claim: Published) -> Settled:
    """Example 4.4: one informed agent and three alternatives; prices need (4.12).

    Prices for the three alternatives that make the agent choose efficiently, or a cycle of its types, on grids.
    """
    model = example("one-informed")
    first = coarsest(model)
    kept = restored(model)
    good = always_supported(kept)
    computed = (
        f"violated: no prices from {first} points per coordinate on; prices exist at 2 to 6 points with "
        f"{', '.join(good)}"
    )
    method = "negative cycles among the agent's types, or prices, on grids of 2 to 6 points per coordinate"
    caveat = f"a grid has to be fine enough to show it, here {first} points"
    return sentence(
        first is not None and len(good) == len(kept), computed, method, caveat=caveat, wrong="(4.12) does not decide"
    )


def others_value(rule: TabulatedRule, i: int, j: int) -> Transfers:
    """Transfers to agent i equal to agent j's value of what is chosen, as it was reported; nothing to the others."""
    tables = rule.tables
    given = tables.from_others(j).reshape(*(s for a, s in enumerate(tables.shape) if a != j), -1)
    total = given[(slice(None),) * j + (None,)] + tables.private(j).reshape(
        *(tables.shape[j] if a == j else 1 for a in range(len(tables.shape))), -1
    )
    worth = (total * rule.shares[rule.outcomes]).sum(axis=-1)
    return Transfers(tuple(worth if a == i else worth * 0 for a in range(len(tables.shape))), rule.scale)


def paid_the_others_value(claim: Published) -> Settled:
    """Footnote 32: in Example 4.4 "setting x_k' = V_k'^2(s) is not incentive compatible".

    Every lie at every signal on the example's grid, and on that of the same model with private values.
    """
    gains = []
    for model in (example("one-informed"), example("one-informed").with_strength(Fraction(0))):
        rule = efficient_rule(model)
        gains.append(check_ex_post(rule, others_value(rule, 0, 1)).gain)
    computed = f"largest gain from a lie {text(gains[0])}, with private values {text(gains[1])}"
    method = "all lies at all signals, 4 points per coordinate"
    return sentence(gains[0] > 0 and not gains[1], computed, method, wrong="nobody gains by a lie")


def maskin(claim: Published) -> Settled:
    """Example 4.2: a signal with a private and a common part; and its extension, however small b is.

    Cycles on grids. For the extension V_A^1 = s_1^1 + a s_2^1 + b s_2^2 and likewise for 2: a = 1 + b/2, where the grid
    of two points per coordinate shows it for any b > 0.
    """
    first = coarsest(example("maskin"))
    small = [Fraction(1, 10**n) for n in (1, 2, 3, 6)]
    failing = [b for b in small if not supported(_extension(1 + b / 2, b).with_points(2))]
    private = coarsest(_extension(Fraction(1), Fraction(0)), incentives=EX_POST) is None
    fixed = _extension(Fraction(1), Fraction(1, 5))
    fine = coarsest(fixed, range(2, 10))
    computed = (
        f"no transfers from {first} points per coordinate on; extension: none at b = {', '.join(map(text, failing))} "
        f"with a = 1 + b/2 at 2 points, none at a = 1, b = 1/5 from {fine} points on; with b = 0 transfers exist"
    )
    method = "negative cycles in the graph of types on grids"
    caveat = "how fine a grid has to be grows as b falls, for fixed a"
    holds = first is not None and failing == small and private and fine is not None
    return sentence(holds, computed, method, caveat=caveat, wrong="transfers exist")


def _extension(a: Fraction, b: Fraction) -> InterdependentModel:
    """Example 4.2 with V_A^1 = s_1^1 + a s_2^1 + b s_2^2, V_B^2 = s_1^2 + a s_2^2 + b s_2^1."""
    own, other, none = (Fraction(1), a), (Fraction(0), b), (Fraction(0), Fraction(0))
    first = ((own, other), (none, none))
    second = ((none, none), (other, own))
    return replace(example("maskin"), coefficients=(first, second))


def threshold_mechanism(claim: Published) -> Settled:
    """Theorem 5.1: with (5.1) the transfers (7.12) make truth an ex post equilibrium.

    Every lie of every agent at every profile of the example's grid: 3 agents, 3 alternatives, 21 signals each.
    """
    model = example("one-dimensional")
    check = check_ex_post(efficient_rule(model), threshold_transfers(efficient_rule(model)))
    holds = congruence(model).strict and check.holds
    computed = (
        f"largest gain {text(check.gain)} over {check.lies} lies at {check.profiles} profiles "
        f"({len(model.agents)} agents, {len(model.alternatives)} alternatives, {_signals(model)} signals each)"
    )
    caveat = "(7.12) is printed for 1 < k; it has to hold for k = 1, too, or the first step of the transfers stays open"
    method = "exact check of every lie at every profile of the grid"
    return sentence(holds, computed, method, caveat=caveat, wrong="a lie gains")


def _signals(model: InterdependentModel) -> str:
    return " or ".join(map(str, sorted(set(model.shape))))


def against_weak_congruence(claim: Published) -> Settled:
    """Condition (5.1): where it is violated, one-dimensional signals do not help.

    A model with two alternatives that violates (5.1), on grids; and two that violate it although transfers exist.
    """
    model, milder = example("not-congruent"), example("interim-only")
    failing = [e for e in (BAYESIAN, EX_POST) if not supported(model, e)]
    witness = support(efficient_rule(model), EX_POST).cycle
    gain = "none" if witness is None else text(witness.gain)
    size = 0 if witness is None else len(witness.signals)
    computed = f"no transfers, {' and '.join(failing)}: a cycle of {size} types gains {gain}"
    exceptions = []
    if not congruence(milder).holds and supported(milder) and not supported(milder, EX_POST):
        exceptions.append(
            "in expectation over the others' signals transfers may exist all the same (model interim-only)"
        )
    flat = _without_social_effect()
    if not congruence(flat).strict and supported(flat, EX_POST):
        exceptions.append("an agent whose signal does not move the sum of values violates (5.1) and is harmless")
    told = 'so in this example; as it stands the "only if" of section 6 goes too far for (5.1): '
    caveat = told + "; ".join(exceptions) if exceptions else ""
    method = "negative cycles in the graph of types, 21 signals each"
    return sentence(len(failing) == 2, computed, method, caveat=caveat, wrong="transfers exist")


def _without_social_effect() -> InterdependentModel:
    """The model that violates (5.1), with a harm to the other agent as large as the gain: no effect on the sum."""
    return example("not-congruent").with_strength(Fraction(1, 2))
