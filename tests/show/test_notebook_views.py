"""Results in Jupyter: tables and lines, in which names are text and nothing else."""

from __future__ import annotations

from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path

import pytest
from rich.table import Table
from rich.text import Text

import eqsolve as eq
from eqsolve.ledger import Entry, Ledger, Published, Settled, collect
from eqsolve.show.parts_html import facts_html, parts_html

HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(1)>[bold]&amp;'
ALLOWED = {"h4", "p", "table", "caption", "thead", "tbody", "tr", "th", "td"}


class Reader(HTMLParser):
    """Tags that are opened and closed in order, and the text between them."""

    def __init__(self, page):
        super().__init__()
        self.open, self.seen, self.said = [], set(), []
        self.feed(page)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        assert tag in ALLOWED
        assert not attrs
        self.open.append(tag)
        self.seen.add(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.said.append(data)


def hostile_problem():
    agents = (
        eq.Agent(HOSTILE, (eq.Type("low", "1/2", {"a": 1}), eq.Type("high", "1/2", {"a": 3}))),
        eq.Agent("2", (eq.Type("low", "1/2", {HOSTILE: 1}), eq.Type("high", "1/2", {HOSTILE: 3}))),
    )
    return eq.DecisionProblem(("a", HOSTILE), agents, name=HOSTILE)


def hostile_game():
    problem = hostile_problem()
    return eq.LinkedGame(problem, eq.utilitarian(problem, ties="uniform"), 2)


def hostile_ledger():
    claim = Published(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    return Ledger((Entry(claim, Settled(HOSTILE, "erratum", HOSTILE, HOSTILE)),))


def hostile_existence():
    problem = eq.QuasiLinearProblem.with_status_quo(hostile_problem(), "a", (0, 0))
    return eq.existence(problem)


def hostile_sweep():
    statuses = {"done": 3, "error": 1}
    return eq.SweepResult(HOSTILE, Path(HOSTILE), Path("store"), 5, statuses, 0, 1, HOSTILE, 0.5)


def hostile_curve():
    problem = eq.QuasiLinearProblem.with_status_quo(hostile_problem(), "a", (0, 0))
    return eq.participation_curve(eq.IssueSequence.alike(problem, name=HOSTILE, source=HOSTILE), [1, 2])


RESULTS = {
    "solution": lambda: eq.solve(hostile_game()),
    "verdict": lambda: eq.settle(hostile_game(), "truthful"),
    "curve": lambda: eq.curve(eq.Model(hostile_problem(), eq.utilitarian(hostile_problem())), [1, 2]),
    "optimal mechanism": lambda: eq.optimal_mechanism(hostile_problem(), 2),
    "ledger": hostile_ledger,
    "existence": hostile_existence,
    "sweep": hostile_sweep,
    "participation": hostile_curve,
}


@pytest.mark.parametrize("name", RESULTS)
def test_names_are_text(name):
    read = Reader(RESULTS[name]()._repr_html_())
    assert "table" in read.seen
    assert any("<script>alert(1)</script>" in said for said in read.said)


def test_an_equilibrium_tells_what_it_is():
    solution = eq.solve(eq.load("collusion").link(2))
    said = " ".join(Reader(solution[0]._repr_html_()).said)
    assert str(solution[0].payoffs[2]) in said
    assert "payoff of agent 3" in said


def test_statistical_results_are_tables():
    found = eq.examine_statistical(eq.load_statistical("resource"), exact=False, sizes=[5], samples=2)
    read = Reader(found._repr_html_())
    assert {"h4", "p", "caption", "td"} <= read.seen
    assert "A talent marketplace" in read.said


def test_claims_with_their_caveats():
    ledger = collect(ids=["004.ee.dsic", "004.vcg.exante"])
    read = Reader(ledger._repr_html_())
    assert ledger.entries[1].settled.caveat in read.said
    assert "2 claims: 1 hold, 1 errata." in read.said


def test_parts_of_a_page():
    table = Table(title=Text("a <b> title"))
    table.add_column("head & shoulders")
    table.add_row(Text("1 < 2", style="bold"))
    table.add_row("[bold]")
    page = parts_html([Text("first\n  second"), Text(), table])
    assert page == (
        "<h4>first</h4><p>second</p><table><caption>a &lt;b&gt; title</caption>"
        "<thead><tr><th>head &amp; shoulders</th></tr></thead>"
        "<tbody><tr><td>1 &lt; 2</td></tr><tr><td>[bold]</td></tr></tbody></table>"
    )
    assert facts_html("<", {"&": str(Fraction(1, 2))}) == (
        "<h4>&lt;</h4><table><tbody><tr><th>&amp;</th><td>1/2</td></tr></tbody></table>"
    )
