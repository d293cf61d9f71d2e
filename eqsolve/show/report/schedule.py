"""Time for the parts of a report: each has a share, and what one leaves over the next ones may use."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from eqsolve.errors import LimitReached, ModelError, NotSupported, SizeError
from eqsolve.limits import memory_limit, time_limit
from eqsolve.show.report.data import Part

T = TypeVar("T")
GRACE = 0.5
"""Seconds that the engines have to stop by themselves before the alarm rings."""
INTERRUPTED = "interrupted"


@dataclass(frozen=True)
class Slot:
    """Time until `end`, on the clock of `time.monotonic`; None for as long as it takes."""

    end: float | None

    @classmethod
    def of(cls, seconds: float | None) -> Slot:
        """So many seconds from now."""
        return cls(None if seconds is None else time.monotonic() + seconds)

    @property
    def left(self) -> float | None:
        """Seconds that are left."""
        return None if self.end is None else self.end - time.monotonic()

    def parts(self, weights: Sequence[float]) -> list[Slot]:
        """Slots one after the other; each ends where its share ends, however early the one before was done."""
        if self.end is None:
            return [self] * len(weights)
        start = time.monotonic()
        length, total = max(0.0, self.end - start), sum(weights)
        return [Slot(start + length * done / total) for done in itertools.accumulate(weights)]


@dataclass
class Desk:
    """Does the parts of a report one after the other, each within its time, and remembers what stopped them.

    Parameters
    ----------
    memory : int, optional
        Limit in MiB.
    progress : callable, optional
        Told what is being done.
    """

    memory: int | None = None
    progress: Callable[[str], None] | None = None
    stopped: list[str] = field(default_factory=list)

    @property
    def interrupted(self) -> bool:
        """Whether somebody pressed Ctrl-C: what is left is not begun any more."""
        return INTERRUPTED in self.stopped

    def part(self, name: str, slot: Slot, work: Callable[[float | None], T]) -> Part[T]:
        """Do a part; what cannot be had is left out, and a sentence says why.

        Parameters
        ----------
        name : str
        slot : Slot
        work : callable
            Takes the seconds that it has, and keeps them where it can.
        """
        if self.interrupted:
            return Part(None, "left out, as the work was interrupted before")
        seconds = slot.left
        if seconds is not None and seconds <= 0:
            return self._stop(Part(None, "left out, as no time was left for it; --max-seconds allows more"), name)
        if self.progress is not None:
            self.progress(name)
        start = time.monotonic()
        try:
            with time_limit(None if seconds is None else seconds + GRACE), memory_limit(self.memory):
                value = work(seconds)
        except LimitReached as error:
            return self._stop(Part(None, self._why(str(error), seconds)), name)
        except KeyboardInterrupt:
            self.stopped.append(INTERRUPTED)
            return Part(None, "left out, as the work was interrupted")
        except (ModelError, NotSupported, SizeError) as error:
            return Part(None, f"left out: {error}")
        return Part(value, seconds=time.monotonic() - start)

    def cut_short(self, part: Part[T], name: str, why: str | None) -> Part[T]:
        """A part that says itself that it was stopped, because of `why`; as it is if it was not."""
        if why is None:
            return part
        if why == INTERRUPTED:
            self.stopped.append(INTERRUPTED)
        return self._stop(Part(part.value, f"not complete, stopped: {why}", part.seconds), name)

    def _stop(self, part: Part[T], name: str) -> Part[T]:
        self.stopped.append(name)
        return part

    @staticmethod
    def _why(limit: str, seconds: float | None) -> str:
        if "time" in limit and seconds is not None and seconds < 1:
            return "left out, as time was up; --max-seconds allows more"
        if "time" in limit and seconds is not None:
            return f"left out, as it would take longer than {seconds:.0f} s; --max-seconds allows more"
        return f"left out, stopped: {limit}"
