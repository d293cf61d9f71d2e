"""The verb filter: documents, pages, plots, exit codes."""

from __future__ import annotations

import importlib.util
import json
from fractions import Fraction

import pytest

from eqsolve.cli import filtering

KEYS = {"copies", "alpha", "epsilon", "false_alarm", "family_wise", "power"}
EXAMPLE = """
decisions = ["a", "b"]
[agents.x]
types = [{ name = "<low>", prob = "1/2", utility = { a = 1 } }, { name = "high", prob = "1/2", utility = { b = 1 } }]
[agents.y]
same_as = "x"
[agents.z]
same_as = "x"
[rule]
kind = "utilitarian"
[link]
copies = 10
"""


@pytest.fixture
def asked(run):
    def call(*args):
        code, out, err = run("filter", *args, "--json")
        assert (code, err) == (0, "")
        return json.loads(out)

    return call


def test_known_figures(asked):
    found = asked("collusion", "-k", 8, "--alpha", "0.05")
    assert set(found) >= KEYS
    assert (found["model"], found["copies"], found["alpha"]) == ("collusion", 8, "1/20")
    assert (found["epsilon"], found["false_alarm"], found["family_wise"]) == ("1/4", "1/35", "1/35")
    assert found["power"]["complete"] == "1"
    assert found["power"]["complete_of"] == ["2", "3"]
    assert found["false_alarms"] == {"1": "0", "2": "1/35", "3": "1/35"}
    assert asked("collusion", "-k", 20, "--alpha", "0.05")["epsilon"] == "1/5"
    given = asked("collusion", "-k", 4, "--epsilon", "1/4")
    assert (given["alpha"], given["false_alarm"]) == ("1/3", "1/3")
    assert asked("taking-turns", "-k", 6, "--alpha", "1/10")["power"]["complete"] is None


def test_ranges_give_a_table(asked, run):
    found = asked("collusion", "-k", "4:10:2,20")
    assert [p["copies"] for p in found["points"]] == [4, 6, 8, 10, 20]
    assert [p["power"]["complete"] for p in found["points"]] == ["0", "0", "1", "1", "1"]
    code, out, _ = run("filter", "collusion", "-k", "4:10:2")
    assert code == 0
    assert "power" in out
    assert "1/35" in out


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ('filter = { alpha = "0.05" }', ("1/20", "3/10", "pairwise")),
        ('filter = { epsilon = "2/5", distance = "joint" }', (None, "2/5", "joint")),
        ('walk_away = "a"', ("1/20", "3/10", "pairwise")),
        ('process = { kind = "copy", rho = "1/2" }', ("1/20", "3/10", "pairwise")),
    ],
)
def test_the_models_own_filter_and_other_options(asked, tmp_path, options, line):
    """Calibration asks for budgets only; what else a model links with does not matter."""
    path = tmp_path / "model.toml"
    path.write_text(EXAMPLE + options + "\n")
    found = asked(path)
    alpha = found["false_alarm"] if line[0] is None else line[0]
    assert (found["alpha"], found["epsilon"], found["distance"]) == (alpha, *line[1:])
    assert found["copies"] == 10
    assert asked(path, "--epsilon", "1/2", "--distance", "pairwise")["epsilon"] == "1/2"


def test_simulation_stands_beside_the_exact_figures(asked):
    found = asked("collusion", "-k", 8, "--simulate", 20_000, "--seed", 3)
    played = found["simulation"]
    assert (played["rounds"], played["seed"]) == (20_000, 3)
    share = played["family_wise"]
    assert abs(share["estimate"] - 1 / 35) <= 5 * share["stderr"]
    assert played["power"]["complete"]["estimate"] == 1
    assert asked("collusion", "-k", 8, "--simulate", 20_000, "--seed", 3)["simulation"] == played


def test_family_wise_levels_and_bounds(asked, tmp_path):
    path = tmp_path / "model.toml"
    path.write_text(EXAMPLE)
    family = asked(path, "-k", 20, "--family-wise")
    assert (family["alpha_bounds"], family["epsilon"]) == ("family", "3/10")
    assert asked(path, "-k", 20)["epsilon"] == "1/5"
    wide = asked(path, "-k", 400)["family_wise"]
    assert 0 < Fraction(wide["lo"]) < Fraction(wide["hi"]) < 1


