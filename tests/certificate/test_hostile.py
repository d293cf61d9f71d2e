"""Documents of strangers: whatever they hold, the checker answers, soon and with a reason."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import eqsolve as eq
from eqsolve.certificate import Unreadable, check, parse
from eqsolve.certificate.game import MAX_COPIES
from eqsolve.certificate.reading import MAX_COMMON_DIGITS, MAX_DIGITS, MAX_ENTRIES
from eqsolve.io import certificate_file as write

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["1/2", "low"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def game():
    return eq.load("object").link(2)


@pytest.fixture(scope="module")
def honest(game):
    half = {"low, high": "1/2", "high, low": "1/2"}
    block = {"low, low": half, "low, high": {"low, high": "1"}, "high, low": {"high, low": "1"}, "high, high": half}
    document = write.certificate(
        game, {"says": "equilibrium", "payoffs": {"1": "53/16", "2": "53/16"}}, {"strategies": {"1": block, "2": block}}
    )
    assert check(document).valid
    return document


def changed(document, path, value):
    document = copy.deepcopy(document)
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return document


def refused(document):
    verdict = check(document)
    assert not verdict.valid
    assert verdict.reason
    assert len(verdict.reason) < 1000
    assert verdict.reason.isprintable()
    return verdict.reason


@given(JSON)
@settings(deadline=None, max_examples=100)
def test_no_document_raises(document):
    assert check(document).valid is False


PATHS = [
    ("game",), ("statement",), ("evidence",), ("game", "agents"), ("game", "agents", 0), ("game", "outcomes"),
    ("game", "outcomes", 0), ("game", "outcomes", 0, 0), ("game", "outcomes", 0, 1, 0), ("game", "copies"),
    ("game", "decisions"), ("game", "weights"), ("game", "name"), ("game", "agents", 0, "types"),
    ("game", "agents", 0, "types", 0), ("game", "agents", 0, "types", 0, "name"),
    ("game", "agents", 0, "types", 0, "utility"), ("game", "agents", 0, "budget"),
    ("game", "agents", 0, "budget", 0, "types"), ("game", "agents", 0, "budget", 0, "most"),
    ("statement", "says"), ("statement", "payoffs"), ("statement", "payoffs", "1"), ("evidence", "strategies"),
    ("evidence", "strategies", "1"), ("evidence", "strategies", "1", "low, low"),
    ("evidence", "strategies", "1", "low, low", "low, high"),
]  # fmt: skip


@given(st.sampled_from(PATHS), JSON)
@settings(deadline=None, max_examples=250)
def test_nothing_anywhere_raises(honest, path, value):
    assert check(changed(honest, path, value)).reason


@pytest.mark.parametrize("kind", ["label-free", "informed", "bystander", "tree", "joint-law", 7, None, ["tree"]])
@given(JSON)
@settings(deadline=None, max_examples=20)
def test_no_evidence_raises(game, kind, value):
    for side in ("floor", "ceiling"):
        for keys in (
            {"tables": value},
            {"families": value},
            {"nodes": value, "reduction": value},
            {"value": value},
            {},
        ):
            ends = {"floor": {"1": None, "2": None}, "ceiling": {"1": None, "2": None}}
            ends[side]["1"] = "100" if side == "floor" else "-100"
            evidence = {"floor": {}, "ceiling": {}}
            evidence[side]["1"] = {"kind": kind, **keys}
            document = write.certificate(game, {"says": "bounds", **ends}, evidence)
            refused(document)


def test_deep_nesting():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    assert "deep" in refused(deep)
    assert "deep" in refused({"format": deep})
    with pytest.raises(Unreadable, match="deep"):
        parse(b"[" * 1_000_000 + b"]" * 1_000_000)


def test_numbers_that_are_too_long(honest):
    path = ("statement", "payoffs", "1")
    assert f"{MAX_DIGITS:,}" in refused(changed(honest, path, "1" * (MAX_DIGITS + 1)))
    assert "not the stated" in refused(changed(honest, path, "7" * MAX_DIGITS))
    assert "expected an exact number" in refused(changed(honest, path, "1" * 10**6))
    assert refused(changed(honest, path, 10**10_000))
    assert refused(changed(honest, path, "1e1000000000"))
    with pytest.raises(Unreadable, match="digits"):
        parse(b'{"a": ' + b"1" * 5_000 + b"}")


def test_denominators_that_have_nothing_in_common(honest):
    def large(k):
        return f"1/1{'0' * (MAX_DIGITS - 5)}{2 * k + 1:04d}"

    document = changed(honest, ("evidence", "remarks"), [large(k) for k in range(10)])
    assert f"{MAX_COMMON_DIGITS:,}" in refused(document)


def test_games_that_are_too_large(honest):
    assert f"{MAX_COPIES:,}" in refused(changed(honest, ("game", "copies"), 10**8))
    assert refused(changed(honest, ("game", "copies"), MAX_COPIES))
    wide = changed(honest, ("game", "agents", 0, "budget"), [{"types": ["low", "high"], "least": 0, "most": 10**8}])
    assert "no equilibrium" in refused(wide)
    long = changed(wide, ("game", "copies"), 5_000)
    long = changed(long, ("game", "agents", 1, "budget"), long["game"]["agents"][0]["budget"])
    long["statement"], long["evidence"] = {"says": "outcome-unique", "verdict": "proved"}, {"reduction": []}
    assert "too large" in refused(long)
    many = changed(honest, ("game", "agents"), honest["game"]["agents"] * 20)
    assert refused(many)


def test_many_types_and_rations(honest):
    names = [f"t{k}" for k in range(200)]
    document = copy.deepcopy(honest)
    game = document["game"]
    game["copies"] = 100
    game["agents"] = [
        {
            "name": "1",
            "types": [{"name": t, "prob": "1/200", "utility": ["1", "0"]} for t in names],
            "budget": [{"types": [t], "least": 0, "most": 100} for t in names],
        }
    ]
    game["weights"] = ["1"]
    game["outcomes"] = [[[t], ["1", "0"]] for t in names]
    document["statement"] = {"says": "bounds", "floor": {"1": "0"}, "ceiling": {"1": None}}
    document["evidence"] = {"floor": {"1": {"kind": "label-free", "tables": []}}, "ceiling": {}}
    assert "too large" in refused(document)
    document["statement"] = {"says": "truthful", "sense": "fewest-lies", "verdict": "proved"}
    document["evidence"] = {"reduction": []}
    assert "too large" in refused(document)


def test_names_are_shown_on_one_line(honest):
    document = changed(honest, ("game", "name"), "x\n\x1b[31m\ud800" + "y" * 1000)
    verdict = check(document)
    assert verdict.valid
    assert verdict.statement.isprintable()
    assert len(verdict.statement) < 500
    assert refused(changed(honest, ("statement", "says"), "\ud800\n" * 100))


def test_names_of_types_that_would_be_ambiguous(honest):
    text = json.dumps(honest).replace('"low"', '"low, high"')
    assert "comma" in refused(json.loads(text))


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b'{"a": 1, "b": 2, "a": 3}', "'a' twice"),
        (b'{"a": {"b": 2, "b": 3}}', "'b' twice"),
        (b"", "no JSON"),
        (b"{", "line 1"),
        (b"\xff", "UTF-8"),
        (b'{"a": 1.5}', "1.5"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": -Infinity}', "Infinity"),
        (b'{"a": 1e400}', "1e400"),
        (b"[" + b"0," * MAX_ENTRIES + b"0]", "entries"),
        (b" " * (64 * 2**20 + 1), "bytes"),
    ],
    ids=["key", "inner key", "empty", "half", "bytes", "float", "nan", "infinity", "huge", "long", "large"],
)
def test_what_is_no_document(data, word):
    with pytest.raises(Unreadable, match=word):
        parse(data)
