"""Limits of time hold whatever the work does with exceptions."""

from __future__ import annotations

import contextlib
import signal
import time

import pytest

import eqsolve as eq
import eqsolve.limits
from eqsolve.errors import LimitReached
from eqsolve.judge.assess import Assessor
from eqsolve.limits import time_limit

needs_alarms = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no alarms")


def work(seconds=5.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.001)


@needs_alarms
def test_the_work_is_stopped():
    with pytest.raises(LimitReached, match="time limit"), time_limit(0.01):
        work()


def swallowing(then):
    with contextlib.suppress(Exception):
        work()
    then()


def fails():
    raise TypeError("bad operand type")


@needs_alarms
def test_an_error_that_comes_from_the_bell_is_the_limit():
    """As in numpy's tensordot: ``try: iter(axes)``, and after any exception something else is tried."""
    with pytest.raises(LimitReached, match="time limit"), time_limit(0.01):
        swallowing(fails)


@needs_alarms
def test_a_bell_that_nobody_heard_rings_again(monkeypatch):
    monkeypatch.setattr(eqsolve.limits, "AGAIN", 0.02)
    with pytest.raises(LimitReached, match="time limit"), time_limit(0.01):
        swallowing(work)


@needs_alarms
@pytest.mark.parametrize("kind", [LimitReached, Exception])
def test_whoever_catches_the_limit_and_goes_on_is_stopped_all_the_same(monkeypatch, kind):
    monkeypatch.setattr(eqsolve.limits, "AGAIN", 0.02)
    pieces = []

    def deaf():
        for _ in range(100):
            with contextlib.suppress(kind):
                pieces.append(work)
                work()

    with pytest.raises(LimitReached, match="time limit"), time_limit(0.01):
        deaf()
    assert len(pieces) == eqsolve.limits.HEARD + 1
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


@needs_alarms
def test_limits_within_limits():
    with pytest.raises(LimitReached), time_limit(0.02), time_limit(60):
        work()
    with time_limit(60):
        with pytest.raises(LimitReached), time_limit(0.02):
            work()
        assert 0 < signal.getitimer(signal.ITIMER_REAL)[0] < 60

    def goes_on():
        with contextlib.suppress(LimitReached), time_limit(0.01):
            work()
        work()

    with pytest.raises(LimitReached), time_limit(0.05):
        goes_on()
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


@needs_alarms
def test_other_errors_pass_and_the_bell_is_put_away():
    with pytest.raises(TypeError), time_limit(60):
        raise TypeError
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    with time_limit(None):
        pass


@pytest.mark.parametrize(
    ("error", "why"), [(LimitReached("time limit"), "time limit"), (KeyboardInterrupt(), "interrupted")]
)
def test_what_was_judged_when_the_work_is_stopped_is_kept(monkeypatch, error, why):
    """Three of the extreme equilibria of a game; subsets and components name no others."""
    judge, count = Assessor.equilibrium, 0

    def stopped(self, *args):
        nonlocal count
        count += 1
        if count > 3:
            raise error
        return judge(self, *args)

    whole = eq.solve(eq.load("collusion").link(2))
    monkeypatch.setattr(Assessor, "equilibrium", stopped)
    part = eq.solve(eq.load("collusion").link(2))
    assert len(whole.equilibria) > 4
    assert (part.stopped, part.complete, whole.complete) == (why, False, True)
    assert len(part.equilibria) in (3, 4)  # the label-free one may come on top
    known = {e.payoffs for e in whole.equilibria}
    assert all(e.payoffs in known for e in part.equilibria)
    for group in (part.subsets, part.components):
        assert group
        assert all(part_ and max(part_) < len(part.equilibria) for part_ in group)
