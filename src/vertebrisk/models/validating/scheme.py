"""Which patients a validation leaves out, as a caller asks for it of any fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, cast

import numpy as np
from numpy.typing import ArrayLike

from vertebrisk._checks import check_choice, check_positive_int, check_seed
from vertebrisk._types import BoolArray, CorrectedInterval, FloatArray, IntArray, ValidationMethod
from vertebrisk.errors import ArgumentError
from vertebrisk.kernels.penalised.folds import fold_numbers
from vertebrisk.kernels.resamples import derived_seed
from vertebrisk.models.development import Development
from vertebrisk.models.validating.plan import ResamplePlan
from vertebrisk.validation.estimates import LEFT_OUT

FOLDS, REPEATS = 10, 10


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """What may be left out of the data that a fit was made from.

    Attributes
    ----------
    event : array, shape (n,)
        1 for the event, which the folds of a cross-validation share out evenly.
    clusters : int array, shape (n,), optional
        Patient of each row, who is left out with all of his rows.
    sampled : bool
        True where controls were sampled: cases and controls are resampled apart.
    noun, rows : str
        What is left out, and what the n are, in messages.
    """

    event: FloatArray
    clusters: IntArray | None = None
    sampled: bool = False
    noun: str = "patients"
    rows: str = "rows that were used"

    @property
    def of(self) -> IntArray:
        """Unit to which each row belongs, from 0."""
        return np.arange(self.event.size) if self.clusters is None else self.clusters


class Repeatable(Protocol):
    """A fit whose procedure can be repeated."""

    @property
    def development(self) -> Development:
        """What is repeated."""
        ...

    @property
    def chosen(self) -> BoolArray:
        """Terms of the final model among its candidates."""
        ...


def repeated_procedure(fit: Repeatable, *, fixed: bool) -> tuple[Development, BoolArray]:
    """What is repeated on each resample, and which of its terms are those of the final model."""
    if fixed:
        return fit.development.held(fit.chosen), np.ones(int(fit.chosen.sum()), np.bool_)
    return fit.development, fit.chosen


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
    interval: str = "percentile"

    def plan(self, units: Units) -> ResamplePlan:
        """The models to be made, checked."""
        check_choice(self.method, "method", ValidationMethod)
        check_choice(self.interval, "interval", CorrectedInterval)
        method = cast(ValidationMethod, self.method)
        crossed = method == "cross-validation"
        if not crossed and not (self.folds is None and self.repeats is None):
            raise ArgumentError(
                f"folds and repeats belong to method='cross-validation'; method is '{method}'."
            )
        if crossed or method == "leave-one-out":
            return self._folded(units, method)
        if units.sampled and method in LEFT_OUT:
            raise ArgumentError(
                f"method is '{method}', but controls were sampled: those whom a resample leaves "
                "out have another share of cases. Use 'optimism-bootstrap' or 'cross-validation'."
            )
        plan = ResamplePlan.of(
            units.event.size,
            units.clusters,
            self.resamples,
            self.seed,
            self.indices,
            self.level,
            units.event > 0.5 if units.sampled else None,
            method,
            cast(CorrectedInterval, self.interval),
        )
        if plan.drawn is not None and plan.leaves_out:
            _check_whole(plan, units)
        return plan

    def _folded(self, units: Units, method: ValidationMethod) -> ResamplePlan:
        if self.indices is not None:
            raise ArgumentError(
                f"indices are drawn resamples; method is '{method}'. Give folds=, the fold of "
                f"each of the {units.rows}, for a cross-validation of your own."
            )
        if self.interval != "percentile":
            raise ArgumentError(
                f"interval is '{self.interval}', and method='{method}' gives no interval; leave it "
                "out, or use a bootstrap."
            )
        check_seed(self.seed)
        own = units.of
        if method == "leave-one-out":
            return ResamplePlan.folded(own[None], None, self.level, method)
        most = int(own.max()) + 1
        folds = min(FOLDS, most) if self.folds is None else self.folds
        if not isinstance(folds, int | np.integer):
            if self.repeats is not None:
                raise ArgumentError("repeats is given with folds of your own, which have theirs.")
            return ResamplePlan.folded(_own_folds(folds, units), None, self.level, method)
        repeats = REPEATS if self.repeats is None else self.repeats
        check_positive_int(repeats, "repeats")
        if isinstance(folds, bool) or not 2 <= folds <= most:
            raise ArgumentError(
                f"folds is {folds!r}; a whole number from 2 to {most}, the number of "
                f"{units.noun}, is needed."
            )
        everyone = np.ones((1, units.event.size))
        drawn = [
            fold_numbers(
                units.event, everyone, int(folds), derived_seed(self.seed, repeat), units.clusters
            )
            for repeat in range(repeats)
        ]
        return ResamplePlan.folded(np.concatenate(drawn), int(self.seed), self.level, method)


def _check_whole(plan: ResamplePlan, units: Units) -> None:
    """Nobody is tested by some of his rows on a model made from others."""
    held = plan.draw(0, plan.resamples) > 0
    _, first = np.unique(units.of, return_index=True)
    split = int((held != held[:, first[units.of]]).any(axis=1).sum())
    if split:
        raise ArgumentError(
            f"In {split} of the {plan.resamples} resamples some of the {units.noun} are drawn by "
            "some rows and left out by others; draw whole ones, or leave indices out."
        )


def _own_folds(folds: ArrayLike, units: Units) -> IntArray:
    """Fold of each row as given by a caller, shape (repeats, size)."""
    try:
        given = np.atleast_2d(np.asarray(folds))
    except ValueError:  # lines of several lengths
        given = np.empty((0, 0))
    size = units.event.size
    if (
        given.ndim != 2
        or given.shape[1] != size
        or not np.issubdtype(given.dtype, np.integer)
        or min(np.unique(row).size for row in given) < 2
        or any(not np.array_equal(np.unique(row), np.arange(given.max() + 1)) for row in given)
    ):
        raise ArgumentError(
            "folds must be a whole number, or the fold of each of the "
            f"{size} {units.rows} (0, 1, 2 and so on, none without a row), one line a "
            "repeat and the same number of folds in each."
        )
    split = np.zeros(int(units.of.max()) + 1, dtype=np.bool_)
    for row in given:
        first = np.full(split.size, -1)
        first[units.of] = row
        split[units.of[first[units.of] != row]] = True
    if split.any():
        raise ArgumentError(
            f"{int(split.sum())} {units.noun} have rows in more than one fold; whoever is left out "
            "is left out with all rows. Give the rows of each one fold."
        )
    return given.astype(np.int64)
