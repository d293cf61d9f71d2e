"""JSON Schemas of model files: they accept what the readers accept, and mark what is wrong with the rest."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from eqsolve.errors import ModelError
from eqsolve.io.kinds import KINDS, bundled_models
from eqsolve.io.model_file import parse_model
from eqsolve.io.model_schema import MEANINGS, model_schema

jsonschema = pytest.importorskip("jsonschema", reason="schemas are checked by jsonschema")
SHIPPED = Path(__file__).parents[2] / "models" / "linked.schema.json"
OBJECT = bundled_models()["object"].read_text(encoding="utf-8")


def complaints(text, schema):
    """What an editor would mark."""
    return [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(tomllib.loads(text))]


@pytest.mark.parametrize("kind", KINDS)
def test_all_bundled_models_are_accepted(kind):
    schema = model_schema(kind)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert "null" not in json.dumps(schema)
    for name, path in bundled_models(kind).items():
        assert complaints(path.read_text(encoding="utf-8"), schema) == [], name
    for other in set(KINDS) - {kind}:
        for name, path in bundled_models(other).items():
            assert complaints(path.read_text(encoding="utf-8"), schema), name


WRONG = [
    ('decisions = ["to_1", "to_2"]', 'decisions = "to_1"'),
    ('decisions = ["to_1", "to_2"]', "decisions = [1, 2]"),
    ('decisions = ["to_1", "to_2"]', ""),
    ('prob = "1/2"', 'prob = "one half"'),
    ('prob = "1/2"', 'prob = "1/2/3"'),
    ('prob = "1/2"', 'probability = "1/2"'),
    ('prob = "1/2"', "prob = true"),
    ("to_1 = 10", 'to_1 = "ten"'),
    ('kind = "utilitarian"', 'kind = "majority"'),
    ('ties = "uniform"', 'ties = "last"'),
    ("copies = 2\nbudget", "copies = 2.5\nbudget"),
    ('budget = "frequencies"', 'budget = "frequency"'),
    ('budget = "frequencies"', "budget = { high = 1 }"),
    ('budget = "frequencies"', 'budget = "frequencies"\nfilter = {}'),
    ('budget = "frequencies"', "filter = { epsilon = 0, alpha = 0 }"),
    ('budget = "frequencies"', 'process = { kind = "copies" }'),
    ('says = "payoffs-unique"', 'says = "unique"'),
    ("[agents.2]", '[agents.2]\nsame_as = "1"'),
    ('source = "', 'sources = "'),
]


@pytest.mark.parametrize("schema", [model_schema(), json.loads(SHIPPED.read_text())], ids=["made", "shipped"])
@pytest.mark.parametrize(("old", "new"), WRONG)
def test_what_the_reader_refuses_is_marked(schema, old, new):
    text = OBJECT.replace(old, new, 1)
    assert text != OBJECT
    with pytest.raises(ModelError):
        parse_model(text)
    assert complaints(text, schema)


@pytest.mark.parametrize(
    "line",
    [
        "budget = { counts = { low = 1, high = 1 } }",
        'budget = { classes = { strong = ["high"], weak = ["low"] } }',
        'budget = { agents = { 1 = "none", 2 = { at_most = { high = 0.5 } } } }',
        'filter = { alpha = "0.05", distance = "joint" }',
        'process = { kind = "copy", rho = "1e-1" }',
        'walk_away = "to_1"\nexact_marginals = true',
    ],
)
def test_what_the_reader_takes_is_not_marked(line):
    text = OBJECT.replace('budget = "frequencies"', line)
    assert complaints(text, model_schema()) == []


def test_every_explanation_is_of_a_key_that_exists():
    schema = model_schema()
    sections = {**schema["$defs"], "ModelSection": schema}
    for where in MEANINGS:
        section, key = where.split(".")
        assert sections[section]["properties"][key]["description"] == MEANINGS[where]


def test_the_shipped_file_is_the_schema(run):
    """After a change of the sections: eqsolve models --schema > models/linked.schema.json."""
    code, out, _ = run("models", "--schema")
    assert code == 0
    made, shipped = json.loads(out), json.loads(SHIPPED.read_text())
    assert made == model_schema()
    # versions of pydantic write the same schema in different ways
    keys = [{name: set(d.get("properties", ())) for name, d in s["$defs"].items()} for s in (made, shipped)]
    assert keys[0] == keys[1]
    assert set(made["properties"]) == set(shipped["properties"])
    code, _, err = run("models", "--schema", "nothing")
    assert code == 2
    assert "expected one of linked" in err
