"""Model files, certificates, JSON, pages and the verb."""

from __future__ import annotations

import copy
import json
import random
from dataclasses import replace
from fractions import Fraction

import pytest

from eqsolve.certificate import check
from eqsolve.errors import ModelError
from eqsolve.interdependent.efficient import efficient_rule
from eqsolve.interdependent.study import examine_interdependent as study
from eqsolve.interdependent.support import support
from eqsolve.io.interdependent_certificate import support_certificate
from eqsolve.io.interdependent_file import load_interdependent, parse_interdependent
from eqsolve.io.kinds import bundled_models
from eqsolve.show.interdependent_page import study_text

HEAD = 'kind = "interdependent"\nalternatives = ["A", "B"]\n'
AGENT = "[agents.1]\nsignals = { s = { from = 0, to = 1, points = 3 } }\n"


def test_bundled_models_can_be_read():
    names = bundled_models("interdependent")
    assert {"one-informed", "two-informed", "maskin", "one-dimensional", "not-congruent", "never-rivals"} <= set(names)
    for name in names:
        model = load_interdependent(name)
        assert model.name
        assert model.source


def test_what_a_file_says():
    model = parse_interdependent(
        HEAD
        + """
ties = "uniform"
[agents.x]
signals = { A = { values = [0, "1/3"], probs = ["1/4", "3/4"] }, noise = { from = 0, to = 1, points = 1 } }
values = { A = { x = 2, y = 0.5 }, B = { x = { noise = "1/7" } } }
constants = { B = -1 }
[agents.y]
types = [ { signal = { t = 5 }, prob = 1 }, { signal = { t = 0 }, prob = 0 } ]
values = { A = { y = { t = 3 } } }
[agents.z]
"""
    )
    x, y, z = model.agents
    assert x.signals == ((0, Fraction(1, 2)), (Fraction(1, 3), Fraction(1, 2)))
    assert (x.probs, y.signals, y.probs) == ((Fraction(1, 4), Fraction(3, 4)), ((5,), (0,)), (1, 0))
    assert (z.coordinates, z.signals) == ((), ((),))
    assert model.coefficients[0] == (((2, 0), (Fraction(1, 2),), ()), ((0, Fraction(1, 7)), (0,), ()))
    assert model.coefficients[1][0] == ((0, 0), (3,), ())
    assert (model.constants[0], model.ties) == ((0, -1), "uniform")
    assert model.value(0, 0, (1, 0, 0)) == Fraction(2, 3) + Fraction(5, 2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD, "agents: found nothing"),
        (HEAD + "points = 3\n" + AGENT, "points: found an unknown key"),
        (HEAD + AGENT + "values = { C = { 1 = 1 } }", "found 'C', expected one of the alternatives"),
        (HEAD + AGENT + "values = { A = { 2 = 1 } }", "found '2', expected an agent: 1"),
        (HEAD + AGENT + "values = { A = { 1 = { t = 1 } } }", "found the coordinate 't', expected s"),
        (HEAD + "[agents.1]\nvalues = { A = { 1 = 1 } }", "found a number, but no coordinate of agent 1 is named 'A'"),
        (HEAD + "[agents.1]\nsignals = { s = { from = 0 } }", "expected from and to (and points), or values"),
        (HEAD + "[agents.1]\nsignals = { s = { from = 1, to = 0 } }", "expected from < to"),
        (HEAD + "[agents.1]\nsignals = { s = { from = 0, to = 1, values = [1] } }", "expected one of them"),
        (HEAD + "[agents.1]\nsignals = { s = { values = [0, 1], probs = [1] } }", "2 values and 1 probabilities"),
        (HEAD + "[agents.1]\nsignals = { s = { values = [0, 1], probs = [1, 1] } }", "sum to 2"),
        (HEAD + "[agents.1]\nsignals = { s = { values = [] } }", "found 0 values"),
        (HEAD + "[agents.1]\nsignals = { s = { from = 0, to = 1, points = 30000 } }", "at most 20,000"),
        (HEAD + "[agents.1]\nsignals = { s = { from = 0, to = 1, points = 2.5 } }", "expected a whole number"),
        (HEAD + "[agents.1]\ntypes = []", "found 0 signals"),
        (HEAD + AGENT + "types = [{ signal = { s = 1 }, prob = 1 }]", "both of signals and types"),
        (
            HEAD + "[agents.1]\ntypes = [{ signal = { s = 1 }, prob = 1 }, { signal = {}, prob = 0 }]",
            "other coordinates",
        ),
        (HEAD + AGENT + "values = { A = 1 }", "expected a table"),
        (HEAD.replace('"B"', '"A"') + AGENT, "distinct names"),
        (HEAD + 'ties = "last"\n' + AGENT, "expected 'first' or 'uniform'"),
        (AGENT.replace("[agents", 'alternatives = ["A"]\n[agents'), "expected a model with interdependent values"),
    ],
)
def test_mistakes_are_told_in_one_line(text, said):
    with pytest.raises(ModelError) as error:
        parse_interdependent(text, "m.toml")
    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert str(error.value).startswith("m.toml: ")


