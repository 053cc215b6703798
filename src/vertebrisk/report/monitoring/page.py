"""A model over calendar time as one self-contained page."""

from __future__ import annotations

from collections.abc import Collection

from vertebrisk._version import __version__
from vertebrisk.models.monitoring.results import Monitoring
from vertebrisk.models.portable.identity import model_version
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.report.external.source import (
    Source,
    banners,
    counted_on,
    described,
    lineage,
    model_name,
)
from vertebrisk.report.monitoring.tables import monitoring_tables, month_text
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
from vertebrisk.report.words import Words
from vertebrisk.validation.monitoring.windows import FEWEST

SOURCES = (
    ("Steiner 2000", "https://doi.org/10.1093/biostatistics/1.4.441"),
    ("Zhang 2016", "https://doi.org/10.1002/qre.2044"),
    ("Jones 2012", "https://doi.org/10.1093/intqhc/mzr082"),
)


def monitoring_page(
    found: Monitoring,
    model: RiskModel,
    source: Source,
    drawn: Collection[str],
    words: Words,
) -> Page:
    """The whole watch as a page.

    Parameters
    ----------
    found : Monitoring
    model : RiskModel
        The one that was watched.
    source : Source
        The patients' file.
    drawn : collection of str
        Keys (``watch_chart``, ``watch_windows``) of the figures that are drawn; others are
        left out.
    words : Words
        Language and style of numbers.

    Returns
    -------
    Page
        It holds no patient and no day.
    """
    own = model.in_language(words.language)
    captions = {key: words(f"figure.{key}") for key in ("watch_chart", "watch_windows")}
    stock = Stock(captions, monitoring_tables(found, words), drawn)
    page = Page(
        words=words,
        version=__version__,
        kicker=words("watch"),
        title=words("watch.title", model=model_name(own)),
        banners=banners(found.data_kind, [own], words),
        facts=tuple(_facts(found, own, source, words)),
        sections=(
            summary_section(
                words("summary"),
                _key_numbers(found, words),
                prose(_summary(found, words)),
                found.findings,
                words,
            ),
            *_sections(found, stock, words),
            findings_section(found.findings, words),
            methods_section(_methods(found, words), SOURCES, words),
            limits_section(
                [words(f"watch.limits.{each}") for each in ("exact", "odds", "acted")], words
            ),
            provenance_section(_provenance(found, own, source, words), words),
        ),
    )
    return numbered(page)


def _facts(
    found: Monitoring, model: RiskModel, source: Source, words: Words
) -> list[tuple[str, str]]:
    pairs = [
        *described(model, words),
        *((words("external.lineage"), each) for each in lineage(model, words)),
        (words("external.cohort"), source.file_name),
        (words("external.event_here"), found.outcome),
    ]
    if found.horizon is not None:
        pairs.append((words("watch.by"), words.time(found.horizon, model.time_unit)))
    first, last = month_text(found.first), month_text(found.last)
    period = words("watch.period", first=first, last=last, column=found.date)
    return [*pairs, (words("watch.dates"), period)]


def _key_numbers(found: Monitoring, words: Words) -> list[tuple[str, str, str]]:
    counts = found.counts
    expected = float(found.windows["expected"].sum())
    detail = ""
    if found.signals:
        detail = words("watch.last_signal", month=month_text(found.signals[-1].when))
    state = words("watch.drifted" if found.drifted else "watch.holds")
    ratio = counts.n_events / expected if expected > 0 else None
    return [
        (words("watch.state"), state, detail),
        *counted_on(counts, words),
        (words("watch.column.expected"), words.numbers.estimate(expected, 1), ""),
        (words("watch.oe_all"), words.numbers.estimate(ratio, 2), ""),
    ]


def _summary(found: Monitoring, words: Words) -> list[str]:
    counts = found.counts
    expected = words.numbers.estimate(float(found.windows["expected"].sum()), 1)
    told = [
        words("watch.summary.size", n=counts.n, events=counts.n_events, expected=expected),
    ]
    for direction in ("up", "down"):
        own = [each for each in found.signals if each.direction == direction]
        if not own:
            continue
        first = own[0]
        told.append(
            words(
                f"watch.summary.{direction}",
                when=month_text(first.when),
                since=month_text(first.since),
                patients=first.patients,
                events=first.n_events,
                expected=words.numbers.estimate(first.expected, 1),
            )
        )
        if own[1:]:
            told.append(words("watch.summary.again", n=len(own)))
    return told if found.drifted else [*told, words("watch.summary.holds")]


def _sections(found: Monitoring, stock: Stock, words: Words) -> list[Section]:
    window = found.watch.window
    read = "watch.read.calendar" if isinstance(window, str) else "watch.read.windows"
    size = "" if isinstance(window, str) else f"{window:g}"
    return [
        stock.section(
            "chart",
            words("watch.chart"),
            (words("watch.read.chart"),),
            ("watch_chart",),
            ("watch_signals",),
        ),
        stock.section(
            "windows",
            words("watch.windows"),
            (words(read, size=size, least=FEWEST),),
            ("watch_windows",),
            ("watch_windows",),
        ),
        stock.section(
            "next",
            words("watch.next"),
            (words("watch.what_to_do" if found.drifted else "watch.go_on"),),
        ),
    ]


def _methods(found: Monitoring, words: Words) -> list[str]:
    watch = found.watch
    return [
        words("watch.methods.chart", odds=f"{watch.odds:g}"),
        words(
            "watch.methods.limit",
            simulations=f"{watch.simulations:,}",
            seed=watch.seed,
            length=f"{watch.run_length:g}",
        ),
    ]


def _provenance(
    found: Monitoring, model: RiskModel, source: Source, words: Words
) -> list[tuple[str, str]]:
    return [
        (words("version"), f"vertebrisk {__version__}"),
        (words("external.model_version"), model_version(model)),
        (words("data_file"), source.file_name),
        (words("external.file_hash"), source.file_sha256),
        (words("watch.simulations"), f"{found.watch.simulations:,}"),
        (words("seed"), str(found.watch.seed)),
    ]
