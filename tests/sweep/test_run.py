"""Sweeps from spec to table: the same table however the work was done, interrupted or lost."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sweeps import LARGE, SMALL, finished, killed, started, table, wait_until, written

from eqsolve.errors import ModelError, NotSupported
from eqsolve.io.toml_text import parse_toml
from eqsolve.sweep import schedulers
from eqsolve.sweep.cases import all_cases
from eqsolve.sweep.dispatch import BATCH_SECONDS, Dispatch, Times
from eqsolve.sweep.run import run_sweep
from eqsolve.sweep.schedulers import Finished, Here
from eqsolve.sweep.spec import Limits, build_spec
from eqsolve.sweep.store import Store
from eqsolve.sweep.work import Row, run_batch

pytest.importorskip("loky", reason="processes of this machine need loky")


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The table of the small sweep, worked out in one go in this process."""
    folder = tmp_path_factory.mktemp("small")
    found = run_sweep(written(folder, SMALL), folder / "table.csv", jobs=1)
    assert (found.cases, found.statuses, found.reused, found.complete) == (68, {"done": 68}, 0, True)
    return (folder / "table.csv").read_bytes()


def test_the_table_says_what_was_asked_and_answered(small, tmp_path):
    (tmp_path / "table.csv").write_bytes(small)
    rows = table(tmp_path / "table.csv")
    assert len(rows) == 68
    assert [row["model"] for row in rows[:2]] == ["random-2x2x2-0"] * 2
    assert [row["copies"] for row in rows[60::2]] == ["2", "4", "6", "8"]
    point = next(row for row in rows if (row["model"], row["task"], row["copies"]) == ("object", "curve", "4"))
    assert point["payoffs.1"] == "221/64"
    assert point["payoffs.1.float"] == str(221 / 64)
    assert point["exact"] == "true"
    assert point["options.claim"] == ""
    # two ways to the same figures
    for label_free, curve in zip(rows[:60:2], rows[1:60:2], strict=True):
        assert (label_free["task"], curve["task"]) == ("label-free", "curve")
        assert label_free["model_hash"] == curve["model_hash"]
        for what in ("payoffs.1", "floor.2", "ceiling.1", "target.2"):
            assert label_free[what] == curve[what] != ""


def test_killed_and_resumed_in_several_processes(small, tmp_path):
    spec, store = written(tmp_path, SMALL), tmp_path / "table.sqlite"
    arguments = (spec, "-o", tmp_path / "table.csv", "--jobs", 2)
    process = started(*arguments)
    wait_until(lambda: len(finished(store)) >= 5, process)
    killed(process)
    before = finished(store)
    assert len(before) < 68
    again = started(*arguments)
    out, err = again.communicate(timeout=120)
    assert again.returncode == 0, err
    # nothing is lost, nothing was worked out twice
    assert json.loads(out)["reused"] == len(before)
    after = finished(store)
    assert {key: after[key] for key in before} == before
    assert (tmp_path / "table.csv").read_bytes() == small


