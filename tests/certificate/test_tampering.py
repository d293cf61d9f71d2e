"""Whoever changes a certificate so that it no longer proves what it states is found out."""

from __future__ import annotations

from fractions import Fraction

import pytest
from certificate_evidence import drop, set_
from edited_certificates import HONEST, honest

from eqsolve.certificate import check


@pytest.mark.parametrize("kind", HONEST)
def test_honest_certificates_are_valid(kind):
    verdict = check(honest(kind))
    assert verdict.valid, verdict.reason


# What is done to the certificates: name, kind of certificate, change, a word of the reason


def plan(document):
    return document["evidence"]["strategies"]["2"]


def sure(document):
    """A type vector at which one message is played for sure, and a message that is not played there."""
    for types, lottery in plan(document).items():
        if len(lottery) == 1:
            (message,) = lottery
            return types, message, next(m for found in plan(document).values() for m in found if m != message)
    raise AssertionError("some message is played for sure")


def moved_probability(document):
    types, message, other = sure(document)
    plan(document)[types] = {message: "1/2", other: "1/2"}


def swapped_message(document):
    types, _, other = sure(document)
    plan(document)[types] = {other: "1"}


def overfull(document):
    types, message, _ = sure(document)
    plan(document)[types] = {message: "3/2"}


def negative(document):
    types, message, other = sure(document)
    plan(document)[types] = {message: "2", other: "-1"}


def zero(document):
    types, message, other = sure(document)
    plan(document)[types] = {message: "1", other: "0"}


def off_budget(document):
    types, message, _ = sure(document)
    kind = message.split(", ")[0]
    plan(document)[types] = {f"{kind}, {kind}": "1"}


def left_out_vector(document):
    del plan(document)[sure(document)[0]]


def impossible_vector(document):
    agent, outcomes = document["game"]["agents"][1], document["game"]["outcomes"]
    agent["types"].append({"name": "never", "prob": "0", "utility": ["0", "0"]})
    agent["budget"].append({"types": ["never"], "least": 0, "most": 0})
    outcomes += [[[names[0], "never"], lottery] for names, lottery in outcomes if names[1] == "low"]
    assert check(document).valid
    plan(document)["never, never"] = {sure(document)[1]: "1"}


def raised(side, agent):
    def change(document):
        ends = document["statement"][side]
        offset = Fraction(1, 10**9) if side == "floor" else -Fraction(1, 10**9)
        ends[agent] = str(Fraction(ends[agent]) + offset)

    return change


def lowered_dual(document):
    for family in document["evidence"]["ceiling"]["1"]["families"]:
        for dual in family["duals"]:
            dual["columns"] = [str(Fraction(q) - 1) for q in dual["columns"]]


def one_lowered_row(document):
    dual = document["evidence"]["ceiling"]["1"]["families"][0]["duals"][0]
    dual["rows"][0][0] = str(Fraction(dual["rows"][0][0]) - Fraction(1, 1000))


def unbalanced_table(document):
    table = document["evidence"]["floor"]["1"]["tables"][0]["table"]
    table[0], table[1] = table[1], table[0]


def same_equilibrium(document):
    blocks = document["evidence"]["equilibria"]
    blocks[1] = blocks[0]


def renamed_twin(document):
    def move(text):
        return ", ".join(reversed(text.split(", ")))

    block = document["evidence"]["equilibria"][1]
    document["evidence"]["equilibria"][0] = {
        "payoffs": block["payoffs"],
        "strategies": {
            agent: {move(t): {move(m): p for m, p in lottery.items()} for t, lottery in strategy.items()}
            for agent, strategy in block["strategies"].items()
        },
    }


def shifted_payoff(document):
    payoffs = document["evidence"]["equilibria"][0]["payoffs"]
    payoffs["1"] = str(Fraction(payoffs["1"]) + 1)


