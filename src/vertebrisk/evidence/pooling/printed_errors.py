"""The standard error of a coefficient, from whatever a row of a regression table prints."""

from __future__ import annotations

import math

from vertebrisk.evidence.pooling.study_estimates import error_of_interval
from vertebrisk.evidence.printed import Printed
from vertebrisk.evidence.published import Coefficient, PaperModel
from vertebrisk.kernels.meta_analysis.effects import Scale
from vertebrisk.text.messages import say

# A standard error and an interval of one row that differ by more than this are told.
_APART = 0.05


def standard_error(
    row: Coefficient, table: PaperModel
) -> tuple[float, str, tuple[str, ...]] | None:
    """Standard error of the coefficient that a row is about, how it was had, and notes."""
    weight = abs(row.reading.weights[0][2]) if row.reading is not None else 1.0
    level = 95.0
    notes: tuple[str, ...] = ()
    if table.conf_level is not None:
        level = table.conf_level.value
    by_interval = _interval_error(row, level)
    printed = _positive(row, "std_error")
    if printed is not None:
        if by_interval is not None and not _agree(row, printed, level):
            notes = (
                say(
                    "the standard error {error} and the interval {limits} of this row differ; the "
                    "standard error is taken",
                    error=row.std_error,
                    limits=_limits_text(row),
                ),
            )
        return printed / weight, say("B and its standard error"), notes
    if by_interval is not None:
        if table.conf_level is None:
            notes = (say("the level of the interval is not printed and taken as 95 %"),)
        own = row.conf_low is None
        of = say("B and its interval") if own else say("odds ratio and its interval")
        return by_interval / weight, of, notes
    return _by_statistic(row, weight)


def _by_statistic(row: Coefficient, weight: float) -> tuple[float, str, tuple[str, ...]] | None:
    """Standard error from B and what it was divided by."""
    if row.estimate is None or row.estimate.bound or row.estimate.value == 0:
        return None
    beta, wald = abs(row.estimate.value), _positive(row, "wald")
    if wald is not None:
        return beta / math.sqrt(wald) / weight, say("B and its Wald statistic"), ()
    if row.z is not None and not row.z.bound and "z" not in row.remarks and row.z.value != 0:
        return beta / abs(row.z.value) / weight, say("B and its z statistic"), ()
    return None


def _positive(row: Coefficient, field: str) -> float | None:
    """A number above zero that is neither a bound nor in doubt."""
    printed: Printed | None = getattr(row, field)
    if printed is None or printed.bound or field in row.remarks or printed.value <= 0:
        return None
    return printed.value


def _interval_error(row: Coefficient, level: float) -> float | None:
    """Standard error of B from the interval of its ratio, or from its own."""
    if not 0 < level < 100:
        return None
    low, high = _positive(row, "conf_low"), _positive(row, "conf_high")
    if low is not None and high is not None and low < high:
        return error_of_interval(low, high, "log", level) / abs(row.per)
    ends = [
        each.value
        for name in ("estimate_low", "estimate_high")
        if (each := getattr(row, name)) is not None and not each.bound and name not in row.remarks
    ]
    if row.conf_low is None and len(ends) == 2 and ends[0] < ends[1]:
        return error_of_interval(ends[0], ends[1], "identity", level)
    return None


def _agree(row: Coefficient, error: float, level: float) -> bool:
    """True if some interval that rounds to the print has about the printed standard error."""
    scale: Scale = "identity" if row.conf_low is None else "log"
    names = ("estimate_low", "estimate_high") if scale == "identity" else ("conf_low", "conf_high")
    low, high = (getattr(row, name).interval for name in names)
    if scale == "log":
        low, high = (tuple(max(end, 1e-300) for end in each) for each in (low, high))
    per = abs(row.per) if scale == "log" else 1.0
    least = error_of_interval(low[1], high[0], scale, level) / per
    greatest = error_of_interval(low[0], high[1], scale, level) / per
    half = row.std_error.half if row.std_error is not None else 0.0
    return (error + half) * (1 + _APART) >= least and (error - half) * (1 - _APART) <= greatest


def _limits_text(row: Coefficient) -> str:
    if row.conf_low is not None:
        return say("{low} to {high}", low=row.conf_low, high=row.conf_high)
    return say("{low} to {high}", low=row.estimate_low, high=row.estimate_high)


def shown_number(row: Coefficient) -> str:
    """The number of a row in a sentence: its odds ratio, else its coefficient."""
    if row.ratio is not None:
        return say("the odds ratio {ratio}", ratio=row.ratio)
    return f"B {row.estimate}" if row.estimate is not None else say("no number")
