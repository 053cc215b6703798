"""Risk against one predictor, the others held: the curve behind an effect plot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from vertebrisk._checks import listed, nearest
from vertebrisk.design.design import Design, Predictor, level_text
from vertebrisk.errors import ArgumentError, ModelError
from vertebrisk.kernels.pretty import pretty
from vertebrisk.models.portable.prediction import predict_frame
from vertebrisk.nomogram.build import held_values

if TYPE_CHECKING:
    from vertebrisk.models.portable.risk_model import RiskModel

GRID = 50  # values of a number, about
SHOWN = ("risk", "conf_low", "conf_high", "linear_predictor")
Value = float | str


def effect_frame(
    model: RiskModel,
    variable: str,
    values: Sequence[object] | None,
    at: Mapping[str, object] | None,
    by: str | Mapping[str, Sequence[object]] | None,
    horizon: float | None,
    level: float,
) -> pl.DataFrame:
    """See `RiskModel.effect`."""
    if model.population.refuses_risks:
        raise ModelError("Its controls were matched, so the model has no risk to show.")
    design = model.design
    predictor = _known(design, variable)
    along = _grid(predictor) if values is None else _usable(predictor, values)
    groups = _groups(design, by, variable)
    held = _held(model, at, {variable, *groups})
    rows = [
        {**held, **dict.fromkeys(groups, each), variable: value}
        for each in (next(iter(groups.values())) if groups else [None])
        for value in along
    ]
    frame = pl.DataFrame(rows, infer_schema_length=None)
    found = predict_frame(model, frame, horizon, level)
    _refuse_unknown(variable, frame, found)
    columns = [frame[variable].alias("value"), *(frame[name].alias("by") for name in groups)]
    return pl.DataFrame([*columns, *(found[name] for name in SHOWN)])


def _refuse_unknown(variable: str, frame: pl.DataFrame, found: pl.DataFrame) -> None:
    """Values without a risk: a stratum that is not known, or no logarithm, root or power."""
    unknown = found["risk"].is_null()
    if not unknown.any():
        return
    flags = str(found.filter(unknown)["flags"][0] or "")
    strata = [each for each in flags.split("; ") if "stratum" in each]
    reason = strata[0] if strata else "a term of the model has no value there"
    raise ArgumentError(
        f"There is no risk where {variable} is {frame.filter(unknown)[variable][0]}: {reason}."
    )


def _known(design: Design, name: object) -> Predictor:
    if isinstance(name, str) and name in design.variables:
        return design.predictor(name)
    raise ArgumentError(
        f"The model has no predictor {name!r}; it has {listed(design.variables) or 'none'}."
        f"{nearest(str(name), design.variables)}"
    )


def _grid(predictor: Predictor) -> list[Value]:
    """Each level; values of a number with few; else round numbers inside its limits."""
    if predictor.categorical:
        return list(predictor.levels)
    ticks = np.asarray(predictor.ticks)
    if predictor.limits is None and not ticks.size:
        raise ArgumentError(
            f"The model does not know the range of {predictor.name}; name the values."
        )
    low, high = predictor.limits or (float(ticks.min()), float(ticks.max()))
    grid = ticks if predictor.discrete else pretty(low, high, GRID)
    inside = grid[(grid >= low) & (grid <= high)]
    return [float(value) for value in (inside if inside.size else np.array([low]))]


def _usable(predictor: Predictor, values: Sequence[object]) -> list[Value]:
    """Values as the model reads them; one that it does not know is refused."""
    if isinstance(values, str) or not isinstance(values, Sequence | np.ndarray | pl.Series):
        raise ArgumentError(f"The values of {predictor.name} are {values!r}; give a list of them.")
    if not len(values):
        raise ArgumentError(f"The values of {predictor.name} are an empty list.")
    return [_value(predictor, value) for value in values]


def _value(predictor: Predictor, value: object) -> Value:
    code = predictor.code(value)
    if np.isfinite(code):
        return level_text(value) if predictor.categorical else code
    allowed = f"one of {listed(predictor.levels)}" if predictor.categorical else "a number"
    raise ArgumentError(f"{value!r} is no value of {predictor.name}, which is {allowed}.")


def _groups(
    design: Design, by: str | Mapping[str, Sequence[object]] | None, variable: str
) -> dict[str, list[Value]]:
    """The second predictor and the values at which each curve holds it."""
    if by is None:
        return {}
    if isinstance(by, str):
        predictor = _known(design, by)
        found = [_value(predictor, each) for each in held_values(predictor)]
    elif isinstance(by, Mapping) and len(by) == 1:
        name, values = next(iter(by.items()))
        predictor = _known(design, name)
        found = _usable(predictor, values)
    else:
        raise ArgumentError(
            f"by is {by!r}; it is the name of one other predictor, or a mapping from it to values."
        )
    if predictor.name == variable:
        raise ArgumentError(f"by is {variable}, whose effect is asked for; name another predictor.")
    return {predictor.name: list(dict.fromkeys(found))}


def _held(model: RiskModel, at: Mapping[str, object] | None, moving: set[str]) -> dict[str, object]:
    """What the other predictors, and the strata, are held at."""
    at = {} if at is None else at
    if not isinstance(at, Mapping):
        raise ArgumentError(f"at is {at!r}; it is a mapping from predictors to their values.")
    for name in at:
        if name in moving:
            raise ArgumentError(f"at holds {name}, which is not held in this effect.")
        if name not in model.strata:
            _known(model.design, name)
    lacking = [name for name in model.strata if name not in at]
    if lacking:
        raise ArgumentError(
            f"The model has a baseline for each stratum of {listed(lacking)}; name one with at=."
        )
    held: dict[str, object] = {name: at[name] for name in model.strata}
    for each in model.design.predictors:
        if each.name not in moving:
            held[each.name] = _value(each, at.get(each.name, each.adjust_to))
    return held
