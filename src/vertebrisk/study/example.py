"""An invented patient, for showing how the nomogram is read."""

from __future__ import annotations

import math

import polars as pl

from vertebrisk.design.design import Predictor
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.nomogram.build import patient_points
from vertebrisk.nomogram.results import Nomogram, NomogramAxis
from vertebrisk.report.results.study import ExamplePatient


def example_patient(model: RiskModel, nomogram: Nomogram) -> ExamplePatient:
    """A patient with every second category at its most telling level, numbers near the middle.

    Made from the model alone: it is nobody in the cohort.
    """
    if model.population.refuses_risks:
        return ExamplePatient((), (), 0.0, math.nan, None, None)
    values = {
        predictor.name: _value(predictor, nomogram, position)
        for position, predictor in enumerate(model.design.predictors)
    }
    codes = {each.name: each.code(values[each.name]) for each in model.design.predictors}
    read = patient_points(nomogram, model.design, model.beta, codes) if nomogram.axes else ()
    columns: dict[str, list[object]] = {name: [value] for name, value in values.items()}
    if columns and not model.strata:
        row = model.predict(pl.DataFrame(columns)).row(0, named=True)
    else:
        row = _constant_risk(nomogram)
    return ExamplePatient(
        values=tuple((axis.variable, _text(values[axis.variable])) for axis, _ in read),
        points=tuple(points for _, points in read),
        total_points=float(row["total_points"] or 0.0),
        risk=float(row["risk"]),
        conf_low=row["conf_low"],
        conf_high=row["conf_high"],
    )


def _value(predictor: Predictor, nomogram: Nomogram, position: int) -> str | float:
    if not predictor.categorical:
        middle = float(predictor.adjust_to)
        return min(predictor.ticks, key=lambda tick: abs(tick - middle))
    axis = next((each for each in nomogram.axes if each.variable == predictor.name), None)
    if axis is None or position % 2:
        return predictor.levels[0]
    return _most_telling(axis)


def _most_telling(axis: NomogramAxis) -> str:
    return axis.values[int(axis.points.argmax())]


def _text(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _constant_risk(nomogram: Nomogram) -> dict[str, float | None]:
    risk = nomogram.risk(0.0)
    return {"total_points": 0.0, "risk": risk, "conf_low": None, "conf_high": None}
