"""Existence against a second formulation in floating point, closed forms, and certificates that are tampered with."""

from __future__ import annotations

import copy
import itertools
import json
import random
from fractions import Fraction

import numpy as np
import pytest
from scipy.optimize import linprog
from transfer_problems import chance, gains, losses, other_profiles, random_transfers

from eqsolve.certificate.check import check
from eqsolve.errors import ModelError
from eqsolve.io.transfers_certificate import existence_certificate
from eqsolve.transfers.checks import Checks
from eqsolve.transfers.efficient import efficient_rule, is_efficient
from eqsolve.transfers.existence import existence, largest_surplus, outside_range
from eqsolve.transfers.families import partnership_model, trade_model
from eqsolve.transfers.problem import QuasiLinearProblem
from eqsolve.transfers.requirements import BUDGETS, INCENTIVES, PARTICIPATION, Wanted

TIES = ("any", "first", "last", "uniform")


def slack(problem, wanted, ties):
    """The largest z at most 1 with which a mechanism meets all inequalities by z, payments listed at every profile."""
    profiles, n = problem.profiles, problem.n
    width = len(problem.problem.decisions)
    allowed = problem.efficient
    fixed = None if ties == "any" else efficient_rule(problem, ties)
    columns = len(profiles) * (width + n) + 1

    def row(terms):
        line = np.zeros(columns)
        for (i, u, report), weight in terms:  # weight times what agent i's type u gets by a profile of reports
            p = profiles.index(report)
            for d, w in enumerate(problem.values[i][u]):
                line[p * width + d] += weight * float(w)
            line[len(profiles) * width + p * n + i] -= weight
        return line

    upper, right, equal, values = [], [], [], []
    for i, agent in enumerate(problem.problem.agents):
        for u, v in itertools.product(range(len(agent.types)), repeat=2):
            groups = []
            if wanted.incentives == "bic" and agent.types[u].prob:
                groups = [[(o, float(chance(problem, i, o))) for o in other_profiles(problem, i)]]
            elif wanted.incentives in ("dsic", "ex-post"):
                groups = [
                    [(o, 1.0)]
                    for o in other_profiles(problem, i)
                    if wanted.incentives == "dsic" or (chance(problem, i, o) and agent.types[u].prob)
                ]
            for group in groups if u != v else []:
                line = row([((i, u, (*o[:i], v, *o[i:])), q) for o, q in group])
                line -= row([((i, u, (*o[:i], u, *o[i:])), q) for o, q in group])
                line[-1] = 1
                upper.append(line)
                right.append(0.0)
        for u, kind in enumerate(agent.types):
            groups = []
            if kind.prob and wanted.participation == "interim":
                groups = [[(o, float(chance(problem, i, o))) for o in other_profiles(problem, i)]]
            elif kind.prob and wanted.participation == "ex-post":
                groups = [[(o, 1.0)] for o in other_profiles(problem, i) if chance(problem, i, o)]
            for group in groups:
                line = -row([((i, u, (*o[:i], u, *o[i:])), q) for o, q in group])
                line[-1] = 1
                upper.append(line)
                right.append(-float(problem.outside[i][u]))
    lines = []
    for p in range(len(profiles)):
        line = np.zeros(columns)
        line[len(profiles) * width + p * n : len(profiles) * width + (p + 1) * n] = 1
        line[p * width : (p + 1) * width] = [-float(c) for c in problem.costs]
        lines.append(line)
        total = np.zeros(columns)
        total[p * width : (p + 1) * width] = 1
        equal.append(total)
        values.append(1.0)
    if wanted.budget == "balanced":
        equal += lines
        values += [0.0] * len(lines)
    elif wanted.budget == "ex-ante":
        equal.append(sum(float(q) * line for q, line in zip(problem.probabilities, lines, strict=True)))
        values.append(0.0)
    elif wanted.budget == "no-deficit":
        for line in lines:
            upper.append(-line)
            upper[-1][-1] = 1
            right.append(0.0)
    bounds = []
    for p in range(len(profiles)):
        for d in range(width):
            if fixed is not None:
                bounds.append((float(fixed[p][d]),) * 2)
            else:
                bounds.append((0, 1) if d in allowed[p] else (0, 0))
    bounds += [(None, None)] * (len(profiles) * n) + [(None, 1)]
    aim = np.zeros(columns)
    aim[-1] = -1
    found = linprog(aim, np.array(upper) if upper else None, right or None, np.array(equal), values, bounds)
    assert found.status == 0, found.message
    return -found.fun


