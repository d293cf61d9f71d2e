"""The transfers (7.12) from their definition, and Theorem 5.1 against every lie."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction

import pytest
import random_signals as brute

from eqsolve.errors import NotSupported
from eqsolve.interdependent.congruence import congruence, weak_congruence
from eqsolve.interdependent.efficient import efficient_rule
from eqsolve.interdependent.incentives import check_ex_post
from eqsolve.interdependent.model import InterdependentModel, evenly, on_grid
from eqsolve.interdependent.support import support
from eqsolve.interdependent.thresholds import threshold_transfers
from eqsolve.interdependent.transfers import Transfers
from eqsolve.io.interdependent_file import load_interdependent


def slope(vector):
    return vector[0] if vector else Fraction(0)


def by_definition(model, i, rest):
    """Transfers of the alternatives on the upper envelope, given the others' signals, step by step."""
    social = [slope(row) for row in model.social(i)]
    private = [slope(row) for row in model.private(i)]
    zero = replace(
        model.agents[i],
        signals=((Fraction(0),) * model.agents[i].dimension,),
        probs=(Fraction(1),),
        grid=None,
    )
    base = replace(model, agents=tuple(zero if j == i else a for j, a in enumerate(model.agents)))
    place = brute.put(rest, i, 0)
    heights = brute.welfare(base, place)
    others = [w - base.value(i, k, place) for k, w in enumerate(heights)]
    k = min(range(len(social)), key=lambda a: (social[a], -heights[a], a))  # the best alternative far to the left
    at, paid = None, {k: Fraction(0)}
    while True:
        crossings = [
            ((heights[k] - heights[a]) / (social[a] - social[k]), social[a], a)
            for a in range(len(social))
            if social[a] > social[k]
        ]
        if not crossings:
            return paid
        at = min(c for c, _, _ in crossings)
        for _, _, a in sorted((c, s, a) for c, s, a in crossings if c == at):
            rise = others[a] - others[k] + (social[a] - private[a] - social[k] + private[k]) * at
            paid.setdefault(a, paid[k] + rise)
        k = max((s, -a) for c, s, a in crossings if c == at)
        k = -k[1]


def shifted(rule, transfers, i, rest):
    """Transfers as they are, by chosen alternative, less that of the alternative reported first."""
    size = rule.model.shape[i]
    found = {}
    for s in range(size):
        place = brute.put(rest, i, s)
        chosen = rule.lottery(place).index(1)
        found.setdefault(chosen, transfers.to(i, place))
        assert found[chosen] == transfers.to(i, place)
    return found


@pytest.mark.parametrize("seed", range(60))
def test_transfers_follow_the_definition(seed):
    model = brute.random_model(random.Random(seed), dimensions=(1,), ties="first", alternatives=3, signals=3)
    rule = efficient_rule(model)
    transfers = threshold_transfers(rule)
    for i in range(len(model.agents)):
        for rest in brute.others(model, i):
            wanted = by_definition(model, i, rest)
            assert shifted(rule, transfers, i, rest).items() <= wanted.items()


def test_theorem_5_1_on_random_models():
    held = broken = 0
    for seed in range(150):
        model = brute.random_model(random.Random(seed), dimensions=(1,), ties="first", alternatives=3)
        check = check_ex_post(efficient_rule(model), threshold_transfers(efficient_rule(model)))
        if weak_congruence(model):
            held += 1
            assert check.holds
        broken += not check.holds
        if check.holds:
            assert support(efficient_rule(model), "ex-post").exists
    assert held > 2
    assert broken > 10


def test_theorem_5_1_at_every_profile():
    """3 agents, 3 alternatives, 21 signals each: 9,261 profiles."""
    model = load_interdependent("one-dimensional")
    assert weak_congruence(model)
    rule = efficient_rule(model)
    transfers = threshold_transfers(rule)
    check = check_ex_post(rule, transfers)
    assert (check.profiles, check.lies, check.gain) == (9261, 555_660, 0)
    # the check can fail: paid a little more at one profile an agent would report it elsewhere
    more = transfers.values[0].copy()
    more[3, 4, 5] += 1
    tempted = check_ex_post(rule, Transfers((more, *transfers.values[1:]), transfers.scale))
    assert tempted.gain > 0
    assert tempted.best.agent == 0


def test_a_violation_has_a_witness():
    """Turning one agent's effects around violates (5.1), and a lie pays."""
    model = load_interdependent("one-dimensional").with_points(6)
    rows = [list(map(list, by)) for by in model.coefficients]
    rows[1][0][0] = (Fraction(-5),)  # alternative A, agent 1's favourite, harms agent 2 more the more agent 1 gains
    broken = replace(model, coefficients=tuple(tuple(map(tuple, by)) for by in rows))
    assert not weak_congruence(broken)
    worst = congruence(broken).worst
    assert (worst.agent, worst.why) == (0, "sign")
    rule = efficient_rule(broken)
    check = check_ex_post(rule, threshold_transfers(rule))
    assert check.best is not None
    assert check.best.agent == 0
    assert not support(rule, "ex-post").exists


def test_what_the_transfers_are_not_defined_for():
    with pytest.raises(NotSupported, match="several coordinates"):
        threshold_transfers(efficient_rule(load_interdependent("two-informed").with_points(2)))
    model = replace(load_interdependent("one-dimensional").with_points(2), ties="uniform")
    with pytest.raises(NotSupported, match="uniform"):
        threshold_transfers(efficient_rule(model))


def test_thresholds_with_many_denominators():
    """Slopes without common factors: transfers of all agents still have one denominator, and no number overflows."""
    agents, steps = 4, (Fraction(99_991), Fraction(99_989), Fraction(99_971), Fraction(99_961))
    people = tuple(on_grid(str(i), [evenly("s", Fraction(0), Fraction(1), 3)]) for i in range(agents))
    own = tuple(
        tuple(tuple((steps[i] * k if i == j else steps[j] * k * (k - 1) / 7,) for j in range(agents)) for k in range(3))
        for i in range(agents)
    )
    model = InterdependentModel(("A", "B", "C"), people, own, ((Fraction(0), Fraction(-1), Fraction(-2)),) * agents)
    assert weak_congruence(model)
    rule = efficient_rule(model)
    transfers = threshold_transfers(rule)
    assert check_ex_post(rule, transfers).holds
    for rest in brute.others(model, 0)[:5]:
        assert shifted(rule, transfers, 0, rest).items() <= by_definition(model, 0, rest).items()
