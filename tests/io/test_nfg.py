"""Gambit's .nfg files and JSON games: both dialects, exact numbers, errors with places, hostile input."""

import io
import json
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eqsolve.errors import ModelError
from eqsolve.game import NormalFormGame
from eqsolve.io.game_json import game_to_json, parse_game_json, read_game
from eqsolve.io.nfg import parse_nfg, read_nfg, write_nfg

HEAD = 'NFG 1 R "t" { "a" "b" } { 2 2 }\n'
label = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=5).filter(str.strip)


@st.composite
def labelled_games(draw):
    shape = tuple(draw(st.lists(st.integers(1, 3), min_size=1, max_size=3)))
    number = st.one_of(st.integers(-(10**20), 10**20), st.fractions(max_denominator=99))
    tables = []
    for _ in shape:
        table = np.empty(shape, dtype=object)
        for cell in np.ndindex(shape):
            table[cell] = draw(number)
        tables.append(table)
    return NormalFormGame.from_payoffs(
        *tables,
        players=draw(st.lists(label, min_size=len(shape), max_size=len(shape), unique=True)),
        strategies=[draw(st.lists(label, min_size=m, max_size=m, unique=True)) for m in shape],
        title=draw(label),
    )


@given(labelled_games(), st.sampled_from(["payoffs", "outcomes"]))
def test_written_games_read_back_equal(game, dialect):
    assert parse_nfg(write_nfg(game, dialect=dialect)) == game


@given(labelled_games())
def test_json_games_read_back_equal(game):
    assert parse_game_json(game_to_json(game)) == game


def test_player_one_varies_fastest_and_payoffs_of_a_cell_stand_together():
    game = parse_nfg('NFG 1 R "" { "a" "b" } { 3 2 } 1 10 2 20 3 30 4 40 5 50 6 60')
    assert game.A.tolist() == [[1, 4], [2, 5], [3, 6]]
    assert game.B.tolist() == [[10, 40], [20, 50], [30, 60]]


def test_outcome_dialect_with_null_outcome_and_comment():
    game = parse_nfg(
        'NFG 1 R "t" { "a" "b" }\n{ { "u" "d" } { "l" "r" } }\n"a comment"\n'
        '{ { "win" 1, -1/2 } { "" 0.5 2e1 } }\n1 0 2 1'
    )
    assert game.A.tolist() == [[1, Fraction(1, 2)], [0, 1]]
    assert game.B.tolist() == [[Fraction(-1, 2), 20], [0, Fraction(-1, 2)]]
    assert game.strategies == (("u", "d"), ("l", "r"))


def test_numbers_of_every_kind():
    game = parse_nfg('NFG 1 D "" { "" } { 9 } 1 -2 +3 3/4 -.5 5. 1.25e-2 2E3 007')
    assert game.payoffs[0].tolist() == [1, -2, 3, Fraction(3, 4), Fraction(-1, 2), 5, Fraction(1, 80), 2000, 7]


def test_strings_with_escapes_and_repeated_labels():
    game = parse_nfg(r'NFG 1 R "say \"hi\" \\ { 1" { "" "" } { { "x" "x" } { "" "2" } } 1 1 1 1 1 1 1 1')
    assert game.title == r'say "hi" \ { 1'
    assert game.players == ("1", "2")
    assert game.strategies == (("x", "x_2"), ("1", "2"))


