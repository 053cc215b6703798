"""`update_model`: a risk model and new patients in, the model that suits them out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from vertebrisk._checks import check_choice, check_fraction
from vertebrisk.design.build import VariableInfo
from vertebrisk.errors import ArgumentError, FitError, ModelError
from vertebrisk.findings import Finding, by_severity
from vertebrisk.models.inference import INTERCEPT
from vertebrisk.models.portable.lineage import UpdateChoice, is_date
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.updating.extension import extending_terms
from vertebrisk.models.updating.methods import (
    EXTENDING,
    REVISING,
    Estimate,
    Method,
    closed_test,
    drawn_in,
    estimates,
    levelled,
    tests_table,
)
from vertebrisk.models.updating.patients import NewPatients, new_patients
from vertebrisk.models.updating.remaking import Step, line_of, remade_cox, remade_logistic
from vertebrisk.models.updating.remarks import asks_for_all, few_of, lost_limits, too_late, turned
from vertebrisk.models.updating.survival import (
    FollowedPatients,
    check_survival_model,
    followed_patients,
    hazard_estimates,
    kept_horizons,
)

AskedMethod = Literal[
    "closed-test",
    "none",
    "in-the-large",
    "baseline",
    "recalibration",
    "extension",
    "revision",
    "revised-extension",
]
OF_LOGISTIC: tuple[Method, ...] = ("none", "in-the-large")
OF_COX: tuple[Method, ...] = ("baseline",)


@dataclass(frozen=True, slots=True, eq=False)
class UpdatedModel:
    """A model updated to new patients.

    Attributes
    ----------
    model : RiskModel
        The updated one, its lineage in `model.provenance.lineage`; the original itself where
        nothing was changed.
    method : Method
        What was done: none, in-the-large, baseline, recalibration, extension, revision or
        revised-extension.
    choice : {"closed-test", "named"}
        Whether the closed test chose it, or the caller.
    alpha : float
        Level of the tests.
    table : DataFrame
        A row a method: method, df (parameters that it estimates), log_likelihood, lr_original
        and p_original (likelihood-ratio test against the original model, on df), df_left,
        lr_left and p_left (of the largest model, the last row, against it, on df_left),
        chosen, note (why it cannot be estimated; its numbers are then null). Of a Cox model by
        partial likelihood, from the baseline on.
    intercept, slope : float or None
        The updated linear predictor is intercept plus slope times the original one, plus what
        extends it; 0 and 1 where nothing was changed, None where every coefficient is new.
    shrinkage : float or None
        Share of the way from the recalibrated model that was gone; None without shrinkage.
    coefficients : DataFrame
        term, level, original (null for a new predictor), updated; the intercept first where
        there is one.
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
    shrinkage: float | None
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
    extension: Sequence[str] = (),
    shrink: bool = False,
    alpha: float = 0.05,
    info: Mapping[str, VariableInfo] | None = None,
    when: str = "",
) -> UpdatedModel:
    """How must a model change to suit patients of another place or time?

    From least to most: "none" keeps a logistic model; "in-the-large" moves its intercept;
    "recalibration" estimates intercept and slope of its linear predictor; "extension" those and
    the coefficients of new predictors beside it; "revision" every coefficient of its terms
    anew; "revised-extension" all of them and the new ones. The closed test tests the largest of
    these (the revision, or with an extension the revised one) against each of the others in
    this order, by likelihood ratio at `alpha`, and takes the first that is not rejected, or the
    largest.

    Of a Cox model the baseline hazard is always that of the new patients: "baseline" keeps the
    coefficients, and "recalibration", "extension", "revision" and "revised-extension" are as
    above without intercept, by partial likelihood.

    Parameters
    ----------
    model : RiskModel
        Logistic, or Cox with one baseline.
    patients : frame
        One row a patient, with the model's inputs as `RiskModel.predict` reads them.
    outcome : str
        Boolean or 0/1 column, or a rule such as ``vas_1m >= 4``: true is the event. For
        a Cox model ``Surv(time, event)``, times in the model's unit.
    method : AskedMethod
        "closed-test", or one of the above.
    extension : sequence of str
        Terms of predictors that the model has not, as in a formula: ``["t_score",
        "rcs(ct_value, 4)"]``. Their levels, knots and ranges are those of the new patients.
    shrink : bool
        Draw a revision or extension towards the recalibrated model: of the way there the share
        1 - df / LR is gone, LR and df those of its test against the recalibration. The
        intercept is then estimated anew, and there are no limits.
    alpha : float
        Level of the tests.
    info : mapping, optional
        Labels, units and level orders of the new predictors.
    when : str
        Date of the update for the lineage: ``2026``, ``2026-03`` or ``2026-03-14``.

    Returns
    -------
    UpdatedModel
        Patients whose outcome or input is missing, or unknown to the model, are left out and
        counted. Levels, knots, ranges, codes, rules and how inputs go with each other stay those
        of the original (an extended model averages over no missing input); the validated
        performance, which was another model's, goes. After in-the-large, recalibration and
        extension the limits of a risk hold the errors of the original coefficients and those of
        the update, patients of both taken for different ones; where the original has no
        model-based limits the updated model has none. Limits after a revision are those of
        maximum likelihood in the new patients. None of them knows that the data chose the
        method. A Cox model keeps those horizons that the new patients reach; its limits hold
        the errors of its original coefficients, of the update, and of the baseline. The
        population stays that of the original, but a revision's are the new patients, and the
        prevalence for which a model of sampled controls holds is theirs.

    Raises
    ------
    ArgumentError
        For a method, level or date that is none, what is no RiskModel, or an extension by what the
        model has already.
    DataError, ExpressionError
        A column is missing, no patient is complete, or only one outcome class occurs.
    FitError
        The method, or the largest model that the closed test needs, has no finite and unique
        estimate in these patients, or would be extended on fewer events, or non-events, than
        it has parameters.
    ModelError
        The model is of another kind or has strata, or its controls were matched, so that it
        has no risk; or a model is asked for what its kind has not.

    References
    ----------
    Vergouwe et al. 2017, doi:10.1002/sim.7179. Steyerberg et al. 2004, doi:10.1002/sim.1844,
    on extension and shrinkage.
    """
    check_choice(method, "method", AskedMethod)
    check_fraction(alpha, "alpha")
    _check_outcome(outcome)
    _check_date(when)
    _check_model(model)
    _check_method(model, method, extension)
    terms = extending_terms(model.design, extension)
    choice: UpdateChoice = "closed-test" if method == "closed-test" else "named"
    if model.kind == "logistic":
        used = new_patients(model, patients, outcome, terms, info)
        original = np.concatenate([[model.intercept], model.beta])
        found = estimates(original, used)
        update = _asked(found, method, alpha, shrink=shrink)
        if update.shrinkage is not None:
            update = levelled(update, used)
        remade = remade_logistic(model, original, update, used, Step(choice, when))
        smaller = min(used.n_events, used.n - used.n_events)
        noun = "event" if smaller == used.n_events else "non-event"
        return _result(
            model,
            remade,
            found,
            update,
            used,
            alpha,
            choice,
            (*used.findings, *few_of(smaller, noun, found, method)),
        )
    followed = followed_patients(model, patients, outcome, terms, info)
    found = hazard_estimates(model, followed)
    update = _asked(found, method, alpha, shrink=shrink)
    horizons, beyond = kept_horizons(model, followed)
    remade = remade_cox(model, update, followed, Step(choice, when), horizons)
    findings = (*followed.findings, *beyond, *few_of(followed.n_events, "event", found, method))
    return _result(model, remade, found, update, followed, alpha, choice, findings)


