"""Text, HTML and frames: figures are there, names are escaped."""

from __future__ import annotations

from fractions import Fraction

import pytest

from eqsolve.io.transfers_file import load_transfers
from eqsolve.problem import Agent, DecisionProblem, Type
from eqsolve.transfers.analysis import examine_transfers
from eqsolve.transfers.balance import expected_externality
from eqsolve.transfers.checks import Checks
from eqsolve.transfers.existence import existence
from eqsolve.transfers.families import public_good_model, trade_model
from eqsolve.transfers.groves import vcg
from eqsolve.transfers.problem import QuasiLinearProblem


def test_analysis_as_text_html_and_frame():
    found = examine_transfers(load_transfers("trade"), [2, 3, 4])
    assert "Limits, as the grid is refined" in str(found)
    html = found._repr_html_()
    assert "IR-VCG, balanced" in html
    assert html.count("<table>") == 4
    frame = found.to_frame()
    assert len(frame) == 18
    row = frame[(frame["points"] == 3) & (frame["mechanism"] == "ir-vcg")].iloc[0]
    assert row["expected surplus"] == Fraction(-4, 27)


def test_mechanisms_checks_and_answers():
    problem = trade_model(2).problem()
    mechanism = expected_externality(problem)
    frame = mechanism.to_frame()
    assert len(frame) == 4
    assert list(frame["payment of buyer"]) == [row[0] for row in mechanism.transfers]
    assert "buyer pays" in str(mechanism)
    assert "<th>buyer pays</th>" in mechanism._repr_html_()
    told = str(Checks(mechanism))
    assert "dominant strategies: no: " in told
    assert "Bayesian incentives: yes" in told
    assert str(existence(problem)).startswith("There is a mechanism")
    assert "contradict" in str(existence(problem, ties="last"))
    assert "and 1 more profiles" in str(vcg(trade_model(5).problem()))


def test_names_are_escaped_and_many_agents_fit():
    agent = Agent("<b>", (Type("<i>", 1, {"<u>": 1}),))
    mechanism = vcg(QuasiLinearProblem(DecisionProblem(("<u>",), (agent,))))
    assert "<b>" not in mechanism._repr_html_()
    page = str(examine_transfers(public_good_model(6, Fraction(2), 2), exists=False))
    assert "all together pays" in page


@pytest.mark.parametrize("name", ["trade", "partnership", "bridge"])
def test_pages_of_the_bundled_models(name):
    page = str(examine_transfers(load_transfers(name)))
    assert "VCG (pivot)" in page
    assert max(map(len, page.splitlines())) <= 120
