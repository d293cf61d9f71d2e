"""HTML and SVG built from elements, so that text cannot become markup.

`tag` is the only function of the report that writes angle brackets. Children that are plain text are escaped, and
control characters and marks that turn the direction of writing are replaced; only what `tag` and `joined` return,
`Html`, is taken as it is.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable
from typing import Any

VOID = frozenset({"br", "col", "hr", "input", "link", "meta"})
"""Elements without content and without end tag."""

Attribute = str | int | float | bool | None


class Html(str):
    """Markup that is safe to be put into a page."""

    __slots__ = ()


Child = str | None
"""Plain text, which is escaped; or `Html`, which is not. None is left out."""


def tag(name: str, /, *children: Child, **attributes: Attribute) -> Html:
    """An element.

    Parameters
    ----------
    name : str
        Name of the element.
    children : str, Html or None
    attributes
        A trailing underscore is dropped (``class_``), others become hyphens (``aria_label``). None and False leave
        the attribute out, True gives it without a value.
    """
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in VOID:
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{joined(children)}</{name}>")


def joined(children: Iterable[Child]) -> Html:
    """Elements and escaped text one after the other."""
    return Html("".join(_child(child) for child in children))


def data_block(document: Any, **attributes: Attribute) -> Html:
    """JSON in a page: nothing in it can end the element or begin a comment."""
    told = json.dumps(document, ensure_ascii=True)
    for sign in "<>&":
        told = told.replace(sign, f"\\u{ord(sign):04x}")
    return tag("script", Html(told), type="application/json", **attributes)


def _child(child: Child) -> str:
    if child is None:
        return ""
    return child if isinstance(child, Html) else _escaped(child)


def _attribute(key: str, value: Attribute) -> str:
    name = key.rstrip("_").replace("_", "-")
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{_escaped(_written(value))}"'


def _written(value: str | int | float) -> str:
    """Numbers with at most two decimals: coordinates of a drawing need no more."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _escaped(text: str) -> str:
    clean = "".join(c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text)
    return html.escape(clean, quote=True)
