"""Limits of time and memory around a piece of work."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from eqsolve.errors import EqsolveError, LimitReached

AGAIN = 0.5
"""Seconds after which the bell rings again."""


@contextmanager
def time_limit(seconds: float | None) -> Iterator[None]:
    """Raise `LimitReached` in the block once `seconds` have passed.

    Works in the main thread of systems with alarms (Unix); elsewhere the block runs without this guard, and only
    the engines' own deadlines hold.

    The bell rings again until the block has ended, since somebody may catch all exceptions (numpy's tensordot does, for
    a moment); and whatever else is raised after it rang comes from it.
    """
    if seconds is None or not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    rung = False

    def ring(signum: int, frame: FrameType | None) -> None:
        nonlocal rung
        rung = True
        raise LimitReached("time limit")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-3), AGAIN)
    try:
        yield
    except Exception as error:
        if rung and not isinstance(error, LimitReached):
            raise LimitReached("time limit") from error
        raise
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


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
