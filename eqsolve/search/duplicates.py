"""Profiles that are the same up to renaming the problems."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from fractions import Fraction

from eqsolve.forms.separable import SeparableForm
from eqsolve.strategy import Strategy

MAX_COMPARED = 300_000

Profile = tuple[Strategy, ...]
Law = tuple[tuple[int, ...], ...]
"""Joint laws of true and announced types of all active agents on one problem, each after its common denominator."""


class Distinct:
    """Remembers profiles and tells new ones from renamed old ones.

    Profiles with the same joint laws of true and announced types, problem by problem, are compared under every
    renaming that keeps these laws; where that would look at more than `MAX_COMPARED` entries they count as the same.
    They pay everybody the same and leave everybody the same best responses.

    Parameters
    ----------
    form : SeparableForm
    """

    def __init__(self, form: SeparableForm) -> None:
        self.form = form
        self.game = form.game
        self._seen: dict[tuple[Law, ...], list[tuple[Profile, list[Law]]]] = {}

    def is_new(self, profile: Profile) -> bool:
        """Whether no renaming of a profile was seen before; it is remembered."""
        signature = self._signature(profile)
        known = self._seen.setdefault(tuple(sorted(signature)), [])
        for other, theirs in known:
            if self._same(profile, signature, other, theirs):
                return False
        known.append((profile, signature))
        return True

    def _signature(self, profile: Profile) -> list[Law]:
        """Per problem the joint laws of true and announced types of all active agents."""
        laws = []
        for i in self.game.active:
            joint, scale = self.form.joint(i, profile[i])
            common = math.gcd(scale, *(int(x) for x in joint.flat))
            laws.append([(scale // common, *(int(x) // common for x in part.flat)) for part in joint])
        return [tuple(law[k] for law in laws) for k in range(self.game.copies)]

    def _same(self, one: Profile, ones: Sequence[Law], two: Profile, twos: Sequence[Law]) -> bool:
        """Whether some renaming of the problems turns the first profile into the second."""
        places: dict[Law, list[int]] = {}
        for k, law in enumerate(twos):
            places.setdefault(law, []).append(k)
        renamings = math.prod(math.factorial(len(p)) for p in places.values())
        entries = sum(len(m) for i in self.game.active for m in two[i].plan.values())
        if renamings * entries > MAX_COMPARED:
            return True
        keys = list(places)
        homes = [[k for k, law in enumerate(ones) if law == key] for key in keys]
        for orders in itertools.product(*(itertools.permutations(places[key]) for key in keys)):
            source = [0] * self.game.copies
            for home, order in zip(homes, orders, strict=True):
                for k, q in zip(home, order, strict=True):
                    source[q] = k
            if all(_renamed_to(one[i], source, two[i]) for i in self.game.active):
                return True
        return False


def _renamed_to(one: Strategy, source: Sequence[int], two: Strategy) -> bool:
    """Whether taking problem k from source[k] turns the first strategy into the second."""
    for t, messages in one.plan.items():
        renamed: dict[tuple[int, ...], Fraction] = {tuple(m[k] for k in source): p for m, p in messages.items()}
        if renamed != two.plan[tuple(t[k] for k in source)]:
            return False
    return True
