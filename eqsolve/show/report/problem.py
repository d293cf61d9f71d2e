"""The decision problem in words and tables, the rule, and the budgets."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from fractions import Fraction

from eqsolve.budget import Budget
from eqsolve.exact.rational import in_words
from eqsolve.model import Model
from eqsolve.processes import Process
from eqsolve.rule import Lottery
from eqsolve.show import words
from eqsolve.show.report import naming
from eqsolve.show.report.data import ModelReport
from eqsolve.show.report.elements import Html, joined, tag
from eqsolve.show.report.tables import Cell, Line, Row, figure, number, order, table

MAX_PROFILES = 36
MAX_DECISIONS = 12


def section(key: str, found: ModelReport) -> Html:
    """The problem in words, types and utilities, the rule at every profile."""
    model = found.model
    return joined(
        (
            joined(tag("p", sentence) for sentence in _sentences(model)),
            joined(_types(f"{key}-types-{i}", model, group) for i, group in enumerate(_alike(model))),
            _rule(f"{key}-rule", model),
        )
    )


def budgets(key: str, found: ModelReport) -> Html:
    """What may be announced how often, agent by agent and K by K."""
    rows = []
    ties = []
    for at in found.at:
        groups: dict[tuple[str, Budget], list[int]] = {}
        for i, budget in enumerate(at.game.budgets):
            parts = [_count(words.printable(t), c) for t, c in budget.describe().items()]
            groups.setdefault((", ".join(parts) or "anything", budget), []).append(i)
        names = naming.names(at.game.problem)
        for (announces, budget), group in groups.items():
            who = naming.listed([names[i] for i in group])
            count = budget.message_count()
            cells = (Cell(f"{at.copies:,}", at.copies, ""), who, announces, Cell(_many(count), order(Fraction(count))))
            rows.append(Row(cells, (("data-k", at.copies),)))
            if budget.ties > 1:
                ties.append(f"at K = {at.copies:,} that of {who} is one of {budget.ties}")
    told = [
        tag(
            "p",
            "A budget rations announcements: over all problems together, each agent announces its types as often as "
            "listed here.",
        ),
        table(f"{key}-table", "Budgets", ("K", "agents", "announces", "messages"), rows, sortable=True),
    ]
    if ties:
        told.append(tag("p", f"Several budgets are equally near to the prior: {'; '.join(ties)}.", class_="soft"))
    return joined(told)


def _many(count: int) -> str:
    return f"{count:,}" if count < 10**12 else in_words(count)


def _count(name: str, count: int | dict[str, int]) -> str:
    return f"{count} × {name}" if isinstance(count, int) else f"{count['at_least']} to {count['at_most']} × {name}"


def _sentences(model: Model) -> Iterator[str]:
    problem, options = model.problem, model.options
    decisions = [words.printable(d) for d in problem.decisions]
    shown = naming.listed(decisions[:MAX_DECISIONS]) + (" and more" if len(decisions) > MAX_DECISIONS else "")
    yield (
        f"{naming.counted(problem.n, 'agent')} face{'s' * (problem.n == 1)} the same problem again and again, each "
        f"time with new types: one of {naming.counted(len(decisions), 'decision')} ({shown}) is taken. Every agent "
        "sees its types on all problems, then announces a type for each, and the rule decides each problem by what was "
        "announced there. Payoffs are per problem, ex ante."
    )
    if model.rule.weights is None:
        yield "The rule is a table."
    else:
        weights = model.rule.weights
        even = len(set(weights)) == 1
        told = "" if even else f" with the weights {naming.listed([str(w) for w in weights])}"
        yield f"The rule is utilitarian: it takes the decision with the largest sum of announced utilities{told}."
    if options.exact_marginals:
        yield "Announcements are replaced at random just so often that every type is announced as often as it occurs."
    if options.walk_away is not None:
        yield (
            f"After a decision any agent may walk away from a problem; then {words.printable(options.walk_away)} is "
            "done there."
        )
    if options.filter is not None:
        told = ", ".join(f"{k} {v}" for k, v in options.filter.items() if v is not None)
        yield f"A correlation filter replaces the announcements of agents who look as if they coordinated ({told})."
    if options.process is not None:
        yield f"Types hang together across problems: {_process(options.process)}."


def _process(process: Process | Mapping[str, Process]) -> str:
    if isinstance(process, Mapping):
        return naming.listed([f"{words.printable(name)}: {_process(one)}" for name, one in process.items()])
    rho = getattr(process, "rho", None)
    told = {
        "Independent": "types are independent",
        "Copy": f"with probability {rho} one draw is the type on all problems",
        "CopyFirst": f"a type repeats that on the first problem with probability {rho}",
        "CopyPrevious": f"a type repeats that on the problem before with probability {rho}",
        "Intensity": f"intensities are alike with probability (1 + {rho})/2",
        "Table": "the law of the type vector is listed in the model",
    }
    return told.get(type(process).__name__, "by a law of the model's own")


def _alike(model: Model) -> list[list[int]]:
    """Agents with the same types, probabilities and utilities together."""
    groups: dict[object, list[int]] = {}
    for i, agent in enumerate(model.problem.agents):
        key = tuple((t.name, t.prob, model.problem.utility(i, u)) for u, t in enumerate(agent.types))
        groups.setdefault(key, []).append(i)
    return list(groups.values())


def _types(key: str, model: Model, group: list[int]) -> Html:
    problem, i = model.problem, group[0]
    shown = problem.decisions[:MAX_DECISIONS]
    columns = ["type", "probability", *(f"utility of {words.printable(d)}" for d in shown)]
    rows: list[Line] = [
        (words.printable(t.name), figure(t.prob), *map(figure, problem.utility(i, u)[: len(shown)]))
        for u, t in enumerate(problem.agents[i].types)
    ]
    who = naming.agents(problem, group)
    return table(key, f"Types of {who}", columns, rows)


def _rule(key: str, model: Model) -> Html | None:
    problem = model.problem
    profiles = model.rule.lotteries
    caption = "The rule: decision at every profile of announced types"
    if len(profiles) > MAX_PROFILES:
        return tag(
            "p", f"The rule decides {len(profiles):,} profiles of types, too many for a table here.", class_="soft"
        )
    rows = [
        (
            ", ".join(words.printable(a.types[u].name) for a, u in zip(problem.agents, profile, strict=True)),
            _decision(model, lottery),
            figure(problem.probability(profile)),
        )
        for profile, lottery in itertools.islice(profiles.items(), MAX_PROFILES)
    ]
    title = "types of " + naming.listed(naming.names(problem))
    return table(key, caption, (title, "decision", "probability under truth"), rows, sortable=len(rows) > 3)


def _decision(model: Model, lottery: Lottery) -> Html:
    chosen = [(words.printable(d), p) for d, p in zip(model.problem.decisions, lottery, strict=True) if p]
    if len(chosen) == 1:
        return tag("span", chosen[0][0])
    return joined(joined((", " if k else "", name, " with ", number(p))) for k, (name, p) in enumerate(chosen))
