"""Peer of Firth's logistic regression with profile limits and tests: firthmodels."""

from __future__ import annotations

import numpy as np
from firthmodels import FirthLogisticRegression
from turns import given, turns

columns, event = given("x"), given("y").astype(int)


def work() -> np.ndarray:
    fit = FirthLogisticRegression().fit(columns, event)
    fit.lrt()
    return np.asarray(fit.conf_int(method="pl"))


turns(["firthmodels"], work, lambda limits: limits[: columns.shape[1]])
