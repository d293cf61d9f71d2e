"""Measure solvers side by side: python benchmarks/run.py --help.

Every solver works in a process of its own, which is warm when the clock starts and is ended when a game takes longer
than the limit; larger games of the family are then spared it. Times are processor seconds, and medians of several runs
where a game takes little time, so that other work on the machine matters little. The sets of equilibria of eqsolve and
lrsnash are compared.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import statistics
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
# More threads than cores would be counted as work.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

from games import FAMILIES, game  # noqa: E402
from solvers import SOLVERS, Answer  # noqa: E402

# Sizes per family, games per size, and who is measured.
PLAN: dict[str, tuple[list[int], int, list[str]]] = {
    "random": ([4, 6, 8, 10, 12, 14, 16, 18, 20, 24, 26], 3, list(SOLVERS)),
    "degenerate 1": ([6, 8, 10, 12, 14], 10, ["eqsolve", "lrsnash"]),
    "degenerate 2": ([6, 8, 10, 12, 14], 10, ["eqsolve", "lrsnash"]),
    "huge": ([8, 12, 14], 3, ["eqsolve", "lrsnash"]),
    "low rank": ([8, 11, 14], 3, ["eqsolve", "lrsnash"]),
    "near zero-sum": ([8, 12, 14], 3, ["eqsolve", "lrsnash"]),
    "coordination": ([6, 8, 10, 12], 3, ["eqsolve", "lrsnash"]),
    "indifferent": ([6, 8, 10, 12], 3, ["eqsolve", "lrsnash"]),
    "nearly indifferent": ([6, 8, 10, 12], 3, ["eqsolve", "lrsnash"]),
}

# Games that take less time than this, in seconds, are solved so many times.
QUICK, RUNS = 0.2, 5


@dataclass
class Record:
    """One solver and one game; `same` tells whether exact solvers agree on the set."""

    family: str
    size: int
    number: int
    solver: str
    seconds: float | None
    wall: float | None
    count: int | None
    same: bool | None = None


def _serve(name: str, pipe: Connection) -> None:
    try:
        SOLVERS[name]([[1, 0], [0, 1]], [[1, 0], [0, 1]])
        # Whatever is compiled or imported late is there afterwards.
        SOLVERS[name](*game("random", 7, 99))
        pipe.send(None)
    except Exception as error:  # a peer of another version is no reason to measure nothing
        pipe.send(f"{type(error).__name__}: {error}")
        return
    while True:
        try:
            pipe.send(SOLVERS[name](*game(*pipe.recv())))
        except EOFError:
            return


class Worker:
    """A solver in a process of its own."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.missing: str | None = None
        self._start()

    def _start(self) -> None:
        self._pipe, theirs = multiprocessing.Pipe()
        self._process = multiprocessing.Process(target=_serve, args=(self.name, theirs), daemon=True)
        self._process.start()
        theirs.close()
        self.missing = self._pipe.recv()

    def solve(self, task: tuple[str, int, int], limit: float) -> Answer | None:
        """Answer, or nothing if it takes too long or fails."""
        self._pipe.send(task)
        try:
            if self._pipe.poll(limit):
                answer: Answer = self._pipe.recv()
                return answer
        except EOFError:
            print(f"{self.name} failed on {task}", file=sys.stderr)
        self._process.kill()
        self._process.join()
        self._start()
        return None


def _settled(worker: Worker, task: tuple[str, int, int], limit: float) -> Answer | None:
    """Answer with the median time of several runs, if one takes little time."""
    answers = [worker.solve(task, limit)]
    while (last := answers[-1]) is not None and last.seconds < QUICK and len(answers) < RUNS:
        answers.append(worker.solve(task, limit))
    known = [answer for answer in answers if answer is not None]
    if len(known) < len(answers):
        return None
    return known[0]._replace(
        seconds=statistics.median(answer.seconds for answer in known),
        wall=statistics.median(answer.wall for answer in known),
    )


