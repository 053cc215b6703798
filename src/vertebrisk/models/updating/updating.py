"""`update_model`: a risk model and new patients in, the model that suits them out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import polars as pl

from vertebrisk._checks import check_choice, check_fraction
from vertebrisk._types import FloatArray, IntervalKind
from vertebrisk.errors import ArgumentError, FitError, ModelError
from vertebrisk.findings import Finding, by_severity
from vertebrisk.models.inference import INTERCEPT
from vertebrisk.models.portable.describing import Population, Provenance
from vertebrisk.models.portable.identity import model_version
from vertebrisk.models.portable.lineage import Update, UpdateChoice
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.portable.similar import SimilarPatients, similar_patients
from vertebrisk.models.survival.portable import average_risks
from vertebrisk.models.updating.covariance import carried_covariance
from vertebrisk.models.updating.methods import (
    Estimate,
    Method,
    closed_test,
    estimates,
    tests_table,
)
from vertebrisk.models.updating.patients import NewPatients, new_patients
from vertebrisk.models.updating.remarks import few_events, few_of, lost_limits, turned
from vertebrisk.models.updating.survival import (
    as_method,
    check_survival_model,
    followed_patients,
    kept_horizons,
    new_baseline,
    slope_of,
    slope_table,
    stretched_covariance,
)
from vertebrisk.nomogram.build import linear_predictor_ticks

AskedMethod = Literal[
    "closed-test", "none", "in-the-large", "baseline", "recalibration", "revision"
]


@dataclass(frozen=True, slots=True, eq=False)
class UpdatedModel:
    """A model updated to new patients.

    Attributes
    ----------
    model : RiskModel
        The updated one, its lineage in `model.provenance.lineage`; the original itself where
        nothing was changed.
    method : {"none", "in-the-large", "baseline", "recalibration", "revision"}
        What was done.
    choice : {"closed-test", "named"}
        Whether the closed test chose it, or the caller.
    alpha : float
        Level of the tests.
    table : DataFrame
        A row a method: method, df (parameters that it estimates), log_likelihood, lr_original
        and p_original (likelihood-ratio test against the original model, on df), df_left,
        lr_revision and p_revision (against the revision, on df_left), chosen, note (why it
        cannot be estimated; its numbers are then null). Of a Cox model: baseline and
        recalibration by partial likelihood, lr_original against a slope of 1, on df.
    intercept, slope : float or None
        The updated linear predictor is intercept plus slope times the original one; 0 and 1
        where nothing was changed, None after a revision.
    coefficients : DataFrame
        term, level, original, updated; the intercept first where there is one.
    n, n_events : int
        New patients that were used.
    n_dropped : mapping of str to int
        Those left out, by reason.
    findings : tuple of Finding
    """

    model: RiskModel
    method: Method
    choice: UpdateChoice
    alpha: float
    table: pl.DataFrame
    intercept: float | None
    slope: float | None
    coefficients: pl.DataFrame
    n: int
    n_events: int
    n_dropped: Mapping[str, int]
    findings: tuple[Finding, ...]


def update_model(
    model: RiskModel,
    patients: object,
    *,
    outcome: str,
    method: AskedMethod = "closed-test",
    alpha: float = 0.05,
) -> UpdatedModel:
    """How must a model change to suit patients of another place or time?

    Of a logistic model four answers, from least to most: "none" keeps it; "in-the-large" moves
    its intercept; "recalibration" estimates intercept and slope of its linear predictor;
    "revision" estimates every coefficient of its terms anew. The closed test tests the revision
    against the original model, then against in-the-large, then against recalibration, each by
    likelihood ratio at `alpha`, and takes the first that is not rejected, or the revision.

    Of a Cox model two: "baseline" estimates its baseline hazard in the new patients, the
    coefficients kept, and "recalibration" one slope of its linear predictor, too.

    Parameters
    ----------
    model : RiskModel
        Logistic, or Cox with one baseline.
    patients : frame
        One row a patient, with the model's inputs as `RiskModel.predict` reads them.
    outcome : str
        Boolean or 0/1 column, or a rule such as ``vas_1m >= 4``: true is the event. For
        a Cox model ``Surv(time, event)``, times in the model's unit.
    method : {"closed-test", "none", "in-the-large", "baseline", "recalibration", "revision"}
        A Cox model needs one named.
    alpha : float
        Level of the tests.

    Returns
    -------
    UpdatedModel
        Patients whose outcome or input is missing, or unknown to the model, are left out and
        counted. Levels, knots, ranges, codes, rules and how inputs go with each other stay those
        of the original; the validated performance, which was another model's, goes. After
        in-the-large and recalibration the limits of a risk hold the errors of the original
        coefficients and those of the update, patients of both taken for different ones; where
        the original has no model-based limits the updated model has none. Limits after a
        revision are those of maximum likelihood in the new patients. None of them knows that the
        data chose the method. A Cox model keeps those horizons that the new patients reach; its
        limits hold the errors of its original coefficients, of the slope, and of the baseline.
        The population stays that of the original, but a revision's are the new patients, and
        the prevalence for which a model of sampled controls holds is theirs.

    Raises
    ------
    ArgumentError
        For a method or level that is none, or what is no RiskModel.
    DataError, ExpressionError
        A column is missing, no patient is complete, or only one outcome class occurs.
    FitError
        The method, or the revision that the closed test needs, has no finite and unique estimate
        in these patients.
    ModelError
        The model is of another kind or has strata, or its controls were matched, so that it
        has no risk; or a Cox model is asked for what it has not.

    References
    ----------
    Vergouwe et al. 2017, doi:10.1002/sim.7179. Steyerberg et al. 2004, doi:10.1002/sim.1844.
    """
    check_choice(method, "method", AskedMethod)
    check_fraction(alpha, "alpha")
    if not isinstance(outcome, str):
        raise ArgumentError(
            f"outcome is {outcome!r}; a text is needed, such as 'residual_pain', 'vas >= 4' or, "
            "for a Cox model, 'Surv(months, refracture)'."
        )
    _check_model(model)
    if model.kind != "logistic":
        return _updated_cox(model, patients, outcome, as_method(method), alpha)
    if method == "baseline":
        raise ModelError(
            "A logistic model has no baseline hazard; its intercept moves by method='in-the-large'."
        )
    used = new_patients(model, patients, outcome)
    original = np.concatenate([[model.intercept], model.beta])
    found = estimates(original, model.design, used)
    table = tests_table(found)
    choice: UpdateChoice = "closed-test" if method == "closed-test" else "named"
    _check_estimable(found, method)
    chosen = closed_test(table, alpha) if method == "closed-test" else method
    updated = found[chosen]
    intercept, slope = _line(updated)
    findings = [
        *used.findings,
        *few_events(used, "revision" if method == "closed-test" else method),
        *turned(slope),
        *lost_limits(model, chosen),
    ]
    return UpdatedModel(
        model=_updated(model, original, updated, used, choice),
        method=chosen,
        choice=choice,
        alpha=alpha,
        table=table.with_columns(chosen=pl.col("method") == chosen),
        intercept=intercept,
        slope=slope,
        coefficients=_coefficients(model, original, updated.coefficients),
        n=used.n,
        n_events=used.n_events,
        n_dropped=used.n_dropped,
        findings=by_severity(findings),
    )


def _updated_cox(
    model: RiskModel, data: object, outcome: str, method: Method, alpha: float
) -> UpdatedModel:
    used = followed_patients(model, data, outcome)
    found = slope_of(model, used)
    if method == "recalibration" and found.reason:
        raise FitError(
            f"A slope cannot be estimated in these patients: {found.reason}. Use method='baseline'."
        )
    slope = found.slope if method == "recalibration" else 1.0
    horizons, beyond = kept_horizons(model, used)
    beta = slope * model.beta
    baseline = new_baseline(beta, used, horizons)
    linear = used.matrix @ beta
    covariance, kind = model.covariance, model.interval_kind
    if kind != "model-based" or covariance is None:
        covariance, kind = None, "none"
    elif method == "recalibration":
        covariance = stretched_covariance(model.beta, covariance, slope, used)
    n, n_events = used.times.size, int(used.times.event.sum())
    update = replace(
        model,
        beta=beta,
        covariance=covariance,
        draws=None,
        interval_kind=kind,
        baselines=(baseline,),
        horizons=horizons,
        average_risks=average_risks((baseline,), used.times.groups, linear, horizons),
        linear_ticks=linear_predictor_ticks(linear - linear.mean()) + linear.mean(),
        provenance=_told(model, method, (0.0, slope), (n, n_events), "named"),
        performance={},
    )
    parameters = 1 if method == "recalibration" else 0
    findings = [
        *used.findings,
        *beyond,
        *few_of(n_events, "event", parameters, method),
        *turned(slope),
        *lost_limits(model, method),
    ]
    return UpdatedModel(
        model=update,
        method=method,
        choice="named",
        alpha=alpha,
        table=slope_table(found).with_columns(chosen=pl.col("method") == method),
        intercept=0.0,
        slope=slope,
        coefficients=_coefficients(model, model.beta, beta),
        n=n,
        n_events=n_events,
        n_dropped=used.n_dropped,
        findings=by_severity(findings),
    )


def _check_model(model: object) -> None:
    if not isinstance(model, RiskModel):
        raise ArgumentError(
            f"model is a {type(model).__name__}; a RiskModel is needed, such as fit.model or "
            "RiskModel.load(path)."
        )
    if model.kind != "logistic":
        check_survival_model(model)
    if model.population.refuses_risks:
        raise ModelError("Its controls were matched, so the model has no risk to update.")


def _check_estimable(found: Mapping[Method, Estimate], method: AskedMethod) -> None:
    needed: Method = "revision" if method == "closed-test" else method
    if not found[needed].reason:
        return
    possible = [each.method for each in found.values() if each.method != "none" and not each.reason]
    instead = " or ".join(f"method='{each}'" for each in possible)
    what = "The closed test needs the revision, which" if method == "closed-test" else f"A {needed}"
    raise FitError(
        f"{what} cannot be estimated in these patients: {found[needed].reason}. "
        + (f"Use {instead}." if possible else "Collect more patients.")
    )


def _line(updated: Estimate) -> tuple[float | None, float | None]:
    """Intercept and slope upon the original linear predictor."""
    if updated.method == "revision":
        return None, None
    moved = [*updated.moved.tolist(), *(0.0, 1.0)[updated.moved.size :]]
    return float(moved[0]), float(moved[1])


def _updated(
    model: RiskModel,
    original: FloatArray,
    update: Estimate,
    patients: NewPatients,
    choice: UpdateChoice,
) -> RiskModel:
    if update.method == "none":
        return model
    intercept, beta = float(update.coefficients[0]), update.coefficients[1:]
    covariance, kind = _covariance(model, original, update, patients)
    revised = update.method == "revision"
    return replace(
        model,
        intercept=intercept,
        beta=beta,
        covariance=covariance,
        draws=None,
        interval_kind=kind,
        linear_ticks=linear_predictor_ticks(patients.columns @ update.coefficients),
        population=_population(model, patients, revised=revised),
        provenance=_told(
            model, update.method, _line(update), (patients.n, patients.n_events), choice
        ),
        performance={},
        similar_patients=_similar(model, beta, patients) if revised else model.similar_patients,
    )


def _covariance(
    model: RiskModel, original: FloatArray, update: Estimate, patients: NewPatients
) -> tuple[FloatArray | None, IntervalKind]:
    if update.method == "revision":
        return update.inverse, "model-based"
    if model.interval_kind != "model-based" or model.covariance is None:
        return None, "none"
    return carried_covariance(original, model.covariance, update, patients), "model-based"


def _population(model: RiskModel, patients: NewPatients, *, revised: bool) -> Population:
    """Whom the coefficients come from; of sampled controls the risks now hold in new patients."""
    if revised:
        return Population(patients.n, patients.n_events)
    if model.population.design != "case-control":
        return model.population
    return replace(model.population, prevalence=patients.n_events / patients.n)


def _told(
    model: RiskModel,
    method: Method,
    line: tuple[float | None, float | None],
    size: tuple[int, int],
    choice: UpdateChoice,
) -> Provenance:
    """The provenance of the model with one step more; `size` is patients and events."""
    if method == "none":
        return model.provenance
    own = model.provenance
    step = Update(
        model=own.study or model.outcome.name,
        version=model_version(model),
        method=method,
        choice=choice,
        n=size[0],
        n_events=size[1],
        intercept=line[0],
        slope=line[1],
    )
    lineage = (*own.lineage, step)
    if method == "revision":
        software = Provenance().software
        return replace(own, estimator="ml", data_sha256="", software=software, lineage=lineage)
    return replace(own, lineage=lineage)


def _similar(model: RiskModel, beta: FloatArray, patients: NewPatients) -> SimilarPatients | None:
    effects = {
        name: patients.columns[:, 1:][:, place] @ beta[place]
        for name, place in model.design.slices.items()
    }
    return similar_patients(model.design, patients.codes, effects, None)


def _coefficients(model: RiskModel, before: FloatArray, after: FloatArray) -> pl.DataFrame:
    names = [(each.term, each.level) for each in model.design.columns]
    if model.kind == "logistic":
        names = [(INTERCEPT, ""), *names]
    return pl.DataFrame(
        {
            "term": [term for term, _ in names],
            "level": [level for _, level in names],
            "original": before,
            "updated": after,
        },
        schema={
            "term": pl.String,
            "level": pl.String,
            "original": pl.Float64,
            "updated": pl.Float64,
        },
    )
