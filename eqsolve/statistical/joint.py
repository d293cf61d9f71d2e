"""Joint laws of all agents' paths, and whether they are private (Zhu, section 2.1).

A law is private if, at every date, an agent's future types depend on everybody's past through its own past only. Then
what an agent learns about the others does not change how likely its own path is to leave Ω*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from eqsolve.errors import ModelError
from eqsolve.statistical.process import Path, Tree

Profile = tuple[Path, ...]
"""A path per agent."""


@dataclass(frozen=True)
class JointLaw:
    """A law of all paths, listed.

    Parameters
    ----------
    sizes : tuple of int
        Number of types, by agent.
    dates : int
    chances : mapping of a path per agent to its probability

    Raises
    ------
    ModelError
        If the probabilities do not sum to 1, one is negative, or a path does not fit.
    """

    sizes: tuple[int, ...]
    dates: int
    chances: Mapping[Profile, Fraction] = field(hash=False)

    def __post_init__(self) -> None:
        if any(len(profile) != len(self.sizes) for profile in self.chances):
            raise ModelError(
                f"joint: found a profile that does not fit, expected a path for each of {len(self.sizes)} agents"
            )
        for n in range(len(self.sizes)):
            self.marginal(n)

    def marginal(self, n: int) -> Tree:
        """The law of agent n's own path."""
        law: dict[Path, Fraction] = {}
        for profile, p in self.chances.items():
            if p < 0:
                raise ModelError(f"joint: found the probability {p}, expected none below 0")
            law[profile[n]] = law.get(profile[n], Fraction(0)) + p
        return Tree.of_paths(self.sizes[n], self.dates, law)

    def not_private(self) -> tuple[int, Profile] | None:
        """An agent and a joint history after which its future is not that of its own history; None if it is private.

        O(profiles times dates times agents).
        """
        trees = [self.marginal(n) for n in range(len(self.sizes))]
        for t in range(1, self.dates):
            futures: dict[Profile, list[dict[Path, Fraction]]] = {}
            for profile, p in self.chances.items():
                if p:
                    laws = futures.setdefault(tuple(path[:t] for path in profile), [{} for _ in trees])
                    for law, path in zip(laws, profile, strict=True):
                        law[path] = law.get(path, Fraction(0)) + p
            for history, laws in futures.items():
                mass = sum(laws[0].values())
                for n, (law, tree) in enumerate(zip(laws, trees, strict=True)):
                    own = tree.probability(history[n])
                    if any(p * own != tree.probability(path) * mass for path, p in law.items()):
                        return n, history
        return None

    def some(self, begins: Sequence[frozenset[Path]]) -> Fraction:
        """Probability that some agent's path begins with one of its histories in `begins`."""
        return sum(
            (
                p
                for profile, p in self.chances.items()
                if any(begins_with(path, found) for path, found in zip(profile, begins, strict=True))
            ),
            Fraction(0),
        )


def begins_with(path: Path, histories: frozenset[Path]) -> bool:
    """Whether a path begins with one of some histories."""
    return any(path[:t] in histories for t in range(len(path) + 1))
