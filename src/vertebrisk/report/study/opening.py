"""What stands on the first page of a run's report, and what on its last."""

from __future__ import annotations

from vertebrisk.report.main_numbers import corrected_estimate
from vertebrisk.report.results.study import StudyResult
from vertebrisk.report.words import Words
from vertebrisk.text.numbers import MISSING


def facts_of(result: StudyResult, words: Words) -> list[tuple[str, str]]:
    """Outcome, time point, design and unit."""
    facts = result.facts
    return [
        (words("outcome"), facts.outcome_label),
        (words("event"), facts.event_rule),
        (words("time_point"), facts.time_point),
        (words("use_at"), words.or_plain(facts.use_at, facts.use_at)),
        (words("design"), words.or_plain(facts.design, facts.design)),
        (words("unit"), words.or_plain(facts.unit, facts.unit)),
    ]


def key_numbers_of(result: StudyResult, words: Words) -> list[tuple[str, str, str]]:
    """Label, number and interval of what a reader looks for first."""
    flow, auc = result.flow, result.c_index
    sampled = result.matched is not None  # the share of cases was chosen with the controls
    share = words.numbers.percent(100.0 * flow.n_events / flow.n) if flow.n and not sampled else ""
    unit = words("vertebrae" if flow.unit == "vertebra" else "patients")
    return [
        (words("analysed"), str(flow.n), unit),
        (words("events"), str(flow.n_events), share),
        *([] if result.matched is None else [(words("sets"), str(result.matched.n_sets), "")]),
        _key_number(words("c_apparent"), (auc.estimate, auc.conf_low, auc.conf_high), words),
        _key_number(words("c_corrected"), corrected_estimate(result, "c_index"), words),
        _key_number(
            words("slope_corrected"),
            corrected_estimate(result, "slope"),
            words,
            limits_name="over_resamples",
        ),
    ]


def _key_number(
    label: str,
    values: tuple[float | None, float | None, float | None],
    words: Words,
    limits_name: str = "ci95",
) -> tuple[str, str, str]:
    limits = words.numbers.interval(values[1], values[2], 3)
    shown = words.numbers.estimate(values[0], 3)
    if limits == MISSING:
        return label, shown, ""
    return label, shown, f"{words(limits_name)} {limits}"


def provenance_of(result: StudyResult, words: Words) -> list[tuple[str, str]]:
    """Program, data, resamples and seed."""
    facts = result.facts
    own = words.method != "optimism-bootstrap"
    return [
        (words("version"), f"vertebrisk {facts.version}"),
        (words("study_id"), facts.id),
        (words("data_file"), facts.data_name),
        (words("data_hash"), facts.data_sha256),
        *([(words("validated_by"), words.scheme)] if own else []),
        (words("resamples"), str(facts.resamples)),
        (words("seed"), str(facts.seed)),
    ]