@pytest.mark.parametrize("seed", range(28))
def test_existence_agrees_with_floating_point_and_certificates_are_valid(seed):
    rng = random.Random(seed)
    problem = random_transfers(rng, *rng.choice([(1, 3), (2, 2), (2, 3), (3, 2)]))
    wanted = Wanted(rng.choice(INCENTIVES), rng.choice(PARTICIPATION), rng.choice(BUDGETS))
    ties = rng.choice(TIES)
    found = existence(problem, wanted, ties)
    z = slack(problem, wanted, ties)
    if abs(z) > 1e-7:
        assert found.exists == (z > 0)
    if found.exists:
        dominant, ex_post, bayesian = gains(found.mechanism)
        assert {"dsic": dominant, "ex-post": ex_post, "bic": bayesian, "none": 0}[wanted.incentives] == 0
        interim, always = losses(found.mechanism)
        assert {"interim": interim, "ex-post": always, "none": 0}[wanted.participation] == 0
        left = [found.mechanism.surplus(p) for p in range(len(problem.profiles))]
        if wanted.budget == "balanced":
            assert not any(left)
        elif wanted.budget == "ex-ante":
            assert found.mechanism.expected_surplus == 0
        elif wanted.budget == "no-deficit":
            assert min(left) >= 0
        assert is_efficient(problem, found.mechanism.allocation) is None
        if ties != "any":
            assert found.mechanism.allocation == efficient_rule(problem, ties)
    document = existence_certificate(found)
    verdict = check(json.loads(json.dumps(document)))
    assert verdict.valid, verdict.reason
    assert ("there is no mechanism" in verdict.statement) != found.exists
    stated = copy.deepcopy(document)
    stated["statement"]["verdict"] = "refuted" if found.exists else "proved"
    assert not check(stated).valid


CLOSED = {
    "first": lambda m: Fraction((m - 1) * (5 - m), 6 * m * m),
    "last": lambda m: -Fraction((m - 1) * (m + 1), 6 * m * m),
    "uniform": lambda m: Fraction((m - 1) * (2 - m), 6 * m * m),
}


@pytest.mark.parametrize("ties", CLOSED)
@pytest.mark.parametrize("m", [2, 3, 5, 6, 9])
def test_bilateral_trade_on_grids_has_the_surplus_of_virtual_values(ties, m):
    """Downward constraints bind for the buyer, upward ones for the seller; virtual values, added up by hand."""
    problem = trade_model(m, ties=ties).problem()
    surplus, mechanism = largest_surplus(problem, ties=ties)
    assert surplus == CLOSED[ties](m)
    assert mechanism.expected_surplus == surplus
    answer = existence(problem, ties=ties)
    assert answer.exists == (surplus >= 0)
    if not answer.exists:
        assert check(existence_certificate(answer)).valid


def test_any_tie_rule_is_at_least_as_good_as_each():
    problem = partnership_model((Fraction(1, 4), Fraction(3, 4)), 4).problem()
    best, _ = largest_surplus(problem, ties="any")
    assert all(best >= largest_surplus(problem, ties=ties)[0] for ties in ("first", "last", "uniform"))


@pytest.fixture(scope="module")
def refuted():
    return existence_certificate(existence(trade_model(6).problem()))


