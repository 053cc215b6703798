"""An external validation as one self-contained page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vertebrisk._types import Language
from vertebrisk.models.external.results import Counts, ExternalValidation
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.report.external.source import (
    Source,
    banners,
    made_from,
    model_name,
    predicted,
    provenance,
    share_text,
)
from vertebrisk.report.external.summary import benefit, summary
from vertebrisk.report.external.tables import external_tables, labels, reason_text
from vertebrisk.report.sectioned import Section, SectionedPage, sectioned_page
from vertebrisk.report.words import Words
from vertebrisk.text import numbers
from vertebrisk.text.numbers import MINUS, MISSING
from vertebrisk.text.phrases import in_sentence

FIGURES = ("flow", "calibration", "roc", "decision", "linear_predictor")
SOURCES = (
    ("Collins 2016", "https://doi.org/10.1002/sim.6787"),
    ("DeLong 1988", "https://doi.org/10.2307/2531595"),
    ("Van Calster 2016", "https://doi.org/10.1016/j.jclinepi.2015.12.005"),
    ("Austin 2019", "https://doi.org/10.1002/sim.8281"),
    ("Vickers 2006", "https://doi.org/10.1177/0272989X06295361"),
    ("Debray 2015", "https://doi.org/10.1016/j.jclinepi.2014.06.018"),
)


def external_page(
    found: ExternalValidation,
    model: RiskModel,
    source: Source,
    figures: Mapping[str, str],
    language: Language,
) -> str:
    """The whole validation as one HTML page.

    Parameters
    ----------
    found : ExternalValidation
    model : RiskModel
        The one that was validated.
    source : Source
        The patients' file and what was asked.
    figures : mapping
        Key (``external_flow``, ...) to SVG text; an absent one is left out.
    language : {"en", "zh"}
        Of headings, tables, sentences and figures; findings are in English under titles of
        the language.

    Returns
    -------
    str
        A page that loads nothing and runs nothing, and holds no patient.
    """
    words = Words(language)
    own = model.in_language(language)
    shown = banners(found.data_kind, [own], words)
    outcome = in_sentence(own.outcome.label or own.outcome.name)
    page = SectionedPage(
        language=language,
        kicker=words("external"),
        title=words("external.title", model=model_name(own)),
        banners=shown,
        facts=_facts(found, own, source, words),
        key_numbers=_key_numbers(found, words),
        summary=summary(found, words),
        sections=_sections(found, own, source, words),
        captions={f"external_{key}": words(f"figure.external.{key}") for key in FIGURES},
        findings=found.findings,
        methods=[
            words("external.methods", resamples=source.resamples, seed=source.seed),
            words("calibration.smoother", smoother=found.calibration.smoother),
            *read_from_print(own, words),
        ],
        sources=SOURCES,
        limits=[
            words("external.limits.use", outcome=outcome),
            words("external.limits.cohort"),
            words("external.limits.update"),
        ],
        provenance=provenance(source, [own], words),
        figure_label=" · ".join(kind for kind, _ in shown),
    )
    return sectioned_page(page, figures, external_tables(found, own, source, words))


def read_from_print(model: RiskModel, words: Words) -> list[str]:
    """How a published model was read, where the paper left a choice."""
    notes = model.performance.get("notes")
    told = [str(each) for each in notes] if isinstance(notes, list) else []
    return [words("external.read_from_print", notes=" ".join(told))] if told else []


def _facts(
    found: ExternalValidation, model: RiskModel, source: Source, words: Words
) -> list[tuple[str, str]]:
    use_at = model.provenance.use_at
    pairs = [
        (words("external.model"), model.provenance.title or model_name(model)),
        (words("external.predicts"), predicted(model, words)),
        (words("external.made_from"), made_from(model, words)),
        (words("external.cohort"), source.file_name),
        (words("external.event_here"), found.outcome),
    ]
    return pairs + ([(words("use_at"), words.or_plain(use_at, use_at))] if use_at else [])


def _key_numbers(found: ExternalValidation, words: Words) -> list[tuple[str, str, str]]:
    counts = found.counts
    return [
        (
            words("external.measured"),
            str(counts.n),
            words("external.of_rows", rows=counts.rows),
        ),
        (words("events"), str(counts.n_events), share_text(counts.n_events, counts.n)),
        _key_number(found, "c_index", words("measure.c_index"), words),
        _key_number(found, "slope", words("measure.slope"), words),
        _key_number(found, "observed_expected", words("external.oe"), words),
    ]


def _key_number(
    found: ExternalValidation, measure: str, label: str, words: Words
) -> tuple[str, str, str]:
    value = found.estimate(measure)
    limits = numbers.interval(value.conf_low, value.conf_high, 2, minus=MINUS)
    shown = numbers.estimate(value.estimate, 2, minus=MINUS)
    detail = "" if limits == MISSING else f"{words('ci95')} {words.localised(limits)}"
    return label, shown, detail


def _sections(
    found: ExternalValidation, model: RiskModel, source: Source, words: Words
) -> list[Section]:
    mix = "read" if found.linear_predictors is not None else "no_linear"
    return [
        Section(
            "participants",
            words("external.participants"),
            tuple(_participants(found.counts, labels(model), words)),
            ("external_flow",),
        ),
        Section(
            "measures",
            words("external.measures"),
            tables=("external_measures",),
        ),
        Section(
            "calibration",
            words("external.calibration"),
            (words("external.calibration.read"),),
            ("external_calibration",),
        ),
        Section(
            "discrimination",
            words("external.discrimination"),
            (words("external.discrimination.read"),),
            ("external_roc",),
        ),
        *_decision(found, source, words),
        Section(
            "case_mix",
            words("external.case_mix"),
            (words(f"external.case_mix.{mix}"),),
            ("external_linear_predictor",),
            ("external_case_mix",),
        ),
    ]


def _decision(found: ExternalValidation, source: Source, words: Words) -> list[Section]:
    if found.decision is None:
        return []
    paragraphs = (words("external.decision.read"), *benefit(found, source, words))
    heading = words("external.decision")
    return [
        Section("decision", heading, paragraphs, ("external_decision",), ("external_decision",))
    ]


def _participants(counts: Counts, names: Mapping[str, str], words: Words) -> Sequence[str]:
    told = [words("external.participants.rows", n=counts.n, rows=counts.rows)]
    left = []
    if counts.outcome_missing:
        left.append(words("external.participants.outcome", n=counts.outcome_missing))
    if counts.not_scored:
        reasons = [
            f"{reason_text(reason, names, words)} {count}"
            for reason, count in counts.reasons.items()
        ]
        left.append(
            words(
                "external.participants.not_scored",
                n=counts.not_scored,
                reasons=words.listed(reasons),
            )
        )
    told += [words.joined(left)] if left else []
    for key, found in (("averaged", counts.averaged), ("extrapolated", counts.extrapolated)):
        if found:
            inputs = [f"{names.get(name, name)} {count}" for name, count in found.items()]
            told.append(words(f"external.participants.{key}", inputs=words.listed(inputs)))
    return told
