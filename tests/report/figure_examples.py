"""Invented results as large as a study's, and the six first figures drawn of them."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import polars as pl
from matplotlib.axes import Axes

from vertebrisk._types import BoolArray, FloatArray, Language
from vertebrisk.cohort.flow import Flow, FlowStep
from vertebrisk.models.tables import RegressionRow
from vertebrisk.report.figures import (
    WORDS,
    data_label,
    plot_calibration,
    plot_decision_curve,
    plot_flow,
    plot_forest,
    plot_roc,
    plot_selection,
)
from vertebrisk.validation.results import (
    CalibrationCurve,
    DecisionCurve,
    Estimate,
    Roc,
    ThresholdTable,
    Validation,
)


def patients() -> tuple[FloatArray, BoolArray]:
    """Risks and outcomes of 268 invented patients with about 37 events."""
    rng = np.random.default_rng(3)
    effects = (1.332, 1.377, 0.8)
    eta = np.full(268, -4.161)
    for effect, share in zip(effects, (0.35, 0.3, 0.5), strict=True):
        eta += effect * (rng.random(268) < share)
    eta += np.array([0.0, 1.758, 2.622])[rng.choice(3, 268, p=[0.4, 0.35, 0.25])]
    risk = 1.0 / (1.0 + np.exp(-eta))
    return risk, rng.random(268) < risk


def flow() -> Flow:
    return Flow(
        unit="patient",
        n_read=412,
        steps=(
            FlowStep(
                "include",
                "Osteoporosis on DXA (T-score of \u22122.5 or less)",
                "t <= -2.5",
                61,
                351,
            ),
            FlowStep("include", "One fractured vertebra", "segments == 1", 42, 309),
            FlowStep(
                "exclude",
                "Pathological fracture: tumour, infection, or other destruction of the vertebra",
                "pathology != 'none'",
                0,
                309,
            ),
            FlowStep("exclude", "Previous operation on the spine", "previous == 'yes'", 23, 286),
            FlowStep("undetermined", "One fractured vertebra", "segments == 1", 4, 282),
            FlowStep("outcome-missing", "Pain at 1 month not recorded", "", 9, 273),
            FlowStep("predictor-missing", "Goutallier grade not recorded", "", 5, 268),
        ),
        n=268,
        n_events=37,
        n_patients=268,
    )


def roc() -> Roc:
    risk, event = patients()
    cuts = np.concatenate([[-np.inf], np.unique(risk), [np.inf]])
    return Roc(
        auc=Estimate(0.780, 0.703, 0.857),
        std_error=0.039,
        curve=pl.DataFrame(
            {
                "threshold": cuts,
                "sensitivity": [(risk[event] >= cut).mean() for cut in cuts],
                "specificity": [(risk[~event] < cut).mean() for cut in cuts],
            }
        ),
    )


def thresholds() -> ThresholdTable:
    risk, event = patients()
    rows = []
    for source, cut in (("protocol", 0.10), ("protocol", 0.20), ("youden", 0.147)):
        sensitivity = float((risk[event] >= cut).mean())
        specificity = float((risk[~event] < cut).mean())
        rows.append(
            {
                "threshold": cut,
                "source": source,
                "sensitivity": sensitivity,
                "sensitivity_low": max(sensitivity - 0.14, 0.0),
                "sensitivity_high": min(sensitivity + 0.10, 1.0),
                "specificity": specificity,
                "specificity_low": specificity - 0.06,
                "specificity_high": specificity + 0.06,
            }
        )
    return ThresholdTable(pl.DataFrame(rows))


def calibration(band: bool = True, corrected: bool = True) -> CalibrationCurve:
    risk, event = patients()
    x = np.linspace(0.016, 0.62, 60)
    y = np.clip(x + 0.05 * np.sin(9 * x), 0.0, 1.0)
    edges = np.linspace(0.0, 1.0, 41)
    count = np.histogram(risk, edges)[0]
    wide = 0.02 + 0.3 * x
    columns = {
        "predicted": x,
        "apparent": y,
        "corrected": 0.02 + 0.88 * y if corrected else np.full(60, np.nan),
        "conf_low": np.clip(y - wide, 0, 1) if band else np.full(60, np.nan),
        "conf_high": np.clip(y + wide, 0, 1) if band else np.full(60, np.nan),
    }
    return CalibrationCurve(
        frame=pl.DataFrame(columns, nan_to_null=True),
        distribution=pl.DataFrame(
            {
                "low": edges[:-1],
                "high": edges[1:],
                "n": count,
                "n_events": np.histogram(risk[event], edges)[0],
            }
        ),
        smoother="loess (degree 2, span 0.75)",
        mean_absolute_error=0.018,
    )


def validation() -> Validation:
    rows = [
        ("c_index", 0.741, 0.655, 0.822),
        ("slope", 0.83, 0.55, 1.14),
        ("intercept", -0.24, -0.80, 0.31),
    ]
    return Validation(
        procedure="whole procedure",
        resamples=1000,
        seed=1,
        n_separated=0,
        n_deficient=0,
        n_failed=0,
        smoother="loess",
        table=pl.DataFrame(
            rows, schema=["measure", "corrected", "conf_low", "conf_high"], orient="row"
        ),
        calibration=calibration(),
        selected=selected(),
    )


def selected() -> pl.DataFrame:
    names = [
        "goutallier",
        "ivc",
        "fascia_oedema",
        "cement",
        "age",
        "bmi",
        "t_score",
        "volume",
        "sex",
    ]
    return pl.DataFrame(
        {"predictor": names, "frequency": [0.998, 0.871, 0.902, 0.544, 0.21, 0.11, 0.09, 0.31, 0.0]}
    )


def decision() -> DecisionCurve:
    risk, event = patients()
    prevalence = float(event.mean())
    rows = []
    for t in np.linspace(0.02, 0.5, 49):
        odds = t / (1 - t)
        benefit = float(((risk >= t) & event).mean() - odds * ((risk >= t) & ~event).mean())
        rows += [
            ("model", t, benefit, benefit - 0.03, benefit + 0.03),
            ("model_corrected", t, benefit - 0.006, None, None),
            ("all", t, prevalence - odds * (1 - prevalence), None, None),
            ("none", t, 0.0, None, None),
        ]
    columns = ["model", "threshold", "net_benefit", "conf_low", "conf_high"]
    return DecisionCurve(pl.DataFrame(rows, schema=columns, orient="row"), prevalence)


def regression() -> tuple[RegressionRow, ...]:
    def row(
        kind: str,
        term: str,
        label: str,
        level: str,
        reference: str,
        b: float = 0,
        se: float = 0,
        p: float = 0,
    ) -> RegressionRow:
        if kind != "estimate":
            return RegressionRow(kind, term, label, level, reference, p_value=p or None)
        return RegressionRow(
            kind, term, label, level, reference, estimate=b, std_error=se, p_value=p,
            ratio=math.exp(b), conf_low=math.exp(b - 1.96 * se), conf_high=math.exp(b + 1.96 * se),
        )  # fmt: skip

    return (
        row("estimate", "ivc", "Intravertebral vacuum cleft", "Yes", "No", 1.332, 0.424, 0.0017),
        row("estimate", "fascia", "Posterior fascia oedema", "Yes", "No", 1.377, 0.413, 0.00085),
        row("overall", "goutallier", "Goutallier grade", "", "", p=0.0004),
        row("reference", "goutallier", "Goutallier grade", "0\u20131", ""),
        row("estimate", "goutallier", "Goutallier grade", "2", "", 1.758, 0.66, 0.008),
        row("estimate", "goutallier", "Goutallier grade", "3\u20134", "", 2.622, 0.66, 0.00007),
        row("estimate", "cement", "Cement distribution", "Spongy", "Blocky", -0.8, 0.42, 0.058),
        row("estimate", "age", "Age (years)", "", "", 0.012, 0.02, 0.55),
        RegressionRow("intercept", "", "Constant", "", "", estimate=-3.361, ratio=math.exp(-3.361)),
    )


def draw(name: str, language: Language = "en") -> Axes:
    words, label = WORDS[language], data_label("reconstructed", WORDS[language])
    plots: dict[str, Callable[[], Axes]] = {
        "flow": lambda: plot_flow(flow(), label=label, words=words),
        "roc": lambda: plot_roc(roc(), thresholds(), validation(), label=label, words=words),
        "calibration": lambda: plot_calibration(
            calibration(), validation(), label=label, words=words
        ),
        "decision": lambda: plot_decision_curve(decision(), [0.1, 0.2], label=label, words=words),
        "forest": lambda: plot_forest(regression(), label=label, words=words),
        "selection": lambda: plot_selection(selected(), ["ivc"], label=label, words=words),
    }
    return plots[name]()


FIGURES = ("flow", "roc", "calibration", "decision", "forest", "selection")
