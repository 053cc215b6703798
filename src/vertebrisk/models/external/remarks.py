"""What a careful reader would want to know of an external validation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from vertebrisk._checks import listed, nearest
from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.design.design import Design, Predictor
from vertebrisk.design.encode import Encoded
from vertebrisk.findings import Finding
from vertebrisk.models.external.counting import reasons_text
from vertebrisk.models.external.results import Counts, ExternalHorizon
from vertebrisk.models.mapping.units import multiplied, other_unit, share_inside
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.text.plurals import agreeing, counted
from vertebrisk.validation.curves import BAND_LIMIT

FEW_EVENTS = 100
MANY = 0.05  # share of rows that left, above which a reviewer would object
MUCH = 0.1  # share of patients outside a range
MOST = 0.5  # share beyond which it is hardly the same quantity


def of_events(n: int, n_events: int) -> Iterator[Finding]:
    """Too few with the event, or without."""
    fewer = min(n_events, n - n_events)
    if fewer < FEW_EVENTS:
        yield Finding(
            "few-events",
            "warning",
            f"{counted(n_events, 'patient')} of {n} {agreeing(n_events, 'has', 'have')} the event "
            f"and {n - n_events} not; under {FEW_EVENTS} of either a validation says little.",
            "Read the intervals, not the estimates, and collect more patients "
            "(vertebrisk samplesize validate).",
            "Collins, Ogundimu and Altman 2016, doi:10.1002/sim.6787.",
        )
    if fewer < BAND_LIMIT:
        yield Finding(
            "few-patients-calibration",
            "warning" if fewer < FEW_EVENTS else "note",
            f"With fewer than {BAND_LIMIT} events or non-events the calibration curve and ici, "
            "e50, e90 and emax are unreliable.",
            "Read intercept and slope.",
            "Van Calster et al. 2016, doi:10.1016/j.jclinepi.2015.12.005.",
        )


def of_events_over_time(horizons: Sequence[ExternalHorizon], unit: str) -> Iterator[Finding]:
    """Too few with the event by a horizon."""
    few = [each for each in horizons if each.n_events < FEW_EVENTS]
    if few:
        said = [f"{each.n_events} by {each.horizon:g} {unit}".strip() for each in few]
        yield Finding(
            "few-events",
            "warning",
            f"Few of {few[0].n} patients have the event: {listed(said)}; under {FEW_EVENTS} a "
            "validation says little.",
            "Read the intervals, not the estimates, and collect more patients.",
            "Collins, Ogundimu and Altman 2016, doi:10.1002/sim.6787.",
        )
    if any(each.n_events < BAND_LIMIT for each in horizons):
        yield Finding(
            "few-patients-calibration",
            "warning" if few else "note",
            f"With fewer than {BAND_LIMIT} events by a horizon the calibration curve and ici, e50, "
            "e90 and emax are unreliable.",
            "Read slope and observed/expected.",
            "Van Calster et al. 2016, doi:10.1016/j.jclinepi.2015.12.005.",
        )


def of_risks_over_time(horizon: float, risk: FloatArray, unit: str) -> Iterator[Finding]:
    """Risks by a horizon that are all alike, or certain."""
    by = f"{horizon:g} {unit}".strip()
    certain = int(((risk <= 0.0) | (risk >= 1.0)).sum())
    if certain:
        yield Finding(
            "risk-of-0-or-1",
            "warning",
            f"{counted(certain, 'risk')} by {by} {agreeing(certain, 'is', 'are')} exactly 0 or 1; "
            "slope and curve take them as a billionth away.",
            "Look at these patients' inputs, and at how the model was fitted.",
        )
    elif np.ptp(risk) == 0.0:
        yield Finding(
            "one-risk",
            "warning",
            f"Every patient has the same risk by {by}: nothing is discriminated, and no slope "
            "exists.",
            "Look at the inputs; all may be alike, or averaged over.",
        )


def of_taken_as_followed(horizon: float | None, unit: str) -> Iterator[Finding]:
    """A model of time to event whose patients have no times."""
    if horizon is not None:
        by = f"{horizon:g} {unit}".strip()
        yield Finding(
            "taken-as-followed",
            "note",
            f"No time is given, so everyone with an outcome is taken as followed to {by}, or to "
            "the event before.",
            "Leave the outcome empty for whoever was lost before, or give the time of follow-up.",
            "Who is lost and counted as without the event makes the risks look too high.",
        )


def of_times(time: FloatArray, limit: float, unit: str) -> Iterator[Finding]:
    """Follow-up that is longer than a model can know, as days are where it counts months."""
    median = float(np.median(time))
    if median > limit:
        yield Finding(
            "follow-up-beyond-the-model",
            "warning",
            f"Half of these patients were followed for more than {median:g} {unit}, "
            f"and all that the model knows ends at {limit:g} {unit}.",
            f"Check the unit of the time: it is read as {unit or 'that of the model'}.",
        )


def of_rows(counts: Counts) -> Iterator[Finding]:
    """Rows that left, inputs averaged over, and extrapolation."""
    for code, lost, of, what in (
        ("outcome-missing", counts.outcome_missing, counts.rows, "have no known outcome"),
        (
            "not-scored",
            counts.not_scored,
            counts.rows - counts.outcome_missing,
            f"have no risk ({reasons_text(counts)})",
        ),
    ):
        if lost:
            yield Finding(
                code,
                "warning" if lost > MANY * of else "note",
                f"{lost} of {counted(of, 'row')} {what} and are left out.",
                "Say who they are; a model with missing inputs averaged over "
                "(RiskModel.with_missing_inputs) keeps rows with gaps."
                if code == "not-scored"
                else "Say who they are.",
                "If they differ from the others, so does the answer.",
            )
    for name, count in counts.extrapolated.items():
        if count > MUCH * counts.n:
            yield Finding(
                "extrapolation",
                "warning" if count > MOST * counts.n else "note",
                f"{count} of {counted(counts.n, 'patient')} have a '{name}' outside the range that "
                "the model was made from.",
                "Compare these patients with the model's, and the units of both.",
                column=name,
            )


def of_file(model: RiskModel, sha256: str) -> Iterator[Finding]:
    """A model on the very file that it was made from."""
    if sha256 and model.provenance.data_sha256 == sha256:
        yield Finding(
            "development-patients",
            "warning",
            "The model was made from this very file: on its own patients a model does better than "
            "on others.",
            "Validate it on patients that it has not seen, or by resampling (fit.validate).",
            "This is apparent performance, and no validation.",
        )


def of_model(model: RiskModel, outcome_reads: tuple[str, ...]) -> Iterator[Finding]:
    """What the model itself leaves open."""
    population = model.population
    if population.design == "case-control" and population.prevalence is None:
        yield Finding(
            "case-control",
            "warning",
            "The model's controls were sampled and no prevalence is known: its risks are those of "
            "its sample, so calibration here says nothing; discrimination does.",
            "Give the share with the event where these patients are from (prevalence), or read "
            "c_index and slope alone.",
        )
    if population.data_kind != "real":
        yield Finding(
            "model-data",
            "warning",
            f"The model was made from {population.data_kind} patients.",
            "Say so wherever these numbers are shown.",
        )
    known = [name for name in outcome_reads if name in model.design.variables]
    if known:
        yield Finding(
            "outcome-is-input",
            "warning",
            f"The outcome reads {listed([repr(name) for name in known])}, which the model reads, "
            "too: it predicts what it is told.",
            "Define the outcome by something that is not known when the model is used.",
        )


def of_risks(risk: FloatArray, slope: float | None) -> Iterator[Finding]:
    """Risks that leave nothing to recalibrate."""
    extreme = int(((risk <= 0.0) | (risk >= 1.0)).sum())
    if extreme:
        yield Finding(
            "risk-of-0-or-1",
            "warning",
            f"{counted(extreme, 'risk')} {agreeing(extreme, 'is', 'are')} exactly 0 or 1, whose "
            "log-odds are infinite: intercept, slope and R2 do not exist.",
            "Look at these patients' inputs, and at how the model was fitted.",
        )
    elif np.ptp(risk) == 0.0:
        yield Finding(
            "one-risk",
            "warning",
            "Every patient has the same risk: nothing is discriminated, and no slope exists.",
            "Look at the inputs; all may be alike, or averaged over.",
        )
    elif slope is None:
        yield Finding(
            "no-slope",
            "warning",
            "The risks divide the patients with the event from those without, so calibration "
            "intercept and slope have no finite estimate.",
            "Collect more patients; check that the outcome is not among the inputs.",
        )


def of_inputs(model: RiskModel, frame: pl.DataFrame, encoded: Encoded) -> Iterator[Finding]:
    """Levels that the model does not know, and numbers that seem to be in another unit."""
    for predictor in model.design.predictors:
        if predictor.categorical and predictor.name in frame.columns:
            unusable = encoded.unusable[predictor.name]
            if unusable.any():
                yield _unknown_levels(predictor, frame[predictor.name], unusable)
    yield from of_units(model.design, encoded)


def of_units(design: Design, encoded: Encoded) -> Iterator[Finding]:
    """Numbers that seem to be in another unit than the model's."""
    for predictor in design.predictors:
        if predictor.limits is not None:
            values = encoded.codes[predictor.name]
            factor = other_unit(values[~np.isnan(values)], predictor.limits)
            if factor is not None:
                yield _unit(predictor, values, predictor.limits, factor)


