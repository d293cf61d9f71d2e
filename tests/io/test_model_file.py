"""Model files: what is read, exactly, and what is refused, helpfully."""

from __future__ import annotations

import tomllib
from fractions import Fraction

import pytest

import eqsolve as eq
from eqsolve.io.kinds import bundled_models
from eqsolve.io.model_file import load, parse_model, read_model
from eqsolve.io.toml_text import MAX_BYTES

OBJECT = """name = "object"
decisions = ["to_1", "to_2"]
[agents.1]
types = [
 { name = "low", prob = "1/2", utility = { to_1 = 1 } }, { name = "high", prob = "1/2", utility = { to_1 = 10 } } ]
[agents.2]
types = [
 { name = "low", prob = "1/2", utility = { to_2 = 1 } }, { name = "high", prob = 0.5, utility = { to_2 = 10 } } ]
[rule]
kind = "utilitarian"
[link]
copies = 2
"""


def changed(old: str, new: str) -> str:
    assert old in OBJECT
    return OBJECT.replace(old, new)


MALFORMED = {
    "empty": ("", ["decisions", "expected"]),
    "not toml": ("copies 2", ["line 1"]),
    "probabilities": (changed("prob = 0.5", "prob = 0.6"), ["agent '2'", "11/10", "expected 1"]),
    "negative probability": (changed("prob = 0.5", "prob = -0.5"), ["high", "-1/2", "at least 0"]),
    "nan": (changed("prob = 0.5", "prob = nan"), ["agents.2.types[1].prob", "nan"]),
    "infinite": (changed("to_1 = 10", "to_1 = -inf"), ["agents.1.types[1].utility.to_1", "inf"]),
    "text for a number": (changed("to_1 = 10", 'to_1 = "ten"'), ["agents.1.types[1].utility.to_1", "'ten'"]),
    "zero denominator": (changed("to_1 = 10", 'to_1 = "1/0"'), ["denominator is 0"]),
    "unquoted fraction": (changed("to_1 = 10", "to_1 = 10/3"), ["line 5", '"1/2"']),
    "unquoted dotted key": (changed("copies = 2", "budget = { counts = { 1.5 = 2 } }"), ["budget.counts.1", "dot"]),
    "missing comma": (changed("{ to_1 = 1 } },", "{ to_1 = 1 } }"), ["unclosed array", "comma"]),
    "key below a heading": (
        "\n".join(line for line in OBJECT.splitlines() if not line.startswith("decisions"))
        + '\ndecisions = ["to_1", "to_2"]\n',
        ["decisions must stand above the first [table]"],
    ),
    "table over several lines": (
        changed("[link]\ncopies = 2", "[link]\nbudget = {\n counts = { low = 1 } }"),
        ["one line"],
    ),
    "boolean for a number": (changed("to_1 = 10", "to_1 = true"), ["True", "expected a number"]),
    "rule kind": (changed('"utilitarian"', '"dictator"'), ["rule.kind", "'dictator'", "utilitarian"]),
    "zero copies": (changed("copies = 2", "copies = 0"), ["link.copies", "found 0", "at least 1"]),
    "fractional copies": (changed("copies = 2", "copies = 2.5"), ["link.copies", "2.5", "whole number"]),
    "unknown key": (OBJECT + "surprise = 1\n", ["link.surprise", "unknown key"]),
    "unknown section": (OBJECT + "[transfers]\nx = 1\n", ["transfers", "unknown key"]),
    "unknown decision": (changed("{ to_2 = 10 }", "{ to_9 = 10 }"), ["to_9", "to_1, to_2"]),
    "no decisions": (changed('["to_1", "to_2"]', "[]"), ["decisions", "at least one"]),
    "same decision twice": (changed('["to_1", "to_2"]', '["to_1", "to_1"]'), ["'to_1' twice"]),
    "same type twice": (changed('name = "high", prob = 0.5', 'name = "low", prob = 0.5'), ["'low' twice"]),
    "name with comma": (changed('name = "high", prob = 0.5', 'name = "hi, gh", prob = 0.5'), ["hi, gh", "comma"]),
    "name with escape": (
        changed('name = "high", prob = 0.5', 'name = "\\u001b[2J", prob = 0.5'),
        ["control character"],
    ),
    "empty name": (changed('name = "high", prob = 0.5', 'name = "", prob = 0.5'), ["not empty"]),
    "many digits": (changed("to_1 = 10", "to_1 = " + "9" * 5000), ["digits"]),
    "rather many digits": (changed("to_1 = 10", "to_1 = " + "9" * 300), ["200 digits"]),
    "exponent": (changed("to_1 = 10", 'to_1 = "1e999999999"'), ["exponent"]),
    "exponent of a float": (changed("to_1 = 10", "to_1 = 1e999999999"), ["exponent"]),
    "nesting": ("x = " + "[" * 10000, ["nested"]),
    "dots": ("a." * 100_000 + "a = 1", ["dots"]),
    "both types and same_as": (changed("[agents.2]", '[agents.2]\nsame_as = "1"'), ["agents.2", "types and same_as"]),
    "same as nobody": (OBJECT.replace("[rule]", '[agents.3]\nsame_as = "9"\n[rule]'), ["agents.3.same_as", "'9'"]),
    "no types": (changed("[rule]", "[agents.3]\ntypes = []\n[rule]"), ["agent '3'", "at least one"]),
    "budget nobody can meet": (
        changed("copies = 2", "copies = 2\nbudget = { at_most = { low = 0, high = 0 } }"),
        ["budget of agent '1'", "somebody can meet"],
    ),
    "counts against copies": (
        changed("copies = 2", "copies = 3\nbudget = { counts = { low = 5, high = 1 } }"),
        ["link.copies", "found 3", "expected 6"],
    ),
    "negative count": (changed("copies = 2", "budget = { counts = { low = 3, high = -1 } }"), ["counts"]),
    "unknown type in a budget": (changed("copies = 2", "budget = { counts = { tall = 2 } }"), ["'tall'", "low, high"]),
    "classes that overlap": (
        changed("copies = 2", 'budget = { classes = { a = ["low", "high"], b = ["low"] } }'),
        ["classes", "every type once"],
    ),
    "two kinds of budget": (
        changed("copies = 2", 'budget = { counts = { low = 2 }, classes = { a = ["low", "high"] } }'),
        ["counts and classes"],
    ),
    "budget of nobody": (changed("copies = 2", 'budget = { agents = { 9 = "none" } }'), ["'9'", "1, 2"]),
    "budget word": (changed("copies = 2", 'budget = "plenty"'), ["budget", "plenty"]),
    "negative weight": (
        changed('kind = "utilitarian"', 'kind = "utilitarian"\nweights = { 1 = -1 }'),
        ["rule.weights"],
    ),
    "weight of nobody": (changed('kind = "utilitarian"', 'kind = "utilitarian"\nweights = { 7 = 1 }'), ["'7'"]),
    "open profile": (
        changed('kind = "utilitarian"', 'kind = "table"\noutcomes = [ { when = { 1 = "low" }, choose = "to_2" } ]'),
        ["1 = 'high', 2 = 'low'", "no line covers"],
    ),
    "unknown type in a table": (
        changed('kind = "utilitarian"', 'kind = "table"\noutcomes = [ { when = { 1 = "tall" }, choose = "to_2" } ]'),
        ["rule.outcomes[0].when", "'tall'", "low, high"],
    ),
    "unknown decision in a table": (
        changed('kind = "utilitarian"', 'kind = "table"\noutcomes = [ { when = {}, choose = "to_7" } ]'),
        ["rule.outcomes[0].choose", "'to_7'"],
    ),
    "lottery": (
        changed('kind = "utilitarian"', 'kind = "table"\noutcomes = [ { when = {}, choose = { to_1 = "1/2" } } ]'),
        ["rule.outcomes[0].choose", "1/2", "together 1"],
    ),
    "status quo": (changed("copies = 2", 'copies = 2\nwalk_away = "home"'), ["link.walk_away", "'home'"]),
    "claim": (OBJECT + '[[claims]]\nsays = "nice"\n', ["claims[0].says", "'nice'", "payoffs-unique"]),
}


