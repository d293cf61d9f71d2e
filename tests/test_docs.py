"""Every example of the README and the docs runs, and the site builds without a warning."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from eqsolve import NormalFormGame
from eqsolve.io.nfg import write_nfg

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.md"))
TESTED_ELSEWHERE = {f"{room}.md": f"tests/{room}/test_docs.py" for room in ("filter", "collusion", "sweep")}
SYNOPSIS = re.compile(r"[\[|]|\b(MODEL|FILE)\b")


def blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def commands(page):
    """Lines of shell blocks that call eqsolve, without comments; synopses are left out."""
    for line in "".join(blocks(page, "sh")).replace("\\\n", " ").splitlines():
        for command in line.split("#")[0].split("&&"):
            if command.strip().startswith("eqsolve ") and not SYNOPSIS.search(command):
                yield command.split()[1:]


WITH_PYTHON = [page for page in PAGES if blocks(page, "python") and page.name not in TESTED_ELSEWHERE]
WITH_COMMANDS = [page for page in PAGES if any(commands(page)) and page.name not in TESTED_ELSEWHERE]


@pytest.mark.parametrize("page", WITH_PYTHON, ids=lambda page: page.name)
def test_python_examples(page, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names = {"__name__": page.stem}
    for block in blocks(page, "python"):
        exec(compile(block, page.name, "exec"), names)


@pytest.mark.slow
@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda page: page.name)
def test_commands(page, tmp_path, monkeypatch, run):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "docs" / "examples", tmp_path / "docs" / "examples")
    write_nfg(NormalFormGame.from_payoffs([[2, 0], [0, 1]], [[1, 0], [0, 2]]), tmp_path / "game.nfg")
    for command in commands(page):
        if command == ["claims"]:  # the whole ledger has tests of its own
            continue
        code, out, err = run(*command)
        assert code in ((0, 3) if command[0] == "report" else (0, 1)), (command, err)  # 1: refuted; 3: in limited time
        assert out.strip() or "-o" in command, command


def test_the_pages_are_there():
    assert len(WITH_PYTHON) > 3
    assert len(WITH_COMMANDS) > 3
    for page in TESTED_ELSEWHERE:
        assert (ROOT / TESTED_ELSEWHERE[page]).exists()


def test_links_lead_somewhere():
    for page in [*PAGES, *NOTEBOOKS]:
        for link in re.findall(r"\]\(([\w/.-]+\.\w+)(?:#[\w-]+)?\)", page.read_text(encoding="utf-8")):
            target = (ROOT if link.startswith("notebooks/") else page.parent) / link
            assert target.exists() or link == "reference/python.md", f"{page.name}: {link}"


def test_the_site_builds_without_a_warning(tmp_path):
    for module in ("sphinx", "furo", "myst_nb", "numpydoc", "sphinx_click"):
        pytest.importorskip(module, reason="the docs extra is not installed")
    for folder in ("docs", "notebooks"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("notebooks", "api"))
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-D", "nb_execution_mode=off"]
    built = subprocess.run(
        [*command, str(tmp_path / "docs"), str(tmp_path / "site")], capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stderr
    page = (tmp_path / "site" / "reference" / "command-line.html").read_text(encoding="utf-8")
    assert "max-seconds" in page
    assert (tmp_path / "site" / "reference" / "api" / "eqsolve.solve.html").exists()
    notebook = (tmp_path / "site" / "notebooks" / "linking-decisions.html").read_text(encoding="utf-8")
    assert 'href="../claims.html"' in notebook
    assert {page.stem for page in NOTEBOOKS} == {page.stem for page in (tmp_path / "site" / "notebooks").glob("*.html")}
