"""Limits of time and memory around a piece of work."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from eqsolve.errors import EqsolveError, LimitReached

AGAIN = 0.5
"""Seconds after which the bell rings again; half as many each time, down to a tenth."""
HEARD = 2
"""So often it rings as `LimitReached`, so that whoever catches that can still say what is known."""


class _Overdue(BaseException):
    """The time is over, and those who were told went on working: nobody catches this but `time_limit`."""


@contextmanager
def time_limit(seconds: float | None) -> Iterator[None]:
    """Raise `LimitReached` in the block once `seconds` have passed.

    Works in the main thread of systems with alarms (Unix); elsewhere the block runs without this guard, and only
    the engines' own deadlines hold. Limits may be nested; the tighter one rings.

    The bell rings again until the block has ended, since somebody may catch all exceptions (numpy's tensordot does, for
    a moment), or catch the limit and go on with something else; from the third time on it cannot be caught. Whatever
    else is raised after it rang comes from it.
    """
    if seconds is None or not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    rung, over = 0, False

    def ring(signum: int, frame: FrameType | None) -> None:
        """Raise in the main thread, and set the alarm again in case somebody catches it."""
        nonlocal rung
        if over:
            return
        rung += 1
        signal.setitimer(signal.ITIMER_REAL, AGAIN * max(0.5 ** (rung - 1), 0.1))
        raise LimitReached("time limit") if rung <= HEARD else _Overdue

    before = signal.signal(signal.SIGALRM, ring)
    start, (outer, _) = time.monotonic(), signal.getitimer(signal.ITIMER_REAL)
    signal.setitimer(signal.ITIMER_REAL, max(min(seconds, outer or seconds), 1e-3))
    try:
        yield
    except _Overdue:
        raise LimitReached("time limit") from None
    except Exception as error:
        if rung and not isinstance(error, LimitReached):
            raise LimitReached("time limit") from error
        raise
    finally:
        over = True
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if outer:
            signal.setitimer(signal.ITIMER_REAL, max(outer - (time.monotonic() - start), 1e-3))


@contextmanager
def memory_limit(mebibytes: int | None) -> Iterator[None]:
    """Let allocations beyond `mebibytes` of data end in `LimitReached` (Unix only).

    Counts everything that the process has allocated, also before the block.
    """
    try:
        import resource
    except ImportError:
        yield
        return
    if mebibytes is None:
        yield
        return
    if _data_in_use() > mebibytes:
        raise LimitReached("memory limit")
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (mebibytes * 2**20, hard))
    try:
        yield
    except MemoryError as error:
        if isinstance(error, EqsolveError):  # SizeError says more; numpy raises a subclass of MemoryError
            raise
        raise LimitReached("memory limit") from None
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _data_in_use() -> int:
    """Mebibytes of data of this process, as the limit counts them; 0 where the system does not tell."""
    try:
        with open("/proc/self/status", encoding="ascii") as file:
            return next((int(line.split()[1]) // 1024 for line in file if line.startswith("VmData:")), 0)
    except OSError:
        return 0
