"""The verb optimal: exact figures, JSON, certificates, plots, limits, and what is refused."""

from __future__ import annotations

import itertools
import json
import time
from dataclasses import replace
from fractions import Fraction

import pytest

import eqsolve as eq
from eqsolve.errors import ModelError
from eqsolve.mechanisms.comparison import OptimalPoint, compare
from eqsolve.mechanisms.optimal import Requirements, optimal_mechanism
from eqsolve.mechanisms.separate import BEST, ONLY, TRUTH, separate_decisions
from eqsolve.mechanisms.taking_turns import TakingTurns, taking_turns


def told(run, *args, code=0):
    found, out, err = run("optimal", *args, "--json")
    assert found == code, err
    return json.loads(out)


def test_one_number_of_copies_is_flat_and_several_have_points(run):
    one = told(run, "object", "-k", 4)
    assert one["copies"] == 4
    assert one["welfare"] == "1975/256"
    assert one["payoffs"] == {"1": "1975/512", "2": "1975/512"}
    assert one["linking"] == {"1": "221/64", "2": "221/64"}
    assert len(one["mechanism"]) == 35
    several = told(run, "object", "-k", "1:4")
    assert [p["copies"] for p in several["points"]] == [1, 2, 3, 4]
    assert several["points"][3]["welfare"] == "1975/256"
    assert several["points"][3]["gap"] == "9/256"


def test_the_models_own_number_of_copies_is_the_default(run):
    assert told(run, "object")["copies"] == 2


def test_weights_and_requirements(run):
    found = told(run, "object", "--weights", "2=0")
    assert found["weights"] == {"1": "1", "2": "0"}
    assert found["payoffs"] == {"1": "11/2", "2": "0"}
    bargain = told(
        run, "bargaining", "-k", 1, "--participation", "problem", "--status-quo", "no_trade", "--incentives", "bic"
    )
    assert bargain["welfare"] == "320/63"
    assert bargain["requirements"] == {
        "incentives": "bic", "participation": "problem", "status_quo": "no_trade", "transfers": False,
    }  # fmt: skip
    assert told(run, "object", "-k", 1, "--transfers")["welfare"] == "31/4"


@pytest.mark.parametrize("copies", ["2", "1:3"])
def test_certificates_are_written_and_valid(run, tmp_path, copies):
    path = tmp_path / "best.json"
    assert run("optimal", "object", "-k", copies, "--certificate", path)[0] == 0
    code, out, _ = run("check", path, "--model", "object")
    assert code == 0, out
    assert "115/16" in out


def test_comparison_of_the_vote(run):
    found = told(run, "voting", "--compare")
    assert found["separate"]["truthful"] is False
    assert found["second_best"] == "3/4"
    by_aim = {c["aim"]: c for c in found["completed"]}
    assert by_aim["apart"] == {"aim": "apart", "payoffs": {"1": "27/64", "2": "27/64"}, "regret": "0"}
    assert by_aim["welfare"]["regret"] == "3/32"
    assert found["welfare"] == "27/32"
    truthful = told(run, "vote-coin", "--compare")
    assert truthful["separate"] == {"payoffs": {"1": "3/8", "2": "3/8"}, "truthful": True, "play": TRUTH}


def pure_equilibria(rule):
    """Payoffs in the pure equilibria of one problem without budgets, two agents, by the definition."""
    problem = rule.problem
    plans = [list(itertools.product(range(size), repeat=size)) for size in problem.shape]

    def payoff(i, profile):
        total = Fraction(0)
        for true in problem.profiles():
            told = tuple(plan[u] for plan, u in zip(profile, true, strict=True))
            worth = problem.utility(i, true[i])
            total += problem.probability(true) * sum(p * w for p, w in zip(rule.lotteries[told], worth, strict=True))
        return total

    for profile in itertools.product(*plans):
        got = tuple(payoff(i, profile) for i in (0, 1))
        others = [(plan, profile[1]) for plan in plans[0]], [(profile[0], plan) for plan in plans[1]]
        if all(payoff(i, other) <= got[i] for i in (0, 1) for other in others[i]):
            yield got


