"""An external validation as one self-contained page."""

from __future__ import annotations

from collections.abc import Collection

from vertebrisk._version import __version__
from vertebrisk.models.external.results import ExternalHorizon, ExternalValidation
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.report.external.over_time import expected_sentences, horizon_tables
from vertebrisk.report.external.sections import captions, sections
from vertebrisk.report.external.source import (
    Source,
    banners,
    counted_on,
    described,
    key_number,
    model_name,
    provenance,
)
from vertebrisk.report.external.summary import summary
from vertebrisk.report.external.tables import external_tables
from vertebrisk.report.page.building import (
    Stock,
    findings_section,
    limits_section,
    methods_section,
    numbered,
    prose,
    provenance_section,
    summary_section,
)
from vertebrisk.report.page.content import Page
from vertebrisk.report.publications import PUBLICATIONS
from vertebrisk.report.words import Words
from vertebrisk.text.phrases import in_sentence

SOURCES = (
    ("Collins 2016", "https://doi.org/10.1002/sim.6787"),
    ("DeLong 1988", PUBLICATIONS["delong1988"].address),
    ("Van Calster 2016", "https://doi.org/10.1016/j.jclinepi.2015.12.005"),
    ("Austin 2019", PUBLICATIONS["austin2019"].address),
    ("Vickers 2006", PUBLICATIONS["vickers2006"].address),
    ("Debray 2015", "https://doi.org/10.1016/j.jclinepi.2014.06.018"),
)


def external_page(
    found: ExternalValidation,
    model: RiskModel,
    source: Source,
    drawn: Collection[str],
    words: Words,
) -> Page:
    """The whole validation as a page.

    Parameters
    ----------
    found : ExternalValidation
    model : RiskModel
        The one that was validated.
    source : Source
        The patients' file and what was asked.
    drawn : collection of str
        Keys (``external_flow``, ...) of the figures that are drawn; others are left out.
    words : Words
        Language and style of numbers.

    Returns
    -------
    Page
        It holds no patient.
    """
    own = model.in_language(words.language)
    outcome = in_sentence(own.outcome.label or own.outcome.name)
    tables = external_tables(found, own, source, words)
    if found.horizons:
        tables |= horizon_tables(found, source.thresholds, own.time_unit, words)
    stock = Stock(captions(found, own.time_unit, words), tables, drawn)
    page = Page(
        words=words,
        version=__version__,
        kicker=words("external"),
        title=words("external.title", model=model_name(own)),
        banners=banners(found.data_kind, [own], words),
        facts=tuple(_facts(found, own, source, words)),
        sections=(
            summary_section(
                words("summary"),
                _key_numbers(found, own.time_unit, words),
                prose(summary(found, words, expected_sentences(found, own.time_unit, words))),
                found.findings,
                words,
            ),
            *sections(found, own, source, stock, words),
            findings_section(found.findings, words),
            methods_section(_methods(found, own, source, words), SOURCES, words),
            limits_section(
                [
                    words("external.limits.use", outcome=outcome),
                    words("external.limits.cohort"),
                    words("external.limits.update"),
                ],
                words,
            ),
            provenance_section(provenance(source, {model_name(own): own}, words), words),
        ),
    )
    return numbered(page)


def _methods(
    found: ExternalValidation, model: RiskModel, source: Source, words: Words
) -> list[str]:
    return [
        words(
            f"external.methods{'.over_time' if found.horizons else ''}",
            resamples=source.resamples,
            seed=source.seed,
        ),
        words("calibration.smoother", smoother=words.smoother(found.calibration.smoother)),
        *read_from_print(model, words),
    ]


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
        *described(model, words),
        (words("external.cohort"), source.file_name),
        (words("external.event_here"), found.outcome),
    ]
    if found.followed is not None:
        pairs.append((words("external.time_here"), found.followed.time))
    if found.horizon is not None:
        by = words.time(found.horizon, model.time_unit)
        pairs.append((words("time_point"), by))
    return pairs + ([(words("use_at"), words.or_plain(use_at, use_at))] if use_at else [])


def _oe_label(found: ExternalValidation, unit: str, words: Words) -> str:
    """Observed/expected, and by when."""
    if not found.horizons:
        return words("external.oe")
    return f"{words('external.oe')} · {words.time(found.horizons[0].horizon, unit)}"


def _key_numbers(found: ExternalValidation, unit: str, words: Words) -> list[tuple[str, str, str]]:
    return [
        *counted_on(found.counts, words),
        _key_number(found, "c_index", words("measure.c_index"), words),
        _key_number(found, "slope", words("measure.slope"), words),
        _key_number(
            found.horizons[0] if found.horizons else found,
            "observed_expected",
            _oe_label(found, unit, words),
            words,
        ),
    ]


def _key_number(
    found: ExternalValidation | ExternalHorizon, measure: str, label: str, words: Words
) -> tuple[str, str, str]:
    value = found.estimate(measure)
    return key_number(label, value.estimate, value.conf_low, value.conf_high, words)
