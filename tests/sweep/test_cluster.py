"""The same sweep on a Dask cluster of two worker processes on this machine, and when one of them is killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess

import pytest
from sweeps import LARGE, SMALL, finished, started, table, wait_until, written

from eqsolve.sweep.run import run_sweep

pytest.importorskip("distributed", reason="a cluster needs distributed: pip install 'eqsolve-games[cluster]'")


@pytest.fixture
def cluster():
    """Address of a scheduler with two workers, and the ids of their processes."""
    from distributed import Client, LocalCluster

    options = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
    with LocalCluster(**options) as found, Client(found, set_as_default=False) as client:
        yield found.scheduler_address, lambda: list(client.run(os.getpid).values())


def check_on_cluster(folder, cluster, text, kill_after=None):
    """Work out a spec on the cluster, killing a worker on the way, and compare with the same in one go here."""
    address, workers = cluster
    spec = written(folder, text)
    process = started(spec, "-o", folder / "cluster.csv", "--scheduler", address)
    if kill_after is not None:
        wait_until(lambda: len(finished(folder / "cluster.sqlite")) >= kill_after, process)
        os.kill(workers()[0], signal.SIGKILL)
        assert len(finished(folder / "cluster.sqlite")) < 500
    _, err = process.communicate(timeout=280)
    assert process.returncode == 0, err
    table_here(folder, spec)
    assert (folder / "cluster.csv").read_bytes() == (folder / "here.csv").read_bytes()


def table_here(folder, spec):
    run_sweep(spec, folder / "here.csv", jobs=1)
    return table(folder / "here.csv")


def test_the_same_table_on_a_cluster(tmp_path, cluster):
    check_on_cluster(tmp_path, cluster, SMALL)


@pytest.mark.slow
def test_500_cases_on_a_cluster(tmp_path, cluster):
    check_on_cluster(tmp_path, cluster, LARGE)


@pytest.mark.slow
def test_500_cases_on_a_cluster_that_loses_a_worker(tmp_path, cluster):
    check_on_cluster(tmp_path, cluster, LARGE, kill_after=100)


def test_a_scheduler_that_is_not_there(tmp_path, run, monkeypatch):
    monkeypatch.setattr("eqsolve.sweep.schedulers.CONNECT_SECONDS", 0.5)
    spec = written(tmp_path, SMALL)
    code, _, err = run("sweep", spec, "-o", tmp_path / "t.csv", "--scheduler", "tcp://127.0.0.1:1")
    assert code == 2
    assert err.startswith("eqsolve: --scheduler: tcp://127.0.0.1:1: found nobody who answers")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("openssl") is None, reason="keys are made by openssl")
def test_a_cluster_behind_tls(tmp_path):
    from distributed import LocalCluster, Security

    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "1",
         "-subj", "/CN=eqsolve"],
        check=True,
        capture_output=True,
    )  # fmt: skip
    files = {"tls_ca_file": str(cert), "tls_client_cert": str(cert), "tls_client_key": str(key)}
    files |= {
        f"tls_{who}_{what}": files[f"tls_client_{what}"] for who in ("scheduler", "worker") for what in ("cert", "key")
    }
    security = Security(require_encryption=True, **files)
    spec = written(tmp_path, SMALL)
    with LocalCluster(
        n_workers=1, threads_per_worker=1, protocol="tls", security=security, dashboard_address=None
    ) as found:
        assert found.scheduler_address.startswith("tls://")
        process = started(
            spec, "-o", tmp_path / "t.csv", "--scheduler", found.scheduler_address,
            "--tls-ca", cert, "--tls-cert", cert, "--tls-key", key,
        )  # fmt: skip
        _, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        refused = started(spec, "-o", tmp_path / "u.csv", "--scheduler", found.scheduler_address.replace("tls", "tcp"))
        _, err = refused.communicate(timeout=120)
        assert refused.returncode == 2, err
    table_here(tmp_path, spec)
    assert (tmp_path / "t.csv").read_bytes() == (tmp_path / "here.csv").read_bytes()
