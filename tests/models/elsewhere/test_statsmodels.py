"""Models of statsmodels give its own risks and intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as api
import statsmodels.formula.api as formulas

import vertebrisk as vr
from vertebrisk.errors import ModelError

# Sums of a few products in another order: some units in the last place of the risk.
TOLERANCE = 1e-12


@pytest.mark.parametrize(
    "formula",
    [
        "pain ~ age",
        "pain ~ age + C(grade) + np.log(bmi) + sex + age:C(grade)",
        "pain ~ C(grade, Treatment(reference='mid')) * sex + np.sqrt(bmi)",
        "pain ~ age + I(bmi ** 2) + grade",
    ],
)
def test_risks_and_intervals_are_those_of_logit(patients: pd.DataFrame, formula: str) -> None:
    results = formulas.logit(formula, patients).fit(disp=0)
    model = vr.RiskModel.from_statsmodels(results)
    found = model.predict(patients)
    np.testing.assert_allclose(found["risk"], results.predict(patients), atol=TOLERANCE)
    design = results.model.exog
    linear = design @ results.params.to_numpy()
    error = np.sqrt(np.einsum("ij,jk,ik->i", design, results.cov_params().to_numpy(), design))
    low = 1 / (1 + np.exp(-(linear - 1.959963984540054 * error)))
    np.testing.assert_allclose(found["conf_low"], low, atol=1e-10)
    assert (model.population.n, model.population.n_events) == (400, int(patients.pain.sum()))
    assert model.nomogram().points.height > 0


def test_columns_without_a_formula_and_a_glm(patients: pd.DataFrame) -> None:
    columns = api.add_constant(patients[["age", "bmi", "sex"]])
    results = api.GLM(patients.pain, columns, family=api.families.Binomial()).fit()
    model = vr.RiskModel.from_statsmodels(results)
    found = model.predict(patients)["risk"]
    np.testing.assert_allclose(found, results.predict(columns), atol=TOLERANCE)
    assert model.outcome.name == "pain"


def test_rows_that_stand_for_several_patients_are_counted_so(patients: pd.DataFrame) -> None:
    family = api.families.Binomial()
    twice = np.full(len(patients), 2)
    results = formulas.glm("pain ~ age", patients, family=family, freq_weights=twice).fit()
    population = vr.RiskModel.from_statsmodels(results).population
    assert (population.n, population.n_events) == (800, 2 * int(patients.pain.sum()))


def test_a_penalised_fit_has_no_intervals(patients: pd.DataFrame) -> None:
    centred = patients.assign(age=patients.age - 70)
    family = api.families.Binomial()
    results = formulas.glm("pain ~ age", centred, family=family).fit_regularized(alpha=0.01)
    model = vr.RiskModel.from_statsmodels(results)
    found = model.predict(centred)
    np.testing.assert_allclose(found["risk"], results.predict(centred), atol=TOLERANCE)
    assert found["conf_low"].null_count() == len(patients)


def test_a_cox_model_has_breslows_baseline(patients: pd.DataFrame) -> None:
    columns = patients[["age", "bmi"]]
    results = api.PHReg(patients.time, columns, status=patients.event, ties="breslow").fit()
    model = vr.RiskModel.from_statsmodels(results, horizons=(12, 24))
    fit = vr.fit_cox("Surv(time, event) ~ age + bmi", patients, ties="breslow", horizons=(12, 24))
    own = fit.model.predict(patients, horizon=24)["risk"]
    # Both search for the maximum; statsmodels stops at about 1e-7 of it.
    np.testing.assert_allclose(model.predict(patients, horizon=24)["risk"], own, atol=1e-6)


def test_what_is_no_risk_model_is_said(patients: pd.DataFrame) -> None:
    probit = formulas.probit("pain ~ age", patients).fit(disp=0)
    with pytest.raises(ModelError, match="Probit of statsmodels is no risk model"):
        vr.RiskModel.from_statsmodels(probit)
    log = api.families.Binomial(link=api.families.links.CLogLog())
    glm = formulas.glm("pain ~ age", patients, family=log).fit()
    with pytest.raises(ModelError, match="binomial with the logit link"):
        vr.RiskModel.from_statsmodels(glm)
    spline = formulas.logit("pain ~ bs(age, df=4)", patients).fit(disp=0)
    with pytest.raises(ModelError, match="a portable model does not have"):
        vr.RiskModel.from_statsmodels(spline)
    bare = formulas.logit("pain ~ age - 1", patients).fit(disp=0)
    with pytest.raises(ModelError, match="no intercept"):
        vr.RiskModel.from_statsmodels(bare)
    with pytest.raises(ModelError, match="takes the results of a fit"):
        vr.RiskModel.from_statsmodels(patients)
