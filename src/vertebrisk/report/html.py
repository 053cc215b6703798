"""The report as one self-contained page: no script, no network, every text escaped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vertebrisk._types import ValidationMethod
from vertebrisk.errors import ArgumentError
from vertebrisk.findings import count_by_severity
from vertebrisk.report.figures.output import inline_svg
from vertebrisk.report.findings_text import group_findings
from vertebrisk.report.main_numbers import (
    corrected_estimate,
    is_intercept_only,
    predictors,
    spline_formula,
    variable_labels,
)
from vertebrisk.report.narrative import narrate
from vertebrisk.report.render_html import render_html
from vertebrisk.report.results.shapes import EffectResult
from vertebrisk.report.results.study import StudyResult
from vertebrisk.report.tables.numbering import build_tables
from vertebrisk.report.templating import environment, template_text
from vertebrisk.report.words import Words
from vertebrisk.text import numbers
from vertebrisk.text.numbers import MINUS

if TYPE_CHECKING:
    from markupsafe import Markup

FIGURES = (
    "flow",
    "forest",
    "path",
    "cross_validation",
    "nomogram",
    "roc",
    "calibration",
    "selection",
    "centres",
    "decision",
)
INSTABILITY_FIGURES = (
    "instability_prediction",
    "instability_classification",
    "instability_calibration",
    "instability_decision",
)
IMPUTED_FIGURES = ("missing_patterns", "convergence", "imputed_values")
SURVIVAL_FIGURES = (
    "flow",
    "kaplan_meier",
    "incidence",
    "forest",
    "schoenfeld",
    "path",
    "cross_validation",
    "nomogram",
    "over_time",
    "kaplan_meier_thirds",
    "calibration",
    "selection",
    "centres",
    "decision",
)
LANGUAGE_TAGS = {"en": "en-GB", "zh": "zh-Hans"}
SOURCES = (
    ("DeLong 1988", "https://doi.org/10.2307/2531595"),
    (
        "Harrell 1996",
        "https://doi.org/10.1002/(SICI)1097-0258(19960229)15:4%3C361::AID-SIM168%3E3.0.CO;2-4",
    ),
    ("Vickers 2006", "https://doi.org/10.1177/0272989X06295361"),
)
SURVIVAL_SOURCES = (SOURCES[1], ("Vickers 2008", "https://doi.org/10.1186/1472-6947-8-53"))
MATCHED_SOURCES = (SOURCES[1], ("Gail 1981", "https://doi.org/10.1093/biomet/68.3.703"))
_COMPARED = ("Steyerberg 2001", "https://doi.org/10.1016/S0895-4356(01)00341-9")
_PLUS = ("Efron 1997", "https://doi.org/10.1080/01621459.1997.10474007")
SCHEME_SOURCES: Mapping[ValidationMethod, tuple[str, str]] = {
    "simple-bootstrap": _COMPARED,
    "632": _PLUS,
    "632+": _PLUS,
    "cross-validation": _COMPARED,
    "leave-one-out": _COMPARED,
}
_PREAMBLE = re.compile(r"^.*?(?=<svg\b)", re.DOTALL)
_METADATA = re.compile(r"<metadata\b.*?</metadata>|<!--.*?-->", re.DOTALL)
_ROOT = re.compile(r"<svg\b[^>]*>", re.DOTALL)
_WIDTH = re.compile(r"\swidth=\"([0-9.]+)(pt|px)?\"")
_ACTIVE = re.compile(
    r"<script\b|<foreignObject\b|\son\w+\s*=|javascript:|(?:href|src)=[\"'](?!#|data:image/)|@import|url\((?!#)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure on the page: its number, its drawing and its caption."""

    key: str
    number: int
    caption: str
    svg: Markup
    natural_px: int


def _checked(svg: str, key: str) -> str:
    """The drawing without metadata, once it is known to run and load nothing."""
    drawing = _METADATA.sub("", svg)
    if _ROOT.search(drawing) is None:
        raise ArgumentError(f"The figure '{key}' is not an SVG drawing; give the text of one.")
    if _ACTIVE.search(_PREAMBLE.sub("", drawing, count=1)):
        raise ArgumentError(
            f"The figure '{key}' holds a script or an address outside the page; "
            "a report may hold neither."
        )
    return drawing


def _natural_width(svg: str) -> int:
    root = _ROOT.search(svg)
    width = _WIDTH.search(root.group()) if root else None
    if width is None:
        return 640
    return round(float(width.group(1)) * (4 / 3 if width.group(2) == "pt" else 1))