def test_separate_decisions_have_no_budgets():
    """Bargaining over one object: one side always gets its price; an object: everybody says 10."""
    best, how = separate_decisions(eq.load("bargaining"))
    pure = set(pure_equilibria(eq.load("bargaining").rule))
    assert best in pure
    assert sum(best) == max(map(sum, pure)) == Fraction(44, 9)
    assert how == BEST
    second = separate_decisions(eq.load("bargaining"), weights=[Fraction(0), Fraction(1)])[0]
    assert second[1] == max(p[1] for p in pure)
    assert separate_decisions(eq.load("object")) == ((Fraction(11, 4),) * 2, ONLY)
    assert separate_decisions(eq.load("collusion")) == ((-3, 2, 2), ONLY)
    model = eq.load("bargaining")
    walking = replace(model, options=replace(model.options, walk_away="no_trade"))
    game = eq.LinkedGame(model.problem, model.rule, 1, eq.BudgetRule("none"), walking.options)
    assert sum(separate_decisions(walking)[0]) == max(sum(e.payoffs) for e in eq.solve(game).equilibria)


def test_separate_decisions_keep_a_deadline():
    with pytest.raises(eq.LimitReached, match="time limit"):
        separate_decisions(eq.load("bargaining"), deadline=time.monotonic() - 1)


def test_comparison_with_taking_turns(run):
    found = told(run, "object", "-k", 3, "--compare")
    turns = {(t["order"], t["play"]): t for t in found["turns"]}
    assert len(turns) == 4
    for (order, play), t in turns.items():
        alone = taking_turns(eq.load("object").problem, 3, order, play)
        assert t["payoffs"] == {"1": str(alone.payoffs[0]), "2": str(alone.payoffs[1])}
        assert t["regret"] == ("0" if play == "sincere" else None)
    assert told(run, "bargaining", "-k", 1, "--compare")["turns"] == []
    assert told(run, "object", "-k", 3)["turns"] == []


def test_orders_that_invite_other_picks_are_told_but_not_compared():
    """Sincere play stands in the column only where it is an equilibrium."""
    best = optimal_mechanism(eq.load("object").problem, 2)
    tempting, holding, foresighted = (
        TakingTurns(best.problem, 2, order, play, (Fraction(pay), Fraction(pay)), regret)
        for order, play, pay, regret in [
            ("snake", "sincere", 3, Fraction(1, 2)), ("round robin", "sincere", 2, Fraction(0)),
            ("snake", "foresighted", 1, None),
        ]
    )  # fmt: skip
    point = OptimalPoint(2, best, turns=(tempting, holding, foresighted))
    assert point.best_turns("sincere") is holding
    assert point.best_turns("foresighted") is foresighted
    assert OptimalPoint(2, best, turns=(tempting,)).best_turns("sincere") is None
    shown = str(replace(compare(eq.load("object"), [2], completed=False), points=(point,)))
    assert "K = 2, snake: 6, but insincere picks gain 1/2" in shown


def test_pages(run):
    code, out, _ = run("optimal", "object", "-k", 2, "--compare")
    assert code == 0
    for word in ("115/16", "second best", "What happens where", "completed", "foresighted turns"):
        assert word in out
    code, out, _ = run("optimal", "object", "-k", "1:3", "--compare")
    assert code == 0
    assert "7.58125" in out


def test_simulation_stands_beside_its_error(run):
    found = told(run, "object", "-k", 2, "--simulate", 4000, "--seed", 7)
    run_ = found["simulation"]
    assert run_["rounds"] == 4000
    for agent, payoff in run_["payoffs"].items():
        assert abs(payoff - float(Fraction(found["payoffs"][agent]))) < 5 * run_["stderr"][agent] > 0
    assert told(run, "object", "-k", 2, "--simulate", 4000, "--seed", 7)["simulation"] == run_
    assert "simulation" not in told(run, "object", "-k", 2)
    code, out, _ = run("optimal", "object", "-k", "1:2", "--simulate", 100)
    assert code == 0
    assert out.count("estimated from 100 rounds") == 2


