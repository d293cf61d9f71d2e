"""Imports run one way: surfaces, judgements, forms, engines, exact arithmetic."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "eqsolve"

LAYERS = [
    {"errors", "certificate"},
    {"exact"},
    {"game"},
    {"engines"},
    {"problem", "budget"},
    {"rule", "processes"},
    {"status_quo"},
    {"linking"},
    {"filter"},
    {"forms", "strategy"},
    {"solution", "judge", "search", "model", "mechanisms", "transfers", "interdependent"},
    {"collusion", "participation"},
    {"solving", "solving_filtered", "solving_work", "plain", "convergence", "statistical"},
    {"claims", "ledger", "io", "show", "limits"},
    {"cli", "sweep", "__main__", "__init__"},
]
RANK = {room: rank for rank, rooms in enumerate(LAYERS) for room in rooms}
FILES = sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def top_level_imports(path: Path) -> set[str]:
    """Rooms imported when the module is (not inside functions, not for type checkers only)."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    rooms = set()
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("eqsolve."):
            rooms.add(node.module.split(".")[1])
    return rooms


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_run_one_way(path):
    here = room(path)
    assert here in RANK, f"give the new room {here} a layer"
    for other in top_level_imports(path) - {here}:
        assert RANK[other] <= RANK[here], f"{here} imports {other}"


def test_engines_and_exact_know_nothing_of_problems():
    for path in FILES:
        if room(path) in ("engines", "exact"):
            assert not top_level_imports(path) & {"problem", "rule", "budget", "linking", "forms", "judge"}


def test_the_checker_of_certificates_needs_only_itself_and_the_standard_library():
    """Whoever wants to trust an answer reads `eqsolve/certificate` and nothing else."""
    for path in (PACKAGE / "certificate").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                assert not node.level, f"{path.name}: relative import"
                names = [node.module or ""]
            for name in names:
                assert name.startswith("eqsolve.certificate") or name.split(".")[0] in sys.stdlib_module_names, name


def test_no_drawers():
    assert not [path for path in FILES if re.search(r"util|helper|misc|common", path.stem)]


def test_readme_has_two_commands_and_the_names_it_speaks_of_exist():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = text.split("```sh\n")[1].split("```")[0]
    assert len([line for line in block.splitlines() if line and not line.startswith("#")]) == 2
    for link in re.findall(r"\]\(([a-zA-Z/_.-]+)\)", text):
        assert (ROOT / link).exists(), link


def test_every_public_name_is_there():
    import eqsolve

    for name in eqsolve.__all__:
        assert getattr(eqsolve, name) is not None
        assert name == "__version__" or f"`{name}`" in eqsolve.__doc__, f"{name} is missing in the index"
