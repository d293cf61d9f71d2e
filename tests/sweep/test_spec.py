"""Specs of sweeps: what they may say, what is refused, and which cases they have."""

from __future__ import annotations

import json

import pytest

from eqsolve.errors import ModelError, SizeError
from eqsolve.io.kinds import bundled_models
from eqsolve.io.model_file import build_model
from eqsolve.io.toml_text import parse_toml, read_toml
from eqsolve.sweep.cases import all_cases
from eqsolve.sweep.parameters import changed
from eqsolve.sweep.random_models import random_document
from eqsolve.sweep.spec import build_spec


def cases(text):
    return all_cases(build_spec(parse_toml(text)))


def test_every_combination_is_a_case_once_and_in_order():
    found = cases("""
[[grid]]
models = ["object", "collusion"]
copies = ["2:6:2", 4, 3]
seeds = [1, 0]
tasks = ["label-free", { do = "solve", form = ["explicit", "label-free"] }]
[[grid]]
models = "object"
copies = 4
tasks = "label-free"
seeds = 0
""")
    assert len(found) == 2 * 4 * 3 * 2
    assert [c.copies for c in found[::6]] == [2, 4, 6, 3] * 2
    assert [c.seed for c in found[:2]] == [1, 0]
    assert {c.options.get("form") for c in found} == {None, "explicit", "label-free"}
    assert len({c.key for c in found}) == len(found)


def test_parameters_are_put_into_the_model_and_groups_move_together():
    found = cases("""
[[grid]]
models = "object"
tasks = "label-free"
[grid.parameters]
"agents.1.types[1].utility.to_1" = [10, "21/2"]
[[grid.together]]
"agents.1.types[0].prob" = ["1/4", 0.3, "1/2"]
"agents.1.types[high].prob" = ["3/4", 0.7, "1/2"]
""")
    assert len(found) == 6
    own = [json.loads(c.document)["agents"]["1"]["types"] for c in found]
    assert [(low["prob"], high["prob"]) for low, high in own[:3]] == [("1/4", "3/4"), ("0.3", "0.7"), ("1/2", "1/2")]
    assert [high["utility"]["to_1"] for _, high in own] == [10] * 3 + ["21/2"] * 3
    assert found[1].parameters["agents.1.types[high].prob"] == "0.7"
    # the last of the first three is the model as it is: comments and layout of a file play no part
    (plain,) = cases('[[grid]]\nmodels = "object"\ntasks = "label-free"')
    assert found[2].model_hash == plain.model_hash
    assert found[2].key == plain.key


def test_the_key_is_of_everything_that_the_answer_depends_on():
    def key(more="", head=""):
        (case,) = cases(f'{head}\n[[grid]]\nmodels = "object"\n{more}')
        return case.key

    same = key('tasks = "solve"')
    assert key('tasks = { do = "solve", form = "auto" }') == same
    others = {
        key('tasks = "label-free"'),
        key('tasks = "solve"\ncopies = 4'),
        key('tasks = "solve"\nseeds = 1'),
        key('tasks = { do = "solve", form = "explicit" }'),
        key('tasks = "solve"\nparameters = { "link.budget" = ["none"] }'),
        key('tasks = "solve"', 'keep = ["documents"]'),
    }
    assert len(others | {same}) == 7