def _unknown_levels(predictor: Predictor, column: pl.Series, unusable: BoolArray) -> Finding:
    rows = np.flatnonzero(unusable)
    cells = [str(column[int(row)]) for row in rows]
    known = Counter(_nearest_level(cell, predictor.levels) for cell in cells)
    close = [f"'{level}' ({count})" for level, count in known.items() if level]
    meant = f" The nearest {agreeing(len(close), 'is', 'are')} {listed(close)}." if close else ""
    return Finding(
        "unknown-level",
        "warning",
        f"{counted(rows.size, 'row')} of '{predictor.name}' {agreeing(rows.size, 'holds', 'hold')} "
        f"a level that the model does not know; it knows {listed(predictor.levels)}.{meant}",
        "Say in a mapping which level is which (--propose-mapping drafts one); rows that stay "
        "have no risk.",
        column=predictor.name,
        rows=tuple(int(row) + 1 for row in rows),
        cells=tuple(cells),
    )


def _nearest_level(text: str, levels: tuple[str, ...]) -> str:
    """The level that a text may have meant, whatever its case; "" where none is close."""
    folded = {level.strip().casefold(): level for level in levels}
    meant = text.strip().casefold()
    if meant in folded:
        return folded[meant]
    found = nearest(meant, folded)
    return next((level for key, level in folded.items() if f"'{key}'?" in found), "")


def _unit(
    predictor: Predictor, values: FloatArray, limits: tuple[float, float], factor: float
) -> Finding:
    known = values[~np.isnan(values)]
    share, change = share_inside(known, limits), multiplied(factor)
    unit = f" {predictor.unit}" if predictor.unit else ""
    return Finding(
        "other-unit",
        "warning",
        f"{share:.0%} of the values of '{predictor.name}' are inside the model's range "
        f"({limits[0]:g} to {limits[1]:g}{unit}); {change} most of them would be.",
        "Check the unit, and write the numbers as the model has them"
        f"{f' (in {predictor.unit})' if predictor.unit else ''}, or their factor in a mapping.",
        "A number in another unit is read as if it were in the model's, and the risk is wrong.",
        column=predictor.name,
    )
