"""Document 002: the verdicts, and figures of theirs by hand."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest


def test_the_ratio_is_that_of_the_sums(settled):
    found = settled("002.ratio")
    assert (found.verdict, found.computed) == ("holds-with-caveat", "N - 1")
    # two agents, two dates, f = x/(1 + x), q̄ = 2, β = 1/2: money of date 2 over money of date 1
    totals = [Fraction(3), Fraction(4)]
    by_date = [w * Fraction(2) / (w + 2) for w in totals]
    assert (by_date[0] * 2 + by_date[1]) / (by_date[0] + by_date[1] / 2) == 2
    assert "16 for N = 3, T = 4" in found.caveat


def test_a_project_that_yields_without_resource_makes_the_unlinked_mechanism_dear(settled):
    found = settled("002.prop2.f0")
    assert found.verdict == "erratum"
    assert "f(0) = 0 is needed" in found.caveat
    # all endowments of a date sum to 6, q̄ = 3: a unit yields 1 + 1/3; the two others of each agent, over all agents
    assert Fraction(2 * 12) * Fraction(4, 3) == 32
    assert Fraction(2 * 12) * Fraction(1, 3) == 8
    assert "32 unlinked, 8 possible" in found.computed


def test_linked_payments_on_the_grid(settled):
    found = settled("002.linkedVCG.grid")
    assert found.verdict == "holds-with-caveat"
    paths = [p for p in itertools.product((1, 2, 3), repeat=3) if sum(p) == 6]

    def worth(mine, theirs):
        return sum(Fraction(s * 2, s + z + 2) for z, s in zip(mine, theirs, strict=True))

    paid = [worth(r, o) - min(worth(x, o) for x in paths) for r, o in itertools.product(paths, repeat=2)]
    assert f"gets {sum(paid) / len(paid)} on average" in found.caveat
    full = [worth(r, o) for r, o in itertools.product(paths, repeat=2)]
    assert f"unlinked {sum(full) / len(full)}" in found.caveat


@pytest.mark.parametrize(("name", "verdict"), [("lemma1", "holds-with-caveat"), ("prop1", "holds")])
def test_the_general_results_hold(settled, name, verdict):
    found = settled(f"002.{name}")
    assert found.verdict == verdict
    assert "empty" in found.caveat or name == "prop1"


@pytest.mark.parametrize("cheaper", ["unsound", "no cheaper"])
def test_cheaper_payments_that_tempt_to_lie_refute_nothing(monkeypatch, cheaper):
    """Only payments that are both cheaper and incentive compatible contradict Proposition 2."""
    from eqsolve.ledger import statistical
    from eqsolve.ledger.settled import Published

    def payments(problem, endowments):
        full = problem.unlinked_transfers(endowments)
        return full if cheaper == "no cheaper" else [max(Fraction(0), x - endowments[0][0]) for x in full]

    monkeypatch.setattr(statistical.ResourceProblem, "least_transfers", payments)
    found = statistical.unlinked_is_cheapest(Published("002.prop2.f0", "002", "Prop 2", ""))
    assert found.verdict == "holds"
    assert f"not negative: {cheaper == 'no cheaper'}" in found.computed


@pytest.mark.parametrize(
    ("settler", "name"),
    [("threshold_mechanism", "not-congruent"), ("one_informed", "trivial")],
)
def test_verdicts_on_interdependent_values_turn_with_the_model(monkeypatch, settler, name):
    from eqsolve.ledger import interdependent
    from eqsolve.ledger.settled import Published

    model = interdependent.example("one-informed" if name == "trivial" else name)
    wrong = model.with_strength(Fraction(0)) if name == "trivial" else model
    monkeypatch.setattr(interdependent, "example", lambda _: wrong)
    assert getattr(interdependent, settler)(Published("x", "003", "", "")).verdict == "erratum"
