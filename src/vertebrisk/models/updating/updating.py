"""`update_model`: a risk model and new patients in, the model that suits them out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from vertebrisk._types import Json
from vertebrisk.design.build import VariableInfo
from vertebrisk.findings import Finding, by_severity
from vertebrisk.models.inference import INTERCEPT
from vertebrisk.models.portable.identity import model_version
from vertebrisk.models.portable.lineage import UpdateChoice
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.updating.asking import AskedMethod, check_asked, estimated, read_patients
from vertebrisk.models.updating.methods import Method, tests_table
from vertebrisk.models.updating.patients import NewPatients
from vertebrisk.models.updating.remaking import Step, line_of, remade_cox, remade_logistic
from vertebrisk.models.updating.remarks import asks_for_all, few_of, lost_limits, too_late, turned
from vertebrisk.models.updating.survival import kept_horizons


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

    def to_dict(self) -> Json:
        """JSON form; of the model its version and lineage, `model.to_dict()` is the rest."""
        return {
            "n": self.n,
            "n_events": self.n_events,
            "n_dropped": dict(self.n_dropped),
            "method": self.method,
            "choice": self.choice,
            "alpha": self.alpha,
            "tests": list(self.table.iter_rows(named=True)),
            "intercept": self.intercept,
            "slope": self.slope,
            "shrinkage": self.shrinkage,
            "coefficients": list(self.coefficients.iter_rows(named=True)),
            "model_version": model_version(self.model),
            "lineage": [each.to_dict() for each in self.model.provenance.lineage],
            "findings": [each.to_dict() for each in self.findings],
        }


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
    terms = check_asked(model, outcome, method, extension, alpha, when)
    used = read_patients(model, patients, outcome, terms, info)
    found, update = estimated(model, used, method, alpha, shrink=shrink)
    step = Step("closed-test" if method == "closed-test" else "named", when)
    more: list[Finding] = []
    if isinstance(used, NewPatients):
        remade = remade_logistic(model, update, used, step)
    else:
        horizons, more = kept_horizons(model, used)
        remade = remade_cox(model, update, used, step, horizons)
    intercept, slope = line_of(update, model.kind)
    return UpdatedModel(
        model=remade,
        method=update.method,
        choice=step.choice,
        alpha=alpha,
        table=tests_table(found).with_columns(chosen=pl.col("method") == update.method),
        intercept=intercept,
        slope=slope,
        shrinkage=update.shrinkage,
        coefficients=_coefficients(model, remade),
        n=used.n,
        n_events=used.n_events,
        n_dropped=used.n_dropped,
        findings=by_severity(
            (
                *used.findings,
                *more,
                *few_of(used, found, method),
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
