"""Plain games in sweeps: one search in pieces, killed and resumed or not, gives the whole list."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from sweeps import finished, table, written

import eqsolve as eq
from eqsolve.errors import ModelError
from eqsolve.io.game_json import game_to_json
from eqsolve.io.nash_json import nash_json
from eqsolve.sweep.games import joined_games
from eqsolve.sweep.run import run_sweep

SPEC = """
[[grid]]
games = ["first.json", "second.json"]
tasks = [{ do = "nash", pieces = 6 }, { do = "nash", method = ["auto", "support-enumeration"] }]
"""


def games(folder, size=7):
    rng = random.Random(5)
    found = {}
    for name, largest in (("first.json", 50), ("second.json", 1)):  # the second one is degenerate
        payoffs = [[[Fraction(rng.randint(-largest, largest)) for _ in range(size)] for _ in range(size)] for _ in "12"]
        found[name] = eq.NormalFormGame.from_payoffs(*payoffs)
        (folder / name).write_text(game_to_json(found[name]), encoding="utf-8")
    return found


def same(found, whole):
    documents = [{**nash_json(result), "seconds": None, "method": None} for result in (found, whole)]
    return documents[0] == documents[1]


def test_pieces_are_cases_and_their_union_is_the_whole_list(tmp_path):
    originals = games(tmp_path)
    spec, output = written(tmp_path, SPEC), tmp_path / "t.csv"
    assert run_sweep(spec, output, jobs=1, max_seconds=None).statuses.keys() == {"done"}
    rows = table(output)
    joined = joined_games(spec, output)
    for name, game in originals.items():
        whole = eq.nash(game)
        assert whole.complete
        assert same(joined[name], whole)
        pieces = [row for row in rows if row["model"] == name and row["options.piece"]]
        assert len(pieces) in (6, 7)
        for row in rows:
            if row["model"] == name and not row["options.piece"]:
                assert (row["equilibria"], row["complete"]) == (str(len(whole.equilibria)), "true")
                assert row["copies"] == ""


def test_a_piece_that_is_missing_makes_the_list_incomplete(tmp_path):
    (game,) = [games(tmp_path)["first.json"]]
    spec = written(tmp_path, '[[grid]]\ngames = "first.json"\ntasks = { do = "nash", pieces = 6 }')
    output = tmp_path / "t.csv"
    with pytest.MonkeyPatch.context() as patch:
        done = []

        def stop(done_cases, total, left):
            done.append(done_cases)
            if done_cases >= 3:
                raise KeyboardInterrupt

        patch.setattr("eqsolve.sweep.dispatch.BATCH_SECONDS", 0.0)
        patch.setattr("eqsolve.sweep.dispatch.TELL_SECONDS", 0.0)
        found = run_sweep(spec, output, jobs=1, progress=stop)
    assert (found.stopped, found.finished) == ("interrupted", 3)
    part = joined_games(spec, output)["first.json"]
    assert not part.complete
    before = finished(tmp_path / "t.sqlite")
    assert run_sweep(spec, output, jobs=1).reused == 3
    assert before.items() <= finished(tmp_path / "t.sqlite").items()
    assert same(joined_games(spec, output)["first.json"], eq.nash(game))


@pytest.mark.parametrize(
    ("grid", "says"),
    [
        ('games = "nobody.nfg"\ntasks = "nash"', "found no file"),
        ('games = "first.json"\ntasks = "solve"', "without a task"),
        ('models = "object"\ntasks = "nash"', "without a task"),
        ('games = "first.json"\ntasks = { do = "nash", pieces = 4, method = "lp" }', "method complementarity only"),
        ('games = "first.json"\ntasks = { do = "nash", pieces = 0 }', "at least 1"),
    ],
)
def test_what_does_not_go_together_is_refused(tmp_path, grid, says):
    games(tmp_path)
    with pytest.raises(ModelError, match=says):
        run_sweep(written(tmp_path, f"[[grid]]\n{grid}"), tmp_path / "t.csv")
