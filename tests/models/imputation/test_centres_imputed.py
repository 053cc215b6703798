"""Internal-external validation of imputed fits: that of complete data where nothing is missing."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.models.imputation.test_schemes_imputed import LUNG, PIMA, imputed, lung, pima

import vertebrisk as vr
from vertebrisk.errors import ArgumentError
from vertebrisk.models.imputation.pooled import PooledFit
from vertebrisk.validation.centres.measured import Centre, Measure
from vertebrisk.validation.centres.results import InternalExternal
from vertebrisk.validation.centres.tables import over_tables

FEW: dict[str, Any] = {"imputations": 2, "iterations": 1}
RTOL = 1e-6  # maxima of weighted and of chosen rows


def with_wards(frame: pl.DataFrame) -> pl.DataFrame:
    wards = np.array(["n", "e", "s", "w"])[np.arange(frame.height) * 7 % 11 % 4]
    return frame.with_columns(ward=pl.Series(wards))


@pytest.fixture(scope="module")
def binary() -> PooledFit:
    return imputed(PIMA, with_wards(pima()))


@pytest.fixture(scope="module")
def followed() -> PooledFit:
    return imputed(LUNG, with_wards(lung()), horizons=[365.0])


def equal(ours: InternalExternal, theirs: InternalExternal) -> None:
    """All numbers, but for the limits of C and those where tables have none."""
    for name in ("table", "pooled"):
        mine, other = getattr(ours, name), getattr(theirs, name)
        for column in other.columns:
            if column in ("c_index_low", "c_index_high") or not other[column].dtype.is_numeric():
                continue
            assert_allclose(
                mine[column].fill_null(-9.0), other[column].fill_null(-9.0),
                rtol=RTOL, atol=1e-8, err_msg=column,
            )  # fmt: skip


def test_where_nothing_of_the_model_is_missing_it_is_that_of_the_complete_data(
    binary: PooledFit, followed: PooledFit
) -> None:
    plain = vr.fit_logistic(PIMA, pima()).internal_external(with_wards(pima())["ward"])
    found = binary.internal_external("ward", **FEW)
    equal(found, plain)
    assert (found.by, found.kind, found.procedure) == ("ward", "logistic", "model held fixed")
    cox = vr.fit_cox(LUNG, lung(), horizons=[365.0])
    theirs = cox.internal_external(with_wards(lung())["ward"])
    timed = followed.internal_external(with_wards(lung())["ward"], **FEW)
    equal(timed, theirs)
    assert (timed.by, timed.kind, timed.horizon) == ("group", "cox", 365.0)
    other = followed.internal_external("ward", horizon=200.0, concordance="uno", **FEW)
    equal(
        other, cox.internal_external(with_wards(lung())["ward"], horizon=200.0, concordance="uno")
    )


def test_missing_predictors_are_imputed_without_each_centre() -> None:
    frame = with_wards(pima()).with_columns(glu=pl.when(pl.int_range(200) % 6 != 1).then("glu"))
    fit = imputed(PIMA, frame)
    first, same = (fit.internal_external("ward", seed=4, **FEW) for _ in range(2))
    other = fit.internal_external("ward", seed=5, **FEW)
    assert first.table.equals(same.table)
    assert first.table["c_index"].to_list() != other.table["c_index"].to_list()
    assert first.table["n"].sum() == 200
    whole = vr.fit_logistic(PIMA, pima()).internal_external(with_wards(pima())["ward"])
    assert abs(first.estimate("c_index").estimate - whole.estimate("c_index").estimate) < 0.1
    json.dumps(first.to_dict(), allow_nan=False)


def test_selection_is_repeated_without_each_centre() -> None:
    selected = imputed(PIMA + " + skin + bp", with_wards(pima()), select="backward")
    found = selected.internal_external("ward", **FEW)
    assert found.procedure == "whole procedure"
    plain = vr.fit_logistic(PIMA + " + skin + bp", pima(), select="backward")
    held = selected.internal_external("ward", fixed=True, **FEW)
    assert held.procedure == "model held fixed"
    equal(held, plain.internal_external(with_wards(pima())["ward"], fixed=True))


def test_rubins_rules_on_the_scale_of_pooling() -> None:
    def part(value: float, error: float | None) -> Centre:
        logit = float(np.log(value / (1 - value)))
        area = Measure(value, 0.0, 1.0, None if error is None else logit, error)
        return Centre("a", 30, 9, {"c_index": area}, 0.2 * value, finite=True, reasons=())

    values, errors = [0.7, 0.8, 0.75], [0.30, 0.34, 0.32]
    found = over_tables([part(*each) for each in zip(values, errors, strict=True)], 0.95)
    logits = np.log(np.array(values) / (1 - np.array(values)))
    total = np.mean(np.square(errors)) + 4 / 3 * logits.var(ddof=1)
    area = found.measures["c_index"]
    assert area.scaled == pytest.approx(logits.mean())
    assert area.error == pytest.approx(np.sqrt(total))
    assert area.value == pytest.approx(1 / (1 + np.exp(-logits.mean())))
    reach = 1.959963984540054 * np.sqrt(total)
    assert area.high == pytest.approx(1 / (1 + np.exp(-logits.mean() - reach)))
    assert found.brier == pytest.approx(0.2 * 0.75)
    lone = over_tables([part(0.7, 0.3), part(0.8, None)], 0.95)
    assert lone.measures["c_index"] == Measure(0.75)


def test_centres_whose_others_say_nothing(binary: PooledFit, followed: PooledFit) -> None:
    event = binary.fits[0].development.event
    nothing = binary.internal_external(np.where(event > 0.5, "ill", "well"), **FEW)
    assert set(nothing.table["reason"]) == {"the others have one outcome"}
    lacking = imputed(PIMA, with_wards(pima()).with_columns(
        glu=pl.when(pl.col("ward") == "n").then("glu")
    ))  # fmt: skip
    found = lacking.internal_external("ward", **FEW)
    assert dict(found.table.select("centre", "reason").iter_rows())["n"] == (
        "the others lack a variable"
    )
    halves = followed.internal_external(lung()["sex"], **FEW)
    assert set(halves.table["reason"]) == {"a stratum is in no other centre"}


def test_late_entry_is_refused() -> None:
    late = with_wards(lung()).with_columns(entry=pl.col("time") / 2.0)
    fit = imputed("Surv(entry, time, status == 2) ~ age + `ph.ecog`", late, horizons=[365.0])
    with pytest.raises(ArgumentError, match="came under observation late"):
        fit.internal_external("ward", **FEW)


def test_what_is_refused(binary: PooledFit, followed: PooledFit) -> None:
    wards = with_wards(pima())["ward"]
    refused: list[tuple[PooledFit, Any, dict[str, Any], str]] = [
        (binary, "wards", {}, "no column 'wards'.*Did you mean 'ward'"),
        (binary, "glu", {}, "'glu', which groups names, is a variable of the model"),
        (binary, "aside", {}, "'aside', which groups names, is a variable of the model or of"),
        (binary, wards.head(50), {}, "groups has 50 values; one for each of the 200 rows"),
        (binary, [None, *wards[1:]], {}, "groups has 1 missing values"),
        (binary, ["a"] * 200, {}, "groups holds a alone"),
        (binary, "ward", {"horizon": 12.0}, "horizon belongs to a model of time to event"),
        (binary, "ward", {"imputations": 0}, "imputations is 0"),
        (binary, "ward", {"level": 95}, "level is 95"),
        (followed, "ward", {"concordance": "gonen"}, "concordance is 'gonen'"),
        (followed, "ward", {"horizon": 1e9}, "is not a time inside follow-up"),
    ]
    for fit, groups, options, message in refused:
        with pytest.raises(ArgumentError, match=message):
            fit.internal_external(groups, **{**FEW, **options})
