"""Pooled proportions are those of metafor, with the normal approximation and without."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, special
from tests.reference.loader import load

import vertebrisk as vr
from vertebrisk.errors import ArgumentError, FitError
from vertebrisk.kernels.meta_analysis.binomial_normal import fit_binomial_normal

REFERENCE = load("meta_analysis")
PAIN = ([14, 18, 61, 37], [150, 120, 1120, 268])
NAMES = (
    "estimate", "std_error", "conf_low", "conf_high", "statistic", "p_value", "tau2", "i2", "h2",
    "q", "q_df", "q_p_value", "prediction_low", "prediction_high",
)  # fmt: skip


def set_id(case: dict[str, Any]) -> str:
    return str(case["set"])


@pytest.mark.parametrize("case", REFERENCE["mixed"], ids=set_id)
def test_the_mixed_model_is_that_of_rma_glmm(case: dict[str, Any]) -> None:
    """Searched to the end glmer agrees to its numerical Hessian (1e-6), by default to 1e-4."""
    pooled = vr.pool_proportions(case["events"], case["sizes"], model="binomial-normal")
    for name in NAMES:
        # A far tail of p multiplies the error of the statistic by its square.
        rtol = 1e-4 if name == "p_value" else 3e-6
        assert_allclose(getattr(pooled, name), case[name], rtol=rtol, atol=1e-9, err_msg=name)
    for name in ("estimate", "std_error", "tau2"):
        assert_allclose(getattr(pooled, name), case["default"][name], rtol=1e-4, atol=1e-9)
    assert (pooled.model, pooled.method, pooled.test, pooled.scale) == (
        "binomial-normal", "ML", "z", "logit",
    )  # fmt: skip


@pytest.mark.parametrize("name", REFERENCE["shares"])
def test_logits_of_proportions_are_those_of_escalc(name: str) -> None:
    case = next(each for each in REFERENCE["mixed"] if each["set"] == name)
    sized = vr.logit_proportions(case["events"], case["sizes"])
    assert_allclose(sized.estimates, REFERENCE["shares"][name]["estimates"], rtol=1e-13)
    assert_allclose(sized.std_errors, REFERENCE["shares"][name]["std_errors"], rtol=1e-13)


def test_residual_pain_over_four_studies() -> None:
    """The worked example: logits by REML with Hartung and Knapp, and counts."""
    normal = vr.pool_proportions(*PAIN)
    reference = next(
        case
        for case in REFERENCE["pooled"]
        if (case["set"], case["method"], case["test"]) == ("pain", "REML", "knha")
    )
    natural = normal.natural()
    for name in ("estimate", "conf_low", "conf_high", "prediction_low", "prediction_high"):
        assert_allclose(getattr(natural, name), special.expit(reference[name]), rtol=1e-6)
    mixed = vr.pool_proportions(*PAIN, model="binomial-normal").natural()
    assert mixed.estimate == pytest.approx(0.0985280, rel=1e-4)
    assert normal.to_dict()["natural"]["estimate"] == natural.estimate


def test_the_quadrature_comes_near_the_integral() -> None:
    """At the fitted values the likelihood of each study, integrated outright, is nearly it."""
    x, n = np.array([0.0, 3.0, 9.0]), np.array([20.0, 25.0, 30.0])
    fit = fit_binomial_normal(x, n, points=25)
    assert fit is not None
    tau = np.sqrt(fit.tau2)
    total = 0.0
    for events, size in zip(x, n, strict=True):

        def density(u: float, events: float = events, size: float = size) -> float:
            p = special.expit(fit.beta + tau * u)
            return float(p**events * (1 - p) ** (size - events) * np.exp(-(u**2) / 2))

        total += np.log(integrate.quad(density, -12, 12, epsabs=0)[0] / np.sqrt(2 * np.pi))
    assert fit.log_likelihood == pytest.approx(total, rel=1e-8)


def test_events_and_others_change_places() -> None:
    for model in ("normal", "binomial-normal"):
        x, n = np.array([0, 4, 7, 2]), np.array([30, 60, 45, 80])
        one = vr.pool_proportions(x, n, model=model)
        other = vr.pool_proportions(n - x, n, model=model)
        assert_allclose(other.estimate, -one.estimate, rtol=1e-8)
        assert_allclose([other.std_error, other.tau2], [one.std_error, one.tau2], rtol=1e-6)


def test_the_order_of_studies_is_of_no_account() -> None:
    x, n = np.array([0, 4, 7, 2]), np.array([30, 60, 45, 80])
    one = vr.pool_proportions(x, n, model="binomial-normal")
    other = vr.pool_proportions(x[::-1], n[::-1], model="binomial-normal")
    assert_allclose([other.estimate, other.tau2], [one.estimate, one.tau2], rtol=1e-9)


def test_one_proportion_in_all_studies_is_a_plain_proportion() -> None:
    pooled = vr.pool_proportions([5, 10, 20], [50, 100, 200], model="binomial-normal")
    assert pooled.tau2 == 0.0
    assert pooled.natural().estimate == pytest.approx(0.1, rel=1e-12)
    assert pooled.std_error == pytest.approx(1 / np.sqrt(350 * 0.09), rel=1e-6)


def test_empty_cells_are_said() -> None:
    normal = vr.pool_proportions([0, 3, 4], [20, 25, 30])
    assert "empty-cells" in {finding.code for finding in normal.findings}
    mixed = vr.pool_proportions([0, 3, 4], [20, 25, 30], model="binomial-normal")
    assert "empty-cells" not in {finding.code for finding in mixed.findings}


@pytest.mark.parametrize(
    ("events", "sizes", "says"),
    [
        ([0, 0], [20, 30], "No patient of any study has the event"),
        ([20, 30], [20, 30], "Every patient of any study has the event"),
        ([0, 40], [40, 40], "no finite maximum"),
    ],
)
def test_no_finite_estimate_is_said(events: Any, sizes: Any, says: str) -> None:
    with pytest.raises(FitError, match=says):
        vr.pool_proportions(events, sizes, model="binomial-normal")


@pytest.mark.parametrize(
    ("events", "sizes", "options", "says"),
    [
        ([1], [20], {}, "1 study was given"),
        ([1, 2.5], [20, 30], {}, "events is not a whole number of 0 or more in study 2"),
        ([1, -2], [20, 30], {}, "events is not a whole number of 0 or more in study 2"),
        ([1, 2], [20, 0], {}, "sizes is zero in study 2"),
        ([1, 31], [20, 30], {}, "events is above sizes in study 2"),
        ([1, 2, 3], [20, 30], {}, "sizes has 2 values where there are 3 studies"),
        ([1, 2], [20, 30], {"model": "beta"}, "model is 'beta'"),
    ],
)
def test_wrong_counts_are_one_line(events: Any, sizes: Any, options: Any, says: str) -> None:
    with pytest.raises(ArgumentError, match=says):
        vr.pool_proportions(events, sizes, **options)
