"""Linked games: K copies of a decision problem, decided by a rule on announcements that a budget rations.

On every problem the mechanism takes the rule at what was announced for that problem (Jackson and Sonnenschein 2003,
section 3 and the appendix). All that the forms of the game need of problem and rule is one tensor per agent,
``g_i(u; v) = Σ_d f(v)[d] u(d)``: what a true type u of agent i gets on a problem where v is announced.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property

import numpy as np
import numpy.typing as npt

from eqsolve.budget import Budget, BudgetRule
from eqsolve.errors import ModelError, NotSupported, SizeError
from eqsolve.exact.rational import common_denominator, in_words
from eqsolve.problem import DecisionProblem, Profile
from eqsolve.processes import HistogramLaw, Process, TypeLaw, apply_process
from eqsolve.rule import Lottery, Rule
from eqsolve.status_quo import WalkingAway

MAX_COPIES = 100_000
MAX_TENSOR = 5_000_000
Tensor = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Options:
    """Options of the linked mechanism beyond rule and budget.

    Parameters
    ----------
    exact_marginals : bool
        Replace an announcement, with the smallest probability γ that allows it, by a draw that makes the announced
        frequencies exactly the prior (exact budgets only).
    walk_away : str, optional
        The status quo to which any agent may send a problem after its decision.
    filter : mapping, optional
        The correlation filter: ``epsilon`` or ``alpha``, and ``distance`` (exact budgets only).
    process : Process, or mapping of agent name to Process, optional
        How an agent's types hang together across problems; independent by default, and for agents left out.
    """

    exact_marginals: bool = False
    walk_away: str | None = None
    filter: Mapping[str, object] | None = None
    process: Process | Mapping[str, Process] | None = None


@dataclass(frozen=True, eq=False)
class LinkedGame:
    """A Bayesian game: type vectors U_i^K, messages in a budget M_i, payoffs per problem.

    Parameters
    ----------
    problem : DecisionProblem
    rule : Rule
        The social choice function f.
    copies : int
        K >= 1.
    budget_rules : BudgetRule or mapping of agent name to BudgetRule
        Agents left out of a mapping are held to their prior frequencies.
    options : Options

    Raises
    ------
    ModelError
        If a budget cannot be met, or exact marginals are asked for where they do not exist.
    NotSupported
        For options whose equilibria eqsolve cannot compute.
    """

    problem: DecisionProblem
    rule: Rule
    copies: int
    budget_rules: BudgetRule | Mapping[str, BudgetRule] = field(default_factory=BudgetRule)
    options: Options = field(default_factory=Options)

    def __post_init__(self) -> None:
        if not isinstance(self.copies, int) or isinstance(self.copies, bool) or self.copies < 1:
            raise ModelError(f"copies: found {self.copies!r}, expected a whole number, at least 1")
        if self.copies > MAX_COPIES:
            raise SizeError(f"copies: found {in_words(self.copies)}, at most {MAX_COPIES:,} are linked")
        _ = self.budgets, self.gammas, self.status_quo, self.type_laws
        self._check_filter()

    def _check_filter(self) -> None:
        """Refuse a filter where it does not say what happens."""
        if self.options.filter is None:
            return
        if self.options.walk_away is not None or self.options.process is not None:
            other = "walk_away" if self.options.walk_away is not None else "process"
            raise NotSupported(f"link.filter: a filter together with link.{other} cannot be solved; leave one out")
        for agent, budget in zip(self.problem.agents, self.budgets, strict=True):
            if not budget.is_exact:
                raise NotSupported(
                    f"link.filter: agent {agent.name!r} has a loose budget; a filter compares announcements with "
                    "frequencies that an exact budget (frequencies, counts) fixes"
                )

    @property
    def n(self) -> int:
        """Number of agents."""
        return self.problem.n

    @cached_property
    def unfiltered(self) -> LinkedGame:
        """The game without its correlation filter; the game itself if it has none."""
        if self.options.filter is None:
            return self
        return replace(self, options=replace(self.options, filter=None))

    @cached_property
    def budgets(self) -> tuple[Budget, ...]:
        """Budget of each agent."""
        return apply_budgets(self.problem, self.budget_rules, self.copies)

    @cached_property
    def type_laws(self) -> tuple[TypeLaw, ...]:
        """Law of each agent's type vector."""
        return apply_process(self.options.process, self.problem.agents, self.copies)

    @property
    def has_processes(self) -> bool:
        """Whether somebody's types are not independent across problems."""
        return not all(law.is_independent for law in self.type_laws)

    @property
    def is_exchangeable(self) -> bool:
        """Whether renaming problems leaves the laws of all agents with a choice that matters as they are."""
        return all(self.type_laws[i].is_exchangeable for i in self.active)

    def require_exchangeable(self) -> None:
        """Raise NotSupported if renaming problems changes the law of an agent with a choice that matters."""
        for i in self.active:
            self.type_laws[i].require_exchangeable()

    @cached_property
    def status_quo(self) -> int | None:
        """Index of the decision that walking away leads to; None where nobody may."""
        if self.options.walk_away is None:
            return None
        if self.options.walk_away not in self.problem.decisions:
            raise ModelError(f"link.walk_away: found {self.options.walk_away!r}, expected one of the decisions")
        return self.problem.decisions.index(self.options.walk_away)

    @cached_property
    def walking_away(self) -> WalkingAway | None:
        """What happens on a problem when everybody may walk away from it; None where nobody may."""
        return None if self.status_quo is None else WalkingAway(self.problem, self.lotteries, self.status_quo)

    @cached_property
    def gammas(self) -> tuple[Fraction, ...]:
        """Probability of replacement per agent and problem; 0 without exact marginals."""
        if not self.options.exact_marginals:
            return (Fraction(0),) * self.n
        return tuple(self._gamma(i) for i in range(self.n))

    def _gamma(self, i: int) -> Fraction:
        agent, counts = self.problem.agents[i], self.budgets[i].counts
        if counts is None:
            raise ModelError(f"link.exact_marginals: agent {agent.name!r} has a loose budget, expected an exact one")
        gamma = 1 - min(p * self.copies / b for p, b in zip(agent.prior, counts, strict=True) if b)
        if gamma == 1:
            names = [t.name for t, b in zip(agent.types, counts, strict=True) if b and not t.prob]
            raise ModelError(
                f"link.exact_marginals: agent {agent.name!r} must announce {', '.join(names)}, which never occurs; "
                "no replacement makes the frequencies exact"
            )
        return gamma

    def replacement(self, i: int) -> tuple[Fraction, ...]:
        """Law from which a replaced announcement of agent i is drawn; zeros where nothing is replaced."""
        gamma, counts = self.gammas[i], self.budgets[i].counts
        if not gamma or counts is None:
            return (Fraction(0),) * len(counts or self.problem.agents[i].types)
        prior = self.problem.agents[i].prior
        return tuple((p - (1 - gamma) * Fraction(b, self.copies)) / gamma for p, b in zip(prior, counts, strict=True))

    @cached_property
    def lotteries(self) -> dict[Profile, Lottery]:
        """Lottery on a problem at each announced profile, replacements included."""
        lotteries = dict(self.rule.lotteries)
        for i in range(self.n):
            gamma, law = self.gammas[i], self.replacement(i)
            if gamma:
                lotteries = _replaced(lotteries, i, gamma, law)
        return lotteries

    @cached_property
    def values(self) -> tuple[tuple[Tensor, int], ...]:
        """Per agent the tensor g_i times a common denominator, and that denominator.

        The shape is (types of i, types of 1, ..., types of n): true type of agent i, then the announced profile.

        Raises
        ------
        NotSupported
            With walking away: then payoffs depend on everybody's true types, too. With a filter: then they depend on
            the announcements on all problems.
        """
        if self.options.filter is not None:
            raise NotSupported(
                "link.filter: this is not computed for games with a correlation filter, as payoffs then are no sum "
                "over problems; solve and collude take the filter into account"
            )
        if self.status_quo is not None:
            raise NotSupported(
                "link.walk_away: this is not computed for games in which agents may walk away, as payoffs then depend "
                "on everybody's true types; solve gives their equilibria, floors and ceilings"
            )
        size = math.prod(self.problem.shape) * max(self.problem.shape)
        if size > MAX_TENSOR:
            raise SizeError(
                f"the values have {in_words(size)} entries per agent, at most {MAX_TENSOR:,}; "
                "fewer agents or types help"
            )
        return tuple(self._value_tensor(i) for i in range(self.n))

    def _value_tensor(self, i: int) -> tuple[Tensor, int]:
        shape = self.problem.shape
        worth = [self.problem.utility(i, u) for u in range(shape[i])]
        cells = [
            [
                sum((p * w for p, w in zip(lottery, row, strict=True) if p), Fraction(0))
                for lottery in self.lotteries.values()
            ]
            for row in worth
        ]
        scale = common_denominator(q for row in cells for q in row)
        tensor = np.empty((shape[i], *shape), dtype=object)
        for u, row in enumerate(cells):
            for profile, q in zip(self.lotteries, row, strict=True):
                tensor[(u, *profile)] = int(q * scale)
        return tensor, scale

    @cached_property
    def relevant(self) -> tuple[bool, ...]:
        """Whether an agent's announcements move anybody's payoff (at types that can occur)."""
        return tuple(self._is_relevant(i) for i in range(self.n))

    def _is_relevant(self, i: int) -> bool:
        if self.walking_away is not None:
            return self.walking_away.is_relevant(i)
        for j, (tensor, _) in enumerate(self.values):
            possible = [u for u, p in enumerate(self.problem.agents[j].prior) if p]
            slices = np.moveaxis(tensor[possible], i + 1, 0)
            if any((part != slices[0]).any() for part in slices[1:]):
                return True
        return False

    @cached_property
    def active(self) -> tuple[int, ...]:
        """Agents that have a choice which matters to somebody.

        With a filter everybody with a choice: others are judged by how they announce beside it.
        """
        if self.options.filter is not None:
            return tuple(i for i in range(self.n) if not self._single_message(i))
        return tuple(i for i in range(self.n) if self.relevant[i] and not self._single_message(i))

    def _single_message(self, i: int) -> bool:
        counts = self.budgets[i].counts
        return counts is not None and max(counts) == self.copies

    @cached_property
    def active_values(self) -> tuple[tuple[Tensor, int], ...]:
        """`values` with the announcements of agents that are not active fixed.

        An agent with a single message announces one type everywhere; of an agent that does not matter any
        announcement may stand for all. Shape (types of i, types of j for j in `active`).
        """
        return tuple((tensor[(slice(None), *self._fixed)], scale) for tensor, scale in self.values)

    @cached_property
    def met_values(self) -> tuple[tuple[Tensor, int], ...]:
        """`active_values` by what others meet of an active agent: its announcement, or more.

        With walking away they meet its true and its announced type. The shape is (types of i, what is met of j for j in
        `active`) with one entry for each pair of types, true ones slowly; of agent i itself it is the announcement.
        True types of agents that are not active are averaged.
        """
        if self.walking_away is None:
            return self.active_values
        return tuple(self.walking_away.met(i, self.active, self._fixed) for i in range(self.n))

    def met_count(self, i: int) -> int:
        """How many different things others may meet of an active agent on a problem."""
        types = len(self.problem.agents[i].types)
        return types if self.status_quo is None else types * types

    @cached_property
    def _fixed(self) -> tuple[int | slice, ...]:
        fixed: list[int | slice] = []
        for i in range(self.n):
            counts = self.budgets[i].counts
            if i in self.active:
                fixed.append(slice(None))
            else:
                fixed.append(counts.index(max(counts)) if counts is not None else 0)
        return tuple(fixed)

    def type_vector_count(self, i: int) -> int:
        """Number of type vectors of positive probability."""
        return self.type_laws[i].vector_count()

    def type_vectors(self, i: int) -> list[tuple[int, ...]]:
        """Type vectors of positive probability, lexicographically."""
        return list(self.type_laws[i].vectors())

    def type_probability(self, i: int, vector: Sequence[int]) -> Fraction:
        """Probability of a type vector."""
        return self.type_laws[i].probability(vector)

    def histogram_law(self, i: int) -> HistogramLaw:
        """Law of the histogram of agent i's true types, positive probabilities only.

        Raises
        ------
        SizeError
            If there are too many histograms; independent types have C(K + m - 1, m - 1) for m types.
        NotSupported
            If the type process is not exchangeable, so that the histogram does not tell enough.
        """
        return self.type_laws[i].histogram_law()

    def vector_name(self, i: int, vector: Sequence[int]) -> str:
        """A type vector or message as text, ``"low, high"``."""
        names = self.problem.agents[i].type_names
        return ", ".join(names[u] for u in vector)


