"""How estimates are pooled: the options that travel together, checked once."""

from __future__ import annotations

from dataclasses import dataclass

from vertebrisk._checks import check_choice, check_fraction
from vertebrisk.evidence.pooling.checking import check_flag
from vertebrisk.evidence.pooling.results import PredictionDf
from vertebrisk.kernels.meta_analysis.effects import Scale
from vertebrisk.kernels.meta_analysis.heterogeneity import PoolingMethod


@dataclass(frozen=True, slots=True)
class PoolingOptions:
    """Options of `pool`, as given."""

    method: PoolingMethod = "REML"
    hartung_knapp: bool = True
    conf_level: float = 0.95
    prediction_df: PredictionDf | None = None
    scale: Scale = "identity"

    def __post_init__(self) -> None:
        check_choice(self.method, "method", PoolingMethod)
        check_flag(self.hartung_knapp, "hartung_knapp")
        check_fraction(self.conf_level, "conf_level")
        if self.prediction_df is not None:
            check_choice(self.prediction_df, "prediction_df", PredictionDf)
        check_choice(self.scale, "scale", Scale)

    @property
    def knapp_hartung(self) -> bool:
        """Whether the test is by t: never under one common effect."""
        return bool(self.hartung_knapp) and self.method != "FE"

    @property
    def prediction(self) -> PredictionDf | None:
        """Degrees of freedom of the prediction interval, None under one common effect."""
        if self.method == "FE":
            return None
        return self.prediction_df or ("k-1" if self.knapp_hartung else "normal")
