"""The verb ``curve`` and the ranges that verbs read."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from fractions import Fraction

import click
import pytest

from eqsolve.cli.options import MAX_RANGE, ranges


@pytest.fixture
def curve(run):
    def call(*args, expect=0):
        code, out, err = run("curve", *args, "--json")
        assert (code, err) == (expect, "")
        return json.loads(out)

    return call


def test_points_of_bargaining(curve):
    found = curve("bargaining", "-k", "3:12:3")
    assert {"model", "points", "rate", "stopped", "seconds"} <= set(found)
    assert [p["copies"] for p in found["points"]] == [3, 6, 9, 12]
    first = found["points"][0]
    assert {"copies", "payoffs", "floor", "ceiling", "target", "gap"} <= set(first)
    assert first["payoffs"] == first["floor"] == {"1": "584/243", "2": "584/243"}
    assert first["ceiling"] == first["target"] == {"1": "8/3", "2": "8/3"}
    assert first["gap"] == {"1": "64/243", "2": "64/243"}
    assert (first["exact"], first["error"]) == (True, None)
    assert -0.6 < found["rate"]["exponent"] < -0.4
    assert 0 < found["rate"]["stderr"] < 0.1
    assert found["rates"]["1"]["exponent"] == pytest.approx(found["rate"]["exponent"])
    assert found["stopped"] is None


def test_estimates_are_numbers_beside_their_error(curve):
    found = curve("taking-turns", "-k", "3,300", "--float")
    for point in found["points"]:
        assert point["ceiling"] is None
        for key in ("payoffs", "floor", "gap", "error"):
            assert all(isinstance(x, float) for x in point[key].values())
        assert point["target"]["1"] == "8/9"
        assert max(point["error"].values()) < 1e-10
    exact = curve("taking-turns", "-k", "3", "--exact")["points"][0]
    for name, x in found["points"][0]["payoffs"].items():
        assert abs(Fraction(x) - Fraction(exact["payoffs"][name])) <= found["points"][0]["error"][name]
    assert found["rate"] is None  # two points are no line


def test_the_default_doubles_the_copies_of_the_model(curve, tmp_path):
    assert [p["copies"] for p in curve("bargaining")["points"]] == [3 * 2**k for k in range(7)]
    from eqsolve.io.kinds import bundled_models

    path = tmp_path / "model.toml"
    text = bundled_models()["object"].read_text()
    path.write_text(text.replace('budget = "frequencies"', "budget = { counts = { low = 1, high = 1 } }"))
    assert [p["copies"] for p in curve(path)["points"]] == [2]


def test_the_page(run):
    code, out, err = run("curve", "collusion", "-k", "2:64:2")
    assert (code, err) == (0, "")
    assert "K^-0.5" in out
    assert "Agents 2 and 3: 7/4 (= 1.75) under truth and the rule" in out
    assert "24 of 32 points" in out
    assert "█" in out
    assert "exact arithmetic" in out
    code, out, _ = run("curve", "object", "-k", "2,4", "--float")
    assert "no rate" in out
    assert "floating point, proved to be within" in out


def test_a_plot_is_written(run, tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    path = tmp_path / "curve.svg"
    code, _, err = run("curve", "object", "-k", "2:8:2", "--plot", path)
    assert (code, err) == (0, "")
    assert "<svg" in path.read_text()


@pytest.mark.parametrize(
    ("args", "hint"),
    [
        (("curve", "object", "-k", "many"), "a:b:step"),
        (("curve", "object", "-k", "9:3"), "a at most b"),
        (("curve", "object", "-k", "0:4"), "found 0"),
        (("curve", "object", "-k", "1:100000"), f"{MAX_RANGE:,}"),
        (("curve", "object", "-k", "2,200000"), "at most 100,000"),
        (("curve", "object", "-k", "1/2"), "whole numbers"),
        (("curve", "no-such-model"), "expected a path or one of"),
        (("curve", "object", "--plot", "x.gif"), ".png"),
        (("curve", "object", "--plot", "/no/such/folder/x.png"), "folder"),
        (("curve", "taking-turns", "-k", "5000", "--exact"), "fewer copies help"),
        (("curve", "taking-turns", "-k", "20000"), "fewer copies help"),
        (("curve",), "MODEL"),
    ],
)
def test_bad_usage_is_one_line_and_exit_2(run, args, hint):
    code, out, err = run(*args)
    assert code == 2
    assert out == ""
    assert len(err.strip().splitlines()) == 1
    assert hint in err


def test_copies_that_the_budget_refuses_are_named(run, tmp_path):
    from eqsolve.io.kinds import bundled_models

    path = tmp_path / "model.toml"
    text = bundled_models()["object"].read_text()
    path.write_text(text.replace('budget = "frequencies"', "budget = { counts = { low = 1, high = 1 } }"))
    code, _, err = run("curve", path, "-k", "2:4")
    assert code == 2
    assert "found 3, expected 2, the sum of the counts" in err
    path.write_text(text.replace('budget = "frequencies"', 'budget = { at_least = { low = "1/2", high = "1/2" } }'))
    code, _, err = run("curve", path, "-k", "2:4")
    assert code == 2
    assert "copies 3" in err
    assert "somebody can meet" in err


def test_a_time_limit_ends_with_the_points_known_and_exit_3(curve):
    found = curve("taking-turns", "-k", "3,3000", "--exact", "--max-seconds", "1.5", expect=3)
    assert found["stopped"] == "time limit"
    assert [p["copies"] for p in found["points"]] == [3]
    assert found["points"][0]["payoffs"]["1"] == "22/27"
    assert found["points"][0]["floor"]["1"] is None


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs signals")
def test_ctrl_c_ends_with_the_points_known_and_exit_130():
    command = [sys.executable, "-m", "eqsolve", "curve", "taking-turns", "-k", "3,3000", "--exact", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(4)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    found = json.loads(out)
    assert found["stopped"] == "interrupted"
    assert [p["copies"] for p in found["points"]] in ([3], [3, 3000])  # the floors of the last may be missing
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("5", [5]),
        ("2,4,8", [2, 4, 8]),
        ("8, 2 ,4,2", [2, 4, 8]),
        ("3:5", [3, 4, 5]),
        ("3:12:3", [3, 6, 9, 12]),
        ("3:13:3", [3, 6, 9, 12]),
        ("4:4", [4]),
        ("1:3,10:20:5", [1, 2, 3, 10, 15, 20]),
        ("1e2", [100]),
    ],
)
def test_ranges(text, numbers):
    assert ranges(text) == tuple(numbers)


def test_ranges_of_fractions_are_exact():
    assert ranges("0:1/2:1/20", whole=False) == tuple(Fraction(k, 20) for k in range(11))
    assert ranges("0:0.3:0.1", whole=False) == (0, Fraction(1, 10), Fraction(1, 5), Fraction(3, 10))
    assert ranges("1/3,-1", whole=False) == (-1, Fraction(1, 3))


MALFORMED = ["", " ", ",", "1,,2", ":", "1:", ":3", "1:2:3:4", "3:1", "1:2:0", "1:2:-1", "a", "nan", "1;2", "1 2", "--"]


@pytest.mark.parametrize("text", [*MALFORMED, "1/0", "1:1e9", "9" * 300, "0x10", "1_000", "\u0663"])
def test_malformed_ranges_are_refused(text):
    with pytest.raises(click.BadParameter, match="expected") as error:
        ranges(text)
    assert len(error.value.message) < 200


def test_fractions_are_refused_where_numbers_must_be_whole():
    for text in ("1/2", "1:2:1/2", "0.5:3"):
        with pytest.raises(click.BadParameter, match="whole"):
            ranges(text)
