"""The bundled examples, special cases in which it works, and degenerate models."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

import eqsolve.interdependent.support as support_module
from eqsolve.errors import ModelError, NotSupported, SizeError
from eqsolve.interdependent.congruence import NO_SOCIAL_EFFECT, compare, congruence
from eqsolve.interdependent.efficient import efficient_rule, tabulated
from eqsolve.interdependent.incentives import check_ex_post
from eqsolve.interdependent.model import Coordinate, InformedAgent, InterdependentModel, evenly, on_grid
from eqsolve.interdependent.second_best import second_best
from eqsolve.interdependent.study import examine_interdependent as study
from eqsolve.interdependent.support import support
from eqsolve.interdependent.thresholds import threshold_transfers
from eqsolve.interdependent.transfers import Transfers
from eqsolve.io.interdependent_file import load_interdependent, parse_interdependent
from eqsolve.ledger.interdependent import example, restored

HALF, ONE, ZERO = Fraction(1, 2), Fraction(1), Fraction(0)


def test_the_coarsest_grid_and_its_cycle():
    found = study(load_interdependent("two-informed"), range(2, 6), second=True)
    assert (found.coarsest(), found.coarsest_loss()) == (4, 5)
    cycle = found.points[2].support.cycle
    agent = found.points[2].model.agents[cycle.agent]
    assert [agent.signals[s] for s in cycle.signals] == [(0, 0), (1, Fraction(2, 3))]
    assert cycle.gain == Fraction(1, 24)


@pytest.mark.parametrize("name", ["two-informed", "one-informed"])
def test_congruence_restored(name):
    for _, model in restored(example(name)):
        for points in (2, 3, 4, 5):
            there = model.with_points(points)
            assert congruence(there).holds
            assert support(efficient_rule(there), "ex-post").exists


@pytest.mark.parametrize("name", ["two-informed", "one-informed", "maskin", "not-congruent", "never-rivals"])
def test_private_values_always_work(name):
    model = load_interdependent(name).with_strength(ZERO)
    assert congruence(model).holds
    assert support(efficient_rule(model), "ex-post").exists


@pytest.mark.parametrize("name", ["never-rivals", "one-informed", "not-congruent"])
def test_the_violation_is_that_of_the_worst_pair(name):
    found = congruence(load_interdependent(name))
    violations = [pair.violation for pair in found.pairs]
    assert len(set(violations)) > 1
    assert found.violation == found.worst.violation == max(violations)
    assert [pair.holds for pair in found.pairs] == [v == 0 for v in violations]


def test_violated_congruence_without_harm():
    """A and C are never the two best alternatives at once, so that (4.8) does not matter to them."""
    model = load_interdependent("never-rivals")
    worst = congruence(model).worst
    assert [model.alternatives[k] for k in worst.pair] == ["A", "C"]
    assert worst.violation == abs(ONE * 1 - ONE * 2)
    for points in (2, 5, 8):
        rule = efficient_rule(model.with_points(points))
        assert support(rule, "ex-post").exists
        assert {0, 1, 2} <= set(rule.outcomes.ravel().tolist())


def test_violations():
    assert compare((ONE, -ONE), (ONE, -2 * ONE)) == (1, "direction")  # |1 * 2 - 1 * 1|, as in (4.8)
    assert compare((ONE, -ONE), (2 * ONE, -2 * ONE)) == (0, "")
    assert compare((ONE,), (-ONE,)) == (1, "sign")
    assert compare((ZERO, ZERO), (ONE, ONE)) == (0, "")
    assert compare((ONE,), (ZERO,)) == (0, NO_SOCIAL_EFFECT)


def model_of(agents, coefficients, constants=None, ties="first"):
    k = len(coefficients[0])
    constants = constants or tuple((ZERO,) * k for _ in agents)
    return InterdependentModel(tuple("ABCDEFGH"[:k]), tuple(agents), coefficients, constants, ties)


def one_agent(points=3, alternatives=2, ties="first"):
    agent = on_grid("only", [evenly("s", ZERO, ONE, points)])
    return model_of([agent], (tuple(((Fraction(k),),) for k in range(alternatives)),), ties=ties)


@pytest.mark.parametrize("incentives", ["bayesian", "ex-post"])
@pytest.mark.parametrize("ties", ["first", "uniform"])
def test_degenerate_models_work(incentives, ties):
    two = [on_grid(name, [evenly("s", ZERO, ONE, 3)]) for name in "12"]
    none = (((ZERO,), (ZERO,)), ((ZERO,), (ZERO,)))
    models = [
        one_agent(ties=ties),
        one_agent(points=1, ties=ties),
        one_agent(alternatives=1, ties=ties),
        model_of(two, (none, none), ties=ties),  # nothing matters: all alternatives are tied everywhere
        model_of(
            [InformedAgent(n, (), ((),), (ONE,)) for n in "12"], (((), ()),) * 2 and ((((), ()),) * 2,) * 2, ties=ties
        ),
    ]
    for model in models:
        rule = efficient_rule(model)
        found = support(rule, incentives)
        assert found.exists
        assert second_best(model, incentives).loss == 0
        assert congruence(model).holds
        if ties == "first":
            assert check_ex_post(rule, threshold_transfers(rule)).holds


def test_signals_of_probability_zero_bind_ex_post_only():
    """Of two types that would have to be kept apart, one never occurs."""
    model = load_interdependent("not-congruent").with_points(2)
    low, high = model.agents[0].signals
    certain = InformedAgent("1", ("s",), (low, high), (ONE, ZERO))
    there = replace(model, agents=(certain, model.agents[1]), ties="first")
    assert not support(efficient_rule(model)).exists
    assert support(efficient_rule(there)).exists
    assert not support(efficient_rule(there), "ex-post").exists


def test_numbers_of_any_length():
    """Multiplying all values by a number beyond machine integers changes nothing but the scale."""
    huge = 10**40 + 7
    for name in ("two-informed", "not-congruent"):
        model = load_interdependent(name).with_points(4)
        rows = tuple(tuple(tuple(tuple(x * huge for x in v) for v in row) for row in by) for by in model.coefficients)
        large = replace(
            model, coefficients=rows, constants=tuple(tuple(x * huge for x in row) for row in model.constants)
        )
        for incentives in ("bayesian", "ex-post"):
            small_cycle, cycle = (support(efficient_rule(m), incentives).cycle for m in (model, large))
            assert cycle.gain == huge * small_cycle.gain
        assert second_best(large).loss == huge * second_best(model).loss
        private = large.with_strength(ZERO)
        assert support(efficient_rule(private), "ex-post").exists
    one = load_interdependent("one-dimensional").with_points(4)
    rows = tuple(tuple(tuple(tuple(x * huge for x in v) for v in row) for row in by) for by in one.coefficients)
    rule = efficient_rule(replace(one, coefficients=rows))
    assert rule.tables.exact_type is object
    assert check_ex_post(rule, threshold_transfers(rule)).holds


@pytest.mark.parametrize("power", range(56, 66))
def test_sizes_at_which_machine_integers_end(power):
    """Values that fit, and lotteries of them that no longer do: lots have a denominator of their own, 60 here."""
    names = "ABCDE"
    types = ", ".join(
        f'{{ signal = {{ {", ".join(f"{a} = {int(a in names[:k])}" for a in names)} }}, prob = "1/5" }}'
        for k in range(1, 6)
    )
    text = f"""kind = "interdependent"
