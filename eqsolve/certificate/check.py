"""The checker: whether a certificate proves what it states.

`check` takes a certificate as JSON data and answers with a `Verdict`. It shares no code with the solvers and needs
nothing but the standard library. What each kind of evidence proves, and why, is written in ``docs/certificates.md``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from eqsolve.certificate.bounds import CEILING, FLOOR, check_bound, check_label_free
from eqsolve.certificate.collusion import check_collusive
from eqsolve.certificate.equilibrium import check_equilibrium, read_equilibrium, read_payoffs, read_plans
from eqsolve.certificate.game import Game, Vector, read_game
from eqsolve.certificate.interdependent import prove_interdependent
from eqsolve.certificate.interdependent_values import INTERDEPENDENT
from eqsolve.certificate.mechanism import check_optimal
from eqsolve.certificate.plain_game import KIND as NORMAL_FORM
from eqsolve.certificate.plain_game import prove_plain
from eqsolve.certificate.quasi_linear import KIND as QUASI_LINEAR
from eqsolve.certificate.reading import Invalid, entries, fields, figure, members, rational, shown, survey, whole
from eqsolve.certificate.reduction import representatives, surviving
from eqsolve.certificate.transfers import prove_transfers
from eqsolve.certificate.truth import SENSES, lies_told
from eqsolve.certificate.uniqueness import check_differ, check_unique

FORMAT = "eqsolve-certificate"
VERSION = 1
PROVED, REFUTED = "proved", "refuted"


@dataclass(frozen=True)
class Verdict:
    """Whether a certificate is valid.

    Parameters
    ----------
    valid : bool
    statement : str
        What is proved, in words; empty if nothing is.
    reason : str
        Why it is not valid; of a valid one, what was checked.
    """

    valid: bool
    statement: str
    reason: str


def check(document: Any) -> Verdict:
    """Check a certificate.

    Parameters
    ----------
    document : anything that JSON can hold

    Returns
    -------
    Verdict
        Never raises: what cannot be checked is not valid, and the reason says why. A list of certificates is valid if
        every one of them is.
    """
    try:
        survey(document)
        if not isinstance(document, list):
            return Verdict(True, *_proof(document))
        if not document:
            raise Invalid("found an empty list, expected certificates")
        proofs = []
        for number, certificate in enumerate(document, start=1):
            try:
                proofs.append(_proof(certificate))
            except Invalid as error:
                raise Invalid(f"certificate {number} of {len(document)}: {error}") from None
        return Verdict(True, "\n".join(words for words, _ in proofs), " ".join(dict.fromkeys(why for _, why in proofs)))
    except Invalid as error:
        return Verdict(False, "", str(error))
    except RecursionError:
        return Verdict(False, "", "nested too deep to be checked")
    except Exception as error:  # whatever else a stranger's document brings about, it proves nothing
        return Verdict(False, "", f"malformed: {type(error).__name__}: {shown(str(error))}")


Proof = tuple[str, str]
"""What is proved and what was checked, in words."""


def _proof(document: Any) -> Proof:
    form, version, program, block, statement, evidence = fields(
        document, "format", "version", "program", "game", "statement", "evidence"
    )
    if form != FORMAT or whole(version, "version") != VERSION or not isinstance(program, str):
        raise Invalid(f"found {shown(form)}, version {shown(version)}, expected {FORMAT}, version {VERSION}")
    kind = block.get("kind") if isinstance(block, dict) else None
    if isinstance(kind, str) and kind in OTHER_GAMES:
        return OTHER_GAMES[kind](block, statement, evidence)
    game = read_game(block)
    says = members(statement, "statement").get("says")
    if not isinstance(says, str) or says not in STATEMENTS:
        raise Invalid(f"found the statement {shown(says)}, expected one of {', '.join(STATEMENTS)}")
    words, reason = STATEMENTS[says](game, statement, evidence)
    return f"In {_of(game)}: {words}", reason


def _equilibrium(game: Game, statement: Any, evidence: Any) -> Proof:
    _, stated = fields(statement, "says", "payoffs")
    payoffs = read_payoffs(game, stated)
    (strategies,) = fields(evidence, "strategies")
    check_equilibrium(read_plans(game, strategies), payoffs)
    return f"some Bayesian Nash equilibrium pays {_pays(game, payoffs)}.", "Nobody gains by any other message."


def _bounds(game: Game, statement: Any, evidence: Any) -> Proof:
    _, *stated = fields(statement, "says", FLOOR, CEILING)
    proofs = fields(evidence, FLOOR, CEILING)
    words = []
    for side, values, proof in zip((FLOOR, CEILING), stated, proofs, strict=True):
        ends = [None if value is None else rational(value) for value in game.by_agent(values, side)]
        _check_ends(game, side, ends, proof)
        told = _pays(game, ends)
        words += [f"at {'least' if side == FLOOR else 'most'} {told}"] if told else []
    if not words:
        raise Invalid("the statement gives no bound")
    return f"every Bayesian Nash equilibrium pays {' and '.join(words)}.", "Every bound follows from its evidence."


def _check_ends(game: Game, side: str, ends: Sequence[Fraction | None], block: Any) -> None:
    """That the evidence shows every end that is given, and speaks of no other."""
    proofs = members(block, side)
    given = {agent.name: (i, end) for i, (agent, end) in enumerate(zip(game.agents, ends, strict=True))}
    wanted = {name for name, (_, end) in given.items() if end is not None}
    if set(proofs) != wanted:
        raise Invalid(
            f"{side}: found evidence for {shown(', '.join(proofs))}, expected {shown(', '.join(sorted(wanted)))}"
        )
    for name, proof in proofs.items():
        i, end = given[name]
        if end is not None:
            check_bound(game, i, side, end, proof)


def _all_equal(game: Game, stated: Any, evidence: Any) -> list[Fraction]:
    """The payoffs of all equilibria: floors and ceilings meet."""
    payoffs = read_payoffs(game, stated)
    for side, proof in zip((FLOOR, CEILING), fields(evidence, FLOOR, CEILING), strict=True):
        _check_ends(game, side, payoffs, proof)
    return payoffs


def _payoffs_unique(game: Game, statement: Any, evidence: Any) -> Proof:
    if statement.get("verdict") == PROVED:
        _, _, stated = fields(statement, "says", "verdict", "payoffs")
        payoffs = _all_equal(game, stated, evidence)
        return f"all Bayesian Nash equilibria pay {_pays(game, payoffs)}.", "Floors and ceilings meet."
    _refuted(statement)
    (_, first), (_, second) = _two_equilibria(game, evidence)
    if first == second:
        raise Invalid("both equilibria pay the same")
    return (
        f"payoffs are not unique: one Bayesian Nash equilibrium pays {_pays(game, first)}, another one "
        f"{_pays(game, second)}.",
        "Both are equilibria.",
    )


def _truthful(game: Game, statement: Any, evidence: Any) -> Proof:
    if statement.get("verdict") == PROVED:
        _, sense, _ = fields(statement, "says", "sense", "verdict")
        (reduction,) = fields(evidence, "reduction")
        for i, left in enumerate(surviving(game, reduction)):
            for t in representatives(left):
                for m in lies_told(game.agents[i], sense, t, left[t]):
                    raise Invalid(f"{_at(game, i, t, m)} is left, and is not {_SENSE[sense]}")
        return (
            f"in every Bayesian Nash equilibrium every message is {_SENSE[sense]}.",
            "Every other message is interim strictly dominated, step by step.",
        )
    sense, _ = _refuted(statement, "sense")
    block, lie = fields(evidence, "equilibrium", "lie")
    profile, payoffs = read_equilibrium(game, block)
    name, types, message = fields(lie, "agent", "types", "message")
    i = game.index(name)
    t, m = game.vector(i, types), game.vector(i, message)
    if m not in profile.plans[i].get(t, {}):
        raise Invalid(f"{_at(game, i, t, m)} is not played")
    if not lies_told(game.agents[i], sense, t, [m]):
        raise Invalid(f"{_at(game, i, t, m)} is {_SENSE[sense]}")
    return (
        f"not every Bayesian Nash equilibrium is truthful: in one that pays {_pays(game, payoffs)}, "
        f"{_at(game, i, t, m)} is played, which is not {_SENSE[sense]}.",
        "It is an equilibrium, and the lie is played.",
    )


def _no_collusion(game: Game, statement: Any, evidence: Any) -> Proof:
    if statement.get("verdict") == PROVED:
        _, _, stated = fields(statement, "says", "verdict", "payoffs")
        payoffs = _all_equal(game, stated, evidence)
        return (
            f"no Bayesian Nash equilibrium is collusive: all pay {_pays(game, payoffs)}, so nobody gains or loses.",
            "Floors and ceilings meet.",
        )
    _refuted(statement)
    block, other, names = fields(evidence, "equilibrium", "label_free", "coalition")
    profile, payoffs = read_equilibrium(game, block)
    reference, usual = read_equilibrium(game, other)
    if not reference.is_label_free():
        raise Invalid("the equilibrium to compare with is not label-free")
    coalition = [game.index(name) for name in entries(names, "coalition")]
    gains = [p - q for p, q in zip(payoffs, usual, strict=True)]
    check_collusive(profile, gains, coalition)
    members_ = ", ".join(shown(game.agents[i].name) for i in coalition)
    return (
        f"some Bayesian Nash equilibrium is collusive: the agents {members_} coordinate on the labels of the problems, "
        f"and against a label-free equilibrium, which pays {_pays(game, usual)}, the gains are {_pays(game, gains)}.",
        "Both are equilibria; these agents' announcements hang together, none of them loses, and somebody else does.",
    )


def _unique(game: Game, statement: Any, evidence: Any) -> Proof:
    says = statement["says"]
    kind = "outcomes" if says == "outcome-unique" else "equilibria"
    if statement.get("verdict") == PROVED:
        fields(statement, "says", "verdict")
        (reduction,) = fields(evidence, "reduction")
        check_unique(game, says, reduction)
        same = "leads to the same lotteries on every problem" if kind == "outcomes" else "pays everybody the same"
        return (
            f"all Bayesian Nash equilibria are the same in {'outcomes' if kind == 'outcomes' else 'payoffs everywhere'}"
            f": at every type vector every message that may be played {same}.",
            "Every other message is interim strictly dominated, step by step.",
        )
    _refuted(statement)
    (first, one), (second, two) = _two_equilibria(game, evidence)
    check_differ(first, second, says)
    return (
        f"{kind} are not unique, even up to renaming problems: one Bayesian Nash equilibrium pays {_pays(game, one)}, "
        f"another one {_pays(game, two)}.",
        "Both are equilibria, and no renaming of the problems makes them do the same.",
    )


def _payoff(game: Game, statement: Any, evidence: Any) -> Proof:
    _, of, stated, printed = fields(statement, "says", "of", "payoffs", "printed")
    ends = [None if value is None else rational(value) for value in game.by_agent(stated, "payoffs")]
    if of == "target":
        fields(evidence)
        if ends != _target(game):
            raise Invalid(f"the outcomes pay {_pays(game, _target(game))} under the truth")
        words, reason = "if everybody told the truth, the outcomes would pay", "Added up over all profiles of types."
    elif of == "label-free":
        (proofs,) = fields(evidence, "label_free")
        for i, (end, proof) in enumerate(zip(ends, game.by_agent(proofs, "label_free"), strict=True)):
            if end is None:
                raise Invalid("payoffs: expected a number for every agent")
            check_label_free(game, i, end, proof)
        words, reason = (
            "every label-free equilibrium pays",
            "Lie tables reach these payoffs, multipliers allow no more.",
        )
    elif of in (FLOOR, CEILING):
        (proofs,) = fields(evidence, of)
        _check_ends(game, of, ends, proofs)
        words = f"every Bayesian Nash equilibrium pays at {'least' if of == FLOOR else 'most'}"
        reason = "Every bound follows from its evidence."
    else:
        raise Invalid(f"of: found {shown(of)}, expected target, label-free, floor or ceiling")
    for name, told in members(printed, "printed").items():
        end = ends[game.index(name)]
        if end is None or not is_rounded(end, told):
            raise Invalid(f"agent {shown(name)}: {shown(told)} is not {_pays(game, ends)} to the digits printed")
    rounded = ", ".join(f"agent {shown(name)} {shown(told)}" for name, told in printed.items())
    return f"{words} {_pays(game, ends)}{' (printed: ' * bool(rounded)}{rounded}{')' * bool(rounded)}.", reason


def _optimal(game: Game, statement: Any, evidence: Any) -> Proof:
    wanted, weights, welfare = check_optimal(game, statement, evidence)
    kind = {"bic": "Bayesian incentive compatible ", "dsic": "strategy-proof ", "none": ""}[wanted.incentives]
    quo = shown(game.decisions[wanted.status_quo])
    stage = {
        "none": "",
        "interim": f", in which agents who know their own types do not prefer {quo} on all problems",
        "total": f", in which nobody who knows all types prefers {quo} on all problems",
        "problem": f", in which nobody prefers {quo} on any problem",
    }[wanted.participation]
    paid = " with transfers that balance" if wanted.transfers else ""
    of = "" if set(weights) == {1} else f" with the weights {', '.join(map(figure, weights))}"
    return (
        f"the largest sum{of} of payoffs is {figure(welfare)} per problem, over every {kind}mechanism{paid}{stage}.",
        "A mechanism meets all requirements, whatever the lie; multipliers allow no better one.",
    )


STATEMENTS: dict[str, Callable[[Game, Any, Any], Proof]] = {
    "equilibrium": _equilibrium,
    "bounds": _bounds,
    "payoffs-unique": _payoffs_unique,
    "truthful": _truthful,
    "no-collusion": _no_collusion,
    "outcome-unique": _unique,
    "equilibrium-unique": _unique,
    "payoff": _payoff,
    "optimal-mechanism": _optimal,
}
OTHER_GAMES: dict[str, Callable[[Any, Any, Any], Proof]] = {
    QUASI_LINEAR: prove_transfers,
    INTERDEPENDENT: prove_interdependent,
    NORMAL_FORM: prove_plain,
}
_SENSE = dict(zip(SENSES, ("permutation-free", "one of fewest lies"), strict=True))


def _refuted(statement: Any, *more: str) -> list[Any]:
    """What a refuted statement says beside its verdict."""
    *found, verdict = fields(statement, *more, "says", "verdict")
    if verdict != REFUTED:
        raise Invalid(f"verdict: found {shown(verdict)}, expected proved or refuted")
    return found


def _two_equilibria(game: Game, evidence: Any) -> list[Any]:
    (blocks,) = fields(evidence, "equilibria")
    if len(entries(blocks, "equilibria")) != 2:
        raise Invalid(f"equilibria: found {len(blocks)}, expected two")
    return [read_equilibrium(game, block) for block in blocks]


def _target(game: Game) -> list[Fraction]:
    """Payoffs when the outcomes follow the truth."""
    total = [Fraction(0)] * len(game.agents)
    for profile in game.outcomes:
        chance = Fraction(1)
        for agent, u in zip(game.agents, profile, strict=True):
            chance *= agent.prior[u]
        for i, u in enumerate(profile):
            total[i] += chance * game.values[i][u, profile]
    return total


def is_rounded(value: Fraction, printed: Any) -> bool:
    """Whether a printed decimal is within half a unit of its last digit; a printed fraction must be exact."""
    match = re.fullmatch(r"([+-]?)([0-9]{1,40})(?:\.([0-9]{0,40}))?", printed) if isinstance(printed, str) else None
    if not match:
        return value == rational(printed)
    digits = match[3] or ""
    found = Fraction(int(match[2] + digits), 10 ** len(digits)) * (-1 if match[1] == "-" else 1)
    return abs(value - found) <= Fraction(1, 2 * 10 ** len(digits))


def _of(game: Game) -> str:
    return f"{shown(game.name) if game.name else 'a game'}, {game.copies} linked problem{'s' * (game.copies > 1)}"


def _pays(game: Game, payoffs: Sequence[Fraction | None]) -> str:
    told = [f"{figure(p)} to agent {shown(a.name)}" for a, p in zip(game.agents, payoffs, strict=True) if p is not None]
    return f"{', '.join(told)} per problem" if told else ""


def _at(game: Game, i: int, t: Vector, m: Vector) -> str:
    names = game.agents[i].types
    told, said = (shown(", ".join(names[v] for v in vector)) for vector in (m, t))
    return f"agent {shown(game.agents[i].name)}'s message {told} at {said}"
