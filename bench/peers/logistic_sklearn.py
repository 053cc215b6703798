"""Peer of logistic regression: scikit-learn's Newton-Cholesky, with the information by NumPy."""

from __future__ import annotations

import warnings

import numpy as np
from sklearn.linear_model import LogisticRegression
from turns import given, turns

x, y = np.ascontiguousarray(given("x")), given("y")


def work() -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-8).fit(x, y)
    risk = fit.predict_proba(x)[:, 1]
    columns = np.column_stack([np.ones(y.size), x])
    covariance = np.linalg.inv((columns * (risk * (1 - risk))[:, None]).T @ columns)
    return np.concatenate([fit.intercept_, fit.coef_[0], np.sqrt(np.diag(covariance))])


turns(["scikit-learn"], work, lambda found: found)
