"""The invented study's comparison of its groups and its regression tables."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from vertebrisk.comparison.results import (
    ComparedVariable,
    Comparison,
    Group,
    LevelCount,
    LevelRow,
    NumericSummary,
    TestResult,
)
from vertebrisk.design.design import Design, Predictor
from vertebrisk.design.factors import Factor, Term
from vertebrisk.models.tables import RegressionRow


def _numeric(
    name: str, label: str, unit: str, means: tuple[float, ...], sd: float, p: float
) -> ComparedVariable:
    def summary(n: int, mean: float) -> NumericSummary:
        return NumericSummary(
            n, 0, mean, sd, mean - 0.1, mean - sd, mean + sd, mean - 2 * sd, mean + 2 * sd
        )

    overall, without, with_event = means
    return ComparedVariable(
        variable=name,
        label=label,
        unit=unit,
        summary="mean_sd",
        overall=summary(268, overall),
        cells=(summary(231, without), summary(37, with_event)),
        levels=(),
        missing=(0, 0),
        test=TestResult("student", "t", 0.411, 266.0, None, p),
        smd=0.07,
    )


def _categorical(
    name: str,
    label: str,
    levels: tuple[str, ...],
    without: tuple[int, ...],
    with_event: tuple[int, ...],
    p: float,
    test: str = "pearson",
) -> ComparedVariable:
    def count(value: int, total: int) -> LevelCount:
        return LevelCount(value, 100.0 * value / total)

    rows = tuple(
        LevelRow(level, level, count(a + b, 268), (count(a, 231), count(b, 37)))
        for level, a, b in zip(levels, without, with_event, strict=True)
    )
    result = (
        TestResult("fisher", "", None, None, None, p, "An expected count lies below 5.")
        if test == "fisher"
        else TestResult("pearson", "chi2", 4.763, float(len(levels) - 1), None, p)
    )
    return ComparedVariable(name, label, "", "count", None, (), rows, (0, 0), result, 0.33)


COMPARISON = Comparison(
    by="Residual back pain",
    groups=(Group("false", "No", 231), Group("true", "Yes", 37)),
    variables=(
        _categorical("sex", "Sex", ("Male", "Female"), (46, 185), (7, 30), 0.888),
        _categorical(
            "age_group",
            "Age, years",
            ("< 60", "60-70", "70-80", "> 80"),
            (12, 86, 93, 40),
            (2, 14, 15, 6),
            0.9988,
        ),
        replace(
            _numeric("bmi", "BMI", "kg/m²", (23.88, 23.92, 23.66), 3.61, 0.681), missing=(3, 1)
        ),
        _numeric("t_score", "T-score", "SD", (-3.28, -3.27, -3.32), 0.87, 0.743),
        _numeric("cobb", "Cobb angle", "°", (27.27, 27.34, 26.81), 7.25, 0.687),
        _categorical(
            "ivc", "Intravertebral vacuum cleft", ("No", "Yes"), (217, 14), (31, 6), 0.041, "fisher"
        ),
        _categorical("oedema", "Posterior fascia oedema", ("No", "Yes"), (219, 12), (31, 6), 0.013),
        _categorical(
            "goutallier",
            "Goutallier grade",
            ("0-1", "2", "3-4"),
            (95, 101, 35),
            (3, 18, 16),
            0.00004,
        ),
        _categorical(
            "cement", "Cement distribution", ("Spongy", "Blocky"), (133, 98), (13, 24), 0.011
        ),
    ),
)


def _row(
    kind: str,
    term: str,
    label: str,
    level: str = "",
    reference: str = "",
    numbers: tuple[float, float] | None = None,
    p: float | None = None,
    **more: object,
) -> RegressionRow:
    values: dict[str, object] = {}
    if numbers is not None:
        b, se = numbers
        values = {
            "estimate": b,
            "std_error": se,
            "wald": (b / se) ** 2,
            "df": 1,
            "ratio": float(np.exp(b)),
            "conf_low": float(np.exp(b - 1.959964 * se)),
            "conf_high": float(np.exp(b + 1.959964 * se)),
        }
    return RegressionRow(
        kind,
        term,
        label,
        level,
        reference,
        **{"p_value": p, **values, **more},  # type: ignore[arg-type]
    )


MULTIVARIABLE = (
    _row("estimate", "ivc", "Intravertebral vacuum cleft", "Yes", "No", (1.332, 0.599), 0.026),
    _row("estimate", "oedema", "Posterior fascia oedema", "Yes", "No", (1.377, 0.602), 0.022),
    _row("overall", "goutallier", "Goutallier grade", p=0.00041, wald=15.61, df=2),
    _row("reference", "goutallier", "Goutallier grade", "0-1"),
    _row("estimate", "goutallier", "Goutallier grade", "2", "0-1", (1.759, 0.683), 0.010),
    _row("estimate", "goutallier", "Goutallier grade", "3-4", "0-1", (2.622, 0.702), 0.00019),
    _row("estimate", "cement", "Cement distribution", "Blocky", "Spongy", (0.800, 0.391), 0.041),
    replace(
        _row("intercept", "", "", numbers=(-4.161, 0.712), p=0.0000001),
        ratio=None,
        conf_low=None,
        conf_high=None,
    ),
)


UNIVARIABLE = (
    _row(
        "estimate",
        "sex",
        "Sex",
        "Female",
        "Male",
        (0.064, 0.45),
        0.888,
        lr_p_value=0.887,
        n=268,
        n_events=37,
        selected=False,
    ),
    _row(
        "estimate",
        "bmi",
        "BMI, kg/m²",
        numbers=(-0.021, 0.049),
        p=0.681,
        lr_p_value=0.68,
        n=264,
        n_events=36,
        selected=False,
    ),
    _row(
        "estimate",
        "ivc",
        "Intravertebral vacuum cleft",
        "Yes",
        "No",
        (1.098, 0.524),
        0.036,
        lr_p_value=0.048,
        n=268,
        n_events=37,
        selected=True,
    ),
    _row(
        "estimate",
        "oedema",
        "Posterior fascia oedema",
        "Yes",
        "No",
        (1.262, 0.535),
        0.018,
        lr_p_value=0.026,
        n=268,
        n_events=37,
        selected=True,
    ),
    _row(
        "overall",
        "goutallier",
        "Goutallier grade",
        p=0.0003,
        wald=16.2,
        df=2,
        lr_statistic=20.4,
        lr_p_value=0.00004,
        n=268,
        n_events=37,
        selected=True,
    ),
    _row("reference", "goutallier", "Goutallier grade", "0-1"),
    _row("estimate", "goutallier", "Goutallier grade", "2", "0-1", (1.731, 0.640), 0.007),
    _row("estimate", "goutallier", "Goutallier grade", "3-4", "0-1", (2.672, 0.659), 0.00005),
    _row(
        "estimate",
        "cement",
        "Cement distribution",
        "Blocky",
        "Spongy",
        (0.918, 0.368),
        0.013,
        lr_p_value=0.011,
        n=268,
        n_events=37,
        selected=True,
    ),
)


def example_candidates() -> Design:
    """The candidates of the univariable table; the first level is the reference."""
    leveled = {
        "sex": ("Sex", ("Male", "Female")),
        "ivc": ("Intravertebral vacuum cleft", ("No", "Yes")),
        "oedema": ("Posterior fascia oedema", ("No", "Yes")),
        "goutallier": ("Goutallier grade", ("0-1", "2", "3-4")),
        "cement": ("Cement distribution", ("Spongy", "Blocky")),
    }
    predictors = [
        Predictor(name, label, levels=levels) for name, (label, levels) in leveled.items()
    ]
    factors = [Factor(each.name, "categorical", levels=each.levels) for each in predictors]
    return Design(
        (*predictors, Predictor("bmi", "BMI", "kg/m²")),
        tuple(Term((factor,)) for factor in (*factors, Factor("bmi", "plain"))),
    )
