"""`CoxFit.validate`: against rms::validate.cph, against single fits, and at the edges."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.reference.loader import frame, load

from vertebrisk._types import IntArray
from vertebrisk.errors import ArgumentError, FewEventsWarning
from vertebrisk.kernels.resamples import bootstrap_weights
from vertebrisk.kernels.survival import rowwise
from vertebrisk.kernels.survival.concordance import concordance_batch
from vertebrisk.models.survival.fit import CoxFit
from vertebrisk.models.survival.fitting import fit_cox
from vertebrisk.validation.survival.decision import net_benefits
from vertebrisk.validation.survival.horizon import AtHorizon
from vertebrisk.validation.survival.indexes import gini

RTOL = 1e-7  # every fit of the reference is iterated to a relative change of 1e-13
CASES = sorted(name for name in load("cox_validate") if name not in ("name", "versions"))
THRESHOLDS = np.array([0.1, 0.3, 0.5])


def quiet(formula: str, data: object, **options: Any) -> CoxFit:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewEventsWarning)
        return fit_cox(formula, data, **options)


def values(table: pl.DataFrame, column: str) -> dict[str, float]:
    return dict(zip(table["measure"], table[column], strict=True))


@pytest.mark.parametrize("name", CASES)
def test_indexes_are_those_of_rms(name: str) -> None:
    case = load("cox_validate")[name]
    fit = quiet(case["formula"], frame(case["data"]), ties=case["ties"])
    found = fit.validate(indices=np.array(case["indices"]), horizons=[float(fit.horizons[0])])
    for column in ("apparent", "training", "test", "corrected"):
        got = values(found.table, column)
        for measure, wanted in zip(case["measures"], case[column], strict=True):
            assert_allclose(
                got[measure], wanted, rtol=RTOL, atol=1e-9, err_msg=f"{column} {measure}"
            )
    assert_allclose(fit.summary().r2, case["rms_r2"], rtol=1e-8)
    assert found.seed is None
    assert found.resamples == len(case["indices"])


def patients(n: int = 150, seed: int = 3) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    a, b, c = rng.normal(size=(3, n))
    lasting = rng.exponential(20 * np.exp(-0.7 * a + 0.4 * b))
    censored = rng.uniform(4, 40, n)
    return pl.DataFrame(
        {
            "months": np.minimum(lasting, censored).round(1) + 0.1,
            "leak": lasting <= censored,
            "a": a,
            "b": b,
            "c": c,
            "side": rng.choice(["left", "right"], n),
            "patient": np.arange(n) // 2,
        }
    )


def drawn(n: int, resamples: int, seed: int) -> IntArray:
    return np.random.default_rng(seed).integers(0, n, (resamples, n))


@pytest.mark.parametrize("right", ["a + b + c", "a + b + strata(side)"])
def test_each_horizon_is_what_single_fits_give(right: str) -> None:
    """Refitting on the drawn rows, and measuring by hand, gives training and test."""
    data, horizon = patients(), 12.0
    formula = f"Surv(months, leak) ~ {right}"
    fit = quiet(formula, data, horizons=[horizon, 24.0])
    indices = drawn(150, 6, 1)
    found = fit.validate(indices=indices, thresholds=THRESHOLDS).at(horizon)
    everyone = np.ones((1, 150))
    status = fit.event.astype(np.int64)
    rows: dict[str, list[tuple[float, float]]] = {"auc": [], "brier": [], "observed_expected": []}
    benefit = []
    for rows_drawn in indices:
        alone = quiet(formula, data[rows_drawn], horizons=[horizon])
        risk = 1.0 - alone.survival_curve(data, times=[horizon])["survival"].to_numpy()
        weights = np.bincount(rows_drawn, minlength=150)[None].astype(float)
        trained = AtHorizon.of(fit.times.exit, status, horizon, weights)
        tested = AtHorizon.of(fit.times.exit, status, horizon, everyone)
        for name, pairs in rows.items():
            pairs.append(
                (getattr(trained, name)(risk[None])[0], getattr(tested, name)(risk[None])[0])
            )
        both = [
            net_benefits(fit.times.exit, status, risk[None], horizon, THRESHOLDS, each)[0]
            for each in (weights, everyone)
        ]
        benefit.append(both[0] - both[1])
    for name, pairs in rows.items():
        training, test = np.mean(pairs, axis=0)
        assert_allclose(values(found.table, "training")[name], training, rtol=1e-8)
        assert_allclose(values(found.table, "test")[name], test, rtol=1e-8)
    assert found.decision is not None
    curve = found.decision.frame
    plain = curve.filter(pl.col("model") == "model")["net_benefit"].to_numpy()
    corrected = curve.filter(pl.col("model") == "model_corrected")["net_benefit"].to_numpy()
    assert_allclose(plain - corrected, np.mean(benefit, axis=0), rtol=1e-7, atol=1e-12)


def test_apparent_values_are_those_of_the_fit() -> None:
    data = patients()
    fit = quiet("Surv(months, leak) ~ a + b + c", data, horizons=[12.0, 24.0])
    found = fit.validate(20, seed=2, thresholds=THRESHOLDS)
    apparent = values(found.table, "apparent")
    summary = fit.summary()
    assert_allclose(apparent["c_index"], summary.c_index, rtol=1e-12)
    assert_allclose(apparent["r2"], summary.r2, rtol=1e-10)
    assert apparent["slope"] == 1.0
    assert [each.horizon for each in found.horizons] == [12.0, 24.0]
    assert found.calibration is found.at(12.0).calibration
    for each in found.horizons:
        risk = fit.model.predict(data, each.horizon)["risk"].to_numpy()
        at = AtHorizon.of(fit.times.exit, fit.event.astype(np.int64), each.horizon)
        assert_allclose(values(each.table, "apparent")["auc"], at.auc(risk[None])[0], rtol=1e-9)
        assert_allclose(values(each.table, "apparent")["brier"], at.brier(risk[None])[0], rtol=1e-9)
        assert each.calibration.frame["corrected"].is_not_null().sum() > 40
    with pytest.raises(ArgumentError, match=r"horizons are 12\.0, 24\.0"):
        found.at(13.0)


def test_a_seed_gives_one_answer_however_it_is_drawn() -> None:
    fit = quiet("Surv(months, leak) ~ a + b + c", patients(), select="backward")
    first = fit.validate(30, seed=9)
    second = fit.validate(30, seed=9)
    assert first.table.equals(second.table)
    weights = bootstrap_weights(150, 30, 9).astype(np.int64)
    given = fit.validate(indices=np.array([np.repeat(np.arange(150), row) for row in weights]))
    for column in ("training", "test", "corrected"):
        assert_allclose(
            [*values(first.table, column).values()],
            [*values(given.table, column).values()],
            rtol=1e-12,
        )


def test_selection_is_repeated_and_draws_travel() -> None:
    data = patients()
    fit = quiet(
        "Surv(months, leak) ~ a + b + c + side", data, select="backward", horizons=[12.0, 24.0]
    )
    found = fit.validate(60, seed=4, thresholds=THRESHOLDS)
    assert found.procedure == "whole procedure"
    shares = dict(found.selected.iter_rows())
    assert shares["a"] > shares["c"]
    assert set(shares) == {"a", "b", "c", "side"}
    assert found.draws is not None
    assert found.draws.shape == (60, len(fit.design.columns) + 2)
    model = fit.model.with_draws(found.draws)
    risk = model.predict(data, 24.0)
    assert int((risk["conf_low"] < risk["risk"]).sum()) > 135
    assert int((risk["conf_high"] > risk["risk"]).sum()) > 135
    held = fit.validate(60, seed=4, fixed=True, thresholds=THRESHOLDS)
    assert held.procedure == "model held fixed"
    assert held.selected.height == 0
    assert held.corrected("c_index") > found.corrected("c_index")


def test_draws_hold_the_baseline_of_their_own_resample() -> None:
    data = patients()
    fit = quiet("Surv(months, leak) ~ a + b", data, horizons=[12.0, 24.0])
    indices = drawn(150, 3, 8)
    found = fit.validate(indices=indices, thresholds=THRESHOLDS)
    assert found.draws is not None
    for row, rows in zip(found.draws, indices, strict=True):
        alone = quiet("Surv(months, leak) ~ a + b", data[rows], horizons=[12.0])
        assert_allclose(row[:2], alone.beta, rtol=1e-8)
        hazard = alone.baselines[0].at(np.array([12.0, 24.0]))[0]
        assert_allclose(row[2:], np.log(hazard), rtol=1e-8)


def test_resamples_with_a_monotone_likelihood_are_counted() -> None:
    data = patients(80).with_columns(rare=(pl.int_range(pl.len()) % 20 == 0).cast(pl.Int64))
    data = data.with_columns(
        leak=pl.when(pl.col("rare") == 1).then(pl.int_range(pl.len()) == 20).otherwise("leak")
    )
    fit = quiet("Surv(months, leak) ~ a + rare", data, horizons=[12.0])
    found = fit.validate(80, seed=3, thresholds=THRESHOLDS)
    assert 10 < found.n_separated < 60
    counts = values(found.table, "n_resamples")
    assert counts["slope"] == 80 - found.n_separated
    assert counts["c_index"] == 80
    assert all(np.isfinite(each) for each in values(found.table, "corrected").values())


def test_late_entry_has_indexes_but_no_horizons() -> None:
    data = patients().with_columns(entry=pl.col("months") * 0.3)
    fit = quiet("Surv(entry, months, leak) ~ a + b", data)
    found = fit.validate(20, seed=1)
    assert found.horizons == ()
    assert found.decision is None
    assert found.calibration.frame.height == 0
    weights = np.ones((1, 150))
    area = concordance_batch(fit.times, fit.linear_predictor[None], weights).index[0]
    assert_allclose(values(found.table, "apparent")["c_index"], area, rtol=1e-12)


def test_clusters_are_drawn_whole() -> None:
    fit = quiet("Surv(months, leak) ~ a + b", patients(), cluster="patient", horizons=[12.0])
    found = fit.validate(20, seed=1, thresholds=THRESHOLDS)
    weights = bootstrap_weights(150, 20, 1, fit.clusters)
    assert_array_equal(weights[:, ::2], weights[:, 1::2])
    given = fit.validate(
        indices=_padded(weights.astype(np.int64)), horizons=[12.0], thresholds=THRESHOLDS
    )
    assert_allclose(found.corrected("c_index"), given.corrected("c_index"), rtol=1e-12)


def _padded(weights: IntArray) -> IntArray:
    assert len({int(row.sum()) for row in weights}) == 1
    return np.array([np.repeat(np.arange(row.size), row) for row in weights])


def test_a_model_without_predictors_ranks_nobody() -> None:
    fit = quiet("Surv(months, leak) ~ 1", patients(), horizons=[12.0])
    found = fit.validate(10, seed=1, thresholds=THRESHOLDS)
    assert values(found.table, "apparent")["c_index"] == 0.5
    assert values(found.table, "corrected")["c_index"] is None
    assert values(found.at(12.0).table, "corrected")["brier"] is not None


def test_case_weights_multiply_frequencies() -> None:
    data = patients().with_columns(w=pl.lit(2.0), one=pl.lit(1.0))
    indices = drawn(150, 5, 2)
    plain = quiet("Surv(months, leak) ~ a + b", data, horizons=[12.0])
    weighted = quiet("Surv(months, leak) ~ a + b", data, weights="one", horizons=[12.0])
    first = plain.validate(indices=indices, thresholds=THRESHOLDS)
    second = weighted.validate(indices=indices, thresholds=THRESHOLDS)
    for one, two in zip(first.horizons, second.horizons, strict=True):
        assert_allclose(one.table["corrected"], two.table["corrected"], rtol=1e-12)


def test_gini_is_the_mean_difference_of_pairs() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=9).round(1)
    weights = rng.integers(0, 3, 9)
    repeated = np.repeat(x, weights)
    pairs = np.abs(repeated[:, None] - repeated[None]).sum() / 2.0
    count = repeated.size * (repeated.size - 1) / 2
    assert_allclose(gini(x[None], weights[None].astype(float)), pairs / count, rtol=1e-12)


def test_arguments_are_checked() -> None:
    fit = quiet("Surv(months, leak) ~ a", patients())
    with pytest.raises(ArgumentError, match="resamples is 0"):
        fit.validate(0)
    with pytest.raises(ArgumentError, match="horizon"):
        fit.validate(5, horizons=[4000.0])
    with pytest.raises(ArgumentError, match="indices must be"):
        fit.validate(indices=np.array([[0, 900]]))


def test_without_horizons_the_indexes_are_the_same() -> None:
    fit = quiet("Surv(months, leak) ~ a + b", patients(), horizons=[12.0])
    drawing = drawn(150, 4, 2)
    alone, whole = (fit.validate(indices=drawing, horizons=each) for each in ((), None))
    assert alone.horizons == ()
    assert len(whole.horizons) == 1
    assert alone.table.equals(whole.table)
    assert alone.draws is not None
    assert whole.draws is not None
    assert_array_equal(alone.draws, whole.draws)
    assert fit.validate(folds=5, repeats=1, method="cross-validation", horizons=[]).horizons == ()


def test_replicates_fitted_in_parts_are_those_fitted_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fit = quiet("Surv(months, leak) ~ a + b", patients(), horizons=[12.0])
    drawing = drawn(150, 10, 2)
    whole = fit.validate(indices=drawing)
    monkeypatch.setattr(rowwise, "CELLS", 1)
    parts = fit.validate(indices=drawing)
    pairs = ((parts, whole), (parts.horizons[0], whole.horizons[0]))
    for found, wanted in (tuple(each.table.to_numpy()[:, 1:] for each in pair) for pair in pairs):
        # the order of a sum follows the layout of what is summed: rounding
        assert_allclose(found.astype(float), wanted.astype(float), rtol=1e-11, atol=1e-14)
