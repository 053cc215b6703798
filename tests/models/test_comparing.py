"""Several models on one cohort: the same rows for all, every difference worked again by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.models.cases import quiet_fit, simulated
from tests.reference import loader

import vertebrisk as vr
from vertebrisk.errors import ArgumentError, DataError, ModelError
from vertebrisk.kernels.resamples import bootstrap_weights
from vertebrisk.models.comparing.comparing import compare_file, named_models

TRAIN = simulated(400, 6)
MODELS = {
    "whole": quiet_fit("y ~ a + b + g", TRAIN).model,
    "a alone": quiet_fit("y ~ a", simulated(250, 5)).model,
    "b alone": quiet_fit("y ~ b", simulated(300, 7)).model,
}
NEW = simulated(200, 8)
ROW = pl.int_range(pl.len())
GAPS = NEW.with_columns(
    a=pl.when(ROW < 6).then(None).otherwise(pl.col("a")),
    g=pl.when(ROW.is_between(4, 9)).then(pl.lit("q")).otherwise(pl.col("g").cast(pl.String)),
    y=pl.when(ROW > 196).then(None).otherwise(pl.col("y")),
)
CUTS = [0.3, 0.5]


def compared(frame: object = NEW, models: Any = MODELS, **options: Any) -> vr.ModelComparison:
    asked: dict[str, Any] = {"outcome": "y", "thresholds": CUTS, "resamples": 30} | options
    return vr.compare_models(models, frame, **asked)


FOUND = compared()
HOLED = compared(GAPS)


def codes(found: vr.ModelComparison) -> set[str]:
    return {each.code for each in found.findings}


def test_all_models_are_measured_on_the_rows_that_all_can_score() -> None:
    rows = HOLED.rows
    assert (rows.rows, rows.outcome_missing, rows.left_out, rows.n) == (200, 3, 10, 187)
    assert dict(rows.not_scored) == {"whole": 10, "a alone": 6, "b alone": 0}
    assert dict(rows.reasons["whole"]) == {"missing: a": 6, "unknown level: g": 6}
    assert rows.reasons["a alone"] == {"missing: a": 6}
    assert "b alone" not in rows.reasons
    shared = GAPS[10:197]
    for name, model in MODELS.items():
        alone = vr.external_validation(model, shared, outcome="y", thresholds=CUTS, resamples=30)
        assert HOLED.validations[name].measures.equals(alone.measures)
        assert HOLED.validations[name].counts.n == 187
    assert HOLED.measures.height == 3 * 12
    assert {"not-scored-by-all", "outcome-missing", "unknown-level"} <= codes(HOLED)


def test_the_joint_test_is_that_of_the_risks() -> None:
    event = NEW["y"].to_numpy()
    risks = {name: model.predict(NEW)["risk"].to_numpy() for name, model in MODELS.items()}
    alone = vr.compare_aucs(event, risks)
    assert FOUND.areas.to_dict() == alone.to_dict()
    for name in MODELS:
        row = FOUND.areas.areas.row(by_predicate=pl.col("name") == name, named=True)
        assert FOUND.validations[name].estimate("c_index").estimate == row["estimate"]


def test_differences_are_those_of_the_same_resamples() -> None:
    event = NEW["y"].to_numpy().astype(float)
    first, second = (MODELS[name].predict(NEW)["risk"].to_numpy() for name in ("whole", "b alone"))
    brier, benefit = [], []
    for weights in bootstrap_weights(NEW.height, 30, 1):
        rows = np.repeat(np.arange(NEW.height), weights.astype(int))
        y, p, q = event[rows], first[rows], second[rows]
        brier.append(((p - y) ** 2).mean() - ((q - y) ** 2).mean())
        gains = [
            (acted & (y == 1)).mean() - 0.3 / 0.7 * (acted & (y == 0)).mean()
            for acted in (p >= 0.3, q >= 0.3)
        ]
        benefit.append(gains[0] - gains[1])
    for measure, cut, drawn in (("brier", None, brier), ("net_benefit", 0.3, benefit)):
        row = FOUND.differences.filter(
            pl.col("first") == "whole",
            pl.col("second") == "b alone",
            pl.col("measure") == measure,
            pl.col("threshold").eq_missing(pl.lit(cut, pl.Float64)),
        ).row(0, named=True)
        limits = np.quantile(drawn, (0.025, 0.975))
        assert [row["conf_low"], row["conf_high"]] == pytest.approx(limits, abs=1e-12)
        if measure == "brier":
            told = [FOUND.validations[n].estimate("brier").estimate for n in ("whole", "b alone")]
            assert row["estimate"] == pytest.approx(told[0] - told[1], abs=1e-12)
    benefits = FOUND.pair("whole", "b alone").reclassification.net_benefit
    assert row["estimate"] == pytest.approx(-benefits["difference"][0], abs=1e-12)


def test_patients_are_compared_one_by_one() -> None:
    pair = FOUND.pair("whole", "a alone")
    first, second = (MODELS[name].predict(NEW) for name in ("whole", "a alone"))
    p, q = first["risk"].to_numpy(), second["risk"].to_numpy()
    gap = p - q
    assert pair.risks.bias == pytest.approx(gap.mean(), rel=1e-12)
    reach = 1.959963984540054 * gap.std(ddof=1)
    assert pair.risks.upper - pair.risks.bias == pytest.approx(reach, rel=1e-9)
    linear = first["linear_predictor"].to_numpy(), second["linear_predictor"].to_numpy()
    assert pair.log_odds is not None
    assert pair.log_odds.bias == pytest.approx((linear[0] - linear[1]).mean(), rel=1e-9)
    told = np.asarray(np.corrcoef(np.stack(linear)))
    assert pair.correlation == pytest.approx(told[0, 1], rel=1e-9)
    ranks = np.stack([np.argsort(np.argsort(each)) for each in (p, q)])
    told = np.asarray(np.corrcoef(ranks))
    assert pair.rank_correlation == pytest.approx(told[0, 1], abs=0.01)  # ties
    assert pair.apart["n"].to_list() == [int((abs(gap) > d).sum()) for d in (0.05, 0.1)]
    assert pair.classes["n"].to_list() == [int(((p >= c) != (q >= c)).sum()) for c in CUTS]
    assert (pair.joint["n"].sum(), pair.joint["n_events"].sum()) == (200, NEW["y"].sum())
    moved = pair.reclassification.table.filter(pl.col("old") != pl.col("new"))
    assert moved["n"].sum() >= pair.classes["n"].max()  # type: ignore[operator]


def test_a_model_beside_itself_does_not_differ() -> None:
    twice = compared(models={"one": MODELS["whole"], "other": MODELS["whole"]})
    assert twice.areas.statistic is None
    assert (twice.differences["estimate"] == 0.0).all()
    assert (twice.differences["conf_high"] == 0.0).all()
    pair = twice.pairs[0]
    assert (pair.risks.bias, pair.risks.upper, pair.rank_correlation) == (0.0, 0.0, 1.0)
    assert pair.apart["n"].to_list() == [0, 0]
    assert pair.correlation == pytest.approx(1.0, abs=1e-12)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_order_of_patients_and_of_models_does_not_matter(seed: int) -> None:
    order = np.random.default_rng(seed).permutation(NEW.height)
    turned = dict(reversed(MODELS.items()))
    other = compared(NEW[order], turned, resamples=1, thresholds=[])
    assert other.areas.statistic == pytest.approx(FOUND.areas.statistic, rel=1e-9)
    assert other.pairs[-1].risks.bias == pytest.approx(
        -FOUND.pair("whole", "a alone").risks.bias, rel=1e-9
    )


def test_findings_say_what_such_a_comparison_cannot() -> None:
    assert {"no-proof-of-equality", "several-pairs", "reclassification-not-proper"} <= codes(FOUND)
    told = [each.code for each in FOUND.findings]
    assert told.count("few-events") == told.count("few-patients-calibration") == 1
    assert told.count("reclassification-not-proper") == 1
    described = replace(MODELS["whole"], outcome=replace(MODELS["whole"].outcome, time_point="1 y"))
    hashed = [
        replace(each, provenance=replace(each.provenance, data_sha256="ab"))
        for each in (described, MODELS["a alone"])
    ]
    found = compared(models=hashed, resamples=2)
    assert {"models-of-other-outcomes", "models-of-the-same-patients"} <= codes(found)
    assert [each.kind for each in found.differing] == ["time"]
    own = compared(TRAIN, {key: MODELS[key] for key in ("whole", "a alone")}, resamples=2)
    said = [each.message for each in own.findings if each.code == "development-patients"]
    assert len(said) == 1
    assert "'whole' was made from 400 patients" in said[0]


def test_a_file_knows_the_model_that_was_made_from_it(tmp_path: Path) -> None:
    from vertebrisk._files import sha256

    path = tmp_path / "new.csv"
    NEW.with_columns(pl.col("y").cast(pl.Int64)).write_csv(path)
    provenance = replace(MODELS["a alone"].provenance, data_sha256=sha256(path.read_bytes()))
    models = {"own": replace(MODELS["a alone"], provenance=provenance), "b": MODELS["b alone"]}
    found = compare_file(models, path, outcome="y == 1", resamples=2)
    assert found.areas.to_dict()["statistic"] == pytest.approx(
        compared(models=models, resamples=2).areas.statistic, rel=1e-9
    )
    assert any("this very file" in each.message for each in found.findings)


def test_the_document_is_plain_and_holds_no_patient() -> None:
    text = json.dumps(FOUND.to_dict(), allow_nan=False)
    document = json.loads(text)
    assert (document["schema"], document["schema_version"]) == ("vertebrisk/model-comparison", 1)
    risk = MODELS["whole"].predict(NEW)["risk"]
    assert not any(repr(value) in text for value in risk[:50])


def test_names_of_a_list_are_each_there_once() -> None:
    assert list(named_models([MODELS["whole"]] * 3)) == ["y", "y~2", "y~3"]


@pytest.mark.parametrize(
    ("frame", "models", "options", "error", "said"),
    [
        (NEW, {"one": MODELS["whole"]}, {}, ArgumentError, "1 model given"),
        (NEW, MODELS, {"outcome": "a > 99"}, DataError, "none has the event"),
        (NEW, MODELS, {"outcome": ""}, ArgumentError, "outcome"),
        (NEW, MODELS, {"thresholds": [2]}, ArgumentError, "between 0 and 1"),
        (NEW, MODELS, {"resamples": 0}, ArgumentError, "resamples"),
        (NEW.drop("g"), MODELS, {}, DataError, "^whole: The model needs g"),
        (NEW.with_columns(a=pl.lit(None, pl.Float64)), MODELS, {}, DataError,
         "by every model.*a alone 200"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared(
    frame: pl.DataFrame, models: Any, options: dict[str, Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        compared(frame, models, **options)


ROTTERDAM = loader.frame("rotterdam")
TIMED = {
    "nodes": vr.fit_cox(
        "Surv(rtime, recur) ~ nodes", ROTTERDAM, horizons=(1095.5,), time_unit="days"
    ).model,
    "age and grade": vr.fit_cox(
        "Surv(rtime, recur) ~ age + grade", ROTTERDAM, horizons=(1095.5, 1825.5), time_unit="days"
    ).model,
}
GBSG = loader.frame("gbsg")


@pytest.fixture(scope="module")
def timed() -> vr.ModelComparison:
    return vr.compare_models(
        TIMED, GBSG, outcome="status", time="rfstime", thresholds=[0.3], resamples=8
    )


def test_models_of_time_to_event_are_compared_by_one_horizon(timed: vr.ModelComparison) -> None:
    assert (timed.horizon, timed.time_unit) == (1095.5, "days")
    for name, model in TIMED.items():
        alone = vr.external_validation(
            model, GBSG, outcome="status", time="rfstime", horizons=[1095.5], thresholds=[0.3],
            resamples=8,
        )  # fmt: skip
        assert timed.measures_of(name).equals(alone.horizons[0].measures)
        told = timed.areas.areas.filter(name=name).row(0)[1:]
        own = alone.horizons[0].estimate("c_index")
        limits = (own.estimate, own.conf_low, own.conf_high)
        assert told == pytest.approx(limits, rel=1e-9)
    assert timed.validations["nodes"].roc is None
    pair = timed.pairs[0]
    assert pair.joint["n_events"].sum() == timed.validations["nodes"].horizons[0].n_events
    assert isinstance(pair.reclassification, vr.ReclassificationSurvival)
    json.dumps(timed.to_dict(), allow_nan=False)


def test_their_differences_weigh_censoring_in_every_resample(timed: vr.ModelComparison) -> None:
    risks = [each.predict(GBSG, 1095.5)["risk"].to_numpy() for each in TIMED.values()]
    time, event = GBSG["rfstime"].to_numpy(), GBSG["status"].to_numpy()

    def apart(rows: Any) -> list[float]:
        found = []
        for risk in risks:
            score = vr.brier_survival(time[rows], event[rows], risk[rows], [1095.5])
            curve = vr.decision_curve_survival(
                time[rows], event[rows], risk[rows], 1095.5, [0.3], resamples=1
            )
            benefit = curve.filter(model="model")["net_benefit"][0]
            found.append((score.frame["brier"][0], benefit))
        return [a - b for a, b in zip(*found, strict=True)]

    drawn = [
        apart(np.repeat(np.arange(GBSG.height), weights.astype(int)))
        for weights in bootstrap_weights(GBSG.height, 8, 1)
    ]
    limits = np.quantile(drawn, (0.025, 0.975), axis=0)
    whole = apart(np.arange(GBSG.height))
    for place, row in enumerate(timed.differences.iter_rows(named=True)):
        told = [row["estimate"], row["conf_low"], row["conf_high"]]
        assert told == pytest.approx([whole[place], *limits[:, place]], rel=1e-9)


def test_times_are_refused_where_they_say_nothing() -> None:
    with pytest.raises(ModelError, match="leave the time out"):
        compared(time="a")
    with pytest.raises(ModelError, match="leave the horizon out"):
        compared(horizon=3.0)
    other = {"a": TIMED["nodes"], "b": replace(TIMED["nodes"], time_unit="months")}
    with pytest.raises(ArgumentError, match="times are in days, months"):
        vr.compare_models(other, GBSG, outcome="status", time="rfstime")
    mixed = {"a": TIMED["nodes"], "b": MODELS["whole"]}
    wide = GBSG.with_columns(a=pl.lit(0.0), b=pl.lit(0.0), g=pl.lit("low"))
    with pytest.raises(ModelError, match="b: A logistic model has one time point"):
        vr.compare_models(mixed, wide, outcome="status", time="rfstime")


def test_each_model_has_its_own_mapping() -> None:
    other = NEW.rename({"a": "alpha"}).with_columns(a=pl.lit("text"), alpha=pl.col("alpha") * 10.0)
    mapping = {"variables": {"a": {"column": "alpha", "factor": 0.1}}}
    mappings = {"whole": mapping, "a alone": mapping}
    found = compared(other, mappings=mappings)
    for name in MODELS:
        told, own = (each.measures_of(name)["estimate"].to_list() for each in (found, FOUND))
        assert told == pytest.approx(own, rel=1e-9)
    with pytest.raises(ArgumentError, match=r"mapping for 'hole', and no such model.*whole"):
        compared(mappings={"hole": mapping})
    flipped = {"b alone": {"variables": {"b": {"column": "a"}}}}
    with pytest.raises(DataError, match="another one for 'b alone' than for 'whole'"):
        compared(mappings=flipped, outcome="b > 0")
