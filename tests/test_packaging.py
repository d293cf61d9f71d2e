"""What is installed: models, schema and types inside the wheel, extras that messages and pages name, one version."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from eqsolve import __version__

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_one_version():
    assert PROJECT["version"] == __version__
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.search(r"^version: (.*)$", citation, flags=re.MULTILINE)[1] == __version__
    assert f"license: {PROJECT['license']}" in citation


def test_every_extra_that_is_named_exists():
    extras = set(PROJECT["optional-dependencies"])
    named = set()
    for path in [*(ROOT / "eqsolve").rglob("*.py"), *(ROOT / "docs").glob("*.md"), ROOT / "README.md"]:
        for names in re.findall(r"eqsolve-games\[([a-z,]+)\]", path.read_text(encoding="utf-8")):
            named |= set(names.split(","))
    assert named
    assert named <= extras
    from eqsolve.sweep.schedulers import needs

    defaults = {needs.__defaults__[0], "cluster"}
    assert defaults <= extras
    page = (ROOT / "docs" / "installing.md").read_text(encoding="utf-8")
    table = "\n".join(line for line in page.splitlines() if line.startswith("| `"))
    assert {name for name in extras - {"peers"} if f"`{name}`" in table} == extras - {"peers"}


@pytest.mark.slow
def test_a_wheel_has_everything_and_works_elsewhere(tmp_path):
    pytest.importorskip("hatchling", reason="building without the network needs hatchling")
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-w", tmp_path, ROOT]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    models = {f"eqsolve/models/{path.name}" for path in (ROOT / "models").iterdir()}
    assert models <= names
    assert {"eqsolve/py.typed", "eqsolve/models/linked.schema.json", "eqsolve/models/object.toml"} <= names
    assert not [name for name in names if name.startswith(("tests", "docs", "benchmarks"))]
    target = tmp_path / "installed"
    install = [sys.executable, "-m", "pip", "install", "--no-deps", "--target", target, wheel]
    subprocess.run(install, check=True, capture_output=True)
    environment = os.environ | {"PYTHONPATH": str(target)}
    for arguments, says in [
        (("models",), "taking-turns"),
        (("--version",), __version__),
        (("models", "--schema"), '"$schema"'),
        (("solve", "object"), "53/16"),
    ]:
        command = [sys.executable, "-m", "eqsolve", *arguments]
        found = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True)
        assert says in found.stdout
    where = "import eqsolve; print(eqsolve.__file__)"
    found = subprocess.run([sys.executable, "-c", where], env=environment, cwd=tmp_path, capture_output=True, text=True)
    assert found.stdout.startswith(str(target))
