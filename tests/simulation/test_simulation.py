"""The simulation does what its page says: patients, estimates, measures, and the page itself."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.simulation import measures, page
from tests.simulation.estimating import ROOT, Estimator, fitted, profile
from tests.simulation.imputing import IMPUTATIONS, ITERATIONS, STREAM, combined, imputed, pooled
from tests.simulation.objectives import peak
from tests.simulation.predicting import (
    RESAMPLES,
    bootstrap_slope,
    heuristic_factor,
    new_patients,
    shrunken,
    true_worth,
)
from tests.simulation.predicting import STREAM as RESAMPLE_STREAM
from tests.simulation.results import effect_key, read_results
from tests.simulation.scenarios import (
    INCOMPLETE,
    PREDICTORS,
    SCENARIOS,
    Cohort,
    Missingness,
    Scenario,
    cohort,
)

from vertebrisk import fit_cox, fit_imputed, fit_logistic, impute
from vertebrisk._types import BoolArray, MeanRisk
from vertebrisk.errors import VertebriskWarning
from vertebrisk.kernels.firth.climbing import climb
from vertebrisk.models.firth.cox import FirthCoxFit
from vertebrisk.models.logistic.fit import LogisticFit

NAMES = [each.name for each in PREDICTORS]
SAME = 1e-6  # searches of one maximum from different sides


def scenario_name(scenario: Scenario) -> str:
    return scenario.name


def frame_of(patients: Cohort) -> pl.DataFrame:
    frame = pl.DataFrame(patients.columns, schema=NAMES).with_columns(event=patients.event)
    return frame.with_columns(time=patients.time) if patients.time.size else frame


def _with_gaps(place: int, patients: Cohort, gaps: BoolArray) -> pl.Series:
    """One predictor with its missing values, levels as texts."""
    values = pl.Series(NAMES[place], patients.columns[:, place])
    if PREDICTORS[place].share is not None:
        values = values.cast(pl.Int64).cast(pl.String)
    known = pl.Series(~gaps[:, place])
    return pl.DataFrame([values]).select(pl.when(known).then(pl.col(values.name))).to_series()


def formula_of(scenario: Scenario) -> str:
    left = "Surv(time, event)" if scenario.kind == "cox" else "event"
    return f"{left} ~ {' + '.join(NAMES)}"


@pytest.mark.parametrize("scenario", SCENARIOS, ids=scenario_name)
def test_events_and_gaps_are_as_many_as_intended(scenario: Scenario) -> None:
    many = [cohort(scenario, 2_000_000 + number) for number in range(400)]
    events = np.array([each.event.sum() for each in many])
    # 400 means of about Poisson counts; four standard errors
    assert abs(events.mean() - scenario.events) < 4.0 * np.sqrt(scenario.events / 400)
    ways: tuple[Missingness, ...] = ("by outcome and age", "by chance")
    for how in ways:
        gaps = np.array([each.missing(how).mean(axis=0) for each in many]).mean(axis=0)
        for column in range(len(PREDICTORS)):
            share = INCOMPLETE.get(column, 0.0)
            error = np.sqrt(share * (1.0 - share) / (400 * scenario.n))
            assert abs(gaps[column] - share) <= 4.0 * error


def test_a_data_set_depends_on_its_number_alone() -> None:
    once, again = (cohort(SCENARIOS[2], 7) for _ in range(2))
    assert (once.columns == again.columns).all()
    assert (once.time == again.time).all()
    assert (once.columns != cohort(SCENARIOS[2], 8).columns).any()


@pytest.mark.parametrize("estimator", ["ml", "firth"])
@pytest.mark.parametrize("scenario", SCENARIOS, ids=scenario_name)
def test_estimates_and_limits_are_those_of_the_product(
    scenario: Scenario, estimator: Estimator
) -> None:
    patients = cohort(scenario, 1)
    found = fitted(patients, estimator)
    assert found.exists
    own, limits = of_the_product(scenario, patients, estimator)
    assert_allclose(found.beta, own["estimate"], rtol=SAME)
    assert_allclose(found.error, own["std_error"], rtol=SAME)
    assert_allclose(found.wald, own[["conf_low", "conf_high"]], rtol=SAME)
    if limits is not None:
        assert_allclose(
            profile(patients, found, estimator), limits[["conf_low", "conf_high"]], rtol=SAME
        )


def as_it_comes(estimator: Estimator) -> MeanRisk | None:
    return "uncorrected" if estimator == "firth" else None


def of_the_product(
    scenario: Scenario, patients: Cohort, estimator: Estimator
) -> tuple[pl.DataFrame, pl.DataFrame | None]:
    """Slopes with Wald's and with profile limits; a Cox model of maximum likelihood has none."""
    formula, frame = formula_of(scenario), frame_of(patients)
    fit: LogisticFit | FirthCoxFit
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", VertebriskWarning)
        if scenario.kind == "logistic":
            fit = fit_logistic(
                formula, frame, estimator=estimator, mean_risk=as_it_comes(estimator)
            )
        else:
            cox = fit_cox(formula, frame, estimator=estimator)
            if not isinstance(cox, FirthCoxFit):
                return cox.coefficients(), None
            fit = cox
    wald, profiled = (fit.coefficients(intervals=kind) for kind in ("wald", "profile"))
    return wald.tail(len(NAMES)), profiled.tail(len(NAMES))


