"""The models of the inputs, learnt from the patients of a fit."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from vertebrisk._checks import listed, nearest
from vertebrisk._types import FloatArray, IntArray
from vertebrisk.design.design import Design, Predictor
from vertebrisk.errors import ArgumentError, ModelError
from vertebrisk.kernels.imputation.conditionals import (
    level_regression,
    normal_regression,
    ordered_regression,
    zero_skewness,
)
from vertebrisk.kernels.imputation.sweeps import Kind
from vertebrisk.models.averaging.inputs import (
    InputModel,
    MissingInputs,
    NumberScale,
    choices,
    column_places,
    input_columns,
)
from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.models.survival.fit import CoxFit

if TYPE_CHECKING:
    from vertebrisk.models.imputation.pooled import PooledFit
    from vertebrisk.models.survival.fine_gray import FineGrayFit

Codes = Mapping[str, FloatArray]
FEWEST_INPUTS = 2


def learnt_inputs(
    fit: LogisticFit | CoxFit | FineGrayFit | PooledFit, ordered: Collection[str] = ()
) -> MissingInputs:
    """Models of each input of a fit given its other inputs.

    Those of a pooled fit are learnt from each of its completed tables, and their coefficients
    averaged. Sampled controls count as often as in the population that they came from.

    Parameters
    ----------
    fit : LogisticFit, CoxFit, FineGrayFit or PooledFit
    ordered : collection of str
        Inputs whose levels, in the order of the model, are drawn by proportional odds.

    Raises
    ------
    ModelError
        The model has fewer than two inputs, so that nothing is known where one is missing.
    ArgumentError
        `ordered` names what is no input with three levels or more.
    """
    design = fit.design
    if len(design.predictors) < FEWEST_INPUTS:
        raise ModelError(
            "A model with fewer than two inputs cannot average over one of them: nothing would "
            "be known of the patient."
        )
    _check_ordered(ordered, design)
    fits = fit.fits if hasattr(fit, "fits") else (fit,)
    tables: list[Codes] = [each.development.codes for each in fits]
    return learnt(design, tables, _weights(fits[0]), ordered)


def learnt(
    design: Design, tables: Sequence[Codes], weights: FloatArray, ordered: Collection[str] = ()
) -> MissingInputs:
    """The same from codes of the patients by input, a mapping for each completed table."""
    scales = {
        each.name: _scale(np.concatenate([table[each.name] for table in tables]), weights)
        for each in design.predictors
        if not each.categorical
    }
    columns = [
        np.column_stack(
            [
                input_columns(each, scales.get(each.name), table[each.name])
                for each in design.predictors
            ]
        )
        for table in tables
    ]
    places = column_places(design)
    return MissingInputs(
        tuple(
            _averaged(
                [
                    _one(
                        each,
                        each.name in ordered,
                        scales.get(each.name),
                        np.delete(own, places[each.name], axis=1),
                        table[each.name],
                        weights,
                    )
                    for own, table in zip(columns, tables, strict=True)
                ]
            )
            for each in design.predictors
        )
    )


def _check_ordered(ordered: Collection[str], design: Design) -> None:
    for name in ordered:
        if name not in design.variables:
            raise ArgumentError(
                f"'ordered' names '{name}', which is no input of the model; its inputs are "
                f"{listed(design.variables)}.{nearest(name, design.variables)}"
            )
        if len(design.predictor(name).levels) <= FEWEST_INPUTS:
            raise ArgumentError(f"'ordered' names '{name}', which has not three levels or more.")


def _weights(fit: LogisticFit | CoxFit | FineGrayFit) -> FloatArray:
    """How much each patient counts; the mean is 1."""
    weights: FloatArray | None = None
    if isinstance(fit, LogisticFit) and fit.sampling is not None:
        weights = fit.sampling.weights(fit.event.astype(np.float64))
    elif isinstance(fit, CoxFit):
        weights = fit.likelihood.case_weights
    return np.ones(fit.n) if weights is None else weights / weights.mean()


def _scale(values: FloatArray, weights: FloatArray) -> NumberScale:
    share = np.tile(weights, values.size // weights.size)
    curve = zero_skewness(values, share)
    shift, side = curve or (0.0, 0.0)
    moved = NumberScale(0.0, 1.0, shift, side).column(values)
    centre = float(np.average(moved, weights=share))
    spread = float(np.sqrt(np.average((moved - centre) ** 2, weights=share)))
    return NumberScale(centre, spread or 1.0, shift, side)


def _one(
    predictor: Predictor,
    ordered: bool,
    scale: NumberScale | None,
    columns: FloatArray,
    codes: FloatArray,
    weights: FloatArray,
) -> InputModel:
    """An input regressed on the others in one table."""
    name = predictor.name
    if scale is not None and not predictor.discrete:
        beta, variance = normal_regression(columns, scale.column(codes), weights)
        sd = float(np.sqrt(variance))
        return InputModel(name, "normal", beta[:1], beta[None, 1:], sd, scale)
    kind: Kind = "ordered" if ordered or scale is not None else "levels"
    among = choices(predictor)
    own: IntArray = np.abs(codes[:, None] - among).argmin(axis=1)
    empty = np.bincount(own, weights, minlength=among.size).min() <= 0.0
    if kind == "levels" or among.size == FEWEST_INPUTS or empty:
        found = level_regression(columns, own, among.size, weights)
        return InputModel(name, "levels", found[:, 0], found[:, 1:], scale=scale)
    theta = ordered_regression(columns, own, among.size, weights)
    cuts = among.size - 1
    return InputModel(name, "ordered", theta[:cuts], theta[None, cuts:], scale=scale)


def _averaged(found: Sequence[InputModel]) -> InputModel:
    """One input over several tables: coefficients and residual variance averaged."""
    first = found[0]
    variance = float(np.mean([each.sd**2 for each in found]))
    return InputModel(
        first.name,
        first.kind,
        np.mean([each.constants for each in found], axis=0),
        np.mean([each.slopes for each in found], axis=0),
        float(np.sqrt(variance)),
        first.scale,
    )
