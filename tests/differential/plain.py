"""Plain games: all extreme equilibria of two players by our engines and by the programs of others."""

from __future__ import annotations

import itertools
import random
import shutil
import subprocess
import tempfile
from fractions import Fraction
from pathlib import Path

import numpy as np

import eqsolve as eq
from eqsolve.engines.complementarity import BlockGame, enumerate_equilibria
from eqsolve.engines.support import enumerate_supports

Matrix = list[list[int]]
Game = tuple[Matrix, Matrix]


def generate(number: int) -> Game:
    """Game `number`: 2 to 6 strategies each; ties, huge payoffs, low rank, near zero-sum, copies, indifference."""
    rng = random.Random(number)
    m, n = rng.randint(2, 6), rng.randint(2, 6)

    def table(size: int) -> Matrix:
        return [[rng.randint(-size, size) for _ in range(n)] for _ in range(m)]

    family = number % 8
    A, B = (table((100, 1, 2, 10**9, 3, 100, 2, 4)[family]) for _ in range(2))
    if family == 4:  # nearly low rank
        rows, cols = ([rng.randint(-5, 5) for _ in range(k)] for k in (m, n))
        A = [[10**4 * rows[r] * cols[c] + A[r][c] for c in range(n)] for r in range(m)]
    elif family == 5:  # nearly zero-sum
        B = [[rng.randint(-1, 1) - a for a in row] for row in A]
    elif family == 6:  # a row and a column twice
        A.append(list(A[0]))
        B.append(list(B[-1]))
        A, B = [[*row, row[0]] for row in A], [[*row, row[0]] for row in B]
    elif family == 7:  # one player hardly cares
        A = [[int(c == 0) * rng.randint(0, 1) for c in range(n)] for _ in range(m)]
    return A, B


def compare(game: Game, peers: frozenset[str]) -> list[str]:
    """Disagreements about a game; empty if there are none."""
    A, B = game
    ours = enumerate_equilibria(BlockGame.of(A, B))
    found = set(ours)
    told = [] if ours.complete else ["complementarity: not complete"]
    if len(found) != len(ours):
        told.append("complementarity: an equilibrium twice")
    if set(enumerate_supports(A, B)) != found:
        told.append("support enumeration differs")
    told += [f"not an equilibrium: {pair}" for pair in found if not _is_equilibrium(A, B, *pair)]
    if "lrsnash" in peers and lrsnash(A, B) != found:
        told.append("lrsnash differs")
    if "gambit" in peers and gambit(A, B) != found:
        told.append("gambit differs")
    # Floating point is right where nothing is tied and nothing is huge: nashpy loses equilibria at payoffs of 10^5.
    generic = 50 < max(abs(v) for T in game for row in T for v in row) <= 100 and not any(
        _is_tied(A, B, *pair) for pair in found
    )
    if generic and "quantecon" in peers and not _close(quantecon(A, B), found):
        told.append("quantecon differs")
    if generic and "nashpy" in peers and not _close(nashpy(A, B), found):
        told.append("nashpy differs")
    return told


def shrink(game: Game, peers: frozenset[str]) -> Game:
    """A smaller game with the same disagreement: fewer strategies, then smaller payoffs."""
    reason = compare(game, peers)[0]
    changed = True
    while changed:
        changed = False
        for smaller in itertools.chain(_fewer(game), _smaller(game)):
            if reason in compare(smaller, peers):
                game, changed = smaller, True
                break
    return game


def _fewer(game: Game) -> list[Game]:
    A, B = game
    found = []
    if len(A) > 2:
        found += [(A[:r] + A[r + 1 :], B[:r] + B[r + 1 :]) for r in range(len(A))]
    if len(A[0]) > 2:
        found += [tuple([row[:c] + row[c + 1 :] for row in T] for T in (A, B)) for c in range(len(A[0]))]
    return found


def _smaller(game: Game) -> list[Game]:
    found = []
    for which, r, c in itertools.product((0, 1), range(len(game[0])), range(len(game[0][0]))):
        value = game[which][r][c]
        for less in {0, value // 2 if value > 0 else -(-value // 2)} - {value}:
            tables = [[list(row) for row in T] for T in game]
            tables[which][r][c] = less
            found.append((tables[0], tables[1]))
    return found


def _is_equilibrium(A, B, x, y) -> bool:
    rows = [sum(a * q for a, q in zip(row, y, strict=True)) for row in A]
    cols = [sum(B[r][c] * x[r] for r in range(len(x))) for c in range(len(y))]
    return (
        sum(x) == sum(y) == 1
        and min(*x, *y) >= 0
        and all(p == 0 or value == max(rows) for p, value in zip(x, rows, strict=True))
        and all(q == 0 or value == max(cols) for q, value in zip(y, cols, strict=True))
    )


def _is_tied(A, B, x, y) -> bool:
    """Whether a player has more best replies in an equilibrium than strategies that it plays."""
    rows = [sum(a * q for a, q in zip(row, y, strict=True)) for row in A]
    cols = [sum(B[r][c] * x[r] for r in range(len(x))) for c in range(len(y))]
    return any(
        sum(v == max(values) for v in values) > sum(p > 0 for p in own) for values, own in ((rows, x), (cols, y))
    )


def _close(theirs, ours) -> bool:
    """Every one of theirs is one of ours and the other way round, up to rounding."""
    points = [np.array([float(p) for part in pair for p in part]) for pair in ours]
    given = [np.concatenate([np.asarray(part, float) for part in pair]) for pair in theirs]

    def near(one, others) -> bool:
        return any(np.allclose(one, other, atol=1e-6) for other in others)

    return all(near(p, given) for p in points) and all(near(g, points) for g in given)


def lrsnash(A: Matrix, B: Matrix):
    """Set of extreme equilibria by Avis's program."""
    text = "\n\n".join("\n".join(" ".join(map(str, row)) for row in matrix) for matrix in (A, B))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "game"
        path.write_text(f"{len(A)} {len(A[0])}\n\n{text}\n")
        run = subprocess.run(["lrsnash", str(path)], capture_output=True, text=True, check=True, timeout=120)
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
    return found


def gambit(A: Matrix, B: Matrix):
    """Set of extreme equilibria by Gambit's enummixed in rationals."""
    import pygambit

    game = eq.NormalFormGame.from_payoffs(A, B)
    theirs = game.to_pygambit()
    profiles = pygambit.nash.enummixed_solve(theirs, rational=True).equilibria
    return {
        tuple(
            tuple(Fraction(int(p.numerator), int(p.denominator)) for p in (profile[player][s] for s in labels))
            for player, labels in zip(theirs.players, game.strategies, strict=True)
        )
        for profile in profiles
    }


def quantecon(A: Matrix, B: Matrix):
    """Equilibria by QuantEcon's vertex enumeration, in floating point."""
    from quantecon.game_theory import NormalFormGame, Player, vertex_enumeration

    return vertex_enumeration(NormalFormGame([Player(np.array(A, float)), Player(np.array(B, float).T.copy())]))


def nashpy(A: Matrix, B: Matrix):
    """Equilibria by nashpy's vertex enumeration, in floating point."""
    import nashpy as library

    return list(library.Game(np.array(A), np.array(B)).vertex_enumeration())


def peers_here() -> frozenset[str]:
    """The programs that are installed."""
    import importlib.util

    names = {"gambit": "pygambit", "quantecon": "quantecon", "nashpy": "nashpy"}
    found = {peer for peer, module in names.items() if importlib.util.find_spec(module)}
    return frozenset(found | ({"lrsnash"} if shutil.which("lrsnash") else set()))
