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

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from vertebrisk._types import Json, Language, Timing
from vertebrisk.errors import DataError
from vertebrisk.evidence.printed import (
    Printed,
    count_and_percent,
    interval,
    mean_and_sd,
    ratio_and_interval,
)
from vertebrisk.protocol.fields import PLACEHOLDER, FilledText, Localised, Names, Range, Table

SCHEMA_VERSION = 1
CONSTANT = "constant"
UNSTATED = "not stated in the source at hand"
COEFFICIENT_FIELDS = (
    "estimate", "std_error", "wald", "p_value", "ratio", "conf_low", "conf_high",
)  # fmt: skip


def _study_id(text: str) -> str:
    if text != PLACEHOLDER and re.fullmatch(r"[a-z][a-z0-9_-]{1,63}", text) is None:
        raise ValueError("use small letters and digits, author and year, such as 'li2021'")
    return text


def _month(text: str) -> str:
    if text != PLACEHOLDER and re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?", text) is None:
        raise ValueError("write a year, a month or a day, such as '2017-01'")
    return text


def _weights(value: Any) -> Any:
    def fits(each: Any) -> bool:
        return (
            isinstance(each, tuple)
            and len(each) == 3
            and all(isinstance(name, str) for name in each[:2])
            and isinstance(each[2], int | float)
            and not isinstance(each[2], bool)
            and math.isfinite(each[2])
        )

    if not isinstance(value, tuple) or not value or not all(fits(each) for each in value):
        raise ValueError('a list of [term, level, weight] is needed, such as [["ivc", "Yes", 1.0]]')
    return tuple((term, level, float(weight)) for term, level, weight in value)


def _split(value: Any, reader: Any) -> Any:
    try:
        return reader(value)
    except DataError as error:
        raise ValueError(str(error).rstrip(".")) from None


Place = FilledText
Month = Annotated[str, AfterValidator(_month)]
Weights = Annotated[tuple[tuple[str, str, float], ...], BeforeValidator(_weights)]
Direction = Literal["higher", "lower", "different", "same"]


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


class Stated(Table):
    """One printed number and where it stands."""

    value: Printed
    place: Place
    remark: Localised | None = None


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


class PaperEligibility(Table):
    """Criteria in the order of the paper, in our words."""

    include: tuple[Told, ...] = ()
    exclude: tuple[Told, ...] = ()


class PaperOutcome(Table):
    """The event, its threshold and its time point, as the paper defines them."""

    name: FilledText
    label: Localised
    kind: Literal["binary", "time-to-event"]
    definition: FilledText
    place: Place
    threshold: FilledText | None = None
    time_point: FilledText | None = None
    time_unit: FilledText | None = None
    horizon: Stated | None = None
    remark: Localised | None = None


class PaperVariable(Table):
    """Coding of one variable, which is not print. The first of `levels` is the reference.

    `whole` says that values are whole numbers; `decimals` is the precision of recording.
    """

    label: Localised
    unit: str | None = None
    levels: Names = ()
    level_labels: dict[str, Localised] = Field(default_factory=dict)
    timing: Timing
    whole: bool = False
    decimals: Annotated[int, Field(ge=0, le=6)] | None = None
    plausible: Range | None = None
    definition: Localised | None = None

    @model_validator(mode="after")
    def _levels_or_numbers(self) -> PaperVariable:
        if len(self.levels) == 1:
            raise ValueError("levels lists one level; two or more are needed")
        if self.levels and (self.plausible is not None or self.whole or self.decimals is not None):
            raise ValueError(
                "plausible, whole and decimals are for numbers, but the variable has levels"
            )
        if self.plausible is not None and not all(map(math.isfinite, self.plausible)):
            raise ValueError("plausible needs two finite numbers")
        strange = [level for level in self.level_labels if level not in self.levels]
        if strange:
            raise ValueError(f"level_labels names '{strange[0]}', which is not one of the levels")
        return self


class Group(Table):
    """One group that the paper compares; `event` is true for the patients with the outcome."""

    name: FilledText
    label: Localised | None = None
    event: bool
    n: Printed
    place: Place