alternatives = [{", ".join(f'"{a}"' for a in names)}]
ties = "uniform"
[agents.1]
types = [{types}]
values = {{ {", ".join(f"{a} = {{ 1 = 1 }}" for a in names)} }}
"""
    model = parse_interdependent(text)
    large = efficient_rule(replace(model, constants=((Fraction(2**power),) * len(names),)))
    assert large.share_scale == 60
    assert large.welfare == 2**power + 1
    assert (large.from_others(0).astype(object) == 2**power * large.scale).all()


def test_too_large():
    fine = load_interdependent("one-dimensional")
    with pytest.raises(SizeError, match="take a coarser grid"):
        efficient_rule(fine.with_points(500))
    with pytest.raises(SizeError, match="at most 20,000"):
        load_interdependent("two-informed").with_points(300)
    with pytest.raises(SizeError):
        fine.with_points(10**9)
    rule = efficient_rule(fine.with_points(110))
    nothing = Transfers((rule.outcomes * 0,) * 3, 1)
    with pytest.raises(SizeError, match="lies"):
        check_ex_post(rule, nothing)


def test_models_that_do_not_fit():
    agent = InformedAgent("1", ("s",), ((ZERO,), (ONE,)), (HALF, HALF))
    with pytest.raises(ModelError, match="sum to"):
        InformedAgent("1", ("s",), ((ZERO,),), (HALF,))
    with pytest.raises(ModelError, match="twice"):
        InformedAgent("1", ("s",), ((ZERO,), (ZERO,)), (HALF, HALF))
    with pytest.raises(ModelError, match="at least 0"):
        InformedAgent("1", ("s",), ((ZERO,), (ONE,)), (-ONE, 2 * ONE))
    with pytest.raises(ModelError, match="coordinates"):
        InformedAgent("1", ("s", "t"), ((ZERO,), (ONE,)), (HALF, HALF))
    with pytest.raises(ModelError, match="distinct values"):
        Coordinate("s", (ONE, ONE), (HALF, HALF))
    with pytest.raises(ModelError, match="coefficients"):
        model_of([agent], ((((ONE, ONE),),),))
    with pytest.raises(ModelError, match="distinct names"):
        model_of([agent, agent], (((((ONE,),) * 2),),) * 2)
    with pytest.raises(ModelError, match="ties"):
        replace(one_agent(), ties="last")
    with pytest.raises(ModelError, match="points"):
        replace(one_agent(), agents=(agent,)).with_points(3)
    with pytest.raises(ModelError, match="choices"):
        tabulated(one_agent(), np.array([0, 1]))
    with pytest.raises(ModelError, match="choices"):
        tabulated(one_agent(), np.array([0, 1, 2]))
    many = one_agent(alternatives=2)
    wide = replace(
        many,
        alternatives=tuple(f"a{k}" for k in range(50)),
        coefficients=(tuple(((Fraction(k),),) for k in range(50)),),
        constants=((ZERO,) * 50,),
        ties="uniform",
    )
    with pytest.raises(NotSupported, match="at most 40"):
        efficient_rule(wide)
    with pytest.raises(ValueError, match="incentives"):
        support(efficient_rule(many), "dominant")


def test_limits_of_cycles(monkeypatch):
    model = load_interdependent("two-informed").with_points(4)
    rule = efficient_rule(model)
    for name, incentives in (("MAX_TYPES", "bayesian"), ("MAX_EDGES", "ex-post"), ("MAX_WORK", "ex-post")):
        with monkeypatch.context() as patch:
            patch.setattr(support_module, name, 10)
            with pytest.raises(SizeError, match="take a coarser grid"):
                support(rule, incentives)
