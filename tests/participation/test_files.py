"""Model files of kind "participation": what they mean, and mistakes in one line."""

from __future__ import annotations

from fractions import Fraction

import pytest

from eqsolve.errors import ModelError
from eqsolve.io.kinds import bundled_models
from eqsolve.io.participation_file import build_participation, load_participation
from eqsolve.io.toml_text import parse_toml
from eqsolve.participation.description import Description, Term, read_factor

FILE = """
kind = "participation"
first = 2
[parameters]
p = "1/3"
[[issues]]
decisions = ["no", "yes"]
status_quo = "no"
costs = { yes = { times = "1/2", k = 1 } }
[issues.agents.1]
types = [
  { name = "a", prob = { p = 1 }, utility = { yes = [ 1, { times = -2, "k+1" = -1, "k - 1" = 2 } ] } },
  { name = "b", prob = [ 1, { times = -1, p = 1 } ] },
]
[[issues]]
decisions = ["no", "yes"]
status_quo = "no"
[issues.agents.1]
types = [ { name = "only", prob = 1, utility = { yes = 0.5 } } ]
"""


def read(text):
    return build_participation(parse_toml(text), "file")


def test_descriptions_are_sums_of_products():
    model = read(FILE)
    assert (model.last, model.sequence.first) == (3, 2)
    four = model.problem(4)
    assert four.costs == (0, 2)
    assert four.problem.utility(0, 0) == (0, 1 - Fraction(2 * 9, 5))
    assert four.problem.agents[0].prior == (Fraction(1, 3), Fraction(2, 3))
    assert model.sequence.issue(3) is model.sequence.issue(5)  # does not depend on k
    assert model.sequence.issue(3).surplus == (Fraction(1, 2),)
    assert model.sequence.economy(5).size == 4


def test_factors():
    assert [read_factor(x) for x in ("k", "k+2", "k - 3", "alpha")] == [0, 2, -3, "alpha"]
    for wrong in ("k*2", "2", "", "times", "k+9999", "a b"):
        with pytest.raises(ModelError):
            read_factor(wrong)
    with pytest.raises(ModelError, match="division by 0"):
        Description((Term(Fraction(1), ((-3, -1),)),)).at(3, {})


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('status_quo = "no"', 'status_quo = "maybe"', "expected one of the decisions"),
        ('times = "1/2", k = 1', 'times = "1/2", k = 1.5', "expected a whole power"),
        ('times = "1/2", k = 1', 'times = "1/2", k = 21', "expected a whole power"),
        ('times = "1/2", k = 1', 'times = "x", k = 1', "expected a number"),
        ('times = "1/2", k = 1', "q = 1", "'q'"),
        ("first = 2", "first = 2\nlast = 1", "last: found 1"),
        ("first = 2", "first = 1\nfurst = 2", "unknown key"),
        ("first = 2", "delta = 0", "delta"),
        ("prob = { p = 1 }", "prob = { p = 2 }", "sum to"),
        ("prob = { p = 1 }", "prob = []", "0 terms"),
        ("costs = { yes =", "costs = { no = 1, yes =", "expected 0"),
        ('p = "1/3"', 'k = "1/3"', "name of the index"),
        ("[issues.agents.1]\ntypes = [ { name", "[issues.agents.2]\ntypes = [ { name", "same as before"),
    ],
)
def test_mistakes_are_told_in_one_line(old, new, words):
    assert old in FILE
    with pytest.raises(ModelError) as told:
        read(FILE.replace(old, new, 1))
    assert str(told.value).startswith("file: ")
    assert words in str(told.value)
    assert len(str(told.value).splitlines()) == 1


def test_bundled_models_and_their_parameters():
    for name in bundled_models("participation"):
        model = load_participation(name)
        assert model.name
        assert model.sequence.economy(model.last).size > 1
    issue = load_participation("participation-fails", {"alpha": "1/8"}).sequence.issue(3)
    assert issue.surplus[1] == Fraction(16, 8)
    with pytest.raises(ModelError, match="expected one of"):
        load_participation("participation-fails", {"beta": "1"})
    with pytest.raises(ModelError, match="eqsolve solve"):
        load_participation("object")
