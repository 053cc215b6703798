"""What a penalised fit asks of its data and of its caller."""

from __future__ import annotations

import numpy as np

from vertebrisk._checks import listed
from vertebrisk._types import FloatArray
from vertebrisk.design.design import Design
from vertebrisk.engines.extents import extent
from vertebrisk.errors import ArgumentError, DataError, FitError
from vertebrisk.models.development import Selection
from vertebrisk.models.penalised.factors import free_part
from vertebrisk.models.penalised.penalty import Shrinkage
from vertebrisk.models.preparing import dependent_terms, refuse_extreme

FEWEST_EVENTS = 3


def check_penalised(selection: Selection, shrinkage: Shrinkage, events: int, whom: str) -> None:
    """Selection and penalty together, and too few events to cross-validate.

    `events` counts the events, or the fewer of events and non-events; `whom` says so.
    """
    if selection.chooses:
        raise ArgumentError(
            f"select is '{selection.method}' and the estimator '{shrinkage.estimator}'; a penalty "
            "weighs all candidates together, so prespecify them (select='prespecified')."
        )
    if events == 0:
        raise DataError(f"There must be {whom} among the patients with complete data.")
    if shrinkage.cross_validates and events < FEWEST_EVENTS:
        raise FitError(
            f"A penalty cannot be found by cross-validation on {events} patients of one outcome "
            f"({whom}); {FEWEST_EVENTS} are the least. Give the penalty, or collect more patients."
        )


def check_variation(design: Design, matrix: FloatArray) -> None:
    """Some column varies, and none is beyond a computer's numbers."""
    refuse_extreme(design, *extent(matrix))
    if matrix.shape[1] == 0 or (np.ptp(matrix, axis=0) == 0.0).all():
        raise FitError(
            "No candidate varies among the patients with complete data, so there is nothing to "
            "penalise; name predictors that differ between patients."
        )


def check_free(design: Design, matrix: FloatArray, factors: FloatArray | None) -> None:
    """Candidates that are never penalised have estimates of their own, as without a penalty."""
    free, columns = free_part(design, matrix, factors)
    names = dependent_terms(free, columns)
    if names:
        raise FitError(
            f"{listed(names)} is never penalised (its factor is 0), and is the same in all "
            "patients with complete data or an exact combination of others that are not "
            "penalised; leave it out, or give it a factor above 0."
        )
