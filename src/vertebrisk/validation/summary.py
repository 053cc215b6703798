"""From the estimates of every measure to the validation of a binary outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from scipy.special import expit

from vertebrisk._types import CorrectedInterval, FloatArray, ValidationMethod
from vertebrisk.validation.choices import choices_of, shape_frequencies
from vertebrisk.validation.coefficients import FullModel, coefficient_stability
from vertebrisk.validation.curves import calibration_curve, risk_distribution
from vertebrisk.validation.decision import apparent_net_benefit
from vertebrisk.validation.estimates import (
    TABLE_SCHEMA,
    ByRepeats,
    ByResamples,
    Estimates,
    Known,
    Row,
    empty_row,
)
from vertebrisk.validation.measures import MEASURES, emax_linear, smoother_name
from vertebrisk.validation.no_information import no_information
from vertebrisk.validation.resampling import Apparent, Replicates
from vertebrisk.validation.results import CalibrationCurve, Validation

if TYPE_CHECKING:
    from vertebrisk.validation.left_out import Pooled

FINITE_ONLY = ("intercept", "slope", "emax_linear")
SELECTED_SCHEMA = {"predictor": pl.String, "frequency": pl.Float64}
BOOTSTRAPS = ("optimism-bootstrap", "simple-bootstrap", "632", "632+")


@dataclass(frozen=True, slots=True)
class ValidationSettings:
    """What a validation is called, how it was drawn, and what choices are compared with."""

    procedure: str
    seed: int | None
    level: float = 0.95
    candidates: tuple[str, ...] = ()
    final: tuple[str, ...] = ()
    full: FullModel | None = None
    shapes: tuple[tuple[str, int], ...] = ()  # variables whose powers are found; final shapes
    method: ValidationMethod = "optimism-bootstrap"
    interval: CorrectedInterval | None = "percentile"

    def estimates(self, models: Replicates, known: Known, pooled: Pooled | None) -> Estimates:
        """Estimates of the method; `pooled` where every patient was left out once."""
        if pooled is not None:
            return ByRepeats(models, pooled, known)
        assert self.interval is not None  # only folds have none
        return ByResamples(models, known, self.method, self.level, self.interval)


def summarise(
    replicates: Replicates,
    apparent: Apparent,
    thresholds: FloatArray,
    settings: ValidationSettings,
    pooled: Pooled | None = None,
    nothing: dict[str, float] | None = None,
) -> Validation:
    """Table, calibration curve and decision curve by the method of the settings.

    Parameters
    ----------
    replicates : Replicates
        Of the resamples; where every patient was left out once, the models alone.
    apparent : Apparent
    thresholds : array, shape (k,)
    settings : ValidationSettings
    pooled : Pooled, optional
        Measures of the repeats of a cross-validation.
    nothing : dict, optional
        What measures would be without information; by default from the apparent risks.
    """
    constant = bool(np.ptp(apparent.linear) == 0.0)
    nothing = no_information(apparent) if nothing is None else nothing
    known = Known(apparent.measures, constant, FINITE_ONLY, nothing)
    found = settings.estimates(replicates, known, pooled)
    rows = {name: found.row(name) for name in MEASURES if name != "emax_linear"}
    rows["emax_linear"] = emax_row(rows["intercept"], rows["slope"], settings.method)
    table = [rows[name] for name in MEASURES]
    usable = replicates.usable
    return Validation(
        procedure=settings.procedure,
        resamples=usable.size,
        seed=settings.seed,
        n_separated=int((replicates.separated & usable).sum()),
        n_deficient=int((replicates.deficient & usable).sum()),
        n_failed=int((~usable).sum()),
        smoother=smoother_name(apparent.event.size),
        table=pl.DataFrame(table, schema=TABLE_SCHEMA, orient="row"),
        calibration=_calibration(apparent, found.curve(apparent.curve)),
        selected=selection_frequencies(replicates, settings.candidates),
        decision=found.decision(thresholds, apparent_net_benefit(apparent.whole, thresholds)),
        draws=replicates.coefficients[usable] if settings.method in BOOTSTRAPS else None,
        choices=choices_of(
            replicates.selected[usable],
            settings.candidates,
            settings.final,
            moved_coefficients(replicates, settings),
        ),
        shapes=shape_frequencies(replicates, settings.shapes),
        method=settings.method,
        interval=settings.interval,
    )


def emax_row(intercept: Row, slope: Row, method: ValidationMethod) -> Row:
    """Emax of rms::validate: from the corrected intercept and slope, not averaged."""
    if not isinstance(intercept[5], float) or not isinstance(slope[5], float):
        return empty_row("emax_linear", 0.0)
    gap = emax_linear(intercept[5], slope[5])
    sides = (0.0, gap) if method == "optimism-bootstrap" else (None, None)
    return ("emax_linear", 0.0, *sides, -gap, gap, None, None, None, slope[9])


def _calibration(apparent: Apparent, corrected: FloatArray) -> CalibrationCurve:
    return calibration_curve(
        apparent.scored.tied,
        apparent.sampling,
        apparent.grid,
        apparent.curve,
        corrected,
        risk_distribution(expit(apparent.linear), apparent.event),
    )


def selection_frequencies(replicates: Replicates, candidates: tuple[str, ...]) -> pl.DataFrame:
    """How often each candidate was chosen; empty where nothing is."""
    chosen = replicates.selected[replicates.usable]
    if chosen.shape[1] == 0:
        return pl.DataFrame(schema=SELECTED_SCHEMA)
    share = chosen.mean(axis=0) if chosen.size else np.zeros(chosen.shape[1])
    names = list(candidates)
    return pl.DataFrame(
        {"predictor": names, "frequency": share[: len(names)]},
        schema=SELECTED_SCHEMA,
    ).sort("frequency", descending=True, maintain_order=True)


def moved_coefficients(replicates: Replicates, settings: ValidationSettings) -> pl.DataFrame | None:
    """How the selection moves coefficients, over the resamples with a finite estimate."""
    if settings.full is None:
        return None
    finite = replicates.usable & ~replicates.separated
    return coefficient_stability(replicates.own[finite], settings.full)
