"""Agreement of two readers on a measurement: `agreement_continuous`."""

from __future__ import annotations

import math

import numpy as np

from vertebrisk._checks import check_fraction
from vertebrisk._types import FloatArray
from vertebrisk.comparison.agreement.columns import (
    missing_readings,
    need_readings,
    reader_columns,
)
from vertebrisk.comparison.agreement.results import (
    BlandAltman,
    ContinuousAgreement,
    Intraclass,
)
from vertebrisk.comparison.repeated.changes import number, varies
from vertebrisk.comparison.repeated.shaping import numbers_of
from vertebrisk.findings import Finding
from vertebrisk.kernels.agreement import (
    IntraclassForm,
    MeanSquares,
    intraclass_agreement,
    intraclass_consistency,
    mean_squares,
    of_the_mean,
)
from vertebrisk.kernels.distributions import normal_quantile, t_quantile, t_two_sided
from vertebrisk.text.messages import say


def agreement_continuous(
    data: object, first: str, second: str, *, level: float = 0.95
) -> ContinuousAgreement:
    """How far do two readers agree on a measurement?

    Parameters
    ----------
    data : polars, pandas or pyarrow table, or dict of columns
        One row a patient (or vertebra). A row that one reader left empty is counted as
        missing and takes no part.
    first, second : str
        Columns of the two readers, in one unit.
    level : float
        Coverage of the intervals, and of the limits of agreement.

    Returns
    -------
    ContinuousAgreement
        ICC(2,1), (3,1), (2,k) and (3,k) with F intervals, as ``psych::ICC(lmer = FALSE)``;
        standard error of measurement; bias and limits of agreement with t intervals; the
        slope of the difference on the mean. Differences are first reader less second.

    Raises
    ------
    ArgumentError
        When a column is unknown, or fewer than two patients were read by both.
    DataError
        When a reading is text or infinite.

    Notes
    -----
    ICC(2,1) asks whether the readers are interchangeable, ICC(3,1) whether they rank
    patients alike. The limits' intervals use Bland and Altman's
    ``s * sqrt(1 / n + z**2 / (2 (n - 1)))`` with a t quantile.

    References
    ----------
    Shrout and Fleiss 1979, doi:10.1037/0033-2909.86.2.420; McGraw and Wong 1996,
    doi:10.1037/1082-989X.1.1.30; Bland and Altman 1999, doi:10.1177/096228029900800204

    Examples
    --------
    >>> readings = {"a": [10, 14, 21, 30], "b": [11, 15, 20, 32]}
    >>> round(agreement_continuous(readings, "a", "b").form("ICC(2,1)").estimate, 3)
    0.99
    """
    check_fraction(level, "level")
    a, b = (numbers_of(column) for column in reader_columns(data, first, second))
    both = ~(np.isnan(a) | np.isnan(b))
    missing = int((~both).sum())
    need_readings(int(both.sum()), first, second, 2)
    scores = np.column_stack([a[both], b[both]])
    ms = mean_squares(scores)
    undefined = not (varies(scores[:, 0]) or varies(scores[:, 1]))
    sem = math.sqrt(ms.error)
    z = float(normal_quantile(0.5 + level / 2))
    return ContinuousAgreement(
        first=first,
        second=second,
        n=ms.n,
        missing=missing,
        forms=_undefined_forms(ms) if undefined else _forms(ms, level),
        sem=sem,
        smallest_change=z * math.sqrt(2) * sem,
        bland_altman=_bland_altman(scores, level),
        level=level,
        findings=(
            *missing_readings(missing, first, second),
            *_no_variance(undefined, first, second),
        ),
    )


def _forms(ms: MeanSquares, level: float) -> tuple[Intraclass, ...]:
    agreement, consistency = intraclass_agreement(ms, level), intraclass_consistency(ms, level)
    k = ms.k
    return (
        _form("ICC(2,1)", "ICC(A,1)", agreement),
        _form("ICC(3,1)", "ICC(C,1)", consistency),
        _form(f"ICC(2,{k})", f"ICC(A,{k})", of_the_mean(agreement, k)),
        _form(f"ICC(3,{k})", f"ICC(C,{k})", of_the_mean(consistency, k)),
    )


def _undefined_forms(ms: MeanSquares) -> tuple[Intraclass, ...]:
    df, df2 = float(ms.n - 1), float((ms.n - 1) * (ms.k - 1))
    nothing = IntraclassForm(math.nan, math.nan, math.nan, math.nan, df, df2, math.nan)
    names = [("2,1", "A,1"), ("3,1", "C,1"), (f"2,{ms.k}", f"A,{ms.k}"), (f"3,{ms.k}", f"C,{ms.k}")]
    return tuple(_form(f"ICC({sf})", f"ICC({mw})", nothing) for sf, mw in names)


def _form(name: str, other: str, found: IntraclassForm) -> Intraclass:
    limits = number(found.conf_low), number(found.conf_high)
    return Intraclass(
        name, other, number(found.estimate), *limits, number(found.statistic),
        found.df, found.df2, number(found.p_value),
    )  # fmt: skip


def _no_variance(undefined: bool, first: str, second: str) -> tuple[Finding, ...]:
    if not undefined:
        return ()
    return (
        Finding(
            "icc-undefined",
            "warning",
            say(
                "No reading differs from patient to patient in '{first}' and in '{second}', "
                "so the intraclass correlation does not exist.",
                first=first,
                second=second,
            ),
            say("Quote the limits of agreement; the correlation needs patients who differ."),
        ),
    )


def _bland_altman(scores: FloatArray, level: float) -> BlandAltman:
    differences, means = scores[:, 0] - scores[:, 1], scores.mean(axis=1)
    n = differences.size
    bias, sd = float(differences.mean()), float(differences.std(ddof=1))
    z, t = float(normal_quantile(0.5 + level / 2)), float(t_quantile(0.5 + level / 2, n - 1))
    half = t * sd / math.sqrt(n)
    reach = t * sd * math.sqrt(1 / n + z * z / (2 * (n - 1)))
    lower, upper = bias - z * sd, bias + z * sd
    slope, limits, p, intercept = _line(means, differences, level)
    return BlandAltman(
        bias, bias - half, bias + half, sd, lower, lower - reach, lower + reach,
        upper, upper - reach, upper + reach, slope, *limits, p, intercept,
        means=_read_only(means), differences=_read_only(differences),
    )  # fmt: skip


def _line(
    x: FloatArray, y: FloatArray, level: float
) -> tuple[float | None, tuple[float | None, float | None], float | None, float | None]:
    """Slope of y on x with t limits and p, and the intercept; None where x does not vary."""
    n = x.size
    if n < 3 or not varies(x):
        return None, (None, None), None, None
    spread = float(np.square(x - x.mean()).sum())
    slope = float((x - x.mean()) @ y) / spread
    intercept = float(y.mean() - slope * x.mean())
    rest = float(np.square(y - intercept - slope * x).sum())
    error = math.sqrt(rest / (n - 2) / spread)
    half = float(t_quantile(0.5 + level / 2, n - 2)) * error
    p = float(t_two_sided(slope / error, n - 2)) if rest > 1e-20 * float(y @ y) else None
    return slope, (slope - half, slope + half), p, intercept


def _read_only(values: FloatArray) -> FloatArray:
    copy = np.array(values, dtype=np.float64)
    copy.setflags(write=False)
    return copy
