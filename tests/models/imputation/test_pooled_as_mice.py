"""Estimates pooled over imputations: those of R's mice on the same studies, but for its draws."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from tests.reference import loader

import vertebrisk as vr
from vertebrisk._types import FloatArray
from vertebrisk.design.build import VariableInfo

REFERENCE = loader.load("imputation_pooled")
LEVELS = {"o": VariableInfo(levels=("I", "II", "III"))}
STUDIES = 30


def pooled(number: int) -> FloatArray:
    """Estimates and standard errors of one study, shape (2, coefficients)."""
    frame = loader.frame("studies_missing").filter(pl.col("study") == number).drop("study")
    imputed = vr.impute(
        "y ~ z + x + b + g + o",
        frame,
        imputations=20,
        iterations=10,
        seed=number,
        methods={"x": "pmm", "b": "logistic", "g": "polytomous", "o": "ordered"},
        info=LEVELS,
    )
    table = vr.fit_imputed("y ~ x + b + g + o + z", imputed, info=LEVELS).coefficients()
    names = [f"{term} {level}".strip() for term, level in table.select("term", "level").rows()]
    assert names == REFERENCE["term"]
    return table.select("estimate", "std_error").to_numpy().T


@pytest.mark.slow
def test_pooled_estimates_and_errors_are_those_of_mice() -> None:
    found = np.array([pooled(number) for number in range(1, STUDIES + 1)])
    estimate, error = np.array(REFERENCE["estimate"]), np.array(REFERENCE["std_error"])
    apart = (found[:, 0] - estimate) / error.mean(axis=0)
    chance = 3.5 * apart.std(axis=0, ddof=1) / np.sqrt(STUDIES)  # of 20 draws by either
    assert (chance < 0.12).all()
    assert (np.abs(apart.mean(axis=0)) < chance).all()
    wider = np.log(found[:, 1] / error)
    chance = 3.5 * wider.std(axis=0, ddof=1) / np.sqrt(STUDIES)
    assert (chance < 0.06).all()
    # mice draws the levels of g and o by their estimated chances, and no coefficients for them
    more = np.array([name[0] in "go" for name in REFERENCE["term"]]) * 0.03
    assert (wider.mean(axis=0) > -chance).all()
    assert (wider.mean(axis=0) < chance + more).all()
