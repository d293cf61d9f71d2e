"""Ballots from strangers' files: what is read, and what is said of files that cannot be."""

from __future__ import annotations

import os

import pytest
from filter_brute_force import panel_of

import eqsolve as eq
from eqsolve.errors import EqsolveError, ModelError
from eqsolve.filter import ballots
from eqsolve.filter.ballots import parse_ballots, read_ballots
from eqsolve.filter.panel import Panel

WIDE = "Ann,Bob\nlow,high\nhigh,low\nlow,low\n"
WANTED = {"Ann": ["low", "high", "low"], "Bob": ["high", "low", "low"]}


def texts(found):
    return {agent: [text for text, _ in cells] for agent, cells in found.columns.items()}


@pytest.mark.parametrize(
    "text",
    [
        WIDE,
        WIDE.replace(",", ";"),
        WIDE.replace(",", "\t"),
        WIDE.replace(",", " | "),
        WIDE.replace("\n", "\r\n"),
        "\n" + WIDE + "\n\n",
        WIDE + ",\n ,\n",
        "problem,Ann,Bob\n1,low,high\nB,high,low\n,low,low\n",
        ",Ann,Bob\n0,low,high\n1,high,low\n2,low,low\n",
        '"Ann","Bob"\n"low","high"\n"high","low"\nlow,low',
        "Problem,agent,announcement\na,Ann,low\na,Bob,high\nb,Bob,low\nb,Ann,high\nc,Ann,low\nc,Bob,low\n",
        "agent;announcement;problem\nAnn;low;a\nAnn;high;b\nAnn;low;c\nBob;high;a\nBob;low;b\nBob;low;c\n",
    ],
)
def test_the_same_ballots_in_many_dresses(text):
    assert texts(parse_ballots(text)) == WANTED


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_with_and_without_a_byte_order_mark(tmp_path, encoding):
    path = tmp_path / "ballots.csv"
    path.write_text("Änn,Bób\nhoch,tief\n", encoding=encoding)
    assert texts(read_ballots(path)) == {"Änn": ["hoch"], "Bób": ["tief"]}


def test_commas_within_quotes_do_not_separate():
    found = parse_ballots('"Smith, Ann";"Jones, Bob, Dr."\n"yes, but";no\n')
    assert texts(found) == {"Smith, Ann": ["yes, but"], "Jones, Bob, Dr.": ["no"]}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["found 0 lines"]),
        ("Ann,Bob\n", ["found 1 lines"]),
        ("Ann\nlow\n", ["line 1", "one column"]),
        ("Ann,Bob\nlow,\n", ["line 2", "column 'Bob'", "empty cell"]),
        ("Ann,Bob\nlow,high\nlow\n", ["line 3", "1 fields", "expected 2"]),
        ("Ann,Bob\nlow,high\n\nlow,low\n", ["line 3", "empty line"]),
        ("Ann,Bob\nlow,high,low\n", ["line 2", "3 fields"]),
        ("Ann,Ann\nlow,high\n", ["line 1", "column 2", "'Ann' twice"]),
        ("Ann,\nlow,high\n", ["line 1", "column 2", "no name"]),
        ('Ann,Bob\n"low"x,high\n', ["line 2"]),
        ('Ann,Bob\n"low,high\n', ["line 2"]),
        ("Ann,Bob\nlow,hi\x00gh\n", ["line 2"]),
        ("Ann,Bob\nlow,hi\x1bgh\n", ["line 2", "column 'Bob'", "\\x1b"]),
        ('Ann,Bob\nlow,"hi\ngh"\n', ["column 'Bob'", "\\n"]),
        ("Ann,Bob\nlow," + "x" * 300 + "\n", ["line 2", "column 'Bob'", "200 characters"]),
        ("Ann," + "B" * 300 + "\nlow,high\n", ["line 1", "column 2", "200 characters"]),
        ("Ann,Bob\nlow," + "x" * 200_000 + "\n", ["line 2"]),
        (",".join(f"a{k}" for k in range(300)) + "\n", ["found 1 lines"]),
        (",".join(f"a{k}" for k in range(300)) + "\n" + ",".join("x" * 300) + "\n", ["300 columns", "200 agents"]),
        ("problem,agent,announcement\n1,Ann,low\n1,Ann,high\n", ["line 3", "'Ann'", "again", "line 2"]),
        ("problem,agent,announcement\n1,Ann,low\n1,Bob,low\n2,Ann,high\n", ["'Bob'", "'2'", "line 4"]),
        ("problem,agent,announcement\n1,,low\n", ["line 2", "column agent", "empty"]),
    ],
)
def test_what_cannot_be_read_is_one_line_with_its_place(text, words):
    with pytest.raises(ModelError) as error:
        parse_ballots(text, "b.csv")
    message = str(error.value)
    assert message.startswith("b.csv: ")
    assert "\n" not in message
    assert len(message) < 400
    assert all(word in message for word in words), message


