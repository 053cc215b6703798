"""What the shapes of a model's effects add to a result: their tests, and the curves themselves."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import polars as pl

from vertebrisk._types import Json


@dataclass(frozen=True, slots=True, eq=False)
class EffectResult:
    """Risk against one number, the other predictors held.

    `horizon` is None for a binary outcome. `by` is a predictor that interacts with it, whose
    values have a curve each, "" without; `held` has label and value of the others. `frame`
    columns: by, value, risk, conf_low, conf_high, linear_predictor.
    """

    variable: str
    label: str
    unit: str
    horizon: float | None
    by: str
    by_label: str
    held: tuple[tuple[str, str], ...]
    frame: pl.DataFrame

    @property
    def banded(self) -> bool:
        """True where the risks have limits."""
        return self.frame["conf_low"].null_count() < self.frame.height

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "variable": self.variable,
            "horizon": self.horizon,
            "by": self.by,
            "held": [{"label": label, "value": value} for label, value in self.held],
            "curve": list(self.frame.iter_rows(named=True)),
        }


@dataclass(frozen=True, slots=True)
class RepeatedPowers:
    """A shape and the share of the resamples that chose it; `final` is that of the model."""

    powers: tuple[float, ...]
    share: float
    final: bool


@dataclass(frozen=True, slots=True)
class PowersResult:
    """What was compared for one fractional polynomial; see `LogisticFit.shapes`.

    `repeated` are the shapes that resamples chose, the most frequent first.
    """

    variable: str
    label: str
    shift: float
    scale: float
    powers: tuple[float, ...]
    linear: float
    fp1_powers: tuple[float, ...]
    fp1: float
    fp2_powers: tuple[float, ...] | None
    fp2: float | None
    p_null: float
    p_linear: float
    p_fp1: float | None
    repeated: tuple[RepeatedPowers, ...] = ()

    def to_dict(self) -> Json:
        """JSON form."""
        return asdict(self)


@dataclass(frozen=True, slots=True, eq=False)
class ShapesResult:
    """Tests and curves of a model with splines, transformed numbers or interactions.

    `tests` columns: term, label, kind, df, wald, p_value, as `LogisticFit.anova`, or for a model
    of several imputed tables `PooledFit.anova`; empty for a penalised model. `powers` are those
    of fractional polynomials that the data chose, by tests at `alpha`.
    """

    tests: pl.DataFrame
    effects: tuple[EffectResult, ...]
    powers: tuple[PowersResult, ...] = ()
    alpha: float = 0.05

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "tests": list(self.tests.iter_rows(named=True)),
            "effects": [each.to_dict() for each in self.effects],
            "powers": [each.to_dict() for each in self.powers],
        }
