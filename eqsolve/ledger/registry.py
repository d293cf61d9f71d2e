"""Which function settles which published claim."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path

from eqsolve.ledger import (
    appendix,
    bargaining,
    collusion,
    correlation,
    correlation_filter,
    interdependent,
    participation,
    public_good,
    second_best,
    size,
    statistical,
    strategy_proof,
    transfers,
    transfers_budget,
    turns,
    unravelling,
    voting,
    voting_welfare,
    walking_away,
)
from eqsolve.ledger.settled import Published, Settled, unsettled

Settler = Callable[[Published], Settled]

SETTLERS: Mapping[str, Settler] = {
    "000.ex1.BNE": voting.bayesian_equilibrium,
    "000.ex1.err.linked": voting.error_linked,
    "000.ex1.err.separate": voting.error_separate,
    "000.ex1.subcases": voting.error_in_cases,
    "000.ex1.alleq": voting.all_equilibria,
    "000.ex1.expost": voting_welfare.ex_post_dominance,
    "000.ex1.interim": voting_welfare.interim_dominance,
    "000.ex1.secondbest": second_best.majority_is_second_best,
    "000.ex1.unique": second_best.only_anonymous_and_neutral,
    "000.ex1.pareto": voting_welfare.ex_post_inefficiency,
    "000.ex1.err.manyK": voting.error_many,
    "000.ex1.optimalLP.K2": second_best.mechanism_places_the_lies,
    "000.corr.model1": correlation.copying,
    "000.corr.model2": correlation.intensities,
    "000.corr.separate": correlation.separate_votes,
    "000.ex2.permute": turns.permuting,
    "000.ex2.minlies.m3": partial(turns.fewest_lies, items=3),
    "000.ex2.minlies.m6": partial(turns.fewest_lies, items=6),
    "000.ex3.costshare": public_good.saving,
    "000.ex3.loss": public_good.loss,
    "000.ex3.threshold": public_good.threshold,
    "000.ex4.sb.BIC": bargaining.second_best_is_feasible,
    "000.ex4.sb.expost": bargaining.second_best_is_best,
    "000.ex4.linked.noveto": bargaining.truthful_equilibrium,
    "000.ex4.threshold": bargaining.improves,
    "000.ex4.veto.m3": walking_away.incentives,
    "000.ex4.veto.limit": walking_away.limit,
    "000.ex5.collusive.K2": partial(collusion.is_equilibrium, copies=2),
    "000.ex5.collusive.K4": partial(collusion.is_equilibrium, copies=4),
    "000.ex5.typo": collusion.decision,
    "000.ex5.filter": correlation_filter.tells_apart,
    "000.ex5.flagged.K8": correlation_filter.plan_is_no_equilibrium,
    "000.thm1.pairwise": correlation_filter.pairs_are_not_enough,
    "000.app.gamma": appendix.gamma,
    "000.app.iid": appendix.independence,
    "000.app.budget4": appendix.ties,
    "000.sqrtK": size.forced_lies_share,
    "000.thm2": strategy_proof.theorem,
    "000.secure.K2": appendix.security,
    "000.fn14.coord": size.best_is_half_each,
    "000.table.K1": size.without_linking,
    "000.table.half.K2": partial(size.half_of_the_objects, copies=2),
    "000.table.half.K4": partial(size.half_of_the_objects, copies=4),
    "000.table.half.K6": partial(size.half_of_the_objects, copies=6),
    "000.table.limit": size.efficient,
    "000.table.optBIC.K2": partial(size.best_linked, copies=2),
    "000.table.optBIC.K4": partial(size.best_linked, copies=4),
    "000.table.plain.K4": size.plain_is_slightly_worse,
    "001.eq16": transfers_budget.lump_sums,
    "001.prop1.bargain": participation.bargaining,
    "001.prop2.veto.delta": participation.veto,
    "001.5.2.surplus": participation.failing_surplus,
    "001.5.2.prob": participation.failing_participation,
    "001.6.4.rule": unravelling.rule,
    "001.6.4.means": unravelling.means,
    "001.6.4.H": unravelling.threshold,
    "001.6.4.claim1": unravelling.claim_1,
    "001.6.4.claim2": unravelling.claims_2_and_3,
    "001.6.4.veto.large": unravelling.claim_4,
    "004.vcg.interim": transfers.interim_payments,
    "004.vcg.exante": transfers.expected_payments,
    "004.ee.transfer": transfers.externality_payment,
    "004.ee.buyer": transfers.buyers_payoff,
    "004.ee.seller": transfers.sellers_payoff,
    "004.ee.dsic": transfers.seller_is_not_dominant,
    "004.ee.payment14": transfers.payment_of_a_quarter,
    "004.ms.psi": transfers.subsidies,
    "004.ms.deficit": transfers.deficit,
    "004.vcg.sellerpart": transfers.sellers_gain_from_taking_part,
    "004.part.psi": transfers_budget.partnership_subsidy,
    "004.part.surplus": transfers_budget.partnership_surplus,
    "004.part.shares": transfers_budget.shares,
    "004.discrete.converse": transfers_budget.discrete_converse,
    "004.thm2": transfers_budget.theorem_2,
    "004.dsic.fixedprice": transfers_budget.fixed_prices,
    "002.ratio": statistical.unlinked_ratio,
    "002.prop2.f0": statistical.unlinked_is_cheapest,
    "002.linkedVCG.grid": statistical.linked_on_a_grid,
    "002.lemma1": statistical.retraction,
    "002.prop1": statistical.proposition,
    "003.thm5.1": interdependent.threshold_mechanism,
    "003.ex4.5.grid": interdependent.grid_impossibility,
    "003.ex4.4": interdependent.one_informed,
    "003.fn32": interdependent.paid_the_others_value,
    "003.ex4.2": interdependent.maskin,
    "003.5.1.fail": interdependent.against_weak_congruence,
}

MISSING: Mapping[str, str] = {}
"""What the claims of a document need that cannot be computed yet."""


@cache
def published() -> tuple[Published, ...]:
    """The published claims, in the order in which they were collected."""
    text = (Path(__file__).parent / "published.json").read_text(encoding="utf-8")
    return tuple(Published(**claim) for claim in json.loads(text)["claims"])


def settler(claim: Published) -> Settler:
    """The function that settles a claim; one that leaves it open where a part is missing."""
    if claim.id in SETTLERS:
        return SETTLERS[claim.id]
    return lambda _: unsettled(f"not computed: needs {MISSING.get(claim.source, 'a part that is not built')}")
