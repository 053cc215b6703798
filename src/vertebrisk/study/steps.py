"""Steps that every study takes, whatever its outcome."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from vertebrisk._types import FloatArray, IntArray, Json, Language
from vertebrisk.cohort import Cohort
from vertebrisk.comparison import Comparison, compare_groups
from vertebrisk.design.build import VariableInfo
from vertebrisk.design.design import Design
from vertebrisk.design.terms import WrittenTerm, terms_named
from vertebrisk.errors import ModelError
from vertebrisk.findings import Finding
from vertebrisk.models.development import Selection
from vertebrisk.models.firth.asked import Firth, asked_firth
from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.models.penalised.penalty import Penalty, Shrinkage, asked_shrinkage
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.selection.stability import Stability
from vertebrisk.nomogram.build import empty_nomogram
from vertebrisk.nomogram.results import Nomogram
from vertebrisk.nomogram.scales import SurvivalScale
from vertebrisk.protocol import Protocol
from vertebrisk.protocol.documents import PenaltyPlan, StabilityPlan
from vertebrisk.report.results.study import StudyResult
from vertebrisk.study.options import Resampling, RunOptions
from vertebrisk.study.specs import comparison_specs, default_tests, used_tests
from vertebrisk.study.unfinished import Unfinished
from vertebrisk.study.units import units_of
from vertebrisk.text.phrases import in_sentence
from vertebrisk.validation.decision import apparent_curve, thresholds_between
from vertebrisk.validation.resampling import Apparent
from vertebrisk.validation.results import DecisionCurve, Validation

if TYPE_CHECKING:
    from vertebrisk.models.conditional.fit import ConditionalFit
    from vertebrisk.models.imputation.pooled import PooledFit
    from vertebrisk.models.survival.fine_gray import FineGrayFit
    from vertebrisk.models.survival.fit import CoxFit
    from vertebrisk.report.results.followup import AgreementResult, FollowupResult

Progress = Callable[[str, int, int], None]
POINT_BINS = 20


@dataclass(frozen=True, slots=True, eq=False)
class StudyRun:
    """Numbers for the report, and what they were made from.

    `needed` are the variables without which a patient left the analysis.
    """

    result: StudyResult
    fit: LogisticFit | CoxFit | FineGrayFit | PooledFit | ConditionalFit
    model: RiskModel
    cohort: Cohort
    needed: tuple[str, ...]

    @property
    def protocol(self) -> Protocol:
        """What the study said that it would do."""
        return self.result.protocol


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A study up to the model: who is analysed, with which candidates.

    `findings` are those of data and candidates; `needed` as in `StudyRun`; `followup` and
    `agreement` as in `StudyResult`; `imputes` is True where candidates are missing and imputed.
    `unfinished` keeps what a validation has done, None where nothing is kept.
    """

    protocol: Protocol
    options: RunOptions
    cohort: Cohort
    comparison: Comparison
    terms: tuple[WrittenTerm, ...]
    info: dict[str, VariableInfo]
    plan: Resampling
    needed: tuple[str, ...]
    findings: tuple[Finding, ...]
    followup: tuple[FollowupResult, ...]
    agreement: tuple[AgreementResult, ...]
    imputes: bool
    clock: Clock
    progress: Progress
    unfinished: Unfinished | None = None

    @property
    def selection(self) -> Selection:
        """How the protocol chooses predictors."""
        return selection_of(self.protocol, self.comparison, self.terms)

    @property
    def shrinkage(self) -> Shrinkage | None:
        """The protocol's penalty; None without one."""
        return shrinkage_of(self.protocol, self.terms)

    @property
    def firth(self) -> Firth | None:
        """What the protocol asks of Firth's estimator; None with any other."""
        return firth_of(self.protocol)

    @property
    def formula(self) -> str:
        """The candidates as a formula."""
        return formula_of(self.protocol, self.terms)

    @property
    def units(self) -> int:
        """How many patients, or matched sets, can be drawn or left out."""
        return units_of(self.cohort)

    def validating(self, *, fixed: bool, step: str = "validation") -> dict[str, Any]:
        """Arguments of any fit's `validate`: of the whole procedure, or of the model held fixed."""
        return {
            "resamples": self.plan.resamples,
            "seed": self.plan.seed,
            "fixed": fixed,
            "progress": self.counted(f"{step}, model held fixed" if fixed else step),
            **self.plan.scheme,
        }

    def counted(self, step: str) -> Callable[[int], None]:
        """A callable that reports the models of one step as they are made."""
        done, total = 0, self.plan.models(self.units)

        def advance(count: int) -> None:
            nonlocal done
            done += count
            self.progress(step, done, total)

        self.progress(step, 0, total)
        if self.unfinished is None:
            return advance
        return self.unfinished.follower(step, self._run, total, advance)

    @property
    def _run(self) -> Json:
        """What a validation depends on."""
        return {
            "protocol": self.protocol.to_dict(),
            "data": self.cohort.data_sha256,
            "resamples": self.plan.resamples,
            "seed": self.plan.seed,
        }


class Clock:
    """Seconds spent in each named step; `progress` is told of each as of one without a count."""

    def __init__(self, progress: Progress) -> None:
        self.spent: dict[str, float] = {}
        self._progress = progress

    @contextmanager
    def __call__(self, step: str) -> Iterator[None]:
        """Add the seconds of what is done inside."""
        start = time.perf_counter()
        self._progress(step.replace("_", " "), 0, 0)
        yield
        self._progress("summing up", 0, 0)
        self.spent[step] = time.perf_counter() - start


