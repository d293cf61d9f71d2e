"""What no mechanism on K problems exceeds, by multipliers on what it has to satisfy.

Every requirement says that some sum over the mechanism's probabilities, and over what it pays, is at least a number. A
multiplier of at least 0 times that sum minus the number is not negative, for any mechanism that meets the requirement;
added to the welfare it makes prices, at which the best decision is taken at every block.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from eqsolve.certificate.direct import (
    ZERO,
    Block,
    Joint,
    Mechanism,
    Paid,
    Wanted,
    accepted,
    read_histogram,
    read_profile,
    status_quo,
)
from eqsolve.certificate.game import Game, Vector
from eqsolve.certificate.reading import Invalid, entries, fields, members, rational, shown, whole


@dataclass
class Line:
    """A sum over probabilities and payments, which is at least `least`."""

    prices: dict[tuple[Block, int], Fraction] = field(default_factory=dict)
    paid: Paid = field(default_factory=dict)
    least: Fraction = ZERO

    def add(self, other: Line, factor: Fraction) -> None:
        """Add a multiple of another one."""
        for cell, q in other.prices.items():
            self.prices[cell] = self.prices.get(cell, ZERO) + factor * q
        for report, q in other.paid.items():
            self.paid[report] = self.paid.get(report, ZERO) + factor * q
        self.least += factor * other.least

    def pay(self, mechanism: Mechanism, i: int, u: int, block: Block, factor: Fraction | int) -> None:
        """Add a multiple of what agent i's type u gets on a problem at a block."""
        for d, w in enumerate(mechanism.game.agents[i].utility[u]):
            if w:
                self.prices[block, d] = self.prices.get((block, d), ZERO) + factor * w

    def expect(self, mechanism: Mechanism, i: int, u: int, told: Vector, v: int, factor: int) -> None:
        """Add a multiple of what type u expects on a problem that is reported as v, in a report of this histogram."""
        for block, chance in mechanism.places[i][told, v]:
            self.pay(mechanism, i, u, block, factor * chance)

    def transfer(self, i: int, told: Vector, factor: Fraction | int) -> None:
        """Add a multiple of what agent i is paid at a report."""
        self.paid[i, told] = self.paid.get((i, told), ZERO) + factor

    def at(self, mechanism: Mechanism) -> Fraction:
        """The value of the sum."""
        total = sum((mechanism.lotteries[block][d] * q for (block, d), q in self.prices.items()), ZERO)
        return total + sum((mechanism.paid.get(report, ZERO) * q for report, q in self.paid.items()), ZERO)


def objective(mechanism: Mechanism, weights: Sequence[Fraction]) -> Line:
    """The weighted sum of payoffs over all problems, ex ante."""
    line = Line()
    for joint, p in mechanism.chance.items():
        for profile, c in joint:
            for i, u in enumerate(profile):
                line.pay(mechanism, i, u, (joint, profile), p * c * weights[i])
    for i, law in enumerate(mechanism.law):
        for told, p in law.items():
            line.transfer(i, told, p * weights[i])
    return line


def upper_bound(mechanism: Mechanism, wanted: Wanted, aim: Line, multipliers: Sequence[Any]) -> Fraction:
    """What no mechanism exceeds: the best decision at every block, at the prices that the multipliers make.

    Of `mechanism` only the joint histograms and their probabilities are used.
    """
    total = Line()
    total.add(aim, Fraction(1))
    for entry in multipliers:
        kind = members(entry, "multipliers").get("kind")
        if not isinstance(kind, str) or kind not in (wanted.incentives, wanted.participation, "balance"):
            raise Invalid(f"multipliers: found one on {shown(kind)}, which is not required")
        if kind not in READERS:
            raise Invalid(f"multipliers: found one on {shown(kind)}, which takes none")
        line, multiplier = READERS[kind](mechanism, wanted, entry)
        if multiplier < 0 and kind != "balance":
            raise Invalid(f"multipliers: found a negative one on {shown(kind)}")
        total.add(line, multiplier)
    if wanted.transfers and len(mechanism.game.agents) > 1 and any(total.paid.values()):
        raise Invalid("the multipliers leave something to be gained by transfers")
    best: dict[Block, Fraction] = {}
    for block in mechanism.lotteries:
        best[block] = max(
            total.prices.get((block, d), ZERO)
            for d in range(len(mechanism.game.decisions))
            if wanted.participation != "problem" or accepted(mechanism.game, block[1], d, wanted.status_quo)
        )
    return sum(best.values(), ZERO) - total.least


def _bic(mechanism: Mechanism, wanted: Wanted, entry: Any) -> tuple[Line, Fraction]:
    """That a lie does not pay: so many problems of one type reported as another."""
    _, name, told, multiplier = fields(entry, "kind", "agent", "lie", "multiplier")
    i = mechanism.game.index(name)
    lie = {(u, v): n for (_, u, v), n in _lie(mechanism.game, i, told, others=False).items()}
    size = range(len(mechanism.game.agents[i].types))
    true = tuple(sum(n for (u, _), n in lie.items() if u == t) for t in size)
    report = tuple(sum(n for (_, v), n in lie.items() if v == t) for t in size)
    if sum(true) != mechanism.game.copies:
        raise Invalid(f"multipliers: a lie that is not about {mechanism.game.copies} problems")
    line = Line()
    for u, c in enumerate(true):
        if c:
            line.expect(mechanism, i, u, true, u, c)
    for (u, v), n in lie.items():
        line.expect(mechanism, i, u, report, v, -n)
    if wanted.transfers:
        line.transfer(i, true, 1)
        line.transfer(i, report, -1)
    return line, rational(multiplier)


