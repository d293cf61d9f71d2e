"""Verdicts when the work is stopped: nothing more is begun, and what is known is kept."""

from __future__ import annotations

import time

import pytest

import eqsolve as eq
from eqsolve.claims import knowledge, settle, settle_model
from eqsolve.claims.knowledge import Knowledge
from eqsolve.model import Claim


def solved_but_interrupted(game, **options):
    """What `solve` returns after Ctrl-C."""
    return eq.solve(game, form="label-free").__class__(**{**vars(eq.solve(game)), "stopped": "interrupted"})


def test_interrupted_solving_ends_the_claim_and_those_after_it(monkeypatch):
    monkeypatch.setattr(knowledge, "solve", solved_but_interrupted)
    claims = [Claim("no-collusion"), Claim("truthful"), Claim("payoffs-unique")]
    verdicts = list(settle_model(eq.load("collusion"), claims))
    assert [v.verdict for v in verdicts] == ["open"]
    assert verdicts[0].stopped == "interrupted"


@pytest.mark.parametrize("says", ["payoffs-unique", "outcome-unique", "equilibrium-unique", "truthful", "no-collusion"])
def test_nothing_is_begun_after_the_deadline(says):
    known = Knowledge(eq.load("committee").link(4), deadline=time.monotonic())
    verdict = settle(known, says)
    assert (verdict.verdict, verdict.stopped) == ("open", "time limit")