def group_labels(protocol: Protocol, language: Language) -> dict[str, str]:
    """What the two groups of the comparison are called."""
    label = protocol.outcome.label.text(language)
    without = f"No {in_sentence(label)}" if language == "en" else f"无{label}"
    return {"false": without, "true": label, "0": without, "1": label}


def compared(cohort: Cohort, protocol: Protocol, language: Language) -> Comparison:
    """The comparison of the outcome groups."""
    return compare_groups(
        cohort.frame,
        (cohort.event_name, cohort.event),
        comparison_specs(cohort, protocol.analysis.compare, language),
        tests=default_tests(protocol),
        group_labels=group_labels(protocol, language),
        sets=cohort.sets,
    )


def selection_of(
    protocol: Protocol, comparison: Comparison, terms: Sequence[WrittenTerm]
) -> Selection:
    """How the protocol chooses predictors."""
    written = protocol.analysis.select
    return Selection(
        method=written.method,
        alpha=written.alpha,
        criterion=written.criterion,
        approximate=written.approximate,
        test=written.test,
        tests=used_tests(comparison),
        penalty=_penalty(written.penalty, protocol, terms) if written.method == "lasso" else None,
        stability=_stability(protocol) if written.method == "stability" else None,
        shape_alpha=protocol.analysis.shape_alpha,
    )


def _stability(protocol: Protocol) -> Stability:
    """Stability selection as written; patients are split by the validation's seed by default."""
    written = protocol.analysis.select.stability or StabilityPlan()
    return Stability(
        pairs=written.pairs,
        pairs_in_resamples=written.pairs_in_resamples,
        threshold=written.threshold,
        per_half=written.per_half,
        expected_false=written.expected_false,
        learner=written.learner,
        seed=protocol.validation.seed if written.seed is None else written.seed,
    )


def firth_of(protocol: Protocol) -> Firth | None:
    """What the protocol asks of Firth's estimator; None with any other."""
    return asked_firth(protocol.analysis.estimator, protocol.analysis.mean_risk)


def shrinkage_of(protocol: Protocol, terms: Sequence[WrittenTerm]) -> Shrinkage | None:
    """The protocol's penalty; None for an estimator without one."""
    analysis = protocol.analysis
    if not analysis.penalised:
        return None
    return asked_shrinkage(analysis.estimator, _penalty(analysis.penalty, protocol, terms))


def _penalty(
    written: PenaltyPlan | None, protocol: Protocol, terms: Sequence[WrittenTerm]
) -> Penalty:
    """A penalty as written; its folds are dealt by the validation's seed unless it has one.

    Factors are those of the candidates in the analysis; one that was left out needs none.
    """
    if written is None:
        return Penalty(seed=protocol.validation.seed)
    return Penalty(
        value=written.value,
        mix=written.mix,
        rule=written.rule,
        folds=written.folds,
        seed=protocol.validation.seed if written.seed is None else written.seed,
        measure=written.measure,
        factors={
            name: factor for name, factor in written.factors.items() if terms_named(name, terms)
        },
    )


def formula_of(protocol: Protocol, terms: Sequence[WrittenTerm]) -> str:
    """The candidates as a formula."""
    return f"{protocol.outcome.name} ~ {' + '.join(term.name for term in terms) or '1'}"


def threshold_grid(protocol: Protocol) -> FloatArray:
    """Grid over the protocol's range, with the thresholds where decisions are taken."""
    low, high = protocol.validation.threshold_range
    return thresholds_between(low, high, protocol.validation.thresholds)


def splines(design: Design) -> tuple[tuple[str, tuple[float, ...]], ...]:
    """Variables that enter as restricted cubic splines, with their knots."""
    factors = [factor for term in design.terms for factor in term.factors]
    return tuple({f.variable: f.knots for f in factors if f.kind == "rcs"}.items())


def nomogram_of(model: RiskModel) -> Nomogram:
    """The model's nomogram, empty for a model without predictors or without a risk."""
    try:
        return model.nomogram()
    except ModelError:
        pass
    if model.kind == "logistic":
        return empty_nomogram(model.intercept)
    horizon = model.horizons[0]
    hazard = model.baselines[0].at(min(horizon, model.baselines[0].limit))[0]
    return empty_nomogram(0.0, (SurvivalScale(horizon, hazard),))


def distribution(nomogram: Nomogram, linear: FloatArray) -> pl.DataFrame:
    """How the cohort is spread over total points, in bins."""
    if not nomogram.axes:
        return binned_points(np.empty(0), np.empty(0, dtype=np.int64))
    edges = point_edges(nomogram)
    return binned_points(edges, points_in_bins(nomogram, linear, edges))


def point_edges(nomogram: Nomogram) -> FloatArray:
    """Edges of the bins of total points."""
    return np.linspace(0.0, nomogram.max_total, POINT_BINS + 1)


def points_in_bins(nomogram: Nomogram, linear: FloatArray, edges: FloatArray) -> IntArray:
    """How many linear predictors make total points in each bin; beyond the edges in the last."""
    totals = (linear - nomogram.intercept) * nomogram.points_per_unit
    return np.asarray(np.histogram(np.clip(totals, edges[0], edges[-1]), edges)[0])


def binned_points(edges: FloatArray, counts: IntArray) -> pl.DataFrame:
    """Bins of total points with their patients: low, high, n."""
    schema = {"low": pl.Float64, "high": pl.Float64, "n": pl.Int64}
    return pl.DataFrame({"low": edges[:-1], "high": edges[1:], "n": counts}, schema=schema)


def decision_of(
    validation: Validation, apparent: Apparent, thresholds: FloatArray
) -> DecisionCurve:
    """The decision curve of a validation; the apparent one where its method corrects none."""
    if validation.decision is not None:
        return validation.decision
    return apparent_curve(apparent.whole, thresholds)
