"""Discrimination and accuracy of risks at one or more horizons, with intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from vertebrisk._checks import as_numbers, check_fraction
from vertebrisk._types import FloatArray, Json
from vertebrisk.errors import ArgumentError
from vertebrisk.kernels.distributions import normal_quantile
from vertebrisk.validation.results import column_dict
from vertebrisk.validation.survival.horizon import AtHorizon
from vertebrisk.validation.survival.influence import auc_error, brier_error
from vertebrisk.validation.survival.inputs import as_followed, as_horizons, as_risk_columns

_LIMITS = ("std_error", "conf_low", "conf_high")
NOTHING = 1e-12  # an error below this is rounding: no score is out of order


@dataclass(frozen=True, slots=True, eq=False)
class TimeDependentAuc:
    """AUC at each horizon.

    `frame` columns: horizon, estimate, std_error, conf_low, conf_high, n_cases (with the
    event by the horizon), n_others (known to be without it), n_unknown (censored before).
    Limits are null where no standard error exists.
    """

    frame: pl.DataFrame
    level: float

    def to_dict(self) -> Json:
        """JSON form."""
        return {"level": self.level, **column_dict(self.frame)}


@dataclass(frozen=True, slots=True, eq=False)
class BrierSurvival:
    """Brier score at each horizon, and integrated over them.

    `frame` columns: model ("model", or "null": everyone has the observed share), horizon,
    brier, std_error, conf_low, conf_high, scaled (one less the score over that of the null
    model; 0 for the null model). `integrated` columns: model, start, end, brier, scaled; empty
    with a single horizon.
    """

    frame: pl.DataFrame
    integrated: pl.DataFrame
    level: float

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "level": self.level,
            "frame": column_dict(self.frame),
            "integrated": column_dict(self.integrated),
        }


def _limits(estimate: float, error: float, level: float) -> tuple[float | None, ...]:
    """Standard error and limits cut to [0, 1]; None where there is no error."""
    if not np.isfinite(error) or error <= NOTHING:
        return None, None, None
    reach = float(normal_quantile(0.5 + level / 2.0)) * error
    return error, max(estimate - reach, 0.0), min(estimate + reach, 1.0)


def time_dependent_auc(
    time: ArrayLike,
    status: ArrayLike,
    score: ArrayLike,
    horizon: ArrayLike,
    *,
    level: float = 0.95,
) -> TimeDependentAuc:
    """Does a patient with the event by the horizon score higher than one without it?

    Parameters
    ----------
    time : array-like, shape (n,)
        Follow-up of each patient to the first of event, competing event and censoring.
    status : array-like, shape (n,)
        0 censored, 1 the event, 2 a competing event; or booleans, True for the event.
    score : array-like, shape (n,) or (n, horizons)
        Higher for a higher risk; a column for each horizon where they differ.
    horizon : float or array-like, shape (horizons,)
        In the unit of `time`, ascending, inside follow-up.
    level : float
        Confidence level.

    Returns
    -------
    TimeDependentAuc
        Cumulative cases (the event by the horizon) against dynamic controls (without it at
        the horizon; who had a competing event before is one), weighted by the inverse
        probability of being uncensored, from Kaplan-Meier. The standard error counts in
        that this curve is estimated. As ``riskRegression::Score`` and timeROC, but for
        tied times: who is censored exactly at the horizon is known to be without the event
        by then and is a control.

    Raises
    ------
    ArgumentError
        For a horizon beyond follow-up or before the first event, for one by which nobody
        is known to be without the event, and for missing values.

    References
    ----------
    Blanche et al. 2013, doi:10.1002/sim.5958
    """
    exit, codes = as_followed(time, status)
    horizons = as_horizons(horizon, exit, codes)
    check_fraction(level, "level")
    scores = np.asarray(score)
    if scores.ndim == 1:
        scores = np.repeat(as_numbers(scores, "score", exit.size)[:, None], horizons.size, 1)
    elif scores.ndim == 2 and scores.shape[1] == horizons.size:
        scores = np.column_stack([as_numbers(column, "score", exit.size) for column in scores.T])
    else:
        raise ArgumentError(
            f"score has the shape {scores.shape}; one value a patient is needed, or one column "
            "a horizon."
        )
    rows = []
    for place, when in enumerate(horizons):
        at = AtHorizon.of(exit, codes, float(when))
        if not at.others.any():
            raise ArgumentError(
                f"Nobody is known to be without the event at the horizon {when:g}; an AUC "
                "needs such patients. Choose an earlier horizon."
            )
        auc = float(at.auc(scores[None, :, place])[0])
        error = auc_error(at, scores[:, place], auc)
        cases, others = int(at.cases.sum()), int(at.others.sum())
        unknown = exit.size - cases - others
        rows.append((float(when), auc, *_limits(auc, error, level), cases, others, unknown))
    counts = dict.fromkeys(("n_cases", "n_others", "n_unknown"), pl.Int64)
    schema = {**dict.fromkeys(("horizon", "estimate", *_LIMITS), pl.Float64), **counts}
    return TimeDependentAuc(pl.DataFrame(rows, schema=schema, orient="row"), level)


def brier_survival(
    time: ArrayLike,
    status: ArrayLike,
    risk: ArrayLike,
    horizon: ArrayLike,
    *,
    level: float = 0.95,
) -> BrierSurvival:
    """How far are risks of an event by a horizon from what happened?

    Parameters
    ----------
    time : array-like, shape (n,)
        Follow-up of each patient to the first of event, competing event and censoring.
    status : array-like, shape (n,)
        0 censored, 1 the event, 2 a competing event; or booleans, True for the event.
    risk : array-like, shape (n,) or (n, horizons)
        Predicted probability of the event by each horizon, 0 to 1 (not percent).
    horizon : float or array-like, shape (horizons,)
        In the unit of `time`, ascending, inside follow-up.
    level : float
        Confidence level.

    Returns
    -------
    BrierSurvival
        Mean squared distance with the inverse probability of being uncensored as weight,
        from Kaplan-Meier, as ``riskRegression::Score``; who is censored exactly at the
        horizon is known to be without the event by then. `integrated` is the area below
        the scores of the horizons given (trapezium rule) over the length from the first to
        the last: every time between weighs the same.

    Raises
    ------
    ArgumentError
        For a horizon beyond follow-up or before the first event, and for values that are
        not probabilities.

    References
    ----------
    Graf et al. 1999, doi:10.1002/(SICI)1097-0258(19990915/30)18:17/18<2529::AID-SIM274>3.0.CO;2-5.
    Kattan and Gerds 2018, doi:10.1186/s41512-018-0029-2
    """
    exit, codes = as_followed(time, status)
    horizons = as_horizons(horizon, exit, codes)
    risks = as_risk_columns(risk, exit.size, horizons.size)
    check_fraction(level, "level")
    scores = np.empty((2, horizons.size))
    rows = []
    for place, when in enumerate(horizons):
        at = AtHorizon.of(exit, codes, float(when))
        null = np.full(exit.size, at.observed[0])
        for model, values in enumerate((null, risks[:, place])):
            scores[model, place] = at.brier(values[None])[0]
            limits = _limits(scores[model, place], brier_error(at, values), level)
            scaled = _scaled(scores[model, place], scores[0, place])
            name = ("null", "model")[model]
            rows.append((name, float(when), float(scores[model, place]), *limits, scaled))
    schema = {
        "model": pl.String,
        **dict.fromkeys(("horizon", "brier", *_LIMITS, "scaled"), pl.Float64),
    }
    frame = pl.DataFrame(rows, schema=schema, orient="row").sort("model", maintain_order=True)
    return BrierSurvival(frame, _integrated(horizons, scores), level)


def _scaled(score: float, null: float) -> float | None:
    return float(1.0 - score / null) if null > 0.0 else None


def _integrated(horizons: FloatArray, scores: FloatArray) -> pl.DataFrame:
    """Mean score over the range of the horizons, by the trapezium rule."""
    names = ("start", "end", "brier", "scaled")
    schema = {"model": pl.String, **dict.fromkeys(names, pl.Float64)}
    if horizons.size < 2:
        return pl.DataFrame(schema=schema)
    start, end = float(horizons[0]), float(horizons[-1])
    middle = (scores[:, 1:] + scores[:, :-1]) / 2.0
    null, model = (middle @ np.diff(horizons) / (end - start)).tolist()
    rows = [
        ("model", start, end, model, _scaled(model, null)),
        ("null", start, end, null, _scaled(null, null)),
    ]
    return pl.DataFrame(rows, schema=schema, orient="row")
