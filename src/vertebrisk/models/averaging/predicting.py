"""Risks of patients with missing inputs: averages over draws, with the intervals of mixtures."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.imputation.sweeps import DRAWS, missing_draws
from vertebrisk.kernels.mixtures import mixture_quantile
from vertebrisk.models.averaging.inputs import bounds, choices
from vertebrisk.models.portable.limits import LinkScale, ends, with_ones

if TYPE_CHECKING:
    from vertebrisk.models.portable.risk_model import RiskModel

FEWEST_PAIRS = 4  # draws of the inputs for each draw of the coefficients
ROWS = 200  # patients whose draws are held at once

Codes = Mapping[str, FloatArray]
ScaleOf = Callable[[int], LinkScale | None]


@dataclass(frozen=True, slots=True, eq=False)
class Averaged:
    """Patients with missing inputs: which can be scored, their risk and its limits (3, n)."""

    known: BoolArray
    risks: FloatArray


def averageable(codes: Codes, unusable: Mapping[str, BoolArray]) -> BoolArray:
    """Rows with a missing input, a known one, and none that cannot be read."""
    missing = np.column_stack([np.isnan(values) for values in codes.values()])
    unread = np.column_stack(list(unusable.values())).any(axis=1)
    return np.asarray(missing.any(axis=1) & ~missing.all(axis=1) & ~unread)


def averaged_risks(
    model: RiskModel, codes: Codes, group: IntArray, scale_of: ScaleOf, level: float
) -> Averaged:
    """Risk of each patient averaged over draws of what is missing.

    The risk is the mean of the risks of the draws. Its limits are quantiles of the mixture
    of the draws' normal distributions on the scale of the linear predictor, or of the values
    that the model's coefficient draws give them: they hold what is not known of the
    coefficients and what is not known of the patient.

    Parameters
    ----------
    model : RiskModel
        With `missing_inputs`.
    codes : mapping
        By predictor, shape (n,); NaN where missing, for every patient somewhere.
    group : int array, shape (n,)
        Which patients share a scale.
    scale_of : callable
        The scale of a group, or None where it has no risk.
    level : float
    """
    names = list(model.design.variables)
    table = np.column_stack([*(codes[name] for name in names), group])
    table[np.isnan(table)] = np.inf  # no code is, and it equals itself
    distinct, of = np.unique(table, axis=0, return_inverse=True)
    distinct[np.isinf(distinct)] = np.nan
    known = np.zeros(distinct.shape[0], dtype=np.bool_)
    risks = np.full((3, distinct.shape[0]), np.nan)
    for rows in _alike(distinct):
        scale = scale_of(int(distinct[rows[0], -1]))
        values = dict(zip(names, distinct[rows, :-1].T, strict=True))
        matrix = _drawn_columns(model, values)
        usable = np.isfinite(matrix).all(axis=(1, 2))
        known[rows] = usable
        if scale is not None and usable.any():
            risks[:, rows[usable]] = _averages(scale, matrix[usable], level)
    place = of.ravel()
    return Averaged(known[place], risks[:, place])


def _alike(table: FloatArray) -> Iterator[IntArray]:
    """Rows that miss the same inputs and share a scale, some at a time."""
    pattern = np.column_stack([np.isnan(table[:, :-1]), table[:, -1]])
    _, kind = np.unique(pattern, axis=0, return_inverse=True)
    kind = kind.ravel()
    for each in range(int(kind.max(initial=-1)) + 1):
        rows = np.flatnonzero(kind == each)
        for start in range(0, rows.size, ROWS):
            yield rows[start : start + ROWS]


def _drawn_columns(model: RiskModel, codes: Codes) -> FloatArray:
    """Columns of the design in every draw, shape (n, DRAWS, p)."""
    inputs, design = model.missing_inputs, model.design
    assert inputs is not None  # the caller has looked
    n = next(iter(codes.values())).size
    missing = [
        place for place, each in enumerate(design.predictors) if np.isnan(codes[each.name][0])
    ]
    drawn = missing_draws(model.conditionals, inputs.columns(design, codes), missing)
    whole = {name: np.repeat(values, DRAWS) for name, values in codes.items()}
    for place, values in drawn.items():
        own, predictor = inputs.inputs[place], design.predictors[place]
        if own.kind == "normal" and own.scale is not None:
            found = np.clip(own.scale.number(values), *bounds(predictor))
        else:
            found = choices(predictor)[values.astype(np.int64)]
        whole[predictor.name] = found.ravel()
    return design.matrix(whole).reshape(n, DRAWS, -1)


def _averages(scale: LinkScale, matrix: FloatArray, level: float) -> FloatArray:
    """Risk and limits, shape (3, n)."""
    n = matrix.shape[0]
    flat = matrix.reshape(n * DRAWS, -1)
    centre = scale.centre(scale.model.intercept + flat @ scale.model.beta)
    risks = np.full((3, n), np.nan)
    risks[0] = scale.risk(centre).reshape(n, DRAWS).mean(axis=1)
    variance, draws = scale.variance(flat), scale.coefficient_draws()
    if variance is not None:
        sd = np.sqrt(np.maximum(variance, 0.0)).reshape(n, DRAWS)
        for row, tail in ((1, (1.0 - level) / 2.0), (2, (1.0 + level) / 2.0)):
            found = mixture_quantile(centre.reshape(n, DRAWS), sd, tail)
            risks[row] = scale.risk(found)
    elif draws is not None:
        risks[1:] = scale.risk(ends(_paired(with_ones(flat), draws, n), level))
    return risks


def _paired(columns: FloatArray, draws: FloatArray, n: int) -> FloatArray:
    """Values of pairs of coefficient draws and input draws, shape (n, pairs).

    Every coefficient draw meets as many input draws, in turn, so that all of these are met.
    """
    times = max(FEWEST_PAIRS, math.ceil(DRAWS / draws.shape[0]))
    pair = np.arange(draws.shape[0] * times)
    inputs = columns.reshape(n, DRAWS, -1)
    found = np.zeros((n, pair.size))
    for column in range(draws.shape[1]):
        found += inputs[:, pair % DRAWS, column] * draws[pair // times, column]
    return found
