"""The verb participation, and what the bundled models show."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from participation_brute_force import Written

from eqsolve.io.participation_file import load_participation
from eqsolve.participation.curve import participation_curve
from eqsolve.participation.equilibria import ALIKE, IN_TURN
from eqsolve.participation.groves import LinkedGroves
from eqsolve.participation.listing import all_equilibria
from eqsolve.participation.tariff import best_tariff, tariff
from eqsolve.participation.veto import VetoGame


def document(run, *args):
    code, out, err = run("participation", *args, "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


def test_json_of_the_groves_mechanism(run):
    found = document(run, "participation-fails", "-k", "1,10")
    assert found["mechanism"] == "groves"
    assert [p["copies"] for p in found["points"]] == [1, 10]
    first = found["points"][0]
    assert (first["surplus"], first["holds"]) == ("1", {"1": "1/4", "2": "1/4"})
    assert first["all_hold"] == "1/16"
    assert first["regularity"]["gain"] == "1"


def test_json_of_the_veto_game_and_the_listing(run):
    found = document(run, "veto-unravels", "-k", "2", "--fee", "none", "--all")
    (point,) = found["points"]
    (entry,) = point["equilibria"]
    assert (entry["how"], entry["participation"]["1"], entry["no_veto"]) == ("together", "17/18", "289/324")
    assert entry["rebate"] is None
    assert point["all_hold"] == point["nobody_vetoes_first_replies"] == "289/324"
    listing = point["listing"]
    assert (listing["complete"], listing["mixed"], len(listing["equilibria"])) == (True, True, 5)
    assert listing["equilibria"][0]["takes_part"] == {"1": {"m": "0"}, "2": {"m": "0"}}


def test_json_of_the_tariff(run):
    found = document(run, "two-part-tariff", "-k", "10")
    t = found["points"][0]["tariff"]
    assert Fraction(t["lump_sum"]) * Fraction(t["buys"]) == Fraction(t["profit"])
    assert Fraction(t["profit"]) / Fraction(found["points"][0]["gain"]) == Fraction(t["share"])


def test_pages_and_plots(run, tmp_path):
    for k, args in enumerate(
        (
            ("bargaining-issues", "-k", "1:40"),
            ("public-goods", "--mechanism", "veto", "-k", "1:6"),
            ("veto-unravels", "-k", "2", "--all"),
            ("two-part-tariff", "-k", "1:5"),
        )
    ):
        plot = tmp_path / f"{k}.svg"
        code, out, _ = run("participation", *args, "-o", str(plot))
        assert code == 0
        assert "exact arithmetic" in out
        assert plot.stat().st_size > 1000


def test_mistakes_and_limits(run):
    for args, words in (
        (("nothing",), "bundled model"),
        (("object",), "eqsolve solve"),
        (("bargaining-issues", "-k", "0"), "at least 1"),
        (("bargaining-issues", "--fee", "much"), "expected a number"),
        (("bargaining-issues", "--mechanism", "groves", "--all"), "expected veto"),
        (("bargaining-issues", "--mechanism", "tariff"), "one consumer"),
        (("bargaining-issues", "--all", "-k", "12"), "fewer issues"),
        (("participation-fails", "--set", "alpha"), "NAME=NUMBER"),
        (("participation-fails", "--set", "alpha=1/2/3"), "parameters.alpha"),
    ):
        code, out, err = run("participation", *args)
        assert (code, out) == (2, ""), args
        assert words in err
        assert len(err.splitlines()) == 1
    code, out, _ = run("participation", "bargaining-issues", "-k", "2,3,12", "--all", "--json")
    found = json.loads(out)
    assert (code, [p["copies"] for p in found["points"]]) == (3, [2, 3])
    assert "fewer issues" in found["stopped"]
    code, out, _ = run("participation", "bargaining-issues", "-k", "1:5000", "--max-seconds", "1", "--json")
    assert code == 3
    found = json.loads(out)
    assert found["stopped"]
    assert len(found["points"]) < 5000


def test_section_5_2_participation_keeps_failing():
    model = load_participation("participation-fails")
    for k in (1, 2, 7, 20, 50):
        economy = model.sequence.economy(k)
        groves = LinkedGroves(economy)
        low = Fraction(1)
        for issue in economy.issues:
            low *= issue.priors[0][0]
        assert low == Fraction(k + 2, 2 * (k + 1))
        assert groves.gain(0, [0] * k) == -Fraction(k, 4)
        assert 1 - groves.holds[0] >= low > Fraction(1, 2)


def test_section_6_4_participation_does_not_unravel():
    """Without the fee the all-l types take part; at K = 7 there is one in turn and one for like agents."""
    model = load_participation("veto-unravels")
    points = participation_curve(model.sequence, range(2, 8), "veto", fee=Fraction(0)).points
    assert [p.veto.circles for p in points] == [0, 0, 0, 0, 0, 2]
    for p in points:
        for e in p.veto.equilibria:
            assert min(e.game.gain(i, e.shares, [0] * p.economy.size) for i in (0, 1)) > 0
            assert e.outcome.no_veto > Fraction(84, 100)
    assert [e.how for e in points[-1].veto.equilibria] == [IN_TURN, ALIKE]
    alone = all_equilibria(VetoGame(model.sequence.economy(3)))
    assert alone.complete
    assert [e.outcome.no_veto for e in alone.equilibria] == [points[1].veto.equilibria[0].outcome.no_veto]
    vetoes = {v: stay for v, stay in zip(alone.vectors[0], alone.stays[0][0], strict=True) if stay != 1}
    assert vetoes == {(0, 1): 0, (1, 0): 0, (1, 1): 0}


@pytest.mark.parametrize("fee", [Fraction(0), Fraction(3, 4)])
def test_section_6_4_against_the_game_written_out(fee):
    """Issues 2 and 3, payments and reports of all type vectors: no regret in what is listed, lies included."""
    model = load_participation("veto-unravels")
    written = Written([model.problem(2), model.problem(3)])
    economy = model.sequence.economy(3)
    assert (written.ES, LinkedGroves(economy).holds[0]) == (7, Fraction(529, 576))
    listing = all_equilibria(VetoGame(economy, fee))
    assert len(listing.equilibria) == (3 if fee else 1)
    for e, stays in zip(listing.equilibria, listing.stays, strict=True):
        strategies = [dict(zip(v, row, strict=True)) for v, row in zip(listing.vectors, stays, strict=True)]
        assert written.regret(strategies, fee) == 0
        assert (e.outcome.no_veto, e.outcome.budget) == (written.no_veto(strategies), written.budget(strategies, fee))
    nobody = written.everybody()
    strategies = [{v: Fraction(v not in {(0, 1), (1, 0)}) for v in written.vectors[0]}, nobody[1]]
    low = (0, 0)  # vetoes of Θ_V raise what the all-l type gets, against (52)
    assert written.interim(1, low, low, strategies) > written.interim(1, low, low, nobody) > 0


def test_with_the_fee_the_lowest_types_of_one_agent_veto():
    model = load_participation("veto-unravels")
    (point,) = participation_curve(model.sequence, [3], "veto").points
    assert point.fee == Fraction(3, 4)
    turn, mixed = point.veto.equilibria
    gains = [turn.game.gain(i, turn.shares, [0, 0]) for i in (0, 1)]
    assert gains[0] < 0 < gains[1]
    assert mixed.game.gain(0, mixed.shares, [0, 0]) == 0


def test_two_part_tariffs_by_hand():
    economy = load_participation("two-part-tariff").sequence.economy(1)
    # surplus 0, 1, 3 with probabilities 1/4, 1/2, 1/4: 1 sells to 3/4, 3 to 1/4; the smallest of the best is taken
    best = best_tariff(economy)
    assert (best.lump_sum, best.buys, best.profit, best.surplus) == (1, Fraction(3, 4), Fraction(3, 4), Fraction(5, 4))
    assert best.taken == Fraction(5, 4)
    assert tariff(economy, Fraction(3)).profit == Fraction(3, 4)
    shares = [best_tariff(load_participation("two-part-tariff").sequence.economy(k)).share for k in (10, 50, 200)]
    assert shares[0] < shares[1] < shares[2]


def test_frames():
    pytest.importorskip("pandas")
    model = load_participation("bargaining-issues")
    frame = participation_curve(model.sequence, [1, 2], "veto").to_frame()
    assert list(frame["copies"]) == [1, 2]
    assert frame["budget"][0] < 0 < frame["budget"][1]