@pytest.mark.parametrize("what", MALFORMED)
def test_malformed_files_are_refused_in_one_helpful_line(what, tmp_path):
    text, hints = MALFORMED[what]
    path = tmp_path / "model.toml"
    path.write_text(text)
    with pytest.raises(eq.ModelError) as caught:
        read_model(path)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert message.startswith(str(path))
    for hint in hints:
        assert hint in message, message


def test_large_binary_and_missing_files_are_refused(tmp_path):
    large, binary = tmp_path / "large.toml", tmp_path / "binary.toml"
    large.write_bytes(b"#" * (MAX_BYTES + 1))
    binary.write_bytes(b"\x00\xff\xfe")
    with pytest.raises(eq.ModelError, match="at most 1,048,576"):
        read_model(large)
    with pytest.raises(eq.ModelError, match="UTF-8"):
        read_model(binary)
    with pytest.raises(eq.ModelError, match="regular file"):
        read_model(tmp_path)
    with pytest.raises(eq.ModelError, match=r"no-such-model.*expected a path or one of.*object"):
        load("no-such-model")
    with pytest.raises(eq.ModelError, match="found no such file"):
        load("x" * 5000)
    with pytest.raises(eq.ModelError, match="did you mean object\\?"):
        load("objct")
    with pytest.raises(eq.ModelError):
        load("a\0b")


