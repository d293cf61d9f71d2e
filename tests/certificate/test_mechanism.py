"""Certificates of optimal mechanisms: honest ones are valid, tampering is found out, what is accepted is true."""

from __future__ import annotations

import copy
import json
import random
from fractions import Fraction
from functools import cache

import pytest
from certificate_evidence import drop, set_

import eqsolve as eq
from eqsolve.certificate import check
from eqsolve.certificate.mechanism import best_lie
from eqsolve.engines.transport import Transport
from eqsolve.io.optimal_json import optimal_certificate
from eqsolve.mechanisms.optimal import Requirements, optimal_mechanism

KINDS = {
    "bayesian": ("object", 2, Requirements()),
    "lottery": ("object", 3, Requirements()),
    "strategy-proof": ("voting", 2, Requirements("dsic")),
    "interim": ("bargaining", 2, Requirements(participation="interim", status_quo="no_trade")),
    "total": ("bargaining", 2, Requirements(participation="total", status_quo="no_trade")),
    "problem": ("bargaining", 2, Requirements("dsic", "problem", "no_trade")),
    "transfers": ("object", 2, Requirements(transfers=True)),
    "paid": ("bargaining", 2, Requirements("bic", "interim", "no_trade", True)),
    "free": ("collusion", 2, Requirements("none")),
    "three": ("taking-turns", 1, Requirements()),
}


@cache
def _honest(kind):
    model, copies, requirements = KINDS[kind]
    game = eq.load(model).link(copies)
    weights = [Fraction(2), Fraction(1), Fraction(1)] if kind == "three" else None
    found = optimal_mechanism(game.problem, copies, requirements, weights=weights)
    return json.loads(json.dumps(optimal_certificate(game, found)))


