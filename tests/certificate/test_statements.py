"""Certificates of what the solvers found are valid; of what is not so, they are not."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

import networkx as nx
import pytest
from certificate_evidence import (
    ceiling_evidence,
    floor_evidence,
    label_free_duals,
    label_free_profile,
    name,
)
from random_problems import random_game

import eqsolve as eq
from eqsolve.certificate import check
from eqsolve.certificate.bounds import joint_histograms
from eqsolve.certificate.collusion import components
from eqsolve.certificate.equilibrium import best_message, read_plans
from eqsolve.certificate.game import read_game
from eqsolve.certificate.reading import MAX_WORK, Invalid
from eqsolve.certificate.reduction import surviving
from eqsolve.certificate.truth import forced_lies, lies_told
from eqsolve.forms.blocks import ReducedGame
from eqsolve.forms.explicit import ExplicitForm
from eqsolve.forms.label_free import LabelFreeForm
from eqsolve.forms.lie_tables import all_lie_tables, lie_table, messages_of
from eqsolve.io import certificate_file as write
from eqsolve.judge import bounds as judge
from eqsolve.judge.bounds.dominance import undominated_tables
from eqsolve.judge.coordination import correlation_graph
from eqsolve.judge.truth import FEWEST_LIES, NOT_TRUTHFUL, TruthJudge
from eqsolve.strategy import Strategy, expected_payoffs

EPSILON = Fraction(1, 10**9)
SHAPES = [(2, 2, 2), (2, 2, 3), (2, 3, 2), (3, 2, 2), (3, 2, 3), (3, 3, 2), (4, 2, 2)]
CASES = [(seed, loose, *shape) for shape in SHAPES for seed in range(3) for loose in (False, True)]


def valid(document):
    verdict = check(document)
    assert verdict.valid, verdict.reason
    assert verdict.statement.startswith("In ")
    assert verdict.reason
    return verdict.statement


def refused(document, *words):
    verdict = check(document)
    assert not verdict.valid
    assert verdict.statement == ""
    assert verdict.reason
    for word in words:
        assert word in verdict.reason, verdict.reason


def any_strategy(rng, game, i):
    messages = list(game.budgets[i].messages())
    plan = {}
    for t in game.type_vectors(i):
        weights = {m: rng.randint(1, 4) for m in rng.sample(messages, min(len(messages), rng.randint(1, 3)))}
        plan[t] = {m: Fraction(w, sum(weights.values())) for m, w in weights.items()}
    return Strategy(plan)


def always(game, i, message):
    return Strategy({t: {message: Fraction(1)} for t in game.type_vectors(i)})


# The game and its strategies


@pytest.mark.parametrize(("seed", "loose", "n", "types", "copies"), CASES)
def test_the_block_says_what_the_game_is(seed, loose, n, types, copies):
    game = random_game(seed, n, types, copies, loose)
    block = read_game(write.game_block(game))
    assert block.active == game.active
    for i in range(n):
        tensor, scale = game.values[i]
        for (u, v), value in block.values[i].items():
            assert value == Fraction(int(tensor[(u, *v)]), scale)
        assert block.messages(i) == list(game.budgets[i].messages())
        assert list(block.type_vectors(i)) == game.type_vectors(i)
        histograms = [h for totals in block.agents[i].totals(copies) for h in block.agents[i].spread(totals)]
        assert sorted(histograms, reverse=True) == list(game.budgets[i].histograms())
        wanted = {frozenset(joint.items()) for joint in judge.joint_histograms(game, i)}
        listed = [frozenset(joint.items()) for joint in joint_histograms(block, i)]
        assert len(listed) == len(wanted)
        assert set(listed) == wanted


@pytest.mark.parametrize(("seed", "loose", "n", "types", "copies"), CASES)
def test_the_best_message_is_the_best_of_all(seed, loose, n, types, copies):
    game = random_game(seed, n, types, copies, loose)
    block = read_game(write.game_block(game))
    rng = random.Random(seed)
    for i in range(n):
        for _ in range(5):
            rows = [[rng.randint(-9, 9) for _ in range(types)] for _ in range(copies)]
            best = max(sum(row[v] for row, v in zip(rows, m, strict=True)) for m in game.budgets[i].messages())
            assert best_message(block.agents[i], rows) == best


@pytest.mark.parametrize(
    ("seed", "types", "copies", "loose"),
    [(s, t, k, loose) for s in range(4) for t, k in ((2, 2), (2, 3)) for loose in (False, True)],
)
def test_equilibria_are_valid_and_nothing_else_is(seed, types, copies, loose):
    game = random_game(seed, 2, types, copies, loose)
    form = ExplicitForm(game)
    if sum(ReducedGame(form.bayesian).labels) > 30:
        pytest.skip("too large to be solved completely in a quick test")
    solution = eq.solve(game)
    for e in solution.equilibria[:4]:
        assert e.strategies is not None
        statement = valid(write.equilibrium_found(game, e.strategies))
        assert all(str(p) in statement for p in e.payoffs)
    rng = random.Random(seed)
    for _ in range(5):
        profile = tuple(any_strategy(rng, game, i) for i in range(game.n))
        document = write.equilibrium_found(game, profile)
        assert check(document).valid == (form.regret(profile) == 0)
        block = read_game(document["game"])
        for i in range(game.n):
            stated = expected_payoffs(game, profile)[i]
            read = read_plans(block, document["evidence"]["strategies"])
            worth, joint = read.worth(i), read.joint(i)
            assert stated == sum(
                worth[k][u][v] * joint[k][u][v]
                for k, u, v in itertools.product(range(copies), range(len(joint[0])), range(len(joint[0])))
            ) / Fraction(copies)


@pytest.mark.parametrize("seed", range(6))
def test_three_agents_label_free_equilibrium(seed):
    game = random_game(seed, 3, 2, 2)
    profile = label_free_profile(game)
    valid(write.equilibrium_found(game, profile))
    document = write.equilibrium_found(game, profile)
    document["statement"]["payoffs"][name(game, 0)] = str(expected_payoffs(game, profile)[0] + EPSILON)
    refused(document, "not the stated")


# Bounds


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(("types", "copies"), [(2, 3), (3, 2), (2, 8)])
def test_floors_and_ceilings_of_two_agents_are_proved_and_nothing_above_them(seed, types, copies):
    game = random_game(seed, 2, types, copies, active=1 + seed % 2)
    low = [judge.floor(game, i) for i in range(2)]
    high = [judge.ceiling(game, i) for i in range(2)]
    floors, ceilings = floor_evidence(game), ceiling_evidence(game)
    valid(write.bounds_proved(game, low, high, floors, ceilings))
    valid(write.bounds_proved(game, [low[0] - 1, None], [None, None], {name(game, 0): floors[name(game, 0)]}, {}))
    refused(write.bounds_proved(game, [low[0] + EPSILON, low[1]], high, floors, ceilings), "floor")
    refused(write.bounds_proved(game, low, [high[0], high[1] - EPSILON], floors, ceilings), "ceiling")


@pytest.mark.parametrize(("seed", "loose", "n", "types", "copies"), CASES)
def test_ceilings_of_any_game(seed, loose, n, types, copies):
    game = random_game(seed, n, types, copies, loose)
    high = [judge.ceiling(game, i) for i in range(n)]
    none = [None] * n
    valid(write.bounds_proved(game, none, high, {}, ceiling_evidence(game)))
    for i in range(n):
        lower = [high[j] - EPSILON * (i == j) for j in range(n)]
        refused(write.bounds_proved(game, none, lower, {}, ceiling_evidence(game)), "ceiling")


@pytest.mark.parametrize(("seed", "loose", "n", "types", "copies"), CASES)
def test_floors_of_any_game(seed, loose, n, types, copies):
    game = random_game(seed, n, types, copies, loose)
    low, none = [judge.floor(game, i) for i in range(n)], [None] * n
    evidence = {name(game, i): judge.floor_evidence(game, i) for i in range(n)}
    valid(write.bounds_proved(game, low, none, evidence, {}))
    for i in range(n):
        higher = [low[j] + EPSILON * (i == j) for j in range(n)]
        refused(write.bounds_proved(game, higher, none, evidence, {}), "floor")


@pytest.mark.parametrize(("seed", "loose", "n", "types", "copies"), CASES)
def test_the_floor_of_any_label_free_strategy_is_what_it_gets_at_worst(seed, loose, n, types, copies):
    """Against every profile of messages of the others, all its renamings played with equal probability."""
    game = random_game(seed, n, types, copies, loose)
    rng = random.Random(seed)
    i = rng.randrange(n)
    size = len(game.problem.agents[i].types)
    tables = {h: rng.choice(list(all_lie_tables(game.budgets[i], h))) for h, _ in game.histogram_law(i).items()}
    strategy = {}
    for t in game.type_vectors(i):
        messages = list(messages_of(t, tables[tuple(t.count(u) for u in range(size))]))
        strategy[t] = {m: Fraction(1, len(messages)) for m in messages}
    joint = Strategy(strategy).joint_marginals(game, i)
    tensor, scale = game.values[i]
    worst = None
    for messages in itertools.product(*(game.budgets[j].messages() if j != i else [None] for j in range(n))):
        got = Fraction(0)
        for k in range(copies):
            w = [0 if m is None else m[k] for m in messages]
            for u, v in itertools.product(range(size), range(size)):
                got += joint[k][u][v] * int(tensor[(u, *w[:i], v, *w[i + 1 :])])
        worst = got if worst is None else min(worst, got)
    value = worst / (scale * copies)
    told = [{"histogram": list(h), "table": [list(row) for row in table]} for h, table in tables.items()]
    evidence = {name(game, i): {"kind": "label-free", "tables": told}}
    for offset, holds in ((0, True), (-1, True), (EPSILON, False)):
        ends = [value + offset if j == i else None for j in range(n)]
        assert check(write.bounds_proved(game, ends, [None] * n, evidence, {})).valid == holds


def test_a_bystander_is_one_whose_announcements_do_not_move_its_own_payoff():
    game = eq.load("collusion").link(2)
    low, high = [judge.floor(game, 0), None, None], [judge.ceiling(game, 0), None, None]
    bystander = {"1": {"kind": "bystander"}}
    valid(write.bounds_proved(game, low, high, bystander, bystander))
    refused(write.bounds_proved(game, [low[0] + EPSILON, None, None], high, bystander, bystander), "floor")
    refused(write.bounds_proved(game, [None, low[0], None], [None] * 3, {"2": {"kind": "bystander"}}, {}), "bystander")


@pytest.mark.parametrize("copies", [2, 4, 6, 8, 100])
def test_payoffs_of_one_object_are_unique(copies):
    game = eq.load("object").link(copies)
    payoffs = LabelFreeForm(game).payoffs()
    evidence = floor_evidence(game), ceiling_evidence(game)
    assert f"{copies} linked problems: all" in valid(write.payoffs_unique_proved(game, payoffs, *evidence))
    assert "collusive" in valid(write.no_collusion_proved(game, payoffs, *evidence))
    refused(write.payoffs_unique_proved(game, [p + EPSILON for p in payoffs], *evidence), "floor")
    refused(write.payoffs_unique_proved(game, [p - EPSILON for p in payoffs], *evidence), "ceiling")


# Pairs of equilibria, collusion


@pytest.fixture(scope="module")
def example5():
    game = eq.load("collusion").link(2)
    return game, eq.solve(game)


def test_two_equilibria_with_different_payoffs(example5):
    game, solution = example5
    other = next(e for e in solution if e.payoffs != solution[0].payoffs)
    statement = valid(write.payoffs_unique_refuted(game, solution[0].strategies, other.strategies))
    assert "not unique" in statement
    refused(write.payoffs_unique_refuted(game, other.strategies, other.strategies), "the same")
    for says in ("outcome-unique", "equilibrium-unique"):
        valid(write.unique_refuted(game, says, solution[0].strategies, other.strategies))


def renamed(profile, order):
    def move(vector):
        return tuple(vector[k] for k in order)

    return tuple(
        Strategy({move(t): {move(m): p for m, p in lottery.items()} for t, lottery in s.plan.items()}) for s in profile
    )


def test_renaming_the_problems_gives_no_other_equilibrium(example5):
    game, solution = example5
    pure = [e for e in solution if e.coordination.verdict == "collusive"]
    assert pure
    for e in pure[:3]:
        twin = renamed(e.strategies, (1, 0))
        refused(write.unique_refuted(game, "outcome-unique", e.strategies, twin), "renaming")
        refused(write.unique_refuted(game, "equilibrium-unique", e.strategies, twin), "pay the same")


def test_equal_payoffs_with_different_outcomes():
    """Two ways to decide that everybody likes as well: outcomes differ, payoffs nowhere."""
    kind = (eq.Type("x", "1/2", {"a": 1, "b": 1}), eq.Type("y", "1/2", {"a": 1, "b": 1}))
    problem = eq.DecisionProblem(("a", "b"), (eq.Agent("1", kind),))
    rule = eq.table(problem, [eq.Outcome({"1": "x"}, "a"), eq.Outcome({}, "b")])
    game = eq.LinkedGame(problem, rule, 2, eq.BudgetRule("none"))
    same = [(always(game, 0, m),) for m in ((0, 0), (0, 1), (1, 0))]
    valid(write.unique_refuted(game, "outcome-unique", same[0], same[1]))
    refused(write.unique_refuted(game, "outcome-unique", same[1], same[2]), "renaming")
    refused(write.unique_refuted(game, "equilibrium-unique", same[0], same[1]), "pay the same")
    valid(write.unique_proved(game, "equilibrium-unique", []))
    refused(write.unique_proved(game, "outcome-unique", []), "differ")


def test_collusion_is_shown(example5):
    game, solution = example5
    for e in solution:
        coalitions = e.coordination.coalitions or ((1, 2),)
        document = write.no_collusion_refuted(game, e.strategies, solution[0].strategies, coalitions[0])
        assert check(document).valid == (e.coordination.verdict == "collusive"), check(document).reason
    witness = next(e for e in solution if e.coordination.verdict == "collusive")
    assert "'2', '3' coordinate" in valid(
        write.no_collusion_refuted(game, witness.strategies, solution[0].strategies, (1, 2))
    )
    refused(write.no_collusion_refuted(game, witness.strategies, solution[0].strategies, (0, 1)), "coordinate")
    refused(write.no_collusion_refuted(game, witness.strategies, witness.strategies, (1, 2)), "label-free")


@pytest.mark.parametrize("seed", range(12))
def test_who_is_joined_to_whom(seed):
    game = random_game(seed, 3, 2, 2 + seed % 2, loose=seed % 3 == 0, active=2)
    rng = random.Random(seed)
    pure = [list(game.budgets[i].messages()) for i in range(3)]
    for _ in range(4):
        profile = tuple(
            any_strategy(rng, game, i) if rng.random() < 0.5 else always(game, i, rng.choice(pure[i])) for i in range(3)
        )
        graph, _, _ = correlation_graph(game, profile)
        wanted = sorted(sorted(part) for part in nx.weakly_connected_components(graph) if len(part) > 1)
        block = read_game(write.game_block(game))
        assert components(read_plans(block, write.strategies_block(game, profile))) == wanted


# Truth and what dominance leaves


@pytest.mark.parametrize(("seed", "loose", "n", "types", "copies"), CASES)
def test_truth_is_judged_alike(seed, loose, n, types, copies):
    game = random_game(seed, n, types, copies, loose)
    block, judge_ = read_game(write.game_block(game)), TruthJudge(game)
    for i in range(n):
        agent, size = block.agents[i], len(game.problem.agents[i].types)
        for t in game.type_vectors(i):
            for m in game.budgets[i].messages():
                found = judge_.classify(i, lie_table(t, m, size))
                assert bool(lies_told(agent, "permutation-free", t, [m])) == (found == NOT_TRUTHFUL)
                assert bool(lies_told(agent, "fewest-lies", t, [m])) == (found != FEWEST_LIES)
        assert forced_lies(agent, game.type_vectors(i)[0]) >= 0


def test_a_lie_is_shown():
    game = eq.load("taking-turns").link(3)
    form = LabelFreeForm(game)
    judge_ = TruthJudge(game)
    profile = label_free_profile(game)
    lies = [
        (t, m)
        for t, m, table in profile[0].lie_tables(len(game.problem.agents[0].types))
        if judge_.classify(0, table) != FEWEST_LIES
    ]
    assert lies  # as printed: it is better to announce 3 as 2 and 2 as 1 than 3 as 1
    document = write.truthful_refuted(game, "fewest-lies", profile, 0, *lies[0])
    document["evidence"]["equilibrium"]["payoffs"] = write.by_name(game, form.payoffs())
    assert "not one of fewest lies" in valid(document)
    refused(write.truthful_refuted(game, "permutation-free", profile, 0, *lies[0]), "is permutation-free")
    t, m = next((t, m) for t in profile[0].plan for m in game.budgets[0].messages() if m not in profile[0].plan[t])
    refused(write.truthful_refuted(game, "fewest-lies", profile, 0, t, m), "not played")


@pytest.mark.parametrize(
    ("seed", "loose", "n"), [(s, loose, n) for s in range(8) for loose in (False, True) for n in (2, 3)]
)
def test_eliminations_hold_and_leave_the_same(seed, loose, n):
    game = random_game(seed, n, 2 + seed % 2 if n == 2 else 2, 2, loose, active=2)
    left = undominated_tables(game)
    block = read_game(write.game_block(game))
    found = surviving(block, left.reduction())
    for i in game.active:
        for t in game.type_vectors(i):
            assert found[i][t] == left.messages(i, t)


@pytest.mark.parametrize("seed", range(10))
def test_a_message_that_is_played_is_never_removed(seed):
    """Whatever step is tried, a valid one removes nothing that an equilibrium plays."""
    game = random_game(seed, 2, 2, 2, active=2)
    block, rng = read_game(write.game_block(game)), random.Random(seed)
    if sum(ReducedGame(ExplicitForm(game).bayesian).labels) > 30:
        pytest.skip("too large to be solved completely in a quick test")
    equilibria = [e for e in eq.solve(game) if e.strategies is not None]
    for _ in range(80):
        i = rng.choice(game.active)
        t = rng.choice(game.type_vectors(i))
        m, better = (rng.choice(block.messages(i)) for _ in range(2))
        step = {
            "agent": name(game, i),
            "types": game.vector_name(i, t),
            "message": game.vector_name(i, m),
            "by": {game.vector_name(i, better): "1"},
        }
        try:
            surviving(block, [step])
        except Invalid:
            continue
        for e in equilibria:
            assert m not in e.strategies[i].plan[t]


def test_truthful_by_dominance():
    """A single agent whose matching rule makes lies costly: only the truth survives."""
    kind = (eq.Type("x", "1/2", {"a": 1}), eq.Type("y", "1/2", {"b": 1}))
    problem = eq.DecisionProblem(("a", "b"), (eq.Agent("1", kind),))
    game = eq.LinkedGame(problem, eq.utilitarian(problem), 2, eq.BudgetRule("none"))
    steps = undominated_tables(game).reduction()
    for sense in ("permutation-free", "fewest-lies"):
        assert "every message" in valid(write.truthful_proved(game, sense, steps))
        refused(write.truthful_proved(game, sense, []), "is left")
    refused(write.truthful_proved(game, "honest", steps), "sense")
    for says in ("outcome-unique", "equilibrium-unique"):
        valid(write.unique_proved(game, says, steps))
        refused(write.unique_proved(game, says, steps[1:]), "left with messages that differ")
    wrong = [{**steps[0], "message": steps[0]["types"], "by": {steps[0]["message"]: "1"}}]
    refused(write.truthful_proved(game, "fewest-lies", wrong), "not strictly dominated")


# Figures


@pytest.mark.parametrize("model", ["object", "collusion", "bargaining", "taking-turns"])
def test_label_free_payoffs_of_the_bundled_models(model):
    game = eq.load(model).link(3 if model != "object" else 4)
    payoffs = LabelFreeForm(game).payoffs()
    evidence = {name(game, i): label_free_duals(game, i) for i in range(game.n)}
    printed = {name(game, 0): f"{float(payoffs[0]):.3f}"}
    assert printed[name(game, 0)] in valid(write.payoff_proved(game, "label-free", payoffs, printed, evidence))
    off = [payoffs[0] + EPSILON, *payoffs[1:]]
    refused(write.payoff_proved(game, "label-free", off, {}, evidence), "the tables reach")
    off_printed = {name(game, 0): f"{float(payoffs[0]) + 0.002:.3f}"}
    refused(write.payoff_proved(game, "label-free", payoffs, off_printed, evidence), "to the digits printed")


def test_the_other_figures():
    game = eq.load("object").link(2)
    target = game.rule.target()
    valid(write.payoff_proved(game, "target", target, {"1": str(target[0])}, {}))
    refused(write.payoff_proved(game, "target", [q + 1 for q in target], {}, {}), "under the truth")
    low = [judge.floor(game, i) for i in range(2)]
    assert "3.31" in valid(write.payoff_proved(game, "floor", low, {"1": "3.31"}, floor_evidence(game)))
    valid(write.payoff_proved(game, "ceiling", low, {"2": "3.3"}, ceiling_evidence(game)))
    half = [low[0], None]
    valid(write.payoff_proved(game, "floor", half, {"1": "3"}, floor_evidence(game, [0])))
    refused(write.payoff_proved(game, "floor", half, {"2": "3"}, floor_evidence(game, [0])), "digits printed")
    refused(write.payoff_proved(game, "optimal", low, {}, {}), "optimal")


def test_label_free_payoffs_need_exact_budgets():
    game = random_game(1, 2, 2, 2, loose=True, active=2)
    tables = [{"histogram": [2, 0], "table": [[2, 0], [0, 0]]}]
    evidence = {name(game, i): {"tables": tables, "duals": []} for i in range(2)}
    refused(write.payoff_proved(game, "label-free", [Fraction(0)] * 2, {}, evidence), "loose budget")


# Sizes


def test_work_that_is_too_large_is_refused_with_its_size():
    game = eq.load("object").link(100)
    document = write.certificate(game, {"says": "equilibrium", "payoffs": {"1": "3", "2": "3"}}, {})
    document["evidence"] = {"strategies": {"1": {}, "2": {}}}
    refused(document, "not all that can occur")
    refused(write.unique_proved(game, "outcome-unique", []), "too large", f"{MAX_WORK:,}")
    three = eq.load("collusion").link(60)
    families = {"2": {"kind": "informed", "families": []}}
    refused(write.bounds_proved(three, [None] * 3, [None, Fraction(2), None], {}, families))


def test_many_certificates_in_one_file_are_valid_if_all_are(example5):
    game, solution = example5
    good = write.equilibrium_found(game, solution[0].strategies)
    assert len(valid([good, good]).splitlines()) == 2
    bad = {**good, "version": 2}
    refused([good, bad], "certificate 2 of 2")
    refused([], "empty")