@pytest.fixture(scope="module")
def certificates():
    found = {}
    for name, points in (("two-informed", 4), ("one-dimensional", 4), ("interim-only", 3)):
        rule = efficient_rule(load_interdependent(name).with_points(points))
        for incentives in ("bayesian", "ex-post"):
            found[name, incentives] = json.loads(json.dumps(support_certificate(support(rule, incentives))))
    return found


def test_certificates_are_valid(certificates):
    for (name, _), document in certificates.items():
        verdict = check(document)
        assert verdict.valid, verdict.reason
        assert ("no transfers keep" in verdict.statement) == (document["statement"]["verdict"] == "refuted"), name


def tampered(document):
    """Certificates that prove nothing, with a word of the reason."""
    proved = document["statement"]["verdict"] == "proved"
    ex_post = document["statement"]["incentives"] == "ex-post"

    def change(action, why):
        other = copy.deepcopy(document)
        action(other)
        return other, why

    yield change(lambda d: d["statement"].update(verdict="refuted" if proved else "proved"), "key")
    yield change(lambda d: d["statement"].update(says="equilibrium"), "statement")
    yield change(lambda d: d["statement"].update(incentives="none"), "incentives")
    yield change(lambda d: d["game"].update(ties="last"), "ties")
    yield change(lambda d: d["game"]["agents"][0]["probs"].append("0"), "probability per signal")
    yield change(lambda d: d["game"]["values"].pop(), "values")
    yield change(lambda d: d["game"]["values"][0][0]["effects"].pop(), "effects")
    if proved:
        agent = document["game"]["agents"][0]["name"]
        rows = document["evidence"]["transfers"][agent]

        def bribe(d):
            row = d["evidence"]["transfers"][agent]
            row = row[0] if ex_post else row
            row[0] = "1000"

        yield change(bribe, "gains")
        yield change(lambda d: d["evidence"]["transfers"][agent].pop(), "transfers")
        yield change(lambda d: d["evidence"]["transfers"].pop(agent), "missing")
        assert rows
    else:
        yield change(
            lambda d: d["evidence"]["cycle"]["signals"].reverse() or d["evidence"]["cycle"]["signals"].pop(), "two"
        )
        yield change(lambda d: d["evidence"]["cycle"].update(signals=[0, 0]), "gain")
        yield change(lambda d: d["evidence"]["cycle"].update(signals=[0, 999]), "below")
        yield change(lambda d: d["evidence"]["cycle"].update(agent="nobody"), "agent")


def test_tampering_is_found(certificates):
    for document in certificates.values():
        for other, why in tampered(document):
            verdict = check(other)
            assert not verdict.valid
            assert why in verdict.reason, verdict.reason


