"""Values that describe how well a model predicts."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from vertebrisk._checks import listed, place_of
from vertebrisk._types import CorrectedInterval, FloatArray, Json, ValidationMethod
from vertebrisk.errors import ArgumentError

LISTED_PAIRS = 20
COSTLY = ("c_index", "slope", "brier")
_COST = {
    "measure": pl.String,
    "horizon": pl.Float64,
    "whole": pl.Float64,
    "fixed": pl.Float64,
    "cost": pl.Float64,
}


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


def estimate_in(measures: pl.DataFrame, measure: str) -> Estimate:
    """A row of a table of measures, NaN where it is not known; ArgumentError for no such row."""
    place = place_of(measure, measures["measure"].to_list(), "measure")
    value, low, high = measures.select("estimate", "conf_low", "conf_high").row(place)
    return Estimate(float("nan") if value is None else value, low, high)


@dataclass(frozen=True, slots=True, eq=False)
class Roc:
    """ROC curve with its area.

    `curve` has columns threshold, sensitivity, specificity, from "none positive" to
    "all positive", and `*_low`, `*_high` of the two: limits of the rectangle that holds both
    at once with the level of the area (each of them Wilson's interval with the root of the
    level); not where patients are clusters of rows. `auc` is the area with its DeLong
    interval: for a binary outcome it is also the C-index.
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
        """JSON form, its predicted risks rounded so that none is a patient's own."""
        return {
            "curve": column_dict(self.frame.with_columns(pl.col("predicted").round(4))),
            "distribution": column_dict(self.distribution),
            "smoother": self.smoother,
            "mean_absolute_error": self.mean_absolute_error,
        }


