"""Random edits of a file: bytes, words, pieces."""

from __future__ import annotations

import random
from collections.abc import Sequence


def mutated(data: bytes, words: Sequence[str], chance: random.Random) -> bytes:
    """One to four random edits."""
    edited = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(edited) + 1)
        kind = chance.randrange(6)
        if kind == 0 and edited:
            edited[min(at, len(edited) - 1)] = chance.randrange(256)
        elif kind == 1:
            del edited[at : at + chance.randint(1, 30)]
        elif kind == 2 and words:
            edited[at:at] = chance.choice(words).encode()
        elif kind == 3 and words:
            edited[at : at + chance.randint(1, 8)] = chance.choice(words).encode()
        elif kind == 4:
            piece = edited[at : at + chance.randint(1, 60)]
            to = chance.randrange(len(edited) + 1)
            edited[to:to] = piece * chance.choice((1, 1, 2, 50))
        else:
            digits = [k for k, byte in enumerate(edited) if 48 <= byte <= 57]
            if digits:
                edited[chance.choice(digits)] = 48 + chance.randrange(10)
    return bytes(edited)
