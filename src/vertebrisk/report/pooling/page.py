"""Pooled studies as one self-contained page: no script, no network, every text escaped."""

from __future__ import annotations

from collections.abc import Mapping

from vertebrisk._types import Language
from vertebrisk._version import __version__
from vertebrisk.evidence.pooling.asymmetry import ENOUGH_STUDIES
from vertebrisk.evidence.pooling.papers import PooledPapers
from vertebrisk.findings import count_by_severity
from vertebrisk.report.findings_text import group_findings
from vertebrisk.report.html import LANGUAGE_TAGS, page_figure
from vertebrisk.report.pooling.numbers import (
    i2_text,
    method_text,
    pooled_text,
    prediction_name,
    prediction_text,
    shown,
    tau2_text,
    title_text,
)
from vertebrisk.report.pooling.tables import pooling_tables
from vertebrisk.report.render_html import render_html
from vertebrisk.report.templating import environment, template_text
from vertebrisk.report.words import Words
from vertebrisk.text import numbers
from vertebrisk.text.numbers import MINUS

FIGURES = ("forest_pooled", "funnel")
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


def pooling_page(result: PooledPapers, figures: Mapping[str, str], language: Language) -> str:
    """The whole pooling as one HTML page.

    Parameters
    ----------
    result : PooledPapers
        What is shown.
    figures : mapping
        Key (``forest_pooled``, ``funnel``) to SVG text; an absent one is left out.
    language : {"en", "zh"}
        Of headings and figures; findings and notes are in English.

    Returns
    -------
    str
        A page that loads nothing and runs nothing: a content security policy forbids it. It
        prints on A4.
    """
    from markupsafe import Markup

    words = Words(language)
    tables = pooling_tables(result, words)
    parts = [(key, words(label)) for key, label in PARTS if key in tables]
    counts = count_by_severity(result.findings)
    drawn = [(key, figures[key]) for key in FIGURES if figures.get(key)]
    return (
        environment()
        .get_template("pool.html.j2")
        .render(
            lang=LANGUAGE_TAGS[language],
            style=Markup(template_text("report.css")),
            version=__version__,
            words=words,
            title=title_text(result, words),
            sections=_sections(result, parts, words),
            key_numbers=_key_numbers(result, words),
            summary=_summary(result, words),
            finding_counts=words(
                "findings.count",
                errors=counts["error"],
                warnings=counts["warning"],
                notes=counts["note"],
            ),
            figures={
                key: page_figure(key, place, words(f"figure.{key}"), svg)
                for place, (key, svg) in enumerate(drawn, start=1)
            },
            tables={key: Markup(render_html(table, words)) for key, table in tables.items()},
            parts=parts,
            asymmetry=_asymmetry(result, words),
            groups=group_findings(result.findings, words),
            estimates=result.evidence.estimates,
            method=f"{method_text(result.pooled, words)}. "
            f"{words(f'pool.note.scale.{result.pooled.scale}')}",
            sources=SOURCES,
        )
    )


def _sections(
    result: PooledPapers, parts: list[tuple[str, str]], words: Words
) -> list[tuple[str, str]]:
    """Ids and headings for the table of contents."""
    listed = [("result", words("pool.result")), ("studies", words("pool.studies")), *parts]
    listed += [("funnel", words("pool.funnel")), ("findings", words("findings"))]
    listed.append(("readings", words("pool.readings")))
    listed += [("unused", words("pool.unused"))] if result.evidence.unused else []
    return [*listed, ("methods", words("pool.how")), ("limits", words("limits"))]


def _key_numbers(result: PooledPapers, words: Words) -> list[tuple[str, str, str]]:
    """Label, number and detail of what a reader looks for first."""
    pooled, measure = result.pooled, result.evidence.measure
    natural = pooled.natural()
    limits = f"{shown(natural.conf_low, measure)} to {shown(natural.conf_high, measure)}"
    whole = shown(natural.estimate, measure).replace("-", MINUS)
    i2, _, i2_limits = i2_text(pooled).partition(" ")
    tau2, _, tau2_limits = tau2_text(pooled).partition(" ")
    return [
        (words(f"pool.{measure}"), whole, f"{words('ci95')} {words.localised(limits)}"),
        (words("pool.studies"), str(pooled.k), ""),
        (words("pool.i2"), i2, words.localised(i2_limits.strip("()"))),
        (words("pool.tau2"), tau2, words.localised(tau2_limits.strip("()"))),
    ]


def _summary(result: PooledPapers, words: Words) -> list[str]:
    pooled, measure = result.pooled, result.evidence.measure
    text = words.localised(pooled_text(pooled, measure))
    sentences = [words("pool.sentence", k=pooled.k, estimate=text)]
    prediction = prediction_text(pooled, measure)
    if prediction != numbers.MISSING:
        low, high = prediction.split(" to ")
        told = words("pool.new_study", low=low, high=high)
        sentences.append(f"{prediction_name(pooled, words)}{words('colon')}{told}")
    return sentences


def _asymmetry(result: PooledPapers, words: Words) -> list[str]:
    if result.egger is None:
        return [words("pool.no_egger")]
    said = f"{words('pool.asymmetry')}{words('colon')}{numbers.p_statement(result.egger.p_value)}"
    few = result.pooled.k < ENOUGH_STUDIES
    return [said, *([words("pool.few_for_funnel", k=result.pooled.k)] if few else [])]
