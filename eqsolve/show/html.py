"""A solution and its equilibria as HTML fragments, for notebooks."""

from __future__ import annotations

from html import escape

from eqsolve.show import words
from eqsolve.show.parts_html import facts_html
from eqsolve.solution import Equilibrium, Solution


def solution_html(solution: Solution) -> str:
    """Tables of payoffs and of equilibria; every name is escaped."""
    game = solution.game
    names = [escape(words.printable(a.name)) for a in game.problem.agents]
    title = escape(words.printable(game.problem.name) or "Linked game")
    label_free = solution.label_free_payoffs or (None,) * game.n
    rows = "".join(
        f"<tr><th>{name}</th>{''.join(f'<td>{words.number(x)}</td>' for x in numbers)}</tr>"
        for name, *numbers in zip(names, solution.target, solution.floor, solution.ceiling, label_free, strict=True)
    )
    entries = "".join(
        f"<tr><td>{indices[0]}{f' (+{len(indices) - 1})' if len(indices) > 1 else ''}</td>"
        f"{''.join(f'<td>{words.number(p)}</td>' for p in e.payoffs)}"
        f"<td>{'yes' if e.label_free else 'no'}</td><td>{e.truthful or 'not judged'}</td>"
        f"<td>{e.coordination.verdict}</td></tr>"
        for e, indices in words.kinds(solution)
    )
    return (
        f"<h4>{title}, K = {game.copies}</h4>"
        f"<p>{_sentence(words.headline(solution))} {_sentence(words.uniqueness(solution))}</p>"
        "<table><thead><tr><th>agent</th><th>truth and rule</th><th>floor</th><th>ceiling</th><th>label-free</th></tr>"
        f"</thead><tbody>{rows}</tbody></table>"
        f"<table><thead><tr><th>equilibrium</th>{''.join(f'<th>payoff of {n}</th>' for n in names)}"
        f"<th>label-free</th><th>truthful</th><th>coordination</th></tr></thead><tbody>{entries}</tbody></table>"
    )


def _sentence(text: str) -> str:
    return escape(f"{text[:1].upper()}{text[1:]}.")


def equilibrium_html(equilibrium: Equilibrium) -> str:
    """What an equilibrium pays, by the number of the agent, and what it means."""
    found = equilibrium.coordination
    facts = {f"payoff of agent {i}": words.number(p) for i, p in enumerate(equilibrium.payoffs, start=1)}
    facts |= {
        "welfare": words.number(equilibrium.welfare),
        "truth": words.TRUTH[equilibrium.truthful],
        "coordination": words.COORDINATION[found.verdict],
    }
    if equilibrium.walks is not None:
        facts["walks away"] = f"from {words.number(equilibrium.walks)} of the problems"
    return facts_html("Label-free equilibrium" if equilibrium.label_free else "Equilibrium", facts)
