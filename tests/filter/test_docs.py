"""What the page on the filter says is what the program answers."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

PAGE = (Path(__file__).parents[2] / "docs" / "filter.md").read_text(encoding="utf-8")


def committee(path):
    """The sixteen ballots of the page: Bob says the opposite of Ann, but for two slips."""
    generator = np.random.default_rng(7)
    base = np.array(["against"] * 8 + ["for"] * 8)
    ann, cem, dora = (generator.permutation(base) for _ in range(3))
    bob = np.where(ann == "for", "against", "for")
    slips = [int(np.flatnonzero(bob == word)[0]) for word in ("for", "against")]
    bob[slips] = bob[slips[::-1]]
    rows = zip(ann, bob, cem, dora, strict=True)
    lines = [f"{k},{','.join(row)}" for k, row in enumerate(rows, start=1)]
    path.write_text("\n".join(["problem,Ann,Bob,Cem,Dora", *lines]) + "\n")
    return lines


def blocks(kind):
    return re.findall(rf"```{kind}\n(.*?)```", re.sub(r"(?m)^   ", "", PAGE), flags=re.DOTALL)


def test_console_blocks(run, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    lines = committee(tmp_path / "ballots.csv")
    assert all(line in blocks("text")[0].splitlines() for line in lines[:2])
    for block in blocks("console"):
        command, *wanted = block.splitlines()
        code, out, _ = run(*command.removeprefix("$ eqsolve ").split())
        assert code == 0
        told = set(re.sub(r"[┃│|]", " ", out).split())
        for line in wanted:
            assert line == "..." or set(line.split()) <= told, line


def test_python_block(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    committee(tmp_path / "ballots.csv")
    names = {}
    exec(blocks("python")[0], names)
    assert names["found"].flags == (True, True, False, False)
    assert str(names["setting"].false_alarm) == "1/35"
