"""Internal validation of a logistic model: `LogisticFit.validate`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import ArrayLike

from vertebrisk._checks import check_choice, check_positive_int, check_seed
from vertebrisk._types import BoolArray, FloatArray, IntArray, ValidationMethod
from vertebrisk.errors import ArgumentError
from vertebrisk.kernels.penalised.folds import fold_numbers
from vertebrisk.kernels.resamples import derived_seed
from vertebrisk.models.development import Development
from vertebrisk.models.logistic.sampled import with_prevalence
from vertebrisk.models.validating.plan import ResamplePlan
from vertebrisk.validation.left_out import run_left_out
from vertebrisk.validation.resampling import Developed, run_replicates
from vertebrisk.validation.results import Validation
from vertebrisk.validation.schemes import summarise_bootstrap, summarise_pooled
from vertebrisk.validation.summary import summarise

if TYPE_CHECKING:
    from vertebrisk.models.logistic.fit import LogisticFit

FOLDS, REPEATS = 10, 10


@dataclass(frozen=True, slots=True, eq=False)
class Scheme:
    """Which patients a validation leaves out, as a caller asks for it.

    See `LogisticFit.validate`.
    """

    method: str
    resamples: int
    seed: int
    indices: IntArray | None
    folds: int | ArrayLike | None
    repeats: int | None
    level: float

    def plan(self, fit: LogisticFit) -> ResamplePlan:
        """The models to be made, checked."""
        check_choice(self.method, "method", ValidationMethod)
        method = cast(ValidationMethod, self.method)
        crossed = method == "cross-validation"
        if not crossed and not (self.folds is None and self.repeats is None):
            raise ArgumentError(
                f"folds and repeats belong to method='cross-validation'; method is '{method}'."
            )
        if crossed or method == "leave-one-out":
            return self._folded(fit, method)
        if fit.sampling is not None and method in ("632", "632+"):
            raise ArgumentError(
                f"method is '{method}', but controls were sampled: those whom a resample leaves "
                "out have another share of cases. Use 'optimism-bootstrap' or 'cross-validation'."
            )
        apart = None if fit.sampling is None else fit.event
        return ResamplePlan.of(
            fit.event.size,
            fit.clusters,
            self.resamples,
            self.seed,
            self.indices,
            self.level,
            apart,
            method,
        )

    def _folded(self, fit: LogisticFit, method: ValidationMethod) -> ResamplePlan:
        if self.indices is not None:
            raise ArgumentError(
                f"indices are drawn resamples; method is '{method}'. Give folds=, the fold of "
                "each row, for a cross-validation of your own."
            )
        check_seed(self.seed)
        own = np.arange(fit.event.size) if fit.clusters is None else fit.clusters
        if method == "leave-one-out":
            return ResamplePlan.folded(own[None], None, self.level, method)
        folds = FOLDS if self.folds is None else self.folds
        if not isinstance(folds, int | np.integer):
            if self.repeats is not None:
                raise ArgumentError("repeats is given with folds of your own, which have theirs.")
            given = _own_folds(folds, fit.event.size)
            return ResamplePlan.folded(given, None, self.level, method)
        repeats = REPEATS if self.repeats is None else self.repeats
        check_positive_int(repeats, "repeats")
        most = int(own.max()) + 1
        if isinstance(folds, bool) or not 2 <= folds <= most:
            raise ArgumentError(
                f"folds is {folds!r}; a whole number from 2 to {most}, the number of patients, "
                "is needed."
            )
        drawn = [
            fold_numbers(
                fit.event.astype(np.float64),
                np.ones((1, fit.event.size)),
                int(folds),
                derived_seed(self.seed, repeat),
                fit.clusters,
            )
            for repeat in range(repeats)
        ]
        return ResamplePlan.folded(np.concatenate(drawn), int(self.seed), self.level, method)


def _own_folds(folds: ArrayLike, size: int) -> IntArray:
    """Fold of each row as given by a caller, shape (repeats, size)."""
    given = np.atleast_2d(np.asarray(folds))
    if (
        given.ndim != 2
        or given.shape[1] != size
        or not np.issubdtype(given.dtype, np.integer)
        or min(np.unique(row).size for row in given) < 2
        or any(not np.array_equal(np.unique(row), np.arange(given.max() + 1)) for row in given)
    ):
        raise ArgumentError(
            "folds must be a whole number, or the fold of each of the "
            f"{size} rows that were used (0, 1, 2 and so on, none without a row), one line a "
            "repeat and the same number of folds in each."
        )
    return given.astype(np.int64)


def repeated_procedure(fit: LogisticFit, *, fixed: bool) -> tuple[Development, BoolArray]:
    """What is repeated on each resample, and which of its terms are those of the final model."""
    if fixed:
        return fit.development.held(fit.chosen), np.ones(int(fit.chosen.sum()), np.bool_)
    return fit.development, fit.chosen


def validate_logistic(
    fit: LogisticFit,
    plan: ResamplePlan,
    thresholds: FloatArray,
    *,
    fixed: bool,
    progress: Callable[[int], None] | None,
) -> Validation:
    """See `LogisticFit.validate`."""
    development, final = repeated_procedure(fit, fixed=fixed)
    settings = plan.settings(development, fixed=fixed, final=final, clusters=fit.clusters)

    def develop(weights: FloatArray) -> Developed:
        made = development(weights, final)
        return made if fit.sampling is None else made.moved(fit.sampling.offset)

    if plan.folds is not None:
        models, pooled = run_left_out(
            develop, plan.draw, plan.repeats, fit.apparent, thresholds, progress
        )
        return summarise_pooled(models, pooled, fit.apparent, thresholds, settings)
    replicates = run_replicates(
        develop,
        plan.draw,
        plan.resamples,
        fit.apparent,
        thresholds,
        progress,
        left_out=plan.method in ("632", "632+"),
    )
    replicates = with_prevalence(replicates, fit.sampling, plan.seed)
    work = summarise if plan.method == "optimism-bootstrap" else summarise_bootstrap
    return work(replicates, fit.apparent, thresholds, settings)
