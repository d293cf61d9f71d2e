"""The retraction of Lemma 1: adapted, onto Ω*, and the identity there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from eqsolve.errors import ModelError
from eqsolve.statistical.process import Path


@dataclass(frozen=True)
class Retraction:
    """Follow the path as long as a member of Ω* begins like it; then follow a member that was chosen for that history.

    Parameters
    ----------
    members : tuple of Path
        Ω*, in the order in which members are preferred: of those that begin like a history the first one is chosen.

    Raises
    ------
    ModelError
        If Ω* is empty; then there is no map into it, and Lemma 1 does not hold as printed.
    """

    members: tuple[Path, ...]
    _chosen: dict[Path, Path] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.members:
            raise ModelError("typical: found an empty set, expected at least one path to retract to")
        for member in self.members:
            for t in range(len(member) + 1):
                self._chosen.setdefault(member[:t], member)

    def begins_a_member(self, history: Path) -> bool:
        """Whether some member of Ω* begins so."""
        return history in self._chosen

    def leaves_at(self, path: Path) -> int:
        """The first date, from 1, at which no member begins like the path; T + 1 for members."""
        return next((t for t in range(1, len(path) + 1) if path[:t] not in self._chosen), len(path) + 1)

    def __call__(self, path: Path) -> Path:
        """The member that stands for a path."""
        return self._chosen[path[: self.leaves_at(path) - 1]]


def is_adapted(retraction: Callable[[Path], Path], paths: Iterable[Path]) -> bool:
    """Whether the image up to a date depends on the path up to that date only, on all paths; O(paths times dates)."""
    image: dict[Path, Path] = {}
    for path in paths:
        to = retraction(path)
        if any(image.setdefault(path[:t], to[:t]) != to[:t] for t in range(len(path) + 1)):
            return False
    return True


def is_identity(retraction: Callable[[Path], Path], members: Iterable[Path]) -> bool:
    """Whether every member stands for itself."""
    return all(retraction(path) == path for path in members)
