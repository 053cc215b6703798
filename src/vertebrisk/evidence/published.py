"""A published study as it stands in print: the tables of its TOML file, typed and frozen.

Every printed number is a `Printed`, with the place where it stands. Nothing is corrected
and no consistency is demanded: what a paper contradicts itself in is data, too. What is
known beside the print (coding of variables, remarks, readings, assumptions) has keys of
its own.
"""

from __future__ import annotations

import math
import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from vertebrisk._types import Json, Language, Timing
from vertebrisk.evidence.methods import PaperMethods
from vertebrisk.evidence.printed import Printed
from vertebrisk.evidence.printed_comparisons import ComparisonTable
from vertebrisk.evidence.printed_tables import (
    COEFFICIENT_FIELDS,
    CONSTANT,
    Coefficient,
    CoefficientReading,
    Compared,
    Direction,
    LevelCells,
    NomogramPoints,
    PaperModel,
    Place,
    Stated,
    Statement,
    Statistic,
)
from vertebrisk.protocol.described import DescribedVariable
from vertebrisk.protocol.fields import PLACEHOLDER, FilledText, Localised, Table

__all__ = [
    "COEFFICIENT_FIELDS",
    "CONSTANT",
    "UNSTATED",
    "Citation",
    "Coefficient",
    "CoefficientReading",
    "Compared",
    "ComparisonTable",
    "Criterion",
    "Dates",
    "Direction",
    "Group",
    "LevelCells",
    "NomogramPoints",
    "PaperDesign",
    "PaperEligibility",
    "PaperMethods",
    "PaperModel",
    "PaperOutcome",
    "PaperVariable",
    "Population",
    "PublishedStudy",
    "Stated",
    "Statement",
    "Statistic",
    "Told",
    "study_schema",
]

UNSTATED = "not stated in the source at hand"


def _study_id(text: str) -> str:
    if text != PLACEHOLDER and re.fullmatch(r"[a-z][a-z0-9_-]{1,63}", text) is None:
        raise ValueError("use small letters and digits, author and year, such as 'li2021'")
    return text


def _month(text: str) -> str:
    if text != PLACEHOLDER and re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?", text) is None:
        raise ValueError("write a year, a month or a day, such as '2017-01'")
    return text


Month = Annotated[str, AfterValidator(_month)]


class Citation(Table):
    """What is cited, and how much of it was at hand. What is not known is left out."""

    title: FilledText
    authors: FilledText = UNSTATED
    year: int | None = None
    journal: FilledText | None = None
    doi: FilledText | None = None
    url: FilledText | None = None
    license: FilledText | None = None
    language: FilledText
    source: Literal["paper", "abstract"]
    note: FilledText | None = None

    @property
    def text(self) -> str:
        """The citation in one line."""
        year = str(self.year) if self.year is not None else f"year {UNSTATED}"
        authors = self.authors if self.authors != UNSTATED else f"Authors {UNSTATED}"
        parts = [f"{authors} ({year}). {self.title}."]
        parts += [f"{self.journal}."] if self.journal else []
        parts += [f"doi:{self.doi}"] if self.doi else []
        return " ".join(parts)


class Told(Table):
    """What the paper says, in our words, and where."""

    text: FilledText
    place: Place
    remark: Localised | None = None


class Dates(Table):
    """First and last month of treatment."""

    first: Month
    last: Month
    place: Place


class Population(Table):
    """The patients that cases and controls were taken from."""

    text: FilledText
    place: Place
    n: Printed
    n_events: Printed


class PaperDesign(Table):
    """How the study was made. `kind` and `model` are a classification, the rest is print."""

    kind: Literal["cohort", "case-control"]
    model: Literal["logistic", "cox"]
    centre: Told | None = None
    treatment: Told | None = None
    dates: Dates | None = None
    n: Stated | None = None
    n_events: Stated
    population: Population | None = None
    sampling: Told | None = None
    follow_up: Told | None = None

    @model_validator(mode="after")
    def _sampled_from(self) -> PaperDesign:
        if self.kind == "case-control" and self.population is None:
            raise ValueError("kind is 'case-control', so [design.population] must say from whom")
        return self


class Criterion(Told):
    """One criterion. `known`, which is not print, says when a patient can be judged by it."""

    known: Timing | None = None


class PaperEligibility(Table):
    """Criteria in the order of the paper, in our words."""

    include: tuple[Criterion, ...] = ()
    exclude: tuple[Criterion, ...] = ()


