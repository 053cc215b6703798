"""Backward elimination without refits: against rms::fastbw and rms::validate, and at the edges."""

from __future__ import annotations

import warnings
from typing import Any
from unittest.mock import patch

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from tests.models.cases import quiet_fit, reference_frame, simulated
from tests.reference import loader

from vertebrisk._types import FloatArray
from vertebrisk.errors import ArgumentError, FewEventsWarning
from vertebrisk.kernels.resamples import bootstrap_weights, weights_from_indices
from vertebrisk.models.development import Development, Selection
from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.models.selection.approximate import whole_fits
from vertebrisk.models.survival.fit import CoxFit
from vertebrisk.models.survival.fitting import fit_cox

REFERENCE = loader.load("fastbw")
STUDIES: dict[str, dict[str, Any]] = {**REFERENCE["logistic"], **REFERENCE["cox"]}
NAMES = {
    "Dxy": "dxy",
    "R2": "r2",
    "Intercept": "intercept",
    "Slope": "slope",
    "B": "brier",
    "D": "d",
    "U": "u",
    "Q": "q",
    "g": "g",
}
matrix = pytest.mark.parametrize(
    ("name", "rule"), [(name, rule) for name in STUDIES for rule in ("p", "aic")]
)


def selection(rule: Any) -> Selection:
    return Selection("backward", alpha=0.05, criterion=rule, approximate=True)


def fitted(name: str, rule: str) -> LogisticFit | CoxFit:
    study = STUDIES[name]
    frame = reference_frame({**study, "categories": study["categories"] or {}})
    if name in REFERENCE["logistic"]:
        return quiet_fit(study["formula"], frame, select=selection(rule))
    frame = frame[::3] if name == "rotterdam" else frame
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewEventsWarning)
        return fit_cox(study["formula"], frame, select=selection(rule))


def terms(found: Development) -> list[str]:
    return [term.name for term in found.design.terms]


@matrix
def test_every_step_is_that_of_fastbw(name: str, rule: str) -> None:
    expected = STUDIES[name]["rules"][rule]
    found = fitted(name, rule).development
    whole, _ = whole_fits(found.likelihood, found.matrix, np.ones((1, found.event.size)))
    parts = found._backward.parts
    staying = np.ones(len(found.design.terms), dtype=np.bool_)
    for removed, chi_square in zip(expected["removed"], expected["chi_square"], strict=True):
        position = terms(found).index(removed)
        statistic = whole.statistics(parts)[0, position]
        # rms inverts covariances to a tolerance of 1e-9, and statistics fall to 1e-3
        assert_allclose(statistic, chi_square, rtol=1e-6, atol=1e-9)
        whole = whole.without([parts[position]])
        staying[position] = False
    assert [name for name, kept in zip(terms(found), staying, strict=True) if kept] == expected[
        "kept"
    ]


@matrix
def test_every_resample_keeps_what_rms_keeps(name: str, rule: str) -> None:
    study, fit = STUDIES[name], fitted(name, rule)
    expected = study["rules"][rule]
    assert [term.name for term in fit.design.terms] == expected["kept"]
    weights = weights_from_indices(np.asarray(study["index"]), fit.development.event.size)
    assert_array_equal(fit.development.select(weights), expected["resampled"])


@matrix
def test_validation_is_that_of_rms(name: str, rule: str) -> None:
    study, fit = STUDIES[name], fitted(name, rule)
    found = fit.validate(indices=np.asarray(study["index"])).table
    rows = {row["measure"]: row for row in found.to_dicts()}
    expected = study["rules"][rule]
    seen = 0
    for position, theirs in enumerate(expected["measures"]):
        ours = NAMES.get(theirs)
        if ours not in rows:
            continue
        seen += 1
        for column in ("apparent", "training", "test", "corrected"):
            # coxphFit and lrm.fit end within 1e-8 of the maximum
            assert_allclose(
                rows[ours][column], expected[column][position], rtol=1e-6, atol=1e-7, err_msg=theirs
            )
    assert seen >= 5


def test_it_is_not_the_elimination_by_refits() -> None:
    """On samples of this size the two choose differently now and then."""
    formula = STUDIES["pima_noise"]["formula"]
    frame = reference_frame(STUDIES["pima_noise"])
    fits = [
        quiet_fit(formula, frame, select=Selection("backward", approximate=way))
        for way in (True, False)
    ]
    weights = bootstrap_weights(fits[0].event.size, 200, 3)
    approximate, refitted = (fit.development.select(weights) for fit in fits)
    differing = int((approximate != refitted).any(axis=1).sum())
    assert 1 <= differing < 60


def noisy(seed: int, n: int = 150) -> pl.DataFrame:
    rng = np.random.default_rng([seed, 1])
    return simulated(n, seed).with_columns(pl.Series("c", rng.normal(size=n)))


def chosen(frame: pl.DataFrame, formula: str = "y ~ a + b + c + C(g)") -> FloatArray:
    fit = quiet_fit(formula, frame, select=selection("aic"))
    return np.array([term.name for term in fit.design.terms])


@settings(max_examples=15)
@given(st.integers(0, 10_000))
def test_units_and_order_do_not_matter(seed: int) -> None:
    frame = noisy(seed)
    changed = frame.with_columns(a=pl.col("a") * 1e4 + 300.0).sample(
        fraction=1.0, shuffle=True, seed=seed
    )
    assert_array_equal(chosen(changed), chosen(frame))


def test_a_separated_resample_is_refitted_at_each_step() -> None:
    """Its Wald statistics are zero where the likelihood speaks loudest."""
    rng = np.random.default_rng(5)
    cleft = np.repeat([0.0, 1.0], [100, 30])
    event = np.concatenate([rng.random(100) < 0.5, np.zeros(29, np.bool_), [True]])
    frame = pl.DataFrame({"cleft": cleft, "a": rng.normal(size=130), "y": event})
    fit = quiet_fit("y ~ cleft + a", frame, select=selection("p"))
    weights = np.ones((2, 130))
    weights[1, 129] = 0.0
    found = fit.development.select(weights)
    refits = quiet_fit("y ~ cleft + a", frame, select="backward").development.select(weights)
    _, known = whole_fits(fit.development.likelihood, fit.development.matrix, weights)
    assert known.tolist() == [True, False]
    assert found[:, 0].all()
    assert_array_equal(found, refits)


def test_one_fit_of_each_resample_is_enough() -> None:
    fit = quiet_fit("y ~ a + b + c + C(g)", noisy(2), select=selection("p"))
    weights = bootstrap_weights(150, 40, 1)
    kind = type(fit.development.likelihood)
    with patch.object(kind, "fit", autospec=True, side_effect=kind.fit) as spy:
        fit.development.select(weights)
    assert spy.call_count == 1


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"method": "univariable"}, "approximate belongs to method='backward', and the method is"),
    ({}, "the method is 'prespecified'; leave it out, or select backward"),
]


@pytest.mark.parametrize(("options", "message"), REFUSED)
def test_selections_that_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        Selection(approximate=True, **options)


def test_models_that_are_refused() -> None:
    frame = noisy(1)
    with pytest.raises(ArgumentError, match="of a logistic or Cox model by maximum likelihood"):
        quiet_fit("y ~ a + b", frame, select=selection("p"), estimator="firth")
    with pytest.raises(ArgumentError, match="found with refits at every step"):
        quiet_fit("y ~ fp(a) + b", frame, select=selection("p"))
