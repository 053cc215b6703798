"""What the service says of a model: its inputs, population, outcome, performance, provenance."""

from __future__ import annotations

from vertebrisk._types import IntervalKind, Json
from vertebrisk.design.design import Predictor
from vertebrisk.models.portable.risk_model import RiskModel

LEVEL = 0.95
_AVERAGED = " Where inputs are missing it also holds what is not known of the patient."
_MEANING: dict[IntervalKind, str] = {
    "model-based": "The 95% confidence interval of the average risk of patients like this one, "
    "from the covariance of the coefficients. It is not the range of one patient's fate.",
    "procedure-bootstrap": "The 95% interval of the average risk of patients like this one, "
    "from repeating the whole development of the model on resampled patients. It is not the "
    "range of one patient's fate.",
    "none": "The model has no interval: its source gives no covariance of the coefficients.",
}


def interval_document(model: RiskModel) -> Json:
    """What the limits of a risk mean, in the answer beside them."""
    return {
        "kind": model.interval_kind,
        "level": None if model.interval_kind == "none" else LEVEL,
        "means": _MEANING[model.interval_kind]
        + (_AVERAGED if model.missing_inputs and model.interval_kind != "none" else ""),
    }


def outcome_document(model: RiskModel) -> Json:
    """What is predicted."""
    return dict(model.outcome.to_dict())


def model_document(
    identity: str, version: str, model: RiskModel, notes: tuple[str, ...], origin: str
) -> Json:
    """Everything that a program, or a person, must know before using a model."""
    followed: Json = {"horizons": [], "default_horizon": None, "last_horizon": None}
    if model.kind != "logistic":
        followed = {
            "horizons": list(model.horizons),
            "default_horizon": model.horizons[0],
            "last_horizon": model.limit,
        }
    return {
        "id": identity,
        "version": version,
        "origin": origin,
        "kind": model.kind,
        "outcome": outcome_document(model),
        "population": model.population.to_dict(),
        "inputs": [
            input_document(each, required=model.missing_inputs is None)
            for each in model.design.predictors
        ],
        "strata": {
            "variables": list(model.strata),
            "known": [each.stratum for each in model.baselines if each.stratum],
        },
        **followed,
        "time_unit": model.time_unit,
        "interval": interval_document(model),
        "equation": model.equation(),
        "performance": dict(model.performance),
        "provenance": model.provenance.to_dict(),
        "updates": [each.told("en") for each in model.provenance.lineage],
        "notes": list(notes),
        "use": "Supports research and decisions; it does not make them. Read population, "
        "outcome and performance before using a risk for a patient.",
    }


def summary_document(document: Json) -> Json:
    """One model in the list of all."""
    kept = ("id", "version", "origin", "kind", "outcome", "population", "time_unit", "horizons")
    return {
        **{name: document[name] for name in kept},
        "inputs": [each["name"] for each in document["inputs"]],
        "title": document["provenance"]["title"],
        "use_at": document["provenance"]["use_at"],
    }


def input_document(predictor: Predictor, *, required: bool = True) -> Json:
    """One input of a model; it is not required where the model averages over what is missing."""
    limits, document = predictor.limits, predictor.to_dict()
    carried = ("modifiable", "ucum", "codings", "level_codings", "translations")
    return {
        "name": predictor.name,
        "label": predictor.label,
        "type": "choice" if predictor.categorical else "number",
        "unit": predictor.unit,
        "levels": [
            {"value": level, "label": predictor.level_label(level)} for level in predictor.levels
        ],
        "range": None if limits is None else {"low": limits[0], "high": limits[1]},
        "timing": predictor.timing,
        "definition": predictor.definition,
        "derived_from": predictor.derive,
        **{key: document[key] for key in carried},
        "required": required,
    }
