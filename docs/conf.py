"""The documentation site: ``sphinx-build -W docs _site``; notebooks are executed unless told otherwise."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import eqsolve

HERE = Path(__file__).parent


def copy_notebooks() -> None:
    """Sphinx reads only what lies below this folder; the notebooks have a place of their own at the top.

    Their links to pages begin with ``../docs/``, which is right where they are, and are one step shorter here.
    """
    shutil.rmtree(HERE / "notebooks", ignore_errors=True)
    (HERE / "notebooks").mkdir()
    for notebook in (HERE.parent / "notebooks").glob("*.md"):
        text = notebook.read_text(encoding="utf-8")
        (HERE / "notebooks" / notebook.name).write_text(text.replace("](../docs/", "](../"), encoding="utf-8")


copy_notebooks()


def public_names() -> str:
    """The page of public names, a table for each heading of the package's docstring."""
    lines = [
        "# Python",
        "",
        "`import eqsolve as eq`. Results are immutable and printable, render in Jupyter, and give a",
    ]
    lines += ["pandas DataFrame (`to_frame()`). Names are imported when they are first used.", ""]
    for heading, text in re.findall(r"^(\w[\w ]*)\n((?: {4}.*\n)+)", eqsolve.__doc__ or "", flags=re.MULTILINE):
        lines += [f"## {heading}", "", "```{eval-rst}", ".. currentmodule:: eqsolve", ".. autosummary::"]
        lines += ["   :toctree: api", "   :nosignatures:", ""]
        lines += [f"   {name}" for name in re.findall(r"`(\w+)`", text) if name in eqsolve.__all__] + ["```", ""]
    return "\n".join(lines)


(HERE / "reference" / "python.md").write_text(public_names(), encoding="utf-8")

project = "eqsolve"
author = "The eqsolve developers"
project_copyright = "the eqsolve developers, MIT licence"
version = release = eqsolve.__version__

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.intersphinx",
    "sphinx_click",
]
exclude_patterns = ["_build"]
html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["results.css"]
html_title = f"eqsolve {release}"

myst_enable_extensions = ["deflist", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "auto"
nb_execution_timeout = 300
nb_execution_in_temp = True
nb_execution_raise_on_error = True

autodoc_typehints = "none"  # numpydoc's parameters tell the types
autosummary_generate = True
numpydoc_show_class_members = False
intersphinx_mapping: dict[str, tuple[str, None]] = {}  # a build needs no network