def test_numbers_across_chunks(monkeypatch):
    monkeypatch.setattr("eqsolve.io.nfg._CHUNK", 7)
    tables = np.random.default_rng(1).integers(-999, 1000, (2, 13, 11))
    game = NormalFormGame.from_payoffs(tables[0], tables[1] / 8)
    assert parse_nfg(write_nfg(game)).payoffs[1].tolist() == game.payoffs[1].tolist()
    assert parse_nfg(write_nfg(game)).A.tolist() == tables[0].tolist()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1, column 1: found the end of the file, expected NFG"),
        ("EFG 2 R", "column 1: found 'EFG', expected NFG"),
        ('NFG 2 R "t"', "column 5: found '2', expected 1, the version"),
        ('NFG 1 X "t"', "found 'X', expected D or R"),
        ("NFG 1 R { }", "found '{', expected the title"),
        ('NFG 1 R "t { }', "a text that does not end"),
        ('NFG 1 R "t" { }', "found 0 players"),
        ('NFG 1 R "t" { "a" 1 }', "found '1', expected a player's name"),
        (HEAD.replace("2 2", "2"), "found '}', expected a player's number"),
        (HEAD.replace("2 2", "2 2 2"), "found '2', expected } after the strategies of 2 players"),
        (HEAD.replace("2 2", "2 0"), "a player without strategies"),
        (HEAD.replace("2 2", "2 -1"), "found '-1', expected a player's number"),
        (HEAD, "line 2, column 1: found .*, expected"),
        (HEAD + "1 2 3 4 5 6 7", "found 7 payoffs, expected 8|found fewer than 8 payoffs"),
        (HEAD + "1 2 3 4 5 6 7 8 9", "found more than 8 payoffs, expected 8"),
        (HEAD + "1 2 3 4\n5 x 7 8", "line 3, column 3: found 'x', expected a number"),
        (HEAD + "1 2 3 4\n5 1/0 7 8", "line 3, column 3: found '1/0', whose denominator is 0"),
        (HEAD + "1 2 3 4\n5 -- 7 8", "line 3, column 3: found '--'"),
        (HEAD + "1 2 3 4\n5 nan 7 8", "line 3, column 3: found 'nan'"),
        (HEAD + "1 2 3 4\n5 1_0 7 8", "line 3, column 3: found '1_0'"),
        (HEAD + "1 2 3 4\n5 ٣ 7 8", "line 3, column 3: found '٣'"),
        (HEAD + '{ {"" 1, 2}\n {"" 2} } 1 1 1 1', "found 1 payoffs of outcome 2, expected 2"),
        (HEAD + '{ {"" 1, 2}\n {"" 2, z} } 1 1 1 1', "line 3, column 9: found 'z'"),
        (HEAD + '{ {"" 1, 2} } 1 1 1 2', "outcome number out of range, expected whole numbers from 0 to 1"),
        (HEAD + '{ {"" 1, 2} } 1 1 1 -1', "out of range"),
        (HEAD + '{ {"" 1, 2} } 1 1 1 1/2', "out of range"),
        (HEAD + '{ {"" 1, 2} } 1 1 1', "found 3 outcome numbers, expected 4"),
        (HEAD + '{ {"" 1, 2} 1 1 1 1', "found '1', expected an outcome"),
    ],
)
def test_errors_name_place_found_and_expected(text, message):
    with pytest.raises(ModelError, match=message) as error:
        parse_nfg(text, name="game.nfg")
    assert str(error.value).startswith("game.nfg")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        HEAD.replace("2 2", "9999999999 9999999999") + "1 2 3",
        'NFG 1 R "t" { ' + '"p" ' * 40 + "} { " + "9 " * 40 + "} 1 2 3",
        'NFG 1 R "t" { ' + '"p" ' * 65 + "} { " + "1 " * 65 + "} " + "1 " * 65,
        HEAD + "9" * 100_000 + " 1 1 1 1 1 1 1",
        HEAD + "1e99999999 1 1 1 1 1 1 1",
        HEAD + '"' + "\\" * 100_000,
        HEAD + "{" * 100_000,
    ],
)
def test_hostile_files_are_refused_before_memory_is_taken(text):
    with pytest.raises(ModelError):
        parse_nfg(text)


def test_file_size_is_limited(tmp_path):
    path = tmp_path / "g.nfg"
    write_nfg(NormalFormGame.from_payoffs([[1]], [[2]]), path)
    assert read_nfg(path).A.tolist() == [[1]]
    with pytest.raises(ModelError, match="max_bytes"):
        read_nfg(path, max_bytes=20)
    with pytest.raises(ModelError, match="max_bytes"):
        parse_nfg(path.read_text(), max_bytes=20)


