"""Learning curve of a fit: its procedure repeated on random parts of growing size."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from vertebrisk._checks import as_numbers, check_positive_int, check_seed
from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.errors import ArgumentError
from vertebrisk.models.development import Development
from vertebrisk.models.instability.patients import Patients
from vertebrisk.validation.learning import (
    LearningCurve,
    Measurements,
    Parts,
    summarised_learning,
)
from vertebrisk.validation.resampling import BATCH, worked

FRACTIONS = np.round(np.arange(0.2, 0.95, 0.1), 1)


def learning_of(
    patients: Patients,
    development: Development,
    chosen: BoolArray,
    fractions: ArrayLike | None,
    repeats: int,
    seed: int,
    progress: Callable[[int], None] | None,
) -> LearningCurve:
    """Repeat the procedure on parts of the patients; see `Fitted.learning_curve`."""
    check_positive_int(repeats, "repeats")
    check_seed(seed)
    sizes = FRACTIONS if fractions is None else _fractions(fractions)
    event = patients.event
    parts = Parts(event, patients.clusters, sizes, int(seed))

    def work(weights: FloatArray) -> Measurements:
        developed = development(weights, chosen)
        rest = (weights == 0.0).astype(np.float64)
        usable = patients.both(weights) & patients.both(rest)
        everyone = np.ones_like(rest)
        tested = np.where(usable[:, None], rest, everyone)
        return Measurements(
            apparent=patients.performance(developed, weights, weights, refit=False),
            left_out=patients.performance(developed, weights, tested, refit=True),
            n=weights.sum(axis=1),
            n_events=weights @ event,
            separated=developed.separated,
            usable=usable,
        )

    models = repeats * sizes.size
    found = worked(work, parts.draw, models, event.size, progress, BATCH)
    whole = patients.apparent_measures()
    held = not (development.chooses or development.likelihood.tunes)
    procedure = "model held fixed" if held else "whole procedure"
    return summarised_learning(
        Measurements.joined(found), parts, whole, procedure, patients.horizon
    )


def _fractions(given: ArrayLike) -> FloatArray:
    sizes = np.unique(as_numbers(np.atleast_1d(np.asarray(given)), "fractions"))
    if sizes.size < 2 or not ((sizes > 0.0) & (sizes < 1.0)).all():
        raise ArgumentError(
            "fractions are two or more shares of the patients, strictly between 0 and 1, since "
            "those left out are the test."
        )
    return sizes
