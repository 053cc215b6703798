"""The row of the decision curve with its band."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from bounds import Cost
from turns import Peer, Work, handed

import vertebrisk as vr

RESAMPLES = 1000
THRESHOLDS = np.arange(1, 100) / 100.0
KINDS = 2 * (THRESHOLDS.size + 1)  # between two thresholds, with and without the event


def decision(folder: Path, quick: bool) -> Work:
    """Net benefit over 99 thresholds with a bootstrap band."""
    size = 2_000 if quick else 10_000
    rng = np.random.default_rng(1)
    risk = 1.0 / (1.0 + np.exp(-rng.normal(-1.0, 1.2, size)))
    event = rng.random(size) < risk
    handed(folder, {"event": event, "risk": risk, "thresholds": THRESHOLDS})
    done = 10

    def run(turn: int) -> object:
        return vr.decision_curve(event, risk, THRESHOLDS, resamples=RESAMPLES, seed=turn)

    return Work(
        f"decision curve with {RESAMPLES}-resample band, {size:,}",
        {"": run},
        (
            Peer(
                "R: the loop of dcurves",
                50,
                "decision_loop.R",
                (),
                arguments=(str(done),),
                turns=3,
                share=done / RESAMPLES,
                said=f"{done} of {RESAMPLES} resamples",
            ),
        ),
        # Patients between two thresholds are alike: they are sorted once, and a resample draws how
        # many there are of each kind, and adds them up.
        cost=lambda: Cost(flops=2.0 * RESAMPLES * KINDS, draws=float(RESAMPLES * KINDS), keys=size),
    )
