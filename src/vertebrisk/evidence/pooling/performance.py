"""Performance of a published model: C-statistic, observed/expected ratio, calibration slope.

The numbers are the paper's `[[statistic]]` entries, by name. A name begins with what it is
(``auc`` or ``c_index``, ``oe``, ``calibration_slope``), says on whom where that is not the
development sample itself (``_corrected`` for optimism, ``_external``), and ends with
``_low``, ``_high`` or ``_se`` for an interval or a standard error.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vertebrisk._checks import listed
from vertebrisk.evidence.pooling.study_estimates import (
    SCALES,
    Measure,
    Performance,
    StudyEstimate,
    Unused,
    about,
    error_of_interval,
    label_of,
    limits,
    on_scale,
)
from vertebrisk.evidence.published import PublishedStudy, Statistic
from vertebrisk.kernels.meta_analysis.effects import (
    Scale,
    log_observed_expected,
    newcombe_logit_error,
)

NAMES: Mapping[Measure, tuple[str, ...]] = {
    "c-statistic": ("auc", "c_index", "c_statistic"),
    "oe": ("oe",),
    "slope": ("calibration_slope",),
}
SUFFIXES: Mapping[Performance, tuple[str, ...]] = {
    "apparent": ("", "_apparent"),
    "corrected": ("_corrected", "_corrected_fixed"),
    "external": ("_external",),
}
TITLES: Mapping[Measure, str] = {
    "c-statistic": "C-statistic",
    "oe": "observed/expected ratio",
    "slope": "calibration slope",
}
# Of a model on its own sample both are 1 by construction.
TRIVIAL: tuple[Measure, ...] = ("oe", "slope")


@dataclass(frozen=True, slots=True)
class _Printed:
    """The prints of one measure in one study: values, and what goes with them."""

    values: tuple[Statistic, ...]
    low: Statistic | None
    high: Statistic | None
    error: Statistic | None


def kinds_of(study: PublishedStudy, measure: Measure) -> tuple[Performance, ...]:
    """On whom the paper measures this: its own sample, corrected for optimism, other patients."""
    return tuple(kind for kind in SUFFIXES if _prints(study, measure, kind) is not None)


def performance(
    study: PublishedStudy, measure: Measure, kind: Performance
) -> StudyEstimate | Unused:
    """One measure of performance of one study, on the scale of pooling.

    The error is that of the printed interval or standard error; without either, that of
    `derived_error`, from events and patients. A slope needs a printed one.
    """
    label = label_of(study.id)
    prints = _prints(study, measure, kind)
    title = TITLES[measure]
    if prints is None:
        others = [each for each in kinds_of(study, measure) if each != kind]
        shown = f"; it prints an {listed(others)} one" if others else ""
        return Unused(study.id, label, f"no {kind} {title} is printed{shown}")
    if kind == "apparent" and measure in TRIVIAL:
        reason = f"the {title} is 1 by construction on the patients that the model was made from"
        return Unused(study.id, label, reason)
    scale = SCALES[measure]
    chosen, notes = _chosen(prints)
    if chosen.value.bound or not _inside(chosen.value.value, measure):
        reason = f"the {title} {chosen.value} ({chosen.place}) cannot be used as a number"
        return Unused(study.id, label, reason)
    value = chosen.value.value
    n, n_events = _sizes(study, kind)
    found = _error(prints, value, scale)
    if found is None:
        found = derived_error(measure, value, n_events, n)
    if found is None:
        reason = (
            f"the {kind} {title} {chosen.value} has neither an interval nor, for its patients, "
            "numbers of events and of all"
        )
        return Unused(study.id, label, reason)
    error, basis = found
    estimate = on_scale(value, scale)
    low, high = limits(estimate, error, scale)
    return StudyEstimate(
        study=study.id,
        label=label,
        estimate=estimate,
        std_error=error,
        value=value,
        conf_low=low,
        conf_high=high,
        n_events=n_events,
        n=n,
        source=kind,
        basis=basis,
        place=chosen.place,
        notes=notes,
        about=about(study) | {"source": kind},
    )


def derived_error(
    measure: Measure, value: float, n_events: int | None, n: int | None
) -> tuple[float, str] | None:
    """Standard error on the scale of pooling from patients alone, where the measure has one.

    References
    ----------
    Debray et al. 2017, doi:10.1136/bmj.i6460
    """
    if n is None or n_events is None or not 0 < n_events < n or measure == "slope":
        return None
    events, others = np.array([float(n_events)]), np.array([float(n - n_events)])
    if measure == "c-statistic":
        error = newcombe_logit_error(np.array([value]), events, others)
        return float(error[0]), "events and patients (Newcombe)"
    _, variance = log_observed_expected(events, events / value, events + others)
    return math.sqrt(variance[0]), "events and patients"


def _prints(study: PublishedStudy, measure: Measure, kind: Performance) -> _Printed | None:
    names = [f"{name}{suffix}" for name in NAMES[measure] for suffix in SUFFIXES[kind]]
    values = _all(study, names)
    if not values:
        return None
    return _Printed(
        values,
        _one(study, names, "_low"),
        _one(study, names, "_high"),
        _one(study, names, "_se"),
    )


def _all(study: PublishedStudy, names: Sequence[str]) -> tuple[Statistic, ...]:
    return tuple(each for each in study.statistic if each.name in names and each.group is None)


def _one(study: PublishedStudy, names: Sequence[str], ending: str) -> Statistic | None:
    found = _all(study, [f"{name}{ending}" for name in names])
    return found[0] if found else None


def _chosen(prints: _Printed) -> tuple[Statistic, tuple[str, ...]]:
    """The value that an interval belongs to, else the one with most decimals; differing ones told.

    An interval belongs to the value nearest to its middle.
    """
    values = prints.values
    chosen = max(values, key=lambda each: each.value.decimals)
    if prints.low is not None and prints.high is not None:
        middle = (prints.low.value.value + prints.high.value.value) / 2
        chosen = min(values, key=lambda each: abs(each.value.value - middle))
    others = [each for each in values if not _same(each, chosen)]
    if not others:
        return chosen, ()
    shown = listed([f"{each.value} ({each.place})" for each in others])
    return chosen, (f"{chosen.value} is taken; the paper also prints {shown}",)


def _same(one: Statistic, other: Statistic) -> bool:
    """True if one number can round to both prints."""
    (low, high), (least, greatest) = one.value.interval, other.value.interval
    return low <= greatest and least <= high


def _inside(value: float, measure: Measure) -> bool:
    if measure == "c-statistic":
        return 0 < value < 1
    return value > 0 if measure == "oe" else math.isfinite(value)


def _error(prints: _Printed, value: float, scale: Scale) -> tuple[float, str] | None:
    """Standard error on the scale of pooling from what is printed beside the value."""
    if prints.low is not None and prints.high is not None:
        low, high = prints.low.value, prints.high.value
        fits = low.value < high.value and not (low.bound or high.bound)
        if fits and scale != "identity":
            fits = low.value > 0 and (scale == "log" or high.value < 1)
        if fits:
            return error_of_interval(low.value, high.value, scale), "printed interval"
    if prints.error is not None and prints.error.value.value > 0 and not prints.error.value.bound:
        error = prints.error.value.value
        slope = {"identity": 1.0, "log": value, "logit": value * (1 - value)}[scale]
        return error / slope, "printed standard error"
    return None


def _sizes(study: PublishedStudy, kind: Performance) -> tuple[int | None, int | None]:
    """Patients and events that the performance is of."""
    if kind != "external":
        return study.n, study.n_events
    sizes = []
    for name in ("n_external", "n_events_external"):
        found = study.statistics(name)
        sizes.append(round(found[0].value.value) if found else None)
    return sizes[0], sizes[1]