def figure_captions(result: StudyResult, words: Words) -> dict[str, str]:
    """Caption of every figure a report may have, by key, in the order of the page.

    Calibration and decision curve of a later horizon have a number behind their key:
    ``calibration_2``.
    """
    survival = result.survival
    first, *others = FIGURES if survival is None else SURVIVAL_FIGURES
    keys = (first, *(IMPUTED_FIGURES if result.imputed is not None else ()), *others)
    unstable = _plain_captions(INSTABILITY_FIGURES, result, words)
    if survival is None:
        return _plain_captions(keys, result, words) | unstable | _further_captions(result, words)
    captions: dict[str, str] = {}
    unit = words.duration(survival.time_unit)
    for key in keys:
        if key not in ("calibration", "decision"):
            captions |= _plain_captions((key,), result, words)
            continue
        for place, each in enumerate(survival.horizons, start=1):
            numbered = key if place == 1 else f"{key}_{place}"
            captions[numbered] = words(f"figure.{key}_at", horizon=f"{each.horizon:g}", unit=unit)
    return captions | unstable | _further_captions(result, words)


def _plain_captions(keys: tuple[str, ...], result: StudyResult, words: Words) -> dict[str, str]:
    """Captions of figures that a report has once; the effects follow the penalty."""
    captions: dict[str, str] = {}
    for key in keys:
        captions[key] = words(f"figure.{_shown(key, result)}")
        if key == "cross_validation" and result.shapes is not None:
            for place, effect in enumerate(result.shapes.effects, start=1):
                captions[f"effect_{place}"] = _effect_caption(effect, result, words)
    return captions


def _shown(key: str, result: StudyResult) -> str:
    """The caption's name: another where a curve could not be corrected."""
    apparent = key == "calibration" and result.facts.in_pieces
    return "calibration_apparent" if apparent else key


def _effect_caption(effect: EffectResult, result: StudyResult, words: Words) -> str:
    """What an effect plot shows, and where the other predictors are held."""
    unit = "" if result.survival is None else words.duration(result.survival.time_unit)
    by = words("effect.by", by=effect.by_label) if effect.by else ""
    held = words.listed(
        [words("effect.held_one", label=label, value=value) for label, value in effect.held]
    )
    risk = (
        words("effect.risk")
        if effect.horizon is None
        else words("effect.risk_by", horizon=f"{effect.horizon:g}", unit=unit)
    )
    return words(
        "figure.effect",
        risk=risk,
        label=effect.label,
        by=by,
        band=words("effect.band") if effect.banded else "",
        held=words("effect.held", held=held) if held else "",
    )


def _further_captions(result: StudyResult, words: Words) -> dict[str, str]:
    """Captions of the scores over follow-up and of the readers' measurements."""
    captions = {}
    for place, score in enumerate(result.followup, start=1):
        key = "followup" if score.record.mixed is None else "followup_mixed"
        captions[f"followup_{place}"] = words(f"figure.{key}", label=score.label)
    for place, readers in enumerate(result.agreement, start=1):
        captions[f"agreement_{place}"] = words("figure.agreement", label=readers.label)
    return captions


def page_figure(key: str, number: int, caption: str, svg: str) -> Figure:
    """A drawing made fit to stand on a page.

    Raises
    ------
    ArgumentError
        If it is not an SVG drawing or holds a script or an outside address.
    """
    from markupsafe import Markup

    drawing = _checked(svg, key).encode("utf-8")
    inline = Markup(inline_svg(drawing, f"drawing-{key}", caption))
    return Figure(key, number, caption, inline, _natural_width(svg))


def _figures(
    figures: Mapping[str, str], captions: Mapping[str, str], words: Words
) -> dict[str, Figure]:
    shown: dict[str, Figure] = {}
    for key, caption in captions.items():
        if figures.get(key):
            shown[key] = page_figure(key, len(shown) + 1, caption, figures[key])
    return shown


def _facts(result: StudyResult, words: Words) -> list[tuple[str, str]]:
    facts = result.facts
    return [
        (words("outcome"), facts.outcome_label),
        (words("event"), facts.event_rule),
        (words("time_point"), facts.time_point),
        (words("use_at"), words.or_plain(facts.use_at, facts.use_at)),
        (words("design"), words.or_plain(facts.design, facts.design)),
        (words("unit"), words.or_plain(facts.unit, facts.unit)),
    ]


