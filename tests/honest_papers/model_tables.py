"""Regression tables as papers print them: some of B, SE, Wald, P, ratio and interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from tests.honest_papers.cohorts import Cohort, Column
from tests.honest_papers.printing import Style
from tests.honest_papers.regressions import Regression, fit

from vertebrisk._types import FloatArray, Json
from vertebrisk.kernels.distributions import chi2_upper, normal_quantile, t_quantile

Field = Literal["estimate", "std_error", "wald", "p_value", "ratio", "conf"]
_FIELDS: tuple[tuple[Field, ...], ...] = (
    ("estimate", "std_error", "wald", "p_value", "ratio", "conf"),
    ("estimate", "std_error", "wald", "p_value", "ratio", "conf"),
    ("estimate", "std_error", "wald", "p_value"),
    ("estimate", "std_error", "p_value", "ratio", "conf"),
    ("ratio", "conf", "p_value"),
    ("ratio", "conf", "p_value"),
    ("estimate", "ratio", "conf", "p_value"),
    ("ratio", "conf"),
    ("ratio", "p_value"),
    ("estimate", "std_error", "ratio"),
    ("estimate", "conf"),
)


@dataclass(frozen=True, slots=True)
class Layout:
    """How one regression table is computed and laid out; drawn once a table.

    `inverse` prints ratios of the inverse coding beside B, `per` ratios per 10 units or per
    standard deviation; the file says so.
    """

    fields: tuple[Field, ...]
    z: bool
    ratio_tests: bool
    profile: bool
    level: float
    quantile: Literal["normal", "1.96", "2", "t"]
    decimals: dict[Field, int]
    references: Literal["no", "one", "empty"]
    constant: bool
    joint: bool
    per: Literal["unit", "ten", "sd"]
    inverse: bool

    @classmethod
    def draw(cls, rng: np.random.Generator, cox: bool) -> Layout:
        """A layout as journals have it."""
        fields = _FIELDS[rng.integers(len(_FIELDS))]
        quantiles: list[Literal["normal", "1.96", "2", "t"]] = ["normal", "1.96", "2", "t"]
        references: list[Literal["no", "one", "empty"]] = ["no", "one", "empty"]
        pers: list[Literal["unit", "ten", "sd"]] = ["unit", "ten", "sd"]
        b = int(rng.choice([1, 2, 3, 4], p=[0.05, 0.25, 0.6, 0.1]))
        ratio = int(rng.choice([1, 2, 3, 4], p=[0.07, 0.38, 0.5, 0.05]))
        return cls(
            fields=fields,
            z=bool(rng.random() < 0.35),
            ratio_tests="wald" not in fields and bool(rng.random() < 0.15),
            profile=not cox and bool(rng.random() < 0.25),
            level=float(rng.choice([0.95, 0.9, 0.99], p=[0.94, 0.03, 0.03])),
            quantile=quantiles[rng.choice(4, p=[0.6, 0.25, 0.05, 0.1])],
            decimals={
                "estimate": b,
                "std_error": b + int(rng.choice([0, 1], p=[0.85, 0.15])),
                "wald": int(rng.choice([1, 2, 3], p=[0.1, 0.3, 0.6])),
                "ratio": ratio,
                "conf": ratio if rng.random() < 0.85 else max(1, ratio - 1),
            },
            references=references[rng.choice(3, p=[0.6, 0.25, 0.15])],
            constant=not cox and bool(rng.random() < 0.5),
            joint=bool(rng.random() < 0.5),
            per=pers[rng.choice(3, p=[0.9, 0.05, 0.05])],
            inverse=bool(rng.random() < 0.05),
        )

    def times(self, n: int, parameters: int) -> float:
        """Standard errors from the estimate to a limit."""
        upper = 0.5 + self.level / 2
        if self.quantile == "t":
            return float(t_quantile(upper, n - parameters))
        if self.level == 0.95 and self.quantile in ("1.96", "2"):
            return float(self.quantile)
        return float(normal_quantile(upper))


def model_table(
    identity: str, fitted: Regression, columns: list[Column], layout: Layout, style: Style
) -> Json:
    """The table of one model of several variables."""
    rows: list[Json] = []
    limits = _limits(fitted, layout)
    for column in columns:
        rows += _variable_rows(fitted, limits, column, layout, style)
    if layout.constant:
        rows.append(_row(fitted, limits, 0, layout, style))
        if layout.ratio_tests:
            rows[-1].pop("p_value", None)
    return _table(identity, "Table 2", fitted, rows, layout)


def quoted(table: Json, rng: np.random.Generator) -> Json | None:
    """Rows of a table as the abstract quotes them, with their ratio, interval and P alone."""
    rows = [row for row in table["coefficient"] if "ratio" in row and "p_value" in row]
    rows = [row for row in rows if row["term"] != "constant" and rng.random() < 0.7]
    if not rows:
        return None
    names = ("term", "level", "ratio", "conf_low", "conf_high", "p_value")
    shown = [{name: row[name] for name in names if name in row} for row in rows]
    about = {"id": "abstract", "place": "Abstract", "quotes": table["id"]}
    return table | about | {"coefficient": shown}


def univariable_table(
    cohort: Cohort, columns: list[Column], layout: Layout, style: Style
) -> Json | None:
    """Every variable in a model of its own; nothing where too few can be fitted."""
    rows: list[Json] = []
    first = None
    for column in columns:
        alone = fit(cohort, [column])
        if alone is not None and _reasonable(alone):
            first = first or alone
            rows += _variable_rows(alone, _limits(alone, layout), column, layout, style)
    if first is None:
        return None
    table = _table("univariable", "Table 3", first, rows, layout)
    return table | {"procedure": "Univariable regression, each variable in a model of its own"}


def _reasonable(fitted: Regression) -> bool:
    return bool((np.abs(fitted.beta) < 300).all() and (fitted.errors < 300).all())


def _table(identity: str, place: str, fitted: Regression, rows: list[Json], layout: Layout) -> Json:
    kind = "logistic" if fitted.time is None else "cox"
    table: Json = {"id": identity, "kind": kind, "place": place, "coefficient": rows}
    if "conf" in layout.fields:
        table["conf_level"] = f"{100 * layout.level:.0f}"
    return table


def _variable_rows(
    fitted: Regression, limits: FloatArray, column: Column, layout: Layout, style: Style
) -> list[Json]:
    span = fitted.spans[column.name]
    rows: list[Json] = []
    if column.kind == "levels":
        if layout.joint and len(column.levels) > 2 and not layout.ratio_tests:
            rows.append(_joint_row(fitted, column, layout, style))
        if layout.references != "no" and "ratio" in layout.fields:
            one = style.number(1.0, layout.decimals["ratio"])
            shown = {"ratio": one} if layout.references == "one" else {}
            rows.append({"term": column.name, "level": column.levels[0], **shown})
    rows += [_row(fitted, limits, place, layout, style) for place in range(span.start, span.stop)]
    if layout.ratio_tests:
        for row in rows:  # the likelihood ratio tests a variable, not one of several levels
            row.pop("p_value", None)
        if "p_value" in layout.fields:
            if span.stop - span.start > 1:
                rows.insert(0, {"term": column.name, "level": ""})
            place = 0 if span.stop - span.start > 1 else -1
            rows[place]["p_value"] = style.p_value(fitted.ratio_test(column.name))
    return rows


def _joint_row(fitted: Regression, column: Column, layout: Layout, style: Style) -> Json:
    statistic, df = fitted.joint(column.name)
    row: Json = {"term": column.name, "level": ""}
    if "wald" in layout.fields:
        row["wald"] = style.number(statistic, layout.decimals["wald"])
    return row | {"p_value": style.p_value(float(chi2_upper(statistic, df)))}


def _row(fitted: Regression, limits: FloatArray, place: int, layout: Layout, style: Style) -> Json:
    variable, level = fitted.names[place]
    beta, error = float(fitted.beta[place]), float(fitted.errors[place])
    row: Json = {"term": variable, "level": level}
    digits = layout.decimals
    if "estimate" in layout.fields:
        row["estimate"] = style.number(beta, digits["estimate"])
    if "std_error" in layout.fields:
        row["std_error"] = style.number(error, digits["std_error"])
    if "wald" in layout.fields:
        z = beta / error
        name = "z" if layout.z else "wald"
        row[name] = style.number(z if layout.z else z * z, digits["wald"])
    if "p_value" in layout.fields:
        row["p_value"] = style.p_value(float(fitted.wald_p()[place]))
    if "ratio" not in layout.fields:
        if "conf" in layout.fields:
            row["estimate_low"], row["estimate_high"] = (
                style.number(float(limit), digits["conf"]) for limit in limits[place]
            )
        return row
    factor = _scale(fitted, place, layout)
    row["ratio"] = style.ratio(_exp(factor * beta), digits["ratio"])
    if "conf" in layout.fields and variable != "constant":
        row["conf_low"], row["conf_high"] = (
            style.ratio(_exp(limit), digits["conf"]) for limit in sorted(factor * limits[place])
        )
    return row | {"per": factor} if factor != 1.0 else row


def _scale(fitted: Regression, place: int, layout: Layout) -> float:
    """What B is multiplied by before it becomes a ratio."""
    variable, level = fitted.names[place]
    if variable == "constant" or "estimate" not in layout.fields:
        return 1.0  # a ratio alone says by the name of its row what it is of
    if level:
        return -1.0 if layout.inverse else 1.0
    if layout.per == "sd":
        return float(fitted.design[:, place].std(ddof=1))
    return 10.0 if layout.per == "ten" else 1.0


def _limits(fitted: Regression, layout: Layout) -> FloatArray:
    if layout.profile:
        profile = fitted.profile_limits(layout.level)
        if profile is not None:
            return profile
    return fitted.wald_limits(layout.times(fitted.event.size, fitted.beta.size))


def _exp(value: float) -> float:
    return math.exp(min(value, 700.0))
