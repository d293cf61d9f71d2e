"""Type processes of one agent: laws of a type path ω_1, ..., ω_T on finitely many types, exact.

A process is a kernel: the law of the next type given the types so far. Independent draws, Markov chains, mixtures of
processes (the component is drawn once and for all) and trees are kernels.
"""

from __future__ import annotations

import itertools
import random
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from eqsolve.errors import ModelError, SizeError
from eqsolve.exact.rational import in_words, to_integers

Path = tuple[int, ...]
"""Types by index, one per date; a history is a path that is not complete yet."""
Law = tuple[Fraction, ...]

MAX_PATHS = 200_000
MAX_TREE = 20_000_000


@dataclass(frozen=True)
class TypeProcess(ABC):
    """Law of an agent's type path.

    Parameters
    ----------
    size : int
        Number of types, the same at every date.
    dates : int
        T.
    """

    size: int
    dates: int

    def __post_init__(self) -> None:
        if self.size < 1 or self.dates < 1:
            raise ModelError(f"process: found {self.size} types and {self.dates} dates, expected at least 1 of each")

    @abstractmethod
    def next_law(self, history: Path) -> Law:
        """Law of the type at date len(history) + 1; any law after a history of probability 0."""

    @property
    def path_count(self) -> int:
        """Number of paths in the type space, whatever their probability."""
        return int(self.size**self.dates)

    def probability(self, history: Sequence[int]) -> Fraction:
        """Probability that the path begins so."""
        found = Fraction(1)
        for t, u in enumerate(history):
            if not found:
                break
            found *= self.next_law(tuple(history[:t]))[u]
        return found

    def paths(self) -> Iterator[Path]:
        """All paths of the type space, lexicographically, those of probability 0 as well.

        Raises
        ------
        SizeError
            If there are more than `MAX_PATHS`.
        """
        check_paths(self.path_count)
        return itertools.product(range(self.size), repeat=self.dates)

    @cached_property
    def law(self) -> dict[Path, Fraction]:
        """Probabilities of the paths that are possible; SizeError if the type space has more than `MAX_PATHS`."""
        check_paths(self.path_count)
        front: dict[Path, Fraction] = {(): Fraction(1)}
        for _ in range(self.dates):
            front = {(*h, u): p * q for h, p in front.items() for u, q in enumerate(self.next_law(h)) if q}
        return front

    def sample(self, source: random.Random) -> Path:
        """Draw a path, exactly from the law (as far as the source of random numbers is uniform)."""
        path: Path = ()
        for _ in range(self.dates):
            weights, total = to_integers(self.next_law(path))
            drawn = source.randrange(total)
            u = -1
            while drawn >= 0:
                u += 1
                drawn -= weights[u]
            path = (*path, u)
        return path


@dataclass(frozen=True)
class Independent(TypeProcess):
    """Independent draws.

    Parameters
    ----------
    laws : one law per date, or a single law for all dates
    """

    laws: tuple[Law, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.laws) not in (1, self.dates):
            raise ModelError(f"process: found {len(self.laws)} laws for {self.dates} dates, expected one, or one each")
        for law in self.laws:
            check_law(law, self.size)

    def next_law(self, history: Path) -> Law:
        """The law of the date."""
        return self.laws[0] if len(self.laws) == 1 else self.laws[len(history)]

    @property
    def identical(self) -> bool:
        """Whether the draws have the same law at every date."""
        return len(set(self.laws)) == 1


@dataclass(frozen=True)
class Markov(TypeProcess):
    """A Markov chain.

    Parameters
    ----------
    start : law of the first type
    kernel : law of the next type, by the present one
    """

    start: Law = ()
    kernel: tuple[Law, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.kernel) != self.size:
            raise ModelError(f"process: found a kernel of {len(self.kernel)} rows, expected {self.size}")
        for law in (self.start, *self.kernel):
            check_law(law, self.size)

    def next_law(self, history: Path) -> Law:
        """The row of the present type."""
        return self.kernel[history[-1]] if history else self.start


