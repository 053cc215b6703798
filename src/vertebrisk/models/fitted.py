"""What every fitted model of one outcome holds and can be asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from vertebrisk._checks import as_thresholds
from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.design.design import Design
from vertebrisk.findings import Finding
from vertebrisk.models import inference
from vertebrisk.models.anova import wald_anova
from vertebrisk.models.development import Development, Selection
from vertebrisk.models.fractional.reporting import shapes_frame
from vertebrisk.models.instability.learning import learning_of
from vertebrisk.models.instability.patients import Patients
from vertebrisk.models.instability.running import Asked, instability_of
from vertebrisk.models.validating.plan import DEFAULT_THRESHOLDS
from vertebrisk.text.plurals import counted
from vertebrisk.validation.instability import Instability

if TYPE_CHECKING:
    from vertebrisk.validation.learning import LearningCurve


class EventRule(Protocol):
    """Which rows of a table have the event."""

    @property
    def names(self) -> tuple[str, ...]:
        """Columns that are read."""
        ...

    def rule(self, frame: pl.DataFrame) -> pl.Series:
        """True where the event occurred, null where it is not known."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class UsedRows:
    """Where the rows that a fit used stand in the table that it was given.

    Attributes
    ----------
    positions : int array, shape (n,)
        From 0, in the order of the fit; a row that counts as several patients is repeated.
    height : int
        Rows of the table.
    outcome : EventRule
        By which a table given later is known to be the same.
    """

    positions: IntArray
    height: int
    outcome: EventRule


class Counted(Protocol):
    """A fit of some kind, as far as it is named in a line."""

    @property
    def formula(self) -> str:
        """As given."""
        ...

    @property
    def n(self) -> int:
        """Patients."""
        ...

    @property
    def n_events(self) -> int:
        """Those of them with the event."""
        ...


