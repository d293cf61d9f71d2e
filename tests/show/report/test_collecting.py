"""What a report collects: limits, interruption, parts that are left out, and how it is written."""

from __future__ import annotations

import signal
import threading
import time

import pytest
from click.testing import CliRunner
from page_reading import read

import eqsolve as eq
from eqsolve.cli import cli
from eqsolve.errors import NotSupported
from eqsolve.io.whole_file import write_whole
from eqsolve.show.report import collecting
from eqsolve.show.report.data import Part
from eqsolve.show.report.schedule import Desk, Slot

LOOSE = """
decisions = ["a", "b"]
[agents.1]
types = [{ name = "-2", prob = "1/2", utility = { b = -2 } }, { name = "2", prob = "1/2", utility = { b = 2 } }]
[agents.2]
same_as = "1"
[rule]
kind = "utilitarian"
[link]
copies = 2
budget = "none"
"""
LINKS = {
    "walking": 'copies = 2\nwalk_away = "a"',
    "process": 'copies = 2\nprocess = { kind = "copy", rho = "1/2" }',
    "filter": 'copies = 2\nfilter = { epsilon = "1/4" }',
    "marginals": "copies = 3\nexact_marginals = true",
    "loose": 'copies = 2\nbudget = "none"',
}


def invoke(*arguments):
    return CliRunner().invoke(cli, ["report", *map(str, arguments)], standalone_mode=False, catch_exceptions=False)


@pytest.mark.parametrize("link", LINKS)
def test_all_kinds_of_links(tmp_path, link):
    path = tmp_path / "model.toml"
    path.write_text(LOOSE.split("[link]")[0] + "[link]\n" + LINKS[link])
    report = eq.report([path], [3] if link == "marginals" else [2], max_seconds=20)
    text = read(report.to_html()).content()
    for name, why in report.models[0].left_out():
        assert f"{name}: {why}" in text
    assert report.models[0].at[0].solution.value is not None


def test_what_does_not_fit_is_named_and_ends_with_3(tmp_path):
    out = tmp_path / "out.html"
    result = invoke("collusion", "-k", "8", "--max-seconds", "0.2", "-o", out)
    assert result.return_value == 3
    assert "collusion: " in result.stderr
    text = read(out.read_text(encoding="utf-8")).content()
    assert "Left out or not complete" in text
    *lines, last = result.stderr.splitlines()
    assert last == f"eqsolve: {out} is written, without the above"
    for line in lines:
        assert line.removeprefix("eqsolve: collusion: ") in text


def test_parts_share_the_time_and_leave_what_they_do_not_need():
    slots = Slot.of(100).parts([1, 3])
    assert slots[0].left == pytest.approx(25, abs=1)
    assert slots[1].left == pytest.approx(100, abs=1)
    assert Slot(None).parts([1, 1]) == [Slot(None)] * 2


def test_a_desk_says_why_a_part_is_missing():
    desk = Desk()

    def not_covered(_):
        raise NotSupported("not covered")

    assert desk.part("x", Slot(None), not_covered).why == "left out: not covered"
    assert desk.stopped == []  # nothing that more time would help
    late = desk.part("late", Slot.of(0.1), lambda _: time.sleep(5))
    assert late.value is None
    assert "time" in late.why
    assert desk.part("later", Slot(time.monotonic() - 1), lambda _: 1).value is None
    assert desk.part("done", Slot(None), lambda _: 1).value == 1
    assert desk.stopped == ["late", "later"]


def test_an_interruption_leaves_a_page_with_what_is_known(monkeypatch, tmp_path):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(collecting, "calibrate", interrupted)
    out = tmp_path / "out.html"
    result = invoke("object", "-k", "2", "-o", out)
    assert result.return_value == 130
    text = read(out.read_text(encoding="utf-8")).content()
    assert "was interrupted" in text
    assert "53/16" in text


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs alarms")
def test_without_alarms_nothing_is_lost():
    """In a thread there is no alarm; the engines keep the deadline themselves."""
    found = []
    thread = threading.Thread(target=lambda: found.append(eq.report(["object"], [2], max_seconds=60)))
    thread.start()
    thread.join()
    assert found[0].stopped is None


def test_bad_input_is_refused_before_the_work(tmp_path):
    out = tmp_path / "out.html"
    with pytest.raises(eq.ModelError, match="no such file"):
        invoke("no-such-model", "-o", out)
    with pytest.raises(eq.ModelError, match="no folder"):
        invoke("object", "-o", tmp_path / "no" / "out.html")
    model = tmp_path / "model.toml"
    model.write_text(LOOSE)
    with pytest.raises(eq.ModelError, match="one of the models"):
        invoke(model, "-o", model)
    with pytest.raises(eq.ModelError, match="copies"):
        invoke("object", "-k", "0", "-o", out)
    with pytest.raises(eq.ModelError, match="found none"):
        eq.report([])
    assert model.read_text() == LOOSE
    assert not out.exists()


def test_a_file_is_written_as_a_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "out.html"
    write_whole(path, "before")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(eq.ModelError, match="No space left"):
        write_whole(path, "after")
    assert path.read_text() == "before"
    assert [p.name for p in tmp_path.iterdir()] == ["out.html"]


def test_the_same_page_at_the_same_time(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    report = eq.report(["object"], [2])
    assert report.made == "1970-01-01 00:00 UTC"
    assert report.to_html() == report.to_html()


def test_a_part_keeps_its_value_with_another_reason():
    part = Part(1, "", 2.0).because("x")
    assert (part.value, part.why, part.seconds) == (1, "x", 2.0)


def test_one_model_needs_no_list():
    for model in ("object", eq.load("object")):
        (only,) = eq.report(model, [1], max_seconds=20).models
        assert only.model.name == eq.load("object").name
