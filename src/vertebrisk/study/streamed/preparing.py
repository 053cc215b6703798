"""A study of patients that are read in pieces, up to its model."""

from __future__ import annotations

from dataclasses import dataclass, replace

from vertebrisk.cohort.scanning.cohort import ScannedCohort
from vertebrisk.cohort.scanning.loading import load_scanned_cohort
from vertebrisk.comparison import Comparison, compare_groups
from vertebrisk.design.build import VariableInfo
from vertebrisk.design.formulas import Formula
from vertebrisk.design.rules import Expression
from vertebrisk.design.syntax import quoted
from vertebrisk.design.terms import WrittenTerm, parse_terms
from vertebrisk.engines.engine import Engine, watch_of
from vertebrisk.errors import DataError
from vertebrisk.findings import Finding
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.protocol import Protocol
from vertebrisk.report.results.study import StudyResult
from vertebrisk.study.candidates import varying_terms
from vertebrisk.study.describing import StreamedFit
from vertebrisk.study.options import Resampling, RunOptions, resampling_of
from vertebrisk.study.places import Place
from vertebrisk.study.specs import comparison_specs, default_tests, variable_info
from vertebrisk.study.steps import Clock, group_labels
from vertebrisk.study.streamed.refusals import check_streamable
from vertebrisk.text.messages import say


@dataclass(frozen=True, slots=True, eq=False)
class ScannedRun:
    """Numbers for the report, and what they were made from; as `study.steps.StudyRun`."""

    result: StudyResult
    fit: StreamedFit
    model: RiskModel
    cohort: ScannedCohort

    @property
    def protocol(self) -> Protocol:
        """What the study said that it would do."""
        return self.result.protocol


@dataclass(frozen=True, slots=True, eq=False)
class PreparedScan:
    """Who is analysed, with which candidates; attributes as of `study.steps.Prepared`."""

    protocol: Protocol
    options: RunOptions
    cohort: ScannedCohort
    comparison: Comparison
    terms: tuple[WrittenTerm, ...]
    info: dict[str, VariableInfo]
    plan: Resampling
    findings: tuple[Finding, ...]
    clock: Clock
    place: Place

    @property
    def formula(self) -> Formula:
        """The candidates as a formula."""
        event = quoted(self.cohort.event_column)
        source = f"{event} ~ {' + '.join(term.source for term in self.terms)}"
        return Formula(source, Expression.parse(event), self.terms)


def prepared_scan(
    protocol: Protocol, options: RunOptions, place: Place, engine: Engine
) -> PreparedScan:
    """Read and compare the patients, and see which candidates vary.

    Raises
    ------
    ProtocolError
        The protocol asks for what cannot be done in pieces.
    DataError
        When the study cannot be run as it stands.
    """
    check_streamable(protocol)
    clock = Clock(watch_of(engine))
    with clock("read"):
        everyone = load_scanned_cohort(protocol, options.data, engine=engine)
    info = variable_info(everyone, protocol, options.language)
    with clock("compare"):
        comparison = compare_groups(
            everyone.patients,
            everyone.event_column,
            comparison_specs(everyone, protocol.analysis.compare, options.language),
            tests=default_tests(protocol),
            group_labels=group_labels(protocol, options.language),
        )
        comparison = replace(comparison, by=everyone.event_name)
    terms, constant = varying_terms(everyone, parse_terms(protocol.model_terms))
    names = [name for term in terms for name in term.variables]
    needed = tuple(dict.fromkeys([*names, *protocol.analysis.strata]))
    cohort = everyone.complete(needed)
    terms, left_out = varying_terms(cohort, terms)
    if not terms:
        raise DataError(
            "No candidate varies among the patients who are analysed, so no model can be made. "
            "Check the eligibility rules and the missing values of the candidates."
        )
    return PreparedScan(
        protocol=protocol,
        options=options,
        cohort=cohort,
        comparison=comparison,
        terms=terms,
        info=info,
        plan=resampling_of(protocol, options),
        findings=(*cohort.findings, *constant, *left_out, in_pieces(protocol, place)),
        clock=clock,
        place=place,
    )


def in_pieces(protocol: Protocol, place: Place) -> Finding:
    """What differs from a study whose patients are all in memory."""
    read = say("The patients were read in pieces.") if place.asked else place.why
    binary = protocol.outcome.kind == "binary"
    return Finding(
        "read-in-pieces",
        "note",
        _of_binary(read) if binary else _of_followed(read),
        say('With engine = "memory" they are made, where the file fits into memory.'),
    )


def _of_binary(read: str) -> str:
    return say(
        "{read} The calibration curve is a restricted cubic spline, not loess. "
        "Resamples give each patient a Poisson weight; what needs an order of the patients by "
        "each resample's model (C-index, calibration curve and its distances) is corrected by "
        "scores in 1,024 classes. The instability of predictions, the tests of shapes, the "
        "threshold of Youden's index and the R script are left out.",
        read=read,
    )


def _of_followed(read: str) -> str:
    return say(
        "{read} Resamples give each patient a Poisson weight; what needs an order of the patients "
        "by each resample's model (C-index, AUC, distances of the calibration curve) is corrected "
        "by scores in 1,024 classes. Residuals, AUC and Brier score over time, the instability of "
        "predictions, the tests of shapes and the R script are left out.",
        read=read,
    )
