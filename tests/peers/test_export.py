"""What we export is the game we solve: Gambit reads it and finds the equilibria we list."""

from __future__ import annotations

from fractions import Fraction

import pytest

import eqsolve as eq
from eqsolve.engines.lp import solve_lp
from eqsolve.forms.export import normal_form_game
from eqsolve.io.nfg import parse_nfg, write_nfg
from eqsolve.strategy import expected_payoffs

pytestmark = pytest.mark.peer


def behaviours(game, i, label_mixture):
    """Behaviour strategy of a mixture over exported strategies, whose labels are messages joined by ' | '."""
    vectors = game.type_vectors(i)
    names = {game.vector_name(i, m): m for m in game.budgets[i].messages()}
    plan = {t: {} for t in vectors}
    for label, q in label_mixture.items():
        for t, name in zip(vectors, label.split(" | "), strict=True):
            if q:
                plan[t][names[name]] = plan[t].get(names[name], Fraction(0)) + q
    return eq.Strategy(plan)


def flat(game, i, strategy):
    return [strategy.plan[t].get(m, Fraction(0)) for t in game.type_vectors(i) for m in game.budgets[i].messages()]


def in_hull(point, vertices):
    rows = [[v[k] for v in vertices] for k in range(len(point))]
    return solve_lp([0] * len(vertices), A_eq=[*rows, [1] * len(vertices)], b_eq=[*point, 1]).status == "optimal"


def mixed_strategies(game, found):
    """Probabilities per player, in the order of the strategies; pygambit 16 speaks in objects, 17 in labels."""
    if isinstance(next(iter(game.players)), str):
        return [[Fraction(str(found[p][s])) for s in game.get_strategies(p)] for p in game.players]
    return [[Fraction(str(found[s])) for s in p.strategies] for p in game.players]


def test_gambit_finds_in_our_export_the_equilibria_that_we_list(tmp_path):
    gambit = pytest.importorskip("pygambit", reason="pygambit is not installed")
    linked = eq.load("collusion").link(2)
    path = tmp_path / "collusion.nfg"
    write_nfg(normal_form_game(linked), path)
    read = gambit.read_nfg(str(path))
    labels = eq.NormalFormGame.from_pygambit(read)
    assert labels.players == ("2", "3")
    theirs = []
    for found in gambit.nash.enummixed_solve(read, rational=True).equilibria:
        profile = [eq.Strategy({(0, 0): {(0, 0): Fraction(1)}})]
        for i, names, mixed in zip((1, 2), labels.strategies, mixed_strategies(read, found), strict=True):
            profile.append(behaviours(linked, i, dict(zip(names, mixed, strict=True))))
        theirs.append(tuple(profile))
    solution = eq.solve(linked)
    assert theirs
    # every equilibrium of theirs lies in one of our subsets
    for profile in theirs:
        assert any(
            all(
                in_hull(flat(linked, i, profile[i]), [flat(linked, i, solution[k].strategies[i]) for k in subset])
                for i in (1, 2)
            )
            for subset in solution.subsets
        )
    # every extreme equilibrium of ours is one of theirs, as behaviour
    told = [[flat(linked, i, profile[i]) for i in (1, 2)] for profile in theirs]
    for k in {k for subset in solution.subsets for k in subset}:
        assert [flat(linked, i, solution[k].strategies[i]) for i in (1, 2)] in told
    assert {expected_payoffs(linked, p) for p in theirs} == {e.payoffs for e in solution}


def test_the_export_reads_back_as_it_was_written():
    game = normal_form_game(eq.load("collusion").link(2))
    again = parse_nfg(write_nfg(game))
    assert again.strategies == game.strategies
    assert all((a == b).all() for a, b in zip(again.payoffs, game.payoffs, strict=True))
    small = normal_form_game(eq.load("object").link(2), undominated=True)
    assert max(len(s) for s in small.strategies) < max(
        len(s) for s in normal_form_game(eq.load("object").link(2)).strategies
    )
