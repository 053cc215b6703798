"""The invented study's validation, curves, thresholds and nomogram."""

from __future__ import annotations

import numpy as np
import polars as pl

from vertebrisk.nomogram.results import Nomogram, NomogramAxis
from vertebrisk.validation.results import (
    CalibrationCurve,
    DecisionCurve,
    Estimate,
    Roc,
    ThresholdTable,
)


def example_performance(optimism_scale: float) -> pl.DataFrame:
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


def example_calibration() -> CalibrationCurve:
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


def example_decision() -> DecisionCurve:
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


def example_nomogram() -> Nomogram:
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


def example_thresholds() -> ThresholdTable:
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


def example_roc() -> Roc:
    x = np.linspace(0, 1, 25)
    curve = pl.DataFrame(
        {
            "threshold": 1 - x,
            "sensitivity": x**0.28,
            "specificity": 1 - x,
        }
    )
    return Roc(Estimate(0.7803, 0.7042, 0.8564), 0.0388, curve)