def _check_outcome(outcome: object) -> None:
    if not isinstance(outcome, str):
        raise ArgumentError(
            f"outcome is {outcome!r}; a text is needed, such as 'residual_pain', 'vas >= 4' or, "
            "for a Cox model, 'Surv(months, refracture)'."
        )


def _check_date(when: object) -> None:
    if when != "" and not (isinstance(when, str) and is_date(when)):
        raise ArgumentError(
            f"when is {when!r}; a date is needed, such as '2026-03' or '2026-03-14'."
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


def _check_method(model: RiskModel, method: AskedMethod, extension: Sequence[str]) -> None:
    if model.kind == "logistic" and method in OF_COX:
        raise ModelError(
            "A logistic model has no baseline hazard; its intercept moves by method='in-the-large'."
        )
    if model.kind != "logistic" and method in OF_LOGISTIC:
        raise ModelError(
            f"method is '{method}', and a Cox model has no intercept: in new patients its baseline "
            "hazard is estimated anew, by method='baseline', the coefficients kept."
        )
    if method in EXTENDING and not extension:
        raise ArgumentError(
            f"method is '{method}', and extension names no term; name new predictors, such as "
            "extension=['t_score']."
        )
    if extension and method not in (*EXTENDING, "closed-test"):
        raise ArgumentError(
            f"extension names new predictors, and the method '{method}' takes none; use "
            "method='extension', 'revised-extension' or 'closed-test'."
        )


def _asked(
    found: Mapping[Method, Estimate], method: AskedMethod, alpha: float, *, shrink: bool
) -> Estimate:
    """The estimate that was named, or that the closed test takes."""
    largest = list(found)[-1]
    needed: Method = largest if method == "closed-test" else method
    if found[needed].reason:
        raise FitError(_not_possible(found, needed, method))
    chosen = closed_test(tests_table(found), alpha) if method == "closed-test" else method
    update = found[chosen]
    if not shrink or not (chosen in REVISING or chosen in EXTENDING):
        return update
    if found["recalibration"].reason:
        raise FitError(
            "Nothing can be shrunk towards the recalibrated model, which cannot be estimated in "
            f"these patients: {found['recalibration'].reason}. Leave shrink out."
        )
    return drawn_in(found, chosen)


def _not_possible(found: Mapping[Method, Estimate], needed: Method, method: AskedMethod) -> str:
    possible = [each.method for each in found.values() if each.method != "none" and not each.reason]
    instead = " or ".join(f"method='{each}'" for each in possible)
    named = {"revised-extension": "revised extension"}.get(needed, str(needed))
    article = "An" if named == "extension" else "A"
    what = f"The closed test needs the {named}, which" if method == "closed-test" else ""
    return (
        f"{what or f'{article} {named}'} cannot be estimated in these patients: "
        f"{found[needed].reason}. " + (f"Use {instead}." if possible else "Collect more patients.")
    )


def _result(
    model: RiskModel,
    remade: RiskModel,
    found: Mapping[Method, Estimate],
    update: Estimate,
    patients: NewPatients | FollowedPatients,
    alpha: float,
    choice: UpdateChoice,
    findings: Iterable[Finding],
) -> UpdatedModel:
    intercept, slope = line_of(update, model.kind)
    return UpdatedModel(
        model=remade,
        method=update.method,
        choice=choice,
        alpha=alpha,
        table=tests_table(found).with_columns(chosen=pl.col("method") == update.method),
        intercept=intercept,
        slope=slope,
        shrinkage=update.shrinkage,
        coefficients=_coefficients(model, remade),
        n=patients.n,
        n_events=patients.n_events,
        n_dropped=patients.n_dropped,
        findings=by_severity(
            (
                *findings,
                *turned(slope),
                *lost_limits(model, update),
                *asks_for_all(model, remade),
                *too_late(model, remade),
            )
        ),
    )


def _coefficients(before: RiskModel, after: RiskModel) -> pl.DataFrame:
    names = [(each.term, each.level) for each in after.design.columns]
    old, new = before.beta, after.beta
    old = np.pad(old, (0, new.size - old.size), constant_values=np.nan)
    if after.kind == "logistic":
        names = [(INTERCEPT, ""), *names]
        old, new = np.append(before.intercept, old), np.append(after.intercept, new)
    return pl.DataFrame(
        {
            "term": [term for term, _ in names],
            "level": [level for _, level in names],
            "original": old,
            "updated": new,
        },
        schema={
            "term": pl.String,
            "level": pl.String,
            "original": pl.Float64,
            "updated": pl.Float64,
        },
    ).with_columns(pl.col("original").fill_nan(None))
