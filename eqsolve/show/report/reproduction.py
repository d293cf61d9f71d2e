"""How to get the same answers: versions, the hash of the model, commands, the model itself."""

from __future__ import annotations

import platform
import shlex
from importlib.metadata import PackageNotFoundError, version

from eqsolve import __version__
from eqsolve.show import words
from eqsolve.show.report.data import ModelReport, Report
from eqsolve.show.report.elements import Html, joined, tag
from eqsolve.show.report.tables import table

MAX_TEXT = 65_536
PACKAGES = ("python-flint", "highspy", "numpy", "scipy", "networkx")


def section(key: str, found: ModelReport) -> Html:
    """Hash, commands and text of one model."""
    ks = ",".join(map(str, found.copies))
    model = shlex.quote(words.printable(found.asked))
    commands = [
        f"eqsolve report {model} -k {ks} -o report.html",
        *(f"eqsolve solve {model} -k {k}" for k in found.copies),
        f"eqsolve curve {model} -k {ks}",
        f"eqsolve filter {model} -k {ks}",
    ]
    if any(at.collusions is not None and at.collusions.value for at in found.at):
        commands += [f"eqsolve collude {model} -k {k} --epsilon 0:1/2:1/20 --limit" for k in found.copies]
    if found.own_claims:
        commands += [
            f"eqsolve verify {model} --certificate certificates.json",
            "eqsolve check certificates.json",
        ]
    digest = tag("p", "SHA-256 of the model file: ", tag("code", found.digest, class_="hash")) if found.digest else None
    return joined(
        (
            digest,
            tag("pre", tag("code", "\n".join(commands)), tabindex=0, aria_label="Commands"),
            _text(found),
        )
    )


def _text(found: ModelReport) -> Html | None:
    if not found.text:
        return tag("p", "The model was made in Python; there is no file of it.")
    shown = found.text[:MAX_TEXT]
    cut = None
    if len(found.text) > MAX_TEXT:
        cut = tag("p", f"The first {MAX_TEXT:,} of {len(found.text):,} characters are shown.", class_="missing")
    return tag(
        "details",
        tag("summary", "The model file"),
        cut,
        tag("pre", tag("code", shown), tabindex=0, aria_label="Model file"),
    )


def versions(key: str, report: Report) -> Html:
    """What made the page, and when."""
    rows = [("eqsolve", __version__), ("Python", platform.python_version())]
    rows += [(name, found) for name in PACKAGES if (found := _version(name))]
    rows += [("made", report.made), ("time taken", f"{report.seconds:.1f} s")]
    return table(key, "What made this page", ("program", "version"), rows)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
