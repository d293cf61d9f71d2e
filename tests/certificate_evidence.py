"""Evidence for bounds, made from the solvers' tables and multipliers, and changes, for tests of the checker."""

from __future__ import annotations

from fractions import Fraction

from eqsolve.forms.label_free import LabelFreeForm
from eqsolve.forms.lie_tables import LieTables
from eqsolve.judge.bounds import joint_histograms
from eqsolve.judge.bounds.joint_histograms import worth
from eqsolve.strategy import Strategy, uniform


def name(game, i):
    return game.problem.agents[i].name


def tables_evidence(game, i):
    """A best lie table at every histogram, against label-free opponents on exact budgets."""
    form = LabelFreeForm(game).tables(i)
    return [
        {"histogram": list(h), "table": [[str(c) for c in row] for row in next(form.tables(h))]}
        for h, _ in game.histogram_law(i).items()
    ]


def label_free_floor(game, i):
    return {"kind": "label-free", "tables": tables_evidence(game, i)}


def informed(game, i):
    """Dual vertices of the transportation problem against every joint histogram."""
    families = []
    others = [j for j in game.active if j != i]
    for joint in joint_histograms(game, i):
        told = [
            [[game.problem.agents[j].types[v].name for j, v in zip(others, w, strict=True)], c]
            for w, c in joint.items()
        ]
        rows = [tuple(row) for w in joint for row in worth(game, i, w)]
        families.append({"joint": told, "duals": duals(game, i, rows, game.active_values[i][1])})
    return {"kind": "informed", "families": families}


def duals(game, i, rows, scale):
    tables = LieTables(game.budgets[i], tuple(rows), scale)
    types = len(game.problem.agents[i].types)
    found = []
    for totals in tables.totals:
        family = tables.family(totals)
        for beta in family.duals:
            price = dict(zip(family.used, beta, strict=True))
            alpha = [max(row[g] - b for g, b in price.items()) for row in family.worth]
            columns = {}
            for g, group in enumerate(game.budgets[i].groups):
                free = max(row[g] - a for row, a in zip(family.worth, alpha, strict=True))
                columns |= dict.fromkeys(group.members, price.get(g, free))
            found.append(
                {
                    "rows": [
                        [str(Fraction(a, scale)) for a in alpha[k : k + types]] for k in range(0, len(rows), types)
                    ],
                    "columns": [str(Fraction(columns[v], scale)) for v in range(types)],
                }
            )
    return found


def label_free_duals(game, i):
    tables = LabelFreeForm(game).tables(i)
    return {"tables": tables_evidence(game, i), "duals": duals(game, i, tables.worth, tables.scale)}


def floor_evidence(game, agents=None):
    agents = range(game.n) if agents is None else agents
    return {name(game, i): label_free_floor(game, i) if i in game.active else {"kind": "bystander"} for i in agents}


def ceiling_evidence(game, agents=None):
    agents = range(game.n) if agents is None else agents
    return {name(game, i): informed(game, i) if i in game.active else {"kind": "bystander"} for i in agents}


def label_free_profile(game):
    """The label-free equilibrium of exact budgets in which everybody mixes evenly over best messages."""
    form = LabelFreeForm(game)
    return tuple(
        uniform({t: form.tables(i).best_messages(t) for t in game.type_vectors(i)})
        if i in game.active
        else Strategy({t: {next(game.budgets[i].messages()): Fraction(1)} for t in game.type_vectors(i)})
        for i in range(game.n)
    )


def set_(*path):
    """A change of a document: the value at a path becomes the last argument."""
    *way, key, value = path

    def change(document):
        place = document
        for step in way:
            place = place[step]
        place[key] = value

    return change


def drop(*path):
    """A change of a document: what stands at a path is left out."""
    *way, key = path

    def change(document):
        place = document
        for step in way:
            place = place[step]
        del place[key]

    return change
