"""The tables of a paper as its file holds them: comparisons, regressions, numbers, claims.

Cells may stand as printed, such as ``23.92±3.61`` or ``46(19.9%)``; they are taken apart here.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from vertebrisk.errors import DataError
from vertebrisk.evidence.printed import (
    Printed,
    count_and_percent,
    interval,
    mean_and_sd,
    ratio_and_interval,
)
from vertebrisk.protocol.fields import FilledText, Localised, Table

CONSTANT = "constant"
COEFFICIENT_FIELDS = (
    "estimate", "std_error", "z", "wald", "p_value", "ratio", "conf_low", "conf_high",
    "estimate_low", "estimate_high",
)  # fmt: skip


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


def _not_zero(value: float) -> float:
    if value == 0 or not math.isfinite(value):
        raise ValueError("per is a number of units, such as 10, or -1 for the inverse coding")
    return value


def _split(value: Any, reader: Any) -> Any:
    try:
        return reader(value)
    except DataError as error:
        raise ValueError(str(error).rstrip(".")) from None


Place = FilledText
Weights = Annotated[tuple[tuple[str, str, float], ...], BeforeValidator(_weights)]
Direction = Literal["higher", "lower", "different", "same"]


class Stated(Table):
    """One printed number and where it stands."""

    value: Printed
    place: Place
    remark: Localised | None = None


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
    `conf_low` and `conf_high` are limits of the ratio, `estimate_low` and `estimate_high`
    of the estimate; `z` is estimate over error, `wald` its square. `per` is how many units
    of the estimate the ratio is for, where the paper says so: 10 for a ratio per 10 years
    beside an estimate per year, -1 for a ratio of the inverse coding.
    ``conf = "1.713-16.888"`` and ``ratio_conf = "3.790(1.175~12.227)"`` are taken apart.
    """

    term: FilledText
    level: str = ""
    estimate: Printed | None = None
    std_error: Printed | None = None
    z: Printed | None = None
    wald: Printed | None = None
    p_value: Printed | None = None
    ratio: Printed | None = None
    conf_low: Printed | None = None
    conf_high: Printed | None = None
    estimate_low: Printed | None = None
    estimate_high: Printed | None = None
    per: Annotated[float, AfterValidator(_not_zero)] = 1.0
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
    """One regression table. `conf_level` is that of its intervals, in percent.

    `quotes` is the id of the table whose numbers this one repeats, such as an abstract's.
    """

    id: FilledText
    kind: Literal["logistic", "cox"]
    place: Place
    conf_level: Printed | None = None
    procedure: FilledText | None = None
    quotes: FilledText | None = None
    coefficient: tuple[Coefficient, ...] = ()
    remark: Localised | None = None

    @property
    def constant(self) -> Coefficient | None:
        """The row of the constant, if the paper prints one."""
        return next((row for row in self.coefficient if row.term == CONSTANT), None)


class Statistic(Table):
    """A number with a name: n, n_events, event_percent, auc, follow_up_mean_years, ...

    ``count`` and ``percent`` are of the patients with `level` of `variable`, in the group
    that is named, or in all. `model` is the id of the table whose model it is about;
    `patients` says on whom, where not on those whom the model was developed on.
    """

    name: FilledText
    value: Printed
    place: Place
    variable: FilledText | None = None
    level: str = ""
    group: FilledText | None = None
    model: FilledText | None = None
    patients: FilledText | None = None
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


class NomogramPoints(Table):
    """Points that a nomogram gives to a level of a factor, or to a value of a number."""

    variable: FilledText
    level: str = ""
    value: Printed | None = None
    points: Printed
    place: Place
    model: FilledText = "final"

    @model_validator(mode="after")
    def _level_or_value(self) -> NomogramPoints:
        if bool(self.level) == (self.value is not None):
            raise ValueError("points belong to a level or to a value, one of the two")
        return self
