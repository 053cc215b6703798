"""A made-up `StudyResult` with the shape and size of Li 2021, for tests of the report."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from vertebrisk.cohort.flow import Flow, FlowStep
from vertebrisk.comparison.results import (
    ComparedVariable,
    Comparison,
    Group,
    LevelCount,
    LevelRow,
    NumericSummary,
    TestResult,
)
from vertebrisk.design.design import Design, Factor, Predictor, Term
from vertebrisk.findings import Finding
from vertebrisk.models.tables import RegressionRow
from vertebrisk.nomogram.results import Nomogram, NomogramAxis
from vertebrisk.protocol import Protocol, load_protocol
from vertebrisk.report.results.study import (
    ExamplePatient,
    PrintedNumber,
    StudyFacts,
    StudyResult,
)
from vertebrisk.studies import embedded_protocol
from vertebrisk.validation.results import (
    CalibrationCurve,
    DecisionCurve,
    Estimate,
    Roc,
    ThresholdTable,
    Validation,
)

FACTS = StudyFacts(
    id="li2021",
    title="Residual back pain after percutaneous vertebroplasty",
    design="cohort",
    unit="patient",
    outcome="residual_pain",
    outcome_label="residual back pain",
    event_rule="vas_mean >= 4",
    time_point="1 month",
    use_at="postoperative",
    data_kind="reconstructed",
    data_note="Rebuilt from Tables 1-4 of Li 2021.",
    data_name="li2021.csv",
    data_sha256="9f2c" * 16,
    seed=20210430,
    resamples=1000,
    model="logistic",
    thresholds=(0.10, 0.20),
    selection="univariable",
    selection_rule="likelihood-ratio test, P < 0.05",
    estimator="ml",
    version="0.1.0",
    language="en",
)

FLOW = Flow(
    unit="patient",
    n_read=301,
    steps=(
        FlowStep("include", "Osteoporosis on DXA", "t_score <= -2.5", 12, 289),
        FlowStep("exclude", "Tumour, infection or tuberculosis", "pathology != 'none'", 9, 280),
        FlowStep("exclude", "Neurological symptoms", "neuro", 0, 280),
        FlowStep("outcome-missing", "Outcome missing", "", 12, 268),
    ),
    n=268,
    n_events=37,
    n_patients=268,
)


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


def _candidates() -> Design:
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


def _protocol() -> Protocol:
    with embedded_protocol() as path:
        return load_protocol(path)


def _performance(optimism_scale: float) -> pl.DataFrame:
    measures = {
        "c_index": (0.7803, 0.0273),
        "dxy": (0.5606, 0.0546),
        "r2": (0.2180, 0.0712),
        "intercept": (0.0, 0.1932),
        "slope": (1.0, 0.1487),
        "brier": (0.1035, -0.0068),
        "emax_linear": (0.0, -0.0541),
        "ici": (0.0121, -0.0098),
        "e50": (0.0094, -0.0061),
        "e90": (0.0287, -0.0203),
        "emax": (0.0561, -0.0412),
    }
    rows = []
    for measure, (apparent, optimism) in measures.items():
        gap = optimism * optimism_scale
        interval = (
            (None, None) if measure == "emax" else (apparent - gap - 0.08, apparent - gap + 0.07)
        )
        rows.append(
            {
                "measure": measure,
                "apparent": apparent,
                "training": apparent + gap * 0.6,
                "test": apparent - gap * 0.4,
                "optimism": gap,
                "corrected": apparent - gap,
                "conf_low": interval[0],
                "conf_high": interval[1],
                "mc_error": abs(gap) / 31.6 + 0.0004,
                "n_resamples": 951 if measure in ("slope", "intercept", "emax_linear") else 1000,
            }
        )
    return pl.DataFrame(rows)


def _calibration() -> CalibrationCurve:
    predicted = np.linspace(0.015, 0.62, 50)
    apparent = predicted + 0.02 * np.sin(predicted * 12)
    width = 0.03 + 0.3 * predicted**1.5
    frame = pl.DataFrame(
        {
            "predicted": predicted,
            "apparent": apparent,
            "corrected": 0.02 + 0.86 * predicted,
            "conf_low": np.clip(apparent - width, 0, 1),
            "conf_high": apparent + width,
        }
    )
    edges = np.linspace(0, 0.7, 15)
    counts = np.array([62, 70, 41, 30, 22, 14, 9, 7, 5, 3, 2, 2, 1, 0])
    distribution = pl.DataFrame(
        {"low": edges[:-1], "high": edges[1:], "n": counts, "n_events": counts // 6}
    )
    return CalibrationCurve(frame, distribution, "loess (degree 2, span 0.75)", 0.0174)


def _decision() -> DecisionCurve:
    threshold = np.round(np.arange(0.02, 0.505, 0.01), 2)
    prevalence = 37 / 268
    odds = threshold / (1 - threshold)
    everyone = prevalence - (1 - prevalence) * odds
    model = np.maximum(prevalence * np.exp(-2.2 * threshold) - 0.012, 0.001)
    model = np.where(threshold < 0.05, np.maximum(model, everyone), model)
    avoided = 100 * (model - everyone) / odds
    frames = [
        pl.DataFrame(
            {
                "model": [name] * len(threshold),
                "threshold": threshold,
                "net_benefit": benefit,
                "conf_low": benefit - 0.03,
                "conf_high": benefit + 0.03,
                "interventions_avoided": saved,
            }
        )
        for name, benefit, saved in (
            ("model", model, avoided),
            ("model_corrected", model - 0.006, avoided - 3),
            ("all", everyone, avoided * 0),
            ("none", everyone * 0, avoided * 0),
        )
    ]
    return DecisionCurve(pl.concat(frames), prevalence)


def _nomogram() -> Nomogram:
    unit = 100 / 2.622
    axes = tuple(
        NomogramAxis(name, label, "", True, levels, None, np.array(betas) * unit)
        for name, label, levels, betas in (
            ("ivc", "Intravertebral vacuum cleft", ("No", "Yes"), (0, 1.332)),
            ("oedema", "Posterior fascia oedema", ("No", "Yes"), (0, 1.377)),
            ("goutallier", "Goutallier grade", ("0-1", "2", "3-4"), (0, 1.759, 2.622)),
            ("cement", "Cement distribution", ("Spongy", "Blocky"), (0, 0.8)),
        )
    )
    points = pl.DataFrame(
        {
            "variable": [axis.variable for axis in axes for _ in axis.values],
            "value": [value for axis in axes for value in axis.values],
            "points": np.concatenate([axis.points for axis in axes]),
        }
    )
    totals = np.arange(0, 241, 5.0)
    total = pl.DataFrame(
        {"total_points": totals, "risk": 1 / (1 + np.exp(-(-4.161 + totals / unit)))}
    )
    ticks = np.array([0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8])
    risk_ticks = pl.DataFrame(
        {"risk": ticks, "total_points": (np.log(ticks / (1 - ticks)) + 4.161) * unit}
    )
    return Nomogram(axes, points, total, risk_ticks, -4.161, unit, 6.131 * unit)


def _thresholds() -> ThresholdTable:
    rows = []
    for threshold, source, tp, fp in (
        (0.10, "protocol", 31, 98),
        (0.20, "protocol", 22, 41),
        (0.1534, "youden", 28, 66),
    ):
        fn, tn = 37 - tp, 231 - fp
        row: dict[str, object] = {
            "threshold": threshold,
            "source": source,
            "tp": tp,
            "fp": fp,
            "fn": fn,
            "tn": tn,
        }
        for name, value in (
            ("sensitivity", tp / 37),
            ("specificity", tn / 231),
            ("ppv", tp / (tp + fp)),
            ("npv", tn / (tn + fn)),
        ):
            row |= {name: value, f"{name}_low": value - 0.08, f"{name}_high": value + 0.02}
        rows.append(row)
    return ThresholdTable(pl.DataFrame(rows))


FINDINGS = (
    Finding(
        "few-events",
        "warning",
        "37 events for 22 candidate parameters: 1.7 events per parameter.",
        "Prespecify fewer candidates, use shrinkage, or gather more patients.",
        "With few events the model learns noise (Riley 2020, https://doi.org/10.1136/bmj.m441).",
    ),
    Finding(
        "separated-resamples",
        "note",
        "49 of 1000 resamples have no finite maximum-likelihood estimate.",
        "Use Firth's estimator.",
    ),
    Finding(
        "univariable-screening",
        "warning",
        "Candidates were screened by univariable P values.",
        "Prespecify the predictors.",
        "Screening drops predictors that matter together and keeps chance findings.",
    ),
    Finding(
        "unreadable-cell",
        "error",
        "3 cells of 'bmi' could not be read as numbers.",
        "Correct the cells listed in findings.csv.",
        "",
        "li2021.csv",
        "bmi",
        (12, 40, 77),
        ("secret cell", "<5", "23,1,1"),
    ),
)

REPLICATION = (
    PrintedNumber("Table 4", "Intravertebral vacuum cleft, B", "1.332", "1.332", True),
    PrintedNumber(
        "Table 4",
        "Posterior fascia oedema, B",
        "1.337",
        "1.377",
        False,
        "The odds ratio, interval, Wald and P of the same row all say 1.377.",
    ),
    PrintedNumber("Text", "AUC", "0.7799", "0.780", True),
    PrintedNumber(
        "Text", "C-index", "0.774", "0.780", None, "Differs from the AUC of the same model."
    ),
)


def _roc() -> Roc:
    x = np.linspace(0, 1, 25)
    curve = pl.DataFrame(
        {
            "threshold": 1 - x,
            "sensitivity": x**0.28,
            "specificity": 1 - x,
        }
    )
    return Roc(Estimate(0.7803, 0.7042, 0.8564), 0.0388, curve)


def example_result() -> StudyResult:
    """The whole result, every optional part present."""
    calibration, decision = _calibration(), _decision()
    selected = pl.DataFrame(
        {
            "predictor": ["goutallier", "cement", "oedema", "ivc", "bmi", "sex"],
            "frequency": [0.998, 0.702, 0.647, 0.561, 0.083, 0.046],
        }
    )
    validation = Validation(
        "whole procedure",
        1000,
        20210430,
        49,
        0,
        2,
        "loess (degree 2, span 0.75, direct)",
        _performance(1.0),
        calibration,
        selected,
        decision,
        np.array([[0.123456789]]),
    )
    fixed = replace(
        validation,
        procedure="model held fixed",
        table=_performance(0.55),
        selected=selected.clear(),
    )
    roc = _roc()
    return StudyResult(
        facts=FACTS,
        flow=FLOW,
        comparison=COMPARISON,
        univariable=UNIVARIABLE,
        multivariable=MULTIVARIABLE,
        equation=(
            "-4.161 + 1.332 [Intravertebral vacuum cleft = Yes]"
            "\n  + 1.377 [Posterior fascia oedema = Yes]"
            "\n  + 1.759 [Goutallier grade = 2] + 2.622 [Goutallier grade = 3-4]"
            "\n  + 0.800 [Cement distribution = Blocky]"
        ),
        model_summary={
            "n": 268.0,
            "n_events": 37.0,
            "log_likelihood": -89.53,
            "lr_statistic": 35.64,
            "df": 5.0,
            "p_value": 1.1e-6,
            "aic": 191.06,
            "bic": 212.6,
            "c_index": 0.7803,
            "r2": 0.2251,
            "brier": 0.1035,
            "hosmer_lemeshow": 3.21,
            "hosmer_lemeshow_df": 5.0,
            "hosmer_lemeshow_p": float("nan"),
        },
        vif=pl.DataFrame(
            {
                "term": ["ivc", "oedema", "goutallier", "cement"],
                "df": [1, 1, 2, 1],
                "gvif": [1.04, 1.06, 1.09, 1.02],
                "gvif_scaled": [1.0198, 1.0296, 1.0218, 1.01],
            }
        ),
        c_index=roc.auc,
        roc=roc,
        thresholds=_thresholds(),
        validation=validation,
        validation_fixed=fixed,
        decision=decision,
        nomogram=_nomogram(),
        total_points=pl.DataFrame(
            {
                "low": [0.0, 50.0, 100.0, 150.0, 200.0],
                "high": [50.0, 100.0, 150.0, 200.0, 250.0],
                "n": [92, 118, 41, 14, 3],
            }
        ),
        example=ExamplePatient(
            values=(
                ("Intravertebral vacuum cleft", "Yes"),
                ("Posterior fascia oedema", "No"),
                ("Goutallier grade", "2"),
                ("Cement distribution", "Blocky"),
            ),
            points=(50.8, 0.0, 67.1, 30.5),
            total_points=148.4,
            risk=0.4338,
            conf_low=0.1923,
            conf_high=0.7121,
        ),
        findings=FINDINGS,
        protocol=_protocol(),
        candidates=_candidates(),
        replication=REPLICATION,
        timings=(("read", 0.1),),
    )


def intercept_only() -> StudyResult:
    """No predictor selected; no replication, no fixed validation, no intervals."""
    full = example_result()
    nomogram = Nomogram(
        (),
        full.nomogram.points.clear(),
        full.nomogram.total.clear(),
        full.nomogram.risk_ticks.clear(),
        -1.83,
        1.0,
        0.0,
    )
    bare = full.validation.table.with_columns(
        pl.lit(None, pl.Float64).alias("conf_low"),
        pl.lit(None, pl.Float64).alias("conf_high"),
        pl.when(pl.col("measure") == "slope")
        .then(float("nan"))
        .otherwise("corrected")
        .alias("corrected"),
    )
    return replace(
        full,
        multivariable=(replace(MULTIVARIABLE[-1], estimate=-1.83),),
        univariable=tuple(
            replace(row, selected=False) for row in UNIVARIABLE if row.kind == "estimate"
        ),
        vif=full.vif.clear(),
        c_index=Estimate(0.5),
        validation=replace(full.validation, table=bare),
        validation_fixed=None,
        nomogram=nomogram,
        total_points=full.total_points.clear(),
        example=ExamplePatient((), (), 0.0, 0.138, None, None),
        findings=(),
        replication=(),
    )
