"""Run a sweep: what the store does not know yet, in batches, and the table of all of it."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from eqsolve.errors import EqsolveError, ModelError
from eqsolve.sweep.cases import all_cases
from eqsolve.sweep.dispatch import Dispatch, Tick
from eqsolve.sweep.export import check_output, write_table
from eqsolve.sweep.schedulers import TLS, Cluster, Here, Processes, Scheduler
from eqsolve.sweep.spec import Spec, read_spec
from eqsolve.sweep.store import Store


@dataclass(frozen=True)
class SweepResult:
    """What became of a sweep.

    Parameters
    ----------
    spec : str
    table : Path
        The table of all finished cases.
    store : Path
    cases : int
        Distinct cases of the spec.
    statuses : mapping of "done", "limit", "error" to number of cases
    crashes : int
        Errors that are none of eqsolve's own answers: a worker that died, or a mistake in the program.
    reused : int
        Cases that an earlier run had finished.
    stopped : str or None
        Why cases are missing; the same call goes on with them.
    seconds : float
    """

    spec: str
    table: Path
    store: Path
    cases: int
    statuses: Mapping[str, int]
    crashes: int
    reused: int
    stopped: str | None
    seconds: float

    @property
    def finished(self) -> int:
        """Cases in the table."""
        return sum(self.statuses.values())

    @property
    def complete(self) -> bool:
        """Whether every case is in the table."""
        return self.finished == self.cases

    def _repr_html_(self) -> str:
        from eqsolve.show.parts_html import facts_html

        facts = {"finished": f"{self.finished:,} of {self.cases:,} cases"}
        facts |= {f"of these {status}": f"{count:,}" for status, count in self.statuses.items() if count}
        facts |= {"of an earlier run": f"{self.reused:,}", "table": str(self.table)}
        if self.stopped is not None:
            facts["stopped"] = self.stopped
        return facts_html(f"Sweep {self.spec}", facts)


def run_sweep(
    spec: Spec | str | Path,
    output: str | Path | None = None,
    *,
    jobs: int | None = None,
    scheduler: str | None = None,
    tls: TLS | None = None,
    max_seconds: float | None = None,
    progress: Tick | None = None,
) -> SweepResult:
    """Work out all cases of a spec that are not finished yet, and write the table.

    Parameters
    ----------
    spec : Spec, str or Path
        Or the file.
    output : str or Path, optional
        A folder, or the table's file: .parquet or .csv. By default a folder named after the spec.
    jobs : int, optional
        Processes of this machine; one for every processor by default. With 1 the work is done in this process.
    scheduler : str, optional
        Address of a Dask scheduler, to work on its cluster instead.
    tls : TLS, optional
        How to reach it.
    max_seconds : float, optional
        Stop after so many seconds; what is at work then is given up.
    progress : callable, optional
        Called after every batch.

    Raises
    ------
    ModelError
        If the spec or the output cannot be used; nothing has been worked out then.
    NotSupported
        If a package is missing; the message names the extra that brings it.
    """
    start = time.monotonic()
    plan = spec if isinstance(spec, Spec) else read_spec(spec)
    place = check_output(output, plan.name)
    table = all_cases(plan)
    cases = {case.key: case for case in table}
    with Store(place.store) as store:
        reused = store.finished(plan.limits) & cases.keys()
        todo = [case for key, case in cases.items() if key not in reused]
        stopped = None
        if todo:
            deadline = None if max_seconds is None else start + max_seconds
            workers = _scheduler(jobs, scheduler, tls, len(todo), in_this_process=deadline is None)
            stopped = Dispatch(store, todo, plan.limits, workers, deadline, progress).run()
        statuses, crashes = _counted(store.statuses(), cases.keys())
        write_table(place, table, store, complete=sum(statuses.values()) == len(cases))
    seconds = time.monotonic() - start
    return SweepResult(
        plan.name, place.table, place.store, len(cases), statuses, crashes, len(reused), stopped, seconds
    )


def _scheduler(
    jobs: int | None, address: str | None, tls: TLS | None, cases: int, *, in_this_process: bool
) -> Scheduler:
    """Where the work is done; only other processes can be stopped in the middle of a case."""
    if address is not None:
        if jobs is not None:
            raise ModelError("--jobs: found it beside --scheduler, expected one of them")
        return Cluster(address, tls)
    if tls:
        raise ModelError("--tls-ca, --tls-cert, --tls-key: found without --scheduler tls://HOST:PORT")
    count = min(jobs if jobs is not None else os.cpu_count() or 1, cases)
    return Here() if count == 1 and in_this_process else Processes(count)


def _counted(statuses: Iterable[tuple[str, str, str | None]], keys: Container[str]) -> tuple[dict[str, int], int]:
    """Cases by status, and how many errors are none of eqsolve's own answers."""
    own = {error.__name__ for error in EqsolveError.__subclasses__()}
    counts: Counter[str] = Counter()
    crashes = 0
    for key, status, error in statuses:
        if key in keys:
            counts[status] += 1
            crashes += error is not None and error not in own
    return dict(sorted(counts.items())), crashes
