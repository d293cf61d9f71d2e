"""What became of a published claim: a computed figure or fact, a verdict, and how it was reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from eqsolve.exact.printed import agrees
from eqsolve.exact.rational import text

HOLDS = "holds"
CAVEAT = "holds-with-caveat"
ERRATUM = "erratum"
OPEN = "open"
VERDICTS = (HOLDS, CAVEAT, ERRATUM, OPEN)


@dataclass(frozen=True)
class Published:
    """A claim as it was published.

    Parameters
    ----------
    id : str
    source : str
        The document, ``000`` to ``004``, or the file of a bundled model.
    where : str
        Place in the source.
    says : str
        The claim in our words.
    printed : str or None
        The figure in the source, several separated by commas; None where there is none.
    """

    id: str
    source: str
    where: str
    says: str
    printed: str | None = None

    @property
    def figures(self) -> list[str]:
        """The printed figures, one by one."""
        return [] if self.printed is None else [part.strip() for part in self.printed.split(",")]


@dataclass(frozen=True)
class Settled:
    """What a computation says of a claim.

    Parameters
    ----------
    computed : str
        The computed figure, exact, or the fact that was found; empty where nothing was computed.
    verdict : {"holds", "holds-with-caveat", "erratum", "open"}
    caveat : str
        What a careful reader should add; for an erratum what is wrong. Empty for claims that simply hold.
    method : str
        How it was computed; for an open claim what is missing.
    """

    computed: str
    verdict: str
    caveat: str
    method: str


def sentence(holds: bool, computed: str, method: str, *, caveat: str = "", wrong: str = "") -> Settled:
    """Settle a sentence: `caveat` is added where it holds, `wrong` says what is wrong where it does not."""
    if not holds:
        return Settled(computed, ERRATUM, wrong, method)
    return Settled(computed, CAVEAT if caveat else HOLDS, caveat, method)


def figure(
    claim: Published, values: Sequence[Fraction | int], method: str, *, caveat: str = "", wrong: str = ""
) -> Settled:
    """Settle printed figures: each has to be within half a unit of its last digit, a fraction has to be equal."""
    exact = [Fraction(value) for value in values]
    printed = claim.figures
    right = len(printed) == len(exact) and all(map(agrees, printed, exact))
    return sentence(right, ", ".join(map(text, exact)), method, caveat=caveat, wrong=wrong)


def unsettled(why: str) -> Settled:
    """A claim that stays open; `why` says what is missing or what stopped the work."""
    return Settled("", OPEN, "", why)
