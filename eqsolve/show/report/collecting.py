"""Collect what a report shows: every part within its share of the time, the quick ones first."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from eqsolve import certificate
from eqsolve.certificate.check import Verdict as Checked
from eqsolve.claims import Verdict, settle_model
from eqsolve.collusion.result import Collusion, coalitions, collude
from eqsolve.convergence import curve
from eqsolve.errors import EqsolveError, ModelError, SizeError
from eqsolve.exact.multinomial import histogram_count
from eqsolve.filter.panel import Panel
from eqsolve.filter.setting import Setting, calibrate
from eqsolve.io.kinds import find_model
from eqsolve.io.model_file import load
from eqsolve.judge.lying import Lying, lying
from eqsolve.linking import LinkedGame
from eqsolve.model import Claim, Model
from eqsolve.show import words
from eqsolve.show.report.data import AtCopies, ModelReport, Part, Report
from eqsolve.show.report.schedule import INTERRUPTED, Desk, Slot
from eqsolve.solution import Solution
from eqsolve.solving import solve

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 30.0
"""For each model, unless another limit is asked for."""
DOUBLINGS = 2
LARGE = 2_000
"""Histograms beyond which loose budgets are not solved unasked."""
MAX_COALITIONS = 6
MAX_NUMBERS = 40
"""Numbers of problems on a page; `eqsolve curve` takes more."""
EPSILONS = tuple(Fraction(k, 20) for k in range(11))
"""Filters of the frontier; no distance of two messages is beyond 1/2 where two types are equally frequent."""
USUAL = ("payoffs-unique", "truthful", "no-collusion")
"""What is settled where a model makes no claims."""
SHARES = {"payoffs": 2.0, "equilibria": 6.0, "lies": 1.0, "filter": 1.0, "frontier": 2.0, "claims": 6.0, "plans": 4.0}


def report(
    models: str | Path | Model | Sequence[str | Path | Model],
    copies: Sequence[int] | None = None,
    *,
    max_seconds: float | None = None,
    max_memory: int | None = None,
    seed: int = 0,
    progress: Callable[[str], None] | None = None,
) -> Report:
    """Collect results on models for a page: payoffs over K, equilibria, lies, coordination, collusion, filter, claims.

    Parameters
    ----------
    models : path or name of a bundled model, or Model, or several of these
    copies : sequence of int, optional
        Numbers of problems; by default each model's own, doubled twice.
    max_seconds : float, optional
        For everything together; 30 seconds per model by default. What does not fit is left out and named.
    max_memory : int, optional
        In MiB.
    seed : int
        Of searches.
    progress : callable, optional
        Told what is being done.

    Returns
    -------
    Report

    Raises
    ------
    ModelError
        If a model cannot be used, or linked on one of these numbers of problems.
    """
    start = time.monotonic()
    if isinstance(models, str | Path | Model):
        models = [models]
    if not models:
        raise ModelError("models: found none, expected at least one")
    subjects = [_Subject.of(model, copies) for model in models]
    desk = Desk(max_memory, progress)
    whole = Slot.of(SECONDS * len(subjects) if max_seconds is None else max_seconds)
    found = [_model(desk, s, slot, seed) for s, slot in zip(subjects, whole.parts([1.0] * len(subjects)), strict=True)]
    stopped = INTERRUPTED if desk.interrupted else ("a limit of time or memory" if desk.stopped else None)
    return Report(tuple(found), _now(), stopped, time.monotonic() - start)


@dataclass(frozen=True)
class _Subject:
    """A model, what its file holds, and its games."""

    asked: str
    model: Model
    data: bytes
    games: tuple[LinkedGame, ...]

    @classmethod
    def of(cls, model: str | Path | Model, copies: Sequence[int] | None) -> _Subject:
        """Load a model and link it, for the given numbers of problems or for doublings."""
        if isinstance(model, Model):
            asked, loaded, data = model.name or model.problem.name or "model", model, b""
        else:
            asked, loaded, data = str(model), load(model), find_model(model).read_bytes()
        numbers = sorted(set(copies)) if copies else _doublings(loaded)
        if len(numbers) > MAX_NUMBERS:
            raise ModelError(f"copies: found {len(numbers):,} numbers, expected at most {MAX_NUMBERS} on a page")
        try:
            games = tuple(loaded.link(k) for k in numbers)
        except EqsolveError as error:
            raise type(error)(f"{asked}: {error}") from None
        return cls(asked, loaded, data, games)


def _doublings(model: Model) -> list[int]:
    if model.fixed_copies is not None:
        return [model.fixed_copies]
    found = [model.copies * 2**k for k in range(DOUBLINGS + 1)]
    if all(budget.is_exact for budget in model.link_budgets()):
        return found
    priors = [agent.prior for agent in model.problem.agents]
    return [k for k in found if max(histogram_count(prior, k) for prior in priors) <= LARGE] or found[:1]


def _model(desk: Desk, subject: _Subject, whole: Slot, seed: int) -> ModelReport:
    """Everything about one model, in an order in which most is known soon."""
    slots = dict(zip(SHARES, whole.parts(list(SHARES.values())), strict=True))
    name, games = subject.asked, subject.games
    numbers = [g.copies for g in games]
    over = desk.part(
        f"{name}: payoffs", slots["payoffs"], lambda s: curve(subject.model, numbers, exact=None, max_seconds=s)
    )
    over = desk.cut_short(over, f"{name}: payoffs", None if over.value is None else over.value.stopped)
    solved = [
        _solved(desk, f"{name}: equilibria, K = {g.copies:,}", g, slot, seed)
        for g, slot in zip(games, slots["equilibria"].parts([1.0] * len(games)), strict=True)
    ]
    lies = [
        _lies(desk, f"{name}: lies, K = {g.copies:,}", g, s, slot)
        for g, s, slot in zip(games, solved, slots["lies"].parts([1.0] * len(games)), strict=True)
    ]
    settings = [
        desk.part(f"{name}: filter, K = {g.copies:,}", slot, lambda _, g=g: _setting(subject.model, g))  # type: ignore[misc]
        for g, slot in zip(games, slots["filter"].parts([1.0] * len(games)), strict=True)
    ]
    collusions = [
        _frontier(desk, f"{name}: collusion, K = {g.copies:,}", g, slot)
        for g, slot in zip(games, slots["frontier"].parts([1.0] * len(games)), strict=True)
    ]
    claims = subject.model.claims or tuple(Claim(says) for says in USUAL)
    verdicts = _settled(desk, f"{name}: claims", subject.model, claims, slots["claims"], seed)
    checked = desk.part(f"{name}: certificates", slots["plans"], lambda _: _checked(verdicts.value or ()))
    tried = [
        _tried(desk, f"{name}: plans, K = {g.copies:,}", c, slot)
        for g, c, slot in zip(games, collusions, slots["plans"].parts([1.0] * len(games)), strict=True)
    ]
    return ModelReport(
        asked=subject.asked,
        model=subject.model,
        text=subject.data.decode("utf-8-sig", "replace"),
        digest=hashlib.sha256(subject.data).hexdigest() if subject.data else "",
        curve=over,
        at=tuple(AtCopies(*parts) for parts in zip(games, solved, lies, settings, tried, strict=True)),
        verdicts=verdicts,
        own_claims=bool(subject.model.claims),
        checked=checked,
    )


def _solved(desk: Desk, name: str, game: LinkedGame, slot: Slot, seed: int) -> Part[Solution]:
    part = desk.part(name, slot, lambda seconds: solve(game, max_seconds=seconds, seed=seed))
    return desk.cut_short(part, name, None if part.value is None else part.value.stopped)


def _lies(
    desk: Desk, name: str, game: LinkedGame, solved: Part[Solution], slot: Slot
) -> Part[tuple[tuple[Lying, ...] | None, ...]]:
    solution = solved.value
    if solution is None:
        return Part(None, "left out, as no equilibria are known")
    return desk.part(name, slot, lambda _: tuple(lying(game, example) for example, _ in words.kinds(solution)))


def _setting(model: Model, game: LinkedGame) -> Setting:
    """The filter of the game, or that for a level of 5 % where it has none."""
    own = game.options.filter or {}
    level = {name: str(own[name]) for name in ("alpha", "epsilon") if own.get(name) is not None}
    return calibrate(Panel.of_model(model, game.copies), kind=str(own.get("distance", "pairwise")), **level)  # type: ignore[arg-type]


def _frontier(desk: Desk, name: str, game: LinkedGame, slot: Slot) -> Part[tuple[Collusion, ...]] | None:
    """The frontiers of coalitions that leave somebody out; None where there are none."""
    if game.n < 3:
        return None
    return desk.part(name, slot, lambda seconds: tuple(_frontiers(game, Slot.of(seconds))))


def _frontiers(game: LinkedGame, slot: Slot) -> Iterator[Collusion]:
    members = [c for c in coalitions(game, 3) if len(c) < game.n][:MAX_COALITIONS]
    for coalition in members:
        yield _collude(game, coalition, slot.end, check=False)


def _collude(game: LinkedGame, members: Sequence[int], deadline: float | None, check: bool) -> Collusion:
    """The frontier of a coalition, with that for many problems beside it where it is small enough."""
    filters = [*EPSILONS, None]
    try:
        return collude(game, members, filters, limit=True, check=check, deadline=deadline)
    except SizeError:
        return collude(game, members, filters, check=check, deadline=deadline)


def _tried(
    desk: Desk, name: str, part: Part[tuple[Collusion, ...]] | None, slot: Slot
) -> Part[tuple[Collusion, ...]] | None:
    """Frontiers with the plans tried in the filtered game, as far as time allows; the rest as it was."""
    if part is None or not part.value:
        return part
    known = part.value
    stopped = next((c.stopped for c in known if c.stopped), None)
    if stopped:
        return desk.cut_short(part, name, stopped)

    def work(seconds: float | None) -> tuple[Collusion, ...]:
        """Each coalition's plans, looked for again and tried in the filtered game."""
        end = Slot.of(seconds).end
        return tuple(_collude(c.coalition.game, c.coalition.members, end, check=True) for c in known)

    tried = desk.part(name, slot, work)
    if tried.value is None:
        return part.because("whether the plans hold in the filtered game was " + (tried.why or "not looked at"))
    kept = tuple(new if new.stopped is None else old for new, old in zip(tried.value, known, strict=True))
    late = [new.stopped for new in tried.value if new.stopped]
    done = Part(kept, "", part.seconds + tried.seconds)
    if not late:
        return done
    return desk.cut_short(done, name, late[0]).because(
        f"whether all plans hold in the filtered game was not settled, stopped: {late[0]}"
    )


def _settled(
    desk: Desk, name: str, model: Model, claims: Sequence[Claim], slot: Slot, seed: int
) -> Part[tuple[Verdict, ...]]:
    """Verdicts on the claims; those that were settled before time was up are kept."""
    found: list[Verdict] = []

    def work(seconds: float | None) -> None:
        """Settle the claims; verdicts go to `found`, so that they outlast a time limit."""
        found.extend(settle_model(model, claims, certify=True, seed=seed, max_seconds=seconds))

    part = desk.part(name, slot, work)
    done = Part(tuple(found), "", part.seconds)
    if part.why:
        return done.because(f"{len(found)} of {len(claims)} were settled; the others were {part.why}")
    return desk.cut_short(done, name, next((v.stopped for v in found if v.stopped), None))


def _checked(verdicts: Sequence[Verdict]) -> tuple[Checked, ...]:
    return tuple(certificate.check(document) for v in verdicts for document in v.certificates)


def _now() -> str:
    """Date and time, UTC; SOURCE_DATE_EPOCH makes a page the same whenever it is built."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    moment = datetime.fromtimestamp(int(epoch), UTC) if epoch.isdigit() else datetime.now(UTC)
    return moment.strftime("%Y-%m-%d %H:%M UTC")
