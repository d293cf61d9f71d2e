"""Values of decisions beside payoffs: against the program that lists everything and knows of no designer."""

from __future__ import annotations

import json
import random
from fractions import Fraction

import pytest
from listed_mechanisms import Listed
from random_problems import random_problem

import eqsolve as eq
from eqsolve.errors import ModelError, NotSupported
from eqsolve.mechanisms.designer import with_designer
from eqsolve.mechanisms.optimal import Requirements, optimal_mechanism


@pytest.mark.parametrize("size", [(2, 2, 1), (2, 2, 2), (1, 3, 2)], ids=str)
@pytest.mark.parametrize("seed", range(5))
def test_any_linear_objective(size, seed):
    n, types, copies = size
    rng = random.Random(f"values {size} {seed}")
    problem = random_problem(rng, n, types)
    values = {d: Fraction(rng.randint(-3, 3), rng.randint(1, 3)) for d in problem.decisions}
    weights = [Fraction(rng.randint(0, 2)) for _ in range(n)]
    incentives, participation, quo = rng.choice(["bic", "dsic"]), rng.choice(["none", "interim", "total"]), None
    if participation != "none":
        quo = min(problem.decisions, key=lambda d: values[d])
    model = with_designer(eq.Model(problem, eq.utilitarian(problem), copies), values, quo)
    found = optimal_mechanism(model.problem, copies, Requirements(incentives, participation, quo),
                              weights=[*weights, Fraction(1)])  # fmt: skip
    best = Listed(problem, copies).best(incentives, participation, quo, weights=weights, values=values)
    assert float(found.welfare) == pytest.approx(best, abs=1e-7)


def test_the_largest_probability_of_trade(run, tmp_path):
    """Payoffs count for nothing; on every problem nobody is forced to trade."""
    path = tmp_path / "trade.json"
    code, out, err = run(
        "optimal", "bargaining", "-k", 1, "--participation", "problem", "--status-quo", "no_trade", "--values",
        "trade_at_5=1, trade_at_2=1,trade_at_8=1", "--weights", "1=0,2=0", "--certificate", path, "--json",
    )  # fmt: skip
    assert code == 0, err
    found = json.loads(out)
    assert found["welfare"] == found["payoffs"]["designer"] == "16/21"
    assert found["weights"] == {"1": "0", "2": "0", "designer": "1"}
    assert run("check", path)[0] == 0


def test_linking_is_measured_by_the_same_objective(run):
    """Of the object every decision is worth 1: all mechanisms get the sum of payoffs and 1."""
    plain, found = (json.loads(run("optimal", "object", "-k", 2, "--compare", "--json", *more)[1])
                    for more in ([], ["--values", "to_1=1,to_2=1"]))  # fmt: skip
    assert Fraction(found["welfare"]) == Fraction(plain["welfare"]) + 1
    assert found["linking"] == {**plain["linking"], "designer": "1"}
    assert found["first_best"] == {**plain["first_best"], "designer": "1"}


@pytest.mark.parametrize("args", [
    ["--values", "to_3=1"], ["--values", "to_1=x"], ["--values", "to_1"], ["--values", "to_1=1", "--transfers"],
    ["--values", "to_1=1", "--participation", "total", "--status-quo", "to_1"],
])  # fmt: skip
def test_what_makes_no_sense_is_refused_in_one_line(run, args):
    code, out, err = run("optimal", "object", *args)
    assert (code, out) == (2, "")
    assert "alues" in err
    assert len(err.strip().splitlines()) == 1


def test_the_designers_name_is_taken():
    one = with_designer(eq.load("object"), {"to_1": Fraction(1)})
    with pytest.raises(ModelError, match="designer"):
        with_designer(one, {})
    with pytest.raises(ModelError, match="to_3"):
        with_designer(eq.load("object"), {"to_3": Fraction(1)})
    with pytest.raises(NotSupported, match="status quo"):
        with_designer(eq.load("object"), {"to_1": Fraction(1)}, "to_1")
