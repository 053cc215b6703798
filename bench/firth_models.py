"""Peer's time for Firth's logistic regression with profile limits and tests: firthmodels.

    python firth_models.py patients.csv        waits for a line, does the work, says the seconds

Runs in the environment that holds the peer, which need not be that of vertebrisk.
"""

from __future__ import annotations

import sys
import time
from importlib.metadata import version

import numpy as np
from firthmodels import FirthLogisticRegression

values = np.loadtxt(sys.argv[1], delimiter=",", skiprows=1)
columns, event = values[:, :-1], values[:, -1].astype(int)


def work() -> np.ndarray:
    fit = FirthLogisticRegression().fit(columns, event)
    fit.lrt()
    return np.asarray(fit.conf_int(method="pl"))


print(f"firthmodels {version('firthmodels')}")
print(*work()[: columns.shape[1]].ravel(), flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    work()
    print(time.perf_counter() - start, flush=True)
