"""Where batches are worked out: in this process, in processes of this machine, or on a Dask cluster."""

from __future__ import annotations

import importlib.util
import os
import queue
import signal
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from eqsolve.errors import LimitReached, ModelError, NotSupported
from eqsolve.sweep.work import Batch, Row, run_batch

CONNECT_SECONDS = 15.0
COUNT_SECONDS = 5.0
PARENT_SECONDS = 1.0


@dataclass(frozen=True)
class Finished:
    """A batch that came back.

    Parameters
    ----------
    batch : Batch
    rows : list of Row, or None if the worker died over it
    """

    batch: Batch
    rows: list[Row] | None


class Scheduler(Protocol):
    """Works out batches somewhere."""

    @property
    def workers(self) -> int:
        """Batches that are worked out at the same time."""

    def submit(self, batch: Batch) -> None:
        """Have a batch worked out."""

    def wait(self, seconds: float) -> list[Finished]:
        """Batches that came back since the last call; waits for at least one, but no longer than so many seconds."""

    def close(self) -> None:
        """Give up what is at work."""


def needs(package: str, what: str, extra: str = "sweeps") -> None:
    """Refuse what an optional package is missing for.

    Raises
    ------
    NotSupported
        Naming the package and the extra that brings it.
    """
    if importlib.util.find_spec(package) is None:
        raise NotSupported(
            f"{what} needs {package}, which is not installed: pip install 'eqsolve-games[{extra}]'"
            + ("; --jobs 1 works without" if package == "loky" else "")
        )


class Here:
    """The process that asks, one batch at a time."""

    workers = 1

    def __init__(self) -> None:
        self._waiting: list[Batch] = []

    def submit(self, batch: Batch) -> None:
        """Have a batch worked out at the next `wait`."""
        self._waiting.append(batch)

    def wait(self, seconds: float) -> list[Finished]:
        """Work out one batch; however long it takes."""
        batch = self._waiting.pop(0)
        return [Finished(batch, run_batch(batch))]

    def close(self) -> None:
        """Give up what waits."""
        self._waiting.clear()


class _Futures:
    """Batches as futures, which tell a queue when they are done."""

    def __init__(self) -> None:
        self._done: queue.Queue[tuple[Batch, Any]] = queue.Queue()

    def _watch(self, batch: Batch, future: Any) -> None:
        future.add_done_callback(lambda done: self._done.put((batch, done)))

    def wait(self, seconds: float) -> list[Finished]:
        """Batches that came back."""
        found: list[Finished] = []
        try:
            found.append(self._finished(*self._done.get(timeout=seconds)))
            while True:
                found.append(self._finished(*self._done.get_nowait()))
        except queue.Empty:
            return found

    def _finished(self, batch: Batch, future: Any) -> Finished:
        raise NotImplementedError


class Processes(_Futures):
    """Processes of this machine. One that dies, for want of memory for example, is replaced.

    Parameters
    ----------
    jobs : int
        How many.

    Raises
    ------
    NotSupported
        If loky is not installed.
    """

    def __init__(self, jobs: int) -> None:
        needs("loky", "a sweep in several processes")
        super().__init__()
        self.workers = jobs
        self._executor: Any = None

    def submit(self, batch: Batch) -> None:
        """Have a batch worked out."""
        from loky.process_executor import ProcessPoolExecutor

        if self._executor is None:
            self._executor = ProcessPoolExecutor(self.workers, initializer=_start_worker, initargs=(os.getpid(),))
        try:
            self._watch(batch, self._executor.submit(run_batch, batch))
        except RuntimeError:  # broken by the death of a worker that is not known of yet
            self._executor = None
            self.submit(batch)

    def _finished(self, batch: Batch, future: Any) -> Finished:
        from concurrent.futures import CancelledError
        from concurrent.futures.process import BrokenProcessPool

        try:
            return Finished(batch, future.result())
        except (BrokenProcessPool, CancelledError):
            self._executor = None  # broken with all that it has at work; the next batch gets a new one
            return Finished(batch, None)

    def close(self) -> None:
        """End the processes at once."""
        if self._executor is not None:
            self._executor.shutdown(wait=True, kill_workers=True)
            self._executor = None


