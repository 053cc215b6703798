"""A Cox model in one row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vertebrisk._types import Json
from vertebrisk.kernels.distributions import chi2_upper
from vertebrisk.models.survival import inference

if TYPE_CHECKING:
    from vertebrisk.models.survival.fit import CoxFit


@dataclass(frozen=True, slots=True)
class CoxSummary:
    """A Cox model in one row. `c_index` is Harrell's, `r2` Nagelkerke's as ``rms::cph``.

    `c_index` is NaN where no two patients can be compared, all events being tied. `bic`
    counts events, as R does for ``coxph``.
    """

    n: int
    n_events: int
    log_likelihood: float
    null_log_likelihood: float
    lr_statistic: float
    df: int
    p_value: float
    wald_statistic: float
    wald_p_value: float
    score_statistic: float
    score_p_value: float
    aic: float
    bic: float
    c_index: float
    dxy: float
    r2: float

    def to_dict(self) -> Json:
        """JSON form; null where no two patients can be compared."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return {name: None if value != value else value for name, value in values.items()}


def summarised(fit: CoxFit) -> CoxSummary:
    """See `CoxFit.summary`."""
    df = len(fit.design.columns)
    gain = 2.0 * (fit.log_likelihood - fit.null_log_likelihood)
    wald = inference.wald_statistic(fit.beta, fit.cov)
    score = inference.score_statistic(fit.matrix, fit.likelihood)
    largest = 1.0 - np.exp(2.0 * fit.null_log_likelihood / fit.n)
    return CoxSummary(
        n=fit.n,
        n_events=fit.n_events,
        log_likelihood=fit.log_likelihood,
        null_log_likelihood=fit.null_log_likelihood,
        lr_statistic=gain,
        df=df,
        p_value=_upper(gain, df),
        wald_statistic=wald,
        wald_p_value=_upper(wald, df),
        score_statistic=score,
        score_p_value=_upper(score, df),
        aic=2.0 * df - 2.0 * fit.log_likelihood,
        bic=float(np.log(fit.n_events) * df - 2.0 * fit.log_likelihood),
        c_index=fit.concordance,
        dxy=2.0 * fit.concordance - 1.0,
        r2=float((1.0 - np.exp(-gain / fit.n)) / largest),
    )


def _upper(statistic: float, df: int) -> float:
    return float(chi2_upper(statistic, df)) if df else 1.0
