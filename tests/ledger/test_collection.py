"""The ledger as a whole: every claim has an entry, limits leave claims open, the command line tells it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from eqsolve.errors import ModelError, SizeError
from eqsolve.ledger import VERDICTS, collect, collection, registry
from eqsolve.ledger.registry import MISSING, SETTLERS, published, settler
from eqsolve.ledger.settled import figure, unsettled

SLOW = {"000.ex1.alleq"}
ASSUMED = {"004.ee.payment14"}  # what is printed is not computed but assumed
QUICK = [c for c in published() if c.id in SETTLERS and c.id not in SLOW]


def test_every_published_claim_has_an_entry():
    ids = [c.id for c in published()]
    assert len(ids) == len(set(ids)) == 86
    assert {c.id for c in published() if c.source in ("000", "003", "004")} <= set(SETTLERS) <= set(ids)
    assert {c.source for c in published() if c.id not in SETTLERS} == set(MISSING)
    for claim in published():
        if claim.id not in SETTLERS:
            found = settler(claim)(claim)
            assert (found.verdict, found.computed) == ("open", "")
            assert found.method.startswith("not computed: needs ")


@pytest.mark.parametrize("claim", QUICK, ids=lambda c: c.id)
def test_verdicts_are_legal_and_say_why(claim, settled):
    found = settled(claim.id)
    assert found.verdict in VERDICTS
    assert found.verdict != "open"
    assert found.computed
    assert found.method
    assert bool(found.caveat) == (found.verdict != "holds")


def test_the_page_of_the_documentation_lists_exactly_the_errata(settled):
    text = (Path(__file__).parents[2] / "docs" / "claims.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `(\d{3}\.[^`]+)`", text, flags=re.MULTILINE))
    assert listed == {c.id for c in QUICK if settled(c.id).verdict == "erratum"}


@pytest.mark.parametrize(
    "claim", [c for c in QUICK if c.printed and "rho" not in c.printed and c.id not in ASSUMED], ids=lambda c: c.id
)
def test_verdicts_follow_the_computation_not_the_print(claim, settled):
    """With another figure in print every such claim is an erratum, and with the computed one none is."""
    found = settled(claim.id)
    assert settler(claim)(replace(claim, printed="17")).verdict == "erratum"
    assert settler(claim)(replace(claim, printed=found.computed)).verdict != "erratum"


def test_figures_are_compared_to_half_a_unit_of_the_last_digit():
    claim = replace(QUICK[0], printed="3.752, 1/3")
    assert figure(claim, ["3.7525", "1/3"], "").verdict == "holds"
    assert figure(claim, ["3.7526", "1/3"], "").verdict == "erratum"
    assert figure(claim, ["3.752", "0.3333"], "").verdict == "erratum"
    assert figure(claim, ["3.752"], "").verdict == "erratum"


@pytest.fixture
def three(monkeypatch):
    """A ledger of three claims that are settled by stand-ins; the models' claims are left out."""
    done = []
    claims = published()[:3]
    monkeypatch.setattr(collection, "published", lambda: claims)
    monkeypatch.setattr(collection, "model_claims", lambda: iter(()))

    def settle(second):
        def stand_in(claim):
            done.append(claim.id)
            return second() if claim is claims[1] else unsettled("stand-in")

        monkeypatch.setattr(collection, "settler", lambda claim: stand_in)
        return done

    return settle


def test_ctrl_c_leaves_the_rest_open(three):
    def interrupt():
        raise KeyboardInterrupt

    done = three(interrupt)
    ledger = collect()
    assert (ledger.stopped, len(done), len(ledger)) == ("interrupted", 2, 3)
    assert [e.settled.method for e in ledger] == ["stand-in", *["not reached: interrupted"] * 2]


def test_what_is_too_large_stays_open_alone(three):
    def refuse():
        raise SizeError("too large")

    done = three(refuse)
    ledger = collect()
    assert (ledger.stopped, len(done)) == (None, 3)
    assert ledger.entries[1].settled.method == "not computed: too large"


