"""External validation of a model of time to event: new patients with their follow-up."""

from __future__ import annotations

import numpy as np
import polars as pl

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.design.encode import encode
from vertebrisk.errors import DataError
from vertebrisk.findings import Finding, by_severity
from vertebrisk.kernels.survival.censoring import COMPETING, EVENT
from vertebrisk.models.external import remarks
from vertebrisk.models.external.asking import Question, Scored
from vertebrisk.models.external.case_mix import (
    comparable_spread,
    expected_concordance_of_hazards,
    linear_predictors,
    membership,
    of_case_mix,
)
from vertebrisk.models.external.counting import counts_of, data_kind, nobody
from vertebrisk.models.external.following import (
    FollowUp,
    as_asked_horizons,
    few_followed,
    follow_up,
    of_competing,
    reached,
)
from vertebrisk.models.external.measuring import binned
from vertebrisk.models.external.over_time import measured_by, over_follow_up
from vertebrisk.models.external.policy import refuse_gaps
from vertebrisk.models.external.results import CaseMix, Counts, ExternalHorizon, ExternalValidation
from vertebrisk.models.portable.baseline import Baseline
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.portable.spread import LinearSpread
from vertebrisk.models.survival.reading import read_strata, stratum_label
from vertebrisk.text.plurals import counted
from vertebrisk.validation.survival.smoothing import complementary_log_log

COARSE = 20  # times of a baseline below which its shape between them is not known


def validated_over_time(model: RiskModel, question: Question, scored: Scored) -> ExternalValidation:
    """Measure the risks by every horizon that these patients reach."""
    followed = follow_up(scored.frame, question.rules, model.time_unit)
    wanted = as_asked_horizons(question.horizons, model.horizons, model.limit)
    first = scored.risks(wanted[0])
    use = followed.known & first["risk"].is_not_null().to_numpy()
    counts = counts_of(first["flags"], followed.status == EVENT, followed.known, use)
    refuse_gaps(question.missing, counts)
    _check(counts)
    kept, lost = reached(wanted, followed.time[use], followed.status[use], model.time_unit)
    risks = [_by(scored, use, each) for each in kept]
    horizons = [
        _at(question, followed, each, *risk) for each, risk in zip(kept, risks, strict=True)
    ]
    scores = scored.risks(kept[0]).filter(pl.Series(use))
    linear = linear_predictors(scores)
    event = (followed.status[use] == EVENT)[scores["linear_predictor"].is_not_null().to_numpy()]
    plain = model.kind == "cox" and not model.strata
    mix = CaseMix(
        comparable_spread(model),
        LinearSpread.of(linear),
        expected_concordance_of_hazards(linear) if plain else None,
        membership(model, question.development, scored.frame, ""),
    )
    return ExternalValidation(
        outcome=question.rules.outcome,
        counts=counts,
        measures=_overall(model, scored.frame, followed, use, scores, question.resamples.level),
        smoother=horizons[0].smoother,
        calibration=horizons[0].calibration,
        roc=None,
        decision=horizons[0].decision,
        linear_predictor_mean=float(linear.mean()) if linear.size else None,
        linear_predictor_sd=float(linear.std(ddof=1)) if linear.size > 1 else None,
        linear_predictors=binned(event, linear) if linear.size else None,
        case_mix=mix,
        data_kind=data_kind(scored.frame),
        findings=by_severity(
            (
                *remarks.of_events_over_time(horizons, model.time_unit),
                *remarks.of_times(followed.time[use], model.limit, model.time_unit),
                *remarks.of_rows(counts),
                *remarks.of_inputs(model, scored.frame, encode(model.design, scored.frame)),
                *remarks.of_model(model, followed.reads),
                *lost,
                *of_case_mix(mix),
                *_of_horizons(model, horizons, [risk for _, risk in risks]),
                *of_competing(
                    model.kind,
                    question.rules.competing,
                    int((followed.status[use] == COMPETING).sum()),
                ),
                *scored.read,
            )
        ),
        kind=model.kind,
        missing=question.missing,
        horizons=tuple(horizons),
        followed=followed.described(use, model.time_unit),
    )


def _check(counts: Counts) -> None:
    if counts.n == 0:
        raise nobody(counts)
    if counts.n_events == 0:
        raise DataError(
            f"Of {counted(counts.n, 'patient')} with follow-up and risk, none has the event. "
            "Check the outcome rule."
        )


def _by(scored: Scored, use: BoolArray, horizon: float) -> tuple[BoolArray, FloatArray]:
    """Rows in use with a risk by a horizon, which a stratum may not reach, and their risks."""
    risks = scored.risks(horizon)["risk"]
    here = use & risks.is_not_null().to_numpy()
    return here, risks.to_numpy()[here].astype(np.float64)


def _at(
    question: Question, followed: FollowUp, horizon: float, here: BoolArray, risk: FloatArray
) -> ExternalHorizon:
    return measured_by(
        followed.time[here],
        followed.status[here],
        risk,
        horizon,
        question.thresholds,
        question.resamples,
    )


def _overall(
    model: RiskModel,
    frame: pl.DataFrame,
    followed: FollowUp,
    use: BoolArray,
    scores: pl.DataFrame,
    level: float,
) -> pl.DataFrame:
    """What belongs to no horizon; of averaged risks log(-log(1 - risk)) ranks the patients."""
    time, status, rows = followed.time[use], followed.status[use], frame.filter(pl.Series(use))
    exact = scores["linear_predictor"].null_count() == 0
    linear = scores["linear_predictor"].to_numpy().astype(np.float64)
    if not exact:
        linear = complementary_log_log(scores["risk"].to_numpy().astype(np.float64))
    against = None
    if model.kind == "cox" and exact:
        against = _against(model, rows, time, status, linear)
    strata, _ = read_strata(rows, model.strata)
    return over_follow_up(time, status, linear, strata, against, level)


def _against(
    model: RiskModel, rows: pl.DataFrame, time: FloatArray, status: IntArray, linear: FloatArray
) -> tuple[float, float] | None:
    """Events of the patients and those that the model expects, each until his follow-up ends.

    Or until the model's does. None where the baseline is known at a few times alone.
    """
    baselines = {each.stratum: each for each in model.baselines}
    of = [baselines.get(stratum_label(row)) for row in rows.select(model.strata).iter_rows()]
    own: list[Baseline | None] = of if model.strata else [model.baselines[0]] * time.size
    observed = expected = 0.0
    for baseline in baselines.values():
        inside = np.array([each is baseline for each in own])
        if not inside.any():
            continue
        if baseline.times.size < COARSE:
            return None
        seen = np.minimum(time[inside], baseline.limit)
        hazard = np.interp(seen, [0.0, *baseline.times], [0.0, *baseline.cumulative_hazard])
        observed += float(((status[inside] == EVENT) & (time[inside] <= baseline.limit)).sum())
        expected += float((hazard * np.exp(linear[inside])).sum())
    return observed, expected


def _of_horizons(
    model: RiskModel, horizons: list[ExternalHorizon], risks: list[FloatArray]
) -> list[Finding]:
    found: list[Finding] = []
    for each, risk in zip(horizons, risks, strict=True):
        found += few_followed(each.horizon, each.n_followed, model.time_unit)
        found += remarks.of_risks_over_time(each.horizon, risk, model.time_unit)
    return found
