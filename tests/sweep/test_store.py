"""The running store: all or nothing, one writer, limits that were raised."""

from __future__ import annotations

import sqlite3
from fractions import Fraction

import pytest

from eqsolve.errors import ModelError
from eqsolve.io.toml_text import parse_toml
from eqsolve.sweep.cases import all_cases
from eqsolve.sweep.spec import Limits, build_spec
from eqsolve.sweep.store import BusyError, Store
from eqsolve.sweep.work import Row

CASES = {
    c.key: c for c in all_cases(build_spec(parse_toml('[[grid]]\nmodels = "object"\ncopies = "1:4"\ntasks = "curve"')))
}
KEYS = list(CASES)


def row(key, status="done"):
    return Row(key, status, 0.5, 2, facts={"exact": True}, figures={"payoffs.1": ("1/3", 1 / 3)})


def test_rows_come_back_as_they_were(tmp_path):
    with Store(tmp_path / "store.sqlite") as store:
        store.add([row(k) for k in KEYS[:2]], CASES, Limits())
        assert store.finished(Limits()) == set(KEYS[:2])
    with Store(tmp_path / "store.sqlite") as store:
        assert list(store.rows()) == [
            Row(k, "done", 0.5, 2, facts={"exact": True}, figures={"payoffs.1": ("1/3", 1 / 3)}, certificates=[])
            for k in sorted(KEYS[:2])
        ]


def test_a_batch_is_written_whole_or_not_at_all(tmp_path):
    with Store(tmp_path / "store.sqlite") as store:
        with pytest.raises(KeyError):
            store.add([row(KEYS[0]), row("nobody")], CASES, Limits())
        assert store.finished(Limits()) == set()
        store.add([row(KEYS[0])], CASES, Limits())
        assert store.finished(Limits()) == {KEYS[0]}


def test_a_full_disk_costs_nothing_that_was_saved(tmp_path):
    with Store(tmp_path / "store.sqlite") as store:
        store.add([row(KEYS[0])], CASES, Limits())
        pages = store._connection.execute("pragma page_count").fetchone()[0]
        store._connection.execute(f"pragma max_page_count = {pages}")
        large = Row(KEYS[1], "done", 0.5, 2, document={"long": "x" * 100_000})
        with pytest.raises(ModelError, match="disk is full; what was finished before is kept"):
            store.add([large], CASES, Limits())
        assert store.finished(Limits()) == {KEYS[0]}
        store._connection.execute("pragma max_page_count = 100000")
        store.add([large], CASES, Limits())
    with Store(tmp_path / "store.sqlite") as store:
        assert store.finished(Limits()) == set(KEYS[:2])


def test_what_a_limit_stopped_is_tried_again_under_a_larger_one_only(tmp_path):
    with Store(tmp_path / "store.sqlite") as store:
        store.add([row(KEYS[0], "limit"), row(KEYS[1])], CASES, Limits(Fraction(1, 2), 1000))
        both, one = set(KEYS[:2]), {KEYS[1]}
        assert store.finished(Limits(Fraction(1, 2), 1000)) == both
        assert store.finished(Limits(Fraction(1, 4), 500)) == both
        assert store.finished(Limits(Fraction(1), 1000)) == one
        assert store.finished(Limits(Fraction(1, 2), 2000)) == one
        assert store.finished(Limits()) == one
        store.add([row(KEYS[0])], CASES, Limits())
        assert store.finished(Limits()) == both


def test_one_writer_and_no_other_files(tmp_path):
    path = tmp_path / "store.sqlite"
    with Store(path), pytest.raises(BusyError, match="another sweep"):
        Store(path)
    Store(path).close()
    other = tmp_path / "other.sqlite"
    connection = sqlite3.connect(other)
    connection.execute("create table t (x)")
    connection.close()
    with pytest.raises(ModelError, match="another kind"):
        Store(other)
    text = tmp_path / "text.sqlite"
    text.write_text("not a data base, but long enough to look at" * 100)
    with pytest.raises(ModelError, match="not a database"):
        Store(text)
    with pytest.raises(ModelError, match="folder"):
        Store(tmp_path / "nowhere" / "store.sqlite")