def test_the_verb(run, tmp_path):
    proof, plot = tmp_path / "c.json", tmp_path / "p.svg"
    code, out, err = run(
        "interdependent", "two-informed", "--points", "3:5", "--second-best", "--json", "--certificate", proof
    )
    found = json.loads(out)
    assert (code, err, found["stopped"], found["coarsest"]) == (0, "", None, 4)
    assert [p["supported"] for p in found["points"]] == [True, False, False]
    assert found["points"][1]["cycle"] == {
        "agent": "1",
        "others": None,
        "signals": [{"A": "0", "B": "0"}, {"A": "1", "B": "2/3"}],
        "gain": "1/24",
    }
    assert [p["second_best"]["loss"] for p in found["points"]] == ["0", "0", "3/1250"]
    assert found["points"][0]["congruence"]["pairs"][0]["why"] == "direction"
    assert run("check", proof)[0] == 0
    assert run("check", proof, "--model", "two-informed")[0] == 0
    assert run("check", proof, "--model", "maskin")[0] == 1
    assert run("check", proof, "--model", "object")[0] == 1
    code, out, _ = run("interdependent", "one-dimensional", "--points", "4", "-o", plot, "--strength", "0,1")
    assert code == 0
    assert plot.read_text().startswith("<?xml")
    code, out, _ = run("interdependent", "not-congruent", "--incentives", "ex-post")
    assert "No supporting transfers (ex post): agent 1's types 0 → 1 → 0" in " ".join(out.split())


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (("object",), 2, "`eqsolve solve` reads this file"),
        (("two-informed", "--points", "0"), 2, "--points"),
        (("two-informed", "--points", "400"), 2, "take a coarser grid"),
        (("two-informed", "-o", "p.txt"), 2, "expected a file name that ends in"),
        (("two-informed", "--incentives", "none"), 2, "incentives"),
        (("two-informed", "--points", "3,400"), 3, ""),
        (("two-informed", "--points", "14", "--second-best"), 3, ""),
        (("two-informed", "--points", "2:9", "--second-best", "--max-seconds", "0.000001"), 3, "time limit"),
    ],
)
def test_the_verb_refuses(run, args, code, said):
    found, out, err = run("interdependent", *args)
    assert found == code
    assert said in err
    assert len(err.strip().splitlines()) == (1 if said else 0)
    assert code != 3 or said or "Not complete" in out


def test_pages():
    model = load_interdependent("interim-only")
    text = " ".join(study_text(study(model, [3, 4], [0, 1], "ex-post", second=True)).split())
    assert "coarsest of these grids without transfers has 3 points" in text
    assert "opposite signs" in text
    single = " ".join(study_text(study(model, [3], second=True)).split())
    assert "Transfers (7.12): at the signals" in single
    assert "Supporting transfers exist (Bayesian)" in single
    assert str(study(model, [3])).startswith("Possible in expectation only")


def test_notebooks_and_frames():
    model = replace(load_interdependent("not-congruent"), name="<b>")
    found = study(model, [2, 3], second=True)
    page = found._repr_html_()
    assert "<h4>&lt;b&gt;</h4>" in page
    assert page.count("<tr>") == 3
    frame = found.to_frame()
    assert list(frame["supported"]) == [False, False]
    assert list(frame["first best"] - frame["second best"]) == [0, Fraction(1, 18)]


def test_strange_certificates_are_refused_for_a_reason(certificates):
    """Anything anywhere in a certificate ends in a verdict that says what was wrong, never in an accident."""
    rng = random.Random(3)
    junk = [None, True, -1, 10**12, "x", "1/0", "-3", [], {}]
    for _ in range(400):
        document = copy.deepcopy(rng.choice(list(certificates.values())))
        place = rng.choice(list(places(document)))
        part = document
        for key in place[:-1]:
            part = part[key]
        part[place[-1]] = rng.choice(junk)
        assert not check(document).reason.startswith("malformed")


def places(part, before=()):
    """Paths to everything in a document."""
    below = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, inner in below:
        yield (*before, key)
        yield from places(inner, (*before, key))
