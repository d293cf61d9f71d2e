"""The report in a browser: it renders, its controls work, the keyboard reaches them, on dark screens and on paper."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import eqsolve as eq

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium is installed"),
]
HOSTILE = Path(__file__).parent.parent / "show" / "report" / "hostile.toml"
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    eq.report([HOSTILE, "object"], [2, 4], max_seconds=60).write(path)
    return path.as_uri()


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as p:
        found = p.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield found
        found.close()


@pytest.fixture
def visit(browser, address):
    """Open the report; whatever the browser complains of, or tries to load, fails the test."""
    complaints, contexts = [], []

    def go(**options):
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        page.on("request", lambda r: None if r.url.startswith(("file:", "blob:")) else complaints.append(r.url))
        page.goto(address)
        return page

    yield go
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.mark.parametrize("width", [390, 1280])
def test_it_renders_without_scrolling_sideways(visit, width):
    page = visit(viewport={"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.locator("svg.chart").first.bounding_box()["width"] > 250
    overlapping = page.evaluate(
        """() => [...document.querySelectorAll("main > article > section > h3")].some(
            (h) => h.getBoundingClientRect().right > innerWidth)"""
    )
    assert not overlapping


def test_names_are_text(visit):
    page = visit()
    assert "<script>alert(1)</script>" in page.locator("#m0 > h2").inner_text()
    assert page.locator("main img, main script").count() == 0
    assert page.evaluate("document.scripts.length") == 2


def test_the_policy_stops_what_is_put_into_the_page(visit, browser, address):
    """A script or a style that somebody else brought into the page would not run."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(address)
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.bad = 1\">')")
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: 'window.bad = 1'}))")
    page.wait_for_timeout(100)
    assert page.evaluate("window.bad") is None
    context.close()


def test_k_can_be_chosen_by_keyboard(visit):
    page = visit()
    blocks = page.locator("#m0 section.at[data-k='4']")
    assert blocks.first.is_visible()
    chooser = page.locator("#m0 .chooser")
    chooser.locator("input").first.focus()
    page.keyboard.press("ArrowRight")
    assert chooser.locator("input:checked").get_attribute("value") == "2"
    assert not blocks.first.is_visible()
    assert page.locator("#m0 section.at[data-k='2']").first.is_visible()
    assert page.locator("#m1 section.at[data-k='4']").first.is_visible()  # models are chosen for one by one
    assert page.locator("#m0 tr.chosen").count() > 0
    page.keyboard.press("ArrowLeft")
    assert blocks.first.is_visible()


def test_tables_are_sorted_and_back(visit):
    page = visit()
    table = page.locator("#m0 table.sortable", has_text="Extreme equilibria by class, K = 2")

    def cells():
        shown = table.locator("tbody tr td:nth-child(3)")
        return [float(x) for x in shown.evaluate_all("cells => cells.map(c => c.dataset.v)")]

    before = cells()
    head = table.locator("thead th").nth(2)
    head.locator("button").press("Enter")
    assert cells() == sorted(before)
    assert head.get_attribute("aria-sort") == "ascending"
    head.locator("button").press("Space")
    assert cells() == sorted(before, reverse=True)
    head.locator("button").click()
    assert cells() == before
    assert head.get_attribute("aria-sort") is None


def test_classes_can_be_picked(visit):
    page = visit()
    select = page.locator("#m0 .picker select").first
    rows = page.locator("#m0 section.at").first.locator("tr[data-kind]")
    select.select_option("collusive")
    shown = [row.get_attribute("data-kind") for row in rows.all() if row.is_visible()]
    assert shown
    assert set(shown) == {"collusive"}
    select.select_option("all")
    assert all(row.is_visible() for row in rows.all())


def test_charts_tell_their_figures_to_pointer_and_keyboard(visit):
    page = visit()
    tip, chart = page.locator("#tip"), page.locator("#m1 svg.chart").first
    assert not tip.is_visible()
    chart.scroll_into_view_if_needed()
    chart.locator(".column .reach").first.hover()
    assert "K = 2" in tip.inner_text()
    assert "53/16" in tip.inner_text()
    page.mouse.move(0, 0)
    chart.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert "K = 4" in tip.inner_text()
    page.keyboard.press("Escape")
    assert not tip.is_visible()


def test_tab_reaches_the_controls_in_order(visit):
    page = visit()
    seen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.getAttribute('class') || document.activeElement.tagName"))
    assert seen[0] == "skip"
    assert {"A", "INPUT", "scroll"} <= set(seen)
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"


def test_the_skip_link_leads_to_the_results(visit):
    page = visit()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "results"


def luminance(page, selector, what):
    """Relative luminance of a computed colour, WCAG 2."""
    colour = page.evaluate(f"getComputedStyle(document.querySelector({selector!r})).{what}")
    parts = [int(x) / 255 for x in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_on_light_and_on_dark_screens(visit, scheme):
    page = visit(color_scheme=scheme)
    paper = luminance(page, "body", "backgroundColor")
    assert (paper < 0.1) == (scheme == "dark")
    for selector in ("body", "nav a", ".soft", ".badge.collusive", ".badge.valid", ".badge.none"):
        ink = luminance(page, selector, "color")
        low, high = sorted((ink, paper))
        assert (high + 0.05) / (low + 0.05) > 4.5, selector
    for selector in ("svg text.tick", "svg .line.main"):
        ink = luminance(page, selector, "fill" if "text" in selector else "stroke")
        low, high = sorted((ink, paper))
        assert (high + 0.05) / (low + 0.05) > 3, selector


def test_on_paper_everything_is_there(visit):
    page = visit()
    page.locator("#m0 .chooser label").nth(1).click()
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    assert not page.locator(".chooser").first.is_visible()
    assert page.locator("#m0 section.at[data-k='4']").first.is_visible()  # put away on the screen only
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("main details[open]").count() == 0
    assert page.pdf().startswith(b"%PDF")


def test_without_scripts_everything_is_there(visit):
    page = visit(java_script_enabled=False)
    blocks = page.locator("section.at")
    assert blocks.count() > 10
    assert all(block.is_visible() for block in blocks.all())
    assert page.locator("button").count() == 0
    assert not page.locator("#tip").is_visible()


def test_the_figures_can_be_saved(visit, tmp_path):
    page = visit(accept_downloads=True)
    with page.expect_download() as waiting:
        page.locator("button.save").click()
    waiting.value.save_as(tmp_path / "report.json")
    assert json.loads((tmp_path / "report.json").read_text())["models"][1]["copies"] == [2, 4]


def test_a_screen_reader_finds_landmarks_and_names(visit):
    page = visit()
    for role in ("banner", "navigation", "main", "contentinfo"):
        assert page.get_by_role(role).count() == 1, role
    assert page.get_by_role("heading", level=1).count() == 1
    drawings = page.get_by_role("img").all()
    assert drawings
    unnamed = page.evaluate(
        """() => [...document.querySelectorAll("button, input, select, [role=region], [role=img], summary")].filter(
            (e) => !(e.textContent.trim() || e.getAttribute("aria-labelledby") || e.labels?.length)).length"""
    )
    assert unnamed == 0
