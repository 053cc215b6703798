"""How far the models of other samples would have moved the risks of these very patients.

The whole development procedure is repeated on resamples, and every resample's model scores
the original patients. How its risks, its calibration, its decisions and its net benefit
scatter round those of the final model is the instability of the model.

References
----------
Riley and Collins 2023, doi:10.1002/bimj.202200302
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from vertebrisk._types import BoolArray, FloatArray, IntArray, Json
from vertebrisk.errors import ArgumentError, FitError
from vertebrisk.validation.decision import DecisionPlan, percentiles
from vertebrisk.validation.results import column_dict

GROUPS, SMALLEST = 20, 10  # groups by risk at most, and patients in each at least
IN_MEMORY = ("patients", "risks", "curves", "benefits")  # what is never written
SAME_RISK = 1e-9  # risks of one covariate pattern, summed in another order


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """What models give on the original patients.

    Attributes
    ----------
    risks : array, shape (models, n)
    curves : array, shape (models, positions)
        Calibration curve; NaN where a model gives nobody such a risk.
    benefit : array, shape (models, thresholds)
        Net benefit.
    separated, deficient, usable : bool array, shape (models,)
        See `Developed`; `usable` is False where the resample held one outcome only.
    """

    risks: FloatArray
    curves: FloatArray
    benefit: FloatArray
    separated: BoolArray
    deficient: BoolArray
    usable: BoolArray

    @classmethod
    def joined(cls, parts: list[Scores]) -> Scores:
        """Those of all batches."""
        return cls(*(np.concatenate([getattr(p, name) for p in parts]) for name in cls.__slots__))


@dataclass(frozen=True, slots=True, eq=False)
class Original:
    """The final model on its patients.

    Attributes
    ----------
    risk : array, shape (n,)
    grid, curve : array, shape (positions,)
        Calibration curve and the risks at which it stands; none where it is not known.
    benefit : array, shape (thresholds,)
        Net benefit at `curve_thresholds`; none where it is not known.
    prevalence : float
        Share with the event.
    smoother : str
        What drew the curves.
    """

    risk: FloatArray
    grid: FloatArray
    curve: FloatArray
    benefit: FloatArray
    prevalence: float
    smoother: str


@dataclass(frozen=True, slots=True, eq=False)
class Repeated:
    """How the models were made, and what they are compared at.

    `thresholds` are those where decisions are taken, `curve_thresholds` those of the
    decision curve; `horizon` is the time by which risks hold, None of a binary outcome.
    """

    procedure: str
    seed: int | None
    level: float
    horizon: float | None
    thresholds: tuple[float, ...]
    curve_thresholds: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Instability:
    """How unstable the risks of a model are; made by ``fit.instability()``.

    Attributes
    ----------
    procedure : str
        What was repeated on each resample: "whole procedure" or "model held fixed".
    resamples : int
    seed : int or None
        None where the resamples were given.
    level : float
        Of all limits; these are quantiles over the resamples.
    horizon : float or None
        Time by which the risks hold; None of a binary outcome.
    n : int
        Patients.
    n_separated, n_deficient, n_failed : int
        Resamples without a finite estimate (their risks have limits, and stay in), with a column
        that lost its information (stay in), and with one outcome only (left out).
    mape : float
        Mean absolute prediction error: the mean over patients and models of the distance
        between the risk by a resample's model and by the final one.
    mape_high : float
        What the error is below in nine tenths of the patients.
    width : float
        Mean distance between a patient's limits.
    smoother : str
        What drew the calibration curves.
    band : polars.DataFrame
        Groups of patients of similar risk, the lowest first: n, risk, low, median, high and
        mape, each the mean of the patients' own.
    classification : polars.DataFrame
        One row a threshold: threshold, above (share of patients whose risk by the final
        model reaches it), index (mean over the patients of the share of models that decide
        otherwise), often (share of patients of whom one model in ten or more decides otherwise).
    classification_band : polars.DataFrame
        The index by groups of similar risk: threshold, risk, index.
    calibration : polars.DataFrame
        predicted, final, low, median, high, known (share of models with such risks).
    decision : polars.DataFrame
        threshold, final, low, median, high, treat_all, useful (share of models with a
        net benefit above that of treating all and none). Empty where nothing is measured.
    patients : polars.DataFrame
        In the order of the rows used: risk, low, median, high, mape. Never written.
    risks : array, shape (models, n)
        Risk of each patient by each usable resample's model. Never written.
    curves : array, shape (models, positions)
    benefits : array, shape (models, thresholds)
    """

    procedure: str
    resamples: int
    seed: int | None
    level: float
    horizon: float | None
    n: int
    n_separated: int
    n_deficient: int
    n_failed: int
    mape: float
    mape_high: float
    width: float
    smoother: str
    band: pl.DataFrame
    classification: pl.DataFrame
    classification_band: pl.DataFrame
    calibration: pl.DataFrame
    decision: pl.DataFrame
    patients: pl.DataFrame
    risks: FloatArray
    curves: FloatArray
    benefits: FloatArray

    def classification_index(self, threshold: float) -> FloatArray:
        """Share of models that put each patient on the other side of a threshold, shape (n,).

        A risk that equals the threshold reaches it.
        """
        if not 0.0 < threshold < 1.0:
            raise ArgumentError(
                f"threshold is {threshold!r}; a risk strictly between 0 and 1 is needed."
            )
        return _changed(self.risks, self.patients["risk"].to_numpy(), threshold)

    def to_dict(self) -> Json:
        """JSON form, without a row of any patient."""
        document: Json = {}
        for name in self.__slots__:
            if name not in IN_MEMORY:
                value = getattr(self, name)
                document[name] = value
                if isinstance(value, pl.DataFrame):
                    document[name] = column_dict(_without_own(value))
        return document


def summarised_instability(scores: Scores, original: Original, repeated: Repeated) -> Instability:
    """From every model's risks, curves and net benefits to the instability of the final one.

    Raises
    ------
    FitError
        Fewer than two resamples held both outcomes.
    """
    use = scores.usable
    if int(use.sum()) < 2:
        raise FitError(
            f"{int(use.sum())} of {use.size} resamples held both outcomes; instability needs two "
            "or more, and 200 or more for a report."
        )
    risks, risk = scores.risks[use], original.risk
    tail = (1.0 - repeated.level) / 2.0
    low, median, high = np.quantile(risks, (tail, 0.5, 1.0 - tail), axis=0)
    error = np.abs(risks - risk).mean(axis=0)
    patients = pl.DataFrame(
        {"risk": risk, "low": low, "median": median, "high": high, "mape": error}
    )
    groups = _groups(risk)
    changed = [_changed(risks, risk, cut) for cut in repeated.thresholds]
    return Instability(
        procedure=repeated.procedure,
        resamples=use.size,
        seed=repeated.seed,
        level=repeated.level,
        horizon=repeated.horizon,
        n=risk.size,
        n_separated=int((scores.separated & use).sum()),
        n_deficient=int((scores.deficient & use).sum()),
        n_failed=int((~use).sum()),
        mape=float(error.mean()),
        mape_high=float(np.quantile(error, 0.9)),
        width=float((high - low).mean()),
        smoother=original.smoother,
        band=_means(patients, groups),
        classification=_classification(risk, changed, repeated.thresholds),
        classification_band=_by_risk(risk, changed, repeated.thresholds, groups),
        calibration=_calibration(scores.curves[use], original, repeated.level),
        decision=_decision(scores.benefit[use], original, repeated),
        patients=patients,
        risks=risks,
        curves=scores.curves[use],
        benefits=scores.benefit[use],
    )


def _without_own(frame: pl.DataFrame) -> pl.DataFrame:
    """Predicted risks rounded so that none is a patient's own."""
    return frame.with_columns(pl.col("^predicted$").round(4))


