"""Whom the models of bootstrap replicates would act on by a horizon, from sorted rows."""

from __future__ import annotations

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.kernels.streamed.classes import TOGETHER
from vertebrisk.kernels.streamed.followed_replicates import ByTime, Followed, eta_of
from vertebrisk.kernels.streamed.thresholds import Thresholds


def acted_by_time(
    followed: Followed,
    beta: FloatArray,
    log_hazards: FloatArray,
    until: int,
    thresholds: FloatArray,
) -> ByTime:
    """Rows by how many thresholds their risk reaches, without and with the event, in turn.

    The sums have the shape (2 (thresholds + 1), r, times). There are `until` times up to the
    horizon; who is followed for longer has one time more, and no event.

    Parameters
    ----------
    followed : Followed
    beta : array, shape (r, p)
    log_hazards : array, shape (r,)
        Each model's cumulative hazard by the horizon, for a linear predictor of 0.
    until : int
    thresholds : array, shape (k,)
    """
    place = np.minimum(followed.place, until)
    low, span = int(place[-1]), int(place[0]) - int(place[-1]) + 1
    seen, cells = followed.event & (place < until), 2 * (thresholds.size + 1)
    cuts, count = Thresholds.of(thresholds), followed.replicates.size
    first = (place - low) * cells + seen
    found = np.empty((cells, count, span))
    for start in range(0, count, TOGETHER):
        some = np.arange(start, min(start + TOGETHER, count))
        linear = eta_of(followed.columns, beta[some])
        own = followed.weights(0, place.size, followed.replicates[some])
        weights = np.broadcast_to(own, linear.shape)
        for replicate, eta, often in zip(some.tolist(), linear, weights, strict=True):
            risk = -np.expm1(-np.exp(eta + log_hazards[replicate]))
            at = first + 2 * cuts.reached(risk)
            found[:, replicate] = np.bincount(at, often, span * cells).reshape(span, cells).T
    return ByTime(low, found)
