"""Example 4: a seller (value 0 or 8) and a buyer (value 10 or 2) bargain over objects, one by one or linked."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property

from eqsolve.engines.lp import solve_lp
from eqsolve.exact.rational import text
from eqsolve.forms.label_free import LabelFreeForm
from eqsolve.judge.assess import Assessor
from eqsolve.judge.truth import FEWEST_LIES
from eqsolve.ledger.bundled import bundled
from eqsolve.ledger.settled import Published, Settled, figure, sentence

SELLER = {Fraction(0): Fraction(2, 3), Fraction(8): Fraction(1, 3)}
BUYER = {Fraction(10): Fraction(2, 3), Fraction(2): Fraction(1, 3)}
EAGER, RELUCTANT = (Fraction(0), Fraction(10)), (Fraction(8), Fraction(2))
Cell = tuple[Fraction, Fraction]
Row = dict[int, Fraction | int]
Mechanism = dict[Cell, tuple[Fraction, Fraction]]
"""Probability of trade and expected payment at each pair of values."""

INTERIM, EX_POST = "interim", "ex post"
EXACT_UP_TO = 60


def add(row: Row, other: Row, factor: Fraction | int = 1) -> None:
    """Add a multiple of a row to another one."""
    for x, q in other.items():
        row[x] = row.get(x, 0) + factor * q


def printed_mechanism() -> Mechanism:
    """The second-best mechanism of the table: trade and price at each pair of values."""
    always, often, never = Fraction(1), Fraction(5, 7), Fraction(0)
    table = {(0, 10): (always, 5), (8, 10): (often, 8), (0, 2): (often, 2), (8, 2): (never, 0)}
    return {(Fraction(s), Fraction(b)): (chance, chance * price) for (s, b), (chance, price) in table.items()}


@dataclass(frozen=True, eq=False)
class Trade:
    """Direct trading mechanisms under incentive and participation constraints; nobody else pays or is paid.

    Parameters
    ----------
    incentives, participation : {"interim", "ex post"}
        Interim, the other side is honest and its value an expectation; ex post, at each of its values (for incentives
        that is dominance).
    """

    incentives: str
    participation: str

    @cached_property
    def cells(self) -> list[Cell]:
        """Pairs of values; column k is the probability of trade in cell k, column 4 + k the expected payment."""
        return list(itertools.product(SELLER, BUYER))

    def _gain(self, side: int, value: Fraction, said: Fraction, other: Fraction) -> Row:
        """What a side with a value gets that announces `said` to an opponent who announces `other`."""
        k = self.cells.index((said, other) if side == 0 else (other, said))
        sign = 1 if side == 0 else -1
        return {k: -sign * value, len(self.cells) + k: sign}

    def _expected(self, side: int, value: Fraction, said: Fraction, when: str) -> Iterator[Row]:
        """Rows of `_gain` at every value of the other side, or their expectation."""
        law = (BUYER, SELLER)[side]
        if when == EX_POST:
            yield from (self._gain(side, value, said, other) for other in law)
            return
        row: Row = {}
        for other, p in law.items():
            add(row, self._gain(side, value, said, other), p)
        yield row

    def constraints(self) -> Iterator[Row]:
        """Rows that must not be negative."""
        for side, law in enumerate((SELLER, BUYER)):
            for value in law:
                yield from self._expected(side, value, value, self.participation)
                for said in law:
                    if said != value:
                        honest = self._expected(side, value, value, self.incentives)
                        lying = self._expected(side, value, said, self.incentives)
                        for row, lie in zip(honest, lying, strict=True):
                            add(row, lie, -1)
                            yield row

    def welfare(self) -> Row:
        """Expected gains from trade."""
        return {k: SELLER[s] * BUYER[b] * (b - s) for k, (s, b) in enumerate(self.cells)}

    def satisfied_by(self, mechanism: Mechanism) -> bool:
        """Whether a mechanism meets all constraints."""
        point = [mechanism[cell][part] for part in (0, 1) for cell in self.cells]
        return all(sum(q * point[x] for x, q in row.items()) >= 0 for row in self.constraints())

    def optimum(self, objective: Row | None = None, gains: Fraction | None = None, *, alike: bool = False) -> Fraction:
        """Largest expected gains from trade; or the largest objective among mechanisms with certain gains.

        `alike` asks for the same probability of trade where an eager side meets a reluctant one.
        """
        rows = list(self.constraints())
        n = len(self.cells)
        goal = self.welfare() if objective is None else objective
        equations: list[tuple[Row, Fraction | int]] = [] if gains is None else [(self.welfare(), gains)]
        if alike:
            first, second = mixed(self.cells)
            equations.append(({first: 1, second: -1}, 0))
        found = solve_lp(
            [goal.get(x, 0) for x in range(2 * n)],
            A_ub=[*({x: -q for x, q in row.items()} for row in rows), *({k: 1} for k in range(n))],
            b_ub=[*([0] * len(rows)), *([1] * n)],
            A_eq=[row for row, _ in equations],
            b_eq=[right for _, right in equations],
            free=range(n, 2 * n),
            maximise=True,
        )
        if found.value is None:
            raise ArithmeticError(f"trading mechanisms: the linear program is {found.status}")
        return found.value


def mixed(cells: list[Cell]) -> tuple[int, int]:
    """The two cells where an eager side meets a reluctant one."""
    first, second = (cells.index((s, b)) for s, b in ((RELUCTANT[0], EAGER[1]), (EAGER[0], RELUCTANT[1])))
    return first, second


@cache
def second_best() -> Fraction:
    """Largest expected gains from trade on one object, Bayesian incentives, individual rationality ex post."""
    return Trade(INTERIM, EX_POST).optimum()


def second_best_is_feasible(claim: Published) -> Settled:
    """Example 4: the second best is "subject to the constraints of individual rationality and incentive compatibility".

    The printed table, with Bayesian incentive constraints and participation after all values are known.
    """
    holds = Trade(INTERIM, EX_POST).satisfied_by(printed_mechanism())
    dominant = Trade(EX_POST, EX_POST).satisfied_by(printed_mechanism())
    computed = f"{'all' if holds else 'not all'} constraints hold"
    if not dominant:
        computed += "; incentives do not hold in dominant strategies"
    return sentence(holds, computed, "every incentive and participation constraint of the table", wrong="one fails")


def second_best_is_best(claim: Published) -> Settled:
    """Example 4: the "second-best mechanism maximizes the sum of the utilities": trade with probability 5/7.

    Linear programs over direct mechanisms (probability of trade, expected payment), the probability being the same
    where 0 meets 2 and 8 meets 10; under Bayesian and dominant incentives, participation interim and ex post.
    """
    best = second_best()
    first, second = mixed(Trade(INTERIM, EX_POST).cells)
    chances = {
        (incentives, participation): Trade(incentives, participation).optimum({first: 1}, gains, alike=True)
        for incentives, participation in itertools.product((INTERIM, EX_POST), repeat=2)
        for gains in (Trade(incentives, participation).optimum(),)
    }
    printed = sum(SELLER[s] * BUYER[b] * (b - s) * x for (s, b), (x, _) in printed_mechanism().items())
    largest = Trade(INTERIM, EX_POST).optimum({first: 1}, best)
    other = Trade(INTERIM, EX_POST).optimum({second: 1}, best)
    caveat = (
        f"under Bayesian incentives, with participation ex post ({text(chances[INTERIM, EX_POST])}) or interim "
        f"({text(chances[INTERIM, INTERIM])}); under dominant incentives and participation ex post the best "
        f"probability is {text(chances[EX_POST, EX_POST])}. Other mechanisms attain the same sum, {text(best)}: "
        f"trade of 8 with 10 may have any probability up to {text(largest)}, and of 0 with 2 up to {text(other)}, "
        "with the same total"
    )
    method = "linear programs over direct mechanisms of one object under four pairs of constraints"
    wrong = f"the best sum is {text(best)}, the printed mechanism has {text(printed)}"
    if printed != best:
        return sentence(False, text(chances[INTERIM, EX_POST]), method, wrong=wrong)
    return figure(claim, [chances[INTERIM, EX_POST]], method, caveat=caveat, wrong=wrong)


def truthful_equilibrium(claim: Published) -> Settled:
    """Example 4: "there is an 'approximately truthful' equilibrium of the linked mechanism", here K = 3 and 6.

    The label-free equilibrium, judged message by message.
    """
    found = []
    for copies in (3, 6):
        form = LabelFreeForm(bundled("bargaining").link(copies))
        entry = Assessor(form.game, form.payoffs()).label_free_equilibrium(form)
        found.append((copies, entry))
    told = "; ".join(f"K = {K}: {e.truthful}, payoffs {', '.join(map(text, e.payoffs))}" for K, e in found)
    return sentence(
        all(e.truthful == FEWEST_LIES and e.regret == 0 for _, e in found),
        told,
        "label-free equilibrium by transportation problems, every lie table judged, regret 0",
        wrong="the label-free equilibrium tells more lies than the budget forces",
    )


def _linked_gains(copies: int) -> Fraction:
    """Sum of payoffs per object in the label-free equilibria of the linked mechanism, a floor for every equilibrium."""
    return sum(LabelFreeForm(bundled("bargaining").link(copies)).payoffs(), Fraction(0))


def _cost_of_lies(i: int) -> Fraction:
    """What two opposite lies cost agent i, per pair: the truth on both announcements minus the lies.

    At two types a forced lie is one or the other, so the payoff is the target minus E[forced lies]/K times their costs.
    """
    tables = LabelFreeForm(bundled("bargaining").link(3)).tables(i)
    (a, b), (c, d) = tables.worth
    return Fraction(a - b + d - c, tables.scale)


def improves(claim: Published) -> Settled:
    """Example 4: "our linking mechanism leads to improvements" over the second best of separate problems.

    Label-free payoffs for K = 3, 6, ... up to 60, exactly; they are a floor for every equilibrium (two agents, exact
    budgets). Beyond that a bound: with n of K values eager, forced lies are max(0, n - 2K/3) or max(0, 2K/3 - n), each
    expected to be at most half of the standard deviation, so the loss is at most half of sqrt(2/(9K)) times their
    costs.
    """
    best = second_best()
    better = [K for K in range(3, EXACT_UP_TO + 1, 3) if _linked_gains(K) > best]
    first = next((K for K in better if all(k in better for k in range(K, EXACT_UP_TO + 1, 3))), None)
    target = sum(bundled("bargaining").target(), Fraction(0))
    spread = Fraction(2, 9) / (EXACT_UP_TO + 3)
    costs = _cost_of_lies(0) + _cost_of_lies(1)
    proved = (costs / 2) ** 2 * spread < (target - best) ** 2
    caveat = (
        f"only from K = {first} on (K divisible by 3): at K = 3 the label-free equilibrium has a sum of "
        f"{text(_linked_gains(3))}, less than {text(best)}; from there on every equilibrium improves, as the "
        "label-free payoffs are a floor"
    )
    computed = f"K = {first} and more"
    method = f"label-free payoffs up to K = {EXACT_UP_TO} against the second best; a bound on forced lies beyond"
    wrong = "the label-free payoffs stay below the second best"
    return sentence(first is not None and proved, computed, method, caveat=caveat if first != 3 else "", wrong=wrong)