def _changed(risks: FloatArray, risk: FloatArray, threshold: float) -> FloatArray:
    cut = threshold - SAME_RISK
    return np.asarray(((risks >= cut) != (risk >= cut)).mean(axis=0))


def _groups(risk: FloatArray) -> list[IntArray]:
    """Rows of each group by risk, much alike in size; equal risks stay together."""
    _, place, counts = np.unique(risk.round(9), return_inverse=True, return_counts=True)
    least = max(SMALLEST, -(-risk.size // GROUPS))
    group, filled, left = 0, 0, risk.size
    codes = np.empty(counts.size, dtype=np.int64)
    for value, count in enumerate(counts):
        codes[value] = group
        filled, left = filled + int(count), left - int(count)
        if filled >= least and left >= least:
            group, filled = group + 1, 0
    return [np.flatnonzero(codes[place] == code) for code in range(group + 1)]


def _means(patients: pl.DataFrame, groups: list[IntArray]) -> pl.DataFrame:
    means = [patients[group].select(pl.len().alias("n"), pl.all().mean()) for group in groups]
    return pl.concat(means).with_columns(pl.col("n").cast(pl.Int64))


def _classification(
    risk: FloatArray, changed: list[FloatArray], thresholds: tuple[float, ...]
) -> pl.DataFrame:
    rows = [
        (
            cut,
            float((risk >= cut - SAME_RISK).mean()),
            float(index.mean()),
            float((index >= 0.1).mean()),
        )
        for cut, index in zip(thresholds, changed, strict=True)
    ]
    names = ("threshold", "above", "index", "often")
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.Float64), orient="row")


def _by_risk(
    risk: FloatArray,
    changed: list[FloatArray],
    thresholds: tuple[float, ...],
    groups: list[IntArray],
) -> pl.DataFrame:
    rows = [
        (cut, float(risk[group].mean()), float(index[group].mean()))
        for cut, index in zip(thresholds, changed, strict=True)
        for group in groups
    ]
    names = ("threshold", "risk", "index")
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.Float64), orient="row")


def _calibration(curves: FloatArray, original: Original, level: float) -> pl.DataFrame:
    low, high = percentiles(curves, level)
    return pl.DataFrame(
        {
            "predicted": original.grid,
            "final": original.curve,
            "low": low,
            "median": _medians(curves),
            "high": high,
            "known": np.isfinite(curves).mean(axis=0),
        }
    ).fill_nan(None)


def _decision(benefit: FloatArray, original: Original, repeated: Repeated) -> pl.DataFrame:
    plan = DecisionPlan(repeated.curve_thresholds[: benefit.shape[1]])
    low, high = percentiles(benefit, repeated.level)
    everyone = plan.treat_all(np.array([original.prevalence]))[0]
    return pl.DataFrame(
        {
            "threshold": plan.thresholds,
            "final": original.benefit,
            "low": low,
            "median": _medians(benefit),
            "high": high,
            "treat_all": everyone,
            "useful": (benefit > np.maximum(everyone, 0.0)).mean(axis=0),
        }
    ).fill_nan(None)


def _medians(values: FloatArray) -> FloatArray:
    """Medians over the models that are known; NaN where none is."""
    known = np.isfinite(values).any(axis=0)
    found = np.full(values.shape[1], np.nan)
    found[known] = np.nanmedian(values[:, known], axis=0)
    return found
