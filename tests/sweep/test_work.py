"""Cases worked out: the figures are those of the verbs, and whatever goes wrong is a row of the table."""

from __future__ import annotations

import json
import threading
import time

import pytest

import eqsolve as eq
from eqsolve.certificate.check import check
from eqsolve.errors import LimitReached, ModelError
from eqsolve.exact.rational import text
from eqsolve.io.toml_text import parse_toml
from eqsolve.sweep import work
from eqsolve.sweep.cases import all_cases
from eqsolve.sweep.spec import Limits, build_spec
from eqsolve.sweep.work import Batch, run_batch


def rows(grid, head="", limits=Limits()):  # noqa: B008
    found = all_cases(build_spec(parse_toml(f"{head}\n[[grid]]\n{grid}")))
    return run_batch(Batch(tuple(found), limits))


def exact(row, what):
    return {name: figure for name, (figure, _) in row.figures.items() if name.split(".")[0] == what}


def test_label_free_payoffs_and_equilibria_are_those_of_solve():
    label_free, solved = rows('models = "collusion"\ncopies = 2\ntasks = ["label-free", "solve"]')
    assert label_free.status == solved.status == "done"
    assert exact(label_free, "payoffs") == {"payoffs.1": "-9/4", "payoffs.2": "13/8", "payoffs.3": "13/8"}
    assert exact(label_free, "ceiling")["ceiling.2"] == exact(solved, "most")["most.2"] == "2"
    expected = eq.solve(eq.load("collusion").link(2))
    assert solved.facts["equilibria"] == len(expected)
    assert solved.facts["collusive"] == sum(e.coordination.verdict == "collusive" for e in expected) > 0
    assert exact(solved, "least")["least.1"] == text(min(e.payoffs[0] for e in expected))
    assert solved.figures["floor.2"] == ("13/8", 1.625)


def test_the_other_tasks_against_what_is_known():
    found = rows(
        'models = "object"\ncopies = 2\ntasks = ["curve", "optimal", { do = "verify", claim = "payoffs-unique" }]',
        'keep = ["certificates", "documents"]',
    )
    curve, optimal, verify = found
    assert curve.figures["payoffs.1"][0] == "53/16"
    assert curve.facts == {"scope": curve.facts["scope"], "exact": True}
    assert exact(curve, "gap")["gap.1"] == "9/16"
    assert optimal.figures["payoffs.2"][0] == "115/32"
    assert optimal.figures["linking.2"][0] == "53/16"
    assert verify.facts["verdict"] == "proved"
    for row in (optimal, verify):
        assert [check(document).valid for document in row.certificates] == [True]
    assert not curve.certificates
    assert '"seconds"' not in json.dumps([row.document for row in found])
    assert curve.document["points"][0]["payoffs"] == {"1": "53/16", "2": "53/16"}


def test_filters_and_coalitions():
    alpha, epsilon, gain, free = rows("""
models = "collusion"
copies = 4
filters = [{ epsilon = "1/4" }]
tasks = [{ do = "filter", alpha = "0.4" }, "filter", "collude", { do = "collude", epsilon = "none" }]
""")
    setting = eq.calibrate(eq.load("collusion").link(4), alpha="0.4")
    assert alpha.figures["epsilon"][0] == text(setting.epsilon)
    assert epsilon.figures["epsilon"][0] == "1/4"
    assert gain.facts["coalition"] == free.facts["coalition"] == "2, 3"
    assert gain.figures["epsilon"][0] == "1/4"
    assert free.figures["epsilon"] == (None, None)
    assert free.figures["gain.2"] == ("11/32", 11 / 32)
    assert 0 <= gain.figures["gain.2"][1] <= free.figures["gain.2"][1]


def test_estimates_stand_beside_their_error():
    (row,) = rows('models = "taking-turns"\ncopies = 500\ntasks = "curve"')
    assert row.facts["exact"] is False
    exact_figure, near = row.figures["payoffs.1"]
    assert exact_figure is None
    assert 0.88 < near < 8 / 9
    assert row.figures["error.1"][1] > 0
    assert row.figures["target.1"][0] == "8/9"


def test_what_goes_wrong_is_told_and_costs_no_other_case(monkeypatch):
    size, own, refused, done = rows("""
models = "object"
tasks = [
  { do = "solve", form = "explicit" }, { do = "collude", coalition = "1,9" }, { do = "solve", method = "lp" }, "curve"
]
copies = 40
""")
    assert (size.status, size.error) == ("error", "SizeError")
    assert (own.status, own.error) == ("error", "ModelError")
    assert own.message
    assert refused.status in ("done", "error")
    assert done.status == "done"

    def broken(model, question):
        raise ZeroDivisionError("what nobody\nthought of")

    monkeypatch.setitem(work.TASKS, "curve", broken)
    (row,) = rows('models = "object"\ntasks = "curve"')
    assert (row.status, row.error, row.message) == ("error", "ZeroDivisionError", "what nobody thought of")


def test_limits_of_a_case(monkeypatch):
    def slow(model, question):
        while True:
            time.sleep(0.01)

    monkeypatch.setitem(work.TASKS, "curve", slow)
    monkeypatch.setattr(work, "GRACE", 0.05)
    limits = Limits(max_seconds=0.05)
    (row,) = rows('models = "object"\ntasks = "curve"', limits=limits)
    assert (row.status, row.error, row.message) == ("limit", None, "time limit")
    # in a thread, as on a cluster, where no alarm rings
    found = []
    thread = threading.Thread(target=lambda: found.extend(rows('models = "object"\ntasks = "curve"', limits=limits)))
    thread.start()
    thread.join(30)
    assert [(row.status, row.message) for row in found] == [("limit", "time limit")]

    def greedy(model, question):
        return bytearray(2**33)

    monkeypatch.setitem(work.TASKS, "curve", greedy)
    (row,) = rows('models = "object"\ntasks = "curve"', limits=Limits(max_memory=4096))
    assert (row.status, row.message) == ("limit", "memory limit")


def test_a_timer_that_rang_does_not_ring_later():
    """In threads: swallowed inside the block, or on its way at the end of it."""
    heard = []

    def guarded():
        for _ in range(5):
            with work._guard(0.05):
                try:
                    end = time.monotonic() + 1
                    while time.monotonic() < end:
                        pass
                except LimitReached:
                    heard.append("inside")
            sum(range(1000))
        for _ in range(50):
            try:
                with work._guard(0.0005):
                    time.sleep(0.0005)
            except LimitReached:
                heard.append("outside")
        heard.append("end")

    thread = threading.Thread(target=guarded)
    thread.start()
    thread.join(30)
    assert heard[:5] == ["inside"] * 5
    assert heard[-1] == "end"


def test_another_version_does_not_answer():
    with pytest.raises(ModelError, match=r"expected 0\.0\.0"):
        run_batch(Batch((), Limits(), "0.0.0"))


def test_a_case_that_ctrl_c_ended_is_not_finished(monkeypatch):
    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("eqsolve.solving._Solver.run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        rows('models = "object"\ntasks = "solve"')