def _key_numbers(result: StudyResult, words: Words) -> list[tuple[str, str, str]]:
    """Label, number and interval of what a reader looks for first."""
    flow, auc = result.flow, result.c_index
    sampled = result.matched is not None  # the share of cases was chosen with the controls
    share = numbers.percent(100.0 * flow.n_events / flow.n) if flow.n and not sampled else ""
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
    limits = numbers.interval(values[1], values[2], 3, minus=MINUS)
    shown = numbers.estimate(values[0], 3, minus=MINUS)
    if limits == numbers.MISSING:
        return label, shown, ""
    return label, shown, f"{words(limits_name)} {words.localised(limits)}"


def _knots(result: StudyResult, words: Words) -> list[str]:
    """One line for each spline: its variable and its knots, precise enough to compute with."""
    labels = variable_labels(result)
    return [
        words(
            "multivariable.knots",
            label=labels.get(name, name),
            knots=", ".join(f"{knot:.10g}" for knot in knots),
        )
        for name, knots in result.splines
    ]


def _provenance(result: StudyResult, words: Words) -> list[tuple[str, str]]:
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


def _sections(result: StudyResult) -> list[str]:
    keys = [
        "participants",
        "comparison",
        "imputation" if result.imputed is not None else "",
        "matching" if result.matched is not None else "",
        "survival" if result.survival is not None else "",
        "univariable" if result.univariable else "",
        "multivariable",
        "sampling" if result.sampling is not None else "",
        "nomogram" if result.matched is None or result.matched.nomogram.axes else "",
        "discrimination",
        "calibration" if result.matched is None else "",
        "validation",
        "centres" if result.centres is not None else "",
        "split" if result.split is not None else "",
        "decision" if result.matched is None else "no_risk",
        "instability" if result.instability is not None else "",
        "size" if result.size is not None else "",
        "beside" if result.survival is not None and result.survival.beside else "",
        "followup" if result.followup else "",
        "agreement" if result.agreement else "",
        "findings",
        "replication" if result.replication else "",
        "methods",
        "limits",
        "provenance",
    ]
    return [key for key in keys if key]


def _sources(result: StudyResult) -> tuple[tuple[str, str], ...]:
    found = SOURCES if result.survival is None else SURVIVAL_SOURCES
    if result.matched is not None:
        found = MATCHED_SOURCES
    own = SCHEME_SOURCES.get(result.validation.method, SOURCES[1])
    named = [own if each == SOURCES[1] else each for each in found]
    if result.instability is not None:
        named.append(("Riley 2023", "https://doi.org/10.1002/bimj.202200302"))
    if result.size is not None:
        named.append(("Riley 2020", "https://doi.org/10.1136/bmj.m441"))
    return tuple(named)


def html_report(result: StudyResult, figures: Mapping[str, str]) -> str:
    """The whole report as one HTML page.

    Parameters
    ----------
    result : StudyResult
        All numbers of one run; its language decides that of the page.
    figures : mapping
        Key to SVG text, with keys as in `figure_captions`; a figure that is absent is left
        out. Others are ignored.

    Returns
    -------
    str
        A page that loads nothing: styles and figures are inside, and a content security
        policy forbids the rest. It prints on A4.

    Raises
    ------
    ArgumentError
        If a figure is not an SVG drawing or holds a script or an outside address.
    """
    from markupsafe import Markup

    words = Words.of(result)
    tables = build_tables(result)
    kind = result.facts.data_kind
    banner = "" if kind == "real" else words(f"banner.{kind}")
    counts = count_by_severity(result.findings)
    page = environment().get_template("report.html.j2")
    return page.render(
        lang=LANGUAGE_TAGS[result.facts.language],
        style=Markup(template_text("report.css")),
        words=words,
        facts=result.facts,
        fact_list=_facts(result, words),
        key_numbers=_key_numbers(result, words),
        predictors=predictors(result),
        intercept_only=is_intercept_only(result),
        equation=result.equation,
        spline_formula=spline_formula() if result.splines else "",
        knots=_knots(result, words),
        banner=banner,
        sections=_sections(result),
        text=narrate(result, tables),
        tables={key: Markup(render_html(table, words)) for key, table in tables.items()},
        figures=_figures(figures, figure_captions(result, words), words),
        groups=group_findings(result.findings, words),
        finding_counts=words(
            "findings.count",
            errors=counts["error"],
            warnings=counts["warning"],
            notes=counts["note"],
        ),
        sources=_sources(result),
        provenance=_provenance(result, words),
    )
