"""An SVG drawing that tells what it shows also to those who do not see it."""

from __future__ import annotations

from collections.abc import Iterable

from eqsolve.show.report.elements import Html, joined, tag


def drawing(
    key: str, title: str, description: str, width: float, height: float, parts: Iterable[Html], look: str = "chart"
) -> Html:
    """An ``svg`` element with title and description; `key` begins their ids, `look` is its class."""
    return tag(
        "svg",
        tag("title", title, id=f"{key}-title"),
        tag("desc", description, id=f"{key}-desc"),
        joined(parts),
        class_=look,
        role="img",
        aria_labelledby=f"{key}-title {key}-desc",
        viewBox=f"0 0 {width:g} {height:g}",
        width=width,
        height=height,
    )


def shortened(text: str, length: int) -> str:
    """A name that fits, with an ellipsis where something was cut."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
