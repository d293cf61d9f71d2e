"""What a report shows: results of the solvers, model by model and K by K, and what was left out and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from eqsolve.certificate.check import Verdict as Checked
from eqsolve.claims import Verdict
from eqsolve.collusion.result import Collusion
from eqsolve.convergence import Curve
from eqsolve.filter.setting import Setting
from eqsolve.judge.lying import Lying
from eqsolve.linking import LinkedGame
from eqsolve.model import Model
from eqsolve.solution import Solution

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Part(Generic[T]):
    """A part of a report.

    Parameters
    ----------
    value : anything, or None where it is left out
    why : str
        Why it is left out or not complete, to follow the name of the part; empty if it is complete.
    seconds : float
        How long it took.
    """

    value: T | None = None
    why: str = ""
    seconds: float = 0.0

    def because(self, why: str) -> Part[T]:
        """The same part with another reason for what it lacks."""
        return replace(self, why=why)


@dataclass(frozen=True, eq=False)
class AtCopies:
    """What is known at one number of problems.

    Parameters
    ----------
    game : LinkedGame
    solution : Solution
    lies : per kind of equilibria (`eqsolve.show.words.kinds`) what each agent announces for which type, or None
    setting : Setting
        The correlation filter.
    collusions : tuple of Collusion
        One per coalition; None where no coalition could gain at the cost of others.
    """

    game: LinkedGame
    solution: Part[Solution]
    lies: Part[tuple[tuple[Lying, ...] | None, ...]]
    setting: Part[Setting]
    collusions: Part[tuple[Collusion, ...]] | None

    @property
    def copies(self) -> int:
        """K."""
        return self.game.copies


@dataclass(frozen=True, eq=False)
class ModelReport:
    """What is known of one model.

    Parameters
    ----------
    asked : str
        How the model was named.
    model : Model
    text : str
        The model file; empty for a model that was made in Python.
    digest : str
        SHA-256 of the model file, hexadecimal.
    curve : Curve
    at : tuple of AtCopies
    verdicts : tuple of Verdict
    own_claims : bool
        Whether the claims are those of the model file.
    checked : tuple of Checked
        What the checker of certificates says, one for each certificate of the verdicts.
    """

    asked: str
    model: Model
    text: str
    digest: str
    curve: Part[Curve]
    at: tuple[AtCopies, ...]
    verdicts: Part[tuple[Verdict, ...]]
    own_claims: bool
    checked: Part[tuple[Checked, ...]]

    @property
    def copies(self) -> tuple[int, ...]:
        """The numbers of problems."""
        return tuple(a.copies for a in self.at)

    def left_out(self) -> Iterator[tuple[str, str]]:
        """What is missing or not complete, and why; what is missing for the same reason at several K is told once."""
        if self.curve.why:
            yield "payoffs over K", self.curve.why
        reasons: dict[tuple[str, str], list[int]] = {}
        for at in self.at:
            parts: dict[str, Part[Any] | None] = {
                "equilibria": at.solution,
                "lies": at.lies,
                "filter": at.setting,
                "collusion": at.collusions,
            }
            for name, part in parts.items():
                if part is not None and part.why:
                    reasons.setdefault((name, part.why), []).append(at.copies)
        for (name, why), copies in reasons.items():
            yield f"{name}, K = {', '.join(f'{k:,}' for k in copies)}", why
        if self.verdicts.why:
            yield "claims", self.verdicts.why
        if self.checked.why:
            yield "certificates", self.checked.why


@dataclass(frozen=True, eq=False, repr=False)
class Report:
    """What a page shows of one model or several.

    Parameters
    ----------
    models : tuple of ModelReport
    made : str
        Date and time, UTC.
    stopped : str or None
        Why parts were left out that could have been computed: a limit, or ``interrupted``.
    seconds : float
    """

    models: tuple[ModelReport, ...]
    made: str
    stopped: str | None
    seconds: float

    def to_html(self) -> str:
        """The page: one document that needs nothing from elsewhere."""
        from eqsolve.show.report.page import page

        return page(self)

    def __str__(self) -> str:
        lines = [f"Report on {len(self.models)} model{'s' * (len(self.models) != 1)}, {self.seconds:.1f} s"]
        for found in self.models:
            lines.append(f"  {found.asked}, K = {', '.join(map(str, found.copies))}")
            lines += [f"    {name}: {why}" for name, why in found.left_out()]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<{self}>"

    def _repr_html_(self) -> str:
        """The page in a frame of its own, for notebooks."""
        from eqsolve.show.report.page import framed

        return framed(self)

    def write(self, path: str | Path) -> None:
        """Write the page; the file is there as a whole or not at all.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        from eqsolve.io.whole_file import write_whole

        write_whole(path, self.to_html())