class LevelCells(Table):
    """Counts and percentages of one level, one a group.

    A list of cells as printed, ``["46(19.9%)", "7(18.9%)"]``, is taken apart.
    """

    count: tuple[Printed, ...] = ()
    percent: tuple[Printed, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _from_cells(cls, value: Any) -> Any:
        if not isinstance(value, tuple):
            return value
        cells = [_split(cell, count_and_percent) for cell in value if isinstance(cell, str)]
        if len(cells) < len(value):
            raise ValueError('cells as printed are needed, such as ["46(19.9%)", "7(18.9%)"]')
        percents = tuple(percent for _, percent in cells if percent is not None)
        if percents and len(percents) < len(cells):
            raise ValueError("some cells have a percentage and some have none")
        return {"count": tuple(count for count, _ in cells), "percent": percents}


class Compared(Table):
    """One variable of a group comparison; lists are in the order of the groups.

    ``mean_sd = ["23.92±3.61", "23.66±3.27"]`` is taken apart into `mean` and `sd`.
    An abstract may give `p_value` alone.
    """

    variable: FilledText
    place: Place
    mean: tuple[Printed, ...] = ()
    sd: tuple[Printed, ...] = ()
    median: tuple[Printed, ...] = ()
    lower_quartile: tuple[Printed, ...] = ()
    upper_quartile: tuple[Printed, ...] = ()
    levels: dict[str, LevelCells] = Field(default_factory=dict)
    test: FilledText | None = None
    statistic: Printed | None = None
    p_value: Printed | None = None
    remark: Localised | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_cells(cls, value: Any) -> Any:
        cells = value.get("mean_sd") if isinstance(value, dict) else None
        if not isinstance(cells, tuple) or not all(isinstance(each, str) for each in cells):
            return value
        pairs = [_split(cell, mean_and_sd) for cell in cells]
        rest = {key: each for key, each in value.items() if key != "mean_sd"}
        return rest | {
            "mean": tuple(mean for mean, _ in pairs),
            "sd": tuple(sd for _, sd in pairs),
        }

    @property
    def lists(self) -> dict[str, tuple[Printed, ...]]:
        """Every list with one number a group, by its name in the file."""
        names = ("mean", "sd", "median", "lower_quartile", "upper_quartile")
        lists = {name: getattr(self, name) for name in names}
        for level, cells in self.levels.items():
            lists |= {
                f"levels.{level}.count": cells.count,
                f"levels.{level}.percent": cells.percent,
            }
        return {name: values for name, values in lists.items() if values}


class CoefficientReading(Table):
    """A combination of the model's own terms that a printed coefficient is said to be.

    `weights` are (term, level, weight); their sum, weighted, is `estimate`.
    """

    label: Localised
    weights: Weights
    estimate: Printed
    ratio: Printed | None = None


class Coefficient(Table):
    """One row of a regression table. `term` is a variable or ``constant``.

    `level` is empty for a number, for the constant and for a factor's overall test.
    ``conf = "1.713-16.888"`` and ``ratio_conf = "3.790(1.175~12.227)"`` are taken apart.
    """

    term: FilledText
    level: str = ""
    estimate: Printed | None = None
    std_error: Printed | None = None
    wald: Printed | None = None
    p_value: Printed | None = None
    ratio: Printed | None = None
    conf_low: Printed | None = None
    conf_high: Printed | None = None
    remarks: dict[str, Localised] = Field(default_factory=dict)
    reading: CoefficientReading | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_cells(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        value = dict(value)
        if isinstance(value.get("conf"), str):
            low, high = _split(value.pop("conf"), interval)
            value |= {"conf_low": low, "conf_high": high}
        if isinstance(value.get("ratio_conf"), str):
            ratio, low, high = _split(value.pop("ratio_conf"), ratio_and_interval)
            value |= {"ratio": ratio, "conf_low": low, "conf_high": high}
        return value

    @model_validator(mode="after")
    def _remarks_belong(self) -> Coefficient:
        strange = [name for name in self.remarks if name not in COEFFICIENT_FIELDS]
        if strange:
            raise ValueError(
                f"remarks names '{strange[0]}'; allowed are {', '.join(COEFFICIENT_FIELDS)}"
            )
        return self


class PaperModel(Table):
    """One regression table. `conf_level` is that of its intervals, in percent."""

    id: FilledText
    kind: Literal["logistic", "cox"]
    place: Place
    conf_level: Printed | None = None
    procedure: FilledText | None = None
    coefficient: tuple[Coefficient, ...] = ()
    remark: Localised | None = None

    @property
    def constant(self) -> Coefficient | None:
        """The row of the constant, if the paper prints one."""
        return next((row for row in self.coefficient if row.term == CONSTANT), None)


class Statistic(Table):
    """A number with a name: n, n_events, event_percent, auc, follow_up_mean_years, ...

    ``count`` and ``percent`` are of the patients with `level` of `variable`, in the group
    that is named, or in all.
    """

    name: FilledText
    value: Printed
    place: Place
    variable: FilledText | None = None
    level: str = ""
    group: FilledText | None = None
    label: Localised | None = None
    remark: Localised | None = None


class Statement(Table):
    """What the text claims in words, in our words, with the numbers that are in it.

    `direction` says how the variable goes with the outcome (or the second of `compare`
    with the first); `variable` may be absent.
    """

    text: FilledText
    place: Place
    variable: FilledText | None = None
    compare: tuple[str, ...] = ()
    p_value: Printed | None = None
    direction: Direction | None = None
    numbers: tuple[Printed, ...] = ()


class PublishedStudy(Table):
    """A paper as it stands in print; made by `load_study` or `library_study`.

    `compared`, `statistic` and `statement` are in print order. `assumed` is not print: it
    holds what a reconstruction assumes where the paper is silent.
    """

    schema_version: Literal[1]
    id: Annotated[str, AfterValidator(_study_id)]
    citation: Citation
    design: PaperDesign
    outcome: PaperOutcome
    eligibility: PaperEligibility = Field(default_factory=PaperEligibility)
    variables: dict[str, PaperVariable] = Field(default_factory=dict)
    groups: tuple[Group, ...] = ()
    compared: tuple[Compared, ...] = ()
    model: tuple[PaperModel, ...] = ()
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
    parts["Compared"]["properties"]["mean_sd"] = {"type": "array", "items": text}
    parts["Coefficient"]["properties"] |= {"conf": text, "ratio_conf": text}
    return schema
