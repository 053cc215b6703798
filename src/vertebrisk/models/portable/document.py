"""A model as a document: every part is checked before anybody's risk depends on it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from vertebrisk._types import FloatArray, IntervalKind, Json, ModelKind
from vertebrisk.design.design import Design
from vertebrisk.design.factors import Factor
from vertebrisk.design.syntax import MAX_POWER
from vertebrisk.design.terms import MOST_POWERS
from vertebrisk.errors import ModelError
from vertebrisk.models.averaging.inputs import MissingInputs
from vertebrisk.models.portable.baseline import Baseline
from vertebrisk.models.portable.describing import (
    Consistency,
    Outcome,
    Population,
    Provenance,
    of_predictors,
    read_described,
)
from vertebrisk.models.portable.similar import SimilarPatients
from vertebrisk.models.portable.spread import LinearSpread

if TYPE_CHECKING:
    from vertebrisk.models.portable.risk_model import RiskModel

SCHEMA_VERSION = 1


def model_json(model: RiskModel) -> Json:
    """See `RiskModel.to_dict`."""
    return {
        "schema": "vertebrisk/model",
        "schema_version": SCHEMA_VERSION,
        "kind": model.kind,
        "design": model.design.to_dict(),
        "intercept": model.intercept,
        "coefficients": [
            {"term": column.term, "level": column.level, "estimate": float(beta)}
            for column, beta in zip(model.design.columns, model.beta, strict=True)
        ],
        "covariance": None if model.covariance is None else model.covariance.tolist(),
        "interval_kind": model.interval_kind,
        "draws": None if model.draws is None else model.draws.tolist(),
        "linear_ticks": model.linear_ticks.tolist(),
        "outcome": model.outcome.to_dict(),
        "population": model.population.to_dict(),
        "provenance": model.provenance.to_dict(),
        "performance": dict(model.performance),
        "consistency": [each.to_dict() for each in model.consistency],
        "similar_patients": model.similar_patients and model.similar_patients.to_dict(),
        "missing_inputs": model.missing_inputs and model.missing_inputs.to_dict(),
        **({"linear_spread": model.linear_spread.to_dict()} if model.linear_spread else {}),
        **_written_times(model),
    }


def _written_times(model: RiskModel) -> Json:
    if model.kind == "logistic":
        return {}
    return {
        "baselines": [each.to_dict() for each in model.baselines],
        "horizons": list(model.horizons),
        "average_risks": list(model.average_risks),
        "strata": list(model.strata),
        "time_unit": model.time_unit,
    }


def model_parts(document: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a `RiskModel` from its document.

    Raises
    ------
    ModelError
        When the document is damaged, or of a kind that this version does not know.
    """
    try:
        return _parts(document)
    except ModelError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise _damaged(_in_words(error)) from None


