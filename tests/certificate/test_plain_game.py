"""Certificates of plain games: what the solver finds is valid, and nothing else is; and the verbs that write them."""

from __future__ import annotations

import copy
import itertools
import json
import random
from fractions import Fraction

import numpy as np
import pytest
from plain_games import irrational

import eqsolve as eq
from eqsolve.certificate import check
from eqsolve.certificate.plain_game import read_plain
from eqsolve.io.game_json import game_to_json
from eqsolve.io.plain_certificate import equilibria_certificate, plain_block

FILTERED = """decisions = ["a", "b"]
[agents.1]
types = [{ name = "x", prob = "1/2", utility = { a = 1 } }, { name = "y", prob = "1/2", utility = { b = 1 } }]
[agents.2]
same_as = "1"
[agents.3]
same_as = "1"
[rule]
kind = "utilitarian"
[link]
copies = 2
filter = { epsilon = "1/4" }
"""


def some_game(seed, shape, span=2):
    rng = random.Random(f"{seed} {shape}")
    return eq.NormalFormGame.from_payoffs(
        *(
            np.array([Fraction(rng.randint(-span, span), rng.choice([1, 3])) for _ in range(np.prod(shape))]).reshape(
                shape
            )
            for _ in shape
        )
    )


@pytest.mark.parametrize("shape", [(3,), (2, 3), (4, 4), (2, 2, 3), (3, 1, 2), (2, 2, 2, 2)])
@pytest.mark.parametrize("seed", range(3))
def test_what_is_found_is_proved(seed, shape):
    found = eq.nash(some_game(seed, shape), max_seconds=20)
    document = json.loads(json.dumps(equilibria_certificate(found)))
    verdict = check(document)
    assert verdict.valid, verdict.reason
    assert "nothing is said" in verdict.statement
    assert len(document["statement"]["subsets"]) == (len(found.subsets) if len(shape) == 2 else 0)


def stated(game, profile):
    return {
        "format": "eqsolve-certificate",
        "version": 1,
        "program": "",
        "game": plain_block(game),
        "statement": {
            "says": "nash-equilibria",
            "equilibria": [
                {
                    "strategies": [[str(p) for p in x] for x in profile],
                    "payoffs": [str(q) for q in game.payoff(profile)],
                }
            ],
            "subsets": [],
        },
        "evidence": {},
    }


@pytest.mark.parametrize("shape", [(2, 3), (2, 2, 3), (3, 1, 2), (2, 2, 2, 2)])
def test_a_profile_is_accepted_if_nobody_gains_by_any_strategy(shape):
    """Against the definition, at profiles that are equilibria and at others."""
    seen = set()
    for seed in range(6):
        game = some_game(seed, shape, 1)
        profiles = [
            tuple(tuple(Fraction(s == k) for s in range(m)) for m, k in zip(shape, cell, strict=True))
            for cell in itertools.product(*map(range, shape))
        ]
        profiles.append(tuple(tuple(Fraction(1, m) for _ in range(m)) for m in shape))
        for profile in profiles:
            values = [read_plain(plain_block(game)).against(i, profile) for i in range(len(shape))]
            for i, row in enumerate(values):
                for s, value in enumerate(row):
                    alone = [*profile[:i], [Fraction(k == s) for k in range(shape[i])], *profile[i + 1 :]]
                    assert value == game.payoff(alone)[i]
            valid = check(stated(game, profile)).valid
            assert valid == (game.regret(profile) == 0)
            seen.add(valid)
    assert seen == {True, False}


def chicken():
    game = eq.NormalFormGame.from_payoffs([[0, 7], [2, 6]], [[0, 2], [7, 6]], title="Chicken")
    return json.loads(json.dumps(equilibria_certificate(eq.nash(game))))


