"""Models compared on one cohort, as one self-contained page."""

from __future__ import annotations

from collections.abc import Mapping

from vertebrisk._types import Language
from vertebrisk.models.comparing.results import ModelComparison
from vertebrisk.models.portable.differing import of_other_things
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.report.compared.summary import benefits, summary
from vertebrisk.report.compared.tables import compared_tables
from vertebrisk.report.external.over_time import followed_text, time_text
from vertebrisk.report.external.page import SOURCES as VALIDATION_SOURCES
from vertebrisk.report.external.page import read_from_print
from vertebrisk.report.external.source import Source, banners, counted_on, key_number, provenance
from vertebrisk.report.external.tables import labels, reason_text
from vertebrisk.report.sectioned import Section, SectionedPage, sectioned_page
from vertebrisk.report.words import Words

FIGURES = ("flow", "roc", "calibration", "decision", "joint")
SOURCES = (
    *VALIDATION_SOURCES,
    ("Bland and Altman 1999", "https://doi.org/10.1177/096228029900800204"),
    ("Hilden and Gerds 2014", "https://doi.org/10.1002/sim.5804"),
)
Models = Mapping[str, RiskModel]


def compared_page(
    found: ModelComparison,
    models: Models,
    source: Source,
    figures: Mapping[str, str],
    language: Language,
) -> str:
    """The whole comparison as one HTML page.

    Parameters
    ----------
    found : ModelComparison
    models : mapping of str to RiskModel
        Those that were compared, by the names of `found`.
    source : Source
        The patients' file and what was asked.
    figures : mapping
        Key (``compared_roc``, ...) to SVG text; an absent one is left out.
    language : {"en", "zh"}
        Of headings, tables, sentences and figures; findings are in English under titles of
        the language.

    Returns
    -------
    str
        A page that loads nothing and runs nothing, and holds no patient.
    """
    words = Words(language)
    own = {name: each.in_language(language) for name, each in models.items()}
    shown = banners(found.data_kind, list(own.values()), words)
    page = SectionedPage(
        language=language,
        kicker=words("compared"),
        title=words("compared.title", k=len(found.names)),
        banners=shown,
        facts=[
            (words("compared.models"), words.listed(found.names)),
            (words("external.cohort"), source.file_name),
            (words("external.event_here"), found.outcome),
            *_when(found, words),
        ],
        key_numbers=_key_numbers(found, words),
        summary=summary(found, words),
        sections=_sections(found, own, words),
        captions={f"compared_{key}": words(f"figure.compared.{key}") for key in FIGURES},
        findings=found.findings,
        methods=[
            words(
                f"compared.methods{'' if found.horizon is None else '.over_time'}",
                resamples=source.resamples,
                seed=source.seed,
            ),
            *(
                f"{name}{words('colon')}{told}"
                for name, each in own.items()
                for told in read_from_print(each, words)
            ),
        ],
        sources=SOURCES,
        limits=[words("compared.limits.winner"), words("external.limits.cohort"),
                words("external.limits.update")],
        provenance=provenance(source, own, words),
        figure_label=" · ".join(kind for kind, _ in shown),
    )  # fmt: skip
    return sectioned_page(page, figures, compared_tables(found, own, source, words))


def _when(found: ModelComparison, words: Words) -> list[tuple[str, str]]:
    """The time that was read, and by when the models are compared."""
    followed = next(iter(found.validations.values())).followed
    if found.horizon is None or followed is None:
        return []
    by = time_text(found.horizon, found.time_unit, words)
    return [(words("external.time_here"), followed.time), (words("horizon"), by)]


def _key_numbers(found: ModelComparison, words: Words) -> list[tuple[str, str, str]]:
    """Patients, events, and the C-index of every model."""
    told = counted_on(found.rows, words)
    for each in found.areas.areas.iter_rows(named=True):
        label = f"{words('measure.c_index')} · {each['name']}"
        limits = (each["conf_low"], each["conf_high"])
        told.append(key_number(label, each["estimate"], *limits, words))
    return told


def _sections(found: ModelComparison, models: Models, words: Words) -> list[Section]:
    other = "other" if of_other_things(found.differing) else "same"
    classes = ("compared_classes",)
    ranked = "read" if found.horizon is None else "ranked"
    sections = [
        _section("models", words, (f"models.{other}",), (), ("compared_models",)),
        Section(
            "participants",
            words("compared.participants"),
            tuple(_participants(found, models, words)),
            ("compared_flow",),
        ),
        _section("measures", words, (), (), ("compared_measures",)),
        _section("discrimination", words, (f"discrimination.{ranked}",), ("compared_roc",),
                 ("compared_areas",)),
        _section("calibration", words, ("calibration.read",), ("compared_calibration",)),
        Section(
            "decision",
            words("compared.decision"),
            (words("compared.decision.read"), *benefits(found, words)),
            ("compared_decision",),
            ("compared_benefits", "compared_differences"),
        ),
        _section("agreement", words, ("agreement.read",), ("compared_joint",),
                 ("compared_agreement",)),
    ]  # fmt: skip
    if found.thresholds:
        told = ("reclassification.read",)
        sections.append(_section("reclassification", words, told, (), classes))
    return sections


def _section(
    key: str,
    words: Words,
    paragraphs: tuple[str, ...],
    figures: tuple[str, ...] = (),
    tables: tuple[str, ...] = (),
) -> Section:
    told = tuple(words(f"compared.{each}") for each in paragraphs)
    return Section(key, words(f"compared.{key}"), told, figures, tables)


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
