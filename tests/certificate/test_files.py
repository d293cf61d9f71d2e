"""Certificate files: written in one go, read with care; the verb and the checker that needs nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import eqsolve as eq
from eqsolve.errors import ModelError
from eqsolve.io import certificate_file as write

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def document():
    game = eq.load("object").link(2)
    return write.equilibrium_found(game, eq.solve(game)[0].strategies)


@pytest.fixture
def path(tmp_path, document):
    write.write_certificate(tmp_path / "object.json", document)
    return tmp_path / "object.json"


def test_what_is_written_is_read(tmp_path, path, document):
    assert write.read_certificate(path) == document
    assert [p.name for p in tmp_path.iterdir()] == ["object.json"]
    write.write_certificate(path, [document, document])
    assert write.read_certificate(path) == [document, document]


def test_a_place_that_cannot_be_written_to(tmp_path, document):
    with pytest.raises(ModelError, match="nothing was written"):
        write.write_certificate(tmp_path / "missing" / "object.json", document)
    (tmp_path / "folder").mkdir()
    with pytest.raises(ModelError, match="nothing was written"):
        write.write_certificate(tmp_path / "folder", document)
    assert [p.name for p in tmp_path.iterdir()] == ["folder"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_leaves_the_old_file_alone(path, document, monkeypatch):
    before = path.read_bytes()
    opened = Path.open

    def full(self, mode="r", **how):
        return opened(Path("/dev/full"), "w", **how) if mode == "w" else opened(self, mode, **how)

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(ModelError, match="No space left on device; nothing was written"):
        write.write_certificate(path, document)
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert len(list(path.parent.iterdir())) == 1


def test_an_interrupted_writer_leaves_the_old_file_alone(path, document, monkeypatch):
    before = path.read_bytes()

    def interrupt(*args, **how):
        raise KeyboardInterrupt

    monkeypatch.setattr(json, "dump", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write.write_certificate(path, document)
    assert path.read_bytes() == before
    assert len(list(path.parent.iterdir())) == 1


def test_what_cannot_be_read(tmp_path):
    for name in (tmp_path / "missing.json", tmp_path, "a\0b"):
        with pytest.raises(ModelError):
            write.read_certificate(name)
    (tmp_path / "half.json").write_text('{"format": ')
    with pytest.raises(ModelError, match="half\\.json: line 1"):
        write.read_certificate(tmp_path / "half.json")


def test_the_verb_check(run, path):
    code, out, err = run("check", path)
    assert (code, err) == (0, "")
    assert out.startswith("valid: In 'One object, worth 1 or 10', 2 linked problems: some Bayesian Nash equilibrium")
    code, out, _ = run("check", path, "--json", "--model", "object")
    assert code == 0
    assert set(json.loads(out)) == {"valid", "statement", "reason"}
    assert json.loads(out)["valid"] is True
    code, out, _ = run("check", "-", stdin=path.read_bytes())
    assert code == 0


def test_the_game_of_another_model(run, path, document):
    code, out, _ = run("check", path, "--model", "bargaining", "--json")
    assert code == 1
    assert json.loads(out) == {"valid": False, "statement": "", "reason": json.loads(out)["reason"]}
    assert "bargaining" in json.loads(out)["reason"]
    renamed = json.loads(json.dumps(document))
    renamed["game"]["weights"] = ["2", "2"]
    path.write_text(json.dumps(renamed))
    assert run("check", path)[0] == 0
    code, out, _ = run("check", path, "--model", "object")
    assert code == 1
    assert "weights differ" in out
    code, _, err = run("check", path, "--model", "nothing-of-the-kind")
    assert code == 2
    assert "nothing-of-the-kind" in err


def test_not_valid_and_not_readable(run, path):
    text = path.read_text()
    path.write_text(text.replace("53/16", "54/16", 1))
    code, out, err = run("check", path)
    assert (code, err) == (1, "")
    assert "not the stated" in out
    path.write_text(text[:-10])
    code, out, err = run("check", path, "--json")
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert str(path) in err
    path.write_text(text.replace('"version": 1', '"version": 1, "version": 1'))
    code, _, err = run("check", path)
    assert code == 2
    assert "twice" in err
    assert run("check", path.parent / "missing.json")[0] == 2


def test_the_checker_needs_no_other_package(path):
    """Without site-packages, and without the rest of the program."""
    call = [sys.executable, "-S", "-m", "eqsolve.certificate"]
    done = subprocess.run([*call, path], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("valid: In 'One object")
    path.write_text(path.read_text().replace("53/16", "1/0"))
    done = subprocess.run([*call, path], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    done = subprocess.run([*call, path.parent], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    done = subprocess.run(call, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
