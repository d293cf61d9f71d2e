"""Whole solutions of the bundled models: what the examples of the source say, exactly."""

from __future__ import annotations

from fractions import Fraction

import pytest

import eqsolve as eq


def test_every_equilibrium_of_the_vote_declares_the_larger_magnitude():
    """Example 1 at K = 2: ties are the only freedom, 2^16 extreme ways, and it moves no payoff."""
    game = eq.load("voting").link(2)
    solution = eq.solve(game)
    assert (solution.scope, solution.complete, len(solution), len(solution.subsets)) == ("all", True, 1, 1)
    (only,) = solution
    assert only.payoffs == (Fraction(13, 32),) * 2
    assert only.label_free
    names = game.problem.agents[0].type_names
    for i in range(2):
        for t, messages in only.strategies[i].plan.items():
            sizes = [abs(int(names[u])) for u in t]
            for m in messages:
                announced = [int(names[v]) for v in m]
                assert [a > 0 for a in announced] == [int(names[u]) > 0 for u in t], "a sign is lied about"
                if sizes[0] != sizes[1]:
                    assert [abs(a) for a in announced] == sizes
            tied = sizes[0] == sizes[1]
            assert len(only.free[i].get(t, ())) == (2 if tied else 0)
        assert sum(len(messages) == 2 for messages in only.free[i].values()) == 8


def test_bargaining_has_a_continuum_that_never_reaches_the_ceiling():
    """Example 4 at K = 3: one component of seven maximal Nash subsets, the best of them pays 5512/2187."""
    solution = eq.solve(eq.load("bargaining").link(3))
    assert solution.complete
    assert (len(solution.subsets), len(solution.components)) == (7, 1)
    assert {max(e.payoffs) for e in solution} >= {Fraction(584, 243), Fraction(5512, 2187)}
    assert max(max(e.payoffs) for e in solution) == Fraction(5512, 2187)
    assert min(min(e.payoffs) for e in solution) == Fraction(584, 243) == solution.floor[0]
    assert {e.truthful for e in solution} == {"fewest-lies"}
    assert {e.coordination.verdict for e in solution} == {"none", "improving"}


def test_one_agent_one_type_one_decision_one_copy():
    alone = eq.DecisionProblem(("only",), (eq.Agent("1", (eq.Type("t", 1, {"only": 2}),)),))
    (e,) = eq.solve(eq.LinkedGame(alone, eq.utilitarian(alone), 1))
    assert e.payoffs == (2,)
    chooser = eq.DecisionProblem(
        ("a", "b"), (eq.Agent("1", (eq.Type("x", "1/2", {"a": 1}), eq.Type("y", "1/2", {"b": 1}))),)
    )
    for copies in (1, 2, 3, 30):
        solution = eq.solve(eq.LinkedGame(chooser, eq.utilitarian(chooser), copies))
        assert solution.complete
        assert solution.floor == solution.ceiling == solution[0].payoffs
    assert eq.solve(eq.LinkedGame(chooser, eq.utilitarian(chooser), 2))[0].payoffs == (Fraction(3, 4),)


def test_agents_that_do_not_matter_drop_out():
    """An agent whose announcements move nobody is left free, and the others are solved as if alone."""
    types = (eq.Type("low", "1/2", {"to_1": 1}), eq.Type("high", "1/2", {"to_1": 10}))
    other = (eq.Type("low", "1/2", {"to_2": 1}), eq.Type("high", "1/2", {"to_2": 10}))
    idle = (eq.Type("this", "1/2", {}), eq.Type("that", "1/2", {}))
    problem = eq.DecisionProblem(("to_1", "to_2"), (eq.Agent("1", types), eq.Agent("0", idle), eq.Agent("2", other)))
    game = eq.LinkedGame(problem, eq.utilitarian(problem), 2)
    assert game.active == (0, 2)
    solution = eq.solve(game)
    assert solution.scope == "all"
    assert solution[0].payoffs == (Fraction(53, 16), 0, Fraction(53, 16))
    assert len(solution[0].free[1]) == 4


def test_types_that_cannot_occur_do_not_matter():
    types = lambda d: (  # noqa: E731
        eq.Type("low", "1/2", {d: 1}),
        eq.Type("high", "1/2", {d: 10}),
        eq.Type("never", 0, {d: -99}),
    )
    problem = eq.DecisionProblem(("to_1", "to_2"), (eq.Agent("1", types("to_1")), eq.Agent("2", types("to_2"))))
    solution = eq.solve(eq.LinkedGame(problem, eq.utilitarian(problem), 2))
    assert solution[0].payoffs == (Fraction(53, 16),) * 2
    assert len(solution[0].strategies[0].plan) == 4