def _start_worker(parent: int) -> None:
    """Leave Ctrl-C to the parent, and end with it, also if it is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        """End this process once it has another parent, which means that the first one is gone."""
        while os.getppid() == parent:
            time.sleep(PARENT_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@dataclass(frozen=True)
class TLS:
    """Files with which a connection to a cluster is encrypted.

    Parameters
    ----------
    ca, cert, key : str or None
        Certificate of the authority, own certificate, its key.
    """

    ca: str | None = None
    cert: str | None = None
    key: str | None = None

    def __bool__(self) -> bool:
        return (self.ca, self.cert, self.key) != (None, None, None)


class Cluster(_Futures):
    """The workers of a Dask cluster. What a worker that dies had at work is given to another one.

    Parameters
    ----------
    address : str
        Of the scheduler: ``tcp://host:8786`` or ``tls://host:8786``.
    tls : TLS, optional
        Without it Dask's own configuration holds.

    Raises
    ------
    NotSupported
        If distributed is not installed.
    ModelError
        If the address or the files are none, or nobody answers.
    """

    def __init__(self, address: str, tls: TLS | None = None) -> None:
        needs("distributed", "--scheduler", "cluster")
        super().__init__()
        from distributed import Client

        security = _security(address, tls or TLS())
        try:
            self._client: Any = Client(address, security=security, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            told = " ".join(str(error).split()) or type(error).__name__
            raise ModelError(f"--scheduler: {address}: found nobody who answers ({told[:200]})") from None
        self._asked: dict[int, Any] = {}
        self._threads, self._counted = 1, -COUNT_SECONDS

    @property
    def workers(self) -> int:
        """Threads of all workers, at least 1; asked for now and then."""
        if time.monotonic() > self._counted + COUNT_SECONDS:
            self._threads = max(1, sum(self._client.nthreads().values()))
            self._counted = time.monotonic()
        return self._threads

    def submit(self, batch: Batch) -> None:
        """Have a batch worked out."""
        future = self._client.submit(run_batch, batch, pure=False)
        self._asked[id(batch)] = future
        self._watch(batch, future)

    def _finished(self, batch: Batch, future: Any) -> Finished:
        from distributed import KilledWorker

        self._asked.pop(id(batch), None)
        if future.status == "finished":
            return Finished(batch, future.result())
        error = future.exception() if future.status == "error" else None
        if isinstance(error, KilledWorker):
            return Finished(batch, None)
        if isinstance(error, ModuleNotFoundError):
            raise ModelError(f"--scheduler: a worker says {error}, expected eqsolve to be installed on every worker")
        if error is not None:
            raise error
        raise LimitReached("the cluster's scheduler is gone")

    def close(self) -> None:
        """Give up what is at work, and leave."""
        for future in self._asked.values():
            future.cancel()
        self._asked.clear()
        self._client.close()


def _security(address: str, tls: TLS) -> Any:
    """What Dask's client needs for TLS; None where its configuration holds."""
    from distributed import Security

    if not address.startswith(("tcp://", "tls://")):
        raise ModelError(f"--scheduler: found {address!r}, expected tcp://HOST:PORT or tls://HOST:PORT")
    if not tls:
        return None
    if not address.startswith("tls://"):
        raise ModelError(f"--scheduler: found {address!r} with TLS files, expected tls://HOST:PORT")
    for option, path in (("--tls-ca", tls.ca), ("--tls-cert", tls.cert), ("--tls-key", tls.key)):
        if path is not None and not Path(path).is_file():
            raise ModelError(f"{option}: found no file {path!r}, expected a PEM file")
    return Security(tls_ca_file=tls.ca, tls_client_cert=tls.cert, tls_client_key=tls.key, require_encryption=True)
