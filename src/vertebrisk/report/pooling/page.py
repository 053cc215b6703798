"""Pooled studies as a page."""

from __future__ import annotations

from collections.abc import Collection

from vertebrisk._version import __version__
from vertebrisk.evidence.pooling.asymmetry import ENOUGH_STUDIES
from vertebrisk.evidence.pooling.papers import PooledPapers
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
from vertebrisk.report.page.content import Block, Bullets, Page, Section, Subheading
from vertebrisk.report.pooling.numbers import (
    i2_limits,
    limits_cell,
    method_text,
    pooled_cell,
    prediction_name,
    title_text,
    value_cell,
)
from vertebrisk.report.pooling.tables import pooling_tables
from vertebrisk.report.tables.table import cell_text
from vertebrisk.report.words import Words
from vertebrisk.text.messages import said
from vertebrisk.text.numbers import MISSING

CAPTIONS = {"forest": "figure.forest_pooled", "funnel": "figure.funnel"}
PARTS = (
    ("pool_groups", "pool.groups"),
    ("pool_regression", "pool.regression"),
    ("pool_omitted", "pool.leave_one_out"),
)
SOURCES = (
    ("Debray 2017", "https://doi.org/10.1136/bmj.i6460"),
    ("IntHout 2014", "https://doi.org/10.1186/1471-2288-14-25"),
    ("Higgins 2009", "https://doi.org/10.1111/j.1467-985X.2008.00552.x"),
    ("Sterne 2011", "https://doi.org/10.1136/bmj.d4002"),
)


def pooling_page(result: PooledPapers, drawn: Collection[str], words: Words) -> Page:
    """The whole pooling as a page.

    Parameters
    ----------
    result : PooledPapers
        What is shown.
    drawn : collection of str
        Keys (``forest``, ``funnel``) of the figures that are drawn.
    words : Words
        Language and style of numbers.
    """
    captions = {key: words(name) for key, name in CAPTIONS.items()}
    stock = Stock(captions, pooling_tables(result, words), drawn)
    page = Page(
        words=words,
        version=__version__,
        kicker=words("pool"),
        title=title_text(result, words),
        banners=(),
        facts=(),
        sections=(
            summary_section(
                words("pool.result"),
                _key_numbers(result, words),
                prose(_summary(result, words)),
                result.findings,
                words,
                key="result",
            ),
            *_sections(result, stock, words),
        ),
    )
    return numbered(page)


def _sections(result: PooledPapers, stock: Stock, words: Words) -> list[Section]:
    method = (
        f"{method_text(result.pooled, words)}. {words(f'pool.note.scale.{result.pooled.scale}')}"
    )
    parts = [stock.section(key, words(label), tables=(key,)) for key, label in PARTS]
    unused = stock.section("unused", words("pool.unused"), tables=("pool_unused",))
    version = ((words("version"), f"vertebrisk {__version__}"),)
    sections = [
        stock.section(
            "studies", words("pool.studies"), (), ("forest",), ("pool_studies", "pool_result")
        ),
        *parts,
        Section(
            "funnel",
            words("pool.funnel"),
            (*stock.figures("funnel"), *prose(_asymmetry(result, words))),
        ),
        findings_section(result.findings, words),
        Section("readings", words("pool.readings"), _readings(result, words)),
        unused,
        methods_section([method], SOURCES, words, "pool.how"),
        limits_section([words("pool.limits")], words),
        provenance_section(version, words),
    ]
    return [each for each in sections if each.blocks]


def _readings(result: PooledPapers, words: Words) -> tuple[Block, ...]:
    """How each study's number was read from its paper."""
    blocks: tuple[Block, ...] = ()
    for each in result.evidence.estimates:
        told = Bullets(
            (
                f"{said(each.basis, words.language)} ({each.place})",
                *(said(note, words.language) for note in each.notes),
            )
        )
        blocks += (Subheading(each.label, each.study), told)
    return blocks


def _key_numbers(result: PooledPapers, words: Words) -> list[tuple[str, str, str]]:
    """Label, number and detail of what a reader looks for first."""
    pooled, measure = result.pooled, result.evidence.measure
    natural = pooled.natural()
    numbers = words.numbers
    whole = cell_text(value_cell(natural.estimate, None, None, measure), numbers)
    limits = cell_text(limits_cell(natural.conf_low, natural.conf_high, measure), numbers)
    tau2_limits = numbers.interval(pooled.tau2_low, pooled.tau2_high, 3)
    return [
        (words(f"pool.{measure}"), whole, f"{words('ci95')} {limits}"),
        (words("pool.studies"), str(pooled.k), ""),
        (words("pool.i2"), numbers.percent(pooled.i2, 0), i2_limits(pooled, numbers)),
        (
            words("pool.tau2"),
            numbers.estimate(pooled.tau2, 3),
            "" if tau2_limits == MISSING else tau2_limits,
        ),
    ]


def _summary(result: PooledPapers, words: Words) -> list[str]:
    pooled, measure = result.pooled, result.evidence.measure
    text = cell_text(pooled_cell(pooled, measure), words.numbers)
    sentences = [words("pool.sentence", k=pooled.k, estimate=text)]
    natural = pooled.natural()
    if natural.prediction_low is not None and natural.prediction_high is not None:
        ends = (natural.prediction_low, natural.prediction_high)
        low, high = (cell_text(value_cell(end, None, None, measure), words.numbers) for end in ends)
        told = words("pool.new_study", low=low, high=high)
        sentences.append(f"{prediction_name(pooled, words)}{words('colon')}{told}")
    return sentences


def _asymmetry(result: PooledPapers, words: Words) -> list[str]:
    if result.egger is None:
        return [words("pool.no_egger")]
    p = words.numbers.p_statement(result.egger.p_value)
    said = f"{words('pool.asymmetry')}{words('colon')}{p}"
    few = result.pooled.k < ENOUGH_STUDIES
    return [said, *([words("pool.few_for_funnel", k=result.pooled.k)] if few else [])]
