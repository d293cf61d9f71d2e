"""The answers in short: what a reader should know who reads nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from eqsolve.show import words
from eqsolve.show.report import naming
from eqsolve.show.report.data import ModelReport
from eqsolve.show.report.elements import Html, joined, tag
from eqsolve.show.report.equilibria import gains
from eqsolve.show.report.tables import number
from eqsolve.solution import Solution


def section(found: ModelReport) -> Html:
    """A card per question."""
    cards = [card for card in (_gap(found), _unique(found), _truth(found), _collusion(found), _claims(found)) if card]
    missing = list(found.left_out())
    told = tag("dl", joined(tag("div", tag("dt", name), tag("dd", answer)) for name, answer in cards), class_="cards")
    if not missing:
        return told
    items = joined(tag("li", tag("strong", name), f": {why}.") for name, why in missing)
    return joined(
        (told, tag("div", tag("p", "Left out or not complete:"), tag("ul", items), class_="missing", role="note"))
    )


Card = tuple[str, Html]


def _solutions(found: ModelReport) -> Iterator[tuple[int, Solution]]:
    for at in found.at:
        if at.solution.value is not None:
            yield at.copies, at.solution.value


def _numbers(copies: list[int]) -> str:
    return "K = " + naming.listed([f"{k:,}" for k in copies])


def _gap(found: ModelReport) -> Card | None:
    curve = found.curve.value
    known = (
        [(p.copies, gap) for p, gap in zip(curve.points, curve.welfare_gap, strict=True) if gap is not None]
        if curve is not None
        else []
    )
    if not known:
        return None
    (first, a), (last, b) = known[0], known[-1]
    told = joined(("Welfare misses ", number(a), f" at K = {first:,}"))
    if last != first:
        told = joined((told, " and ", number(b), f" at K = {last:,}"))
    return "Gap to truth and rule", joined((told, "."))


def _unique(found: ModelReport) -> Card | None:
    same, differ, unknown = [], [], []
    for copies, s in _solutions(found):
        if s.payoffs_unique:
            same.append(copies)
        elif s.scope == "all" and s.complete:
            differ.append(copies)
        else:
            unknown.append(copies)
    told = []
    if same:
        told.append(f"The same in every equilibrium at {_numbers(same)}.")
    if differ:
        told.append(f"Different in different equilibria at {_numbers(differ)}.")
    if unknown:
        told.append(f"Between floor and ceiling at {_numbers(unknown)}, as far as these are known.")
    return ("Payoffs of all equilibria", joined((" ".join(told),))) if told else None


def _truth(found: ModelReport) -> Card | None:
    classes = Counter(e.truthful for _, s in _solutions(found) for e in s.equilibria)
    if not classes:
        return None
    total = sum(classes.values())
    swapped = classes["no"]
    if total == 1 and not classes[None]:
        kind = next(iter(classes))
        told = f"The listed equilibrium is {words.TRUTH[kind]}."
    elif swapped:
        told = f"In {swapped:,} of {total:,} listed equilibria announcements are swapped around."
    elif classes[None]:
        told = f"{classes[None]:,} of {total:,} listed equilibria could not be judged; the others are truthful."
    else:
        fewest = classes["fewest-lies"]
        told = f"All {total:,} listed equilibria are approximately truthful, {fewest:,} of them with fewest lies."
    return "Truth", joined((told,))


def _collusion(found: ModelReport) -> Card | None:
    for copies, s in _solutions(found):
        for e in s.equilibria:
            if e.coordination.verdict == "collusive":
                who = naming.coalitions(s.game, e.coordination.coalitions)
                moved = gains(s, e.coordination.gain)
                return "Collusion", joined((f"At K = {copies:,} the coalition {who} can collude: ", moved, "."))
    if not any(True for _ in _solutions(found)):
        return None
    return "Collusion", joined(("No listed equilibrium is collusive.",))


def _claims(found: ModelReport) -> Card | None:
    counts = Counter(v.verdict for v in found.verdicts.value or ())
    if not counts:
        return None
    told = ", ".join(f"{counts[name]} {name}" for name in ("proved", "refuted", "open") if counts[name])
    return "Claims", joined((f"{told}{'' if found.own_claims else ' (usual questions; the model makes no claims)'}.",))


def title(found: ModelReport) -> str:
    """What the model is called."""
    return words.printable(found.model.name or found.model.problem.name) or "Linked game"
