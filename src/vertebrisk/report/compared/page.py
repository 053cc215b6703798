"""Models compared on one cohort, as one self-contained page."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial

from vertebrisk._version import __version__
from vertebrisk.models.comparing.results import ModelComparison
from vertebrisk.models.portable.differing import of_other_things
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.report.compared.summary import benefits, summary
from vertebrisk.report.compared.tables import compared_tables
from vertebrisk.report.external.over_time import followed_text
from vertebrisk.report.external.page import SOURCES as VALIDATION_SOURCES
from vertebrisk.report.external.page import read_from_print
from vertebrisk.report.external.source import Source, banners, counted_on, key_number, provenance
from vertebrisk.report.external.tables import labels, reason_text
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
from vertebrisk.report.page.content import Page, Section
from vertebrisk.report.publications import PUBLICATIONS
from vertebrisk.report.words import Words

FIGURES = ("flow", "roc", "calibration", "decision", "joint")
SOURCES = (
    *VALIDATION_SOURCES,
    ("Bland and Altman 1999", PUBLICATIONS["bland1999"].address),
    ("Hilden and Gerds 2014", "https://doi.org/10.1002/sim.5804"),
)
Models = Mapping[str, RiskModel]


def compared_page(
    found: ModelComparison,
    models: Models,
    source: Source,
    drawn: Collection[str],
    words: Words,
) -> Page:
    """The whole comparison as a page.

    Parameters
    ----------
    found : ModelComparison
    models : mapping of str to RiskModel
        Those that were compared, by the names of `found`.
    source : Source
        The patients' file and what was asked.
    drawn : collection of str
        Keys (``compared_roc``, ...) of the figures that are drawn; others are left out.
    words : Words
        Language and style of numbers.

    Returns
    -------
    Page
        It holds no patient.
    """
    own = {name: each.in_language(words.language) for name, each in models.items()}
    captions = {f"compared_{key}": words(f"figure.compared.{key}") for key in FIGURES}
    stock = Stock(captions, compared_tables(found, own, source, words), drawn)
    page = Page(
        words=words,
        version=__version__,
        kicker=words("compared"),
        title=words("compared.title", k=len(found.names)),
        banners=banners(found.data_kind, list(own.values()), words),
        facts=(
            (words("compared.models"), words.listed(found.names)),
            (words("external.cohort"), source.file_name),
            (words("external.event_here"), found.outcome),
            *_when(found, words),
        ),
        sections=(
            summary_section(
                words("summary"),
                _key_numbers(found, words),
                prose(summary(found, words)),
                found.findings,
                words,
            ),
            *_sections(found, own, stock, words),
            findings_section(found.findings, words),
            methods_section(_methods(found, own, source, words), SOURCES, words),
            limits_section(
                [
                    words("compared.limits.winner"),
                    words("external.limits.cohort"),
                    words("external.limits.update"),
                ],
                words,
            ),
            provenance_section(provenance(source, own, words), words),
        ),
    )
    return numbered(page)


def _methods(found: ModelComparison, models: Models, source: Source, words: Words) -> list[str]:
    return [
        words(
            f"compared.methods{'' if found.horizon is None else '.over_time'}",
            resamples=source.resamples,
            seed=source.seed,
        ),
        *(
            f"{name}{words('colon')}{told}"
            for name, each in models.items()
            for told in read_from_print(each, words)
        ),
    ]


def _when(found: ModelComparison, words: Words) -> list[tuple[str, str]]:
    """The time that was read, and by when the models are compared."""
    followed = next(iter(found.validations.values())).followed
    if found.horizon is None or followed is None:
        return []
    by = words.time(found.horizon, found.time_unit)
    return [(words("external.time_here"), followed.time), (words("horizon"), by)]


def _key_numbers(found: ModelComparison, words: Words) -> list[tuple[str, str, str]]:
    """Patients, events, and the C-index of every model."""
    told = counted_on(found.rows, words)
    for each in found.areas.areas.iter_rows(named=True):
        label = f"{words('measure.c_index')} · {each['name']}"
        limits = (each["conf_low"], each["conf_high"])
        told.append(key_number(label, each["estimate"], *limits, words))
    return told


def _sections(found: ModelComparison, models: Models, stock: Stock, words: Words) -> list[Section]:
    section = partial(stock.told, "compared", words)
    other = "other" if of_other_things(found.differing) else "same"
    ranked = "read" if found.horizon is None else "ranked"
    participants = _participants(found, models, words)
    decided = (words("compared.decision.read"), *benefits(found, words))
    sections = [
        section("models", (words(f"compared.models.{other}"),), (), ("models",)),
        section("participants", participants, ("flow",)),
        section("measures", (), (), ("measures",)),
        section(
            "discrimination",
            (words(f"compared.discrimination.{ranked}"),),
            ("roc",),
            ("areas",),
        ),
        section("calibration", (words("compared.calibration.read"),), ("calibration",)),
        section("decision", decided, ("decision",), ("benefits", "differences")),
        section("agreement", (words("compared.agreement.read"),), ("joint",), ("agreement",)),
    ]
    if found.thresholds:
        told = (words("compared.reclassification.read"),)
        sections.append(section("reclassification", told, (), ("classes",)))
    return sections


def _participants(found: ModelComparison, models: Models, words: Words) -> list[str]:
    """On whom all are measured, and why others are not."""
    rows = found.rows
    told = [words("compared.participants.rows", n=rows.n, rows=rows.rows)]
    told += followed_text(next(iter(found.validations.values())).followed, words)
    if rows.outcome_missing:
        told.append(words("external.participants.outcome", n=rows.outcome_missing))
    if rows.left_out:
        lost = [f"{name} {count}" for name, count in rows.not_scored.items() if count]
        told.append(words("compared.participants.lost", n=rows.left_out, models=words.listed(lost)))
        for name, reasons in rows.reasons.items():
            said = [
                f"{reason_text(reason, labels(models[name]), words)} {count}"
                for reason, count in reasons.items()
            ]
            told.append(words("compared.participants.why", name=name, reasons=words.listed(said)))
    return told