def test_ctrl_c_leaves_what_is_finished(small, tmp_path):
    spec, store = written(tmp_path, SMALL), tmp_path / "table.sqlite"
    process = started(spec, "-o", tmp_path / "table.csv", "--jobs", 1)
    wait_until(lambda: len(finished(store)) >= 3, process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    found = json.loads(out)
    assert found["stopped"] == "interrupted"
    rows = table(tmp_path / "table.csv")
    assert len(rows) == found["done"] == len(finished(store)) < 68
    assert run_sweep(spec, tmp_path / "table.csv", jobs=1).reused == found["done"]
    assert (tmp_path / "table.csv").read_bytes() == small


class Deadly(Here):
    """Workers that die over one case, and once over everything."""

    workers = 3

    def __init__(self, key):
        super().__init__()
        self.key = key
        self.first = True
        self.sent = []

    def wait(self, seconds):
        batch = self._waiting.pop(0)
        self.sent.append(len(batch.cases))
        dies = self.key in [case.key for case in batch.cases] or self.first
        self.first = False
        return [Finished(batch, None if dies else run_batch(batch))]


def test_a_case_that_kills_its_workers_is_given_up_and_costs_no_other(tmp_path, small):
    cases = {case.key: case for case in all_cases(build_spec(parse_toml(SMALL)))}
    bad = list(cases)[10]
    with Store(tmp_path / "store.sqlite") as store:
        assert Dispatch(store, cases.values(), Limits(), Deadly(bad)).run() is None
        rows = {row.key: row for row in store.rows()}
    assert rows.keys() == cases.keys()
    assert [key for key, row in rows.items() if row.status != "done"] == [bad]
    assert rows[bad].error == "WorkerDied"


@pytest.mark.slow
def test_a_worker_that_is_killed_costs_nothing(small, tmp_path):
    spec, store = written(tmp_path, SMALL), tmp_path / "table.sqlite"
    process = started(spec, "-o", tmp_path / "table.csv", "--jobs", 2)
    wait_until(lambda: len(finished(store)) >= 5, process)
    os.kill(_workers(process.pid)[0], signal.SIGKILL)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert (tmp_path / "table.csv").read_bytes() == small


def _workers(pid: int) -> list[int]:
    """Processes that work for another one (Linux)."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    if not children.exists():
        pytest.skip("needs /proc to find workers")
    found = [int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in _read(task / "children").split()]
    workers = [child for child in found if "popen_loky" in _read(Path(f"/proc/{child}/cmdline"))]
    assert workers
    return workers


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def test_a_time_limit_of_the_whole_sweep(tmp_path):
    spec = written(tmp_path, '[[grid]]\nmodels = "bargaining"\ncopies = 4\ntasks = "solve"\nseeds = "0:9"')
    found = run_sweep(spec, tmp_path / "table.csv", jobs=1, max_seconds=0.5)
    assert (found.stopped, found.complete, found.reused) == ("time limit", False, 0)
    assert len(table(tmp_path / "table.csv")) == found.finished < 10


def test_cases_are_sent_in_batches_of_some_length():
    cases = all_cases(build_spec(parse_toml(SMALL)))
    assert Times().expected(cases[0]) is None
    times = Times()
    times.learn(cases[0], 0.01)
    assert times.expected(cases[2]) == 0.01
    assert times.expected(cases[1]) is None
    assert times.left(cases[:60:2], 2) == pytest.approx(0.15)

    class Recorder(Here):
        sizes: list[int] = []  # noqa: RUF012

        def wait(self, seconds):
            batch = self._waiting.pop(0)
            self.sizes.append(len(batch.cases))
            return [Finished(batch, [Row(case.key, "done", BATCH_SECONDS / 10) for case in batch.cases])]

    class Nowhere:
        def add(self, rows, cases, limits):
            pass

    assert Dispatch(Nowhere(), cases[:60:2], Limits(), Recorder()).run() is None
    assert Recorder.sizes[0] == 1
    assert sum(Recorder.sizes) == 30
    assert all(8 <= size <= 10 for size in Recorder.sizes[1:-1])


def test_what_is_missing_is_named_with_its_extra(monkeypatch, tmp_path):
    spec = written(tmp_path, SMALL)
    real = schedulers.importlib.util.find_spec

    def hide(*packages):
        monkeypatch.setattr(
            schedulers.importlib.util, "find_spec", lambda name, *rest: None if name in packages else real(name, *rest)
        )

    hide("loky")
    with pytest.raises(NotSupported, match=r"loky.*eqsolve-games\[sweeps\].*--jobs 1"):
        run_sweep(spec, tmp_path / "a.csv", jobs=2)
    hide("pyarrow")
    for output in (tmp_path / "a.parquet", tmp_path / "folder"):
        with pytest.raises(NotSupported, match=r"pyarrow.*eqsolve-games\[sweeps\]"):
            run_sweep(spec, output)
    hide("distributed")
    with pytest.raises(NotSupported, match=r"distributed.*eqsolve-games\[cluster\]"):
        run_sweep(spec, tmp_path / "a.csv", scheduler="tcp://127.0.0.1:1")
    assert not list(tmp_path.glob("*.csv"))


def test_parquet_and_certificates_in_a_folder(tmp_path, run):
    pq = pytest.importorskip("pyarrow.parquet", reason="Parquet needs pyarrow")
    spec = written(
        tmp_path,
        'keep = ["certificates"]\n[[grid]]\nmodels = "object"\n'
        'tasks = [{ do = "verify", claim = "payoffs-unique" }, { do = "solve", form = "separable" }]',
    )
    code, out, _ = run("sweep", spec, "-o", tmp_path / "out", "--jobs", 1, "--json")
    assert code == 0
    found = json.loads(out)
    assert (found["cases"], found["done"]) == (2, 2)
    read = pq.read_table(found["table"])
    assert read.schema.metadata[b"eqsolve.complete"] == b"true"
    first = read.to_pylist()[0]
    assert (first["verdict"], first["payoffs.1"], first["payoffs.1.float"]) == ("proved", "53/16", 53 / 16)
    code, out, _ = run("check", tmp_path / "out" / first["certificate"])
    assert code == 0
    assert out.startswith("valid")
    before = Path(found["table"]).read_bytes()
    code, out, _ = run("sweep", spec, "-o", tmp_path / "out")
    assert code == 0
    assert "2 done (2 from before)" in out
    assert Path(found["table"]).read_bytes() == before
    # in a single file the certificates stand in the table
    run_sweep(spec, tmp_path / "one.parquet", jobs=1)
    inline = pq.read_table(tmp_path / "one.parquet").to_pylist()[0]["certificate"]
    assert json.loads(inline) == json.loads((tmp_path / "out" / first["certificate"]).read_text())


def test_the_verb_complains_in_one_line(tmp_path, run):
    spec = written(tmp_path, SMALL)
    code, out, _ = run("sweep", spec, "--dry-run")
    assert (code, out) == (0, f"{spec}: 68 cases: 30 label-free, 34 curve, 4 verify\n")
    code, out, _ = run("sweep", spec, "--dry-run", "--json")
    assert json.loads(out) == {"spec": str(spec), "cases": 68, "tasks": {"label-free": 30, "curve": 34, "verify": 4}}
    for arguments, says in [
        (("nobody.toml",), "nobody.toml"),
        ((spec, "-o", tmp_path / "no" / "table.csv"), "folder that exists"),
        ((spec, "-o", spec), "expected a folder"),
        ((spec, "--scheduler", "127.0.0.1:1", "-o", tmp_path / "t.csv"), "tcp://HOST:PORT"),
        ((spec, "--scheduler", "tcp://127.0.0.1:1", "--tls-ca", "ca.pem", "-o", tmp_path / "t.csv"), "tls://"),
        ((spec, "--scheduler", "tls://127.0.0.1:1", "--tls-ca", "ca.pem", "-o", tmp_path / "t.csv"), "no file"),
        ((spec, "--tls-key", "key.pem", "-o", tmp_path / "t.csv"), "without --scheduler"),
        ((spec, "--scheduler", "tcp://127.0.0.1:1", "--jobs", 2, "-o", tmp_path / "t.csv"), "--jobs"),
    ]:
        if "--scheduler" in arguments:
            pytest.importorskip("distributed", reason="a cluster needs distributed")
        code, out, err = run("sweep", *arguments)
        assert (code, out) == (2, ""), arguments
        assert says in err
        assert len(err.splitlines()) == 1


def test_limits_and_crashes_are_exit_code_3(tmp_path, run, monkeypatch):
    spec = written(
        tmp_path, '[[grid]]\nmodels = "object"\ncopies = [2, 40]\ntasks = { do = "solve", form = "explicit" }'
    )
    code, out, _ = run("sweep", spec, "-o", tmp_path / "t.csv", "--jobs", 1, "--json")
    assert (code, json.loads(out)["error"], json.loads(out)["crashes"]) == (0, 1, 0)  # an honest refusal is an answer
    code, out, _ = run("sweep", spec, "-o", tmp_path / "u.csv", "--jobs", 1, "--max-seconds", "0.01", "--json")
    assert (code, json.loads(out)["stopped"]) == (3, "time limit")


def test_a_store_in_use_is_refused(tmp_path, run):
    spec = written(tmp_path, SMALL)
    with Store(tmp_path / "t.sqlite"):
        code, _, err = run("sweep", spec, "-o", tmp_path / "t.csv", "--jobs", 1)
    assert code == 2
    assert "another sweep" in err


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """The table of the sweep of 500 cases, worked out in one go."""
    folder = tmp_path_factory.mktemp("large")
    found = run_sweep(written(folder, LARGE), folder / "table.csv", jobs=2)
    assert (found.cases, found.statuses) == (500, {"done": 500})
    return (folder / "table.csv").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_500_cases_killed_twice_at_random(large, tmp_path, seed):
    rng = random.Random(seed)
    spec, store = written(tmp_path, LARGE), tmp_path / "table.sqlite"
    arguments = (spec, "-o", tmp_path / "table.csv", "--jobs", 2)
    known: dict[str, str] = {}
    for _ in range(2):
        process = started(*arguments)
        enough = len(known) + rng.randrange(1, 200)
        wait_until(lambda enough=enough: len(finished(store)) >= enough, process)
        killed(process)
        now = finished(store)
        assert {key: now[key] for key in known} == known
        known = now
    assert len(known) < 500
    last = subprocess.run(
        [sys.executable, "-m", "eqsolve", "sweep", *map(str, arguments), "--json"], capture_output=True, check=True
    )
    found = json.loads(last.stdout)
    assert (found["reused"], found["done"], found["stopped"]) == (len(known), 500, None)
    now = finished(store)
    assert {key: now[key] for key in known} == known
    assert (tmp_path / "table.csv").read_bytes() == large


def test_an_output_that_is_no_place_is_refused_first(tmp_path):
    with pytest.raises(ModelError, match="folder"):
        run_sweep(written(tmp_path, SMALL), tmp_path / "a" / "b" / "out")