@dataclass(frozen=True, slots=True, eq=False)
class DecisionCurve:
    """Net benefit over thresholds.

    `frame` columns: model ("model", "model_corrected", "all", "none"), threshold,
    net_benefit, conf_low, conf_high, interventions_avoided (per 100 patients).
    "model_corrected" has the optimism taken out; it is absent without a bootstrap. Of given
    risks the columns are those of `decision_curve`.
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
class Choices:
    """Which models a repeated selection chose.

    Attributes
    ----------
    distinct : int
        Different sets of predictors over the resamples.
    final : float
        Share of the resamples that chose exactly the predictors of the final model.
    models : polars.DataFrame
        The ten sets chosen most often: predictors (a list, empty where none was chosen),
        count, share, final (true for that of the final model).
    pairs : polars.DataFrame
        Each pair of candidates, those furthest from independence first: first, second,
        together (share of the resamples that chose both), expected (were they
        chosen independently of each other), first_only, second_only, correlation (of being
        chosen; below 0 they take each other's place; null where one was chosen always or never).
    coefficients : polars.DataFrame
        How much the selection moves each coefficient, over the resamples with a finite estimate:
        term, level, estimate and std_error of the model of all candidates, frequency,
        rmsd_ratio, relative_bias, median, low, high; see
        `validation.coefficients.coefficient_stability`.
    """

    distinct: int
    final: float
    models: pl.DataFrame
    pairs: pl.DataFrame
    coefficients: pl.DataFrame

    def to_dict(self) -> Json:
        """JSON form, with the twenty pairs that are furthest from independence."""
        return {
            "distinct": self.distinct,
            "final": self.final,
            "models": list(self.models.iter_rows(named=True)),
            "pairs": list(self.pairs.head(LISTED_PAIRS).iter_rows(named=True)),
            "coefficients": list(self.coefficients.iter_rows(named=True)),
        }


@dataclass(frozen=True, slots=True, eq=False)
class Validation:
    """Internal validation, by Harrell's optimism bootstrap or the `method` that was asked for.

    `table` columns: measure, apparent, training, test, optimism, corrected, conf_low,
    conf_high, mc_error, n_resamples. Measures are c_index, dxy, r2, intercept, slope,
    brier, emax_linear, ici, e50, e90, emax. `procedure` says what was repeated on each
    resample ("whole procedure" or "model held fixed"); `selected` (predictor,
    frequency) how often each candidate was chosen, empty when nothing was selected, and
    `choices` which of them together, None then. `shapes` (variable, powers, count, share,
    final) tells which powers each ``fp(x)`` took, the most frequent first; no powers are a variable
    left out.
    Of the resamples `n_separated` had no finite estimate, `n_deficient` left a column
    without information, and `n_failed` held one outcome only, left one only to be tested on, or
    left out a whole stratum. `smoother` is what ici, e50, e90 and emax were read from.

    `interval` names the limits of the corrected values: "percentile" (of the measure in the
    resamples, moved so that its mean is the corrected value), "location-shifted" (moved by the
    optimism, as Noma and others), or None where the method has none.

    By another method `test` is the mean on the patients who tested, `corrected` the estimate
    of that method, and `optimism` what lies between it and `apparent`. Cross-validation and
    leave-one-out have no `training`, no intervals and no `draws`; `resamples` counts their
    models, `n_resamples` the repeats.

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
    choices: Choices | None = None
    shapes: pl.DataFrame | None = None
    method: ValidationMethod = "optimism-bootstrap"
    interval: CorrectedInterval | None = "percentile"

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
            "interval": self.interval,
            "table": column_dict(self.table),
            "selected": column_dict(self.selected),
            "choices": None if self.choices is None else self.choices.to_dict(),
        }
        if self.method != "optimism-bootstrap":
            document["method"] = self.method
        if self.shapes is not None and self.shapes.height:
            document["shapes"] = list(self.shapes.iter_rows(named=True))
        if self.horizons:
            document["horizons"] = [each.to_dict() for each in self.horizons]
        return document

    def cost_of_selection(self, fixed: Validation) -> pl.DataFrame:
        """How much of the optimism comes from choosing predictors by the data?

        Parameters
        ----------
        fixed : Validation
            Of the same fit on the same resamples, by ``validate(..., fixed=True)``.

        Returns
        -------
        polars.DataFrame
            measure (c_index, slope, brier), horizon (null for a measure of the whole),
            whole, fixed (optimism of the repeated procedure, and of the model held fixed), cost
            (their difference). Of the Brier score, which is the better the lower, optimism and
            cost are negative.

        Raises
        ------
        ArgumentError
            One of the two is not what it should be.
        """
        if self.method != fixed.method:
            raise ArgumentError(
                f"The two validations are by different methods, {self.method} and {fixed.method}; "
                "validate the same fit twice by one method, with and without fixed=True."
            )
        if "whole" not in self.procedure or "whole" in fixed.procedure:
            raise ArgumentError(
                "The cost of selection compares a validation of the whole procedure with one of "
                "the model held fixed; validate the same fit, with and without fixed=True."
            )
        pairs: list[tuple[float | None, pl.DataFrame, pl.DataFrame]]
        pairs = [(None, self.table, fixed.table)]
        for mine, other in zip(self.horizons, fixed.horizons, strict=True):
            pairs.append((mine.horizon, mine.table, other.table))
        rows = []
        for horizon, mine_table, other_table in pairs:
            held = dict(other_table.select("measure", "optimism").iter_rows())
            for measure, optimism in mine_table.select("measure", "optimism").iter_rows():
                if measure not in COSTLY or (horizon is not None and measure != "brier"):
                    continue
                fixed_one = held.get(measure)
                known = optimism is not None and fixed_one is not None
                cost = optimism - fixed_one if known else None
                rows.append((measure, horizon, optimism, fixed_one, cost))
        return pl.DataFrame(rows, schema=_COST, orient="row")

    def apparent(self, measure: str) -> float:
        """Apparent value of one measure."""
        return float(self.table.filter(pl.col("measure") == measure)["apparent"][0])

    def corrected(self, measure: str) -> float:
        """Corrected value of one measure, by the method of the validation."""
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
