"""Plans in the filtered game against play that is written out, problem by problem."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from fractions import Fraction

import pytest

import eqsolve as eq
from eqsolve.certificate.check import check
from eqsolve.collusion.coalition import Coalition
from eqsolve.collusion.frontier import NOTHING_HOLDS, Frontier
from eqsolve.collusion.opposite import opposite_profile, survival
from eqsolve.collusion.rehearsal import Rehearsal
from eqsolve.collusion.reports import Reports
from eqsolve.collusion.trial import trial
from eqsolve.collusion.triple import label_free_profile, triple_messages, triple_profile
from eqsolve.errors import ModelError, SizeError
from eqsolve.filter import Calibration, Panel, distances
from eqsolve.forms.filtered import FilteredPlay
from eqsolve.forms.lie_tables import lie_table
from eqsolve.forms.separable import SeparableForm
from eqsolve.io.certificate_file import equilibrium_found, no_collusion_refuted
from eqsolve.judge.coordination import COLLUSIVE, coordination
from eqsolve.judge.efficiency import ex_ante_efficiency
from eqsolve.linking import Options
from tests.filtered_brute_force import Filtered
from tests.random_problems import random_game


def arrangements(plan, coalition, types):
    """Joint messages that a plan sends at the members' type vectors, with probabilities: all ways to draw problems."""
    joint = list(zip(*types, strict=True))
    h = [tuple(n) for n in plan.histograms.tolist()].index(tuple(joint.count(row) for row in coalition.rows))
    law = {}
    for table, p in plan.lottery(h).items():
        ways = [()]
        for row in joint:
            line = table[coalition.rows.index(row)]
            ways = [(*w, c) for w in ways for c in range(len(line)) if line[c]]
        fitting = [
            w
            for w in ways
            if all(
                sum(1 for row_, c_ in zip(joint, w, strict=True) if row_ == row and c_ == c) == table[r][c]
                for r, row in enumerate(coalition.rows)
                for c in range(len(coalition.columns))
            )
        ]
        for w in fitting:
            sent = tuple(zip(*(coalition.columns[c] for c in w), strict=True))
            law[sent] = law.get(sent, Fraction(0)) + p / len(fitting)
    return law


class Written:
    """A plan in the filtered game, with everything that its members can do listed."""

    def __init__(self, coalition, epsilon, plan):
        self.coalition, self.plan = coalition, plan
        self.game = coalition.game
        self.play = Filtered(self.game, epsilon)

    def worth(self, place, t, sent):
        """Expected payoff of a member; outsiders send all messages equally often."""
        given = dict(zip(self.coalition.members, sent, strict=True))
        lists = [[given[j]] if j in given else self.play.lists[j] for j in range(self.game.n)]
        profiles = list(itertools.product(*lists))
        total = sum((self.play.worth(self.coalition.members[place], t, p) for p in profiles), Fraction(0))
        return total / len(profiles)

    def types(self):
        for types in itertools.product(*(self.game.type_vectors(i) for i in self.coalition.members)):
            chance = math.prod(
                (self.game.type_probability(i, t) for i, t in zip(self.coalition.members, types, strict=True)),
                start=Fraction(1),
            )
            yield types, chance

    def best(self, place, t, sent):
        messages = self.play.lists[self.coalition.members[place]]
        return max(self.worth(place, t, (*sent[:place], m, *sent[place + 1 :])) for m in messages)

    def payoff(self, place):
        return sum(
            (
                chance * p * self.worth(place, types[place], sent)
                for types, chance in self.types()
                for sent, p in arrangements(self.plan, self.coalition, types).items()
            ),
            Fraction(0),
        )

    def disobedience(self):
        return max(
            self.best(place, types[place], sent) - self.worth(place, types[place], sent)
            for types, _ in self.types()
            for sent in arrangements(self.plan, self.coalition, types)
            for place in range(len(types))
        )

    def deviation(self, place):
        """The largest interim gain from any report and the best message afterwards."""
        own = self.coalition.members[place]
        worst = Fraction(0)
        for t in self.game.type_vectors(own):
            values, kept = {}, Fraction(0)
            for report in self.game.type_vectors(own):
                for types, chance in self.types():
                    if types[place] != report:
                        continue
                    weight = chance / self.game.type_probability(own, report)
                    for sent, p in arrangements(self.plan, self.coalition, types).items():
                        values[report] = values.get(report, Fraction(0)) + weight * p * self.best(place, t, sent)
                        if report == t:
                            kept += weight * p * self.worth(place, t, sent)
            worst = max(worst, max(values.values()) - kept)
        return worst


