"""What the page on sweeps says is what the program does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from eqsolve.sweep.cases import all_cases
from eqsolve.sweep.options import OPTIONS
from eqsolve.sweep.spec import GridSection, read_spec

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "sweep.md").read_text(encoding="utf-8")


def blocks(kind):
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, flags=re.DOTALL)


def test_the_examples_run(run, monkeypatch, tmp_path):
    pytest.importorskip("pyarrow", reason="a folder has a table in Parquet")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    Path("object.toml").write_text(blocks("toml")[0], encoding="utf-8")
    calls = [part.partition("\n") for part in blocks("console")[0].split("$ eqsolve ")[1:]]
    for command, _, told in calls:
        assert run(*command.split()) == (0, told, "")
    names = {}
    for block in blocks("python"):
        exec(block, names)
    assert len(names["rows"]) == 34


def test_keys_tasks_and_options_are_those_that_there_are():
    keys, tasks = (
        re.findall(r"^\| `([\w-]+)` \|", part, flags=re.MULTILINE) for part in PAGE.split("Beside the grids")
    )
    assert sorted(keys) == sorted(GridSection.model_fields)
    assert tasks == list(OPTIONS)
    for task, options in OPTIONS.items():
        line = next(line for line in PAGE.splitlines() if line.startswith(f"| `{task}` |"))
        assert [word for word in re.findall(r"`(\w+)`", line.split("|")[3]) if word in options] == list(options)


@pytest.mark.parametrize("path", sorted((DOCS / "examples").glob("*.toml")), ids=lambda p: p.name)
def test_example_specs_have_cases(path):
    assert all_cases(read_spec(path))
