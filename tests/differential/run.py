"""Compare at scale: random games and problems, every form and engine, every peer that is installed.

    python tests/differential/run.py plain --cases 10000 --jobs 2
    python tests/differential/run.py linked --cases 5000 --jobs 2 --first 100000

Cases are numbered, so a run can be repeated and continued (``--first``). A disagreement is printed with its number, for
plain games with a smaller game that still disagrees. Exit status 1 if there was any.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1]), str(HERE.parent)]


def plain_case(number: int) -> tuple[int, list[str]]:
    from differential import plain

    # Gambit takes most of the time, so it sees every fifth game; all see the families in turn.
    peers = plain.peers_here() - (frozenset() if number // 8 % 5 == 0 else frozenset({"gambit"}))
    game = plain.generate(number)
    told = plain.compare(game, peers)
    return number, [f"{reason}; smallest: {plain.shrink(game, peers)}" for reason in told[:1]] + told[1:]


def linked_case(number: int) -> tuple[int, list[str]]:
    from differential import linked

    return number, linked.compare(linked.generate(number), number)


def guarded(kind: str, number: int) -> tuple[int, list[str]]:
    """A case; an exception is a disagreement, too."""
    try:
        return {"plain": plain_case, "linked": linked_case}[kind](number)
    except Exception:
        return number, [traceback.format_exc()]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["plain", "linked"])
    parser.add_argument("--cases", type=int, default=1_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    arguments = parser.parse_args()
    begun, counts = time.monotonic(), Counter()
    with ProcessPoolExecutor(arguments.jobs) as pool:
        numbers = range(arguments.first, arguments.first + arguments.cases)
        for number, told in pool.map(guarded, [arguments.kind] * len(numbers), numbers, chunksize=8):
            counts["tried"] += 1
            for reason in told:
                skipped = reason.startswith("skipped")
                counts["skipped" if skipped else "disagreements"] += 1
                if not skipped:
                    print(f"{arguments.kind} {number}: {reason}", flush=True)
            if counts["tried"] % 500 == 0:
                print(f"{dict(counts)} in {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    print(f"{arguments.kind}: {dict(counts)} in {time.monotonic() - begun:.0f} s")
    return int(counts["disagreements"] > 0)


if __name__ == "__main__":
    sys.exit(main())
