"""The shape of a model file: what keys there are, and what they hold."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, StrictBool, Tag, model_validator

from eqsolve.io.schema_parts import (
    LIST,
    TABLE,
    WORD,
    Number,
    Section,
    Text,
    Whole,
    word_or_list,
    word_or_table,
)

Says = Literal["payoffs-unique", "outcome-unique", "equilibrium-unique", "truthful", "no-collusion", "payoff"]
Of = Literal["label-free", "target", "floor", "ceiling", "optimal"]


class TypeSection(Section):
    """One type of an agent."""

    name: Text
    prob: Number
    utility: dict[str, Number] = Field(default_factory=dict)


class AgentSection(Section):
    """An agent: its types, or the agent whose types it has too."""

    types: list[TypeSection] | None = None
    same_as: Text | None = None


class OutcomeSection(Section):
    """One line of a rule given as a table."""

    when: dict[
        str, Annotated[Annotated[Text, Tag(WORD)] | Annotated[list[Text], Tag(LIST)], Discriminator(word_or_list)]
    ] = Field(default_factory=dict)
    choose: Annotated[
        Annotated[Text, Tag(WORD)] | Annotated[dict[str, Number], Tag(TABLE)], Discriminator(word_or_table)
    ]


class RuleSection(Section):
    """The social choice function."""

    kind: Literal["utilitarian", "table"]
    weights: dict[str, Number] = Field(default_factory=dict)
    ties: Literal["uniform", "first"] = "uniform"
    outcomes: list[OutcomeSection] | None = None


class AgentBudgetSection(Section):
    """A budget written as a table."""

    counts: dict[str, Whole] | None = None
    classes: dict[str, list[Text]] | None = None
    at_most: dict[str, Number] | None = None
    at_least: dict[str, Number] | None = None


BudgetName = Literal["frequencies", "none"]


class BudgetSection(AgentBudgetSection):
    """A budget written as a table, for all agents or per agent."""

    agents: (
        dict[
            str,
            Annotated[
                Annotated[BudgetName, Tag(WORD)] | Annotated[AgentBudgetSection, Tag(TABLE)],
                Discriminator(word_or_table),
            ],
        ]
        | None
    ) = None


class FilterSection(Section):
    """The correlation filter."""

    epsilon: Number | None = None
    alpha: Number | None = None
    distance: Literal["pairwise", "joint"] = "pairwise"

    @model_validator(mode="after")
    def _one_of_two(self) -> FilterSection:
        if (self.epsilon is None) == (self.alpha is None):
            raise ValueError(f"found {'neither' if self.alpha is None else 'both'} of epsilon and alpha, expected one")
        if not 0 <= (self.epsilon if self.epsilon is not None else self.alpha or 0) <= 1:
            raise ValueError("found an epsilon or alpha outside 0 to 1")
        return self


class AgentProcessSection(Section):
    """How an agent's types hang together across problems."""

    kind: Literal["independent", "copy", "copy_first", "copy_previous", "intensity", "table"] = "independent"
    rho: Number | None = None
    classes: dict[str, list[Text]] | None = None
    law: dict[str, Number] | None = None

    @model_validator(mode="after")
    def _what_the_kind_needs(self) -> AgentProcessSection:
        needs = {"independent": (), "table": ("law",), "intensity": ("rho", "classes")}.get(self.kind, ("rho",))
        found = [key for key in ("rho", "classes", "law") if getattr(self, key) is not None]
        if sorted(found) != sorted(needs):
            raise ValueError(
                f"found {' and '.join(found) or 'nothing'} with kind = {self.kind!r}, expected "
                f"{' and '.join(needs) or 'nothing'}"
            )
        least = -1 if self.kind == "intensity" else 0
        if self.rho is not None and not least <= self.rho <= 1:
            raise ValueError(f"found rho = {self.rho}, expected a number from {least} to 1")
        return self


class ProcessSection(AgentProcessSection):
    """How types hang together across problems, for all agents or per agent."""

    agents: dict[str, AgentProcessSection] | None = None

    @model_validator(mode="after")
    def _one_for_all_or_one_each(self) -> ProcessSection:
        if self.agents is not None and (self.kind != "independent" or "kind" in self.model_fields_set):
            raise ValueError(f"found agents beside kind = {self.kind!r}, expected one of them")
        return self


class LinkSection(Section):
    """How the copies are linked."""

    copies: Whole | None = None
    budget: Annotated[
        Annotated[BudgetName, Tag(WORD)] | Annotated[BudgetSection, Tag(TABLE)], Discriminator(word_or_table)
    ] = "frequencies"
    exact_marginals: StrictBool = False
    walk_away: Text | None = None
    filter: FilterSection | None = None
    process: ProcessSection | None = None


class ClaimSection(Section):
    """What somebody said of the model."""

    says: Says
    copies: Whole | None = None
    where: Text = ""
    of: Of = "label-free"
    printed: dict[str, Text] = Field(default_factory=dict)


class ModelSection(Section):
    """A whole model file."""

    kind: Literal["linked"] = "linked"
    name: Text = ""
    source: Text = ""
    decisions: list[Text]
    agents: dict[str, AgentSection]
    rule: RuleSection
    link: LinkSection = Field(default_factory=LinkSection)
    claims: list[ClaimSection] = Field(default_factory=list)
