"""The verb ``collude``."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

import eqsolve as eq
from eqsolve.collusion.result import coalitions, collude
from eqsolve.show.collusion_plots import plot_collusion


def test_json_has_what_the_contract_asks_for(run):
    code, out, _ = run(
        "collude", "collusion", "-k", 4, "--coalition", "2,3", "--epsilon", "0:1/2:1/4", "--json", "--plans"
    )
    assert code == 0
    found = json.loads(out)
    assert (found["copies"], found["coalition"], found["pooled"]) == (4, ["2", "3"], True)
    assert [p["epsilon"] for p in found["points"]] == ["0", "1/4", "1/2"]
    first, last = found["points"][0], found["points"][-1]
    assert first["gain"] == {"2": "7/512", "3": "7/512"}
    assert first["equilibrium"] is False
    assert last["equilibrium"] is True
    assert last["loss"] == {"1": "3/4"}
    assert sum(Fraction(e["probability"]) for e in first["plan"]) == 1
    for entry in first["plan"]:
        assert sum(Fraction(x["probability"]) for x in entry["lottery"]) == 1


def test_without_epsilon_there_is_no_filter(run):
    found = json.loads(run("collude", "collusion", "-k", 2, "--json")[1])
    assert [p["epsilon"] for p in found["points"]] == [None]
    assert found["points"][0]["gain"] == {"2": "3/8", "3": "3/8"}


def test_all_coalitions_up_to_a_size(run):
    found = json.loads(run("collude", "triple", "--size", 3, "--no-check", "--json")[1])
    assert [c["coalition"] for c in found["coalitions"]] == [["2", "3"], ["2", "4"], ["3", "4"], ["2", "3", "4"]]
    assert found["coalition"] == ["2", "3", "4"]
    assert coalitions(eq.load("triple").link(4), 2) == [(1, 2), (1, 3), (2, 3)]


def test_several_numbers_of_problems(run, tmp_path):
    args = ("collude", "collusion", "-k", "2:4:2", "--coalition", "2,3", "--epsilon", "0,1/2")
    code, out, _ = run(*args, "--json")
    assert code == 0
    found = json.loads(out)
    assert [r["copies"] for r in found["runs"]] == [2, 4]
    assert [p["total"] for r in found["runs"] for p in r["points"]] == [None, "3/4", "7/256", "11/16"]
    assert [p["opposite"]["survives"] for r in found["runs"] for p in r["points"]] == [True, True, False, True]
    code, out, _ = run(*args, "--plot", tmp_path / "gain.png")
    assert code == 0
    assert (tmp_path / "gain.png").stat().st_size > 10_000
    rows = [[c.strip() for c in line.split("│")[1:-1]] for line in out.splitlines() if line.startswith("│")]
    assert ["0", "-", "7/256 (≈ 0.0273438)"] in rows
    assert ["0", "0", "3/8 (= 0.375)"] in rows
    assert json.loads(run("collude", "collusion", "-k", "4", "--no-check", "--json")[1])["copies"] == 4


def test_what_is_too_large_does_not_lose_the_rest(run):
    args = ("collude", "collusion", "-k", "2,30", "--no-pooling", "--no-check")
    code, out, _ = run(*args, "--json")
    assert code == 3
    found = json.loads(out)
    assert [r["copies"] for r in found["runs"]] == [2]
    assert "2, 3 on 30 problems" in found["stopped"]
    code, out, _ = run(*args)
    assert code == 3
    assert "Stopped" in out
    code, out, err = run("collude", "collusion", "-k", "30", "--no-pooling", "--json")
    assert (code, out) == (2, "")
    assert "fewer copies" in err


def test_what_is_told_of_filters_alike_is_told_once(run):
    out = run("collude", "collusion", "-k", 4, "--epsilon", "0:1/2:1/8")[1]
    assert sum(line.startswith("0 to 3/8") for line in out.splitlines()) == 3


def test_pages_plots_and_no_pooling(run, tmp_path):
    path = tmp_path / "gain.svg"
    code, out, _ = run("collude", "collusion", "-k", 4, "--epsilon", "0:1/2:1/4", "--no-pooling", "--plot", path)
    assert code == 0
    assert "cannot talk" in out
    assert "-5/64" in out
    assert path.read_text().startswith("<?xml")
    found = collude(eq.load("collusion").link(4), ("2", "3"), [Fraction(0), Fraction(1, 2), None], limit=True)
    (line,) = [x for x in plot_collusion([found]).axes[0].lines if x.get_label() == "2 and 3, K = 4"]
    assert list(line.get_ydata()) == pytest.approx([7 / 256, 11 / 16])
    assert "fixed opposite plan" in str(found)
    assert list(found.to_frame()["gain 2"]) == [Fraction(7, 512), Fraction(11, 32), Fraction(11, 32)]


def test_a_filter_of_the_model_is_taken(run, tmp_path):
    from eqsolve.io.kinds import bundled_models

    path = tmp_path / "filtered.toml"
    text = bundled_models()["collusion"].read_text()
    path.write_text(text.replace("copies = 2\nbudget", 'filter = { alpha = "0.05" }\ncopies = 8\nbudget'))
    found = json.loads(run("collude", path, "--no-check", "--json")[1])
    assert [p["epsilon"] for p in found["points"]] == ["1/4", None]
    code, out, _ = run("solve", path, "--form", "label-free", "--json")
    assert code == 0
    assert json.loads(out)["equilibria"][0]["payoffs"]["2"] == "15021/8960"
    for verb in (("curve",), ("export",), ("verify", "--claim", "payoffs-unique")):
        code, out, err = run(verb[0], path, *verb[1:])
        assert code == 2
        assert "filter" in err


@pytest.mark.parametrize(
    ("args", "hint"),
    [
        (("--coalition", "2"), "at least two"),
        (("--coalition", "2,9"), "9"),
        (("--epsilon", "2"), "0 to 1"),
        (("--weights", "1,2"), "--coalition"),
        (("--plot", "x.png"), "--epsilon"),
        (("--size", "1"), "--size"),
        (("-k", "4:2"), "at most b"),
        (("-k", "1/2"), "whole"),
        (("-k", "0"), "copies"),
        (("--coalition", "2,3", "--weights", "1,2,3"), "weights"),
    ],
)
def test_bad_usage_is_one_line(run, args, hint):
    code, out, err = run("collude", "collusion", *args)
    assert (code, out) == (2, "")
    assert len(err.strip().splitlines()) == 1
    assert hint in err
