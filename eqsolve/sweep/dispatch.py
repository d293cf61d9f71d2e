"""Cases sent out in batches, and written down as they come back."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping

from eqsolve.errors import LimitReached
from eqsolve.sweep.cases import Case
from eqsolve.sweep.schedulers import Finished, Here, Scheduler
from eqsolve.sweep.spec import Limits
from eqsolve.sweep.store import Store
from eqsolve.sweep.work import ERROR, Batch, Row

BATCH_SECONDS = 0.2
"""Cases are sent in batches that take about so long."""

LARGEST_BATCH = 500
AHEAD = 2
"""Batches per worker that are sent ahead."""

POLL_SECONDS = 0.5
TELL_SECONDS = 1.0
DEATHS = 2
"""A case over which so many workers died, with nothing else at work, is not tried again."""

DIED = "WorkerDied"

Tick = Callable[[int, int, float | None], None]
"""Told how many cases are finished, of how many, and the seconds that the rest will take as far as is known."""


class Dispatch:
    """Works out cases by a scheduler.

    Parameters
    ----------
    store : Store
    todo : iterable of Case
        With different keys.
    limits : Limits
        Of each case.
    scheduler : Scheduler
    deadline : float, optional
        Of `time.monotonic`.
    progress : callable, optional
        Called now and then.
    """

    def __init__(
        self,
        store: Store,
        todo: Iterable[Case],
        limits: Limits,
        scheduler: Scheduler,
        deadline: float | None = None,
        progress: Tick | None = None,
    ) -> None:
        self._store = store
        self._todo = deque(todo)
        self._cases: Mapping[str, Case] = {case.key: case for case in self._todo}
        self._limits = limits
        self._scheduler = scheduler
        self._deadline = deadline
        self._progress = progress
        self._told = 0.0
        self._finished = 0
        self._suspects: deque[Case] = deque()
        self._deaths: Counter[str] = Counter()
        self._at_work: dict[int, Batch] = {}
        self._times = Times()

    def run(self) -> str | None:
        """Work until everything is finished, or say why not; what is at work then is given up."""
        try:
            while self._todo or self._suspects or self._at_work:
                if self._deadline is not None and time.monotonic() >= self._deadline:
                    return "time limit"
                self._submit()
                for back in self._scheduler.wait(POLL_SECONDS):
                    self._collect(back)
                self._tell()
        except KeyboardInterrupt:
            return "interrupted"
        except LimitReached as error:
            return str(error)
        finally:
            self._scheduler.close()
        return None

    def _submit(self) -> None:
        """Send batches ahead; a case over which a worker may have died goes alone."""
        if self._suspects:
            if not self._at_work:
                self._send((self._suspects.popleft(),))
            return
        most = 1 if isinstance(self._scheduler, Here) else AHEAD * self._scheduler.workers
        while self._todo and len(self._at_work) < most:
            self._send(self._next_batch())

    def _send(self, cases: tuple[Case, ...]) -> None:
        batch = Batch(cases, self._limits)
        self._at_work[id(batch)] = batch
        self._scheduler.submit(batch)

    def _next_batch(self) -> tuple[Case, ...]:
        """Cases that take about `BATCH_SECONDS`; one of a kind that was not seen yet goes alone."""
        batch = [self._todo.popleft()]
        expected = self._times.expected(batch[0])
        while self._todo and len(batch) < LARGEST_BATCH and expected is not None:
            more = self._times.expected(self._todo[0])
            if more is None or expected + more > BATCH_SECONDS:
                break
            expected += more
            batch.append(self._todo.popleft())
        return tuple(batch)

    def _collect(self, back: Finished) -> None:
        """Write down what came back."""
        del self._at_work[id(back.batch)]
        rows = self._after_death(back.batch) if back.rows is None else back.rows
        for row in rows:
            self._times.learn(self._cases[row.key], row.seconds)
        self._finished += len(rows)
        self._store.add(rows, self._cases, self._limits)

    def _after_death(self, batch: Batch) -> list[Row]:
        """A worker died over these cases, or over others at the same time: try them alone, but not for ever."""
        if len(batch.cases) == 1 and not self._at_work:
            self._deaths[batch.cases[0].key] += 1
        message = f"{DEATHS} workers died over this case, most likely for want of memory"
        lost = [case for case in batch.cases if self._deaths[case.key] >= DEATHS]
        self._suspects.extend(case for case in batch.cases if self._deaths[case.key] < DEATHS)
        return [Row(case.key, ERROR, 0.0, case.copies, DIED, message) for case in lost]

    def _tell(self) -> None:
        """Say how far the work is; now and then only, because the estimate looks at every case that is left."""
        now = time.monotonic()
        if self._progress is None or (now < self._told + TELL_SECONDS and self._at_work):
            return
        self._told = now
        left = [*self._todo, *self._suspects, *(case for batch in self._at_work.values() for case in batch.cases)]
        self._progress(self._finished, len(self._cases), self._times.left(left, self._scheduler.workers))


class Times:
    """How long cases take: the mean of those like it, with the same task, model and K, or else the same task and K."""

    def __init__(self) -> None:
        self._seen: dict[tuple[object, ...], tuple[int, float]] = {}

    def learn(self, case: Case, seconds: float) -> None:
        """Take note of a case."""
        for kind in self._kinds(case):
            count, total = self._seen.get(kind, (0, 0.0))
            self._seen[kind] = count + 1, total + seconds

    def expected(self, case: Case) -> float | None:
        """Seconds that a case will take, None if none like it was seen."""
        for kind in self._kinds(case):
            if kind in self._seen:
                count, total = self._seen[kind]
                return total / count
        return None

    def left(self, cases: list[Case], workers: int) -> float | None:
        """Seconds until all of these are finished, None while that cannot be told."""
        known = [x for x in map(self.expected, cases) if x is not None]
        if not known:
            return None if cases else 0.0
        return sum(known) * len(cases) / len(known) / workers

    @staticmethod
    def _kinds(case: Case) -> tuple[tuple[object, ...], ...]:
        return (case.task, case.model, case.copies), (case.task, case.copies)
