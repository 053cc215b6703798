"""Which models a repeated selection chose, and which candidates take each other's place.

Heinze, Wallisch and Dunkler 2018, doi:10.1002/bimj.201700067.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import polars as pl

from vertebrisk._types import BoolArray
from vertebrisk.design.powers import SHAPES
from vertebrisk.validation.coefficients import COLUMNS
from vertebrisk.validation.resampling import Replicates
from vertebrisk.validation.results import Choices

MOST = 10  # models that are listed
_MODELS: dict[str, pl.DataType | type[pl.DataType]] = {
    "predictors": pl.List(pl.String),
    "count": pl.Int64,
    "share": pl.Float64,
    "final": pl.Boolean,
}
_SHAPES: dict[str, pl.DataType | type[pl.DataType]] = {
    "variable": pl.String,
    "powers": pl.List(pl.Float64),
    "count": pl.Int64,
    "share": pl.Float64,
    "final": pl.Boolean,
}
_PAIRS = {
    "first": pl.String,
    "second": pl.String,
    "together": pl.Float64,
    "expected": pl.Float64,
    "first_only": pl.Float64,
    "second_only": pl.Float64,
    "correlation": pl.Float64,
}


def choices_of(
    selected: BoolArray,
    candidates: tuple[str, ...],
    final: tuple[str, ...],
    coefficients: pl.DataFrame | None = None,
) -> Choices | None:
    """Most frequent models and pairs of candidates; None where nothing was selected.

    Parameters
    ----------
    selected : bool array, shape (resamples, candidates)
        What each usable resample chose; no columns where the data choose nothing.
    candidates, final : tuple of str
        Names of all candidates, and of those in the final model.
    coefficients : DataFrame, optional
        From `coefficient_stability`; empty by default.
    """
    if selected.size == 0 or selected.shape[1] != len(candidates):
        return None
    sets, counts = np.unique(selected, axis=0, return_counts=True)
    order = np.lexsort((*sets.T, -counts))
    own = np.array([name in final for name in candidates])
    return Choices(
        distinct=int(counts.size),
        final=float((selected == own).all(axis=1).mean()),
        models=pl.DataFrame(
            [
                (
                    [name for name, use in zip(candidates, sets[at], strict=True) if use],
                    int(counts[at]),
                    float(counts[at] / selected.shape[0]),
                    bool((sets[at] == own).all()),
                )
                for at in order[:MOST]
            ],
            schema=_MODELS,
            orient="row",
        ),
        pairs=_pairs(selected, candidates),
        coefficients=pl.DataFrame(schema=COLUMNS) if coefficients is None else coefficients,
    )


def shape_frequencies(
    replicates: Replicates, variables: tuple[tuple[str, int], ...]
) -> pl.DataFrame:
    """How often each shape of a fractional polynomial was found; see `Validation.shapes`.

    `variables` are those whose powers are found by the data, with their shapes in the final
    model (places in `design.powers.SHAPES`).
    """
    found = replicates.shapes
    if found is None or not variables:
        return pl.DataFrame(schema=_SHAPES)
    rows = []
    for place, (name, final) in enumerate(variables):
        own = found[replicates.usable, place]
        shapes, counts = np.unique(own, return_counts=True)
        for at in np.argsort(-counts, kind="stable").tolist():
            shape, count = int(shapes[at]), int(counts[at])
            rows.append((name, list(SHAPES[shape]), count, count / own.size, shape == final))
    return pl.DataFrame(rows, schema=_SHAPES, orient="row")


def _pairs(selected: BoolArray, candidates: tuple[str, ...]) -> pl.DataFrame:
    share = selected.mean(axis=0)
    joint = selected.T.astype(np.float64) @ selected / selected.shape[0]
    spread = np.sqrt(share * (1.0 - share))
    rows = []
    for i, j in combinations(range(len(candidates)), 2):
        expected = float(share[i] * share[j])
        room = float(spread[i] * spread[j])
        rows.append(
            (
                candidates[i],
                candidates[j],
                float(joint[i, j]),
                expected,
                float(share[i] - joint[i, j]),
                float(share[j] - joint[i, j]),
                float(joint[i, j] - expected) / room if room > 0.0 else None,
            )
        )
    furthest = pl.col("correlation").abs()
    return pl.DataFrame(rows, schema=_PAIRS, orient="row").sort(
        furthest, descending=True, nulls_last=True, maintain_order=True
    )
