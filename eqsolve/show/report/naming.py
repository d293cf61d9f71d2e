"""Names of agents, numbers of problems and coalitions in sentences."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

from eqsolve.linking import LinkedGame
from eqsolve.problem import DecisionProblem
from eqsolve.show import words
from eqsolve.show.report.charts.drawing import shortened

MAX_HEADING = 20
MAX_NAMES = 12
MAX_GROUPS = 12
"""Groups of agents that a table has columns for."""

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def names(problem: DecisionProblem) -> list[str]:
    """The agents' names on one line each."""
    return [words.printable(agent.name) for agent in problem.agents]


def short(name: str) -> str:
    """A name that fits into the heading of a column; it is in full elsewhere."""
    return shortened(name, MAX_HEADING)


def alike(figures: Mapping[int, Hashable]) -> list[list[int]]:
    """Agents with the same figures together, in their order; at most `MAX_GROUPS` groups."""
    groups: dict[Hashable, list[int]] = {}
    for i, known in figures.items():
        groups.setdefault(known, []).append(i)
    return list(groups.values())[:MAX_GROUPS]


def listed(parts: Sequence[str]) -> str:
    """Names with commas and an "and"; of very many the first ones."""
    if len(parts) > MAX_NAMES:
        return f"{', '.join(parts[: MAX_NAMES - 2])} and {len(parts) - MAX_NAMES + 2} more"
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def agents(problem: DecisionProblem, chosen: Sequence[int]) -> str:
    """Agents by name."""
    told = listed([names(problem)[i] for i in chosen])
    return f"agent{'s' * (len(chosen) != 1)} {told}"


def capital(told: str) -> str:
    """A sentence's beginning."""
    return told[:1].upper() + told[1:]


def coalitions(game: LinkedGame, found: Sequence[Sequence[int]]) -> str:
    """Coalitions as sets of names."""
    known = names(game.problem)
    return listed(["{" + ", ".join(known[i] for i in members) + "}" for members in found])


def sentence(note: str) -> str:
    """A note with a capital letter and a full stop."""
    told = words.printable(note)
    return f"{capital(told)}{'' if told.endswith('.') else '.'}"


def letter(k: int) -> str:
    """Name of the k-th class: A to Z, then AA and so on."""
    return LETTERS[k] if k < len(LETTERS) else letter(k // len(LETTERS) - 1) + LETTERS[k % len(LETTERS)]


def counted(count: int, what: str) -> str:
    """A number of things."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"
