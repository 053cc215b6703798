"""The R script of a run agrees with the run, whatever kind of file the data came in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from tests import reproducing
from tests.protocols import write_study

import vertebrisk

pytestmark = pytest.mark.slow

SOURCES = str(Path(vertebrisk.__file__).parents[1])

LABELS = {
    "cleft": {0.0: "No", 1.0: "Yes", 9.0: "Not recorded"},
    "grade": {1.0: "一级", 2.0: "二级"},
    "side": {1.0: "Left", 2.0: "Left", 7.0: "Unknown"},
    "route": {1.0: "PVP", 2.0: "PKP"},
}


def patients() -> pd.DataFrame:
    rng = np.random.default_rng(8)
    n = 320
    frame = pd.DataFrame(
        {
            "cleft": rng.integers(0, 2, n).astype(float),
            "grade": rng.integers(1, 3, n).astype(float),
            "side": rng.integers(1, 3, n).astype(float),
            "route": (rng.random(n) < 0.15) + 1.0,
        }
    )
    base = 2.6 + 0.9 * frame["cleft"] + 0.6 * (frame["grade"] == 2)
    frame["vas"] = np.clip(np.round(base + rng.normal(0, 1.4, n)), 0, 10)
    frame.loc[:5, "cleft"] = 9.0
    frame.loc[6:9, "side"] = 7.0
    frame.loc[10:12, "vas"] = 99.0
    return frame


def reproduced(folder: Path, file: str, design: str = "cohort", **more: Any) -> str:
    """What the script says about a run of the program on a file of these patients."""
    protocol = write_study(
        folder,
        study={"data": file, "design": design},
        validation={"resamples": 200},
        include=[{"rule": "route == 'PVP'", "reason": "Vertebroplasty"}],
        variables={
            "cleft": {"label": "Cleft", "levels": ["No", "Yes"]},
            "grade": {"label": "Grade", "codes": {1: "Low", 2: "High"}},
            "side": {"label": "Side", "levels": ["Left (1)", "Left (2)"], "missing": [7]},
        },
        analysis={"compare": ["cleft", "grade", "side"]},
        **more,
    )
    ran = subprocess.run(
        [sys.executable, "-m", "vertebrisk", "run", protocol.name, "--out", "results"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": SOURCES},
        capture_output=True,
        text=True,
    )
    assert ran.returncode in (0, 1), ran.stdout + ran.stderr
    return reproducing.reproduced(folder, script="results/reproduce.R")


@pytest.mark.parametrize("suffix", ["sav", "dta"])
def test_labelled_file(tmp_path: Path, suffix: str) -> None:
    reproducing.needs_r("haven")
    frame = patients()
    path = tmp_path / f"patients.{suffix}"
    if suffix == "sav":
        missing: dict[str, Any] = {"cleft": [9.0], "vas": [{"lo": 90.0, "hi": 99.0}]}
        pyreadstat.write_sav(frame, str(path), variable_value_labels=LABELS, missing_ranges=missing)
    else:
        frame.loc[frame["cleft"] == 9.0, "cleft"] = np.nan
        frame.loc[frame["vas"] == 99.0, "vas"] = np.nan
        labels: dict[str, Any] = {
            name: {int(c): t for c, t in texts.items()} for name, texts in LABELS.items()
        }
        pyreadstat.write_dta(frame, str(path), variable_value_labels=labels)
    said = reproduced(tmp_path, path.name)
    assert "B Cleft Yes" in said
    assert "DIFFERS" not in said


def test_stray_quotation_marks_and_line_breaks_in_text(tmp_path: Path) -> None:
    reproducing.needs_r()
    frame = patients()
    frame = frame[frame["vas"] != 99.0]
    frame["route"] = "PVP"
    frame["cleft"] = frame["cleft"].map({0.0: "No", 1.0: "Yes", 9.0: ""})
    frame["side"] = frame["side"].map({1.0: "Left (1)", 2.0: "Left (2)", 7.0: "7"})
    frame['height "cm'] = 'says "two\nlines", done'
    text = frame.to_csv(index=False).replace('"height ""cm"', 'height "cm')
    (tmp_path / "patients.csv").write_text(text, encoding="utf-8")
    said = reproduced(tmp_path, "patients.csv")
    assert "DIFFERS" not in said


@pytest.mark.parametrize(
    "sampling",
    [
        {"controls_per_case": 1, "seed": 4},
        {"sampled": "taken == 1", "prevalence": 0.05, "population": 5000},
        {"sampled": "taken == 1", "prevalence": 0.05},
    ],
    ids=["drawn", "estimated", "known"],
)
def test_sampled_controls(tmp_path: Path, sampling: dict[str, Any]) -> None:
    reproducing.needs_r()
    frame = patients().iloc[13:]
    frame["cleft"] = frame["cleft"].map({0.0: "No", 1.0: "Yes"})
    frame["side"] = frame["side"].map({1.0: "Left (1)", 2.0: "Left (2)"})
    frame["route"] = "PVP"
    case = frame["vas"] >= 4
    frame["taken"] = (case | (np.arange(len(frame)) % 2 == 0)).astype(int)
    frame.to_csv(tmp_path / "patients.csv", index=False)
    said = reproduced(tmp_path, "patients.csv", design="case-control", sampling=sampling)
    assert "Weighted SE (Intercept)" in said
    assert "Net benefit at 0.2, population" in said
    assert "Corrected slope" in said
    assert "DIFFERS" not in said
