"""Direct mechanisms on K copies of a decision problem: what they pay, what a lie gains, and how they run.

Agents report a type on every problem. Problems are treated alike: what happens on one of them depends on the types that
are reported there, and on the joint histogram of all reports.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from eqsolve.errors import ModelError
from eqsolve.mechanisms.bayesian import BayesianIncentives
from eqsolve.mechanisms.constraints import Candidate, Report
from eqsolve.mechanisms.dominant import DominantIncentives
from eqsolve.mechanisms.orbits import Orbits
from eqsolve.mechanisms.simulation import Simulation, decide, simulate
from eqsolve.problem import DecisionProblem, Profile
from eqsolve.rule import Lottery

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class DirectMechanism:
    """A direct mechanism on K copies that treats problems alike.

    Parameters
    ----------
    orbits : Orbits
        Joint histograms; a block is a joint histogram with a profile of types that occurs in it.
    lotteries : tuple of Lottery
        Per block what happens on a problem where these types are reported.
    transfers : {(agent, histogram): Fraction}
        What an agent expects to be paid when it reports so, over all problems; nothing by default.
    """

    orbits: Orbits
    lotteries: tuple[Lottery, ...]
    transfers: Mapping[Report, Fraction] = field(default_factory=dict)

    @property
    def problem(self) -> DecisionProblem:
        """The decision problem."""
        return self.orbits.problem

    @property
    def copies(self) -> int:
        """K."""
        return self.orbits.copies

    @cached_property
    def payoffs(self) -> tuple[Fraction, ...]:
        """Payoffs per problem of the agents under the truth, ex ante, transfers included."""
        orbits = self.orbits
        totals = [Fraction(0)] * self.problem.n
        for (h, p), c, lottery in zip(orbits.blocks, orbits.counts, self.lotteries, strict=True):
            mass = orbits.probabilities[h] * c
            for i, u in enumerate(orbits.profiles[p]):
                worth = self.problem.utility(i, u)
                totals[i] += mass * sum((q * w for q, w in zip(lottery, worth, strict=True) if q), Fraction(0))
        for (i, histogram), t in self.transfers.items():
            totals[i] += orbits.interim[i][histogram] * t
        return tuple(total / self.copies for total in totals)

    @cached_property
    def regret(self) -> Fraction:
        """The largest interim gain from misreporting, per problem, while the others are truthful; 0 if there is none.

        A misreport may be any vector of types. The mechanism is Bayesian incentive compatible if this is 0.
        """
        family = BayesianIncentives(self.orbits)
        gains = (gain for i in range(self.problem.n) for gain, *_ in family.gains(i, self._candidate))
        return max(gains) / self.copies

    @cached_property
    def ex_post_regret(self) -> Fraction:
        """The largest gain from misreporting, per problem, of an agent that knows everybody's types.

        Transfers are left out. The mechanism is dominant strategy incentive compatible if this is 0.
        """
        family = DominantIncentives(self.orbits)
        gains = (gain for i in range(self.problem.n) for gain, *_ in family.gains(i, self._candidate))
        return max(gains) / self.copies

    @cached_property
    def _candidate(self) -> Candidate:
        return Candidate.of(self.lotteries, self.transfers)

    def lottery(self, joint: Sequence[int], profile: Profile) -> Lottery:
        """Lottery over decisions on a problem with this profile of types, where `joint` counts all profiles.

        Parameters
        ----------
        joint : sequence of int
            On how many problems each of ``orbits.profiles`` is reported.
        profile : tuple of int
            One type per agent.

        Raises
        ------
        ModelError
            If the profile does not occur there.
        """
        return self.lotteries[self.block(joint, profile)]

    def block(self, joint: Sequence[int], profile: Profile) -> int:
        """Position of a block, see `lottery`."""
        h, p = self.orbits.position(joint), self.orbits.profile_index.get(tuple(profile))
        if h is None or p is None or (h, p) not in self.orbits.block_index:
            raise ModelError(f"found profile {profile!r} in {joint!r}, expected one that occurs there")
        return self.orbits.block_index[h, p]

    def decide(self, reports: Mapping[str, Sequence[str]], seed: int | None = None) -> tuple[str, ...]:
        """Run the mechanism once: what is decided on each problem.

        Parameters
        ----------
        reports : {agent: type on each problem}
        seed : int, optional
            Of the lotteries.

        Raises
        ------
        ModelError
            If somebody does not report one of its types on each of the K problems.
        """
        return decide(self.orbits, self.lotteries, reports, seed)

    def simulate(self, rounds: int = 10_000, seed: int | None = None) -> Simulation:
        """Play truthfully many times: estimated payoffs, with standard errors.

        Parameters
        ----------
        rounds : int
            How often K problems are decided.
        seed : int, optional
        """
        return simulate(self.orbits, self.lotteries, self.transfers, rounds, seed)

    def to_frame(self) -> pd.DataFrame:
        """What happens where, as a pandas DataFrame with a row for every block; probabilities are Fractions.

        Columns: the position of the joint histogram and its probability, on how many problems each profile is reported,
        the types of the profile that the row is about, and the probability of each decision.
        """
        import pandas as pd

        orbits, rows = self.orbits, []
        for (h, p), lottery in zip(orbits.blocks, self.lotteries, strict=True):
            row: dict[str, object] = {"joint histogram": h, "probability": orbits.probabilities[h]}
            row |= {self.profile_name(q): c for q, c in enumerate(orbits.joint[h])}
            row |= {
                f"type of {a.name}": a.types[u].name
                for a, u in zip(self.problem.agents, orbits.profiles[p], strict=True)
            }
            row |= dict(zip(self.problem.decisions, lottery, strict=True))
            rows.append(row)
        return pd.DataFrame(rows)

    def profile_name(self, p: int) -> str:
        """The types of a profile, joined by slashes."""
        agents = self.problem.agents
        return "/".join(a.types[u].name for a, u in zip(agents, self.orbits.profiles[p], strict=True))

    def __str__(self) -> str:
        from eqsolve.show.optimal_page import mechanism_text

        return mechanism_text(self)

    def _repr_html_(self) -> str:
        from eqsolve.show.optimal_html import mechanism_html

        return mechanism_html(self)