CASES = [
    (eq.load("collusion").link(2), (1, 2), Fraction(1, 2)),
    (eq.load("collusion").link(2), (1, 2), None),
    *(
        (random_game(seed, n=2, types=2, copies=2, active=2), (0, 1), e)
        for seed in (0, 2)
        for e in (None, Fraction(1, 2))
    ),
    (random_game(4, n=2, types=2, copies=3, active=2), (0, 1), Fraction(1, 3)),
    (random_game(1, n=3, types=2, copies=2, active=3), (0, 1), Fraction(1, 2)),
    (random_game(1, n=3, types=2, copies=2, active=3), (0, 2), Fraction(0)),
]


@pytest.mark.parametrize("case", range(len(CASES)))
def test_trials_by_writing_the_play_out(case):
    game, members, epsilon = CASES[case]
    coalition = Coalition(game, members)
    point = Frontier(coalition).point(epsilon)
    if point.plan is None:
        assert point.why
        return
    rehearsal = Rehearsal(coalition, epsilon)
    written = Written(coalition, epsilon, point.plan)
    found = trial(rehearsal, point.plan)
    for place, i in enumerate(members):
        assert found.payoffs[i] == written.payoff(place)
        assert Reports(rehearsal, point.plan).deviation(place) == written.deviation(place)
    assert found.disobedience.gain == written.disobedience()


def outsider_lottery(coalition, j, t):
    """What an outsider sends at a type vector: every message that announces it by its table, equally often."""
    game, types = coalition.game, len(coalition.game.problem.agents[j].types)
    messages = list(game.budgets[j].messages())
    tables = dict(coalition.label_free_tables(j))
    table = tables[tuple(t.count(u) for u in range(types))]
    if j in game.unfiltered.active:
        messages = [m for m in messages if [list(row) for row in lie_table(t, m, types)] == [list(r) for r in table]]
    return dict.fromkeys(messages, Fraction(1, len(messages)))


@pytest.mark.parametrize("epsilon", [None, Fraction(1, 2), Fraction(0)])
@pytest.mark.parametrize("seed", [1, 2, 5])
def test_outsiders_by_writing_the_play_out(seed, epsilon):
    """Their payoffs under the plan, replacements included, and what they gain by announcing otherwise."""
    game = random_game(seed, n=3, types=2, copies=2, active=3)
    coalition = Coalition(game, (0, 1))
    plan = Frontier(coalition).point(None).plan  # tried within every filter
    if plan is None:
        pytest.skip("no plan leaves both members as well off")
    play = Filtered(game, epsilon)
    vectors = list(itertools.product(game.type_vectors(0), game.type_vectors(1)))
    law = {}
    for types in vectors:
        chance = game.type_probability(0, types[0]) * game.type_probability(1, types[1])
        for sent, p in arrangements(plan, coalition, types).items():
            law[sent] = law.get(sent, Fraction(0)) + chance * p
    payoff, gain = Fraction(0), Fraction(0)
    for t in game.type_vectors(2):
        values = {m: sum(p * play.worth(2, t, (*sent, m)) for sent, p in law.items()) for m in play.lists[2]}
        got = sum(p * values[m] for m, p in outsider_lottery(coalition, 2, t).items())
        payoff += game.type_probability(2, t) * got
        gain = max(gain, max(values.values()) - got)
    found = trial(Rehearsal(coalition, epsilon), plan)
    assert found.payoffs[2] == payoff
    assert found.outsiders == gain


def test_at_four_problems_no_plan_within_the_filter_holds():
    coalition = Coalition(eq.load("collusion").link(4), (1, 2))
    frontier = Frontier(coalition)
    point = frontier.point(Fraction(0))
    found = trial(Rehearsal(coalition, Fraction(0)), point.plan)
    assert found.payoffs == (Fraction(-9, 4), Fraction(855, 512), Fraction(855, 512))
    assert found.disobedience.gain == Fraction(1, 2)
    assert found.equilibrium is False
    assert frontier.point(Fraction(0), obedient=True).why == NOTHING_HOLDS
    free = frontier.point(None)
    assert trial(Rehearsal(coalition, None), free.plan).equilibrium is True


def test_at_six_problems_plans_hold_but_false_types_pay():
    coalition = Coalition(eq.load("collusion").link(6), (1, 2))
    frontier, epsilon = Frontier(coalition), Fraction(1, 6)
    plain, holding = frontier.point(epsilon), frontier.point(epsilon, obedient=True)
    assert plain.total == holding.total == Fraction(1619, 6144)
    rehearsal = Rehearsal(coalition, epsilon)
    assert trial(rehearsal, plain.plan).disobedience.gain > 0
    found = trial(rehearsal, holding.plan)
    assert found.disobedience.gain == 0
    assert found.deviation == Fraction(43, 1152)
    assert found.equilibrium is False