def apply_budgets(
    problem: DecisionProblem, rules: BudgetRule | Mapping[str, BudgetRule], copies: int
) -> tuple[Budget, ...]:
    """Budget of every agent; agents left out of a mapping are held to their prior frequencies.

    Raises
    ------
    ModelError
        If a budget cannot be met, or the mapping names an unknown agent.
    """
    try:
        if isinstance(rules, BudgetRule):
            return tuple(rules.apply(agent, copies) for agent in problem.agents)
        for name in rules:
            problem.agent_index(name)
        return tuple(rules.get(a.name, BudgetRule()).apply(a, copies) for a in problem.agents)
    except ModelError as error:
        raise ModelError(f"link.budget: {error}") from None


def _replaced(
    lotteries: Mapping[Profile, Lottery], i: int, gamma: Fraction, law: Sequence[Fraction]
) -> dict[Profile, Lottery]:
    """Lotteries when agent i's announcement is replaced by a draw from `law` with probability gamma."""
    drawn: dict[Profile, list[Fraction]] = {}
    for profile, lottery in lotteries.items():
        others = (*profile[:i], *profile[i + 1 :])
        total = drawn.setdefault(others, [Fraction(0)] * len(lottery))
        for d, p in enumerate(lottery):
            total[d] += law[profile[i]] * p
    return {
        profile: tuple(
            (1 - gamma) * p + gamma * q for p, q in zip(lottery, drawn[(*profile[:i], *profile[i + 1 :])], strict=True)
        )
        for profile, lottery in lotteries.items()
    }