def test_numbers_are_exact():
    model = parse_model(
        changed("to_1 = 10", "to_1 = 0.1").replace(
            'prob = "1/2", utility = { to_1 = 1 }', 'prob = "0.5", utility = { to_1 = "-2/6" }'
        )
    )
    assert model.problem.utility(0, 0)[0] == Fraction(-1, 3)
    assert model.problem.utility(0, 1)[0] == Fraction(1, 10)
    assert model.problem.agents[0].prior == (Fraction(1, 2), Fraction(1, 2))


def test_every_kind_of_budget_is_read():
    def budgets(line):
        return parse_model(changed("copies = 2", line)).link().budgets

    assert [b.counts for b in budgets("copies = 4")] == [(2, 2), (2, 2)]
    assert [b.counts for b in budgets("budget = { counts = { low = 3, high = 1 } }")] == [(3, 1), (3, 1)]
    assert budgets('copies = 4\nbudget = "none"')[0].describe() == {}
    assert budgets('copies = 4\nbudget = { classes = { all = ["high", "low"] } }')[0].describe() == {"all": 4}
    bounds = budgets('copies = 5\nbudget = { at_most = { high = "1/2" }, at_least = { high = 0.3 } }')[0]
    assert bounds.describe() == {"low": {"at_least": 0, "at_most": 5}, "high": 2}
    assert bounds.counts == (3, 2)
    mixed = budgets('budget = { agents = { 1 = "none", 2 = { counts = { low = 1, high = 2 } } } }')
    assert (mixed[0].counts, mixed[1].counts, mixed[0].copies) == (None, (1, 2), 3)


def test_another_number_of_copies_contradicts_counts():
    model = parse_model(changed("copies = 2", "budget = { counts = { low = 3, high = 1 } }"))
    assert model.link().copies == 4
    with pytest.raises(eq.ModelError, match="found 6, expected 4"):
        model.link(6)


def test_agents_share_types_literally():
    model = load("collusion")
    assert model.problem.agents[2].types == model.problem.agents[1].types


@pytest.mark.parametrize("name", bundled_models())
def test_bundled_models_say_where_they_come_from(name):
    model = load(name)
    assert model.name
    assert model.source
    assert [a.name for a in model.problem.agents] == [str(k + 1) for k in range(model.problem.n)]
    game = model.link()
    assert game.copies == model.copies
    for claim in model.claims:
        assert set(claim.printed) <= {a.name for a in model.problem.agents}


def test_bundled_models_hold_what_the_examples_say():
    assert load("bargaining").target() == (Fraction(8, 3), Fraction(8, 3))
    assert load("object").target() == (Fraction(31, 8), Fraction(31, 8))
    assert load("voting").target() == (Fraction(7, 16), Fraction(7, 16))
    for name in ("public-good", "public-good-large"):
        model = load(name)
        cost = Fraction(1, 2) if name == "public-good" else Fraction(3, 2)
        for profile, lottery in model.rule.lotteries.items():
            values = [int(model.problem.agents[i].types[u].name) for i, u in enumerate(profile)]
            decision = lottery.index(1)
            utilities = [model.problem.utility(i, u)[decision] for i, u in enumerate(profile)]
            if sum(values) > cost:
                assert sum(values) - sum(utilities) == cost
                assert min(utilities) >= 0, "a share of the cost exceeds a value"
            else:
                assert utilities == [0, 0, 0]


def test_every_bundled_file_parses_as_plain_toml():
    for path in bundled_models().values():
        assert tomllib.loads(path.read_text())["decisions"]