def measure(plan: dict[str, tuple[list[int], int, list[str]]], limit: float) -> Iterator[Record]:
    """All measurements of a plan, as they come."""
    workers = {name: Worker(name) for name in dict.fromkeys(name for _, _, names in plan.values() for name in names)}
    for worker in workers.values():
        if worker.missing:
            print(f"{worker.name} is left out: {worker.missing}", file=sys.stderr)
    for family, (sizes, games, names) in plan.items():
        tired = {name for name in names if workers[name].missing}
        for size in sizes:
            for number in range(games):
                known = None
                for name in names:
                    if name in tired:
                        continue
                    answer = _settled(workers[name], (family, size, number), limit)
                    if answer is None:
                        tired.add(name)
                        yield Record(family, size, number, name, None, None, None)
                        continue
                    record = Record(family, size, number, name, answer.seconds, answer.wall, answer.count)
                    if answer.equilibria is not None:
                        record.same = None if known is None else known == answer.equilibria
                        known = answer.equilibria
                    print(f"{family} {size} {number} {name} {answer.seconds:.4f} {record.same}", file=sys.stderr)
                    yield record


def _cell(seconds: list[float], ours: list[float]) -> str:
    if not seconds:
        return "–"
    time = statistics.median(seconds)
    text = f"{1000 * time:.1f} ms" if time < 1 else f"{time:.2f} s"
    if not ours:
        return text
    ratio = statistics.median([s / o for s, o in zip(seconds, ours, strict=True)])
    return f"{text} ({ratio:.0f})" if ratio >= 10 else f"{text} ({ratio:.2g})"


def table(records: list[Record]) -> str:
    """Markdown: medians, in brackets the median ratio to eqsolve's time on the same games."""
    solvers = [name for name in SOLVERS if any(r.solver == name for r in records)]
    lines = [
        f"| family | size | games | equilibria | {' | '.join(solvers)} | worst against lrsnash |",
        f"|{' --- |' * (len(solvers) + 5)}",
    ]
    for family, size in dict.fromkeys((r.family, r.size) for r in records):
        here = [r for r in records if (r.family, r.size) == (family, size)]
        times: dict[str, dict[int, float]] = {name: {} for name in solvers}
        for r in here:
            if r.seconds is not None:
                times[r.solver][r.number] = max(r.seconds, 1e-4)
        ours = times["eqsolve"]
        cells = [_cell(list(ours.values()), [])]
        for name in solvers[1:]:
            both = [k for k in times[name] if k in ours]
            cells.append(_cell([times[name][k] for k in both], [ours[k] for k in both]))
        against = [ours[k] / times["lrsnash"][k] for k in times.get("lrsnash", {}) if k in ours]
        counts = [r.count for r in here if r.solver == "eqsolve" and r.count is not None]
        games = len({r.number for r in here})
        worst = f"{max(against):.2f}" if against else ""
        found = f"{statistics.median(counts):g}" if counts else ""
        lines.append(f"| {family} | {size} × {size} | {games} | {found} | {' | '.join(cells)} | {worst} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=float, default=60.0, help="seconds per game and solver (default: 60)")
    parser.add_argument("--family", action="append", choices=list(FAMILIES), help="only these (may be repeated)")
    parser.add_argument("--sizes", help="other sizes, as 8,10,12")
    parser.add_argument("--games", type=int, help="other number of games per size")
    parser.add_argument("--solvers", help=f"other solvers, of {','.join(SOLVERS)}")
    parser.add_argument("--json", type=Path, default=Path("benchmarks.json"), help="where the measurements go")
    options = parser.parse_args()
    plan: dict[str, Any] = {}
    for family in options.family or PLAN:
        sizes, games, names = PLAN[family]
        sizes = [int(size) for size in options.sizes.split(",")] if options.sizes else sizes
        plan[family] = (
            sizes,
            options.games or games,
            options.solvers.split(",") if options.solvers else names,
        )
    records = []
    try:
        for record in measure(plan, options.limit):
            records.append(record)
            options.json.write_text(json.dumps([asdict(r) for r in records], indent=1))
    except KeyboardInterrupt:
        print("interrupted; what was measured:", file=sys.stderr)
    print(table(records))
    wrong = [r for r in records if r.same is False]
    if wrong:
        print(f"{len(wrong)} games on which the sets of equilibria differ: {wrong}", file=sys.stderr)
        raise SystemExit(1)


if __name__ == "__main__":
    main()
