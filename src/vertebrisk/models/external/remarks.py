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
from vertebrisk.text.messages import say
from vertebrisk.text.phrases import term
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
            say(
                "{patients} of {n} {have} the event and {n_without} not; under {few_events} of "
                "either a validation says little.",
                patients=counted(n_events, "patient"),
                n=n,
                have=agreeing(n_events, "has", "have"),
                n_without=n - n_events,
                few_events=FEW_EVENTS,
            ),
            say(
                "Read the intervals, not the estimates, and collect more patients "
                "(vertebrisk samplesize validate)."
            ),
            say("Collins, Ogundimu and Altman 2016, doi:10.1002/sim.6787."),
        )
    if fewer < BAND_LIMIT:
        yield Finding(
            "few-patients-calibration",
            "warning" if fewer < FEW_EVENTS else "note",
            say(
                "With fewer than {band_limit} events or non-events the calibration curve and "
                "ici, e50, e90 and emax are unreliable.",
                band_limit=BAND_LIMIT,
            ),
            say("Read intercept and slope."),
            say("Van Calster et al. 2016, doi:10.1016/j.jclinepi.2015.12.005."),
        )


def of_events_over_time(horizons: Sequence[ExternalHorizon], unit: str) -> Iterator[Finding]:
    """Too few with the event by a horizon."""
    few = [each for each in horizons if each.n_events < FEW_EVENTS]
    if few:
        said = [f"{each.n_events} by {each.horizon:g} {unit}".strip() for each in few]
        yield Finding(
            "few-events",
            "warning",
            say(
                "Few of {n} patients have the event: {said}; under {few_events} a validation "
                "says little.",
                n=few[0].n,
                said=listed(said),
                few_events=FEW_EVENTS,
            ),
            say("Read the intervals, not the estimates, and collect more patients."),
            say("Collins, Ogundimu and Altman 2016, doi:10.1002/sim.6787."),
        )
    if any(each.n_events < BAND_LIMIT for each in horizons):
        yield Finding(
            "few-patients-calibration",
            "warning" if few else "note",
            say(
                "With fewer than {band_limit} events by a horizon the calibration curve and "
                "ici, e50, e90 and emax are unreliable.",
                band_limit=BAND_LIMIT,
            ),
            say("Read slope and observed/expected."),
            say("Van Calster et al. 2016, doi:10.1016/j.jclinepi.2015.12.005."),
        )


def of_risks_over_time(horizon: float, risk: FloatArray, unit: str) -> Iterator[Finding]:
    """Risks by a horizon that are all alike, or certain."""
    by = f"{horizon:g} {unit}".strip()
    certain = int(((risk <= 0.0) | (risk >= 1.0)).sum())
    if certain:
        yield Finding(
            "risk-of-0-or-1",
            "warning",
            say(
                "{risks} by {by} {are} exactly 0 or 1; slope and curve take them as a "
                "billionth away.",
                risks=counted(certain, "risk"),
                by=by,
                are=agreeing(certain, "is", "are"),
            ),
            say("Look at these patients' inputs, and at how the model was fitted."),
        )
    elif np.ptp(risk) == 0.0:
        yield Finding(
            "one-risk",
            "warning",
            say(
                "Every patient has the same risk by {by}: nothing is discriminated, and no "
                "slope exists.",
                by=by,
            ),
            say("Look at the inputs; all may be alike, or averaged over."),
        )


def of_taken_as_followed(horizon: float | None, unit: str) -> Iterator[Finding]:
    """A model of time to event whose patients have no times."""
    if horizon is not None:
        by = f"{horizon:g} {unit}".strip()
        yield Finding(
            "taken-as-followed",
            "note",
            say(
                "No time is given, so everyone with an outcome is taken as followed to {by}, "
                "or to the event before.",
                by=by,
            ),
            say(
                "Leave the outcome empty for whoever was lost before, or give the time of "
                "follow-up."
            ),
            say("Who is lost and counted as without the event makes the risks look too high."),
        )


def of_times(time: FloatArray, limit: float, unit: str) -> Iterator[Finding]:
    """Follow-up that is longer than a model can know, as days are where it counts months."""
    median = float(np.median(time))
    if median > limit:
        yield Finding(
            "follow-up-beyond-the-model",
            "warning",
            say(
                "Half of these patients were followed for more than {median:g} {unit}, and "
                "all that the model knows ends at {limit:g} {unit}.",
                median=median,
                unit=unit,
                limit=limit,
            ),
            say(
                "Check the unit of the time: it is read as {unit}.",
                unit=unit or "that of the model",
            ),
        )


