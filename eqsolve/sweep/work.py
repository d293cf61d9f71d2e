"""Cases worked out, in whatever process they are sent to: text in, rows of figures out."""

from __future__ import annotations

import ctypes
import json
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from eqsolve import __version__
from eqsolve.errors import EqsolveError, LimitReached, ModelError
from eqsolve.exact.rational import text
from eqsolve.io.model_file import build_model
from eqsolve.limits import memory_limit, time_limit
from eqsolve.sweep.answers import TASKS, Answer, Document, Fact, Figure, Question, uninterrupted
from eqsolve.sweep.cases import Case
from eqsolve.sweep.games import nash, read_document
from eqsolve.sweep.spec import Limits

if TYPE_CHECKING:
    from eqsolve.model import Model

GRACE = 0.5
"""Seconds that the engines have to stop by themselves before the alarm rings."""

DONE, LIMIT, ERROR = "done", "limit", "error"


@dataclass(frozen=True)
class Batch:
    """Cases that are sent together.

    Parameters
    ----------
    cases : tuple of Case
    limits : Limits
        Of each case by itself.
    version : str
        Of eqsolve; another one must not answer.
    """

    cases: tuple[Case, ...]
    limits: Limits
    version: str = __version__


@dataclass(frozen=True)
class Row:
    """What became of a case; everything in it but the seconds is the same wherever it was worked out.

    Parameters
    ----------
    key : str
    status : {"done", "limit", "error"}
    seconds : float
    copies : int or None
    error, message : str or None
        Name of the exception, and what it says; of a limit which one it was.
    facts : mapping of column to text, number or truth value
    figures : mapping of column to (exact figure as text or None, nearest float or None)
    certificates : list of documents
    document : mapping or None
    """

    key: str
    status: str
    seconds: float
    copies: int | None = None
    error: str | None = None
    message: str | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)
    figures: Mapping[str, tuple[str | None, float | None]] = field(default_factory=dict)
    certificates: Sequence[Document] = ()
    document: Document | None = None


def run_batch(batch: Batch) -> list[Row]:
    """Work out cases one after the other.

    Raises
    ------
    ModelError
        If this process has another version of eqsolve than the one that asks.
    KeyboardInterrupt
        If the user stops it.
    """
    if batch.version != __version__:
        raise ModelError(f"a worker has eqsolve {__version__}, expected {batch.version}, the version that asks")
    digits = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)  # exact figures may have more digits than Python converts unasked
    try:
        return [run_case(case, batch.limits) for case in batch.cases]
    finally:
        sys.set_int_max_str_digits(digits)


def run_case(case: Case, limits: Limits) -> Row:
    """Work out one case; whatever goes wrong is its answer."""
    start = time.monotonic()
    try:
        answer = _limited(case, limits)
    except LimitReached as error:
        return _failed(case, LIMIT, start, None, str(error))
    except EqsolveError as error:
        return _failed(case, ERROR, start, type(error).__name__, str(error))
    except Exception as error:  # one case must not cost the others
        return _failed(case, ERROR, start, type(error).__name__, str(error))
    return Row(
        case.key,
        DONE if answer.stopped is None else LIMIT,
        time.monotonic() - start,
        answer.copies,
        None,
        answer.stopped,
        answer.facts,
        {name: _exact_and_near(figure) for name, figure in answer.figures.items()},
        answer.certificates,
        _without_times(answer.document),
    )


def _failed(case: Case, status: str, start: float, error: str | None, message: str) -> Row:
    return Row(case.key, status, time.monotonic() - start, case.copies, error, " ".join(message.split()))


def _limited(case: Case, limits: Limits) -> Answer:
    seconds = None if limits.max_seconds is None else float(limits.max_seconds)
    question = Question(
        case.copies, case.options, case.seed, seconds, "certificates" in case.keep, "documents" in case.keep
    )
    alone = threading.current_thread() is threading.main_thread()
    # The engines keep the deadline themselves and return what they found; the guard catches everything else.
    guard = None if seconds is None else seconds + GRACE
    with _guard(guard), memory_limit(limits.max_memory if alone else None):
        if case.task == "nash":
            return uninterrupted(nash(read_document(case.document), question))
        return uninterrupted(TASKS[case.task](_model(case.document), question))


@lru_cache(maxsize=32)
def _model(document: str) -> Model:
    return build_model(json.loads(document), "model")


def _exact_and_near(figure: Figure) -> tuple[str | None, float | None]:
    if figure is None:
        return None, None
    if isinstance(figure, float):
        return None, figure
    try:
        return text(figure), float(Fraction(figure))
    except OverflowError:
        return text(figure), None


def _without_times(document: Any) -> Any:
    """A document without what differs between two runs."""
    if isinstance(document, Mapping):
        return {key: _without_times(value) for key, value in document.items() if key != "seconds"}
    return [_without_times(value) for value in document] if isinstance(document, list | tuple) else document


@contextmanager
def _guard(seconds: float | None) -> Iterator[None]:
    """Raise `LimitReached` in the block once `seconds` have passed: by an alarm, or in other threads by a timer.

    Workers of a cluster run their tasks in threads, where alarms do not ring.
    """
    if seconds is None or threading.current_thread() is threading.main_thread():
        with time_limit(seconds):
            yield
        return
    lock, state = threading.Lock(), {"over": False, "rung": False, "arrived": False}

    class TimeIsUp(LimitReached):
        def __init__(self) -> None:  # it is raised as a class
            state["arrived"] = True
            super().__init__("time limit")

    thread = ctypes.c_ulong(threading.get_ident())

    def ring() -> None:
        """Raise the limit in the guarded thread, unless its block has ended."""
        with lock:
            if not state["over"]:
                state["rung"] = True
                ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, ctypes.py_object(TimeIsUp))

    timer = threading.Timer(seconds, ring)
    timer.daemon = True
    try:
        timer.start()
        yield
    finally:
        timer.cancel()
        with lock:
            state["over"] = True
        with suppress(TimeIsUp):  # on its way, and must not arrive later
            while state["rung"] and not state["arrived"]:
                time.sleep(0.001)
