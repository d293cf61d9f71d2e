"""The best Nash equilibrium of a plain game for a linear objective, with an exact bound on all others."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction

from eqsolve.engines.equilibrium_set import MixedEquilibrium, ends
from eqsolve.engines.optimal_nash import Objective
from eqsolve.errors import ModelError, NotSupported
from eqsolve.game import NormalFormGame
from eqsolve.plain.result import NashResult, Optimum
from eqsolve.plain.solving import Call, equilibria

SMALL = 64  # cells up to which listing all equilibria of two players is quicker than a mixed-integer program


@dataclass(frozen=True)
class Goal:
    """What is to be large or small: a sum of payoffs with weights, for two players also of probabilities.

    Attributes
    ----------
    words : str
    weights : one per player
    maximise : bool
    engine : Objective or None
        Where the caller gave one.
    """

    words: str
    weights: tuple[Fraction, ...]
    maximise: bool
    engine: Objective | None = None

    def value(self, e: MixedEquilibrium) -> tuple[Fraction, Fraction]:
        """Bounds of the value of an equilibrium; equal where it is rational."""
        terms = list(zip(self.weights, e.payoffs, strict=True))
        if self.engine is not None:
            for weights, strategy in zip((self.engine.row, self.engine.col), e.strategies, strict=True):
                terms += [(Fraction(w), p) for w, p in zip(weights, strategy, strict=bool(weights))]
        lo = hi = Fraction(0)
        for weight, amount in terms:
            sides = [weight * end for end in ends(amount)]
            lo, hi = lo + min(sides), hi + max(sides)
        return lo, hi


def read_goal(game: NormalFormGame, objective: str | Objective) -> Goal:
    """Read an objective.

    Parameters
    ----------
    game : NormalFormGame
    objective : str or Objective
        ``"welfare"`` or ``"payoff:NAME"``, the name or, if there is no such name, the number of a player; after
        ``"maximise "`` (which may be left out) or ``"minimise "``.

    Raises
    ------
    ModelError
        If it is none of these.
    """
    if isinstance(objective, Objective):
        if game.n_players != 2:
            raise NotSupported('an Objective is for two players; use "welfare" or "payoff:NAME"')
        verb = "maximise" if objective.maximise else "minimise"
        weights = tuple(Fraction(w) for w in objective.payoffs)
        return Goal(f"{verb} a weighted sum", weights, objective.maximise, objective)
    match = re.fullmatch(r"(?:(maximise|minimise)\s+)?(.*)", objective.strip(), re.DOTALL)
    assert match is not None
    what, maximise = match[2], match[1] != "minimise"
    if what == "welfare":
        weights = (Fraction(1),) * game.n_players
    elif what.startswith("payoff:"):
        chosen = _player(game, what.removeprefix("payoff:"))
        weights = tuple(Fraction(int(i == chosen)) for i in range(game.n_players))
    else:
        raise ModelError(f"objective: found {what[:60]!r}, expected welfare or payoff:PLAYER")
    return Goal(f"{'maximise' if maximise else 'minimise'} {what}", weights, maximise)


def _player(game: NormalFormGame, name: str) -> int:
    if name in game.players:
        return game.players.index(name)
    if re.fullmatch("[0-9]{1,4}", name) and 1 <= int(name) <= game.n_players:
        return int(name) - 1
    known = ", ".join(game.players[:20])
    raise ModelError(f"objective: found player {name[:60]!r}, expected one of {known}, or 1 to {game.n_players}")


def best_equilibrium(game: NormalFormGame, objective: str | Objective, call: Call) -> NashResult:
    """Find the best equilibrium.

    Small games, games of more than two players, and whatever an enumerating method was asked for: the best of a list.
    Payoffs are multilinear on a Nash subset, so a complete list of extreme equilibria holds an optimal one. Other
    games of two players: branch and bound.
    """
    goal = read_goal(game, objective)
    if call.method == "auto" and game.n_players == 2 and game.n_cells > SMALL:
        return _by_branch_and_bound(game, goal, call)
    return _of_list(game, goal, equilibria(game, call.listing()))


def _by_branch_and_bound(game: NormalFormGame, goal: Goal, call: Call) -> NashResult:
    from eqsolve.engines.optimal_nash import optimal_nash
    from eqsolve.plain.engines import equilibrium

    engine = goal.engine or Objective(payoffs=(goal.weights[0], goal.weights[1]), maximise=goal.maximise)
    found = optimal_nash(game.A, game.B, engine, max_seconds=call.left())
    proved = found.status == "optimal"
    witness = equilibrium(game, (found.row, found.col))
    return NashResult(
        game, (witness,), ((0,),), ((0,),), False, None if proved else "time limit", "branch and bound",
        notes=("the best equilibrium; others were not looked for",) if proved else (),
        optimum=Optimum(goal.words, found.value, found.bound, proved),
    )  # fmt: skip


def _of_list(game: NormalFormGame, goal: Goal, listed: NashResult) -> NashResult:
    sign = 1 if goal.maximise else -1
    # The larger the better, from here on: lower and upper ends of every equilibrium's value.
    spans = []
    for e in listed.equilibria:
        lo, hi = goal.value(e)
        spans.append((lo, hi) if goal.maximise else (-hi, -lo))
    chosen = max(range(len(spans)), key=spans.__getitem__, default=None)
    notes = list(listed.notes)
    if listed.complete:
        bound = max(hi for _, hi in spans)
    else:
        bound = _correlated_bound(game, goal)
        notes.append("the list is not complete; the bound is that of correlated equilibria")
    if chosen is None:
        return replace(listed, notes=tuple(notes))
    value = spans[chosen][0]
    # An irrational optimum is proved if nothing else reaches into its interval.
    others = [hi for k, (_, hi) in enumerate(spans) if k != chosen]
    proved = value == bound or (listed.complete and all(hi <= value for hi in others))
    return replace(
        listed,
        equilibria=(listed.equilibria[chosen],),
        subsets=((0,),),
        components=((0,),),
        complete=False,
        notes=tuple(notes),
        optimum=Optimum(goal.words, sign * value, sign * bound, proved),
    )


def _correlated_bound(game: NormalFormGame, goal: Goal) -> Fraction:
    """The best value of any correlated equilibrium, and so of any equilibrium; the larger the better."""
    import numpy as np

    from eqsolve.engines.correlated import optimal_correlated

    sign = 1 if goal.maximise else -1
    if goal.engine is not None and (goal.engine.row or goal.engine.col):
        raise NotSupported("no bound for weights of probabilities when the list of equilibria is not complete")
    total = np.sum([sign * w * table for w, table in zip(goal.weights, game.payoffs, strict=True)], axis=0)
    return optimal_correlated(game.payoffs, np.asarray(total, dtype=object)).value
