"""From a plain game to an engine and back to a `NashResult`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from operator import mul

from eqsolve.engines.bimatrix import Bimatrix
from eqsolve.engines.complementarity.model import BlockGame, NashSet, Vector
from eqsolve.engines.equilibrium_set import MixedEquilibrium
from eqsolve.errors import NotSupported
from eqsolve.exact.rational import to_integers
from eqsolve.game import NormalFormGame
from eqsolve.plain.players import Found, Part, Reduction, Side
from eqsolve.plain.result import Indices, NashResult, Nearest
from eqsolve.plain.solving import TWO_PLAYERS, Call, assembled

LARGE = 20  # strategies of both players together from which zero-sum games go to linear programs unasked
STARTS = 64  # of best-response dynamics


def pure(game: NormalFormGame, call: Call) -> NashResult:
    """All equilibria in pure strategies, or the first one."""
    from eqsolve.engines.pure import pure_equilibria

    cells = pure_equilibria(game)
    if call.one:
        cells = cells[:1]
    groups = [[equilibrium(game, game.mixed(cell))] for cell in cells]
    note = "one pure equilibrium" if call.one else "all pure equilibria; others were not looked for"
    return assembled(game, groups, False, None, "pure", notes=(note,) if cells else ("no pure equilibrium exists",))


def equilibrium(game: NormalFormGame, profile: tuple[Vector, ...]) -> MixedEquilibrium:
    """A rational equilibrium from its strategies, checked."""
    if game.regret(profile) != 0:
        raise ArithmeticError(f"{profile} was reported and is no equilibrium")
    support = tuple(tuple(k for k, p in enumerate(strategy) if p) for strategy in profile)
    return MixedEquilibrium(profile, game.payoff(profile), support)


def best_response(game: NormalFormGame, call: Call) -> NashResult:
    """Best responses from random starts; where they find nothing, averages of other processes, with exact regrets."""
    from eqsolve.engines.learning import best_response_dynamics, fictitious_play, regret_matching

    found: dict[tuple[Vector, ...], None] = {}
    nearest, stopped = None, None
    for k in range(STARTS):
        result = best_response_dynamics(game, seed=call.seed + k, max_rounds=200, max_seconds=call.left())
        if result.regret == 0:
            found[result.profile] = None
        if nearest is None or result.regret < nearest.regret:
            nearest = result
        stopped = _stop(result.stopped)
        if stopped or (found and call.one):
            break
    for process in (fictitious_play, regret_matching):
        if found or stopped:
            break
        result = process(game, seed=call.seed, max_seconds=call.left())
        if nearest is None or result.regret < nearest.regret:
            nearest = result
        if result.regret == 0:
            found[result.profile] = None
        stopped = _stop(result.stopped)
    assert nearest is not None
    best = None if found else Nearest(nearest.profile, nearest.payoffs, nearest.regrets)
    groups = [[equilibrium(game, profile)] for profile in found]
    notes = ("what iteration came upon; nothing is proved about other equilibria",)
    return assembled(
        game, groups, False, stopped, "best-response", nearest=best, notes=notes, parameters={"seed": call.seed}
    )


def _stop(reason: str | None) -> str | None:
    """Why a process was stopped from outside, if it was; coming to rest or to its last round is not that."""
    if reason is None:
        return None
    if "interrupt" in reason:
        return "interrupted"
    return "time limit" if "seconds" in reason or "time" in reason else None


# --- two players --------------------------------------------------------------------------------------------


def two_players(game: NormalFormGame, call: Call) -> tuple[NashSet, str]:
    """All equilibria, or one, of a game of two players, and the engine that found them."""
    from eqsolve.engines.strategic_zero_sum import solve_strategic_zero_sum, zero_sum_matrix

    # A player's scale does not matter to her choices, and integers are quicker than Fractions.
    A, B = (table.tolist() for table in game.integers)
    method = call.method
    if method == "auto":
        if sum(game.shape) > LARGE and zero_sum_matrix(A, B) is not None:
            return _large_zero_sum(game, call)
        method = "lemke-howson" if call.one else "complementarity"
    if method == "lp":
        return solve_strategic_zero_sum(A, B, one=call.one), method
    if method == "lemke-howson":
        from eqsolve.engines.lemke_howson import lemke_howson

        reached = lemke_howson(A, B, max_seconds=call.left())
        return nash_set([(reached.row, reached.col)], None), method
    if method == "nashpy":
        return _by_nashpy(game, call), method
    if call.one and method != "vertex-enumeration":
        return _first_leaf(game, call, method), method
    if method == "vertex-enumeration":
        from eqsolve.engines.vertex_enumeration import enumerate_vertices

        found = enumerate_vertices(A, B, max_seconds=call.left())
        return (nash_set(list(found)[:1], found.stopped) if call.one else found), method
    if method == "support-enumeration":
        from eqsolve.engines.support import enumerate_supports

        return enumerate_supports(A, B, max_seconds=call.left()), method
    return _searched(game, call), method


def _searched(game: NormalFormGame, call: Call) -> NashSet:
    from eqsolve.engines.complementarity import enumerate_equilibria

    return enumerate_equilibria(block_game(game), max_seconds=call.left(), progress=call.progress)


def _large_zero_sum(game: NormalFormGame, call: Call) -> tuple[NashSet, str]:
    """Linear programs; the search only if they leave so much freedom that they cannot list all that is optimal."""
    from eqsolve.engines.strategic_zero_sum import solve_strategic_zero_sum

    A, B = (table.tolist() for table in game.integers)
    pair = solve_strategic_zero_sum(A, B, one=call.one)
    if pair.complete or call.one:
        return pair, "lp"
    found = _searched(game, call)
    return (found, "complementarity") if found.pairs else (replace(pair, stopped=found.stopped), "lp")


def block_game(game: NormalFormGame) -> BlockGame:
    """A game of two players as engines take it, in integers."""
    first, second = (tuple(tuple(map(Fraction, row)) for row in table.tolist()) for table in game.integers)
    return BlockGame(first, second, game.shape[:1], game.shape[1:])


def _bimatrix(game: NormalFormGame) -> Bimatrix:
    first, second = (tuple(map(tuple, table.tolist())) for table in game.integers)
    return Bimatrix(first, second, *game.denominators)


def _first_leaf(game: NormalFormGame, call: Call, method: str) -> NashSet:
    """The first equilibrium that a search meets."""
    from eqsolve.engines.complementarity import leaves
    from eqsolve.engines.support import support_leaves

    block = block_game(game)
    stream = (
        support_leaves(block, deadline=call.deadline)
        if method == "support-enumeration"
        else leaves(block, deadline=call.deadline, progress=call.progress)
    )
    leaf = next(iter(stream))
    return nash_set([(leaf.rows[0], leaf.cols[0])], None)


def _by_nashpy(game: NormalFormGame, call: Call) -> NashSet:
    from eqsolve.engines.nashpy_hints import hinted_equilibria

    found: dict[tuple[Vector, Vector], None] = {}
    stopped = None
    try:
        for pair in hinted_equilibria(_bimatrix(game), max_seconds=call.left()):
            found[pair] = None
            if call.one:
                break
    except TimeoutError:
        stopped = "time limit"
    except KeyboardInterrupt:
        stopped = "interrupted"
    return nash_set(found, stopped)


def nash_set(pairs: Iterable[tuple[Vector, Vector]], stopped: str | None) -> NashSet:
    """Some equilibria, of which nobody says that they are all."""
    from eqsolve.engines.nash_subsets import nash_subsets

    given = list(pairs)
    rows, cols = sorted({x for x, _ in given}), sorted({y for _, y in given})
    row_index = {x: k for k, x in enumerate(rows)}
    col_index = {y: k for k, y in enumerate(cols)}
    indices = tuple(sorted({(row_index[x], col_index[y]) for x, y in given}))
    return NashSet(tuple(rows), tuple(cols), indices, *nash_subsets(indices), False, stopped)


def from_nash_set(game: NormalFormGame, found: NashSet, method: str) -> NashResult:
    """Put the answer of an engine for two players into a result."""
    A, B = (table.tolist() for table in game.integers)
    row_support, col_support = (
        [tuple([k for k, p in enumerate(z) if p]) for z in side] for side in (found.rows, found.cols)
    )
    # In an equilibrium a player earns what any strategy that she plays does.
    first = {j: _earned(A[row_support[i][0]], found.cols[j], game.denominators[0]) for i, j in _each(found.pairs, 1)}
    second = {
        i: _earned([row[col_support[j][0]] for row in B], found.rows[i], game.denominators[1])
        for i, j in _each(found.pairs, 0)
    }
    equilibria = tuple(
        MixedEquilibrium((found.rows[i], found.cols[j]), (first[j], second[i]), (row_support[i], col_support[j]))
        for i, j in found.pairs
    )
    index = {pair: k for k, pair in enumerate(found.pairs)}
    subsets: list[Indices] = [tuple(sorted(index[i, j] for i in rows for j in cols)) for rows, cols in found.subsets]
    components: list[Indices] = [
        tuple(sorted({k for number in part for k in subsets[number]})) for part in found.components
    ]
    return NashResult(
        game,
        equilibria,
        tuple(sorted(subsets)),
        tuple(sorted(components)),
        found.complete,
        found.stopped,
        method,
        notes=_notes(method, found),
    )


def _each(pairs: Iterable[tuple[int, int]], side: int) -> Iterable[tuple[int, int]]:
    """One pair for each strategy of a side."""
    return {pair[side]: pair for pair in pairs}.values()


def _earned(payoffs: list[int], strategy: Vector, denominator: int) -> Fraction:
    """What one strategy earns against one of the opponent."""
    weights, scale = to_integers(strategy)
    return Fraction(sum(map(mul, payoffs, weights)), scale * denominator)


def _notes(method: str, found: NashSet) -> tuple[str, ...]:
    if found.complete or found.stopped:
        return ()
    if method == "nashpy":
        return ("nashpy's floating-point supports, made exact; equilibria may be missing",)
    if method == "lp" and found.pairs:
        return ("one pair of optimal strategies; others may exist",)
    return ("one equilibrium",)


# --- any number of players ----------------------------------------------------------------------------------


def any_players(game: NormalFormGame, call: Call) -> NashResult:
    """All equilibria of a game in which any number of players matter."""
    reduction = Reduction(game)
    used = "dominance" if reduction.core is None else ""

    def solve(core: NormalFormGame) -> Found:
        """Equilibria of the reduced game by the engine that fits it, whose name is noted in `used`."""
        nonlocal used
        if core.n_players == 2 and call.method != "polynomial":
            found, used = two_players(core, call)
            return _parts(found), found.complete or call.one, found.stopped
        if call.method in TWO_PLAYERS and call.method != "support-enumeration":
            raise NotSupported(
                f"{call.method} is for two players and {core.n_players} of them matter here; use --method polynomial"
            )
        used = "polynomial"
        return _by_polynomials(core, call)

    parts, complete, stopped = reduction.solve(solve)
    groups = list(reduction.profiles(parts[:1] if call.one else parts))
    if call.one:
        groups = [group[:1] for group in groups]
    notes = list(reduction.notes)
    if reduction.dropped and len(reduction.kept) >= 2:
        names = ", ".join(game.players[i] for i in sorted(reduction.dropped))
        notes.insert(0, f"{names} cannot change what the others do; solved for the other {len(reduction.kept)} players")
    if call.one and groups:
        notes.append("one equilibrium")
    return assembled(game, groups, complete and not call.one, stopped, used, notes=tuple(notes))


def _parts(found: NashSet) -> list[Part]:
    return [
        Part({0: tuple(Side(found.rows[i]) for i in sorted(rows)), 1: tuple(Side(found.cols[j]) for j in sorted(cols))})
        for rows, cols in found.subsets
    ]


def _by_polynomials(core: NormalFormGame, call: Call) -> Found:
    from eqsolve.engines.polynomial import all_equilibria

    found = all_equilibria(core, max_seconds=call.left(), one=call.one)
    samples = [e for item in found.undecided for e in item.samples]
    parts = [_point(e) for e in (*found.equilibria, *samples)]
    for continuum in found.continua:
        first = _point(continuum.vertices[0])
        vertices = tuple(_point(e).players[continuum.player][0] for e in continuum.vertices)
        parts.append(Part({**first.players, continuum.player: vertices}))
    stopped = found.stopped
    if call.one and found.equilibria:
        stopped = None
    elif stopped is not None and stopped.startswith("max_seconds"):
        stopped = "time limit"
    return parts, found.complete, stopped


def _point(e: MixedEquilibrium) -> Part:
    fields = [None] * len(e.strategies) if e.certificate is None else e.certificate.strategies
    players = {i: (Side(s, f),) for i, (s, f) in enumerate(zip(e.strategies, fields, strict=True))}
    return Part(players, dict(enumerate(e.payoffs)), e.certificate)
