"""What stability selection adds to a study's result."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.models.selection.stability import Stability
from vertebrisk.report.results.stability import StabilityResult

if TYPE_CHECKING:
    from vertebrisk.models.survival.fine_gray import FineGrayFit
    from vertebrisk.models.survival.fit import CoxFit


def stability_result(fit: LogisticFit | CoxFit | FineGrayFit) -> StabilityResult | None:
    """Shares and bounds; None where predictors were chosen in another way."""
    if fit.selection.method != "stability":
        return None
    asked = fit.selection.stability or Stability()
    names = [term.name for term in fit.development.design.terms]
    shares = fit.development.stability_shares(np.ones((1, fit.n)))[0]
    frame = pl.DataFrame({"predictor": names, "share": shares, "chosen": fit.chosen})
    return StabilityResult(
        learner=asked.learner,
        pairs=asked.pairs,
        pairs_in_resamples=asked.pairs_in_resamples,
        threshold=asked.threshold,
        per_half=asked.chosen_per_half(len(names)),
        bound=asked.bound(len(names)),
        unimodal_bound=asked.unimodal_bound(len(names)),
        shares=frame.sort("share", descending=True, maintain_order=True),
    )
