"""The printed regression fitted to the made patients, number by number."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, ndtr, ndtri

from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.evidence.published import CONSTANT, Coefficient
from vertebrisk.evidence.reconstruction.agreement import agreed, area_under_curve
from vertebrisk.evidence.reconstruction.likelihoods import Cox, Likelihood, Logistic, maximum
from vertebrisk.evidence.reconstruction.notes import Agreement
from vertebrisk.evidence.reconstruction.targets import Candidate, Table, conf_level
from vertebrisk.evidence.reconstruction.terms import Columns


@dataclass(frozen=True, slots=True, eq=False)
class FittedTable:
    """Maximum-likelihood fit of the table's terms; the constant comes first where there is one.

    `area` is that under the ROC curve of the linear predictor, NaN for a Cox model.
    """

    table: Table
    estimate: FloatArray
    covariance: FloatArray
    area: float


def fit_table(
    table: Table,
    chosen: Candidate,
    values: FloatArray,
    event: BoolArray,
    time: FloatArray | None,
) -> FittedTable:
    """Fit the model to the arranged values of its variables, shape (n, variables)."""
    columns = Columns.of(table.terms, table.variables, chosen.shifted)
    design = columns.design(values)
    likelihood: Likelihood = Logistic(event)
    if table.model.kind == "cox":
        assert time is not None
        order = np.lexsort((~event, time))
        design, likelihood = design[order], Cox.of(time[order], event[order])
    full = likelihood.columns(design)
    estimate, covariance = maximum(likelihood, full)
    logistic = table.model.kind == "logistic"
    area = area_under_curve(full @ estimate, event) if logistic else math.nan
    return FittedTable(table, estimate, covariance, area)


def compare_model(fitted: FittedTable, chosen: Candidate) -> Iterator[Agreement]:
    """Every number of the table beside the fit; turned terms are shown as they were read."""
    table = fitted.table
    first = 1 if table.model.kind == "logistic" else 0
    place = {term.name: first + i for i, term in enumerate(table.terms)}
    for row in table.model.coefficient:
        name = f"{row.term} {row.level}".strip()
        if row.term == CONSTANT and first:
            yield from _row(row, table, CONSTANT, fitted, 0, 1.0)
        elif name in place:
            sign = -1.0 if name in chosen.turned else 1.0
            shown = f"{name} (sign turned)" if sign < 0 else name
            yield from _row(row, table, shown, fitted, place[name], sign)
        elif row.term != CONSTANT:
            own = [place[t.name] for t in table.terms if t.variable == row.term]
            yield from _overall(row, table, fitted, own)


def _row(
    row: Coefficient, table: Table, name: str, fitted: FittedTable, at: int, sign: float
) -> Iterator[Agreement]:
    b = sign * float(fitted.estimate[at])
    s = math.sqrt(max(float(fitted.covariance[at, at]), 0.0))
    z = b / s if s > 0 else math.nan
    width = float(ndtri(0.5 + conf_level(table.model) / 200))
    numbers = {
        "estimate": b, "std_error": s, "wald": z**2, "p_value": 2 * float(ndtr(-abs(z))),
        "ratio": float(np.exp(b)), "conf_low": float(np.exp(b - width * s)),
        "conf_high": float(np.exp(b + width * s)),
    }  # fmt: skip
    for field, made in numbers.items():
        printed = getattr(row, field)
        if printed is not None:
            yield agreed(table.model.place, f"{name} {field}", printed, made)


def _overall(
    row: Coefficient, table: Table, fitted: FittedTable, own: list[int]
) -> Iterator[Agreement]:
    """Wald's test of all levels of a factor."""
    if not own or (row.wald is None and row.p_value is None):
        return
    b = fitted.estimate[own]
    wald = float(b @ np.linalg.pinv(fitted.covariance[np.ix_(own, own)]) @ b)
    if row.wald is not None:
        yield agreed(table.model.place, f"{row.term} wald", row.wald, wald)
    if row.p_value is not None:
        p = float(chdtrc(len(own), wald))
        yield agreed(table.model.place, f"{row.term} p_value", row.p_value, p)
