"""Coordinated plans: what a coalition announces together, whatever its members' types are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from eqsolve.errors import ModelError
from eqsolve.filter.panel import Panel, Vector

Announcements = Mapping[int, Sequence[int]] | Mapping[str, Sequence[int]]
"""A message per member, by index or name."""


@dataclass(frozen=True)
class Plan:
    """A lottery over joint announcements of a coalition; everybody else plays label-free.

    Parameters
    ----------
    members : tuple of int
        Agents, increasing.
    lottery : tuple of (probability, one message per member)
    """

    members: tuple[int, ...]
    lottery: tuple[tuple[Fraction, tuple[Vector, ...]], ...]

    @classmethod
    def fixed(cls, panel: Panel, messages: Announcements) -> Plan:
        """The plan in which each member always sends one message.

        Parameters
        ----------
        panel : Panel
        messages : mapping of agent (index or name) to a vector of type indices
        """
        return cls.mixed(panel, [(Fraction(1), messages)])

    @classmethod
    def mixed(cls, panel: Panel, lottery: Sequence[tuple[Fraction, Announcements]]) -> Plan:
        """A plan that draws among joint announcements.

        Raises
        ------
        ModelError
            If nobody takes part, members differ between draws, a message is not in its budget, or probabilities do
            not sum to 1.
        """
        drawn = []
        for probability, messages in lottery:
            by_agent = {panel.index(i) if isinstance(i, str) else i: tuple(m) for i, m in messages.items()}
            for i, message in by_agent.items():
                if not 0 <= i < panel.n:
                    raise ModelError(f"plan: found agent {i}, expected one of 0 to {panel.n - 1}")
                if not panel.admits(i, message):
                    raise ModelError(
                        f"plan: agent {panel.names[i]!r}: found {list(message)}, expected a message with the budget "
                        f"{list(panel.budgets[i])}"
                    )
            drawn.append((Fraction(probability), by_agent))
        members = {tuple(sorted(by_agent)) for _, by_agent in drawn}
        if len(members) != 1 or not next(iter(members)):
            raise ModelError("plan: expected announcements of the same members in every draw, at least one")
        if sum(p for p, _ in drawn) != 1 or min(p for p, _ in drawn) < 0:
            raise ModelError("plan: expected probabilities that are not negative and sum to 1")
        coalition = next(iter(members))
        return cls(coalition, tuple((p, tuple(by_agent[i] for i in coalition)) for p, by_agent in drawn if p))


def opposite(panel: Panel, i: int, j: int) -> Plan:
    """The fixed opposite plan of two agents with two types each.

    Both announce their first type on as few common problems as the budgets allow; with even budgets on none, so that
    they never announce the same (Example 5).

    Raises
    ------
    ModelError
        If one of them announces another number of types than two.
    """
    used = [[u for u, b in enumerate(panel.budgets[k]) if b] for k in (i, j)]
    if [len(types) for types in used] != [2, 2]:
        raise ModelError("the fixed opposite plan: expected two agents who announce two types each")
    (a, b), (c, d) = used
    first, other = panel.budgets[i][a], panel.budgets[j][c]
    return Plan.fixed(
        panel,
        {
            i: (a,) * first + (b,) * (panel.copies - first),
            j: (d,) * (panel.copies - other) + (c,) * other,
        },
    )
