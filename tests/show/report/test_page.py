"""The page as a document: balanced, labelled, closed to the network, names as text only."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import re
from collections import Counter

from page_reading import read

import eqsolve as eq
from eqsolve.show.report.elements import Html, data_block, joined, tag

HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "<script>alert(3)</script>", "{{7*7}} ]]>"]
LOADERS = {"img", "link", "iframe", "object", "embed", "base", "form", "image", "use", "foreignobject"}
LOADING = {"src", "srcset", "action", "formaction", "data", "poster", "background", "ping", "xlink:href", "style"}


def test_ids_are_unique_and_references_lead_somewhere(document):
    ids = Counter(e.attributes["id"] for e in document.walk() if "id" in e.attributes)
    assert max(ids.values()) == 1
    for e in document.walk():
        for name in ("aria-labelledby", "aria-describedby"):
            assert all(key in ids for key in (e.attributes.get(name) or "").split()), e.attributes
        href = e.attributes.get("href")
        assert href is None or href[1:] in ids


def test_every_drawing_has_a_title_a_description_and_a_table_beside_it(document):
    drawings = [e for e in document.all("svg") if e.attributes.get("aria-hidden") != "true"]
    assert len(drawings) > 10
    for drawing in drawings:
        title, description = drawing.children[:2]
        assert (title.name, description.name) == ("title", "desc")
        assert title.content().strip()
        assert drawing.attributes["role"] == "img"
        assert drawing.attributes["aria-labelledby"] == f"{title.attributes['id']} {description.attributes['id']}"
        section = next(e for e in drawing.ancestors() if e.name == "section")
        assert section.all("table")


def test_nothing_is_loaded_from_anywhere(document, page):
    allowed = re.compile(r"#[\w-]+")
    for e in document.walk():
        assert e.name not in {
            "img",
            "link",
            "iframe",
            "object",
            "embed",
            "base",
            "form",
            "image",
            "use",
            "foreignobject",
        }
        assert not LOADING & set(e.attributes), e.attributes
        assert not [name for name in e.attributes if name.startswith("on")]
        assert "href" not in e.attributes or allowed.fullmatch(e.attributes["href"])
    style = "".join(e.content() for e in document.all("style"))
    assert "url(" not in style
    assert "@import" not in style
    assert 'src="http' not in page


def test_the_policy_allows_the_style_and_the_script_of_the_page_only(document):
    (policy,) = (
        e.attributes["content"]
        for e in document.all("meta")
        if e.attributes.get("http-equiv") == "Content-Security-Policy"
    )
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    (style,) = document.all("style")
    (script,) = (e for e in document.all("script") if "type" not in e.attributes)
    for element, rule in ((style, "style-src"), (script, "script-src")):
        digest = base64.b64encode(hashlib.sha256(element.content().encode()).digest()).decode()
        assert rules[rule] == f"'sha256-{digest}'"


def test_hostile_names_are_text(document, page):
    assert "<script>alert" not in page
    assert "<img" not in page
    text = document.content()
    for name in HOSTILE:
        assert name in text
    assert len(document.all("script")) == 2
    assert "\u202e" not in page
    assert "x\N{REPLACEMENT CHARACTER}reverse" in text


def test_the_figures_are_there_for_programs(document, small):
    (block,) = (e for e in document.all("script") if e.attributes.get("type") == "application/json")
    figures = json.loads(block.content())
    assert figures["models"][0]["name"] == HOSTILE[0]
    assert figures["models"][1]["curve"]["points"][0]["payoffs"] == {"1": "53/16", "2": "53/16"}
    assert [m["sha256"] for m in figures["models"]] == [m.digest for m in small.models]


def test_tables_have_captions_and_headers_with_a_scope(document):
    tables = document.all("table")
    assert len(tables) > 20
    for table in tables:
        assert table.children[0].name == "caption"
        assert table.children[0].content().strip()
        assert all(cell.attributes.get("scope") in {"col", "row"} for cell in table.all("th"))
        widths = {len(row.children) for row in table.all("tr")}
        assert len(widths) == 1
        region = table.parent
        assert region.attributes["role"] == "region"
        assert region.attributes["tabindex"] == "0"


def test_landmarks_and_headings(document):
    for name in ("main", "nav", "header", "footer", "h1", "title"):
        assert len(document.all(name)) >= 1, name
    assert len(document.all("main")) == len(document.all("h1")) == 1
    (html,) = document.all("html")
    assert html.attributes["lang"] == "en"
    levels = [int(e.name[1]) for e in document.walk() if re.fullmatch(r"h[1-6]", e.name)]
    assert all(b <= a + 1 for a, b in itertools.pairwise(levels))  # no level is skipped
    skip = next(e for e in document.walk() if e.attributes.get("class") == "skip")
    assert skip.attributes["href"] == "#results"


def test_everything_is_there_without_scripts(document):
    """Nothing waits for a script: no element is hidden, all K are there."""
    assert not [e for e in document.walk() if "hidden" in e.attributes]
    blocks = [e for e in document.walk() if e.attributes.get("class") == "at"]
    assert {e.attributes["data-k"] for e in blocks} == {"2", "4"}
    assert not document.all("button")


def test_figures_of_the_page_are_those_of_the_results(document, small):
    text = document.content()
    for found in small.models:
        for point in found.curve.value:
            for payoff in point.payoffs:
                assert str(payoff) in text
        assert found.digest in text
        assert found.text in text
    assert "refuted" in text


def test_a_model_made_in_python_has_no_file():
    report = eq.report([eq.load("object")], [2])
    assert report.models[0].digest == ""
    text = read(report.to_html()).content()
    assert "made in Python" in text
    assert str(report).startswith("Report on 1 model")
    frame = read(report._repr_html_()).children[0]
    assert frame.attributes["sandbox"] == "allow-scripts"
    assert read(frame.attributes["srcdoc"]).all("main")


def test_elements_escape_text_and_attributes():
    assert tag("p", "<b>&", title='"x"') == '<p title="&quot;x&quot;">&lt;b&gt;&amp;</p>'
    assert tag("p", tag("b", "x"), None, class_="y", hidden=True, id=None) == '<p class="y" hidden><b>x</b></p>'
    assert tag("br") == "<br>"
    assert joined(["a\x00\u202eb"]) == "a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}b"
    assert tag("rect", x=1.23456, aria_hidden="true") == '<rect x="1.23" aria-hidden="true"></rect>'
    assert isinstance(joined([]), Html)
    assert not isinstance(joined(["a"]) + "b", Html)  # text that is added is no markup
    block = data_block({"</script><!--": "&"})
    assert "</script>" not in block.removesuffix("</script>")
    assert "<!--" not in block
    assert json.loads(read(block).content()) == {"</script><!--": "&"}
