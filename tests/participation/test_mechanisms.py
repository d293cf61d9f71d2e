"""Linked Groves mechanisms and the veto game against the mechanisms written out, and against simulation."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest
from participation_brute_force import Written, random_problem, sequence_of

from eqsolve.errors import ModelError, SizeError
from eqsolve.participation.equilibria import CLOSE, MIXED, from_nobody, is_equilibrium
from eqsolve.participation.groves import LinkedGroves
from eqsolve.participation.issue import Issue, IssueSequence
from eqsolve.participation.listing import all_equilibria
from eqsolve.participation.veto import VetoGame, standard_fee
from eqsolve.transfers.problem import QuasiLinearProblem


def cases(seed):
    """Two or three agents, one to three issues, alike or different."""
    rng = random.Random(seed)
    agents = rng.choice([2, 2, 3])
    problems = [random_problem(rng, agents, decisions=rng.choice([2, 3]))]
    issues = rng.randint(1, 3 if agents == 2 else 2)
    if rng.random() < 0.5:
        problems += [random_problem(rng, agents) for _ in range(issues - 1)]
    listed = [problems[k % len(problems)] for k in range(issues)]
    return sequence_of(problems).economy(issues), Written(listed)


@pytest.mark.parametrize("seed", range(25))
def test_groves_payoffs_lump_sums_and_participation(seed):
    economy, written = cases(seed)
    groves = LinkedGroves(economy)
    assert economy.expected_surplus == written.ES
    assert list(economy.expected_reserve) == written.ER
    everybody = written.everybody()
    assert written.budget(everybody) == 0
    for i in range(written.n):
        holds = Fraction(0)
        for v in written.vectors[i]:
            gain = written.interim(i, v, v, everybody) - written.reserve(i, v)
            assert groves.gain(i, v) == gain
            holds += written.prior[i][v] * (gain >= 0)
        assert groves.holds[i] == holds


def strategies_of(game, written, shares):
    """Participation type by type, from the sign of gains against these shares; None if somebody is indifferent."""
    out = []
    for i in range(written.n):
        gains = {v: game.gain(i, shares, v) for v in written.vectors[i]}
        if not all(gains.values()):
            return None
        out.append({v: Fraction(g > 0) for v, g in gains.items()})
    return out


@pytest.mark.parametrize("seed", range(12))
def test_what_replies_lead_to_is_an_equilibrium_of_the_written_game_lies_included(seed):
    economy, written = cases(seed)
    for fee in (Fraction(0), standard_fee(economy), Fraction(1, 7)):
        game = VetoGame(economy, fee)
        for e in from_nobody(game).equilibria:
            if e.how == MIXED or e.unravelled:
                continue
            assert is_equilibrium(game, e.shares)
            strategies = strategies_of(game, written, e.shares)
            if strategies is None:
                continue
            assert written.regret(strategies, fee) == 0
            outcome = e.outcome
            assert outcome.no_veto == written.no_veto(strategies)
            assert outcome.budget == written.budget(strategies, fee)
            assert outcome.efficient[0] <= written.efficient(strategies) <= outcome.efficient[1]
            assert (
                e.efficient == (written.efficient(strategies),) * 2
                or outcome.efficient[1] < outcome.efficient[0] + CLOSE
            )
            for i in range(written.n):
                gain = sum(
                    written.prior[i][v] * x * (written.interim(i, v, v, strategies, fee) - written.reserve(i, v))
                    for v, x in strategies[i].items()
                )
                assert outcome.gains[i] == gain


@pytest.mark.parametrize("seed", range(12))
def test_listing_finds_every_pure_equilibrium_and_only_equilibria(seed):
    rng = random.Random(1000 + seed)
    agents = 2 + seed % 2
    problems = [random_problem(rng, agents) for _ in range(2 if agents == 2 else 1 + (seed % 4 == 1))]
    written, economy = Written(problems), sequence_of(problems).economy(len(problems))
    fee = rng.choice([Fraction(0), standard_fee(economy)])
    listing = all_equilibria(VetoGame(economy, fee))
    assert listing.complete
    found = []
    for stays in listing.stays:
        strategies = [
            dict(zip(vectors, row, strict=True)) for vectors, row in zip(listing.vectors, stays, strict=False)
        ]
        assert written.regret(strategies, fee, lies=agents == 2) == 0
        found.append(strategies)
    if agents == 2 or len(problems) == 1:  # the enumeration takes 2^(types) sets per agent
        assert [s for s in written.pure_equilibria(fee) if s not in found] == []


def test_mixed_equilibria_are_equilibria_of_the_written_game():
    """Two like agents, one public good: where replies go round in circles somebody has to mix."""
    seen = 0
    for seed in range(200):
        if seen >= 3:
            return
        rng = random.Random(seed)
        base = random_problem(rng, 1, types=3, decisions=2).problem
        both = (base.agents[0], type(base.agents[0])("2", base.agents[0].types))
        problem = QuasiLinearProblem.with_status_quo(type(base)(base.decisions, both), "d0", (Fraction(0), Fraction(3)))
        economy = IssueSequence.alike(problem).economy(1)
        for fee in (Fraction(0), Fraction(1, 2)):
            game = VetoGame(economy, fee)
            search = from_nobody(game)
            mixed = [e for e in search.equilibria if e.how == MIXED]
            if not mixed:
                continue
            seen += 1
            written = Written([problem])
            share = mixed[0].shares[0]
            strategy = {(u,): share.marginals[0][u] / p for u, p in enumerate(economy.issues[0].priors[0])}
            assert written.regret([strategy, strategy], fee) == 0
    pytest.fail(f"found {seen} games in which somebody mixes, expected 3")


@pytest.mark.parametrize("k", [3, 6, 9])
def test_participation_agrees_with_simulation(k):
    """Type vectors and payoffs of the Groves mechanism drawn at random; within four standard errors."""
    rng = random.Random(3)
    problems = [random_problem(rng, 2, types=3) for _ in range(2)]
    economy = sequence_of(problems).economy(k)
    holds = LinkedGroves(economy).holds
    draws = np.random.default_rng(7)
    sample = 20_000
    for i in range(2):
        total = np.zeros(sample)
        for issue in economy.issues:
            prior = np.array(issue.priors[i], dtype=float)
            other = np.array(issue.priors[1 - i], dtype=float)
            s = np.array(issue.surplus, dtype=float).reshape(issue.shape)
            interim = (s if i == 0 else s.T) @ other - np.array(issue.reserve[i], dtype=float)
            total += interim[draws.choice(3, size=sample, p=prior)]
        share = float(np.mean(total >= float(economy.lump_sums[i]) - 1e-9))
        error = (max(share * (1 - share), 1 / sample) / sample) ** 0.5
        assert abs(share - float(holds[i])) < 4 * error


def test_vetoes_agree_with_simulation_of_the_whole_game():
    """Both agents' types are drawn, each vetoes or not: frequency of no veto and mean budget, four standard errors."""
    from eqsolve.io.participation_file import load_participation

    economy = load_participation("bargaining-issues").sequence.economy(4)
    game = VetoGame(economy, standard_fee(economy))
    (e,) = from_nobody(game).equilibria
    draws = np.random.default_rng(11)
    sample = 20_000
    stays, types = [], []
    for i in range(2):
        gains = game.gains(i, e.shares)
        prior = np.array(economy.issues[0].priors[i], dtype=float)
        drawn = draws.choice(2, size=(sample, 4), p=prior)
        types.append(drawn)
        row = np.array(gains.scores[0], dtype=float)
        stays.append(row[drawn].sum(axis=1) + float(gains.constant) >= -1e-12)
    there = stays[0] & stays[1]
    surplus = np.array(economy.issues[0].surplus, dtype=float).reshape(2, 2)[types[0], types[1]].sum(axis=1)
    budget = there * (float(economy.expected_surplus) - surplus + 2 * float(game.fee))
    for values, exact in ((there, e.outcome.no_veto), (budget, e.outcome.budget)):
        assert abs(values.mean() - float(exact)) < 4 * values.std() / sample**0.5


