"""Evidence that every Bayesian equilibrium of two active agents pays one of them at least, or at most, so much: a tree.

*Comparisons.* Announcing m rather than m' at type vector t gains agent p a linear function of the law of the other's
messages: D(n) = Σ_k g_p(t_k; m_k, n_k) - g_p(t_k; m'_k, n_k) for its message n (payoffs summed over the problems).
In an equilibrium in which D is positive, p does not announce m' at t, nor at t2 any message m2' against which a message
gains a positive multiple of D there. So the set of equilibria is split by the sign of one comparison into three parts;
each part knows the signs so far, and what may still be played at every type vector of both agents.

*Format.* ``{"kind": "tree", "reduction": [step], "order": null or O, "comparisons": [C], "nodes": [N]}``

- *reduction*: messages that are interim strictly dominated, step by step (`eqsolve.certificate.reduction`).
- *order* ``{"agent": a, "types": [type], "then": [type]}``: problems are numbered so that a announces one of `types` on
  problem k at least as likely as on problem l, for all k < l; and where both are equally likely, the other agent
  announces one of `then` on k at least as likely as on l. Every equilibrium has a renaming that is in order (sort the
  problems by both probabilities), and the game, hence payoffs, does not change when problems are renamed.
- *comparisons* ``[agent p, type vector t, message m, message m']``: the functions D_0, D_1, ...
- *nodes* in preorder:
  ``{"branch": c}``: three subtrees follow, D_c positive, then zero, then negative;
  ``{"sure": [[c, sign, multipliers], ...]}``: in this part D_c has this sign (1 or -1), which is shown one by one and
  then taken for known; one subtree follows;
  ``{"empty": agent p, "multipliers": ...}``: nothing is in this part (a leaf);
  ``{"bound": ..., "multipliers": ..., "replies": ...}``: what is in this part pays the agent enough (a leaf). `bound`
  repeats the name of the agent; `replies` are for floors only.
- *multipliers* ``[[c or [k, l], q], ...]`` (k, l for the order of problems k < l, numbered from 0).

*Proofs.* Let F(n) = Σ q D(n) over the multipliers, for the comparisons of agent p: q is at least 0 where D is known to
be positive or, by the order, not negative; at most 0 where it is negative; anything where it is zero. So F is not
negative at the law of the other agent's messages, and positive if some q of a positive or negative D is not 0. On the
other hand that law is a mean over the other's type vectors s of lotteries over what it may still play at s, hence
F <= Σ_s π(s) max F(n) over these n. An *empty* part is one in which these contradict each other (also when some type
vector of either agent has no possible best reply left). A sign of D_c is *sure* if the opposite, or zero, would
contradict: as above with F -+ D_c. A *ceiling* holds in a part if Σ_s π(s) max [F(n) + W(n)] is at most K times the
value, W(n) = Σ_t π(t) max of agent i's payoff against n over its possible best replies at t. A *floor* holds if
Σ_s π(s) min [Z(n) - F(n)] is at least K times the value, Z(n) what the replies pay together, Σ_t π(t) times the payoff
of a lottery over i's messages (if none is given of the first possible best reply at t): agent i could play so.

*Possible best replies* at t are the messages that may be played there, less those that another one equals or exceeds
(as the sign of a comparison, zero or at least zero, tells): a message is taken out if the other one is still in, or was
taken out for one, and so on, that is; if it was taken out because it is not played, neither is the message. Within a
comparison pairs are looked at by type vector, then by the lower and the higher message (lexicographically).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from eqsolve.certificate.game import Game
from eqsolve.certificate.reading import MAX_WORK, Invalid, afford, entries, fields, figure, law, members, shown
from eqsolve.certificate.tree_parts import (
    AT_LEAST_ZERO,
    NEGATIVE,
    POSITIVE,
    ZERO,
    Pair,
    Part,
    Players,
    Row,
    bits,
    most,
    primitive,
    summed,
)

CEILING = "ceiling"
MAX_TREE_WORK = 30 * MAX_WORK


def check_tree(game: Game, i: int, side: str, value: Fraction, evidence: Any) -> None:
    """That every equilibrium pays agent i at least (floor) or at most (ceiling) this value, by a tree.

    Raises
    ------
    Invalid
        If the evidence does not show it.
    """
    _, reduction, order, comparisons, nodes = fields(evidence, "kind", "reduction", "order", "comparisons", "nodes")
    if side not in (CEILING, "floor"):
        raise Invalid(f"found the side {shown(side)}, expected floor or ceiling")
    if len(game.active) != 2 or i not in game.active:
        raise Invalid("a tree is about one of two active agents")
    players = Players(game)
    root = players.start(reduction)
    tree = _Tree(players, i, side == CEILING, value, root, order, comparisons)
    tree.walk(root, entries(nodes, "nodes"))


class _Tree:
    """The check of one tree."""

    def __init__(
        self, players: Players, i: int, ceiling: bool, value: Fraction, root: Part, order: Any, comparisons: Any
    ) -> None:
        self.players, self.ceiling = players, ceiling
        self.i = players.agents.index(i)
        self.value = value * players.game.copies * players.scale[self.i] * players.total[0] * players.total[1]
        self.order = players.read_order(order)
        self.comparisons = players.read_comparisons(comparisons, root)
        self.ties: dict[int, tuple[int, int]] = {}
        if self.order is not None:
            p = 1 - self.order.player
            place = {c.shape: k for k, c in enumerate(self.comparisons) if c.player == p}
            for pair, row in self.order.first.items():
                if any(row) and primitive(row)[1] in place:
                    self.ties[place[primitive(row)[1]]] = pair
                root.sign(p, pair, row, AT_LEAST_ZERO, self._pairs_along(p, row))
        self._best_sums: dict[tuple[int, int], Row] = {}

    def _pairs_along(self, p: int, row: Row) -> list[Pair]:
        """What is compared by a function that the order makes at least zero."""
        if any(row):
            sign, shape = primitive(row)
            for c in self.comparisons:
                if c.player == p and c.shape == shape:
                    return c.pairs if c.sign == sign else [(t, b, a) for t, a, b in c.pairs]
        return []

    def walk(self, root: Part, nodes: Sequence[Any]) -> None:
        """Check the nodes one by one; every part has to be settled, and no node may be left over."""
        types, messages = (sum(map(len, x)) for x in (self.players.types, self.players.messages))
        afford(len(nodes) * types * messages, "the tree", MAX_TREE_WORK)
        waiting = [root]
        for number, node in enumerate(nodes):
            if not waiting:
                raise Invalid(f"node {number}: all parts are settled before it")
            part = waiting.pop()
            if not isinstance(node, dict):
                raise Invalid(f"node {number}: found {shown(node)}, expected an object")
            try:
                if "branch" in node:
                    waiting.extend(reversed(self._branches(part, node)))
                elif "sure" in node:
                    self._sure(part, node)
                    waiting.append(part)
                elif "empty" in node:
                    self._empty(part, node)
                else:
                    self._bound(part, node)
            except Invalid as error:
                raise Invalid(f"node {number}: {error}") from None
        if waiting:
            raise Invalid(f"{len(waiting)} parts of the tree are left out")

    def _branches(self, part: Part, node: Any) -> list[Part]:
        (told,) = fields(node, "branch")
        c = self._comparison(told, part)
        children = []
        for sign in (POSITIVE, ZERO, NEGATIVE):
            child = part.copy()
            self._learn(child, c, sign)
            children.append(child)
        return children

    def _comparison(self, told: Any, part: Part) -> int:
        """A comparison whose sign is not known yet."""
        if isinstance(told, bool) or not isinstance(told, int) or not 0 <= told < len(self.comparisons):
            raise Invalid(f"found {shown(told)}, expected the number of a comparison")
        if told in part.known[self.comparisons[told].player]:
            raise Invalid(f"the sign of comparison {told} is known already")
        return told

    def _learn(self, part: Part, c: int, sign: int) -> None:
        p = self.comparisons[c].player
        part.sign(p, c, self.comparisons[c].row, sign, self.comparisons[c].pairs)
        pair = self.ties.get(c)
        if sign == ZERO and pair is not None and self.order is not None and p == 1 - self.order.player:
            then = self.order.then[pair]
            part.sign(1 - p, pair, then, AT_LEAST_ZERO, self._pairs_along(1 - p, then))

    def _sure(self, part: Part, node: Any) -> None:
        (steps,) = fields(node, "sure")
        for step in entries(steps, "sure"):
            if len(entries(step, "sure")) != 3:
                raise Invalid("sure: expected a comparison, its sign and multipliers")
            c, sign = self._comparison(step[0], part), step[1]
            if isinstance(sign, bool) or sign not in (POSITIVE, NEGATIVE):
                raise Invalid(f"comparison {c}: found the sign {shown(sign)}, expected 1 or -1")
            p, row = self.comparisons[c].player, self.comparisons[c].row
            function, unit, strict = summed(part, self.players, p, step[2])
            against = [f - sign * unit * d for f, d in zip(function, row, strict=True)]
            left = most(part, self.players, 1 - p, against)
            if left > 0 or (left == 0 and not strict):
                raise Invalid(f"comparison {c}: the multipliers do not show its sign")
            self._learn(part, c, sign)

    def _empty(self, part: Part, node: Any) -> None:
        name, told = fields(node, "empty", "multipliers")
        p = self.players.player(name, "empty")
        if not all(all(masks) for masks in part.best):
            return
        function, _, strict = summed(part, self.players, p, told)
        left = most(part, self.players, 1 - p, function)
        if left > 0 or (left == 0 and not strict):
            raise Invalid("the multipliers do not show that nothing is here")

    def _bound(self, part: Part, node: Any) -> None:
        names = ("bound", "multipliers") if self.ceiling else ("bound", "multipliers", "replies")
        name, told, *rest = fields(node, *names)
        if self.players.player(name, "bound") != self.i:
            raise Invalid(f"found a bound of agent {shown(name)}, expected one of the other agent")
        if not all(all(masks) for masks in part.best):
            return
        function, unit, _ = summed(part, self.players, self.i, told)
        function = [self.players.total[self.i] * f for f in function]
        if self.ceiling:
            base, scale = self._best_replies(part), 1
        else:
            base, scale = self._replies(part, rest[0])
            base = [-x for x in base]
        total = [unit * x + scale * f for x, f in zip(base, function, strict=True)]
        shows = Fraction(most(part, self.players, 1 - self.i, total), unit * scale)
        if shows > (self.value if self.ceiling else -self.value):
            raise Invalid(f"the multipliers show a bound of {figure(self._payoff(shows))} here, which is not enough")

    def _payoff(self, value: Fraction) -> Fraction:
        """A value in scaled units as a payoff per problem."""
        players = self.players
        units = players.scale[self.i] * players.total[0] * players.total[1] * players.game.copies
        payoff: Fraction = (value if self.ceiling else -value) / units
        return payoff

    def _best_replies(self, part: Part) -> Row:
        """W: what agent i's possible best replies pay at most against each message, times the sum of its weights."""
        total = [0] * len(self.players.messages[1 - self.i])
        for t, mask in enumerate(part.best[self.i]):
            row = self._best_sums.get((t, mask))
            if row is None:
                paid = [self.players.payoffs[self.i][t][m] for m in bits(mask)]
                row = [self.players.weights[self.i][t] * max(column) for column in zip(*paid, strict=True)]
                self._best_sums[t, mask] = row
            total = list(map(int.__add__, total, row))
        return total

    def _replies(self, part: Part, told: Any) -> tuple[Row, int]:
        """Z times an integer and the sum of agent i's weights, and the integer."""
        game, agent = self.players.game, self.players.agents[self.i]
        place = {m: k for k, m in enumerate(self.players.messages[self.i])}
        chosen: dict[int, dict[int, Fraction]] = {}
        for types, lottery in members(told, "replies").items():
            vector = game.vector(agent, types)
            told_law = law(((game.vector(agent, m), q) for m, q in members(lottery, "replies").items()), "replies")
            if vector not in self.players.types[self.i] or any(m not in place for m in told_law):
                raise Invalid("replies: a type vector that cannot occur, or a message that breaks the budget")
            chosen[self.players.types[self.i].index(vector)] = {place[m]: q for m, q in told_law.items()}
        scale = math.lcm(*(q.denominator for lottery in chosen.values() for q in lottery.values()))
        total = [0] * len(self.players.messages[1 - self.i])
        sure = Fraction(1)
        for t, mask in enumerate(part.best[self.i]):
            for m, q in chosen.get(t, {bits(mask)[0]: sure}).items():
                factor = int(q * scale) * self.players.weights[self.i][t]
                total = [x + factor * y for x, y in zip(total, self.players.payoffs[self.i][t][m], strict=True)]
        return total, scale
