"""The range of an agent's payoff over all Bayesian equilibria of two active agents, from complementarity.

Two strategies are an equilibrium if what is played is a best reply. `eqsolve.engines.block_bound` branches on these
conditions until the largest and smallest payoff are proved; here its trees become evidence that a certificate holds
(the format is described in `eqsolve.certificate.tree`).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from eqsolve.engines.block_bound import compare, extreme_payoff
from eqsolve.engines.block_bound_comparisons import Comparisons, primitive
from eqsolve.engines.block_bound_equilibrium import Behaviour
from eqsolve.engines.block_bound_region import Order
from eqsolve.engines.block_bound_tree import Branch, ExtremePayoff, Leaf, Sure
from eqsolve.errors import NotSupported, SizeError
from eqsolve.forms.explicit import ExplicitForm
from eqsolve.forms.label_free import LabelFreeForm, fixed_point
from eqsolve.judge.assess import Assessor
from eqsolve.judge.bounds import Undominated, undominated_tables
from eqsolve.judge.listing import without_choice
from eqsolve.linking import LinkedGame
from eqsolve.strategy import Strategy

DOMINANCE_SHARE = 0.25
Profile = tuple[Strategy, ...]
Document = dict[str, Any]


@dataclass(frozen=True)
class Range:
    """What the equilibria of a game pay an agent.

    Attributes
    ----------
    lo, hi : Fraction or None
        No Bayesian equilibrium pays less than `lo` or more than `hi`, ex ante and per problem; None where that is not
        computed (for agents without a choice).
    lo_attained, hi_attained : bool
        Whether an equilibrium pays so.
    lo_evidence, hi_evidence : dict or None
        Evidence of kind "tree" for a certificate; None where certificates cannot tell of the game (type processes).
    equilibria : tuple of profiles
        Equilibria that pay least and most among those found, all agents included.
    stopped : str or None
        "time limit" if an end might not be sharp because of it.
    """

    lo: Fraction | None
    hi: Fraction | None
    lo_attained: bool
    hi_attained: bool
    lo_evidence: Document | None
    hi_evidence: Document | None
    equilibria: tuple[Profile, ...]
    stopped: str | None = None


def equilibrium_range(
    game: LinkedGame, i: int, *, max_seconds: float | None = None, known: Iterable[Profile] = ()
) -> Range:
    """The least and the largest payoff of agent i over all Bayesian equilibria.

    Parameters
    ----------
    game : LinkedGame
        With two active agents.
    i : int
        Index of an agent. Nothing is computed for agents without a choice, whose payoffs are bilinear.
    max_seconds : float, optional
        When it is over, the ends are what was proved by then.
    known : profiles
        Equilibria that were found elsewhere; others than equilibria do no harm.

    Returns
    -------
    Range

    Raises
    ------
    NotSupported
        If not exactly two agents have a choice, with a correlation filter and with walking away.
    SizeError
        If the explicit form, or what there is to compare in it, is too large.

    Notes
    -----
    Deciding the optimum is NP-hard (I. Gilboa and E. Zemel 1989). In a linked game few comparisons of messages decide
    what is played at all type vectors, which is what makes many problems tractable.
    """
    if len(game.active) != 2:
        raise NotSupported(
            f"{len(game.active)} agents have a choice, and the range of payoffs over all equilibria is computed for "
            "two; floors and ceilings hold for any number"
        )
    if game.options.filter is not None or game.options.walk_away is not None:
        option = "filter" if game.options.filter is not None else "walk_away"
        raise NotSupported(f"link.{option}: the range of payoffs over all equilibria is not computed with it")
    if i not in game.active:
        return Range(None, None, False, False, None, None, ())
    start = time.monotonic()
    study = _Study(game, None if max_seconds is None else start + DOMINANCE_SHARE * max_seconds)
    starts = study.starts(known)
    ends = []
    for share, maximise in ((0.5, False), (1.0, True)):
        now = time.monotonic()
        deadline = None if max_seconds is None else now + share * max(0.0, start + max_seconds - now)
        ends.append(study.extreme(i, maximise, starts, deadline))
        starts = [*starts, *(e.strategies for e in ends if e.strategies is not None)]
    least, most = ends
    return Range(
        least.bound,
        most.bound,
        least.complete,
        most.complete,
        study.evidence(i, least),
        study.evidence(i, most),
        tuple(study.profile(e.strategies) for e in ends if e.strategies is not None),
        None if least.complete and most.complete else "time limit",
    )


class _Study:
    """One linked game: its explicit form after dominance, the order that may be supposed, known equilibria."""

    def __init__(self, game: LinkedGame, deadline: float | None) -> None:
        self.game = game
        self.form = ExplicitForm(game)
        self.undominated: Undominated | None = None
        if game.is_exchangeable:
            try:
                self.undominated = undominated_tables(game, deadline=deadline)
            except SizeError:
                self.undominated = None

    @cached_property
    def comparisons(self) -> tuple[Comparisons, Comparisons]:
        """Comparisons of the messages that survive dominance."""
        if self.undominated is None:
            return compare(self.form.bayesian)
        left = []
        for i, vectors, messages in zip(self.game.active, self.form.vectors, self.form.messages, strict=True):
            place = {m: k for k, m in enumerate(messages)}
            left.append(tuple(tuple(sorted(place[m] for m in self.undominated.messages(i, t))) for t in vectors))
        return compare(self.form.bayesian, left)

    def sorting(self, i: int) -> tuple[str, ...]:
        """Announced types of an agent by which problems are sorted: those of one part of its budget, or one type."""
        budget = self.game.budgets[i]
        names = self.game.problem.agents[i].type_names
        parts = [g.members for g in budget.groups if g.most]
        return tuple(names[v] for v in (parts[0] if len(parts) > 1 else parts[0][:1]))

    def order(self, p: int) -> Order | None:
        """Problems sorted by what active agent p announces, then by what the other one does.

        Renaming problems leaves the game as it is: types are exchangeable, budgets count, and every problem is decided
        alike. So every equilibrium is the renaming of one in this order, which pays the same.
        """
        if not self.game.is_exchangeable or self.game.copies < 2:
            return None
        first, then = (self._differences(q) for q in (p, 1 - p))
        pairs = self._pairs()
        rows = tuple(n for n, (k, later) in enumerate(pairs) if later == k + 1)
        return Order(p, first, rows, then)

    def _pairs(self) -> list[tuple[int, int]]:
        problems = range(self.game.copies)
        return [(k, later) for k in problems for later in problems[k + 1 :]]

    def _differences(self, p: int) -> tuple[tuple[int, ...], ...]:
        """Per pair of problems and message: whether it has a type of `sorting` on the one, less on the other."""
        i = self.game.active[p]
        names = self.game.problem.agents[i].type_names
        chosen = {names.index(name) for name in self.sorting(i)}
        return tuple(
            tuple((m[k] in chosen) - (m[later] in chosen) for m in self.form.messages[p]) for k, later in self._pairs()
        )

    def extreme(
        self, i: int, maximise: bool, starts: Sequence[tuple[Behaviour, Behaviour]], deadline: float | None
    ) -> ExtremePayoff:
        """The largest or smallest payoff; problems are sorted by what the other agent announces."""
        p = self.game.active.index(i)
        return extreme_payoff(
            self.form.bayesian,
            p,
            maximise=maximise,
            comparisons=self.comparisons,
            order=self.order(1 - p),
            starts=starts,
            deadline=deadline,
        )

    # Equilibria

    def starts(self, known: Iterable[Profile]) -> list[tuple[Behaviour, Behaviour]]:
        """The label-free equilibrium where there is one, and what else is known, as behaviours."""
        game = self.game
        label_free = LabelFreeForm(game) if LabelFreeForm.applies(game) else fixed_point(game)
        profiles = list(known)
        if label_free is not None:
            entry = Assessor(game, None).label_free_equilibrium(label_free)
            profiles += [entry.strategies] if entry.strategies is not None else []
        return [self._behaviours(profile) for profile in profiles]

    def _behaviours(self, profile: Profile) -> tuple[Behaviour, Behaviour]:
        found = []
        for i, vectors, messages in zip(self.game.active, self.form.vectors, self.form.messages, strict=True):
            place = {m: k for k, m in enumerate(messages)}
            plan = profile[i].plan
            found.append(tuple({place[m]: q for m, q in plan[t].items()} for t in vectors))
        return found[0], found[1]

    def profile(self, behaviours: tuple[Behaviour, Behaviour]) -> Profile:
        """Strategies of all agents."""
        everybody = []
        for i in range(self.game.n):
            if i not in self.game.active:
                everybody.append(without_choice(self.game, i)[0])
                continue
            p = self.game.active.index(i)
            messages = self.form.messages[p]
            plan = {
                t: {messages[a]: q for a, q in sorted(lottery.items())}
                for t, lottery in zip(self.form.vectors[p], behaviours[p], strict=True)
            }
            everybody.append(Strategy(plan))
        return tuple(everybody)

    # Evidence

    def evidence(self, i: int, found: ExtremePayoff) -> Document | None:
        """The tree as evidence for a certificate."""
        if self.game.has_processes:
            return None
        return _Writer(self, i, found).document()


class _Writer:
    """Writes a tree in names."""

    def __init__(self, study: _Study, i: int, found: ExtremePayoff) -> None:
        self.study, self.found, self.i = study, found, i
        self.setting = found.setting
        # payoffs of the active agents are integers over this, summed over problems
        self.scales = [scale // study.game.copies for scale in study.form.bayesian.scales]
        self.number: dict[tuple[int, int], int] = {}

    def document(self) -> Document:
        """The evidence."""
        nodes = [self._node(node) for node in self._grouped()]
        self._number_order()
        return {
            "kind": "tree",
            "reduction": [] if self.study.undominated is None else self.study.undominated.reduction(),
            "order": self._order(),
            "comparisons": [self._comparison(p, c) for p, c in self.number],
            "nodes": nodes,
        }

    def _grouped(self) -> Iterable[list[Sure] | Branch | Leaf]:
        """Nodes, steps that follow each other together."""
        steps: list[Sure] = []
        for node in self.found.tree:
            if isinstance(node, Sure):
                steps.append(node)
                continue
            if steps:
                yield steps
                steps = []
            yield node

    def _node(self, node: list[Sure] | Branch | Leaf) -> Document:
        if isinstance(node, list):
            return {"sure": [self._step(step) for step in node]}
        if isinstance(node, Branch):
            return {"branch": self._numbered(node.player, node.comparison)}
        multipliers = self._multipliers(node.player, node.multipliers, self._unit(node))
        name = self._name(node.player)
        if node.empty:
            return {"empty": name, "multipliers": multipliers}
        if self.found.maximise:
            return {"bound": name, "multipliers": multipliers}
        replies = {
            self._vector(node.player, t): {self._message(node.player, a): str(q) for a, q in sorted(lottery.items())}
            for t, lottery in node.replies.items()
        }
        return {"bound": name, "multipliers": multipliers, "replies": replies}

    def _unit(self, leaf: Leaf) -> Fraction:
        """Bounds are of payoffs times the sum of the agent's weights, contradictions of no particular unit."""
        return Fraction(1) if leaf.empty else Fraction(1, self.setting.comparisons[leaf.player].total)

    def _step(self, step: Sure) -> list[Any]:
        unit = Fraction(self.setting.comparisons[step.player].pairs[step.comparison][0][3])
        multipliers = self._multipliers(step.player, step.multipliers, unit)
        return [self._numbered(step.player, step.comparison), step.sign, multipliers]

    def _multipliers(self, p: int, multipliers: Mapping[int, Fraction], unit: Fraction) -> list[list[Any]]:
        """Multipliers of primitive functions as multipliers of gains in payoffs, and of the order's functions."""
        told: list[list[Any]] = []
        pairs = self.study._pairs()
        for key, q in multipliers.items():
            if key < 0:
                told.append([list(pairs[-1 - key]), str(q * unit / self.scales[p])])
            else:
                multiple = self.setting.comparisons[p].pairs[key][0][3]
                told.append([self._numbered(p, key), str(q * unit / multiple)])
        return told

    def _numbered(self, p: int, c: int) -> int:
        return self.number.setdefault((p, c), len(self.number))

    def _number_order(self) -> None:
        """Also comparisons that the order settles are listed."""
        order = self.setting.order
        if order is not None:
            for p, vectors in ((1 - order.player, order.vectors), (order.player, order.ties)):
                for vector in vectors:
                    c = self.setting.comparisons[p].index.get(primitive(vector)[1]) if any(vector) else None
                    if c is not None:
                        self._numbered(p, c)

    def _order(self) -> Document | None:
        order = self.setting.order
        if order is None:
            return None
        first, then = (self.study.game.active[p] for p in (order.player, 1 - order.player))
        return {
            "agent": self.study.game.problem.agents[first].name,
            "types": list(self.study.sorting(first)),
            "then": list(self.study.sorting(then)),
        }

    def _comparison(self, p: int, c: int) -> list[str]:
        t, better, worse, _ = self.setting.comparisons[p].pairs[c][0]
        return [self._name(p), self._vector(p, t), self._message(p, better), self._message(p, worse)]

    def _name(self, p: int) -> str:
        return self.study.game.problem.agents[self.study.game.active[p]].name

    def _vector(self, p: int, t: int) -> str:
        return self.study.game.vector_name(self.study.game.active[p], self.study.form.vectors[p][t])

    def _message(self, p: int, a: int) -> str:
        return self.study.game.vector_name(self.study.game.active[p], self.study.form.messages[p][a])