def broken(document, path, value):
    found = copy.deepcopy(document)
    *keys, last = path
    place = found
    for key in keys:
        place = place[key]
    place[last] = value
    return check(found)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("evidence", "multipliers", 0, "multiplier"), "-1"),
        (("evidence", "multipliers", 0, "multiplier"), "17/3"),
        (("evidence", "multipliers", 0, "report"), "11/12"),
        (("evidence", "multipliers", 0, "agent"), "nobody"),
        (("evidence", "multipliers", 0, "requirement"), "wish"),
        (("evidence", "multipliers"), []),
        (("statement", "incentives"), "none"),
        (("statement", "participation"), "none"),
        (("statement", "budget"), "none"),
        (("statement", "rule"), {"efficient": "first", "more": 1}),
        (("statement", "rule"), {"efficient": "best"}),
        (("statement", "says"), "equilibrium"),
        (("game", "costs"), ["0", "-1"]),
        (("game", "agents", 1, "types", 0, "utility"), ["0", "1"]),
        (("game", "agents", 0, "types", 0, "prob"), "1/3"),
        (("game", "agents", 0, "types", 0, "outside"), "-1/2"),
        (("game", "agents", 0, "types", 0, "outside"), None),
        (("game", "kind"), "linked"),
    ],
)
def test_a_refutation_that_is_tampered_with_is_not_valid(refuted, path, value):
    assert check(refuted).valid
    assert not broken(refuted, path, value).valid


def test_stronger_requirements_are_refuted_by_the_same_multipliers(refuted):
    for key, value in (("incentives", "dsic"), ("incentives", "ex-post"), ("participation", "ex-post")):
        assert broken(refuted, ("statement", key), value).valid
    assert broken(refuted, ("statement", "budget"), "ex-ante").valid


def test_a_mechanism_that_is_tampered_with_is_not_valid():
    document = existence_certificate(existence(trade_model(3).problem()))
    assert check(document).valid
    for path, value in (
        (("evidence", "transfers", 0, 0), "1/7"),
        (("evidence", "allocation", 4), ["0", "1"]),
        (("evidence", "allocation", 0), ["1/2", "1/3"]),
        (("evidence", "transfers"), []),
    ):
        assert not broken(document, path, value).valid


def test_a_single_agent_and_a_given_rule():
    problem = trade_model(3).problem()
    never = (((Fraction(1), Fraction(0))),) * 9
    always = (((Fraction(0), Fraction(1))),) * 9
    assert existence(problem, allocation=never).exists
    answer = existence(problem, allocation=always)
    assert check(existence_certificate(answer)).valid
    assert not answer.exists  # a constant rule has one price: at most the lowest value, at least the highest cost
    assert not existence(problem, Wanted("dsic", "ex-post"), allocation=always).exists


@pytest.mark.parametrize("ties", ["uniform", "any"])
def test_the_shares_of_a_partnership_are_an_interval_that_existence_confirms(ties):
    m = 4
    base = partnership_model((Fraction(1, 2), Fraction(1, 2)), m, ties="uniform").problem().problem
    nothing = QuasiLinearProblem.with_status_quo(base, "to_2")
    low, high = outside_range(nothing, QuasiLinearProblem.with_status_quo(base, "to_1").outside, ties=ties)
    assert low + high == 1
    step = Fraction(1, 1000)
    for share, expected in ((low, True), (high, True), (low - step, False), (high + step, False)):
        outside = tuple(
            tuple((1 - share) * a + share * b for a, b in zip(x, y, strict=True))
            for x, y in zip(nothing.outside, QuasiLinearProblem.with_status_quo(base, "to_1").outside, strict=True)
        )
        assert existence(QuasiLinearProblem(base, (), outside), ties=ties).exists == expected


def test_questions_that_make_no_sense():
    problem = trade_model(2).problem()
    bare = QuasiLinearProblem(problem.problem)
    with pytest.raises(ModelError, match="outside"):
        existence(bare)
    assert existence(bare, Wanted("bic", "none")).exists
    with pytest.raises(ModelError, match="incentives"):
        Wanted("truthful")
    with pytest.raises(ModelError, match="nothing bounds"):
        largest_surplus(bare, Wanted("bic", "none"))
    assert Checks(existence(bare, Wanted("bic", "none")).mechanism).budget.balances
