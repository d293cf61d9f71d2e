"""Model files with transfers, the verb, and what is wrong with them told in one line."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner

from eqsolve.cli import cli
from eqsolve.errors import EqsolveError, ModelError
from eqsolve.io.transfers_file import load_transfers, parse_transfers
from eqsolve.transfers.grids import Grid

ROOT = Path(__file__).parents[2]
LISTED = """
kind = "transfers"
decisions = ["none", "pool"]
costs = { pool = 3 }
[agents.1]
outside = 0
types = [
  { name = "low", prob = "1/2", utility = { pool = 1 } },
  { name = "high", prob = "1/2", utility = { pool = 5 } },
]
[agents.2]
types = [
  { name = "low", prob = 0.25, utility = { pool = 1 }, outside = "1/2" },
  { name = "high", prob = 0.75, utility = { pool = 4 }, outside = 0 },
]
[rule]
ties = ["pool", "none"]
"""


def run(*arguments):
    result = CliRunner().invoke(cli, ["transfers", *arguments], standalone_mode=False, catch_exceptions=True)
    if result.exception is not None:
        raise result.exception
    return result


def test_types_written_out():
    model = parse_transfers(LISTED)
    problem = model.problem()
    assert problem.costs == (0, 3)
    assert problem.outside == ((0, 0), (Fraction(1, 2), 0))
    assert model.ties == ("pool", "none")
    with pytest.raises(ModelError, match="points"):
        model.problem(4)


def test_grids():
    assert Grid(2).values() == (Fraction(1, 4), Fraction(3, 4))
    assert Grid(3, place="ends").values() == (0, Fraction(1, 2), 1)
    assert Grid(2, place="upper").values() == (Fraction(1, 2), 1)
    assert Grid(2, Fraction(2), Fraction(4), "lower").values() == (2, 3)
    problem = load_transfers("trade").problem(3)
    assert problem.shape == (3, 3)
    assert problem.values[1][2] == (0, Fraction(-5, 6))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('kind = "transfers"', 'kind = "linked"', "expected a problem with transfers"),
        ("costs = { pool = 3 }", "costs = { river = 3 }", "costs: found 'river'"),
        ("outside = 0\n", "", "agents.1: outside"),
        ("outside = 0\n", 'outside = "river"\n', "status quo"),
        (", outside = 0 }", " }", "agents.2: outside"),
        ('["pool", "none"]', '["pool"]', "rule.ties"),
        ('["pool", "none"]', '"best"', "ties"),
        ("[agents.2]\n", "[agents.2]\nslope = { pool = 1 }\n", "found both of types and slope"),
        ("[agents.2]\n", "[agents.2]\nwish = 1\n", "unknown key"),
        ("prob = 0.25", "prob = 0.5", "probabilities sum to 5/4"),
        ("[rule]", "[grid]\npoints = 4\n[rule]", "grid"),
    ],
)
def test_mistakes_are_told_in_one_line(old, new, message):
    assert old in LISTED
    with pytest.raises(EqsolveError, match=message) as error:
        parse_transfers(LISTED.replace(old, new, 1), "file.toml")
    assert str(error.value).startswith("file.toml: ")
    assert "\n" not in str(error.value)


def test_grid_mistakes():
    text = (ROOT / "models" / "trade.toml").read_text(encoding="utf-8")
    for old, new, message in (
        ("points = 5", "points = 0", "grid.points"),
        ("points = 5", "points = 300", "grid.points"),
        ('"midpoints"', '"middle"', "grid.place"),
        ("to = 1", "to = -1", "interval"),
        ("trade = 1 }", "barter = 1 }", "barter"),
    ):
        with pytest.raises(EqsolveError, match=message):
            parse_transfers(text.replace(old, new, 1))
    with pytest.raises(EqsolveError, match="no grid"):
        parse_transfers(
            text.replace("[grid]", "[grid_]").replace("[grid_]", "[rule]", 1).split("[rule]")[0]
            + text[text.index("[agents.buyer]") :]
        )


def test_the_verb_prints_a_page_and_json():
    page = run("trade").output
    assert "VCG (pivot)" in page
    assert "There is a mechanism that is efficient, Bayesian incentive compatible" in page
    assert "IR-VCG has an expected deficit of 4/25 (= 0.16), which would rule it out with continuous types" in page
    assert "in line with Theorem 3" in run("trade", "--points", "6").output
    assert "so its balanced form is one (Corollary 2 of the notes)" in run("partnership").output
    document = json.loads(run("trade", "--json", "--ties", "any").output)
    point = document["points"][0]
    assert point["mechanisms"]["vcg"]["dominant"]["holds"]
    assert point["mechanisms"]["ir-vcg"]["budget"]["expected"] == "-4/25"
    assert point["mechanisms"]["agv"]["dominant"]["witness"]["gain"] == "14/25"
    assert point["existence"]["exists"]
    assert point["existence"]["largest_budget"] == "0"
    assert document["limits"] == {}


def test_the_verb_along_grids_finds_the_limits():
    document = json.loads(run("trade", "--json", "--points", "2:7", "--mechanism", "ir-vcg").output)
    assert [p["existence"]["exists"] for p in document["points"]] == [True] * 4 + [False] * 2
    assert document["limits"]["ir-vcg: budget"] == {"limit": "-1/6", "formula": ["-1/6", "0", "1/6"], "error": None}
    page = run("trade", "--points", "2:6", "--no-exists", "--mechanism", "ir-vcg").output
    assert "-1/6 + 1/(6 m^2) at all 5 grids" in page


def test_certificates_are_accepted_and_belong_to_the_model(tmp_path):
    path = tmp_path / "c.json"
    run("trade", "--points", "5:6", "--mechanism", "vcg", "--certificate", str(path))

    def checked(*arguments):
        return CliRunner().invoke(cli, ["check", str(path), *arguments], standalone_mode=False)

    assert checked("--model", "trade").return_value == 0
    assert "there is no mechanism" in checked().output
    other = checked("--model", "partnership")
    assert other.return_value == 1
    assert "name differ" in other.output
    assert checked("--model", "voting").return_value == 1
    for ties, words in (
        ("trade,no_trade", "of several the first of 'trade', 'no_trade'"),
        ("last", "of several the last"),
    ):
        run("trade", "--ties", ties, "--certificate", str(path))
        assert checked("--model", "trade").return_value == 0
        assert words in checked().output


def test_stronger_questions_and_refusals():
    document = json.loads(
        run("trade", "--points", "2", "--incentives", "dsic", "--participation", "ex-post", "--json").output
    )
    assert document["points"][0]["existence"]["exists"]
    document = json.loads(
        run("trade", "--points", "4", "--incentives", "dsic", "--participation", "ex-post", "--json").output
    )
    assert not document["points"][0]["existence"]["exists"]
    with pytest.raises(ModelError, match="found --no-exists"):
        run("trade", "--no-exists", "--certificate", "x.json")
    with pytest.raises(EqsolveError, match="expected one of first, last, uniform"):
        run("trade", "--ties", "best")
    with pytest.raises(EqsolveError, match="expected a problem with transfers"):
        run("voting")
    with pytest.raises(EqsolveError, match="profiles"):
        run("bridge", "--points", "60")


def test_the_bundled_models_are_the_families():
    from eqsolve.transfers.families import partnership_model, public_good_model, trade_model

    for name, model in (
        ("trade", trade_model(5)),
        ("partnership", partnership_model((Fraction(1, 2),) * 2, 6)),
        ("bridge", public_good_model(3, Fraction(3, 2))),
    ):
        one, two = load_transfers(name).problem(), model.problem()
        assert (one.values, one.outside, one.costs) == (two.values, two.outside, two.costs)
