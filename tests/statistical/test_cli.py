"""The verb `statistical`, model files of the kind, JSON, page and plot."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from eqsolve.errors import ModelError
from eqsolve.io.statistical_file import load_statistical, parse_statistical
from eqsolve.statistical.analysis import examine_statistical
from eqsolve.statistical.process import Independent, Markov, Mixture, Tree
from eqsolve.statistical.typical import Everything, LeaveOneOut, Listed

RESOURCE = """
kind = "statistical"
dates = 3
epsilon = "1/20"
discount = "1/2"
[resource]
agents = 2
endowments = [1, 2]
project = { kind = "capped", slope = 1, cap = "3/2" }
[process]
kind = "independent"
probs = ["1/4", "3/4"]
[typical]
leave_one_out = { centre = "7/4", width = "3/4" }
[curve]
sizes = [3, 4]
samples = 5
"""

DECISIONS = """
kind = "statistical"
name = "Two shifts"
dates = 2
epsilon = "1/10"
decisions = ["to_1", "to_2"]
[agents.1]
types = [ { name = "low", utility = { to_1 = 1 } }, { name = "high", utility = { to_1 = 10 } } ]
[agents.2]
types = [ { name = "low", utility = { to_2 = 1 } }, { name = "high", utility = { to_2 = 10 } } ]
[agents.2.process]
kind = "tree"
paths = [ { types = ["low", "high"], prob = "1/2" }, { types = ["low", "low"], prob = "1/2" } ]
[process]
kind = "mixture"
weights = ["1/2", "1/2"]
[[process.components]]
kind = "independent"
probs = [["1/2", "1/2"], [1, 0]]
[[process.components]]
kind = "markov"
start = [1, 0]
kernel = [["1/2", "1/2"], [0, 1]]
[typical]
paths = [["low", "high"], ["low", "low"], ["high", "low"]]
"""


def test_resource_files():
    model = parse_statistical(RESOURCE)
    assert model.processes == (Independent(2, 3, ((Fraction(1, 4), Fraction(3, 4)),)),) * 2
    assert model.typical[0][0] == LeaveOneOut((Fraction(1), Fraction(2)), Fraction(7, 4), Fraction(3, 4))
    assert (model.discount, model.epsilon, model.sizes, model.samples) == (Fraction(1, 2), Fraction(1, 20), (3, 4), 5)
    found = examine_statistical(model, sizes=model.sizes)
    assert found.unlinked_ratio == 4
    assert found.budgets is None
    assert found.notes == ("linking by budgets: copies count alike, so dates must not be discounted",)
    assert found.curve is not None
    assert [p.unlinked for p in found.curve.points] == [8, 24]
    assert "Linked VCG against N" in str(found)
    assert "<caption>Linked VCG against N agents and dates</caption>" in found._repr_html_()
    assert list(found.to_frame()["agents"]) == [3, 4]


def test_decision_files():
    model = parse_statistical(DECISIONS)
    assert isinstance(model.processes[0], Mixture)
    assert isinstance(model.processes[0].components[1], Markov)
    assert isinstance(model.processes[1], Tree)
    assert model.typical[0][0] == Listed(frozenset({(0, 1), (0, 0), (1, 0)}))
    assert model.agent_names == ("1", "2")
    found = examine_statistical(model)
    assert found.ex_post
    assert found.checks[0][1].bound_holds
    assert found.averages is not None
    assert found.averages.inside == 1 - model.processes[0].probability((1, 1))


def test_without_a_likely_set_everything_is_likely():
    model = parse_statistical(DECISIONS.replace("[typical]\npaths", "# paths"))
    assert model.typical[0][0] == Everything()
    found = examine_statistical(model)
    check = found.checks[0][1]
    assert (check.c, check.regret, check.lie_of_others, check.hypothesis) == (0, 0, 0, True)


def test_rules_in_a_table_and_payments():
    text = DECISIONS.replace(
        "[process]", 'payments_here\n[rule]\nkind = "table"\noutcomes = [ { choose = "to_1" } ]\n[process]'
    )
    tables = text.replace("payments_here", "").replace('epsilon = "1/10"', 'epsilon = "1/10"\npayments = "none"')
    found = examine_statistical(parse_statistical(tables))
    assert found.ex_post
    assert found.averages is not None
    assert found.averages.cost == 0
    assert found.checks[0][1].lie_of_others == 0
    swapped = tables.replace(
        'outcomes = [ { choose = "to_1" } ]',
        'outcomes = [ { when = { 1 = "high" }, choose = "to_1" }, { choose = "to_2" } ]',
    )
    found = examine_statistical(parse_statistical(swapped))
    assert found.ex_post is False
    assert found.checks == ()
    assert "Proposition 1 does not apply" in found.notes[0]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("dates = 3", "dates = 0", "dates: found 0, expected 1 to"),
        ('epsilon = "1/20"', "epsilon = 0", "epsilon: found 0, expected a positive number"),
        ('discount = "1/2"', "discount = 2", "discount: found 2, expected a number above 0"),
        ("agents = 2", "agents = 1", "resource.agents: found 1"),
        ("[1, 2]", "[1, 2, 4]", "endowments: found 1, 2, 4, expected equally spaced"),
        ("cap = ", "limit = ", "resource.project.limit: found an unknown key"),
        ("slope = 1, ", "", "resource.project: found no slope or no cap"),
        ('"3/4"]', '"1/4"]', "process: found the probabilities 1/4, 1/4, expected 2 that sum to 1"),
        ('probs = ["1/4", "3/4"]', "", "process: found nothing, expected probs for independent"),
        ("width", "size", "typical.leave_one_out.size: found an unknown key"),
        ("leave_one_out = {", "level = 1\nleave_one_out = {", "typical: found leave_one_out and level"),
        ("[process]\n", "[other]\n", "other: found an unknown key"),
        ("[curve]", 'decisions = ["a"]\n[curve]', "typical.decisions: found an unknown key"),
    ],
)
def test_mistakes_are_told_in_one_line(old, new, told):
    assert old in RESOURCE
    with pytest.raises(ModelError) as error:
        parse_statistical(RESOURCE.replace(old, new), "model.toml")
    assert str(error.value).startswith("model.toml: ")
    assert told in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('decisions = ["to_1", "to_2"]', "", "found neither resource nor decisions and agents"),
        (
            '["low", "low"], ["high"',
            '["low", "mid"], ["high"',
            "typical.paths: found low, mid, expected 2 of the types",
        ),
        ("paths = [[", 'level = "1/2" # [[', "typical.level: found it without a resource problem"),
        ('types = ["low", "low"], prob = "1/2"', 'types = ["low"], prob = "1/2"', "agents.2.process: found a path"),
        ("utility = { to_2 = 10 }", "utility = { to_3 = 10 }", "agents.2: found a utility of 'to_3'"),
        ('weights = ["1/2", "1/2"]', 'weights = ["1/2"]', "process: found the probabilities 1/2"),
        ("[typical]", "[curve]\nsizes = [2]\n[typical]", "curve: found one without a resource problem"),
    ],
)
def test_mistakes_in_decision_files(old, new, told):
    assert old in DECISIONS
    with pytest.raises(ModelError, match=r"^<text>: ") as error:
        parse_statistical(DECISIONS.replace(old, new))
    assert told in str(error.value)


def test_the_command_line_on_a_tree_of_a_thousand_paths(run):
    code, out, _ = run("statistical", "persistence", "--json")
    assert code == 0
    found = json.loads(out)
    assert found["typical"]["paths"] == {"1": 1024, "2": 1024}
    checks = {c["prior"]: c for c in found["proposition"]}
    assert (checks[None]["hypothesis"], checks[None]["equilibrium"]) == (True, True)
    assert (checks["independent"]["c"], checks["independent"]["lie_of_others"]) == ("135/19712", "1/256")
    assert (checks["persistent"]["hypothesis"], checks["persistent"]["equilibrium"]) == (False, False)
    for check in checks.values():
        lie, c, epsilon = (Fraction(check[k]) for k in ("lie_of_others", "c", "epsilon"))
        assert lie <= c
        assert Fraction(check["ratio"]) == lie / c
        assert check["hypothesis"] == (c <= epsilon)
        assert Fraction(check["implemented"]) >= Fraction(check["implemented_at_least"]) == 1 - 2 * c
        assert sum(map(Fraction, check["first_lie"]["1"])) == 1
    assert found["known"]["worst"]["1"]["leaving"] == "2/45"
    assert found["equilibrium"] is False  # not under every law of the credal set
    assert found["notes"]
    assert found["unlinked_ratio"] == "1"


@pytest.mark.parametrize(
    ("epsilon", "told", "under_all"),
    [
        ("1/100", "is not an ε-ex-post equilibrium if all laws below are possible: it fails under persistent,", False),
        ("1/2", "is an ε-ex-post equilibrium under all laws below", True),
    ],
)
def test_an_equilibrium_is_one_under_every_law_of_the_credal_set(run, epsilon, told, under_all):
    """The common knowledge that the definition asks for is about all laws, not the model's alone."""
    code, out, _ = run("statistical", "persistence", "--epsilon", epsilon)
    assert code == 0
    assert told in " ".join(out.split())
    found = examine_statistical(replace(load_statistical("persistence"), epsilon=Fraction(epsilon)))
    assert found.equilibrium is under_all is all(check.equilibrium for _, check in found.checks)


