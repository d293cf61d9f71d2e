"""What a case answers: one function per task, from a model to figures and facts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from eqsolve.errors import LimitReached

if TYPE_CHECKING:
    from eqsolve.filter.chances import Chance
    from eqsolve.model import Model
    from eqsolve.solution import Solution

Fact = str | int | bool | None
Figure = Fraction | float | None
Document = Mapping[str, Any]


@dataclass(frozen=True)
class Question:
    """What is asked of a model.

    Parameters
    ----------
    copies : int or None
    options : mapping
    seed : int
    max_seconds : float or None
    certify, document : bool
        Whether certificates and the whole answer are wanted.
    """

    copies: int | None
    options: Mapping[str, Any]
    seed: int
    max_seconds: float | None
    certify: bool
    document: bool


@dataclass
class Answer:
    """What is known of a case.

    Parameters
    ----------
    copies : int or None
        K; None for plain games.
    facts : mapping of column to text, number or truth value
    figures : mapping of column to Fraction, or to float where the figure is an estimate
    stopped : str or None
        Why the work ended early.
    certificates : list of documents
    document : mapping or None
        The whole answer.
    """

    copies: int | None
    facts: dict[str, Fact] = field(default_factory=dict)
    figures: dict[str, Figure] = field(default_factory=dict)
    stopped: str | None = None
    certificates: list[Document] = field(default_factory=list)
    document: Document | None = None

    def note(self, what: str, names: Iterable[str], values: Iterable[Figure] | None) -> None:
        """Figures of all agents, in columns such as ``payoffs.1``."""
        if values is not None:
            self.figures.update({f"{what}.{name}": v for name, v in zip(names, values, strict=True)})


def _names(model: Model) -> list[str]:
    return [agent.name for agent in model.problem.agents]


def label_free(model: Model, question: Question) -> Answer:
    """The label-free equilibrium: payoffs between floor and ceiling of all equilibria."""
    return _solved(model, question, "label-free", "auto")


def solve(model: Model, question: Question) -> Answer:
    """Equilibria: how many, what they pay, whether that is all of them."""
    return _solved(model, question, question.options["form"], question.options["method"])


def _solved(model: Model, question: Question, form: str, method: str) -> Answer:
    from eqsolve.io.result_json import solution_json
    from eqsolve.solving import solve as find

    found = find(
        model.link(question.copies), form=form, method=method, max_seconds=question.max_seconds, seed=question.seed
    )
    answer = Answer(found.game.copies, stopped=found.stopped)
    names = _names(model)
    answer.facts = {
        "form": found.form,
        "method": found.method,
        "scope": found.scope,
        "complete": found.complete,
        "payoffs_unique": found.payoffs_unique,
        "equilibria": len(found),
        "components": len(found.components),
        "collusive": sum(e.coordination.verdict == "collusive" for e in found),
        "truthful": found[0].truthful if len(found) else None,
    }
    answer.note("payoffs", names, found.label_free_payoffs)
    answer.note("floor", names, found.floor)
    answer.note("ceiling", names, found.ceiling)
    answer.note("target", names, found.target)
    if len(found):
        answer.note("least", names, map(min, zip(*(e.payoffs for e in found), strict=True)))
        answer.note("most", names, map(max, zip(*(e.payoffs for e in found), strict=True)))
        answer.figures["welfare"] = found[0].welfare
    if question.certify:
        answer.certificates = _equilibrium(found)
    if question.document:
        answer.document = solution_json(found, "")
    return answer


def _equilibrium(found: Solution) -> list[Document]:
    """That the first equilibrium is one, where its strategies are listed and the format covers the game."""
    from eqsolve.claims.proofs import has_certificates
    from eqsolve.io.certificate_file import equilibrium_found

    if not len(found) or found[0].strategies is None or not has_certificates(found.game):
        return []
    return [equilibrium_found(found.game, found[0].strategies)]


def verify(model: Model, question: Question) -> Answer:
    """A claim about all equilibria: the verdict and what it rests on."""
    from eqsolve.claims import settle
    from eqsolve.io.verdict_json import verdicts_json
    from eqsolve.model import Claim

    said = question.options["claim"]
    claim = Claim(**{**said, "printed": dict(said.get("printed", {}))}) if isinstance(said, dict) else Claim(said)
    verdict = settle(
        model.link(question.copies),
        claim,
        certify=question.certify,
        seed=question.seed,
        max_seconds=question.max_seconds,
    )
    answer = Answer(verdict.game.copies, stopped=verdict.stopped)
    answer.facts = {
        "claim": claim.says if claim.says != "payoff" else f"payoff of {claim.of}",
        "verdict": verdict.verdict,
        "fewest_lies": verdict.fewest_lies,
        "method": verdict.method,
        "caveat": verdict.caveat or None,
    }
    names = _names(model)
    answer.note("floor", names, verdict.floor)
    answer.note("ceiling", names, verdict.ceiling)
    answer.note("bracket_low", names, [low for low, _ in verdict.bracket])
    answer.note("bracket_high", names, [high for _, high in verdict.bracket])
    answer.note("payoffs", names, verdict.computed)
    answer.certificates = list(verdict.certificates)
    if question.document:
        answer.document = verdicts_json([verdict], "")
    return answer


def curve_point(model: Model, question: Question) -> Answer:
    """One point of the curve: label-free payoffs, bounds and the gap to the rule."""
    from eqsolve.convergence import curve
    from eqsolve.io.curve_json import curve_json

    copies = question.copies or model.fixed_copies or model.copies
    found = curve(model, [copies], max_seconds=question.max_seconds)
    answer = Answer(copies, {"scope": found.scope}, stopped=found.stopped)
    names = _names(model)
    for point in found.points:
        answer.facts["exact"] = point.exact
        for what in ("payoffs", "floor", "ceiling", "target", "gap", "error"):
            answer.note(what, names, getattr(point, what))
    if question.document:
        answer.document = curve_json(found, "")
    return answer


def optimal(model: Model, question: Question) -> Answer:
    """The best incentive compatible mechanism, beside linking."""
    from eqsolve.io.optimal_json import comparison_json, optimal_certificate
    from eqsolve.mechanisms.comparison import compare, without_budgets
    from eqsolve.mechanisms.optimal import Requirements

    asked = question.options
    quo = asked["status_quo"] or (None if asked["participation"] == "none" else model.options.walk_away)
    wanted = Requirements(asked["incentives"], asked["participation"], quo, asked["transfers"])
    copies = question.copies or model.fixed_copies or model.copies
    found = compare(model, [copies], wanted, completed=False, max_seconds=question.max_seconds)
    answer = Answer(copies, stopped=found.stopped)
    names = _names(model)
    answer.note("first_best", names, found.first_best)
    for point in found.points:
        answer.figures["welfare"] = point.optimal.welfare
        answer.note("payoffs", names, point.optimal.payoffs)
        answer.note("linking", names, point.linking)
        if question.certify:
            answer.certificates.append(optimal_certificate(without_budgets(model, copies), point.optimal))
    if question.document:
        answer.document = comparison_json(found, "")
    return answer


def collude(model: Model, question: Question) -> Answer:
    """What the coalition that gains most can gain with announcements that pass the filter."""
    from eqsolve.collusion.result import coalitions
    from eqsolve.collusion.result import collude as work_out
    from eqsolve.io.collusion_json import collusion_json

    asked = question.options
    game = model.link(question.copies)
    deadline = None if question.max_seconds is None else time.monotonic() + question.max_seconds
    epsilon = None if asked["epsilon"] in ("own", "none") else Fraction(asked["epsilon"])
    named = [name.strip() for name in asked["coalition"].split(",")] if asked["coalition"] else None
    found = []
    for members in [named] if named is not None else coalitions(game, asked["size"]):
        epsilons = None if asked["epsilon"] == "own" else [epsilon]
        found.append(work_out(game, members, epsilons, pooled=asked["pooled"], check=asked["check"], deadline=deadline))
    stopped = next((c.stopped for c in found if c.stopped), None)
    answer = Answer(game.copies, stopped=stopped)
    known = [c for c in found if c.stages and c.stages[0].point.total is not None]
    if known:
        best = max(known, key=lambda c: c.stages[0].point.total or Fraction(0))
        stage, names = best.stages[0], _names(model)
        answer.facts = {"coalition": ", ".join(best.names), "equilibrium": stage.equilibrium}
        answer.figures = {"total": stage.point.total, "epsilon": stage.point.epsilon}
        answer.figures |= {f"gain.{names[i]}": gain for i, gain in stage.point.gain.items()}
        answer.figures |= {f"loss.{names[j]}": loss for j, loss in stage.point.loss.items()}
    if question.document and found:
        answer.document = collusion_json(found, None)
    return answer


def calibrate(model: Model, question: Question) -> Answer:
    """The correlation filter: epsilon, false alarms, power."""
    from eqsolve.filter.chances import upper
    from eqsolve.filter.panel import Panel
    from eqsolve.filter.setting import calibrate as set_filter
    from eqsolve.io.filter_json import setting_json

    asked, own = question.options, model.options.filter or {}
    given = {name: None if asked[name] == "own" else asked[name] for name in ("alpha", "epsilon")}
    if given == {"alpha": None, "epsilon": None}:
        given = {name: None if own.get(name) is None else str(own[name]) for name in given}
    kind = str(own.get("distance", "pairwise")) if asked["distance"] == "own" else asked["distance"]
    copies = question.copies or model.fixed_copies or model.copies
    found = set_filter(
        Panel.of_model(model, copies),
        given["alpha"],
        given["epsilon"],
        kind,
        asked["family_wise"],
        seed=question.seed,
    )
    answer = Answer(copies, {"distance": kind})
    answer.figures["epsilon"] = found.epsilon
    answer.figures |= _chance("false_alarm", max(found.false_alarms, key=upper, default=None))
    answer.figures |= _chance("family_wise", found.family_wise)
    answer.figures |= _chance("power", found.complete)
    if question.document:
        answer.document = setting_json(found, None)
    return answer


def _chance(name: str, chance: Chance | None) -> dict[str, Figure]:
    """A probability in one column if it is exact, else its bounds, or the estimate beside its standard error."""
    from eqsolve.filter.chances import Bracket, Estimate

    if isinstance(chance, Bracket):
        return {f"{name}_low": chance.low, f"{name}_high": chance.high}
    if isinstance(chance, Estimate):
        return {name: chance.value, f"{name}_stderr": chance.stderr}
    return {name: chance}


TASKS: Mapping[str, Callable[[Model, Question], Answer]] = {
    "label-free": label_free,
    "solve": solve,
    "verify": verify,
    "curve": curve_point,
    "optimal": optimal,
    "collude": collude,
    "filter": calibrate,
}


def uninterrupted(answer: Answer) -> Answer:
    """The answer itself, if it is one.

    Raises
    ------
    LimitReached
        If the work was stopped before anything was known.
    KeyboardInterrupt
        If the user stopped it; what was known then is no answer of the case.
    """
    if answer.stopped == "interrupted":
        raise KeyboardInterrupt
    if answer.stopped is not None and not answer.figures and not answer.facts:
        raise LimitReached(answer.stopped)
    return answer