class PaperOutcome(Table):
    """The event, its threshold and its time point, as the paper defines them.

    `arises`, which is not print, says whether the event happens during the operation,
    whenever it is found, or after it.
    """

    name: FilledText
    label: Localised
    kind: Literal["binary", "time-to-event"]
    definition: FilledText
    place: Place
    threshold: FilledText | None = None
    time_point: FilledText | None = None
    time_unit: FilledText | None = None
    arises: Literal["operation", "later"] | None = None
    horizon: Stated | None = None
    remark: Localised | None = None


class PaperVariable(DescribedVariable):
    """Coding of one variable, which is not print. The first of `levels` is the reference.

    `whole` says that values are whole numbers; `decimals` is the precision of recording;
    `cut` that the levels are groups into which the paper cut a number, such as age.
    """

    cut: bool = False
    whole: bool = False
    decimals: Annotated[int, Field(ge=0, le=6)] | None = None

    @model_validator(mode="after")
    def _levels_or_numbers(self) -> PaperVariable:
        if self.levels and (self.plausible is not None or self.whole or self.decimals is not None):
            raise ValueError(
                "plausible, whole and decimals are for numbers, but the variable has levels"
            )
        if self.cut and not self.levels:
            raise ValueError("cut is for numbers that were cut into levels, but there are none")
        if self.plausible is not None and not all(map(math.isfinite, self.plausible)):
            raise ValueError("plausible needs two finite numbers")
        return self


class Group(Table):
    """One group that the paper compares; `event` is true for the patients with the outcome."""

    name: FilledText
    label: Localised | None = None
    event: bool
    n: Printed
    place: Place


class PublishedStudy(Table):
    """A paper as it stands in print; made by `load_study` or `library_study`.

    `groups` and `compared` are the patients with and without the event; `comparison` are
    further tables. `compared`, `nomogram`, `statistic` and `statement` are in print order.
    `assumed` is not print: it holds what a reconstruction assumes where the paper is silent.
    """

    schema_version: Literal[1]
    id: Annotated[str, AfterValidator(_study_id)]
    citation: Citation
    design: PaperDesign
    outcome: PaperOutcome
    eligibility: PaperEligibility = Field(default_factory=PaperEligibility)
    methods: PaperMethods = Field(default_factory=PaperMethods)
    variables: dict[str, PaperVariable] = Field(default_factory=dict)
    groups: tuple[Group, ...] = ()
    compared: tuple[Compared, ...] = ()
    comparison: tuple[ComparisonTable, ...] = ()
    model: tuple[PaperModel, ...] = ()
    nomogram: tuple[NomogramPoints, ...] = ()
    statistic: tuple[Statistic, ...] = ()
    statement: tuple[Statement, ...] = ()
    assumed: dict[str, Any] = Field(default_factory=dict)

    @property
    def n(self) -> int | None:
        """Patients analysed; where the paper does not print it, the sum of the groups."""
        if self.design.n is not None:
            return round(self.design.n.value.value)
        return sum(round(group.n.value) for group in self.groups) or None

    @property
    def n_events(self) -> int:
        """Patients with the outcome among those analysed."""
        return round(self.design.n_events.value.value)

    def statistics(self, name: str) -> tuple[Statistic, ...]:
        """Every printed statistic of this name, in print order."""
        return tuple(each for each in self.statistic if each.name == name)

    def regression(self, identity: str) -> PaperModel | None:
        """The regression table of this id."""
        return next((each for each in self.model if each.id == identity), None)

    def label(self, variable: str, lang: Language = "en") -> str:
        """Label of a variable; its name where it has none."""
        described = self.variables.get(variable)
        return described.label.text(lang) if described is not None else variable

    def to_dict(self) -> Json:
        """JSON form: printed numbers as text, what is absent left out."""
        return self.model_dump(mode="json", exclude_none=True)


def study_schema() -> dict[str, Any]:
    """JSON schema of a library entry, for editors that complete and check TOML."""
    schema = PublishedStudy.model_json_schema()
    parts = schema["$defs"]
    text = {"type": "string"}
    parts["Localised"] = {"anyOf": [text, parts["Localised"]]}
    parts["LevelCells"] = {"anyOf": [{"type": "array", "items": text}, parts["LevelCells"]]}
    parts["ComparedLevel"] = {"anyOf": [{"type": "array", "items": text}, parts["ComparedLevel"]]}
    for name in ("Compared", "ComparedRow"):
        parts[name]["properties"]["mean_sd"] = {"type": "array", "items": text}
    parts["Coefficient"]["properties"] |= {"conf": text, "ratio_conf": text}
    return schema