def of_rows(counts: Counts) -> Iterator[Finding]:
    """Rows that left, inputs averaged over, and extrapolation."""
    for code, lost, of, what in (
        ("outcome-missing", counts.outcome_missing, counts.rows, say("have no known outcome")),
        (
            "not-scored",
            counts.not_scored,
            counts.rows - counts.outcome_missing,
            say("have no risk ({reasons})", reasons=reasons_text(counts)),
        ),
    ):
        if lost:
            yield Finding(
                code,
                "warning" if lost > MANY * of else "note",
                say(
                    "{lost} of {rows} {what} and are left out.",
                    lost=lost,
                    rows=counted(of, "row"),
                    what=what,
                ),
                say(
                    "Say who they are; a model with missing inputs averaged over "
                    "(RiskModel.with_missing_inputs) keeps rows with gaps."
                )
                if code == "not-scored"
                else say("Say who they are."),
                say("If they differ from the others, so does the answer."),
            )
    for name, count in counts.extrapolated.items():
        if count > MUCH * counts.n:
            yield Finding(
                "extrapolation",
                "warning" if count > MOST * counts.n else "note",
                say(
                    "{count} of {patients} have a '{name}' outside the range that the model was "
                    "made from.",
                    count=count,
                    patients=counted(counts.n, "patient"),
                    name=name,
                ),
                say("Compare these patients with the model's, and the units of both."),
                column=name,
            )


def of_file(model: RiskModel, sha256: str) -> Iterator[Finding]:
    """A model on the very file that it was made from."""
    if sha256 and model.provenance.data_sha256 == sha256:
        yield Finding(
            "development-patients",
            "warning",
            say(
                "The model was made from this very file: on its own patients a model does "
                "better than on others."
            ),
            say("Validate it on patients that it has not seen, or by resampling (fit.validate)."),
            say("This is apparent performance, and no validation."),
        )


def of_model(model: RiskModel, outcome_reads: tuple[str, ...]) -> Iterator[Finding]:
    """What the model itself leaves open."""
    population = model.population
    if population.design == "case-control" and population.prevalence is None:
        yield Finding(
            "case-control",
            "warning",
            say(
                "The model's controls were sampled and no prevalence is known: its risks are "
                "those of its sample, so calibration here says nothing; discrimination does."
            ),
            say(
                "Give the share with the event where these patients are from (prevalence), "
                "or read c_index and slope alone."
            ),
        )
    if population.data_kind != "real":
        yield Finding(
            "model-data",
            "warning",
            say(
                "The model was made from {data_kind} patients.",
                data_kind=term(population.data_kind),
            ),
            say("Say so wherever these numbers are shown."),
        )
    known = [name for name in outcome_reads if name in model.design.variables]
    if known:
        yield Finding(
            "outcome-is-input",
            "warning",
            say(
                "The outcome reads {known}, which the model reads, too: it predicts what it "
                "is told.",
                known=listed([repr(name) for name in known]),
            ),
            say("Define the outcome by something that is not known when the model is used."),
        )


def of_risks(risk: FloatArray, slope: float | None) -> Iterator[Finding]:
    """Risks that leave nothing to recalibrate."""
    extreme = int(((risk <= 0.0) | (risk >= 1.0)).sum())
    if extreme:
        yield Finding(
            "risk-of-0-or-1",
            "warning",
            say(
                "{risks} {are} exactly 0 or 1, whose log-odds are infinite: intercept, slope "
                "and R2 do not exist.",
                risks=counted(extreme, "risk"),
                are=agreeing(extreme, "is", "are"),
            ),
            say("Look at these patients' inputs, and at how the model was fitted."),
        )
    elif np.ptp(risk) == 0.0:
        yield Finding(
            "one-risk",
            "warning",
            say("Every patient has the same risk: nothing is discriminated, and no slope exists."),
            say("Look at the inputs; all may be alike, or averaged over."),
        )
    elif slope is None:
        yield Finding(
            "no-slope",
            "warning",
            say(
                "The risks divide the patients with the event from those without, so "
                "calibration intercept and slope have no finite estimate."
            ),
            say("Collect more patients; check that the outcome is not among the inputs."),
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
    meant = (
        say(
            " The nearest {are} {close}.",
            are=agreeing(len(close), "is", "are"),
            close=listed(close),
        )
        if close
        else ""
    )
    return Finding(
        "unknown-level",
        "warning",
        say(
            "{rows} of '{name}' {holds} a level that the model does not know; it knows "
            "{levels}.{meant}",
            rows=counted(rows.size, "row"),
            name=predictor.name,
            holds=agreeing(rows.size, "holds", "hold"),
            levels=listed(predictor.levels),
            meant=meant,
        ),
        say(
            "Say in a mapping which level is which (--propose-mapping drafts one); rows "
            "that stay have no risk."
        ),
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
    unit = say(" {unit}", unit=predictor.unit) if predictor.unit else ""
    return Finding(
        "other-unit",
        "warning",
        say(
            "{share:.0%} of the values of '{name}' are inside the model's range "
            "({low:g} to {high:g}{unit}); {change} most of them would be.",
            share=share,
            name=predictor.name,
            low=limits[0],
            high=limits[1],
            unit=unit,
            change=change,
        ),
        say(
            "Check the unit, and write the numbers as the model has them{unit}, or their "
            "factor in a mapping.",
            unit=say(" (in {unit})", unit=predictor.unit) if predictor.unit else "",
        ),
        say(
            "A number in another unit is read as if it were in the model's, and the risk is wrong."
        ),
        column=predictor.name,
    )