def test_without_further_laws_the_model_s_own_decides(run):
    code, out, _ = run("statistical", "resource")
    assert code == 0
    assert "the truth is an ε-ex-post equilibrium\n" in out


def test_curves_json_and_plot(run, tmp_path):
    target = tmp_path / "ratio.svg"
    arguments = ["statistical", "resource", "--no-exact", "--curve", "4,8", "--samples", 4, "--level", "1/20"]
    code, out, _ = run(*arguments, "-o", target, "--json")
    assert code == 0
    found = json.loads(out)
    assert [p["agents"] for p in found["curve"]["points"]] == [4, 8]
    for p in found["curve"]["points"]:
        assert p["interval"][0] < p["ratio"] < p["interval"][1]
        assert p["unlinked_ratio"] == str(p["agents"] - 1)
        assert Fraction(p["calibrated"]["leaving"]) <= Fraction(1, 20)
    assert found["proposition"] is None
    assert "<svg" in target.read_text(encoding="utf-8")
    code, out, _ = run(*arguments)
    assert code == 0
    assert "Linked VCG against N agents and dates" in out


def test_page(run, tmp_path):
    path = tmp_path / "model.toml"
    path.write_text(DECISIONS, encoding="utf-8")
    code, out, _ = run("statistical", path)
    assert code == 0
    assert "Proposition 1 and Corollary 1" in out
    assert "3 of 4 type paths" in out
    code, out, err = run("statistical", path, "--curve", "3")
    assert (code, out) == (2, "")
    assert "for resource problems only" in err


