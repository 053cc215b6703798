"""Stability selection: halves, what enters first, bounds, and the choice in every resample."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.models.cases import quiet_fit
from tests.models.test_selection_methods import formula, gbsg, names, pima

import vertebrisk as vr
from vertebrisk.errors import ArgumentError, FitError
from vertebrisk.models.development import Selection
from vertebrisk.models.penalised.fit import PenalisedLogisticFit
from vertebrisk.models.selection.stability import Stability, complementary_halves

FEW = Stability(pairs=10, pairs_in_resamples=4, seed=3)


def stable(asked: Stability = FEW) -> Selection:
    return Selection("stability", stability=asked)


# ------------------------------------------------------------------ halves


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.integers(8, 40), st.booleans())
def test_halves_have_nobody_in_common(seed: int, n: int, grouped: bool) -> None:
    rng = np.random.default_rng(seed)
    event = (rng.random(n) < 0.4).astype(np.float64)
    weights = rng.multinomial(n, np.full(n, 1 / n), size=3).astype(np.float64)
    clusters = np.arange(n) // 2 if grouped else None
    halves = complementary_halves(event, weights, np.arange(4), seed, clusters)
    assert halves.shape == (8, 3, n)
    one, other = halves[0::2] > 0, halves[1::2] > 0
    assert not (one & other).any()
    together = halves[0::2] + halves[1::2]
    assert ((together == 0) | (together == weights)).all()
    if clusters is None:
        for group in (event > 0.5, event < 0.5):
            assert_allclose(one[..., group].sum(axis=2), other[..., group].sum(axis=2))
            left = (weights > 0)[:, group].sum(axis=1) - 2 * one[..., group].sum(axis=2)
            assert set(np.unique(left)) <= {0, 1}
    else:
        side = one.astype(int) - other.astype(int)
        drawn = weights > 0
        for first in range(0, n - 1, 2):
            both = drawn[:, first] & drawn[:, first + 1]
            assert (side[:, both, first] == side[:, both, first + 1]).all()


def test_a_split_does_not_depend_on_its_company() -> None:
    event = (np.arange(30) % 3 == 0).astype(np.float64)
    weights = np.ones((2, 30))
    every = complementary_halves(event, weights, np.arange(5), 7)
    alone = complementary_halves(event, weights[:1], np.array([3]), 7)
    assert_allclose(every[6:8, :1], alone)


# ------------------------------------------------------------------ bounds


def test_bounds_by_hand() -> None:
    asked = Stability(threshold=0.75)
    assert asked.chosen_per_half(12) == 2  # the root of half of 12 is 2.4
    assert asked.bound(12) == pytest.approx(4 / 6)
    assert asked.unimodal_bound(12) == pytest.approx(1 / (2 * 0.49) * (2 / 12) * 2)
    strict = Stability(threshold=0.9, per_half=3)
    assert strict.bound(50) == pytest.approx(9 / 40)
    assert strict.unimodal_bound(50) == pytest.approx(4 * 0.11 / 1.02 * 0.06 * 3)
    assert Stability(per_half=9).unimodal_bound(12) is None  # three in four are too many
    assert Stability(per_half=40).chosen_per_half(12) == 12


@given(st.integers(2, 200), st.floats(0.55, 1.0), st.floats(0.2, 5.0))
def test_the_default_keeps_its_bound(candidates: int, threshold: float, wanted: float) -> None:
    asked = Stability(threshold=threshold, expected_false=wanted)
    assert asked.chosen_per_half(candidates) == 1 or asked.bound(candidates) <= wanted * (1 + 1e-6)


# ------------------------------------------------------------------ what is chosen


def test_a_half_chooses_what_enters_the_path_first() -> None:
    fit = quiet_fit(formula(), pima(), select=stable())
    halves = complementary_halves(fit.development.event, np.ones((1, fit.n)), np.arange(2), 3)
    chosen = fit.development._enter(halves[:, 0], 2)
    candidates = np.array([term.name for term in fit.development.design.terms])
    for half, found in zip(halves[:, 0], chosen, strict=True):
        part = pima().filter(pl.Series(half > 0))
        path = quiet_fit(formula(), part, estimator="lasso", penalty=0.01)
        assert isinstance(path, PenalisedLogisticFit)
        steps = path.path().filter(pl.col("estimate") != 0.0, pl.col("term") != "(Intercept)")
        entered = list(dict.fromkeys(steps["term"]))[:2]
        assert set(candidates[found]) == set(entered)


def test_strong_predictors_stay_and_noise_goes() -> None:
    fit = quiet_fit(formula(), pima(), select=stable(Stability(per_half=3, threshold=0.7)))
    assert "glu" in names(fit)
    assert not any(name.startswith("noise") for name in names(fit))
    shares = fit.development.stability_shares(np.ones((1, fit.n)))[0]
    assert_allclose(shares.sum(), 3.0)  # every half chooses three
    assert_allclose(fit.chosen, shares >= 0.7 - 1e-9)
    finding = next(each for each in fit.findings if each.code == "stability-selection")
    assert "at least 70 % of 100 halves of the patients, each of which chose 3" in finding.message
    assert "at most 2 are expected" in finding.message  # 9 / (0.4 * 11) = 2.05


def test_halves_by_the_univariable_screen() -> None:
    asked = Stability(pairs=10, learner="univariable", per_half=2)
    fit = quiet_fit(formula(), pima(), select=stable(asked))
    halves = complementary_halves(fit.development.event, np.ones((1, fit.n)), np.arange(1), 1)
    p_values = fit.development.screen_p_values(halves[:, 0])
    chosen = fit.development._smallest(halves[:, 0], 2)
    for row, found in zip(p_values, chosen, strict=True):
        assert set(np.flatnonzero(found)) == set(np.argsort(row)[:2])


def test_stability_of_a_cox_model_and_its_validation() -> None:
    fit = gbsg(stable(Stability(pairs=10, pairs_in_resamples=3, per_half=2)))
    assert "nodes" in names(fit)
    validation = fit.validate(6, 1)
    assert validation.procedure == "whole procedure"
    assert dict(validation.selected.iter_rows())["nodes"] > 0.5
    assert fit.validate(6, 1).selected.equals(validation.selected)


def test_resamples_do_not_depend_on_their_batch() -> None:
    fit = quiet_fit(formula(), pima(), select=stable())
    rng = np.random.default_rng(4)
    weights = rng.multinomial(fit.n, np.full(fit.n, 1 / fit.n), size=5).astype(np.float64)
    whole = fit.development.stability_shares(weights, repeated=True)
    parts = [fit.development.stability_shares(row[None], repeated=True) for row in weights]
    assert_allclose(whole, np.concatenate(parts))


# ------------------------------------------------------------------ refusals

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"threshold": 0.5}, "threshold is 0.5; stability selection has one above 0.5"),
    ({"threshold": 1.2}, "threshold is 1.2"),
    ({"pairs": 0}, "pairs is 0"),
    ({"per_half": 0}, "per_half is 0"),
    ({"expected_false": 0.0}, "expected_false is 0.0; a number above 0"),
    ({"learner": "forest"}, "learner is 'forest'; allowed are lasso, univariable"),
]


@pytest.mark.parametrize(("options", "message"), REFUSED)
def test_options_that_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        Stability(**options)


def test_stability_belongs_to_its_method() -> None:
    with pytest.raises(ArgumentError, match="stability belongs to method='stability'"):
        Selection("backward", stability=FEW)


def test_three_events_cannot_be_halved() -> None:
    frame = pl.DataFrame({"y": [1, 1, 1] + [0] * 30, "x": np.arange(33.0) % 5})
    with pytest.raises(FitError, match="halves the patients, and 3 have one of the outcomes"):
        quiet_fit("y ~ x", frame, select="stability")


def test_more_candidates_than_events() -> None:
    rng = np.random.default_rng(2)
    columns = {f"x{j}": rng.normal(size=60) for j in range(40)}
    event = columns["x0"] + 0.5 * rng.normal(size=60) > 0.9
    right = " + ".join(columns)
    frame = pl.DataFrame({**columns, "y": event})
    fit = quiet_fit(f"y ~ {right}", frame, select=stable(Stability(pairs=10)), estimator="auto")
    assert names(fit) == ["x0"]
    assert "few-events" in {each.code for each in fit.findings}


def test_imputed_tables_have_no_stability_selection() -> None:
    frame = pima().with_columns(
        bmi=pl.when(pl.arange(0, pl.len()) % 9 == 0).then(None).otherwise("bmi")
    )
    imputed = vr.impute("type == 'Yes' ~ glu + bmi", frame, imputations=2, iterations=1)
    with pytest.raises(ArgumentError, match="select is 'stability'"):
        vr.fit_imputed("type == 'Yes' ~ glu + bmi", imputed, select="stability")


@pytest.mark.slow
def test_noise_alone_stays_within_the_bound() -> None:
    """Ten candidates without any effect, 60 data sets."""
    asked = Stability(pairs=25, threshold=0.6, per_half=3)
    right = " + ".join(f"x{j}" for j in range(10))
    kept = []
    for number in range(60):
        rng = np.random.default_rng(number)
        frame = pl.DataFrame({f"x{j}": rng.normal(size=120) for j in range(10)})
        frame = frame.with_columns(y=pl.Series(rng.random(120) < 0.25))
        kept.append(len(names(quiet_fit(f"y ~ {right}", frame, select=stable(asked)))))
    assert 0.0 < np.mean(kept) < asked.bound(10)