def _in_words(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"it has no {error}"
    if isinstance(error, ValueError) and str(error).startswith(("its ", "a ", "the ")):
        return str(error)
    return "a part of it has another form than in a model"


def _parts(document: Mapping[str, Any]) -> dict[str, Any]:
    kind = document["kind"]
    if kind not in get_args(ModelKind):
        raise ModelError(
            f"The model is of the kind '{kind}'; this version reads "
            f"{', '.join(get_args(ModelKind))} models."
        )
    if document["interval_kind"] not in get_args(IntervalKind):
        raise _damaged(f"its interval_kind is '{document['interval_kind']}'")
    design = Design.from_dict(document["design"])
    _check_design(design)
    beta = _coefficients(document, design)
    ticks = np.array(document["linear_ticks"], dtype=np.float64)
    if ticks.ndim != 1 or ticks.size == 0 or not np.isfinite(ticks).all():
        raise _damaged("its linear predictor has no tick marks")
    followed = {} if kind == "logistic" else _followed(document, beta.size)
    similar, missing = document.get("similar_patients"), document.get("missing_inputs")
    spread = document.get("linear_spread")
    before = 1 if kind == "logistic" else 0
    after = len(followed.get("baselines", ())) * len(followed.get("horizons", ()))
    return {
        "kind": kind,
        "design": design,
        "intercept": _number(document["intercept"]),
        "beta": beta,
        "covariance": _covariance(document["covariance"], beta.size + before),
        "draws": _draws(document["draws"], beta.size + before + after),
        "interval_kind": _interval_kind(document),
        "linear_ticks": ticks,
        "outcome": read_described(Outcome, document["outcome"]),
        "population": _population(document["population"]),
        "provenance": read_described(Provenance, document["provenance"]),
        "performance": dict(document["performance"]),
        "consistency": _consistency(document, design),
        "similar_patients": None if similar is None else SimilarPatients.from_dict(similar, design),
        "missing_inputs": None if missing is None else MissingInputs.from_dict(missing, design),
        "linear_spread": None if spread is None else LinearSpread.from_dict(spread),
        **followed,
    }


def _population(document: Mapping[str, Any]) -> Population:
    population = read_described(Population, document)
    share = population.prevalence
    if share is not None and not 0.0 < _number(share) < 1.0:
        raise _damaged("its prevalence lies not between 0 and 1")
    return population


def _consistency(document: Mapping[str, Any], design: Design) -> tuple[Consistency, ...]:
    written = document.get("consistency", ())
    rules = tuple(read_described(Consistency, each) for each in written)
    if len(of_predictors(rules, design)) < len(rules):
        raise _damaged("a rule of its consistency does not suit its predictors")
    return rules


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _damaged("a coefficient is not a number")
    if not np.isfinite(value):
        raise _damaged("a number in it is not finite")
    return float(value)


def _coefficients(document: Mapping[str, Any], design: Design) -> FloatArray:
    written = document["coefficients"]
    beta = np.array([_number(each["estimate"]) for each in written], dtype=np.float64)
    expected = [(column.term, column.level) for column in design.columns]
    if [(each["term"], each["level"]) for each in written] != expected:
        raise _damaged("its coefficients do not match its design")
    return beta


def _covariance(written: Any, size: int) -> FloatArray | None:
    if written is None:
        return None
    covariance = np.array(written, dtype=np.float64)
    if size == 0 and covariance.size == 0:
        return np.empty((0, 0))
    if covariance.shape != (size, size):
        raise _damaged("its covariance has the wrong size")
    if not np.isfinite(covariance).all():
        raise _damaged("a number in it is not finite")
    if (np.diag(covariance) < 0).any() or not np.allclose(covariance, covariance.T):
        raise _damaged("its covariance is none")
    return covariance


def _draws(written: Any, size: int) -> FloatArray | None:
    if written is None:
        return None
    draws = np.array(written, dtype=np.float64).reshape(-1, size)
    if not np.isfinite(draws).all():
        raise _damaged("a number in it is not finite")
    return draws


def _interval_kind(document: Mapping[str, Any]) -> IntervalKind:
    kind: IntervalKind = document["interval_kind"]
    if kind == "model-based" and document["covariance"] is None:
        raise _damaged("it has no covariance for its intervals")
    if kind == "procedure-bootstrap" and document["draws"] is None:
        raise _damaged("it has no draws for its intervals")
    return kind


def _followed(document: Mapping[str, Any], columns: int) -> dict[str, Any]:
    """Baselines, horizons and strata of a model of time to event."""
    baselines = tuple(Baseline.from_dict(each, columns) for each in document["baselines"])
    horizons = tuple(_number(each) for each in document["horizons"])
    strata = tuple(str(name) for name in document["strata"])
    if not baselines or len({each.stratum for each in baselines}) < len(baselines):
        raise _damaged("it has no baseline, or two of one stratum")
    if any(bool(each.stratum) != bool(strata) for each in baselines):
        raise _damaged("its baselines do not match its strata")
    limit = max(each.limit for each in baselines)
    if not horizons or not all(0.0 < each <= limit for each in horizons):
        raise _damaged("its horizons lie outside its follow-up")
    averages = tuple(document.get("average_risks", ()))
    if averages and len(averages) != len(horizons):
        raise _damaged("its average risks do not match its horizons")
    if not all(each is None or 0.0 <= _number(each) <= 1.0 for each in averages):
        raise _damaged("an average risk lies not between 0 and 1")
    return {
        "baselines": baselines,
        "horizons": horizons,
        "average_risks": averages,
        "strata": strata,
        "time_unit": str(document["time_unit"]),
    }


def _damaged(what: str) -> ModelError:
    return ModelError(f"The model document is damaged: {what}. Take it from the run again.")


def _check_design(design: Design) -> None:
    """Every term reads a predictor, and every number of the design is one."""
    known = set(design.variables)
    for predictor in design.predictors:
        limits = predictor.limits or (0.0, 0.0)
        if not np.isfinite([*predictor.ticks, *limits]).all():
            raise _damaged(f"the marks of '{predictor.name}' are not finite")
        if not predictor.categorical and not predictor.ticks:
            raise _damaged(f"'{predictor.name}' has no tick marks")
        if predictor.level_labels and len(predictor.level_labels) != len(predictor.levels):
            raise _damaged(f"the labels of '{predictor.name}' do not match its levels")
        if not set(predictor.level_codings) <= set(predictor.levels):
            raise _damaged(f"the codes of '{predictor.name}' do not match its levels")
    for term in design.terms:
        for factor in term.factors:
            if factor.variable not in known:
                raise _damaged(f"the term '{term.name}' reads no predictor")
            if (factor.kind == "categorical") != design.predictor(factor.variable).categorical:
                raise _damaged(f"the term '{term.name}' does not suit its predictor")
            knots = np.asarray(factor.knots)
            if factor.kind == "rcs" and not (
                knots.size >= 3 and np.isfinite(knots).all() and (np.diff(knots) > 0).all()
            ):
                raise _damaged(f"the knots of '{term.name}' are not in order")
            if factor.kind == "powers" and not _sound_powers(factor):
                raise _damaged(f"the powers of '{term.name}' are none")
            if not abs(factor.exponent) <= MAX_POWER:
                raise _damaged(f"the power of '{term.name}' is beyond {MAX_POWER:g}")


def _sound_powers(factor: Factor) -> bool:
    """True for powers, a shift and a scale that are numbers a formula could hold."""
    given = np.asarray(factor.powers)
    sized = math.isfinite(factor.shift) and 0 < factor.scale < math.inf
    return sized and 0 < given.size <= MOST_POWERS and bool((np.abs(given) <= MAX_POWER).all())
