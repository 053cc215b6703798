"""How performance grows with the number of patients that a model is made from.

The whole development procedure is repeated on random parts of growing size, and each model
is measured on its own patients and on those left out. Where the curve of those left out still
rises at its end, more patients would make a better model.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from vertebrisk._types import BoolArray, FloatArray, IntArray, Json
from vertebrisk.errors import FitError
from vertebrisk.findings import Finding
from vertebrisk.kernels.resamples import shares
from vertebrisk.text.messages import say
from vertebrisk.validation.results import column_dict

MEASURES = ("c_index", "slope", "brier", "brier_scaled")
FINITE_ONLY = ("slope",)  # what a model without a finite estimate does not have
RISING = 0.01  # growth of the C-index over the last doubling that is worth more patients
SLOPE = 0.9  # the shrinkage that Riley's criteria accept
SPREAD = (0.1, 0.9)


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Random parts of the patients, each part of a repeat within the next larger one.

    Attributes
    ----------
    event : bool array, shape (n,)
        Events and others are divided apart, in the same proportion.
    clusters : int array, shape (n,), or None
        Patient of each row; the rows of a patient stay together.
    fractions : array, shape (k,)
        Ascending.
    seed : int
    """

    event: BoolArray
    clusters: IntArray | None
    fractions: FloatArray
    seed: int

    def draw(self, first: int, count: int) -> FloatArray:
        """1 for who is in the part, shape (count, n); parts of one repeat are consecutive."""
        own = np.arange(self.event.size) if self.clusters is None else self.clusters
        units = int(own.max()) + 1
        ill = np.bincount(own, self.event, units) > 0
        repeat, place = np.divmod(np.arange(first, first + count), self.fractions.size)
        numbers = shares(self.seed, repeat, units)
        inside = np.zeros((count, units), dtype=np.bool_)
        for stratum in (ill, ~ill):
            rank = np.argsort(np.argsort(numbers[:, stratum], axis=1, kind="stable"), axis=1)
            size = np.round(self.fractions[place] * stratum.sum())
            inside[:, stratum] = rank < size[:, None]
        return inside[:, own].astype(np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Measurements:
    """What each model attains, arrays of shape (models,).

    `apparent` and `left_out` are by measure; `n` and `n_events` count the rows that made the
    model.
    """

    apparent: dict[str, FloatArray]
    left_out: dict[str, FloatArray]
    n: FloatArray
    n_events: FloatArray
    separated: BoolArray
    usable: BoolArray

    @classmethod
    def joined(cls, parts: list[Measurements]) -> Measurements:
        """Those of all batches."""
        names = tuple(parts[0].apparent)
        return cls(
            apparent={each: np.concatenate([p.apparent[each] for p in parts]) for each in names},
            left_out={each: np.concatenate([p.left_out[each] for p in parts]) for each in names},
            n=np.concatenate([p.n for p in parts]),
            n_events=np.concatenate([p.n_events for p in parts]),
            separated=np.concatenate([p.separated for p in parts]),
            usable=np.concatenate([p.usable for p in parts]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class LearningCurve:
    """Performance against the number of patients; made by ``fit.learning_curve()``.

    Attributes
    ----------
    procedure : str
        What was repeated on each part.
    repeats, seed : int
    horizon : float or None
        Time by which Brier scores hold; None of a binary outcome.
    n, n_events : int
        All patients, and of them with the event.
    n_separated, n_failed : int
        Models without a finite estimate, which have no slope, and parts that could not be used
        since one outcome was lacking in them or in those left out.
    frame : polars.DataFrame
        One row a size and measure: fraction, n, n_events, measure (c_index, slope, brier,
        brier_scaled), apparent and left_out (means over the repeats), low and high (a tenth of
        the repeats lie below and above, of those left out), mc_error, n_models.
    whole : polars.DataFrame
        measure and apparent value of the model of all patients.
    gain : float or None
        Mean growth of the C-index in those left out from about half of the largest part to all
        of it.
    gain_error : float or None
        Its Monte Carlo error.
    findings : tuple of Finding
        Whether more patients would still help.
    """

    procedure: str
    repeats: int
    seed: int
    horizon: float | None
    n: int
    n_events: int
    n_separated: int
    n_failed: int
    frame: pl.DataFrame
    whole: pl.DataFrame
    gain: float | None
    gain_error: float | None
    findings: tuple[Finding, ...]

    def to_dict(self) -> Json:
        """JSON form."""
        document: Json = {name: getattr(self, name) for name in self.__slots__}
        return document | {
            "frame": column_dict(self.frame),
            "whole": column_dict(self.whole),
            "findings": [each.to_dict() for each in self.findings],
        }


def summarised_learning(
    found: Measurements,
    parts: Parts,
    whole: dict[str, float],
    procedure: str,
    horizon: float | None,
) -> LearningCurve:
    """From what every model attains to the curve.

    Raises
    ------
    FitError
        No part could be used.
    """
    size = parts.fractions.size
    if not found.usable.any():
        raise FitError(
            "No part of the patients held both outcomes, in it and among those left out; there "
            "are too few events for a learning curve."
        )
    rows = [
        _row(found, name, place, size, float(fraction))
        for place, fraction in enumerate(parts.fractions)
        for name in MEASURES
        if name in whole
    ]
    frame = pl.DataFrame(rows, schema=_SCHEMA, orient="row")
    gain, error = _gain(found, parts.fractions)
    return LearningCurve(
        procedure=procedure,
        repeats=found.usable.size // size,
        seed=parts.seed,
        horizon=horizon,
        n=parts.event.size,
        n_events=int(parts.event.sum()),
        n_separated=int((found.separated & found.usable).sum()),
        n_failed=int((~found.usable).sum()),
        frame=frame,
        whole=pl.DataFrame({"measure": list(whole), "apparent": list(whole.values())}),
        gain=gain,
        gain_error=error,
        findings=_remarks(frame, gain, error),
    )


_SCHEMA = {
    "fraction": pl.Float64,
    "n": pl.Float64,
    "n_events": pl.Float64,
    "measure": pl.String,
    "apparent": pl.Float64,
    "left_out": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "mc_error": pl.Float64,
    "n_models": pl.Int64,
}


def _row(
    found: Measurements, name: str, place: int, size: int, fraction: float
) -> tuple[str | float | int | None, ...]:
    at = slice(place, None, size)
    use = found.usable[at] & np.isfinite(found.left_out[name][at])
    if name in FINITE_ONLY:
        use &= ~found.separated[at]
    middle: tuple[float | None, ...] = (None,) * 5
    count = int(use.sum())
    if count:
        values = found.left_out[name][at][use]
        low, high = np.quantile(values, SPREAD)
        error = float(values.std(ddof=1) / np.sqrt(count)) if count > 1 else None
        apparent = float(found.apparent[name][at][use].mean())
        middle = (apparent, float(values.mean()), float(low), float(high), error)
    patients, events = float(found.n[at].mean()), float(found.n_events[at].mean())
    return (fraction, patients, events, name, *middle, count)


def _gain(found: Measurements, fractions: FloatArray) -> tuple[float | None, float | None]:
    """Growth of the C-index over about the last doubling, repeat by repeat, and its error."""
    size = fractions.size
    half = int(np.abs(fractions - fractions[-1] / 2.0).argmin())
    if half == size - 1:
        return None, None
    values = np.where(found.usable, found.left_out["c_index"], np.nan)
    growth = values[size - 1 :: size] - values[half::size]
    known = growth[np.isfinite(growth)]
    if known.size < 2:
        return None, None
    return float(known.mean()), float(known.std(ddof=1) / np.sqrt(known.size))


def _remarks(frame: pl.DataFrame, gain: float | None, error: float | None) -> tuple[Finding, ...]:
    remarks = []
    last = frame.filter(pl.col("fraction") == frame["fraction"].max())
    rows = {row["measure"]: row for row in last.iter_rows(named=True)}
    if gain is not None and error is not None and gain - 2.0 * error > 0.0 and gain > RISING:
        remarks.append(
            Finding(
                "learning-curve-rises",
                "note",
                say(
                    "The C-index in the patients left out grew by {gain:.3f} from half to all of "
                    "the largest part ({n:.0f} rows): it has not levelled off.",
                    gain=gain,
                    n=rows["c_index"]["n"],
                ),
                say("More patients would make a better model; fewer candidates may do the same."),
            )
        )
    slope = rows["slope"]["left_out"]
    if slope is not None and slope < SLOPE:
        remarks.append(
            Finding(
                "learning-curve-slope",
                "note",
                say(
                    "Models of the largest part ({n:.0f} rows) have a slope of {slope:.2f} in "
                    "the patients left out: their risks are too extreme.",
                    n=rows["slope"]["n"],
                    slope=slope,
                ),
                say(
                    "Shrink the coefficients, prespecify fewer candidates, or collect more "
                    "patients."
                ),
            )
        )
    return tuple(remarks)
