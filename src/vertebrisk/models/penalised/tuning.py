"""The path of a penalised fit and its cross-validation, as frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from vertebrisk._types import FloatArray
from vertebrisk.design.design import Design
from vertebrisk.errors import ArgumentError
from vertebrisk.models.inference import INTERCEPT
from vertebrisk.models.penalised.likelihoods import Tuned, criteria
from vertebrisk.models.penalised.penalty import CRITERIA, Shrinkage

NOT_TUNED = (
    "The penalty was given or found by a criterion, so there is no cross-validation; leave penalty "
    "out when fitting to have one."
)


@dataclass(frozen=True, slots=True, eq=False)
class Tuning:
    """Coefficients along the path of penalties, and how well each step predicts.

    Attributes
    ----------
    design : Design
        All candidates.
    penalty : array, shape (steps,)
        glmnet's lambda, falling.
    beta : array, shape (steps, coefficients)
        An intercept first where there is one.
    spread : array, shape (p,)
        Standard deviations of the columns, without the intercept.
    explained : array, shape (steps,)
        Share of the null model's deviance that is explained.
    mean, error : array, shape (steps,), or None
        Cross-validated deviance (of a patient; of an event in a Cox model) or AUC, and its
        standard error; None where the penalty was given.
    df : array, shape (steps,)
        Degrees of freedom; see `kernels.penalised.path.Paths`.
    criteria : dict of arrays, or None
        AIC, BIC and corrected AIC where one of them chose the penalty.
    folds : int
    lowest, one_error : int
        Steps of the best mean, and of the largest penalty within a standard error of it.
    step : int or None
        The step that was taken; None where the penalty was given.
    measure : str
    """

    design: Design
    penalty: FloatArray
    beta: FloatArray
    spread: FloatArray
    explained: FloatArray
    mean: FloatArray | None
    error: FloatArray | None
    df: FloatArray
    criteria: dict[str, FloatArray] | None
    folds: int
    lowest: int
    one_error: int
    step: int | None
    measure: str

    @classmethod
    def of(
        cls,
        design: Design,
        spread: FloatArray,
        tuned: Tuned,
        shrinkage: Shrinkage,
        size: int,
    ) -> Tuning:
        """Of the first replicate; `size` counts patients, or the events of a Cox model."""
        known = slice(0, int(tuned.paths.length[0]))
        judged, asked = tuned.judged, shrinkage.penalty
        gain = tuned.paths.log_likelihood[0, known] - tuned.paths.null[0]
        df = tuned.paths.df[0, known]
        return cls(
            design=design,
            penalty=tuned.paths.penalty[0, known],
            beta=tuned.paths.beta[0, known],
            spread=spread,
            explained=tuned.paths.explained[0, known],
            mean=None if judged is None else judged.mean[0, known],
            error=None if judged is None else judged.error[0, known],
            df=df,
            criteria=criteria(gain, df, size) if asked.rule in CRITERIA else None,
            folds=0 if judged is None else int(judged.folds[0]),
            lowest=0 if judged is None else int(judged.lowest[0]),
            one_error=0 if judged is None else int(judged.one_error[0]),
            step=None if asked.value is not None else int(tuned.step[0]),
            measure=asked.measure,
        )

    def information_criteria(self) -> pl.DataFrame:
        """What each step of the path costs and gains, as ``rms::pentrace``.

        Returns
        -------
        polars.DataFrame
            step, penalty, df (effective degrees of freedom), aic, bic, aic_c (on the chi-square
            scale: the larger the better), chosen.

        Raises
        ------
        ArgumentError
            No criterion was asked for.
        """
        if self.criteria is None:
            raise ArgumentError(
                "No criterion chose the penalty; fit with estimator='ridge' and "
                "penalty=Penalty(rule='aic_c')."
            )
        return pl.DataFrame(
            {
                "step": np.arange(self.penalty.size),
                "penalty": self.penalty,
                "df": self.df,
                **{name: self.criteria[name] for name in ("aic", "bic", "aic_c")},
                "chosen": np.arange(self.penalty.size) == self.step,
            }
        )

    @property
    def slopes(self) -> FloatArray:
        """Coefficients of the columns alone, shape (steps, p)."""
        return self.beta[:, self.beta.shape[1] - len(self.design.columns) :]

    def path(self) -> pl.DataFrame:
        """Coefficients at every step of the path.

        Returns
        -------
        polars.DataFrame
            step (from 0), penalty, term, level, estimate, per_sd (for a standard deviation of
            the column, null for an intercept); a row for each coefficient.
        """
        names = [(each.term, each.level) for each in self.design.columns]
        sizes: list[float | None] = list(map(float, self.spread))
        if self.beta.shape[1] > len(names):
            names, sizes = [(INTERCEPT, ""), *names], [None, *sizes]
        steps = np.repeat(np.arange(self.penalty.size), len(names))
        return pl.DataFrame(
            {
                "step": steps,
                "penalty": self.penalty[steps],
                "term": [term for term, _ in names] * self.penalty.size,
                "level": [level for _, level in names] * self.penalty.size,
                "estimate": self.beta.ravel(),
                "per_sd": pl.Series(sizes * self.penalty.size, dtype=pl.Float64),
            },
            schema_overrides={"term": pl.String, "level": pl.String},
        ).with_columns(per_sd=pl.col("per_sd") * pl.col("estimate"))

    def cross_validation(self) -> pl.DataFrame:
        """How well each step of the path predicts patients it was not fitted to.

        Returns
        -------
        polars.DataFrame
            step, penalty, nonzero (coefficients, an intercept apart), explained (share of the
            deviance in the patients of the fit), mean, std_error, rule ("min", "1se", "min, 1se"
            or empty).

        Raises
        ------
        ArgumentError
            The penalty was given.
        """
        if self.mean is None or self.error is None:
            raise ArgumentError(NOT_TUNED)
        rules: list[list[str]] = [[] for _ in range(self.penalty.size)]
        rules[self.lowest].append("min")
        rules[self.one_error].append("1se")
        return pl.DataFrame(
            {
                "step": np.arange(self.penalty.size),
                "penalty": self.penalty,
                "nonzero": (self.slopes != 0.0).sum(axis=1),
                "explained": self.explained,
                "mean": self.mean,
                "std_error": self.error,
                "rule": [", ".join(each) for each in rules],
            }
        )
