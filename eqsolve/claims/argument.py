"""A claim being settled: builds the verdict from what is known when it falls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from eqsolve.claims.knowledge import Knowledge, extreme_payoffs
from eqsolve.claims.proofs import witnesses_pay_differently
from eqsolve.claims.verdict import OPEN, PROVED, REFUTED, Interval, Payoffs, Verdict
from eqsolve.linking import LinkedGame
from eqsolve.model import Claim
from eqsolve.solution import Equilibrium


@dataclass(frozen=True, eq=False)
class Argument:
    """A claim, and what is known of the game that it speaks of.

    Parameters
    ----------
    knowledge : Knowledge
    claim : Claim
    certify : bool
        Whether certificates are wanted; they cost time.
    """

    knowledge: Knowledge
    claim: Claim
    certify: bool = False

    @property
    def game(self) -> LinkedGame:
        """What the claim speaks of."""
        return self.knowledge.game

    def proved(self, method: str, witnesses: Sequence[Equilibrium] = (), **more: Any) -> Verdict:
        """The claim holds; witnesses then are of a caveat."""
        return self._verdict(PROVED, method, witnesses=tuple(witnesses), **more)

    def refuted(self, method: str, witnesses: Sequence[Equilibrium] = (), **more: Any) -> Verdict:
        """The claim fails."""
        return self._verdict(REFUTED, method, witnesses=tuple(witnesses), **more)

    def open(self, method: str, witnesses: Sequence[Equilibrium] = (), **more: Any) -> Verdict:
        """Neither was shown; witnesses then are of something that is nearly the claim."""
        return self._verdict(OPEN, method, witnesses=tuple(witnesses), **more)

    def stopped(self, why: str) -> Verdict:
        """The work ended early: what was worked out by then is kept, nothing more is begun.

        Two equilibria that pay differently refute uniqueness, however early the search ended.
        """
        done = vars(self.knowledge)
        unknown = (None,) * self.game.n
        floor, ceiling = done.get("floor", unknown), done.get("ceiling", unknown)
        different = self.claim.says.endswith("-unique") and any(lo != hi for lo, hi in self.knowledge.found)
        witnesses = extreme_payoffs(self.knowledge.seen) if different else []
        return Verdict(
            claim=self.claim,
            game=self.game,
            verdict=REFUTED if different else OPEN,
            method=f"equilibria were found that pay differently; stopped: {why}" if different else f"stopped: {why}",
            floor=floor,
            ceiling=ceiling,
            bracket=tuple(zip(floor, ceiling, strict=True)),
            found=self.knowledge.found,
            computed=unknown,
            witnesses=tuple(witnesses),
            certificates=witnesses_pay_differently(self, witnesses) if different else (),
            stopped=why,
        )

    def _verdict(
        self,
        verdict: str,
        method: str,
        *,
        bracket: Sequence[Interval] | None = None,
        computed: Sequence[Fraction | None] | None = None,
        witnesses: tuple[Equilibrium, ...] = (),
        fewest_lies: str | None = None,
        caveat: str = "",
        certificates: Sequence[Mapping[str, Any] | None] = (),
    ) -> Verdict:
        floor, ceiling = self.knowledge.floor, self.knowledge.ceiling
        unknown: Payoffs = (None,) * self.game.n
        return Verdict(
            claim=self.claim,
            game=self.game,
            verdict=verdict,
            method=method,
            floor=floor,
            ceiling=ceiling,
            bracket=tuple(bracket or zip(floor, ceiling, strict=True)),
            found=self.knowledge.found,
            computed=unknown if computed is None else tuple(computed),
            witnesses=witnesses,
            fewest_lies=fewest_lies,
            caveat=caveat,
            certificates=tuple(c for c in certificates if c is not None),
        )
