"""Invented papers, printed from patients that are known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

HEAD = """\
schema_version = 1
id = "invented"
[citation]
title = "An invented study"
language = "en"
source = "{source}"
[design]
kind = "{kind}"
model = "{model}"
n = {{ value = "{n}", place = "Text" }}
n_events = {{ value = "{n_events}", place = "Text" }}
{population}
[outcome]
name = "pain"
label = "Pain"
kind = "{outcome}"
definition = "Invented"
place = "Text"
[[groups]]
name = "without"
event = false
n = "{n_without}"
place = "Table 1"
[[groups]]
name = "with"
event = true
n = "{n_events}"
place = "Table 1"
"""


def head(n_without: int, n_events: int, **changes: Any) -> str:
    """The first part of an invented paper."""
    facts = {
        "source": "paper", "kind": "cohort", "model": "logistic", "outcome": "binary",
        "n": n_without + n_events, "n_events": n_events, "n_without": n_without,
        "population": "",
    }  # fmt: skip
    return HEAD.format(**(facts | changes))


def number(name: str, coding: str, means: list[str], sds: list[str], rest: str = "") -> str:
    """A number with its group means and SDs."""
    return f"""
[variables.{name}]
label = "{name}"
timing = "preoperative"
{coding}
[[compared]]
variable = "{name}"
place = "Table 1"
mean = {means}
sd = {sds}
{rest}
"""


def factor(name: str, yes: tuple[int, int], sizes: tuple[int, int], rest: str = "") -> str:
    """A yes-no factor with its counts, without and with the event."""
    no = [str(size - count) for size, count in zip(sizes, yes, strict=True)]
    return f"""
[variables.{name}]
label = "{name}"
timing = "preoperative"
levels = ["No", "Yes"]
[[compared]]
variable = "{name}"
place = "Table 1"
{rest}
levels = {{ No = {{ count = {no} }}, Yes = {{ count = {[str(each) for each in yes]} }} }}
"""


def coefficients(rows: list[dict[str, str]], kind: str = "logistic") -> str:
    """A regression table."""
    text = f'\n[[model]]\nid = "final"\nkind = "{kind}"\nplace = "Table 2"\n'
    for row in rows:
        text += "\n[[model.coefficient]]\n"
        text += "".join(f'{name} = "{value}"\n' for name, value in row.items())
    return text


def write(folder: Path, *parts: str) -> Path:
    """A paper as a file; lists of texts get their quotation marks."""
    path = folder / "invented.toml"
    path.write_text("".join(parts).replace("'", '"'), encoding="utf-8")
    return path


def logistic_fit(x: np.ndarray[Any, Any], y: np.ndarray[Any, Any]) -> tuple[Any, Any]:
    """Coefficients and standard errors, constant first, by plain Newton steps."""
    x = np.column_stack([np.ones(len(x)), x])
    beta = np.zeros(x.shape[1])
    for _ in range(40):
        risk = 1 / (1 + np.exp(-x @ beta))
        covariance = np.linalg.inv((x.T * risk * (1 - risk)) @ x)
        beta = beta + covariance @ x.T @ (y - risk)
    return beta, np.sqrt(np.diag(covariance))
