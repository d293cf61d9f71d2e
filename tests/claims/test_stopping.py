"""Verdicts when the work is stopped: nothing more is begun, and what is known is kept."""

from __future__ import annotations

import time
from dataclasses import replace
from fractions import Fraction

import pytest

import eqsolve as eq
import eqsolve.processes
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


@pytest.mark.parametrize("option", [{"walk_away": "a"}, {"process": eq.processes.Copy(Fraction(1, 2))}])
def test_what_certificates_cannot_tell_costs_no_verdict(option):
    game = eq.load("collusion").link(2)
    game = replace(game, options=replace(game.options, **option))
    for says in ("payoffs-unique", "outcome-unique", "truthful"):
        plain, certified = (settle(game, says, certify=certify) for certify in (False, True))
        assert plain.verdict == certified.verdict != "open"
        assert certified.certificates == ()