def test_an_inefficient_rule_is_shown_a_better_one():
    model = eq.load("object")
    wasteful = eq.table(model.problem, [eq.Outcome({"1": "high"}, "to_2"), eq.Outcome({}, "to_1")])
    verdict = eq.ex_ante_efficiency(wasteful)
    assert not verdict.efficient
    better = eq.Rule(model.problem, verdict.dominating)
    gains = [b - a for a, b in zip(wasteful.target(), better.target(), strict=True)]
    assert tuple(gains) == verdict.gains
    assert min(gains) >= 0 < max(gains)
    assert all(sum(lottery) == 1 and min(lottery) >= 0 for lottery in better.lotteries.values())
    for name in ("object", "voting", "taking-turns", "public-good", "bargaining", "collusion"):
        assert eq.ex_ante_efficiency(eq.load(name).rule).efficient


def test_loose_budgets_can_have_label_free_equilibria_with_different_payoffs():
    """Two announcements, a matching rule, no budget: payoffs 2 and 1."""
    types = (eq.Type("x", "1/2", {"both_x": 2, "both_y": 1}), eq.Type("y", "1/2", {"both_x": 2, "both_y": 1}))
    problem = eq.DecisionProblem(("both_x", "both_y", "nothing"), (eq.Agent("1", types), eq.Agent("2", types)))
    rule = eq.table(
        problem,
        [
            eq.Outcome({"1": "x", "2": "x"}, "both_x"),
            eq.Outcome({"1": "y", "2": "y"}, "both_y"),
            eq.Outcome({}, "nothing"),
        ],
    )
    for copies in (1, 2):
        game = eq.LinkedGame(problem, rule, copies, eq.BudgetRule("none"))
        found = eq.solve(game, form="label-free")
        assert (found.scope, found.complete) == ("label-free", True)
        assert {e.payoffs for e in found} >= {(Fraction(2), Fraction(2)), (Fraction(1), Fraction(1))}
        assert found.label_free_payoffs is None
        everything = eq.solve(game, form="explicit")
        assert {e.payoffs for e in everything} >= {(Fraction(2), Fraction(2)), (Fraction(1), Fraction(1))}
        assert all(e.coordination.gain is None for e in everything)


def test_results_are_printable_and_become_frames():
    pd = pytest.importorskip("pandas", reason="pandas is not installed")
    solution = eq.solve(eq.load("collusion").link(2))
    assert "collusive" in str(solution)
    frame = solution.to_frame()
    assert isinstance(frame, pd.DataFrame)
    assert list(frame["coordination"]) == [e.coordination.verdict for e in solution]
    hostile = eq.DecisionProblem(("a",), (eq.Agent("<script>", (eq.Type("t", 1),)),), "<b>bold</b>")
    html = eq.solve(eq.LinkedGame(hostile, eq.utilitarian(hostile), 1))._repr_html_()
    assert "<script>" not in html
    assert "<b>bold" not in html
    assert "&lt;script&gt;" in html


def test_the_committee_is_bracketed():
    solution = eq.solve(eq.load("committee").link())
    assert solution[0].label_free
    assert solution[0].truthful == "fewest-lies"
    for payoff, low, high in zip(solution[0].payoffs, solution.floor, solution.ceiling, strict=True):
        assert low <= payoff <= high
    assert solution[0].payoffs[0] < solution.target[0]
    large = eq.solve(eq.load("committee").link(3))
    assert large.floor[0] is None
    assert "nothing about all equilibria" in str(large)


def test_ties_that_move_a_bystander_are_not_told_as_free():
    """Agents 1 and 2 get nothing from anything; what they announce decides whether agent 3 gets 1."""
    types = (eq.Type("x", "1/2"), eq.Type("y", "1/2", {"c": 1}))  # c is never chosen: it only tells the types apart
    watcher = eq.Agent("3", (eq.Type("t", 1, {"a": 1}),))
    problem = eq.DecisionProblem(("a", "b", "c"), (eq.Agent("1", types), eq.Agent("2", types), watcher))
    rule = eq.table(problem, [eq.Outcome({"1": "x", "2": "x"}, "a"), eq.Outcome({}, "b")])
    solution = eq.solve(eq.LinkedGame(problem, rule, 1, eq.BudgetRule("none")))
    assert (solution.scope, solution.complete, len(solution.subsets)) == ("all", True, 1)
    assert {e.payoffs[2] for e in solution} >= {Fraction(0), Fraction(1)}
    assert not any(mixable for e in solution for mixable in e.free[:2])
