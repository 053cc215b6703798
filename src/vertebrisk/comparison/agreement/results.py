"""Values that the agreement of two readers is made of."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

import numpy as np

from vertebrisk._checks import place_of
from vertebrisk._types import FloatArray, Json
from vertebrisk.findings import Finding

SCHEMA_VERSION = "1.0"
BINS = 24  # cells of the grid on which pairs of readings are counted


@dataclass(frozen=True, slots=True)
class AgreementCoefficient:
    """A coefficient of agreement with its interval; None where it is undefined.

    `name` is "kappa", "kappa_linear", "kappa_quadratic", "ac1", "ac2_linear" or
    "ac2_quadratic".
    """

    name: str
    estimate: float | None
    std_error: float | None
    conf_low: float | None
    conf_high: float | None


@dataclass(frozen=True, slots=True)
class CategoricalAgreement:
    """Two readers' levels of the same patients; made by `agreement_categorical`.

    `table` counts first reader by second in the order of `levels`. `agreed` and its
    Wilson interval are the share read alike. `missing` counts patients whom one or both
    did not read.
    """

    first: str
    second: str
    levels: tuple[str, ...]
    table: tuple[tuple[int, ...], ...]
    n: int
    missing: int
    agreed: float
    agreed_low: float
    agreed_high: float
    coefficients: tuple[AgreementCoefficient, ...]
    level: float
    findings: tuple[Finding, ...]

    def coefficient(self, name: str) -> AgreementCoefficient:
        """One coefficient by its name; ArgumentError where there is none of that name."""
        names = [each.name for each in self.coefficients]
        return self.coefficients[place_of(name, names, "coefficient")]

    def to_dict(self) -> Json:
        """JSON form."""
        return {"schema_version": SCHEMA_VERSION, "kind": "categorical", **_plain(self)}


@dataclass(frozen=True, slots=True)
class Intraclass:
    """One form of the intraclass correlation; None where it is undefined.

    `form` is that of Shrout and Fleiss, "ICC(2,1)"; `form_mw` that of McGraw and Wong,
    "ICC(A,1)". The F test is that the correlation is zero.
    """

    form: str
    form_mw: str
    estimate: float | None
    conf_low: float | None
    conf_high: float | None
    statistic: float | None
    df: float
    df2: float
    p_value: float | None


@dataclass(frozen=True, slots=True, eq=False)
class BlandAltman:
    """Differences (first reader less second) against means of the two readings.

    `bias`, the limits of agreement and their intervals are in the unit of the measure.
    `slope` is that of the difference on the mean: proportional bias. `means` and
    `differences`, shape (n,), are the points of the plot and stay out of `to_dict`;
    `cells` counts them on a grid.
    """

    bias: float
    bias_low: float
    bias_high: float
    sd: float
    lower: float
    lower_low: float
    lower_high: float
    upper: float
    upper_low: float
    upper_high: float
    slope: float | None
    slope_low: float | None
    slope_high: float | None
    slope_p: float | None
    intercept: float | None
    means: FloatArray = field(repr=False)
    differences: FloatArray = field(repr=False)

    def to_dict(self) -> Json:
        """JSON form; it holds counts on a grid instead of the points."""
        content = asdict(self)
        for name in ("means", "differences"):
            content.pop(name)
        return {**content, "cells": self.cells()}

    def cells(self) -> list[dict[str, float]]:
        """Where the points lie: centre of each occupied cell of a grid, and their number."""
        counts, x, y = np.histogram2d(self.means, self.differences, bins=BINS)
        return [
            {
                "mean": float((x[i] + x[i + 1]) / 2),
                "difference": float((y[j] + y[j + 1]) / 2),
                "n": int(counts[i, j]),
            }
            for i, j in np.argwhere(counts > 0)
        ]


@dataclass(frozen=True, slots=True, eq=False)
class ContinuousAgreement:
    """Two readers' numbers of the same patients; made by `agreement_continuous`.

    `sem` is the standard error of measurement (root of the residual mean square), and
    `smallest_change` what one patient must change by to exceed it with `level`
    certainty.
    """

    first: str
    second: str
    n: int
    missing: int
    forms: tuple[Intraclass, ...]
    sem: float
    smallest_change: float
    bland_altman: BlandAltman
    level: float
    findings: tuple[Finding, ...]

    def form(self, name: str) -> Intraclass:
        """One form by the name of Shrout and Fleiss or of McGraw and Wong, or ArgumentError."""
        names = [each.form for each in self.forms] + [each.form_mw for each in self.forms]
        return self.forms[place_of(name, names, "form") % len(self.forms)]

    def to_dict(self) -> Json:
        """JSON form; it holds counts on a grid instead of the readings."""
        content = {**_plain(self), "bland_altman": self.bland_altman.to_dict()}
        return {"schema_version": SCHEMA_VERSION, "kind": "continuous", **content}


def _plain(record: CategoricalAgreement | ContinuousAgreement) -> Json:
    content = asdict(record)
    content["findings"] = [finding.to_dict() for finding in record.findings]
    return content