def test_a_veto_for_sure_is_told():
    """A fee that nobody is willing to pay."""
    economy = sequence_of([random_problem(random.Random(2), 2)]).economy(2)
    search = from_nobody(VetoGame(economy, Fraction(10**6)))
    assert [e.unravelled for e in search.equilibria] == [True]
    assert search.equilibria[0].outcome.no_veto == 0


def test_rebates_balance_and_deficits_have_none():
    economy = sequence_of([random_problem(random.Random(2), 2)]).economy(2)
    game = VetoGame(economy, Fraction(0))
    free = game.outcome(game.everybody)
    assert free.budget == 0
    assert free.rebate == 0
    paid = VetoGame(economy, Fraction(3)).outcome(game.everybody)
    assert (paid.budget, paid.rebate) == (6, 3)


def test_refusals():
    rng = random.Random(1)
    problem = random_problem(rng, 2)
    with pytest.raises(ModelError, match="status quo"):
        Issue.of(QuasiLinearProblem(problem.problem, problem.costs))
    sequence = sequence_of([problem])
    with pytest.raises(ModelError, match="at least 1"):
        sequence.economy(0)
    with pytest.raises(SizeError, match="profiles of type vectors"):
        all_equilibria(VetoGame(sequence.economy(12)))
    with pytest.raises(ModelError, match="costs nothing"):
        Issue(((Fraction(1),),), (Fraction(0),), ((Fraction(1),),), (("a",),), ("1",))
