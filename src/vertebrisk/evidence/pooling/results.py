"""Values that pooling answers with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from vertebrisk._types import Json
from vertebrisk.findings import Finding
from vertebrisk.kernels.meta_analysis.effects import Scale, from_scale

SCHEMA_VERSION = "1.0"

PredictionDf = Literal["k-1", "k-2", "normal"]
TestKind = Literal["t", "z"]
PoolingModel = Literal["normal", "binomial-normal"]


@dataclass(frozen=True, slots=True)
class Natural:
    """A pooled number as it is printed: a ratio, a proportion or a C-statistic, not its log."""

    estimate: float
    conf_low: float
    conf_high: float
    prediction_low: float | None
    prediction_high: float | None

    def to_dict(self) -> Json:
        """JSON form."""
        return plain(self)


@dataclass(frozen=True, slots=True)
class Pooled:
    """Studies pooled into one number, on the scale on which they were given.

    Attributes
    ----------
    estimate, std_error, conf_low, conf_high : float
        Pooled effect and its interval at `conf_level`.
    statistic, p_value : float or None
        Test that the effect is zero; None where the estimate and its error are both zero.
    test : {"t", "z"}
        ``"t"``: Hartung and Knapp, on `df` degrees of freedom. ``"z"``: normal; `df` is None.
    tau2, tau2_std_error, tau2_low, tau2_high : float or None
        Variance between studies, its standard error, and its interval at `conf_level` by the
        Q-profile; all but tau2 are None under one common effect.
    i2, i2_low, i2_high, h2 : float or None
        I2 in percent, and H2; as metafor defines them for the method.
    q, q_df, q_p_value : float, int, float
        Cochran's test of heterogeneity; of the binomial-normal model the likelihood-ratio test.
    prediction_low, prediction_high : float or None
        Where the effect of a new study lies with probability `conf_level`; None under one
        common effect.
    prediction_df : {"k-1", "k-2", "normal"} or None
        Degrees of freedom of the prediction interval.
    k, method, conf_level : int, str, float
        Studies, and how they were pooled.
    model : {"normal", "binomial-normal"}
        What was taken for normal: the estimates, or only what differs between studies.
    scale : {"identity", "log", "logit"}
        Scale of every number above; `natural` gives them as they are printed.
    weights : tuple of float
        Share of each study in the estimate, in percent; empty of the binomial-normal model.
    findings : tuple of Finding
        What a careful reader would want to know.
    """

    estimate: float
    std_error: float
    conf_low: float
    conf_high: float
    statistic: float | None
    p_value: float | None
    test: TestKind
    df: int | None
    tau2: float
    tau2_std_error: float | None
    tau2_low: float | None
    tau2_high: float | None
    i2: float
    i2_low: float | None
    i2_high: float | None
    h2: float
    q: float
    q_df: int
    q_p_value: float
    prediction_low: float | None
    prediction_high: float | None
    prediction_df: PredictionDf | None
    k: int
    method: str
    conf_level: float
    model: PoolingModel
    scale: Scale
    weights: tuple[float, ...]
    findings: tuple[Finding, ...] = ()

    def natural(self) -> Natural:
        """The estimate and its intervals off the log or logit scale."""

        def back(value: float) -> float:
            return float(from_scale(np.asarray(value), self.scale))

        low, high = self.prediction_low, self.prediction_high
        return Natural(
            back(self.estimate),
            back(self.conf_low),
            back(self.conf_high),
            None if low is None else back(low),
            None if high is None else back(high),
        )

    def to_dict(self) -> Json:
        """JSON form, with the natural scale beside."""
        document = {"schema_version": SCHEMA_VERSION, "kind": "pooled", **plain(self)}
        return document | {"natural": self.natural().to_dict()}


def plain(record: object) -> Json:
    """Fields of a record of this module as JSON values, infinite ones as None."""
    fields = {name: getattr(record, name) for name in record.__slots__}  # type: ignore[attr-defined]
    return {name: _json(value) for name, value in fields.items()}


def _json(value: object) -> object:
    if isinstance(value, tuple):
        return [_json(each) for each in value]
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, float) and value - value != 0:
        return None
    return value
