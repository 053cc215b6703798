"""One small spine cohort analysed in every way, for tests of what its report says."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import polars as pl
from tests.protocols import write_study

from vertebrisk._types import Language
from vertebrisk.protocol import load_protocol
from vertebrisk.report.narrative import narrate
from vertebrisk.report.results.study import StudyResult
from vertebrisk.report.tables.numbering import build_tables
from vertebrisk.study.analysis import run_study
from vertebrisk.study.options import RunOptions
from vertebrisk.study.running import run_in_place
from vertebrisk.study.unfinished import Unfinished

N = 360
VARIABLES: dict[str, dict[str, Any]] = {
    "age": {"label": {"en": "Age", "zh": "年龄"}, "unit": {"en": "years", "zh": "岁"}},
    "bmd": {"label": {"en": "T score", "zh": "T值"}, "summary": "median_iqr"},
    "cleft": {
        "label": {"en": "Intravertebral cleft", "zh": "椎体内裂隙"},
        "levels": ["No", "Yes"],
        "level_labels": {"No": {"en": "No", "zh": "无"}, "Yes": {"en": "Yes", "zh": "有"}},
    },
    "grade": {"label": {"en": "Grade", "zh": "分级"}, "levels": ["0-1", "2", "3-4"]},
}
OTHERS: dict[str, dict[str, Any]] = {
    "hospital": {"label": {"en": "Hospital", "zh": "医院"}, "levels": ["North", "South", "West"]},
    "year": {"label": {"en": "Year", "zh": "年份"}, "unit": "years"},
}
OUTCOME = {
    "label": {"en": "Residual back pain", "zh": "残余腰背痛"},
    "time_point": {"en": "1 month after the operation", "zh": "术后1个月"},
    "definition": {"en": "VAS of 4 or more.", "zh": "VAS评分不低于4分。"},
}
TIMED = {
    "kind": "time-to-event",
    "event": "status == 1",
    "time": "months",
    "time_unit": "months",
    "horizons": [12, 24],
}
Tables = dict[str, dict[str, Any]]


def patients() -> pl.DataFrame:
    """Some four in ten with pain; values are missing, rows share patients and matched sets."""
    rng = np.random.default_rng(8)
    age, bmd = rng.normal(72, 8, N).round(), rng.normal(-3, 1, N).round(2)
    cleft, grade = rng.random(N) < 0.35, rng.integers(0, 3, N)
    linear = -1.3 + 0.05 * (age - 72) + 1.1 * cleft + 0.5 * grade
    pain = rng.random(N) < 1 / (1 + np.exp(-linear))
    months = np.clip(rng.exponential(np.where(pain, 14, 30)).round(1), 0.2, 36)
    return pl.DataFrame(
        {
            "patient": np.arange(N) // 2,
            "set": np.arange(N) // 3,
            "age": age,
            "bmd": bmd,
            "cleft": np.where(cleft, "Yes", "No"),
            "grade": np.array(["0-1", "2", "3-4"])[grade],
            "hospital": np.array(["North", "South", "West"])[rng.integers(0, 3, N)],
            "year": 2015 + np.arange(N) // 60,
            "vas": np.where(pain, 6, 2),
            "status": np.where(pain, 1, np.where(rng.random(N) < 0.15, 2, 0)),
            "months": months,
            "entry": (months * rng.random(N) * 0.5).round(1),
            "pain_before": np.clip(rng.normal(7, 1, N).round(), 0, 10),
            "pain_after": np.clip(rng.normal(4, 2, N).round(), 0, 10),
            "reader_a": np.where(cleft, "Yes", "No"),
            "reader_b": np.where(cleft ^ (rng.random(N) < 0.08), "Yes", "No"),
        }
    )


def holes(frame: pl.DataFrame) -> pl.DataFrame:
    """The same with a seventh of the T scores missing."""
    gone = np.random.default_rng(5).random(N) < 1 / 7
    return frame.with_columns(bmd=pl.when(~pl.Series(gone)).then(pl.col("bmd")))


ML: Tables = {}
COX: Tables = {"outcome": TIMED}
STUDIES: dict[str, Tables] = {
    "ml": ML,
    "profile": {"analysis": {"intervals": "profile"}},
    "univariable": {"analysis": {"select": "univariable"}},
    "backward": {"analysis": {"select": {"method": "backward", "alpha": 0.1}}},
    "select_lasso": {"analysis": {"select": {"method": "lasso", "penalty": {"folds": 4}}}},
    "shapes": {
        "analysis": {
            "terms": ["rcs(age, 4)", "log(year)"],
            "candidates": ["age", "year", "cleft:age"],
        }
    },
    "firth": {"analysis": {"estimator": "firth"}},
    "lasso": {"analysis": {"estimator": "lasso", "penalty": {"folds": 4}}},
    "shrunken": {"analysis": {"shrinkage": "heuristic"}},
    "imputed": {"missing": {"method": "imputation", "imputations": 3, "iterations": 2}},
    "holes": {"missing": {"method": "complete-cases"}},
    "vertebrae": {"study": {"unit": "vertebra", "patient": "patient"}},
    "cox": COX,
    "strata": {
        **COX,
        "analysis": {"strata": ["grade"], "candidates": ["age", "bmd", "cleft"], "ties": "breslow"},
    },
    "entry": {"outcome": {**TIMED, "entry": "entry"}},
    "competing": {"outcome": {**TIMED, "competing": "status == 2"}},
    "matched": {
        "study": {"design": "case-control"},
        "sampling": {"set": "set", "matched": ["year"]},
        "validation": {"thresholds": None, "threshold_range": None},
    },
    "sampled": {
        "study": {"design": "case-control"},
        "sampling": {"prevalence": 0.1},
    },
    "stream": {"analysis": {"engine": "stream"}},
    "folds": {
        "validation": {
            "method": "cross-validation",
            "folds": 4,
            "repeats": 1,
            "resamples": None,
        }
    },
    "imputed_folds": {
        "missing": {"method": "imputation", "imputations": 2, "iterations": 2},
        "validation": {
            "method": "cross-validation",
            "folds": 4,
            "repeats": 1,
            "resamples": None,
        },
    },
    "imputed_632": {
        "missing": {"method": "imputation", "imputations": 2, "iterations": 2},
        "validation": {"method": "632"},
    },
    "plus": {"validation": {"method": "632+"}},
    "shifted": {"validation": {"interval": "location-shifted"}},
    "centres": {"validation": {"centre": "hospital"}},
    "split": {"validation": {"split": {"by": "year", "since": 2018}}},
    "unstable": {"validation": {"instability": True}},
    "scores": {},
}


IMPUTED = ("imputed", "imputed_folds", "imputed_632")


def protocol_file(name: str, folder: Path) -> Path:
    """The study of this name in a folder."""
    frame = patients()
    given = STUDIES[name]
    if name in {"holes", *IMPUTED}:
        frame = holes(frame)
    frame.write_csv(folder / "patients.csv")
    merged: dict[str, Any] = {
        "study": {"title": {"en": "Pain after cement", "zh": "骨水泥强化后疼痛"}},
        "outcome": OUTCOME,
        "variables": {**VARIABLES, **OTHERS},
        "analysis": {"compare": list(VARIABLES)},
        "validation": {"resamples": 3},
        "exclude": [{"rule": "age > 150", "reason": {"en": "Too old", "zh": "年龄过大"}}],
    }
    for key, table in given.items():
        merged[key] = {**merged.get(key, {}), **table}
    path = write_study(folder, **merged)
    if name == "scores":
        path.write_text(path.read_text(encoding="utf-8") + SCORES, encoding="utf-8")
    return path


SCORES = """
[[followup]]
name = "vas"
label = { en = "Pain score", zh = "疼痛评分" }
scale = "vas"
visits = [
  { column = "pain_before", label = { en = "Before", zh = "术前" } },
  { column = "pain_after", label = { en = "After", zh = "术后" } },
]

[[agreement]]
variable = "cleft"
first = "reader_a"
second = "reader_b"
kind = "categorical"
"""


@cache
def result_of(name: str, language: Language = "en") -> StudyResult:
    """The result of this study."""
    with TemporaryDirectory() as folder:
        protocol = load_protocol(protocol_file(name, Path(folder)))
        options = RunOptions(language=language)
        if name == "stream":
            unfinished = Unfinished(Path(folder) / "out")
            return run_in_place(protocol, options, lambda *step: None, unfinished).result
        return run_study(protocol, options).result


@cache
def told(name: str, language: Language = "en") -> dict[str, str]:
    """Text of every section of this study."""
    result = result_of(name, language)
    return {
        key: " ".join(paragraphs).replace("\u00a0", " ")
        for key, paragraphs in narrate(result, build_tables(result)).items()
    }
