"""How well does an updated model do, less what it owes to the patients of the update?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import expit

from vertebrisk._checks import check_positive_int, check_seed
from vertebrisk._types import FloatArray, Json
from vertebrisk.design.build import VariableInfo
from vertebrisk.engines.engine import Watch, unwatched
from vertebrisk.errors import FitError
from vertebrisk.kernels.newton import fit_logistic_batch
from vertebrisk.kernels.ranks import auc_batch
from vertebrisk.kernels.resamples import uniform_draws
from vertebrisk.kernels.survival.concordance import concordance_batch
from vertebrisk.kernels.survival.cox import fit_cox_batch
from vertebrisk.kernels.tied import collapse_ties
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.updating.asking import AskedMethod, check_asked, estimated, read_patients
from vertebrisk.models.updating.patients import NewPatients
from vertebrisk.models.updating.survival import FollowedPatients

ENOUGH = 0.9  # share of the resamples that must have a measure for its optimism to be known
SCHEMA = {
    "measure": pl.String,
    "original": pl.Float64,
    "apparent": pl.Float64,
    "optimism": pl.Float64,
    "corrected": pl.Float64,
    "mc_error": pl.Float64,
    "n_resamples": pl.Int64,
}


@dataclass(frozen=True, slots=True, eq=False)
class UpdateValidation:
    """An updated model beside the original one, in the patients of the update.

    Attributes
    ----------
    table : DataFrame
        A row a measure: measure, original (of the model as it came), apparent (of the updated
        one; it was fitted to these patients), optimism, corrected (apparent less optimism),
        mc_error (of the optimism), n_resamples. Measures of a logistic model are c_index,
        brier, in_the_large, slope and observed_expected; of a Cox model c_index (Harrell's)
        and slope. Null where a measure does not exist; optimism, corrected and mc_error also
        where fewer than 9 of 10 resamples have it: those that have it are not like the others.
    methods : mapping of str to int
        How many resamples took each method.
    resamples, seed : int
    failed : mapping of str to int
        Resamples without an update, by reason.
    """

    table: pl.DataFrame
    methods: Mapping[str, int]
    resamples: int
    seed: int
    failed: Mapping[str, int]

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "table": list(self.table.iter_rows(named=True)),
            "methods": dict(self.methods),
            "resamples": self.resamples,
            "seed": self.seed,
            "failed": dict(self.failed),
        }


def validate_update(
    model: RiskModel,
    patients: object,
    *,
    outcome: str,
    method: AskedMethod = "closed-test",
    extension: Sequence[str] = (),
    shrink: bool = False,
    alpha: float = 0.05,
    info: Mapping[str, VariableInfo] | None = None,
    resamples: int = 200,
    seed: int = 1,
    progress: Watch = unwatched,
) -> UpdateValidation:
    """How well does an updated model do, less what it owes to the patients of the update?

    The whole update, the closed test included, is repeated on bootstrap resamples of the
    patients; levels and knots of new predictors stay. What the model of a resample does better
    there than in all patients is its optimism.

    Parameters
    ----------
    model, patients, outcome, method, extension, shrink, alpha, info
        As in `update_model`; patients with a missing outcome or input are left out.
    resamples, seed : int
        Of the bootstrap.
    progress : callable
        Called with the step, and how many resamples are done and to be done.

    Returns
    -------
    UpdateValidation
        The original model met these patients as new ones, so that its numbers are those of an
        external validation; the updated model still needs one.

    Raises
    ------
    ArgumentError, DataError, ExpressionError, FitError, ModelError
        As `update_model`, or for a number of resamples or a seed that is none.

    References
    ----------
    Harrell et al. 1996, doi:10.1002/(SICI)1097-0258(19960229)15:4<361::AID-SIM168>3.0.CO;2-4
    """
    terms = check_asked(model, outcome, method, extension, alpha)
    check_positive_int(resamples, "resamples")
    check_seed(seed)
    used = read_patients(model, patients, outcome, terms, info)
    _, update = estimated(model, used, method, alpha, shrink=shrink)
    original = np.append(model.intercept, model.beta) if model.kind == "logistic" else model.beta
    before, apparent = _measured(original, used), _measured(update.coefficients, used)
    gaps: list[dict[str, float]] = []
    taken: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    for replicate in range(resamples):
        progress("validation", replicate, resamples)
        rows = uniform_draws(seed, np.array([replicate]), used.n, used.n)[0]
        drawn = used.take(rows)
        try:
            _check_classes(drawn)
            _, again = estimated(model, drawn, method, alpha, shrink=shrink)
        except FitError as error:
            failed[str(error)] += 1
            continue
        taken[again.method] += 1
        own, others = _measured(again.coefficients, drawn), _measured(again.coefficients, used)
        gaps.append({name: own[name] - others[name] for name in own})
    rows_ = [_row(name, before[name], apparent[name], gaps, resamples) for name in apparent]
    table = pl.DataFrame(rows_, schema=SCHEMA, orient="row").fill_nan(None)
    return UpdateValidation(table, dict(taken.most_common()), resamples, seed, dict(failed))


def _check_classes(drawn: NewPatients | FollowedPatients) -> None:
    if drawn.n_events == 0 or (isinstance(drawn, NewPatients) and drawn.n_events == drawn.n):
        raise FitError("Only one outcome class was drawn.")


def _row(
    name: str,
    before: float,
    apparent: float,
    gaps: Sequence[Mapping[str, float]],
    resamples: int,
) -> tuple[str, float, float, float, float, float, int]:
    values = np.array([each[name] for each in gaps])
    values = values[np.isfinite(values)]
    if values.size < max(ENOUGH * resamples, 2):
        return name, before, apparent, np.nan, np.nan, np.nan, values.size
    optimism = float(values.mean())
    error = float(values.std(ddof=1) / np.sqrt(values.size))
    return name, before, apparent, optimism, apparent - optimism, error, values.size


def _measured(
    coefficients: FloatArray, patients: NewPatients | FollowedPatients
) -> dict[str, float]:
    if isinstance(patients, FollowedPatients):
        return _followed(patients.whole[:, : coefficients.size] @ coefficients, patients)
    linear = patients.whole[:, : coefficients.size] @ coefficients
    event, everyone = patients.event, np.ones((1, patients.n))
    risk = expit(linear)
    level = fit_logistic_batch(everyone.T, event, everyone, linear)
    line = fit_logistic_batch(np.column_stack([everyone[0], linear]), event, everyone)
    usable = line.converged[0] and not line.deficient[0]
    return {
        "c_index": float(auc_batch(collapse_ties(linear[None], everyone, event))[0]),
        "brier": float(((event - risk) ** 2).mean()),
        "in_the_large": float(level.beta[0, 0]) if level.converged[0] else np.nan,
        "slope": float(line.beta[0, 1]) if usable else np.nan,
        "observed_expected": float(event.sum() / risk.sum()),
    }


def _followed(linear: FloatArray, patients: FollowedPatients) -> dict[str, float]:
    pairs = concordance_batch(patients.times, linear[None], np.ones((1, patients.n)))
    line = fit_cox_batch(linear[:, None], patients.times)
    usable = line.converged[0] and not line.deficient[0]
    return {
        "c_index": float(pairs.index[0]),
        "slope": float(line.beta[0, 0]) if usable else np.nan,
    }
