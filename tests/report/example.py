"""A made-up `StudyResult` with the shape and size of Li 2021, for tests of the report."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
from tests.report.example_performance import (
    example_calibration,
    example_decision,
    example_nomogram,
    example_performance,
    example_roc,
    example_thresholds,
)
from tests.report.example_tables import COMPARISON, MULTIVARIABLE, UNIVARIABLE, example_candidates

from vertebrisk.cohort.flow import Flow, FlowStep
from vertebrisk.findings import Finding
from vertebrisk.nomogram.results import Nomogram
from vertebrisk.protocol import Protocol, load_protocol
from vertebrisk.report.results.study import (
    ExamplePatient,
    PrintedNumber,
    StudyFacts,
    StudyResult,
)
from vertebrisk.studies import embedded_protocol
from vertebrisk.validation.results import (
    Estimate,
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


def _protocol() -> Protocol:
    with embedded_protocol() as path:
        return load_protocol(path)


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


def example_result() -> StudyResult:
    """The whole result, every optional part present."""
    calibration, decision = example_calibration(), example_decision()
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
        example_performance(1.0),
        calibration,
        selected,
        decision,
        np.array([[0.123456789]]),
    )
    fixed = replace(
        validation,
        procedure="model held fixed",
        table=example_performance(0.55),
        selected=selected.clear(),
    )
    roc = example_roc()
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
        thresholds=example_thresholds(),
        validation=validation,
        validation_fixed=fixed,
        decision=decision,
        nomogram=example_nomogram(),
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
        candidates=example_candidates(),
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
