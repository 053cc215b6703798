"""Li 2021 against the embedded cohort: every number of Tables 1 to 4 but the two bad rows."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import polars as pl
from scipy import stats

import vertebrisk
from vertebrisk.comparison.results import (
    ComparedVariable,
    Comparison,
    Group,
    LevelCount,
    LevelRow,
    NumericSummary,
)
from vertebrisk.comparison.results import TestResult as GroupTest
from vertebrisk.evidence.library import library_study
from vertebrisk.evidence.printed import Printed
from vertebrisk.models.tables import RegressionRow
from vertebrisk.report.results.study import StudyResult
from vertebrisk.study.replication import replicate
from vertebrisk.validation.results import DecisionCurve, Estimate

FOLDER = Path(vertebrisk.__file__).parent / "studies" / "li2021"
STUDY = library_study("li2021")
TABLE = pl.read_csv(FOLDER / "patients.csv")
PAIN = (TABLE["vas_24h"] + TABLE["vas_3d"] + TABLE["vas_1m"] >= 12).to_numpy()
TERMS = (
    ("ivc", "Yes"),
    ("fascia_oedema", "Yes"),
    ("goutallier", "2"),
    ("goutallier", "3-4"),
    ("cement_distribution", "Blocky"),
)


def compared(name: str) -> ComparedVariable:
    column = TABLE[name]
    if column.dtype.is_numeric():
        parts = [column.to_numpy()[group == PAIN].astype(float) for group in (False, True)]
        cells = tuple(
            NumericSummary(
                len(x), 0, float(x.mean()), float(x.std(ddof=1)), None, None, None, None, None
            )
            for x in parts
        )
        t = stats.ttest_ind(*parts, equal_var=name != "cobb_change")
        test = GroupTest("student", "t", float(t.statistic), None, None, float(t.pvalue))
        return ComparedVariable(name, name, "", "mean_sd", None, cells, (), (0, 0), test, None)
    values = column.to_numpy()
    levels, rows = sorted(set(values)), []
    counts = np.array([[int(((values == v) & (g == PAIN)).sum()) for g in (0, 1)] for v in levels])
    for level, pair in zip(levels, counts.tolist(), strict=True):
        both = tuple(LevelCount(n, 100 * n / m) for n, m in zip(pair, (231, 37), strict=True))
        rows.append(LevelRow(level, level, LevelCount(sum(pair), None), both))
    chi = stats.chi2_contingency(counts, correction=False)
    test = GroupTest("pearson", "chi2", float(chi.statistic), None, None, float(chi.pvalue))
    return ComparedVariable(name, name, "", "count", None, (), tuple(rows), (0, 0), test, None)


def regression() -> tuple[RegressionRow, ...]:
    x = np.column_stack(
        [np.ones(268), *((TABLE[name] == level).to_numpy() for name, level in TERMS)]
    ).astype(float)
    beta = np.zeros(6)
    for _ in range(30):
        risk = 1 / (1 + np.exp(-x @ beta))
        covariance = np.linalg.inv((x.T * risk * (1 - risk)) @ x)
        beta = beta + covariance @ x.T @ (PAIN - risk)

    def row(kind: str, term: str, level: str, place: int) -> RegressionRow:
        b, se = float(beta[place]), float(np.sqrt(covariance[place, place]))
        low, high = np.exp(b - 1.959964 * se), np.exp(b + 1.959964 * se)
        wald = (b / se) ** 2
        return RegressionRow(
            kind,
            term,
            term,
            level,
            "",
            estimate=b,
            std_error=se,
            wald=wald,
            p_value=float(stats.chi2.sf(wald, 1)),
            ratio=float(np.exp(b)),
            conf_low=float(low),
            conf_high=float(high),
        )

    joint = float(beta[3:5] @ np.linalg.solve(covariance[3:5, 3:5], beta[3:5]))
    overall = RegressionRow(
        "overall", "goutallier", "", "", "", wald=joint, p_value=float(stats.chi2.sf(joint, 2))
    )
    rows = [row("estimate", *term, place) for place, term in enumerate(TERMS, start=1)]
    return (row("intercept", "(Intercept)", "", 0), overall, *rows)


def result() -> StudyResult:
    thresholds = [0.06, 0.5]
    decision = pl.concat(
        pl.DataFrame({"model": model, "threshold": thresholds, "net_benefit": [level] * 2})
        for model, level in (("model", 0.1), ("all", 0.0), ("none", 0.0))
    )
    variables = tuple(compared(entry.variable) for entry in STUDY.compared)
    groups = (Group("no", "N", 231), Group("yes", "R", 37))
    return cast(
        StudyResult,
        SimpleNamespace(
            facts=SimpleNamespace(language="en", model="logistic"),
            comparison=Comparison("residual_pain", groups, variables),
            multivariable=regression(),
            flow=SimpleNamespace(n=268, n_events=37),
            c_index=Estimate(6665.5 / 8547, 0.6984, 0.8613),
            validation=SimpleNamespace(corrected=lambda _: 0.74),
            validation_fixed=SimpleNamespace(corrected=lambda _: 0.752),
            sampling=None,
            decision=DecisionCurve(decision, 37 / 268),
        ),
    )


def test_only_the_rows_that_cannot_be_used_as_printed_differ() -> None:
    lines = replicate(result(), STUDY)
    differ = {line.quantity for line in lines if line.agrees is False}
    assert differ == {
        "fascia_oedema: Yes, B",
        "cement_distribution: Blocky, B",
        "Constant, B",
        "Constant, SE",
        "Constant, Wald",
        "Constant, odds ratio",
        "C-index",
        "C-index, lower limit",
        "C-index, upper limit",
    }
    # Each of them says why.
    assert all(line.remark for line in lines if line.agrees is False)


def test_their_consistent_readings_agree() -> None:
    read = [line for line in replicate(result(), STUDY) if ", read as " in line.quantity]
    assert [line.printed for line in read] == ["1.377", "-0.800", "-3.361", "0.035"]
    assert all(line.agrees for line in read)


def test_every_printed_number_has_a_line() -> None:
    def numbers(value: Any) -> int:
        if isinstance(value, Printed):
            return 1
        if isinstance(value, dict):
            return sum(numbers(each) for each in value.values())
        if isinstance(value, tuple):
            return sum(numbers(each) for each in value)
        fields = getattr(type(value), "model_fields", ())
        return sum(numbers(getattr(value, name)) for name in fields if name != "conf_level")

    rows = tuple(model.coefficient for model in STUDY.model)
    tables = (STUDY.groups, STUDY.compared, rows, STUDY.statistic)
    assert len(replicate(result(), STUDY)) == numbers(tables)
