"""A page as a reader without a browser sees it: elements with their attributes, text, whether tags are balanced."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@dataclass
class Element:
    name: str
    attributes: dict[str, str | None]
    parent: Element | None
    parts: list[Element | str] = field(default_factory=list)

    @property
    def children(self):
        return [part for part in self.parts if isinstance(part, Element)]

    def walk(self):
        yield self
        for child in self.children:
            yield from child.walk()

    def all(self, name):
        return [e for e in self.walk() if e.name == name]

    def content(self):
        return "".join(part if isinstance(part, str) else part.content() for part in self.parts)

    def ancestors(self):
        here = self.parent
        while here is not None:
            yield here
            here = here.parent


class Reader(HTMLParser):
    """Reads a page strictly: every end tag must close the element that is open."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.root = Element("#document", {}, None)
        self.here = self.root

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names), f"{tag}: attribute twice"
        element = Element(tag, dict(attrs), self.here)
        self.here.parts.append(element)
        if tag not in VOID:
            self.here = element

    def handle_endtag(self, tag):
        assert tag == self.here.name, f"</{tag}> closes <{self.here.name}>"
        self.here = self.here.parent

    def handle_data(self, data):
        self.here.parts.append(data)

    def handle_comment(self, data):
        raise AssertionError(f"a comment: {data[:40]}")


def read(text):
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.here is reader.root, f"<{reader.here.name}> is left open"
    return reader.root