def test_time_limit(three):
    ledger_done = three(lambda: unsettled("stand-in"))
    ledger = collect(max_seconds=-1)
    assert (ledger.stopped, ledger_done) == ("time limit", [])
    assert ledger.counts == {"holds": 0, "holds-with-caveat": 0, "erratum": 0, "open": 3}


def test_progress_names_each_claim(three):
    three(lambda: unsettled("stand-in"))
    told = []
    collect(progress=lambda *what: told.append(what))
    assert told == [(c.id, k, 3) for k, c in enumerate(published()[:3])]


def test_unknown_names():
    with pytest.raises(ModelError, match=r"000.*models"):
        collect("005")
    with pytest.raises(ModelError, match=r"'000\.nothing'"):
        collect(ids=["000.nothing"])


def test_model_claims_are_listed(monkeypatch):
    monkeypatch.setattr(collection, "settle_model_claim", lambda model, claim: unsettled("stand-in"))
    ledger = collect("models")
    ids = [e.claim.id for e in ledger]
    assert ids[:2] == ["model.bargaining.1", "model.bargaining.2"]
    assert ledger.entries[0].claim.source == "models/bargaining.toml"
    assert [e.claim.id for e in collect("models/object.toml")] == [i for i in ids if i.startswith("model.object.")]
    figures = next(e.claim for e in ledger if e.claim.id == "model.object.5")
    assert (figures.says, figures.printed) == ("payoff (optimal), K = 4", "1: 3.752, 2: 3.752")


def test_json(run, monkeypatch):
    monkeypatch.setattr(registry, "SETTLERS", {name: f for name, f in SETTLERS.items() if name != "002.ratio"})
    code, out, err = run("claims", "--json", "--id", "000.ex5.typo", "--id", "000.table.half.K6", "--id", "002.ratio")
    document = json.loads(out)
    assert (code, err, document["stopped"]) == (0, "", None)
    keys = ["id", "source", "where", "says", "printed", "computed", "verdict", "caveat", "method"]
    assert [list(c) for c in document["claims"]] == [keys] * 3
    by_id = {c["id"]: c for c in document["claims"]}
    assert list(by_id) == ["000.ex5.typo", "000.table.half.K6", "002.ratio"]
    assert (by_id["000.ex5.typo"]["computed"], by_id["000.ex5.typo"]["verdict"]) == ("b", "erratum")
    assert by_id["000.table.half.K6"]["computed"] == "15611/4096"
    assert (by_id["002.ratio"]["computed"], by_id["002.ratio"]["verdict"]) == (None, "open")
    assert document["counts"] == {"holds": 0, "holds-with-caveat": 0, "erratum": 2, "open": 1}


def test_page(run, monkeypatch):
    monkeypatch.setattr(registry, "SETTLERS", {name: f for name, f in SETTLERS.items() if name != "003.fn32"})
    ids = ("000.ex3.loss", "000.ex5.typo", "000.app.budget4", "003.fn32")
    code, out, _ = run("claims", *(part for name in ids for part in ("--id", name)))
    assert code == 0
    for words in ("ex3.loss", "1/4 (= 0.25)", "holds-with-caveat", "Errata", "Caveats", "not computed: needs"):
        assert words in out
    assert "4 claims: 1 hold, 1 hold with a caveat, 1 errata, 1 open" in out
    _, out, _ = run("claims", "--id", "000.ex3.loss")
    assert "enumeration of the others' values" in out
    assert "1 claim: 1 hold" in out


def test_exit_codes(run, monkeypatch):
    code, out, err = run("claims", "--id", "nothing")
    assert (code, out) == (2, "")
    assert "nothing" in err
    assert len(err.splitlines()) == 1

    def slow(claim):
        while True:
            sum(range(1000))

    monkeypatch.setattr(registry, "SETTLERS", {**SETTLERS, "000.ex3.loss": slow})
    code, out, _ = run("claims", "--json", "--max-seconds", "0.2", "--id", "000.ex3.costshare", "--id", "000.ex3.loss")
    found = json.loads(out)
    assert code == 3
    assert [c["verdict"] for c in found["claims"]] == ["holds", "open"]
    assert found["stopped"] == "time limit"