def honest(kind):
    return copy.deepcopy(_honest(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_honest_certificates_are_valid(kind):
    verdict = check(honest(kind))
    assert verdict.valid, verdict.reason
    assert "the largest sum" in verdict.statement
    assert honest(kind)["statement"]["welfare"] in verdict.statement


def scaled(*path, by):
    def change(document):
        *way, key = path
        place = document
        for step in way:
            place = place[step]
        place[key] = str(Fraction(place[key]) * by)

    return change


def first_best(document):
    """What would be best if everybody were honest: with that welfare, but not incentive compatible."""
    game = eq.load("object").link(2)
    found = optimal_mechanism(game.problem, 2, Requirements("none"))
    document["evidence"]["mechanism"] = optimal_certificate(game, found)["evidence"]["mechanism"]
    document["statement"]["welfare"] = str(found.welfare)


def constant(document):
    """Incentive compatible, but not the best."""
    for cells in document["evidence"]["mechanism"]:
        for cell in cells:
            cell[2] = ["1", "0"]
    document["statement"]["welfare"] = "11/2"


def moved_welfare(document):
    """A bit of probability moved at one place, and the welfare that goes with it stated."""
    for cells in document["evidence"]["mechanism"]:
        for cell in cells:
            if cell[0] == ["high", "low"] and cell[2] == ["1", "0"]:
                cell[2] = ["9/10", "1/10"]
                return


def swapped_lottery(document):
    cells = document["evidence"]["mechanism"]
    cells[0][0][2], cells[1][0][2] = ["1", "0"], ["0", "1"]


def first_lie(document, kind="bic"):
    return next(m for m in document["evidence"]["multipliers"] if m["kind"] == kind)


def lie_of_others(document):
    lie = first_lie(document)
    lie["lie"] = [["low", "high", 1]]


def negative_multiplier(document):
    lie = first_lie(document)
    lie["multiplier"] = str(-Fraction(lie["multiplier"]))


def trade_nobody_accepts(document):
    for cells in document["evidence"]["mechanism"]:
        for cell in cells:
            if cell[0] == ["8", "2"]:
                cell[2] = ["9/10", "1/10", "0", "0"]


def unbalanced(document):
    """A present for agent 1, which is counted as welfare."""
    row = document["evidence"]["transfers"]["1"][0]
    assert row[0] == [0, 2]
    row[1] = str(Fraction(row[1]) + 4)
    document["statement"]["welfare"] = str(Fraction(document["statement"]["welfare"]) + Fraction(4, 4 * 2))


def required(key, value):
    return set_("statement", "requirements", key, value)


JOINT = ("evidence", "mechanism", 0)
TAMPERING = [
    ("welfare raised", "bayesian", scaled("statement", "welfare", by=Fraction(101, 100)), "has the welfare"),
    ("welfare lowered", "bayesian", scaled("statement", "welfare", by=Fraction(99, 100)), "has the welfare"),
    ("the first best", "bayesian", first_best, "gains"),
    ("a mechanism that is not the best", "bayesian", constant, "multipliers bound"),
    ("a lottery changed", "bayesian", moved_welfare, "has the welfare"),
    ("decisions changed", "bayesian", swapped_lottery, ""),
    ("no lottery", "bayesian", set_(*JOINT, 0, 2, ["1", "1"]), "no lottery"),
    ("a negative probability", "bayesian", set_(*JOINT, 0, 2, ["2", "-1"]), "no lottery"),
    ("a joint histogram left out", "bayesian", drop(*JOINT), "joint histograms"),
    ("a count changed", "bayesian", set_(*JOINT, 0, 1, 3), "sum to"),
    ("a profile that is none", "bayesian", set_(*JOINT, 0, 0, ["low", "highest"]), "no type"),
    ("multipliers left out", "bayesian", set_("evidence", "multipliers", []), "multipliers bound"),
    ("a multiplier changed", "bayesian", scaled("evidence", "multipliers", 0, "multiplier", by=Fraction(2)), "bound"),
    ("a negative multiplier", "bayesian", negative_multiplier, "negative"),
    ("a lie about too few problems", "bayesian", lie_of_others, "not about"),
    ("a requirement that is none", "bayesian", set_("evidence", "multipliers", 0, "kind", "none"), "takes none"),
    ("a requirement of others", "bayesian", set_("evidence", "multipliers", 0, "kind", "dsic"), "not required"),
    ("a multiplier on balance without transfers", "bayesian",
     set_("evidence", "multipliers", 0, {"kind": "balance", "multiplier": "1"}), "no transfers"),
    ("transfers out of nowhere", "bayesian", set_("evidence", "transfers", "1", [[[2, 0], "1"]]), "may be none"),
    ("a weight changed", "bayesian", set_("statement", "weights", "1", "2"), ""),
    ("a negative weight", "bayesian", set_("statement", "weights", "1", "-1"), "at least 0"),
    ("incentives dropped", "bayesian", required("incentives", "none"), "not required"),
    ("incentives strengthened", "bayesian", required("incentives", "dsic"), ""),
    ("unknown incentives", "bayesian", required("incentives", "some"), "requirements"),
    ("a status quo without participation", "bayesian", required("status_quo", "to_1"), "status quo"),
    ("transfers allowed", "bayesian", required("transfers", True), "transfers"),
    ("the utility of a type changed", "lottery", set_("game", "agents", 0, "types", 0, "utility", 0, "2"), ""),
    ("a prior changed", "lottery", set_("game", "agents", 0, "types", 0, "prob", "1/3"), "sum to"),
    ("copies changed", "lottery", set_("game", "copies", 2), ""),
    ("incentives of another kind", "strategy-proof", required("incentives", "bic"), ""),
    ("a lie with unknown types", "strategy-proof", set_("evidence", "multipliers", 0, "lie", 0, 0, ["3"]), "no type"),
    ("a lie told twice", "strategy-proof",
     set_("evidence", "multipliers", 0, "lie", [[["1"], "1", "2", 1]] * 2), "twice"),
    ("trade that harms", "interim", trade_nobody_accepts, ""),
    ("participation on every problem", "interim", required("participation", "problem"), "worse than"),
    ("participation dropped", "total", required("participation", "none"), "status quo"),
    ("another status quo", "total", required("status_quo", "trade_at_5"), ""),
    ("a promise at no joint histogram", "total",
     set_("evidence", "multipliers", 0, {"kind": "total", "agent": "1", "joint": [], "multiplier": "1"}), "joint"),
    ("trade that nobody accepts", "problem", trade_nobody_accepts, ""),
    ("transfers forbidden", "transfers", required("transfers", False), "transfers"),
    ("transfers that do not balance", "transfers", unbalanced, "balance"),
    ("a transfer left out", "paid", drop("evidence", "transfers", "1", 0), ""),
    ("transfers with stronger requirements", "transfers", required("incentives", "dsic"), "transfers"),
    ("multipliers that forget transfers", "transfers", set_("evidence", "multipliers", []), "transfers"),
    ("an agent's weight left out", "three", drop("statement", "weights", "3"), "every agent"),
    ("an extra key", "free", set_("statement", "note", "trust me"), "note"),
    ("an extra key in the evidence", "free", set_("evidence", "note", "trust me"), "note"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "change", "word"), [t[1:] for t in TAMPERING], ids=[t[0] for t in TAMPERING])
def test_tampering_is_found_out(kind, change, word):
    document = honest(kind)
    change(document)
    assert document != honest(kind)
    verdict = check(document)
    assert not verdict.valid
    assert verdict.statement == ""
    assert word in verdict.reason
    assert "malformed" not in verdict.reason


def numbers(value, path=()):
    """Paths to everything in a document that is no container."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from numbers(item, (*path, key))
    elif isinstance(value, list):
        for key, item in enumerate(value):
            yield from numbers(item, (*path, key))
    else:
        yield path


def at(document, path):
    for step in path:
        document = document[step]
    return document


@pytest.mark.parametrize("kind", ["bayesian", "total", "paid", "problem"])
def test_what_is_still_accepted_after_random_changes_is_true(kind):
    rng = random.Random(kind)
    model, copies, _ = KINDS[kind]
    base = honest(kind)
    places = [p for p in numbers(base) if p[0] in ("statement", "evidence")]
    for _ in range(100):
        document = honest(kind)
        path = rng.choice(places)
        old = at(document, path)
        other = at(base, rng.choice(places))
        at(document, path[:-1])[path[-1]] = rng.choice([other, "0", "1", "1/2", "-1", 2, None, True, old])
        verdict = check(document)
        assert "malformed" not in verdict.reason
        if verdict.valid:
            told = document["statement"]["requirements"]
            found = optimal_mechanism(
                eq.load(model).problem,
                copies,
                Requirements(told["incentives"], told["participation"], told["status_quo"], told["transfers"]),
                weights=[Fraction(w) for w in document["statement"]["weights"].values()],
            )
            assert found.welfare == Fraction(document["statement"]["welfare"])


def test_the_best_lie_is_a_transportation_problem():
    rng = random.Random(1)
    for _ in range(60):
        sizes = rng.randint(1, 4), rng.randint(1, 4)
        total = rng.randint(1, 6)
        rows, columns = ([0] * size for size in sizes)
        for _ in range(total):
            rows[rng.randrange(sizes[0])] += 1
            columns[rng.randrange(sizes[1])] += 1
        worth = [[rng.randint(-5, 5) for _ in columns] for _ in rows]
        assert best_lie(worth, rows, columns) == Transport(tuple(map(tuple, worth)), tuple(columns)).value(rows)


def test_the_command_line_checks_it(run, tmp_path):
    path = tmp_path / "best.json"
    path.write_text(json.dumps(honest("bayesian")))
    code, out, _ = run("check", path, "--model", "object")
    assert code == 0
    assert "115/16" in out
    code, out, _ = run("check", path, "--model", "voting")
    assert code == 1
