"""What a penalised model adds to a result."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from vertebrisk._types import Json, PenalisedEstimator

_FRAMES = ("coefficients", "path", "cross_validation")


@dataclass(frozen=True, slots=True, eq=False)
class PenalisedResult:
    """How much the coefficients were held back, and how that was found.

    `penalty` is glmnet's lambda, `mix` its alpha (1 lasso, 0 ridge); `given` is True where
    the protocol states the penalty, and `rule`, `folds`, `seed` and `measure` then mean nothing.
    `factors` holds by term what its penalty was multiplied by, where the protocol says so.
    `n_candidates` and `n_kept` count terms. `coefficients` holds every candidate's columns: term,
    level, estimate, and of those in the model `low` and `high`, the 2.5th and 97.5th percentile
    over the resamples, and `frequency`, the share of resamples that kept the term (null for
    ridge). `path` has step, penalty, term, level, estimate, per_sd; `cross_validation` step,
    penalty, nonzero, explained, mean, std_error, rule, and is empty where there was none: the
    penalty was given, or chosen by the criterion that `rule` names.
    """

    estimator: PenalisedEstimator
    mix: float
    penalty: float
    given: bool
    rule: str
    folds: int
    seed: int
    measure: str
    factors: dict[str, float]
    n_candidates: int
    n_kept: int
    coefficients: pl.DataFrame
    path: pl.DataFrame
    cross_validation: pl.DataFrame

    def to_dict(self) -> Json:
        """JSON form."""
        plain = {name: getattr(self, name) for name in self.__slots__ if name not in _FRAMES}
        frames = {name: list(getattr(self, name).iter_rows(named=True)) for name in _FRAMES}
        return {**plain, **frames}
