"""The best mechanism against a program that lists all type vectors and lies, and figures worked out by hand."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from listed_mechanisms import Listed
from random_problems import random_problem

import eqsolve as eq
from eqsolve.errors import LimitReached, ModelError, NotSupported, SizeError
from eqsolve.mechanisms.optimal import Requirements, optimal_mechanism
from eqsolve.mechanisms.participation import Participation
from eqsolve.problem import Agent, DecisionProblem, Type

SIZES = [(2, 2, 1), (2, 2, 2), (2, 3, 1), (3, 2, 1), (1, 3, 2), (1, 2, 3)]
"""Agents, types and problems."""


def requirements(rng, problem):
    """Any requirements that go together."""
    quo = rng.choice(problem.decisions)
    transfers = rng.random() < 0.25
    incentives = "bic" if transfers else rng.choice(["bic", "bic", "dsic", "none"])
    participation = rng.choice(["none", "interim"] if transfers else ["none", "interim", "total", "problem"])
    return Requirements(incentives, participation, None if participation == "none" else quo, transfers)


def weights(rng, problem, wanted):
    if wanted.transfers and wanted.participation == "none":
        return [Fraction(1)] * problem.n
    return [Fraction(rng.randint(0, 2)) for _ in range(problem.n - 1)] + [Fraction(1)]


def respects(found):
    """Whether a mechanism meets its requirements."""
    wanted = found.requirements
    if wanted.incentives == "bic" and found.regret != 0:
        return False
    if wanted.incentives == "dsic" and found.ex_post_regret != 0:
        return False
    if wanted.participation in ("interim", "total"):
        quo = found.problem.decisions.index(wanted.status_quo)
        family = Participation(found.orbits, quo, wanted.participation, wanted.transfers)
        if list(family.violated(found._candidate, Fraction(0))):
            return False
    return all(min(row) >= 0 and sum(row) == 1 for row in found.lotteries)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("seed", range(8))
def test_random_problems_against_the_program_with_everything_listed(size, seed):
    n, types, copies = size
    rng = random.Random(f"{size} {seed}")
    problem = random_problem(rng, n, types)
    wanted = requirements(rng, problem)
    importance = weights(rng, problem, wanted)
    found = optimal_mechanism(problem, copies, wanted, weights=importance)
    assert respects(found)
    assert found.welfare == sum(w * p for w, p in zip(importance, found.payoffs, strict=True))
    if n == 1 and wanted.transfers:
        wanted = Requirements(wanted.incentives, wanted.participation, wanted.status_quo)  # nobody to be paid by
    best = Listed(problem, copies).best(
        wanted.incentives, wanted.participation, wanted.status_quo, wanted.transfers, importance
    )
    assert float(found.welfare) == pytest.approx(best, abs=1e-7)


@pytest.mark.slow
@pytest.mark.parametrize("size", [(2, 3, 2), (3, 2, 2), (2, 2, 3)], ids=str)
@pytest.mark.parametrize("seed", range(3))
def test_larger_random_problems_against_the_program_with_everything_listed(size, seed):
    test_random_problems_against_the_program_with_everything_listed(size, seed + 100)


@pytest.mark.parametrize(("model", "copies"), [("object", 2), ("voting", 1), ("taking-turns", 1)])
def test_bundled_models_against_the_program_with_everything_listed(model, copies):
    problem = eq.load(model).problem
    for incentives in ("bic", "dsic"):
        found = optimal_mechanism(problem, copies, Requirements(incentives))
        assert float(found.welfare) == pytest.approx(Listed(problem, copies).best(incentives), abs=1e-7)


@pytest.mark.parametrize(
    ("copies", "payoff"), [(1, "11/4"), (2, "115/32"), (3, "1213/320"), (4, "1975/512"), (8, "507895/131072")]
)
def test_one_object_pays_both_the_same(copies, payoff):
    found = optimal_mechanism(eq.load("object").problem, copies)
    assert found.payoffs == (Fraction(payoff),) * 2
    assert found.regret == 0
    if copies != 3:
        assert Fraction(31, 8) - found.payoffs[0] == Fraction(9, 2) / 4**copies


def test_all_high_against_all_low_bounds_the_gap():
    """The lies that prove it concern only vectors that are all of one type; the bound holds for every K."""
    found = optimal_mechanism(eq.load("object").problem, 4)
    assert {c.label[2:4] for c in found.multipliers} <= {((4, 0), (0, 4)), ((0, 4), (4, 0))}


def test_no_incentives_leave_the_first_best():
    for model in ("object", "voting", "collusion"):
        loaded = eq.load(model)
        found = optimal_mechanism(loaded.problem, 2, Requirements("none"))
        assert found.welfare == sum(loaded.target())


def test_bargaining_with_participation_on_one_problem():
    problem = eq.load("bargaining").problem
    for stage, welfare in (("none", "16/3"), ("total", "320/63"), ("problem", "320/63")):
        wanted = Requirements(participation=stage, status_quo="no_trade" if stage != "none" else None)
        assert optimal_mechanism(problem, 1, wanted).welfare == Fraction(welfare)


def test_transfers_reach_the_first_best_of_the_object():
    """Expected externality: with transfers that balance, what is efficient can be had (d'Aspremont, Gerard-Varet)."""
    loaded = eq.load("object")
    assert optimal_mechanism(loaded.problem, 1, Requirements(transfers=True)).welfare == sum(loaded.target())


def test_one_agent_is_paid_by_nobody():
    agent = Agent("1", (Type("a", "1/2", {"x": 1}), Type("b", "1/2", {"x": 1, "y": 2})))
    problem = DecisionProblem(("x", "y"), (agent,))
    found = optimal_mechanism(problem, 2, Requirements(transfers=True))
    assert not found.transfers
    assert found.welfare == Fraction(3, 2)


@pytest.mark.parametrize("scale", [Fraction(1, 10**12), Fraction(10**12)])
def test_units_of_utility_do_not_matter(scale):
    problem = eq.load("object").problem
    agents = [
        Agent(a.name, tuple(Type(t.name, t.prob, {d: scale * q for d, q in t.utility.items()}) for t in a.types))
        for a in problem.agents
    ]
    assert optimal_mechanism(DecisionProblem(problem.decisions, agents), 3).welfare == scale * Fraction(1213, 160)


def test_what_cannot_be_done_is_refused():
    problem = eq.load("object").problem
    for wanted, error in (
        (Requirements("best"), ModelError),
        (Requirements(participation="always"), ModelError),
        (Requirements(participation="total"), ModelError),
        (Requirements(participation="total", status_quo="nobody"), ModelError),
        (Requirements("dsic", transfers=True), NotSupported),
        (Requirements(participation="problem", status_quo="to_1", transfers=True), NotSupported),
    ):
        with pytest.raises(error):
            optimal_mechanism(problem, 2, wanted)
    for bad in ([1], [0, 0], [-1, 2]):
        with pytest.raises(ModelError, match="weights"):
            optimal_mechanism(problem, 2, weights=list(map(Fraction, bad)))
    with pytest.raises(NotSupported, match="no bound"):
        optimal_mechanism(problem, 2, Requirements(transfers=True), weights=[Fraction(1), Fraction(2)])
    with pytest.raises(ModelError, match="copies"):
        optimal_mechanism(problem, 0)
    with pytest.raises(SizeError, match="lotteries"):
        optimal_mechanism(problem, 100)
    with pytest.raises(LimitReached):
        optimal_mechanism(problem, 12, max_seconds=1e-9)
