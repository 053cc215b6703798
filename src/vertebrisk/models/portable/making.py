"""The portable model of a fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vertebrisk._types import FloatArray, IntervalKind, ModelKind
from vertebrisk.design.design import Design
from vertebrisk.models.portable.describing import Outcome, Population, Provenance
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.portable.similar import SimilarPatients, similar_to
from vertebrisk.models.portable.spread import LinearSpread
from vertebrisk.nomogram.build import linear_predictor_ticks

if TYPE_CHECKING:
    from vertebrisk.models.logistic.fit import LogisticFit
    from vertebrisk.models.portable.baseline import Baseline


def model_from_fit(fit: LogisticFit) -> RiskModel:
    """The model of a fit, with Wald intervals unless its terms were chosen by the data."""
    kind: IntervalKind = "none" if fit.development.chooses else "model-based"
    return RiskModel(
        design=fit.design,
        intercept=fit.intercept,
        beta=fit.beta,
        covariance=fit.cov,
        draws=None,
        interval_kind=kind,
        linear_ticks=linear_predictor_ticks(fit.linear_predictor),
        outcome=Outcome(fit.outcome, fit.outcome),
        population=_sampled_population(fit),
        provenance=Provenance(formula=fit.formula, selection=fit.selection.method),
        performance={},
        similar_patients=similar_to(fit),
        linear_spread=LinearSpread.of(fit.linear_predictor, _weights(fit)),
    )


def _weights(fit: LogisticFit) -> FloatArray | None:
    """What each sampled patient stands for in the population."""
    return None if fit.sampling is None else fit.sampling.weights(fit.development.event)


def _sampled_population(fit: LogisticFit) -> Population:
    if fit.sampling is None:
        return Population(fit.n, fit.n_events)
    prevalence = fit.sampling.source.prevalence
    return Population(fit.n, fit.n_events, design="case-control", prevalence=prevalence)


def survival_model(
    kind: ModelKind,
    design: Design,
    beta: FloatArray,
    covariance: FloatArray | None,
    baselines: tuple[Baseline, ...],
    *,
    horizons: tuple[float, ...],
    average_risks: tuple[float | None, ...] = (),
    linear: FloatArray,
    strata: tuple[str, ...] = (),
    time_unit: str = "",
    interval_kind: IntervalKind = "model-based",
    outcome: Outcome,
    population: Population,
    provenance: Provenance,
    similar: SimilarPatients | None = None,
) -> RiskModel:
    """A model of time to event from the arrays of a fit.

    Parameters
    ----------
    kind : {"cox", "fine-gray"}
    design : Design
    beta : array, shape (p,)
    covariance : array, shape (p, p), or None
    baselines : tuple of Baseline
        See `portable_baseline`.
    horizons : tuple of float
        Inside follow-up, the principal one first.
    average_risks : tuple of float or None
        See `average_risks` of `models.survival.portable`.
    linear : array, shape (n,)
        Linear predictors of the development patients, not centred; only the round marks
        of an axis are kept of them.
    strata : tuple of str
        Stratifying variables.
    time_unit, interval_kind, outcome, population, provenance
        As in `RiskModel`; `similar` is its `similar_patients`.
    """
    centre = float(linear.mean()) if linear.size else 0.0
    ticks = linear_predictor_ticks(linear - centre) + centre  # rms centres, and marks that
    return RiskModel(
        design=design,
        intercept=0.0,
        beta=beta,
        covariance=covariance,
        draws=None,
        interval_kind=interval_kind,
        linear_ticks=ticks,
        outcome=outcome,
        population=population,
        provenance=provenance,
        performance={},
        kind=kind,
        baselines=baselines,
        horizons=horizons,
        average_risks=average_risks,
        strata=strata,
        time_unit=time_unit,
        similar_patients=similar,
        linear_spread=LinearSpread.of(linear),
    )
