"""Groves mechanisms, expected externalities and balanced budgets against definitions, and mutations that are caught."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from fractions import Fraction

import pytest
from transfer_problems import gains, losses, payoff, random_mechanism, random_transfers

from eqsolve.errors import ModelError
from eqsolve.io.transfers_file import load_transfers
from eqsolve.problem import Agent, DecisionProblem, Type
from eqsolve.transfers.analysis import MECHANISMS
from eqsolve.transfers.balance import balanced, balanced_ir_vcg, expected_externality, original_externality
from eqsolve.transfers.checks import Checks, interim_shift, is_groves
from eqsolve.transfers.efficient import efficient_rule, is_efficient, tie_report
from eqsolve.transfers.groves import groves, ir_vcg, participation_subsidies, vcg, veil_groves
from eqsolve.transfers.problem import DirectMechanism, QuasiLinearProblem
from eqsolve.transfers.refinement import limit

SIZES = [(1, 3), (2, 2), (2, 3), (3, 2)]


def gain(witness):
    return Fraction(0) if witness is None else witness.gain


@pytest.mark.parametrize("seed", range(12))
def test_checks_agree_with_definitions(seed):
    rng = random.Random(seed)
    mechanism = random_mechanism(rng, random_transfers(rng, *SIZES[seed % 4]))
    checks = Checks(mechanism)
    assert (gain(checks.dominant), gain(checks.ex_post), gain(checks.bayesian)) == gains(mechanism)
    assert (gain(checks.interim_participation), gain(checks.ex_post_participation)) == losses(mechanism)
    possible = [p for p, q in enumerate(mechanism.problem.probabilities) if q]
    left = [mechanism.surplus(p) for p in possible]
    assert (checks.budget.least, checks.budget.most) == (min(left), max(left))
    expected = sum(mechanism.problem.probabilities[p] * x for p, x in zip(possible, left, strict=True))
    assert checks.budget.expected == expected


@pytest.mark.parametrize("seed", range(8))
def test_witnesses_are_what_they_say(seed):
    rng = random.Random(seed)
    problem = random_transfers(rng, *SIZES[seed % 4])
    mechanism = random_mechanism(rng, problem)
    checks = Checks(mechanism)
    for witness in (checks.dominant, checks.ex_post):
        if witness is not None:
            i = problem.problem.agent_index(witness.agent)
            u, v = (problem.problem.agents[i].type_index(name) for name in (witness.type, witness.report))
            others = [
                problem.problem.agents[j].type_index(witness.others[problem.problem.agents[j].name])
                for j in range(problem.n)
                if j != i
            ]
            assert payoff(mechanism, i, u, (*others[:i], u, *others[i:])) == witness.truth
            assert payoff(mechanism, i, u, (*others[:i], v, *others[i:])) == witness.lie


@pytest.mark.parametrize("seed", range(8))
def test_truth_is_dominant_under_any_charges_and_any_tie_rule(seed):
    rng = random.Random(seed)
    problem = random_transfers(rng, *SIZES[seed % 4])
    table = {}
    charges = [
        lambda others, i=i: table.setdefault((i, others), Fraction(rng.randint(-9, 9), 2)) for i in range(problem.n)
    ]
    order = list(problem.problem.decisions)
    rng.shuffle(order)
    picked = {
        profile: problem.problem.decisions[rng.choice(best)]
        for profile, best in zip(problem.profiles, problem.efficient, strict=True)
    }
    for ties in ("first", "last", "uniform", order, picked):
        for mechanism in (groves(problem, charges, ties), vcg(problem, ties), veil_groves(problem, ties)):
            assert gains(mechanism)[0] == 0
            assert Checks(mechanism).dominant is None
            assert is_groves(mechanism) is None
            assert is_efficient(problem, mechanism.allocation) is None


@pytest.mark.parametrize("name", ["trade", "partnership", "bridge"])
@pytest.mark.parametrize("ties", ["first", "last", "uniform"])
def test_every_groves_mechanism_is_dominant_on_its_grid_and_a_mutated_payment_is_caught(name, ties):
    problem = load_transfers(name).problem()
    for key in ("groves", "vcg", "ir-vcg"):
        mechanism = MECHANISMS[key](vcg(problem, ties), ties)
        assert gains(mechanism)[0] == 0
        checks = Checks(mechanism)
        assert checks.dominant is None
        assert checks.ex_post is None
        assert checks.bayesian is None
        p = len(problem.profiles) // 2
        paid = [list(row) for row in mechanism.transfers]
        paid[p][0] += Fraction(1, 1000) if key != "vcg" else -7
        mutated = replace(mechanism, transfers=tuple(map(tuple, paid)))
        assert is_groves(mutated) is not None
        if key == "vcg":  # cheaper at one report: a neighbour reports it
            witness = Checks(mutated).dominant
            assert witness is not None
            assert witness.agent == problem.problem.agents[0].name
            assert witness.gain == gains(mutated)[0] > 0
            assert Checks(mutated).bayesian is not None


@pytest.mark.parametrize("seed", range(8))
def test_pivot_payments_are_what_the_others_lose(seed):
    rng = random.Random(seed)
    problem = random_transfers(rng, *SIZES[1 + seed % 3])
    mechanism = vcg(problem, "last")
    for p, profile in enumerate(problem.profiles):
        d = next(k for k, q in enumerate(mechanism.allocation[p]) if q)
        assert problem.welfares[p][d] == max(problem.welfares[p])
        for i in range(problem.n):
            without = [
                sum(problem.values[j][profile[j]][x] for j in range(problem.n) if j != i) - problem.costs[x]
                for x in range(len(problem.costs))
            ]
            assert mechanism.transfers[p][i] == max(without) - without[d]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("division", ["next", "equal"])
def test_theorem_2_balances_with_costs_and_shifts_interim_payoffs(seed, division):
    rng = random.Random(seed)
    problem = random_transfers(rng, *SIZES[1 + seed % 3])
    for old in (random_mechanism(rng, problem), vcg(problem)):
        new = balanced(old, division)
        assert all(new.surplus(p) == 0 for p in range(len(problem.profiles)))
        assert interim_shift(old, new) == (old.expected_surplus / problem.n,) * problem.n
        assert gains(new)[2] == gains(old)[2]


def test_both_divisions_expect_the_same_and_pay_differently():
    problem = load_transfers("bridge").problem()
    one, two = (expected_externality(problem, "first", division) for division in ("next", "equal"))
    assert one.transfers != two.transfers
    assert all(one.payoffs.payments(i) == two.payoffs.payments(i) for i in range(3))
    assert Checks(one).bayesian is None
    assert Checks(one).dominant is not None


@pytest.mark.parametrize("seed", range(6))
def test_the_original_formula_balances_and_differs_by_constants(seed):
    rng = random.Random(seed)
    problem = random_transfers(rng, *SIZES[1 + seed % 3])
    one, two = expected_externality(problem), original_externality(problem)
    assert all(two.surplus(p) == 0 for p in range(len(problem.profiles)))
    assert gains(two)[2] == 0
    assert None not in interim_shift(one, two)


def test_the_original_formula_asks_the_buyer_for_a_half_more_in_the_limit():
    shifts = []
    for m in (2, 3, 4, 5):
        trade = load_transfers("trade").problem(m)
        shifts.append((m, interim_shift(expected_externality(trade), original_externality(trade))))
    assert limit([(m, buyer) for m, (buyer, _) in shifts]).value == Fraction(-1, 2)
    assert all(buyer + seller == 0 for _, (buyer, seller) in shifts)


@pytest.mark.parametrize("seed", range(6))
def test_ir_vcg_is_the_cheapest_shift_by_which_all_take_part(seed):
    rng = random.Random(seed)
    problem = random_transfers(rng, *SIZES[seed % 4])
    mechanism = ir_vcg(problem)
    assert losses(mechanism)[0] == 0
    assert gains(mechanism)[0] == 0
    for i, psi in enumerate(participation_subsidies(vcg(problem))):
        less = [list(row) for row in mechanism.transfers]
        for row in less:
            row[i] += Fraction(1, 100)
        assert losses(replace(mechanism, transfers=tuple(map(tuple, less))))[0] > 0
        assert {a[i] - b[i] for a, b in zip(vcg(problem).transfers, mechanism.transfers, strict=True)} == {psi}


def test_tie_rules_move_neither_payoffs_nor_budgets_of_groves_mechanisms():
    problem = load_transfers("trade").problem()
    report = tie_report(problem)
    assert len(report.profiles) == 5
    assert report.probability == Fraction(1, 5)
    assert report.matters
    one, two = vcg(problem, "first"), vcg(problem, "last")
    assert one.transfers != two.transfers
    assert one.expected_surplus == two.expected_surplus
    for p in range(len(problem.profiles)):
        assert one.surplus(p) == two.surplus(p)
    assert all(one.payoffs.utilities(i) == two.payoffs.utilities(i) for i in (0, 1))


def test_lump_sums_of_fang_and_norman_share_the_expected_gain():
    rng = random.Random(3)
    problem = random_transfers(rng, 3, 2)
    mechanism = veil_groves(problem)
    assert mechanism.expected_surplus == 0
    reserved = [
        sum(t.prob * r for t, r in zip(a.types, row, strict=True))
        for a, row in zip(problem.problem.agents, problem.outside, strict=True)
    ]
    surplus = sum(q * max(problem.welfares[p]) for p, q in enumerate(problem.probabilities))
    share = (surplus - sum(reserved)) / 3
    assert [mechanism.payoffs.ex_ante(i) for i in range(3)] == [r + share for r in reserved]


def test_what_does_not_fit_is_refused():
    agent = Agent("1", (Type("a", 1, {"x": 1}),))
    problem = DecisionProblem(("x", "y"), (agent,))
    with pytest.raises(ModelError, match="costs"):
        QuasiLinearProblem(problem, (1,))
    with pytest.raises(ModelError, match="outside"):
        QuasiLinearProblem(problem, (), ((1, 2),))
    quasi = QuasiLinearProblem(problem)
    with pytest.raises(ModelError, match="allocation"):
        DirectMechanism(quasi, ((Fraction(2), Fraction(-1)),), ((Fraction(0),),))
    with pytest.raises(ModelError, match="transfers"):
        DirectMechanism(quasi, ((Fraction(1), Fraction(0)),), ((),))
    with pytest.raises(ModelError, match="not efficient"):
        groves(quasi, [lambda others: Fraction(0)], allocation=((Fraction(0), Fraction(1)),))
    with pytest.raises(ModelError, match="outside"):
        balanced_ir_vcg(quasi)
    with pytest.raises(ModelError, match="single agent"):
        expected_externality(quasi)
    with pytest.raises(ModelError, match="ties"):
        efficient_rule(quasi, "best")
    with pytest.raises(ModelError, match="status quo"):
        QuasiLinearProblem.with_status_quo(problem, {"x": "1/2"})


def test_payoffs_beyond_machine_integers_are_exact():
    big = Fraction(10**30, 10**9 + 7)
    agents = [
        Agent(n, (Type("a", Fraction(1, 3), {"x": big}), Type("b", Fraction(2, 3), {"y": 1 / big}))) for n in "12"
    ]
    mechanism = vcg(QuasiLinearProblem(DecisionProblem(("x", "y"), tuple(agents))))
    assert gains(mechanism)[0] == 0
    assert Checks(mechanism).dominant is None
    for i, u, v in itertools.product((0, 1), repeat=3):
        profiles = [(v, w) if i == 0 else (w, v) for w in (0, 1)]
        expected = sum(
            q * payoff(mechanism, i, u, profile)
            for q, profile in zip((Fraction(1, 3), Fraction(2, 3)), profiles, strict=True)
        )
        assert mechanism.payoffs.interim(i)[u][v] == expected
