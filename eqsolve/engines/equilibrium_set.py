"""What a search for the equilibria of an n-player game returns: exact points, certified boxes, and gaps said aloud."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from eqsolve.engines.support_profiles import Support

if TYPE_CHECKING:
    import pandas as pd

Interval = tuple[Fraction, Fraction]
Value = Fraction | Interval


@dataclass(frozen=True)
class FieldCertificate:
    """An irrational equilibrium in the field of a root: what proves it without any solver.

    Attributes
    ----------
    minimal : tuple of int
        Irreducible integer polynomial, coefficients from the constant one up.
    root : (Fraction, Fraction)
        Interval with exactly one real root of it.
    strategies : per player, per strategy, a tuple of Fractions
        Each probability as a polynomial in the root, coefficients from the constant one up.
    """

    minimal: tuple[int, ...]
    root: Interval
    strategies: tuple[tuple[tuple[Fraction, ...], ...], ...]


@dataclass(frozen=True)
class MixedEquilibrium:
    """One equilibrium.

    Attributes
    ----------
    strategies : per player, per strategy, a Fraction or a pair (lo, hi) of Fractions
        A Fraction is exact; lo < probability < hi otherwise. The box of all intervals holds no other
        equilibrium with this support, and intervals of played strategies lie above 0.
    payoffs : per player, a Fraction or a pair (lo, hi)
    support : per player, the indices of the strategies played with positive probability
    certificate : FieldCertificate or None
        None for a rational equilibrium (whose regret of 0 anybody can compute) and for one that was certified
        by Krawczyk's test.
    """

    strategies: tuple[tuple[Value, ...], ...]
    payoffs: tuple[Value, ...]
    support: Support
    certificate: FieldCertificate | None = None

    def __str__(self) -> str:
        sides = [" ".join(written(p) for p in player) for player in self.strategies]
        return " | ".join(sides) + "  payoffs " + " ".join(written(p) for p in self.payoffs)

    @property
    def is_rational(self) -> bool:
        """Whether all probabilities are exact rationals."""
        return all(isinstance(p, Fraction) for player in self.strategies for p in player)


@dataclass(frozen=True)
class Continuum:
    """A polytope of equilibria in which one player mixes.

    Attributes
    ----------
    support : per player, the indices of the strategies
    player : int
        Who mixes; the others play one strategy.
    vertices : tuple of MixedEquilibrium
        Two or more, exact. Mixing the player's strategies in them gives equilibria only, and every equilibrium
        with this support is such a mixture. A vertex may have a smaller support, and then is also listed there.
    """

    support: Support
    player: int
    vertices: tuple[MixedEquilibrium, ...]


@dataclass(frozen=True)
class Undecided:
    """A support profile on which equilibria may be missing.

    Attributes
    ----------
    support : per player, the indices of the strategies
    reason : str
    samples : tuple of MixedEquilibrium
        Equilibria with this support, found by cutting an infinite solution set at random: they usually lie on
        a continuum of equilibria.
    """

    support: Support
    reason: str
    samples: tuple[MixedEquilibrium, ...] = ()


@dataclass(frozen=True)
class EquilibriumSet:
    """Result of `all_equilibria`; iterating gives the equilibria.

    Attributes
    ----------
    shape : tuple of int
        Numbers of strategies of the game.
    equilibria : tuple of MixedEquilibrium
        Certified, each once; every isolated equilibrium is among them if `complete`.
    complete : bool
        Whether every equilibrium of the game is listed or lies in a listed continuum. False as soon as one
        support is undecided.
    stopped : str or None
        Why the list may not be complete, in a sentence; None if complete.
    continua : tuple of Continuum
        Polytopes of equilibria, one per support profile that has one.
    undecided : tuple of Undecided
    supports : int
        Support profiles whose equations were looked at.
    method : str
    parameters : dict
    """

    shape: tuple[int, ...]
    equilibria: tuple[MixedEquilibrium, ...]
    complete: bool
    stopped: str | None
    continua: tuple[Continuum, ...] = ()
    undecided: tuple[Undecided, ...] = ()
    supports: int = 0
    method: str = "support enumeration with exact algebra"
    parameters: dict[str, Any] = field(default_factory=dict)

    def __iter__(self) -> Iterator[MixedEquilibrium]:
        return iter(self.equilibria)

    def __len__(self) -> int:
        return len(self.equilibria)

    def __str__(self) -> str:
        status = "complete" if self.complete else f"not complete: {self.stopped}"
        lines = [f"{len(self)} equilibria, {status}", *map(str, self.equilibria)]
        for number, continuum in enumerate(self.continua, start=1):
            lines += [f"continuum {number}, all mixtures of:", *(f"  {vertex}" for vertex in continuum.vertices)]
        return "\n".join(lines)

    def entries(self) -> list[dict[str, Any]]:
        """Equilibria for JSON: rationals as texts, irrational numbers as ``{"lo": q, "hi": q}``."""
        return [
            {
                "strategies": [[_json(p) for p in player] for player in equilibrium.strategies],
                "payoffs": [_json(p) for p in equilibrium.payoffs],
            }
            for equilibrium in self.equilibria
        ]

    def to_frame(self) -> pd.DataFrame:
        """Give a DataFrame (needs pandas): a row per equilibrium, columns (player, strategy or "payoff").

        Players and strategies are numbered from 1; entries are Fractions or pairs.
        """
        import numpy as np
        import pandas as pd

        columns = [(str(i + 1), str(k + 1)) for i, m in enumerate(self.shape) for k in range(m)] + [
            (str(i + 1), "payoff") for i in range(len(self.shape))
        ]
        rows = [[*(p for player in e.strategies for p in player), *e.payoffs] for e in self.equilibria]
        cells = np.empty((len(rows), len(columns)), dtype=object)
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                cells[r, c] = value  # one by one: a box (lo, hi) would be taken apart
        return pd.DataFrame(cells, columns=pd.MultiIndex.from_tuples(columns))

    def _repr_html_(self) -> str:
        status = "complete" if self.complete else f"not complete: {self.stopped}"
        rows = []
        for number, e in enumerate(self.equilibria, start=1):
            cells = [" ".join(written(p) for p in player) for player in (*e.strategies, e.payoffs)]
            rows.append(f"<tr><th>{number}</th>" + "".join(f"<td>{html.escape(c)}</td>" for c in cells) + "</tr>")
        players = "".join(f"<th>player {i + 1}</th>" for i in range(len(self.shape)))
        polytopes = f", {len(self.continua)} continua" if self.continua else ""
        head = f"<p>{len(self)} equilibria{polytopes}, {html.escape(status)}</p>"
        return f"{head}<table><tr><th></th>{players}<th>payoffs</th></tr>{''.join(rows)}</table>"


def ends(value: Value) -> Interval:
    """Both ends of an interval; twice the number itself if it is exact."""
    return value if isinstance(value, tuple) else (value, value)


def written(value: Value) -> str:
    """Write an exact number as such, an interval as the decimal of its middle marked with ≈."""
    return f"≈{float(sum(value) / 2):.6g}" if isinstance(value, tuple) else str(value)


def _json(value: Value) -> str | dict[str, str]:
    return {"lo": str(value[0]), "hi": str(value[1])} if isinstance(value, tuple) else str(value)
