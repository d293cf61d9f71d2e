"""What `solve` answers: equilibria, what they mean, and how much of the truth that is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eqsolve.engines.transport import Table
from eqsolve.judge.coordination import Coordination
from eqsolve.judge.efficiency import Efficiency
from eqsolve.linking import LinkedGame
from eqsolve.strategy import Strategy, Vector

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

Messages = Mapping[Vector, tuple[Vector, ...]]


@dataclass(frozen=True, eq=False)
class Equilibrium:
    """A Bayesian Nash equilibrium of a linked game, and what it means.

    Parameters
    ----------
    payoffs : one Fraction per agent
        Ex ante, per problem.
    welfare : Fraction
        Sum of the payoffs with the weights of the rule.
    label_free : bool
        Whether renaming the problems renames the announcements.
    truthful : str or None
        ``fewest-lies``, ``permutation-free`` or ``no``, the worst over everything that may be played; None where
        there is too much to look at.
    coordination : Coordination
        Of the listed strategies.
    regret : Fraction
        Largest interim gain from deviating; exactly 0.
    strategies : one Strategy per agent, or None where there are too many type vectors to list
    free : per agent {type vector: messages}
        Messages among which the agent may mix at that type vector without leaving the class of equilibria.
    lie_tables : per agent {histogram: lie tables}, optional
        What a label-free strategy does, where strategies are not listed.
    walks : Fraction, optional
        Share of the problems from which somebody walks away; None where nobody may.
    """

    payoffs: tuple[Fraction, ...]
    welfare: Fraction
    label_free: bool
    truthful: str | None
    coordination: Coordination
    regret: Fraction
    strategies: tuple[Strategy, ...] | None
    free: tuple[Messages, ...] | None
    lie_tables: tuple[Mapping[tuple[int, ...], tuple[Table, ...]], ...] | None = None
    walks: Fraction | None = None

    def _repr_html_(self) -> str:
        from eqsolve.show.html import equilibrium_html

        return equilibrium_html(self)


@dataclass(frozen=True, eq=False)
class Solution:
    """Equilibria of a linked game.

    Parameters
    ----------
    game : LinkedGame
    form : {"explicit", "separable", "label-free"}
    method : str
        The engine that found them.
    scope : {"all", "label-free", "found"}
        Which equilibria `complete` speaks of.
    complete : bool
        Every equilibrium within `scope` lies in a listed subset, up to payoff-equivalent strategies: a proof.
    stopped : str or None
        Why the work ended early.
    target : payoffs under truth and the rule
    floor, ceiling : bounds on the payoffs of all equilibria, None where not computed
    equilibria : tuple of Equilibrium
        The label-free one first, where there is one.
    subsets, components : tuples of tuples of indices into `equilibria`
        Maximal Nash subsets, and the unions of those that touch.
    label_free_payoffs : payoffs of all label-free equilibria, None if they differ or are not known
    efficiency : Efficiency or None
        Whether the rule is ex ante Pareto efficient.
    shortened : bool
        Whether some subset lists every extreme strategy, but not every pair of them.
    notes : tuple of str
        What a reader should know: how the form was chosen, what was removed.
    seconds : float
    """

    game: LinkedGame
    form: str
    method: str
    scope: str
    complete: bool
    stopped: str | None
    target: tuple[Fraction, ...]
    floor: tuple[Fraction | None, ...]
    ceiling: tuple[Fraction | None, ...]
    equilibria: tuple[Equilibrium, ...]
    subsets: tuple[tuple[int, ...], ...]
    components: tuple[tuple[int, ...], ...]
    label_free_payoffs: tuple[Fraction, ...] | None
    efficiency: Efficiency | None = None
    shortened: bool = False
    notes: tuple[str, ...] = field(default=())
    seconds: float = 0.0

    def __iter__(self) -> Iterator[Equilibrium]:
        return iter(self.equilibria)

    def __len__(self) -> int:
        return len(self.equilibria)

    def __getitem__(self, index: int) -> Equilibrium:
        return self.equilibria[index]

    @property
    def payoffs_unique(self) -> bool:
        """Whether it is proved that all equilibria pay the same: floors meet ceilings, or a complete list agrees."""
        if all(f is not None and f == c for f, c in zip(self.floor, self.ceiling, strict=True)):
            return True
        # Where not every pair of extreme strategies is listed, what a bystander gets was not seen everywhere.
        seen = not self.shortened or len(self.game.active) == self.game.n
        return seen and self.scope == "all" and self.complete and len({e.payoffs for e in self.equilibria}) == 1

    def to_frame(self) -> pd.DataFrame:
        """Equilibria as a pandas DataFrame, a row each; payoffs are Fractions."""
        import pandas as pd

        names = [a.name for a in self.game.problem.agents]
        rows: list[dict[str, Any]] = []
        for e in self.equilibria:
            row: dict[str, Any] = {f"payoff {name}": p for name, p in zip(names, e.payoffs, strict=True)}
            row |= {
                "welfare": e.welfare,
                "label-free": e.label_free,
                "truthful": e.truthful,
                "coordination": e.coordination.verdict,
                "distance": e.coordination.distance,
            }
            if e.walks is not None:
                row["walks"] = e.walks
            rows.append(row)
        return pd.DataFrame(rows)

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw every agent's payoffs with matplotlib; write them to a file (.png, .svg or .pdf) if a path is given."""
        from eqsolve.show.solution_plots import plot_payoffs

        return plot_payoffs(self, path)

    def _repr_html_(self) -> str:
        from eqsolve.show.html import solution_html

        return solution_html(self)

    def __str__(self) -> str:
        from eqsolve.show.terminal import solution_text

        return solution_text(self)
