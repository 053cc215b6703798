"""Values that describe how well a model predicts."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from vertebrisk._checks import listed
from vertebrisk._types import FloatArray, Json
from vertebrisk.errors import ArgumentError


def column_dict(frame: pl.DataFrame) -> Json:
    """A frame as JSON: one list a column, NaN as null."""
    return {
        name: [
            None if value is not None and value != value else value
            for value in frame[name].to_list()
        ]
        for name in frame.columns
    }


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its interval; limits are None where no interval exists."""

    estimate: float
    conf_low: float | None = None
    conf_high: float | None = None

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "estimate": self.estimate,
            "conf_low": self.conf_low,
            "conf_high": self.conf_high,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Roc:
    """ROC curve with its area.

    `curve` has columns threshold, sensitivity, specificity, from "all positive" to
    "none positive". `auc` is the area with its DeLong interval: for a binary outcome
    it is also the C-index.
    """

    auc: Estimate
    std_error: float
    curve: pl.DataFrame

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "auc": self.auc.to_dict(),
            "std_error": self.std_error,
            "curve": column_dict(self.curve),
        }


@dataclass(frozen=True, slots=True, eq=False)
class ThresholdTable:
    """Classification at thresholds.

    `frame` columns: threshold, source ("protocol" or "youden"), tp, fp, fn, tn, and for each of
    sensitivity, specificity, ppv, npv the estimate and `*_low`, `*_high` (Wilson). The
    row of Youden's index is chosen by the data and says so.
    """

    frame: pl.DataFrame

    def to_dict(self) -> Json:
        """JSON form."""
        return column_dict(self.frame)


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationCurve:
    """Observed against predicted risk.

    `frame` columns: predicted, apparent, corrected (bias-corrected by the bootstrap, as
    rms::calibrate; null without a bootstrap), and conf_low, conf_high of the apparent
    curve when there are fewer than 200 events or non-events. `distribution` bins the
    predicted risks: low, high, n, n_events. `smoother` names what drew the curve.
    """

    frame: pl.DataFrame
    distribution: pl.DataFrame
    smoother: str
    mean_absolute_error: float | None

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "curve": column_dict(self.frame),
            "distribution": column_dict(self.distribution),
            "smoother": self.smoother,
            "mean_absolute_error": self.mean_absolute_error,
        }


@dataclass(frozen=True, slots=True, eq=False)
class DecisionCurve:
    """Net benefit over thresholds.

    `frame` columns: model ("model", "model_corrected", "all", "none"), threshold,
    net_benefit, conf_low, conf_high, interventions_avoided (per 100 patients).
    "model_corrected" has the optimism taken out; it is absent without a bootstrap.
    """

    frame: pl.DataFrame
    prevalence: float

    def to_dict(self) -> Json:
        """JSON form."""
        return {"prevalence": self.prevalence, **column_dict(self.frame)}


@dataclass(frozen=True, slots=True, eq=False)
class HorizonValidation:
    """Internal validation of risks by one horizon.

    `table` has the columns of `Validation.table`; its measures are auc (time-dependent),
    brier, brier_scaled, observed_expected, slope (of follow-up up to the horizon), ici, e50,
    e90 and emax, with weights for censoring.
    """

    horizon: float
    table: pl.DataFrame
    calibration: CalibrationCurve
    decision: DecisionCurve | None

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "horizon": self.horizon,
            "table": column_dict(self.table),
            "calibration": self.calibration.to_dict(),
            "decision": None if self.decision is None else self.decision.to_dict(),
        }


@dataclass(frozen=True, slots=True, eq=False)
class Validation:
    """Internal validation by Harrell's optimism bootstrap.

    `table` columns: measure, apparent, training, test, optimism, corrected, conf_low,
    conf_high, mc_error, n_resamples. Measures are c_index, dxy, r2, intercept, slope,
    brier, emax_linear, ici, e50, e90, emax. `procedure` says what was repeated on each
    resample ("whole procedure" or "model held fixed"); `selected` (predictor,
    frequency) how often each candidate was chosen, empty when nothing was selected.
    Of the resamples `n_separated` had no finite estimate, `n_deficient` left a column
    without information, and `n_failed` held one outcome only. `smoother` is what ici, e50,
    e90 and emax were read from.

    Of a model of time to event, `table` holds c_index, dxy, r2, slope, d, u, q and g of
    rms::validate, `horizons` the validation of the risks by each horizon, and `calibration`
    and `decision` are those of the first.
    """

    procedure: str
    resamples: int
    seed: int | None
    n_separated: int
    n_deficient: int
    n_failed: int
    smoother: str
    table: pl.DataFrame
    calibration: CalibrationCurve
    selected: pl.DataFrame
    decision: DecisionCurve | None = None
    draws: FloatArray | None = None
    horizons: tuple[HorizonValidation, ...] = ()

    def to_dict(self) -> Json:
        """JSON form."""
        document = {
            "procedure": self.procedure,
            "resamples": self.resamples,
            "seed": self.seed,
            "n_separated": self.n_separated,
            "n_deficient": self.n_deficient,
            "n_failed": self.n_failed,
            "smoother": self.smoother,
            "table": column_dict(self.table),
            "selected": column_dict(self.selected),
        }
        if self.horizons:
            document["horizons"] = [each.to_dict() for each in self.horizons]
        return document

    def apparent(self, measure: str) -> float:
        """Apparent value of one measure."""
        return float(self.table.filter(pl.col("measure") == measure)["apparent"][0])

    def corrected(self, measure: str) -> float:
        """Optimism-corrected value of one measure."""
        return float(self.table.filter(pl.col("measure") == measure)["corrected"][0])

    def at(self, horizon: float) -> HorizonValidation:
        """Validation of the risks by one of the horizons."""
        for each in self.horizons:
            if each.horizon == horizon:
                return each
        raise ArgumentError(
            f"Nothing was validated at the horizon {horizon!r}; the horizons are "
            f"{listed([each.horizon for each in self.horizons])}."
        )