def test_read_game_looks_at_the_content(tmp_path, monkeypatch):
    game = NormalFormGame.from_payoffs([["1/3"]], [[2]])
    write_nfg(game, tmp_path / "a.txt")
    game_to_json(game, tmp_path / "b.txt")
    assert read_game(tmp_path / "a.txt") == read_game(str(tmp_path / "b.txt")) == game
    assert read_game(io.BytesIO(write_nfg(game).encode("utf-8-sig"))) == game
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(game_to_json(game).encode())))
    assert read_game("-") == game
    for data, message in [(b"", "an empty file"), (b"hello", "found 'hello'"), (b"\xff\xfe", "no UTF-8")]:
        with pytest.raises(ModelError, match=message):
            read_game(io.BytesIO(data))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "line 1, column 2: found no JSON"),
        ("[1]", "found list, expected an object"),
        ('{"payoffs": 3}', "found no list"),
        ('{"payoffs": [[1, 2], [1, 2]]}', "found 1 axes, expected 2"),
        ('{"payoffs": [[1, NaN]]}', "found NaN"),
        ('{"payoffs": [[1, true]]}', "found True"),
        ('{"payoffs": [[1, [2]]]}', "cell"),
        ('{"payoffs": [[1, "a"]]}', "found 'a'"),
        ('{"payoffs": [[1]], "payoff": []}', "found the key 'payoff'"),
        ('{"payoffs": [[1]], "payoffs": [[2]]}', "'payoffs' twice"),
        ('{"payoffs": [[1]], "players": "a"}', "players: found a, expected a list of texts"),
        ('{"payoffs": [[1]], "strategies": [3]}', "strategies: found 3"),
        ('{"payoffs": [[1]], "title": 3}', "title: found 3"),
        ('{"payoffs": [[%s]]}' % ("9" * 3000), "3000 digits"),
        ('{"payoffs": ' + "[" * 100_000, "nested too deeply"),
    ],
)
def test_bad_json_is_named(text, message):
    with pytest.raises(ModelError, match=message) as error:
        parse_game_json(text, name="game.json")
    assert str(error.value).startswith("game.json")


@given(st.data())
def test_broken_files_raise_nothing_but_model_errors(data):
    pieces = ["NFG", " 1", " R", ' "t"', " {", ' "a"', ' "b"', " }", " {", " 2", " 2", " }", " 1 2 3 4", " 5 6/2 7.5 8"]
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(pieces) - 1))
        pieces[at : at + data.draw(st.integers(0, 2))] = data.draw(
            st.lists(st.sampled_from([*pieces, ",", '"', "\\", "-", "1/0", "1e9", "\n", "é", "{ {", "0"]), max_size=2)
        )
    text = "".join(pieces)
    for read in (parse_nfg, parse_game_json):
        try:
            game = read(text)
        except ModelError:
            continue
        assert parse_nfg(write_nfg(game)) == game


@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.text("1/a", max_size=3)),
        lambda inner: st.lists(inner, max_size=3),
        max_leaves=9,
    ),
    st.sampled_from([None, "x", ["a"], ["a", "b"], [["a"], ["b"]]]),
)
def test_any_json_raises_nothing_but_model_errors(payoffs, labels):
    text = json.dumps({"payoffs": payoffs, "players": labels, "strategies": labels})
    try:
        game = parse_game_json(text)
    except ModelError:
        return
    assert parse_game_json(game_to_json(game)) == game


def test_unknown_dialect():
    with pytest.raises(ModelError, match="dialect"):
        write_nfg(NormalFormGame.from_payoffs([1]), dialect="tree")


@pytest.mark.peer
@pytest.mark.parametrize("dialect", ["payoffs", "outcomes"])
def test_gambit_reads_what_is_written_and_writes_what_is_read(dialect):
    pygambit = pytest.importorskip("pygambit", reason="pygambit is not installed")
    rng = np.random.default_rng(5)
    tables = [rng.integers(-9, 10, (2, 3, 4)) / 4 for _ in range(3)]
    game = NormalFormGame.from_payoffs(*tables, players=["x", 'the "y"', "z"], title='say "hi"')
    theirs = pygambit.read_nfg(io.BytesIO(write_nfg(game, dialect=dialect).encode()))
    assert NormalFormGame.from_pygambit(theirs) == game
    assert parse_nfg(theirs.to_nfg()) == game
