"""From every resample's own numbers to the optimism-corrected table and curves.

Intervals: Noma H et al. 2021, doi:10.1002/sim.9148, centred on the corrected value.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import polars as pl
from scipy.special import expit

from vertebrisk._types import FloatArray, ValidationMethod
from vertebrisk.validation.choices import choices_of, shape_frequencies
from vertebrisk.validation.coefficients import FullModel, coefficient_stability
from vertebrisk.validation.curves import calibration_curve, risk_distribution
from vertebrisk.validation.decision import optimism_corrected
from vertebrisk.validation.measures import MEASURES, emax_linear, smoother_name
from vertebrisk.validation.resampling import Apparent, Replicates
from vertebrisk.validation.results import CalibrationCurve, DecisionCurve, Validation

CONSTANT_HAS = ("brier",)  # what a model that gives everyone one risk can be measured by
FINITE_ONLY = ("intercept", "slope", "emax_linear")
BOOTSTRAPS = ("optimism-bootstrap", "simple-bootstrap", "632", "632+")


@dataclass(frozen=True, slots=True)
class ValidationSettings:
    """What a validation is called, how it was drawn, and what choices are compared with."""

    procedure: str
    seed: int | None
    level: float = 0.95
    candidates: tuple[str, ...] = ()
    final: tuple[str, ...] = ()
    full: FullModel | None = None
    shapes: tuple[tuple[str, int], ...] = ()  # variables whose powers are found; final shapes
    method: ValidationMethod = "optimism-bootstrap"


def summarise(
    replicates: Replicates, apparent: Apparent, thresholds: FloatArray, settings: ValidationSettings
) -> Validation:
    """Optimism-corrected table, calibration curve and decision curve."""
    constant = bool(np.ptp(apparent.linear) == 0.0)
    rows = [
        _emax_row(replicates, constant)
        if name == "emax_linear"
        else measure_row(name, replicates, apparent.measures, constant, settings.level)
        for name in MEASURES
    ]
    table = pl.DataFrame(rows, schema=TABLE_SCHEMA, orient="row")
    decision = _decision(replicates, apparent, thresholds, settings.level)
    curve = apparent.curve - curve_optimism(replicates)
    return assembled(replicates, apparent, settings, table, curve, decision)


def assembled(
    replicates: Replicates,
    apparent: Apparent,
    settings: ValidationSettings,
    table: pl.DataFrame,
    curve: FloatArray,
    decision: DecisionCurve | None,
) -> Validation:
    """A validation from its table and corrected curves, with what the models chose.

    Parameters
    ----------
    replicates : Replicates
        The models that were developed; their measures are not looked at.
    apparent : Apparent
    settings : ValidationSettings
    table : polars.DataFrame
        Of `TABLE_SCHEMA`.
    curve : array, shape (positions,)
        Corrected calibration curve; NaN where none is known.
    decision : DecisionCurve or None
    """
    usable = replicates.usable
    return Validation(
        procedure=settings.procedure,
        resamples=usable.size,
        seed=settings.seed,
        n_separated=int((replicates.separated & usable).sum()),
        n_deficient=int((replicates.deficient & usable).sum()),
        n_failed=int((~usable).sum()),
        smoother=smoother_name(apparent.event.size),
        table=table,
        calibration=_calibration(apparent, curve),
        selected=selection_frequencies(replicates, settings.candidates),
        decision=decision,
        draws=replicates.coefficients[usable] if settings.method in BOOTSTRAPS else None,
        choices=choices_of(
            replicates.selected[usable],
            settings.candidates,
            settings.final,
            moved_coefficients(replicates, settings),
        ),
        shapes=shape_frequencies(replicates, settings.shapes),
        method=settings.method,
    )


TABLE_SCHEMA = {
    "measure": pl.String,
    "apparent": pl.Float64,
    "training": pl.Float64,
    "test": pl.Float64,
    "optimism": pl.Float64,
    "corrected": pl.Float64,
    "conf_low": pl.Float64,
    "conf_high": pl.Float64,
    "mc_error": pl.Float64,
    "n_resamples": pl.Int64,
}


Row: TypeAlias = tuple[str | float | int | None, ...]


def measure_row(
    name: str,
    replicates: Replicates,
    apparent: Mapping[str, float],
    constant: bool,
    level: float,
    finite: Collection[str] = FINITE_ONLY,
    called: str = "",
) -> Row:
    """Row of one measure in the table of a validation.

    Parameters
    ----------
    name : str
        Its key among the measures of the replicates.
    replicates : Replicates
    apparent : mapping
        Apparent value by key.
    constant : bool
        True where the model gives everyone the same risk, so that most measures mean
        nothing.
    level : float
    finite : collection of str
        Keys of the measures that only resamples with a finite estimate have.
    called : str
        What the row is called, the key by default.
    """
    use = replicates.usable.copy()
    if name in finite:
        use &= ~replicates.separated
    training, test = replicates.training[name], replicates.test[name]
    use &= np.isfinite(training) & np.isfinite(test)
    count = int(use.sum())
    value = apparent[name]
    word = called or name
    meaningless = word not in CONSTANT_HAS and constant
    if count == 0 or meaningless:
        return (word, value, None, None, None, None, None, None, None, 0)
    optimism = training[use] - test[use]
    mean = float(optimism.mean())
    error = float(optimism.std(ddof=1) / np.sqrt(count)) if count > 1 else None
    low, high = (
        moved_interval(training[use], test[use], value - mean, level) if count > 1 else (None, None)
    )
    return (
        word,
        value,
        float(training[use].mean()),
        float(test[use].mean()),
        mean,
        value - mean,
        low,
        high,
        error,
        count,
    )


def moved_interval(
    training: FloatArray, test: FloatArray, corrected: float, level: float
) -> tuple[float, float]:
    """Percentile interval of the measure in training, moved onto the corrected value.

    Noma's interval is moved by the optimism once; but a resample's own measure lies above
    the apparent one by about the optimism again, so its mean is moved onto the corrected
    value here. Intercept and slope are constant in training; theirs is the percentile
    interval of the resamples' models on the original patients.
    """
    tail = (1.0 - level) / 2.0
    if np.ptp(training) == 0.0:
        low, high = np.quantile(test, (tail, 1.0 - tail))
    else:
        low, high = np.quantile(training, (tail, 1.0 - tail)) - training.mean() + corrected
    return float(low), float(high)


def _emax_row(replicates: Replicates, constant: bool) -> Row:
    """Emax of rms::validate: from the corrected intercept and slope, not averaged."""
    use = replicates.usable & ~replicates.separated
    use &= np.isfinite(replicates.test["slope"])
    if not use.any() or constant:
        return ("emax_linear", 0.0, 0.0, None, None, None, None, None, None, 0)
    gap = emax_linear(
        float(replicates.test["intercept"][use].mean()), float(replicates.test["slope"][use].mean())
    )
    return ("emax_linear", 0.0, 0.0, gap, -gap, gap, None, None, None, int(use.sum()))


def curve_optimism(replicates: Replicates) -> FloatArray:
    """Mean optimism of the calibration curve at each position; NaN where none is known."""
    difference = replicates.training_curves - replicates.test_curves
    difference[~replicates.usable] = np.nan
    known = np.isfinite(difference)
    count = known.sum(axis=0)
    total = np.where(known, difference, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _calibration(apparent: Apparent, corrected: FloatArray) -> CalibrationCurve:
    return calibration_curve(
        apparent.scored.tied,
        apparent.sampling,
        apparent.grid,
        apparent.curve,
        corrected,
        risk_distribution(expit(apparent.linear), apparent.event),
    )


def selection_frequencies(replicates: Replicates, candidates: tuple[str, ...]) -> pl.DataFrame:
    """How often each candidate was chosen; empty where nothing is."""
    chosen = replicates.selected[replicates.usable]
    share = chosen.mean(axis=0) if chosen.size else np.zeros(chosen.shape[1])
    names = list(candidates) if chosen.shape[1] else []
    return pl.DataFrame(
        {"predictor": names, "frequency": share[: len(names)]},
        schema={"predictor": pl.String, "frequency": pl.Float64},
    ).sort("frequency", descending=True, maintain_order=True)


def moved_coefficients(replicates: Replicates, settings: ValidationSettings) -> pl.DataFrame | None:
    """How the selection moves coefficients, over the resamples with a finite estimate."""
    if settings.full is None:
        return None
    finite = replicates.usable & ~replicates.separated
    return coefficient_stability(replicates.own[finite], settings.full)


def _decision(
    replicates: Replicates, apparent: Apparent, thresholds: FloatArray, level: float
) -> DecisionCurve | None:
    if thresholds.size == 0:
        return None
    use = replicates.usable
    return optimism_corrected(
        apparent.whole,
        thresholds,
        (replicates.training_benefit[use], replicates.test_benefit[use]),
        replicates.prevalence[use],
        level,
    )
