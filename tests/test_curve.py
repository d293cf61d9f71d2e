"""Curves: figures against `solve`, estimates against exact figures, rates, what is known when the work is stopped."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from random_problems import random_problem, random_rule

import eqsolve as eq
from eqsolve.convergence import fit_rate, measuring
from eqsolve.judge import bounds

OBJECT = [Fraction(11, 4), Fraction(53, 16), None, Fraction(221, 64)]


def three_values(unit=1):
    """One object worth 1, 2 or 10 to one of two agents."""
    types = lambda d: tuple(eq.Type(str(x), "1/3", {d: x * unit}) for x in (1, 2, 10))  # noqa: E731
    problem = eq.DecisionProblem(("to_1", "to_2"), (eq.Agent("1", types("to_1")), eq.Agent("2", types("to_2"))))
    return eq.Model(problem, eq.utilitarian(problem), 3)


@pytest.mark.parametrize("name", ["object", "bargaining", "collusion", "taking-turns", "public-good"])
def test_figures_are_those_of_solve(name):
    model = eq.load(name)
    curve = eq.curve(model, [model.copies, 2 * model.copies])
    assert (curve.stopped, curve.scope, len(curve)) == (None, "label-free", 2)
    for point in curve:
        solution = eq.solve(model.link(point.copies), form="label-free")
        assert point.exact
        assert point.payoffs == solution.label_free_payoffs
        assert (point.floor, point.ceiling, point.target) == (solution.floor, solution.ceiling, solution.target)
        assert point.gap == tuple(t - p for t, p in zip(point.target, point.payoffs, strict=True))


def test_published_figures_of_one_object():
    curve = eq.curve(eq.load("object"), [4, 1, 2, 2])
    assert [p.copies for p in curve] == [1, 2, 4]
    assert [p.payoffs for p in curve] == [(x, x) for x in OBJECT if x is not None]
    assert [p.floor for p in curve] == [p.ceiling for p in curve] == [p.payoffs for p in curve]


def test_payoffs_of_loose_budgets_are_those_of_some_label_free_equilibrium():
    curve = eq.curve(eq.load("voting"), [2, 4])
    assert curve.scope == "found"
    assert curve[0].payoffs == (Fraction(13, 32),) * 2
    assert "others may exist" in str(curve)


@pytest.mark.parametrize("seed", range(40))
def test_estimates_are_within_their_error(seed):
    rng = random.Random(seed)
    n, types = rng.choice([(2, 2), (2, 3), (3, 2), (3, 3)])
    problem = random_problem(rng, n, types)
    model = eq.Model(problem, random_rule(rng, problem), 2)
    copies = [rng.randint(1, 12), rng.randint(13, 30)]
    exact, estimated = eq.curve(model, copies, exact=True), eq.curve(model, copies, exact=False)
    for p, q in zip(exact, estimated, strict=True):
        assert p.exact
        assert not q.exact
        assert q.ceiling == (None,) * n
        for i in range(n):
            assert q.error[i] < 1e-10
            for what in ("payoffs", "floor", "gap"):
                true, figure = getattr(p, what)[i], getattr(q, what)[i]
                assert isinstance(figure, float)
                assert abs(Fraction(figure) - true) <= Fraction(q.error[i])


def test_many_histograms_are_estimated_unasked_and_agree_with_exact_figures():
    model = three_values()
    curve = eq.curve(model, [30, 600])
    assert [p.exact for p in curve] == [True, False]
    exact = eq.curve(model, [600], exact=True)[0]
    for i in range(2):
        assert abs(Fraction(curve[1].payoffs[i]) - exact.payoffs[i]) <= Fraction(curve[1].error[i]) < 10**-12
    assert curve[1].floor == curve[1].payoffs
    assert curve[1].ceiling == (None, None)


def test_three_agents_have_floors_at_large_sizes():
    model = eq.load("taking-turns")
    curve = eq.curve(model, [9, 600])
    assert curve[0].floor[0] == bounds.floor(model.link(9), 0)
    assert curve[0].floor[0] < curve[1].floor[0] < curve[1].payoffs[0] < float(curve[1].target[0])
    assert max(curve[1].error) < 1e-10


def test_a_power_law_is_found():
    copies = [3 * 2**k for k in range(8)]
    rate = fit_rate(copies, [Fraction(7 * 10**6, 10**6) * Fraction(k) ** -1 for k in copies])
    assert rate.exponent == pytest.approx(-1)
    assert rate.constant == pytest.approx(7)
    assert rate.stderr == pytest.approx(0, abs=1e-12)
    assert rate.points == 8


def test_rates_are_least_squares_with_their_standard_error():
    scipy_stats = pytest.importorskip("scipy.stats")
    rng = random.Random(1)
    copies = list(range(2, 40))
    gaps = [k**-0.4 * rng.uniform(0.8, 1.2) for k in copies]
    line = scipy_stats.linregress(np.log(copies), np.log(gaps))
    rate = fit_rate(copies, gaps)
    assert rate.exponent == pytest.approx(line.slope)
    assert rate.stderr == pytest.approx(line.stderr)
    assert fit_rate(copies, [Fraction(g) * 10**500 for g in gaps]).exponent == pytest.approx(line.slope)
    assert fit_rate(copies, [Fraction(g) * 10**500 for g in gaps]).constant is None


def test_gaps_that_are_not_positive_do_not_count():
    assert fit_rate([1, 2, 3, 4], [1, 0, -1, Fraction(1, 2)]) is None
    assert fit_rate([1, 2, 3, 4], [1, None, Fraction(1, 2), Fraction(1, 3)]).points == 3
    assert fit_rate([], []) is None
    curve = eq.curve(eq.load("collusion"), [2, 4, 6])
    assert curve.rates[0] is None  # agent 1 always gets what it gets under truth and the rule
    assert curve.rates[1].exponent == curve.rates[2].exponent == pytest.approx(curve.rate.exponent)


def test_the_gap_closes_at_the_rate_of_the_bound():
    curve = eq.curve(eq.load("bargaining"), range(60, 301, 60))
    assert curve.rate.exponent == pytest.approx(-0.5, abs=0.01)
    weights = eq.load("bargaining").rule.objective
    assert curve.welfare_gap[0] == sum(w * g for w, g in zip(weights, curve[0].gap, strict=True))


def test_what_is_known_survives_a_stop(monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(measuring.bounds, "ceiling", interrupted)
    curve = eq.curve(eq.load("object"), [2, 4])
    assert curve.stopped == "interrupted"
    assert [p.payoffs for p in curve] == [(Fraction(53, 16),) * 2, (Fraction(221, 64),) * 2]
    assert [p.floor for p in curve] == [p.payoffs for p in curve]
    assert curve[0].ceiling == (None, None)
    assert "interrupted" in str(curve)
    late = eq.curve(eq.load("object"), [2, 4], max_seconds=1e-9)
    assert (late.stopped, len(late), late.rate) == ("time limit", 0, None)
    assert "time limit" in str(late)
    assert "time limit" in late._repr_html_()


def test_progress_is_told():
    told = []
    eq.curve(eq.load("object"), [2, 4], progress=told.append)
    assert [p.done for p in told] == list(range(told[0].total))
    assert {p.stage for p in told} == {"payoffs", "floors", "ceilings"}


def test_numbers_of_copies_that_cannot_be_linked_are_errors():
    model = eq.load("object")
    with pytest.raises(eq.ModelError, match="found none"):
        eq.curve(model, [])
    with pytest.raises(eq.ModelError, match="found 0"):
        eq.curve(model, [0, 2])
    fixed = replace(model, budget_rules=eq.BudgetRule("counts", {"low": 1, "high": 1}))
    with pytest.raises(eq.ModelError, match="expected 2"):
        eq.curve(fixed, [2, 4])
    picky = replace(
        model, budget_rules=eq.BudgetRule("bounds", at_least={"low": Fraction(1, 2), "high": Fraction(1, 2)})
    )
    assert len(eq.curve(picky, [2, 4])) == 2
    with pytest.raises(eq.ModelError, match=r"copies 3.*expected a budget that somebody can meet"):
        eq.curve(picky, [2, 3])
    with pytest.raises(eq.SizeError, match="exactly"):
        eq.curve(three_values(), [5000], exact=True)
    with pytest.raises(eq.SizeError, match="floating point"):
        eq.curve(three_values(), [20000])


def test_huge_payoffs_are_exact_or_refused():
    large = three_values(Fraction(10) ** 350)
    exact = eq.curve(large, [3, 6, 9])
    assert exact[0].exact
    assert "e+349" in str(exact)
    assert exact.rates[0].constant is None
    with pytest.raises(eq.NotSupported, match="exact"):
        eq.curve(large, [3], exact=False)


def test_curves_are_printable_and_become_frames():
    pd = pytest.importorskip("pandas", reason="pandas is not installed")
    curve = eq.curve(eq.load("bargaining"), range(3, 91, 3))
    assert "24 of 30 points" in str(curve)
    assert "K^-0.48" in str(curve)
    frame = curve.to_frame()
    assert isinstance(frame, pd.DataFrame)
    assert list(frame["copies"]) == list(range(3, 91, 3))
    assert frame["payoff 1"][0] == Fraction(584, 243)
    assert frame["error 1"][0] == 0
    hostile = eq.DecisionProblem(("a",), (eq.Agent("<script>", (eq.Type("t", 1),)),), "<b>$bold$</b>")
    html = eq.curve(eq.Model(hostile, eq.utilitarian(hostile)), [1, 2])._repr_html_()
    assert "<script>" not in html
    assert "<b>$bold" not in html
