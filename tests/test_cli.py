"""The command line: verbs, JSON, exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from fractions import Fraction

import pytest


@pytest.fixture
def solved(run):
    def call(*args):
        code, out, _ = run("solve", *args, "--json")
        assert code == 0
        return json.loads(out)

    return call


KEYS = {
    "model", "copies", "form", "scope", "complete", "stopped", "budgets", "budget_ties", "target", "floor", "ceiling",
    "equilibria", "subsets", "components", "seconds",
}  # fmt: skip
ENTRY = {"payoffs", "welfare", "label_free", "truthful", "coordination", "regret", "strategies", "free", "lie_tables"}


@pytest.mark.parametrize(
    ("copies", "value", "scope"), [(2, "53/16", "all"), (4, "221/64", "all"), (12, None, "label-free")]
)
def test_one_object(solved, copies, value, scope):
    found = solved("object", "-k", copies)
    assert set(found) >= KEYS
    assert (found["copies"], found["scope"], found["complete"], found["stopped"]) == (copies, scope, True, None)
    assert found["budgets"]["1"] == {"low": copies // 2, "high": copies // 2}
    assert found["floor"] == found["ceiling"] == found["equilibria"][0]["payoffs"]
    if value is not None:
        assert found["floor"] == {"1": value, "2": value}
    assert found["target"] == {"1": "31/8", "2": "31/8"}
    assert all(set(e) >= ENTRY and e["regret"] == "0" for e in found["equilibria"])
    first = found["equilibria"][0]
    assert (first["label_free"], first["truthful"], first["coordination"]["verdict"]) == (True, "fewest-lies", "none")
    assert all(e["coordination"]["verdict"] in ("none", "tie-breaking") for e in found["equilibria"])


def test_a_hundred_copies_are_exact(solved):
    found = solved("object", "-k", 100)
    assert found["form"] == "label-free"
    assert found["floor"] == found["ceiling"]
    assert found["equilibria"][0]["strategies"] is None
    tables = found["equilibria"][0]["lie_tables"]["1"]
    assert tables["100 low"] == [[[50, 50], [0, 0]]]
    assert tables["40 low, 60 high"] == [[[40, 0], [10, 50]]]


def test_collusion_of_two(solved):
    found = solved("collusion", "-k", 2)
    assert (found["floor"]["2"], found["ceiling"]["3"]) == ("13/8", "2")
    assert found["equilibria"][0]["payoffs"]["2"] == "13/8"
    kinds = {
        (e["payoffs"]["2"], e["payoffs"]["3"], e["truthful"], e["coordination"]["verdict"]) for e in found["equilibria"]
    }
    assert kinds == {
        ("13/8", "13/8", "fewest-lies", "none"),
        ("7/4", "7/4", "fewest-lies", "collusive"),
        ("2", "2", "no", "collusive"),
    }
    worst = next(e for e in found["equilibria"] if e["payoffs"]["2"] == "2")
    assert worst["coordination"]["coalitions"] == [["2", "3"]]
    assert worst["coordination"]["gain"] == {"1": "-3/4", "2": "3/8", "3": "3/8"}
    four = solved("collusion", "-k", 4)
    assert (four["floor"]["2"], four["ceiling"]["2"], four["floor"]["3"]) == ("53/32", "2", "53/32")


def test_bargaining_is_bracketed_and_its_ceiling_is_not_attained(solved):
    found = solved("bargaining", "-k", 3)
    assert set(found["floor"].values()) == {"584/243"}
    assert set(found["ceiling"].values()) == {"8/3"}
    assert found["complete"]
    assert found["scope"] == "all"
    assert max(Fraction(e["payoffs"]["1"]) for e in found["equilibria"]) == Fraction(5512, 2187) < Fraction(8, 3)


def test_subsets_and_components_speak_of_listed_equilibria(solved):
    found = solved("bargaining", "-k", 3)
    count = len(found["equilibria"])
    listed = {k for s in found["subsets"] for k in s}
    assert listed | {0} == set(range(count))
    assert sorted(k for c in found["components"] for k in c) == sorted(listed)


def test_rationed_intensities_are_declared_truthfully(run):
    code, out, _ = run("solve", "taking-turns", "-k", 3)
    assert code == 0
    assert "permutation-free" in out
    assert "truth and rule" in out


def test_forms_and_methods_agree(solved):
    explicit = solved("object", "-k", 2, "--form", "explicit")
    label_free = solved("object", "-k", 2, "--form", "label-free")
    iterated = solved("object", "-k", 2, "--method", "best-response")
    programs = solved("object", "-k", 2, "--method", "lp")
    for other in (label_free, iterated, programs):
        assert other["equilibria"][0]["payoffs"] == explicit["equilibria"][0]["payoffs"]
        assert other["floor"] == explicit["floor"]
    assert label_free["scope"] == "label-free"
    assert (iterated["scope"], iterated["complete"]) == ("found", False)
    strategies = label_free["equilibria"][0]["strategies"]["1"]
    assert strategies["low, high"] == {"low, high": "1"}
    assert strategies["low, low"] == {"high, low": "1/2", "low, high": "1/2"}


def test_best_responses_find_the_collusive_profile(solved):
    found = solved("collusion", "-k", 2, "--method", "best-response")
    assert any(e["coordination"]["verdict"] == "collusive" and e["payoffs"]["2"] == "2" for e in found["equilibria"])


@pytest.mark.parametrize(
    ("args", "hint"),
    [
        (("solve", "no-such-model"), "expected a path or one of"),
        (("solve", "object", "-k", "0"), "object: copies: found 0"),
        (("solve", "object", "-k", "many"), "many"),
        (("solve",), "MODEL"),
        (("frobnicate",), "frobnicate"),
        (("solve", "object", "-k", "40", "--form", "explicit"), "label-free"),
        (("solve", "taking-turns", "--form", "explicit"), "two at most"),
        (("solve", "object", "-k", "6", "--form", "label-free", "--method", "complementarity"), "--method lp"),
        (("solve", "collusion", "--method", "lp"), "dominance leaves a choice"),
        (("export", "object", "-k", "6"), "pure strategies"),
        (("export", "object", "-k", "1"), "no game to export"),
        (("solve", ""), "expected a path or one of"),
        (("solve", "object", "-k", "9" * 30), "about 10^29"),
        (("solve", "object", "-k", "20000", "--form", "explicit"), "label-free"),
        (("export", "object", "-k", "20000"), "label-free"),
        (("solve", "object", "--max-seconds", "nan"), "max-seconds"),
        (("solve", "object", "--max-seconds", "1e30"), "max-seconds"),
        (("solve", "object", "--max-memory", "9" * 15), "max-memory"),
        (("export", "object", "-o", "/no/such/folder/x.nfg"), "No such file"),
    ],
)
def test_bad_usage_is_one_line_and_exit_2(run, args, hint):
    code, out, err = run(*args)
    assert code == 2
    assert out == ""
    assert len(err.strip().splitlines()) == 1
    assert hint in err


def bargaining_with(tmp_path, *lines):
    """The bundled model of bargaining with more lines in its section on linking."""
    from eqsolve.io.kinds import bundled_models

    text = bundled_models()["bargaining"].read_text()
    path = tmp_path / "model.toml"
    added = "\n".join(lines)
    path.write_text(text.replace("copies = 3\nbudget", f"{added}\ncopies = 3\nbudget"))
    return path


COPY = 'process = { kind = "copy", rho = "1/2" }'
FIRST = 'process = { kind = "copy_first", rho = "1/2" }'
WALK = 'walk_away = "no_trade"'
FILTER = 'filter = { epsilon = "1/4" }'


@pytest.mark.parametrize(
    ("lines", "args", "hint"),
    [
        ([WALK, FILTER], ("solve",), "link.walk_away"),
        ([COPY, FILTER], ("solve",), "link.process"),
        ([FIRST], ("solve", "--form", "label-free"), "not exchangeable"),
        ([FIRST], ("curve", "-k", "3"), "not exchangeable"),
        ([WALK], ("solve", "--form", "separable"), "link.walk_away"),
        ([COPY], ("optimal",), "independent"),
        (['process = { kind = "copy" }'], ("solve",), "expected rho"),
        (['process = { kind = "copy", rho = 2 }'], ("solve",), "0 to 1"),
        (['process = { kind = "table", law = { "0, 8, 0" = 1 } }'], ("solve",), "its prior"),
        (['process = { agents = { 9 = { kind = "copy", rho = 1 } } }'], ("solve",), "'9'"),
        (['process = { kind = "copy", rho = 1, agents = { 1 = { kind = "copy", rho = 1 } } }'], ("solve",), "agents"),
    ],
)
def test_options_that_do_not_go_together_are_refused(run, tmp_path, monkeypatch, lines, args, hint):
    monkeypatch.chdir(tmp_path)
    path = bargaining_with(tmp_path, *lines)
    code, out, err = run(args[0], path, *args[1:])
    assert (code, out) == (2, "")
    assert len(err.strip().splitlines()) == 1
    assert hint in err


def test_walking_away_and_type_processes_are_solved(run, tmp_path):
    path = bargaining_with(tmp_path, WALK)
    code, out, _ = run("solve", path, "--form", "label-free", "--json")
    found = json.loads(out)
    assert (code, found["complete"], len(found["equilibria"])) == (0, True, 1)
    (entry,) = found["equilibria"]
    assert entry["payoffs"] == found["floor"] == {"1": "3752/2187", "2": "3752/2187"}
    assert (entry["walks"], entry["truthful"], entry["regret"]) == ("3536/6561", "no", "0")
    assert "walking away" in run("solve", path, "--form", "label-free")[1]
    points = json.loads(run("curve", path, "-k", "3,6,9", "--json")[1])
    assert points["points"][0]["payoffs"] == {"1": "3752/2187", "2": "3752/2187"}
    assert points["rate"]["bound"] is None
    path = bargaining_with(tmp_path, 'process = { agents = { 1 = { kind = "copy", rho = 1 } } }')
    found = json.loads(run("solve", path, "--json")[1])
    assert (found["complete"], "walks" in found["equilibria"][0]) == (True, False)
    assert len(found["equilibria"][0]["strategies"]["1"]) == 2


def test_bundled_models_are_listed(run):
    code, out, _ = run("models", "--json")
    assert code == 0
    names = {m["name"] for m in json.loads(out)["models"]}
    assert names >= {"voting", "taking-turns", "public-good", "bargaining", "collusion", "object", "committee"}
    assert len(run("models")[1].splitlines()) == len(names)


def test_hostile_names_are_shown_harmlessly(run, tmp_path):
    path = tmp_path / "model.toml"
    text = """name = "[bold red]x[/] \\u001b[31m"