@pytest.mark.parametrize(
    ("path", "value", "word"),
    [
        (("statement", "equilibria", 0, "payoffs", 0), "3", "not the stated"),
        (("statement", "equilibria", 0, "payoffs"), ["7"], "payoff for each"),
        (("statement", "equilibria", 0, "strategies", 0), ["1/2", "1/2"], ""),
        (("statement", "equilibria", 0, "strategies", 0), ["1/2", "1/3"], "sum to 1"),
        (("statement", "equilibria", 0, "strategies", 0), ["3/2", "-1/2"], "negative"),
        (("statement", "equilibria", 0, "strategies", 0), ["1"], "each strategy"),
        (("statement", "equilibria"), [], "none"),
        (("statement", "subsets"), [[0, 1]], "no best reply"),
        (("statement", "subsets"), [[0, 3]], "indices"),
        (("statement", "subsets"), [[True]], "indices"),
        (("statement", "subsets"), [[]], "indices"),
        (("statement", "says"), "equilibrium", "nash-equilibria"),
        (("game", "payoffs", 0, 0), "9", ""),
        (("game", "payoffs", 0), ["0"], "expected 4"),
        (("game", "players", 0, "name"), "2", "twice"),
        (("game", "players", 0, "strategies"), ["1", "1"], "twice"),
        (("game", "players", 0, "strategies"), [], "none"),
        (("game", "kind"), "linked", ""),
        (("game", "kind"), ["normal-form"], ""),
        (("evidence",), {"trust": "me"}, "trust"),
    ],
)
def test_tampering_is_found_out(path, value, word):
    document = chicken()
    assert check(document).valid
    place = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    verdict = check(document)
    assert not verdict.valid
    assert word in verdict.reason
    assert "malformed" not in verdict.reason


def test_subsets_of_three_players_are_not_checked():
    document = json.loads(json.dumps(equilibria_certificate(eq.nash(some_game(0, (2, 2, 2))))))
    document["statement"]["subsets"] = [[0]]
    assert "two players" in check(document).reason


def test_irrational_equilibria_are_left_out(run, tmp_path):
    game, found = irrational()
    path, proof = tmp_path / "game.json", tmp_path / "proof.json"
    game_to_json(game, path)
    code, _, err = run("nash", path, "--certificate", proof)
    rational = [e for e in found if e.is_rational]
    assert code == 0
    assert proof.exists() == bool(rational)
    if rational:
        assert f"proves {len(rational)} of {len(found)}" in err
        assert run("check", proof)[0] == 0
    else:
        assert "no file was written" in err


def test_nash_writes_what_check_accepts(run, tmp_path):
    game, proof = tmp_path / "game.nfg", tmp_path / "proof.json"
    assert run("export", "object", "-k", "2", "-o", game)[0] == 0
    assert run("nash", game, "--certificate", proof, "--json")[0] == 0
    code, out, _ = run("check", proof)
    assert code == 0
    assert "Nash equilibri" in out
    assert "another kind" in run("check", proof, "--model", "object")[1]
    code, _, err = run("nash", game, "--certificate", tmp_path / "none" / "proof.json")
    assert code == 2
    assert "found no folder" in err


def test_solve_writes_what_check_accepts(run, tmp_path):
    proof = tmp_path / "proof.json"
    code, out, _ = run("solve", "collusion", "-k", "2", "--certificate", proof, "--json")
    assert code == 0
    answer, documents = json.loads(out), json.loads(proof.read_text())
    said = [d["statement"]["says"] for d in documents]
    assert said == ["equilibrium"] * len(answer["equilibria"]) + ["bounds"]
    assert [d["statement"]["payoffs"] for d in documents[:-1]] == [e["payoffs"] for e in answer["equilibria"]]
    assert [documents[-1]["statement"][side] for side in ("floor", "ceiling")] == [answer["floor"], answer["ceiling"]]
    assert run("check", proof, "--model", "collusion")[0] == 0
    broken = copy.deepcopy(documents)
    broken[-1]["statement"]["ceiling"]["2"] = "3/2"
    assert not check(broken).valid


def test_solve_proves_label_free_payoffs_where_strategies_are_not_listed(run, tmp_path):
    proof = tmp_path / "proof.json"
    code, out, err = run("solve", "object", "-k", "20", "--certificate", proof, "--json")
    assert code == 0
    payoff, bounds = json.loads(proof.read_text())
    assert payoff["statement"]["of"] == "label-free"
    assert payoff["statement"]["payoffs"] == json.loads(out)["equilibria"][0]["payoffs"]
    assert bounds["statement"]["says"] == "bounds"
    assert "0 of 1" in err
    assert run("check", proof)[0] == 0


def test_solve_refuses_what_certificates_cannot_tell(run, tmp_path):
    model = tmp_path / "filtered.toml"
    model.write_text(FILTERED, encoding="utf-8")
    code, out, err = run("solve", model, "--certificate", tmp_path / "proof.json")
    assert (code, out) == (2, "")
    assert "correlation filter" in err
    assert "filtered.toml" in err
    assert not (tmp_path / "proof.json").exists()
