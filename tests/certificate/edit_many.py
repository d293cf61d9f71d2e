"""Edit certificates at random and hand them to the checker: what it accepts has to be true.

    python tests/certificate/edit_many.py --edits 10000 --seed 0

Certificates of every kind are edited in one place or a few. Where one is accepted all the same, the solvers, which
share no code with the checker, decide whether what it states is true. Prints a line per kind; exit code 1 if anything
false, or anything on which the solvers cannot decide, was accepted.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))


def main() -> int:
    from edited_certificates import draw, honest, verdict_on

    from eqsolve.certificate import check

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edits", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    counts: dict[str, Counter[str]] = {}
    start, bad, number, done = time.monotonic(), 0, 0, 0
    while done < arguments.edits:
        kind, document = draw(arguments.seed, number)
        number += 1
        count = counts.setdefault(kind, Counter())
        if document == honest(kind):
            count["not changed"] += 1
            continue
        done += 1
        count["edited"] += 1
        verdict = check(document)
        if verdict.reason.startswith("malformed"):
            count["malformed"] += 1  # refused by accident rather than by a check
        if not verdict.valid:
            continue
        right = verdict_on(document)
        count["accepted"] += 1
        if right is not True:
            bad += 1
            count["wrong"] += 1
            path = Path(f"edited-{arguments.seed}-{number - 1}.json")
            path.write_text(json.dumps(document, indent=1), encoding="utf-8")
            print(f"{kind}: accepted, but {right}: {path}\n  {verdict.statement}", flush=True)
    total = sum(counts.values(), Counter())
    width = max(map(len, counts))
    for kind, count in [*sorted(counts.items()), ("all", total)]:
        print(
            f"{kind:{width}}  {count['edited']:6,} edited  {count['accepted']:5,} accepted and true"
            f"  {count['wrong']:3,} wrong  {count['malformed']:3,} malformed"
        )
    print(f"{time.monotonic() - start:.0f} s, seed {arguments.seed}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
