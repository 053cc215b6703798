"""Effects and their standard errors from what papers print, on the scale for pooling."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from vertebrisk._checks import check_fraction
from vertebrisk._types import BoolArray, FloatArray, Json
from vertebrisk.errors import ArgumentError
from vertebrisk.evidence.pooling.checking import as_counts, as_studies, refuse
from vertebrisk.evidence.pooling.results import SCHEMA_VERSION, plain
from vertebrisk.kernels.meta_analysis.effects import (
    Scale,
    error_from_limits,
    log_observed_expected,
    log_odds_ratio,
    logit_proportion,
    newcombe_logit_error,
    to_scale,
)

_SHARE = "Give shares between 0 and 1, not percentages."


@dataclass(frozen=True, slots=True)
class EffectSizes:
    """Effects of studies on `scale`, ready for `pool`; `sources` says where each error is from."""

    estimates: tuple[float, ...]
    std_errors: tuple[float, ...]
    scale: Scale
    sources: tuple[str, ...]

    def to_dict(self) -> Json:
        """JSON form."""
        return {"schema_version": SCHEMA_VERSION, "kind": "effect-sizes", **plain(self)}


def logit_proportions(events: ArrayLike, sizes: ArrayLike) -> EffectSizes:
    """Logits of the share of patients with an event in each study.

    Parameters
    ----------
    events, sizes : array-like, shape (k,)
        Patients with the event, and patients in all. Where none or all have it a half is added
        to both cells of that study.

    Returns
    -------
    EffectSizes
        As ``metafor::escalc(measure = "PLO")``.

    Raises
    ------
    ArgumentError
        For counts that are not whole, below zero, missing, or above their size.
    """
    x, n = as_counts(events, sizes)
    estimates, variances = logit_proportion(x, n)
    return _sized(estimates, np.sqrt(variances), "logit", _filled((x == 0) | (x == n)))


def log_odds_ratios(
    events: ArrayLike, sizes: ArrayLike, other_events: ArrayLike, other_sizes: ArrayLike
) -> EffectSizes:
    """Log odds ratios of an event in one group of each study against another.

    Parameters
    ----------
    events, sizes : array-like, shape (k,)
        Patients with the event, and in all, of those with the factor.
    other_events, other_sizes : array-like, shape (k,)
        The same of those without it. Where one of the four cells is zero a half is added to
        each of that study.

    Returns
    -------
    EffectSizes
        As ``metafor::escalc(measure = "OR")``.

    Raises
    ------
    ArgumentError
        For counts that are not whole, below zero, missing, or above their size.
    """
    a, n = as_counts(events, sizes)
    c, m = as_counts(other_events, other_sizes, ("other_events", "other_sizes"), a.size)
    estimates, variances = log_odds_ratio(a, n, c, m)
    empty = (a == 0) | (a == n) | (c == 0) | (c == m)
    return _sized(estimates, np.sqrt(variances), "log", _filled(empty))


def logit_c_statistics(
    c_statistics: ArrayLike,
    *,
    conf_low: ArrayLike | None = None,
    conf_high: ArrayLike | None = None,
    std_errors: ArrayLike | None = None,
    events: ArrayLike | None = None,
    nonevents: ArrayLike | None = None,
    conf_level: float = 0.95,
) -> EffectSizes:
    """Logits of C-statistics, with the best standard error that each study allows.

    Parameters
    ----------
    c_statistics : array-like, shape (k,)
        Between 0 and 1. Apparent and external ones should not be pooled together.
    conf_low, conf_high : array-like, shape (k,), optional
        Limits as printed; used where both are known and neither is 0 or 1.
    std_errors : array-like, shape (k,), optional
        Of the C-statistics themselves; used next, by the delta method.
    events, nonevents : array-like, shape (k,), optional
        Patients with and without the event; used last, by Newcombe's method 4.
    conf_level : float
        Coverage of the printed intervals.

    In the optional ones NaN or None stands for what a study does not print.

    Returns
    -------
    EffectSizes

    Raises
    ------
    ArgumentError
        For values out of range, and where a study has nothing to take an error from.

    References
    ----------
    Debray et al. 2017, doi:10.1136/bmj.i6460; Newcombe 2006, doi:10.1002/sim.2324
    """
    check_fraction(conf_level, "conf_level")
    c = as_studies(c_statistics, "c_statistics")
    refuse((c <= 0) | (c >= 1), "c_statistics", "not between 0 and 1", _SHARE)
    low = _known(conf_low, "conf_low", c.size)
    high = _known(conf_high, "conf_high", c.size)
    with np.errstate(invalid="ignore"):
        crossed = (low > c) | (high < c)
    refuse(crossed, "conf_low or conf_high", "on the wrong side of the C-statistic", "Look again.")
    refuse((low < 0) | (high > 1), "conf_low or conf_high", "not between 0 and 1", _SHARE)
    printed = _known(std_errors, "std_errors", c.size)
    refuse(printed <= 0, "std_errors", "not above zero", "Give the error of the C-statistic.")
    with_event = _known(events, "events", c.size)
    without = _known(nonevents, "nonevents", c.size)
    refuse((with_event < 1) | (without < 1), "events or nonevents", "below 1", "Look again.")
    choices = {
        "interval": error_from_limits(to_scale(low, "logit"), to_scale(high, "logit"), conf_level),
        "standard error": printed / (c * (1 - c)),
        "numbers with and without the event": newcombe_logit_error(c, with_event, without),
    }
    errors = np.full(c.size, np.nan)
    sources = [""] * c.size
    for source, candidate in choices.items():
        for place in np.flatnonzero(np.isnan(errors) & np.isfinite(candidate) & (candidate > 0)):
            errors[place], sources[place] = candidate[place], source
    refuse(
        np.isnan(errors),
        "c_statistics",
        "without an interval, a standard error or numbers of events",
        "Give one of them, or leave the study out.",
    )
    return _sized(to_scale(c, "logit"), errors, "logit", sources)


def log_observed_expected_ratios(
    observed: ArrayLike, expected: ArrayLike, sizes: ArrayLike
) -> EffectSizes:
    """Logarithms of the ratio of observed to expected events.

    Parameters
    ----------
    observed, expected, sizes : array-like, shape (k,)
        Events that occurred, events that the model predicted (above zero), patients in all.

    Returns
    -------
    EffectSizes

    Raises
    ------
    ArgumentError
        For values out of range, and where none or all of the patients had the event.

    References
    ----------
    Debray et al. 2017, doi:10.1136/bmj.i6460
    """
    o, n = as_counts(observed, sizes, ("observed", "sizes"))
    e = as_studies(expected, "expected", o.size)
    refuse(e <= 0, "expected", "not above zero", "Give the sum of the predicted risks.")
    remedy = "Its ratio has no standard error; leave the study out."
    refuse((o == 0) | (o == n), "observed", "none or all of the patients", remedy)
    estimates, variances = log_observed_expected(o, e, n)
    return _sized(estimates, np.sqrt(variances), "log", ["counts"] * o.size)


def log_ratios(
    ratios: ArrayLike, conf_low: ArrayLike, conf_high: ArrayLike, *, conf_level: float = 0.95
) -> EffectSizes:
    """Logarithms of printed odds, hazard or observed-expected ratios.

    Parameters
    ----------
    ratios, conf_low, conf_high : array-like, shape (k,)
        As printed, above zero; the limits on either side of the ratio.
    conf_level : float
        Coverage of the printed intervals.

    Returns
    -------
    EffectSizes
        The standard errors are the width on the log scale over twice the normal quantile.

    Raises
    ------
    ArgumentError
        For values not above zero, missing, or limits on the wrong side.
    """
    check_fraction(conf_level, "conf_level")
    ratio = as_studies(ratios, "ratios")
    low = as_studies(conf_low, "conf_low", ratio.size)
    high = as_studies(conf_high, "conf_high", ratio.size)
    for values, name in ((ratio, "ratios"), (low, "conf_low"), (high, "conf_high")):
        refuse(values <= 0, name, "not above zero", "Give ratios, not their logarithms.")
    wrong = (low > ratio) | (high < ratio) | (low == high)
    refuse(wrong, "conf_low or conf_high", "on the wrong side of the ratio", "Look again.")
    errors = error_from_limits(np.log(low), np.log(high), conf_level)
    return _sized(np.log(ratio), errors, "log", ["interval"] * ratio.size)


def _known(values: ArrayLike | None, name: str, size: int) -> FloatArray:
    """Numbers of the studies that print them, NaN for the others."""
    if values is None:
        return np.full(size, np.nan)
    try:
        numbers = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ArgumentError(
            f"{name} holds values that are not numbers; give one a study, NaN where unknown."
        ) from None
    known = as_studies(np.where(np.isnan(numbers), 1.0, numbers), name, size)
    return np.where(np.isnan(numbers), np.nan, known)


def _filled(empty: BoolArray) -> list[str]:
    return ["counts, a half added" if each else "counts" for each in empty]


def _sized(
    estimates: FloatArray, errors: FloatArray, scale: Scale, sources: list[str]
) -> EffectSizes:
    return EffectSizes(
        tuple(float(each) for each in estimates),
        tuple(float(each) for each in errors),
        scale,
        tuple(sources),
    )