def truth_instead(document):
    lie_ = document["evidence"]["lie"]
    strategy = document["evidence"]["equilibrium"]["strategies"][lie_["agent"]]
    for types, lottery in strategy.items():
        if types in lottery:
            lie_["types"] = lie_["message"] = types
            return
    raise AssertionError("somebody tells the truth somewhere")


def untold(document):
    told = document["evidence"]["lie"]
    strategy = document["evidence"]["equilibrium"]["strategies"][told["agent"]]
    told["message"] = next(m for lottery in strategy.values() for m in lottery if m not in strategy[told["types"]])


def exchanged_blocks(document):
    evidence = document["evidence"]
    evidence["equilibrium"], evidence["label_free"] = evidence["label_free"], evidence["equilibrium"]


def swapped_step(document):
    step = document["evidence"]["reduction"][0]
    step["message"], step["by"] = next(iter(step["by"])), {step["message"]: "1"}


LIFTED = [{"types": ["low", "high"], "least": 2, "most": 2}]
CELL = ("evidence", "ceiling", "1", "families", 0, "joint", 0, 1)
TABLE = ("evidence", "label_free", "1", "tables", 1, "table")
TAMPERING = [
    ("payoff raised", "equilibrium", set_("statement", "payoffs", "2", "17"), "not the stated"),
    ("agent without payoff", "equilibrium", drop("statement", "payoffs", "2"), "every agent"),
    ("probability moved to another message", "equilibrium", moved_probability, "no equilibrium"),
    ("a message exchanged", "equilibrium", swapped_message, "no equilibrium"),
    ("probabilities above 1", "equilibrium", overfull, "sum to 1"),
    ("a negative probability", "equilibrium", negative, "not positive"),
    ("a probability of nothing", "equilibrium", zero, "not positive"),
    ("a message off its budget", "equilibrium", off_budget, "budget"),
    ("a type vector left out", "equilibrium", left_out_vector, "type vectors"),
    ("an impossible type vector", "equilibrium", impossible_vector, "cannot occur"),
    ("an agent's strategy left out", "equilibrium", drop("evidence", "strategies", "2"), "every agent"),
    ("utility changed", "equilibrium", set_("game", "agents", 1, "types", 0, "utility", 1, "2"), ""),
    ("prior changed", "equilibrium", set_("game", "agents", 1, "types", 0, "prob", "2/3"), "sum to"),
    ("lottery changed", "equilibrium", set_("game", "outcomes", 0, 1, ["1/3", "2/3"]), "not the stated"),
    ("lottery that is none", "equilibrium", set_("game", "outcomes", 0, 1, ["1", "1"]), "lottery"),
    ("outcome left out", "equilibrium", drop("game", "outcomes", 0), "cover"),
    ("budget lifted", "equilibrium", set_("game", "agents", 1, "budget", LIFTED), "no equilibrium"),
    ("budget that nobody can meet", "equilibrium", set_("game", "agents", 1, "budget", 0, "least", 2), "allows"),
    ("copies changed", "equilibrium", set_("game", "copies", 3), ""),
    ("agent renamed", "equilibrium", set_("game", "agents", 1, "name", "1"), "twice"),
    ("floor raised by a billionth", "bounds", raised("floor", "2"), "floor"),
    ("a bystander's floor raised", "bounds", raised("floor", "1"), "floor"),
    ("ceiling lowered by a billionth", "bounds", raised("ceiling", "3"), "ceiling"),
    ("a bound without evidence", "bounds", drop("evidence", "floor", "2"), "evidence"),
    ("evidence without a bound", "bounds", set_("statement", "floor", "2", None), "evidence"),
    ("evidence of another agent", "bounds", set_("evidence", "floor", "2", {"kind": "bystander"}), "bystander"),
    ("evidence of an unknown kind", "bounds", set_("evidence", "floor", "2", {"kind": "oracle"}), "unknown kind"),
    ("a ceiling's evidence", "bounds", set_("evidence", "floor", "2", {"kind": "informed"}), "unknown kind"),
    ("duals lowered", "payoffs-unique", lowered_dual, "less than"),
    ("a row of a dual lowered", "payoffs-unique", one_lowered_row, "less than"),
    ("duals left out", "payoffs-unique", set_("evidence", "ceiling", "1", "families", 0, "duals", []), "none"),
    ("a joint histogram left out", "payoffs-unique", drop("evidence", "ceiling", "1", "families", 0), "left out"),
    ("a joint histogram changed", "payoffs-unique", set_(*CELL, 2), "admit"),
    ("a histogram left out", "payoffs-unique", drop("evidence", "floor", "2", "tables", 1), "histograms"),
    ("a table's rows exchanged", "payoffs-unique", unbalanced_table, "rows"),
    ("verdict flipped", "payoffs-unique", set_("statement", "verdict", "refuted"), ""),
    ("verdict invented", "payoffs-unique", set_("statement", "verdict", "certain"), ""),
    ("statement exchanged", "payoffs-unique", set_("statement", "says", "outcome-unique"), ""),
    ("verdict flipped to proved", "different payoffs", set_("statement", "verdict", "proved"), ""),
    ("the same equilibrium twice", "different payoffs", same_equilibrium, "same"),
    ("the same equilibrium, renamed", "different outcomes", renamed_twin, "renaming"),
    ("a payoff of one of them changed", "different payoffs", shifted_payoff, "not the stated"),
    ("only one equilibrium", "different payoffs", drop("evidence", "equilibria", 0), "two"),
    ("coalition changed", "collusion", set_("evidence", "coalition", ["1", "2"]), "coordinate"),
    ("coalition of one", "collusion", set_("evidence", "coalition", ["2"]), "coordinate"),
    ("coalition of all", "collusion", set_("evidence", "coalition", ["1", "2", "3"]), "coordinate"),
    ("compared the wrong way round", "collusion", exchanged_blocks, ""),
    ("the truth called a lie", "lie", truth_instead, "is one of fewest lies"),
    ("another sense of truth", "lie", set_("statement", "sense", "permutation-free"), "permutation-free"),
    ("a lie that nobody tells", "lie", untold, "not played"),
    ("a step of the reduction left out", "truthful", drop("evidence", "reduction", 0), "is left"),
    ("a step turned round", "truthful", swapped_step, "not strictly dominated"),
    ("printed figure changed", "figure", set_("statement", "printed", "1", "3.32"), "digits printed"),
    ("figure of something else", "figure", set_("statement", "of", "ceiling"), ""),
    ("tables that reach less", "figure", set_(*TABLE, [[0, 1], [1, 0]]), "reach"),
    ("an extra key", "equilibrium", set_("evidence", "remark", "trust me"), "remark"),
    ("an extra key in the game", "equilibrium", set_("game", "agents", 0, "types", 0, "note", 1), "note"),
    ("version changed", "equilibrium", set_("version", 2), "version"),
    ("version that is true", "equilibrium", set_("version", True), "version"),
    ("format changed", "equilibrium", set_("format", "eqsolve-receipt"), "expected eqsolve-certificate"),
    ("a float", "equilibrium", set_("statement", "payoffs", "2", 1.75), "float"),
    ("a decimal", "equilibrium", set_("statement", "payoffs", "2", "1.75"), "exact number"),
    ("division by zero", "equilibrium", set_("statement", "payoffs", "2", "1/0"), "exact number"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "change", "word"), [t[1:] for t in TAMPERING], ids=[t[0] for t in TAMPERING])
def test_tampering_is_found_out(kind, change, word):
    document = honest(kind)
    change(document)
    assert repr(document) != repr(honest(kind))
    verdict = check(document)
    assert not verdict.valid
    assert verdict.statement == ""
    assert word in verdict.reason
    assert "malformed" not in verdict.reason
