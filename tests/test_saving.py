"""Whatever is written to a file is there as a whole or not at all, and a full disk is told in one line."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import eqsolve as eq
from eqsolve.io.game_json import game_to_json
from eqsolve.io.nfg import write_nfg
from eqsolve.io.whole_file import whole_file, write_whole

WRITERS = {
    "export": ("export", "object", "-k", "2", "-o", "out.nfg"),
    "export json": ("export", "object", "-k", "2", "--format", "json", "-o", "out.json"),
    "solve": ("solve", "object", "-k", "2", "--certificate", "out.json"),
    "verify": ("verify", "object", "-k", "2", "--claim", "payoffs-unique", "--certificate", "out.json"),
    "nash": ("nash", "game.json", "--certificate", "out.json"),
    "optimal": ("optimal", "object", "-k", "1", "--certificate", "out.json"),
    "transfers": ("transfers", "trade", "--points", "2", "--certificate", "out.json"),
    "interdependent": ("interdependent", "one-dimensional", "--points", "2", "--certificate", "out.json"),
    "report": ("report", "object", "-k", "1", "-o", "out.html"),
    "curve plot": ("curve", "object", "-k", "2:4:2", "--plot", "out.svg"),
    "filter plot": ("filter", "collusion", "-k", "4", "--plot", "out.png"),
    "participation plot": ("participation", "veto-unravels", "--plot", "out.pdf"),
}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    game_to_json(eq.NormalFormGame.from_payoffs([[0, 7], [2, 6]], [[0, 2], [7, 6]]), "game.json")
    return tmp_path


def drawn(name):
    if "plot" in name:
        pytest.importorskip("matplotlib")


@pytest.mark.parametrize("name", WRITERS)
def test_a_write_that_fails_leaves_the_old_file(run, folder, monkeypatch, name):
    drawn(name)
    command = WRITERS[name]
    out = folder / command[-1]
    out.write_text("before")

    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        code, _, err = run(*command)
    assert code == 2
    assert err.splitlines()[-1] == f"eqsolve: {command[-1]}: No space left on device; nothing was written"
    assert "Traceback" not in err
    assert out.read_text() == "before"
    assert sorted(p.name for p in folder.iterdir()) == sorted({"game.json", out.name})
    assert run(*command)[0] == 0
    assert out.read_bytes() != b"before"
    assert sorted(p.name for p in folder.iterdir()) == sorted({"game.json", out.name})


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("name", ["export", "solve", "nash", "curve plot"])
def test_a_full_device_is_told_in_one_line(run, folder, name):
    drawn(name)
    *command, target = WRITERS[name]
    link = folder / f"full{Path(target).suffix}"
    link.symlink_to("/dev/full")
    code, _, err = run(*command, link)
    assert code == 2
    assert err.splitlines()[-1] == f"eqsolve: {link}: No space left on device; nothing was written"
    assert Path("/dev/full").is_char_device()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("command", [("solve", "object", "-k", "2", "--json"), ("export", "object", "-k", "2")])
def test_a_full_standard_output_is_told_in_one_line(command):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "eqsolve", *command], stdout=full, stderr=subprocess.PIPE, text=True, timeout=120
        )
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "No space left on device" in done.stderr


def test_an_interrupt_leaves_the_old_file(folder):
    out = folder / "out.txt"
    out.write_text("before")

    def interrupted():
        with whole_file(out) as draft:
            draft.write_text("half of")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert out.read_text() == "before"
    assert sorted(p.name for p in folder.iterdir()) == ["game.json", "out.txt"]


def test_links_lead_on_and_rights_stay(folder):
    out, link = folder / "out.txt", folder / "link.txt"
    out.write_text("before")
    out.chmod(0o640)
    link.symlink_to(out)
    write_whole(link, "after")
    assert link.is_symlink()
    assert out.read_text() == "after"
    assert out.stat().st_mode & 0o777 == 0o640


def test_devices_are_written_to_as_they_are(folder):
    write_whole("/dev/null", "nothing")
    assert Path("/dev/null").is_char_device()
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_whole(pipe, "through")
    assert os.read(reader, 20) == b"through"
    os.close(reader)
    assert pipe.is_fifo()


def test_places_where_nothing_can_be_written(folder):
    for place in (folder, folder / "none" / "x", folder / "game.json" / "x", folder / ("x" * 300)):
        with pytest.raises(eq.ModelError, match="nothing was written"):
            write_whole(place, "text")


def test_games_are_written_as_a_whole(folder, monkeypatch):
    game = eq.NormalFormGame.from_payoffs([[1]], [[1]])

    def fails(*_):
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr("os.fsync", fails)
    for write in (write_nfg, game_to_json):
        out = folder / "out"
        out.write_text("before")
        with pytest.raises(eq.ModelError, match="broken"):
            write(game, out)
        assert out.read_text() == "before"


@pytest.mark.slow
@pytest.mark.parametrize("delay", [0.3, 0.8, 1.5, 2.5])
def test_ctrl_c_at_any_moment_leaves_no_broken_file(folder, delay):
    """The old file or the new one, whole, and nothing beside it."""
    out = folder / "out.nfg"
    out.write_text("before")
    command = [sys.executable, "-m", "eqsolve", "export", "taking-turns", "-k", "2", "-o", out]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    time.sleep(delay)
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGINT)
    process.communicate(timeout=120)
    text = out.read_text()
    assert text == "before" or (text.startswith("NFG 1 R") and text.endswith("\n"))
    assert sorted(p.name for p in folder.iterdir()) == ["game.json", "out.nfg"]