def _dsic(mechanism: Mechanism, wanted: Wanted, entry: Any) -> tuple[Line, Fraction]:
    """That a lie does not pay where the others' types are known."""
    _, name, told, multiplier = fields(entry, "kind", "agent", "lie", "multiplier")
    i = mechanism.game.index(name)
    lie = _lie(mechanism.game, i, told, others=True)
    if sum(lie.values()) != mechanism.game.copies:
        raise Invalid(f"multipliers: a lie that is not about {mechanism.game.copies} problems")
    true, report = (_joint(i, lie, place) for place in (1, 2))
    line = Line()
    for (w, u, v), n in lie.items():
        line.pay(mechanism, i, u, (true, (*w[:i], u, *w[i:])), n)
        line.pay(mechanism, i, u, (report, (*w[:i], v, *w[i:])), -n)
    return line, rational(multiplier)


def _joint(i: int, lie: Mapping[tuple[Vector, int, int], int], place: int) -> Joint:
    """The joint histogram behind a lie of agent i: with its true types (place 1), or with those it reports (2)."""
    counts: dict[Vector, int] = {}
    for key, n in lie.items():
        w, own = key[0], (key[1], key[2])[place - 1]
        profile = (*w[:i], own, *w[i:])
        counts[profile] = counts.get(profile, 0) + n
    return tuple(sorted(counts.items()))


def _lie(game: Game, i: int, block: Any, *, others: bool) -> dict[tuple[Vector, int, int], int]:
    """How many problems, by the others' types there if these are known, of which true type are reported as which."""
    found: dict[tuple[Vector, int, int], int] = {}
    for row in entries(block, "lie"):
        cells = entries(row, "lie")
        if len(cells) != 3 + others:
            raise Invalid("lie: expected a list of the others' types if they are known, two types, and a count")
        names = list(cells[0]) if others and isinstance(cells[0], list) else []
        *types, times = cells[int(others) :]
        profiles = [
            read_profile(game, [*names[:i], own, *names[i:]] if others else _alone(game, i, own)) for own in types
        ]
        w = (*profiles[0][:i], *profiles[0][i + 1 :]) if others else ()
        key = (w, profiles[0][i], profiles[1][i])
        if key in found:
            raise Invalid("lie: the same types come twice")
        found[key] = whole(times, "lie", 1)
    return found


def _alone(game: Game, i: int, own: Any) -> list[Any]:
    """A profile with any types of the others that can occur."""
    return [own if j == i else a.types[a.possible[0]] for j, a in enumerate(game.agents)]


def _interim(mechanism: Mechanism, wanted: Wanted, entry: Any) -> tuple[Line, Fraction]:
    """That an agent does not prefer the status quo, knowing its own types only."""
    _, name, told, multiplier = fields(entry, "kind", "agent", "histogram", "multiplier")
    i = mechanism.game.index(name)
    true = read_histogram(mechanism.game, i, told)
    line = Line(least=status_quo(mechanism, i, true, wanted))
    for u, c in enumerate(true):
        if c:
            line.expect(mechanism, i, u, true, u, c)
    if wanted.transfers:
        line.transfer(i, true, 1)
    return line, rational(multiplier)


def _total(mechanism: Mechanism, wanted: Wanted, entry: Any) -> tuple[Line, Fraction]:
    """That an agent does not prefer the status quo on all problems, at a joint histogram."""
    _, name, cells, multiplier = fields(entry, "kind", "agent", "joint", "multiplier")
    game = mechanism.game
    i, counts = game.index(name), {}
    for cell in entries(cells, "joint"):
        if len(entries(cell, "joint")) != 2:
            raise Invalid("joint: expected a list of a profile of types and a count")
        counts[read_profile(game, cell[0])] = whole(cell[1], "joint", 1)
    joint = tuple(sorted(counts.items()))
    if len(counts) < len(cells) or joint not in mechanism.chance:
        raise Invalid("joint: no joint histogram of the types that can occur")
    line = Line(least=status_quo(mechanism, i, mechanism.histogram(joint, i), wanted))
    for profile, c in joint:
        line.pay(mechanism, i, profile[i], (joint, profile), c)
    return line, rational(multiplier)


def _balance(mechanism: Mechanism, wanted: Wanted, entry: Any) -> tuple[Line, Fraction]:
    """That what is paid sums to 0 in expectation."""
    _, multiplier = fields(entry, "kind", "multiplier")
    if not wanted.transfers:
        raise Invalid("multipliers: found one on balance, but there are no transfers")
    line = Line()
    for i, law in enumerate(mechanism.law):
        for told, p in law.items():
            line.transfer(i, told, p)
    return line, rational(multiplier)


READERS: dict[str, Callable[[Mechanism, Wanted, Any], tuple[Line, Fraction]]] = {
    "bic": _bic,
    "dsic": _dsic,
    "interim": _interim,
    "total": _total,
    "balance": _balance,
}
