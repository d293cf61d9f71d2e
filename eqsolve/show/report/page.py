"""The page: head with its security policy, contents, a part for every model, style and script inside."""

from __future__ import annotations

import base64
import hashlib
import sys
from collections.abc import Callable
from importlib.resources import files
from typing import Any

from eqsolve import __version__
from eqsolve.io.curve_json import curve_json
from eqsolve.io.verdict_json import verdicts_json
from eqsolve.show import words
from eqsolve.show.report import (
    calibration,
    claims,
    coordination,
    equilibria,
    frontier,
    lies,
    naming,
    overview,
    payoffs,
    problem,
    reproduction,
)
from eqsolve.show.report.data import ModelReport, Report
from eqsolve.show.report.elements import Html, data_block, joined, tag

SECTIONS: tuple[tuple[str, str, Callable[[str, ModelReport], Html]], ...] = (
    ("problem", "The problem", problem.section),
    ("budget", "Budgets", problem.budgets),
    ("payoffs", "Payoffs against the rule", payoffs.section),
    ("equilibria", "Equilibria", equilibria.section),
    ("lies", "Who lies where", lies.section),
    ("coordination", "Coordination and coalitions", coordination.section),
    ("collusion", "Collusion frontier", frontier.section),
    ("filter", "Correlation filter", calibration.section),
    ("claims", "Claims", claims.section),
    ("certificates", "Certificates", claims.certificates),
    ("reproduce", "How to reproduce", reproduction.section),
)

CLOSING = f"Made by eqsolve {__version__}. Figures are exact unless marked ≈; nothing here comes from elsewhere."


def page(report: Report) -> str:
    """The whole document."""
    sys.set_int_max_str_digits(0)
    style, script = _asset("report.css"), _asset("report.js")
    titles = [overview.title(found) for found in report.models]
    title = f"{naming.listed(titles[:3])}{' and more' if len(titles) > 3 else ''}: eqsolve report"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_policy(style, script)),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="generator", content=f"eqsolve {__version__}"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", title),
        tag("style", style),
    )
    body = tag(
        "body",
        tag("a", "Skip to the results", href="#results", class_="skip"),
        _header(report, titles),
        tag("div", _contents(report, titles), _results(report, titles), class_="columns"),
        tag("footer", tag("p", CLOSING)),
        tag("div", id="tip", role="status", aria_live="polite"),
        data_block(_data(report), id="data"),
        tag("script", script),
    )
    return "<!DOCTYPE html>\n" + tag("html", head, body, lang="en") + "\n"


def framed(report: Report) -> str:
    """The document in a frame that shares nothing with the page around it."""
    return tag("iframe", srcdoc=page(report), sandbox="allow-scripts", title="eqsolve report", width="100%", height=800)


def _asset(name: str) -> Html:
    return Html(files("eqsolve.show.report").joinpath(name).read_text(encoding="utf-8"))


def _policy(style: str, script: str) -> str:
    """Nothing may be loaded, and only the style and the script of this page are used."""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src '{_digest(style)}'",
            f"script-src '{_digest(script)}'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _header(report: Report, titles: list[str]) -> Html:
    several = len(titles) > 1
    stopped = None
    if report.stopped:
        told = "The work was interrupted" if report.stopped == "interrupted" else f"The work met {report.stopped}"
        stopped = tag("p", f"{told}; what is missing is named where it belongs.", class_="missing", role="note")
    return tag(
        "header",
        tag("p", "eqsolve report", class_="kicker"),
        tag("h1", f"{len(titles)} models" if several else titles[0]),
        None if several else _source(report.models[0]),
        stopped,
        class_="top",
    )


def _source(found: ModelReport) -> Html | None:
    source = words.printable(found.model.source or found.model.problem.source)
    return tag("p", source, class_="source") if source else None


def _contents(report: Report, titles: list[str]) -> Html:
    several = len(titles) > 1
    parts = []
    for k, title in enumerate(titles):
        links = tag(
            "ul",
            tag("li", tag("a", "In short", href=f"#m{k}-short")),
            joined(tag("li", tag("a", name, href=f"#m{k}-{key}")) for key, name, _ in SECTIONS),
        )
        if not several:
            parts.append(links)
            continue
        parts.append(
            tag(
                "details", tag("summary", title), tag("p", tag("a", title, href=f"#m{k}")), links, open=len(titles) <= 4
            )
        )
    parts.append(tag("ul", tag("li", tag("a", "What made this page", href="#versions"))))
    return tag("nav", tag("h2", "Contents", id="contents"), joined(parts), aria_labelledby="contents")


def _results(report: Report, titles: list[str]) -> Html:
    models = joined(
        _model(k, found, title, len(titles) > 1)
        for k, (found, title) in enumerate(zip(report.models, titles, strict=True))
    )
    made = tag(
        "section",
        tag("h2", "What made this page", id="versions-title"),
        reproduction.versions("versions-table", report),
        id="versions",
        aria_labelledby="versions-title",
    )
    return tag("main", models, made, id="results", tabindex=-1)


def _model(k: int, found: ModelReport, title: str, several: bool) -> Html:
    key = f"m{k}"
    opening = [
        tag("h2", title, id=f"{key}-title", class_=None if several else "quiet"),
        _source(found) if several else None,
        tag("div", class_="chooser", data_ks=",".join(map(str, found.copies))),
        tag(
            "section",
            tag("h3", "In short", id=f"{key}-short-title"),
            overview.section(found),
            id=f"{key}-short",
            aria_labelledby=f"{key}-short-title",
        ),
    ]
    sections = (
        tag(
            "section",
            tag("h3", name, id=f"{key}-{short}-title"),
            draw(f"{key}-{short}", found),
            id=f"{key}-{short}",
            aria_labelledby=f"{key}-{short}-title",
        )
        for short, name, draw in SECTIONS
    )
    return tag("article", joined(opening), joined(sections), id=key, aria_labelledby=f"{key}-title", class_="model")


def _data(report: Report) -> dict[str, Any]:
    """The figures of the page for other programs; strategies are left to `eqsolve solve --json`."""
    models = []
    for found in report.models:
        verdicts = verdicts_json(found.verdicts.value or (), found.asked)["claims"]
        for verdict in verdicts:
            verdict["witnesses"] = len(verdict["witnesses"])
        models.append(
            {
                "model": found.asked,
                "name": overview.title(found),
                "sha256": found.digest or None,
                "copies": list(found.copies),
                "curve": None if found.curve.value is None else curve_json(found.curve.value, found.asked),
                "claims": verdicts,
                "left_out": [{"part": name, "why": why} for name, why in found.left_out()],
            }
        )
    return {"eqsolve": __version__, "made": report.made, "models": models}
