"""A study of patients that are read in pieces: the report of the same study in memory."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.protocols import protocol_text
from tests.schemas import validate_results

from vertebrisk._types import EngineName
from vertebrisk.engines import engine
from vertebrisk.errors import ProtocolError
from vertebrisk.protocol import load_protocol
from vertebrisk.report.document.study import results_document
from vertebrisk.study.options import RunOptions
from vertebrisk.study.output import write_run
from vertebrisk.study.running import run_in_place
from vertebrisk.study.steps import StudyRun
from vertebrisk.study.streamed.preparing import ScannedRun
from vertebrisk.study.unfinished import Unfinished

AnyRun = StudyRun | ScannedRun
VARIABLES: dict[str, dict[str, object]] = {
    "age": {"label": "Age", "unit": "years", "plausible": [18, 110]},
    "bmd": {"label": "T score", "plausible": [-6, 3]},
    "cleft": {"label": "Intravertebral cleft", "levels": ["no", "yes"]},
    "vas": {"label": "Pain score", "plausible": [0, 10], "timing": "postoperative"},
}
ANALYSIS = {"compare": ["age", "bmd", "cleft"], "terms": ["rcs(bmd, 3)"]}
PLACES: tuple[EngineName, ...] = ("stream", "memory")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("pieces")
    rng = np.random.default_rng(3)
    n = 1600
    age, bmd, cleft = rng.normal(72, 9, n).round(), rng.normal(-3, 1, n), rng.random(n) < 0.3
    linear = -1.2 + 0.03 * (age - 72) - 0.4 * (bmd + 3) + 0.7 * cleft
    vas = np.where(rng.random(n) < 1 / (1 + np.exp(-linear)), 5, 2)
    frame = pl.DataFrame(
        {
            "age": age,
            "bmd": np.where(rng.random(n) < 0.02, np.nan, bmd.round(2)),
            "cleft": np.where(cleft, "yes", "no"),
            "vas": vas,
        }
    ).with_columns(pl.col("bmd").fill_nan(None))
    frame.write_csv(place / "patients.csv")
    write_protocol(place)
    return place


def write_protocol(place: Path, **changed: str) -> None:
    text = protocol_text(
        variables=VARIABLES,
        analysis={**ANALYSIS, **changed},
        include=[{"rule": "age >= 50", "reason": "aged 50 or older"}],
        validation={"resamples": 20, "thresholds": [0.2, 0.4]},
    )
    (place / "protocol.toml").write_text(text, encoding="utf-8")


def run(folder: Path, place: EngineName, scheduler: str | None = None) -> AnyRun:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "CHUNK", 512)
        protocol = load_protocol(folder / "protocol.toml")
        options = RunOptions(engine=place, scheduler=scheduler)
        return run_in_place(protocol, options, lambda *_: None, Unfinished(folder / "report"))


@pytest.fixture(scope="module")
def streamed(folder: Path) -> AnyRun:
    return run(folder, "stream")


@pytest.fixture(scope="module")
def held(folder: Path) -> AnyRun:
    return run(folder, "memory")


def check_files(folder: Path) -> None:
    """Results are in their form, and there is a calculator."""
    document = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    validate_results(document)
    assert (folder / "calculator.html").exists()


def close(one: Any, other: Any, path: str = "") -> None:
    """Equal in all names and texts, and in numbers to rounding."""
    if isinstance(one, dict):
        assert one.keys() == other.keys(), path
        for name in one:
            close(one[name], other[name], f"{path}/{name}")
    elif isinstance(one, list):
        assert len(one) == len(other), path
        for place, (a, b) in enumerate(zip(one, other, strict=True)):
            close(a, b, f"{path}/{place}")
    elif isinstance(one, float) and isinstance(other, int | float):
        assert math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-10), (path, one, other)
    else:
        assert one == other, path


def test_what_both_report_is_the_same(streamed: AnyRun, held: AnyRun) -> None:
    one, other = (results_document(each.result) for each in (streamed, held))
    same = (
        "flow", "comparison", "univariable", "multivariable", "equation", "splines",
        "model_summary", "vif", "c_index", "nomogram", "total_points", "example",
    )  # fmt: skip
    for name in same:
        close(one[name], other[name], name)
    assert one["study"]["engine"] == "stream"
    for mine, theirs in zip(one["validation"]["table"], other["validation"]["table"], strict=True):
        assert mine["measure"] == theirs["measure"]
        if mine["measure"] in ("c_index", "dxy", "r2", "brier"):
            assert mine["apparent"] == pytest.approx(theirs["apparent"], rel=1e-9)
        assert mine["corrected"] is not None
        assert (mine["mc_error"] is None) == (mine["measure"] == "emax_linear")
    assert None not in [point["corrected"] for point in one["calibration"]["curve"]]
    models = {row["model"] for row in one["decision"]["curve"]}
    assert models == {"model", "model_corrected", "all", "none"}
    protocol_rows = [row for row in other["thresholds"] if row["source"] == "protocol"]
    close(one["thresholds"], protocol_rows)


def test_the_optimism_is_that_of_another_bootstrap(streamed: AnyRun, held: AnyRun) -> None:
    for measure in ("c_index", "r2", "slope", "brier", "ici"):
        mine = streamed.result.validation.corrected(measure)
        theirs = held.result.validation.corrected(measure)
        # two sets of 20 resamples of one study: a few standard errors apart at most
        assert mine == pytest.approx(theirs, abs=0.03)


def test_the_report_says_that_they_were_read_in_pieces(streamed: AnyRun, tmp_path: Path) -> None:
    written = write_run(streamed, tmp_path)
    assert "reproduce.R" not in written.files
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "read in pieces" in page
    assert "Poisson weight" in page
    assert re.search(r"Emax \[\d+\] are read from restricted cubic spline", page)
    assert "bias-corrected" in page
    assert "are put into 1,024 classes" in page
    assert "Youden's index was picked by these data" not in page
    assert "their correction ends at 0" in page
    check_files(tmp_path)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"select": "backward"}, 'method = "backward"'),
        ({"estimator": "firth"}, 'estimator = "firth"'),
        ({"intervals": "profile"}, "profile intervals"),
    ],
)
def test_what_cannot_be_done_in_pieces_is_refused(
    folder: Path, tmp_path: Path, changed: dict[str, str], told: str
) -> None:
    (tmp_path / "patients.csv").write_bytes((folder / "patients.csv").read_bytes())
    write_protocol(tmp_path, **changed)
    with pytest.raises(ProtocolError, match=told):
        run(tmp_path, "stream")


def test_a_name_that_needs_backticks_is_read_as_in_memory(folder: Path, tmp_path: Path) -> None:
    name = '骨密度（T值）, "L1-L4" <b>'
    frame = pl.read_csv(folder / "patients.csv").rename({"bmd": name})
    frame.write_csv(tmp_path / "patients.csv")
    text = protocol_text(
        variables={
            json.dumps(name, ensure_ascii=False) if each == "bmd" else each: said
            for each, said in VARIABLES.items()
        },
        analysis={"compare": ["age", name, "cleft"]},
        validation={"resamples": 4, "thresholds": [0.2, 0.4]},
    )
    (tmp_path / "protocol.toml").write_text(text, encoding="utf-8")
    one, other = (results_document(run(tmp_path, place).result) for place in PLACES)
    for part in ("univariable", "multivariable"):
        close(one[part], other[part], part)
