"""Read the reference values and their data sets."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

HERE = Path(__file__).parent


@cache
def _text(name: str) -> str:
    return (HERE / "output" / f"{name}.json").read_text(encoding="utf-8")


def load(name: str) -> dict[str, Any]:
    """Reference values of one topic, say ``load("logistic")``; null stands for NA and infinity."""
    content: dict[str, Any] = json.loads(_text(name))
    return content


@cache
def _frame(name: str) -> pl.DataFrame:
    return pl.read_csv(HERE / "data" / f"{name}.csv", infer_schema_length=None)


def frame(name: str) -> pl.DataFrame:
    """One data set, say ``frame("pima_tr")``: numbers, text, and null where R has NA."""
    return _frame(name).clone()
