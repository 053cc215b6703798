"""Logistic regression of a scan: the same numbers as of patients in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import polars as pl
from numpy.typing import ArrayLike
from scipy.special import expit

from vertebrisk._checks import as_thresholds, check_fraction
from vertebrisk._types import CorrectedInterval, FloatArray, Json
from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.design.design import Design
from vertebrisk.design.formulas import parse_formula
from vertebrisk.engines.columns import Values
from vertebrisk.engines.engine import Chunk, Engine, chunk_of, spans
from vertebrisk.engines.logistic import fit_logistic_stream
from vertebrisk.engines.logistic_passes import Regression
from vertebrisk.engines.shared import together
from vertebrisk.findings import Finding
from vertebrisk.kernels.distributions import chi2_upper
from vertebrisk.kernels.scaling import Scaling
from vertebrisk.kernels.streamed.rows import Rows, complete
from vertebrisk.models import inference
from vertebrisk.models.anova import wald_anova
from vertebrisk.models.fitted import fit_in_brief
from vertebrisk.models.portable.describing import Outcome, Population, Provenance
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.portable.spread import LinearSpread
from vertebrisk.models.streamed.bootstrap import (
    StreamedBootstrap,
    bootstrap_of_logistic,
    on_all,
)
from vertebrisk.models.streamed.patients import ScannedOutcome, ScannedRows
from vertebrisk.models.streamed.resampled import Asked
from vertebrisk.models.streamed.scores import scores_scan
from vertebrisk.nomogram.build import linear_predictor_ticks

SCORES = ("event", "linear_predictor", "risk")


@dataclass(frozen=True, slots=True)
class StreamedSummary:
    """A fit of a scan in one row. `r2` is Nagelkerke's."""

    n: int
    n_events: int
    log_likelihood: float
    null_log_likelihood: float
    lr_statistic: float
    df: int
    p_value: float
    aic: float
    bic: float
    r2: float
    brier: float

    def to_dict(self) -> Json:
        """JSON form."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class StreamedLogisticFit:
    """Maximum-likelihood logistic regression of a scan; made by `fit_logistic`.

    Attributes
    ----------
    formula : str
        As given.
    design : Design
    intercept : float
    beta : array, shape (p,)
        Log odds ratios.
    cov : array, shape (p + 1, p + 1)
        Inverse information, the intercept first.
    log_likelihood, null_log_likelihood : float
        Of the model, and of the mean risk.
    n, n_events : int
    n_dropped : mapping of reason to rows
        Rows left out: outcome or predictor missing.
    brier : float
        Mean squared difference of outcome and fitted risk.
    linear : LinearSpread
        Of the linear predictors of the rows that were used.
    linear_range : (float, float)
    findings : tuple of Finding
    outcome : str
    scan : PatientScan
        The patients; what is asked later reads them anew.
    scaling : Scaling
        Centres and spreads of the columns, the intercept first.
    """

    formula: str
    design: Design
    intercept: float
    beta: FloatArray
    cov: FloatArray
    log_likelihood: float
    null_log_likelihood: float
    n: int
    n_events: int
    n_dropped: Mapping[str, int]
    brier: float
    linear: LinearSpread
    linear_range: tuple[float, float]
    findings: tuple[Finding, ...]
    outcome: str
    scan: PatientScan
    scaling: Scaling

    def __repr__(self) -> str:
        return fit_in_brief(self)

    def coefficients(self, level: float = 0.95) -> pl.DataFrame:
        """Coefficients on the log-odds scale, intercept first; see `LogisticFit.coefficients`."""
        check_fraction(level, "level")
        estimate = np.concatenate([[self.intercept], self.beta])
        return inference.coefficient_table(self.names, estimate, self.cov, level)

    def odds_ratios(self, level: float = 0.95) -> pl.DataFrame:
        """Odds ratios; the same columns as `coefficients`, without the intercept."""
        table = self.coefficients(level).slice(1)
        return table.with_columns(pl.col("estimate", "conf_low", "conf_high").exp())

    def term_tests(self) -> pl.DataFrame:
        """Wald and likelihood-ratio test of each whole term; see `LogisticFit.term_tests`.

        The models without each term are fitted anew, in passes that they share.
        """
        parts = list(self.design.slices.values())
        gains = together(self.scan.engine, [partial(self._gain, part) for part in parts])
        by_start = {part.start: gain for part, gain in zip(parts, gains, strict=True)}
        covariance = self.cov[1:, 1:]
        return inference.term_tests(
            self.design, self.beta, covariance, lambda part: by_start[part.start]
        )

    def _gain(self, part: slice, engine: Engine) -> float:
        regression = self.regression
        width = self.beta.size
        kept = [place for place in range(width) if not part.start <= place < part.stop]
        rows_of = _Some(self._rows, tuple(kept))
        reduced = Regression(engine, regression.columns, regression.names, rows_of)
        found = fit_logistic_stream(reduced).fits
        return max(2.0 * (self.log_likelihood - float(found.log_likelihood[0])), 0.0)

    def anova(self) -> pl.DataFrame:
        """Wald tests of every predictor with all its columns; see `LogisticFit.anova`."""
        return wald_anova(self.design, self.beta, self.cov[1:, 1:])

    def vif(self) -> pl.DataFrame:
        """Generalised variance inflation of each term, as ``car::vif``."""
        return inference.variance_inflation(self.design, self.cov[1:, 1:])

    def summary(self) -> StreamedSummary:
        """The fit in one row."""
        gain = 2.0 * (self.log_likelihood - self.null_log_likelihood)
        df = self.beta.size
        most = -np.expm1(2.0 * self.null_log_likelihood / self.n)
        return StreamedSummary(
            n=self.n,
            n_events=self.n_events,
            log_likelihood=self.log_likelihood,
            null_log_likelihood=self.null_log_likelihood,
            lr_statistic=gain,
            df=df,
            p_value=float(chi2_upper(gain, df)) if df else 1.0,
            aic=2.0 * (df + 1) - 2.0 * self.log_likelihood,
            bic=float(np.log(self.n) * (df + 1) - 2.0 * self.log_likelihood),
            r2=float(-np.expm1(-gain / self.n) / most),
            brier=self.brier,
        )

    def scores(self) -> PatientScan:
        """Outcome, linear predictor and risk of the rows that were used, in their order.

        Returns
        -------
        PatientScan
            Columns event, linear_predictor and risk, in a scratch folder that goes with the
            scan: for what is measured of scores.
        """
        return scores_scan(SCORES, self._scored(), self.scan.engine)

    def _scored(self) -> Iterator[tuple[Values, ...]]:
        regression = self.regression
        for part in spans(regression.columns.size):
            chunk = chunk_of(regression.columns, part, regression.names)
            rows, _, _ = complete(self._rows(chunk))
            linear = rows.linear(self.intercept, self.beta)
            yield rows.target, linear, expit(linear)

    def bootstrap(
        self,
        resamples: int = 500,
        seed: int = 1,
        *,
        level: float = 0.95,
        interval: CorrectedInterval = "percentile",
        thresholds: ArrayLike = (),
        progress: Callable[[int], None] | None = None,
    ) -> StreamedBootstrap:
        """How far would the coefficients move with other patients, and how kind are the measures?

        Every resample draws each patient a Poisson number of times, known by the seed, the
        resample and the row alone, so resamples share the passes over the scan.

        Parameters
        ----------
        resamples : int
            200 or more, better 500.
        seed : int
            0 or more.
        level : float
            Of the limits of the corrected measures.
        interval : {"percentile", "location-shifted"}
            What these limits are, see `Validation`.
        thresholds : array-like, shape (k,), optional
            Risks at which acting becomes worthwhile, for a corrected decision curve.
        progress : callable, optional
            Called with the number of resamples done; the engine tells more.

        Returns
        -------
        StreamedBootstrap
            Harrell's optimism of the measures of `LogisticFit.validate`, of the calibration curve
            and of the decision curve. What needs an order of the patients by each resample's
            model (C-index, curve, ICI and its kin) is, in the optimism, that of linear predictors
            in 1,024 classes of about equal size; apparent values are exact.

        Raises
        ------
        ArgumentError
            An argument is out of range.
        FitError
            Fewer than two resamples have a finite estimate.

        References
        ----------
        Harrell et al. 1996; Hanley and MacGibbon 2006, doi:10.1016/j.cmpb.2006.04.006.
        """
        asked, cuts = Asked(resamples, seed, level, interval), as_thresholds(thresholds)
        with self.scores() as scores:
            known = on_all(self, scores, cuts)
        return bootstrap_of_logistic(self, asked, known, progress)

    @property
    def names(self) -> list[tuple[str, str]]:
        """Term and level of each coefficient, the intercept first."""
        columns = ((each.term, each.level) for each in self.design.columns)
        return [(inference.INTERCEPT, ""), *columns]

    @property
    def _rows(self) -> ScannedRows:
        rule = parse_formula(self.formula).outcome
        return ScannedRows.of(self.scan, self.design, ScannedOutcome.of(self.scan, rule))

    @property
    def regression(self) -> Regression:
        """Where its rows are read."""
        rows = self._rows
        return Regression(self.scan.engine, self.scan.columns, rows.names, rows)

    @cached_property
    def model(self) -> RiskModel:
        """The model alone, without patients; see `LogisticFit.model`."""
        return RiskModel(
            design=self.design,
            intercept=self.intercept,
            beta=self.beta,
            covariance=self.cov,
            draws=None,
            interval_kind="model-based",
            linear_ticks=linear_predictor_ticks(np.array(self.linear_range)),
            outcome=Outcome(self.outcome, self.outcome),
            population=Population(self.n, self.n_events),
            provenance=Provenance(formula=self.formula, selection="prespecified"),
            performance={},
            linear_spread=self.linear,
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Some:
    """Rows with some of their columns; those that lack any other are left out all the same."""

    rows_of: ScannedRows
    kept: tuple[int, ...]

    def __call__(self, chunk: Chunk) -> Rows:
        rows, _, _ = complete(self.rows_of(chunk))
        columns = tuple(rows.columns[place] for place in self.kept)
        return Rows(columns, rows.target, whole=True)