SURVIVAL = {
    (2, "0"): "0", (2, "1/4"): "0", (2, "1/2"): "0",
    (4, "0"): "3/8", (4, "1/4"): "3/8", (4, "1/2"): "0",
    (6, "0"): "0", (6, "1/6"): "1/2", (6, "1/2"): "0",
    (8, "0"): "3/8", (8, "1/4"): "9/16", (8, "1/2"): "0",
}  # fmt: skip


@pytest.mark.parametrize(("copies", "epsilon"), SURVIVAL)
def test_where_the_fixed_opposite_plan_survives(copies, epsilon):
    """Where nothing is flagged, or everything always is; in between a step towards independence pays."""
    coalition = Coalition(eq.load("collusion").link(copies), (1, 2))
    found = survival(coalition, Fraction(epsilon))
    assert found.deviation.gain == Fraction(SURVIVAL[copies, epsilon])
    assert found.survives == (found.deviation.gain == 0)
    assert found.flagged == (Fraction(epsilon) < Fraction(1, 2))
    game = replace(coalition.game, options=Options(filter={"epsilon": epsilon}))
    assert FilteredPlay.of(game).regret(opposite_profile(coalition)) == found.deviation.gain
    with pytest.raises(SizeError):
        survival(Coalition(eq.load("collusion").link(20), (1, 2)), Fraction(1, 4))


# Three whom no pair shows


@pytest.fixture(scope="module")
def three():
    return eq.load("triple").link(4)


def test_the_triple_is_an_equilibrium_with_certificates(three):
    profile, honest = triple_profile(three, (1, 2, 3)), label_free_profile(three)
    form = SeparableForm(three)
    assert form.regret(profile) == form.regret(honest) == 0
    assert form.payoffs(profile) == (-4, 2, 2, 2)
    assert form.payoffs(honest) == (Fraction(-7, 2), *(Fraction(117, 64),) * 3)
    assert ex_ante_efficiency(three.rule).efficient
    found = coordination(three, profile, form.payoffs(profile), form.payoffs(honest))
    assert (found.verdict, found.coalitions) == (COLLUSIVE, ((1, 2, 3),))
    for document in (no_collusion_refuted(three, profile, honest, (1, 2, 3)), equilibrium_found(three, profile)):
        assert check(document).valid
    wrong = no_collusion_refuted(three, profile, honest, (1, 2))
    assert not check(wrong).valid


@pytest.mark.parametrize("copies", [4, 8, 12, 40])
def test_pairs_do_not_show_the_triple_and_sets_do(copies):
    game = eq.load("triple").link(copies)
    sent = triple_messages(game, (1, 2, 3))
    messages = [(0,) * copies, *sent.values()]
    panel = Panel.of_game(game)
    assert distances(panel, messages) == (0, 0, 0, 0)
    assert distances(panel, messages, "joint") == (0, *(Fraction(1, 4),) * 3)
    for i, j in itertools.combinations((1, 2, 3), 2):  # by counting
        met = list(zip(sent[i], sent[j], strict=True))
        assert {met.count(cell) for cell in itertools.product((0, 1), repeat=2)} == {copies // 4}
    assert (0, 0, 0) not in zip(*sent.values(), strict=True)


@pytest.mark.parametrize(
    ("kind", "epsilon", "regret"),
    [("pairwise", "0", "0"), ("pairwise", "1/4", "0"), ("joint", "1/8", "1/8"), ("joint", "1/4", "0")],
)
def test_the_triple_in_the_filtered_game(three, kind, epsilon, regret):
    game = replace(three, options=Options(filter={"epsilon": epsilon, "distance": kind}))
    play, profile = FilteredPlay.of(game), triple_profile(three, (1, 2, 3))
    assert play.regret(profile) == Fraction(regret)
    passes = kind == "pairwise" or Fraction(epsilon) >= Fraction(1, 4)
    assert play.payoffs(profile)[1] == (2 if passes else Fraction(7, 4))


def test_the_joint_filter_catches_it_once_there_are_enough_problems():
    for copies, flagged in ((24, False), (32, True), (40, True)):
        calibration = Calibration.of(eq.load("triple").link(copies), "joint")
        assert (calibration.epsilon_for(Fraction(1, 20)) < Fraction(1, 4)) is flagged


def test_the_plan_of_three_needs_three_alike_and_fours(three):
    for game, members in ((three, (1, 2)), (three, (0, 1, 2)), (eq.load("triple").link(6), (1, 2, 3))):
        with pytest.raises(ModelError, match="plan of three"):
            triple_messages(game, members)
