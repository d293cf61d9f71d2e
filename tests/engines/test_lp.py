"""Every program ends in `check_lp`; its status is compared with brute force or with the other path."""

import itertools
import random
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eqsolve.engines import lp, lp_highs, lp_refinement
from eqsolve.engines.lp import LinearProgram, LPSolution, check_lp, solve_lp, solve_program
from eqsolve.engines.lp_refinement import refined
from eqsolve.engines.simplex import simplex
from eqsolve.errors import ModelError
from eqsolve.exact.linalg import solve

coefficients = st.sampled_from([0, 0, 1, -1, 2, -2, 3, Fraction(1, 3), Fraction(-5, 2)])
sides = st.sampled_from([0, 0, 1, 2, -1, Fraction(1, 2)])


@st.composite
def programs(draw, columns=4, rows=4, equations=3, with_free=True):
    n = draw(st.integers(1, columns))
    m, k = draw(st.integers(0, rows)), draw(st.integers(0, equations))
    A_ub = [[draw(coefficients) for _ in range(n)] for _ in range(m)]
    A_eq = [[draw(coefficients) for _ in range(n)] for _ in range(k)]
    b_ub, b_eq = [draw(sides) for _ in range(m)], [draw(sides) for _ in range(k)]
    if k > 1 and draw(st.booleans()):  # a redundant or contradicting equation
        A_eq[-1] = [2 * value for value in A_eq[0]]
        b_eq[-1] = draw(st.sampled_from([2 * b_eq[0], b_eq[-1]]))
    free = draw(st.sets(st.integers(0, n - 1))) if with_free else set()
    objective = [draw(coefficients) for _ in range(n)]
    return LinearProgram.of(objective, A_ub, b_ub, A_eq, b_eq, free=free, maximise=draw(st.booleans()))


