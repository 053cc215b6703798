"""What a calculator needs of a model, as compact JSON: no patient, and nothing estimated anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from vertebrisk._checks import listed
from vertebrisk._types import Json
from vertebrisk.bedside.calculator.packing import packed_doubles, packed_draws
from vertebrisk.design.design import Design, Predictor
from vertebrisk.design.factors import Factor
from vertebrisk.design.powers import orders
from vertebrisk.errors import ModelError
from vertebrisk.models.portable.identity import model_version, strict_json
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.nomogram.results import Nomogram, NomogramAxis
from vertebrisk.text.messages import say

if TYPE_CHECKING:
    from vertebrisk.models.portable.baseline import Baseline

SCHEMA = "vertebrisk/calculator"
SCHEMA_VERSION = 1


def calculator_payload(model: RiskModel, most_draws: int | None = None) -> Json:
    """All that a page needs to be the calculator of a model.

    Parameters
    ----------
    model : RiskModel
        Fitted, published or converted.
    most_draws : int, optional
        Keep at most so many draws.

    Returns
    -------
    Json
        Documented in ``docs/formats.md``, read by ``engine.js``. Numbers are the model's to
        the last digit, except draws: see `kept_draws`.

    Raises
    ------
    ModelError
        When the model has no calculator: its controls were matched, so that it has no
        absolute risk, or it reads nothing of a patient.
    """
    _refuse(model)
    return {
        "schema": SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "id": model.provenance.study or model.outcome.name,
        "version": model_version(model),
        "kind": model.kind,
        "design": _design(model.design),
        "intercept": float(model.intercept),
        "beta": model.beta.tolist(),
        "interval_kind": model.interval_kind,
        **_uncertainty(model, most_draws),
        **_followed(model),
        "linear_ticks": model.linear_ticks.tolist(),
        **_nomogram(model),
        "outcome": model.outcome.to_dict(),
        "population": model.population.to_dict(),
        "provenance": model.provenance.to_dict(),
        **_updates(model),
        "performance": dict(model.performance),
        "consistency": [
            {**rule.to_dict(), "tree": condition.tree}
            for rule, condition in zip(model.consistency, model.conditions, strict=True)
        ],
        "similar_patients": model.similar_patients and model.similar_patients.to_dict(),
        **_missing_inputs(model),
    }


def payload_text(payload: Mapping[str, Any]) -> str:
    """The payload as ASCII; the same model gives the same text.

    Raises
    ------
    ModelError
        When a number in it is not finite, which JSON cannot hold.
    """
    return strict_json(payload, separators=(",", ":"))


def _updates(model: RiskModel) -> Json:
    """A sentence for each update that led to the model; nothing where there was none."""
    steps = model.provenance.lineage
    told = [
        {"text": each.told("en"), "translations": {"zh": {"text": each.told("zh")}}}
        for each in steps
    ]
    return {"updates": told} if told else {}


def _refuse(model: RiskModel) -> None:
    matched = model.population.matched
    if matched:
        raise ModelError(
            say(
                "This model has no calculator: its controls were matched on {names}, so it has "
                "no absolute risk.",
                names=listed(matched),
            )
        )
    if not model.design.terms and not model.strata:
        raise ModelError(
            say(
                "This model has no calculator: it reads nothing of a patient, so everyone has "
                "the same risk."
            )
        )


def _design(design: Design) -> Json:
    place = {name: position for position, name in enumerate(design.variables)}
    return {
        "predictors": [_predictor(each) for each in design.predictors],
        "terms": [
            [_factor(factor, place[factor.variable]) for factor in term.factors]
            for term in design.terms
        ],
    }


def _predictor(predictor: Predictor) -> Json:
    """A predictor without what is empty."""
    document = predictor.to_dict()
    always = ("name", "label", "levels", "ticks", "discrete", "adjust_to")
    return {name: value for name, value in document.items() if name in always or value}


def _factor(factor: Factor, predictor: int) -> Json:
    document: Json = {"predictor": predictor, "kind": factor.kind}
    if factor.kind == "categorical":
        document["levels"] = len(factor.levels)
    if factor.kind == "rcs":
        document["knots"] = list(factor.knots)
    if factor.kind == "power":
        document["exponent"] = factor.exponent
    if factor.kind == "powers":
        document["powers"] = [list(each) for each in orders(factor.powers)]
        document |= {"shift": factor.shift, "scale": factor.scale}
    return document


def _uncertainty(model: RiskModel, most_draws: int | None) -> Json:
    """The covariance or the draws, whichever the intervals come from."""
    if model.interval_kind == "model-based" and model.covariance is not None:
        lower = model.covariance[np.tril_indices(model.covariance.shape[0])]
        return {"covariance": packed_doubles(lower)}
    if model.interval_kind == "procedure-bootstrap" and model.draws is not None:
        return {"draws": packed_draws(model.draws, most_draws)}
    return {}


def _missing_inputs(model: RiskModel) -> Json:
    """The models of the inputs, where the model averages over what is missing."""
    if model.missing_inputs is None:
        return {}
    return {
        "missing_inputs": [
            {
                "kind": each.kind,
                "constants": packed_doubles(each.constants),
                "slopes": packed_doubles(each.slopes),
                "sd": each.sd,
                "scale": each.scale and list(each.scale.to_dict().values()),
            }
            for each in model.missing_inputs.inputs
        ]
    }


def _followed(model: RiskModel) -> Json:
    if model.kind == "logistic":
        return {}
    exact = model.interval_kind == "model-based"
    return {
        "baselines": [_baseline(each, with_variance=exact) for each in model.baselines],
        "horizons": list(model.horizons),
        "average_risks": list(model.average_risks),
        "time_unit": model.time_unit,
        "limit": model.limit,
        "strata": _strata(model),
    }


def _baseline(baseline: Baseline, *, with_variance: bool) -> Json:
    document: Json = {
        "stratum": baseline.stratum,
        "times": packed_doubles(baseline.times),
        "hazard": packed_doubles(baseline.cumulative_hazard),
    }
    if with_variance:
        document["variance"] = packed_doubles(baseline.variance)
        document["mean"] = packed_doubles(baseline.mean_integral)
    return document


def _strata(model: RiskModel) -> list[Json]:
    """Stratifying variables with their values, as the names of the baselines have them."""
    if not model.strata:
        return []
    several = len(model.strata) > 1
    names = [each.stratum for each in model.baselines]
    parts = [name.split(", ") if several else [name] for name in names]
    if any(len(each) != len(model.strata) for each in parts):
        raise ModelError(
            say(
                "This model has no calculator: a value of its strata {names} has a comma, so "
                "they cannot be told apart; rename it.",
                names=listed(model.strata),
            )
        )
    return [
        {"name": name, "levels": list(dict.fromkeys(each[place] for each in parts))}
        for place, name in enumerate(model.strata)
    ]


def _nomogram(model: RiskModel) -> Json:
    """The axes, or why there are none."""
    try:
        nomogram = model.nomogram()
    except ModelError as error:
        return {"nomogram": None, "no_nomogram": str(error)}
    term = {each.name: place for place, each in enumerate(model.design.terms)}
    marks = [nomogram.risk_ticks, *nomogram.later_ticks]
    return {
        "nomogram": {
            "axes": [_axis(each, term) for each in nomogram.axes],
            "zero": nomogram.intercept,
            "points_per_unit": nomogram.points_per_unit,
            "totals": nomogram.total["total_points"].to_list(),
            "scales": [
                {"horizon": scale.horizon, "ticks": _ticks(frame, "risk")}
                for scale, frame in zip(nomogram.scales, marks, strict=True)
            ],
            "median": _median(nomogram),
        }
    }


def _axis(axis: NomogramAxis, term: Mapping[str, int]) -> Json:
    return {
        "variable": axis.variable,
        "values": list(axis.values) if axis.numbers is None else axis.numbers.tolist(),
        "points": axis.points.tolist(),
        "held": [list(pair) for pair in axis.held],
        "terms": [term[name] for name in axis.terms],
        "lowest": axis.lowest,
    }


def _ticks(frame: pl.DataFrame, column: str) -> list[list[float]]:
    """Marks of a scale: the value and its total points."""
    return [list(row) for row in frame.select(column, "total_points").iter_rows()]


def _median(nomogram: Nomogram) -> list[list[float]] | None:
    if nomogram.median_ticks is None:
        return None
    return _ticks(nomogram.median_ticks, "time")
