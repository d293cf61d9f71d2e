"""Multipliers on lies bound the welfare of every incentive compatible mechanism by the second best, and by no less."""

from __future__ import annotations

import json
import random
from fractions import Fraction

import pytest
import random_signals as brute

from eqsolve.certificate import check
from eqsolve.interdependent.second_best import best_by_program, second_best
from eqsolve.io.interdependent_certificate import bound_certificate
from eqsolve.io.interdependent_file import load_interdependent


@pytest.mark.parametrize("incentives", ["bayesian", "ex-post"])
@pytest.mark.parametrize("seed", range(30))
def test_bounds_are_proved_and_sharp(seed, incentives):
    model = brute.random_model(random.Random(seed), dimensions=(0, 1, 2, 2))
    document = json.loads(json.dumps(bound_certificate(best_by_program(model, incentives))))
    verdict = check(document)
    assert verdict.valid, verdict.reason
    document["statement"]["welfare"] = str(Fraction(document["statement"]["welfare"]) - Fraction(1, 10**6))
    assert "bound the welfare by" in check(document).reason


def test_tampered_bounds():
    best = second_best(load_interdependent("two-informed"))
    document = json.loads(json.dumps(bound_certificate(best)))
    assert "no rule has an expected welfare above 2639/1250" in check(document).statement
    assert "the efficient one has 1321/625" in check(document).statement
    for key, value, why in (
        ("multiplier", "-1", "at least 0"),
        ("multiplier", "1/3", "same sum"),
        ("told", 99, "below 25"),
        ("agent", "9", "expected one of"),
    ):
        changed = json.loads(json.dumps(document))
        changed["evidence"]["multipliers"][0][key] = value
        assert why in check(changed).reason
    del document["evidence"]["multipliers"][:]
    assert "bound the welfare by 1321/625" in check(document).reason


def test_the_verb_writes_both(run, tmp_path):
    proof = tmp_path / "both.json"
    assert run("interdependent", "maskin", "--points", "4", "--second-best", "--certificate", proof)[0] == 0
    says = [part["statement"]["says"] for part in json.loads(proof.read_text())]
    assert says == ["efficient-rule-supported", "welfare-bounded"]
    code, out, _ = run("check", proof, "--model", "maskin")
    assert code == 0
    assert "no rule has an expected welfare above" in out
