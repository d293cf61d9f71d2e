"""Equilibria grouped by class, K by K: payoffs, truth, coordination, what is played."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from eqsolve.show import words
from eqsolve.show.report import naming
from eqsolve.show.report.data import AtCopies, ModelReport
from eqsolve.show.report.elements import Html, joined, tag
from eqsolve.show.report.tables import Cell, Row, figure, left_out, number, table
from eqsolve.solution import Equilibrium, Solution

MAX_CLASSES = 24
MAX_LINES = 16
MAX_MESSAGES = 6
TRUTH = {"fewest-lies": "fewest lies", "permutation-free": "permutation-free", "no": "not truthful", None: "not judged"}


def section(key: str, found: ModelReport) -> Html:
    """A block for every number of problems."""
    return joined(per_copies(f"{key}-k{at.copies}", at, _at(f"{key}-k{at.copies}", at)) for at in found.at)


def per_copies(key: str, at: AtCopies, content: Html) -> Html:
    """What holds at one number of problems, under a heading that says so."""
    title = tag("h4", f"K = {at.copies:,}", id=f"{key}-title")
    return tag("section", title, content, class_="at", data_k=at.copies, aria_labelledby=f"{key}-title")


def _at(key: str, at: AtCopies) -> Html:
    missing = left_out("Equilibria", at.solution.why)
    solution = at.solution.value
    if solution is None:
        return joined((missing,))
    groups = words.kinds(solution)
    return joined(
        (
            missing,
            tag(
                "p", tag("strong", "Solved"), f": {words.headline(solution)} ({solution.form} form, {solution.method})."
            ),
            tag("p", tag("strong", "Proved"), f": {words.uniqueness(solution)}."),
            *(tag("p", naming.sentence(note), class_="soft") for note in solution.notes),
            _classes(key, solution, groups[:MAX_CLASSES]) if groups else None,
            tag("p", f"{len(groups) - MAX_CLASSES} more classes are left out; eqsolve solve --json lists all.")
            if len(groups) > MAX_CLASSES
            else None,
            joined(_details(k, solution, e) for k, (e, _) in enumerate(groups[:MAX_CLASSES])),
        )
    )


def _classes(key: str, solution: Solution, groups: Sequence[tuple[Equilibrium, list[int]]]) -> Html:
    names = [naming.short(name) for name in naming.names(solution.game.problem)]
    alike = naming.alike({i: tuple(e.payoffs[i] for e, _ in groups) for i in range(solution.game.n)})
    columns = [
        "class",
        "count",
        *(f"payoff of {naming.listed([names[i] for i in part])}" for part in alike),
        "welfare",
        "truth",
        "coordination",
        "coalition",
        "distance",
    ]
    rows = []
    for k, (e, indices) in enumerate(groups):
        verdict = e.coordination.verdict
        rows.append(
            Row(
                (
                    Cell(naming.letter(k) + (", label-free" if e.label_free else "")),
                    Cell(f"{len(indices):,}", len(indices)),
                    *(figure(e.payoffs[part[0]]) for part in alike),
                    figure(e.welfare),
                    Cell(TRUTH[e.truthful]),
                    badge(verdict),
                    naming.coalitions(solution.game, e.coordination.coalitions) or "–",
                    figure(e.coordination.distance),
                ),
                (("data-kind", verdict),),
            )
        )
    caption = f"Extreme equilibria by class, K = {solution.game.copies:,}"
    return table(f"{key}-classes", caption, columns, rows, sortable=len(rows) > 1)


def badge(verdict: str) -> Html:
    """A verdict in a frame whose colour says whether somebody is harmed."""
    return tag("span", verdict, class_=f"badge {verdict}")


def gains(solution: Solution, gain: Sequence[Fraction] | None) -> Html | None:
    """Who gains and who loses against label-free play."""
    if gain is None or not any(gain):
        return None
    told: list[Html] = []
    for name, g in zip(naming.names(solution.game.problem), gain, strict=True):
        if g:
            moved = " gains " if g > 0 else " loses "
            told.append(joined((", " if told else "", f"agent {name}", moved, number(abs(g)))))
    return joined(told)


def _details(k: int, solution: Solution, e: Equilibrium) -> Html:
    """What is played in a class, told by its first equilibrium."""
    lines = [tag("li", words.TRUTH[e.truthful], "."), tag("li", words.COORDINATION[e.coordination.verdict], ".")]
    moved = gains(solution, e.coordination.gain)
    if moved is not None:
        lines.append(tag("li", "Against label-free play ", moved, "."))
    if e.walks is not None:
        lines.append(tag("li", "Somebody walks away from ", number(e.walks), " of the problems."))
    lines += [tag("li", sentence, ".") for sentence in words.freedom(solution, e)]
    lines.append(tag("li", "Regret ", number(e.regret), ": nobody gains by any other announcement."))
    played = list(_strategies(solution, e))
    which = f"Class {naming.letter(k)}: what is played"
    return tag(
        "details",
        tag("summary", which),
        tag("ul", joined(lines)),
        joined(played) if played else tag("p", "The strategies are too many to be listed; lie tables tell of them."),
    )


def _strategies(solution: Solution, e: Equilibrium) -> Iterator[Html]:
    game = solution.game
    for i in game.active if e.strategies is not None else ():
        assert e.strategies is not None
        lines = list(e.strategies[i].plan.items())
        rows = [
            tag("tr", tag("th", game.vector_name(i, t), scope="row"), tag("td", _mixture(solution, i, messages)))
            for t, messages in lines[:MAX_LINES]
        ]
        who = words.printable(game.problem.agents[i].name)
        more = f" ({MAX_LINES} of {len(lines):,} type vectors)" if len(lines) > MAX_LINES else ""
        yield tag(
            "div",
            tag(
                "table",
                tag("caption", f"What agent {who} announces{more}"),
                tag("thead", tag("tr", tag("th", "types", scope="col"), tag("th", "announces", scope="col"))),
                tag("tbody", joined(rows)),
            ),
            class_="scroll",
            role="region",
            aria_label=f"What agent {who} announces",
            tabindex=0,
        )


def _mixture(solution: Solution, i: int, messages: object) -> Html:
    assert isinstance(messages, dict)
    told = [
        joined((" or " if k else "", f"({solution.game.vector_name(i, m)})", "" if p == 1 else f" {p}"))
        for k, (m, p) in enumerate(list(messages.items())[:MAX_MESSAGES])
    ]
    more = f" and {len(messages) - MAX_MESSAGES:,} more" if len(messages) > MAX_MESSAGES else ""
    return joined((*told, more))