def test_plans(asked, run, tmp_path):
    path = tmp_path / "plan.csv"
    path.write_text("2,3\n" + "1,3\n3,1\n" * 4 + "1,1\n3,3\n")
    found = asked("collusion", "--plan", path, "--epsilon", "1/4")
    assert (found["copies"], found["power"]["plan"], found["power"]["plan_of"]) == (10, "1", ["2", "3"])
    assert asked("collusion", "-k", 10, "--plan", path, "--epsilon", "3/10")["power"]["plan"] == "0"
    code, _, err = run("filter", "collusion", "-k", 8, "--plan", path)
    assert code == 2
    assert "10 problems, expected 8" in err


def test_audit_with_and_without_a_model(asked, run, tmp_path):
    path = tmp_path / "ballots.csv"
    path.write_text("2;3\n" + "1;3\n3;1\n" * 4)
    for args in (("--audit", path), ("collusion", "--audit", path), ("collusion", "-k", 8, "--audit", path)):
        found = asked(*args)
        assert set(found) >= KEYS | {"file", "agents", "comparisons", "family_p_value"}
        assert found["agents"]["2"] == {"distance": "1/2", "p_value": "1/35", "adjusted": "2/35", "flagged": True}
        assert found["family_p_value"] == "1/35"
        assert found["comparisons"][0] == {"agent": "2", "others": ["3"], "distance": "1/2", "p_value": "1/35"}
    code, out, _ = run("filter", "--audit", path)
    assert code == 0
    assert "flagged: 2, 3" in out
    code, out, _ = run("filter", "--audit", "-", "--json", stdin=b"\xef\xbb\xbfa,b\nx,y\ny,x\n")
    assert (code, json.loads(out)["file"]) == (0, "<stdin>")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ((), ["MODEL", "--audit"]),
        (("nothing",), ["nothing"]),
        (("collusion", "--alpha", "0.1", "--epsilon", "0.1"), ["both"]),
        (("collusion", "--alpha", "1.5"), ["1.5", "0 to 1"]),
        (("collusion", "--epsilon", "x"), ["number"]),
        (("collusion", "-k", "0"), ["copies", "at least 1"]),
        (("collusion", "--simulate", "0"), ["--simulate"]),
        (("committee", "-k", "4"), ["committee", "loose"]),
        (("collusion", "--audit", "no-such.csv"), ["no-such.csv"]),
        (("collusion", "--audit", "x.csv", "--plot", "x.png"), ["--audit"]),
        (("collusion", "--plot", "x.gif"), [".png"]),
    ],
)
def test_bad_usage_is_one_line_and_exit_code_2(run, args, words):
    code, out, err = run("filter", *args)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert all(word in err for word in words)


def test_ballots_that_do_not_fit_end_in_one_line(run, tmp_path):
    path = tmp_path / "ballots.csv"
    path.write_text("2,3\n1,1\n1,4\n3,3\n3,3\n")
    code, out, err = run("filter", "collusion", "--audit", path)
    assert (code, out) == (2, "")
    assert "line 3, column '3'" in err
    code, _, err = run("filter", "collusion", "-k", 6, "--audit", path)
    assert code == 2
    assert "4 problems, expected 6" in err


def test_limits_and_interrupts_print_what_is_known(run, monkeypatch):
    from eqsolve.errors import LimitReached

    settle = filtering._setting

    def stop(error):
        def setting(loaded, model, copies, request):
            if copies == 8:
                raise error
            return settle(loaded, model, copies, request)

        return setting

    for error, wanted, why in (
        (LimitReached("time limit"), 3, "time limit"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ):
        monkeypatch.setattr(filtering, "_setting", stop(error))
        code, out, _ = run("filter", "collusion", "-k", "4,6,8,10", "--json")
        found = json.loads(out)
        assert (code, found["stopped"], len(found["points"])) == (wanted, why, 2)
        code, out, _ = run("filter", "collusion", "-k", "8", "--json")
        assert (code, json.loads(out)["epsilon"], json.loads(out)["stopped"]) == (wanted, None, why)
        code, out, _ = run("filter", "collusion", "-k", "8")
        assert code == wanted
        assert "stopped" in out


@pytest.mark.skipif(importlib.util.find_spec("matplotlib") is None, reason="matplotlib is not installed")
def test_plots(run, tmp_path):
    path = tmp_path / "power.svg"
    code, _, _ = run("filter", "collusion", "-k", "4:20:2", "--plot", path)
    assert code == 0
    assert "<svg" in path.read_text()


def test_start_is_quick_and_nothing_heavy_is_imported():
    import subprocess
    import sys

    code = "import sys, eqsolve.cli; sys.exit(any(m in sys.modules for m in ('numpy', 'matplotlib', 'flint')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
