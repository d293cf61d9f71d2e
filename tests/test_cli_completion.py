"""Shells complete verbs, options and models."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from eqsolve.io.kinds import bundled_models

PROGRAM = Path(sys.executable).with_name("eqsolve")
needs_program = pytest.mark.skipif(not PROGRAM.exists(), reason="the program is not installed beside this Python")


def complete(run, monkeypatch, *words):
    """What bash is offered for the last word: kinds and values."""
    monkeypatch.setenv("_EQSOLVE_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", " ".join(("eqsolve", *words)))
    monkeypatch.setenv("COMP_CWORD", str(len(words)))
    import click.shell_completion

    from eqsolve.cli import cli

    found = click.shell_completion.BashComplete(cli, {}, "eqsolve", "_EQSOLVE_COMPLETE")
    return [(item.type, item.value) for item in found.get_completions(list(words[:-1]), words[-1])]


def test_verbs_options_and_models(run, monkeypatch):
    assert complete(run, monkeypatch, "sw") == [("plain", "sweep")]
    assert ("plain", "--max-seconds") in complete(run, monkeypatch, "solve", "object", "--max")
    assert complete(run, monkeypatch, "solve", "object-") == [("plain", "object-disposal")]
    assert {value for _, value in complete(run, monkeypatch, "verify", "")} == set(bundled_models())
    assert complete(run, monkeypatch, "solve", "./mod") == [("file", "./mod")]
    assert complete(run, monkeypatch, "report", "voting", "barg") == [("plain", "bargaining")]
    assert complete(run, monkeypatch, "sweep", "spec") == [("file", "spec")]
    transfers = {value for _, value in complete(run, monkeypatch, "transfers", "")}
    assert transfers == set(bundled_models("transfers") or {""})


@needs_program
@pytest.mark.parametrize(
    ("shell", "says"), [("bash", "complete -o"), ("zsh", "#compdef eqsolve"), ("fish", "complete --")]
)
def test_scripts_of_the_one_liners(shell, says):
    environment = os.environ | {"_EQSOLVE_COMPLETE": f"{shell}_source"}
    found = subprocess.run([PROGRAM], env=environment, capture_output=True, text=True, check=True)
    assert says in found.stdout
    assert not found.stderr


@needs_program
@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_the_one_liner_in_bash():
    page = (Path(__file__).parent.parent / "docs" / "installing.md").read_text(encoding="utf-8")
    line = next(line for line in page.splitlines() if "bash_source" in line).split(" >> ")[0]
    line = line.removeprefix("echo '").removesuffix("'")
    call = "COMP_WORDS=(eqsolve solve public-good-); COMP_CWORD=2; _eqsolve_completion eqsolve"
    script = f'{line}; {call}; echo "${{COMPREPLY[@]}}"'
    path = f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}"
    found = subprocess.run(
        ["bash", "-c", script], env=os.environ | {"PATH": path}, capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == ["public-good-large"]
