"""Short sentences for a Results section, with the numbers in place, in English and Chinese.

They speak of association and of estimated risk. Every number comes from the result
and passes through `vertebrisk.text.numbers`; a number that does not exist takes its
sentence, or its clause, with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from vertebrisk.cohort.flow import FlowStep
from vertebrisk.models.tables import RegressionRow
from vertebrisk.report.main_numbers import (
    bracketed_units,
    corrected_estimate,
    is_intercept_only,
    performance_row,
    told_rows,
    usable,
    variable_labels,
    with_interval,
    with_range,
)
from vertebrisk.report.results import StudyResult
from vertebrisk.report.tables import TableSpec
from vertebrisk.report.tables_models import row_label
from vertebrisk.report.tables_performance import decision_rows
from vertebrisk.report.words import Words
from vertebrisk.text import numbers
from vertebrisk.text.numbers import MINUS
from vertebrisk.text.phrases import in_sentence
from vertebrisk.validation.measures import smoother_name

_ALPHA = 0.05
_FEW_EVENTS = 200


def tied(text: str) -> str:
    """The text with spaces that no line break may use."""
    return text.replace(" ", "\u00a0")


class _Narrator:
    """One result with its words; each method writes one section."""

    def __init__(self, result: StudyResult, tables: Mapping[str, TableSpec]) -> None:
        self.result = result
        self.facts = result.facts
        self.tables = tables
        self.words = Words(result.facts.language)

    def table(self, key: str) -> str:
        return str(self.tables[key].number) if key in self.tables else numbers.MISSING

    def unit(self) -> str:
        return self.words("vertebrae" if self.result.flow.unit == "vertebra" else "patients")

    def moment(self) -> str:
        return self.words.or_plain(self.facts.use_at, self.facts.use_at)

    def summary(self) -> list[str]:
        purpose = self.words(
            "summary.purpose",
            outcome=in_sentence(self.facts.outcome_label),
            time_point=self.facts.time_point,
            use_at=self.moment(),
        )
        empty = self.words("summary.empty") if is_intercept_only(self.result) else ""
        return [self.words.joined([purpose, empty])]

    def participants(self) -> list[str]:
        flow, words = self.result.flow, self.words
        steps = [step for step in flow.steps if step.removed]
        sentences = [words("participants.read", n_read=flow.n_read, unit=self.unit())]
        if steps:
            reasons = words.listed([self.left(step) for step in steps])
            removed = sum(step.removed for step in steps)
            sentences.append(
                words(
                    "participants.left",
                    unit=self.unit(),
                    removed=removed,
                    reasons=reasons,
                )
            )
        else:
            sentences.append(words("participants.none_left"))
        share = 100.0 * flow.n_events / flow.n if flow.n else None
        sentences.append(
            words(
                "participants.analysed",
                n=flow.n,
                unit=self.unit(),
                events=numbers.count_percent(flow.n_events, share),
                outcome=in_sentence(self.facts.outcome_label),
            )
        )
        if flow.n_patients != flow.n:
            sentences.append(words("participants.clustered", n_patients=flow.n_patients))
        definition = words(
            "participants.definition", rule=self.facts.event_rule, time_point=self.facts.time_point
        )
        return [words.joined(sentences), definition]

    def left(self, step: FlowStep) -> str:
        """Why patients left at one step, and how many."""
        key = f"left.{step.kind}"
        reason = self.words(key, reason=step.reason) if self.words.has(key) else step.reason
        return f"{reason}{self.words.bracketed(str(step.removed))}"

    def comparison(self) -> list[str]:
        words, variables = self.words, self.result.comparison.variables
        differ = [
            f"{v.label}{words.bracketed(tied(numbers.p_statement(v.test.p_value)))}"
            for v in variables
            if v.test.p_value is not None and v.test.p_value < _ALPHA
        ]
        absent = [
            f"{v.label}{words.bracketed(str(sum(v.missing)))}" for v in variables if sum(v.missing)
        ]
        sentences = [
            words("comparison.differ", variables=words.listed(differ))
            if differ
            else words("comparison.none"),
            words("comparison.missing", variables=words.listed(absent)) if absent else "",
            words("comparison.caution", n_variables=len(variables)),
        ]
        return [words.joined(sentences)]

    def univariable(self) -> list[str]:
        words = self.words
        rows = [row for row in self.result.univariable if row.kind != "intercept"]
        if not rows:
            return []
        labels = {row.term: row.label for row in rows}
        chosen = {row.term: row.label for row in rows if row.selected}
        sentences = [
            words(
                "univariable.screened",
                n_candidates=len(labels),
                outcome=in_sentence(self.facts.outcome_label),
                table=self.table("univariable"),
            )
        ]
        if any(row.selected is not None for row in rows):
            sentences.append(
                words(
                    "univariable.selected",
                    variables=words.listed(bracketed_units(self.result, chosen.values())),
                )
                if chosen
                else words("univariable.none")
            )
        return [words.joined(sentences)]

    def multivariable(self) -> list[str]:
        words, flow = self.words, self.result.flow
        if is_intercept_only(self.result):
            return [
                words(
                    "multivariable.intercept_only",
                    outcome=in_sentence(self.facts.outcome_label),
                    risk=numbers.risk(flow.n_events / flow.n),
                )
            ]
        terms = told_rows(self.result.multivariable)
        strong = [row for row in terms if row.p_value is not None and row.p_value < _ALPHA]
        weak = [row_label(row, words) for row in terms if row not in strong]
        outcome = in_sentence(self.facts.outcome_label)
        sentences = [
            words(
                "multivariable.opening",
                outcome=outcome,
                table=self.table("multivariable"),
                terms=words.listed([self.term(row) for row in strong]),
            )
            if strong
            else words("multivariable.none_associated", outcome=outcome),
            words("multivariable.not_associated", terms=words.listed(weak))
            if weak and strong
            else "",
        ]
        paragraphs = [words.joined(sentences)]
        if self.facts.selection != "prespecified":
            paragraphs.append(
                words("multivariable.after_selection", table=self.table("multivariable"))
            )
        return paragraphs

    def term(self, row: RegressionRow) -> str:
        """One predictor with its odds ratio, interval and P."""
        label = row_label(row, self.words)
        if row.kind == "overall":
            return self.words("term.joint", label=label, p=tied(numbers.p_statement(row.p_value)))
        if row.level and row.reference:
            label = f"{label} {self.words('versus')} {row.shown_reference}"
        ratio = numbers.ratio(row.ratio)
        p = tied(numbers.p_statement(row.p_value))
        if not (usable(row.conf_low) and usable(row.conf_high)):
            return self.words("term", label=label, ratio=ratio, p=p)
        limits = f"{numbers.ratio(row.conf_low)} to {numbers.ratio(row.conf_high)}"
        return self.words("term.ci", label=label, ratio=ratio, interval=limits, p=p)

    def nomogram(self) -> list[str]:
        words, example = self.words, self.result.example
        if not self.result.nomogram.axes:
            return [words("nomogram.empty")]
        paragraphs = [words("nomogram.reading")]
        if example.values:
            axes = {axis.variable: axis for axis in self.result.nomogram.axes}
            shown = words.listed(
                [
                    f"{axes[name].label}: {axes[name].shown(value)}" if name in axes else value
                    for name, value in example.values
                ]
            )
            sentence = words(
                "nomogram.example",
                values=shown,
                points=numbers.estimate(example.total_points, 0),
                risk=numbers.risk(example.risk),
            )
            paragraphs.append(words.joined([sentence, self.example_interval()]))
        return paragraphs

    def example_interval(self) -> str:
        example = self.result.example
        if not (usable(example.conf_low) and usable(example.conf_high)):
            return ""
        limits = f"{numbers.risk(example.conf_low)} to {numbers.risk(example.conf_high)}"
        return self.words("nomogram.interval", interval=limits)

    def discrimination(self) -> list[str]:
        auc = self.result.roc.auc
        shown = with_interval((auc.estimate, auc.conf_low, auc.conf_high))
        sentences = [self.words("discrimination.auc", auc=shown)]
        if "thresholds" in self.tables:
            sentences.append(
                self.words("discrimination.thresholds", table=self.table("thresholds"))
            )
        return [self.words.joined(sentences)]

    def calibration(self) -> list[str]:
        words, flow = self.words, self.result.flow
        curve = self.result.validation.calibration
        slope = corrected_estimate(self.result, "slope")
        intercept = corrected_estimate(self.result, "intercept")
        sentences = []
        if usable(slope[0]) and usable(intercept[0]):
            sentences.append(
                words(
                    "calibration.slope",
                    slope=with_range(slope),
                    intercept=with_range(intercept),
                )
            )
        if usable(curve.mean_absolute_error):
            sentences.append(
                words(
                    "calibration.error",
                    error=numbers.estimate(curve.mean_absolute_error, 3),
                )
            )
        sentences.append(words("calibration.smoother", smoother=curve.smoother))
        if min(flow.n_events, flow.n - flow.n_events) < _FEW_EVENTS:
            sentences.append(words("calibration.band", events=flow.n_events))
        return [words.joined(sentences)]

    def validation(self) -> list[str]:
        words, validation = self.words, self.result.validation
        line = performance_row(validation, "c_index")
        whole = "whole" in validation.procedure
        sentences = []
        if usable(line.get("corrected")):
            sentences.append(
                words(
                    "validation.c",
                    resamples=validation.resamples,
                    procedure=words("validation.whole" if whole else "validation.held"),
                    apparent=numbers.estimate(line.get("apparent"), 3),
                    corrected=with_interval(corrected_estimate(self.result, "c_index")),
                    optimism=numbers.estimate(line.get("optimism"), 3, minus=MINUS),
                )
            )
        if is_intercept_only(self.result):
            sentences.append(words("validation.nothing_selected"))
        sentences.append(self.held_fixed())
        if validation.n_separated:
            sentences.append(words("validation.separated", n=validation.n_separated))
        if validation.n_failed:
            sentences.append(words("validation.failed", n=validation.n_failed))
        if "selection" in self.tables:
            sentences.append(words("validation.selected", table=self.table("selection")))
        return [words.joined(sentences)]

    def held_fixed(self) -> str:
        fixed = self.result.validation_fixed
        corrected = None if fixed is None else performance_row(fixed, "c_index").get("corrected")
        if not usable(corrected):
            return ""
        return self.words("validation.fixed", corrected=numbers.estimate(corrected, 3))

    def decision(self) -> list[str]:
        words, result = self.words, self.result
        sentences = []
        for threshold, lines in decision_rows(result.decision, result.thresholds):
            apparent = lines.get("model", {}).get("net_benefit")
            line = lines.get("model_corrected", {})
            if not usable(line.get("net_benefit")):
                continue
            limits = (line["net_benefit"], line.get("conf_low"), line.get("conf_high"))
            everyone = lines.get("all", {}).get("net_benefit")
            sentences.append(
                words(
                    "decision.at",
                    threshold=numbers.risk(threshold, 0 if _whole(threshold * 100.0) else 1),
                    net_benefit=with_interval(limits),
                    apparent=numbers.estimate(apparent, 3, minus=MINUS),
                    all=numbers.estimate(everyone, 3, minus=MINUS),
                )
            )
        return [words.joined([*sentences, words("decision.range")])]

    def replication(self) -> list[str]:
        lines = self.result.replication
        if not lines:
            return []
        agree = sum(line.agrees is True for line in lines)
        differ = sum(line.agrees is False for line in lines)
        unjudged = len(lines) - agree - differ
        count = self.words("replication.count", n=len(lines), agree=agree, differ=differ)
        rest = self.words("replication.open", n=unjudged) if unjudged else ""
        made = self.facts.data_kind != "real"
        caution = self.words("replication.reconstructed") if made else ""
        return [self.words.joined([count, rest, caution])]

    def methods(self) -> list[str]:
        words, facts, flow = self.words, self.facts, self.result.flow
        sentences: Iterable[str] = (
            words(
                "methods.design",
                design=words.or_plain(facts.design, facts.design),
                n=flow.n,
                unit=self.unit(),
                events=flow.n_events,
                outcome=in_sentence(facts.outcome_label),
                rule=facts.event_rule,
                time_point=facts.time_point,
            ),
            words("methods.comparison", table=self.table("comparison")),
            words(f"methods.{facts.selection}", selection=facts.selection_rule),
            words("methods.ml"),
            self.splined(),
            words("methods.complete"),
            words(
                "methods.performance",
                resamples=facts.resamples,
                seed=facts.seed,
                smoother=smoother_name(flow.n),
            ),
            words("methods.decision"),
        )
        note = [words("methods.data", note=facts.data_note)] if facts.data_note else []
        return [*note, words.joined(list(sentences))]

    def splined(self) -> str:
        """Which variables entered as splines, with how many knots."""
        if not self.result.splines:
            return ""
        labels = variable_labels(self.result)
        shown = [
            self.words("methods.spline", label=labels.get(name, name), knots=len(knots))
            for name, knots in self.result.splines
        ]
        return self.words("methods.splines", variables=self.words.listed(shown))

    def limits(self) -> list[str]:
        facts = self.facts
        return [
            self.words(
                "limits.use", outcome=in_sentence(facts.outcome_label), time_point=facts.time_point
            ),
            self.words("limits.when", use_at=self.moment()),
            self.words("limits.external"),
            self.words("limits.association"),
        ]


def _whole(value: float) -> bool:
    return abs(value - round(value)) < 1e-9


SECTIONS = (
    "summary",
    "participants",
    "comparison",
    "univariable",
    "multivariable",
    "nomogram",
    "discrimination",
    "calibration",
    "validation",
    "decision",
    "replication",
    "methods",
    "limits",
)


def narrate(result: StudyResult, tables: Mapping[str, TableSpec]) -> dict[str, list[str]]:
    """Paragraphs of each section, in the language of the result.

    Parameters
    ----------
    result : StudyResult
        All numbers of one run.
    tables : mapping
        The numbered tables of the same report, as `build_tables` makes them: sentences
        refer to them.

    Returns
    -------
    dict
        Key of the section to its paragraphs; empty where a section has nothing to say.
    """
    narrator = _Narrator(result, tables)
    return {
        section: [narrator.words.localised(text) for text in getattr(narrator, section)()]
        for section in SECTIONS
    }
