"""Whether the effects of a Cox model of sorted patients change with time, by four passes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.engines.cox_bootstrap import FollowedPasses, means_of
from vertebrisk.engines.engine import added
from vertebrisk.kernels.steps import unpacked
from vertebrisk.kernels.streamed.followed_replicates import (
    at_risk_by,
    means_by_time,
    replicate_spreads,
)
from vertebrisk.kernels.survival.ties import Hazards

STEP = "proportional hazards"
POWERS = 3  # of the time on its scale: 0, 1 and 2


@dataclass(frozen=True, slots=True, eq=False)
class TrendSums:
    """Derivatives of the likelihood by trends of the coefficients.

    Attributes
    ----------
    gradient : array, shape (p,)
    plain, mixed, twice : array, shape (p, p)
        Information of the coefficients, with that of the trends, and of these.
    """

    gradient: FloatArray
    plain: FloatArray
    mixed: FloatArray
    twice: FloatArray


def trend_sums(
    passes: FollowedPasses, beta: FloatArray, events: FloatArray, scale: FloatArray
) -> TrendSums:
    """Sums at the estimate.

    Parameters
    ----------
    passes : FollowedPasses
        With `POWERS` replicates, in each of which every patient counts once.
    beta : array, shape (p,)
        Of covariates in spreads.
    events, scale : array, shape (times,)
        Events at each time, and the time on the scale of the trend.
    """
    one = passes.some(np.arange(1))
    nothing = np.zeros_like(beta)[None]  # where hazards are 1
    found = one.hazards(beta[None], events[None])
    left, dying = np.split(one.by_time(partial(means_by_time, beta=beta[None]), STEP), 2)
    _, own = np.split(one.by_time(partial(means_by_time, beta=nothing), STEP), 2)
    whole = at_risk_by(left)
    moved = scale - events @ scale / events.sum()
    powers = moved[None] ** np.arange(POWERS)[:, None]
    rises = found.hazards
    lived = np.cumsum(powers * rises.increment, axis=1)
    work = partial(
        replicate_spreads,
        beta=beta[None],
        lived=lived,
        spared=powers * rises.returned,
    )
    _, packed = passes.reduced(work, added, STEP)
    kinds = (rises.increment, rises.returned, rises.square, rises.cross, rises.own)
    weighted = Hazards(*(powers * each for each in kinds))
    counted = np.repeat(events[None], POWERS, axis=0)
    at_risk, died = (np.repeat(each, POWERS, axis=1) for each in (whole, dying))
    means = means_of(weighted, counted, at_risk, died, passes.ties)
    expected = rises.increment * whole[:, 0] - rises.returned * dying[:, 0]
    spreads = unpacked(packed, beta.size) - means
    return TrendSums((own[:, 0] - expected) @ moved, *spreads)
