"""What became of a claim."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from eqsolve.linking import LinkedGame
from eqsolve.model import Claim
from eqsolve.solution import Equilibrium

PROVED = "proved"
REFUTED = "refuted"
OPEN = "open"

Payoffs = tuple[Fraction | None, ...]
Interval = tuple[Fraction | None, Fraction | None]


@dataclass(frozen=True, eq=False)
class Verdict:
    """A claim, whether it holds, and how that is known.

    Parameters
    ----------
    claim : Claim
    game : LinkedGame
        What the claim speaks of, K included.
    verdict : {"proved", "refuted", "open"}
    method : str
        How it was settled, in words; for an open claim what was tried.
    floor, ceiling : one Fraction or None per agent
        Bounds on the payoffs of all equilibria before any tightening.
    bracket : one (lowest, highest) per agent
        Tightest proved bounds; None where nothing is known.
    found : one (lowest, highest) per agent
        Range of the equilibria that were found: where it meets the bracket, the bracket is sharp.
    computed : one Fraction or None per agent
        For claims about figures, and the payoffs where they are unique.
    witnesses : tuple of Equilibrium
        Equilibria that refute the claim; each has regret 0.
    fewest_lies : {"proved", "refuted", "open"} or None
        For ``truthful``: what becomes of the claim in the stronger sense, fewest lies.
    caveat : str
        What a careful reader should add to the verdict.
    certificates : tuple of certificate documents
        What proves the verdict without any solver; empty where no format covers the argument.
    stopped : str or None
        Why the work ended early.
    """

    claim: Claim
    game: LinkedGame
    verdict: str
    method: str
    floor: Payoffs
    ceiling: Payoffs
    bracket: tuple[Interval, ...]
    found: tuple[Interval, ...]
    computed: Payoffs
    witnesses: tuple[Equilibrium, ...] = ()
    fewest_lies: str | None = None
    caveat: str = ""
    certificates: tuple[Mapping[str, Any], ...] = ()
    stopped: str | None = None

    def __str__(self) -> str:
        from eqsolve.show.verdict_page import verdicts_text

        return verdicts_text([self])

    def _repr_html_(self) -> str:
        from eqsolve.show.verdict_page import verdicts_html

        return verdicts_html([self])
