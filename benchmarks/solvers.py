"""The solvers that are compared, each as a function of two matrices of integers.

They give how many extreme equilibria they found and, if they are exact, the set of them.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

from games import Matrix

Equilibria = set[tuple[tuple[Fraction, ...], tuple[Fraction, ...]]]


class Answer(NamedTuple):
    """What one solver did with one game: processor and wall-clock seconds, and what it found."""

    seconds: float
    wall: float
    count: int
    equilibria: Equilibria | None = None


def _timed(solve: Callable[[], Any]) -> tuple[float, float, Any]:
    wall, cpu = time.perf_counter(), time.process_time()
    result = solve()
    return time.process_time() - cpu, time.perf_counter() - wall, result


def eqsolve(A: Matrix, B: Matrix) -> Answer:
    from eqsolve.engines.complementarity import BlockGame, enumerate_equilibria

    seconds, wall, found = _timed(lambda: enumerate_equilibria(BlockGame.of(A, B)))
    assert found.complete
    return Answer(seconds, wall, len(found), set(found))


def lrsnash(A: Matrix, B: Matrix) -> Answer:
    if shutil.which("lrsnash") is None:
        raise ImportError("no program lrsnash")
    text = "\n\n".join("\n".join(" ".join(map(str, row)) for row in matrix) for matrix in (A, B))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "game")
        with open(path, "w") as file:
            file.write(f"{len(A)} {len(A[0])}\n\n{text}\n")
        before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        run = subprocess.run(["lrsnash", path], capture_output=True, text=True, check=True)
        after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - wall
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    found, second = set(), []
    for line in run.stdout.splitlines():
        who, *numbers = line.split() or [""]
        if who == "2":
            second.append(tuple(map(Fraction, numbers[:-1])))
        elif who == "1":
            x = tuple(map(Fraction, numbers[:-1]))
            found |= {(x, y) for y in second}
        elif second and not who:
            second = []
    return Answer(seconds, wall, len(found), found)


def quantecon(A: Matrix, B: Matrix) -> Answer:
    import numpy as np
    from quantecon.game_theory import NormalFormGame, Player, vertex_enumeration

    game = NormalFormGame([Player(np.array(A, float)), Player(np.array(B, float).T.copy())])
    seconds, wall, found = _timed(lambda: vertex_enumeration(game))
    return Answer(seconds, wall, len(found))


def nashpy(A: Matrix, B: Matrix) -> Answer:
    import nashpy as library
    import numpy as np

    game = library.Game(np.array(A), np.array(B))
    seconds, wall, found = _timed(lambda: list(game.vertex_enumeration()))
    return Answer(seconds, wall, len(found))


def gambit(A: Matrix, B: Matrix) -> Answer:
    import pygambit

    from eqsolve.game import NormalFormGame

    game = NormalFormGame.from_payoffs(A, B).to_pygambit()
    seconds, wall, found = _timed(lambda: pygambit.nash.enummixed_solve(game, rational=True).equilibria)
    return Answer(seconds, wall, len(found))


SOLVERS: dict[str, Callable[[Matrix, Matrix], Answer]] = {
    "eqsolve": eqsolve,
    "lrsnash": lrsnash,
    "quantecon": quantecon,
    "gambit": gambit,
    "nashpy": nashpy,
}
