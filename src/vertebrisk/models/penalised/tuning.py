"""The path of a penalised fit and its cross-validation, as frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from vertebrisk._types import FloatArray
from vertebrisk.design.design import Design
from vertebrisk.errors import ArgumentError
from vertebrisk.models.inference import INTERCEPT
from vertebrisk.models.penalised.likelihoods import Tuned

NOT_TUNED = (
    "The penalty was given, so there is no cross-validation; leave penalty out when fitting to "
    "have it found."
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
    folds : int
    lowest, one_error : int
        Steps of the best mean, and of the largest penalty within a standard error of it.
    step : int or None
        The step that was taken; None where a penalty was given.
    measure : str
    """

    design: Design
    penalty: FloatArray
    beta: FloatArray
    spread: FloatArray
    explained: FloatArray
    mean: FloatArray | None
    error: FloatArray | None
    folds: int
    lowest: int
    one_error: int
    step: int | None
    measure: str

    @classmethod
    def of(cls, design: Design, spread: FloatArray, tuned: Tuned, measure: str) -> Tuning:
        """Of the first replicate."""
        known = slice(0, int(tuned.paths.length[0]))
        judged = tuned.judged
        return cls(
            design=design,
            penalty=tuned.paths.penalty[0, known],
            beta=tuned.paths.beta[0, known],
            spread=spread,
            explained=tuned.paths.explained[0, known],
            mean=None if judged is None else judged.mean[0, known],
            error=None if judged is None else judged.error[0, known],
            folds=0 if judged is None else int(judged.folds[0]),
            lowest=0 if judged is None else int(judged.lowest[0]),
            one_error=0 if judged is None else int(judged.one_error[0]),
            step=None if judged is None else int(tuned.step[0]),
            measure=measure,
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
