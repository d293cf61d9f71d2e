"""How truthful a message is at a type vector, by its lie table: how often each true type is announced as each type.

*Permutation-free*: the graph with an edge from every true type to every other type it is announced as has no cycle;
the agent never swaps announcements around. *Fewest lies*: announcement and truth differ on no more problems than the
budget forces. Types with equal utilities are one type. (Jackson and Sonnenschein 2003, section 3 and the proof of
Theorem 1.)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from eqsolve.certificate.game import Agent, Vector
from eqsolve.certificate.reading import Invalid, shown

SENSES = ("permutation-free", "fewest-lies")


def lies_told(agent: Agent, sense: str, types: Vector, messages: Iterable[Vector]) -> list[Vector]:
    """The messages that are not truthful at a type vector, in one of the two senses."""
    if sense not in SENSES:
        raise Invalid(f"sense: found {shown(sense)}, expected one of {', '.join(SENSES)}")
    forced = forced_lies(agent, types) if sense == "fewest-lies" else 0
    found = []
    for m in messages:
        pairs = ((agent.alike[u], agent.alike[v]) for u, v in zip(types, m, strict=True))
        lies = [(u, v) for u, v in pairs if u != v]
        if len(lies) > forced if sense == "fewest-lies" else not _acyclic(set(lies)):
            found.append(m)
    return found


def _acyclic(edges: set[tuple[int, int]]) -> bool:
    """Whether a graph has no cycle: one can remove nodes that no edge leaves until nothing is left."""
    while edges:
        leaving = {u for u, _ in edges}
        rest = {(u, v) for u, v in edges if v in leaving}
        if rest == edges:
            return False
        edges = rest
    return True


def forced_lies(agent: Agent, types: Vector) -> int:
    """The fewest lies that any admissible message tells: min over histograms b of Σ_u max(0, n_u - b_u)."""
    true = Counter(agent.alike[u] for u in types)

    def lies(announced: Vector) -> int:
        """The fewest lies of a message with this histogram: true types that it announces too rarely."""
        said: Counter[int] = Counter()
        for v, count in enumerate(announced):
            said[agent.alike[v]] += count
        return sum(max(0, count - said[u]) for u, count in true.items())

    return min(lies(b) for totals in agent.totals(len(types)) for b in agent.spread(totals))