def forced(problem, small):
    """Solve by one path only: the exact simplex method (True) or the basis of HiGHS (False)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lp, "SMALL", 10**9 if small else -1)
        return solve_program(problem)


def vertices(problem):
    """All basic feasible solutions of a program without free variables, by brute force over bases."""
    n, m = len(problem.cost), len(problem.rows)
    dense = [
        [problem.rows[i].get(j, 0) for j in range(n)] + [int(i == k and i < problem.n_ub) for k in range(m)]
        for i in range(m)
    ]
    for tight in range(m + 1):
        for rows in itertools.combinations(range(m), tight):
            for basis in itertools.combinations(range(n + problem.n_ub), tight):
                x = solve([[dense[i][j] for j in basis] for i in rows], [problem.rhs[i] for i in rows])
                if x is None:
                    continue
                point = [Fraction(0)] * (n + m)
                for j, value in zip(basis, x, strict=True):
                    point[j] = value
                fits = all(
                    sum(a * v for a, v in zip(row, point, strict=True)) == right
                    for row, right in zip(dense, problem.rhs, strict=True)
                )
                if fits and min(point) >= 0:
                    yield point[:n]


@settings(deadline=None, max_examples=150)
@given(programs())
def test_both_paths_prove_the_same(problem):
    exact, proposed = forced(problem, True), forced(problem, False)
    assert check_lp(problem, exact)
    assert check_lp(problem, proposed)
    assert (exact.status, exact.value) == (proposed.status, proposed.value)


@settings(deadline=None, max_examples=60)
@given(programs(columns=3, rows=2, equations=1, with_free=False))
def test_brute_force_over_bases(problem):
    found = solve_program(problem)
    points = list(vertices(problem))
    assert (found.status == "infeasible") == (not points)
    if found.status == "optimal":
        values = [
            Fraction(sum(c * v for c, v in zip(problem.cost, p, strict=True)), problem.cost_scale) for p in points
        ]
        assert found.value == (max(values) if problem.maximise else min(values))


@settings(deadline=None, max_examples=60)
@given(programs(), st.randoms(use_true_random=False))
def test_simplex_from_any_basis_decides_the_same(problem, random):
    n, m = len(problem.cost), len(problem.rows)
    basis = random.sample(range(n + m), m)
    args = (problem.rows, problem.rhs, problem.cost, problem.n_ub, problem.free)
    cold, warm = simplex(*args), simplex(*args, basis)
    assert cold.status == warm.status
    if cold.status == "optimal":
        value = [sum(c * v for c, v in zip(problem.cost, x, strict=True)) for x in (cold.x, warm.x)]
        assert value[0] == value[1]


@settings(deadline=None, max_examples=60)
@given(programs(), st.data())
def test_check_refuses_what_was_changed(problem, data):
    found = solve_program(problem)
    fields = {"optimal": ["value", "x"], "infeasible": ["dual_ub", "dual_eq"], "unbounded": ["ray"]}
    name = data.draw(st.sampled_from(fields[found.status]))
    if name == "value":
        wrong = replace(found, value=found.value + 1)
    elif name == "x":
        wrong = replace(found, x=())
    else:  # a direction or combination of zeros proves nothing
        wrong = replace(found, **{key: tuple(0 * v for v in getattr(found, key)) for key in fields[found.status]})
    assert not check_lp(problem, wrong)


def test_check_refuses_a_point_that_is_not_optimal():
    problem = LinearProgram.of([1, 1], [[1, 2]], [4], maximise=True)
    found = solve_program(problem)
    assert found.value == 4
    assert not check_lp(problem, replace(found, x=(Fraction(0), Fraction(2)), value=Fraction(2)))
    assert not check_lp(problem, replace(found, dual_ub=(Fraction(-1),)))
    assert not check_lp(problem, LPSolution("infeasible", None, dual_ub=(Fraction(1),)))


def test_duals_are_derivatives_of_the_value():
    low = solve_lp([3, 2], [[-1, -1]], [-4], [[1, -1]], [1])
    assert (low.value, low.dual_ub, low.dual_eq) == (Fraction(21, 2), (Fraction(-5, 2),), (Fraction(1, 2),))
    high = solve_lp([3, 2], [[1, 1]], [4], [[1, -1]], [1], maximise=True)
    assert (high.value, high.dual_ub, high.dual_eq) == (Fraction(21, 2), (Fraction(5, 2),), (Fraction(1, 2),))


def test_sparse_and_dense_rows_are_the_same_program():
    dense = LinearProgram.of([1, 0, 2], [[0, 1, Fraction(1, 2)]], [1], [[1, 0, 0]], [2])
    sparse = LinearProgram.of([1, 0, 2], [{2: Fraction(1, 2), 1: 1}], [1], [{0: 1}], [2])
    assert dense == sparse


@pytest.mark.parametrize("small", [True, False])
def test_no_constraints_no_columns(small):
    for problem, status in (
        (LinearProgram.of([1, 0]), "optimal"),
        (LinearProgram.of([1, 0], free=[0]), "unbounded"),
        (LinearProgram.of([], [[]], [0], [[]], [0]), "optimal"),
        (LinearProgram.of([], [[]], [-1]), "infeasible"),
        (LinearProgram.of([], [], [], [[]], [1]), "infeasible"),
    ):
        found = forced(problem, small)
        assert found.status == status
        assert check_lp(problem, found)


def test_cycling_example_of_beale_ends():
    problem = LinearProgram.of(
        [Fraction(-3, 4), 150, Fraction(-1, 50), 6],
        [
            [Fraction(1, 4), -60, Fraction(-1, 25), 9],
            [Fraction(1, 2), -90, Fraction(-1, 50), 3],
            [0, 0, 1, 0],
        ],
        [0, 0, 1],
    )
    assert forced(problem, True).value == forced(problem, False).value == Fraction(-1, 20)


@pytest.mark.parametrize("refining", [True, False])
def test_a_wrong_basis_is_repaired(monkeypatch, refining):
    problem = LinearProgram.of([1, 2, 3], [[-1, -1, 0], [0, -1, -1]], [-2, -3])
    wrong = lp_highs.Proposal("optimal", (3, 4))
    monkeypatch.setattr(lp, "SMALL", -1)
    monkeypatch.setattr(lp_highs, "proposals", lambda problem: [wrong])
    if not refining:
        monkeypatch.setattr(lp_refinement, "refined", lambda *arguments: None)
    found = solve_program(problem)
    assert found.method == ("highs basis" if refining else "exact simplex")
    assert found.value == 6
    assert check_lp(problem, found)


def test_another_attempt_follows_when_one_says_nothing(monkeypatch):
    problem = LinearProgram.of([1, 2, 3], [[-1, -1, 0], [0, -1, -1]], [-2, -3])
    attempts = [lp_highs.Proposal("unknown"), lp_highs.Proposal("optimal", (0, 1))]
    monkeypatch.setattr(lp, "SMALL", -1)
    monkeypatch.setattr(lp_highs, "proposals", lambda problem: attempts)
    monkeypatch.setattr(lp_refinement, "refined", lambda *arguments: None)
    wrong = solve_program(problem)  # a singular or infeasible basis is not taken either
    attempts.append(lp_highs.Proposal("optimal", (1, 3)))
    found = solve_program(problem)
    assert wrong.value == found.value == 6
    assert (wrong.method, found.method) == ("exact simplex", "highs basis")


def test_refinement_leads_from_a_wrong_basis_to_the_optimum():
    problem = LinearProgram.of([1, 2, 3], [[-1, -1, 0], [0, -1, -1]], [-2, -3], [[1, 1, 1]], [4])
    found = refined(problem, (0, 3, 4))
    assert found is not None
    assert check_lp(problem, found)
    assert found.value == forced(problem, True).value
    parallel = LinearProgram.of([1, 1], [[1, 1], [2, 2]], [1, 2])
    assert refined(parallel, (0, 1)) is None


def test_refinement_tells_apart_what_tolerances_do_not():
    tiny = Fraction(1, 10**13)
    problem = LinearProgram.of([1, 1 + tiny, 2], [[1, 0, 0]], [1 - tiny], [[1, 1, 1]], [1])
    found = refined(problem, (1, 3))
    assert found is not None
    assert found.x == (1 - tiny, tiny, 0)
    largest = LinearProgram.of([1, 1 + tiny, 2], [[1, 0, 0]], [1 - tiny], [[1, 1, 1]], [1], free=[2], maximise=True)
    assert refined(largest, (0, 3)).value == 2


@pytest.mark.parametrize("claim", ["infeasible", "unbounded", "unknown"])
def test_a_false_claim_is_not_believed(monkeypatch, claim):
    problem = LinearProgram.of([1, 2], [[-1, -1]], [-2])
    assert lp_highs.proof_of(problem, claim) is None or claim == "unknown"
    monkeypatch.setattr(lp, "SMALL", -1)
    monkeypatch.setattr(lp_highs, "proposals", lambda problem: [lp_highs.Proposal(claim)])
    assert solve_program(problem).value == 2


def test_what_floating_point_cannot_tell_apart():
    tiny = Fraction(1, 10**30)
    for gap, status in ((tiny, "optimal"), (-tiny, "infeasible"), (0, "optimal")):
        problem = LinearProgram.of([1], [[1], [-1]], [1 + gap, -1])
        found = forced(problem, False)
        assert found.status == status
        assert check_lp(problem, found)
    large = LinearProgram.of([10**400, 1], [[10**400, 1]], [10**400], maximise=True)
    assert forced(large, False).value == 10**400


@pytest.mark.parametrize("large", [10**9, 10**18, 10**400], ids=["9", "18", "400"])
def test_coefficients_of_very_different_size_do_not_defeat_the_proposal(large):
    rng = random.Random(1)
    rows = [[*(-rng.randint(1, 99) * large for _ in range(12)), 1] for _ in range(12)]
    problem = LinearProgram.of([0] * 12 + [1], rows, [0] * 12, [[1] * 12 + [0]], [1], free=[12], maximise=True)
    found = forced(problem, False)
    assert found.method == "highs basis"
    assert found.value == forced(problem, True).value


def test_larger_game_uses_the_basis_of_highs(capfd):
    rng = random.Random(7)
    rows = [[*(-rng.randint(-99, 99) for _ in range(30)), 1] for _ in range(25)]
    found = solve_lp([*[0] * 30, 1], rows, [0] * 25, [[*[1] * 30, 0]], [1], free=[30], maximise=True)
    assert found.method == "highs basis"
    assert found.status == "optimal"
    out = capfd.readouterr()
    assert out.out + out.err == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([1], [[1]], []), "right-hand"),
        (([1], [[1, 2]], [1]), "row 0 has 2 entries"),
        (([1], [{1: 1}], [1]), "column 1"),
        (([1], [[0.5]], [1]), "float"),
        (([1], [[1]], [0.5]), "float"),
        ((["1"],), "str"),
    ],
)
def test_input_that_does_not_fit_is_refused(arguments, words):
    with pytest.raises(ModelError, match=words):
        solve_lp(*arguments)
    with pytest.raises(ModelError, match="free"):
        solve_lp([1], free=[1])
