"""The verb ``nash``: files, standard input, methods, JSON, pages, limits, exit codes."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from fractions import Fraction
from functools import partial

import pytest

BATTLE = {
    "title": "Battle of the sexes",
    "players": ["Ann", "Bob"],
    "strategies": [["opera", "fight"], ["opera", "fight"]],
    "payoffs": [[[2, 0], [0, 1]], [["1", "0"], ["0", "2"]]],
}
KEYS = {"players", "equilibria", "subsets", "components", "complete", "stopped"}


@pytest.fixture
def run(run):
    return partial(run, "nash")


@pytest.fixture
def battle(tmp_path):
    path = tmp_path / "battle.json"
    path.write_text(json.dumps(BATTLE))
    return path


@pytest.fixture
def large(tmp_path):
    """A game of 40 × 40 strategies, whose enumeration takes many minutes."""
    rng = random.Random(5)
    path = tmp_path / "large.json"
    table = [[[rng.randint(-100, 100) for _ in range(40)] for _ in range(40)] for _ in range(2)]
    path.write_text(json.dumps({"payoffs": table}))
    return path


def nfg(payoffs, sizes, players):
    names = " ".join(f'"{name}"' for name in players)
    return f'NFG 1 R "game" {{ {names} }} {{ {sizes} }}\n\n{payoffs}\n'


def test_json_of_two_players(run, battle):
    code, out, err = run(battle, "--json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert set(found) >= KEYS
    assert found["players"] == ["Ann", "Bob"]
    assert (found["complete"], found["stopped"]) == (True, None)
    assert found["subsets"] == found["components"] == [[0], [1], [2]]
    assert {
        "strategies": [["2/3", "1/3"], ["1/3", "2/3"]],
        "payoffs": ["2/3", "2/3"],
    } in found["equilibria"]


def test_json_of_irrational_equilibria(run, tmp_path):
    path = tmp_path / "three.nfg"
    # found by a search over small payoffs: an interior equilibrium with square roots
    rng = random.Random(0)
    for _ in range(200):
        numbers = " ".join(str(rng.randint(-3, 3)) for _ in range(24))
        path.write_text(nfg(numbers, "2 2 2", "abc"))
        code, out, _ = run(path, "--json")
        boxes = [v for e in json.loads(out)["equilibria"] for v in e["payoffs"] if isinstance(v, dict)]
        if boxes:
            break
    assert code == 0
    for box in boxes:
        assert set(box) == {"lo", "hi"}
        assert 0 < Fraction(box["hi"]) - Fraction(box["lo"]) < Fraction(1, 2**40)


def test_a_page_groups_by_components(run, battle, tmp_path):
    code, out, _ = run(battle)
    assert code == 0
    assert "complete: there are no others" in out
    assert "Component 3" in out
    assert "opera: 2/3, fight: 1/3" in out
    path = tmp_path / "flat.json"
    path.write_text(json.dumps({"payoffs": [[[0, 0], [0, 0]]] * 2}))
    _, out, _ = run(path)
    assert "all mixtures, player by player, of 4 extreme equilibria" in out
    path.write_text(json.dumps({"payoffs": [[[0, 0], [0, 1]], [[0, 0], [0, 0]]]}))
    assert "sets that touch" in run(path)[1]


def test_standard_input(run):
    code, out, _ = run("-", "--json", stdin=json.dumps(BATTLE).encode())
    assert code == 0
    assert len(json.loads(out)["equilibria"]) == 3
    code, out, _ = run("-", stdin=nfg("1 2 3 4", "2 1", ["x", "y"]).encode())
    assert code == 0
    assert "1 component" in out


@pytest.mark.parametrize(
    ("method", "complete"),
    [
        ("complementarity", True), ("support-enumeration", True), ("vertex-enumeration", True), ("polynomial", True),
        ("lemke-howson", False), ("best-response", False), ("pure", False),
    ],
)  # fmt: skip
def test_methods(run, battle, method, complete):
    code, out, _ = run(battle, "--method", method, "--json")
    found = json.loads(out)
    assert code == 0
    assert found["method"] == method
    assert found["complete"] is complete
    assert 1 <= len(found["equilibria"]) <= 3


@pytest.mark.parametrize("method", ["auto", "complementarity", "lemke-howson", "polynomial"])
def test_one(run, battle, method):
    code, out, _ = run(battle, "--one", "--json", "--method", method)
    found = json.loads(out)
    assert code == 0
    assert len(found["equilibria"]) == 1
    assert (found["complete"], found["stopped"]) == (False, None)


def test_symmetric(run, tmp_path):
    path = tmp_path / "hawk.json"
    path.write_text(json.dumps({"payoffs": [[[-1, 4], [0, 2]], [[-1, 0], [4, 2]]]}))
    code, out, _ = run(path, "--symmetric", "--json")
    assert code == 0
    assert [e["strategies"] for e in json.loads(out)["equilibria"]] == [[["2/3", "1/3"]] * 2]


@pytest.mark.parametrize(
    ("option", "what", "value"),
    [("--maximise", "welfare", "3"), ("--minimise", "payoff:1", "2/3"), ("--maximise", "payoff:Bob", "2")],
)
def test_optimal(run, battle, option, what, value):
    code, out, _ = run(battle, option, what, "--json")
    found = json.loads(out)
    assert code == 0
    assert found["optimum"]["value"] == found["optimum"]["bound"] == value
    assert found["optimum"]["proved"] is True
    assert len(found["equilibria"]) == 1
    assert "no equilibrium is better" in run(battle, option, what)[1]


def test_regret_of_what_is_no_equilibrium(run, tmp_path):
    path = tmp_path / "pennies.json"
    path.write_text(json.dumps({"payoffs": [[[2, -1], [-1, 1]], [[-2, 1], [1, -1]]]}))
    code, out, _ = run(path, "--method", "best-response", "--json")
    found = json.loads(out)
    assert code == 0
    assert found["equilibria"] == []
    assert all(Fraction(r) >= 0 for r in found["nearest"]["regrets"])
    assert "regrets" in run(path, "--method", "best-response")[1]


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        (b"", "empty"),
        (b"\x00\xff\xfe", "UTF-8"),
        (b"hello", "expected a game"),
        (b"{", "line 1"),
        (b"[1, 2]", "expected a game"),
        (b'{"payoffs": [[[1, 2], [3]], [[1, 2], [3, 4]]]}', "payoffs"),
        (b'{"payoffs": [[[NaN]], [[1]]]}', "NaN"),
        (b'{"payoffs": [[["1/0"]], [[1]]]}', "denominator"),
        (b'{"payoffs": [[[1]], [[1]]], "surprise": 1}', "surprise"),
        (b'{"payoffs": [[[1]], [[1]]], "players": ["a", "a"]}', "a"),
        (b'{"payoffs": ' + b"[" * 5000 + b"]" * 5000 + b"}", "nested"),
        (b'{"payoffs": [[[' + b"9" * 5000 + b"]], [[1]]]}", "digits"),
        (b'NFG 1 R "x" { "1" "2" } { 2 2 }\n\n1 2 3', "fewer than 8"),
        (b'NFG 1 R "x" { "1" "2" } { 2 2 }\n\n1 2 3 4 5 6 7 eight', "eight"),
        (b'NFG 1 R "x" { "1" "2" } { 99999 99999 }\n\n1 2', "cells"),
    ],
)
def test_bad_files_are_one_line_and_exit_2(run, tmp_path, content, hint):
    path = tmp_path / "bad"
    path.write_bytes(content)
    for source, stdin in ((path, b""), ("-", content)):
        code, out, err = run(source, stdin=stdin)
        assert code == 2
        assert out == ""
        assert len(err.strip().splitlines()) == 1
        assert hint in err


@pytest.mark.parametrize(
    ("args", "hint"),
    [
        (("no-such-file",), "No such file"),
        ((".",), "directory"),
        ((), "FILE"),
        (("-", "--method", "magic"), "magic"),
        (("-", "--maximise", "luck"), "expected welfare"),
        (("-", "--maximise", "payoff:Zoe"), "Ann, Bob"),
        (("-", "--maximise", "welfare", "--minimise", "welfare"), "exclude"),
        (("-", "--method", "lp"), "zero-sum"),
        (("-", "--symmetric"), "not symmetric"),
        (("-", "--one", "--symmetric"), "symmetric"),
        (("-", "--max-seconds", "0"), "max-seconds"),
    ],
)
def test_bad_usage_is_one_line_and_exit_2(run, args, hint):
    code, out, err = run(*args, stdin=json.dumps(BATTLE).encode())
    assert code == 2
    assert out == ""
    assert len(err.strip().splitlines()) == 1
    assert hint in err


def test_hostile_names_are_shown_harmlessly(run, tmp_path):
    path = tmp_path / "hostile.json"
    hostile = {
        "title": "[bold]x[/] \x1b[31m",
        "players": ["[link=file:///etc]a[/link]", "b\nc"],
        "strategies": [["[red]s", "\x1b]0;t\x07"], ["u", "v"]],
        "payoffs": BATTLE["payoffs"],
    }
    path.write_text(json.dumps(hostile))
    code, out, _ = run(path)
    assert code == 0
    assert "\x1b" not in out
    assert "[bold]x[/]" in out
    assert "[red]s" in out
    assert json.loads(run(path, "--json")[1])["players"] == hostile["players"]


@pytest.mark.parametrize("method", ["auto", "vertex-enumeration"])
def test_a_time_limit_ends_with_exit_3(run, large, method):
    code, out, _ = run(large, "--max-seconds", "0.5", "--json", "--method", method)
    found = json.loads(out)
    assert code == 3
    assert (found["complete"], found["stopped"]) == (False, "time limit")
    code, out, _ = run(large, "--max-seconds", "0.5", "--method", method)
    assert code == 3
    assert "not complete: time limit" in out


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs limits of memory")
def test_a_memory_limit_ends_with_exit_3(large):
    command = [sys.executable, "-m", "eqsolve", "nash", str(large), "--json", "--max-memory", "1"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 3, done.stderr
    assert json.loads(done.stdout)["stopped"] == "memory limit"


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs signals")
def test_ctrl_c_prints_what_is_known_and_ends_with_130(large):
    command = [sys.executable, "-m", "eqsolve", "nash", str(large), "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(4)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    found = json.loads(out)
    assert (found["complete"], found["stopped"]) == (False, "interrupted")
    assert "Traceback" not in err


def test_ctrl_c_while_a_module_is_imported_ends_with_130_too(tmp_path):
    # Dataclasses are made by `exec`, and CPython takes an interrupt in there for one that nobody handles.
    (tmp_path / "sitecustomize.py").write_text(
        "import eqsolve.cli\ndef stop(**_): exec('raise KeyboardInterrupt')\neqsolve.cli.models.callback = stop\n"
    )
    command = [sys.executable, "-m", "eqsolve", "models"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    assert subprocess.run(command, env=environment, capture_output=True, check=False).returncode == 130


def test_a_small_game_loads_nothing_heavy(battle):
    code = (
        "import sys; sys.argv = ['eqsolve', 'nash', sys.argv[1]]\n"
        "from eqsolve import cli\n"
        "try:\n    cli.main()\nexcept SystemExit:\n    pass\n"
        "heavy = ('scipy', 'networkx', 'nashpy', 'pulp', 'highspy', 'pandas', 'pydantic', 'eqsolve.linking')\n"
        "print([m for m in heavy if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code, str(battle)], capture_output=True, text=True, check=True).stdout
    assert out.splitlines()[-1] == "[]"
