"""What measures would be if the outcome did not depend on the risks: the far end of the .632+.

The outcomes are dealt to the risks in every way, as Efron and Tibshirani 1997,
doi:10.1080/01621459.1997.10474007, do for an error.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from vertebrisk._types import FloatArray
from vertebrisk.validation.resampling import Apparent


def no_information(apparent: Apparent) -> dict[str, float]:
    """Of the final model on its patients; see `no_information_of`."""
    whole = apparent.whole
    share = float(whole.events.sum() / whole.counts.sum())
    return no_information_of(share, expit(whole.scores), whole.counts)


def no_information_of(share: float, risk: FloatArray, counts: FloatArray) -> dict[str, float]:
    """Of a binary outcome: C 0.5, slope 0, an intercept of the mean risk.

    Brier's score is the mean of (y - p)^2 over all pairs of an outcome and a risk.

    Parameters
    ----------
    share : float
        Of the patients with the event.
    risk, counts : arrays of one shape
        Risks, and how many patients have each.
    """
    squares = share * (1.0 - risk) ** 2 + (1.0 - share) * risk**2
    return {
        "c_index": 0.5,
        "dxy": 0.0,
        "r2": 0.0,
        "intercept": float(np.log(share) - np.log1p(-share)),
        "slope": 0.0,
        "brier": float((counts * squares).sum() / counts.sum()),
    }
