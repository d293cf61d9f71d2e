import random

import pytest

from eqsolve.engines.complementarity import BlockGame, dictionary, integers
from eqsolve.engines.complementarity.reduction import reduce
from eqsolve.engines.complementarity.tableau import Tableau


def faces(seed, size):
    """Faces along a random walk from the whole polyhedron, as what can be compared."""
    rng = random.Random(seed)
    m, n = rng.randint(3, 8), rng.randint(3, 8)
    A, B = ([[rng.randint(-size, size) for _ in range(n)] for _ in range(m)] for _ in range(2))
    game = reduce(BlockGame.of(A, B))
    face, every = integers.root(game).x, range(len(game.first.payoffs) + len(game.second.payoffs))
    seen = []
    for _ in range(8):
        labels = [k for k in every if not face.zero >> k & 1]
        if not labels:
            break
        smaller = face.fix(rng.choice(labels))
        if smaller is None:
            seen.append(None)
            continue
        face = smaller
        seen.append((face.rows, face.basic, face.nonbasic, face.zero, face.positive, face.pivots))
    return seen


@pytest.mark.parametrize("size", [1, 3, 100, 10**9, 10**17, 10**30])
@pytest.mark.parametrize("seed", range(15))
def test_arrays_pivot_like_lists(seed, size, monkeypatch):
    monkeypatch.setattr(dictionary, "_LARGE", 10**9)
    lists = faces(seed, size)
    monkeypatch.setattr(dictionary, "_LARGE", 0)
    assert faces(seed, size) == lists


def test_nothing_changes_where_64_bits_may_be_too_few():
    rows = [[2**40, 2**41, -(2**40) + 1, 3], [5, 7, 2**39 + 1, 1]]
    tableau = Tableau(rows)
    assert not tableau.pivot(0, 2)
    assert tableau.rows() == rows
    with pytest.raises(OverflowError):
        Tableau([[1, 2**63]])
