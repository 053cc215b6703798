"""Peer of Cox regression, Efron's ties: scikit-survival, which gives no standard errors.

Its argument is the share of the patients that it is run on, from the first on.
"""

from __future__ import annotations

import sys

import numpy as np
from sksurv.linear_model import CoxPHSurvivalAnalysis
from sksurv.util import Surv
from turns import given, turns

x, event = given("x"), given("event")
rows = slice(0, round(float(sys.argv[1]) * event.size))
x = np.ascontiguousarray(x[rows])
outcome = Surv.from_arrays(event[rows].astype(bool), given("time")[rows])


def work() -> CoxPHSurvivalAnalysis:
    return CoxPHSurvivalAnalysis(ties="efron").fit(x, outcome)


turns(["scikit-survival"], work, lambda fit: fit.coef_)