def test_limits_hold(monkeypatch, tmp_path):
    path = tmp_path / "ballots.csv"
    path.write_text(WIDE)
    for name, limit, word in [
        ("MAX_BYTES", 10, "10 bytes"),
        ("MAX_PROBLEMS", 2, "3 problems"),
        ("MAX_LINES", 2, "2 lines"),
    ]:
        with monkeypatch.context() as patch:
            patch.setattr(ballots, name, limit)
            with pytest.raises(ModelError, match=word):
                read_ballots(path)
    many = "Ann,Bob\n" + "".join(f"x{k},low\n" for k in range(300))
    with pytest.raises(ModelError, match=r"line 258, column 'Ann': found more than 256"):
        parse_ballots(many).panel()


def test_files_that_are_none(tmp_path):
    (tmp_path / "bad.csv").write_bytes(b"Ann,Bob\nlow,h\xffgh\n")
    with pytest.raises(ModelError, match=r"bad.csv: line 2: .*UTF-8"):
        read_ballots(tmp_path / "bad.csv")
    for path in (tmp_path, tmp_path / "none.csv", "a\0b.csv"):
        with pytest.raises(ModelError):
            read_ballots(path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(ModelError, match="regular file"):
            read_ballots(tmp_path / "pipe")


def test_observed_budgets_and_a_models_budgets():
    found = parse_ballots(WIDE)
    panel = found.panel()
    assert (panel.types, panel.budgets) == ((("low", "high"), ("high", "low")), ((2, 1), (1, 2)))
    assert found.messages(panel) == ((0, 1, 0), (0, 1, 1))
    model = Panel.of_model(eq.load("collusion"), 4)
    text = "3,2\n1,1\n3,1\n1,3\n3,3\n"
    assert parse_ballots(text).messages(model) == ((0, 0, 0, 0), (0, 0, 1, 1), (0, 1, 0, 1))
    assert parse_ballots(text).of_some(model) == {2: (0, 1, 0, 1), 1: (0, 0, 1, 1)}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2,3\n1,1\n1,1\n3,3\n", ["3 problems", "expected 4"]),
        ("2,3\n1,1\n1,1\n3,3\n3,4\n", ["line 5", "column '3'", "'4'", "1, 3"]),
        ("2,3\n1,1\n1,1\n1,3\n3,3\n", ["column '2'", "3 × 1, 1 × 3", "2 × 1, 2 × 3", "4 problems"]),
        ("2,5\n1,1\n1,1\n3,3\n3,3\n", ["'5'", "1, 2, 3"]),
        ("1,3\n-3,1\n-3,1\n-3,3\n-3,3\n", ["no column", "'2'"]),
    ],
)
def test_ballots_that_do_not_fit_the_model(text, words):
    with pytest.raises(ModelError) as error:
        parse_ballots(text, "b.csv").messages(Panel.of_model(eq.load("collusion"), 4))
    assert all(word in str(error.value) for word in words), str(error.value)


def test_a_slip_in_capitals_gets_a_hint():
    with pytest.raises(ModelError, match="'a' may be meant"):
        parse_ballots("0,1\nA,a\nb,b\n").messages(panel_of((1, 1), (1, 1)))


@pytest.mark.parametrize("seed", range(60))
def test_rubbish_ends_in_ballots_or_in_one_line(seed):
    import random

    rng = random.Random(seed)
    rubbish = "".join(rng.choice("ab,;\t|\"'\n\r\\ \x00\ufeffé√") for _ in range(rng.randint(0, 60)))
    text = "Ann,Bob\na,b\n" * (seed % 2) + rubbish
    try:
        found = parse_ballots(text, "r.csv")
    except EqsolveError as error:
        found = None
        message = str(error)
    assert "\n" not in message if found is None else found.messages(found.panel())
