"""The running store of a sweep: SQLite, one writer, every finished case written down at once."""

from __future__ import annotations

import datetime
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from eqsolve.errors import EqsolveError, ModelError
from eqsolve.sweep.cases import Case
from eqsolve.sweep.spec import Limits
from eqsolve.sweep.work import LIMIT, Row

FORMAT = 1
APPLICATION = 0x65717377
"""``eqsw``: what marks a SQLite file as the store of a sweep."""

_TABLES = """
create table cases (
    key text primary key,        -- SHA-256 of content
    content text not null,       -- all that the answer depends on, the model by its hash
    status text not null,        -- done, limit or error
    copies integer,
    error text, message text,
    facts text not null, figures text not null, certificates text not null, document text,
    max_seconds text, max_memory integer,
    seconds real not null,
    finished text not null       -- UTC
) without rowid;
create table models (model_hash text primary key, document text not null) without rowid;
"""
_COLUMNS = "key, status, seconds, copies, error, message, facts, figures, certificates, document"


class BusyError(EqsolveError, BlockingIOError):
    """Another sweep writes to the store."""


class Store:
    """What is known of the cases of a sweep.

    Every call of `add` is one transaction: after a kill at any point a case is in the store with all that is known of
    it, or not at all.

    Parameters
    ----------
    path : Path
        The file; made if it does not exist.

    Raises
    ------
    ModelError
        If the file is something else.
    BusyError
        If another sweep writes to it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            # An exclusive transaction on a file beside the store: the system ends it when this process dies.
            self._lock = sqlite3.connect(path.with_name(path.name + "-writer"), timeout=0, isolation_level=None)
            self._lock.execute("begin exclusive")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise BusyError(f"{path}: found another sweep that writes to this store, expected none") from None
            raise ModelError(f"{path}: {error}, expected a folder to write to") from None
        try:
            self._connection = sqlite3.connect(path, isolation_level=None)
            self._open()
        except sqlite3.DatabaseError as error:
            raise ModelError(f"{path}: {error}; expected the store of a sweep or no such file") from None

    def _open(self) -> None:
        ask = self._connection.execute
        application, version = (ask(f"pragma {what}").fetchone()[0] for what in ("application_id", "user_version"))
        if not application and not ask("select count(*) from sqlite_schema").fetchone()[0]:
            self._connection.executescript(
                f"begin; {_TABLES} pragma application_id = {APPLICATION}; pragma user_version = {FORMAT}; commit;"
            )
        elif (application, version) != (APPLICATION, FORMAT):
            raise ModelError(f"{self.path}: found another kind of SQLite file, expected the store of a sweep")
        ask("pragma journal_mode = wal")
        ask("pragma synchronous = normal")

    def finished(self, limits: Limits) -> set[str]:
        """Keys of the cases that need not be worked out; those that a tighter limit stopped are not among them."""
        found = set()
        rows = self._connection.execute("select key, status, max_seconds, max_memory from cases")
        for key, status, seconds, memory in rows:
            before = Limits(None if seconds is None else Fraction(seconds), memory)
            if status == LIMIT and limits.allows_more_than(before):
                continue
            found.add(key)
        return found

    def add(self, rows: Iterable[Row], cases: Mapping[str, Case], limits: Limits) -> None:
        """Write down what became of cases, in one transaction."""
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
        try:
            self._write(rows, cases, limits, now)
        except sqlite3.OperationalError as error:
            raise ModelError(f"{self.path}: {error}; what was finished before is kept") from None

    def _write(self, rows: Iterable[Row], cases: Mapping[str, Case], limits: Limits, now: str) -> None:
        ask = self._connection.execute
        ask("begin immediate")
        try:
            for row in rows:
                case = cases[row.key]
                ask("insert or ignore into models values (?, ?)", (case.model_hash, case.document))
                ask(
                    f"insert or replace into cases ({_COLUMNS}, content, max_seconds, max_memory, finished) "
                    f"values ({', '.join('?' * 14)})",
                    (
                        row.key,
                        row.status,
                        row.seconds,
                        row.copies,
                        row.error,
                        row.message,
                        *map(_dumped, (row.facts, row.figures, row.certificates)),
                        None if row.document is None else _dumped(row.document),
                        case.content,
                        None if limits.max_seconds is None else str(limits.max_seconds),
                        limits.max_memory,
                        now,
                    ),
                )
            ask("commit")
        except BaseException:
            if self._connection.in_transaction:  # a full disk may have ended it
                ask("rollback")
            raise

    def statuses(self) -> Iterator[tuple[str, str, str | None]]:
        """Key, status and error of all cases."""
        yield from self._connection.execute("select key, status, error from cases")

    def rows(self) -> Iterator[Row]:
        """All rows, in the order of their keys."""
        found = self._connection.execute(f"select {_COLUMNS} from cases order by key")
        for key, status, seconds, copies, error, message, facts, figures, certificates, document in found:
            yield Row(
                key,
                status,
                seconds,
                copies,
                error,
                message,
                json.loads(facts),
                {name: (exact, near) for name, (exact, near) in json.loads(figures).items()},
                json.loads(certificates),
                None if document is None else json.loads(document),
            )

    def close(self) -> None:
        """Let others write to the store."""
        self._connection.close()
        self._lock.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