def test_results_print_and_render():
    found = compare(eq.load("voting"), [2])
    assert "27/32" in str(found)
    assert found._repr_html_().startswith("<h4>")
    best = optimal_mechanism(eq.load("bargaining").problem, 2, Requirements(participation="interim",
                             status_quo="no_trade", transfers=True))  # fmt: skip
    assert "What happens where" in str(best)
    assert "Expected transfers" in str(best)
    html = best._repr_html_()
    assert html.count("<table>") == html.count("</table>") == 2
    pytest.importorskip("pandas")
    frame = found.to_frame()
    assert list(frame["optimal"]) == [Fraction(27, 32)]
    assert list(frame["completed"]) == [Fraction(27, 32)]
    assert list(frame["turns"]) == [None]


def test_names_are_escaped():
    agents = tuple(
        eq.Agent(n, (eq.Type("<b>", "1/2", {"<i>": 1}), eq.Type("y", "1/2", {"y": 2}))) for n in ("<1>", "2")
    )
    problem = eq.DecisionProblem(("<i>", "y"), agents, "<script>")
    html = optimal_mechanism(problem, 2)._repr_html_()
    assert "<script>" not in html
    assert "<b>" not in html
    assert "<i>" not in html


def test_plots(run, tmp_path):
    pytest.importorskip("matplotlib")
    path = tmp_path / "best.svg"
    assert run("optimal", "object", "-k", "1:4", "--compare", "--plot", path)[0] == 0
    for name in ("linking", "completed", "turns", "foresighted turns", "optimal", "first best"):
        assert f"<!-- {name} -->" in path.read_text()
    path = tmp_path / "flat.png"
    assert run("optimal", "bargaining", "-k", "1:2", "--plot", path)[0] == 0
    assert path.read_bytes().startswith(b"\x89PNG")
    assert run("optimal", "object", "--plot", tmp_path / "best.txt")[0] == 2


def test_a_limit_ends_with_what_is_known(run):
    found = told(run, "object", "-k", "2,30", "--max-seconds", 1.5, code=3)
    assert found["stopped"]
    assert "points" in found
    assert run("optimal", "object", "-k", 30, "--max-seconds", 0.5)[0] == 3


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (["object", "-k", "0"], "copies"),
        (["object", "-k", "200"], "lotteries"),
        (["object", "--weights", "3=1"], "--weights"),
        (["object", "--weights", "1=x"], "--weights"),
        (["object", "--weights", "1=-1"], "weights"),
        (["object", "--weights", "1=1,1=2"], "twice"),
        (["object", "--certificate", "nowhere/best.json"], "folder"),
        (["object", "--participation", "total"], "status quo"),
        (["object", "--participation", "total", "--status-quo", "x"], "status quo"),
        (["object", "--status-quo", "to_1"], "--participation"),
        (["object", "--incentives", "dsic", "--transfers"], "transfers"),
        (["object", "--incentives", "best"], "incentives"),
        (["nowhere"], "nowhere"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(run, args, word):
    code, out, err = run("optimal", *args)
    assert code == 2
    assert out == ""
    assert word in err
    assert len(err.strip().splitlines()) == 1


def test_dependent_types_are_refused(run, tmp_path):
    from eqsolve.io.kinds import bundled_models

    path = tmp_path / "model.toml"
    text = bundled_models()["object"].read_text().partition("[[claims]]")[0]
    path.write_text(f'{text}process = {{ kind = "copy", rho = "1/2" }}\n')
    code, _, err = run("optimal", path)
    assert code == 2
    assert "independent" in err


def test_a_model_that_links_on_other_copies_only_has_an_optimum_without_linking():
    loaded = eq.load("object")
    fixed = eq.Model(loaded.problem, loaded.rule, 2, eq.BudgetRule("counts", {"low": 1, "high": 1}), name="fixed")
    found = compare(fixed, [3])
    assert found.points[0].linking is None
    assert found.points[0].completed == ()
    assert found.points[0].optimal.welfare == Fraction(1213, 160)
    with pytest.raises(ModelError, match="copies"):
        fixed.link(3)
