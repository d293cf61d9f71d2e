"""Fuzz one reader: coverage-guided with atheris (``pip install atheris``).

    python tests/fuzz/run.py model --seconds 600

A finding is written to the working directory as libFuzzer does; put it into ``tests/fuzz/corpus/TARGET`` once it is
understood, and the tests keep it. ``--plain`` mutates without guidance and without atheris.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=["model", "nfg", "game-json", "certificate", "ballots"])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--plain", action="store_true")
    arguments = parser.parse_args()
    return plain(arguments) if arguments.plain else guided(arguments)


def guided(arguments: argparse.Namespace) -> int:
    import atheris

    with atheris.instrument_imports(include=["eqsolve"]):
        from tests.fuzz.targets import CORPUS, TARGETS
    target = TARGETS[arguments.target]
    with tempfile.TemporaryDirectory() as folder:
        for k, seed in enumerate(target.seeds()):
            (Path(folder) / f"seed{k}").write_bytes(seed)
        words = Path(folder + ".dict")
        words.write_text("".join(f'"{_escaped(word)}"\n' for word in target.words), encoding="ascii")
        options = [f"-max_total_time={arguments.seconds}", f"-dict={words}", "-timeout=20", "-rss_limit_mb=3000"]
        options += ["-max_len=20000", f"-seed={arguments.seed + 1}", "-print_final_stats=1", "-verbosity=1"]
        corpus = [str(CORPUS / arguments.target)] if (CORPUS / arguments.target).exists() else []
        atheris.Setup([sys.argv[0], *options, folder, *corpus], target)
        atheris.Fuzz()
    return 0


def _escaped(word: str) -> str:
    return "".join(chr(b) if 32 <= b < 127 and chr(b) not in '"\\' else f"\\x{b:02X}" for b in word.encode())


def plain(arguments: argparse.Namespace) -> int:
    from tests.fuzz.mutation import mutated
    from tests.fuzz.targets import TARGETS

    target, chance = TARGETS[arguments.target], random.Random(arguments.seed)
    seeds, tried, end = target.seeds(), 0, time.monotonic() + arguments.seconds
    while time.monotonic() < end:
        data = mutated(chance.choice(seeds), target.words, chance)
        try:
            target(data)
        except Exception:
            traceback.print_exc()
            Path(f"crash-{arguments.target}-{tried}").write_bytes(data)
        tried += 1
    print(f"{arguments.target}: {tried} inputs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
