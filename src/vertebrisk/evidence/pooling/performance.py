"""Performance of a published model: C-statistic, observed/expected ratio, calibration slope.

The numbers are the paper's `[[statistic]]` entries, by name. A name begins with what it is
(``auc`` or ``c_index``, ``oe``, ``calibration_slope``), says on whom where that is not the
development sample itself (``_corrected`` for optimism, ``_external``), and ends with
``_low``, ``_high`` or ``_se`` for an interval or a standard error. An entry that names other
`patients` is external, too.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vertebrisk._checks import listed
from vertebrisk.evidence.pooling.ratios import final_regression
from vertebrisk.evidence.pooling.study_estimates import (
    EVENTS_AND_PATIENTS,
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
from vertebrisk.text.messages import say
from vertebrisk.text.phrases import term

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
    "c-statistic": say("C-statistic"),
    "oe": say("observed/expected ratio"),
    "slope": say("calibration slope"),
}
INTERVAL = say("printed interval")
_ENDINGS = ("_low", "_high", "_se")
# Of a model on its own sample both are 1 by construction.
TRIVIAL: tuple[Measure, ...] = ("oe", "slope")


@dataclass(frozen=True, slots=True)
class _Printed:
    """The prints of one measure on one sample: values, what goes with them, other samples."""

    patients: str | None
    others: tuple[str, ...]
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
        shown = (
            say("; it prints an {others} one", others=listed([term(each) for each in others]))
            if others
            else ""
        )
        return Unused(
            study.id,
            label,
            say("no {kind} {title} is printed{shown}", kind=term(kind), title=title, shown=shown),
        )
    if kind == "apparent" and measure in TRIVIAL:
        reason = say(
            "the {title} is 1 by construction on the patients that the model was made from",
            title=title,
        )
        return Unused(study.id, label, reason)
    scale = SCALES[measure]
    chosen, notes = _chosen(prints)
    if chosen.value.bound or not _inside(chosen.value.value, measure):
        reason = say(
            "the {title} {value} ({place}) cannot be used as a number",
            title=title,
            value=chosen.value,
            place=chosen.place,
        )
        return Unused(study.id, label, reason)
    value = chosen.value.value
    n, n_events = _sizes(study, kind, prints.patients)
    found = _error(prints, value, scale)
    if found is None:
        found = derived_error(measure, value, n_events, n)
    if found is None:
        reason = say(
            "the {kind} {title} {value} has neither an interval nor, for its patients, numbers of "
            "events and of all",
            kind=term(kind),
            title=title,
            value=chosen.value,
        )
        return Unused(study.id, label, reason)
    error, basis = found
    if measure == "c-statistic" and study.outcome.kind == "time-to-event":
        notes = (*notes, say("a C-index of time to event, over the pairs that can be ordered"))
    if prints.low is not None and prints.high is not None and basis != INTERVAL:
        notes = (
            *notes,
            say(
                "the printed interval, {low} to {high}, cannot be that of {value}",
                low=prints.low.value,
                high=prints.high.value,
                value=chosen.value,
            ),
        )
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
        return float(error[0]), say("events and patients (Newcombe)")
    _, variance = log_observed_expected(events, events / value, events + others)
    return math.sqrt(variance[0]), EVENTS_AND_PATIENTS


def _prints(study: PublishedStudy, measure: Measure, kind: Performance) -> _Printed | None:
    """The prints of one kind: of the first sample, where other patients are of several."""
    samples: dict[str | None, list[Statistic]] = {}
    for each in _of_model(study):
        if each.patients is None and _is(each, measure, kind):
            samples.setdefault(None, []).append(each)
        elif each.patients is not None and kind == "external" and _is(each, measure, "apparent"):
            samples.setdefault(each.patients, []).append(each)
    for patients, rows in samples.items():
        values = tuple(each for each in rows if not each.name.endswith(_ENDINGS))
        if values:
            low, high, error = (_one(rows, ending) for ending in _ENDINGS)
            others = tuple(name or "others" for name in samples if name != patients)
            return _Printed(patients, others, values, low, high, error)
    return None


def _of_model(study: PublishedStudy) -> Iterator[Statistic]:
    """Statistics of the paper's final model, of no single group."""
    table = final_regression(study)
    ids = (None, table.id) if table is not None else (None,)
    return (each for each in study.statistic if each.group is None and each.model in ids)


def _is(row: Statistic, measure: Measure, kind: Performance) -> bool:
    bare = row.name
    for ending in _ENDINGS:
        bare = bare.removesuffix(ending)
    return bare in [f"{name}{suffix}" for name in NAMES[measure] for suffix in SUFFIXES[kind]]


def _one(rows: Sequence[Statistic], ending: str) -> Statistic | None:
    return next((each for each in rows if each.name.endswith(ending)), None)


def _chosen(prints: _Printed) -> tuple[Statistic, tuple[str, ...]]:
    """The value that an interval belongs to, else the one with most decimals; the rest told.

    An interval belongs to the value nearest to its middle.
    """
    values, notes = prints.values, []
    chosen = max(values, key=lambda each: each.value.decimals)
    if prints.low is not None and prints.high is not None:
        middle = (prints.low.value.value + prints.high.value.value) / 2
        chosen = min(values, key=lambda each: abs(each.value.value - middle))
    others = [each for each in values if not _same(each, chosen)]
    if others:
        shown = listed([f"{each.value} ({each.place})" for each in others])
        notes.append(
            say(
                "{value} is taken; the paper also prints {others}",
                value=chosen.value,
                others=shown,
            )
        )
    if prints.patients is not None:
        notes.append(say("on other patients: {patients}", patients=prints.patients))
    if prints.others:
        notes.append(say("a study counts once; not taken: {others}", others=listed(prints.others)))
    return chosen, tuple(notes)


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
        fits = fits and low.value <= value <= high.value
        if fits and scale != "identity":
            fits = low.value > 0 and (scale == "log" or high.value < 1)
        if fits:
            return error_of_interval(low.value, high.value, scale), INTERVAL
    if prints.error is not None and prints.error.value.value > 0 and not prints.error.value.bound:
        error = prints.error.value.value
        slope = {"identity": 1.0, "log": value, "logit": value * (1 - value)}[scale]
        return error / slope, say("printed standard error")
    return None


def _sizes(
    study: PublishedStudy, kind: Performance, patients: str | None
) -> tuple[int | None, int | None]:
    """Patients and events that the performance is of."""
    if kind != "external":
        return study.n, study.n_events
    ending = "_external" if patients is None else ""
    sizes = []
    for name in (f"n{ending}", f"n_events{ending}"):
        found = [each for each in study.statistics(name) if each.patients == patients]
        sizes.append(round(found[0].value.value) if found else None)
    return sizes[0], sizes[1]
