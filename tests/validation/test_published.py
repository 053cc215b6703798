"""What other programs printed of their own examples."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from tests.models.cases import quiet_fit
from tests.reference import loader

from vertebrisk.validation.results import Validation

# README of pminternal 0.1: validate(glm(y ~ .), method = "boot_optimism", B = 100).
PMINTERNAL = {
    "c_index": (0.8567, 0.0093, 0.8474),
    "brier": (0.1423, -0.0054, 0.1477),
    "intercept": (0.0000, 0.0175, -0.0175),
    "slope": (1.0000, 0.0529, 0.9471),
}


@pytest.fixture(scope="module")
def validation() -> Validation:
    terms = " + ".join(f"X{number}" for number in range(1, 11))
    fit = quiet_fit(f"y ~ {terms}", loader.frame("ten_normals"))
    return fit.validate(indices=np.asarray(loader.load("published")["index"]))


@pytest.mark.parametrize("measure", list(PMINTERNAL))
def test_the_optimism_bootstrap_is_the_one_that_pminternal_printed(
    validation: Validation, measure: str
) -> None:
    row = validation.table.row(by_predicate=pl.col("measure") == measure, named=True)
    found = [row["apparent"], row["optimism"], row["corrected"]]
    # Four decimals are printed.
    np.testing.assert_allclose(found, PMINTERNAL[measure], atol=0.5e-4)
