"""The updated model: what an estimate changes of the original, and what stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from vertebrisk._types import FloatArray, IntervalKind
from vertebrisk.design.design import Design
from vertebrisk.models.portable.describing import Population, Provenance
from vertebrisk.models.portable.identity import model_version
from vertebrisk.models.portable.lineage import Update, UpdateChoice
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.portable.similar import SimilarPatients, similar_patients
from vertebrisk.models.portable.spread import LinearSpread
from vertebrisk.models.survival.portable import average_risks
from vertebrisk.models.updating.covariance import carried_covariance
from vertebrisk.models.updating.methods import EXTENDING, REVISING, Estimate
from vertebrisk.models.updating.patients import NewPatients
from vertebrisk.models.updating.survival import (
    FollowedPatients,
    new_baseline,
    stretched_covariance,
)
from vertebrisk.nomogram.build import linear_predictor_ticks


@dataclass(frozen=True, slots=True)
class Step:
    """What the lineage says of an update beside its estimate."""

    choice: UpdateChoice
    when: str


def line_of(update: Estimate, kind: str) -> tuple[float | None, float | None]:
    """Intercept and slope upon the original linear predictor; None where all is new."""
    if update.method in REVISING:
        return None, None
    moved = update.moved.tolist()
    if kind != "logistic":
        return 0.0, moved[0]
    moved = [*moved[:2], *(0.0, 1.0)[len(moved[:2]) :]]
    return moved[0], moved[1]


def remade_logistic(
    model: RiskModel, update: Estimate, patients: NewPatients, step: Step
) -> RiskModel:
    """A logistic model with the coefficients of an update; itself where nothing changed."""
    if update.method == "none":
        return model
    columns = patients.whole if update.method in EXTENDING else patients.columns
    covariance: FloatArray | None = None
    if update.shrinkage is None:
        if update.method in REVISING:
            covariance = update.inverse
        elif model.interval_kind == "model-based" and model.covariance is not None:
            original = np.append(model.intercept, model.beta)
            covariance = carried_covariance(original, model.covariance, update, patients)
    remade = _remade(model, update, patients, step, covariance, update.coefficients[1:])
    return replace(
        remade,
        intercept=float(update.coefficients[0]),
        linear_ticks=linear_predictor_ticks(columns @ update.coefficients),
        linear_spread=_spread(model, update, columns @ update.coefficients),
        population=_population(model, update, patients),
    )


def remade_cox(
    model: RiskModel,
    update: Estimate,
    patients: FollowedPatients,
    step: Step,
    horizons: tuple[float, ...],
) -> RiskModel:
    """A Cox model with the coefficients of an update, and the baseline of the new patients."""
    columns = patients.whole if update.method in EXTENDING else patients.matrix
    beta = update.coefficients
    baseline = new_baseline(beta, columns, patients.times, horizons)
    linear = columns @ beta
    covariance: FloatArray | None = None
    if update.shrinkage is None:
        if update.method in REVISING:
            covariance = update.inverse
        elif model.interval_kind == "model-based" and model.covariance is not None:
            covariance = model.covariance
            if update.method != "baseline":
                covariance = stretched_covariance(model.beta, covariance, update, patients)
    centre = linear.mean()
    return replace(
        _remade(model, update, patients, step, covariance, beta),
        baselines=(baseline,),
        horizons=horizons,
        average_risks=average_risks((baseline,), patients.times.groups, linear, horizons),
        linear_ticks=linear_predictor_ticks(linear - centre) + centre,
        linear_spread=_spread(model, update, linear),
        population=_population(model, update, patients),
    )


def _remade(
    model: RiskModel,
    update: Estimate,
    patients: NewPatients | FollowedPatients,
    step: Step,
    covariance: FloatArray | None,
    beta: FloatArray,
) -> RiskModel:
    kind: IntervalKind = "none" if covariance is None else "model-based"
    design = patients.design if update.method in EXTENDING else model.design
    similar, missing = model.similar_patients, model.missing_inputs
    if update.method in REVISING:
        similar = _similar(design, beta, patients)
    return replace(
        model,
        design=design,
        beta=beta,
        covariance=covariance,
        draws=None,
        interval_kind=kind,
        provenance=_told(model, update, patients, step),
        performance={key: told for key, told in model.performance.items() if key == "notes"},
        similar_patients=similar,
        missing_inputs=None if update.method in EXTENDING else missing,
    )


def _population(
    model: RiskModel, update: Estimate, patients: NewPatients | FollowedPatients
) -> Population:
    """Whom the coefficients come from; of sampled controls the risks now hold in new patients.

    A model is of real patients where both those of its development and of its update are.
    """
    kind, own = patients.data_kind, model.population
    if update.method in REVISING:
        return Population(patients.n, patients.n_events, data_kind=kind)
    own = replace(own, data_kind=own.data_kind if kind == "real" else kind)
    if model.kind != "logistic" or own.design != "case-control":
        return own
    return replace(own, prevalence=patients.n_events / patients.n)


def _spread(model: RiskModel, update: Estimate, linear: FloatArray) -> LinearSpread | None:
    """Of the new patients where the coefficients are theirs, else of the original ones, moved.

    None where the original ones lack a new predictor, or were sampled at a prevalence unknown.
    """
    if update.method in REVISING:
        return LinearSpread.of(linear)
    intercept, slope = line_of(update, model.kind)
    sampled = model.population.design == "case-control" and model.population.prevalence is None
    if update.method in EXTENDING or sampled or intercept is None or slope is None:
        return None
    return model.linear_spread and model.linear_spread.moved(intercept, slope)


def _told(
    model: RiskModel,
    update: Estimate,
    patients: NewPatients | FollowedPatients,
    step: Step,
) -> Provenance:
    """The provenance of the model with one step more."""
    assert update.method != "none"
    own = model.provenance
    intercept, slope = line_of(update, model.kind)
    extension: tuple[str, ...] = ()
    if update.method in EXTENDING:
        added = patients.design.terms[-patients.added_terms :]
        extension = tuple(term.source for term in added)
    told = Update(
        model=own.study or model.outcome.name,
        version=model_version(model),
        method=update.method,
        choice=step.choice,
        when=step.when,
        n=patients.n,
        n_events=patients.n_events,
        intercept=intercept,
        slope=slope,
        extension=extension,
        shrinkage=update.shrinkage,
    )
    lineage = (*own.lineage, told)
    formula = " + ".join((own.formula, *extension)) if own.formula else ""
    if update.method in REVISING:
        software = Provenance().software
        return replace(
            own,
            estimator="ml",
            data_sha256="",
            software=software,
            lineage=lineage,
            formula=formula,
        )
    return replace(own, lineage=lineage, formula=formula)


def _similar(
    design: Design, beta: FloatArray, patients: NewPatients | FollowedPatients
) -> SimilarPatients | None:
    whole = patients.whole[:, 1:] if isinstance(patients, NewPatients) else patients.whole
    effects = {name: whole[:, place] @ beta[place] for name, place in design.slices.items()}
    codes: Mapping[str, FloatArray] = {name: patients.codes[name] for name in design.variables}
    return similar_patients(design, codes, effects, None)
