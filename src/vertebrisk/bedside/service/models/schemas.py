"""JSON Schemas of one model: its patient, and a request for its risks."""

from __future__ import annotations

from collections.abc import Iterable

from vertebrisk._types import Json
from vertebrisk.bedside.service.inputs import LARGEST, Input
from vertebrisk.bedside.service.schemas import HORIZON, named, predict_request, record
from vertebrisk.design.design import Predictor
from vertebrisk.design.rules import Expression
from vertebrisk.models.portable.risk_model import RiskModel

ANY_VALUE: Json = {"type": ["number", "string", "boolean"]}


def patient_schema(model: RiskModel) -> Json:
    """One patient of a model: every input with its levels, unit and meaning.

    An input that is derived may be given itself or by its parts, so the schema requires
    neither; the service does. Of a model that averages over missing inputs the schema requires
    none, and the service at least one.
    """
    design = model.design
    properties: Json = {each.name: _input_schema(model, each) for each in design.predictors}
    made = {each.name for each in design.predictors if each.derive}
    measured = {each.name for each in design.predictors} - made
    parts = [
        name
        for each in design.predictors
        if each.derive
        for name in Expression.parse(each.derive).names
    ]
    for name in model.strata:
        properties.setdefault(name, _stratum_schema(model))
    for name in parts:
        properties.setdefault(name, ANY_VALUE)
    optional = made.union(parts) - measured - set(model.strata)
    if model.missing_inputs is not None:
        properties = {
            name: each if name in model.strata else _or_null(each)
            for name, each in properties.items()
        }
        optional = set(properties) - set(model.strata)
    return record(properties, optional=tuple(optional))


def _or_null(schema: Json) -> Json:
    """The schema of a value that may be said to be missing."""
    if "enum" in schema:
        return {**schema, "enum": [*schema["enum"], None]}
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return {**schema, "type": [*kinds, "null"]}


def request_schema(identity: str, model: RiskModel) -> Json:
    """A request for risks by one model: its patients, and a horizon where it has one."""
    return predict_request(named(f"Patient.{identity}"), horizon_schema(model))


def horizon_schema(model: RiskModel) -> Json:
    """The horizons of a model; null alone where it has one time point."""
    if model.kind == "logistic":
        when = model.outcome.time_point or "one time"
        return {"type": "null", "description": f"This model predicts the risk at {when}."}
    return {**HORIZON, "maximum": model.limit}


def _input_schema(model: RiskModel, predictor: Predictor) -> Json:
    words = "; ".join(
        part for part in (predictor.label, predictor.unit, predictor.definition) if part
    )
    if predictor.categorical:
        taken = [each for each in Input.of(predictor).positions if each not in predictor.missing]
        return {"enum": accepted(taken), "description": words}
    least: Json = _domain(model, predictor.name) or {"minimum": -LARGEST}
    return {"type": "number", **least, "maximum": LARGEST, "description": words}


def _domain(model: RiskModel, name: str) -> Json:
    """Where the transformations of a number have a value; empty where they always do."""
    found: Json = {}
    for term in model.design.terms:
        for factor in term.factors:
            if factor.variable != name:
                continue
            if factor.kind == "powers":
                return {"exclusiveMinimum": -factor.shift}
            broken = not float(factor.exponent).is_integer()
            if factor.kind == "log" or (factor.kind == "power" and factor.exponent < 0):
                return {"exclusiveMinimum": 0}
            if factor.kind == "sqrt" or (factor.kind == "power" and broken):
                found = {"minimum": 0}
    return found


def _stratum_schema(model: RiskModel) -> Json:
    if len(model.strata) > 1:
        return ANY_VALUE
    return {"enum": accepted(each.stratum for each in model.baselines)}


def accepted(texts: Iterable[str]) -> list[object]:
    """Every JSON value that stands for one of these levels: its text, and what gives that text."""
    found: list[object] = []
    for text in texts:
        found.append(text)
        if text in ("true", "false"):
            found.append(text == "true")
        elif text.isascii() and text.removeprefix("-").isdecimal() and str(int(text)) == text:
            found.append(int(text))
    return found