def fit_in_brief(fit: Counted) -> str:
    """One line that names a fit; its `summary` says more."""
    sizes = f"{counted(fit.n, 'patient')}, {counted(fit.n_events, 'event')}"
    return f"<{type(fit).__name__} {fit.formula!r}: {sizes}>"


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Fitted:
    """A model with the procedure that made it; see the classes that extend it.

    Attributes
    ----------
    formula : str
        As given.
    design : Design
        Terms of the final model.
    beta : array, shape (p,)
        Coefficients of its columns, an intercept apart.
    cov : array
        Covariance in use, an intercept first where there is one.
    covariance_kind : str
        What `cov` is: "model" (the inverse information), or a sandwich, "robust" or "cluster".
    log_likelihood : float
    n, n_events : int
    n_dropped : mapping of reason to rows
        Rows left out: time, outcome or predictor missing.
    development : Development
        Candidates, outcome and selection: the procedure that validation repeats.
    chosen : bool array
        Which candidate terms are in the model.
    findings : tuple of Finding
    outcome : str
    rows : UsedRows, optional
        Of a fit that was made from a table: which of its rows were used. Columns that are no
        predictors are not kept.
    """

    formula: str
    design: Design
    beta: FloatArray
    cov: FloatArray
    covariance_kind: str
    log_likelihood: float
    n: int
    n_events: int
    n_dropped: Mapping[str, int]
    development: Development
    chosen: BoolArray
    findings: tuple[Finding, ...]
    outcome: str
    rows: UsedRows | None = None

    def __repr__(self) -> str:
        return fit_in_brief(self)

    @property
    def selection(self) -> Selection:
        """How the terms were chosen."""
        return self.development.selection

    @cached_property
    def matrix(self) -> FloatArray:
        """Columns of the final model for the rows that were used, without intercept."""
        return self.development.of_columns(self.development.term_columns(self.chosen))

    @property
    def _slope_covariance(self) -> FloatArray:
        before = self.cov.shape[0] - self.beta.size
        return np.asarray(self.cov[before:, before:])

    def _gain(self, part: slice) -> float | None:
        """Twice the log-likelihood that is lost without some columns; None where it is no test."""
        raise NotImplementedError

    def instability(
        self,
        resamples: int = 500,
        seed: int = 1,
        *,
        thresholds: ArrayLike | None = None,
        curve_thresholds: ArrayLike | None = None,
        horizon: float | None = None,
        fixed: bool = False,
        indices: IntArray | None = None,
        level: float = 0.95,
        progress: Callable[[int], None] | None = None,
    ) -> Instability:
        """Had other patients been sampled, how else would the risks of these be?

        The whole procedure is repeated on each bootstrap resample, and the resample's model,
        whatever predictors it chose, scores all original patients: their risks, the
        calibration curve, decisions at thresholds and net benefit.

        Parameters
        ----------
        resamples : int
            200 or more, better 500, for a report.
        seed : int
            0 or more. The resamples are those of `validate` with the same seed.
        thresholds : array, optional
            Risks at which decisions are taken; by default the mean risk, to a hundredth.
        curve_thresholds : array, optional
            Thresholds of the decision curve; 0.02 to 0.50 by default.
        horizon : float, optional
            Of a time to event: the time by which risks are meant; the fit's first by default.
        fixed : bool
            True holds the chosen predictors fixed and only re-estimates.
        indices : int array, shape (resamples, n), optional
            Drawn row positions, in place of `resamples` and `seed`.
        level : float
            Of the limits, which are quantiles (of R's type 7) over the resamples.
        progress : callable, optional
            Called with the number of resamples done since the last call.

        Returns
        -------
        Instability
            `.mape`, `.patients`, `.band`, `.classification`, `.calibration`, `.decision`; `risks`
            holds a number a patient and resample. Resamples without a finite estimate are
            counted and stay in, since their risks have limits; those with one outcome only
            are counted and left out. After late entry nothing is measured at horizons, and
            curves are empty.

        Raises
        ------
        ArgumentError
            An argument is out of range, or the model gives no risk.
        FitError
            Fewer than two resamples held both outcomes.

        References
        ----------
        Riley and Collins 2023, doi:10.1002/bimj.202200302.
        """
        cuts = DEFAULT_THRESHOLDS if curve_thresholds is None else as_thresholds(curve_thresholds)
        asked = Asked(resamples, seed, thresholds, fixed, indices, level, progress)
        patients = self._patients(horizon, cuts)
        return instability_of(patients, self.development, self.chosen, asked)

    def learning_curve(
        self,
        fractions: ArrayLike | None = None,
        repeats: int = 50,
        seed: int = 1,
        *,
        horizon: float | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> LearningCurve:
        """Would a model of more patients be better?

        The whole procedure is repeated on random parts of the patients, small and large,
        with events and others in the same proportion; every model is measured on its own part
        and on the patients left out.

        Parameters
        ----------
        fractions : array, optional
            Two or more shares of the patients, strictly between 0 and 1; 0.2 to 0.9 by default.
        repeats : int
            How often the patients are divided; within a repeat a larger part holds the
            smaller ones.
        seed : int
            0 or more.
        horizon : float, optional
            Of a time to event: when Brier scores are taken; the fit's first by default.
        progress : callable, optional
            Called with the number of models done since the last call.

        Returns
        -------
        LearningCurve
            `.frame` (C-index, slope, Brier and scaled Brier score by size), `.whole` (the
            model of all patients), `.gain`, and `.findings`, which say whether the curve still
            rises. Models without a finite estimate have no slope; parts without both
            outcomes, in them and among those left out, are counted in `n_failed`. Sampled
            controls: performance is that in their population.

        Raises
        ------
        ArgumentError
            An argument is out of range, or the model gives no risk.
        FitError
            No part could be used.

        References
        ----------
        Christodoulou et al. 2021, doi:10.1186/s41512-021-00096-5.
        """
        patients = self._patients(horizon, DEFAULT_THRESHOLDS)
        return learning_of(
            patients, self.development, self.chosen, fractions, repeats, seed, progress
        )

    def _patients(self, horizon: float | None, cuts: FloatArray) -> Patients:
        """The patients of this kind of fit; `cuts` are those of the decision curve."""
        raise NotImplementedError

    def term_tests(self) -> pl.DataFrame:
        """Wald and likelihood-ratio test of each whole term.

        Returns
        -------
        polars.DataFrame
            term, df, wald, wald_p_value, lr_statistic, lr_p_value. With robust or clustered
            errors the likelihood-ratio columns are null: the likelihood is not that of the rows.
        """
        return inference.term_tests(self.design, self.beta, self._slope_covariance, self._gain)

    def anova(self) -> pl.DataFrame:
        """Wald tests of every predictor with all its columns, its shape and its interactions.

        Returns
        -------
        polars.DataFrame
            term, kind, df, wald, p_value, as ``rms::anova`` with ``test="Chisq"``. `term` is
            a predictor, an interaction (``age:sex``) or TOTAL; `kind` is "overall" (all
            columns that read it, interactions included), "interaction" (all its interactions),
            "nonlinear" (all columns not linear in it) or "nonlinear or interaction" (of TOTAL).
            A spline is linear without its later columns; a logarithm, root or power counts as
            nonlinear where the predictor stands in the model as it is, too. Selection is
            ignored, as in every Wald test.

        References
        ----------
        Harrell FE. Regression Modeling Strategies, 2nd ed., section 2.4.
        doi:10.1007/978-3-319-19425-7
        """
        return wald_anova(self.design, self.beta, self._slope_covariance)

    def shapes(self) -> pl.DataFrame:
        """What was compared to find the powers of each ``fp(x)``; see `shapes_frame`."""
        return shapes_frame(self.development)

    def vif(self) -> pl.DataFrame:
        """Generalised variance inflation of each term, as ``car::vif``.

        Columns term, df, gvif, and gvif_scaled = gvif^(1 / (2 df)), whose square is
        compared with the usual limits. Empty with fewer than two terms.

        References
        ----------
        Fox and Monette 1992, doi:10.1080/01621459.1992.10475190
        """
        return inference.variance_inflation(self.design, self._slope_covariance)


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class FittedRatios(Fitted):
    """A model without an intercept, whose coefficients are logarithms of ratios.

    Attributes
    ----------
    null_log_likelihood : float
        Without predictors.
    """

    null_log_likelihood: float

    @cached_property
    def linear_predictor(self) -> FloatArray:
        """Log ratio of each row against covariates of zero; equal rows agree to the bit."""
        columns = self.development.term_columns(self.chosen)
        model = self.development.subset(columns, np.ones((1, self.n)))
        return np.asarray(model.linear()[0, model.patterns.of])

    def coefficients(self, level: float = 0.95) -> pl.DataFrame:
        """Coefficients: logarithms of the ratios.

        Returns
        -------
        polars.DataFrame
            term, level, estimate, std_error, statistic (z), p_value, conf_low, conf_high
            (Wald, with robust errors where `covariance_kind` says so).
        """
        names = [(column.term, column.level) for column in self.design.columns]
        return inference.coefficient_table(names, self.beta, self.cov, level)

    def _ratios(self, level: float) -> pl.DataFrame:
        table = self.coefficients(level)
        return table.with_columns(pl.col("estimate", "conf_low", "conf_high").exp())

    def _gain(self, part: slice) -> float | None:
        if self.covariance_kind != "model":
            return None
        rest = np.delete(self.matrix, np.arange(part.start, part.stop), axis=1)
        likelihood = getattr(self.development.likelihood, "plain", self.development.likelihood)
        reduced = likelihood.fit(rest, np.ones((1, self.n))).fits
        return max(2.0 * (self.log_likelihood - float(reduced.log_likelihood[0])), 0.0)
