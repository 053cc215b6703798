"""``[[followup]]`` and ``[[agreement]]``: scores over visits, and measures of two readers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from vertebrisk._checks import nearest
from vertebrisk._types import Language
from vertebrisk.design.design import level_text
from vertebrisk.design.rules import Expression
from vertebrisk.protocol.fields import FilledText, Localised, Names, Range, RuleText, Table
from vertebrisk.protocol.scales import SCALES, Scale, ScaleName

MAX_VISITS = 50
FollowupTest = Literal["anova", "friedman", "t", "wilcoxon"]
ALL_TESTS: tuple[FollowupTest, ...] = ("anova", "friedman", "t", "wilcoxon")


def _numbers(value: Any) -> Any:
    allowed = isinstance(value, tuple) and all(
        isinstance(code, int | float) and not isinstance(code, bool) for code in value
    )
    if not allowed:
        raise ValueError("a list of numbers is needed, such as [-9, 999]")
    return value


def _value_text(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return level_text(value)
    return value


class FollowupVisit(Table):
    """One visit: its `column` in a wide file, or its `value` in the visit column of a long one.

    `time` counts from the first visit, in the score's `time_unit`.
    """

    column: FilledText | None = None
    value: Annotated[FilledText | None, BeforeValidator(_value_text)] = None
    label: Localised
    time: Annotated[float, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _one_source(self) -> FollowupVisit:
        if (self.column is None) == (self.value is None):
            raise ValueError(
                "give either 'column', where each visit is a column, or 'value', where the rows of "
                "'file' are visits"
            )
        return self

    @property
    def source(self) -> str:
        """Column or value that tells this visit from the others."""
        return str(self.column if self.column is not None else self.value)


class LongFile(Table):
    """A file of its own with one row a patient and visit, and its columns."""

    path: FilledText
    patient: FilledText
    visit: FilledText
    score: FilledText


class Followup(Table):
    """One score over several visits; the first visit is the baseline.

    `scale` sets plausible limits, least important difference and unit of a VAS (0 to 10,
    2 points) or the ODI (0 to 100 %, 10 points); each may be given instead. `where` keeps
    some of the eligible patients, `group` divides them.
    """

    name: FilledText
    label: Localised
    unit: str | None = None
    scale: ScaleName | None = None
    visits: Annotated[tuple[FollowupVisit, ...], Field(min_length=2, max_length=MAX_VISITS)]
    time_unit: Literal["days", "weeks", "months", "years"] | None = None
    file: LongFile | None = None
    where: RuleText | None = None
    group: FilledText | None = None
    plausible: Range | None = None
    mcid: Annotated[float, Field(gt=0)] | None = None
    higher_is_worse: bool = True
    pairs: Literal["all", "baseline"] = "all"
    tests: Annotated[tuple[FollowupTest, ...], Field(min_length=1)] = ALL_TESTS
    missing: Annotated[tuple[int | float, ...], BeforeValidator(_numbers)] = ()

    @model_validator(mode="after")
    def _visits_fit(self) -> Followup:
        sources = [visit.source for visit in self.visits]
        repeated = sorted({name for name in sources if sources.count(name) > 1})
        if repeated:
            raise ValueError(f"the visit '{repeated[0]}' stands there twice")
        wide = [visit.column is not None for visit in self.visits]
        if self.file is None and not all(wide):
            raise ValueError(
                "a visit has 'value', which belongs to a 'file' of visits; name its 'column', or "
                "the file"
            )
        if self.file is not None and any(wide):
            raise ValueError(
                "a visit has 'column', but the scores stand in 'file'; give its 'value' there"
            )
        times = [visit.time for visit in self.visits if visit.time is not None]
        if times and len(times) < len(sources):
            raise ValueError("give each visit its 'time', or none of them")
        if any(after <= before for before, after in pairwise(times)):
            raise ValueError("the times must grow from visit to visit")
        if times and self.time_unit is None:
            raise ValueError("the visits have times, so 'time_unit' must say in what")
        return self

    @property
    def own_scale(self) -> Scale | None:
        """The scale named, if one is."""
        return None if self.scale is None else SCALES[self.scale]

    @property
    def limits(self) -> tuple[float, float] | None:
        """Lowest and highest possible score, where they are known."""
        if self.plausible is not None or self.own_scale is None:
            return self.plausible
        return self.own_scale.limits

    @property
    def least_difference(self) -> float | None:
        """The minimal clinically important difference, where one is known."""
        if self.mcid is not None or self.own_scale is None:
            return self.mcid
        return self.own_scale.mcid

    def unit_text(self, lang: Language = "en") -> str:
        """The unit as it is printed; empty where there is none."""
        if self.unit is not None or self.own_scale is None:
            return self.unit or ""
        return self.own_scale.unit[lang]


class Agreement(Table):
    """What two readers took of one variable: their columns, and the names of the readers.

    A `variable` that the codebook describes lends its label, unit, codes and levels.
    """

    variable: FilledText
    first: FilledText
    second: FilledText
    kind: Literal["categorical", "continuous"]
    label: Localised | None = None
    unit: str | None = None
    levels: Names = ()
    readers: tuple[Localised, Localised] | None = None

    @model_validator(mode="after")
    def _two_columns(self) -> Agreement:
        if self.first == self.second:
            raise ValueError(f"both readers are column '{self.first}'; name two columns")
        if self.kind == "continuous" and self.levels:
            raise ValueError('levels belong to kind = "categorical"')
        if len(self.levels) == 1:
            raise ValueError("levels lists one level; two or more are needed")
        return self


def followup_uses(
    followups: Sequence[Followup], agreements: Sequence[Agreement]
) -> list[tuple[str, str]]:
    """Columns of the study's file that these tables read, with their use."""
    uses: list[tuple[str, str]] = []
    for each in followups:
        use = f"followup '{each.name}'"
        uses += [(visit.column, use) for visit in each.visits if visit.column is not None]
        if each.where is not None:
            uses += [(name, use) for name in Expression.parse(each.where).names]
        if each.group is not None:
            uses.append((each.group, use))
    for reading in agreements:
        uses += [
            (name, f"agreement on '{reading.variable}'") for name in (reading.first, reading.second)
        ]
    return uses


def followup_problems(
    followups: Sequence[Followup],
    agreements: Sequence[Agreement],
    variables: Mapping[str, Any],
    patient: str | None,
) -> list[str]:
    """What only the whole protocol can know of these tables."""
    names = [each.name for each in followups]
    problems = [
        f"Two tables [[followup]] are named '{name}'. Give each its own name."
        for name in sorted({name for name in names if names.count(name) > 1})
    ]
    problems += [
        f"[[followup]] '{each.name}' has a file of its own, so 'patient' in [study] must name the "
        "column that tells patients apart."
        for each in followups
        if each.file is not None and patient is None
    ]
    for reading in agreements:
        described = variables.get(reading.variable)
        if described is None and reading.label is None:
            close = nearest(reading.variable, variables) or " Give it a 'label'."
            problems.append(
                f"'{reading.variable}' in [[agreement]] is not described in [variables].{close}"
            )
        if described is not None and described.ordered_levels and reading.kind == "continuous":
            problems.append(
                f"'{reading.variable}' in [[agreement]] has levels; its kind is \"categorical\"."
            )
    return problems