@dataclass(frozen=True)
class Mixture(TypeProcess):
    """One of several processes, drawn once and never told.

    Parameters
    ----------
    weights : probabilities of the components
    components : processes of the same size and number of dates
    """

    weights: Law = ()
    components: tuple[TypeProcess, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        check_law(self.weights, len(self.components))
        if any((c.size, c.dates) != (self.size, self.dates) for c in self.components):
            raise ModelError(
                f"process: found components of other sizes, expected {self.size} types, {self.dates} dates"
            )

    def probability(self, history: Sequence[int]) -> Fraction:
        """Mean over the components."""
        terms = (w * c.probability(history) for w, c in zip(self.weights, self.components, strict=True))
        return sum(terms, Fraction(0))

    def next_law(self, history: Path) -> Law:
        """Mean over the components, weighted by how likely they made the history."""
        posterior = [w * c.probability(history) for w, c in zip(self.weights, self.components, strict=True)]
        posterior = posterior if any(posterior) else list(self.weights)
        laws = [c.next_law(history) for c in self.components]
        total = sum(posterior)
        return tuple(
            sum((w * law[u] for w, law in zip(posterior, laws, strict=True)), Fraction(0)) / total
            for u in range(self.size)
        )

    def sample(self, source: random.Random) -> Path:
        """Draw a component, then a path from it."""
        weights, total = to_integers(self.weights)
        drawn = source.randrange(total)
        for weight, component in zip(weights, self.components, strict=True):
            drawn -= weight
            if drawn < 0:
                return component.sample(source)
        raise AssertionError("the weights sum to their total")


@dataclass(frozen=True)
class Tree(TypeProcess):
    """A tree: the law of the next type at every history that can occur.

    Parameters
    ----------
    nodes : mapping of history to law
    """

    nodes: Mapping[Path, Law] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        for law in self.nodes.values():
            check_law(law, self.size)
        front: list[Path] = [()]
        for _ in range(self.dates):
            missing = [h for h in front if h not in self.nodes]
            if missing:
                raise ModelError(f"process: found no law after the types {missing[0]}, expected one")
            front = [(*h, u) for h in front for u, q in enumerate(self.nodes[h]) if q]
            check_paths(len(front))

    @classmethod
    def of_paths(cls, size: int, dates: int, chances: Mapping[Path, Fraction]) -> Tree:
        """The tree of a listed law of paths.

        Raises
        ------
        ModelError
            If the probabilities do not sum to 1 or a path does not fit.
        SizeError
            If paths times the square of their length are more than `MAX_TREE`.
        """
        if any(len(p) != dates or any(not 0 <= u < size for u in p) for p in chances):
            raise ModelError(f"process: found a path that does not fit, expected {dates} types below {size}")
        if dates**2 * len(chances) > MAX_TREE:
            raise SizeError(
                f"{len(chances):,} listed paths over {dates:,} dates are too many for a tree; a kernel helps"
            )
        total = sum(chances.values())
        if total != 1 or any(p < 0 for p in chances.values()):
            raise ModelError(f"process: found probabilities that sum to {total}, expected 1 and nothing negative")
        mass: dict[Path, Fraction] = {}
        for path, p in chances.items():
            for t in range(dates + 1):
                mass[path[:t]] = mass.get(path[:t], Fraction(0)) + p
        nodes = {
            h: tuple(mass.get((*h, u), Fraction(0)) / m for u in range(size))
            for h, m in mass.items()
            if m and len(h) < dates
        }
        return cls(size, dates, nodes)

    def next_law(self, history: Path) -> Law:
        """As listed; even odds where nothing is, which cannot occur."""
        return self.nodes.get(history) or (Fraction(1, self.size),) * self.size


def check_law(law: Sequence[Fraction], size: int) -> None:
    """Refuse what is no probability law on `size` types."""
    if len(law) != size or any(p < 0 for p in law) or sum(law) != 1:
        told = ", ".join(map(str, law))
        raise ModelError(f"process: found the probabilities {told}, expected {size} that sum to 1, none negative")


def check_paths(count: int) -> None:
    """Refuse to list more than `MAX_PATHS` paths."""
    if count > MAX_PATHS:
        raise SizeError(f"{in_words(count)} type paths, more than {MAX_PATHS:,}; fewer dates or types help")


@dataclass(frozen=True, eq=False)
class HistoryTree:
    """The histories that can occur, with conditional probabilities of an event.

    Parameters
    ----------
    levels : list of {history of t dates: law of the next type}, t = 0 to T − 1
    mass : probability of every history, complete paths included
    chance : P(path in the event | history)
    """

    levels: list[dict[Path, Law]]
    mass: dict[Path, Fraction]
    chance: dict[Path, Fraction]

    @classmethod
    def of(cls, process: TypeProcess, event: set[Path]) -> HistoryTree:
        """The tree of a process with the probability of a set of complete paths at every history.

        Forward for the laws, backward for the event: O(number of histories times types).

        Raises
        ------
        SizeError
            If the type space has more than `MAX_PATHS` paths.
        """
        check_paths(process.path_count)
        levels: list[dict[Path, Law]] = []
        mass: dict[Path, Fraction] = {(): Fraction(1)}
        front: list[Path] = [()]
        for _ in range(process.dates):
            levels.append({h: process.next_law(h) for h in front})
            following = {(*h, u): mass[h] * p for h, law in levels[-1].items() for u, p in enumerate(law) if p}
            mass.update(following)
            front = list(following)
        chance = {path: Fraction(path in event) for path in front}
        for level in reversed(levels):
            for h, law in level.items():
                chance[h] = sum((p * chance[(*h, u)] for u, p in enumerate(law) if p), Fraction(0))
        return cls(levels, mass, chance)
