"""Which resamples a validation draws: checked once for every kind of model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._checks import check_fraction, check_positive_int, check_seed
from vertebrisk._types import BoolArray, CorrectedInterval, FloatArray, IntArray, ValidationMethod
from vertebrisk.errors import ArgumentError
from vertebrisk.kernels.resamples import (
    bootstrap_weights,
    stratified_weights,
    weights_from_indices,
)
from vertebrisk.models.development import Development
from vertebrisk.models.selection.full_model import full_model
from vertebrisk.validation.estimates import LEFT_OUT
from vertebrisk.validation.summary import ValidationSettings

DEFAULT_THRESHOLDS = np.round(np.arange(0.02, 0.505, 0.01), 2)


@dataclass(frozen=True, slots=True, eq=False)
class ResamplePlan:
    """Resamples to draw, from a seed or as given.

    Attributes
    ----------
    size : int
        Number of rows.
    resamples : int
    seed : int
    clusters : int array or None
        Patient of each row; whole patients are drawn.
    drawn : int array, shape (resamples, draws), or None
        Row positions, in place of the seed.
    level : float
    apart : bool array or None
        Marks of two groups that are resampled apart: cases and sampled controls.
    folds : int array, shape (repeats, size), or None
        Fold of each row, from 0; a "resample" then is all rows but those of one fold.
    method : str
        What is estimated from the resamples.
    random : bool
        False where nothing depends on the seed.
    interval : str or None
        Of the corrected values; None where the method has none.
    """

    size: int
    resamples: int
    seed: int
    clusters: IntArray | None
    drawn: IntArray | None
    level: float
    apart: BoolArray | None = None
    folds: IntArray | None = None
    method: ValidationMethod = "optimism-bootstrap"
    random: bool = True
    interval: CorrectedInterval | None = "percentile"

    @classmethod
    def of(
        cls,
        size: int,
        clusters: IntArray | None,
        resamples: int,
        seed: int,
        indices: IntArray | None,
        level: float,
        apart: BoolArray | None = None,
        method: ValidationMethod = "optimism-bootstrap",
        interval: CorrectedInterval = "percentile",
    ) -> ResamplePlan:
        """Check what a caller asks for."""
        check_positive_int(resamples, "resamples")
        check_fraction(level, "level")
        check_seed(seed)
        drawn = None if indices is None else _positions(indices, size)
        count = resamples if drawn is None else drawn.shape[0]
        return cls(
            size,
            count,
            int(seed),
            clusters,
            drawn,
            level,
            apart,
            method=method,
            random=drawn is None,
            interval=interval,
        )

    @classmethod
    def folded(
        cls, folds: IntArray, seed: int | None, level: float, method: ValidationMethod
    ) -> ResamplePlan:
        """All rows but those of one fold, for every fold of every repeat; no seed, no chance."""
        models = folds.shape[0] * (int(folds.max()) + 1)
        check_fraction(level, "level")
        return cls(
            folds.shape[1],
            models,
            seed or 0,
            None,
            None,
            level,
            folds=folds,
            method=method,
            random=seed is not None,
            interval=None,
        )

    @property
    def leaves_out(self) -> bool:
        """True where models are tested on those whom their resample left out."""
        return self.method in LEFT_OUT

    @property
    def repeats(self) -> IntArray:
        """Repeat to which each model of a cross-validation belongs."""
        assert self.folds is not None
        repeats = self.folds.shape[0]
        return np.repeat(np.arange(repeats), self.resamples // repeats)

    def draw(self, first: int, count: int) -> FloatArray:
        """Frequencies of the rows in some resamples, shape (count, size)."""
        if self.folds is not None:
            repeat, fold = np.divmod(
                np.arange(first, first + count), self.resamples // self.folds.shape[0]
            )
            return np.asarray(self.folds[repeat] != fold[:, None], dtype=np.float64)
        if self.drawn is not None:
            return weights_from_indices(self.drawn[first : first + count], self.size)
        if self.apart is not None:
            return stratified_weights(self.apart, count, self.seed, first)
        return bootstrap_weights(self.size, count, self.seed, self.clusters, first)

    def settings(
        self,
        development: Development,
        *,
        fixed: bool,
        final: BoolArray,
        clusters: IntArray | None,
        robust: bool = False,
    ) -> ValidationSettings:
        """What the validation is called, and what its choices are compared with.

        `final` marks the terms of the final model; `clusters` and `robust` as in `full_model`.
        """
        names = [term.name for term in development.design.terms]
        return ValidationSettings(
            procedure=procedure_name(development, fixed=fixed),
            seed=self.seed if self.random else None,
            level=self.level,
            candidates=tuple(names),
            final=tuple(name for name, use in zip(names, final, strict=True) if use),
            full=full_model(development, clusters, robust=robust),
            shapes=() if development.search is None else development.search.final_shapes,
            method=self.method,
            interval=self.interval,
        )


def procedure_name(development: Development, *, fixed: bool) -> str:
    """What a validation repeats: a model without choices is held fixed either way."""
    held = fixed or not (development.chooses or development.likelihood.tunes)
    return "model held fixed" if held else "whole procedure"


def _positions(indices: IntArray, n: int) -> IntArray:
    """Row positions given by a caller, checked."""
    drawn = np.asarray(indices)
    whole = drawn.ndim == 2 and drawn.size > 0 and np.issubdtype(drawn.dtype, np.integer)
    if not whole or drawn.min() < 0 or drawn.max() >= n:
        raise ArgumentError(
            "indices must be whole row positions from 0 to "
            f"{n - 1}, one row a resample and one column a draw."
        )
    return drawn.astype(np.int64)