@pytest.mark.parametrize(
    "scenario",
    [pytest.param(each, marks=pytest.mark.slow if each.n == 268 else ()) for each in SCENARIOS],
    ids=scenario_name,
)
def test_imputed_effects_are_those_of_the_product(scenario: Scenario) -> None:
    patients = cohort(scenario, 0)
    gaps = patients.missing("by outcome and age")
    frame = frame_of(patients).with_columns(
        [_with_gaps(each, patients, gaps) for each in range(len(NAMES))]
    )
    data = impute(
        formula_of(scenario), frame, imputations=IMPUTATIONS, iterations=ITERATIONS, seed=STREAM
    )
    tables = imputed([patients], "by outcome and age")[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", VertebriskWarning)
        asked = as_it_comes("firth") if scenario.kind == "logistic" else None
        own = fit_imputed(formula_of(scenario), data, estimator="firth", mean_risk=asked)
    table = own.coefficients().tail(len(NAMES))
    found = pooled(patients, tables, "firth")
    assert_allclose(found.beta, table["estimate"], rtol=SAME)
    assert_allclose(found.error, table["std_error"], rtol=SAME)
    assert_allclose(
        combined(patients, tables, found), table[["conf_low", "conf_high"]], rtol=SAME, atol=SAME
    )


def test_shrinkage_is_that_of_the_product() -> None:
    patients = cohort(SCENARIOS[0], 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", VertebriskWarning)
        fit = fit_logistic(formula_of(SCENARIOS[0]), frame_of(patients))
    plain = fitted(patients, "ml")
    factor = heuristic_factor(plain)
    own = fit.shrunken()
    assert_allclose(factor, own.factor, rtol=SAME)
    coefficients = own.coefficients["shrunken"]
    assert_allclose(shrunken(patients, plain.beta, factor), coefficients, rtol=SAME)
    validation = fit.validate(resamples=RESAMPLES, seed=RESAMPLE_STREAM)
    assert_allclose(bootstrap_slope(patients), validation.corrected("slope"), rtol=1e-4)


def test_a_fit_that_runs_away_is_infinite_in_its_direction() -> None:
    patients = cohort(SCENARIOS[1], 0)
    columns = patients.columns.copy()
    columns[patients.event, 1] = 0.0
    columns[np.flatnonzero(~patients.event)[:9], 1] = 1.0
    found = fitted(replace(patients, columns=columns), "ml")
    assert not found.exists
    assert found.limit[1] == -np.inf
    assert np.isfinite(np.delete(found.limit, 1)).all()
    assert fitted(replace(patients, columns=columns), "firth").exists


def test_the_true_model_is_right_in_new_patients() -> None:
    for scenario in SCENARIOS:
        slope, c_index = true_worth(scenario)
        # true risks leave a logistic slope no chance; times leave a Cox slope about 0.01
        assert abs(slope - 1.0) < (1e-6 if scenario.kind == "logistic" else 0.03)
        assert 0.7 < c_index < 0.8
        assert abs(new_patients(scenario).columns[:, 1].mean() - 0.06) < 0.02


def test_measures_by_hand() -> None:
    values = np.array([1.0, 2.0, 3.0, np.nan, 6.0])
    assert measures.mean(values) == measures.Measured(3.0, np.sqrt(14.0 / 3.0) / 2.0)
    spread = measures.empirical_error(values)
    assert_allclose([spread.value, spread.error], [np.sqrt(14 / 3), np.sqrt(14 / 3 / 6)])
    stated = measures.model_error(np.array([1.0, 1.0, np.nan, np.sqrt(7.0)]))
    assert_allclose([stated.value, stated.error], [np.sqrt(3.0), 2.0 / (2.0 * np.sqrt(3.0))])
    limits = np.array([[0.0, 1.0], [0.6, 2.0], [-np.inf, 0.5], [np.nan, np.nan], [0.0, 0.4]])
    covered = measures.coverage(limits, 0.5)
    assert_allclose([covered.value, covered.error], [0.5, 0.25])
    ordered = np.concatenate([np.arange(99.0), [np.inf]])
    middle = measures.median(ordered)
    assert middle.value == 49.5
    assert_allclose(middle.error, 5.0, atol=0.3)  # half a standard error of 100 uniform ranks
    assert_allclose(measures.distance(np.exp(np.array([1.0, -1.0]))).value, 1.0)


def test_the_pages_are_what_the_results_say() -> None:
    results = read_results()
    assert page.PAGE.read_text(encoding="utf-8") == page.page_text(results)
    assert page.NUMBERS.read_text(encoding="utf-8") == page.numbers_text(results)
    assert len({effect_key(row) for row in results.effects}) == len(results.effects)
    for path in page.PICTURES:
        assert "Simulated data" in path.read_text(encoding="utf-8")


def test_limits_of_three_events_are_found_without_a_warning() -> None:
    """First steps leave the range of doubles; the profiles, walked along, fall as they should."""
    patients = cohort(SCENARIOS[3], 1_000_018)
    kept = patients.take(np.asarray(~patients.missing("by chance").any(axis=1)))
    assert kept.event.sum() == 3
    fit = fitted(kept, "firth")
    own = peak(kept, fit.beta, fit.intercept, penalised=True)
    limits = (profile(kept, fit, "firth") * own.scale[:, None]).T.ravel()
    rows, columns = np.arange(10), np.tile(np.arange(5), 2)
    free = np.ones((10, 5), dtype=np.bool_)
    free[rows, columns] = False
    at = np.tile(own.beta, (10, 1))
    for step in np.linspace(0.0, 1.0, 41)[1:]:
        at[rows, columns] = own.beta[columns] + step * (limits - own.beta[columns])
        found = climb(own.repeated(10), at, free)
        at = found.beta
    assert_allclose(2.0 * (own.value - found.point.value), ROOT**2, rtol=SAME)
