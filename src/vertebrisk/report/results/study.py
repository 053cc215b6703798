"""Everything that a report is made of, gathered by the study and read by the renderers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import polars as pl

from vertebrisk._types import DataKind, EngineName, Json, Language, RegressionKind
from vertebrisk.cohort.flow import Flow
from vertebrisk.comparison.results import Comparison
from vertebrisk.design.design import Design
from vertebrisk.findings import Finding
from vertebrisk.models.tables import RegressionRow
from vertebrisk.nomogram.results import Nomogram
from vertebrisk.protocol import Protocol
from vertebrisk.report.results.size import StudySize
from vertebrisk.text.journals import Journal
from vertebrisk.validation.instability import Instability
from vertebrisk.validation.results import DecisionCurve, Estimate, Roc, ThresholdTable, Validation

if TYPE_CHECKING:
    from vertebrisk.report.results.followup import AgreementResult, FollowupResult
    from vertebrisk.report.results.imputed import ImputedResult
    from vertebrisk.report.results.matched import MatchedResult
    from vertebrisk.report.results.penalised import PenalisedResult
    from vertebrisk.report.results.sampling import SamplingResult
    from vertebrisk.report.results.shapes import ShapesResult
    from vertebrisk.report.results.shrinkage import ShrinkageResult
    from vertebrisk.report.results.stability import StabilityResult
    from vertebrisk.report.results.survival import SurvivalResult
    from vertebrisk.validation.centres.results import InternalExternal
    from vertebrisk.validation.temporal import TemporalSplit


@dataclass(frozen=True, slots=True)
class StudyFacts:
    """Title page of the study: what was asked, of whom, and by what means.

    `resamples` counts the models of the validation, drawn or, by cross-validation in `repeats`
    times `folds`, with patients left out. `engine` is "memory" unless the patients were read in
    pieces. `journal` is the one whose style the numbers are printed in.
    """

    id: str
    title: str
    design: str
    unit: str
    outcome: str
    outcome_label: str
    event_rule: str
    time_point: str
    use_at: str
    data_kind: DataKind
    data_note: str
    data_name: str
    data_sha256: str
    seed: int
    resamples: int
    model: RegressionKind
    thresholds: tuple[float, ...]
    selection: str
    selection_rule: str
    estimator: str
    version: str
    language: Language
    at_bedside: Literal["ask", "average"] = "ask"
    folds: int | None = None
    repeats: int | None = None
    engine: EngineName = "memory"
    journal: Journal = "default"

    @property
    def in_pieces(self) -> bool:
        """True where the patients were read in pieces."""
        return self.engine != "memory"

    @property
    def by_firth(self) -> bool:
        """True where the estimator is Firth's."""
        return self.estimator.partition(" ")[0] == "firth"

    @property
    def mean_risk(self) -> str:
        """The correction that the estimator's name holds, as in "firth (flic)"; or nothing."""
        return self.estimator.partition("(")[2].rstrip(")")


@dataclass(frozen=True, slots=True)
class PrintedNumber:
    """One number of the published paper beside what was found here."""

    place: str
    quantity: str
    printed: str
    found: str
    agrees: bool | None
    remark: str = ""

    def to_dict(self) -> Json:
        """JSON form."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class ExamplePatient:
    """An invented patient, used to show how the nomogram is read."""

    values: tuple[tuple[str, str], ...]
    points: tuple[float, ...]
    total_points: float
    risk: float
    conf_low: float | None
    conf_high: float | None


@dataclass(frozen=True, slots=True, eq=False)
class StudyResult:
    """All numbers of one run.

    `model_summary` holds name and value of n, n_events, log_likelihood, lr_statistic,
    df, p_value, aic, bic, c_index, r2, brier, hosmer_lemeshow statistic, df and p;
    `vif` a frame (term, level, vif). `c_index` is apparent; `roc` and `thresholds` belong
    to a binary outcome and are None for time to event, which has `survival` instead.
    `matched` belongs to matched sets, of which there is no risk: no curve, threshold or net
    benefit, and the calibration of `validation` is empty.
    `sampling` belongs to a case-control study whose population is known, `penalised` to ridge,
    lasso and elastic net, `shrinkage` to a model whose coefficients one factor shrinks.
    `centres` belongs to a protocol that names a centre, `split` to one that splits by time.
    `instability` is missing where no risk is given or the protocol does without; `size`
    where the criteria do not hold, as for sampled controls.
    `shapes` belongs to a model with splines, transformed numbers or interactions.
    `total_points` is the cohort's distribution over total points in bins: low, high, n.
    `followup` holds the scores over visits, `agreement` what two readers took.
    `protocol` is what the study said that it would do, `candidates` the design of all candidate
    predictors, before any was chosen.
    `splines` holds each variable that enters as a restricted cubic spline with its knots.
    """

    facts: StudyFacts
    flow: Flow
    comparison: Comparison
    univariable: tuple[RegressionRow, ...]
    multivariable: tuple[RegressionRow, ...]
    equation: str
    model_summary: dict[str, float | None]
    vif: pl.DataFrame
    c_index: Estimate
    roc: Roc | None
    thresholds: ThresholdTable | None
    validation: Validation
    validation_fixed: Validation | None
    decision: DecisionCurve | None
    nomogram: Nomogram
    total_points: pl.DataFrame
    example: ExamplePatient
    findings: tuple[Finding, ...]
    protocol: Protocol
    candidates: Design
    replication: tuple[PrintedNumber, ...] = ()
    survival: SurvivalResult | None = None
    followup: tuple[FollowupResult, ...] = ()
    agreement: tuple[AgreementResult, ...] = ()
    sampling: SamplingResult | None = None
    penalised: PenalisedResult | None = None
    stability: StabilityResult | None = None
    shrinkage: ShrinkageResult | None = None
    shapes: ShapesResult | None = None
    imputed: ImputedResult | None = None
    matched: MatchedResult | None = None
    instability: Instability | None = None
    centres: InternalExternal | None = None
    split: TemporalSplit | None = None
    size: StudySize | None = None
    timings: tuple[tuple[str, float], ...] = ()
    splines: tuple[tuple[str, tuple[float, ...]], ...] = ()

    @property
    def selection_cost(self) -> pl.DataFrame | None:
        """Optimism that choosing predictors by the data costs; None without selection."""
        if self.validation_fixed is None:
            return None
        return self.validation.cost_of_selection(self.validation_fixed)

    def with_findings(self, findings: tuple[Finding, ...]) -> StudyResult:
        """The same result with other findings."""
        return replace(self, findings=findings)
