"""How many patients like this one a model was made from, in bands that tell nobody apart.

A profile is the level of each compared category and the third of each compared number. The
model keeps those profiles that at least `FEWEST` patients had, with the band of their number;
any other profile had fewer, perhaps none. Compared are the predictors that move the risk
most, as many as leave half of the patients in a profile that is kept.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import polars as pl

from vertebrisk._types import BoolArray, FloatArray, IntArray, Json
from vertebrisk.design.design import Design, Predictor
from vertebrisk.models.development import Development

BANDS = (5, 10, 20, 50, 100)  # the least of each; the last is open
FEWEST = BANDS[0]
LEAST_SHARE = 0.5  # of the patients, in profiles that are kept
MOST_CELLS = 500
LARGEST_KEY = 2**62
ROUND = (1.0, 2.0, 5.0)
BAND = {"least": pl.Int64, "most": pl.Int64}


class Fitted(Protocol):
    """A fit, as far as its patients go."""

    @property
    def design(self) -> Design:
        """Terms of the model."""
        ...

    @property
    def matrix(self) -> FloatArray:
        """Their columns for the rows that were used."""
        ...

    @property
    def beta(self) -> FloatArray:
        """Coefficients."""
        ...

    @property
    def development(self) -> Development:
        """Codes of the rows that were used."""
        ...

    @property
    def clusters(self) -> IntArray | None:
        """Patient of each row where rows are vertebrae."""
        ...


@dataclass(frozen=True, slots=True)
class SimilarPatients:
    """Bands of the numbers of patients by profile.

    Attributes
    ----------
    variables : tuple of str
        Compared predictors, in the order of the design.
    edges : mapping
        From a compared number to where its thirds begin, round; a value at an edge belongs
        to what is above it.
    cells : mapping
        From a profile (position of the level, or number of the third) to the least number of
        its band.
    """

    variables: tuple[str, ...]
    edges: Mapping[str, tuple[float, ...]]
    cells: Mapping[tuple[int, ...], int]

    def counted(self, codes: Mapping[str, FloatArray]) -> pl.DataFrame:
        """Bands for coded patients: `least` and `most`; see `RiskModel.similar`."""
        values = [codes[name] for name in self.variables]
        known: BoolArray = np.logical_not(np.isnan(np.column_stack(values)).any(axis=1))
        places = np.column_stack(
            [
                _places(np.where(known, own, 0.0), self.edges.get(name))
                for name, own in zip(self.variables, values, strict=True)
            ]
        )
        least = [
            self.cells.get(tuple(row), 0) if seen else None
            for row, seen in zip(places.tolist(), known, strict=True)
        ]
        most = [None if each is None else most_of(each) for each in least]
        return pl.DataFrame({"least": least, "most": most}, schema=BAND)

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "variables": [
                {"name": name, "edges": list(self.edges[name])}
                if name in self.edges
                else {"name": name}
                for name in self.variables
            ],
            "cells": {",".join(map(str, cell)): band for cell, band in self.cells.items()},
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any], design: Design) -> SimilarPatients:
        """Inverse of `to_dict`; raises ValueError where it does not fit the design."""
        written = document["variables"]
        names = tuple(str(each["name"]) for each in written)
        edges = {str(each["name"]): _floats(each["edges"]) for each in written if "edges" in each}
        cells = {tuple(map(int, key.split(","))): each for key, each in document["cells"].items()}
        if not names or not set(names) <= set(design.variables) or len(set(names)) < len(names):
            raise ValueError("its similar patients are compared in no predictor of it")
        predictors = [design.predictor(name) for name in names]
        if any(each.categorical == (each.name in edges) for each in predictors):
            raise ValueError("its similar patients do not match its predictors")
        sizes = [len(each.levels) or len(edges[each.name]) + 1 for each in predictors]
        for cell, band in cells.items():
            inside = len(cell) == len(sizes) and all(
                0 <= place < size for place, size in zip(cell, sizes, strict=True)
            )
            if not inside or isinstance(band, bool) or band not in BANDS:
                raise ValueError("its similar patients have a profile or a band that is none")
        return cls(names, edges, cells)


def most_of(least: int) -> int | None:
    """The greatest number of a band by its least; None for the open one."""
    return next((each - 1 for each in BANDS if each > least), None)


def similar_patients(
    design: Design,
    codes: Mapping[str, FloatArray],
    effects: Mapping[str, FloatArray],
    patients: IntArray | None,
) -> SimilarPatients | None:
    """Bands by profile of the patients that a model was made from.

    Parameters
    ----------
    design : Design
        Of the final model.
    codes : mapping
        Positions of levels and numbers by variable, shape (n,), none missing.
    effects : mapping
        What each term adds to the linear predictor, shape (n,), by the term's name.
    patients : int array, shape (n,), or None
        The patient of each row, where rows are vertebrae; a patient counts once a profile.

    Returns
    -------
    SimilarPatients, or None where no comparison leaves half of the patients in a profile
    that is kept.
    """
    edges = {
        each.name: thirds(each, codes[each.name])
        for each in design.predictors
        if not each.categorical
    }
    names = [name for name in _by_influence(design, effects) if edges.get(name) != ()]
    size = next(iter(codes.values())).size if codes else 0
    whose = np.arange(size) if patients is None else np.unique(patients, return_inverse=True)[1]
    found: SimilarPatients | None = None
    for count in range(1, len(names) + 1):
        compared = [each for each in design.predictors if each.name in names[:count]]
        cells = _cells(compared, codes, edges, whose)
        if cells is None:
            break
        own = {each.name: edges[each.name] for each in compared if not each.categorical}
        found = SimilarPatients(tuple(each.name for each in compared), own, cells)
    return found


def similar_to(fit: Fitted) -> SimilarPatients | None:
    """Bands by profile of the patients of a fit; see `similar_patients`."""
    effects = {
        name: fit.matrix[:, place] @ fit.beta[place] for name, place in fit.design.slices.items()
    }
    return similar_patients(fit.design, fit.development.codes, effects, fit.clusters)


def thirds(predictor: Predictor, values: FloatArray) -> tuple[float, ...]:
    """Where the thirds of a number begin: marks of its axis where it has few values, or round.

    Fewer than two where they fall together, and none for a number that one value dominates.
    """
    if predictor.discrete:
        marks = np.array([each for each in predictor.ticks if each > values.min()])
        if marks.size == 0:
            return ()
        below = np.array([(values < each).mean() for each in marks])
        return tuple(sorted({float(marks[np.abs(below - at).argmin()]) for at in (1 / 3, 2 / 3)}))
    low, high = np.quantile(values, (1 / 3, 2 / 3))
    if not high > low:
        return ()
    step = _round_step((high - low) / 2)
    edges = sorted({float(f"{round(each / step) * step:.12g}") for each in (low, high)})
    return tuple(each for each in edges if (values < each).any() and (values >= each).any())


def _round_step(size: float) -> float:
    """The greatest of 1, 2, 5 times a power of ten that is not above `size`."""
    power = 10.0 ** np.floor(np.log10(size))
    return float(max(each * power for each in ROUND if each * power <= size * (1 + 1e-9)))


def _by_influence(design: Design, effects: Mapping[str, FloatArray]) -> list[str]:
    """Predictors, those first whose terms move the linear predictor most."""
    spread = {
        name: float(
            np.std(sum(effects[term.name] for term in design.terms if name in term.variables))
        )
        for name in design.variables
    }
    return sorted(spread, key=lambda name: -spread[name])


def _places(values: FloatArray, edges: tuple[float, ...] | None) -> IntArray:
    if edges is None:
        return values.astype(np.int64)
    return np.searchsorted(np.asarray(edges), values, side="right").astype(np.int64)


def _cells(
    compared: list[Predictor],
    codes: Mapping[str, FloatArray],
    edges: Mapping[str, tuple[float, ...]],
    whose: IntArray,
) -> dict[tuple[int, ...], int] | None:
    """Kept profiles and their bands; None where they are too many, or hold too few patients."""
    sizes = [len(each.levels) or len(edges[each.name]) + 1 for each in compared]
    everybody = int(whose.max()) + 1
    if math.prod(sizes) * everybody > LARGEST_KEY:
        return None
    places = [_places(codes[each.name], edges.get(each.name)) for each in compared]
    profiles, profile = np.unique(np.ravel_multi_index(places, sizes), return_inverse=True)
    patient = whose
    if whose.size > everybody:  # a patient counts once a profile
        profile, patient = np.divmod(np.unique(profile * everybody + whose), everybody)
    counts = np.bincount(profile, minlength=profiles.size)
    kept = _without_remainder(counts, profile, patient)
    if kept.sum() > MOST_CELLS or _inside(kept, profile, patient) < LEAST_SHARE * everybody:
        return None
    cells = np.column_stack(np.unravel_index(profiles[kept], sizes)).tolist()
    return {
        tuple(cell): max(each for each in BANDS if each <= count)
        for cell, count in zip(cells, counts[kept].tolist(), strict=True)
    }


def _without_remainder(counts: IntArray, profile: IntArray, patient: IntArray) -> BoolArray:
    """Which profiles are kept, so that those outside are nobody or at least `FEWEST`."""
    kept: BoolArray = counts >= FEWEST
    everybody = patient.max() + 1
    while kept.any() and 0 < everybody - _inside(kept, profile, patient) < FEWEST:
        kept[np.where(kept, counts, counts.max() + 1).argmin()] = False
    return kept


def _inside(kept: BoolArray, profile: IntArray, patient: IntArray) -> int:
    """Patients with a profile that is kept."""
    return int(np.count_nonzero(np.bincount(patient[kept[profile]])))


def _floats(written: Any) -> tuple[float, ...]:
    edges = np.array(written, dtype=np.float64)
    if edges.ndim != 1 or not edges.size or not np.isfinite(edges).all():
        raise ValueError("its similar patients have edges that are none")
    if not (np.diff(edges) > 0).all():
        raise ValueError("its similar patients have edges that are not in order")
    return tuple(float(each) for each in edges)