source = "a\\nb"
decisions = ["a", "b"]
[agents."[link=file:///etc]2[/link]"]
types = [ { name = "[red]low", prob = "1/2", utility = { a = 1 } }, { name = "high", prob = "1/2" } ]
[rule]
kind = "utilitarian"
[link]
copies = 2
"""
    path.write_text(text)
    code, out, _ = run("solve", path)
    assert code == 0
    assert "\x1b" not in out
    assert "[bold red]x[/]" in out
    assert "[link=file:///etc]2[/link]" in out
    assert "[red]low" in out


def test_a_time_limit_ends_with_what_is_known_and_exit_3(run):
    code, out, _ = run("solve", "collusion", "-k", "4", "--form", "explicit", "--max-seconds", "1", "--json")
    found = json.loads(out)
    assert code == 3
    assert found["complete"] is False
    assert found["stopped"] == "time limit"
    assert found["target"]["2"] == "7/4"


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs signals")
def test_ctrl_c_ends_with_what_is_known_and_exit_130():
    code = "import sys, eqsolve.solving, eqsolve.cli; print('ready', file=sys.stderr, flush=True); eqsolve.cli.main()"
    command = [sys.executable, "-c", code, "solve", "collusion", "-k", "4", "--form", "explicit", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr.readline() == "ready\n"  # on a busy machine imports may take long
    time.sleep(3)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    found = json.loads(out)
    assert (found["complete"], found["stopped"]) == (False, "interrupted")
    assert "Traceback" not in err


def test_heavy_modules_stay_out_of_the_way_of_help():
    heavy = ["numpy", "scipy", "nashpy", "pulp", "rich"]
    code = f"import sys, eqsolve.cli; print([m for m in {heavy} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"


OBJECT = """decisions = ["to_1", "to_2"]
[agents.1]
types = [ { name = "low", prob = "1/2", utility = { to_1 = "LOW" } }, { name = "high", prob = "1/2", utility = { to_1 = "HIGH" } } ]
[agents.2]
same_as = "1"
[rule]
kind = "table"
outcomes = [ { when = { 1 = "high" }, choose = "to_1" }, { when = {}, choose = "to_2" } ]
[link]
budget = "none"
copies = 2
"""  # noqa: E501


@pytest.mark.parametrize(
    ("low", "high"), [("1/" + "7" * 150, "9" * 150), ("1e-400", "1e400"), ("0." + "3" * 190, "-1e399")]
)
def test_numbers_of_any_legal_size_are_solved_and_shown(run, tmp_path, low, high):
    path = tmp_path / "model.toml"
    path.write_text(OBJECT.replace("LOW", low).replace("HIGH", high))
    code, out, err = run("solve", path)
    assert (code, err) == (0, "")
    assert "floor" in out
    assert run("solve", path, "--json")[0] == 0


def test_large_numbers_of_problems_are_solved(run, tmp_path):
    found = json.loads(run("solve", "object", "-k", "5000", "--json")[1])
    assert found["floor"]["1"] == found["equilibria"][0]["payoffs"]["1"]
    alone = tmp_path / "alone.toml"
    alone.write_text(
        'decisions = ["a"]\n[agents.1]\ntypes = [{ name = "t", prob = 1, utility = { a = 1 } }]\n'
        '[rule]\nkind = "utilitarian"\n'
    )
    found = json.loads(run("solve", alone, "-k", "5000", "--json")[1])
    assert found["equilibria"][0]["payoffs"] == {"1": "1"}


def test_without_an_equilibrium_floors_and_ceilings_are_told(run, tmp_path):
    """Three agents in a matching game without budgets, whose label-free best responses go round in circles."""
    path = tmp_path / "model.toml"
    types = '[{ name = "x", prob = "1/2" WORTH }, { name = "y", prob = "1/2" WORTH }]'
    likes = {"1": "same = 1", "2": "differ = 1", "3": "same = 2, differ = 1"}
    agents = {name: f", utility = {{ {worth} }}" for name, worth in likes.items()}
    text = 'decisions = ["same", "differ"]\n'
    for name, worth in agents.items():
        text += f"[agents.{name}]\ntypes = {types.replace('WORTH', worth)}\n"
    text += """[rule]
kind = "table"
outcomes = [ { when = { 1 = "x", 2 = "x" }, choose = "same" }, { when = { 1 = "y", 2 = "y" }, choose = "same" },
             { when = { 1 = "x", 2 = "y", 3 = "x" }, choose = { same = "1/3", differ = "2/3" } },
             { when = {}, choose = "differ" } ]
[link]
budget = "none"
"""
    path.write_text(text)
    code, out, _ = run("solve", path, "--form", "label-free", "--json")
    found = json.loads(out)
    assert code in (0, 3)
    assert set(found["floor"]) == {"1", "2", "3"}
    assert None not in found["floor"].values()
    assert (code == 3) == (found["equilibria"] == [])


@pytest.mark.skipif(os.name != "posix", reason="needs a shell")
@pytest.mark.parametrize("tail", ["| head -1", "| true", ">&-"])
def test_a_reader_that_leaves_is_no_error(tail):
    command = f"set -o pipefail; {sys.executable} -m eqsolve solve collusion {tail}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


def test_a_memory_limit_ends_with_exit_3(run):
    code, out, _ = run("solve", "object", "--max-memory", "1", "--json")
    assert code == 3
    assert json.loads(out)["stopped"] == "memory limit"
