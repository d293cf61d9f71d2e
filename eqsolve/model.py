"""Models: a decision problem with its rule, its links and what somebody claimed of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from eqsolve.budget import Budget, BudgetRule
from eqsolve.errors import ModelError
from eqsolve.linking import LinkedGame, Options, apply_budgets
from eqsolve.problem import DecisionProblem
from eqsolve.rule import Rule


@dataclass(frozen=True)
class Claim:
    """What somebody said of a model.

    Parameters
    ----------
    says : str
        ``payoffs-unique``, ``outcome-unique``, ``equilibrium-unique``, ``truthful``, ``no-collusion`` or ``payoff``.
    copies : int, optional
        K; the model's own by default.
    where : str
        Place in the source.
    of : str
        For ``payoff``: ``label-free``, ``target``, ``floor``, ``ceiling`` or ``optimal``.
    printed : mapping of agent to the printed figure, as text
        Right if the computed figure is within half a unit of its last digit.
    """

    says: str
    copies: int | None = None
    where: str = ""
    of: str = "label-free"
    printed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Model:
    """A decision problem, a rule for it, and how it is linked.

    Parameters
    ----------
    problem : DecisionProblem
    rule : Rule
    copies : int
        Number of copies unless another one is asked for.
    budget_rules : BudgetRule or mapping of agent name to BudgetRule
    options : Options
    claims : tuple of Claim
    name, source : str
    """

    problem: DecisionProblem
    rule: Rule
    copies: int = 1
    budget_rules: BudgetRule | Mapping[str, BudgetRule] = field(default_factory=BudgetRule)
    options: Options = field(default_factory=Options)
    claims: tuple[Claim, ...] = ()
    name: str = ""
    source: str = ""

    @property
    def fixed_copies(self) -> int | None:
        """The number of copies that count budgets and type processes imply; None if any number will do."""
        return next((number for number, _ in self._implied()), None)

    def _implied(self) -> Iterator[tuple[int, str]]:
        """Numbers of copies that are implied, and by what."""
        rules = [self.budget_rules] if isinstance(self.budget_rules, BudgetRule) else self.budget_rules.values()
        for rule in rules:
            number = rule.copies()
            if number is not None:
                yield number, "the sum of the counts in link.budget"
        process = self.options.process
        for part in process.values() if isinstance(process, Mapping) else [process]:
            number = None if part is None else part.copies()
            if number is not None:
                yield number, "the length of the type vectors in link.process"

    def check_copies(self, copies: int) -> None:
        """Refuse a number of copies that count budgets or type processes do not fit."""
        for number, why in self._implied():
            if copies != number:
                raise ModelError(f"copies: found {copies}, expected {number}, {why}")

    def link(self, copies: int | None = None) -> LinkedGame:
        """The linked game on `copies` problems.

        Raises
        ------
        ModelError
            If the budget cannot be met on that many problems.
        """
        fixed = self.fixed_copies
        if copies is not None:
            self.check_copies(copies)
        return LinkedGame(
            self.problem,
            self.rule,
            (fixed or self.copies) if copies is None else copies,
            self.budget_rules,
            self.options,
        )

    def link_budgets(self) -> tuple[Budget, ...]:
        """The agents' budgets on the model's own number of copies.

        Raises
        ------
        ModelError
            If somebody's budget cannot be met, or speaks of unknown agents or types.
        """
        return apply_budgets(self.problem, self.budget_rules, self.fixed_copies or self.copies)

    def target(self) -> tuple[Fraction, ...]:
        """Payoffs under truth and the rule."""
        return self.rule.target()
