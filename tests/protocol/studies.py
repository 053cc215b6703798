"""A small study in the manner of Li 2021, written to a folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
from tests.protocols import protocol_text

PROTOCOL = protocol_text(
    study={
        "id": "li2021",
        "title": {
            "en": "Residual back pain after percutaneous vertebroplasty",
            "zh": "术后残余腰背痛",
        },
        "design": "cohort",
        "patient": "patient_id",
        "unit": "patient",
        "use_at": "postoperative",
        "data_kind": "reconstructed",
    },
    include=[{"rule": "t_score <= -2.5", "reason": "Osteoporosis on DXA"}],
    exclude=[
        {
            "rule": "pathology in ['tumour', 'infection']",
            "reason": "Fracture due to tumour or infection",
        }
    ],
    outcome={"name": "residual_pain", "event": "vas_mean >= 4"},
    variables={
        "t_score": {"label": "T-score", "unit": "SD"},
        "age": {"label": {"en": "Age", "zh": "年龄"}, "unit": "years", "plausible": [18, 110]},
        "ivc": {"label": "Intravertebral vacuum cleft", "codes": {0: "No", 1: "Yes"}},
        "goutallier": {"label": "Goutallier grade", "levels": ["0-1", "2", "3-4"]},
        "cement_distribution": {
            "label": {"en": "Cement distribution", "zh": "骨水泥分布"},
            "levels": ["Spongy", "Blocky"],
            "level_labels": {"Blocky": {"en": "Blocky", "zh": "团块状"}},
            "timing": "intraoperative",
        },
        "avhr": {
            "label": "Anterior vertebral height ratio",
            "unit": "%",
            "plausible": [5, 120],
            "derive": "200 * avh / (avh_above + avh_below)",
        },
    },
    analysis={
        "compare": ["age", "t_score", "avhr", "ivc", "goutallier", "cement_distribution"],
        "candidates": "compare",
        "select": {"method": "univariable", "alpha": 0.05},
        "tests": {"numeric": "student"},
    },
    validation={
        "resamples": 1000,
        "seed": 20210430,
        "thresholds": [0.1, 0.2],
        "threshold_range": [0.02, 0.5],
    },
)


def write_protocol(folder: Path, *changes: tuple[str, str], text: str = PROTOCOL) -> Path:
    """The protocol, with pieces of its text replaced; each piece must be there."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    path = folder / "protocol.toml"
    path.write_text(text, encoding="utf-8")
    return path


def patients(n: int = 60) -> pl.DataFrame:
    """Invented patients, all eligible, with the columns that the protocol names."""
    random = np.random.default_rng(3)
    return pl.DataFrame(
        {
            "patient_id": [f"P{number:03d}" for number in range(1, n + 1)],
            "t_score": np.round(random.uniform(-4.5, -2.6, n), 1),
            "pathology": ["osteoporosis"] * n,
            "vas_mean": np.round(random.uniform(0, 3.9, n), 1) + np.where(np.arange(n) % 5, 0, 4),
            "age": random.integers(60, 90, n),
            "ivc": random.integers(0, 2, n),
            "goutallier": [("0-1", "2", "3-4")[number % 3] for number in range(n)],
            "cement_distribution": [("Spongy", "Blocky")[number % 2] for number in range(n)],
            "avh": np.round(random.uniform(10, 25, n), 1),
            "avh_above": np.round(random.uniform(24, 30, n), 1),
            "avh_below": np.round(random.uniform(24, 30, n), 1),
        }
    )


def write_patients(folder: Path, frame: pl.DataFrame | None = None) -> Path:
    """The patients as CSV beside the protocol."""
    path = folder / "patients.csv"
    (patients() if frame is None else frame).write_csv(path)
    return path


def with_cells(frame: pl.DataFrame, column: str, cells: dict[int, object]) -> pl.DataFrame:
    """The frame as texts, with some cells of one column replaced (rows counted from 1)."""
    texts = frame.cast(pl.String)
    values = texts[column].to_list()
    for row, cell in cells.items():
        values[row - 1] = None if cell is None else str(cell)
    return texts.with_columns(pl.Series(column, values, dtype=pl.String))
