"""Peer of logistic regression with standard errors: glum."""

from __future__ import annotations

import numpy as np
from glum import GeneralizedLinearRegressor
from turns import given, turns

x, y = given("x"), given("y")


def work() -> np.ndarray:
    fit = GeneralizedLinearRegressor(family="binomial", alpha=0, gradient_tol=1e-8).fit(x, y)
    errors = fit.std_errors(x, y, robust=False, dispersion=1.0)
    return np.concatenate([[fit.intercept_], fit.coef_, errors])


turns(["glum"], work, lambda found: found)
