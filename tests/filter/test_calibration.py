"""Calibration against every profile of messages, and the figures that are known."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import pairwise, product

import pytest
from filter_brute_force import distance_law, frequency, messages, panel_of, random_panel

import eqsolve as eq
from eqsolve.errors import ModelError, SizeError
from eqsolve.filter import calibration, joint_tables
from eqsolve.filter.calibration import Calibration, alpha_for, epsilon_for, false_alarm, family_wise
from eqsolve.filter.chances import Bracket
from eqsolve.filter.panel import Panel
from eqsolve.filter.plan import Plan, opposite
from eqsolve.filter.power import complete_power, power

F = Fraction
ALPHA = F(1, 20)


def even(n, copies):
    """Agents with two equally frequent types."""
    return panel_of(*[(copies // 2, copies // 2)] * n)


@pytest.mark.parametrize("kind", ["pairwise", "joint"])
@pytest.mark.parametrize("seed", range(16))
def test_false_alarms_are_those_of_all_profiles(seed, kind):
    panel = random_panel(seed, copies=(2, 5), most=1_500)
    law = distance_law(panel, kind)
    exact = Calibration(panel, kind)
    everybody = range(panel.n)
    values = sorted({F(0), F(1, 3), *(d for row in law for d in row)})
    for epsilon in values[:: max(1, len(values) // 4)]:
        for at_least in (False, True):
            each = tuple(frequency(law, (i,), epsilon, at_least) for i in everybody)
            assert exact.false_alarm(epsilon, at_least) == each
            assert exact.family_wise(epsilon, at_least) == frequency(law, everybody, epsilon, at_least)
        if exact.pairs_decide:
            bounds = exact.family_bounds(epsilon)
            assert bounds.low <= frequency(law, everybody, epsilon) <= bounds.high
    for i in everybody:
        assert exact.least(i) == min(row[i] for row in law)
        assert {row[i] for row in law} <= set(exact.values(i))
    for alpha in (F(0), ALPHA, F(1, 3), F(1)):
        for family in (False, True):
            groups = [tuple(everybody)] if family else [(i,) for i in everybody]
            wanted = min(e for e in values if all(frequency(law, g, e) <= alpha for g in groups))
            assert exact.epsilon_for(alpha, family) == wanted


@pytest.mark.parametrize("kind", ["pairwise", "joint"])
@pytest.mark.parametrize("seed", range(12))
def test_power_is_that_of_all_profiles(seed, kind):
    rng = random.Random(seed)
    panel = random_panel(seed + 100, copies=(2, 5), most=1_000)
    members = sorted(rng.sample(range(panel.n), rng.randint(1, panel.n)))
    draws = [{i: rng.choice(messages(panel, i)) for i in members} for _ in range(2)]
    plan = Plan.mixed(panel, [(F(1, 3), draws[0]), (F(2, 3), draws[1])])
    laws = [distance_law(panel, kind, planned=draw) for draw in draws]
    exact = Calibration(panel, kind)
    for epsilon in (F(0), F(1, 6), F(1, 4), F(2, 5), F(1, 2)):
        found = power(exact, plan, epsilon)

        def wanted(agents, epsilon=epsilon):
            return sum(p * frequency(law, agents, epsilon) for p, law in zip((F(1, 3), F(2, 3)), laws, strict=True))

        assert found.coalition == wanted(members)
        assert found.members == {i: wanted((i,)) for i in members}


def test_two_equally_frequent_types_and_two_agents():
    """At K = 8 complete collusion is first told from chance; K = 20 gives ε = 1/5."""
    firsts = []
    for copies in range(2, 21, 2):
        exact = Calibration(even(2, copies))
        epsilon = exact.epsilon_for(ALPHA)
        complete, pair = complete_power(exact, epsilon)
        assert pair == (0, 1)
        if complete:
            firsts.append((copies, epsilon, max(exact.false_alarm(epsilon))))
        else:
            assert epsilon == F(1, 2)
    assert firsts[0] == (8, F(1, 4), F(1, 35))
    assert firsts[-1] == (20, F(1, 5), F(1063, 46189))


@pytest.mark.parametrize("n", [3, 4])
@pytest.mark.parametrize("kind", ["pairwise", "joint"])
def test_with_three_or_four_agents_ten_problems_are_needed(n, kind):
    powers = {}
    for copies in (4, 6, 8, 10):
        exact = Calibration(even(n, copies), kind)
        powers[copies] = complete_power(exact, exact.epsilon_for(ALPHA))[0]
    assert powers == {4: 0, 6: 0, 8: 0, 10: 1}


def test_false_alarms_at_four_problems():
    assert set(false_alarm(even(2, 4), F(1, 4))) == {F(1, 3)}
    assert set(false_alarm(even(3, 4), F(1, 4))) == {F(5, 9)}
    assert family_wise(even(3, 4), F(1, 4)) == F(7, 9)


def test_games_and_their_budgets():
    game = eq.load("collusion").link(8)
    assert epsilon_for(game, ALPHA) == F(1, 4)
    assert alpha_for(game, F(1, 4)) == F(1, 35)
    assert alpha_for(game, F(1, 4), family_wise=True) == F(1, 35)
    assert false_alarm(game, F(1, 4)) == (0, F(1, 35), F(1, 35))
    assert Calibration.of(game).panel == Panel.of_model(eq.load("collusion"), 8)


def test_a_type_announced_once_makes_the_distance_coarse():
    """An agent that announces a type once flags itself: the single problem shows one type only."""
    panel = panel_of((1, 7), (4, 4))
    exact = Calibration(panel)
    assert exact.least(0) == F(1, 2)
    assert exact.false_alarm(F(49, 100))[0] == 1
    rare = Calibration(panel_of((1, 7), (1, 7)))
    assert rare.false_alarm(F(1, 8))[0] == F(1, 8)  # the rare types meet, 1 - min b/K away
    assert rare.values(0)[-1] == F(7, 8)


def test_joint_false_alarms_are_at_least_the_pairwise_ones():
    panel = even(3, 8)
    for epsilon in Calibration(panel).values(0):
        pairs, joint = (max(false_alarm(panel, epsilon, kind)) for kind in ("pairwise", "joint"))
        assert joint >= pairs
    assert max(false_alarm(panel, F(1, 4), "joint")) == F(33, 245)


def test_monotone_in_epsilon_and_the_smallest_is_taken():
    for panel in (panel_of((3, 4, 5), (6, 6), (2, 10)), even(2, 30)):
        exact = Calibration(panel)
        for i in range(panel.n):
            alarms = [exact.false_alarm(e)[i] for e in exact.values(i)]
            assert all(a >= b for a, b in pairwise(alarms))
            assert alarms[-1] == 0
        epsilon = exact.epsilon_for(ALPHA)
        below = max(v for i in range(panel.n) for v in exact.values(i) if v < epsilon)
        assert max(exact.false_alarm(epsilon)) <= ALPHA < max(exact.false_alarm(below))


@pytest.mark.parametrize(
    ("margin", "epsilon", "alarm"),
    [((500, 500), F(3, 100), 0.04987012), ((20, 20, 20), F(7, 30), 0.02701802), ((250, 750), F(23, 500), 0.04274088)],
)
def test_large_tables_are_exact(margin, epsilon, alarm):
    exact = Calibration(panel_of(margin, margin))
    assert exact.epsilon_for(ALPHA) == epsilon
    assert float(max(exact.false_alarm(epsilon))) == pytest.approx(alarm, abs=1e-7)
    assert exact.family_wise(epsilon) == max(exact.false_alarm(epsilon))


def test_family_wise_bounds_hold_what_the_list_says(monkeypatch):
    panel = panel_of((3, 3), (2, 4), (3, 3), (1, 5))
    values = sorted({v for i in range(4) for v in Calibration(panel).values(i)})
    exact = {epsilon: Calibration(panel).family_wise(epsilon) for epsilon in values}
    monkeypatch.setattr(calibration, "joint_law", too_many)
    for epsilon, wanted in exact.items():
        found = Calibration(panel).family_wise(epsilon)
        low, high = (found.low, found.high) if isinstance(found, Bracket) else (found, found)
        assert 0 <= low <= wanted <= high <= 1
    careful = Calibration(panel).epsilon_for(F(1, 4), family_wise=True)
    assert exact[careful] <= F(1, 4)
    with pytest.raises(SizeError):
        Calibration(panel, "joint").false_alarm(F(1, 4))


def too_many(*_):
    raise SizeError("too many tables")


def test_joint_tables_are_refused_before_memory_is_taken():
    with pytest.raises(SizeError, match="more than 1,000"):
        joint_tables.joint_tables([(50, 50)] * 3, 1_000)
    for margins in ([(1,) * 20] * 3, [(1, 1)] * 60):
        with pytest.raises(SizeError, match="kinds"):
            joint_tables.joint_tables(margins)


@pytest.mark.parametrize("seed", range(12))
def test_joint_tables_weigh_all_profiles(seed):
    panel = random_panel(seed, most=10**9)
    tables = joint_tables.joint_tables(panel.budgets)
    assert len({tuple(t) for t in tables.reshape(len(tables), -1).tolist()}) == len(tables)
    for i, budget in enumerate(panel.budgets):
        rest = tuple(j + 1 for j in range(panel.n) if j != i)
        assert (tables.sum(axis=rest) == budget).all()
    assert sum(joint_tables.table_weights(tables)) == panel.message_count()


def test_agents_without_a_choice_are_never_flagged():
    exact = Calibration(panel_of((4, 0), (0, 4)))
    assert exact.false_alarm(F(0)) == (0, 0)
    assert exact.family_wise(F(0)) == 0
    assert exact.epsilon_for(ALPHA) == exact.epsilon_for(ALPHA, True) == 0
    assert complete_power(exact, F(0)) is None
    assert complete_power(Calibration(panel_of((2, 1, 1), (2, 2))), F(0)) is None


def test_bad_plans_and_levels_are_refused():
    panel = even(2, 4)
    for messages_, word in [({}, "at least one"), ({0: (0, 0, 0, 1)}, "budget"), ({"x": (0, 1, 0, 1)}, "agent")]:
        with pytest.raises(ModelError, match=word):
            Plan.fixed(panel, messages_)
    with pytest.raises(ModelError, match="sum to 1"):
        Plan.mixed(panel, [(F(1, 2), {0: (0, 0, 1, 1)})])
    with pytest.raises(ModelError, match="two types"):
        opposite(panel_of((2, 1, 1), (2, 2)), 0, 1)
    with pytest.raises(ModelError, match="alpha"):
        Calibration(panel).epsilon_for(F(3, 2))


def test_the_opposite_plan_meets_as_seldom_as_budgets_allow():
    plan = opposite(panel_of((3, 1), (0, 3, 1)), 0, 1)
    ((_, (first, second)),) = plan.lottery
    assert sum(a == 0 and b == 1 for a, b in zip(first, second, strict=True)) == 2
    assert [first.count(0), second.count(1)] == [3, 3]


@pytest.mark.parametrize("kind", ["pairwise", "joint"])
@pytest.mark.parametrize("budgets", [((2, 2), (2, 2), (3, 1)), ((1, 1, 1), (2, 1), (2, 1)), ((2, 1), (1, 1, 1))])
def test_flags_do_not_depend_on_ones_own_message_beside_label_free_others(budgets, kind):
    """The joint law of all distances is the same whatever one agent announces within its exact budget."""
    panel = panel_of(*budgets)
    for i in range(panel.n):
        laws = [sorted(distance_law(panel, kind, planned={i: message})) for message in messages(panel, i)]
        assert all(law == laws[0] for law in laws)


def test_tables_of_pairs_without_a_cycle_are_independent():
    """That three pairs are within ε together is not the product, that two are is: what the bounds rest on."""
    panel = even(3, 4)
    epsilon = F(1, 4)
    law = {}
    for profile in product(*(messages(panel, i) for i in range(3))):
        near = tuple(
            distance_law(even(2, 4), "pairwise", {0: profile[i], 1: profile[j]})[0][0] <= epsilon
            for i, j in ((0, 1), (0, 2), (1, 2))
        )
        law[near] = law.get(near, 0) + F(1, panel.message_count())
    single = [sum(p for near, p in law.items() if near[k]) for k in range(3)]
    for a, b in ((0, 1), (0, 2), (1, 2)):
        assert sum(p for near, p in law.items() if near[a] and near[b]) == single[a] * single[b]
    assert law[True, True, True] != single[0] * single[1] * single[2]
