"""Random edits of certificates of every kind: none is accepted unless what it states is true.

``python tests/certificate/edit_many.py --edits 10000`` does the same at length.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from edited_certificates import HONEST, draw, honest, respell, verdict_on

from eqsolve.certificate import check

EDITS = 12
"""Per kind."""


@pytest.mark.parametrize("kind", HONEST)
def test_what_is_accepted_after_a_random_edit_is_true(kind):
    first = list(HONEST).index(kind)
    edits = accepted = 0
    for number in range(first, first + EDITS * len(HONEST), len(HONEST)):
        named, document = draw("test", number)
        assert named == kind
        if document == honest(kind):
            continue
        edits += 1
        verdict = check(document)
        assert verdict.reason
        assert verdict.valid or not verdict.statement
        if verdict.valid:
            accepted += 1
            assert verdict_on(document) is True, verdict.statement
    assert edits
    assert accepted < edits


@pytest.mark.parametrize("kind", HONEST)
def test_the_solvers_agree_with_honest_certificates(kind):
    assert verdict_on(honest(kind)) is True


def false_ones():
    """Statements about an honest game that are false."""
    for kind, path, value in (
        ("equilibrium", ("statement", "payoffs", "1"), "4"),
        ("bounds", ("statement", "floor", "2"), "2"),
        ("bounds by a tree", ("statement", "ceiling", "1"), "2"),
        ("bounds by a tree", ("statement", "floor", "1"), "3"),
        ("payoffs-unique", ("statement", "payoffs", "1"), "53/15"),
        ("no collusion", ("statement", "payoffs", "1"), "53/15"),
        ("different payoffs", ("evidence", "equilibria", 1, "payoffs", "1"), "0"),
        ("collusion", ("evidence", "coalition"), ["1", "2"]),
        ("lie", ("statement", "sense"), "permutation-free"),
        ("truthful", ("game", "outcomes"), [[["x"], ["0", "1"]], [["y"], ["1", "0"]]]),
        ("outcome-unique", ("game", "agents", 0, "types", 0, "utility"), ["1", "1"]),
        ("figure", ("statement", "payoffs", "1"), "4"),
        ("figure", ("statement", "printed", "1"), "3.32"),
        ("figure of the target", ("statement", "payoffs", "1"), "4"),
        ("figure of a floor", ("statement", "payoffs", "1"), "4"),
        ("optimal", ("statement", "welfare"), "8"),
        ("optimal, total", ("statement", "requirements", "participation"), "none"),
        ("plain game", ("statement", "equilibria", 0, "payoffs", 0), "9"),
        ("plain game of three", ("statement", "equilibria", 0, "strategies", 0), ["1/7", "6/7"]),
        ("no transfers", ("statement", "verdict"), "proved"),
        ("transfers", ("statement", "verdict"), "refuted"),
        ("interdependent, none", ("statement", "verdict"), "proved"),
        ("interdependent, transfers ex post", ("statement", "verdict"), "refuted"),
        ("welfare bound", ("statement", "welfare"), "1"),
    ):
        yield pytest.param(kind, path, value, id=f"{kind}: {path[-1]}")


@pytest.mark.parametrize(("kind", "path", "value"), list(false_ones()))
def test_the_solvers_know_what_is_false(kind, path, value):
    """An oracle that says yes to everything would find no fault."""
    document = honest(kind)
    place = document
    for key in path[:-1]:
        place = place[key]
    assert place[path[-1]] != value
    place[path[-1]] = value
    assert verdict_on(document) is False
    assert not check(document).valid


def test_another_name_everywhere_is_accepted():
    class Always:
        def choice(self, listed):
            return listed[0] if "new name" not in listed else "new name"

    for kind in set(HONEST) - {"plain game", "plain game of three"}:  # its players have the names of strategies
        document = respell(Always(), honest(kind))
        assert document != honest(kind)
        assert check(document).valid, check(document).reason
        assert verdict_on(document) is True


def test_the_command():
    command = [sys.executable, Path(__file__).parent / "edit_many.py", "--edits", "4", "--seed", "3"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=250)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "     4 edited" in done.stdout
    assert "  0 wrong" in done.stdout
