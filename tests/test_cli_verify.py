"""The verb verify: exit codes, JSON, certificates."""

from __future__ import annotations

import json

import pytest

KEYS = {"says", "copies", "verdict", "floor", "ceiling", "bracket", "computed", "printed", "witnesses", "method"}
MODEL = """name = "<b>one</b>"
decisions = ["a", "b"]
[agents.1]
types = [ { name = "x", prob = "1/2", utility = { a = 1 } }, { name = "y", prob = "1/2", utility = { b = 1 } } ]
[rule]
kind = "utilitarian"
[link]
copies = 2
"""


def test_proved(run):
    code, out, _ = run("verify", "object", "-k", "2:8:2", "--claim", "payoffs-unique", "--json")
    claims = json.loads(out)["claims"]
    assert code == 0
    assert [c["copies"] for c in claims] == [2, 4, 6, 8]
    assert {c["verdict"] for c in claims} == {"proved"}
    assert all(set(c) >= KEYS for c in claims)
    assert claims[0]["computed"] == {"1": "53/16", "2": "53/16"}
    assert claims[0]["bracket"] == {"1": ["53/16", "53/16"], "2": ["53/16", "53/16"]}


def test_refuted_with_a_certificate(run, tmp_path):
    path = tmp_path / "collusion.json"
    code, out, _ = run("verify", "collusion", "--json", "--certificate", path)
    claims = json.loads(out)["claims"]
    assert code == 1
    assert [c["verdict"] for c in claims] == ["refuted", "refuted"]
    assert all(c["witnesses"] and c["certified"] for c in claims)
    assert all(e["regret"] == "0" for c in claims for e in c["witnesses"])
    code, out, _ = run("check", path, "--model", "collusion", "--json")
    assert (code, json.loads(out)["valid"]) == (0, True)


def test_open_claims_and_claims_that_need_more_time(run):
    code, out, _ = run("verify", "voting", "--claim", "payoffs-unique", "--max-seconds", "0.3", "--json")
    assert code == 3
    assert json.loads(out)["claims"][0]["stopped"] == "time limit"


def test_a_page(run):
    code, out, _ = run("verify", "collusion")
    assert code == 1
    assert "REFUTED" in out
    assert "both ends are attained for everybody" in " ".join(out.split())
    assert "Witness" in out


def test_files(run, tmp_path):
    path = tmp_path / "model.toml"
    path.write_text(MODEL)
    code, _, err = run("verify", path)
    assert code == 2
    assert "makes no claims" in err
    code, out, _ = run("verify", path, "--claim", "truthful")
    assert code == 0
    assert "PROVED" in out
    path.write_text(MODEL + '[[claims]]\nsays = "payoff"\nof = "target"\nprinted = { 1 = "0.9" }\n')
    assert run("verify", path)[0] == 1
    path.write_text(MODEL + '[[claims]]\nsays = "payoff"\nof = "target"\nprinted = { 7 = "0.9" }\n')
    code, _, err = run("verify", path)
    assert code == 2
    assert "'7'" in err


@pytest.mark.parametrize("copies", ["0", "-1", "x", "4:2", "1:9:0", "2.5", ""])
def test_bad_copies(run, copies):
    code, _, err = run("verify", "object", "--claim", "truthful", f"--copies={copies}")
    assert code == 2
    assert len(err.strip().splitlines()) == 1


def test_no_certificate_to_write(run, tmp_path):
    path = tmp_path / "none.json"
    code, _, err = run("verify", "object", "--claim", "equilibrium-unique", "--certificate", path)
    assert code == 0
    assert "no certificate" in err
    assert not path.exists()
    code, _, err = run("verify", "object", "--claim", "truthful", "--certificate", tmp_path / "missing" / "c.json")
    assert code == 2
    assert "missing" in err


def test_a_stop_before_the_first_verdict_is_told(run):
    code, out, err = run("verify", "voting", "--max-memory", 10)
    assert (code, out.strip()) == (3, "")
    assert "memory limit" in err
