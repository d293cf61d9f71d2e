"""Claims with their verdicts, what refutes them, and what the checker of certificates says."""

from __future__ import annotations

from collections.abc import Iterator

from eqsolve.claims import Verdict
from eqsolve.show import words
from eqsolve.show.report import naming
from eqsolve.show.report.data import ModelReport
from eqsolve.show.report.elements import Html, joined, tag
from eqsolve.show.report.equilibria import badge
from eqsolve.show.report.tables import Cell, left_out, number, table
from eqsolve.show.verdict_page import SAYS

MAX_WITNESSES = 6
MAX_STATEMENT = 1_200


def section(key: str, found: ModelReport) -> Html:
    """Every claim with its verdict, the method and the figures."""
    verdicts = found.verdicts.value or ()
    parts: list[Html | None] = [left_out("Claims", found.verdicts.why)]
    if not found.own_claims:
        parts.append(tag("p", "The model makes no claims; these are the usual questions."))
    if verdicts:
        rows = [
            (
                tag("a", v.claim.says, href=f"#{key}-{k}"),
                Cell(f"{v.game.copies:,}", v.game.copies),
                badge(v.verdict),
                words.printable(v.claim.where) or "–",
                words.printable(v.method),
            )
            for k, v in enumerate(verdicts)
        ]
        parts.append(
            table(f"{key}-table", "Claims and verdicts", ("claim", "K", "verdict", "where", "how"), rows, sortable=True)
        )
    parts += [_claim(f"{key}-{k}", v) for k, v in enumerate(verdicts)]
    return joined(parts)


def certificates(key: str, found: ModelReport) -> Html:
    """What the certificates of the verdicts prove, in the words of the checker that looked at them."""
    checked = found.checked.value or ()
    parts: list[Html | None] = [left_out("Certificates", found.checked.why)]
    if not checked:
        parts.append(
            tag("p", "No verdict comes with a certificate: no format covers the arguments, or none was settled.")
        )
        return joined(parts)
    valid = sum(c.valid for c in checked)
    parts.append(
        tag(
            "p",
            f"{naming.counted(len(checked), 'certificate')}, {valid} valid. Each was checked when this page was made, "
            "by a checker that shares no code with the solvers.",
        )
    )
    documents = [(v, d) for v in found.verdicts.value or () for d in v.certificates]
    rows = [
        (
            f"{v.claim.says}, K = {v.game.copies:,}",
            badge("valid" if c.valid else "not valid"),
            _cut(words.printable(c.statement or "–")),
            _cut(words.printable(c.reason)),
        )
        for (v, _), c in zip(documents, checked, strict=True)
    ]
    parts.append(table(f"{key}-table", "Certificates", ("claim", "check", "what is proved", "why"), rows))
    return joined(parts)


def _cut(text: str) -> str:
    return text if len(text) <= MAX_STATEMENT else text[:MAX_STATEMENT] + " … (cut; eqsolve check tells all)"


def _claim(key: str, v: Verdict) -> Html:
    names = naming.names(v.game.problem)
    columns = ["agent", "floor", "ceiling", "at least", "at most", "computed"]
    printed = bool(v.claim.printed)
    rows = [
        (
            name,
            number(v.floor[i]),
            number(v.ceiling[i]),
            number(v.bracket[i][0]),
            number(v.bracket[i][1]),
            number(v.computed[i]),
            *((words.printable(v.claim.printed.get(v.game.problem.agents[i].name, "–")),) if printed else ()),
        )
        for i, name in enumerate(names)
    ]
    title = joined((v.claim.says, f", K = {v.game.copies:,}: ", badge(v.verdict)))
    return tag(
        "section",
        tag("h4", title, id=key),
        joined(tag("p", sentence) for sentence in _sentences(v)),
        tag(
            "details",
            tag("summary", "Bounds on all equilibria" + (" and witnesses" if v.witnesses else "")),
            table(
                f"{key}-figures",
                "What is proved of every agent's payoff",
                (*columns, *(("printed",) if printed else ())),
                [tuple(c if k == 0 else Cell(c) for k, c in enumerate(row)) for row in rows],
            ),
            tag("ul", joined(tag("li", told) for told in _witnesses(v))) if v.witnesses else None,
        ),
        aria_labelledby=key,
        class_="claim",
    )


def _sentences(v: Verdict) -> Iterator[str]:
    yield f"{SAYS[v.claim.says].capitalize()}: {v.verdict}; {words.printable(v.method)}."
    if v.fewest_lies:
        yield f"In the stronger sense, fewest lies: {v.fewest_lies}."
    if v.caveat:
        yield f"To be added: {words.printable(v.caveat)}."


def _witnesses(v: Verdict) -> Iterator[Html]:
    names = naming.names(v.game.problem)
    for e in v.witnesses[:MAX_WITNESSES]:
        pays = joined(
            joined((", " if k else "", name, ": ", number(p)))
            for k, (name, p) in enumerate(zip(names, e.payoffs, strict=True))
        )
        kind = "label-free equilibrium" if e.label_free else "equilibrium"
        told = f"; {words.TRUTH[e.truthful]}; {words.COORDINATION[e.coordination.verdict]}; regret {e.regret}."
        yield joined((f"Witness: {kind} paying ", pays, told))
    if len(v.witnesses) > MAX_WITNESSES:
        yield joined((f"{len(v.witnesses) - MAX_WITNESSES} more witnesses; eqsolve verify --json lists all.",))
