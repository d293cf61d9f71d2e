"""Plain games in certificates: that listed profiles are Nash equilibria, with their payoffs, and mixtures of them.

A game in normal form is a list of players with named strategies, and for each player its payoffs at all profiles of
strategies in lexicographic order, the last player's strategy varying fastest. A profile is an equilibrium if no
strategy of any player does better than what it plays, which is looked at for every one of them. That there are no other
equilibria is not stated.

A *subset* of two players' equilibria says more: whatever mixture of their strategies in it the one plays, and whatever
mixture of theirs the other, is an equilibrium. Payoffs are linear in each player's mixture, so it is enough that every
strategy of the one is a best reply to every strategy of the other in it, and the other way round.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from eqsolve.certificate.reading import Invalid, afford, entries, fields, figure, rational, shown, word

KIND = "normal-form"
STATEMENT = "nash-equilibria"
MAX_PLAYERS, MAX_CELLS = 32, 1_000_000
ZERO = Fraction(0)

Mixed = tuple[Fraction, ...]


@dataclass(frozen=True)
class Plain:
    """A game in normal form: players, their strategies, and per player the payoffs at all profiles."""

    name: str
    players: tuple[str, ...]
    strategies: tuple[tuple[str, ...], ...]
    payoffs: tuple[tuple[Fraction, ...], ...]

    def against(self, i: int, profile: Sequence[Mixed]) -> list[Fraction]:
        """What every strategy of player i pays it, if the others play as in the profile."""
        values: list[Fraction] = list(self.payoffs[i])
        sizes = [len(names) for names in self.strategies]
        for j in range(len(sizes) - 1, -1, -1):  # from the last player on: blocks of its strategies follow each other
            if j == i:
                continue
            inner = sizes[i] if j < i else 1
            step = sizes[j] * inner
            values = [
                sum((p * values[start + a * inner + b] for a, p in enumerate(profile[j]) if p), ZERO)
                for start in range(0, len(values), step)
                for b in range(inner)
            ]
        return values


def prove_plain(block: Any, statement: Any, evidence: Any) -> tuple[str, str]:
    """What a certificate about a plain game proves, and what was checked, in words."""
    game = read_plain(block)
    says, listed, groups = fields(statement, "says", "equilibria", "subsets")
    if says != STATEMENT:
        raise Invalid(f"found the statement {shown(says)}, expected {STATEMENT}")
    fields(evidence)
    blocks = entries(listed, "equilibria")
    cells = math.prod(len(names) for names in game.strategies)
    afford(len(blocks) * cells * len(game.players), "the replies to all equilibria")
    profiles = [_equilibrium(game, number, entry) for number, entry in enumerate(blocks, start=1)]
    if not profiles:
        raise Invalid("equilibria: found none, expected at least one")
    for number, group in enumerate(entries(groups, "subsets"), start=1):
        _check_subset(game, number, _indices(group, len(profiles)), profiles)
    name = shown(game.name) if game.name else "a plain game"
    mixed = f", and so are all mixtures, player by player, within {len(groups)} subsets" if groups else ""
    one = len(profiles) == 1
    return (
        f"In {name}: {'the profile' if one else f'each of {len(profiles):,} profiles'} is a Nash equilibrium{mixed}. "
        "Of others nothing is said.",
        "Nobody gains by any other strategy.",
    )


def read_plain(block: Any) -> Plain:
    """Read a game block of this kind.

    Raises
    ------
    Invalid
        If names repeat, payoffs do not fit the strategies, or the game is too large to be checked.
    """
    kind, name, players, payoffs = fields(block, "kind", "name", "players", "payoffs")
    if kind != KIND or not isinstance(name, str):
        raise Invalid(f"game: found the kind {shown(kind)}, expected {KIND} with a name")
    rows = [fields(p, "name", "strategies") for p in entries(players, "players")]
    names = tuple(word(n, "player") for n, _ in rows)
    strategies = tuple(tuple(word(s, "strategy") for s in entries(listed, "strategies")) for _, listed in rows)
    if not names or len(set(names)) < len(names) or len(names) > MAX_PLAYERS:
        raise Invalid(f"players: found none, one twice, or more than {MAX_PLAYERS}")
    if any(not listed or len(set(listed)) < len(listed) for listed in strategies):
        raise Invalid("strategies: found a player with none, or a name twice")
    cells = math.prod(map(len, strategies))
    afford(cells * len(names), "the payoffs at all profiles", MAX_CELLS)
    tables = tuple(tuple(rational(q) for q in entries(row, "payoffs")) for row in entries(payoffs, "payoffs"))
    if len(tables) != len(names) or any(len(row) != cells for row in tables):
        raise Invalid(f"payoffs: expected {cells:,} for each of {len(names)} players")
    return Plain(name, names, strategies, tables)


def _equilibrium(game: Plain, number: int, block: Any) -> tuple[Mixed, ...]:
    """A profile that is an equilibrium and pays what it says."""
    played, stated = fields(block, "strategies", "payoffs")
    where = f"equilibrium {number}"
    profile = tuple(tuple(rational(p) for p in entries(mixed, where)) for mixed in entries(played, where))
    if [len(mixed) for mixed in profile] != [len(names) for names in game.strategies]:
        raise Invalid(f"{where}: expected a probability for each strategy of each player")
    if any(min(mixed) < 0 or sum(mixed) != 1 for mixed in profile):
        raise Invalid(f"{where}: the probabilities of a player are negative or do not sum to 1")
    payoffs = [rational(q) for q in entries(stated, where)]
    if len(payoffs) != len(game.players):
        raise Invalid(f"{where}: expected a payoff for each player")
    for i, (name, mixed, told) in enumerate(zip(game.players, profile, payoffs, strict=True)):
        values = game.against(i, profile)
        paid = sum((p * v for p, v in zip(mixed, values, strict=True)), ZERO)
        if paid != told:
            raise Invalid(f"{where}: player {shown(name)} gets {figure(paid)}, not the stated {figure(told)}")
        if max(values) > paid:
            better = game.strategies[i][values.index(max(values))]
            raise Invalid(f"{where}: player {shown(name)} gains {figure(max(values) - paid)} by {shown(better)}")
    return profile


def _indices(block: Any, count: int) -> list[int]:
    group = entries(block, "subsets")
    if not group or any(isinstance(k, bool) or not isinstance(k, int) or not 0 <= k < count for k in group):
        raise Invalid(f"subsets: expected lists of indices from 0 to {count - 1}")
    return group


def _check_subset(game: Plain, number: int, group: Sequence[int], profiles: Sequence[tuple[Mixed, ...]]) -> None:
    """That all strategies of the one are best replies to all strategies of the other."""
    if len(game.players) != 2:
        raise Invalid("subsets: they are checked for two players only")
    sides = [list(dict.fromkeys(profiles[k][i] for k in group)) for i in range(2)]
    sizes = [len(names) for names in game.strategies]
    afford(sum(map(len, sides)) * math.prod(sizes) + math.prod(map(len, sides)) * sum(sizes), f"subset {number}")
    for i in range(2):
        for theirs in sides[1 - i]:
            values = game.against(i, (theirs, theirs))  # the entry at i is not looked at
            best = max(values)
            for mine in sides[i]:
                if any(p and v < best for p, v in zip(mine, values, strict=True)):
                    raise Invalid(
                        f"subset {number}: a strategy of player {shown(game.players[i])} is no best reply to one of "
                        "the other's"
                    )
