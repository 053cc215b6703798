"""Validation of models of time to event, compiled and by passes, replicate by replicate."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.kernels.survival.test_spread import drawn, followed

import vertebrisk
from vertebrisk._types import FloatArray
from vertebrisk.kernels import compiled
from vertebrisk.kernels.ranks import auc_batch
from vertebrisk.kernels.survival.concordance import concordance_batch
from vertebrisk.kernels.survival.risk_sets import RiskSets
from vertebrisk.kernels.survival.rowwise import RowwiseFits
from vertebrisk.kernels.tied import TiedScores, collapse_counts, weighted_quantiles
from vertebrisk.models.survival import validating
from vertebrisk.models.survival.fit import CoxFit
from vertebrisk.validation.resampling import Replicates
from vertebrisk.validation.survival.horizon import AtHorizon, extent, room_for_orders
from vertebrisk.validation.survival.indexes import SAME, gini
from vertebrisk.validation.survival.resampling import run_timed_replicates
from vertebrisk.validation.survival.smoothing import SmoothedRisk, calibration_errors

pytest.importorskip("numba")
pytestmark = pytest.mark.filterwarnings("ignore::vertebrisk.errors.VertebriskWarning")

RTOL = 1e-10  # the order of sums differs; Newton carries that no further
GAP = 1e-13  # the smallest differences of risks, which have rounding of their own
NEAR = 1e-9  # what is left of two likelihoods, or of risks read off on the edge of rounding


@pytest.fixture(autouse=True)
def _off_again() -> Iterator[None]:
    yield
    compiled.switch_off()


def scored(size: int, replicates: int, kind: str) -> tuple[FloatArray, FloatArray]:
    """Scores of each replicate and how often patients were drawn."""
    rng = np.random.default_rng(size)
    scores = rng.normal(size=(replicates, size))
    if kind == "tied":
        scores = np.round(scores, 1)
        scores += 1e-11 * rng.random(scores.shape)  # the same but for rounding
    if kind == "far":
        scores[:, 0] = 1e9  # all the others are near to each other beside it
    if kind == "constant":
        scores = np.ones_like(scores)
    weights = drawn(size, replicates)
    if kind == "cases":
        weights = weights * rng.uniform(0.2, 2.0, size)
    return scores, weights


@pytest.mark.parametrize("kind", ["plain", "tied", "constant", "cases", "far"])
@pytest.mark.parametrize("size", [30, 300])
def test_scores_in_their_order(kind: str, size: int) -> None:
    from vertebrisk.kernels.compiled.ordered import areas, quantiles, rankings

    times, _ = followed(size)
    scores, weights = scored(size, 12, kind)
    pairs, difference, extent = rankings(RiskSets.of(times), scores, weights, SAME)
    expected = concordance_batch(times, scores, weights, tolerance=SAME)
    named = ("concordant", "discordant", "tied")
    for found, name in zip(pairs, named, strict=True):
        assert_allclose(found, getattr(expected, name), RTOL, 1e-9, err_msg=name)
    assert_allclose(difference, gini(scores, weights), RTOL, 1e-12)
    present = np.where(weights > 0, scores, np.nan)
    assert_array_equal(extent, np.nanmax(present, axis=1) - np.nanmin(present, axis=1))
    events = weights * (np.arange(size) % 3 == 0)
    counted = collapse_counts(scores, weights, events, SAME)
    assert_allclose(areas(scores, weights, events, SAME), auc_batch(counted), RTOL)
    levels = (0.0, 0.1, 0.5, 0.9, 1.0)
    tied = TiedScores(scores, weights, weights, np.full(12, size))
    if kind != "cases":  # of counts alone it is said how often a value stands
        assert_array_equal(
            quantiles(scores, weights, levels), weighted_quantiles(tied, scores, levels)
        )


def test_risks_by_a_horizon_are_measured_in_one_pass() -> None:
    """Whether the order of other risks is nearly that of these, or no help at all."""
    size, replicates = 200, 12
    times, _ = followed(size)
    scores, weights = scored(size, replicates, "tied")
    weights[3] *= times.exit < np.quantile(times.exit, 0.3)  # nobody is followed so far
    risk = 1.0 / (1.0 + np.exp(-scores))
    turned = np.where(np.arange(replicates)[:, None] % 2 == 0, 1.0 - risk, risk**2)
    status = times.event.astype(np.int64)
    at = [
        AtHorizon.of(times.exit, status, float(by), weights)
        for by in np.quantile(times.exit, [0.3, 0.6])
    ]
    cases = [(at[0], risk), (at[1], risk), (at[1], turned), (at[0], risk[:1])]
    expected = [place.performance(values) for place, values in cases]
    observed = np.where(np.arange(size) % 7 > 0, risk**1.1, np.where(weights > 0, risk, np.nan))
    observed[5] = np.nan
    none = np.zeros((replicates, 3))
    smooth = SmoothedRisk(
        none,
        RowwiseFits(none, none, none, np.ones(replicates, np.bool_)),
        *extent(weights, risk),
        observed,
    )
    errors = calibration_errors(at[0], risk, smooth)
    compiled.warm_up()
    orders = room_for_orders(risk.shape)
    assert orders is not None
    for (place, values), passes in zip(cases, expected, strict=True):
        for name, ours in place.performance(values, orders)._asdict().items():
            assert_allclose(ours, getattr(passes, name), RTOL, 1e-13, err_msg=name)
    assert np.isnan(errors["ici"]).sum() == 1
    for name, ours in calibration_errors(at[0], risk, smooth).items():
        assert_allclose(ours, errors[name], RTOL, GAP, err_msg=name)


def frame(size: int, **changed: object) -> pl.DataFrame:
    rng = np.random.default_rng(size)
    columns = {f"x{place}": rng.normal(size=size) for place in range(3)}
    columns["x1"] = np.round(columns["x1"])
    hazard = np.exp(0.5 * columns["x0"] - 0.4 * columns["x1"])
    lasting = rng.exponential(20.0 / hazard)
    until = rng.uniform(5.0, 60.0, size)
    months, event = np.minimum(lasting, until), lasting <= until
    if changed.get("heavy"):
        months = np.ceil(months / 4.0)
    if changed.get("few"):
        event &= np.arange(size) % 6 == 0
    status = np.where(event, 1, np.where((rng.random(size) < 0.3) & (months < 9.0), 2, 0))
    named = {**columns, "months": months + 0.5, "event": event.astype(int), "status": status}
    named["entry"] = named["months"] * 0.3 * rng.random(size)
    named["centre"] = rng.integers(0, 2, size)
    named["mass"] = rng.uniform(0.5, 2.0, size)
    return pl.DataFrame(named)


def fitted(kind: str) -> CoxFit:
    formula = "Surv(months, event) ~ x0 + x1 + x2"
    if kind == "strata":
        return vertebrisk.fit_cox(formula + " + strata(centre)", frame(260), horizons=(6.0, 20.0))
    if kind == "breslow":
        return vertebrisk.fit_cox(formula, frame(200, heavy=True), ties="breslow", horizons=(3.0,))
    if kind == "late":
        return vertebrisk.fit_cox("Surv(entry, months, event) ~ x0 + x1 + x2", frame(200))
    if kind == "cases":
        return vertebrisk.fit_cox(formula, frame(200), weights="mass", horizons=(9.0,))
    known = {"heavy": frame(240, heavy=True), "few": frame(150, few=True), "plain": frame(240)}
    far = (5.0, float(known[kind]["months"].to_numpy().max()) - 1e-6)
    return vertebrisk.fit_cox(formula, known[kind], horizons=far)


def replicates_of(validate: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> Replicates:
    found: list[Replicates] = []

    def kept(*given: Any, **named: Any) -> Replicates:
        found.append(run_timed_replicates(*given, **named))
        return found[-1]

    with monkeypatch.context() as patch:
        patch.setattr(validating, "run_timed_replicates", kept)
        validate()
    return found[0]


@pytest.mark.parametrize("kind", ["plain", "heavy", "few", "strata", "breslow", "cases", "late"])
def test_each_replicate_of_a_validation(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fit = fitted(kind)

    def validate() -> object:
        return fit.validate(40, 3, fixed=True)

    expected = replicates_of(validate, monkeypatch)
    compiled.warm_up()
    found = replicates_of(validate, monkeypatch)
    for part in ("training", "test"):
        ours, passes = getattr(found, part), getattr(expected, part)
        assert ours.keys() == passes.keys()
        for name, values in passes.items():
            near = NEAR if name in ("u", "q") else GAP if name.startswith("e50") else 0.0
            assert_allclose(ours[name], values, RTOL, near, err_msg=f"{part} {name}")
    for each in fields(Replicates):
        ours, passes = getattr(found, each.name), getattr(expected, each.name)
        if isinstance(passes, np.ndarray):
            assert_allclose(ours, passes, RTOL, 1e-11, err_msg=each.name)