def test_options_are_checked(run, tmp_path):
    for arguments, told in (
        (["--epsilon", "x"], "--epsilon"),
        (["--epsilon", "0"], "epsilon"),
        (["--level", "x", "--curve", "3"], "--level"),
        (["--curve", "1"], "curve"),
        (["-o", tmp_path / "x.txt"], "plot"),
    ):
        code, out, err = run("statistical", "resource", "--no-exact", *arguments)
        assert (code, out) == (2, "")
        assert told in err
        assert err.count("\n") == 1
    code, out, err = run("statistical", "persistence", "--no-exact", "--curve", "3")
    assert (code, out) == (2, "")
    assert "give a level" in err
    assert run("statistical", "object")[0] == 2
    assert run("solve", "resource")[0] == 2


@pytest.mark.parametrize(
    ("curve", "told"),
    [
        ("sizes = [1]", "curve.sizes: found 1, expected 2 to 500"),
        ("sizes = [5, 501]", "curve.sizes: found 501"),
        ("sizes = [5]\nsamples = 0", "curve.samples: found 0, expected 2 or more"),
        ("sizes = [5]\nsamples = -3", "curve.samples: found -3"),
    ],
)
def test_a_curve_that_cannot_be_drawn_is_a_mistake_in_the_file(curve, told):
    """Even if nobody asks for the curve."""
    with pytest.raises(ModelError) as error:
        parse_statistical(RESOURCE.replace("sizes = [3, 4]\nsamples = 5", curve))
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("verb", "model", "part"),
    [
        ("statistical", "resource", "eqsolve.statistical.analysis._check_deadline"),
        ("interdependent", "two-informed", "eqsolve.interdependent.study.examine_grid"),
    ],
)
def test_ctrl_c_before_anything_is_known(run, monkeypatch, verb, model, part):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(part, interrupt)
    code, out, err = run(verb, model)
    assert (code, out) == (130, "")
    assert "Traceback" not in err


def test_a_deadline_ends_with_what_is_known(run):
    code, out, _ = run("statistical", "resource", "--no-exact", "--curve", "4,400", "--max-seconds", "1.5", "--json")
    assert code == 3
    found = json.loads(out)
    assert found["stopped"] == "time limit"
    assert [p["agents"] for p in found["curve"]["points"]] in ([], [4])


def test_bundled_models():
    assert load_statistical("resource").sizes == (5, 10, 20, 40, 80)
    assert load_statistical("persistence").dates == 10


def test_the_file_of_the_documentation_is_one():
    page = (Path(__file__).parents[2] / "docs" / "statistical.md").read_text(encoding="utf-8")
    model = parse_statistical(re.findall(r"```toml\n(.*?)```", page, flags=re.DOTALL)[0])
    assert (model.agents, model.dates, len(model.priors), len(model.known)) == (2, 6, 1, 1)
    assert model.curve_rule is not None
    assert model.curve_rule.level == "proposition"
    assert model.typical[0][1] is not None