def test_filters_and_the_claims_of_a_file():
    found = cases("""
[[grid]]
models = "collusion"
filters = ["none", { epsilon = "1/4" }]
tasks = "verify"
""")
    assert [c.filter for c in found] == ["none"] * 2 + ['{"epsilon":"1/4"}'] * 2
    assert [c.options["claim"]["says"] for c in found] == ["no-collusion", "payoffs-unique"] * 2
    assert [c.copies for c in found] == [2] * 4
    assert "filter" not in json.loads(found[0].document)["link"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "grid"),
        ("grid = []", "at least one table"),
        ("[[grid]]\ntasks = 'solve'", "found none of models, games and random"),
        ("[[grid]]\nmodels = 'object'\ntasks = 'solve'\ncopy = 2", "grid[0].copy: found an unknown key"),
        ("[[grid]]\nmodels = 'object'\ntasks = 'solv'", "found 'solv', expected do = one of"),
        ("[[grid]]\nmodels = 'object'\ntasks = { do = 'solve', forms = 'auto' }", "found the option 'forms'"),
        ("[[grid]]\nmodels = 'object'\ntasks = { do = 'solve', form = ['auto', 'x'] }", "found 'x', expected one of"),
        ("[[grid]]\nmodels = 'object'\ntasks = { do = 'collude', epsilon = 2 }", "expected a number from 0 to 1"),
        ("[[grid]]\nmodels = 'nobody'\ntasks = 'solve'", "found no such file or bundled model"),
        ("[[grid]]\nmodels = 'object'\ncopies = '4:2'\ntasks = 'solve'", "a range with both ends"),
        ("[[grid]]\nmodels = 'object'\ncopies = []\ntasks = 'solve'", "found an empty list"),
        ("[[grid]]\nmodels = 'object'\ncopies = 2.5\ntasks = 'solve'", "expected whole numbers"),
        ("[limits]\nmax_seconds = 0\n[[grid]]\nmodels = 'object'\ntasks = 'solve'", "limits.max_seconds"),
        ("keep = ['all']\n[[grid]]\nmodels = 'object'\ntasks = 'solve'", "keep[0]"),
        ("[[grid]]\nmodels = 'object'\ntasks = 'solve'\nfilters = ['all']", "filters: found 'all'"),
        ("[[grid]]\nrandom = { seeds = 0, types = 65 }\ntasks = 'solve'", "random.types"),
        # parameters are checked before anything is worked out, and the message says which values were in place
        ("[[grid]]\nmodels = 'object'\ntasks = 'solve'\nparameters = { 'agents.1.types[0].prob' = ['1/3'] }", "= 1/3"),
        ("[[grid]]\nmodels = 'object'\ntasks = 'solve'\nparameters = { 'agents.1.types[7].prob' = [1] }", "[7]"),
        ("[[grid]]\nmodels = 'object'\ntasks = 'solve'\nparameters = { 'agents.1.colour' = [1] }", "unknown key"),
        ("[[grid]]\nmodels = 'object'\ntasks = 'solve'\nparameters = { '.x' = [1] }", "no dotted key"),
        ("[[grid]]\nmodels = 'object'\ntasks = 'solve'\ntogether = [{ a = [1], b = [1, 2] }]", "lists of 1 and 2"),
        (
            "[[grid]]\nmodels = 'object'\ntasks = 'solve'\nparameters = { a = [1] }\ntogether = [{ a = [1] }]",
            "this parameter twice",
        ),
    ],
)
def test_what_is_wrong_is_told_in_one_line(text, says):
    with pytest.raises(ModelError) as error:
        cases(text)
    assert says in str(error.value)
    assert str(error.value).startswith(("<text>", "<spec>"))
    assert "\n" not in str(error.value)


def test_too_many_cases_are_counted_before_they_are_made():
    with pytest.raises(SizeError, match="1,000,001"):
        cases(
            '[[grid]]\nmodels = "object"\nseeds = "1:1000000"\ntasks = "solve"\n'
            '[[grid]]\nmodels = "object"\ntasks = "solve"'
        )


def test_dotted_keys():
    document = {"a": {"b.c": [{"name": "x", "n": 1}, {"name": "y", "n": 2}]}, "link": {"copies": 2}}
    found = changed(document, {'a."b.c"[y].n': 5, 'a."b.c"[0].n': 6, "new.table.key": [1], "link.copies": 3})
    assert found["a"]["b.c"] == [{"name": "x", "n": 6}, {"name": "y", "n": 5}]
    assert found["new"] == {"table": {"key": [1]}}
    assert found["link"]["copies"] == 3
    assert document["link"]["copies"] == 2
    for wrong in ("", "a..b", "[0]", "a.new[0]", "link[0]", "link.copies.x"):
        with pytest.raises(ModelError):
            changed(document, {wrong: 1})


def test_random_problems_are_models_and_the_same_for_ever():
    first = random_document(7, 3, 2, 2)
    assert first == random_document(7, 3, 2, 2)
    assert first != random_document(8, 3, 2, 2)
    assert build_model(first, "random").problem.n == 3
    assert random_document(0, 1, 2, 2)["agents"] == {
        "1": {
            "types": [
                {"name": "t0", "prob": "1/2", "utility": {"d0": -3, "d1": 1}},
                {"name": "t1", "prob": "1/2", "utility": {"d0": -2, "d1": 0}},
            ]
        }
    }


@pytest.mark.parametrize("name", sorted(bundled_models()))
def test_a_model_that_went_through_json_is_the_same_model(name):
    document = read_toml(bundled_models()[name])
    (case,) = cases(f'[[grid]]\nmodels = "{name}"\ntasks = "label-free"')
    # agents stand in the order of the file, which decides ties
    assert list(json.loads(case.document)["agents"]) == list(document["agents"])
    before, after = build_model(document, "before"), build_model(json.loads(case.document), "after")
    assert [repr(agent) for agent in before.problem.agents] == [repr(agent) for agent in after.problem.agents]
    assert before.target() == after.target()
    assert before.claims == after.claims
    assert repr((before.copies, before.options, before.budget_rules)) == repr(
        (after.copies, after.options, after.budget_rules)
    )
