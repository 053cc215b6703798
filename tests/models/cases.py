"""Reference cases as the package takes them: typed columns, whole formulas, quiet fits."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from tests.reference import loader

from vertebrisk._types import FloatArray
from vertebrisk.errors import FewEventsWarning
from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.models.logistic.fitting import fit_logistic


def reference_frame(case: Mapping[str, Any]) -> pl.DataFrame:
    """Data of a case, its categories with the order of levels that R used."""
    frame = loader.frame(case["data"])
    categories = case.get("categories") or {}
    present = [name for name in categories if name in frame.columns]
    frame = frame.with_columns(pl.col(name).cast(pl.Enum(categories[name])) for name in present)
    if "er" in frame.columns:  # the grammar has no log(er + 1)
        frame = frame.with_columns(er1=pl.col("er") + 1.0)
    return frame


def reference_formula(case: Mapping[str, Any]) -> str:
    """Both sides of a case's formula."""
    right = str(case["formula"]).split("~")[-1].strip()
    return f"{case['event']} ~ {right}".replace("log(er + 1)", "log(er1)")


def quiet_fit(formula: str, data: object, **options: Any) -> LogisticFit:
    """`fit_logistic` where few events are not what a test is about."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewEventsWarning)
        return fit_logistic(formula, data, **options)


def fit_case(case: Mapping[str, Any], **options: Any) -> LogisticFit:
    """The fit that a reference case describes."""
    return quiet_fit(reference_formula(case), reference_frame(case), **options)


def event_of(case: Mapping[str, Any], frame: pl.DataFrame) -> FloatArray:
    """Outcome of a case as zeros and ones, found without the package's own parser."""
    column, value = (part.strip().strip('"') for part in str(case["event"]).split("=="))
    return (frame[column].cast(pl.String) == value).to_numpy().astype(np.float64)


def simulated(n: int, seed: int, slopes: tuple[float, ...] = (0.8, -0.5)) -> pl.DataFrame:
    """Invented patients: numbers a and b, a category g of three levels, and the event y."""
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=n), rng.normal(size=n)
    g = rng.integers(0, 3, n)
    eta = -0.4 + slopes[0] * a + slopes[1] * b + np.array([0.0, 0.5, 1.0])[g]
    y = rng.random(n) < 1.0 / (1.0 + np.exp(-eta))
    labels = np.array(["low", "middle", "high"])[g]
    return pl.DataFrame({"a": a, "b": b, "g": labels, "y": y}).with_columns(
        pl.col("g").cast(pl.Enum(["low", "middle", "high"]))
    )
