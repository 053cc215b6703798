"""A study of time to event of patients that are read in pieces: the same study in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from tests.clusters import started
from tests.protocols import protocol_text
from tests.study.streamed.test_streamed_study import PLACES, AnyRun, check_files, close, run

from vertebrisk._types import Json
from vertebrisk.engines import timed_counts
from vertebrisk.errors import DataError, ProtocolError
from vertebrisk.report.document.study import results_document
from vertebrisk.report.results.survival import SurvivalResult
from vertebrisk.study.output import write_run
from vertebrisk.validation.survival import smoothing

RESAMPLES = 4
YES = {"levels": ["no", "yes"]}
VARIABLES: dict[str, dict[str, object]] = {
    "age": {"label": "Age", "unit": "years", "plausible": [18, 110]},
    "bmd": {"label": "T score", "plausible": [-8, 5]},
    "cleft": {"label": "Intravertebral cleft", **YES},
    "level": {"label": "Level", "levels": ["T", "L"]},
    "days": {"label": "Follow-up", "timing": "postoperative"},
    "again": {"label": "New fracture", "timing": "postoperative", **YES},
    "dead": {"label": "Death", "timing": "postoperative", **YES},
}
OUTCOME: dict[str, Any] = {
    "name": "again",  # as a column of the file
    "label": "New fracture",
    "kind": "time-to-event",
    "event": 'again == "yes"',
    "time": "days",
    "time_unit": "days",
    "horizons": [730, 365],
    "time_point": "2 years",
}
ANALYSIS: dict[str, Any] = {
    "compare": ["age", "bmd", "cleft", "level"],
    "terms": ["rcs(bmd, 3)"],
    "candidates": ["age", "bmd", "cleft"],
}
TIES = {"ties": "breslow"}


def patients() -> pl.DataFrame:
    rng = np.random.default_rng(3)
    n = 1000
    age, bmd, cleft = rng.normal(72, 9, n).round(), rng.normal(-3, 1, n), rng.random(n) < 0.3
    linear = 0.03 * (age - 72) - 0.4 * (bmd + 3) + 0.7 * cleft
    until, lost = rng.exponential(900 / np.exp(linear)), rng.uniform(100, 1500, n)
    return pl.DataFrame(
        {
            "age": age,
            "bmd": np.where(rng.random(n) < 0.02, np.nan, bmd),
            "cleft": np.where(cleft, "yes", "no"),
            "level": [None if each < 0.1 else "T" if each < 0.5 else "L" for each in rng.random(n)],
            "days": np.ceil(np.minimum(until, lost) / 7),
            "again": np.where(until <= lost, "yes", "no"),
            "dead": "no",
        }
    ).with_columns(pl.col("bmd").fill_nan(None), days=7 * pl.col("days"))


def study(place: Path, frame: pl.DataFrame, **changed: Any) -> Path:
    frame.write_csv(place / "patients.csv")
    text = protocol_text(
        variables=VARIABLES,
        analysis={**ANALYSIS, **changed.pop("analysis", {})},
        include=[{"rule": "age >= 50", "reason": "aged 50 or older"}],
        validation={"resamples": RESAMPLES, "thresholds": [0.2, 0.4]},
        outcome={**OUTCOME, **changed},
    )
    (place / "protocol.toml").write_text(text, encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[AnyRun, AnyRun]:
    place = study(tmp_path_factory.mktemp("followed"), patients(), analysis=TIES)
    one, other = (run(place, each) for each in PLACES)
    return one, other


@pytest.fixture(scope="module")
def documents(runs: tuple[AnyRun, AnyRun]) -> tuple[Json, Json]:
    one, other = (results_document(each.result) for each in runs)
    return one, other


def test_what_both_report_is_the_same(documents: tuple[Json, Json]) -> None:
    one, other = documents
    same = (
        "flow", "comparison", "univariable", "multivariable", "equation", "splines",
        "model_summary", "vif", "c_index", "nomogram", "total_points", "example", "size",
    )  # fmt: skip
    for name in same:
        close(one[name], other[name], name)
    assert one["study"]["engine"] == "stream"


@pytest.mark.slow
def test_workers_of_a_cluster_report_the_same(documents: tuple[Json, Json], tmp_path: Path) -> None:
    place = study(tmp_path, patients(), analysis=TIES)
    with started(2) as cluster:
        found = results_document(run(place, "dask", cluster.scheduler_address).result)
    assert found["study"].pop("engine") == "dask"
    mine = {**documents[0], "study": {**documents[0]["study"]}}
    assert mine["study"].pop("engine") == "stream"
    close(mine, found)


def test_follow_up_groups_and_horizons_are_the_same(documents: tuple[Json, Json]) -> None:
    one, other = (each["survival"] for each in documents)
    for name in (
        "time_unit",
        "ties",
        "n_censored",
        "limit",
        "follow_up",
        "uno",
        "groups",
        "hazards",
    ):
        close(one[name], other[name], name)
    assert [each["variable"] for each in one["groups"]] == ["cleft", "level"]
    for mine, theirs in zip(one["horizons"], other["horizons"], strict=True):
        for name in ("horizon", "n_at_risk", "n_events", "n_censored", "incidence"):
            close(mine[name], theirs[name], name)
        close(mine["baseline_hazard"], theirs["baseline_hazard"])
        close(mine["calibration"]["distribution"], theirs["calibration"]["distribution"])


def test_apparent_performance_is_the_same(documents: tuple[Json, Json]) -> None:
    one, other = documents
    tables = [(one["validation"]["table"], other["validation"]["table"])]
    for mine, theirs in zip(
        one["survival"]["horizons"], other["survival"]["horizons"], strict=True
    ):
        tables.append((mine["measures"], theirs["measures"]))
        for name in ("predicted", "apparent"):
            own, known = (
                [point[name] for point in each["calibration"]["curve"]] for each in (mine, theirs)
            )
            close(own, known, name)
        curves = mine["decision"]["curve"], theirs["decision"]["curve"]
        for row, wanted in zip(*curves, strict=True):
            close((row["model"], row["threshold"]), (wanted["model"], wanted["threshold"]))
            assert (row["conf_low"] is None) == (wanted["conf_low"] is None)
            if row["model"] != "model_corrected":
                close(row["net_benefit"], wanted["net_benefit"])
    for found, expected in tables:
        for row, wanted in zip(found, expected, strict=True):
            close(row["measure"], wanted["measure"])
            close(row["apparent"], wanted["apparent"], row["measure"])
            assert row["corrected"] is not None


def test_curves_are_the_same(runs: tuple[AnyRun, AnyRun]) -> None:
    one, other = (each.result.survival for each in runs)
    assert isinstance(one, SurvivalResult)
    assert isinstance(other, SurvivalResult)
    for name in ("survival", "thirds"):
        mine, theirs = getattr(one.curves, name), getattr(other.curves, name)
        assert mine.height > 100
        assert_frame_equal(mine, theirs)


def test_the_report_says_what_is_apparent_and_what_is_left_out(
    runs: tuple[AnyRun, AnyRun], tmp_path: Path
) -> None:
    written = write_run(runs[0], tmp_path)
    assert "reproduce.R" not in written.files
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "read in pieces" in page
    assert "are put into 1,024 classes" in page
    assert "net benefit are exact" in page
    assert "bias-corrected" in page
    assert "Residuals, AUC and Brier score over time" in page
    for untrue in ("the C-index is apparent", "came under observation"):
        assert untrue not in page
    check_files(tmp_path)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"competing": 'dead == "yes"'}, "a competing event"),
        ({"entry": "days / 1000"}, "late entry"),
        ({"analysis": {"strata": ["level"]}}, "strata"),
        ({"analysis": {"beside": "logistic"}}, "a logistic model beside"),
    ],
)
def test_what_cannot_be_done_in_pieces_is_refused(
    tmp_path: Path, changed: dict[str, Any], told: str
) -> None:
    with pytest.raises(ProtocolError, match=f"not possible with {told}"):
        run(study(tmp_path, patients().head(40), **changed), "stream")


def test_times_that_hardly_repeat_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timed_counts, "MOST_TIMES", 100)
    with pytest.raises(DataError, match="Round the times in the file"):
        run(study(tmp_path, patients()), "stream")


def test_patterns_of_covariates_are_tied_as_in_memory(tmp_path: Path) -> None:
    frame = patients().with_columns(age=(pl.col("age") / 10).round() * 10, bmd=pl.lit(-2.5))
    analysis = {"compare": ["age", "cleft", "level"], "candidates": "compare", "terms": []}
    place = study(tmp_path, frame, analysis=analysis)
    one, other = (results_document(run(place, each).result) for each in PLACES)
    close(one["c_index"], other["c_index"])
    for mine, theirs in zip(
        one["survival"]["horizons"], other["survival"]["horizons"], strict=True
    ):
        for row, wanted in zip(mine["measures"], theirs["measures"], strict=True):
            close(row["apparent"], wanted["apparent"], row["measure"])


def test_risks_near_0_or_1_have_a_curve_at_each_horizon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smoothing, "EDGE", 0.2)  # these are near enough
    place = study(tmp_path, patients().head(300))
    one, other = (results_document(run(place, each).result) for each in PLACES)
    for mine, theirs in zip(
        one["survival"]["horizons"], other["survival"]["horizons"], strict=True
    ):
        for row, wanted in zip(mine["measures"], theirs["measures"], strict=True):
            close(row["apparent"], wanted["apparent"], row["measure"])
