"""JSON Schemas of model files, with which editors complete keys and mark mistakes while one types.

They are made from the sections that read the files, so they cannot say anything else. What a schema cannot tell,
that probabilities add up to 1 for example, only the reader checks.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from eqsolve.errors import ModelError
from eqsolve.io.kinds import KINDS

DIALECT = "https://json-schema.org/draft/2020-12/schema"

MEANINGS: Mapping[str, str] = {
    "ModelSection.decisions": "Names of the decisions, in the order that breaks ties.",
    "ModelSection.agents": "The agents by name: [agents.1], [agents.2], ...",
    "ModelSection.claims": "What somebody said of this model; `eqsolve verify` settles each claim.",
    "TypeSection.prob": 'Probability of the type, exact: "1/2", 0.25.',
    "TypeSection.utility": "What each decision is worth to the type; a decision left out is worth 0.",
    "AgentSection.same_as": "An agent declared before, whose types this one has too.",
    "RuleSection.weights": "Weights of the agents in the sum that a utilitarian rule maximises; 1 if left out.",
    "RuleSection.ties": "All maximisers equally likely, or the first in the order of `decisions`.",
    "RuleSection.outcomes": "Lines of a rule given as a table; the first that matches holds.",
    "OutcomeSection.when": "Announced types by agent; an agent left out may have announced any type.",
    "OutcomeSection.choose": "A decision, or probabilities of decisions.",
    "LinkSection.copies": "K, unless --copies says otherwise.",
    "LinkSection.budget": 'What may be announced: "frequencies" (nearest to K times the prior), "none", or a table.',
    "LinkSection.exact_marginals": "Replace some announcements by draws, so that the prior is announced exactly.",
    "LinkSection.walk_away": "The status quo, a decision; who prefers it to what was decided sends everybody to it.",
    "LinkSection.filter": "The correlation filter: { epsilon = ... } or { alpha = ... }.",
    "LinkSection.process": "How an agent's types hang together across problems.",
    "BudgetSection.counts": "How often each type is announced; together K.",
    "BudgetSection.classes": "Disjoint classes of types; each is announced as often as its probability says.",
    "BudgetSection.at_most": "Shares of the problems, rounded down.",
    "BudgetSection.at_least": "Shares of the problems, rounded up.",
    "BudgetSection.agents": "A budget for each agent.",
    "FilterSection.epsilon": "Agents at a larger distance are flagged.",
    "FilterSection.alpha": "The smallest epsilon with at most that many false alarms per agent.",
    "ClaimSection.copies": "K of the claim; the model's own if left out.",
    "ClaimSection.of": "Which payoff a claim about figures speaks of.",
    "ClaimSection.printed": 'Printed figures by agent, as text: "3.875".',
}
"""What an editor shows beside a key, by section and key."""

_ONE_OF_TWO = {"FilterSection": ("epsilon", "alpha"), "AgentSection": ("types", "same_as")}


def model_schema(kind: str = "linked") -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the model files of a kind, as TOML editors read it.

    Parameters
    ----------
    kind : str
        ``linked``, or another value of the key `kind`.

    Raises
    ------
    ModelError
        If there is no such kind.
    """
    if kind not in KINDS:
        raise ModelError(f"schema: found {kind!r}, expected one of {', '.join(KINDS)}")
    module, name = ("eqsolve.io.schema", "ModelSection")
    if kind != "linked":
        module, name = KINDS[kind].reader.partition(":")[0], f"{kind.capitalize()}Section"
    schema = _plain(getattr(importlib.import_module(module), name).model_json_schema())
    for section, block in (*schema.get("$defs", {}).items(), (name, schema)):
        _explained(section, block, kind)
    if kind != "linked":
        schema["required"] = sorted({"kind", *schema.get("required", ())})
    return {"$schema": DIALECT, **schema, "title": f"eqsolve model file: {KINDS[kind].says}"}


def _plain(block: Any) -> Any:
    """A schema without what TOML does not have (null), and without titles that only repeat the keys."""
    if isinstance(block, list):
        return [_plain(part) for part in block]
    if not isinstance(block, dict):
        return block
    found = {key: _plain(value) for key, value in block.items() if key != "title" or isinstance(value, dict)}
    if found.get("default", ...) is None or isinstance(found.get("default"), dict | list):
        del found["default"]
    kept = [part for part in found.get("anyOf", ()) if part != {"type": "null"}]
    if len(kept) == 1:
        del found["anyOf"]
        found = {**kept[0], **found}
    elif kept:
        found["anyOf"] = kept
    return found


def _explained(section: str, block: dict[str, Any], kind: str) -> None:
    """Say what keys mean, and of which two keys exactly one is expected."""
    for key, property_ in block.get("properties", {}).items():
        for owner in (section, *(["BudgetSection"] if section == "AgentBudgetSection" else [])):
            meaning = MEANINGS.get(f"{owner}.{key}")
            if meaning is not None and kind == "linked":
                property_["description"] = meaning
    if kind == "linked" and section in _ONE_OF_TWO:
        block["oneOf"] = [{"required": [key]} for key in _ONE_OF_TWO[section]]
